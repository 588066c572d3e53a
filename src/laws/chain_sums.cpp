#include "laws/chain_sums.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "error.hpp"
#include "laws/growing_sums.hpp"
#include "numerics/log_domain.hpp"

namespace tiltlab {

namespace {

constexpr double most_levels = 1e5;
/** Entries of a list of sums off any lattice. */
constexpr std::size_t most_entries = 200'000;
/** Entries that all transitions together may add to: each takes about half a microsecond. */
constexpr std::size_t most_added = 1'000'000;

/** p times `from`; where both are above 0 and their product is not, the least double: an attained sum stays listed. */
double kept_product(double p, double from) {
  const double product = p * from;
  return product > 0 || !(from > 0) ? product : std::numeric_limits<double>::denorm_min();
}

/** log of a probability that no sequence is less likely than. */
double least_log_probability(const MarkovLaw& t, std::int64_t length) {
  double least = 1;
  for (const Transition& s : t.transitions) least = std::min(least, s.p.value());
  for (const DoubleDouble& p : t.initial) {
    if (p.value() > 0) least = std::min(least, std::pow(p.value(), 1 / static_cast<double>(length)));
  }
  return static_cast<double>(length) * std::log(least);
}

}  // namespace

namespace {

/** Additions one transition after another, of sums that end at `length` times `top`. */
double cost_of_steps(const MarkovLaw& t, double length, double top) {
  if (!(length * top + 1 <= most_levels)) return infinity;
  // What no double holds takes a tilt for every so many nats.
  constexpr double nats_of_a_tilt = 600;
  const double nats = least_log_probability(t, static_cast<std::int64_t>(length));
  const double tilts = nats < least_log_mass ? 1 - nats / nats_of_a_tilt : 1;
  return tilts * static_cast<double>(t.transitions.size()) * length * (length * top / 2 + 1);
}

/** The same of counts of rewards, as numbers of one digit less than there are rewards. */
double cost_of_counts(const MarkovLaw& t, double length) {
  return cost_of_steps(t, length, std::pow(length + 1, static_cast<double>(t.rewards.size()) - 2));
}

}  // namespace

double chain_listing_cost(const MarkovLaw& t, std::int64_t length) {
  if (t.rewards.size() == 1) return 0;
  const auto n = static_cast<double>(length);
  const double counted = cost_of_counts(t, n);
  if (t.rewards.lattice.empty()) return counted < infinity ? counted : 0;
  return std::min(counted, cost_of_steps(t, n, static_cast<double>(t.rewards.lattice.back())));
}

bool holds_every_sequence(const MarkovLaw& t, std::int64_t length) {
  return t.rewards.size() == 1 || !(least_log_probability(t, length) < least_log_mass);
}

namespace {

/** A sum that is listed. */
void add_sum(ChainSums& sums, std::size_t x, double p) {
  sums.lattice.push_back(static_cast<std::int64_t>(x));
  sums.step.push_back(from_integer(sums.lattice.back()));
  sums.p.push_back(p);
}

ChainSums on_lattice(const MarkovLaw& t, std::int64_t length) {
  GrowingSums growing(t, length, false);
  for (std::int64_t n = 0; n < length; ++n) growing.add_transition();
  ChainSums sums;
  for (std::size_t x = 0; x < growing.size(); ++x) {
    const double p = growing.share(x);
    if (p > 0) add_sum(sums, x, p);
  }
  return sums;
}

/** Where no double holds all probabilities, but one tells neighbours by a power of two that they share; empty else. */
std::optional<ChainSums> by_powers(const MarkovLaw& t, std::int64_t length) {
  GrowingSums growing(t, length, true);
  for (std::int64_t n = 0; n < length && growing.is_exact(); ++n) growing.add_transition();
  if (!growing.is_exact()) return std::nullopt;
  ChainSums sums;
  for (std::size_t x = 0; x < growing.size(); ++x) {
    const double share = growing.share(x);
    if (!(share > 0)) continue;
    const double p = std::ldexp(share, std::max(growing.power(x), -2000));
    add_sum(sums, x, std::max(p, std::numeric_limits<double>::denorm_min()));
    // Of a double that has all its digits, as they are.
    const bool whole = p >= std::numeric_limits<double>::min();
    sums.log_p.push_back(whole ? std::log(p) : std::log(share) + growing.power(x) * std::log(2.0));
  }
  return sums;
}

/** Which sums are attained, 64 a word. */
class Attained {
 public:
  Attained(const MarkovLaw& t, std::int64_t length) {
    const std::vector<std::int64_t>& step = t.rewards.lattice;
    const auto words = static_cast<std::size_t>(step.back() * length) / 64 + 1;
    std::vector<Words> now(t.states, Words(words, 0));
    for (std::size_t i = 0; i < t.states; ++i) now[i][0] = t.initial[i].value() > 0 ? 1 : 0;
    for (std::int64_t n = 0; n < length; ++n) {
      std::vector<Words> next(t.states, Words(words, 0));
      const auto used = static_cast<std::size_t>(step.back() * n) / 64 + 1;
      for (const Transition& s : t.transitions)
        add(next[s.to], now[s.from], static_cast<std::size_t>(step[s.level]), used);
      now = std::move(next);
    }
    all_.assign(words, 0);
    for (const Words& state : now) {
      for (std::size_t i = 0; i < words; ++i) all_[i] |= state[i];
    }
  }
  [[nodiscard]] bool has(std::size_t x) const { return (all_[x / 64] >> (x % 64) & 1) != 0; }

