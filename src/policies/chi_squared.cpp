#include "policies/chi_squared.hpp"

#include <algorithm>
#include <cmath>

#include "numerics/log_domain.hpp"

namespace tiltlab {

namespace {

/** The levels from one on, their masses in units of e^log_anchor: how much they hold, by how much their rewards pass
 * that level's on average, and how they spread. */
struct Above {
  double log_anchor = -infinity;
  double mass = 0;
  double excess = 0;
  double squares = 0;

  [[nodiscard]] double log_mass() const { return log_anchor + std::log(mass); }
  [[nodiscard]] double variance() const { return squares / mass; }
  /** log E (r - level)+ in offsets, times the law's scale. */
  [[nodiscard]] double log_gain() const { return log_mass() + std::log(excess); }
};

/** All of them, by sums of positive terms from the top; of masses that no double holds too. */
std::vector<Above> sums_from(const RewardLaw& law) {
  constexpr double held = 300;
  std::vector<Above> all(law.size());
  Above at;
  for (std::size_t j = law.size(); j-- > 0;) {
    const double log_mass = law.log_mass[j] + std::log(law.stride);
    if (log_mass > at.log_anchor + held) {
      const double down = at.mass > 0 ? std::exp(at.log_anchor - log_mass) : 0;
      at.mass *= down;
      at.squares *= down;
      at.log_anchor = log_mass;
    }
    const double here = log_mass > -infinity ? std::exp(log_mass - at.log_anchor) : 0;
    const double from = j + 1 < law.size() ? law.distance(j + 1, j) + at.excess : 0;
    const double both = at.mass + here;
    // Nothing has mass where all of it has underflowed.
    if (both > 0) {
      at.squares += at.mass / both * here * from * from;
      at.excess = at.mass / both * from;
    }
    at.mass = both;
    all[j] = at;
  }
  return all;
}

/** Where the policy begins: at the first of its levels less what that has beyond nu. */
struct Threshold {
  std::size_t first = 0;
  /** rho_first - nu, offsets; infinite for the base. */
  double beyond = infinity;
  /** E (r - nu | level or above), offsets. */
  double gain = infinity;
};

/** Whether all that the model has is among the levels from `first` on, as far as anybody can tell. */
bool is_whole(const RewardLaw& law, std::size_t first) { return first == 0 && !(law.below[0] > 1e-9); }

/** log P(level or above) and log of the scale, 0 for all levels together. */
double log_share(const RewardLaw& law, const std::vector<Above>& sums, std::size_t first) {
  return is_whole(law, first) ? 0 : sums[first].log_mass() - law.log_scale.value();
}

/** @param log_beta log E (r - nu)+, offsets */
Threshold threshold_of(const RewardLaw& law, const std::vector<Above>& sums, double log_beta) {
  const double scale = law.log_scale.value();
  const auto reached = [&](const Above& at) { return at.log_gain() <= log_beta + scale; };
  const auto it = std::partition_point(sums.begin(), sums.end() - 1, [&](const Above& at) { return !reached(at); });
  Threshold at;
  at.first = static_cast<std::size_t>(it - sums.begin());
  at.gain = std::exp(log_beta - log_share(law, sums, at.first));
  at.beyond = std::max(0.0, at.gain - it->excess);
  return at;
}

/** Order 2 at a threshold at the level below `first` or above it, the mean gain being `gain`. */
double order_2(const RewardLaw& law, const std::vector<Above>& sums, std::size_t first, double gain) {
  const double spread = first + 1 < law.size() ? std::sqrt(sums[first].variance()) / gain : 0;
  return std::log1p(spread * spread) - log_share(law, sums, first);
}

Threshold threshold_at(const RewardLaw& law, const std::vector<Above>& sums, double z) {
  std::size_t low = 0;
  std::size_t high = law.size() - 1;
  // A strength within its rounding of the last is that.
  if (z + log_share(law, sums, high) >= -1e-15 * std::max(1.0, z)) low = high;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (order_2(law, sums, middle, sums[middle].excess) >= z) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  Threshold at;
  at.first = low;
  // Of the largest reward alone by the largest beta that keeps it.
  at.gain = low + 1 < law.size() ? std::sqrt(sums[low].variance() / std::expm1(z + log_share(law, sums, low)))
            : low > 0            ? law.distance(low, low - 1)
                                 : 0;
  at.beyond = std::max(0.0, at.gain - sums[low].excess);
  return at;
}

Policy laid(const RewardLaw& law, const std::vector<Above>& sums, const Threshold& at) {
  Policy policy;
  const double scale = law.log_scale.value();
  const bool whole = is_whole(law, at.first);
  const double mean = sums[at.first].excess;
  // Below the levels of a law that does not list all of them nothing is known: what is missing then shows.
  const double beyond = at.first == 0 && !whole ? 0 : at.beyond;
  const bool alone = at.first + 1 == law.size();
  for (std::size_t j = 0; j < law.size(); ++j) {
    double log_ratio = -infinity;
    if (j >= at.first) {
      const double past = law.distance(j, at.first);
      log_ratio = alone   ? -sums[j].log_mass()
                  : whole ? std::log1p((past - mean) / at.gain) - scale
                          : std::log((past + beyond) / at.gain) - sums[at.first].log_mass();
    }
    policy.log_ratio.push_back(log_ratio);
    policy.mass.push_back(std::exp(log_ratio + law.log_mass[j]));
  }
  return policy;
}

double log_beta_of(double unit, double beta) { return std::log(beta) - std::log(unit); }

constexpr RewardStrength of_rewards{
    .strength =
        [](const RewardLaw& law, double unit, double beta) {
          const std::vector<Above> sums = sums_from(law);
          const Threshold at = threshold_of(law, sums, log_beta_of(unit, beta));
          return order_2(law, sums, at.first, at.gain);
        },
    .parameter =
        [](const RewardLaw& law, double unit, double z) {
          const std::vector<Above> sums = sums_from(law);
          const Threshold at = threshold_at(law, sums, z);
          return std::exp(std::log(at.gain) + std::log(unit) + log_share(law, sums, at.first));
        },
};

}  // namespace

Policy chi_squared(const RewardLaw& law, double log_beta) {
  const std::vector<Above> sums = sums_from(law);
  return laid(law, sums, threshold_of(law, sums, log_beta));
}

Policy chi_squared_of(const RewardLaw& law, double z) {
  const std::vector<Above> sums = sums_from(law);
  return laid(law, sums, threshold_at(law, sums, z));
}

const PolicyKind chi_squared_kind{
    .name = "chi_squared",
    .parameters = {{{"beta", 0, 1e300, true}, {}}},
    .lay =
        [](const RewardLaw& law, double unit, const ExtraPolicy& asked, double z) {
          return asked.kl ? chi_squared_of(law, z) : chi_squared(law, log_beta_of(unit, asked.parameter[0]));
        },
    .of_rewards = &of_rewards,
    // No divergence falls with its order.
    .weakest = [](double kl) { return kl; },
    .ends_at_top = true,
    .deep = true,
    .edged = true,
    .on_continuous = chi_squared,
};

}  // namespace tiltlab
