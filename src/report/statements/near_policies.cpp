#include "report/statements/near_policies.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "error.hpp"
#include "numerics/log_domain.hpp"
#include "report/curves.hpp"
#include "report/statements/shared.hpp"
#include "simulation/philox.hpp"

namespace tiltlab {

namespace {

/** KL(w || v) of two weightings of the levels. */
double kl_between(const std::vector<double>& w, const std::vector<double>& log_w, const std::vector<double>& log_v) {
  double sum = 0;
  for (std::size_t i = 0; i < w.size(); ++i) {
    if (w[i] > 0) sum += w[i] * (log_w[i] - log_v[i]);
  }
  return std::max(0.0, sum);
}

/** log of the tilted weights, from the largest reward: near it they keep their digits. */
std::vector<double> log_weights(const TokenLaw& law, const TokenTilt& tilt) {
  std::vector<double> out;
  double largest = -infinity;
  for (std::size_t i = 0; i < law.size(); ++i) {
    out.push_back(law.log_p[i] - tilt.b * law.drop[i]);
    largest = std::max(largest, out.back());
  }
  double sum = 0;
  for (const double x : out) sum += std::exp(x - largest);
  const double whole = largest + std::log(sum);
  for (double& x : out) x -= whole;
  return out;
}

/** Normalises weights given by their logarithms; both are changed. */
void normalise(std::vector<double>& log_w, std::vector<double>& w) {
  const double top = *std::max_element(log_w.begin(), log_w.end());
  double sum = 0;
  for (const double x : log_w) sum += std::exp(x - top);
  const double whole = top + std::log(sum);
  w.clear();
  for (double& x : log_w) {
    x -= whole;
    w.push_back(std::exp(x));
  }
}

/** @param optimum the `log_weights` of the optimum */
NearPolicy near_policy(const ScaledToken& t, const std::vector<double>& optimum, std::vector<double> log_w) {
  std::vector<double> w;
  normalise(log_w, w);
  NearPolicy policy;
  const DoubleDouble mean = exact_mean(t.law, w);
  policy.reward = t.reward(mean);
  policy.kl = kl_between(w, log_w, t.law.log_p);
  policy.kl_slack = policy.kl - t.optimum.kl.value();
  policy.reward_slack = t.reward(t.optimum.mean) - policy.reward;
  policy.kl_to_optimum = kl_between(w, log_w, optimum);
  const double slack = (t.optimum.mean - mean).value();
  policy.identity = policy.kl_slack + t.optimum.b * slack;
  policy.bound = std::max(0.0, policy.kl_slack) + t.optimum.b * std::max(0.0, slack);
  // What is left of a difference under the rounding of its terms is nothing, and no divergence is negative.
  const auto settle = [](double& x, double beside) {
    if (std::fabs(x) <= 1e-15 * beside) x = 0;
  };
  const double nats = 1 + policy.kl + t.optimum.kl.value();
  for (double* x : {&policy.kl, &policy.kl_slack, &policy.kl_to_optimum, &policy.identity, &policy.bound})
    settle(*x, nats);
  settle(policy.reward_slack, std::fabs(policy.reward) + std::fabs(t.reward(t.optimum.mean)));
  policy.kl_to_optimum = std::max(0.0, policy.kl_to_optimum);
  return policy;
}

}  // namespace

std::vector<NearPolicy> near_policies(const Tokens& model, const Budget& budget, std::uint64_t seed, int count) {
  check_points(count);
  count = affordable_points(count, model.token.size());
  const ScaledToken t(model, budget);
  std::vector<NearPolicy> out;
  if (t.optimum.saturated() || t.law.size() == 1) return out;
  const std::vector<double> optimum = log_weights(t.law, t.optimum);
  for (int k = 0; k < count; ++k) {
    RandomStream random(seed, StreamOf::near_optimum, 0, static_cast<std::uint32_t>(k));
    const double size = 0.02 * std::pow(40.0, static_cast<double>(k) / (count - 1));
    std::vector<double> log_w = optimum;
    for (double& x : log_w) {
      // Box and Muller's normal variate
      const double radius = std::sqrt(-2 * std::log1p(-random.uniform()));
      x += size * radius * std::cos(2 * std::numbers::pi * random.uniform());
    }
    out.push_back(near_policy(t, optimum, std::move(log_w)));
  }
  return out;
}

NearPolicy bent_policy(const Tokens& model, const Budget& budget, double tilt, double bend) {
  if (!(std::fabs(tilt) <= 100 && std::fabs(bend) <= 100))
    throw InputError("near", to_text(tilt) + ", " + to_text(bend) + " are not in [-100, 100]");
  const ScaledToken t(model, budget);
  if (t.optimum.saturated()) throw InputError("budget", "is past saturation: no policy but the optimum is near it");
  const std::vector<double> optimum = log_weights(t.law, t.optimum);
  std::vector<double> log_w = optimum;
  const double sd = std::sqrt(variance_step(t.law, t.law.p));
  const double mean = mean_step(t.law, t.law.p);
  for (std::size_t i = 0; i < log_w.size() && sd > 0; ++i) {
    const double z = (t.law.position[i] - mean) / sd;
    log_w[i] += tilt * z + bend * z * z / (1 + z * z);
  }
  return near_policy(t, optimum, std::move(log_w));
}

}  // namespace tiltlab
