#include "report/statements/rate_curves.hpp"

#include <cmath>

#include "numerics/log_domain.hpp"

namespace tiltlab {

void add_exact(RateCurves& c, const ExactTails& tails, double n, double log_n) {
  const auto add = [](RateCurves::Exact& to, double reward, double rate) {
    to.reward.push_back(reward);
    to.rate.push_back(rate);
  };
  const auto add_both = [&](RateCurves::Exact& to, const ExactTails::Sides& of) {
    for (const auto* side : {&of.lower, &of.upper}) {
      for (const Tail& tail : *side) add(to, tail.reward_per_token, -tail.log_tail / n);
    }
  };
  add_both(c.exact_base, tails.base);
  add_both(c.exact_kl_rl, tails.kl_rl);
  for (const Tail& tail : tails.base.upper) {
    if (!(tail.reward_per_token > c.mean_kl_rl)) continue;
    // P(best of N >= x) = 1 - (1 - T)^N, with log[-N log(1 - T)] = log N + log T + log[-log(1 - T)/T]
    const double y = log_n + tail.log_tail + log_minus_log1m_over(std::exp(tail.log_tail));
    add(c.exact_best_of_n, tail.reward_per_token, -(y < -40 ? y : log1mexp(-std::exp(y))) / n);
  }
}

}  // namespace tiltlab
