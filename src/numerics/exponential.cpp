#include "numerics/exponential.hpp"

#include <algorithm>
#include <cmath>

#include "numerics/by_lanes.hpp"

namespace tiltlab {

void exponentials(std::span<double> x) {
  // A few at a time, so that what is past the lanes' range is taken from what they made of it.
  constexpr std::size_t block = 64;
  double of[block];
  for (std::size_t first = 0; first < x.size(); first += block) {
    const std::span<double> some = x.subspan(first, std::min(block, x.size() - first));
    TILTLAB_BY_LANES
    for (std::size_t i = 0; i < some.size(); ++i) of[i] = exponential(some[i]).value;
    for (std::size_t i = 0; i < some.size(); ++i)
      some[i] = std::fabs(some[i]) <= farthest_exponent ? of[i] : std::exp(some[i]);
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
