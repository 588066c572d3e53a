#include "policies/top_quantile.hpp"

#include <algorithm>
#include <cmath>

#include "numerics/log_domain.hpp"

namespace tiltlab {

namespace {

constexpr RankPolicy rank{
    .log_density = [](double, double, double) { return 0.0; },
    .edge = true,
    .averages = true,
    .numbers = [](double z) -> RankPolicy::Numbers {
      return {z, 1 - std::exp(-z) / 2};
    },
};

/**
 * Of a cell of several levels the highest are kept, and of one the part that is left: the mean of log(policy / base)
 * over what is kept, less that of a level that is kept whole. As if the cell were one level, it would be log of the
 * share, and the KL off by as much as the cell holds.
 * @param share of the cell that is kept
 */
double log_of_kept(double share, double levels) {
  const double kept = share * levels;
  const double part = kept - std::floor(kept);
  return part > 0 ? part * std::log(part) / kept : 0;
}

}  // namespace

Policy top_quantile(const RewardLaw& law, double z) {
  Policy policy;
  // Of numbers that are near where the law was made for this depth.
  const double depth = (DoubleDouble(z) - law.log_scale).value();
  const bool few = z < 0.5 && law.complete;
  for (std::size_t j = 0; j < law.size(); ++j) {
    // What lies above the level's cell, and in it, as shares of tau.
    const double one = std::exp(depth + law.log_mass[j]);
    const double rest = law.stride > 1 ? (law.stride - 1) / 2 * one : 0;
    double above = std::exp(depth + law.log_above[j]) - rest;
    // As near to all of tau as doubles tell: where tau is that of the levels above, nothing is left for this one.
    constexpr double ulps = 4e-16;
    if (above < 1 && 1 - above < ulps * (1 + std::fabs(depth))) above = 1;
    // A level that holds more of tau than a double tells has all that those above it leave.
    if (above < 1 && !std::isfinite(one)) {
      policy.mass.push_back((1 - above) / law.stride);
      policy.log_ratio.push_back(std::log(policy.mass.back()) - law.log_mass[j]);
      continue;
    }
    // Far below the edge both are past that.
    if (!std::isfinite(above) || !std::isfinite(one)) {
      policy.mass.push_back(0);
      policy.log_ratio.push_back(-infinity);
      continue;
    }
    // A level whose mass has underflowed is kept where anything below it is.
    const double kept = above < 1 ? std::min(1.0, (1 - above) / (law.stride * one)) : 0;
    // Near tau = 1 what the lowest levels lose is small, and known by itself.
    const double lost = few ? (-std::expm1(-z) - law.below[j]) / std::exp(law.log_mass[j] - law.log_scale.value()) : 1;
    const double log_kept = few && lost < 0.5            ? std::log1p(-std::max(0.0, lost))
                            : law.stride > 1 && kept > 0 ? log_of_kept(kept, law.stride)
                                                         : std::log(kept);
    policy.mass.push_back(few && lost < 0.5 ? std::exp(log_kept) * one : kept * one);
    policy.log_ratio.push_back(log_kept + depth);
  }
  return policy;
}

const PolicyKind top_quantile_kind{
    .name = "top_quantile",
    .parameters = {{{"tau", 0, 1, true}, {}}},
    .lay = [](const RewardLaw& law, double, const ExtraPolicy&, double z) { return top_quantile(law, z); },
    .strength = [](double tau) { return -std::log(tau); },
    .parameter = [](double z) { return std::exp(-z); },
    .weakest = [](double kl) { return kl; },
    .ends_at_top = true,
    .deep = true,
    .edged = true,
    .rank = &rank,
};

}  // namespace tiltlab
