#include "models/long_chain.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "error.hpp"
#include "laws/extreme_sum.hpp"
#include "limits/sharp.hpp"
#include "numerics/log_domain.hpp"
#include "policies/best_of_n.hpp"

namespace tiltlab {

namespace {

/** A law's rewards in the scenario's units. */
double units_of(const LongChain& m, const DoubleDouble& x) { return std::ldexp(x.value(), m.law.rewards.exponent); }

DoubleDouble reward_of(const LongChain& m, const DoubleDouble& steps) {
  return m.law.rewards.base * from_integer(m.length) + m.law.rewards.unit * steps;
}

double sd_of(const LongChain& m, double variance) { return std::sqrt(variance) * m.law.rewards.unit.value(); }

double alpha_of(const LongChain& m, double b) {
  return std::ldexp(b / m.law.rewards.unit.value(), -m.law.rewards.exponent);
}

/** How far rewards that were moved to a lattice move a sum, at most. */
double rounded(const LongChain& m) { return m.law.rewards.rounding * static_cast<double>(m.length); }

LongTilt tilt_at(const LongChain& m, double b) {
  LongTilt t;
  t.b = b;
  t.chain = tilted_chain(m.law, m.recurrence, b);
  const ChainSum sum = sum_of(*t.chain, m.length);
  t.mean = sum.mean;
  t.variance = sum.variance;
  t.log_mgf = sum.log_mgf;
  // Rows that sum to 1 but for their last digits are no KL.
  t.kl = b == 0 ? DoubleDouble(0) : DoubleDouble(b) * sum.mean - sum.log_mgf;
  return t;
}

/** Where the KL falls short of the largest by less than this, or this share of it, the optimum counts as the best sum
 * alone: totals tell no more. */
constexpr double nearly_all = 1e-12;

LongTilt saturated(const LongChain& m) {
  LongTilt t;
  t.b = infinity;
  t.kl = m.kl_max;
  t.mean = m.top;
  return t;
}

/** b at the next step towards a KL: its root is nearly a straight line near the base, and the logarithm of what is left
 * to the largest is near that. */
double next_tilt(const LongTilt& at, double kl, double kl_max) {
  const double slope = at.b * at.variance;
  const double here = at.kl.value();
  if (here > 0.5 * kl_max && kl > 0.5 * kl_max) {
    const double left = kl_max - here;
    return at.b + std::log(left / (kl_max - kl)) * left / slope;
  }
  return at.b + 2 * std::sqrt(std::max(here, 0.0)) * (std::sqrt(kl) - std::sqrt(std::max(here, 0.0))) / slope;
}

}  // namespace

RecurrentChain recurrent_chain(const MarkovLaw& law, std::int64_t length) {
  RecurrentChain m{visited_part(law), {}};
  if (m.law.rewards.lattice.empty())
    throw InputError("model.length", std::to_string(length) +
                                         " transitions of rewards that share no lattice have more sums than are "
                                         "listed; a shorter chain, or rewards of fewer decimals, has fewer");
  m.recurrence = recurrence_of(m.law);
  // On a lattice that was forced on them sums differ by what was rounded.
  constexpr double least_variance = 1e6;
  if (m.recurrence.span == 0 ||
      (m.law.rewards.rounding > 0 && !(tilted_chain(m.law, m.recurrence, 0).variance > least_variance)))
    throw InputError("model.reward",
                     "earn the same along every way round: sequences of this length do not differ but "
                     "by where they begin and end");
  return m;
}

LongChain long_chain(const MarkovLaw& law, std::int64_t length) {
  LongChain m{recurrent_chain(law, length), length, {}, 0};
  const auto [sum, log_p] = extreme_sum(m.law, length, 1);
  m.top = from_integer(sum);
  m.kl_max = -log_p;
  return m;
}

LongTilt base_of(const LongChain& m) { return tilt_at(m, 0); }

namespace {

/** Nats under which the KL is no difference of totals but the integral of t times the variance of the tilt t. */
constexpr double faint = 1e-4;

/** Integrals over tilts from 0 to b: of the variance, which the mean gains, and of t times it, the KL. */
struct Gained {
  double mean = 0;
  double kl = 0;
};

struct VarianceAt {
  double b;
  double variance;
};
VarianceAt variance_at(const LongChain& m, double b) {
  return {b, sum_of(tilted_chain(m.law, m.recurrence, b), m.length).variance};
}

/** Adds what is gained between two tilts, in panels across which the variance grows or falls by no more than e^6. */
void add_gained(const LongChain& m, const VarianceAt& low, const VarianceAt& high, Gained& out) {
  // Gauss and Legendre's ten points on [-1, 1], those above 0 (Abramowitz and Stegun, 25.4.30).
  constexpr double at[] = {0.97390652851717172, 0.86506336668898451, 0.67940956829902441, 0.43339539412924719,
                           0.14887433898163121};
  constexpr double weight[] = {0.066671344308688138, 0.14945134915058059, 0.21908636251598204, 0.26926671930999636,
                               0.29552422471475287};
  constexpr double nothing = 1e-17;
  constexpr double most_change = 6;
  const double half = (high.b - low.b) / 2;
  if (!(std::max(low.variance, high.variance) * half > nothing * out.mean)) return;
  const double middle = low.b + half;
  if (std::fabs(std::log(high.variance / low.variance)) > most_change) {
    // First where most is: beside it the rest may be nothing.
    const VarianceAt between = variance_at(m, middle);
    if (low.variance > high.variance) add_gained(m, low, between, out);
    add_gained(m, between, high, out);
    if (!(low.variance > high.variance)) add_gained(m, low, between, out);
    return;
  }
  for (int i = 0; i < 10; ++i) {
    const double b = middle + (i % 2 == 0 ? half : -half) * at[i / 2];
    const double mean = half * weight[i / 2] * variance_at(m, b).variance;
    out.mean += mean;
    out.kl += mean * b;
  }
}

/** Of a budget under `faint`. */
LongTilt faint_tilt(const LongChain& m, const DoubleDouble& nats, const LongTilt& base) {
  // At 0 the KL is b^2 variance / 2; where what varies is rare, that tells nothing of tilts that see it.
  double b = std::min(std::sqrt(2 * nats.value() / base.variance), 1 / m.law.rewards.position.back());
  constexpr int most_steps = 60;
  for (int i = 0; i < most_steps; ++i) {
    const LongTilt t = tilt_of(m, b, base);
    const double step = std::log(nats.value() / t.kl.value()) * t.kl.value() / (b * t.variance);
    b += std::max(step, -b / 2);
    // The next step would be some square of it.
    if (std::fabs(step) <= 1e-8 * b) break;
  }
  LongTilt t = tilt_of(m, b, base);
  t.kl = nats;
  t.log_mgf = DoubleDouble(b) * t.mean - nats;
  return t;
}

}  // namespace

LongTilt tilt_of(const LongChain& m, double b, const LongTilt& base) {
  LongTilt t = tilt_at(m, b);
  if (b > 0 && t.kl.value() < faint) {
    Gained more;
    add_gained(m, {0, base.variance}, {b, t.variance}, more);
    t.kl = more.kl;
    t.mean = base.mean + DoubleDouble(more.mean);
    t.log_mgf = DoubleDouble(b) * t.mean - t.kl;
  }
  return t;
}

LongTilt tilt_for(const LongChain& m, const DoubleDouble& nats, const LongTilt* near) {
  const double kl = nats.value();
  if (kl > 0 && kl >= m.kl_max - nearly_all * std::max(1.0, m.kl_max)) return saturated(m);
  LongTilt at = near && !near->saturated() ? *near : base_of(m);
  if (!(kl > 0)) return at.b == 0 ? at : base_of(m);
  if (!(at.variance > 0)) throw NumericalError("model.reward: does not vary along the chain");
  if (kl < faint) return faint_tilt(m, nats, at.b == 0 ? at : base_of(m));
  // From the base as in faint_tilt, but from above.
  constexpr double far = 30;
  double b = at.b > 0 ? next_tilt(at, kl, m.kl_max)
                      : std::min(std::sqrt(2 * kl / at.variance), far / m.law.rewards.position.back());
  double low = 0;
  double high = infinity;
  constexpr int most_steps = 200;
  for (int i = 0; i < most_steps; ++i) {
    if (!(b > low && b < high)) b = std::isfinite(high) ? low + (high - low) / 2 : 2 * low + 1e-3;
    at = tilt_at(m, b);
    const double off = (at.kl - nats).value();
    if (std::fabs(off) <= 1e-13 * kl || high - low <= 4e-16 * b) {
      // The rest to first order: a nat more costs b less reward.
      at.kl = nats;
      if (at.b > 0) at.mean += DoubleDouble(-off) / DoubleDouble(at.b);
      if (m.top < at.mean) at.mean = m.top;
      return at;
    }
    (off < 0 ? low : high) = b;
    b = next_tilt(at, kl, m.kl_max);
  }
  throw NumericalError("kl: the chain's tilt of so many nats was not found");
}

namespace {

/** Below this depth the law is near its centre, and no tilt is needed to see it. */
constexpr double shallow = 2;

/** Whether the base all but always earns nothing. @param tilt of b > 0 */
bool is_rare(const LongTilt& tilt) {
  // E e^(b S) >= 1 + (e^b - 1) P(S >= 1), where a tilt that is not steep says something of it.
  constexpr double steep = 1e3;
  const double others = std::expm1(tilt.log_mgf.value());
  return others < steep && others < rare_share * std::expm1(tilt.b);
}

/** The tilt at which a law shows what best-of-N of that depth visits: where that is nearly the best sum alone, one that
 * leaves it some e^-3 of the mass. */
TiltedChain tilt_for_depth(const LongChain& m, double depth, const LongTilt& tilt) {
  if (depth < shallow) {
    const LongTilt shown =
        tilt.chain && tilt.b > 0 && is_rare(tilt) ? tilt_for(m, DoubleDouble(shows_rare)) : saturated(m);
    return shown.chain ? *shown.chain : tilted_chain(m.law, m.recurrence, 0);
  }
  const double deepest = m.kl_max - std::min(3.0, m.kl_max / 2);
  if (tilt.chain && tilt.kl.value() <= deepest) return *tilt.chain;
  // Where the best sum is all but certain, the base shows it.
  const LongTilt there = tilt_for(m, DoubleDouble(deepest));
  return there.chain ? *there.chain : tilted_chain(m.law, m.recurrence, 0);
}

/** The best sum alone. */
RewardLaw top_alone(const LongChain& m) {
  RewardLaw law;
  law.base = m.law.rewards.base * from_integer(m.length);
  law.unit = m.law.rewards.unit;
  law.center = m.top;
  law.offset = {0};
  law.log_mass = {0};
  law.log_above = {-infinity};
  law.below = {-std::expm1(-m.kl_max)};
  law.gold = {0};
  law.log_scale = m.kl_max;
  return law;
}

BestOfNLaw law_for(const LongChain& m, const DoubleDouble& log_n, const LongTilt& tilt, bool for_a_curve = false) {
  if (log_n.value() - m.kl_max > certain_depth) return best_of_n_on(top_alone(m), log_n);
  const TiltedChain around = tilt_for_depth(m, log_n.value(), tilt);
  Waves left;
  ChainAt at = m.at();
  at.is_for_a_curve = for_a_curve;
  auto law = chain_law(at, around, left);
  if (!law) throw NumericalError("model.length: the sums of these transitions do not vary");
  law->work += left.work;
  BestOfNLaw out = best_of_n_on(*std::move(law), log_n);
  if (left.second > 0) {
    constexpr double most_lost = 1e-6;
    if (!(out.metrics.mass_defect < most_lost))
      throw NumericalError("model.length: the sums of so many transitions are not smooth, and too many to list");
    // Of short sequences the tail is no exponential across a wave's reach.
    const double share = 0.02 + 150 / static_cast<double>(m.length);
    const double sd = std::sqrt(static_cast<double>(m.length) * around.variance);
    add_waves(out, left, log_n.value(), around.b, slope_of_tail(around.b, sd), share);
  }
  return out;
}

/** KL(policy || tilt) = KL(policy || p) - b E S + log E e^(b S), where the tilt is not the best sum alone. */
double kl_to_tilt(const RewardLaw& law, const Policy& policy, const Metrics& of, const LongTilt& tilt) {
  const DoubleDouble steps = law.center + of.offset;
  return std::max(0.0, (kl_to_base(law, policy) - DoubleDouble(tilt.b) * steps + tilt.log_mgf).value());
}

double kl_to_tilt(const LongChain& m, double log_n, const BestOfNLaw& at, const LongTilt& tilt) {
  // Infinite unless best-of-N, too, never misses the best sum: it does with e^(-N P(best)).
  if (tilt.saturated()) return std::exp(log_n - m.kl_max) > -std::log(negligible_deficit) ? 0 : infinity;
  return kl_to_tilt(at.law, at.policy, at.metrics, tilt);
}

BestOfNOutcome best_on(const LongChain& m, const DoubleDouble& log_n, const LongTilt& tilt, bool for_a_curve) {
  BestOfNOutcome out;
  if (log_n.value() == 0) {
    const LongTilt base = base_of(m);
    out.reward = reward_of(m, base.mean);
    out.sd = sd_of(m, base.variance);
    return out;
  }
  BestOfNLaw at = law_for(m, log_n, tilt, for_a_curve);
  const Metrics& of = at.metrics;
  out.reward = of.gain ? reward_of(m, base_of(m).mean) + at.law.unit * DoubleDouble(*of.gain)
                       : at.law.base + at.law.unit * (at.law.center + of.offset);
  out.sd = of.offset_sd * at.law.unit.value();
  out.kl = std::min(of.kl, std::min(best_of_n_kl_bound(log_n.value()), m.kl_max));
  out.kl_deficit = DoubleDouble(m.kl_max) - DoubleDouble(out.kl);
  out.kl_rounding = 2e-14 * std::max(1.0, out.kl);
  out.win_rate = of.win_rate;
  out.kl_to_kl_rl = kl_to_tilt(m, log_n.value(), at, tilt);
  out.errors = at.errors;
  out.at = std::move(at);
  return out;
}

}  // namespace

BestOfNOutcome best_of(const LongChain& m, const DoubleDouble& log_n, const LongTilt& tilt) {
  return best_on(m, log_n, tilt, false);
}

LongTilt tilt_at_kl_of(const LongChain& m, const BestOfNOutcome& bon, const LongTilt& base) {
  return bon.at ? tilt_for(m, DoubleDouble(bon.kl), &base) : base;
}

Outcome base_outcome(const LongChain& m, const LongTilt& base) {
  Outcome o;
  o.reward = units_of(m, reward_of(m, base.mean));
  o.reward_sd = units_of(m, sd_of(m, base.variance));
  o.of_reward.error = units_of(m, rounded(m));
  return o;
}

namespace {

/** Multiplications that a solution of a chain's tilt takes, about. */
double solving_work(const LongChain& m) {
  const auto k = static_cast<double>(m.law.states);
  return 8 * (4 * k * k * k + 2000 * static_cast<double>(m.law.transitions.size()));
}

}  // namespace

Outcome outcome(const LongChain& m, const LongTilt& tilt) {
  Outcome o = base_outcome(m, tilt);
  o.kl = tilt.kl.value();
  o.alpha = alpha_of(m, tilt.b);
  if (tilt.saturated()) {
    o.win_rate = 1 - std::exp(-m.kl_max) / 2;
  } else if (tilt.b > 0) {
    const ChainLoss loss = chain_loss(m.at(), tilted_chain(m.law, m.recurrence, tilt.b / 2), tilt.log_mgf);
    o.win_rate = 1 - loss.value;
    o.of_win_rate.error = 1e-12 + loss.error;
  }
  o.work = solving_work(m);
  return o;
}

Outcome outcome(const LongChain& m, const BestOfNOutcome& bon) {
  Outcome o;
  o.reward = units_of(m, bon.reward);
  o.reward_sd = units_of(m, bon.sd);
  o.kl = bon.kl;
  o.win_rate = bon.win_rate;
  // A gap's two rewards are rounded alike.
  o.of_reward.error = units_of(m, bon.errors.reward + rounded(m));
  o.of_reward_sd.error = units_of(m, bon.errors.reward_sd);
  o.of_kl.error = bon.errors.kl;
  o.of_win_rate.error = bon.errors.win_rate;
  o.work = solving_work(m) + (bon.at ? bon.at->law.work : 0);
  return o;
}

Comparison compare(const LongChain& m, const Optima<LongTilt>& optima, const BestOfNOutcome& bon) {
  Comparison c;
  c.at_bon_kl = outcome(m, optima.at_bon_kl);
  const double error = units_of(m, bon.errors.reward);
  const auto bought = [&](const LongTilt& tilt) { return tilt.b > 0 ? bon.errors.kl / alpha_of(m, tilt.b) : 0; };
  c.at_bon_kl.of_kl.error = bon.errors.kl;
  c.at_bon_kl.of_reward.error = bought(optima.at_bon_kl);
  if (!optima.at_bon_kl.saturated() && optima.at_bon_kl.b > 0) {
    const double b = optima.at_bon_kl.b;
    c.at_bon_kl.of_alpha.error = alpha_of(m, bon.errors.kl / (b * optima.at_bon_kl.variance));
  }
  c.kl_to_kl_rl.value = bon.kl_to_kl_rl;
  if (!optima.at_budget.saturated())
    c.kl_to_kl_rl.of_value.error = bon.errors.kl + alpha_of(m, optima.at_budget.b) * error;
  c.gap.value = std::max(0.0, units_of(m, reward_of(m, optima.at_budget.mean) - bon.reward));
  c.gap.of_value.error = error;
  c.gap_at_bon_kl.value = std::max(0.0, units_of(m, reward_of(m, optima.at_bon_kl.mean) - bon.reward));
  c.gap_at_bon_kl.of_value.error = error + bought(optima.at_bon_kl);
  return c;
}

LawsByDepth laws_of(const LongChain& m) {
  LawsByDepth laws;
  laws.at = [&m](const DoubleDouble& log_n) { return for_other_policies(law_for(m, log_n, tilt_for(m, log_n))); };
  laws.kl_max = m.kl_max;
  laws.top_alone = [&m] { return top_alone(m); };
  laws.lists_top = [&m](const RewardLaw& law) {
    return std::fabs((law.center + law.exact_offset(law.size() - 1) - m.top).value()) < 0.5;
  };
  // Sums are apart by a step of the lattice at least.
  laws.top_gap = m.law.rewards.unit.value();
  laws.moments = [&m] {
    const LongTilt base = base_of(m);
    return std::pair{reward_of(m, base.mean), sd_of(m, base.variance)};
  };
  laws.exponent = m.law.rewards.exponent;
  return laws;
}

FurtherOutcome further_outcome(const LongChain& m, const LaidPolicy& laid, const LongTilt& at_budget) {
  const Metrics& of = laid.metrics;
  FurtherOutcome f;
  Outcome& o = f.outcome;
  o.reward = units_of(m, laid.law.base + laid.law.unit * (laid.law.center + of.offset));
  o.reward_sd = units_of(m, laid.law.unit.value() * of.offset_sd);
  o.kl = of.kl;
  o.win_rate = of.win_rate;
  o.of_reward.error = units_of(m, laid.errors.reward);
  o.of_reward_sd.error = units_of(m, laid.errors.reward_sd);
  o.of_kl.error = laid.errors.kl;
  o.of_win_rate.error = laid.errors.win_rate;
  if (at_budget.saturated()) {
    const bool alone = m.kl_max - of.kl < negligible_deficit;
    f.kl_to_kl_rl.value = alone ? 0 : infinity;
  } else {
    f.kl_to_kl_rl.value = kl_to_tilt(laid.law, laid.policy, of, at_budget);
    f.kl_to_kl_rl.of_value.error = laid.errors.kl + alpha_of(m, at_budget.b) * o.of_reward.error;
  }
  f.parameter = laid.parameter;
  return f;
}

Extremes extremes(const LongChain& m, const BestOfNOutcome& bon) {
  Extremes e;
  e.reward_max = units_of(m, reward_of(m, m.top));
  e.kl_max = m.kl_max;
  if (bon.at) e.note = bon.at->note;
  return e;
}

double earns_more(const LongChain& m, double from, double to) {
  try {
    const LongTilt first = tilt_for(m, from);
    const DoubleDouble steps = tilt_for(m, to, &first).mean - first.mean;
    return units_of(m, m.law.rewards.unit * steps);
  } catch (const NumericalError&) {
    return not_known;
  }
}

ChainRate chain_rate(const RecurrentChain& m, const DoubleDouble& rate) {
  ChainRate out{rate, std::nullopt, 0};
  const double nats = rate.value();
  TiltedChain at = tilted_chain(m.law, m.recurrence, 0);
  double b = nats > 0 ? std::sqrt(2 * nats / at.variance) : 0;
  double low = 0;
  double high = infinity;
  constexpr int most_steps = 100;
  // Cycles of at most 64 states differ by 1/64^2 of a lattice step at least: a steeper tilt changes nothing any more.
  constexpr double steepest = 1e7;
  try {
    for (int i = 0; i < most_steps && b < steepest; ++i) {
      if (b > 0) at = tilted_chain(m.law, m.recurrence, b);
      const double here = (DoubleDouble(b) * at.rho - at.lambda).value();
      if (std::fabs(here - nats) <= 1e-14 * nats || high - low <= 4e-16 * b) {
        out.chain = std::move(at);
        out.constant = lattice_kl_constant(b);
        return out;
      }
      (here < nats ? low : high) = b;
      b += 2 * std::sqrt(here) * (std::sqrt(nats) - std::sqrt(here)) / (b * at.variance);
      if (!(b > low && b < high)) b = std::isfinite(high) ? low + (high - low) / 2 : 2 * low;
    }
  } catch (const NumericalError&) {
    // Past the largest rate there is no tilt.
  }
  return out;
}

GapPoint sharp_point(const TokenLaw& rewards, const ChainRate& rate, std::int64_t length) {
  GapPoint point;
  if (!rate.chain) return point;
  const auto sharp =
      sharp_terms(rate.chain->b, rate.chain->variance, rewards.unit.value(), true, length, rate.constant);
  if (!sharp) return point;
  const auto n = static_cast<double>(length);
  point.gap_sharp = std::ldexp(sharp->gap / n, rewards.exponent);
  point.gap_first_order = std::ldexp(sharp->gap_first_order / n, rewards.exponent);
  point.kl_to_kl_rl_sharp = sharp->kl_to_kl_rl / n;
  return point;
}

Limits limits_of(const RecurrentChain& m, std::int64_t length, const DoubleDouble& rate) {
  const ChainRate at = chain_rate(m, rate);
  Limits limits;
  limits.rate = rate.value();
  limits.alpha = infinity;
  const TokenLaw& r = m.law.rewards;
  limits.reward_per_token = std::ldexp((r.base + r.unit * m.recurrence.peak).value(), r.exponent);
  limits.gap_sharp = limits.kl_to_kl_rl_sharp = limits.log_constant.emplace(not_known);
  if (!at.chain) return limits;
  const double unit = r.unit.value();
  const auto n = static_cast<double>(length);
  limits.alpha = std::ldexp(at.chain->b / unit, -r.exponent);
  limits.reward_per_token = std::ldexp((r.base + r.unit * at.chain->rho).value(), r.exponent);
  limits.variance_per_token = std::ldexp(at.chain->variance * unit * unit, 2 * r.exponent);
  const GapPoint sharp = sharp_point(r, at, length);
  limits.gap_sharp = sharp.gap_sharp * n;
  limits.kl_to_kl_rl_sharp = sharp.kl_to_kl_rl_sharp * n;
  limits.log_constant = log_constant(*at.chain);
  return limits;
}

LawCurve picture(const LongChain& m, const LongTilt& tilt, int points) {
  const TokenLaw& r = m.law.rewards;
  PicturePoints p{r.base * from_integer(m.length), r.unit, m.top, {0}, {1}, 1, false};
  if (!tilt.saturated()) {
    ChainMasses masses = chain_masses(m.at(), *tilt.chain, 2 * points);
    p.center = masses.center;
    p.offset = std::move(masses.offset);
    p.mass = std::move(masses.mass);
    p.stride = masses.stride;
    p.lattice = true;
  }
  LawCurve curve = curve_of(std::move(p), m.length, r.exponent, points);
  describe(curve, reward_of(m, tilt.mean), sd_of(m, tilt.variance), m.length, r.exponent);
  return curve;
}

LawCurve picture_of_best(const LongChain& m, const DoubleDouble& log_n, const LongTilt& tilt, int points) {
  const BestOfNOutcome bon = best_of(m, log_n, tilt);
  // One draw is the base model.
  if (!bon.at) return picture(m, base_of(m), points);
  const RewardLaw& law = bon.at->law;
  LawCurve curve = curve_of({law.base, law.unit, law.center, law.offset, bon.at->policy.mass, law.stride, true},
                            m.length, m.law.rewards.exponent, points);
  describe(curve, bon.reward, bon.sd, m.length, m.law.rewards.exponent);
  return curve;
}

namespace {

/** What a law cost that was given up, about: a curve tries no more of them. */
constexpr double spent_in_vain = 2e8;

}  // namespace

LongPaths::LongPaths(const LongChain& model) : m_(model), base_(base_of(model)) {}

const LongTilt& LongPaths::solved(double budget) {
  if (!solved_ || solved_at_ != budget) solved_ = tilt_for(m_, budget);
  solved_at_ = budget;
  return *solved_;
}

PathPoint LongPaths::optimum(double kl) { return {kl, units_of(m_, reward_of(m_, solved(kl).mean)), solving_work(m_)}; }

PathPoint LongPaths::best_of_n(double log_n) {
  try {
    const BestOfNOutcome bon = best_on(m_, log_n, solved(log_n), true);
    const double work = solving_work(m_) + (bon.at ? bon.at->law.work : 0);
    const double reward = units_of(m_, bon.reward);
    if (!(bon.errors.kl <= 0.05 * std::max(1.0, bon.kl) &&
          units_of(m_, bon.errors.reward) <= 0.05 * std::max(std::fabs(reward), units_of(m_, bon.sd))))
      return {not_known, not_known, work};
    return {bon.kl, std::max(units_of(m_, reward_of(m_, base_.mean)), reward), work};
  } catch (const NumericalError&) {
    // No mark where no method holds.
    return {not_known, not_known, spent_in_vain};
  }
}

double add_gap(const LongChain& m, const DoubleDouble& nats, GapPoint& to) {
  try {
    const LongTilt tilt = tilt_for(m, nats);
    const BestOfNOutcome bon = best_on(m, nats, tilt, true);
    const auto n = static_cast<double>(m.length);
    // What is not known to a hundredth of itself would be a wrong mark.
    const auto known = [](double x, double error) { return error <= 0.01 * std::fabs(x) + 1e-12 ? x : not_known; };
    const double gap = std::max(0.0, units_of(m, reward_of(m, tilt.mean) - bon.reward));
    to.gap = known(gap, units_of(m, bon.errors.reward)) / n;
    to.kl_to_kl_rl =
        known(bon.kl_to_kl_rl,
              bon.errors.kl + (tilt.saturated() ? 0 : alpha_of(m, tilt.b) * units_of(m, bon.errors.reward))) /
        n;
    return solving_work(m) + (bon.at ? bon.at->law.work : 0);
  } catch (const NumericalError&) {
    // Where no method holds, lengths are gaps in the curve.
    return spent_in_vain;
  }
}

}  // namespace tiltlab
