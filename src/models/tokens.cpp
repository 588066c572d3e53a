#include "models/tokens.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "error.hpp"
#include "laws/attained.hpp"
#include "laws/counts.hpp"
#include "laws/finite.hpp"
#include "laws/memoryless.hpp"
#include "laws/optimal_gain.hpp"
#include "limits/sharp.hpp"
#include "numerics/decimal.hpp"
#include "numerics/log_domain.hpp"
#include "policies/best_of_n.hpp"

namespace tiltlab {

Tokens finite_model(std::span<const double> p, std::span<const double> reward, std::span<const double> gold,
                    const std::string& path, bool counts) {
  const bool golden = has_gold(gold);
  std::vector<std::size_t> level;
  Tokens model{make_token_law(p, reward, gold, counts, path, 1, &level), 1, false, {}, golden};
  DoubleDouble total = counts ? 0 : 1;
  for (std::size_t i = 0; counts && i < p.size(); ++i) total += decimal_value(p[i]);
  for (std::size_t i = 0; i < level.size(); ++i) {
    const double share = counts ? (decimal_value(p[i]) / total).value() : p[i];
    if (p[i] > 0) model.outcomes.push_back({level[i], share, golden ? gold[i] : 0});
  }
  return model;
}

Tokens memoryless_model(std::span<const double> p, std::span<const double> reward, double length, bool counts,
                        const std::string& path, std::span<const double> gold) {
  const std::int64_t tokens = sequence_length(length);
  return {make_token_law(p, reward, gold, counts, path, length), tokens, true, {}, has_gold(gold)};
}

Tokens make_model(const TokensInput& i) {
  return i.kind == "finite" ? finite_model(i.p, i.reward, i.gold, i.path, i.counts)
                            : memoryless_model(i.p, i.reward, i.length, i.counts, i.path, i.gold);
}

Budget make_budget(const std::string& kind, double value, const Tokens& model) {
  return make_budget(kind, value, model.sequence ? std::optional(model.length) : std::nullopt);
}

DoubleDouble sequence_reward(const Tokens& m, const TokenTilt& tilt) {
  return from_integer(m.length) * (m.token.base + m.token.unit * tilt.mean);
}

namespace {

/** Multiplications an outcome that a tilt takes and what is found of it, about. */
constexpr double tilting = 200;

/** Compositions that are listed to count their sums. */
constexpr double quickly_counted = 6e4;

/** The scale of the rewards, for turning a law's units into the scenario's. */
struct Units {
  int exponent;
  [[nodiscard]] double reward(DoubleDouble x) const { return std::ldexp(x.value(), exponent); }
  [[nodiscard]] double per_reward(double x) const { return std::ldexp(x, -exponent); }
};

/** Expected gold reward of a sequence of such tokens. */
double mean_gold(const Tokens& m, const std::vector<double>& weights) {
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) sum += weights[i] * m.token.gold[i];
  return static_cast<double>(m.length) * sum;
}

double sequence_sd(const Tokens& m, const TokenTilt& tilt) {
  return std::sqrt(static_cast<double>(m.length) * tilt.variance) * m.token.unit.value();
}

DoubleDouble top_reward(const Tokens& m) {
  return from_integer(m.length) * (m.token.base + m.token.unit * m.token.step.back());
}

}  // namespace

bool lists_top(const Tokens& m, const RewardLaw& law) {
  const DoubleDouble reached = law.base + law.unit * (law.center + law.exact_offset(law.size() - 1));
  // Sums of rewards far apart are told apart to 31 digits.
  const double same = is_far(m.token)
                          ? 2e-31 * static_cast<double>(m.length) * m.token.unit.value() * m.token.position.back()
                          : 1e-20 * std::fabs(law.unit.value());
  return std::fabs((top_reward(m) - reached).value()) <= same;
}

