#pragma once
#include "policies/kind.hpp"

namespace tiltlab {

/**
 * The base given its best share tau of probability: m_j proportional to P_j above the quantile, the level at the edge
 * kept in part. Without atoms KL = -log tau. At tau = 1 the base model.
 * @param z -log tau >= 0
 */
[[nodiscard]] Policy top_quantile(const RewardLaw& law, double z);

/** Parameter tau in (0, 1]; strength -log tau. */
extern const PolicyKind top_quantile_kind;

}  // namespace tiltlab
