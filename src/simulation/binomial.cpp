#include "simulation/binomial.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tiltlab {

namespace {

/** log n! less Stirling's formula. */
double stirling_error(double n) {
  // Series to 1e-16 from 16 on; below, from the exact factorial.
  if (n < 16) {
    double log_factorial = 0;
    for (double k = 2; k <= n; ++k) log_factorial += std::log(k);
    return n == 0 ? 0 : log_factorial - (n + 0.5) * std::log(n) + n - 0.5 * std::log(2 * std::numbers::pi);
  }
  const double r = 1 / (n * n);
  return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - r / 1188) * r) * r) * r) / n;
}

/** x log(x/m) + m - x >= 0 without cancellation. */
double deviance(double x, double m) {
  const double d = x - m;
  if (std::fabs(d) < 0.1 * (x + m)) {
    const double v = d / (x + m);
    double sum = d * v;
    double term = 2 * x * v;
    for (int k = 3; k < 100; k += 2) {
      term *= v * v;
      const double next = sum + term / k;
      if (next == sum) break;
      sum = next;
    }
    return sum;
  }
  return x * std::log(x / m) - d;
}

}  // namespace

double binomial_log_mass(double n, double p, double k) {
  return stirling_error(n) - stirling_error(k) - stirling_error(n - k) - deviance(k, n * p) -
         deviance(n - k, n * (1 - p)) - 0.5 * std::log(2 * std::numbers::pi * k * ((n - k) / n));
}

Success::Success(double p) : p_(std::min(p, 1 - p)), certain_(p >= 1), failures_(p > 0.5) { log_q_ = std::log1p(-p_); }

std::int64_t Success::count(BulkStream& random, std::int64_t n) const {
  if (n <= 0) return 0;
  if (certain_) return n;
  if (!(p_ > 0)) return 0;
  const auto trials = static_cast<double>(n);
  std::int64_t rare = 0;
  if (trials * p_ < 10) {
    // Geometric waiting times between successes: their number grows with n p, not with n.
    for (double waited = 0;; ++rare) {
      waited += std::floor(std::log1p(-random.uniform()) / log_q_) + 1;
      if (!(waited <= trials)) break;
    }
  } else {
    rare = rejected(random, trials);
  }
  return failures_ ? n - rare : rare;
}

std::int64_t Success::rejected(BulkStream& random, double trials) const {
  const double p = p_;
  const double sd = std::sqrt(trials * p * (1 - p));
  const double b = 1.15 + 2.53 * sd;
  const double a = -0.0873 + 0.0248 * b + 0.01 * p;
  const double c = trials * p + 0.5;
  const double quick = 0.92 - 4.2 / b;
  for (;;) {
    const double u = random.uniform() - 0.5;
    const double v = 1 - random.uniform();
    const double us = 0.5 - std::fabs(u);
    const double k = std::floor((2 * a / us + b) * u + c);
    if (us >= 0.07 && v <= quick) return static_cast<std::int64_t>(k);
    if (!(k >= 0 && k <= trials)) continue;
    const double alpha = (2.83 + 5.1 / b) * sd;
    const double mode = std::floor((trials + 1) * p);
    const double compared = v * alpha / (a / (us * us) + b);
    const double far = std::fabs(k - mode);
    if (far <= 15) {
      // f(k)/f(mode) step by step.
      double ratio = 1;
      const double odds = p / (1 - p);
      for (double i = mode + 1; i <= k; ++i) ratio *= (trials - i + 1) / i * odds;
      for (double i = k + 1; i <= mode; ++i) ratio *= i / ((trials - i + 1) * odds);
      if (compared <= ratio) return static_cast<std::int64_t>(k);
      continue;
    }
    const double variance = sd * sd;
    const double log_v = std::log(compared);
    const double near = -far * far / (2 * variance);
    const double room = far / variance * (((far / 3 + 0.625) * far + 1.0 / 6) / variance + 0.5);
    if (log_v < near - room) return static_cast<std::int64_t>(k);
    if (log_v > near + room) continue;
    const double log_mass = k == 0        ? trials * log_q_
                            : k == trials ? trials * std::log(p)
                                          : binomial_log_mass(trials, p, k);
    if (log_v <= log_mass - binomial_log_mass(trials, p, mode)) return static_cast<std::int64_t>(k);
  }
}

}  // namespace tiltlab
