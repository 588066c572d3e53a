#include "models/chain.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "error.hpp"
#include "laws/chain_sums.hpp"
#include "laws/optimal_gain.hpp"
#include "models/block_policies.hpp"
#include "models/chain_blocks.hpp"
#include "numerics/log_domain.hpp"
#include "policies/registry.hpp"

namespace tiltlab {

namespace {

/** Additions that listing a lattice of sums may take: a second or so. */
constexpr double most_additions = 6e9;
/** Additions up to which listing is quicker than anything else; those of sequences whose law is no lobe yet, and of
 * ones too short for any, but on a lattice so short that all frequencies are soon gone through. */
constexpr double quick_additions = 2e6;
constexpr double quick_for_middle = 2e9;
constexpr double quick_on_short_lattice = 1e8;
constexpr std::int64_t middle_length = 600;
constexpr std::int64_t short_length = 128;
constexpr std::int64_t shortest_inverted = 88;
constexpr std::int64_t shortest_lattice = 64;

double quick_for(const MarkovLaw& law, std::int64_t length) {
  const bool on_short = !law.rewards.lattice.empty() && law.rewards.lattice.back() <= shortest_lattice;
  if (length < (on_short ? shortest_inverted : short_length)) return most_additions;
  if (length < short_length) return quick_on_short_lattice;
  return length < middle_length ? quick_for_middle : quick_additions;
}

}  // namespace

Tokens sums_of_chain(const MarkovLaw& t, std::int64_t length) {
  if (!holds_every_sequence(t, length))
    throw InputError("model.length", std::to_string(length) +
                                         " transitions of these probabilities are less likely than a double tells; a "
                                         "shorter chain is listed");
  const ChainSums sums = chain_sums(t, length);
  DoubleDouble total = 0;
  for (const double p : sums.p) total += p;
  TokenLaw law;
  law.exponent = t.rewards.exponent;
  law.unit = t.rewards.unit;
  const DoubleDouble least = sums.step.front();
  law.base = t.rewards.base * from_integer(length) + t.rewards.unit * least;
  for (std::size_t i = 0; i < sums.p.size(); ++i) {
    law.add(DoubleDouble(sums.p[i]) / total, sums.step[i] - least, sums.step.back() - sums.step[i]);
    if (!sums.lattice.empty()) law.lattice.push_back(sums.lattice[i] - sums.lattice.front());
  }
  return {std::move(law), 1, false};
}

namespace {

/** Intervals of a lattice so fine that sums of 10^9 transitions still count its points in an int64. */
constexpr std::int64_t fine_intervals = std::int64_t{1} << 32;

/** Rewards that share no lattice on one whose points do not matter; as they are where it does not tell them apart. */
MarkovLaw on_fine_lattice(MarkovLaw law) {
  if (!law.rewards.lattice.empty()) return law;
  TokenLaw fine = on_rounded_lattice(law.rewards, law.rewards.p, fine_intervals);
  if (fine.size() == law.rewards.size()) law.rewards = std::move(fine);
  return law;
}

}  // namespace

Chain chain_of(MarkovLaw law, std::int64_t length) {
  const double cost = chain_listing_cost(law, length);
  // Off a lattice only the list itself tells how long it is.
  const bool is_untold = cost == 0 && law.rewards.size() > 1;
  const bool is_quick = is_untold ? length < short_length : cost <= quick_for(law, length);
  if (is_quick && holds_every_sequence(law, length)) {
    try {
      Tokens whole = sums_of_chain(law, length);
      return {std::move(law), length, std::move(whole)};
    } catch (const InputError&) {
      // What is too much to list may be inverted.
    }
  }
  try {
    // Both of one unit.
    MarkovLaw fine = on_fine_lattice(law);
    LongChain sums = long_chain(fine, length);
    return {std::move(fine), length, std::move(sums)};
  } catch (const InputError&) {
    // What has no limits may still be short enough.
    if (!(cost <= most_additions)) throw;
  }
  Tokens whole = sums_of_chain(law, length);
  return {std::move(law), length, std::move(whole)};
}

Chain make_model(const MarkovInput& input) {
  const std::int64_t length = sequence_length(input.length);
  return chain_of(make_markov_law(input.initial, input.transition, input.reward, input.length, input.counts), length);
}

namespace {

/** Sums of a few rewards come in combs: bins hold some of their teeth. */
int bins(int points) { return std::max(12, points / 4); }

template <class F>
auto with_tilt(const Chain& c, const ChainTilt& tilt, F&& f) {
  if (const auto* whole = std::get_if<Tokens>(&c.sums)) return f(*whole, std::get<TokenTilt>(tilt));
  return f(std::get<LongChain>(c.sums), std::get<LongTilt>(tilt));
}

}  // namespace

LawCurve picture(const Chain& c, const ChainTilt& tilt, int points) {
  if (const auto* whole = std::get_if<Tokens>(&c.sums))
    return divided(picture(*whole, std::get<TokenTilt>(tilt), bins(points), true), static_cast<double>(c.length));
  return picture(std::get<LongChain>(c.sums), std::get<LongTilt>(tilt), points);
}

LawCurve picture_of_best(const Chain& c, const DoubleDouble& log_n, const ChainTilt& tilt, int points) {
  if (const auto* whole = std::get_if<Tokens>(&c.sums))
    return divided(picture_of_best(*whole, log_n, std::get<TokenTilt>(tilt), bins(points), true),
                   static_cast<double>(c.length));
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
  if (const auto* whole = std::get_if<Tokens>(&c.sums)) return optimal_gain(whole->token, from, to);
  return earns_more(std::get<LongChain>(c.sums), from, to);
}

std::optional<Limits> limits_of(const Chain& c, const DoubleDouble& rate, const ChainTilt&) {
  if (const auto* sums = std::get_if<LongChain>(&c.sums)) return limits_of(*sums, c.length, rate);
  try {
    return limits_of(recurrent_chain(c.law, c.length), c.length, rate);
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
    at_rate_ = chain_rate(recurrent_chain(c.law, c.length), rate);
  } catch (const InputError&) {
    // Nothing to compare short sequences with.
  }
}

GapPoint ChainLengths::at(std::int64_t length, bool affordable) {
  GapPoint point = at_rate_ ? sharp_point(law_.rewards, *at_rate_, length) : GapPoint{};
  if (!affordable) return point;
  try {
    const Chain c = chain_of(law_, length);
    const DoubleDouble nats = rate_ * from_integer(length);
    if (const auto* sums = std::get_if<LongChain>(&c.sums)) {
      work_ += add_gap(*sums, nats, point);
      return point;
    }
    const auto& whole = std::get<Tokens>(c.sums);
    work_ += add_gap(whole, nats, length, point) + chain_listing_cost(law_, length);
  } catch (const NumericalError&) {
    // Where no method holds, lengths are gaps in the curve.
  } catch (const InputError&) {
    // Nor are there limits for a chain that is too long to list.
  }
  return point;
}

namespace {

double most_kl(const Tokens& sums) { return (kl_max(sums.token) * from_integer(sums.length)).value(); }
double most_kl(const LongChain& sums) { return sums.kl_max; }

}  // namespace

LaidPolicy ChainPolicies::laid_as_one_block(const ExtraPolicy& asked) const {
  const auto at = [&](const DoubleDouble& log_n) { return best_of(c_, log_n, tilt_for(c_, log_n)); };
  // Of the largest sum alone, as far as anybody can tell.
  const double deepest = std::visit([](const auto& sums) { return most_kl(sums); }, c_.sums) + certain_depth;
  DoubleDouble log_n = asked.kl ? DoubleDouble(0) : log(DoubleDouble(asked.parameter[1]));
  if (asked.kl && *asked.kl > 0)
    log_n = log_n_of_blocks(asked, 1, deepest, [&](double nats) { return at(DoubleDouble(nats)).kl; });
  LaidPolicy out;
  out.strength = std::log(log_n.value());
  out.parameter = asked.kl ? std::exp(log_n.value()) : asked.parameter[1];
  if (log_n.hi > deepest) log_n = deepest;
  const BestOfNOutcome best = at(log_n);
  out.metrics.kl = best.kl;
  out.metrics.win_rate = best.win_rate;
  out.errors = best.errors;
  out.whole = LaidPolicy::Whole{log_n, best.reward, best.sd};
  return out;
}

LaidPolicy ChainPolicies::lay(const ExtraPolicy& asked, const std::string& path) {
  if (asked.kind->by_block) {
    check(asked, path);
    return laid_or_refused(path, [&] {
      // One block is best-of-n, which needs no list.
      if (asked.parameter[0] >= static_cast<double>(c_.length) && !ChainBlocks::are_listed(c_.law, c_.length))
        return laid_as_one_block(asked);
      return ChainBlocks(c_.law, c_.length, static_cast<std::int64_t>(asked.parameter[0]), path).lay(asked, path);
    });
  }
  if (listed_) return listed_->lay(asked, path);
  check(asked, path);
  if (asked.kind->by_outcome) refuse_by_outcome(asked, path);
  return laid_or_refused(path, [&] { return deep_->lay(asked, path); });
}

namespace {

FurtherOutcome of_blocks(const Chain& c, const LaidPolicy& laid, const ChainTilt& at_budget) {
  const TokenLaw& rewards = c.law.rewards;
  const auto units = [&](double x) { return std::ldexp(x, rewards.exponent); };
  FurtherOutcome f;
  Outcome& o = f.outcome;
  o.reward = units(laid.whole->reward.value());
  o.reward_sd = units(laid.whole->sd);
  o.kl = laid.metrics.kl;
  o.win_rate = laid.metrics.win_rate;
  o.of_reward.error = units(laid.errors.reward);
  o.of_reward_sd.error = units(laid.errors.reward_sd);
  o.of_kl.error = laid.errors.kl;
  o.of_win_rate.error = laid.errors.win_rate;
  f.parameter = laid.parameter;
  const double steps_error = laid.errors.reward / rewards.unit.value();
  // KL(policy || tilt) = KL(policy || p) - b E S + log E e^(b S); of the largest sum alone what the policy, too, has of
  // nothing else.
  const auto against = [&](const auto& tilt, const DoubleDouble& steps, const DoubleDouble& log_mgf,
                           const DoubleDouble& top) {
    const bool alone = !((top - steps).value() > steps_error);
    f.kl_to_kl_rl.value = alone ? 0 : infinity;
    if (tilt.saturated()) return;
    f.kl_to_kl_rl.value = std::max(0.0, (DoubleDouble(o.kl) - DoubleDouble(tilt.b) * steps + log_mgf).value());
    f.kl_to_kl_rl.of_value.error = laid.errors.kl + tilt.b * steps_error;
  };
  if (const auto* whole = std::get_if<Tokens>(&c.sums)) {
    const auto& tilt = std::get<TokenTilt>(at_budget);
    const TokenLaw& token = whole->token;
    against(tilt, (laid.whole->reward - token.base) / token.unit, tilt.lambda, token.step.back());
  } else {
    const auto& tilt = std::get<LongTilt>(at_budget);
    const auto& sums = std::get<LongChain>(c.sums);
    against(tilt, (laid.whole->reward - rewards.base * from_integer(c.length)) / rewards.unit, tilt.log_mgf, sums.top);
  }
  return f;
}

}  // namespace

FurtherOutcome further_outcome(const Chain& c, const LaidPolicy& laid, const ChainTilt& at_budget) {
  if (laid.whole) return of_blocks(c, laid, at_budget);
  if (const auto* whole = std::get_if<Tokens>(&c.sums))
    return further_outcome(*whole, laid, std::get<TokenTilt>(at_budget));
  return further_outcome(std::get<LongChain>(c.sums), laid, std::get<LongTilt>(at_budget));
}

}  // namespace tiltlab
