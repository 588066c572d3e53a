#include "models/continuous.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

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
/** What a picture's area may be off by: where a density is too steep for the points it is the mean around each. */
constexpr double area_error = 0.01;

struct Point {
  double x;
  double density;
  /** What lies between it and the one before. */
  double mass;
};

/** The points of a density, fewer where neighbours are nearer than a line is wide and it is too steep for them. */
std::vector<Point> points_of(const DensityCurve& density, double line) {
  std::vector<Point> points;
  double gathered = 0;
  for (std::size_t i = 0; i < density.reward.size(); ++i) {
    const Point p{density.reward[i], density.density[i], gathered + density.mass[i]};
    if (!points.empty() && i + 1 < density.reward.size() && p.mass > 0 && p.x - points.back().x < line) {
      const double area = (p.density + points.back().density) / 2 * (p.x - points.back().x);
      if (!(std::fabs(area - p.mass) <= area_error * p.mass)) {
        gathered = p.mass;
        continue;
      }
    }
    gathered = 0;
    points.push_back(p);
  }
  return points;
}

/** Densities whose area is the law's. */
void level(std::vector<Point>& points) {
  const double little = 0.1 * area_error / static_cast<double>(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    const bool first = i == 0;
    const bool last = i + 1 == points.size();
    const double width = (points[last ? i : i + 1].x - points[first ? i : i - 1].x) / 2;
    const double mass = (points[i].mass + (last ? 0 : points[i + 1].mass)) / 2;
    const double off = std::fabs(points[i].density * width - mass);
    if (off <= std::max(area_error * mass, little)) continue;
    if (width > 0) points[i].density = mass / width;
    if (!std::isfinite(points[i].density)) points[i].density = 0;
  }
}

/** Bars of atoms that stand on a density. */
class Bars {
 public:
  Bars(const DensityCurve& density, double line) {
    for (std::size_t i = 0; i < density.atom_reward.size(); ++i) {
      const double height = density.atom_mass[i] / line;
      if (!(height > 0)) continue;
      edges_.push_back({density.atom_reward[i] - line / 2, height});
      edges_.push_back({density.atom_reward[i] + line / 2, -height});
    }
    std::stable_sort(edges_.begin(), edges_.end(), [](const Edge& a, const Edge& b) { return a.x < b.x; });
  }
  /** Adds to a curve the edges that lie before x, on the line from the point before it to it. */
  void add_until(LawCurve& to, double x, const Point* from, const Point* next) {
    for (; at_ < edges_.size() && edges_[at_].x < x; ++at_) {
      const double e = edges_[at_].x;
      const double share = from && next ? (e - from->x) / (next->x - from->x) : 0;
      const double below = from && next ? from->density + share * (next->density - from->density) : 0;
      add(to, e, below);
      turn(edges_[at_].rise);
      add(to, e, below);
    }
  }
  void add(LawCurve& to, double x, double density) const {
    to.x.push_back(x);
    to.density.push_back(density + height_);
  }
  [[nodiscard]] bool open() const { return !open_.empty(); }

 private:
  struct Edge {
    double x;
    double rise;
  };
  /** A bar opens or ends. The sum is made anew: what a running one leaves of a high bar may be below nothing. */
  void turn(double rise) {
    if (rise > 0) {
      open_.push_back(rise);
    } else {
      open_.erase(std::find(open_.begin(), open_.end(), -rise));
    }
    height_ = std::accumulate(open_.begin(), open_.end(), 0.0);
  }
  std::vector<Edge> edges_;
  std::size_t at_ = 0;
  std::vector<double> open_;
  double height_ = 0;
};

LawCurve curve_of(const DensityCurve& density, const ContinuousMetrics& m) {
  LawCurve curve;
  curve.mean = m.reward;
  curve.sd = m.reward_sd;
  if (density.reward.empty()) {
    curve.x = density.atom_reward;
    curve.mass = density.atom_mass;
    curve.density = density.atom_mass;
    return curve;
  }
  const double line = (density.reward.back() - density.reward.front()) * atom_width;
  std::vector<Point> points = points_of(density, line);
  level(points);
  Bars bars(density, line);
  const Point* from = nullptr;
  for (const Point& p : points) {
    bars.add_until(curve, p.x, from, &p);
    if (!from && bars.open()) bars.add(curve, p.x, 0);
    bars.add(curve, p.x, p.density);
    from = &p;
  }
  if (bars.open()) bars.add(curve, points.back().x, 0);
  bars.add_until(curve, infinity, from, nullptr);
  for (std::size_t i = 0; i < curve.x.size(); ++i) {
    const double before = i > 0 ? curve.x[i] - curve.x[i - 1] : 0;
    const double after = i + 1 < curve.x.size() ? curve.x[i + 1] - curve.x[i] : 0;
    curve.mass.push_back(curve.density[i] * (before + after) / 2);
  }
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
  // Best-of-N spends no more than the budget, and less than the largest while it has other rewards: a KL that seems to
  // reach it is within its rounding of it.
  const bool is_short = std::isinf(optima.at_bon_kl.alpha_error) && !is_top_alone(bon);
  if (std::isinf(same.alpha) && (std::isfinite(optima.at_budget.alpha) || is_short)) {
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

FurtherOutcome further_outcome(const ContinuousLaw& law, const StrongMetrics& laid, const ContinuousTilt& at_budget) {
  FurtherOutcome f;
  f.outcome = judged(laid.metrics);
  f.parameter = laid.parameter;
  if (at_budget.log_tilt.hi == infinity) {
    f.kl_to_kl_rl.value = is_top_alone(laid.metrics) ? 0 : infinity;
    return f;
  }
  // KL(policy || tilt) = KL(policy || p) - KL(tilt || p) + alpha (E_tilt r - E_policy r), alpha maybe past 1e308
  const double alpha = at_budget.alpha;
  const auto times_alpha = [&](double reward) {
    if (std::isfinite(alpha)) return alpha * reward;
    if (reward == 0) return 0.0;
    return std::copysign(std::exp(log_alpha(law, at_budget) + std::log(std::fabs(reward))), reward);
  };
  const double lacking = at_budget.metrics.reward - f.outcome.reward;
  const double of_rewards =
      f.outcome.of_reward.error + at_budget.metrics.reward_error * std::max(1.0, std::fabs(at_budget.metrics.reward));
  // Past what a double holds, unless all of it may be rounding.
  const double bought = std::isfinite(alpha) || lacking > of_rewards ? times_alpha(lacking) : 0;
  f.kl_to_kl_rl.value = std::max(0.0, f.outcome.kl - at_budget.metrics.kl + bought);
  f.kl_to_kl_rl.of_value.error =
      f.outcome.of_kl.error + times_alpha(of_rewards) + 4e-16 * (f.outcome.kl + at_budget.metrics.kl);
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
    const Bounded step = reward_gap(law, kl_rl(law, to, Accuracy::picture), less);
    // A difference that drowns in its error is none that is known; where nothing can be earned there is no error.
    return step.error > 1e-3 * step.value ? not_known : step.value;
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
  // The largest reward alone has the same density ratio everywhere; past 1e308 alpha is not known.
  if (tilt.log_tilt.hi == infinity) return std::isfinite(kl_max(law)) ? kl_max(law) : not_known;
  return tilt_renyi(law, tilt, order);
}

}  // namespace tiltlab
