#include "numerics/peak.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "numerics/roots.hpp"
#include "numerics/sine_cosine.hpp"

namespace tiltlab {

namespace {

constexpr std::size_t degree = 12;
using Series = std::array<double, degree + 1>;

/** The k-th Chebyshev point of the second kind, from -1 to 1. */
double point(std::size_t k) { return -sine_cosine(std::numbers::pi * static_cast<double>(k) / degree).cosine; }

/** Coefficients of the polynomial through values at the points. */
Series interpolant(const Series& value) {
  Series c{};
  for (std::size_t j = 0; j <= degree; ++j) {
    for (std::size_t k = 0; k <= degree; ++k) {
      const double half = k == 0 || k == degree ? 0.5 : 1;
      // T_j of a point is a cosine; points rise with k, their angles fall.
      const auto turns = static_cast<double>((j * (degree - k)) % (2 * degree));
      c[j] += half * value[k] * sine_cosine(std::numbers::pi * turns / degree).cosine;
    }
    c[j] *= (j == 0 || j == degree ? 1.0 : 2.0) / degree;
  }
  return c;
}

/** Coefficients of the derivative. */
Series derivative(const Series& c) {
  Series d{};
  for (std::size_t j = degree; j > 0; --j)
    d[j - 1] = (j + 1 <= degree ? d[j + 1] : 0.0) + 2 * static_cast<double>(j) * c[j];
  d[0] /= 2;
  return d;
}

/** Clenshaw's recurrence. */
double value_of(const Series& c, double x) {
  double ahead = 0;
  double next = 0;
  for (std::size_t j = degree; j > 0; --j) {
    const double now = c[j] + 2 * x * next - ahead;
    ahead = next;
    next = now;
  }
  return c[0] + x * next - ahead;
}

/** Where the interpolant is largest between two points of [-1, 1]. */
double top_of(const Series& slope, double left, double right) {
  const auto falls = [&](double x) { return -value_of(slope, x); };
  if (falls(left) >= 0) return left;
  if (falls(right) <= 0) return right;
  return bracketed_root(falls, left, right, "peak");
}

}  // namespace

Peak peak_of(const std::function<double(double)>& f, double lo, double hi) {
  // The last digits of the values.
  constexpr double rounding = 4e-15;
  constexpr int most_rounds = 20;
  for (int round = 1;; ++round) {
    const double middle = lo + (hi - lo) / 2;
    const double half = (hi - lo) / 2;
    const auto argument = [&](double x) { return x <= -1 ? lo : x >= 1 ? hi : middle + half * x; };
    Series value{};
    double size = 0;
    for (std::size_t k = 0; k <= degree; ++k) {
      value[k] = f(argument(point(k)));
      size = std::max(size, std::fabs(value[k]));
    }
    // Of one maximum, it lies next to the largest value.
    const auto best = static_cast<std::size_t>(std::max_element(value.begin(), value.end()) - value.begin());
    const double left = best > 0 ? point(best - 1) : -1;
    const double right = best < degree ? point(best + 1) : 1;
    const Series c = interpolant(value);
    if (std::fabs(c[degree]) + std::fabs(c[degree - 1]) <= rounding * size || round == most_rounds) {
      const double at = argument(top_of(derivative(c), left, right));
      return {at, f(at)};
    }
    const double from = argument(left);
    hi = argument(right);
    lo = from;
  }
}

}  // namespace tiltlab
