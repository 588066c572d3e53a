#pragma once

/**
 * Before a loop over lanes, which have nothing to do with each other: they are taken together where speed is worth more
 * than bytes. Left to itself the compiler unrolls so short a loop before it looks for lanes.
 */
#if defined(TILTLAB_FOR_SPEED) && defined(__clang__)
#define TILTLAB_BY_LANES _Pragma("clang loop unroll(disable) vectorize(enable) interleave(disable)")
#else
#define TILTLAB_BY_LANES
#endif
