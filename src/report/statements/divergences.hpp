#pragma once
#include <vector>

#include "models/budget.hpp"
#include "models/model.hpp"
#include "report/curves.hpp"

namespace tiltlab {

/** Renyi divergences from the base against their order, 0 to 4; NaN for a table with atoms. */
struct DivergenceCurves {
  std::vector<double> order;
  std::vector<double> best_of_n;
  /** Infinite from the order on at which the tilt to s alpha has no normaliser. */
  std::vector<double> kl_rl;
};

template <class F>
void fields(F&& f, const DivergenceCurves& c) {
  f("order", c.order);
  f("best_of_n", c.best_of_n);
  f("kl_rl", c.kl_rl);
}

template <RenyiModel M>
[[nodiscard]] DivergenceCurves divergence_curves(const M& m, const Budget& budget, int points) {
  check_points(points);
  const auto tilt = tilt_for(m, budget.kl, Accuracy::full);
  DivergenceCurves c;
  constexpr double largest = 4;
  for (int i = 0; i < points; ++i) {
    const double order = largest * i / (points - 1);
    c.order.push_back(order);
    c.best_of_n.push_back(renyi_of_best(m, budget.kl, order));
    c.kl_rl.push_back(renyi_of(m, tilt, order));
  }
  return c;
}

}  // namespace tiltlab
