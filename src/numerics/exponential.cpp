#include "numerics/exponential.hpp"

#include <algorithm>
#include <cmath>

#include "numerics/by_lanes.hpp"

namespace tiltlab {

void exponentials(std::span<double> x) {
  // A few at a time, so that what is past the lanes' range is told from what they made of it.
  constexpr std::size_t block = 64;
  for (std::size_t first = 0; first < x.size(); first += block) {
    const std::span<double> some = x.subspan(first, std::min(block, x.size() - first));
    bool far = false;
    for (const double y : some) far = far || !(std::fabs(y) <= farthest_exponent);
    if (far) {
      for (double& y : some) y = std::fabs(y) <= farthest_exponent ? exponential(y).value : std::exp(y);
      continue;
    }
    TILTLAB_BY_LANES
    for (std::size_t i = 0; i < some.size(); ++i) some[i] = exponential(some[i]).value;
  }
}

void exponentials_less_one(std::span<const double> y, std::span<double> minus_one, std::span<double> rest) {
  TILTLAB_BY_LANES
  for (std::size_t i = 0; i < y.size(); ++i) {
    const Exponential of = exponential(y[i]);
    minus_one[i] = of.minus_one;
    rest[i] = of.rest;
  }
}

}  // namespace tiltlab
