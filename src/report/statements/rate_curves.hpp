#pragma once
#include <cstddef>
#include <optional>
#include <vector>

#include "models/model.hpp"
#include "report/curves.hpp"

/** A statement of arXiv 2404.01730; units as in `shared.hpp`. */
namespace tiltlab {

/** Rate functions at increasing rewards, and the exact -(1/n) log P of the same events where the law tells it. */
struct RateCurves {
  std::vector<double> reward;
  std::vector<double> base;
  std::vector<double> kl_rl;
  /** Infinite below KL-RL's mean. */
  std::vector<double> best_of_n;
  struct Exact {
    std::vector<double> reward;
    std::vector<double> rate;
  };
  /** At or above x for x above the policy's mean, at or below x under it. */
  Exact exact_base;
  Exact exact_kl_rl;
  Exact exact_best_of_n;
  double mean_base = 0;
  double mean_kl_rl = 0;
};

template <class F>
void fields(F&& f, const RateCurves::Exact& c) {
  f("reward", c.reward);
  f("rate", c.rate);
}

template <class F>
void fields(F&& f, const RateCurves& c) {
  f("reward", c.reward);
  f("base", c.base);
  f("kl_rl", c.kl_rl);
  f("best_of_n", c.best_of_n);
  f.group("exact", [&](auto& exact) {
    exact("base", c.exact_base);
    exact("kl_rl", c.exact_kl_rl);
    exact("best_of_n", c.exact_best_of_n);
  });
  f("mean_base", c.mean_base);
  f("mean_kl_rl", c.mean_kl_rl);
}

/** Adds the exact rates of tails at n = `length`, best-of-N's by those of the base. */
void add_exact(RateCurves& c, const ExactTails& tails, double length, double log_n);

/**
 * Empty where the model's sums have no growth in common; without points where the optimum has no finite tilt.
 * @param points of each curve on either side of the mean @param exact points on either side
 * @throws InputError NumericalError
 */
template <SequenceModel M>
[[nodiscard]] std::optional<RateCurves> rate_curves(const M& m, const Budget& budget, int points, int exact) {
  check_points(points);
  check_points(exact);
  const auto t = growth_of(m, budget);
  if (!t) return std::nullopt;
  RateCurves c;
  c.mean_base = t->reward(t->base_mean());
  c.mean_kl_rl = t->reward(t->mean());
  if (t->is_constant() || t->saturated()) return c;
  for (const RatePoint& p : t->rate_points(affordable_points(points, t->work()))) {
    c.reward.push_back(t->reward(p.step));
    c.base.push_back(p.base);
    c.kl_rl.push_back(p.kl_rl);
    c.best_of_n.push_back(p.best_of_n);
  }
  const double spent = 20 * static_cast<double>(t->work()) * static_cast<double>(c.reward.size());
  const auto length = static_cast<double>(length_of(m).value_or(1));
  add_exact(c, exact_tails(m, *t, exact, spent), length, budget.kl.value());
  return c;
}

}  // namespace tiltlab
