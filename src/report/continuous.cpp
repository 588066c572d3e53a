#include "report/continuous.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "error.hpp"
#include "numerics/log_domain.hpp"

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

Report evaluate(const ContinuousLaw& law, const Budget& budget) {
  const double kl = budget.kl.value();
  const ContinuousTilt base = kl_rl(law, 0);
  const ContinuousTilt tilt = kl_rl(law, kl);
  const ContinuousMetrics bon = best_of_n(law, kl);
  const ContinuousTilt same_kl = kl_rl(law, bon.kl);
  Report r;
  r.kl = r.log_n = kl;
  set(r.model, base.metrics);
  r.model.levels = not_known;
  r.model.reward_max = largest_reward(law);
  r.model.kl_max = kl_max(law);
  r.kl_rl = kl_rl_report(tilt);
  set(r.best_of_n, bon);
  r.best_of_n.kl_bound = best_of_n_kl_bound(kl);
  r.best_of_n.kl_to_kl_rl = kl_to_tilt(bon, tilt);
  r.kl_rl_at_bon_kl = kl_rl_report(same_kl);
  // Near the largest reward the rewards themselves are equal in every digit.
  r.gap.reward = tilt.metrics.offset - bon.offset;
  r.gap.reward_at_bon_kl = same_kl.metrics.offset - bon.offset;
  r.error_bound =
      std::max({base.metrics.error_bound, tilt.metrics.error_bound, bon.error_bound, same_kl.metrics.error_bound});
  for (const double x : {r.kl_rl.reward, r.best_of_n.reward, r.kl_rl.win_rate}) {
    if (!std::isfinite(x)) throw NumericalError("a reward of this model is past 1e308 at " + to_text(kl) + " nats");
  }
  return r;
}

Derived derived(const ContinuousLaw&, const Report& r) { return derived(r, std::nullopt); }

Frontier frontier(const ContinuousLaw& law, double kl_end, int points) {
  return frontier_of(
      kl_end, points,
      [&](double kl) {
        return PathPoint{kl, kl_rl(law, kl).metrics.reward};
      },
      [&](double log_n) {
        const ContinuousMetrics m = best_of_n(law, log_n);
        return PathPoint{m.kl, m.reward};
      });
}

LawCurves law_curves(const ContinuousLaw& law, const Budget& budget, int points) {
  check_points(points);
  const double kl = budget.kl.value();
  const ContinuousTilt base = kl_rl(law, 0);
  const ContinuousTilt tilt = kl_rl(law, kl);
  return {curve_of(tilt_density(law, base, points), base.metrics),
          curve_of(tilt_density(law, tilt, points), tilt.metrics),
          curve_of(best_of_n_density(law, kl, points), best_of_n(law, kl))};
}

DivergenceCurves divergence_curves(const ContinuousLaw& law, const Budget& budget, int points) {
  check_points(points);
  const ContinuousTilt tilt = kl_rl(law, budget.kl.value());
  DivergenceCurves c;
  constexpr double largest = 4;
  for (int i = 0; i < points; ++i) {
    const double order = largest * i / (points - 1);
    c.order.push_back(order);
    c.best_of_n.push_back(has_atoms(law) ? not_known : best_of_n_renyi(budget.kl.value(), order));
    c.kl_rl.push_back(std::isinf(tilt.alpha) ? not_known : tilt_renyi(law, tilt, order));
  }
  return c;
}

}  // namespace tiltlab
