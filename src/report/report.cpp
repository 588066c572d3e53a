#include "report/report.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "error.hpp"
#include "laws/counts.hpp"
#include "laws/finite.hpp"
#include "laws/memoryless.hpp"
#include "limits/sharp.hpp"
#include "numerics/log_domain.hpp"
#include "policies/best_of_n.hpp"
#include "policies/kl_rl.hpp"
#include "policies/random_best_of_n.hpp"
#include "report/promise.hpp"

namespace tiltlab {

namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();
/** Compositions that are listed to count their sums. */
constexpr double quickly_counted = 6e4;

/** The scale of the rewards, for turning a law's units into the scenario's. */
struct Units {
  int exponent;
  [[nodiscard]] double reward(DoubleDouble x) const { return std::ldexp(x.value(), exponent); }
  [[nodiscard]] double per_reward(double x) const { return std::ldexp(x, -exponent); }
};

/** Expected reward of a sequence under a tilt. */
DoubleDouble sequence_reward(const Model& m, const TokenTilt& tilt) {
  return from_integer(m.length) * (m.token.base + m.token.unit * tilt.mean);
}

double mean_gold(const Model& m, const std::vector<double>& weights) {
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) sum += weights[i] * m.token.gold[i];
  return sum;
}

double sequence_sd(const Model& m, const TokenTilt& tilt) {
  return std::sqrt(static_cast<double>(m.length) * tilt.variance) * m.token.unit.value();
}

struct KlRlNumbers {
  KlRlReport report;
  /** Absolute error of the win rate. */
  double win_rate_error = 0;
};

KlRlNumbers kl_rl_report(const Model& m, const TokenTilt& tilt, const Units& units) {
  KlRlReport r;
  r.reward = units.reward(sequence_reward(m, tilt));
  r.reward_sd = units.reward(sequence_sd(m, tilt));
  r.kl = (from_integer(m.length) * tilt.kl).value();
  r.gold = mean_gold(m, tilt.weights);
  r.alpha = units.per_reward(tilt.b / m.token.unit.value());
  const LossOf loss = kl_rl_loss(m, tilt);
  r.win_rate = 1 - loss.value;
  return {r, loss.error_bound};
}

/** @param complete a law that lists every level, where there is one */
ModelReport model_report(const Model& m, const RewardLaw* complete, const TokenTilt& base, const Units& units) {
  ModelReport r;
  r.reward = units.reward(sequence_reward(m, base));
  r.reward_sd = units.reward(sequence_sd(m, base));
  r.gold = mean_gold(m, m.token.p);
  r.reward_max = units.reward(from_integer(m.length) * (m.token.base + m.token.unit * m.token.step.back()));
  r.kl_max = (from_integer(m.length) * kl_max(m.token)).value();
  if (m.length == 1 || m.token.size() == 1) {
    r.levels = static_cast<double>(m.token.size());
  } else if (complete && m.token.lattice.empty()) {
    r.levels = static_cast<double>(complete->size());
  } else if (m.token.lattice.empty()) {
    r.levels = count_sums(m.token, m.length, quickly_counted).value_or(not_known);
  } else {
    r.levels = count_levels(m.token, m.length).value_or(not_known);
  }
  return r;
}

/** Whether the last level that the law lists is the best that the model has. */
bool lists_top(const Model& m, const RewardLaw& law) {
  const DoubleDouble top = from_integer(m.length) * (m.token.base + m.token.unit * m.token.step.back());
  const DoubleDouble reached = law.base + law.unit * (law.center + law.exact_offset(law.size() - 1));
  // Sums of rewards far apart are told apart to 31 digits.
  const double same = is_far(m.token)
                          ? 2e-31 * static_cast<double>(m.length) * m.token.unit.value() * m.token.position.back()
                          : 1e-20 * std::fabs(law.unit.value());
  return std::fabs((top - reached).value()) <= same;
}

/** Probability that the policy misses the last level of the law, small where it nearly never does. */
double miss(const RewardLaw& law, const Policy& policy) {
  double sum = 0;
  for (std::size_t j = 0; j + 1 < law.size(); ++j) sum += policy.mass[j];
  return sum;
}

/**
 * KL(top level || p) - KL(policy || p), the KL left to saturation. Where the policy is nearly saturated, by a sum of
 * small terms, sum_j m_j log(P_j / (P_top m_j)), instead of the difference of two totals.
 */
