#include "models/chain.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <utility>

#include "error.hpp"
#include "numerics/log_domain.hpp"

namespace tiltlab {

namespace {

/** Additions that listing a lattice of sums may take, and entries of a list of sums off any lattice. */
constexpr double most_additions = 3e8;
/** Additions up to which listing is quicker than anything else, and those of sequences too short to have lobes. */
constexpr double quick_additions = 2e6;
constexpr double quick_for_short = 1.2e8;
constexpr std::int64_t short_length = 128;
constexpr double most_levels = 1e5;
constexpr std::size_t most_entries = 200'000;
/** Entries that all transitions together may add to: each takes about half a microsecond. */
constexpr std::size_t most_added = 4'000'000;
/** Logarithms under which a probability leaves a double's range. */
constexpr double least_log = -640;

/** Sums of rewards in increasing order, in steps of the lattice's unit from the least that a transition has. */
struct Sums {
  std::vector<DoubleDouble> step;
  std::vector<double> p;
  /** The steps, where they are those of a lattice. */
  std::vector<std::int64_t> lattice;
};

/** Additions that listing every sum takes; infinite where there are too many sums, 0 where they share no lattice and
 * only the list itself tells. */
double listing_cost(const MarkovLaw& t, std::int64_t length) {
  if (t.rewards.lattice.empty() || t.rewards.size() == 1) return 0;
  const auto top = static_cast<double>(t.rewards.lattice.back());
  const auto n = static_cast<double>(length);
  if (n * top + 1 > most_levels) return infinity;
  return static_cast<double>(t.transitions.size()) * n * (n * top / 2 + 1);
}

/** Probability by state and sum, a transition at a time. */
Sums on_lattice(const MarkovLaw& t, std::int64_t length) {
  const std::vector<std::int64_t>& step = t.rewards.lattice;
  if (t.rewards.size() == 1) return {{0}, {1}, {0}};
  const auto top = static_cast<std::size_t>(step.back());
  std::vector<std::vector<double>> now(t.states);
  for (std::size_t i = 0; i < t.states; ++i) now[i] = {t.initial[i].value()};
  for (std::int64_t n = 0; n < length; ++n) {
    const std::size_t size = now[0].size();
    std::vector<std::vector<double>> next(t.states, std::vector<double>(size + top, 0));
    for (const Transition& s : t.transitions) {
      const std::vector<double>& from = now[s.from];
      double* to = next[s.to].data() + step[s.level];
      const double p = s.p.value();
      for (std::size_t x = 0; x < size; ++x) to[x] += p * from[x];
    }
    now = std::move(next);
  }
  Sums sums;
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
Sums by_counts(const MarkovLaw& t, std::int64_t length) {
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
        next[s.to][std::move(more)] += s.p.value() * p;
      }
    }
    for (const auto& state : next) entries += state.size();
    if (entries > most_entries || added > most_added)
      throw InputError(
          "model.length",
          std::to_string(length) + " transitions of rewards that share no lattice have more sums than are listed");
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
  Sums sums;
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

/** Whether all sequences have probabilities that a double holds: the sum of one that has not would be lost. */
bool in_range(const MarkovLaw& t, std::int64_t length) {
  if (t.rewards.size() == 1) return true;
  double least = 1;
  for (const Transition& s : t.transitions) least = std::min(least, s.p.value());
  for (const DoubleDouble& p : t.initial) {
    if (p.value() > 0) least = std::min(least, std::pow(p.value(), 1 / static_cast<double>(length)));
  }
  return !(static_cast<double>(length) * std::log(least) < least_log);
}

/** The finite model of the sums. */
Tokens listed(const MarkovLaw& t, std::int64_t length) {
  if (!in_range(t, length))
    throw InputError("model.length", std::to_string(length) +
                                         " transitions of these probabilities are less likely than a double tells; a "
                                         "shorter chain is listed");
  Sums sums = t.rewards.lattice.empty() ? by_counts(t, length) : on_lattice(t, length);
  DoubleDouble total = 0;
  for (const double p : sums.p) total += p;
  TokenLaw law;
  law.exponent = t.rewards.exponent;
  law.unit = t.rewards.unit;
  const DoubleDouble least = sums.step.front();
  law.base = t.rewards.base * from_integer(length) + t.rewards.unit * least;
  for (std::size_t i = 0; i < sums.p.size(); ++i) {
    law.probability.push_back(DoubleDouble(sums.p[i]) / total);
    law.p.push_back(law.probability.back().value());
    law.log_p.push_back(log_probability(law.probability.back()));
    law.step.push_back(sums.step[i] - least);
    law.below_top.push_back(sums.step.back() - sums.step[i]);
    law.position.push_back(law.step.back().value());
    law.drop.push_back(law.below_top.back().value());
    law.gold.push_back(0);
    if (!sums.lattice.empty()) law.lattice.push_back(sums.lattice[i] - sums.lattice.front());
  }
  return {std::move(law), 1, false};
}

}  // namespace

Chain chain_of(MarkovLaw law, std::int64_t length) {
  const double cost = listing_cost(law, length);
  if (cost <= (length < short_length ? quick_for_short : quick_additions) && in_range(law, length)) {
    Tokens whole = listed(law, length);
    return {std::move(law), length, std::move(whole)};
  }
  try {
    LongChain sums = long_chain(law, length);
    return {std::move(law), length, std::move(sums)};
  } catch (const InputError&) {
    // What has no limits may still be short enough.
    if (!(cost <= most_additions)) throw;
  }
  Tokens whole = listed(law, length);
  return {std::move(law), length, std::move(whole)};
}

Chain make_model(const MarkovInput& input) {
  const std::int64_t length = sequence_length(input.length);
  return chain_of(make_markov_law(input.initial, input.transition, input.reward, input.length), length);
}

namespace {

/** Sums of a few rewards come in combs: bins hold some of their teeth. */
int bins(int points) { return std::max(12, points / 4); }

template <class F>
auto with_tilt(const Chain& c, const ChainTilt& tilt, F&& f) {
  if (const auto* whole = std::get_if<Tokens>(&c.sums)) return f(*whole, std::get<TokenTilt>(tilt));
  return f(std::get<LongChain>(c.sums), std::get<LongTilt>(tilt));
}

/** A law of totals as one of rewards per transition. */
LawCurve per_transition(LawCurve curve, std::int64_t length) {
  const auto n = static_cast<double>(length);
  for (double& x : curve.x) x /= n;
  // A law on one point has no width, and its density is its mass.
  if (curve.width > 0) {
    for (double& x : curve.density) x *= n;
  }
  curve.width /= n;
  curve.mean /= n;
  curve.sd /= n;
  return curve;
}

}  // namespace

LawCurve picture(const Chain& c, const ChainTilt& tilt, int points) {
  if (const auto* whole = std::get_if<Tokens>(&c.sums))
    return per_transition(picture(*whole, std::get<TokenTilt>(tilt), bins(points), true), c.length);
  return picture(std::get<LongChain>(c.sums), std::get<LongTilt>(tilt), points);
}

LawCurve picture_of_best(const Chain& c, const DoubleDouble& log_n, const ChainTilt& tilt, int points) {
  if (const auto* whole = std::get_if<Tokens>(&c.sums))
    return per_transition(picture_of_best(*whole, log_n, std::get<TokenTilt>(tilt), bins(points), true), c.length);
  return picture_of_best(std::get<LongChain>(c.sums), log_n, std::get<LongTilt>(tilt), points);
}

ChainTilt base_of(const Chain& c, Accuracy) {
  return std::visit([](const auto& sums) -> ChainTilt { return base_of(sums); }, c.sums);
}

ChainTilt tilt_for(const Chain& c, const DoubleDouble& nats, Accuracy) {
  return std::visit([&](const auto& sums) -> ChainTilt { return tilt_for(sums, nats); }, c.sums);
}

BestOfNOutcome best_of(const Chain& c, const DoubleDouble& log_n, const ChainTilt& tilt) {
  return with_tilt(c, tilt, [&](const auto& sums, const auto& at) { return best_of(sums, log_n, at); });
}

ChainTilt tilt_at_kl_of(const Chain& c, const BestOfNOutcome& bon, const ChainTilt& base) {
  return with_tilt(c, base,
                   [&](const auto& sums, const auto& at) -> ChainTilt { return tilt_at_kl_of(sums, bon, at); });
}

Outcome base_outcome(const Chain& c, const ChainTilt& base) {
  return with_tilt(c, base, [](const auto& sums, const auto& at) { return base_outcome(sums, at); });
}

Outcome outcome(const Chain& c, const ChainTilt& tilt) {
  return with_tilt(c, tilt, [](const auto& sums, const auto& at) { return outcome(sums, at); });
}

Outcome outcome(const Chain& c, const BestOfNOutcome& bon) {
  return std::visit([&](const auto& sums) { return outcome(sums, bon); }, c.sums);
}

Comparison compare(const Chain& c, const Optima<ChainTilt>& optima, const BestOfNOutcome& bon) {
  return with_tilt(c, optima.base, [&]<class Sums, class Tilt>(const Sums& sums, const Tilt& base) {
    return compare(sums, Optima<Tilt>{base, std::get<Tilt>(optima.at_budget), std::get<Tilt>(optima.at_bon_kl)}, bon);
  });
}

Extremes extremes(const Chain& c, const BestOfNOutcome& bon) {
  return std::visit([&](const auto& sums) { return extremes(sums, bon); }, c.sums);
}

double earns_more(const Chain& c, double from, double to) {
  return std::visit([&](const auto& sums) { return earns_more(sums, from, to); }, c.sums);
}

std::optional<Limits> limits_of(const Chain& c, const DoubleDouble& rate, const ChainTilt&) {
  if (const auto* sums = std::get_if<LongChain>(&c.sums)) return limits_of(*sums, rate);
  try {
    return limits_of(long_chain(c.law, c.length), rate);
  } catch (const InputError&) {
    // What is listed may have none.
    return std::nullopt;
  }
}

ChainPaths::ChainPaths(const Chain& c) {
  if (const auto* whole = std::get_if<Tokens>(&c.sums)) listed_.emplace(*whole);
  if (const auto* sums = std::get_if<LongChain>(&c.sums)) long_.emplace(*sums);
}

PathPoint ChainPaths::optimum(double kl) { return listed_ ? listed_->optimum(kl) : long_->optimum(kl); }

PathPoint ChainPaths::best_of_n(double log_n) { return listed_ ? listed_->best_of_n(log_n) : long_->best_of_n(log_n); }

ChainLengths::ChainLengths(const Chain& c, const DoubleDouble& rate) : law_(c.law), rate_(rate) {
  try {
    const LongChain any = long_chain(c.law, c.length);
    at_rate_ = {any.law, chain_rate(any.law, any.recurrence, rate)};
  } catch (const InputError&) {
    // Nothing to compare short sequences with.
  }
}

GapPoint ChainLengths::at(std::int64_t length, bool affordable) {
  GapPoint point = at_rate_ ? sharp_point(at_rate_->first, at_rate_->second, length) : GapPoint{};
  if (!affordable) return point;
  try {
    const Chain c = chain_of(law_, length);
    const DoubleDouble nats = rate_ * from_integer(length);
    if (const auto* sums = std::get_if<LongChain>(&c.sums)) {
      work_ += add_gap(*sums, nats, point);
      return point;
    }
    const auto& whole = std::get<Tokens>(c.sums);
    const TokenTilt tilt = tilt_for(whole, nats);
    const BestOfNOutcome bon = best_of(whole, nats, tilt);
    work_ += 100 * static_cast<double>(whole.token.size()) + listing_cost(law_, length);
    const auto n = static_cast<double>(length);
    point.gap =
        std::ldexp(std::max(0.0, (sequence_reward(whole, tilt) - bon.reward).value()) / n, whole.token.exponent);
    point.kl_to_kl_rl = bon.kl_to_kl_rl / n;
  } catch (const NumericalError&) {
    // Where no method holds, lengths are gaps in the curve.
  } catch (const InputError&) {
    // Nor are there limits for a chain that is too long to list.
  }
  return point;
}

LaidPolicy ChainPolicies::lay(const ExtraPolicy& asked, const std::string& path) {
  if (listed_) return listed_->lay(asked, path);
  throw InputError(path, "is laid on chains whose sums are few enough to list; a shorter chain has so few");
}

FurtherOutcome further_outcome(const Chain& c, const LaidPolicy& laid, const ChainTilt& at_budget) {
  return further_outcome(std::get<Tokens>(c.sums), laid, std::get<TokenTilt>(at_budget));
}

}  // namespace tiltlab
