#include "report/statements/fixed_n_curves.hpp"

#include <algorithm>
#include <cmath>

#include "error.hpp"
#include "models/best_of_n_law.hpp"
#include "numerics/log_domain.hpp"
#include "policies/continuous.hpp"
#include "report/curves.hpp"
#include "report/statements/shared.hpp"

namespace tiltlab {

FixedNCurves fixed_n_curves(const Tokens& model, const Budget& budget, int points) {
  check_points(points);
  const ScaledToken t(model, budget);
  FixedNCurves c;
  c.log_n = budget.kl.value();
  if (!(c.log_n > 0) || t.law.size() == 1) return c;
  const ContinuousLaw normal = SmoothLaw{};
  c.limit = best_of_n(normal, c.log_n).reward / std::sqrt(2 * best_of_n_kl_bound(c.log_n));
  const DoubleDouble mean = tilt_at(t.law, 0).mean;
  Workbench bench;
  Tokens at = model;
  const auto ratio_at = [&](std::int64_t length, DoubleDouble log_n) {
    at.length = length;
    const DoubleDouble n = from_integer(length);
    const BestOfNOutcome bon = best_of_n_outcome(at, log_n, solve_tilt(t.law, log_n / n), &bench);
    const TokenTilt same_kl = solve_tilt(t.law, DoubleDouble(bon.kl) / n, bon.kl_deficit / n);
    const double unit = t.law.unit.value();
    const double all = ((n * t.law.unit * (same_kl.mean - mean))).value();
    const double part = bon.at && bon.at->metrics.gain ? unit * *bon.at->metrics.gain
                                                       : (bon.reward - n * (t.law.base + t.law.unit * mean)).value();
    // What is not known to a hundredth of itself would be a wrong mark; and near N = 1 the gain is a difference of two
    // means that have 31 digits, where it has any.
    const double resolved = 1e-28 * std::fabs((n * t.law.unit * mean).value());
    const bool known = all > resolved && bon.errors.reward <= 0.01 * part && bon.errors.kl <= 0.01 * bon.kl;
    // The optimum gains the most: what is above all of it is error.
    return known && part <= 1.01 * all ? std::min(1.0, part / all) : not_known;
  };
  const auto ratio = [&](std::int64_t length, DoubleDouble log_n) -> double {
    try {
      return bench.work < most_statement_work ? ratio_at(length, log_n) : not_known;
    } catch (const NumericalError&) {
      // A length that no method holds leaves a gap in the curve.
      return not_known;
    }
  };
  for (int i = 0; i < points; ++i) {
    const double wanted = std::round(std::pow(largest_length, static_cast<double>(i) / (points - 1)));
    if (c.length.empty() || wanted > c.length.back()) c.length.push_back(wanted);
  }
  c.fixed.assign(c.length.size(), not_known);
  c.growing.assign(c.length.size(), not_known);
  for (const std::size_t i : coarse_to_fine(c.length.size())) {
    const auto length = static_cast<std::int64_t>(c.length[i]);
    c.fixed[i] = ratio(length, budget.kl);
    c.growing[i] = ratio(length, t.rate * from_integer(length));
    bench.work += 2000 * static_cast<double>(t.law.size());
  }
  return c;
}

}  // namespace tiltlab
