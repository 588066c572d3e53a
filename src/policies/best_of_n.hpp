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

}  // namespace tiltlab
