#include "limits/large_deviations.hpp"

#include <algorithm>
#include <cmath>

#include "numerics/log_domain.hpp"

namespace tiltlab {

namespace {

/** Whether a tilt leaves the first or the last level 99 in a hundred. */
bool is_nearly_alone(const TokenLaw& law, double b, std::size_t edge) {
  // As soon as the levels next to it have more than the rest, what all others have does not matter.
  constexpr double surely_more = 0.0102;
  double others = 0;
  for (std::size_t k = 1; k < law.size() && !(others > surely_more); ++k) {
    const std::size_t i = edge == 0 ? k : edge - k;
    others += std::exp(law.log_p[i] - law.log_p[edge] + b * (law.step[i] - law.step[edge]).value());
  }
  return !(others > surely_more || tilted(law, b)[edge] < 0.99);
}

}  // namespace

RateFunctions::RateFunctions(const TokenLaw& law, const TokenTilt& optimum)
    : law_(law), optimum_(optimum), of_optimum_(log_ratio(optimum.b)), optimal_(law.size()) {
  for (std::size_t i = 0; i < law.size(); ++i) optimal_[i] = std::exp(law.log_p[i] + of_optimum_[i]);
}

std::vector<double> RateFunctions::log_ratio(double b) const {
  // From the end of the range that the tilt leans to: there steps keep their digits.
  const bool high = b > 0;
  std::vector<double> out = high ? law_.drop : law_.position;
  double largest = -infinity;
  for (std::size_t i = 0; i < law_.size(); ++i) {
    out[i] *= high ? -b : b;
    largest = std::max(largest, law_.log_p[i] + out[i]);
  }
  double sum = 0;
  for (std::size_t i = 0; i < law_.size(); ++i) sum += std::exp(law_.log_p[i] + out[i] - largest);
  const double whole = largest + std::log(sum);
  for (double& y : out) y -= whole;
  return out;
}

RatePoint RateFunctions::at(double b) const {
  RatePoint point;
  point.b = b;
  point.step = exact_mean(law_, tilted(law_, b));
  const std::vector<double> at_b = log_ratio(b);
  // Sums of KL terms: near their zeros the differences of totals would cancel.
  for (std::size_t i = 0; i < law_.size(); ++i) {
    // w (y e^y - e^y + 1); of factors that leave a double's range from their product.
    const auto term = [&](double w, double y) {
      constexpr double large = 600;
      if (y > large) return std::exp(law_.log_p[i] + at_b[i]) * (y - 1) + w;
      return w > 0 ? w * kl_term(y) : 0;
    };
    point.base += term(law_.log_p[i] > -700 ? law_.p[i] : 0, at_b[i]);
    point.kl_rl += term(optimal_[i], at_b[i] - of_optimum_[i]);
  }
  point.best_of_n = b >= optimum_.b ? std::max(0.0, point.base - optimum_.kl.value()) : infinity;
  return point;
}

std::vector<double> spread_tilts(const TokenLaw& law, int each) {
  const double sd = std::sqrt(variance_step(law, law.p));
  // From there on a token misses the extreme level with a chance below one in a hundred.
  const auto end = [&](double sign) {
    const std::size_t edge = sign > 0 ? law.size() - 1 : 0;
    double b = sign / sd;
    for (int i = 0; i < 200 && !is_nearly_alone(law, b, edge); ++i) b *= 1.25;
    return std::fabs(b);
  };
  return spread_tilts(sd, end, each);
}

std::vector<double> spread_tilts(double sd, const std::function<double(double sign)>& end, int each) {
  std::vector<double> tilts;
  const auto add = [&](double sign) {
    const double last = end(sign);
    // Evenly while the law is nearly normal, then by factors to the end.
    const int even = each / 2 + 1;
    // Of a law that ends there or soon after no nearer to its end than evenly.
    const double near = std::min(2 / sd, last * std::min(1.0, static_cast<double>(even) / each));
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