 private:
  using Words = std::vector<std::uint64_t>;

  static void add(Words& to, const Words& from, std::size_t shift, std::size_t used) {
    const std::size_t whole = shift / 64;
    const std::size_t bits = shift % 64;
    for (std::size_t i = 0; i < used; ++i) {
      if (i + whole < to.size()) to[i + whole] |= from[i] << bits;
      if (bits > 0 && i + whole + 1 < to.size()) to[i + whole + 1] |= from[i] >> (64 - bits);
    }
  }

  Words all_;
};

/** By how often each reward occurs, of many that share no lattice. */
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
  const double same = same_sum(t, length);
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

/** Probabilities of a chain's sums tilted by b per step of the lattice, times a factor. */
struct TiltedSums {
  double b = 0;
  std::vector<double> q;
  double log_factor = 0;

  /** log P of a sum; NaN where this tilt does not see it. */
  [[nodiscard]] double log_p(std::size_t x) const {
    const double seen = std::log(q[x]);
    return seen > -seen_nats ? seen + log_factor - b * static_cast<double>(x) : std::nan("");
  }
};

/** Entries that count beside a total of about 1. */
constexpr double least_entry = 1e-295;

/** The part of every state's entries that is not next to nothing. */
struct Span {
  std::size_t first;
  std::size_t last;
};
Span visible(const std::vector<std::vector<double>>& states, Span within) {
  const auto shows = [&](std::size_t x) {
    return std::any_of(states.begin(), states.end(), [&](const auto& state) { return state[x] > least_entry; });
  };
  while (within.first < within.last && !shows(within.first)) ++within.first;
  while (within.first < within.last && !shows(within.last)) --within.last;
  return within;
}

TiltedSums tilted_sums(const MarkovLaw& t, std::int64_t length, double b) {
  const std::vector<std::int64_t>& step = t.rewards.lattice;
  std::vector<double> log_weight;
  for (const Transition& s : t.transitions)
    log_weight.push_back(std::log(s.p.value()) + b * static_cast<double>(step[s.level]));
  const double largest = b == 0 ? 0 : *std::max_element(log_weight.begin(), log_weight.end());
  std::vector<double> weight;
  for (std::size_t i = 0; i < log_weight.size(); ++i)
    weight.push_back(b == 0 ? t.transitions[i].p.value() : std::exp(log_weight[i] - largest));
  const auto size = static_cast<std::size_t>(step.back() * length) + 1;
  std::vector<std::vector<double>> now(t.states, std::vector<double>(size, 0));
  std::vector<std::vector<double>> next = now;
  for (std::size_t i = 0; i < t.states; ++i) now[i][0] = t.initial[i].value();
  Span span{0, 0};
  TiltedSums out{b, std::vector<double>(size, 0), static_cast<double>(length) * largest};
  for (std::int64_t n = 0; n < length; ++n) {
    const Span wider{span.first, span.last + static_cast<std::size_t>(step.back())};
    for (auto& state : next)
      std::fill(state.begin() + static_cast<std::ptrdiff_t>(wider.first),
                state.begin() + static_cast<std::ptrdiff_t>(wider.last) + 1, 0);
    for (std::size_t i = 0; i < t.transitions.size(); ++i) {
      const Transition& s = t.transitions[i];
      const double* from = now[s.from].data();
      double* to = next[s.to].data() + step[s.level];
      const double w = weight[i];
      for (std::size_t x = span.first; x <= span.last; ++x) to[x] += w * from[x];
    }
    now.swap(next);
    double total = 0;
    for (const auto& state : now) {
      for (std::size_t x = wider.first; x <= wider.last; ++x) total += state[x];
    }
    // By a power of two, which rounds nothing.
    const int by = total > 0 ? std::ilogb(total) : 0;
    if (by < -30 || by > 30) {
      const double scale = std::ldexp(1.0, -by);
      for (auto& state : now) {
        for (std::size_t x = wider.first; x <= wider.last; ++x) state[x] *= scale;
      }
      out.log_factor += by * std::log(2.0);
    }
    span = visible(now, wider);
  }
  for (std::size_t x = span.first; x <= span.last; ++x) {
    for (const std::vector<double>& state : now) out.q[x] += state[x];
  }
  return out;
}

/** Finds what tilts see on one side of the likeliest sum, each where the last has ended. */
class Side {
 public:
  Side(ChainSums& sums, std::size_t likeliest, bool up)
      : sums_(sums), likeliest_(likeliest), last_(likeliest), up_(up) {
    extend();
  }
  [[nodiscard]] bool is_done() const { return last_ == end(); }
  /** The tilt at which the law leans as it does at the last sum known; steeper after one that saw nothing new. */
  [[nodiscard]] double tilt() const {
    const std::size_t reach = std::min(up_ ? last_ - likeliest_ : likeliest_ - last_, 1 + sums_.p.size() / 64);
    if (reach == 0) return up_ ? steeper_ : -steeper_;
    const std::size_t inner = up_ ? last_ - reach : last_ + reach;
    return -steeper_ * (sums_.log_p[last_] - sums_.log_p[inner]) /
           static_cast<double>(sums_.lattice[last_] - sums_.lattice[inner]);
  }
  void add(const TiltedSums& seen) {
    for (std::size_t j = 0; j < sums_.p.size(); ++j) {
      if (std::isnan(sums_.log_p[j])) sums_.log_p[j] = seen.log_p(static_cast<std::size_t>(sums_.lattice[j]));
    }
    const std::size_t before = last_;
    extend();
    steeper_ = last_ == before ? 2 * steeper_ : 1;
  }

