#include "report/continuous.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "error.hpp"
#include "numerics/log_domain.hpp"
#include "report/promise.hpp"

namespace tiltlab {

namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();

void set(PolicyReport& r, const ContinuousMetrics& m) {
  r.reward = m.reward;
  r.reward_sd = m.reward_sd;
  r.kl = m.kl;
  r.win_rate = m.win_rate;
}

KlRlReport kl_rl_report(const ContinuousTilt& tilt) {
  KlRlReport r;
  set(r, tilt.metrics);
  r.alpha = tilt.alpha;
  return r;
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

namespace {

/** A number of the report with what it is within, relative to max(1, |value|). */
struct Named {
  const char* name;
  double* value;
  double error;
};

void add(std::vector<Named>& all, const char* const (&names)[4], PolicyReport& r, const ContinuousMetrics& m) {
  all.push_back({names[0], &r.reward, m.reward_error});
  all.push_back({names[1], &r.reward_sd, m.sd_error * std::min(1.0, m.reward_sd)});
  all.push_back({names[2], &r.kl, m.kl_error});
  all.push_back({names[3], &r.win_rate, m.win_rate_error});
}

/** 0 where alpha is past what a double holds. */
double alpha_error(const ContinuousTilt& t) {
  return std::isinf(t.alpha) && !std::isinf(t.alpha_error) ? 0 : t.alpha_error * std::min(1.0, t.alpha);
}

double relative(const Bounded& x) { return std::isinf(x.value) ? 0 : x.error / std::max(1.0, std::fabs(x.value)); }

Report evaluated(const ContinuousLaw& law, DoubleDouble kl) {
  const ContinuousTilt base = kl_rl(law, 0);
  const ContinuousTilt tilt = kl_rl(law, kl);
  const ContinuousMetrics bon = best_of_n(law, kl);
  const ContinuousTilt same_kl = kl_rl(law, bon.exact_kl);
  Report r;
  r.kl = r.log_n = kl.value();
  set(r.model, base.metrics);
  r.model.levels = not_known;
  r.model.reward_max = largest_reward(law);
  r.model.kl_max = kl_max(law);
  r.kl_rl = kl_rl_report(tilt);
  set(r.best_of_n, bon);
  r.best_of_n.kl_bound = best_of_n_kl_bound(kl.value());
  r.kl_rl_at_bon_kl = kl_rl_report(same_kl);
  for (const double x : {r.model.reward, r.model.reward_sd, r.kl_rl.reward, r.best_of_n.reward}) {
    if (!std::isfinite(x)) throw InputError(unit_field(law), "a reward of this model is past 1e308");
  }
  const Bounded divergence = kl_to_tilt(law, bon, tilt);
  // Near the largest reward the rewards themselves are equal in every digit.
  const Bounded gap = reward_gap(law, tilt, bon);
  const Bounded gap_at_kl = reward_gap(law, same_kl, bon);
  r.best_of_n.kl_to_kl_rl = divergence.value;
  r.gap.reward = gap.value;
  r.gap.reward_at_bon_kl = gap_at_kl.value;
  std::vector<Named> all;
  add(all, {"model.reward", "model.reward_sd", "model.kl", "model.win_rate"}, r.model, base.metrics);
  add(all, {"kl_rl.reward", "kl_rl.reward_sd", "kl_rl.kl", "kl_rl.win_rate"}, r.kl_rl, tilt.metrics);
  all.push_back({"kl_rl.alpha", &r.kl_rl.alpha, alpha_error(tilt)});
  add(all, {"best_of_n.reward", "best_of_n.reward_sd", "best_of_n.kl", "best_of_n.win_rate"}, r.best_of_n, bon);
  all.push_back({"best_of_n.kl_to_kl_rl", &r.best_of_n.kl_to_kl_rl, relative(divergence)});
  add(all, {"kl_rl_at_bon_kl.reward", "kl_rl_at_bon_kl.reward_sd", "kl_rl_at_bon_kl.kl", "kl_rl_at_bon_kl.win_rate"},
      r.kl_rl_at_bon_kl, same_kl.metrics);
  // A KL that has underflowed buys something, if little: about what best-of-N gains.
  const double unseen = 2 * std::fabs(r.best_of_n.reward - r.model.reward);
  if (kl.hi > 0 && bon.exact_kl.hi == 0 && unseen > 1e-12)
    all.push_back({"kl_rl_at_bon_kl.reward", &r.kl_rl_at_bon_kl.reward, unseen});
  // Best-of-N spends no more than the budget: a KL that seems to reach the largest is within its rounding of it.
  const bool lost = std::isinf(same_kl.alpha) && std::isfinite(tilt.alpha);
  if (lost) r.kl_rl_at_bon_kl.alpha = 0;
  all.push_back({"kl_rl_at_bon_kl.alpha", &r.kl_rl_at_bon_kl.alpha, lost ? HUGE_VAL : alpha_error(same_kl)});
  all.push_back({"gap.reward", &r.gap.reward, relative(gap)});
  all.push_back({"gap.reward_at_bon_kl", &r.gap.reward_at_bon_kl, relative(gap_at_kl)});
  r.error_bound = 1e-13;
  Promise promise(r);
  for (const Named& x : all) promise.hold(x.name, *x.value, x.error * std::max(1.0, std::fabs(*x.value)));
  promise.close();
  return r;
}

}  // namespace

Report evaluate(const ContinuousLaw& law, const Budget& budget) {
  try {
    return evaluated(law, budget.kl);
  } catch (const NumericalError& e) {
    throw InputError("budget", to_text(budget.kl.value()) + " nats are too much for this model: " + e.what());
  }
}

Derived derived(const ContinuousLaw& law, const Report& r) {
  Derived d = derived(r, std::nullopt);
  const auto buys = [&](double from, double to) {
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
  };
  d.first_nat = buys(0, 1);
  d.next_nat = buys(r.kl, r.kl + 1);
  return d;
}

Frontier frontier(const ContinuousLaw& law, double kl_end, int points) {
  return frontier_of(
      kl_end, points,
      [&](double kl) {
        return PathPoint{kl, kl_rl(law, kl, Accuracy::picture).metrics.reward};
      },
      [&](double log_n) {
        const ContinuousMetrics m = best_of_n(law, log_n, Accuracy::picture);
        return PathPoint{m.kl, m.reward};
      });
}

LawCurves law_curves(const ContinuousLaw& law, const Budget& budget, int points) {
  check_points(points);
  const double kl = budget.kl.value();
  const ContinuousTilt base = kl_rl(law, 0, Accuracy::picture);
  const ContinuousTilt tilt = kl_rl(law, budget.kl, Accuracy::picture);
  return {curve_of(tilt_density(law, base, points), base.metrics),
          curve_of(tilt_density(law, tilt, points), tilt.metrics),
          curve_of(best_of_n_density(law, kl, points), best_of_n(law, kl, Accuracy::picture))};
}

DivergenceCurves divergence_curves(const ContinuousLaw& law, const Budget& budget, int points) {
  check_points(points);
  const ContinuousTilt tilt = kl_rl(law, budget.kl);
  DivergenceCurves c;
  constexpr double largest = 4;
  for (int i = 0; i < points; ++i) {
    const double order = largest * i / (points - 1);
    c.order.push_back(order);
    c.best_of_n.push_back(has_atoms(law) ? not_known : best_of_n_renyi(budget.kl.value(), order));
    c.kl_rl.push_back(tilt.log_tilt.hi == infinity ? not_known : tilt_renyi(law, tilt, order));
  }
  return c;
}

}  // namespace tiltlab