namespace {

/** Probability that the policy misses the last level of the law, or outcomes of its reward, small where it nearly
 * never does. */
double miss(const RewardLaw& law, const Policy& policy) {
  double sum = 0;
  for (std::size_t j = 0; j + 1 < law.size(); ++j) {
    if (law.distance(j, law.size() - 1) < 0) sum += policy.mass[j];
  }
  return sum;
}

/**
 * KL(top level || p) - KL(policy || p), the KL left to saturation. Where the policy is nearly saturated, by a sum of
 * small terms, sum_j m_j log(P_j / (P_top m_j)), instead of the difference of two totals, which is known no better than
 * the KL itself.
 * @param of_kl the KL's own error
 */
DoubleDouble kl_deficit(const Tokens& m, const RewardLaw& law, const Policy& policy, double of_kl, double& rounding) {
  // Ratios of small masses to small probabilities lose a digit or so.
  constexpr double ulps = 2e-14;
  const double rest = lists_top(m, law) ? miss(law, policy) : 1;
  if (rest > 0.5) {
    const DoubleDouble kl = kl_to_base(law, policy);
    // Of a law that lists some levels and a policy that is far from the base at one, a difference of sums near 1.
    const bool cancels = !law.complete && policy.log_ratio.back() + law.log_scale.value() > 0.5;
    rounding = std::max(ulps * kl.value(), cancels ? 1e-15 : 0);
    // Moved rewards and waves change the KL by what they say; what an inversion or a list says of its rounding, next to
    // a KL of 1, is far more than that of a small KL.
    constexpr double of_rounding = 2e-11;
    if (of_kl > of_rounding * std::max(1.0, kl.value())) rounding = std::max(rounding, of_kl);
    return kl_max(m.token) * from_integer(m.length) - kl;
  }
  double sum = -policy.mass.back() * std::log1p(-rest);
  for (std::size_t j = 0; j + 1 < law.size(); ++j) {
    if (policy.mass[j] > 0) sum -= policy.mass[j] * (policy.log_ratio[j] + law.log_mass.back());
  }
  // Small masses carry the law's own error, and that some tens of times where F^N is small.
  rounding = (ulps + 100 * law.relative_error) * std::fabs(sum);
  if (!law.log_error.empty()) rounding = infinity;
  return sum;
}

/** KL(policy || tilt) = KL(policy || p) - b E[step] + n Lambda(b), with b in the token's units. */
double kl_to_tilt(const Tokens& m, const RewardLaw& law, const Policy& policy, const Metrics& of,
                  const TokenTilt& tilt) {
  // Infinite unless the policy, too, never leaves the top level.
  if (tilt.saturated()) return lists_top(m, law) && miss(law, policy) < negligible_deficit ? 0 : infinity;
  // Expected total step, in the units of the token's own law.
  const DoubleDouble reward = law.base + law.unit * (law.center + of.offset);
  const DoubleDouble n = from_integer(m.length);
  const DoubleDouble step = (reward - n * m.token.base) / m.token.unit;
  const DoubleDouble b = tilt.b;
  const DoubleDouble kl = kl_to_base(law, policy) - b * step + n * tilt.lambda;
  return std::max(0.0, kl.value());
}

}  // namespace

BestOfNOutcome best_of_n_outcome(const Tokens& m, const DoubleDouble& log_n, const TokenTilt& tilt, Workbench* bench) {
  BestOfNOutcome out;
  if (log_n.value() == 0) {
    // One draw is the base model: no law is needed.
    const TokenTilt base = tilt_at(m.token, 0);
    out.reward = sequence_reward(m, base);
    out.sd = sequence_sd(m, base);
    out.gold = mean_gold(m, m.token.p);
    return out;
  }
  out.near_b = tilt.b;
  BestOfNLaw at = best_of_n_law(m, log_n, tilt, bench);
  const Metrics& of = at.metrics;
  out.reward = of.gain ? sequence_reward(m, tilt_at(m.token, 0)) + at.law.unit * DoubleDouble(*of.gain)
                       : at.law.base + at.law.unit * (at.law.center + of.offset);
  out.sd = of.offset_sd * at.law.unit.value();
  out.kl = of.kl;
  out.win_rate = of.win_rate;
  out.gold = of.gold;
  out.kl_deficit = kl_deficit(m, at.law, at.policy, at.errors.kl, out.kl_rounding);
  // No policy spends more than the best sequence alone: what does so is the noise of an inversion.
  const DoubleDouble most = kl_max(m.token) * from_integer(m.length);
  const double bound = std::min(best_of_n_kl_bound(log_n.value()), most.value());
  constexpr double rounding = 1e-12;
  if (out.kl > (1 + rounding) * most.value() || (!at.law.log_error.empty() && out.kl > (1 + 1e-6) * bound))
    out.kl = bound;
  if (!(out.kl_deficit.value() <= most.value())) out.kl_deficit = most - DoubleDouble(out.kl);
  if (!(out.kl_deficit.value() >= 0)) out.kl_deficit = 0;
  out.kl_to_kl_rl = kl_to_tilt(m, at.law, at.policy, of, tilt);
  out.errors = at.errors;
  // Nor does best-of-N spend more than without ties, lose to the base, or win more often than without ties: by how much
  // it does so is error, whatever the law says of its own.
  const auto hold = [&](double& x, double lo, double hi, double& error) {
    const double past = std::fabs(x - std::clamp(x, lo, hi));
    if (!(past > error + rounding * std::max(1.0, hi))) return;
    error += past;
    x = std::clamp(x, lo, hi);
  };
  hold(out.kl, 0, bound, out.errors.kl);
  hold(out.win_rate, 0.5, 1 / (1 + std::exp(-log_n.value())), out.errors.win_rate);
  out.at = std::move(at);
  return out;
}

