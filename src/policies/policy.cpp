#include "policies/policy.hpp"

#include <algorithm>
#include <cmath>

#include "numerics/log_domain.hpp"

namespace tiltlab {

DoubleDouble kl_to_base(const RewardLaw& law, const Policy& policy) {
  const double scale = law.log_scale.value();
  double sum = 0;
  double compensated = 0;
  double farthest = 0;
  for (std::size_t j = 0; j < law.size(); ++j) {
    if (!(policy.mass[j] > 0)) {
      farthest = infinity;
      continue;
    }
    const double log_ratio = policy.log_ratio[j] + scale;
    sum += policy.mass[j] * policy.log_ratio[j];
    farthest = std::max(farthest, std::fabs(log_ratio));
    if (farthest < 0.5) compensated += std::exp(law.log_mass[j] - scale) * kl_term(log_ratio);
  }
  // A policy that stays near p: sum_j P_j kl_term(log m_j / P_j), the same since masses sum to 1 on both sides, has
  // positive terms alone, so that a KL of 1e-12 keeps its digits.
  if (farthest < 0.5) return law.stride * compensated;
  return law.log_scale + DoubleDouble(law.stride * sum);
}

Metrics metrics(const RewardLaw& law, const Policy& policy) {
  Metrics m;
  double total = 0;
  double first = 0;
  double lost = 0;
  double gold = 0;
  const double scale = law.log_scale.value();
  for (std::size_t j = 0; j < law.size(); ++j) {
    const double w = policy.mass[j];
    total += w;
    first += w * law.offset[j];
    gold += w * law.gold[j];
    // P(p wins) + half the ties, where that is anything beside 1
    if (std::max(law.log_above[j], law.log_mass[j]) - scale > -50)
      lost += w * (std::exp(law.log_above[j] - scale) + std::exp(law.log_mass[j] - scale) / 2);
  }
  m.offset = law.stride * first;
  double second = 0;
  for (std::size_t j = 0; j < law.size(); ++j) {
    const double x = law.offset[j] - m.offset;
    second += policy.mass[j] * x * x;
  }
  m.offset_sd = std::sqrt(law.stride * second);
  m.gold = law.stride * gold;
  m.win_rate = 1 - law.stride * lost;
  m.kl = std::max(0.0, kl_to_base(law, policy).value());
  m.mass_defect = std::fabs(law.stride * total - 1);
  return m;
}

Policy base_policy(const RewardLaw& law) {
  Policy base;
  const double scale = law.log_scale.value();
  for (const double l : law.log_mass) base.mass.push_back(std::exp(l - scale));
  base.log_ratio.assign(law.size(), -scale);
  return base;
}

}  // namespace tiltlab
