#include "report/statements/direction_curves.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "models/best_of_n_law.hpp"
#include "numerics/log_domain.hpp"
#include "policies/best_of_n.hpp"
#include "policies/kl_rl.hpp"
#include "report/curves.hpp"
#include "report/statements/shared.hpp"

namespace tiltlab {

DirectionCurves direction_curves(const Tokens& model, const Budget& budget, int points) {
  check_points(points);
  const ScaledToken t(model, budget);
  DirectionCurves c;
  if (!t.tilts() || t.law.size() == 1) return c;
  const double a = t.optimum.b;
  c.exponent = is_far(t.law) ? (t.rate + DoubleDouble(2) * exact_log_mgf(t.law, a / 2) - t.optimum.lambda).value()
                             : t.rate.value() + 2 * log_mgf(t.law, a / 2) - t.optimum.lambda.value();
  c.factor = std::exp(c.exponent);
  Tokens at = model;
  // Beyond e^600 draws the doubly small masses of best-of-N leave the range of a logarithm's double.
  at.length = std::max<std::int64_t>(1, std::min<std::int64_t>(1000, static_cast<std::int64_t>(600 / t.rate.value())));
  const std::int64_t longest = listable_length(at, quickly_listed);
  for (int i = 0; i < points; ++i) {
    const double wanted = std::round(std::pow(static_cast<double>(longest), static_cast<double>(i) / (points - 1)));
    if (!c.length.empty() && wanted <= c.length.back()) continue;
    at.length = static_cast<std::int64_t>(wanted);
    const RewardLaw law = listed_law(at, t.optimum);
    const Policy bon = best_of_n(law, t.rate * from_integer(at.length));
    const Policy rl = kl_rl(law, a * (law.unit / t.law.unit).value());
    // log of sum phi log(phi / pi): the terms where phi is the larger carry it; both signs by two sums.
    LogSum plus;
    LogSum minus;
    double forward = 0;
    for (std::size_t j = 0; j < law.size(); ++j) {
      const double d = rl.log_ratio[j] - bon.log_ratio[j];
      if (bon.mass[j] > 0) forward -= bon.mass[j] * d;
      if (d != 0) (d > 0 ? plus : minus).add(log_mass(law, rl, j) + std::log(std::fabs(d)));
    }
    const double log_reverse = plus.value() + log1mexp(std::min(0.0, minus.value() - plus.value()));
    c.length.push_back(wanted);
    c.forward.push_back(std::max(0.0, forward));
    c.log10_reverse.push_back(log_reverse / std::numbers::ln10);
  }
  return c;
}

}  // namespace tiltlab
