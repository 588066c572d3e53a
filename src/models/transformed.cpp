#include "models/transformed.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include "error.hpp"
#include "laws/chain_sums.hpp"
#include "laws/counts.hpp"
#include "laws/deep_cumulants.hpp"
#include "laws/finite.hpp"
#include "laws/independent_sums.hpp"
#include "models/chain.hpp"
#include "models/text.hpp"
#include "numerics/log_domain.hpp"

namespace tiltlab {

namespace {

/** Values that differ by less than this share of the largest are one, to 31 digits of rounding. */
constexpr double same_value = 1e-28;

/** The least of doubles, which stands for whatever is below it. */
constexpr double least_probability = std::numeric_limits<double>::denorm_min();

/** A value of the transformed reward with its probability, and the logarithm of that, which no double may hold; and the
 * mean gold of its sequences. */
struct Value {
  DoubleDouble reward;
  DoubleDouble p;
  double log_p;
  double gold;
};

/** Above which a logarithm tells a probability that a double holds to its last digit. */
constexpr double in_range = -690;

const char* shape_field(const Transform& f) {
  return f.kind == TransformKind::power ? "transform.exponent" : "transform.scale";
}

double largest_total(const MarkovLaw& law, std::int64_t length) {
  const TokenLaw& r = law.rewards;
  return static_cast<double>(length) *
         std::max(std::fabs(r.base.value()), std::fabs((r.base + r.unit * r.step.back()).value()));
}

/** n f(S/n) of every sum S, in increasing order, equal ones merged. */
std::vector<Value> values_of(const MarkovLaw& law, std::int64_t length, const Transform& f, const ChainSums& sums) {
  const TokenLaw& r = law.rewards;
  const double scale = largest_total(law, length);
  const DoubleDouble least = r.base * from_integer(length);
  std::vector<Value> all;
  double largest = 0;
  for (std::size_t i = 0; i < sums.p.size(); ++i) {
    const double log_p = sums.log_p.empty() ? std::log(sums.p[i]) : sums.log_p[i];
    const double p = sums.log_p.empty() || log_p > least_log_mass ? sums.p[i] : log_p > in_range ? std::exp(log_p) : 0;
    all.push_back({transformed_total(f, least + r.unit * sums.step[i], length, scale), p, log_p,
                   sums.gold.empty() ? 0 : sums.gold[i]});
    largest = std::max(largest, std::fabs(all.back().reward.value()));
  }
  const auto is_less = [](const Value& a, const Value& b) { return a.reward < b.reward; };
  // As of an increasing f they are.
  if (!std::is_sorted(all.begin(), all.end(), is_less)) std::stable_sort(all.begin(), all.end(), is_less);
  std::vector<Value> distinct;
  for (const Value& value : all) {
    if (distinct.empty() || (value.reward - distinct.back().reward).value() > same_value * largest) {
      distinct.push_back(value);
      continue;
    }
    if (is_injective(f))
      throw InputError(shape_field(f), to_text((f.kind == TransformKind::power ? f.first : f.second).value()) +
                                           " brings rewards nearer to one another than 28 digits tell, at length " +
                                           std::to_string(length));
    distinct.back().p += value.p;
    distinct.back().log_p = log_add(distinct.back().log_p, value.log_p);
    distinct.back().gold += (value.gold - distinct.back().gold) * std::exp(value.log_p - distinct.back().log_p);
  }
  return distinct;
}

/** The finite model of the values. One that is less likely than a double tells to all its digits has the probability 0,
 * and a logarithm. */
Tokens tokens_of(const std::vector<Value>& values) {
  DoubleDouble total = 0;
  for (const Value& value : values) total += value.p;
  TokenLaw law;
  law.base = values.front().reward;
  law.unit = values.size() > 1 ? values.back().reward - values.front().reward : DoubleDouble(1);
  // Products take a quarter of a quotient's time.
  const DoubleDouble per_total = DoubleDouble(1) / total;
  const DoubleDouble per_unit = DoubleDouble(1) / law.unit;
  if (values.size() <= 2) law.lattice = {0, 1};
  law.lattice.resize(std::min(law.lattice.size(), values.size()));
  for (const Value& value : values) {
    law.add(value.p * per_total, (value.reward - law.base) * per_unit,
            (values.back().reward - value.reward) * per_unit);
    law.gold.back() = value.gold;
    if (value.p.value() == 0) {
      law.log_p.back() = value.log_p;
      law.deep_cumulants = deep_cumulants;
    }
  }
  // The ends are what they are, whatever a quotient rounds to.
  if (values.size() > 1) {
    law.step.back() = law.below_top.front() = 1;
    law.position.back() = law.drop.front() = 1;
  }
  const bool golden = law.has_gold();
  return {std::move(law), 1, false, {}, golden};
}

[[noreturn]] void refuse_length(std::int64_t length) {
  throw InputError("model.length", std::to_string(length) +
                                       " is too long for a transform, which takes a list of all sums; a shorter "
                                       "sequence has fewer");
}

double log_p_of(const ChainSums& sums, std::size_t i) {
  return sums.log_p.empty() ? std::log(sums.p[i]) : sums.log_p[i];
}

/** Additions that listing the sums on a lattice takes, by whichever way is shorter; 0 off any. */
double listing_cost(const MarkovLaw& law, bool is_memoryless, std::int64_t length) {
  const double by_steps = chain_listing_cost(law, length);
  return is_memoryless ? std::min(by_steps, independent_listing_cost(law.rewards, length)) : by_steps;
}

/** By whichever way is shorter, where one is; of independent tokens on a lattice alone. */
std::optional<ChainSums> listed_sums(const MarkovLaw& law, bool is_memoryless, std::int64_t length) {
  if (is_memoryless && law.rewards.lattice.empty()) return std::nullopt;
  const double by_steps = chain_listing_cost(law, length);
  const double at_once = is_memoryless ? independent_listing_cost(law.rewards, length) : infinity;
  if (at_once < by_steps && at_once <= most_transformed_additions) {
    if (auto sums = independent_sums(law.rewards, length)) return sums;
  }
  if (!(by_steps <= most_transformed_additions)) return std::nullopt;
  return chain_sums(law, length);
}

/**
 * Mean gold of the sequences of each sum on a lattice. Tokens are alike, so that all have `length` times what one has:
 * E[G | S = s] P(S = s) = n sum_k p_k g_k P(S' = s - step_k), S' the sum of the others.
 */
std::vector<double> gold_of_sums(const MarkovLaw& law, std::int64_t length, const ChainSums& sums) {
  const std::optional<ChainSums> of_others = listed_sums(law, true, length - 1);
  if (!of_others) refuse_length(length);
  const ChainSums& others = *of_others;
  std::vector<double> gold;
  for (std::size_t i = 0; i < sums.lattice.size(); ++i) {
    double mean = 0;
    for (const Transition& t : law.transitions) {
      const std::int64_t rest = sums.lattice[i] - law.rewards.lattice[t.level];
      const auto at = std::lower_bound(others.lattice.begin(), others.lattice.end(), rest);
      if (at == others.lattice.end() || *at != rest) continue;
      const double log_other = log_p_of(others, static_cast<std::size_t>(at - others.lattice.begin()));
      const double share = std::exp(log_other - log_p_of(sums, i)) * t.p.value();
      if (std::isfinite(share)) mean += share * law.rewards.gold[t.level];
    }
    gold.push_back(static_cast<double>(length) * mean);
  }
  return gold;
}

/** Every sum, by whichever list is short. @throws InputError where none is */
ChainSums sums_of(const MarkovLaw& law, bool is_memoryless, std::int64_t length) {
  // A single token's sums are its rewards.
  const bool golden = is_memoryless && law.rewards.has_gold();
  if (is_memoryless && length == 1) return {law.rewards.step, law.rewards.p, law.rewards.lattice, {}, law.rewards.gold};
  if (auto sums = listed_sums(law, is_memoryless, length)) {
    if (golden) sums->gold = gold_of_sums(law, length, *sums);
    return *std::move(sums);
  }
  if (!is_memoryless) refuse_length(length);
  // Compositions of independent tokens: on a long lattice, or off any.
  const auto all = counted_law(law.rewards, length, tilt_at(law.rewards, 0), std::nullopt, max_types);
  if (!all) refuse_length(length);
  ChainSums sums;
  for (std::size_t j = 0; j < all->size(); ++j) {
    sums.step.push_back(all->center + all->exact_offset(j));
    sums.log_p.push_back(all->log_mass[j] - all->log_scale.value());
    sums.p.push_back(std::max(std::exp(sums.log_p.back()), least_probability));
  }
  if (golden) sums.gold = all->gold;
  return sums;
}

Tokens listed(const MarkovLaw& law, bool is_memoryless, std::int64_t length, const Transform& f) {
  if (law.rewards.exponent != 0) throw InputError("transform", "is of rewards whose largest is between 1e-60 and 1e60");
  const std::vector<Value> values = values_of(law, length, f, sums_of(law, is_memoryless, length));
  for (const Value& value : values) {
    if (std::isnan(value.log_p))
      throw InputError("model.length", std::to_string(length) +
                                           " is so long that no method here finds how likely some transformed rewards "
                                           "are; a shorter sequence has none such");
  }
  return tokens_of(values);
}

/** Independent tokens as a chain of one state. */
MarkovLaw one_state(const TokenLaw& token) {
  MarkovLaw law{1, {1}, {}, token};
  for (std::size_t i = 0; i < token.size(); ++i) law.transitions.push_back({0, 0, token.probability[i], i});
  return law;
}

}  // namespace

Transformed transformed_model(MarkovLaw law, bool is_memoryless, std::int64_t length, const Transform& transform) {
  Tokens values = listed(law, is_memoryless, length, transform);
  return {std::move(law), is_memoryless, length, transform, std::move(values)};
}

Transformed make_model(const TransformedInput& i) {
  const Transform transform = make_transform(i.transform, i.parameters, i.x, i.y);
  const std::int64_t length = sequence_length(i.length);
  if (TextInput::has(i.of))
    return transformed_model(class_chain(moby_dick_classes(), i.length), false, length, transform);
  if (MarkovInput::has(i.of))
    return transformed_model(make_markov_law(i.initial, i.transition, i.reward, i.length, i.counts), false, length,
                             transform);
  const Tokens tokens = memoryless_model(i.p, i.reward, i.length, i.counts, i.path, i.gold);
  return transformed_model(one_state(tokens.token), true, length, transform);
}

namespace {

/** Mass that a picture cannot show. */
constexpr double invisible = 1e-9;
/** Distances of neighbouring values, against their median, from which nothing is drawn between them. */
constexpr double gap = 6;

/** What is seen of a law: values per token with their masses, and half the distance of neighbours. */
struct Seen {
  std::vector<double> x;
  std::vector<double> mass;
  double spacing = 0;
};

Seen seen_of(const Transformed& m, const std::vector<double>& mass) {
  std::size_t first = 0;
  std::size_t last = mass.size();
  while (first + 1 < last && mass[first] < invisible) ++first;
  while (last > first + 1 && mass[last - 1] < invisible) --last;
  const TokenLaw& law = m.values.token;
  Seen seen;
  std::vector<double> distance;
  for (std::size_t i = first; i < last; ++i) {
    seen.x.push_back(((law.base + law.unit * law.step[i]) / from_integer(m.length)).value());
    seen.mass.push_back(mass[i]);
    if (i > first) distance.push_back(seen.x.back() - seen.x[i - first - 1]);
  }
  if (distance.empty()) return seen;
  const auto middle = distance.begin() + static_cast<std::ptrdiff_t>(distance.size() / 2);
  std::nth_element(distance.begin(), middle, distance.end());
  seen.spacing = *middle;
  return seen;
}

/** The density of values that are spaced as f spaces them, as many of them together as leave about `points`; nothing
 * where a jump of f leaves none. */
LawCurve density_of(const Transformed& m, const std::vector<double>& mass, int points) {
  const Seen seen = seen_of(m, mass);
  const std::size_t size = seen.x.size();
  LawCurve curve;
  if (size == 1) return {seen.x, seen.mass, seen.mass, 0, 0, 0};
  const std::size_t together = (size + static_cast<std::size_t>(points) - 1) / static_cast<std::size_t>(points);
  curve.width = seen.spacing * static_cast<double>(together);
  const double widest = gap * seen.spacing;
  const auto add = [&](double x, double of, double width) {
    curve.x.push_back(x);
    curve.mass.push_back(of);
    curve.density.push_back(of / width);
  };
  for (std::size_t i = 0; i < size;) {
    // One cell: neighbours up to the next gap, each as wide as half the way to those beside it.
    double of = 0;
    double centre = 0;
    double low = seen.x[i] - (i > 0 ? std::min(widest, seen.x[i] - seen.x[i - 1]) : seen.spacing) / 2;
    std::size_t k = i;
    bool ends = false;
    for (; k < size && k < i + together && !ends; ++k) {
      of += seen.mass[k];
      centre += seen.x[k];
      ends = k + 1 == size || seen.x[k + 1] - seen.x[k] > widest;
    }
    const double high = seen.x[k - 1] + (k < size ? std::min(widest, seen.x[k] - seen.x[k - 1]) : seen.spacing) / 2;
    add(centre / static_cast<double>(k - i), of, std::max(high - low, seen.spacing / 4));
    if (k < size && ends) {
      add(seen.x[k - 1] + seen.spacing, 0, seen.spacing);
      add(seen.x[k] - seen.spacing, 0, seen.spacing);
    }
    i = k;
  }
  return curve;
}

LawCurve with_moments(LawCurve curve, const Outcome& of, std::int64_t length) {
  curve.mean = of.reward / static_cast<double>(length);
  curve.sd = of.reward_sd / static_cast<double>(length);
  return curve;
}

}  // namespace

LawCurve picture(const Transformed& m, const TokenTilt& tilt, int points) {
  return with_moments(density_of(m, tilt.weights, points), outcome(m.values, tilt), m.length);
}

LawCurve picture_of_best(const Transformed& m, const DoubleDouble& log_n, const TokenTilt& tilt, int points) {
  const BestOfNOutcome bon = best_of(m, log_n, tilt);
  // One draw is the base model.
  if (!bon.at) return picture(m, base_of(m.values), points);
  return with_moments(density_of(m, bon.at->policy.mass, points), outcome(m.values, bon), m.length);
}

namespace {

/** Transitions, or rewards of independent tokens, of which a thousand tilts take a tenth of a second. */
constexpr std::size_t most_transitions = 5000;

}  // namespace

std::optional<TransformedRates> rates_of(const Transformed& m) {
  if (m.law.transitions.size() > most_transitions) return std::nullopt;
  if (m.is_memoryless) return TransformedRates(mean_rates(m.law.rewards), m.transform);
  try {
    return TransformedRates(mean_rates(m.law), m.transform);
  } catch (const InputError&) {
    // What is listed may have none.
    return std::nullopt;
  } catch (const NumericalError&) {
    return std::nullopt;
  }
}

std::optional<Limits> limits_of(const Transformed& m, const DoubleDouble& rate, const TokenTilt&) {
  const std::optional<TransformedRates> rates = rates_of(m);
  if (!rates) return std::nullopt;
  const TransformedRates::KlRl optimum = rates->kl_rl(rate.value());
  Limits limits;
  limits.rate = rate.value();
  limits.alpha = optimum.alpha;
  limits.transformed = {rates->best_of_n(rate.value()), optimum.reward};
  return limits;
}

namespace {

/** Sums that may differ, at most: levels of a lattice, or counts of rewards. */
double most_sums(const MarkovLaw& law, std::int64_t length) {
  const double counts = count_types(law.rewards, length);
  if (law.rewards.lattice.empty()) return counts;
  return std::min(counts, static_cast<double>(length) * static_cast<double>(law.rewards.lattice.back()) + 1);
}

/** Additions that finding the optimum among so many values takes, each: tilts and exponentials to 31 digits. */
constexpr double work_of_a_value = 4000;

}  // namespace

GapPoint TransformedLengths::at(std::int64_t length, bool affordable) {
  GapPoint point;
  const double listing = listing_cost(m_.law, m_.is_memoryless, length);
  const double solving = work_of_a_value * most_sums(m_.law, length);
  // A curve has many lengths.
  constexpr double share_of_listing = 0.1;
  constexpr double share_of_solving = 0.3;
  if (!affordable || !(listing <= share_of_listing * most_transformed_additions) ||
      !(solving <= share_of_solving * most_transformed_additions))
    return point;
  try {
    work_ += listing + solving;
    const Tokens values = listed(m_.law, m_.is_memoryless, length, m_.transform);
    work_ += add_gap(values, rate_ * from_integer(length), length, point);
  } catch (const NumericalError&) {
    // Where no method holds, lengths are gaps in the curve.
  } catch (const InputError&) {
    // Nor where there are too many sums to list.
  }
  return point;
}

}  // namespace tiltlab
