#include "report/report.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "error.hpp"
#include "laws/finite.hpp"
#include "laws/memoryless.hpp"
#include "limits/sharp.hpp"
#include "numerics/log_domain.hpp"
#include "policies/best_of_n.hpp"
#include "policies/kl_rl.hpp"
#include "policies/random_best_of_n.hpp"

namespace tiltlab {

namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();

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

KlRlReport kl_rl_report(const Model& m, const TokenTilt& tilt, const Units& units, double& error) {
  KlRlReport r;
  r.reward = units.reward(sequence_reward(m, tilt));
  r.reward_sd = units.reward(sequence_sd(m, tilt));
  r.kl = (from_integer(m.length) * tilt.kl).value();
  r.gold = mean_gold(m, tilt.weights);
  r.alpha = units.per_reward(tilt.b / m.token.unit.value());
  const LossOf loss = kl_rl_loss(m, tilt);
  r.win_rate = 1 - loss.value;
  error = std::max(error, loss.error_bound);
  return r;
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
  } else if (m.token.lattice.empty() && count_types(m.token, m.length) <= max_types) {
    r.levels = static_cast<double>(enumerated_law(m.token, m.length).size());
  } else {
    r.levels = m.token.lattice.empty() ? not_known : count_levels(m.token, m.length).value_or(not_known);
  }
  return r;
}

/** Whether the last level that the law lists is the best that the model has. */
bool lists_top(const Model& m, const RewardLaw& law) {
  const DoubleDouble top = from_integer(m.length) * (m.token.base + m.token.unit * m.token.step.back());
  const DoubleDouble reached = law.base + law.unit * (law.center + DoubleDouble(law.offset.back()));
  return std::fabs((top - reached).value()) <= 1e-20 * std::fabs(law.unit.value());
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
DoubleDouble kl_deficit(const Model& m, const RewardLaw& law, const Policy& policy) {
  const double rest = lists_top(m, law) ? miss(law, policy) : 1;
  if (rest > 0.5) return kl_max(m.token) * from_integer(m.length) - kl_to_base(law, policy);
  double sum = -policy.mass.back() * std::log1p(-rest);
  for (std::size_t j = 0; j + 1 < law.size(); ++j) {
    if (policy.mass[j] > 0) sum -= policy.mass[j] * (policy.log_ratio[j] + law.log_mass.back());
  }
  return sum;
}

/** KL(policy || tilt) = KL(policy || p) - b E[step] + n Lambda(b), with b in the token's units. */
double kl_to_tilt(const Model& m, const RewardLaw& law, const Policy& policy, const Metrics& of,
                  const TokenTilt& tilt) {
  // Infinite unless the policy, too, never leaves the top level.
  if (tilt.saturated()) return lists_top(m, law) && miss(law, policy) < negligible_deficit ? 0 : infinity;
  // Expected total step, in the units of the token's own law.
  const DoubleDouble reward = law.base + law.unit * (law.center + DoubleDouble(of.offset));
  const DoubleDouble n = from_integer(m.length);
  const DoubleDouble step = (reward - n * m.token.base) / m.token.unit;
  const DoubleDouble b = tilt.b;
  const DoubleDouble kl = kl_to_base(law, policy) - b * step + n * tilt.lambda;
  return std::max(0.0, kl.value());
}

}  // namespace

BestOfNOutcome best_of_n_outcome(const Model& m, const DoubleDouble& log_n, const TokenTilt& tilt,
                                 const TiltedToken* tilted) {
  BestOfNOutcome out;
  if (log_n.value() == 0) {
    // One draw is the base model: no law is needed.
    const TokenTilt base = tilt_at(m.token, 0);
    out.reward = sequence_reward(m, base);
    out.sd = sequence_sd(m, base);
    out.gold = mean_gold(m, m.token.p);
    return out;
  }
  BestOfNLaw at = best_of_n_law(m, log_n, tilt, tilted);
  const Metrics& of = at.metrics;
  out.reward = at.law.base + at.law.unit * (at.law.center + DoubleDouble(of.offset));
  out.sd = of.offset_sd * at.law.unit.value();
  out.kl = of.kl;
  out.win_rate = of.win_rate;
  out.gold = of.gold;
  out.kl_deficit = kl_deficit(m, at.law, at.policy);
  out.kl_to_kl_rl = kl_to_tilt(m, at.law, at.policy, of, tilt);
  out.error_bound = at.error_bound;
  out.at = std::move(at);
  return out;
}

Report evaluate(const Model& m, const Budget& budget) {
  const Units units{m.token.exponent};
  const DoubleDouble n = from_integer(m.length);
  const DoubleDouble rate = budget.kl / n;
  const TokenTilt base = tilt_at(m.token, 0);
  const TokenTilt tilt = solve_tilt(m.token, rate);
  const BestOfNOutcome bon = best_of_n_outcome(m, budget.kl, tilt);

  Report r;
  r.kl = r.log_n = budget.kl.value();
  r.error_bound = bon.error_bound;
  double loss_error = 0;
  r.model = model_report(m, bon.at && bon.at->complete ? &bon.at->law : nullptr, base, units);
  r.kl_rl = kl_rl_report(m, tilt, units, loss_error);

  r.best_of_n.reward = units.reward(bon.reward);
  r.best_of_n.reward_sd = units.reward(bon.sd);
  r.best_of_n.kl = bon.kl;
  r.best_of_n.win_rate = bon.win_rate;
  r.best_of_n.gold = bon.gold;
  r.best_of_n.kl_bound = best_of_n_kl_bound(r.log_n);
  r.best_of_n.kl_to_kl_rl = bon.kl_to_kl_rl;

  const TokenTilt same_kl = bon.at ? solve_tilt(m.token, DoubleDouble(bon.kl) / n, bon.kl_deficit / n) : base;
  r.kl_rl_at_bon_kl = kl_rl_report(m, same_kl, units, loss_error);
  r.gap.reward = units.reward(sequence_reward(m, tilt) - bon.reward);
  r.gap.reward_at_bon_kl = units.reward(sequence_reward(m, same_kl) - bon.reward);
  r.error_bound = std::max(r.error_bound, 10 * loss_error);
  if (bon.at && !bon.at->note.empty()) r.notes.push_back(bon.at->note);

  if (m.sequence) {
    LimitsReport limits;
    limits.rate = rate.value();
    limits.alpha = r.kl_rl.alpha;
    limits.reward_per_token = units.reward(m.token.base + m.token.unit * tilt.mean);
    const double unit = m.token.unit.value();
    limits.variance_per_token = std::ldexp(tilt.variance * unit * unit, 2 * m.token.exponent);
    const auto sharp = sharp_terms(m.token, m.length, tilt);
    limits.gap_sharp = sharp ? units.reward(sharp->gap) : not_known;
    limits.kl_to_kl_rl_sharp = sharp ? sharp->kl_to_kl_rl : not_known;
    r.limits = limits;
  }
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
    PolicyReport r;
    r.reward = std::ldexp((law.base + law.unit * (law.center + DoubleDouble(of.offset))).value(), m.token.exponent);
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
