#include "policies/random_best_of_n.hpp"

#include <algorithm>
#include <cmath>

#include "error.hpp"
#include "numerics/log_domain.hpp"

namespace tiltlab {

Policy best_of_poisson(const RewardLaw& law, double mu) {
  Policy policy;
  const double scale = law.log_scale.value();
  for (std::size_t j = 0; j < law.size(); ++j) {
    const double above = std::exp(law.log_above[j] - scale);
    const double mass = std::exp(law.log_mass[j] - scale);
    const double cdf = law.below[j] + mass;
    // Of the upper tail where that is small, of the lower where it is not.
    const double log_g = (above < 0.5 ? std::log1p(-above) : std::log(cdf)) - mu * (above < 0.5 ? above : 1 - cdf);
    // log G_j - log G_{j-1} from the mass itself: log(F_j / F_{j-1}) + mu P_j
    const double share = mass / (above < 0.5 ? 1 - above : cdf);
    const double x = (j == 0 && law.from_least) || !(share < 1) ? infinity : -std::log1p(-share) + mu * mass;
    const double log_mass = log_g + log1mexp(-x);
    policy.mass.push_back(std::exp(log_mass));
    policy.log_ratio.push_back(log_mass - law.log_mass[j]);
  }
  return policy;
}

namespace {

/** Best-of-Poisson of a mu that no double holds, at which nothing but the rarest of the largest rewards has its say. */
Policy of_many(const RewardLaw& law, double log_mu) {
  Policy policy;
  const double depth = (DoubleDouble(log_mu) - law.log_scale).value();
  for (std::size_t j = 0; j < law.size(); ++j) {
    const bool lowest = j == 0 && law.from_least;
    const double log_g = -std::exp(depth + law.log_above[j]);
    const double log_mass = log_g + (lowest ? 0 : log1mexp(-std::exp(depth + law.log_mass[j])));
    policy.mass.push_back(std::exp(log_mass));
    policy.log_ratio.push_back(log_mass - law.log_mass[j]);
  }
  return policy;
}

}  // namespace

Policy soft_best_of_n(const RewardLaw& law, double n, double b) {
  const std::size_t size = law.size();
  const double scale = law.log_scale.value();
  std::vector<double> log_w;
  std::vector<double> mass;
  for (std::size_t j = 0; j < size; ++j) {
    log_w.push_back(b * law.distance(j, size - 1));
    mass.push_back(law.stride * std::exp(law.log_mass[j] - scale));
  }
  // In t = log s the integrands fall doubly exponentially on the right and like e^t on the left: equal steps converge
  // geometrically, at this one to e^-39.
  constexpr double step = 0.25;
  constexpr double most_terms = 4e7;
  const double first = -46 - std::log(n);
  const double last = -log_w.front() + 4.5;
  const double nodes = (last - first) / step;
  if (!(nodes * static_cast<double>(size) <= most_terms))
    throw InputError("policies", "a soft best-of-N of " + to_text(b) + " per step on " + std::to_string(size) +
                                     " levels is too much; best-of-N is its limit");
  std::vector<double> sum(size, 0);
  for (double k = 0; k <= nodes; ++k) {
    const double t = first + k * step;
    double moment = 0;  // E e^(-s w) - 1
    for (std::size_t i = 0; i < size; ++i) {
      if (mass[i] > 0) moment += mass[i] * std::expm1(-std::exp(t + log_w[i]));
    }
    const double log_moment = moment > -1 ? std::log1p(moment) : -745;
    const double common = t + (n - 1) * log_moment;
    if (!(common > -745)) continue;
    for (std::size_t j = 0; j < size; ++j) {
      const double exponent = common + log_w[j] - std::exp(t + log_w[j]);
      if (exponent > -745) sum[j] += std::exp(exponent);
    }
  }
  Policy policy;
  for (std::size_t j = 0; j < size; ++j) {
    const double log_ratio = std::log(n * sum[j] * step);
    policy.log_ratio.push_back(log_ratio - scale);
    policy.mass.push_back(std::exp(log_ratio + law.log_mass[j] - scale));
  }
  return policy;
}

namespace {

/** Past it mu leaves a double's range. */
constexpr double log_most_mu = 690.8;

constexpr RankPolicy poisson_rank{
    .log_density =
        [](double z, double log_v, double v) {
          // (1 + mu (1 - v)) / (1 + mu)
          return std::log1p(-v / (1 + std::exp(-z))) - std::exp(z + log_v);
        },
    // Above so large a mu, in units of 1/mu, ranks are exponential: what is left of the density's first factor is e^-z.
    .numbers = [](double z) -> RankPolicy::Numbers {
      constexpr double large = 1000;
      return z > large ? RankPolicy::Numbers{z - 1, 1} : RankPolicy::Numbers{std::nan(""), std::nan("")};
    },
};

}  // namespace

const PolicyKind best_of_poisson_kind{
    .name = "best_of_poisson",
    .parameters = {{{"mu", 0, 1e300}, {}}},
    .lay =
        [](const RewardLaw& law, double, const ExtraPolicy& asked, double z) {
          return z > log_most_mu ? of_many(law, z) : best_of_poisson(law, asked.kl ? std::exp(z) : asked.parameter[0]);
        },
    .strength = [](double mu) { return std::log(mu); },
    .parameter = [](double z) { return std::exp(z); },
    // The density of the rank is at most 1 + mu.
    .weakest = [](double kl) { return kl > 30 ? kl : std::log(std::expm1(kl)); },
    .rank = &poisson_rank,
    .drawn = PolicyKind::Drawn::poisson,
};

const PolicyKind soft_best_of_n_kind{
    .name = "soft_best_of_n",
    .parameters = {{{"n", 1, 1e300}, {"alpha", 0, 1e300}}},
    .lay = [](const RewardLaw& law, double unit, const ExtraPolicy& asked,
              double) { return soft_best_of_n(law, asked.parameter[0], asked.parameter[1] * unit); },
    .not_continuous = "weighs rewards and ranks at once",
    .drawn = PolicyKind::Drawn::soft,
};

}  // namespace tiltlab
