#include "laws/levels.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "error.hpp"
#include "numerics/log_domain.hpp"

namespace tiltlab {

std::int64_t round_total(const DoubleDouble& x) {
  if (!(std::fabs(x.hi) < 9e18)) throw NumericalError("model: the rewards differ too much in size for their sums");
  const double high = std::nearbyint(x.hi);
  return static_cast<std::int64_t>(high) + static_cast<std::int64_t>(std::llround((x.hi - high) + x.lo));
}

double base_extent(double b, double spread) { return 9.3 * spread + b * spread * spread; }

double lower_extent(double b, double spread) {
  if (b == 0) return 9.3 * spread;
  // N P(r > center - L) ~ e^{b L - L^2 / (2 spread^2)} / (b spread sqrt(2 pi))
  const double slope = b * spread;
  const double needed = std::log(most_above * (1 + 2.6 * slope));
  const double room = slope * slope - 2 * needed;
  if (room <= 0) return base_extent(b, spread);
  return 2 * needed / (slope + std::sqrt(room)) * spread + 2;
}

double upper_extent(double b, double end) { return b > 0 ? std::min(end, top_nats / b + 2) : end; }

double smooth_stride(double b, double spread) {
  // Best-of-N's law is as smooth as Gumbel's, whose transform |Gamma(1 + i w / b)| is e^-28 at w = 2 pi / stride.
  return b > 0 ? std::min(0.25 * spread, 0.35 / b) : 0.25 * spread;
}

OffsetGrid levels_between(double low, double high, double stride) {
  OffsetGrid grid;
  grid.stride = std::max<std::int64_t>(1, static_cast<std::int64_t>(stride));
  const auto lowest = static_cast<std::int64_t>(std::ceil(low));
  const auto highest = static_cast<std::int64_t>(std::ceil(high));
  grid.first = -lowest;
  grid.count = static_cast<std::size_t>((highest + lowest) / grid.stride) + 1;
  return grid;
}

double draws_above(double b, const Levels& levels) {
  return levels.inversion.above[0] * std::exp(-b * static_cast<double>(levels.grid.first));
}

Levels visited(double b, Levels all) {
  if (b == 0) return all;
  const auto stride = static_cast<double>(all.grid.stride);
  const auto offset = [&](std::size_t i) {
    return static_cast<double>(all.grid.first) + stride * static_cast<double>(i);
  };
  std::size_t first = all.grid.count;
  while (first > 0 &&
         (offset(first - 1) > 0 || all.inversion.above[first - 1] * std::exp(-b * offset(first - 1)) <= 2 * most_above))
    --first;
  std::size_t last = all.grid.count;
  while (last > first + 1 && offset(last - 1) > top_nats / b + 2) --last;
  const auto part = [&](const std::vector<double>& x) {
    return std::vector<double>(x.begin() + static_cast<std::ptrdiff_t>(first),
                               x.begin() + static_cast<std::ptrdiff_t>(last));
  };
  Levels out{{all.grid.first + all.grid.stride * static_cast<std::int64_t>(first), all.grid.stride, last - first},
             {},
             all.work};
  out.inversion.mass = part(all.inversion.mass);
  out.inversion.above = part(all.inversion.above);
  if (!all.inversion.gold.empty()) out.inversion.gold = part(all.inversion.gold);
  out.inversion.gold_error = all.inversion.gold_error;
  out.inversion.mass_error = all.inversion.mass_error;
  out.inversion.above_error = all.inversion.above_error;
  return out;
}

std::optional<RewardLaw> law_of_levels(const Levels& levels, const TiltedSum& sum) {
  RewardLaw law;
  law.work = levels.work;
  law.from_least = (from_integer(levels.grid.first) + sum.center).value() == 0;
  law.base = sum.base;
  law.unit = sum.unit;
  law.center = sum.center;
  // P(S = j) = P_tilt(S = j) e^{log_mgf - b j}
  law.log_scale = DoubleDouble(sum.b) * law.center - sum.log_mgf;
  law.stride = static_cast<double>(levels.grid.stride);
  if (law.stride > 1 && sum.b > 0)
    law.relative_error = std::exp(-std::numbers::pi * std::numbers::pi / (sum.b * law.stride));
  law.relative_error += lost_to_tilt(sum.b * law.center.value());
  const double error = std::log(levels.inversion.above_error);
  law.point_error = levels.inversion.mass_error / levels.inversion.above_error;
  law.gold_error = levels.inversion.gold_error / levels.inversion.above_error;
  const double scale = law.log_scale.value();
  // A tail below another is no smaller: where the noise of the inversion, far below the centre, leaves but a part of
  // it, it is taken for that above.
  std::vector<double> log_above(levels.grid.count);
  double largest = -infinity;
  for (std::size_t i = levels.grid.count; i-- > 0;) {
    const double offset = static_cast<double>(levels.grid.first) + law.stride * static_cast<double>(i);
    log_above[i] = std::log(levels.inversion.above[i]) - sum.b * offset;
    if (!(log_above[i] > largest - 1)) log_above[i] = largest;
    largest = std::max(largest, log_above[i]);
  }
  law.log_error.resize(levels.grid.count);
  law.resize(levels.grid.count);
  std::size_t k = 0;
  for (std::size_t i = 0; i < levels.grid.count; ++i) {
    const double q = levels.inversion.mass[i];
    if (q == 0) continue;  // not attained, or below the noise
    const double offset = static_cast<double>(levels.grid.first) + law.stride * static_cast<double>(i);
    const double log_mass = std::log(q) - sum.b * offset;
    // And at most 1.
    law.offset[k] = offset;
    law.log_mass[k] = log_mass;
    law.log_above[k] = std::min(scale, log_above[i]);
    law.log_error[k] = error - sum.b * offset;
    law.gold[k] = levels.inversion.gold.empty() ? 0 : levels.inversion.gold[i] / q;
    law.below[k] = std::max(0.0, 1 - std::exp(law.log_above[k] - scale) - std::exp(log_mass - scale));
    ++k;
  }
  law.resize(k);
  if (law.size() == 0) return std::nullopt;
  const DoubleDouble top = sum.top - law.center;
  law.to_top = !(top.value() > law.offset.back() + law.stride / 2);
  return law;
}

}  // namespace tiltlab
