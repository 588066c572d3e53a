#pragma once
#include <algorithm>
#include <cmath>
#include <limits>

#include "error.hpp"
#include "models/budget.hpp"
#include "models/model.hpp"

namespace tiltlab {

/**
 * The budget that a KL coefficient comes to: what the tilt by alpha = 1 / beta per reward unit spends, nats of the
 * whole draw. By Newton's method on log alpha against log KL, whose slope is KL / (alpha^2 Var), between brackets; then
 * to more digits than a double has, since near the largest KL alpha hangs on them.
 * @param beta in reward units, positive
 * @throws InputError where no budget is spent at that alpha: there may be no such tilt
 */
template <RewardModel M>
[[nodiscard]] Budget budget_of_beta(const M& m, double beta) {
  const double alpha = 1 / beta;
  if (!(beta > 0 && alpha > 0)) throw InputError("budget.beta", to_text(beta) + " is not a number above 0");
  const auto base = base_outcome(m, base_of(m));
  const double variance = base.reward_sd * base.reward_sd;
  if (!(variance > 0)) return {0};
  const double least = std::numeric_limits<double>::min();
  double low = 0;
  double high = largest_budget;
  double kl = std::clamp(alpha * alpha * variance / 2, least, largest_budget);
  bool reaches = false;
  constexpr int most_steps = 200;
  for (int i = 0; i < most_steps; ++i) {
    const Outcome at = outcome(m, tilt_for(m, kl, Accuracy::full));
    const double off = std::log(alpha / at.alpha);
    // What is left is a step below.
    if (std::fabs(off) <= 1e-12) break;
    reaches = reaches || off < 0;
    (off > 0 ? low : high) = kl;
    if (high - low <= std::numeric_limits<double>::epsilon() * high) {
      if (reaches) break;
      throw InputError("budget.beta", to_text(beta) + " is of a tilt that is none, or that spends more than " +
                                          to_text(largest_budget) + " nats");
    }
    const double slope = kl / (at.alpha * at.alpha * at.reward_sd * at.reward_sd);
    const double next = kl * std::exp(std::clamp(off / slope, -5.0, 5.0));
    const double between = low > 0 && high > 4 * low ? std::sqrt(low) * std::sqrt(high) : low + (high - low) / 2;
    kl = next > low && next < high ? next : std::max(between, least);
  }
  DoubleDouble spent = kl;
  for (int i = 0; i < 3; ++i) {
    const Outcome at = outcome(m, tilt_for(m, spent, Accuracy::full));
    const double more = (alpha - at.alpha) * at.alpha * at.reward_sd * at.reward_sd;
    if (!(std::fabs(more) <= 1e-9 * kl)) break;
    spent += more;
  }
  return {spent};
}

}  // namespace tiltlab
