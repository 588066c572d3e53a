#include "laws/block_sums.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>
#include <utility>

#include "laws/chain_sums.hpp"
#include "laws/growing_sums.hpp"
#include "numerics/log_domain.hpp"

namespace tiltlab {

namespace {

/** A sum with the probabilities of the states that it ends in. */
struct Ended {
  DoubleDouble step;
  std::int64_t lattice = 0;
  std::vector<double> p;
};

std::vector<Ended> ended_sums(const MarkovLaw& law, const PlacedRewards& placed, std::int64_t length) {
  MarkovLaw on_places = law;
  on_places.rewards.lattice = placed.place;
  GrowingSums growing(on_places, length, !holds_every_sequence(law, length));
  for (std::int64_t n = 0; n < length; ++n) growing.add_transition();
  std::vector<Ended> out;
  for (std::size_t x = 0; x < growing.size(); ++x) {
    if (!(growing.share(x) > 0)) continue;
    Ended sum;
    std::tie(sum.step, sum.lattice) = placed.sum(law.rewards, static_cast<std::int64_t>(x));
    for (std::size_t j = 0; j < law.states; ++j) sum.p.push_back(std::ldexp(growing.share(x, j), growing.power(x)));
    out.push_back(std::move(sum));
  }
  std::stable_sort(out.begin(), out.end(), [](const Ended& a, const Ended& b) { return a.step < b.step; });
  return out;
}

}  // namespace

double block_listing_cost(const MarkovLaw& law, std::int64_t length) {
  const double cost = chain_listing_cost(law, length);
  const bool is_untold = cost == 0 && law.rewards.size() > 1;
  return is_untold ? infinity : cost * static_cast<double>(law.states);
}

BlockSums block_sums(const MarkovLaw& law, std::int64_t length) {
  const double same = same_sum(law, length);
  std::vector<Ended> sums;
  for (Ended& sum : ended_sums(law, placed_rewards(law, length), length)) {
    if (!sums.empty() && (sum.step - sums.back().step).value() <= same) {
      for (std::size_t j = 0; j < law.states; ++j) sums.back().p[j] += sum.p[j];
    } else {
      sums.push_back(std::move(sum));
    }
  }
  std::vector<double> p;
  for (const Ended& sum : sums) p.push_back(std::accumulate(sum.p.begin(), sum.p.end(), 0.0));
  DoubleDouble total = 0;
  for (const double each : p) total += each;
  // Less likely ones are dropped: no double tells how they compare.
  constexpr double least_told = 1e-300;
  const auto told = [&](std::size_t x) { return p[x] > least_told; };
  std::size_t first = 0;
  std::size_t last = sums.size() - 1;
  while (first < last && !told(first)) ++first;
  while (last > first && !told(last)) --last;
  BlockSums block;
  block.least = sums[first].step;
  block.sums.exponent = law.rewards.exponent;
  block.sums.unit = law.rewards.unit;
  block.sums.base = law.rewards.base * from_integer(length) + law.rewards.unit * block.least;
  for (std::size_t x = 0; x < sums.size(); ++x) {
    block.is_cut = block.is_cut || !told(x);
    if (!told(x)) continue;
    block.sums.add(DoubleDouble(p[x]) / total, sums[x].step - block.least, sums[last].step - sums[x].step);
    if (!law.rewards.lattice.empty()) block.sums.lattice.push_back(sums[x].lattice - sums[first].lattice);
    for (const double each : sums[x].p) block.end.push_back(each / p[x]);
  }
  return block;
}

}  // namespace tiltlab
