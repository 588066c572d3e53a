#pragma once
#include <vector>

#include "laws/continuous.hpp"

namespace tiltlab {

/** What a policy on a continuous law is judged by: rewards in the scenario's unit, KL in nats. */
struct ContinuousMetrics {
  double reward = 0;
  /** reward - anchor of the law, with its own digits however near to the largest reward. */
  double offset = 0;
  double reward_sd = 0;
  double kl = 0;
  double win_rate = 0.5;
  /** Relative to max(1, |value|), from the quadrature's last halving. */
  double error_bound = 0;
};

/** The reward from which offsets are measured: the largest of a bounded law. */
[[nodiscard]] double anchor(const ContinuousLaw& law);

/** The optimum of max E r subject to KL <= budget: density proportional to p e^(alpha r). */
struct ContinuousTilt {
  /** Per reward unit; infinite on a table's top atom alone, and where it is past 1e300. */
  double alpha = 0;
  /** log E_p exp(alpha (r - anchor)) */
  double log_mgf = 0;
  ContinuousMetrics metrics;
};

/** @param kl >= 0, nats @throws NumericalError */
[[nodiscard]] ContinuousTilt kl_rl(const ContinuousLaw& law, double kl);

/**
 * Best-of-N for N = e^log_n >= 1. Without atoms KL = log N - (N - 1)/N and the win rate is N/(N + 1); the reward is
 * int r dF^N by quadrature, in closed form for a table.
 */
[[nodiscard]] ContinuousMetrics best_of_n(const ContinuousLaw& law, double log_n);

/** KL(best-of-N || tilt) = KL(best-of-N || p) - alpha E r + log E_p e^(alpha r); NaN at an infinite tilt that best-of-N
 * does not share. */
[[nodiscard]] double kl_to_tilt(const ContinuousMetrics& policy, const ContinuousTilt& tilt);

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
  /** Per reward unit. */
  std::vector<double> density;
  /** Atoms, of a table alone. */
  std::vector<double> atom_reward;
  std::vector<double> atom_mass;
};

/** Densities of the base (alpha 0) or a tilt, and of best-of-N, at about `points` rewards that carry all but 1e-9. */
[[nodiscard]] DensityCurve tilt_density(const ContinuousLaw& law, const ContinuousTilt& tilt, int points);
[[nodiscard]] DensityCurve best_of_n_density(const ContinuousLaw& law, double log_n, int points);

}  // namespace tiltlab
