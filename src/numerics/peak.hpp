#pragma once
#include <functional>

namespace tiltlab {

/** Where a function of one variable is largest. */
struct Peak {
  double at = 0;
  double value = 0;
};

/**
 * The largest value of a smooth `f` on [lo, hi], where it has one maximum: the root of its derivative, which is that of
 * its Chebyshev interpolant (Trefethen, "Approximation Theory and Approximation Practice", 2013, chapters 3 and 21).
 * Values alone would place a flat top to half their digits only. The interval is narrowed until the interpolant is f to
 * its last digits; what is left is their noise over f''.
 * @param f finite on [lo, hi], lo < hi; asked 13 times an interval, of which one is mostly enough
 */
[[nodiscard]] Peak peak_of(const std::function<double(double)>& f, double lo, double hi);

}  // namespace tiltlab
