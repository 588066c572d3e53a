#include "simulation/chain_walk.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "error.hpp"
#include "numerics/log_domain.hpp"

namespace tiltlab {

WalkPlan base_walk(const MarkovLaw& law) {
  WalkPlan out;
  std::vector<double> weight;
  for (const Transition& t : law.transitions) {
    out.steps.push_back({static_cast<std::uint32_t>(t.from), static_cast<std::uint32_t>(t.to),
                         static_cast<double>(law.rewards.lattice[t.level]), log_probability(t.p)});
    weight.push_back(t.p.value());
  }
  for (const DoubleDouble& p : law.initial) {
    out.initial.push_back(p.value());
    out.log_initial.push_back(log_probability(p));
  }
  out.weights.push_back(std::move(weight));
  return out;
}

WalkPlan optimal_walk(const MarkovLaw& law, const TiltedChain& tilt, std::int64_t length) {
  // Changes of h that no word could see.
  constexpr double unseen = 1e-13;
  constexpr double most_weights = 2e6;
  WalkPlan out = base_walk(law);
  const std::vector<double> base = std::exchange(out.weights, {}).front();
  out.period = static_cast<std::size_t>(tilt.period);
  // What is left of h, by how many transitions follow.
  std::vector<std::vector<double>> h{tilt.end};
  const auto settled = [&] {
    if (h.size() <= out.period) return false;
    const std::vector<double>& before = h[h.size() - 1 - out.period];
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (!(std::fabs(h.back()[i] - before[i]) <= unseen * before[i])) return false;
    }
    return true;
  };
  while (static_cast<std::int64_t>(out.weights.size()) < length && !settled()) {
    if (static_cast<double>(out.weights.size() * base.size()) > most_weights)
      throw InputError("model.length", std::to_string(length) +
                                           " transitions of a chain that forgets so slowly have an optimum of too "
                                           "many tables to draw from");
    std::vector<double> weight(base.size(), 0);
    std::vector<double> next(law.states, 0);
    for (std::size_t i = 0; i < base.size(); ++i) {
      const Transition& t = law.transitions[i];
      weight[i] = tilt.weight[i] * h.back()[t.to];
      next[t.from] += weight[i];
    }
    // A state of which nothing is left is never entered; its table stands for none.
    for (std::size_t i = 0; i < base.size(); ++i) {
      if (!(next[law.transitions[i].from] > 0)) weight[i] = base[i];
    }
    out.weights.push_back(std::move(weight));
    h.push_back(std::move(next));
  }
  out.period = std::min(out.period, out.weights.size());
  // As place() has it of transitions: h of the whole length is that of one more to follow than the first one's.
  const std::vector<double>& whole = h[out.place(length - 1) + 1];
  for (std::size_t i = 0; i < law.states; ++i) out.initial[i] = tilt.start[i] * whole[i];
  return out;
}

ChainWalk::ChainWalk(const WalkPlan& plan, std::int64_t length)
    : plan_(plan), length_(length), first_(plan.initial, true) {
  const std::size_t states = plan_.initial.size();
  std::vector<std::vector<std::size_t>> leaving(states);
  for (std::size_t i = 0; i < plan_.steps.size(); ++i) leaving[plan_.steps[i].from].push_back(i);
  for (const std::vector<double>& all : plan_.weights) {
    for (const std::vector<std::size_t>& from : leaving) {
      std::vector<double> weight;
      for (const std::size_t i : from) weight.push_back(all[i]);
      Row row{TokenTable(weight, true), {}};
      for (std::size_t k = 0; k < row.table.outcomes(); ++k) {
        // Cells beyond the last weight are never chosen.
        const WalkPlan::Step& step = plan_.steps[from[std::min<std::size_t>(row.table.token(k), from.size() - 1)]];
        row.next.push_back({step.step, step.log_p, step.to});
      }
      rows_.push_back(std::move(row));
    }
  }
}

Walked ChainWalk::begin(RandomStream& further) const {
  const std::uint32_t word = further.word();
  Walked out;
  out.state = first_.token(first_.at(word, further));
  out.log_p = plan_.log_initial[out.state];
  return out;
}

void ChainWalk::go_on(Walked& at, std::int64_t count, std::uint64_t seed, StreamOf of, std::uint32_t replicate,
                      std::uint32_t draw, RandomStream& further) const {
  constexpr std::int64_t words_a_block = 4;
  const std::size_t states = plan_.initial.size();
  const std::int64_t end = std::min(length_, at.done + count);
  WordSource words(seed, of, replicate, draw, static_cast<std::uint32_t>(at.done / words_a_block));
  Walked here = at;
  while (here.done < end) {
    for (const std::uint32_t word : words.next()) {
      if (here.done == end) break;
      ++here.done;
      const Row& row = rows_[plan_.place(length_ - here.done) * states + here.state];
      const Next& next = row.next[row.table.at(word, further)];
      here.step += next.step;
      here.log_p += next.log_p;
      here.state = next.to;
    }
  }
  at = here;
}

}  // namespace tiltlab
