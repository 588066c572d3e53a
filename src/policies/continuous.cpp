#include "policies/continuous.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "laws/token_law.hpp"
#include "numerics/log_domain.hpp"
#include "policies/continuous_parts.hpp"

namespace tiltlab {

namespace continuous {

void bound(ContinuousMetrics& m) {
  m.error_bound =
      std::max({rounding, m.reward_error, m.sd_error * std::min(1.0, m.reward_sd), m.kl_error, m.win_rate_error});
}

DoubleDouble square_root(DoubleDouble x) {
  if (!(x.hi > 0)) return 0;
  const double root = std::sqrt(x.hi);
  return DoubleDouble(root) + (x - DoubleDouble(root) * DoubleDouble(root)).value() / (2 * root);
}

}  // namespace continuous

ContinuousTilt kl_rl(const ContinuousLaw& law, DoubleDouble kl, Accuracy accuracy) {
  if (const auto* smooth = std::get_if<SmoothLaw>(&law)) return continuous::kl_rl(*smooth, kl, accuracy);
  return continuous::kl_rl(std::get<QuantileTable>(law), kl, accuracy);
}

ContinuousMetrics best_of_n(const ContinuousLaw& law, DoubleDouble log_n, Accuracy accuracy) {
  if (const auto* smooth = std::get_if<SmoothLaw>(&law)) return continuous::best_of_n(*smooth, log_n, accuracy);
  return continuous::best_of_n(std::get<QuantileTable>(law), log_n);
}

namespace {

/** value e^log_scale, in standard units, and its error in the same; infinite where nothing is known of it. */
struct Difference {
  double value = 0;
  double error = infinity;
  DoubleDouble log_scale = 0;
};

Difference difference(const MeanReward& tilt, const MeanReward& policy) {
  Difference best;
  const auto consider = [&](double value, double error, DoubleDouble log_scale) {
    // Errors compared in one scale; the one from the top may be past what a double holds.
    const double here = std::log(error) + log_scale.value();
    if (!(here < std::log(best.error) + best.log_scale.value())) return;
    best = {value, error, log_scale};
  };
  if (tilt.has_shift && policy.has_shift) consider(tilt.shift - policy.shift, tilt.shift_error + policy.shift_error, 0);
  if (std::isinf(policy.error)) return best;
  if (tilt.from_top) {
    if (std::isinf(policy.log_shortfall.hi)) {
      if (std::isinf(tilt.log_shortfall.hi)) return {0, 0, 0};
      consider(-1, tilt.error, tilt.log_shortfall);
    } else {
      const double x =
          std::isinf(tilt.log_shortfall.hi) ? -infinity : (tilt.log_shortfall - policy.log_shortfall).value();
      consider(-std::expm1(x), policy.error + std::exp(x) * tilt.error, policy.log_shortfall);
    }
  } else {
    consider((tilt.mean - policy.mean).value(), tilt.error + policy.error + 1e-30 * std::fabs(tilt.mean.hi), 0);
  }
  return best;
}

double unit_of(const ContinuousLaw& law) {
  const auto* smooth = std::get_if<SmoothLaw>(&law);
  return smooth ? smooth->unit_value() : std::ldexp(1.0, std::get<QuantileTable>(law).exponent);
}

}  // namespace

Bounded reward_difference(const ContinuousLaw& law, const ContinuousTilt& tilt, const ContinuousMetrics& policy) {
  const Difference d = difference(tilt.metrics.mean, policy.mean);
  const double scale = unit_of(law) * exp(d.log_scale).hi;
  return {scale * d.value, scale * (d.error + 2e-16 * std::fabs(d.value))};
}

Bounded reward_gap(const ContinuousLaw& law, const ContinuousTilt& tilt, const ContinuousMetrics& policy) {
  const Bounded d = reward_difference(law, tilt, policy);
  return {d.value > d.error ? d.value : 0, d.error};
}

bool is_top_alone(const ContinuousMetrics& policy) { return policy.beside_top < negligible_deficit; }

double log_alpha(const ContinuousLaw& law, const ContinuousTilt& tilt) {
  const auto* smooth = std::get_if<SmoothLaw>(&law);
  return tilt.log_tilt.value() -
         (smooth ? smooth->log_unit() : std::get<QuantileTable>(law).exponent * std::numbers::ln2);
}

Bounded kl_to_tilt(const ContinuousLaw&, const ContinuousMetrics& policy, const ContinuousTilt& tilt) {
  if (std::isinf(tilt.log_tilt.hi)) {
    if (tilt.log_tilt.hi < 0) return {policy.kl, policy.kl_error};
    return {is_top_alone(policy) ? 0 : infinity, 0};
  }
  const Difference d = difference(tilt.metrics.mean, policy.mean);
  const double scale = std::exp((tilt.log_tilt + d.log_scale).value());
  const double bought = scale * d.value;
  const double error =
      scale * d.error + tilt.alpha_error * std::fabs(bought) + 4e-16 * (std::fabs(bought) + policy.kl_deficit);
  const double value = bought - policy.kl_deficit;
  return {value > error ? value : 0, error};
}

bool has_atoms(const ContinuousLaw& law) {
  const auto* table = std::get_if<QuantileTable>(&law);
  return table && continuous::has_atoms(*table);
}

namespace {

/** u - log(1 + u) >= 0 for u >= 0, without cancellation near 0. */
double log1p_rest(double u) {
  if (u > 0.1) return u - std::log1p(u);
  double power = u;
  double sum = 0;
  for (int k = 2; k < 20; ++k) sum -= (power *= -u) / k;
  return sum;
}

}  // namespace

double best_of_n_renyi(double log_n, double order) {
  if (log_n <= 0 || order == 0) return 0;
  if (std::isinf(order)) return log_n;
  if (std::fabs(order - 1) < 1e-7) return best_of_n_kl_bound(log_n);
  // s log N - log(s (N - 1) + 1): near N = 1 by what either term has beyond s (N - 1)
  constexpr double few = 0.01;
  if (log_n < few) return (log1p_rest(order * std::expm1(log_n)) - order * exp_rest(log_n)) / (order - 1);
  // with N^-1 where N is large
  const double log_rest = log_n + std::log(order - (order - 1) * std::exp(-log_n));
  return (order * log_n - log_rest) / (order - 1);
}

double tilt_renyi(const ContinuousLaw& law, const ContinuousTilt& tilt, double order) {
  const double kl = tilt.metrics.kl;
  // To first order in a small tilt it is proportional to the order.
  if (kl < 1e-10 || std::fabs(order - 1) < 1e-7) return order * kl;
  // A picture's accuracy is one of 1e-8, whatever is pictured.
  constexpr double faint = 1e-5;
  const auto at = [&](double s) {
    if (s == 0) return 0.0;
    const DoubleDouble log_b = tilt.log_tilt + std::log(s);
    if (const auto* smooth = std::get_if<SmoothLaw>(&law)) {
      if (!(log_b.value() < std::log(smooth->largest_tilt()))) return infinity;
      return continuous::log_mgf(*smooth, log_b, kl < faint ? Accuracy::full : Accuracy::picture);
    }
    return continuous::log_mgf(std::get<QuantileTable>(law), log_b);
  };
  return (at(order) - order * at(1)) / (order - 1);
}

double kl_max(const ContinuousLaw& law) {
  const auto* table = std::get_if<QuantileTable>(&law);
  if (!table) return infinity;
  const double atom = continuous::top_atom(*table);
  return atom > 0 ? -std::log(atom) : infinity;
}

double largest_reward(const ContinuousLaw& law) {
  if (const auto* smooth = std::get_if<SmoothLaw>(&law)) return smooth->largest();
  const auto& table = std::get<QuantileTable>(law);
  return std::ldexp(table.top.value(), table.exponent);
}

DensityCurve tilt_density(const ContinuousLaw& law, const ContinuousTilt& tilt, int points) {
  return std::visit([&](const auto& l) { return continuous::tilt_density(l, tilt, points); }, law);
}

DensityCurve best_of_n_density(const ContinuousLaw& law, double log_n, int points) {
  return std::visit([&](const auto& l) { return continuous::best_of_n_density(l, log_n, points); }, law);
}

}  // namespace tiltlab