DoubleDouble kl_deficit(const Model& m, const RewardLaw& law, const Policy& policy, double& rounding) {
  // Ratios of small masses to small probabilities lose a digit or so.
  constexpr double ulps = 2e-14;
  const double rest = lists_top(m, law) ? miss(law, policy) : 1;
  if (rest > 0.5) {
    const DoubleDouble kl = kl_to_base(law, policy);
    rounding = ulps * kl.value();
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
double kl_to_tilt(const Model& m, const RewardLaw& law, const Policy& policy, const Metrics& of,
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

BestOfNOutcome best_of_n_outcome(const Model& m, const DoubleDouble& log_n, const TokenTilt& tilt, Workbench* bench) {
  BestOfNOutcome out;
  if (log_n.value() == 0) {
    // One draw is the base model: no law is needed.
    const TokenTilt base = tilt_at(m.token, 0);
    out.reward = sequence_reward(m, base);
    out.sd = sequence_sd(m, base);
    out.gold = mean_gold(m, m.token.p);
    return out;
  }
  BestOfNLaw at = best_of_n_law(m, log_n, tilt, bench);
  const Metrics& of = at.metrics;
  out.reward = of.gain ? sequence_reward(m, tilt_at(m.token, 0)) + at.law.unit * DoubleDouble(*of.gain)
                       : at.law.base + at.law.unit * (at.law.center + of.offset);
  out.sd = of.offset_sd * at.law.unit.value();
  out.kl = of.kl;
  out.win_rate = of.win_rate;
  out.gold = of.gold;
  out.kl_deficit = kl_deficit(m, at.law, at.policy, out.kl_rounding);
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

/** What a step in KL changes of the optimum's alpha, per reward unit, and standard deviation. */
struct Sensitivity {
  double alpha = 0;
  double reward_sd = 0;
};
Sensitivity sensitivity(const Model& m, const TokenTilt& tilt, const Units& units) {
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
  return {units.per_reward(db / unit),
          units.reward(std::sqrt(n) * unit * std::fabs(third) / (2 * std::sqrt(tilt.variance)) * db)};
}

/** 0 where a difference of two rewards is no more than their rounding: both are `gain` from the base and `rest` from
 * the largest, and known to the last digits of the smaller of the two. */
double difference(double x, double gain, double rest) {
  return x > 1e-15 * std::min(std::fabs(gain), std::fabs(rest)) ? x : 0;
}

}  // namespace

Report evaluate(const Model& m, const Budget& budget) {
  const Units units{m.token.exponent};
  const DoubleDouble n = from_integer(m.length);
  const DoubleDouble rate = budget.kl / n;
  const TokenTilt base = tilt_at(m.token, 0);
  const TokenTilt tilt = solve_tilt(m.token, rate);
  const BestOfNOutcome bon = best_of_n_outcome(m, budget.kl, tilt);

  Report r;
  r.kl = r.log_n = budget.kl.value();
  r.model = model_report(m, bon.at && bon.at->law.complete ? &bon.at->law : nullptr, base, units);
  const KlRlNumbers kl_rl = kl_rl_report(m, tilt, units);
  r.kl_rl = kl_rl.report;

  r.best_of_n.reward = units.reward(bon.reward);
  r.best_of_n.reward_sd = units.reward(bon.sd);
  r.best_of_n.kl = bon.kl;
  r.best_of_n.win_rate = bon.win_rate;
  r.best_of_n.gold = bon.gold;
  r.best_of_n.kl_bound = best_of_n_kl_bound(r.log_n);
  r.best_of_n.kl_to_kl_rl = bon.kl_to_kl_rl;

  const TokenTilt same_kl = bon.at ? solve_tilt(m.token, DoubleDouble(bon.kl) / n, bon.kl_deficit / n) : base;
  const KlRlNumbers at_bon_kl = kl_rl_report(m, same_kl, units);
  r.kl_rl_at_bon_kl = at_bon_kl.report;
  const DoubleDouble best = sequence_reward(m, tilt);
  const double gain = units.reward(best - sequence_reward(m, base));
  const double rest = units.reward(n * m.token.unit * (m.token.step.back() - same_kl.mean));
  r.gap.reward = difference(units.reward(best - bon.reward), gain, rest);
  // Of two levels best-of-N is a tilt.
  const bool two_levels = m.length == 1 && m.token.size() == 2;
  if (!two_levels)
    r.gap.reward_at_bon_kl = difference(units.reward(sequence_reward(m, same_kl) - bon.reward),
                                        units.reward(sequence_reward(m, same_kl) - sequence_reward(m, base)), rest);
  if (bon.at && !bon.at->note.empty()) r.notes.push_back(bon.at->note);

  Promise promise(r);
  const BestOfNLaw::Errors& error = bon.errors;
  const double reward_error = units.reward(error.reward);
  const double same_alpha = r.kl_rl_at_bon_kl.alpha;
  const Sensitivity same = sensitivity(m, same_kl, units);
  // Rounding of best-of-N's sums: of distances from its heaviest level, and of its KL or of what that leaves to kl_max.
  const double scale = std::max(std::fabs(r.model.reward_max), std::fabs(r.model.reward));
  // Rewards are kept to 31 digits of their range.
  const double of_range = units.reward(DoubleDouble(3e-32) * n * m.token.unit * m.token.step.back());
  const double reward_rounding = 2e-15 * r.best_of_n.reward_sd + std::max(1e-31 * scale, of_range);
  const double kl_rounding = std::min(bon.kl_rounding, error.kl > 0 ? error.kl : infinity);
  const double kl_error = error.kl > 0 ? kl_rounding : 0;
  const auto by_alpha = [&](double nats) { return same_alpha > 0 ? nats / same_alpha : 0; };
  promise.hold("model.reward", r.model.reward, 0, of_range);
  promise.hold("kl_rl.reward", r.kl_rl.reward, 0, of_range);
  promise.hold("best_of_n.reward", r.best_of_n.reward, reward_error, of_range);
  promise.hold("best_of_n.reward_sd", r.best_of_n.reward_sd, units.reward(error.reward_sd));
  promise.hold("best_of_n.kl", r.best_of_n.kl, error.kl);
  promise.hold("best_of_n.win_rate", r.best_of_n.win_rate, error.win_rate);
  if (!tilt.saturated())
    promise.hold("best_of_n.kl_to_kl_rl", r.best_of_n.kl_to_kl_rl, error.kl + r.kl_rl.alpha * reward_error,
                 r.kl_rl.alpha * reward_rounding);
  promise.hold("kl_rl.win_rate", r.kl_rl.win_rate, kl_rl.win_rate_error);
  promise.hold("kl_rl_at_bon_kl.kl", r.kl_rl_at_bon_kl.kl, error.kl);
  // A KL that has underflowed buys something, if little: about what best-of-N gains.
  const double unseen = bon.kl > 0 ? 0 : 2 * std::fabs(units.reward(bon.reward - sequence_reward(m, base)));
  promise.hold("kl_rl_at_bon_kl.reward", r.kl_rl_at_bon_kl.reward, by_alpha(kl_error),
               by_alpha(kl_rounding) + unseen + of_range);
  promise.hold("kl_rl_at_bon_kl.reward_sd", r.kl_rl_at_bon_kl.reward_sd, kl_error * same.reward_sd,
               kl_rounding * same.reward_sd);
  // A KL that is known to an error only does not tell that nothing is left.
  const bool lost = same_kl.saturated() && !tilt.saturated() && error.kl > 0;
  if (lost) r.kl_rl_at_bon_kl.alpha = 0;
  promise.hold("kl_rl_at_bon_kl.alpha", r.kl_rl_at_bon_kl.alpha, lost ? infinity : kl_error * same.alpha,
               kl_rounding * same.alpha);
  promise.hold("kl_rl_at_bon_kl.win_rate", r.kl_rl_at_bon_kl.win_rate,
               at_bon_kl.win_rate_error + kl_error / std::min(1.0, std::sqrt(2 * std::max(bon.kl, 1e-300))));
  promise.hold("gap.reward", r.gap.reward, reward_error, reward_rounding);
  if (!two_levels)
    promise.hold("gap.reward_at_bon_kl", r.gap.reward_at_bon_kl, reward_error + by_alpha(kl_error),
                 reward_rounding + by_alpha(kl_rounding));

  if (m.sequence) {
    LimitsReport limits;
    limits.rate = rate.value();
    limits.alpha = r.kl_rl.alpha;
    limits.reward_per_token = units.reward(m.token.base + m.token.unit * tilt.mean);
    const double unit = m.token.unit.value();
    limits.variance_per_token = std::ldexp(tilt.variance * unit * unit, 2 * m.token.exponent);
    const auto sharp = sharp_terms(m.token, m.length, tilt, sharp_constant(m.token, tilt));
    limits.gap_sharp = sharp ? units.reward(sharp->gap) : not_known;
    if (std::isinf(limits.gap_sharp)) {
      promise.in_range("limits.gap_sharp", limits.gap_sharp);
      limits.gap_sharp = not_known;
    }
    limits.kl_to_kl_rl_sharp = sharp ? sharp->kl_to_kl_rl : not_known;
    r.limits = limits;
    promise.in_range("limits.variance_per_token", limits.variance_per_token);
  }
  const auto in_range = [&](const char* of, const PolicyReport& p) {
    promise.in_range((std::string(of) + ".reward").c_str(), p.reward);
    promise.in_range((std::string(of) + ".reward_sd").c_str(), p.reward_sd);
  };
  in_range("model", r.model);
  promise.in_range("model.reward_max", r.model.reward_max);
  in_range("kl_rl", r.kl_rl);
  in_range("best_of_n", r.best_of_n);
  in_range("kl_rl_at_bon_kl", r.kl_rl_at_bon_kl);
  promise.in_range("gap.reward", r.gap.reward);
  promise.in_range("gap.reward_at_bon_kl", r.gap.reward_at_bon_kl);
  promise.close();
  return r;
}

std::vector<PolicyReport> evaluate_policies(const Model& m, const std::vector<ExtraPolicy>& policies) {
  return lay_policies(m, policies).reports;
}

LaidPolicies lay_policies(const Model& m, const std::vector<ExtraPolicy>& policies) {
  LaidPolicies out;
  if (policies.empty()) return out;
  const TokenTilt base = tilt_at(m.token, 0);
  const bool complete = listable_length(m, max_convolution) == m.length;
  RewardLaw law = complete ? listed_law(m, base) : best_of_n_law(m, 0, base).law;
  const double unit = std::ldexp(law.unit.value(), m.token.exponent);
  for (std::size_t i = 0; i < policies.size(); ++i) {
    const ExtraPolicy& extra = policies[i];
    const std::string path = "policies[" + std::to_string(i) + "]";
    const bool soft = extra.kind == ExtraPolicy::Kind::soft_best_of_n;
    if (!(extra.draws >= (soft ? 1 : 0) && std::isfinite(extra.draws)))
      throw InputError(path + (soft ? ".n" : ".mu"),
                       to_text(extra.draws) + " is not a number of at least " + (soft ? "1" : "0"));
    if (!(extra.alpha >= 0 && std::isfinite(extra.alpha)))
      throw InputError(path + ".alpha", to_text(extra.alpha) + " is not a number of at least 0");
    if (!complete && extra.draws > most_smooth_draws)
      throw InputError(path + (soft ? ".n" : ".mu"),
                       to_text(extra.draws) + " is more than 10000, at a length whose sums are too many to list");
    Policy policy = soft ? soft_best_of_n(law, extra.draws, extra.alpha * unit) : best_of_poisson(law, extra.draws);
    const Metrics of = metrics(law, policy);
    if (!complete && extra.draws >= 2) {
      // Whether the law around the mean knows the tail that so many draws reach is told by one that is made for it.
      const DoubleDouble log_n = log(DoubleDouble(extra.draws));
      const BestOfNLaw there = best_of_n_law(m, log_n, solve_tilt(m.token, log_n / from_integer(m.length)));
      const Metrics here = metrics(law, best_of_n(law, log_n));
      const DoubleDouble reward = there.law.base + there.law.unit * (there.law.center + there.metrics.offset);
      const double gain = (reward - sequence_reward(m, base)).value();
      const double shift = (law.base + law.unit * (law.center + here.offset) - reward).value();
      if (!(std::fabs(shift) <= 0.01 * gain))
        throw InputError(path + (soft ? ".n" : ".mu"), to_text(extra.draws) +
                                                           " draws reach levels whose probabilities no method here "
                                                           "finds at this length");
    }
    PolicyReport r;
    r.reward = std::ldexp((law.base + law.unit * (law.center + of.offset)).value(), m.token.exponent);
    r.reward_sd = std::fabs(unit) * of.offset_sd;
    r.kl = of.kl;
    r.win_rate = of.win_rate;
    r.gold = of.gold;
    out.reports.push_back(r);
    out.policies.push_back(std::move(policy));
  }
  out.law = std::move(law);
  return out;
}

}  // namespace tiltlab
