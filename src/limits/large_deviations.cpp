#include "limits/large_deviations.hpp"

#include <algorithm>
#include <cmath>

#include "numerics/log_domain.hpp"

namespace tiltlab {

RatePoint rate_point(const TokenLaw& law, const TokenTilt& optimum, double b) {
  const std::vector<double> weights = tilted(law, b);
  const double lambda = log_mgf(law, b);
  const double a = optimum.b;
  const double lambda_a = optimum.lambda.value();
  RatePoint point;
  point.b = b;
  point.step = mean_step(law, weights);
  // Sums of KL terms: near their zeros the differences of totals would cancel.
  for (std::size_t i = 0; i < law.size(); ++i) {
    const double to_base = b * law.position[i] - lambda;
    const double to_optimum = (b - a) * law.position[i] - lambda + lambda_a;
    if (law.log_p[i] > -700) point.base += law.p[i] * kl_term(to_base);
    const double share = std::exp(law.log_p[i] + a * law.position[i] - lambda_a);
    if (share > 0) point.kl_rl += share * kl_term(to_optimum);
  }
  point.best_of_n = b >= a ? std::max(0.0, point.base - optimum.kl.value()) : infinity;
  return point;
}

std::vector<double> spread_tilts(const TokenLaw& law, int each) {
  const double sd = std::sqrt(variance_step(law, law.p));
  // From there on a token misses the extreme level with a chance below one in a hundred.
  const auto end = [&](double sign) {
    const std::size_t edge = sign > 0 ? law.size() - 1 : 0;
    double b = sign / sd;
    for (int i = 0; i < 200 && tilted(law, b)[edge] < 0.99; ++i) b *= 1.25;
    return std::fabs(b);
  };
  std::vector<double> tilts;
  const auto add = [&](double sign) {
    const double last = end(sign);
    // Evenly while the law is nearly normal, then by factors to the end.
    const int even = each / 2 + 1;
    const double near = std::min(2 / sd, last);
    for (int k = 1; k <= even && k < each; ++k) tilts.push_back(sign * near * k / even);
    const int rest = std::max(1, each - even);
    for (int k = 1; k <= rest; ++k) tilts.push_back(sign * near * std::pow(last / near, static_cast<double>(k) / rest));
  };
  add(-1);
  add(1);
  tilts.push_back(0);
  std::sort(tilts.begin(), tilts.end());
  return tilts;
}

double best_of_n_cumulant(const TokenLaw& law, const TokenTilt& optimum, double t) {
  return t <= optimum.b ? t * optimum.mean.value() : log_mgf(law, t) + optimum.kl.value();
}

}  // namespace tiltlab
