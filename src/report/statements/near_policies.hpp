#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "error.hpp"
#include "models/model.hpp"
#include "report/curves.hpp"

/** A statement of arXiv 2404.01730; units as in `shared.hpp`. */
namespace tiltlab {

/** One policy of a token against the optimum: for every w << p, kl_to_optimum = kl_slack + alpha reward_slack. Of a
 * chain, a chain of the same states in the long run, against Doob's: ends weigh nothing there, and the identity is the
 * same. */
struct NearPolicy {
  double reward = 0;
  double kl = 0;
  /** E_phi r - E_w r and KL(w || p) - KL(phi || p), of any sign. */
  double reward_slack = 0;
  double kl_slack = 0;
  /** KL(w || phi) by its definition. */
  double kl_to_optimum = 0;
  /** kl_slack + alpha reward_slack, the same by the identity. */
  double identity = 0;
  /** max(kl_slack, 0) + alpha max(reward_slack, 0), the bound. */
  double bound = 0;
};

/** Of several such, each field a list. */
template <class F>
void fields(F&& f, const std::vector<NearPolicy>& policies) {
  const auto column = [&](const char* name, double NearPolicy::*field) {
    std::vector<double> values;
    for (const NearPolicy& p : policies) values.push_back(p.*field);
    f(name, values);
  };
  column("reward", &NearPolicy::reward);
  column("kl", &NearPolicy::kl);
  column("reward_slack", &NearPolicy::reward_slack);
  column("kl_slack", &NearPolicy::kl_slack);
  column("kl_to_optimum", &NearPolicy::kl_to_optimum);
  column("identity", &NearPolicy::identity);
  column("bound", &NearPolicy::bound);
}

/** Of one policy: what it earns, in steps and in the scenario's unit, and its KL divergences, beside the optimum's. */
struct NearAndBest {
  WeighedSteps policy;
  double reward = 0;
  DoubleDouble best_mean;
  double best_reward = 0;
  double best_kl = 0;
  /** The optimum's tilt. */
  double b = 0;
};
[[nodiscard]] NearPolicy compared(const NearAndBest& of);

/** @param more what the policy's logarithms have beside the optimum's, one entry an outcome; empty for nothing */
template <Growth G>
[[nodiscard]] NearPolicy near_policy(const G& t, const std::vector<double>& more) {
  const WeighedSteps policy = t.weighed(more);
  return compared({policy, t.reward(policy.mean), t.mean(), t.reward(t.mean()), t.kl().value(), t.b()});
}

/** `size` normal numbers times a size that grows with k, of `count`. */
[[nodiscard]] std::vector<double> nudges(std::uint64_t seed, int k, int count, std::size_t size);
/** tilt z + bend z^2 / (1 + z^2) */
[[nodiscard]] std::vector<double> bent(std::vector<double> z, double tilt, double bend);

/** Policies near the optimum, w ~ phi e^(size z) with normal z and sizes from small to large, from the seed; none where
 * the optimum has no finite tilt. Empty where the model's sums have no growth in common. @throws InputError */
template <SequenceModel M>
[[nodiscard]] std::optional<std::vector<NearPolicy>> near_policies(const M& m, const Budget& budget, std::uint64_t seed,
                                                                   int count) {
  check_points(count);
  const auto t = growth_of(m, budget);
  if (!t) return std::nullopt;
  std::vector<NearPolicy> out;
  if (t->saturated() || t->is_constant()) return out;
  count = affordable_points(count, t->work());
  for (int k = 0; k < count; ++k) out.push_back(near_policy(*t, nudges(seed, k, count, t->size())));
  return out;
}

/** w ~ phi e^(tilt z + bend z^2 / (1 + z^2)), z = (r - E_p r) / sd_p: the optimum tilted further, or its tails lifted.
 * @throws InputError also past saturation */
template <SequenceModel M>
[[nodiscard]] std::optional<NearPolicy> bent_policy(const M& m, const Budget& budget, double tilt, double bend) {
  if (!(std::fabs(tilt) <= 100 && std::fabs(bend) <= 100))
    throw InputError("near", to_text(tilt) + ", " + to_text(bend) + " are not in [-100, 100]");
  const auto t = growth_of(m, budget);
  if (!t) return std::nullopt;
  if (t->saturated()) {
    // The limit's alone may be, or that of the model's own length too.
    if (!std::isfinite(outcome(m, tilt_for(m, budget.kl, Accuracy::full)).alpha))
      throw InputError("budget", "is past saturation: no policy but the optimum is near it");
    return std::nullopt;
  }
  return near_policy(*t, bent(t->standardised(), tilt, bend));
}

}  // namespace tiltlab
