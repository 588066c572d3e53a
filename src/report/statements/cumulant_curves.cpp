#include "report/statements/cumulant_curves.hpp"

#include <cmath>

#include "limits/large_deviations.hpp"
#include "models/best_of_n_law.hpp"
#include "numerics/log_domain.hpp"
#include "policies/best_of_n.hpp"
#include "report/curves.hpp"
#include "report/statements/shared.hpp"

namespace tiltlab {

CumulantCurves cumulant_curves(const Tokens& model, const Budget& budget, int points) {
  check_points(points);
  const ScaledToken t(model, budget);
  CumulantCurves c;
  c.alpha = t.alpha(t.optimum.b);
  if (t.law.size() == 1 || t.optimum.saturated()) return c;
  const double scale = t.tilts() ? t.optimum.b : 1 / std::sqrt(variance_step(t.law, t.law.p));
  Tokens shown = model;
  shown.length = listable_length(model, quickly_listed);
  const auto n = static_cast<double>(shown.length);
  const RewardLaw law = listed_law(shown, t.optimum);
  const Policy policy = best_of_n(law, t.rate * from_integer(shown.length));
  c.exact_length = n;
  // Offsets of the law in the token's steps.
  const double unit = (law.unit / t.law.unit).value();
  const double first =
      ((law.base + law.unit * law.center - from_integer(shown.length) * t.law.base) / t.law.unit).value();
  for (int i = 0; i < points; ++i) {
    const double b = scale * (-1 + 3.0 * i / (points - 1));
    c.t.push_back(t.alpha(b));
    c.base.push_back(t.shift(b) + log_mgf(t.law, b));
    c.kl_rl.push_back(t.shift(b) + log_mgf(t.law, t.optimum.b + b) - t.optimum.lambda.value());
    c.best_of_n.push_back(t.shift(b) + best_of_n_cumulant(t.law, t.optimum, b));
    LogSum sum;
    for (std::size_t j = 0; j < law.size(); ++j) sum.add(log_mass(law, policy, j) + b * (first + unit * law.offset[j]));
    c.exact_best_of_n.push_back(t.shift(b) + sum.value() / n);
  }
  return c;
}

}  // namespace tiltlab