 private:
  [[nodiscard]] std::size_t end() const { return up_ ? sums_.p.size() - 1 : 0; }
  void extend() {
    while (last_ != end() && !std::isnan(sums_.log_p[up_ ? last_ + 1 : last_ - 1])) last_ = up_ ? last_ + 1 : last_ - 1;
  }

  ChainSums& sums_;
  std::size_t likeliest_;
  std::size_t last_;
  bool up_;
  double steeper_ = 1;
};

/** Of sequences that no double holds all probabilities of. */
ChainSums by_tilts(const MarkovLaw& t, std::int64_t length) {
  const TiltedSums base = tilted_sums(t, length, 0);
  const Attained attained(t, length);
  ChainSums sums;
  for (std::size_t x = 0; x < base.q.size(); ++x) {
    if (!attained.has(x)) continue;
    add_sum(sums, x, std::max(base.q[x], std::numeric_limits<double>::denorm_min()));
    sums.log_p.push_back(base.log_p(x));
  }
  const auto likeliest = static_cast<std::size_t>(std::max_element(sums.p.begin(), sums.p.end()) - sums.p.begin());
  constexpr int most_tilts = 12;
  for (const bool up : {true, false}) {
    Side side(sums, likeliest, up);
    for (int i = 0; i < most_tilts && !side.is_done(); ++i) side.add(tilted_sums(t, length, side.tilt()));
  }
  return sums;
}

/** On a lattice, whatever the probabilities. */
ChainSums by_steps(const MarkovLaw& t, std::int64_t length) {
  if (holds_every_sequence(t, length)) return on_lattice(t, length);
  auto sums = by_powers(t, length);
  return sums ? *std::move(sums) : by_tilts(t, length);
}

/** A sum by what its rewards are, and how likely. */
struct Counted {
  DoubleDouble step;
  std::int64_t lattice;
  double p;
  double log_p;
};

PlacedRewards by_counts_of(const TokenLaw& rewards, std::int64_t length) {
  PlacedRewards out{{0}, length + 1};
  for (std::int64_t place = 1; out.place.size() < rewards.size(); place *= out.radix) out.place.push_back(place);
  return out;
}

/** By counts of rewards, which are on a lattice, and a short one where rewards are few. Empty where neighbours on it
 * are too far apart for a double: tilts of such a lattice lean to nothing that there is. */
std::optional<std::vector<Counted>> counted_sums(const MarkovLaw& t, std::int64_t length) {
  const PlacedRewards counts = by_counts_of(t.rewards, length);
  MarkovLaw placed = t;
  placed.rewards.lattice = counts.place;
  const auto found =
      holds_every_sequence(t, length) ? std::optional(on_lattice(placed, length)) : by_powers(placed, length);
  if (!found) return std::nullopt;
  std::vector<Counted> out;
  for (std::size_t i = 0; i < found->p.size(); ++i) {
    Counted sum{0, 0, found->p[i], found->log_p.empty() ? 0 : found->log_p[i]};
    std::tie(sum.step, sum.lattice) = counts.sum(t.rewards, found->lattice[i]);
    out.push_back(sum);
  }
  return out;
}

/** By how often each reward occurs, of few rewards; empty as `counted_sums`. */
std::optional<ChainSums> by_few_counts(const MarkovLaw& t, std::int64_t length) {
  auto found = counted_sums(t, length);
  if (!found) return std::nullopt;
  std::stable_sort(found->begin(), found->end(), [](const Counted& a, const Counted& b) { return a.step < b.step; });
  const bool are_deep = !holds_every_sequence(t, length);
  const double same = same_sum(t, length);
  ChainSums sums;
  for (const Counted& sum : *found) {
    if (!sums.step.empty() && (sum.step - sums.step.back()).value() <= same) {
      sums.p.back() += sum.p;
      if (are_deep) sums.log_p.back() = log_add(sums.log_p.back(), sum.log_p);
      continue;
    }
    sums.step.push_back(sum.step);
    sums.p.push_back(sum.p);
    if (!t.rewards.lattice.empty()) sums.lattice.push_back(sum.lattice);
    if (are_deep) sums.log_p.push_back(sum.log_p);
  }
  return sums;
}

}  // namespace

double same_sum(const MarkovLaw& t, std::int64_t length) {
  return t.rewards.lattice.empty() ? 1e-29 * static_cast<double>(length) * t.rewards.step.back().value() : 0;
}

std::pair<DoubleDouble, std::int64_t> PlacedRewards::sum(const TokenLaw& rewards, std::int64_t placed) const {
  if (radix == 0) return {from_integer(placed), placed};
  std::pair<DoubleDouble, std::int64_t> out{0, 0};
  for (std::size_t level = 1; placed > 0; ++level, placed /= radix) {
    const std::int64_t count = placed % radix;
    out.first += rewards.step[level] * from_integer(count);
    if (!rewards.lattice.empty()) out.second += rewards.lattice[level] * count;
  }
  return out;
}

PlacedRewards placed_rewards(const MarkovLaw& t, std::int64_t length) {
  const auto n = static_cast<double>(length);
  if (!t.rewards.lattice.empty() &&
      !(cost_of_counts(t, n) < cost_of_steps(t, n, static_cast<double>(t.rewards.lattice.back()))))
    return {t.rewards.lattice};
  return by_counts_of(t.rewards, length);
}

ChainSums chain_sums(const MarkovLaw& t, std::int64_t length) {
  if (t.rewards.size() == 1) return {{0}, {1}, {0}};
  const auto n = static_cast<double>(length);
  const bool off_lattice = t.rewards.lattice.empty();
  const double stepped = off_lattice ? infinity : cost_of_steps(t, n, static_cast<double>(t.rewards.lattice.back()));
  if (cost_of_counts(t, n) < stepped) {
    if (auto sums = by_few_counts(t, length)) return *std::move(sums);
  }
  if (off_lattice) return by_counts(t, length);
  if (!(stepped < infinity))
    throw InputError("model.length", std::to_string(length) +
                                         " transitions of these probabilities are less likely than a double tells");
  return by_steps(t, length);
}

}  // namespace tiltlab
