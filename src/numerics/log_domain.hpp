#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "numerics/sine_cosine.hpp"

namespace tiltlab {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

/** Binary logarithm, to a few digits of its last ones: for costs and bounds, where the tables of `log2` are not worth
 * the 2 kB that every embed would load. */
inline double doublings(double x) { return std::log(x) * 1.4426950408889634; }

/** log(1 - e^x) for x <= 0, accurate at both ends (Maechler, "Accurately computing log(1 - exp(-|a|))"). */
inline double log1mexp(double x) {
  return x > -0.6931471805599453 ? std::log(-std::expm1(x)) : std::log1p(-std::exp(x));
}

/** -log(1 - u) / u on [0, 1): 1 at 0, infinite at 1. */
inline double minus_log1m_over(double u) { return u > 0 ? -std::log1p(-u) / u : 1.0; }

/** The logarithm of that, by its series u/2 + 5 u^2/24 + u^3/8 where u is small. */
inline double log_minus_log1m_over(double u) {
  return u < 1e-5 ? u * (0.5 + u * (5.0 / 24 + u / 8)) : std::log(minus_log1m_over(u));
}

/** (1 - e^-x) / x on [0, inf): 1 at 0. */
inline double one_minus_exp_over(double x) { return x > 0 ? -std::expm1(-x) / x : 1.0; }

/** log N - (N - 1)/N from log N = `log_n` >= 0: the bound on best-of-N's KL, 0 at N = 1, in nats. */
inline double best_of_n_kl_bound(double log_n) {
  // The difference cancels for N near 1, where it is log_n^2/2 - log_n^3/6 + ...
  if (log_n > 0.1) return log_n + std::expm1(-log_n);
  double term = log_n * log_n / 2;
  double sum = term;
  for (int k = 3; k < 16; ++k) sum += term *= -log_n / k;
  return sum;
}

/** x e^x - (e^x - 1) = x^2/2 + x^3/3 + x^4/8 + ..., at least 0, without cancellation near 0. */
inline double kl_term(double x) {
  if (std::fabs(x) > 0.5) return x * std::exp(x) - std::expm1(x);
  double power = x;
  double sum = 0;
  for (int k = 2; k < 18; ++k) {
    power *= x / k;
    sum += power * (k - 1);
    // Terms fall: after one that is lost in rounding all are.
    if (std::fabs(power) * k < 0x1p-54 * sum) break;
  }
  return sum;
}

/** sin(y) - y, keeping the digits of the cubic term when y is small. */
inline double sin_minus_identity(double y) {
  if (std::fabs(y) > 0.7) return sine_cosine(y).sine - y;
  const double y2 = y * y;
  double term = -y * y2 / 6;
  double sum = term;
  for (int k = 4; k < 18; k += 2) sum += term *= -y2 / (k * (k + 1));
  return sum;
}

/** log(1 + e^x) */
inline double log1pexp(double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }

/** e^x - 1 - x = x^2/2 + x^3/6 + ..., without cancellation near 0. */
inline double exp_rest(double x) {
  if (std::fabs(x) > 0.5) return std::expm1(x) - x;
  double term = x * x / 2;
  double sum = term;
  for (int k = 3; k < 18; ++k) sum += term *= x / k;
  return sum;
}

/** log(e^x + e^y) */
inline double log_add(double x, double y) {
  const double top = std::max(x, y);
  return top == -infinity ? top : top + std::log1p(std::exp(std::min(x, y) - top));
}

/** log sum e^x, not of -inf alone. */
inline double log_sum(std::span<const double> logs) {
  double top = -infinity;
  for (const double x : logs) top = std::max(top, x);
  double sum = 0;
  for (const double x : logs) sum += std::exp(x - top);
  return top + std::log(sum);
}

/** The same of terms that come one by one and may all be -inf. */
class LogSum {
 public:
  void add(double x) {
    if (x == -infinity) return;
    if (x > top_) {
      sum_ = sum_ * std::exp(top_ - x) + 1;
      top_ = x;
    } else if (x > top_ - unseen) {
      sum_ += std::exp(x - top_);
    }
  }
  [[nodiscard]] double value() const { return sum_ > 0 ? top_ + std::log(sum_) : -infinity; }

 private:
  /** Nats under the largest term, whose share is 1, from which on a term leaves every bit of the sum as it is. */
  static constexpr double unseen = 40;

  double top_ = -infinity;
  double sum_ = 0;
};

}  // namespace tiltlab
