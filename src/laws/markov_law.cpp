#include "laws/markov_law.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "error.hpp"
#include "numerics/decimal.hpp"

namespace tiltlab {

namespace {

std::string at(const char* list, std::size_t i) { return std::string("model.") + list + "[" + std::to_string(i) + "]"; }

/** Probabilities with sum 1 within 1e-6, or weights of any sum, as shares of it to 31 digits. @throws InputError */
std::vector<DoubleDouble> normalised(std::span<const double> row, bool counts, const std::string& path) {
  DoubleDouble total = 0;
  std::vector<DoubleDouble> out;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!(row[i] >= 0 && row[i] <= 1))
      throw InputError(path + "[" + std::to_string(i) + "]", to_text(row[i]) + " is not in [0, 1]");
    total += out.emplace_back(decimal_value(row[i]));
  }
  if (counts && !(total.value() > 0)) throw InputError(path, "all weights are 0");
  if (!counts && !(std::fabs(total.value() - 1) <= 1e-6))
    throw InputError(path, "probabilities sum to " + to_text(total.value()) + ", not to 1 (within 1e-6)");
  for (DoubleDouble& p : out) p = p / total;
  return out;
}

/** Weights as shares of their sum, to 31 digits. */
std::vector<DoubleDouble> shares_of(std::span<const double> weights) {
  DoubleDouble total = 0;
  for (const double w : weights) total += w;
  std::vector<DoubleDouble> out;
  for (const double w : weights) out.push_back(DoubleDouble(w) / total);
  return out;
}

void check_sizes(std::span<const double> initial, std::span<const double> transition, std::span<const double> reward) {
  const std::size_t k = initial.size();
  if (k == 0 || k > most_states)
    throw InputError("model.initial", std::to_string(k) + " states are not 1 to " + std::to_string(most_states));
  if (transition.size() != k * k)
    throw InputError("model.transition", "has " + std::to_string(transition.size()) + " entries, not " +
                                             std::to_string(k) + " rows of " + std::to_string(k));
  if (reward.size() != k && reward.size() != k * k)
    throw InputError("model.reward", "has " + std::to_string(reward.size()) + " entries, neither one a state (" +
                                         std::to_string(k) + ") nor one a transition (" + std::to_string(k * k) + ")");
}

/** Places the rewards of the law's transitions, one entry a transition. */
void place_rewards(MarkovLaw& law, const std::vector<double>& reward, double length) {
  std::vector<double> all = reward;
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  for (std::size_t i = 0; i < reward.size(); ++i)
    law.transitions[i].level =
        static_cast<std::size_t>(std::lower_bound(all.begin(), all.end(), reward[i]) - all.begin());
  law.rewards = make_token_law(std::vector<double>(all.size(), 1), all, {}, true, "model.reward", length);
}

}  // namespace

MarkovLaw make_markov_law(std::span<const double> initial, std::span<const double> transition,
                          std::span<const double> reward, double length, bool counts) {
  check_sizes(initial, transition, reward);
  const std::size_t k = initial.size();
  MarkovLaw law{k, normalised(initial, counts, "model.initial"), {}, {}};
  const bool of_states = reward.size() == k;
  std::vector<double> earned;
  for (std::size_t i = 0; i < k; ++i) {
    const auto row = normalised(transition.subspan(i * k, k), counts, at("transition", i));
    for (std::size_t j = 0; j < k; ++j) {
      const double r = of_states ? reward[j] : reward[i * k + j];
      if (!(std::fabs(r) <= 1e300))
        throw InputError(of_states ? at("reward", j) : at("reward", i) + "[" + std::to_string(j) + "]",
                         to_text(r) + " is not in [-1e300, 1e300]");
      if (!(row[j].value() > 0)) continue;
      law.transitions.push_back({i, j, row[j], 0});
      earned.push_back(r);
    }
  }
  place_rewards(law, earned, length);
  return law;
}

MarkovLaw class_chain(const TokenClasses& tokens, double length) {
  const std::size_t k = tokens.initial.size();
  const std::size_t m = tokens.of.size();
  MarkovLaw law{k, shares_of(tokens.initial), {}, {}};
  std::vector<double> earned;
  for (std::size_t i = 0; i < k; ++i) {
    const auto row = shares_of(std::span(tokens.next).subspan(i * m, m));
    for (std::size_t j = 0; j < m; ++j) {
      if (!(row[j].value() > 0)) continue;
      law.transitions.push_back({i, tokens.of[j], row[j], 0});
      earned.push_back(tokens.reward[j]);
    }
  }
  place_rewards(law, earned, length);
  return law;
}

namespace {

/** One bit a state. */
using States = std::uint64_t;
States bit(std::size_t i) { return States{1} << i; }

/** The states that each may get to in one transition or more. */
std::vector<States> reached_from(const MarkovLaw& law) {
  std::vector<States> reach(law.states, 0);
  for (const Transition& t : law.transitions) reach[t.from] |= bit(t.to);
  for (std::size_t via = 0; via < law.states; ++via) {
    for (std::size_t i = 0; i < law.states; ++i) {
      if ((reach[i] & bit(via)) != 0) reach[i] |= reach[via];
    }
  }
  return reach;
}

}  // namespace

