#include "laws/chain_sums.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <utility>

#include "error.hpp"
#include "numerics/log_domain.hpp"

namespace tiltlab {

namespace {

constexpr double most_levels = 1e5;
/** Entries of a list of sums off any lattice. */
constexpr std::size_t most_entries = 200'000;
/** Entries that all transitions together may add to: each takes about half a microsecond. */
constexpr std::size_t most_added = 4'000'000;

/** p times `from`; where both are above 0 and their product is not, the least double: an attained sum stays listed. */
double kept_product(double p, double from) {
  const double product = p * from;
  return product > 0 || !(from > 0) ? product : std::numeric_limits<double>::denorm_min();
}

}  // namespace

double chain_listing_cost(const MarkovLaw& t, std::int64_t length) {
  if (t.rewards.lattice.empty() || t.rewards.size() == 1) return 0;
  const auto top = static_cast<double>(t.rewards.lattice.back());
  const auto n = static_cast<double>(length);
  if (n * top + 1 > most_levels) return infinity;
  return static_cast<double>(t.transitions.size()) * n * (n * top / 2 + 1);
}

bool holds_every_sequence(const MarkovLaw& t, std::int64_t length) {
  if (t.rewards.size() == 1) return true;
  double least = 1;
  for (const Transition& s : t.transitions) least = std::min(least, s.p.value());
  for (const DoubleDouble& p : t.initial) {
    if (p.value() > 0) least = std::min(least, std::pow(p.value(), 1 / static_cast<double>(length)));
  }
  return !(static_cast<double>(length) * std::log(least) < least_log_mass);
}

namespace {

/** Probability by state and sum, a transition at a time. */
ChainSums on_lattice(const MarkovLaw& t, std::int64_t length) {
  const std::vector<std::int64_t>& step = t.rewards.lattice;
  if (t.rewards.size() == 1) return {{0}, {1}, {0}};
  const auto top = static_cast<std::size_t>(step.back());
  const bool in_range = holds_every_sequence(t, length);
  std::vector<std::vector<double>> now(t.states);
  for (std::size_t i = 0; i < t.states; ++i) now[i] = {t.initial[i].value()};
  for (std::int64_t n = 0; n < length; ++n) {
    const std::size_t size = now[0].size();
    std::vector<std::vector<double>> next(t.states, std::vector<double>(size + top, 0));
    for (const Transition& s : t.transitions) {
      const std::vector<double>& from = now[s.from];
      double* to = next[s.to].data() + step[s.level];
      const double p = s.p.value();
      if (in_range) {
        for (std::size_t x = 0; x < size; ++x) to[x] += p * from[x];
      } else {
        for (std::size_t x = 0; x < size; ++x) to[x] += kept_product(p, from[x]);
      }
    }
    now = std::move(next);
  }
  ChainSums sums;
  for (std::size_t x = 0; x < now[0].size(); ++x) {
    double p = 0;
    for (const std::vector<double>& state : now) p += state[x];
    if (!(p > 0)) continue;
    sums.lattice.push_back(static_cast<std::int64_t>(x));
    sums.step.push_back(from_integer(sums.lattice.back()));
    sums.p.push_back(p);
  }
  return sums;
}

/** By how often each reward occurs, where they share no lattice. */
ChainSums by_counts(const MarkovLaw& t, std::int64_t length) {
  using Counts = std::vector<std::int32_t>;
  std::vector<std::map<Counts, double>> now(t.states);
  for (std::size_t i = 0; i < t.states; ++i) {
    if (t.initial[i].value() > 0) now[i][Counts(t.rewards.size(), 0)] = t.initial[i].value();
  }
  std::size_t added = 0;
  for (std::int64_t n = 0; n < length; ++n) {
    std::vector<std::map<Counts, double>> next(t.states);
    std::size_t entries = 0;
    for (const Transition& s : t.transitions) {
      added += now[s.from].size();
      for (const auto& [counts, p] : now[s.from]) {
        Counts more = counts;
        ++more[s.level];
        next[s.to][std::move(more)] += kept_product(s.p.value(), p);
      }
    }
    for (const auto& state : next) entries += state.size();
    if (entries > most_entries || added > most_added)
      throw InputError("model.length", std::to_string(length) +
                                           " steps of rewards that share no lattice have more sums than are listed");
    now = std::move(next);
  }
  std::map<Counts, double> all;
  for (const auto& state : now) {
    for (const auto& [counts, p] : state) all[counts] += p;
  }
  std::vector<std::pair<DoubleDouble, double>> found;
  for (const auto& [counts, p] : all) {
    DoubleDouble sum = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) sum += t.rewards.step[i] * from_integer(counts[i]);
    found.emplace_back(sum, p);
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return (a.first - b.first).value() < 0; });
  ChainSums sums;
  // Sums that differ by their rounding alone are one.
  const double same = 1e-29 * static_cast<double>(length) * t.rewards.step.back().value();
  for (const auto& [sum, p] : found) {
    if (!(p > 0)) continue;
    if (!sums.step.empty() && (sum - sums.step.back()).value() <= same) {
      sums.p.back() += p;
    } else {
      sums.step.push_back(sum);
      sums.p.push_back(p);
    }
  }
  return sums;
}

}  // namespace

