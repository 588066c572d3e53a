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

/** w = e^(b offset) of each level over that of the highest, by its logarithm. */
struct SoftWeights {
  std::vector<double> log_w;
  /** What rounding took from each: neighbours in a wide range of weights keep the digits of their difference. */
  std::vector<double> rest;
};

/** @param far nats from which on it does not matter how far neighbours lie apart */
SoftWeights soft_weights(const RewardLaw& law, double b, double far) {
  SoftWeights out{std::vector<double>(law.size()), std::vector<double>(law.size())};
  DoubleDouble gaps = 0;
  for (std::size_t j = law.size(); j-- > 0;) {
    if (j + 1 < law.size()) gaps += std::min(far, b * (law.exact_offset(j + 1) - law.exact_offset(j)).value());
    out.log_w[j] = -gaps.hi;
    out.rest[j] = -gaps.lo;
  }
  return out;
}

}  // namespace

Policy soft_best_of_n(const RewardLaw& law, double n, double b) {
  const std::size_t size = law.size();
  const double scale = law.log_scale.value();
  // In t = log s the integrands fall doubly exponentially on the right and like e^t on the left: equal steps converge
  // geometrically, at this one to e^-39.
  constexpr double step = 0.25;
  constexpr double most_terms = 4e7;
  // log s w between which a level is neither all there nor gone.
  const double whole = std::floor((-46 - std::log(n)) / step) * step;
  constexpr double gone = 4.5;
  // Farther apart than twice that, one level is whole until long after the next is gone.
  const auto [log_w, rest] = soft_weights(law, b, 2 * (gone - whole));
  std::vector<double> mass;
  for (const double log_mass : law.log_mass) mass.push_back(law.stride * std::exp(log_mass - scale));
  const double nodes = (gone - log_w.front() - whole) / step;
  if (!(std::min(nodes, (gone - whole) / step) * static_cast<double>(size) <= most_terms))
    throw InputError("policies", "a soft best-of-N of " + to_text(b) + " per step on " + std::to_string(size) +
                                     " levels is too much; best-of-N is its limit");
  std::vector<double> sum(size, 0);
  // Levels from `first` on are no more whole, those from `last` on are gone.
  std::size_t first = size;
  std::size_t last = size;
  double of_gone = 0;
  for (double k = 0; k <= nodes; ++k) {
    double t = whole + k * step;
    if (first == last && first > 0 && t + log_w[first - 1] < whole) {
      // Nothing changes before the next level does.
      k = std::max(k, std::ceil(-log_w[first - 1] / step));
      t = whole + k * step;
    }
    while (first > 0 && t + log_w[first - 1] >= whole) --first;
    while (last > first && t + log_w[last - 1] > gone) of_gone += mass[--last];
    // E e^(-s w), or that less 1: what keeps its digits. Levels that stand for others know no sum from below.
    const bool is_mostly_gone = of_gone > 0.5 && first < size && law.stride == 1;
    double moment = is_mostly_gone ? law.below[first] : -of_gone;
    for (std::size_t i = first; i < last; ++i) {
      const double fade = -std::exp(t + log_w[i] + rest[i]);
      if (mass[i] > 0) moment += mass[i] * (is_mostly_gone ? std::exp(fade) : std::expm1(fade));
    }
    const double log_moment = is_mostly_gone ? std::max(-745.0, std::log(moment)) : std::log1p(std::max(-1.0, moment));
    const double common = (n - 1) * log_moment;
    for (std::size_t j = first; j < last; ++j) {
      const double at = t + log_w[j] + rest[j];
      const double exponent = common + at - std::exp(at);
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
