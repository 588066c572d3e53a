#include "laws/deep_cumulants.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "numerics/log_domain.hpp"

namespace tiltlab {

Cumulants deep_cumulants(const TokenLaw& law, double b) {
  constexpr double unseen = 80;
  const std::size_t last = law.size() - 1;
  std::vector<double> exponent(law.size());
  double most = -infinity;
  double most_moment = -infinity;
  for (std::size_t i = 0; i < last; ++i) {
    exponent[i] = law.log_p[i] - b * law.drop[i];
    most = std::max(most, exponent[i]);
    most_moment = std::max(most_moment, exponent[i] + std::log(law.drop[i]));
  }
  exponent[last] = law.log_p[last];
  const double largest = std::max(most, exponent[last]);
  const auto weight = [&](std::size_t i) {
    const DoubleDouble nats = -(DoubleDouble(b) * law.below_top[i]) - DoubleDouble(largest);
    return law.p[i] == 0 ? exp(nats + DoubleDouble(law.log_p[i])) : law.probability[i] * exp(nats);
  };
  DoubleDouble rest = 0;
  DoubleDouble moment = 0;
  for (std::size_t i = 0; i < last; ++i) {
    if (exponent[i] < most - unseen && exponent[i] + std::log(law.drop[i]) < most_moment - unseen) continue;
    const DoubleDouble w = weight(i);
    rest += w;
    moment += w * law.below_top[i];
  }
  const DoubleDouble of_top = weight(last);
  const DoubleDouble z = of_top + rest;
  const DoubleDouble log_z = rest.hi < 0.05 * of_top.hi ? log(of_top) + log1p(rest / of_top) : log(z);
  return {DoubleDouble(b) * law.step.back() + DoubleDouble(largest) + log_z, law.step.back() - moment / z};
}

}  // namespace tiltlab
