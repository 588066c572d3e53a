#pragma once
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

#include "error.hpp"
#include "models/model.hpp"
#include "report/curves.hpp"

/** A statement of arXiv 2404.01730; units as in `shared.hpp`. */
namespace tiltlab {

/** (1/n) log E e^(t S) in nats per token, t per reward unit. */
struct CumulantCurves {
  std::vector<double> t;
  std::vector<double> base;
  std::vector<double> kl_rl;
  /** The limit: t rho up to t = alpha, Lambda(t) + rate beyond. */
  std::vector<double> best_of_n;
  /** Best-of-N at the length `exact_length`, which is the model's where listing its law is affordable. */
  double exact_length = 0;
  std::vector<double> exact_best_of_n;
  double alpha = 0;
};

template <class F>
void fields(F&& f, const CumulantCurves& c) {
  f("t", c.t);
  f("base", c.base);
  f("kl_rl", c.kl_rl);
  f("best_of_n", c.best_of_n);
  f("exact_length", c.exact_length);
  f("exact_best_of_n", c.exact_best_of_n);
  f("alpha", c.alpha);
}

/** Best-of-N's scaled cumulants of listed sums. */
class BestOfNCumulants {
 public:
  BestOfNCumulants(ListedSums sums, const DoubleDouble& log_n);
  /** (1/n) log E e^(b S), S in steps above n times the least. */
  [[nodiscard]] double at(double b) const;

 private:
  ListedSums sums_;
  Policy policy_;
};

/** Empty where the model's sums have no growth in common; without points where the optimum has no finite tilt.
 * @throws InputError NumericalError */
template <SequenceModel M>
[[nodiscard]] std::optional<CumulantCurves> cumulant_curves(const M& m, const Budget& budget, int points) {
  check_points(points);
  const auto t = growth_of(m, budget);
  if (!t) return std::nullopt;
  CumulantCurves c;
  c.alpha = t->alpha(t->b());
  if (t->is_constant() || t->saturated()) return c;
  const double scale = t->tilts() ? t->b() : 1 / t->sd();
  const std::int64_t longest = longest_listed(m, length_of(m).value_or(1));
  c.exact_length = static_cast<double>(longest);
  std::optional<BestOfNCumulants> exact;
  if (longest > 0) exact.emplace(listed_sums(m, *t, longest), t->rate * from_integer(longest));
  for (int i = 0; i < points; ++i) {
    const double b = scale * (-1 + 3.0 * i / (points - 1));
    try {
      const double base = t->shift(b) + t->lambda(b);
      const double kl_rl = t->shift(b) + t->lambda(t->b() + b) - t->optimal_lambda();
      const double best = t->shift(b) + t->best_of_n_lambda(b);
      c.t.push_back(t->alpha(b));
      c.base.push_back(base);
      c.kl_rl.push_back(kl_rl);
      c.best_of_n.push_back(best);
      c.exact_best_of_n.push_back(exact ? t->shift(b) + exact->at(b) : not_known);
    } catch (const NumericalError&) {
      // Of a chain weights of a steep tilt may leave a double's range.
    }
  }
  return c;
}

}  // namespace tiltlab