namespace {

/** What a step in KL, of at most `nats`, changes of the optimum's alpha, per reward unit, and standard deviation. */
struct Sensitivity {
  double alpha = 0;
  double reward_sd = 0;
  double gold = 0;
};
Sensitivity sensitivity(const Tokens& m, const TokenTilt& tilt, const Units& units, double nats) {
  if (tilt.saturated() || !(tilt.b > 0) || !(tilt.variance > 0)) return {};
  const bool high = tilt.mean_at_b.value() > m.token.position.back() / 2;
  const std::vector<double>& x = high ? m.token.drop : m.token.position;
  double mean = 0;
  for (std::size_t i = 0; i < x.size(); ++i) mean += tilt.weights[i] * x[i];
  double third = 0;
  for (std::size_t i = 0; i < x.size(); ++i) third += tilt.weights[i] * (x[i] - mean) * (x[i] - mean) * (x[i] - mean);
  const auto n = static_cast<double>(m.length);
  const double unit = m.token.unit.value();
  const double db = 1 / (n * tilt.b * tilt.variance);
  // Where the variance changes much within the error the KL falls to a level exponentially, and alpha is its logarithm.
  const double share = nats * db * std::fabs(third) / tilt.variance;
  const double stretch = share > 0.01 ? 1 / std::max(0.0, 1 - share) : 1;
  double shared = 0;
  for (std::size_t i = 0; i < x.size(); ++i) shared += tilt.weights[i] * (x[i] - mean) * m.token.gold[i];
  return {units.per_reward(db / unit) * stretch,
          units.reward(std::sqrt(n) * unit * std::fabs(third) / (2 * std::sqrt(tilt.variance)) * db) *
              std::min(stretch, 2 + share),
          n * std::fabs(shared) * db * stretch};
}

/** 0 where a difference of two rewards is no more than their rounding: both are `gain` from the base and `rest` from
 * the largest, and known to the last digits of the smaller of the two. */
double difference(double x, double gain, double rest) {
  return x > 1e-15 * std::min(std::fabs(gain), std::fabs(rest)) ? x : 0;
}

/** Rewards are kept to 31 digits of their range. */
double of_range(const Tokens& m, const Units& units) {
  return units.reward(DoubleDouble(3e-32) * from_integer(m.length) * m.token.unit * m.token.step.back());
}

/** Of two levels best-of-N is a tilt. */
bool two_levels(const Tokens& m) { return m.length == 1 && m.token.size() == 2; }

double alpha_of(const Tokens& m, const Units& units, const TokenTilt& tilt) {
  return units.per_reward(tilt.b / m.token.unit.value());
}

}  // namespace

TokenTilt base_of(const Tokens& m, Accuracy) { return tilt_at(m.token, 0); }

TokenTilt tilt_for(const Tokens& m, const DoubleDouble& nats, Accuracy) {
  return solve_tilt(m.token, nats / from_integer(m.length));
}

BestOfNOutcome best_of(const Tokens& m, const DoubleDouble& log_n, const TokenTilt& tilt) {
  return best_of_n_outcome(m, log_n, tilt);
}

BestOfNOutcome best_of(const Tokens& m, const DoubleDouble& log_n, const TokenTilt& tilt, Workbench& bench) {
  const double before = bench.work;
  BestOfNOutcome out = best_of_n_outcome(m, log_n, tilt, &bench);
  if (out.at) out.at->law.work = bench.work - before;
  return out;
}

