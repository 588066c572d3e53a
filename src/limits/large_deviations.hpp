#pragma once
#include <functional>
#include <vector>

#include "laws/token_law.hpp"

namespace tiltlab {

/**
 * Rate functions of the reward per token S/n, in nats per token, at the means x of the tilts b:
 *   base      I(x) = sup_t t x - Lambda(t) = b x - Lambda(b) = KL(phi_b || p)
 *   KL-RL     I(x) - a x + Lambda(a) = KL(phi_b || phi_a), zero at its mean
 *   best-of-N I(x) - rate at or above the mean of KL-RL, infinite below: its probability there is doubly exponential.
 * Source: Yang et al., arXiv 2404.01730, the large deviation principles of both policies; Cramer's theorem.
 */
struct RatePoint {
  /** The tilt whose mean is x, in step units; negative below the base's mean. */
  double b = 0;
  DoubleDouble step;
  double base = 0;
  double kl_rl = 0;
  double best_of_n = 0;
};

/** The rate functions of one law and budget, which share what they need of the optimum. */
class RateFunctions {
 public:
  /** @param optimum of the budget's rate, not saturated; both outlive this */
  RateFunctions(const TokenLaw& law, const TokenTilt& optimum);
  /** @param b of any sign, finite */
  [[nodiscard]] RatePoint at(double b) const;

 private:
  /** log phi_b / p of every level. */
  [[nodiscard]] std::vector<double> log_ratio(double b) const;

  const TokenLaw& law_;
  const TokenTilt& optimum_;
  std::vector<double> of_optimum_;
  /** phi_a */
  std::vector<double> optimal_;
};

/** Tilts whose means spread from near the least reward to near the largest: `each` of either sign, increasing. */
[[nodiscard]] std::vector<double> spread_tilts(const TokenLaw& law, int each);
/** The same of any sum. @param sd of a step of the base @param end the last tilt of the sign of `sign`, its size */
[[nodiscard]] std::vector<double> spread_tilts(double sd, const std::function<double(double sign)>& end, int each);

/**
 * lim (1/n) log E e^(t S) under best-of-N with N = e^(n rate): t mean_a for t <= a, Lambda(t) + rate above; step units.
 */
[[nodiscard]] double best_of_n_cumulant(const TokenLaw& law, const TokenTilt& optimum, double t);

}  // namespace tiltlab
