#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "models/model.hpp"
#include "numerics/log_domain.hpp"
#include "report/curves.hpp"

/** A statement of arXiv 2404.01730; units as in `shared.hpp`. */
namespace tiltlab {

/** The optimum is a mismatched tilt: KL against alpha, the dual function, and reward against rate. */
struct TiltCurves {
  double rate = 0;
  /** Infinite when saturated. */
  double alpha = 0;
  /** Expected reward of the optimum. */
  double primal = 0;
  /** min over alpha of (rate + Lambda(alpha)) / alpha, found by a search that knows no tilt. */
  double dual_minimum = 0;
  double dual_alpha = 0;
  /** Increasing, from 0. */
  std::vector<double> at_alpha;
  std::vector<double> kl;
  /** (rate + Lambda(alpha)) / alpha; infinite at 0. */
  std::vector<double> dual;
  std::vector<double> at_rate;
  /** R(rate), the largest reward at a rate; its slope at the budget is 1 / alpha. */
  std::vector<double> reward;
  /** 1 / alpha, reward per nat; infinite at alpha 0. */
  double slope = 0;
  /** Ends of the tangent at the budget: rate, reward, rate, reward. Empty where alpha is 0 or infinite. */
  std::vector<double> tangent;
};

template <class F>
void fields(F&& f, const TiltCurves& c) {
  f("rate", c.rate);
  f("alpha", c.alpha);
  f("primal", c.primal);
  f("dual_minimum", c.dual_minimum);
  f("dual_alpha", c.dual_alpha);
  f("at_alpha", c.at_alpha);
  f("kl", c.kl);
  f("dual", c.dual);
  f("at_rate", c.at_rate);
  f("reward", c.reward);
  f("slope", c.slope);
  f("tangent", c.tangent);
}

/** What a law of so many tokens comes to, per token. */
[[nodiscard]] TiltCurves divided(TiltCurves curves, double tokens);

/** Levels from which on every sum over them is counted. */
inline constexpr std::size_t many_levels = 5000;

/** The dual function's least value, by a golden section on log b: it falls to its one minimum and rises after it. */
template <Tilts T>
void search_dual(T& t, TiltCurves& c) {
  double lo = std::log(t.b()) - 8;
  double hi = lo + 13;
  constexpr double golden = 0.6180339887498949;
  // After 30 the minimum is right to 1e-10, which is all that an alphabet pays for whose sums cost a millisecond each.
  const int searches = t.work() > many_levels ? 30 : 120;
  // Of the two points within, one is a point of the next bracket too.
  struct Point {
    double x;
    double bound;
  };
  const auto at = [&](double x) { return Point{x, t.bound_at(std::exp(x))}; };
  Point low = at(hi - golden * (hi - lo));
  Point high = at(lo + golden * (hi - lo));
  for (int i = 1; i < searches; ++i) {
    if (low.bound < high.bound) {
      hi = high.x;
      high = low;
      low = at(hi - golden * (hi - lo));
    } else {
      lo = low.x;
      low = high;
      high = at(lo + golden * (hi - lo));
    }
  }
  const double best = std::exp((lo + hi) / 2);
  c.dual_minimum = t.bound_at(best);
  c.dual_alpha = t.alpha(best);
}

/** Of the law that the tilts are of, not divided. */
template <Tilts T>
[[nodiscard]] TiltCurves curves_of(T& t, int points) {
  const double rate = DoubleDouble(t.rate).value();
  TiltCurves c;
  c.rate = rate;
  c.alpha = t.alpha(t.b());
  c.primal = t.reward(t.mean());
  if (t.is_constant()) {
    c.dual_minimum = c.primal;
    return c;
  }
  const double widest = t.widest();
  for (int i = 0; i < points; ++i) {
    const double b = widest * i / (points - 1);
    const double kl = t.kl_at(b);
    if (std::isnan(kl)) break;
    c.at_alpha.push_back(t.alpha(b));
    c.kl.push_back(kl);
    c.dual.push_back(b > 0 ? t.bound_at(b) : infinity);
  }
  const double end = rate > 0 ? std::min(2 * rate, std::max(1.1 * rate, 1.3 * t.most_kl())) : 0.5 * t.most_kl();
  for (int i = 0; i < points; ++i) {
    const double share = static_cast<double>(i) / (points - 1);
    c.at_rate.push_back(end * share * share);
    c.reward.push_back(t.reward_at(c.at_rate.back()));
  }
  if (!t.tilts()) {
    c.dual_minimum = c.primal;
    c.dual_alpha = c.alpha;
    return c;
  }
  search_dual(t, c);
  c.slope = t.next_nat(t.b());
  const double left = std::max(0.0, rate - end / 3);
  const double right = std::min(end, rate + end / 3);
  c.tangent = {left, c.primal + c.slope * (left - rate), right, c.primal + c.slope * (right - rate)};
  return c;
}

/** Exact at the model's own length. @throws InputError NumericalError */
template <SequenceModel M>
[[nodiscard]] TiltCurves tilt_curves(const M& m, const Budget& budget, int points) {
  check_points(points);
  return with_tilts(m, budget, [&](auto t, double tokens) {
    return divided(curves_of(t, affordable_points(points, t.work())), tokens);
  });
}

}  // namespace tiltlab