TokenTilt tilt_at_kl_of(const Tokens& m, const BestOfNOutcome& bon, const TokenTilt& base) {
  const DoubleDouble n = from_integer(m.length);
  return bon.at ? solve_tilt(m.token, DoubleDouble(bon.kl) / n, bon.kl_deficit / n, bon.near_b) : base;
}

Outcome base_outcome(const Tokens& m, const TokenTilt& base) {
  const Units units{m.token.exponent};
  Outcome o;
  o.reward = units.reward(sequence_reward(m, base));
  o.reward_sd = units.reward(sequence_sd(m, base));
  o.gold = mean_gold(m, m.token.p);
  o.of_reward.rounding = of_range(m, units);
  return o;
}

Outcome outcome(const Tokens& m, const TokenTilt& tilt) {
  const Units units{m.token.exponent};
  Outcome o;
  o.reward = units.reward(sequence_reward(m, tilt));
  o.reward_sd = units.reward(sequence_sd(m, tilt));
  o.kl = (from_integer(m.length) * tilt.kl).value();
  o.gold = mean_gold(m, tilt.weights);
  o.alpha = alpha_of(m, units, tilt);
  const LossOf loss = kl_rl_loss(m, tilt);
  o.win_rate = 1 - loss.value;
  o.of_reward.rounding = of_range(m, units);
  o.of_win_rate.error = loss.error_bound;
  o.work = tilting * static_cast<double>(m.token.size()) + (is_of_many(m.token) ? losing_of_many : 0);
  return o;
}

Outcome outcome(const Tokens& m, const BestOfNOutcome& bon) {
  const Units units{m.token.exponent};
  Outcome o;
  o.reward = units.reward(bon.reward);
  o.reward_sd = units.reward(bon.sd);
  o.kl = bon.kl;
  o.win_rate = bon.win_rate;
  o.gold = bon.gold;
  o.of_reward = {units.reward(bon.errors.reward), of_range(m, units)};
  o.of_reward_sd.error = units.reward(bon.errors.reward_sd);
  o.of_kl.error = bon.errors.kl;
  o.of_win_rate.error = bon.errors.win_rate;
  o.of_gold.error = bon.errors.gold;
  o.work = tilting * static_cast<double>(m.token.size()) + (bon.at ? bon.at->law.work : 0);
  return o;
}

namespace {

/** Reward that so many nats buy at an optimum of this alpha. */
double bought(double nats, double alpha) { return alpha > 0 ? nats / alpha : 0; }

/** What is left of best-of-N's KL that decides the optimum of the same: of the better known of it and its deficit. */
Uncertainty kl_left(const BestOfNOutcome& bon) {
  const double rounding = std::min(bon.kl_rounding, bon.errors.kl > 0 ? bon.errors.kl : infinity);
  return {bon.errors.kl > 0 ? rounding : 0, rounding};
}

/** The optimum of best-of-N's KL, with what that KL's own error changes. */
Outcome outcome_at_bon_kl(const Tokens& m, const Optima<TokenTilt>& optima, const BestOfNOutcome& bon) {
  const Units units{m.token.exponent};
  const TokenTilt& same_kl = optima.at_bon_kl;
  Outcome o = outcome(m, same_kl);
  const Uncertainty kl = kl_left(bon);
  const Sensitivity same = sensitivity(m, same_kl, units, kl.rounding);
  const double alpha = o.alpha;
  // A KL that has underflowed buys something, if little: about what best-of-N gains.
  const double unseen = bon.kl > 0 ? 0 : 2 * std::fabs(units.reward(bon.reward - sequence_reward(m, optima.base)));
  const double unseen_sd = bon.kl > 0 ? 0 : 2 * std::fabs(units.reward(bon.sd - sequence_sd(m, optima.base)));
  o.of_kl.error = bon.errors.kl;
  o.of_reward = {bought(kl.error, alpha), bought(kl.rounding, alpha) + unseen + of_range(m, units)};
  o.of_reward_sd = {kl.error * same.reward_sd, kl.rounding * same.reward_sd + unseen_sd};
  o.of_gold = {kl.error * same.gold, kl.rounding * same.gold};
  // d win / d KL = Cov(F, r) / (alpha Var r), F at most 1 and 1 - F on average what is lost.
  const double steep = alpha * o.reward_sd;
  const double lost_share = std::min(0.5, std::sqrt(1 - o.win_rate + o.of_win_rate.error));
  o.of_win_rate.error += steep >= 1 && std::isfinite(steep)
                             ? 2 * kl.error * lost_share / steep
                             : kl.error / std::min(1.0, std::sqrt(2 * std::max(bon.kl, 1e-300)));
  // A KL that is known to an error only does not tell that nothing is left.
  const bool lost = same_kl.saturated() && !optima.at_budget.saturated() && bon.errors.kl > 0;
  if (lost) o.alpha = 0;
  o.of_alpha = {lost ? infinity : kl.error * same.alpha, kl.rounding * same.alpha};
  return o;
}

}  // namespace

