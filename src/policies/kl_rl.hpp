#pragma once
#include "policies/policy.hpp"

namespace tiltlab {

/**
 * The optimum of max E r subject to a KL budget, as masses on the levels of a law that lists them all:
 * the exponential tilt P_j e^{b offset_j} / Z with b = alpha * unit, the top level alone when b is infinite.
 * The root b comes from `solve_tilt`.
 */
[[nodiscard]] Policy kl_rl(const RewardLaw& law, double b);

}  // namespace tiltlab
