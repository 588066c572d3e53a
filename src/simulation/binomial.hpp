#pragma once
#include <cmath>
#include <cstdint>

#include "simulation/philox.hpp"

namespace tiltlab {

/**
 * A binomial variate of n trials with success p in [0, 1], exact up to the rounding of its probabilities: by inversion
 * where n p is small, else by transformed rejection (W. Hoermann, "The generation of binomial random variates", 1993).
 */
inline std::int64_t binomial(RandomStream& random, std::int64_t n, double p) {
  if (n <= 0 || !(p > 0)) return 0;
  if (p >= 1) return n;
  if (p > 0.5) return n - binomial(random, n, 1 - p);
  const auto trials = static_cast<double>(n);
  if (trials * p < 10) {
    // Geometric waiting times between successes: their number grows with n p, not with n.
    const double log_q = std::log1p(-p);
    std::int64_t successes = 0;
    double waited = 0;
    for (;;) {
      waited += std::floor(std::log1p(-random.uniform()) / log_q) + 1;
      if (!(waited <= trials)) return successes;
      ++successes;
    }
  }
  const double sd = std::sqrt(trials * p * (1 - p));
  const double b = 1.15 + 2.53 * sd;
  const double a = -0.0873 + 0.0248 * b + 0.01 * p;
  const double c = trials * p + 0.5;
  const double alpha = (2.83 + 5.1 / b) * sd;
  const double quick = 0.92 - 4.2 / b;
  const double mode = std::floor((trials + 1) * p);
  const double log_odds = std::log(p / (1 - p));
  const double at_mode = std::lgamma(mode + 1) + std::lgamma(trials - mode + 1);
  for (;;) {
    const double u = random.uniform() - 0.5;
    double v = 1 - random.uniform();
    const double us = 0.5 - std::fabs(u);
    const double k = std::floor((2 * a / us + b) * u + c);
    if (us >= 0.07 && v <= quick) return static_cast<std::int64_t>(k);
    if (!(k >= 0 && k <= trials)) continue;
    v = std::log(v * alpha / (a / (us * us) + b));
    if (v <= at_mode - std::lgamma(k + 1) - std::lgamma(trials - k + 1) + (k - mode) * log_odds)
      return static_cast<std::int64_t>(k);
  }
}

}  // namespace tiltlab
