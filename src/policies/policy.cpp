#include "policies/policy.hpp"

#include <algorithm>
#include <cmath>

#include "numerics/cold.hpp"
#include "numerics/log_domain.hpp"

namespace tiltlab {

namespace {

std::size_t heaviest_level(const Policy& policy) {
  return static_cast<std::size_t>(std::max_element(policy.mass.begin(), policy.mass.end()) - policy.mass.begin());
}

}  // namespace

DoubleDouble kl_to_base(const RewardLaw& law, const Policy& policy) {
  const double scale = law.log_scale.value();
  // Where all that lies below is noise, no best-of-N's ratio is known, least of all at the first level of a window.
  std::size_t first = 0;
  if (!law.log_error.empty()) {
    const double noise = std::log1p(law.point_error) - scale;
    while (first + 1 < law.size() &&
           std::exp(law.log_error[first] + noise) > law.below[first] + std::exp(law.log_mass[first] - scale))
      ++first;
  }
  // Log ratios against that of the heaviest level: masses that sum to 1 only to their last digit cost nothing then.
  const double typical = policy.log_ratio[heaviest_level(policy)];
  double sum = 0;
  double farthest = 0;
  for (std::size_t j = 0; j < law.size(); ++j) {
    if (policy.mass[j] > 0) sum += policy.mass[j] * (policy.log_ratio[j] - typical);
    if (j < first) continue;
    farthest = policy.mass[j] > 0 ? std::max(farthest, std::fabs(policy.log_ratio[j] + scale)) : infinity;
  }
  const DoubleDouble kl = law.log_scale + DoubleDouble(typical) + DoubleDouble(law.stride * sum);
  if (farthest >= 0.5 && !(law.complete && kl.value() < 1)) return kl;
  // sum_j P_j kl_term(log m_j / P_j), the same since masses sum to 1 on both sides where no level is missing, has
  // positive terms alone, so that a KL of 1e-12 keeps its digits.
  double positive = 0;
  double listed = 0;
  for (std::size_t j = first; j < law.size(); ++j) {
    const double mass = policy.mass[j];
    const double log_ratio = policy.log_ratio[j] + scale;
    const double base = std::exp(law.log_mass[j] - scale);
    listed += law.stride * base;
    positive += !(mass > 0)                  ? base
                : std::fabs(log_ratio) < 0.5 ? base * kl_term(log_ratio)
                                             : mass * (log_ratio - 1) + base;
  }
  // A level that is not listed adds its mass under the base.
  const double missing = std::fabs(listed - 1);
  const bool all = law.complete || (missing < 1e-9 && missing <= 0.1 * positive + 1e-13);
  return all ? DoubleDouble(law.stride * positive) : kl;
}

namespace {

/** The policy's mean less the base's, from the differences of their masses; of a complete law near its base. */
TILTLAB_COLD double gain_of(const RewardLaw& law, const Policy& policy, std::size_t from) {
  const double scale = law.log_scale.value();
  double sum = 0;
  for (std::size_t j = 0; j < law.size(); ++j)
    sum += std::exp(law.log_mass[j] - scale) * std::expm1(policy.log_ratio[j] + scale) * law.distance(j, from);
  return sum;
}

/** P(p beats level j) + half the ties, where that is anything beside 1. @param scale of the law's logarithms */
double lost_at(const RewardLaw& law, std::size_t j, double scale) {
  if (!(std::max(law.log_above[j], law.log_mass[j]) - scale > -50)) return 0;
  return std::exp(law.log_above[j] - scale) + std::exp(law.log_mass[j] - scale) / 2;
}

}  // namespace

TILTLAB_COLD double win_rate(const RewardLaw& law, const Policy& policy) {
  const double scale = law.log_scale.value();
  double lost = 0;
  for (std::size_t j = 0; j < law.size(); ++j) lost += policy.mass[j] * lost_at(law, j, scale);
  return 1 - law.stride * lost;
}

Metrics metrics(const RewardLaw& law, const Policy& policy) {
  Metrics m;
  double total = 0;
  double lost = 0;
  double gold = 0;
  double gold_apart = 0;
  double farthest = 0;
  const double scale = law.log_scale.value();
  const std::size_t heaviest = heaviest_level(policy);
  // Distances from the heaviest level: that masses sum to 1 only to their last digit then costs nothing.
  double first = 0;
  for (std::size_t j = 0; j < law.size(); ++j) {
    const double w = policy.mass[j];
    total += w;
    first += w * law.distance(j, heaviest);
    gold += w * law.gold[j];
    gold_apart += w * (law.gold[j] - law.gold[heaviest]);
    farthest = w > 0 ? std::max(farthest, std::fabs(policy.log_ratio[j] + scale)) : infinity;
    lost += w * lost_at(law, j, scale);
  }
  first *= law.stride;
  m.offset = law.exact_offset(heaviest) + DoubleDouble(first);
  if (law.complete && farthest < 1e-3) m.gain = gain_of(law, policy, heaviest);
  double second = 0;
  for (std::size_t j = 0; j < law.size(); ++j) {
    const double x = law.distance(j, heaviest) - first;
    second += policy.mass[j] * x * x;
  }
  m.offset_sd = std::sqrt(law.stride * second);
  // Where masses sum to 1 to fewer digits than a double has, by how far from the heaviest level's.
  m.gold = law.complete ? law.stride * gold : law.gold[heaviest] + law.stride * gold_apart;
  m.win_rate = 1 - law.stride * lost;
  m.kl = std::max(0.0, kl_to_base(law, policy).value());
  m.mass_defect = std::fabs(law.stride * total - 1);
  return m;
}

TILTLAB_COLD Policy base_policy(const RewardLaw& law) {
  Policy base;
  const double scale = law.log_scale.value();
  for (const double l : law.log_mass) base.mass.push_back(std::exp(l - scale));
  base.log_ratio.assign(law.size(), -scale);
  return base;
}

}  // namespace tiltlab
