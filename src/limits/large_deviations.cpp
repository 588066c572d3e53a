#include "limits/large_deviations.hpp"

#include <algorithm>
#include <cmath>

#include "numerics/log_domain.hpp"

namespace tiltlab {

RatePoint rate_point(const TokenLaw& law, const TokenTilt& optimum, double b) {
  const std::vector<double> weights = tilted(law, b);
  RatePoint point;
  point.b = b;
  point.step = exact_mean(law, weights);
  // log phi_b / p and log phi_a / p, from the end of the range that each tilt leans to: there steps keep their digits.
  const auto log_ratio = [&](double tilt) {
    const bool high = tilt > 0;
    const std::vector<double>& x = high ? law.drop : law.position;
    std::vector<double> out;
    double largest = -infinity;
    for (std::size_t i = 0; i < law.size(); ++i) {
      out.push_back((high ? -tilt : tilt) * x[i]);
      largest = std::max(largest, law.log_p[i] + out.back());
    }
    double sum = 0;
    for (std::size_t i = 0; i < law.size(); ++i) sum += std::exp(law.log_p[i] + out[i] - largest);
    for (double& y : out) y -= largest + std::log(sum);
    return out;
  };
  const std::vector<double> at_b = log_ratio(b);
  const std::vector<double> at_a = log_ratio(optimum.b);
  // Sums of KL terms: near their zeros the differences of totals would cancel.
  for (std::size_t i = 0; i < law.size(); ++i) {
    const double beyond = std::exp(law.log_p[i] + at_b[i]);
    // w (y e^y - e^y + 1); of factors that leave a double's range from their product.
    const auto term = [&](double w, double y) {
      constexpr double large = 600;
      return y > large ? beyond * (y - 1) + w : w > 0 ? w * kl_term(y) : 0;
    };
    point.base += term(law.log_p[i] > -700 ? law.p[i] : 0, at_b[i]);
    point.kl_rl += term(std::exp(law.log_p[i] + at_a[i]), at_b[i] - at_a[i]);
  }
  point.best_of_n = b >= optimum.b ? std::max(0.0, point.base - optimum.kl.value()) : infinity;
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
