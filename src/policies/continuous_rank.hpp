#pragma once
#include "policies/continuous.hpp"
#include "policies/kind.hpp"

namespace tiltlab {

/**
 * A policy on a continuous law by its density of the rank u = F(r): reward and spread by quadrature, KL and win rate in
 * closed form where the law has no atoms and the kind has one.
 * @param z the policy's strength; -infinity for the base
 * @throws NumericalError
 */
[[nodiscard]] ContinuousMetrics rank_policy(const ContinuousLaw& law, const RankPolicy& rank, double z);

/** The same on either kind of law, what is asked found first: a KL past what a table's top atom costs is met as far as
 * that. @returns its strength too, infinite where the top atom alone is kept @throws InputError, NumericalError */
struct StrongMetrics {
  ContinuousMetrics metrics;
  double z;
};
[[nodiscard]] StrongMetrics lay(const ContinuousLaw& law, const ExtraPolicy& asked);

}  // namespace tiltlab
