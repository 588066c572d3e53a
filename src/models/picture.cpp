#include "models/picture.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "error.hpp"
#include "numerics/log_domain.hpp"

namespace tiltlab {

namespace {

/** Mass that a picture cannot show. */
constexpr double invisible = 1e-9;

/** Levels of at least `invisible` mass from the first to the last such. */
void trim(PicturePoints& p) {
  std::size_t first = 0;
  std::size_t last = p.mass.size();
  while (first + 1 < last && p.mass[first] * p.stride < invisible) ++first;
  while (last > first + 1 && p.mass[last - 1] * p.stride < invisible) --last;
  p.offset = {p.offset.begin() + static_cast<std::ptrdiff_t>(first),
              p.offset.begin() + static_cast<std::ptrdiff_t>(last)};
  p.mass = {p.mass.begin() + static_cast<std::ptrdiff_t>(first), p.mass.begin() + static_cast<std::ptrdiff_t>(last)};
}

/** Smallest distance of neighbouring offsets; 0 for a single one. */
double spacing(const PicturePoints& p) {
  double least = infinity;
  for (std::size_t i = 1; i < p.offset.size(); ++i) least = std::min(least, p.offset[i] - p.offset[i - 1]);
  return p.offset.size() > 1 ? least : 0;
}

}  // namespace

LawCurve curve_of(PicturePoints p, std::int64_t length, int exponent, int points) {
  trim(p);
  LawCurve curve;
  const double n = static_cast<double>(length);
  const double unit = std::ldexp(p.unit.value() / n, exponent);
  const auto x = [&](double offset) {
    return std::ldexp(((p.base + p.unit * (p.center + DoubleDouble(offset))) / from_integer(length)).value(), exponent);
  };
  const double span = p.offset.back() - p.offset.front();
  if (p.offset.size() <= static_cast<std::size_t>(2 * points)) {
    curve.width = unit * (p.lattice && p.offset.size() > 1 ? std::max(p.stride, spacing(p)) : spacing(p));
    for (std::size_t i = 0; i < p.offset.size(); ++i) {
      curve.x.push_back(x(p.offset[i]));
      curve.mass.push_back(p.mass[i] * p.stride);
    }
    return curve;
  }
  // A whole number of lattice points a bin, else neighbouring bins would hold unequal numbers of them.
  const double bin = p.lattice ? p.stride * std::ceil((span / p.stride + 1) / points) : span / points;
  curve.width = bin * unit;
  const double first = p.offset.front() - (p.lattice ? p.stride / 2 : 0);
  const double last = std::floor((p.offset.back() - first) / bin);
  if (!(last >= 0 && last < 1e6)) throw NumericalError("model: the rewards differ too much in size for a picture");
  const auto bins = static_cast<std::size_t>(last) + 1;
  curve.mass.assign(bins, 0);
  for (std::size_t i = 0; i < bins; ++i) curve.x.push_back(x(first + bin * (static_cast<double>(i) + 0.5)));
  for (std::size_t i = 0; i < p.offset.size(); ++i) {
    curve.mass[static_cast<std::size_t>((p.offset[i] - first) / bin)] += p.mass[i] * p.stride;
  }
  return curve;
}

void describe(LawCurve& curve, DoubleDouble mean, double sd, std::int64_t length, int exponent) {
  curve.mean = std::ldexp((mean / from_integer(length)).value(), exponent);
  curve.sd = std::ldexp(sd / static_cast<double>(length), exponent);
  for (const double mass : curve.mass) curve.density.push_back(curve.width > 0 ? mass / curve.width : mass);
}

LawCurve divided(LawCurve curve, double by) {
  for (double& x : curve.x) x /= by;
  // A law on one point has no width, and its density is its mass.
  if (curve.width > 0) {
    for (double& x : curve.density) x *= by;
  }
  curve.width /= by;
  curve.mean /= by;
  curve.sd /= by;
  return curve;
}

std::vector<std::size_t> coarse_to_fine(std::size_t count) {
  std::vector<std::size_t> order;
  std::vector<bool> taken(count, false);
  const auto take = [&](std::size_t i) {
    if (!taken[i]) order.push_back(i);
    taken[i] = true;
  };
  if (count > 0) take(count - 1);
  std::size_t stride = 1;
  while (stride < count) stride *= 2;
  for (; stride > 0; stride /= 2) {
    for (std::size_t i = 0; i < count; i += stride) take(i);
  }
  return order;
}

}  // namespace tiltlab