namespace {

/** Nats under the mean's probability up to which one tilt knows a sum. */
constexpr double seen_nats = 600;

/** log P of every sum on the lattice, by the chain tilted by b per step of it; -infinity where nothing is seen. */
std::vector<double> seen_from(const MarkovLaw& t, std::int64_t length, double b) {
  const std::vector<std::int64_t>& step = t.rewards.lattice;
  const auto top = static_cast<std::size_t>(step.back());
  double largest = -infinity;
  for (const Transition& s : t.transitions)
    largest = std::max(largest, std::log(s.p.value()) + b * static_cast<double>(step[s.level]));
  std::vector<double> weight;
  for (const Transition& s : t.transitions)
    weight.push_back(std::exp(std::log(s.p.value()) + b * static_cast<double>(step[s.level]) - largest));
  std::vector<std::vector<double>> now(t.states);
  for (std::size_t i = 0; i < t.states; ++i) now[i] = {t.initial[i].value()};
  std::int64_t doublings = 0;
  for (std::int64_t n = 0; n < length; ++n) {
    const std::size_t size = now[0].size();
    std::vector<std::vector<double>> next(t.states, std::vector<double>(size + top, 0));
    for (std::size_t i = 0; i < t.transitions.size(); ++i) {
      const Transition& s = t.transitions[i];
      const std::vector<double>& from = now[s.from];
      double* to = next[s.to].data() + step[s.level];
      for (std::size_t x = 0; x < size; ++x) to[x] += weight[i] * from[x];
    }
    double total = 0;
    for (const auto& state : next) total += std::accumulate(state.begin(), state.end(), 0.0);
    // By a power of two, which rounds nothing.
    const int by = std::ilogb(total);
    for (auto& state : next) {
      for (double& x : state) x = std::ldexp(x, -by);
    }
    doublings += by;
    now = std::move(next);
  }
  std::vector<double> log_p(now[0].size(), -infinity);
  const double whole = static_cast<double>(length) * largest + static_cast<double>(doublings) * std::log(2.0);
  for (std::size_t x = 0; x < log_p.size(); ++x) {
    double q = 0;
    for (const std::vector<double>& state : now) q += state[x];
    if (std::log(q) > -seen_nats) log_p[x] = std::log(q) + whole - b * static_cast<double>(x);
  }
  return log_p;
}

/** The slope of log P at the last sum known, seen from one nearer. */
double slope_at(const ChainSums& sums, std::size_t last, std::size_t inner) {
  return (sums.log_p[last] - sums.log_p[inner]) / static_cast<double>(sums.lattice[last] - sums.lattice[inner]);
}

}  // namespace

void add_logarithms(ChainSums& sums, const MarkovLaw& t, std::int64_t length) {
  const std::size_t size = sums.p.size();
  sums.log_p.resize(size);
  for (std::size_t i = 0; i < size; ++i) {
    const double x = std::log(sums.p[i]);
    sums.log_p[i] = x > -seen_nats ? x : std::nan("");
  }
  const auto known = [&](std::size_t i) { return !std::isnan(sums.log_p[i]); };
  constexpr int most_tilts = 12;
  // Upwards from the likeliest, then downwards.
  const auto likeliest = static_cast<std::size_t>(std::max_element(sums.p.begin(), sums.p.end()) - sums.p.begin());
  for (const bool up : {true, false}) {
    std::size_t last = likeliest;
    const auto extend = [&] {
      while (last != (up ? size - 1 : 0) && known(up ? last + 1 : last - 1)) last += up ? 1 : std::size_t(-1);
    };
    extend();
    double steeper = 1;
    for (int i = 0; i < most_tilts && last != (up ? size - 1 : 0); ++i) {
      const std::size_t reach = std::min(up ? last - likeliest : likeliest - last, std::max<std::size_t>(1, size / 64));
      const double slope = reach > 0 ? slope_at(sums, last, up ? last - reach : last + reach) : (up ? -1 : 1);
      const std::vector<double> seen = seen_from(t, length, -slope * steeper);
      const std::size_t before = last;
      for (std::size_t j = 0; j < size; ++j) {
        const double x = seen[static_cast<std::size_t>(sums.lattice[j])];
        if (!known(j) && x > -infinity) sums.log_p[j] = x;
      }
      extend();
      steeper = last == before ? 2 * steeper : 1;
    }
  }
}

ChainSums chain_sums(const MarkovLaw& t, std::int64_t length) {
  return t.rewards.lattice.empty() ? by_counts(t, length) : on_lattice(t, length);
}

}  // namespace tiltlab
