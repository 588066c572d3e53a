#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "error.hpp"
#include "models/model.hpp"
#include "report/curves.hpp"

/** A statement of arXiv 2404.01730; units as in `shared.hpp`. */
namespace tiltlab {

/** Best-of-N's gain over KL-RL's at equal KL, against length: with N fixed, and with N = e^(n rate). */
struct FixedNCurves {
  std::vector<double> length;
  std::vector<double> fixed;
  std::vector<double> growing;
  double log_n = 0;
  /** What the fixed one tends to: E max of N normals / sqrt(2 (log N - 1 + 1/N)). */
  double limit = 0;
};

template <class F>
void fields(F&& f, const FixedNCurves& c) {
  f("length", c.length);
  f("fixed", c.fixed);
  f("growing", c.growing);
  f("log_n", c.log_n);
  f("limit", c.limit);
}

/** Lengths from 1 to 10^9 with no share known at any, and the limit for N = e^log_n; no lengths where N is 1, or of no
 * points. */
[[nodiscard]] FixedNCurves no_shares(double log_n, int points);

/** Empty where the model's sums have no growth in common: then a fixed N has no such limit. @throws InputError */
template <SequenceModel M>
[[nodiscard]] std::optional<FixedNCurves> fixed_n_curves(const M& m, const Budget& budget, int points) {
  check_points(points);
  const auto t = growth_of(m, budget);
  if (!t) return std::nullopt;
  FixedNCurves c = no_shares(budget.kl.value(), t->is_constant() ? 0 : points);
  auto shares = gains_of(m, budget);
  const auto share = [&](std::int64_t length, const DoubleDouble& log_n) -> double {
    try {
      return shares.work() < most_statement_work ? shares.at(length, log_n) : not_known;
    } catch (const NumericalError&) {
      // A length that no method holds leaves a gap in the curve.
      return not_known;
    }
  };
  for (const std::size_t i : coarse_to_fine(c.length.size())) {
    const auto length = static_cast<std::int64_t>(c.length[i]);
    c.fixed[i] = share(length, budget.kl);
    c.growing[i] = share(length, t->rate * from_integer(length));
    shares.pass();
  }
  return c;
}

}  // namespace tiltlab
