#include "report/statements/hull_curves.hpp"

#include <algorithm>
#include <cmath>

#include "report/curves.hpp"

namespace tiltlab {

std::optional<HullCurves> hull_curves(const Transformed& model, const Budget& budget, int points) {
  check_points(points);
  // A tilt of a chain takes several eigenvalues' worth of sums, and a curved f several tilts a point.
  const std::size_t tilts = (model.is_memoryless ? 1 : 10) * (is_injective(model.transform) ? 10 : 1);
  points = affordable_points(points, tilts * model.law.transitions.size());
  const auto rates = rates_of(model);
  if (!rates) return std::nullopt;
  HullCurves c;
  c.delta = (budget.kl / from_integer(model.length)).value();
  c.best_of_n = rates->best_of_n(c.delta);
  c.kl_rl = rates->kl_rl(c.delta).reward;
  const double size = std::max(std::fabs(rates->least()), std::fabs(rates->largest()));
  c.lost = c.kl_rl - c.best_of_n > 1e-9 * size ? c.kl_rl - c.best_of_n : 0;
  c.reward = rates->breaks();
  c.reward.push_back(c.best_of_n);
  c.reward.push_back(c.kl_rl);
  const double range = rates->largest() - rates->least();
  for (int i = 0; i < points; ++i) c.reward.push_back(rates->least() + range * i / (points - 1));
  std::sort(c.reward.begin(), c.reward.end());
  const auto same = [&](double x, double y) { return y - x <= 1e-9 * size; };
  c.reward.erase(std::unique(c.reward.begin(), c.reward.end(), same), c.reward.end());
  for (const double x : c.reward) {
    c.rate.push_back(rates->rate(x));
    c.hull.push_back(rates->hull(x));
  }
  return c;
}

}  // namespace tiltlab
