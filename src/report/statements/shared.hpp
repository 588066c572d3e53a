#pragma once
#include "policies/policy.hpp"

/**
 * What the statements of Yang et al., arXiv 2404.01730, share: curves of one scenario with every number that their
 * figures show. Rewards in the scenario's unit and per token, rates and divergences in nats per token; n is the model's
 * length.
 */
namespace tiltlab {

/** log of a policy's mass at a level; finite where the mass itself underflows. */
inline double log_mass(const RewardLaw& law, const Policy& policy, std::size_t j) {
  return policy.log_ratio[j] + law.log_mass[j];
}

}  // namespace tiltlab
