#pragma once
#include <optional>
#include <vector>

#include "laws/reward_law.hpp"

namespace tiltlab {

/** A reweighting of a reward law by a function of the reward. One entry a level of the law. */
struct Policy {
  /** Probability of the level (of the single lattice point where the law has a stride). */
  std::vector<double> mass;
  /** log(mass_j / P_j) - log_scale of the law, also where the mass has underflowed to 0. */
  std::vector<double> log_ratio;
};

/** What any policy is judged by. Rewards are offsets: reward = base + unit * (center + offset). */
struct Metrics {
  DoubleDouble offset;
  double offset_sd = 0;
  /** KL(policy || p), nats. */
  double kl = 0;
  /** P(policy beats p) + half the ties. */
  double win_rate = 0;
  double gold = 0;
  /** The mean's offset less the base's, where the policy is so near to the base that their difference would drown. */
  std::optional<double> gain;
  /** |sum of masses - 1| */
  double mass_defect = 0;
};

/** P(policy beats p) + half the ties, as `metrics` has it, where nothing else is asked for. */
[[nodiscard]] double win_rate(const RewardLaw& law, const Policy& policy);

/** Sums over the levels, in increasing order; all policies share them. */
[[nodiscard]] Metrics metrics(const RewardLaw& law, const Policy& policy);

/** KL(policy || p) with its digits kept, for differences with other totals. */
[[nodiscard]] DoubleDouble kl_to_base(const RewardLaw& law, const Policy& policy);

/** The base model itself: masses P_j; the law must list every level. */
[[nodiscard]] Policy base_policy(const RewardLaw& law);

}  // namespace tiltlab
