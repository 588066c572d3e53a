#include "report/statements/near_policies.hpp"

#include <algorithm>
#include <numbers>
#include <utility>

#include "simulation/philox.hpp"

namespace tiltlab {

NearPolicy compared(const NearAndBest& of) {
  NearPolicy policy;
  policy.reward = of.reward;
  policy.kl = of.policy.kl;
  policy.kl_slack = policy.kl - of.best_kl;
  policy.reward_slack = of.best_reward - policy.reward;
  policy.kl_to_optimum = of.policy.kl_to_optimum;
  const double slack = (of.best_mean - of.policy.mean).value();
  policy.identity = policy.kl_slack + of.b * slack;
  policy.bound = std::max(0.0, policy.kl_slack) + of.b * std::max(0.0, slack);
  // What is left of a difference under the rounding of its terms is nothing, and no divergence is negative.
  const auto settle = [](double& x, double beside) {
    if (std::fabs(x) <= 1e-15 * beside) x = 0;
  };
  const double nats = 1 + policy.kl + of.best_kl;
  for (double* x : {&policy.kl, &policy.kl_slack, &policy.kl_to_optimum, &policy.identity, &policy.bound})
    settle(*x, nats);
  settle(policy.reward_slack, std::fabs(policy.reward) + std::fabs(of.best_reward));
  policy.kl_to_optimum = std::max(0.0, policy.kl_to_optimum);
  return policy;
}

std::vector<double> nudges(std::uint64_t seed, int k, int count, std::size_t size) {
  RandomStream random(seed, StreamOf::near_optimum, 0, static_cast<std::uint32_t>(k));
  const double by = 0.02 * std::pow(40.0, static_cast<double>(k) / (count - 1));
  std::vector<double> out;
  for (std::size_t i = 0; i < size; ++i) {
    // Box and Muller's normal variate
    const double radius = std::sqrt(-2 * std::log1p(-random.uniform()));
    out.push_back(by * radius * std::cos(2 * std::numbers::pi * random.uniform()));
  }
  return out;
}

std::vector<double> bent(std::vector<double> z, double tilt, double bend) {
  for (double& x : z) x = tilt * x + bend * x * x / (1 + x * x);
  return z;
}

}  // namespace tiltlab
