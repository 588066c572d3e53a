#include "policies/best_of_n.hpp"

#include <algorithm>
#include <cmath>

#include "numerics/log_domain.hpp"

namespace tiltlab {

namespace {

/** A level of the base law as N draws see it: sides are taken where F = P(r <= level) keeps its digits. */
struct Level {
  /** P(r > level) and P(r = level). */
  double above;
  double mass;
  /** Whether F is counted from below. */
  bool lower_half;
  double log_cdf;
  /** P(r = level) / F */
  double share;
};

// Once a level of every law: a call would cost a hundredth of a report.
[[gnu::always_inline]] inline Level level_at(const RewardLaw& law, std::size_t j, double scale) {
  Level at{};
  at.above = std::exp(law.log_above[j] - scale);
  at.mass = std::exp(law.log_mass[j] - scale);
  at.lower_half = at.above > 0.5;
  at.log_cdf = at.lower_half ? std::log(law.below[j] + at.mass) : std::log1p(-at.above);
  at.share = at.mass / (at.lower_half ? law.below[j] + at.mass : 1 - at.above);
  return at;
}

/** m_j / P_j - 1 for N = 1 + e and s = P_j / F_j, near 0: (F_j^e - 1) + F_j^e (1 - s) (1 - (1 - s)^e) / s. */
inline double excess_of_few(const Level& at, double more_draws, bool lowest) {
  const double left = std::expm1(more_draws * at.log_cdf);
  if (lowest) return left;
  return left -
         std::exp(more_draws * at.log_cdf) * (1 - at.share) * std::expm1(more_draws * std::log1p(-at.share)) / at.share;
}

}  // namespace

/**
 * m_j = F_j^N - F_{j-1}^N, x = N (log F_j - log F_{j-1}), each level by the first of these that fits:
 *
 *   N near 1 and m near P   P_j + P_j (m_j / P_j - 1), the small excess by itself
 *   x < 1                   N P_j F_j^N / F_j times two factors near 1: a density, where the difference cancels
 *   else                    F_j^N (1 - e^-x): the difference, the lowest level's x infinite
 */
Policy best_of_n(const RewardLaw& law, DoubleDouble log_n) {
  Policy policy;
  policy.mass.resize(law.size());
  policy.log_ratio.resize(law.size());
  const double scale = law.log_scale.value();
  // log N - log_scale, of order 1 where the law was made for this N: formed before anything rounds it.
  const double depth = (log_n - law.log_scale).value();
  const double more_draws = std::expm1(log_n.value());
  const bool few = more_draws < 0.5;
  for (std::size_t j = 0; j < law.size(); ++j) {
    const Level at = level_at(law, j, scale);
    // log F_j^N
    const double log_power = at.lower_half ? -std::exp(log_n.value() + std::log(-at.log_cdf))
                                           : -std::exp(depth + law.log_above[j] + log_minus_log1m_over(at.above));
    // The previous F is that of the neighbouring lattice point.
    const bool lowest = (j == 0 && law.from_least) || !(at.share < 1);
    const double of_share = log_minus_log1m_over(at.share);
    const double log_x = depth + law.log_mass[j] + of_share - at.log_cdf;
    const double x = lowest ? infinity : std::exp(log_x);
    if (x < 1) {
      const double relative = depth + log_power + std::log(one_minus_exp_over(x)) + of_share - at.log_cdf;
      policy.log_ratio[j] = relative;
      policy.mass[j] = std::exp(relative + law.log_mass[j]);
    } else {
      const double log_mass = log_power + log1mexp(-x);
      policy.mass[j] = std::exp(log_mass);
      policy.log_ratio[j] = log_mass - law.log_mass[j];
    }
    if (few && at.mass > 0 && std::fabs(policy.log_ratio[j] + scale) < 0.5) {
      const double excess = excess_of_few(at, more_draws, lowest);
      policy.log_ratio[j] = std::log1p(excess) - scale;
      policy.mass[j] = at.mass * (1 + excess);
    }
  }
  return policy;
}

double NByKl::strength(double n) { return std::log(std::log(n)); }

double NByKl::parameter(double z) { return std::exp(std::exp(z)); }

double NByKl::weakest(double kl) {
  // log n - (n - 1)/n is at most log n, and at most half its square.
  return std::log(std::max(kl, std::sqrt(2 * kl)));
}

BestOfNError best_of_n_error(const RewardLaw& law, const Policy& policy, const Metrics& of, DoubleDouble log_n) {
  BestOfNError error;
  const double depth = (log_n - law.log_scale).value();
  double power = 0;  // F_j^N
  double last_ratio = 0;
  double squares = 0;
  for (std::size_t j = 0; j < law.size(); ++j) {
    power += law.stride * policy.mass[j];
    // Nothing is above the top level, and that is exact.
    if (!(power > 0) || law.log_above[j] == -infinity) continue;
    const double tail_error = law.log_error.empty() ? law.relative_error * std::exp(depth + law.log_above[j])
                                                    : std::exp(depth + law.log_error[j]);
    double step = power * tail_error;
    // d F^N = N F^(N - 1) dF, where F is nothing but error and N so near to 1 that this is no small number; but neither
    // of the two powers is more than what it is a power of.
    if (log_n.value() < 1) {
      const double cdf = law.below[j] + std::exp(law.log_mass[j] - law.log_scale.value());
      if (cdf > 0 && cdf < tail_error) step = std::min(step / cdf, std::max(power, cdf + tail_error));
    }
    if (j + 1 < law.size()) {
      const double gap = law.distance(j + 1, j);
      const double middle = (law.exact_offset(j) - of.offset).value() + gap / 2;
      error.offset += gap * step;
      squares += 2 * std::fabs(middle) * gap * step;
    }
    // Masses under 1e-20 bring in less than 1e-18 of anything.
    if (policy.mass[j] > 1e-20) {
      // A level's mass is at most N p F^(N - 1), and less where all below it is passed.
      const double of_point = law.log_error.empty()
                                  ? law.point_error * step
                                  : law.point_error * policy.mass[j] * std::exp(law.log_error[j] - law.log_mass[j]);
      error.kl += step * std::fabs(policy.log_ratio[j] - last_ratio) + law.stride * of_point;
      last_ratio = policy.log_ratio[j];
    }
  }
  // d sqrt(v) = dv / (2 sqrt(v)), and never more than sqrt(dv).
  error.offset_sd = of.offset_sd > 0 ? std::min(squares / (2 * of.offset_sd), std::sqrt(squares)) : std::sqrt(squares);
  return error;
}

}  // namespace tiltlab
