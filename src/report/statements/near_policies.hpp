#pragma once
#include <cstdint>
#include <vector>

#include "models/tokens.hpp"

/** A statement of arXiv 2404.01730; units as in `shared.hpp`. */
namespace tiltlab {

/** One policy of a token against the optimum: for every w << p, kl_to_optimum = kl_slack + alpha reward_slack. */
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

/** Policies near the optimum, w ~ phi e^(size z) with normal z and sizes from small to large, from the seed. */
[[nodiscard]] std::vector<NearPolicy> near_policies(const Tokens& model, const Budget& budget, std::uint64_t seed,
                                                    int count);
/** w ~ phi e^(tilt z + bend z^2 / (1 + z^2)), z = (r - E_p r) / sd_p: the optimum tilted further, or its tails lifted.
 */
[[nodiscard]] NearPolicy bent_policy(const Tokens& model, const Budget& budget, double tilt, double bend);

}  // namespace tiltlab
