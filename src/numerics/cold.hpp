#pragma once

/**
 * Marks what runs a few times a request. The module that the first figure waits for has it compiled for size; the full
 * one, which comes behind that figure, is compiled for speed throughout (TILTLAB_FOR_SPEED).
 */
#ifdef TILTLAB_FOR_SPEED
#define TILTLAB_COLD
#elif defined(__wasm__)
#define TILTLAB_COLD [[gnu::cold]] [[clang::minsize]]
#else
#define TILTLAB_COLD [[gnu::cold]]
#endif
