#include "policies/win_rate_tilt.hpp"

#include <algorithm>
#include <cmath>

#include "numerics/log_domain.hpp"

namespace tiltlab {

namespace {

double log_density(double z, double log_v, double) { return -std::exp(z + log_v); }

/**
 * Without atoms, a tilt of the uniform rank: KL = log c - 1 + c/(e^c - 1) - log(1 - e^-c), by its series
 * sum_k (1 - 1/k) B_k c^k / k! where the terms cancel; the win rate is 1 - 1/c + 1/(e^c - 1).
 */
RankPolicy::Numbers numbers(double z) {
  const double c = std::exp(z);
  if (c < 0.4) {
    const double y = c * c;
    const double kl = y * (1.0 / 24 - y * (1.0 / 960 - y * (1.0 / 36288 - y * (1.0 / 1382400 - y * (1.0 / 53222400)))));
    const double gain = c * (1.0 / 12 - y * (1.0 / 720 - y * (1.0 / 30240 - y * (1.0 / 1209600 - y / 47900160))));
    return {kl, 0.5 + gain};
  }
  const double rest = std::isinf(c) ? 0 : 1 / std::expm1(c);
  return {z - 1 + (rest > 0 ? c * rest : 0) - std::log(-std::expm1(-c)), 1 - 1 / c + rest};
}

constexpr RankPolicy rank{.log_density = log_density, .averages = false, .numbers = numbers};

}  // namespace

Policy win_rate_tilt(const RewardLaw& law, double log_c) {
  Policy policy;
  double largest = -infinity;
  // What a draw of the base is worth above each level, P(r > rho_j) + P_j / 2, less the same of the last level: that of
  // all of them is a factor. Added up from there it keeps its digits, where every level is listed.
  std::vector<double> log_v(law.size(), -infinity);
  if (law.stride == 1) {
    // By logarithms, until the sum is one that a double holds: the largest rewards of a long sequence may be past that.
    constexpr double held = -600;
    double sum = 0;
    for (std::size_t j = law.size() - 1; j-- > 0;) {
      const double here = log_add(law.log_mass[j], law.log_mass[j + 1]) - std::log(2.0);
      if (log_v[j + 1] < held && here < held) {
        log_v[j] = log_add(log_v[j + 1], here);
        sum = std::exp(log_v[j]);
        continue;
      }
      sum += (std::exp(law.log_mass[j]) + std::exp(law.log_mass[j + 1])) / 2;
      log_v[j] = std::log(sum);
    }
  } else {
    for (std::size_t j = 0; j < law.size(); ++j)
      log_v[j] = std::log(std::exp(law.log_above[j]) + std::exp(law.log_mass[j]) / 2);
  }
  // c = 0 is the base.
  const double depth = log_c > -infinity ? (DoubleDouble(log_c) - law.log_scale).value() : -infinity;
  for (std::size_t j = 0; j < law.size(); ++j) {
    policy.log_ratio.push_back(log_v[j] > -infinity ? -std::exp(depth + log_v[j]) : 0);
    largest = std::max(largest, policy.log_ratio.back() + law.log_mass[j]);
  }
  double sum = 0;
  for (std::size_t j = 0; j < law.size(); ++j)
    sum += law.stride * std::exp(policy.log_ratio[j] + law.log_mass[j] - largest);
  const double log_total = largest + std::log(sum);
  for (std::size_t j = 0; j < law.size(); ++j) {
    policy.log_ratio[j] -= log_total;
    policy.mass.push_back(std::exp(policy.log_ratio[j] + law.log_mass[j]));
  }
  return policy;
}

namespace {

/** Where most of the base is on one level, e^(c w) parts what is above from it by e^(c/2), which is far more than c. */
double reach(const RewardLaw& law, const Policy& policy, double log_c) {
  const double scale = law.log_scale.value();
  const double above = std::exp(law.log_above.back() - scale) + std::exp(law.log_mass.back() - scale) / 2;
  return policy.log_ratio.back() + scale + (above > 0 ? std::exp(log_c) * above : 0);
}

}  // namespace

const PolicyKind win_rate_tilt_kind{
    .name = "win_rate_tilt",
    .parameters = {{{"c", 0, 1e300}, {}}},
    .lay = [](const RewardLaw& law, double, const ExtraPolicy&, double z) { return win_rate_tilt(law, z); },
    .strength = [](double c) { return std::log(c); },
    .parameter = [](double z) { return std::exp(z); },
    // Hoeffding: the rank is in [0, 1], so that KL <= c^2 / 8. From far out the search begins at KL <= log c, which
    // holds for c > 1 but for less than e^-c.
    .weakest = [](double kl) { return kl > 1000 ? kl : std::log(8 * kl) / 2; },
    .deep = true,
    .reach = reach,
    .rank = &rank,
};

}  // namespace tiltlab
