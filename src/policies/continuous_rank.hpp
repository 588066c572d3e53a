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

/** A policy on a continuous law with the strength that it has. */
struct StrongMetrics {
  ContinuousMetrics metrics;
  /** Infinite where the top atom alone is kept; NaN of a kind that has none. */
  double z;
  /** What a KL stands for, or as given. */
  double parameter;
};

/** What is asked, of any kind that lies on continuous laws: a KL past what a table's top atom costs is met as far as
 * that. @throws InputError, NumericalError */
[[nodiscard]] StrongMetrics lay(const ContinuousLaw& law, const ExtraPolicy& asked);

}  // namespace tiltlab
