#include "policies/mixture.hpp"

#include <algorithm>
#include <cmath>

#include "numerics/log_domain.hpp"
#include "numerics/quadrature.hpp"
#include "policies/best_of_n.hpp"

namespace tiltlab {

namespace {

/** log(w e^x + 1 - w), x the logarithm of best-of-n's density against the base. */
double log_mixed(double x, double weight) {
  constexpr double past_double = 700;
  if (weight == 1) return x;
  return x < past_double ? std::log1p(weight * std::expm1(x)) : log_add(std::log(weight) + x, std::log1p(-weight));
}

}  // namespace

Policy mixture(const RewardLaw& law, double n, double weight) {
  Policy policy = best_of_n(law, log(DoubleDouble(n)));
  if (weight == 1) return policy;
  const double scale = law.log_scale.value();
  for (std::size_t j = 0; j < law.size(); ++j) {
    policy.log_ratio[j] = log_mixed(policy.log_ratio[j] + scale, weight) - scale;
    policy.mass[j] = weight * policy.mass[j] + (1 - weight) * std::exp(law.log_mass[j] - scale);
  }
  return policy;
}

namespace {

/** KL on ranks u = e^-y: the density is w n e^-s + 1 - w with s = (n - 1) y. */
struct MixedRanks {
  double n;
  double weight;

  /** g log g - g + 1 */
  [[nodiscard]] double term(double y) const {
    const double x = log_mixed(std::log(n) - (n - 1) * y, weight);
    if (std::fabs(x) < 0.5) return kl_term(x);
    // Not by e^x: of a large x that has lost digits.
    const double more = weight * (n * std::exp(-(n - 1) * y) - 1);
    return (1 + more) * x - more;
  }

  /**
   * Sum of g log g - g + 1 >= 0 over ranks in (e^-high, e^-low), g the density. Panels of two in s, in which g's
   * logarithm is smooth wherever it bends, and of one in y.
   */
  [[nodiscard]] double between(double low, double high) const {
    const double more = n - 1;
    // From here on best-of-n has no say, neither beside the base nor beside what that has lost.
    const double odds = weight < 1 ? std::max(0.0, std::log(weight) - std::log1p(-weight)) : infinity;
    const double end = std::min(high, std::max(low, (std::log(n) + odds + 42) / more));
    const double step = std::min(1.0, 2 / more);
    constexpr double nothing = 46;
    double sum = 0;
    for (double from = low; from < end && from < low + nothing; from += step) {
      const double half = (std::min(end, from + step) - from) / 2;
      for (int k = 0; k < 8; ++k) {
        for (const double sign : {-1.0, 1.0}) {
          const double y = from + half * (1 + sign * Gauss16::node[k]);
          sum += half * Gauss16::weight[k] * std::exp(-y) * term(y);
        }
      }
    }
    if (end < high) sum += kl_term(std::log1p(-weight)) * (std::exp(-end) - std::exp(-high));
    return sum;
  }
};

double kl_without_atoms(double n, double weight) {
  if (weight == 1) return best_of_n_kl_bound(std::log(n));
  return n > 1 && weight > 0 ? MixedRanks{n, weight}.between(0, infinity) : 0;
}

/** On a table, pieces of equal reward as one atom each. */
double kl_with_atoms(const QuantileTable& t, double n, double weight) {
  const MixedRanks ranks{n, weight};
  const std::size_t pieces = t.mass.size();
  double kl = 0;
  for (std::size_t i = 0; i < pieces; ++i) {
    const double low_above = t.above[i];
    if (t.length[i] > 0) {
      if (n > 1 && weight > 0) kl += ranks.between(-std::log1p(-t.above[i + 1]), -std::log1p(-low_above));
      continue;
    }
    while (i + 1 < pieces && t.length[i + 1] == 0) ++i;
    const double mass = low_above - t.above[i + 1];
    const double log_top = std::log1p(-t.above[i + 1]);
    const double apart = log_top - std::log1p(-low_above);
    kl += mass * kl_term(log_mixed(n * log_top + log1mexp(-n * apart) - std::log(mass), weight));
  }
  return kl;
}

}  // namespace

StrongMetrics mixture(const ContinuousLaw& law, const ExtraPolicy& asked) {
  const auto [n, w] = asked.parameter;
  const ContinuousMetrics base = kl_rl(law, 0).metrics;
  const ContinuousMetrics best = best_of_n(law, log(DoubleDouble(n)));
  const auto mixed = [w = w](double x, double y) { return w * x + (1 - w) * y; };
  const auto absolute = [](const ContinuousMetrics& m) { return m.reward_error * std::max(1.0, std::fabs(m.reward)); };
  ContinuousMetrics m;
  const double apart = best.reward - base.reward;
  m.reward = base.reward + w * apart;
  m.reward_sd =
      std::hypot(std::sqrt(w) * best.reward_sd, std::sqrt(1 - w) * base.reward_sd, std::sqrt(w * (1 - w)) * apart);
  const auto* table = std::get_if<QuantileTable>(&law);
  m.kl = w == 1 ? best.kl : table && has_atoms(law) ? kl_with_atoms(*table, n, w) : kl_without_atoms(n, w);
  m.exact_kl = m.kl;
  m.win_rate = mixed(best.win_rate, 0.5);
  m.beside_top = mixed(best.beside_top, base.beside_top);
  const double reward_error = mixed(absolute(best), absolute(base));
  constexpr double sums = 1e-13;
  m.reward_error = reward_error / std::max(1.0, std::fabs(m.reward));
  m.sd_error = std::max(best.sd_error, base.sd_error) + (m.reward_sd > 0 ? reward_error / m.reward_sd : 0);
  m.kl_error = std::max(best.kl_error, sums);
  m.win_rate_error = best.win_rate_error;
  m.error_bound =
      std::max({sums, m.reward_error, m.sd_error * std::min(1.0, m.reward_sd), m.kl_error, m.win_rate_error});
  return {m, std::nan(""), std::nan("")};
}

const PolicyKind mixture_kind{
    .name = "mixture",
    .parameters = {{{"n", 1, 1e300}, {"weight", 0, 1}}},
    .lay = [](const RewardLaw& law, double, const ExtraPolicy& asked,
              double) { return mixture(law, asked.parameter[0], asked.parameter[1]); },
    .on_continuous = mixture,
};

}  // namespace tiltlab
