#include "report/statements/tilt_curves.hpp"

#include <algorithm>
#include <cmath>

#include "numerics/log_domain.hpp"
#include "report/curves.hpp"
#include "report/statements/shared.hpp"

namespace tiltlab {

namespace {

/** Levels from which on every sum over them is counted. */
constexpr std::size_t many_levels = 5000;

}  // namespace

TiltCurves tilt_curves(const Tokens& model, const Budget& budget, int points) {
  check_points(points);
  points = affordable_points(points, model.token.size());
  const ScaledToken t(model, budget);
  const double rate = t.rate.value();
  TiltCurves c;
  c.rate = rate;
  c.alpha = t.alpha(t.optimum.b);
  c.primal = t.reward(t.optimum.mean);
  if (t.law.size() == 1) {
    c.dual_minimum = c.primal;
    return c;
  }
  const double widest = t.widest();
  const auto dual = [&](double b) { return t.reward((DoubleDouble(rate) + exact_log_mgf(t.law, b)) / b); };
  for (int i = 0; i < points; ++i) {
    const double b = widest * i / (points - 1);
    const TokenTilt at = tilt_at(t.law, b);
    c.at_alpha.push_back(t.alpha(b));
    c.kl.push_back(std::max(0.0, at.kl.value()));
    c.dual.push_back(b > 0 ? dual(b) : infinity);
  }
  const double end =
      rate > 0 ? std::min(2 * rate, std::max(1.1 * rate, 1.3 * kl_max(t.law).value())) : 0.5 * kl_max(t.law).value();
  for (int i = 0; i < points; ++i) {
    const double share = static_cast<double>(i) / (points - 1);
    c.at_rate.push_back(end * share * share);
    c.reward.push_back(t.reward(solve_tilt(t.law, c.at_rate.back()).mean));
  }
  if (!t.tilts()) {
    c.dual_minimum = c.primal;
    c.dual_alpha = c.alpha;
    return c;
  }
  // Golden section on log b: the dual function falls to its one minimum and rises after it.
  double lo = std::log(t.optimum.b) - 8;
  double hi = lo + 13;
  constexpr double golden = 0.6180339887498949;
  // After 30 the minimum is right to 1e-10, which is all that an alphabet pays for whose sums cost a millisecond each.
  const int searches = t.law.size() > many_levels ? 30 : 120;
  for (int i = 0; i < searches; ++i) {
    const double x1 = hi - golden * (hi - lo);
    const double x2 = lo + golden * (hi - lo);
    if (dual(std::exp(x1)) < dual(std::exp(x2))) {
      hi = x2;
    } else {
      lo = x1;
    }
  }
  const double best = std::exp((lo + hi) / 2);
  c.dual_minimum = dual(best);
  c.dual_alpha = t.alpha(best);
  const double slope = std::ldexp(t.law.unit.value() / t.optimum.b, t.law.exponent);
  const double left = std::max(0.0, rate - end / 3);
  const double right = std::min(end, rate + end / 3);
  c.slope = slope;
  c.tangent = {left, c.primal + slope * (left - rate), right, c.primal + slope * (right - rate)};
  return c;
}

}  // namespace tiltlab
