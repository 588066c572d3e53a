#pragma once
#include "policies/kind.hpp"

namespace tiltlab {

/**
 * Best-of-Poisson: the best of 1 + Poisson(mu) draws, ties broken uniformly, so m_j = G(F_j) - G(F_{j-1}) with the
 * generating function G(F) = F e^(mu (F - 1)). At mu = 0 the base model.
 * Source: arXiv 2506.19248, Best-of-Poisson.
 * @param mu >= 0
 */
[[nodiscard]] Policy best_of_poisson(const RewardLaw& law, double mu);

/**
 * Soft best-of-N: of n draws one is kept with probability proportional to e^(b offset):
 *   pi_j = n P_j w_j int_0^inf e^(-s w_j) (sum_i P_i e^(-s w_i))^(n-1) ds,  w = e^(b offset).
 * At b = 0 the base model, for b to infinity best-of-N.
 * Source: arXiv 2505.03156, soft best-of-n sampling.
 * @param n >= 1, real @param b >= 0 per unit of offset @throws InputError where b spreads the weights too far
 */
[[nodiscard]] Policy soft_best_of_n(const RewardLaw& law, double n, double b);

/** Parameter mu; strength log mu. */
extern const PolicyKind best_of_poisson_kind;
/** Parameters n and alpha. */
extern const PolicyKind soft_best_of_n_kind;

}  // namespace tiltlab
