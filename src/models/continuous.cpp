#include "models/continuous.hpp"

#include <algorithm>
#include <cmath>

#include "numerics/log_domain.hpp"
#include "policies/registry.hpp"

namespace tiltlab {

namespace {

/** A bound relative to max(1, |x|). */
Uncertainty within(double relative, double x) { return {relative * std::max(1.0, std::fabs(x))}; }

/** Multiplications of the quadratures that a policy takes, about. */
constexpr double quadratures = 5e4;

Outcome judged(const ContinuousMetrics& m) {
  Outcome o;
  o.reward = m.reward;
  o.reward_sd = m.reward_sd;
  o.kl = m.kl;
  o.win_rate = m.win_rate;
  o.of_reward = within(m.reward_error, o.reward);
  o.of_reward_sd = within(m.sd_error * std::min(1.0, m.reward_sd), o.reward_sd);
  o.of_kl = within(m.kl_error, o.kl);
  o.of_win_rate = within(m.win_rate_error, o.win_rate);
  o.work = quadratures;
  return o;
}

void check_finite(const ContinuousLaw& law, double x) {
  if (!std::isfinite(x)) throw InputError(unit_field(law), "a reward of this model is past 1e308");
}

/** 0 where alpha is past what a double holds. */
double alpha_error(const ContinuousTilt& t) {
  return std::isinf(t.alpha) && !std::isinf(t.alpha_error) ? 0 : t.alpha_error * std::min(1.0, t.alpha);
}

Compared compared(const Bounded& x) {
  const double relative = std::isinf(x.value) ? 0 : x.error / std::max(1.0, std::fabs(x.value));
  return {x.value, within(relative, x.value)};
}

/** An atom is as wide as a line of the picture. */
constexpr double atom_width = 1.0 / 300;

LawCurve curve_of(const DensityCurve& density, const ContinuousMetrics& m) {
  struct Point {
    double x;
    double density;
  };
  std::vector<Point> points;
  for (std::size_t i = 0; i < density.reward.size(); ++i) points.push_back({density.reward[i], density.density[i]});
  if (!density.atom_reward.empty() && !points.empty()) {
    const auto [lo, hi] =
        std::minmax_element(points.begin(), points.end(), [](const Point& a, const Point& b) { return a.x < b.x; });
    const double width = (hi->x - lo->x) * atom_width;
    for (std::size_t i = 0; i < density.atom_reward.size(); ++i) {
      const double x = density.atom_reward[i];
      const double top = density.atom_mass[i] / width;
      points.insert(points.end(), {{x - width / 2, 0}, {x - width / 2, top}, {x + width / 2, top}, {x + width / 2, 0}});
    }
    std::stable_sort(points.begin(), points.end(), [](const Point& a, const Point& b) { return a.x < b.x; });
  }
  LawCurve curve;
  if (points.empty()) {
    curve.x = density.atom_reward;
    curve.mass = density.atom_mass;
    curve.density = density.atom_mass;
  }
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double before = i > 0 ? points[i].x - points[i - 1].x : 0;
    const double after = i + 1 < points.size() ? points[i + 1].x - points[i].x : 0;
    curve.x.push_back(points[i].x);
    curve.density.push_back(points[i].density);
    curve.mass.push_back(points[i].density * (before + after) / 2);
  }
  curve.mean = m.reward;
  curve.sd = m.reward_sd;
  return curve;
}

}  // namespace

ContinuousTilt base_of(const ContinuousLaw& law, Accuracy accuracy) { return kl_rl(law, 0, accuracy); }

ContinuousTilt tilt_for(const ContinuousLaw& law, const DoubleDouble& nats, Accuracy accuracy) {
  return kl_rl(law, nats, accuracy);
}

ContinuousMetrics best_of(const ContinuousLaw& law, const DoubleDouble& log_n, const ContinuousTilt&,
                          Accuracy accuracy) {
  return best_of_n(law, log_n, accuracy);
}

ContinuousTilt tilt_at_kl_of(const ContinuousLaw& law, const ContinuousMetrics& bon, const ContinuousTilt&) {
  return kl_rl(law, bon.exact_kl);
}

Outcome base_outcome(const ContinuousLaw& law, const ContinuousTilt& base) {
  check_finite(law, base.metrics.reward_sd);
  return outcome(law, base);
}

Outcome outcome(const ContinuousLaw& law, const ContinuousTilt& tilt) {
  check_finite(law, tilt.metrics.reward);
  Outcome o = judged(tilt.metrics);
  o.alpha = tilt.alpha;
  o.of_alpha = within(alpha_error(tilt), o.alpha);
  return o;
}

Outcome outcome(const ContinuousLaw& law, const ContinuousMetrics& bon) {
  check_finite(law, bon.reward);
  return judged(bon);
}

