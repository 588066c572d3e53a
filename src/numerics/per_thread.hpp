#pragma once

/** What is kept from one call to the next, apart for each thread. A module of WebAssembly has one, and its linker refuses
 * storage by threads beside instructions that copy memory. */
#ifdef __wasm__
#define TILTLAB_PER_THREAD static
#else
#define TILTLAB_PER_THREAD thread_local
#endif