Comparison compare(const Tokens& m, const Optima<TokenTilt>& optima, const BestOfNOutcome& bon) {
  const Units units{m.token.exponent};
  const TokenTilt& same_kl = optima.at_bon_kl;
  Comparison c;
  c.at_bon_kl = outcome_at_bon_kl(m, optima, bon);
  const double alpha = alpha_of(m, units, optima.at_budget);
  const double same_alpha = alpha_of(m, units, same_kl);
  const double reward_error = units.reward(bon.errors.reward);
  // Rounding of best-of-N's sums: of distances from its heaviest level.
  const double scale =
      std::max(std::fabs(units.reward(top_reward(m))), std::fabs(units.reward(sequence_reward(m, optima.base))));
  const double rounding = 2e-15 * units.reward(bon.sd) + std::max(1e-31 * scale, of_range(m, units));
  c.kl_to_kl_rl.value = bon.kl_to_kl_rl;
  if (!optima.at_budget.saturated()) c.kl_to_kl_rl.of_value = {bon.errors.kl + alpha * reward_error, alpha * rounding};

  const DoubleDouble base = sequence_reward(m, optima.base);
  const DoubleDouble best = sequence_reward(m, optima.at_budget);
  const DoubleDouble same = sequence_reward(m, same_kl);
  const double rest = units.reward(from_integer(m.length) * m.token.unit * (m.token.step.back() - same_kl.mean));
  c.gap.value = difference(units.reward(best - bon.reward), units.reward(best - base), rest);
  c.gap.of_value = {reward_error, rounding};
  if (two_levels(m)) return c;
  c.gap_at_bon_kl.value = difference(units.reward(same - bon.reward), units.reward(same - base), rest);
  const Uncertainty kl = kl_left(bon);
  c.gap_at_bon_kl.of_value = {reward_error + bought(kl.error, same_alpha), rounding + bought(kl.rounding, same_alpha)};
  return c;
}

namespace {

/** What adds up over blocks. */
void add_blocks(const Tokens& m, const LaidPolicy& laid, const TokenTilt& at_budget, FurtherOutcome& f) {
  const Units units{m.token.exponent};
  DoubleDouble reward = 0;
  double variance = 0;
  f.outcome.gold = f.kl_to_kl_rl.value = 0;
  for (const LaidBlock& block : laid.blocks) {
    const BestOfNLaw& at = *block.best.at;
    reward += DoubleDouble(block.times) * block.best.reward;
    variance += block.times * block.best.sd * block.best.sd;
    f.outcome.gold += block.times * block.best.gold;
    f.kl_to_kl_rl.value += block.times * kl_to_tilt(block.model, at.law, at.policy, at.metrics, at_budget);
  }
  f.outcome.reward = units.reward(reward);
  f.outcome.reward_sd = units.reward(std::sqrt(variance));
}

}  // namespace

