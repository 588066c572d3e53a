#pragma once

/**
 * Elementary functions of plain arithmetic alone, whose bits, unlike those of the C library's, are the same natively
 * and in wasm; within 2 units in the last place where not near a zero.
 */
namespace tiltlab::portable {

struct CosineAndSine {
  double cosine;
  double sine;
};

/** log x in nats, for finite x > 0. */
[[nodiscard]] double log(double x);
/** e^x, for x in [-700, 700]. */
[[nodiscard]] double exp(double x);
/** Of an angle in radians, in [0, 2^20]. */
[[nodiscard]] CosineAndSine cosine_and_sine(double angle);

}  // namespace tiltlab::portable
