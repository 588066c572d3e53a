#pragma once
#include "policies/continuous_rank.hpp"
#include "policies/kind.hpp"

namespace tiltlab {

/**
 * Best-of-n with a probability, else one draw of the base: m_j = w (F_j^n - F_{j-1}^n) + (1 - w) P_j, ties uniform. At
 * w = 1 best-of-n, at w = 0 or n = 1 the base model.
 * Source: as for best-of-n, Yang et al., "Asymptotics of Language Model Alignment", arXiv 2404.01730.
 * @param n >= 1, real @param weight in [0, 1]
 */
[[nodiscard]] Policy mixture(const RewardLaw& law, double n, double weight);

/** The same on a continuous law; without atoms its KL depends on n and the weight alone. @throws NumericalError */
[[nodiscard]] StrongMetrics mixture(const ContinuousLaw& law, const ExtraPolicy& asked);

/** Parameters n and weight. Of two parameters no KL tells which is meant, so it is not asked for by `kl`. */
extern const PolicyKind mixture_kind;

}  // namespace tiltlab
