#pragma once
#include "policies/continuous_rank.hpp"
#include "policies/kind.hpp"

namespace tiltlab {

/**
 * Chi-squared pessimism: m_j = P_j max(0, rho_j - nu) / beta, nu by normalisation, which is argmax E r - (beta/2)
 * E_p (m/p)^2. For beta to infinity the base model, and the largest reward alone up to beta = P_top (rho_top - the next
 * reward). Of sequences the reward is the sum.
 * Source: Huang et al., "Is Best-of-N the Best of Them? Coverage, Scaling, and Optimality in Inference-Time Alignment",
 * arXiv 2503.21878, equation of the policy chi^2.
 * @param log_beta log beta in offsets of the law
 */
[[nodiscard]] Policy chi_squared(const RewardLaw& law, double log_beta);

/**
 * The same by its Renyi divergence of order 2, z = log E_p (m/p)^2 in nats: at least the KL, 0 of the base, -log P_top
 * where the largest reward alone is kept.
 */
[[nodiscard]] Policy chi_squared_of(const RewardLaw& law, double z);

/**
 * The same on a continuous law, where nu may be any number below the largest reward. Of a uniform reward on (0, 1) KL =
 * log 2 - 1/2 - log(1 - nu) for nu >= 0; nu = 0 is best-of-2.
 * @param asked by beta in reward units, or by a KL @throws NumericalError
 */
[[nodiscard]] StrongMetrics chi_squared(const ContinuousLaw& law, const ExtraPolicy& asked);

/** Parameter beta > 0, reward units; strength the Renyi divergence of order 2. */
extern const PolicyKind chi_squared_kind;

}  // namespace tiltlab