MarkovLaw visited_part(const MarkovLaw& law) {
  const std::vector<States> reach = reached_from(law);
  States visited = 0;
  for (std::size_t i = 0; i < law.states; ++i) {
    if (law.initial[i].value() > 0) visited |= bit(i) | reach[i];
  }
  MarkovLaw out;
  std::vector<std::size_t> number(law.states, 0);
  for (std::size_t i = 0; i < law.states; ++i) {
    number[i] = out.states;
    if ((visited & bit(i)) == 0) continue;
    ++out.states;
    out.initial.push_back(law.initial[i]);
  }
  for (const Transition& t : law.transitions) {
    if ((visited & bit(t.from)) == 0) continue;
    out.transitions.push_back({number[t.from], number[t.to], t.p, t.level});
  }
  // Rewards keep the lattice of all: their levels keep their numbers.
  out.rewards = law.rewards;
  return out;
}

namespace {

/** The greatest lattice that closed walks' (length, sum) vectors lie on: gcds of lengths, and of sums of one length. */
struct WalkLattice {
  std::int64_t length = 0;
  std::int64_t sum = 0;
  std::int64_t span = 0;

  void add(std::int64_t l, std::int64_t s) {
    while (l != 0) {
      const std::int64_t times = length / l;
      length -= times * l;
      sum -= times * s;
      std::swap(length, l);
      std::swap(sum, s);
    }
    span = std::gcd(span, s);
    if (span != 0) sum %= span;
  }
};

/** The lattice of closed walks of the class that recurs, by walks from one of its states to each other. */
WalkLattice walk_lattice(const MarkovLaw& law, const std::vector<bool>& recurs) {
  std::vector<std::int64_t> length(law.states, -1);
  std::vector<std::int64_t> sum(law.states, 0);
  length[static_cast<std::size_t>(std::find(recurs.begin(), recurs.end(), true) - recurs.begin())] = 0;
  for (std::size_t round = 0; round < law.states; ++round) {
    for (const Transition& t : law.transitions) {
      if (!recurs[t.from] || length[t.from] < 0 || length[t.to] >= 0) continue;
      length[t.to] = length[t.from] + 1;
      sum[t.to] = sum[t.from] + law.rewards.lattice[t.level];
    }
  }
  WalkLattice out;
  for (const Transition& t : law.transitions) {
    if (recurs[t.from])
      out.add(length[t.from] + 1 - length[t.to], sum[t.from] + law.rewards.lattice[t.level] - sum[t.to]);
  }
  out.length = std::abs(out.length);
  return out;
}

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::min() / 256;

/** The largest mean reward of a closed walk, as a fraction. Source: R. M. Karp, "A characterization of the minimum
 * cycle mean in a digraph" (1978), theorem 1. */
std::pair<std::int64_t, std::int64_t> largest_mean(const MarkovLaw& law, const std::vector<bool>& recurs) {
  const std::size_t k = law.states;
  std::vector<std::vector<std::int64_t>> best(k + 1, std::vector<std::int64_t>(k, never));
  best[0][static_cast<std::size_t>(std::find(recurs.begin(), recurs.end(), true) - recurs.begin())] = 0;
  for (std::size_t n = 0; n < k; ++n) {
    for (const Transition& t : law.transitions) {
      if (recurs[t.from] && best[n][t.from] != never)
        best[n + 1][t.to] = std::max(best[n + 1][t.to], best[n][t.from] + law.rewards.lattice[t.level]);
    }
  }
  std::pair<std::int64_t, std::int64_t> largest{never, 1};
  for (std::size_t v = 0; v < k; ++v) {
    if (best[k][v] == never) continue;
    std::pair<std::int64_t, std::int64_t> least{std::numeric_limits<std::int64_t>::max() / 128, 1};
    for (std::size_t n = 0; n < k; ++n) {
      if (best[n][v] == never) continue;
      const std::int64_t gain = best[k][v] - best[n][v];
      const auto steps = static_cast<std::int64_t>(k - n);
      if (gain * least.second < least.first * steps) least = {gain, steps};
    }
    if (least.first * largest.second > largest.first * least.second) largest = least;
  }
  return largest;
}

}  // namespace

Recurrence recurrence_of(const MarkovLaw& law) {
  const std::vector<States> reach = reached_from(law);
  Recurrence out;
  States whole = 0;
  for (std::size_t i = 0; i < law.states; ++i) {
    out.recurs.push_back((reach[i] & bit(i)) != 0);
    if (!out.recurs[i]) continue;
    const States mine = [&] {
      States s = 0;
      for (std::size_t j = 0; j < law.states; ++j) {
        if ((reach[i] & bit(j)) != 0 && (reach[j] & bit(i)) != 0) s |= bit(j);
      }
      return s;
    }();
    if (whole != 0 && mine != whole)
      throw InputError("model.transition",
                       "has states that are left for good after any number of transitions: which part a sequence "
                       "stays in decides its reward, and lengths of this size need one part");
    whole = mine;
  }
  const WalkLattice lattice = walk_lattice(law, out.recurs);
  out.period = lattice.length;
  out.span = lattice.span;
  const auto [sum, steps] = largest_mean(law, out.recurs);
  out.peak = from_integer(sum) / from_integer(steps);
  // In units of 1 / steps, so that all are integers.
  std::vector<std::int64_t> bias(law.states, 0);
  for (std::size_t round = 0; round < law.states; ++round) {
    for (const Transition& t : law.transitions)
      bias[t.from] = std::max(bias[t.from], steps * law.rewards.lattice[t.level] - sum + bias[t.to]);
  }
  for (const std::int64_t h : bias) out.bias.push_back(from_integer(h) / from_integer(steps));
  for (const Transition& t : law.transitions)
    out.drop.push_back(from_integer(sum + bias[t.from] - bias[t.to] - steps * law.rewards.lattice[t.level]) /
                       from_integer(steps));
  return out;
}

}  // namespace tiltlab
