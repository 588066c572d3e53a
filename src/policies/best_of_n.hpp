#pragma once
#include "policies/policy.hpp"

namespace tiltlab {

/**
 * Best-of-N with ties broken uniformly among the N draws: m_j = F_j^N - F_{j-1}^N for any real N >= 1,
 * which enters through log N alone, so N = e^(10^9) is legal. At N = 1 it is the base model.
 * Source: Beirami et al., "Theoretical guarantees on the best-of-n alignment policy",
 * arXiv 2401.01879, the best-of-n probability mass function.
 */
[[nodiscard]] Policy best_of_n(const RewardLaw& law, DoubleDouble log_n);

/** How N is looked for by a KL, as `PolicyKind` asks: by log log N, from the least that may have so many nats. */
struct NByKl {
  [[nodiscard]] static double strength(double n);
  [[nodiscard]] static double parameter(double z);
  [[nodiscard]] static double weakest(double kl);
};

/** Absolute errors of best-of-N that the errors of its law's tails cause, to first order. */
struct BestOfNError {
  /** Of the expected offset: sum_j (rho_{j+1} - rho_j) F_j^N N |dT_j|, by E r = rho_J - sum_j F_j^N (rho_{j+1} -
   * rho_j). */
  double offset = 0;
  /** Of the offset's standard deviation, by the same sum over squares of distances from the mean. */
  double offset_sd = 0;
  /** Of the KL sum_j m_j log(m_j / P_j), in nats: by the m_j, summed by parts, and by the P_j. */
  double kl = 0;
};
[[nodiscard]] BestOfNError best_of_n_error(const RewardLaw& law, const Policy& policy, const Metrics& of,
                                           DoubleDouble log_n);

}  // namespace tiltlab
