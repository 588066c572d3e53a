#include "report/statements/renyi_curve.hpp"

#include <algorithm>
#include <cmath>

#include "error.hpp"
#include "numerics/log_domain.hpp"
#include "report/curves.hpp"
#include "report/statements/shared.hpp"

namespace tiltlab {

RenyiCurve renyi_curve(const Tokens& model, const Budget& budget, std::span<const double> multiplicity,
                       std::span<const double> reward, int points) {
  check_points(points);
  if (multiplicity.size() != reward.size() || reward.empty())
    throw InputError("reward", "is not as long as its multiplicities");
  const ScaledToken t(model, budget);
  RenyiCurve c;
  LogSum normaliser;
  for (std::size_t i = 0; i < reward.size(); ++i) {
    if (multiplicity[i] > 0) normaliser.add(std::log(multiplicity[i]) + reward[i]);
  }
  c.log_normaliser = normaliser.value();
  c.alpha = t.alpha(t.optimum.b);
  const double unit = std::ldexp(t.law.unit.value(), t.law.exponent);
  const DoubleDouble mean_at_base = is_far(t.law) ? exact_mean(t.law, t.law.p) : mean_step(t.law, t.law.p);
  const double mean = t.reward(mean_at_base);
  // H_{1+x} = c - Lambda(x)/x, and Lambda(x)/x tends to the mean reward.
  const auto entropy = [&](double x) {
    const double b = x * unit;
    return c.log_normaliser -
           (x == 0 ? mean : std::ldexp((t.law.base).value(), t.law.exponent) + log_mgf(t.law, b) / x);
  };
  const double widest = t.tilts() ? std::max(2.0, 2 * c.alpha) : 3;
  for (int i = 0; i < points; ++i) {
    const double x = widest * (2.0 * i / (points - 1) - 1);
    c.order.push_back(1 + x);
    c.cross_entropy.push_back(entropy(std::fabs(x) < 1e-12 * widest ? 0 : x));
  }
  c.at_one = entropy(0);
  c.at_optimum = t.optimum.saturated() ? not_known : entropy(c.alpha);
  c.kl_forward = t.optimum.kl.value();
  // KL(p || phi) = Lambda(a) - a Lambda'(0)
  const double gain = (t.optimum.mean - mean_at_base).value();
  c.kl_reverse = 0;
  if (t.optimum.saturated()) {
    c.kl_reverse = infinity;
  } else {
    const double lambda = t.optimum.lambda.value();
    const bool far = is_far(t.law) && t.optimum.b > 0;
    const double below_top = (DoubleDouble(t.optimum.b) * t.law.step.back() - t.optimum.lambda).value();
    for (std::size_t i = 0; i < t.law.size(); ++i) {
      const double y = far ? below_top - t.optimum.b * t.law.drop[i] : t.optimum.b * t.law.position[i] - lambda;
      c.kl_reverse += t.law.p[i] * exp_rest(y);
    }
  }
  c.jeffreys = t.optimum.saturated() ? infinity : t.optimum.b * gain;
  return c;
}

}  // namespace tiltlab
