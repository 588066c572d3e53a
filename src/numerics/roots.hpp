#pragma once
#include <functional>

namespace tiltlab {

/**
 * The root of a continuous increasing `f` in [lo, hi] with f(lo) <= 0 <= f(hi), to the last two bits.
 * TOMS 748 (Alefeld, Potra, Shi, 1995) by Boost.Math.
 * @throws NumericalError naming `what` when it does not converge or `f` is not finite.
 */
[[nodiscard]] double bracketed_root(const std::function<double(double)>& f, double lo, double hi, const char* what);

/**
 * The root on (0, inf) of an increasing `f` that is negative near 0 and positive for large
 * arguments: doubles or halves from `start` > 0 until it brackets, then `bracketed_root`.
 */
[[nodiscard]] double positive_root(const std::function<double(double)>& f, double start, const char* what);

}  // namespace tiltlab
