#pragma once
#include <vector>

#include "laws/continuous.hpp"
#include "policies/accuracy.hpp"

namespace tiltlab {

/**
 * An expected reward in standard units (of a table: reward units), kept so that the difference of two has its own
 * digits: from the base's mean, from the largest reward, or to 31 digits.
 */
struct MeanReward {
  /** Whether it is known by what it lacks of the largest reward. */
  bool from_top = false;
  /** log(largest - mean); -infinity at the largest. */
  DoubleDouble log_shortfall = 0;
  /** Of laws without a largest reward. */
  DoubleDouble mean = 0;
  /** Of `mean`, or relative to the shortfall. */
  double error = 0;
  /** mean - base's mean, where it is known by itself: near the base. */
  double shift = 0;
  bool has_shift = false;
  double shift_error = 0;
};

/** What a policy on a continuous law is judged by: rewards in the scenario's unit, KL in nats. */
struct ContinuousMetrics {
  double reward = 0;
  double reward_sd = 0;
  double kl = 0;
  double win_rate = 0.5;
  /** The mass that is not on the largest reward's atom; 1 where there is none. Of a tilt that is not saturated not set.
   */
  double beside_top = 1;
  /** Every number above is within error_bound * max(1, |value|). */
  double error_bound = 0;

  MeanReward mean;
  /** KL to 31 digits. */
  DoubleDouble exact_kl = 0;
  /** Of best-of-N, log N - KL with its own digits. */
  double kl_deficit = 0;
  /** Bounds of each number by itself, relative to max(1, |value|). */
  double reward_error = 0;
  double sd_error = 0;
  double kl_error = 0;
  double win_rate_error = 0;
};

/** The optimum of max E r subject to KL <= budget: density proportional to p e^(alpha r). */
struct ContinuousTilt {
  /** Per reward unit; infinite on a table's top atom alone, and past 1e308. */
  double alpha = 0;
  /** log(alpha in standard units), finite wherever alpha has passed what a double holds; -infinity for the base. */
  DoubleDouble log_tilt = -HUGE_VAL;
  /** Relative. */
  double alpha_error = 0;
  ContinuousMetrics metrics;
};

/** @param kl in [0, 1e12], nats @throws NumericalError */
[[nodiscard]] ContinuousTilt kl_rl(const ContinuousLaw& law, DoubleDouble kl, Accuracy accuracy = Accuracy::full);

/**
 * Best-of-N for log N in [0, 1e12]. Without atoms KL = log N - (N - 1)/N and the win rate is N/(N + 1); the reward is
 * int r dF^N by quadrature, in closed form for a table.
 */
[[nodiscard]] ContinuousMetrics best_of_n(const ContinuousLaw& law, DoubleDouble log_n,
                                          Accuracy accuracy = Accuracy::full);

/** A number and what it is within, absolute. */
struct Bounded {
  double value = 0;
  double error = 0;
};

/** E_tilt r - E_policy r in reward units, by the digits that the two means share. */
[[nodiscard]] Bounded reward_difference(const ContinuousLaw& law, const ContinuousTilt& tilt,
                                        const ContinuousMetrics& policy);

/** The same of the optimum of the policy's budget, at least 0; below its error it is 0. */
[[nodiscard]] Bounded reward_gap(const ContinuousLaw& law, const ContinuousTilt& tilt, const ContinuousMetrics& policy);

/** Whether a policy has nothing but the largest reward, as far as a saturated optimum is told from others. */
[[nodiscard]] bool is_top_alone(const ContinuousMetrics& policy);

/** log alpha per reward unit; infinite of the top atom alone, -infinity of the base. */
[[nodiscard]] double log_alpha(const ContinuousLaw& law, const ContinuousTilt& tilt);

/**
 * KL(best-of-N || tilt) = alpha (E_tilt r - E_policy r) - (KL(tilt || p) - KL(policy || p)), at least 0. Where the
 * tilt has all its mass on a table's top atom it is infinite, but 0 of a policy that has, too.
 * @param tilt of budget log N
 */
[[nodiscard]] Bounded kl_to_tilt(const ContinuousLaw& law, const ContinuousMetrics& policy, const ContinuousTilt& tilt);

/** Whether some reward has a probability of its own, as a table may. */
[[nodiscard]] bool has_atoms(const ContinuousLaw& law);

/** -log P(r = largest reward): infinite but for a table that ends in an atom. */
[[nodiscard]] double kl_max(const ContinuousLaw& law);
[[nodiscard]] double largest_reward(const ContinuousLaw& law);

/**
 * Renyi divergence of best-of-N from p, order s >= 0, without atoms: log(N^s / (s (N - 1) + 1)) / (s - 1), the KL
 * divergence at s = 1, log N at infinity. Nats.
 */
[[nodiscard]] double best_of_n_renyi(double log_n, double order);

/**
 * Renyi divergence of the tilt from p, (Lambda(s alpha) - s Lambda(alpha)) / (s - 1); infinite from the order on at
 * which Lambda is.
 */
[[nodiscard]] double tilt_renyi(const ContinuousLaw& law, const ContinuousTilt& tilt, double order);

/** A density along the reward, for pictures. */
struct DensityCurve {
  std::vector<double> reward;
  /** Per reward unit; possibly infinite. */
  std::vector<double> density;
  /** What lies between a point and the one before it; 0 for the first. */
  std::vector<double> mass;
  /** Atoms: of a table, or where a law is narrower than what tells two doubles apart. */
  std::vector<double> atom_reward;
  std::vector<double> atom_mass;
};

/** Densities of the base (alpha 0) or a tilt, and of best-of-N, at about `points` rewards that carry all but 1e-9. */
[[nodiscard]] DensityCurve tilt_density(const ContinuousLaw& law, const ContinuousTilt& tilt, int points);
[[nodiscard]] DensityCurve best_of_n_density(const ContinuousLaw& law, double log_n, int points);

}  // namespace tiltlab
