#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/model.hpp"
#include "report/curves.hpp"

/** A statement of arXiv 2404.01730; units as in `shared.hpp`. */
namespace tiltlab {

/** KL in both directions against length at the budget's rate, in nats of the whole sequence. */
struct DirectionCurves {
  std::vector<double> length;
  /** KL(best-of-N || KL-RL). */
  std::vector<double> forward;
  /** log10 of KL(KL-RL || best-of-N), which grows exponentially. */
  std::vector<double> log10_reverse;
  /** rate + 2 Lambda(alpha/2) - Lambda(alpha), nats per token: the exponent it tends to. */
  double exponent = 0;
  /** e^exponent, by which it grows from one token to the next. */
  double factor = 1;
};

template <class F>
void fields(F&& f, const DirectionCurves& c) {
  f("length", c.length);
  f("forward", c.forward);
  f("log10_reverse", c.log10_reverse);
  f("exponent", c.exponent);
  f("factor", c.factor);
}

/** Adds both divergences at a length; nothing where the optimum of that length has no finite tilt. */
void add_directions(DirectionCurves& c, const ListedSums& sums, const DoubleDouble& log_n);

/** Empty where the model's sums have no growth in common; without lengths where nothing is tilted.
 * @throws InputError NumericalError */
template <SequenceModel M>
[[nodiscard]] std::optional<DirectionCurves> direction_curves(const M& m, const Budget& budget, int points) {
  check_points(points);
  const auto t = growth_of(m, budget);
  if (!t) return std::nullopt;
  DirectionCurves c;
  if (!t->tilts() || t->is_constant()) return c;
  c.exponent = t->reverse_exponent();
  c.factor = std::exp(c.exponent);
  // Beyond e^600 draws the doubly small masses of best-of-N leave the range of a logarithm's double.
  const std::int64_t longest = longest_listed(
      m, std::max<std::int64_t>(1, std::min<std::int64_t>(1000, static_cast<std::int64_t>(600 / t->rate.value()))));
  if (longest == 0) return c;
  double last = 0;
  for (int i = 0; i < points; ++i) {
    const double wanted = std::round(std::pow(static_cast<double>(longest), static_cast<double>(i) / (points - 1)));
    if (wanted <= last) continue;
    last = wanted;
    const auto length = static_cast<std::int64_t>(wanted);
    add_directions(c, listed_sums(m, *t, length), t->rate * from_integer(length));
  }
  return c;
}

}  // namespace tiltlab
