#include "policies/kl_rl.hpp"

#include <algorithm>
#include <cmath>

namespace tiltlab {

Policy kl_rl(const RewardLaw& law, double b) {
  Policy policy;
  policy.mass.assign(law.size(), 0);
  policy.log_ratio.assign(law.size(), 0);
  if (std::isinf(b)) {
    policy.mass.back() = 1;
    policy.log_ratio.back() = -law.log_mass.back();
    return policy;
  }
  const std::size_t top = law.size() - 1;
  double largest = law.log_mass.back();
  for (std::size_t j = 0; j < law.size(); ++j) {
    largest = std::max(largest, law.log_mass[j] + b * law.distance(j, top));
  }
  double sum = 0;
  for (std::size_t j = 0; j < law.size(); ++j) {
    policy.mass[j] = std::exp(law.log_mass[j] + b * law.distance(j, top) - largest);
    sum += policy.mass[j];
  }
  const double log_sum = std::log(sum);
  for (std::size_t j = 0; j < law.size(); ++j) {
    policy.mass[j] /= sum;
    policy.log_ratio[j] = b * law.distance(j, top) - largest - log_sum;
  }
  return policy;
}

}  // namespace tiltlab