Comparison compare(const ContinuousLaw& law, const Optima<ContinuousTilt>& optima, const ContinuousMetrics& bon) {
  Comparison c;
  c.kl_to_kl_rl = compared(kl_to_tilt(law, bon, optima.at_budget));
  // Near the largest reward the rewards themselves are equal in every digit.
  c.gap = compared(reward_gap(law, optima.at_budget, bon));
  c.gap_at_bon_kl = compared(reward_gap(law, optima.at_bon_kl, bon));
  Outcome& same = c.at_bon_kl = outcome(law, optima.at_bon_kl);
  // A KL that has underflowed buys something, if little: about what best-of-N gains.
  const double unseen = 2 * std::fabs(bon.reward - optima.base.metrics.reward);
  if (optima.at_budget.metrics.kl > 0 && bon.exact_kl.hi == 0 && unseen > 1e-12)
    same.of_reward = within(std::max(unseen, optima.at_bon_kl.metrics.reward_error), same.reward);
  // Best-of-N spends no more than the budget: a KL that seems to reach the largest is within its rounding of it.
  if (std::isinf(same.alpha) && std::isfinite(optima.at_budget.alpha)) {
    same.alpha = 0;
    same.of_alpha.error = infinity;
  }
  return c;
}

StrongMetrics ContinuousPolicies::lay(const ExtraPolicy& asked, const std::string& path) const {
  check(asked, path);
  if (asked.kind->not_continuous)
    throw InputError(path + ".kind", std::string("\"") + asked.kind->name + "\" " + asked.kind->not_continuous +
                                         ", and is not there for continuous models");
  try {
    return tiltlab::lay(law, asked);
  } catch (const NumericalError& e) {
    throw InputError(path, std::string("is too much for this model: ") + e.what());
  }
}

FurtherOutcome further_outcome(const ContinuousLaw&, const StrongMetrics& laid, const ContinuousTilt& at_budget) {
  FurtherOutcome f;
  f.outcome = judged(laid.metrics);
  f.parameter = laid.parameter;
  // KL(policy || tilt) = KL(policy || p) - KL(tilt || p) + alpha (E_tilt r - E_policy r)
  const double alpha = at_budget.alpha;
  const double lacking = at_budget.metrics.reward - f.outcome.reward;
  if (std::isinf(alpha)) {
    f.kl_to_kl_rl.value = infinity;
    return f;
  }
  f.kl_to_kl_rl.value = std::max(0.0, f.outcome.kl - at_budget.metrics.kl + alpha * lacking);
  f.kl_to_kl_rl.of_value.error =
      f.outcome.of_kl.error +
      alpha * (f.outcome.of_reward.error +
               at_budget.metrics.reward_error * std::max(1.0, std::fabs(at_budget.metrics.reward))) +
      4e-16 * (f.outcome.kl + at_budget.metrics.kl);
  return f;
}

Extremes extremes(const ContinuousLaw& law, const ContinuousMetrics&) {
  Extremes e;
  e.reward_max = largest_reward(law);
  e.kl_max = kl_max(law);
  e.bounded = false;
  e.stated_error = 1e-13;
  return e;
}

double earns_more(const ContinuousLaw& law, double from, double to) {
  try {
    const ContinuousMetrics less = kl_rl(law, from, Accuracy::picture).metrics;
    const ContinuousMetrics more = kl_rl(law, to, Accuracy::picture).metrics;
    const auto error = [](const ContinuousMetrics& m) { return m.reward_error * std::max(1.0, std::fabs(m.reward)); };
    const double step = more.reward - less.reward;
    // Next to rewards so large nothing is left of the difference.
    return error(less) + error(more) > 1e-3 * std::fabs(step) && step != 0 ? not_known : step;
  } catch (const NumericalError&) {
    return not_known;
  }
}

void refuse(const ContinuousLaw&, const Budget& budget, const NumericalError& why) {
  throw InputError("budget", to_text(budget.kl.value()) + " nats are too much for this model: " + why.what());
}

PathPoint ContinuousPaths::optimum(double kl) { return {kl, kl_rl(law, kl, Accuracy::picture).metrics.reward}; }

PathPoint ContinuousPaths::best_of_n(double log_n) {
  const ContinuousMetrics m = tiltlab::best_of_n(law, log_n, Accuracy::picture);
  return {m.kl, m.reward};
}

LawCurve picture(const ContinuousLaw& law, const ContinuousTilt& tilt, int points) {
  return curve_of(tilt_density(law, tilt, points), tilt.metrics);
}

LawCurve picture_of_best(const ContinuousLaw& law, const DoubleDouble& log_n, const ContinuousTilt&, int points) {
  const double log_draws = log_n.value();
  return curve_of(best_of_n_density(law, log_draws, points), best_of_n(law, log_draws, Accuracy::picture));
}

double renyi_of_best(const ContinuousLaw& law, const DoubleDouble& log_n, double order) {
  return has_atoms(law) ? not_known : best_of_n_renyi(log_n.value(), order);
}

double renyi_of(const ContinuousLaw& law, const ContinuousTilt& tilt, double order) {
  return tilt.log_tilt.hi == infinity ? not_known : tilt_renyi(law, tilt, order);
}

}  // namespace tiltlab
