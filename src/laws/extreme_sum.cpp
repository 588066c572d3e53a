#include "laws/extreme_sum.hpp"

#include <utility>
#include <vector>

#include "numerics/log_domain.hpp"

namespace tiltlab {

namespace {

/** Best sums of walks between states, and the logarithms of their probabilities. */
struct BestWalks {
  std::vector<std::int64_t> sum;
  std::vector<double> log_p;
};
constexpr std::int64_t no_walk = -(std::int64_t{1} << 62);

void add_walk(BestWalks& to, std::size_t at, std::int64_t sum, double log_p) {
  if (sum > to.sum[at]) {
    to.sum[at] = sum;
    to.log_p[at] = log_p;
  } else if (sum == to.sum[at]) {
    to.log_p[at] = log_add(to.log_p[at], log_p);
  }
}

BestWalks squared(const BestWalks& w, std::size_t k) {
  BestWalks out{std::vector<std::int64_t>(k * k, no_walk), std::vector<double>(k * k, -infinity)};
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t l = 0; l < k; ++l) {
      if (w.sum[i * k + l] == no_walk) continue;
      for (std::size_t j = 0; j < k; ++j) {
        if (w.sum[l * k + j] != no_walk)
          add_walk(out, i * k + j, w.sum[i * k + l] + w.sum[l * k + j], w.log_p[i * k + l] + w.log_p[l * k + j]);
      }
    }
  }
  return out;
}

}  // namespace

std::pair<std::int64_t, double> extreme_sum(const MarkovLaw& law, std::int64_t length, int sign) {
  const std::size_t k = law.states;
  BestWalks walks{std::vector<std::int64_t>(k * k, no_walk), std::vector<double>(k * k, -infinity)};
  for (const Transition& t : law.transitions)
    add_walk(walks, t.from * k + t.to, sign * law.rewards.lattice[t.level], log_probability(t.p));
  BestWalks from{std::vector<std::int64_t>(k, no_walk), std::vector<double>(k, -infinity)};
  for (std::size_t i = 0; i < k; ++i) {
    if (law.initial[i].value() > 0) add_walk(from, i, 0, log_probability(law.initial[i]));
  }
  for (std::int64_t rest = length; rest > 0; rest /= 2) {
    if (rest % 2 == 1) {
      BestWalks next{std::vector<std::int64_t>(k, no_walk), std::vector<double>(k, -infinity)};
      for (std::size_t i = 0; i < k; ++i) {
        for (std::size_t j = 0; j < k && from.sum[i] != no_walk; ++j) {
          if (walks.sum[i * k + j] != no_walk)
            add_walk(next, j, from.sum[i] + walks.sum[i * k + j], from.log_p[i] + walks.log_p[i * k + j]);
        }
      }
      from = std::move(next);
    }
    if (rest > 1) walks = squared(walks, k);
  }
  BestWalks best{{no_walk}, {-infinity}};
  for (std::size_t i = 0; i < k; ++i) {
    if (from.sum[i] != no_walk) add_walk(best, 0, from.sum[i], from.log_p[i]);
  }
  return {sign * best.sum[0], best.log_p[0]};
}

}  // namespace tiltlab
