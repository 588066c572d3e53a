#pragma once
#include "policies/kind.hpp"

namespace tiltlab {

/**
 * The tilt of the win rate: m_j proportional to P_j e^(c w_j) with w_j = P(r < rho_j) + P_j / 2, the largest win rate
 * at its KL. At c = 0 the base model; for c to infinity the largest reward alone. Source: Gui et al., "BoNBoN Alignment
 * for Large Language Models and the Sweetness of Best-of-n Sampling", arXiv 2406.00832.
 * @param log_c c >= 0 by its logarithm
 */
[[nodiscard]] Policy win_rate_tilt(const RewardLaw& law, double log_c);

/** Parameter c; strength log c. */
extern const PolicyKind win_rate_tilt_kind;

}  // namespace tiltlab