FurtherOutcome further_outcome(const Tokens& m, const LaidPolicy& laid, const TokenTilt& at_budget) {
  const Units units{m.token.exponent};
  const Metrics& of = laid.metrics;
  FurtherOutcome f;
  Outcome& o = f.outcome;
  if (!laid.blocks.empty()) {
    add_blocks(m, laid, at_budget, f);
  } else {
    o.reward = units.reward(laid.law.base + laid.law.unit * (laid.law.center + of.offset));
    o.reward_sd = std::fabs(std::ldexp(laid.law.unit.value(), m.token.exponent)) * of.offset_sd;
    o.gold = of.gold;
    f.kl_to_kl_rl.value = kl_to_tilt(m, laid.law, laid.policy, of, at_budget);
  }
  o.kl = of.kl;
  o.win_rate = of.win_rate;
  o.of_reward = {units.reward(laid.errors.reward), of_range(m, units)};
  o.of_reward_sd.error = units.reward(laid.errors.reward_sd);
  o.of_kl.error = laid.errors.kl;
  o.of_win_rate.error = laid.errors.win_rate;
  o.of_gold.error = laid.errors.gold;
  // Outcomes of the largest reward the optimum has by their shares.
  if (at_budget.saturated() && laid.by_outcome && f.kl_to_kl_rl.value == 0)
    f.kl_to_kl_rl.value = std::max(0.0, (kl_to_base(laid.law, laid.policy) - kl_max(m.token)).value());
  if (!at_budget.saturated())
    f.kl_to_kl_rl.of_value.error = laid.errors.kl + alpha_of(m, units, at_budget) * o.of_reward.error;
  f.parameter = laid.parameter;
  return f;
}

Extremes extremes(const Tokens& m, const BestOfNOutcome& bon) {
  const Units units{m.token.exponent};
  const RewardLaw* complete = bon.at && bon.at->law.complete ? &bon.at->law : nullptr;
  Extremes e;
  e.reward_max = units.reward(top_reward(m));
  e.kl_max = (from_integer(m.length) * kl_max(m.token)).value();
  if (m.length == 1 || m.token.size() == 1) {
    e.levels = static_cast<double>(m.token.size());
  } else if (complete && m.token.lattice.empty()) {
    e.levels = static_cast<double>(complete->size());
  } else if (m.token.lattice.empty()) {
    e.levels = count_sums(m.token, m.length, quickly_counted).value_or(not_known);
  } else {
    e.levels = count_levels(m.token, m.length).value_or(not_known);
  }
  if (bon.at) e.note = bon.at->note;
  return e;
}

double earns_more(const Tokens& m, double from, double to) {
  const DoubleDouble n = from_integer(m.length);
  return n.value() * optimal_gain(m.token, DoubleDouble(from) / n, DoubleDouble(to) / n);
}

std::optional<std::int64_t> length_of(const Tokens& m) { return m.sequence ? std::optional(m.length) : std::nullopt; }

TokenBand::TokenBand(const TokenLaw& token, const TokenTilt& tilt)
    : token_{tilt.b, tilt.variance, 0},
      rate_(tilt.kl.value()),
      gain_((tilt.mean - exact_mean(token, token.p)).value()),
      unit_(token.unit.value()) {
  const bool high = tilt.mean_at_b.value() > token.position.back() / 2;
  const std::vector<double>& x = high ? token.drop : token.position;
  double mean = 0;
  for (std::size_t i = 0; i < x.size(); ++i) mean += tilt.weights[i] * x[i];
  for (std::size_t i = 0; i < x.size(); ++i)
    token_.third += tilt.weights[i] * std::fabs(x[i] - mean) * (x[i] - mean) * (x[i] - mean);
}

GapBand TokenBand::at(double n) const {
  // Without a tilt there is no gap; of a saturated one, as much as it gains.
  if (!(token_.b > 0)) return {};
  const GapBand steps = std::isinf(token_.b) ? GapBand{0, n * gain_} : gap_band(token_, n, n * rate_, n * gain_);
  return {steps.lower * unit_, steps.upper * unit_};
}

Limits limits_of(const Tokens& m, const DoubleDouble& rate, const TokenTilt& tilt) {
  const Units units{m.token.exponent};
  Limits limits;
  limits.rate = rate.value();
  limits.alpha = alpha_of(m, units, tilt);
  limits.reward_per_token = units.reward(m.token.base + m.token.unit * tilt.mean);
  const double unit = m.token.unit.value();
  limits.variance_per_token = std::ldexp(tilt.variance * unit * unit, 2 * m.token.exponent);
  const auto sharp = sharp_terms(m.token, m.length, tilt, sharp_constant(m.token, tilt));
  limits.gap_sharp = sharp ? units.reward(sharp->gap) : not_known;
  limits.kl_to_kl_rl_sharp = sharp ? sharp->kl_to_kl_rl : not_known;
  const GapBand band = TokenBand(m.token, tilt).at(static_cast<double>(m.length));
  limits.gap_lower = units.reward(band.lower);
  limits.gap_upper = units.reward(band.upper);
  return limits;
}

}  // namespace tiltlab
