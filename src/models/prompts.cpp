#include "models/prompts.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "error.hpp"
#include "numerics/log_domain.hpp"
#include "numerics/roots.hpp"
#include "policies/registry.hpp"

namespace tiltlab {

namespace {

/** What a message says of a field of a prompt's model, with where that stands. */
[[noreturn]] void refuse_at(const std::string& prompt, const InputError& e) {
  throw InputError(prompt + e.path(), std::string(e.what()).substr(e.path().size() + 2));
}

template <class F>
auto visit(const Prompt& p, F&& f) {
  return std::visit(std::forward<F>(f), p.model);
}

/** f(model, tilt) of a prompt. */
template <class F>
auto with_tilt(const Prompt& p, const std::variant<TokenTilt, ContinuousTilt>& tilt, F&& f) {
  if (const auto* tokens = std::get_if<Tokens>(&p.model)) return f(*tokens, std::get<TokenTilt>(tilt));
  return f(std::get<ContinuousLaw>(p.model), std::get<ContinuousTilt>(tilt));
}

double largest_kl(const Tokens& m) { return (kl_max(m.token) * from_integer(m.length)).value(); }
double largest_kl(const ContinuousLaw& law) { return kl_max(law); }

double largest_kl(const Prompts& m) {
  double sum = 0;
  for (const Prompt& p : m.prompts) sum += p.weight * visit(p, [](const auto& model) { return largest_kl(model); });
  return sum;
}

/** A budget that saturates, whatever the rounding of the largest KL. */
double past(double largest) { return std::nextafter(largest, infinity); }

/** A tilt with what it spends, and d KL / d alpha = alpha Var. */
struct Tilted {
  std::variant<TokenTilt, ContinuousTilt> tilt;
  double kl = 0;
  double slope = 0;
};

Tilted tilted_by(const Tokens& m, double alpha, const Tilted*, Accuracy) {
  const double b = std::ldexp(alpha * m.token.unit.value(), m.token.exponent);
  TokenTilt tilt = std::isfinite(b) ? tilt_at(m.token, b) : solve_tilt(m.token, kl_max(m.token));
  const double n = static_cast<double>(m.length);
  const double scale = std::ldexp(m.token.unit.value(), m.token.exponent);
  const double kl = (from_integer(m.length) * tilt.kl).value();
  return {tilt, std::max(0.0, kl), alpha * n * tilt.variance * scale * scale};
}

/** By the KL that spends as much as alpha asks for: Newton, from the last alpha's. */
Tilted tilted_by(const ContinuousLaw& law, double alpha, const Tilted* near, Accuracy accuracy) {
  if (!(alpha > 0)) return {kl_rl(law, 0, accuracy), 0, 0};
  if (std::isinf(alpha)) return {kl_rl(law, past(kl_max(law)), accuracy), kl_max(law), 0};
  const ContinuousMetrics base = near ? ContinuousMetrics{} : kl_rl(law, 0, Accuracy::picture).metrics;
  double kl = near && near->kl > 0 ? near->kl : alpha * alpha * base.reward_sd * base.reward_sd / 2;
  constexpr int most_steps = 60;
  Tilted out;
  for (int i = 0; i < most_steps; ++i) {
    ContinuousTilt tilt = kl_rl(law, kl, accuracy);
    const double variance = tilt.metrics.reward_sd * tilt.metrics.reward_sd;
    const double off = std::log(alpha / tilt.alpha);
    // KL to alpha's power 2 near the base, and slower beyond: the step is one of logarithms.
    const double slope = tilt.alpha * tilt.alpha * variance / kl;
    out = {tilt, kl, alpha * variance};
    if (!(std::fabs(off) > (accuracy == Accuracy::full ? 1e-14 : 1e-8)) || !(slope > 0)) return out;
    const double step = std::clamp(slope * off, -2.0, 2.0);
    if (std::fabs(step) < 4e-16) return out;
    kl *= std::exp(step);
  }
  return out;
}

PromptsTilt tilted_by(const Prompts& m, double alpha, std::vector<Tilted>& all, double& slope, Accuracy accuracy) {
  PromptsTilt out{alpha, 0, {}};
  slope = 0;
  const bool again = !all.empty();
  for (std::size_t i = 0; i < m.prompts.size(); ++i) {
    const Prompt& p = m.prompts[i];
    Tilted at =
        visit(p, [&](const auto& model) { return tilted_by(model, alpha, again ? &all[i] : nullptr, accuracy); });
    out.kl += p.weight * at.kl;
    slope += p.weight * at.slope;
    out.of.push_back(at.tilt);
    if (again) {
      all[i] = std::move(at);
    } else {
      all.push_back(std::move(at));
    }
  }
  return out;
}

/** Mean reward and KL with all digits that they have, for differences. */
DoubleDouble exact_reward(const Tokens& m, const TokenTilt& tilt) {
  const DoubleDouble r = sequence_reward(m, tilt);
  return {std::ldexp(r.hi, m.token.exponent), std::ldexp(r.lo, m.token.exponent)};
}
DoubleDouble exact_reward(const ContinuousLaw&, const ContinuousTilt& tilt) { return tilt.metrics.reward; }

/** What a prompt's tilt earns more than its best-of-N, which under an alpha that all share may be less than nothing. */
Bounded earned_beyond(const Tokens& m, const TokenTilt& tilt, const BestOfNOutcome& bon) {
  const DoubleDouble best{std::ldexp(bon.reward.hi, m.token.exponent), std::ldexp(bon.reward.lo, m.token.exponent)};
  const double gap = (exact_reward(m, tilt) - best).value();
  return {gap, outcome(m, bon).of_reward.error + 1e-15 * std::fabs(gap)};
}
Bounded earned_beyond(const ContinuousLaw& law, const ContinuousTilt& tilt, const ContinuousMetrics& bon) {
  return reward_difference(law, tilt, bon);
}

std::vector<Bounded> bounded_gaps(const Prompts& m, const PromptsTilt& tilt, const PromptsBest& bon) {
  std::vector<Bounded> out;
  for (std::size_t i = 0; i < m.prompts.size(); ++i) {
    const Prompt& p = m.prompts[i];
    const auto& at = tilt.of[i];
    const auto& best = bon.of[i];
    if (const auto* tokens = std::get_if<Tokens>(&p.model)) {
      out.push_back(earned_beyond(*tokens, std::get<TokenTilt>(at), std::get<BestOfNOutcome>(best)));
    } else {
      out.push_back(earned_beyond(std::get<ContinuousLaw>(p.model), std::get<ContinuousTilt>(at),
                                  std::get<ContinuousMetrics>(best)));
    }
  }
  return out;
}

double kl_of(const BestOfNOutcome& bon) { return bon.kl; }
double kl_of(const ContinuousMetrics& bon) { return bon.kl; }

/** f(model, best-of-N) of a prompt. */
template <class F>
auto with_best(const Prompt& p, const std::variant<BestOfNOutcome, ContinuousMetrics>& bon, F&& f) {
  if (const auto* tokens = std::get_if<Tokens>(&p.model)) return f(*tokens, std::get<BestOfNOutcome>(bon));
  return f(std::get<ContinuousLaw>(p.model), std::get<ContinuousMetrics>(bon));
}

/** f of each prompt's model and its tilt, or its best-of-N, as `with` gives them. */
template <class With, class Of, class F>
auto each(const Prompts& m, With&& with, const Of& of, F&& f) {
  std::vector<decltype(with(m.prompts.front(), of.front(), f))> out;
  out.reserve(m.prompts.size());
  for (std::size_t i = 0; i < m.prompts.size(); ++i) out.push_back(with(m.prompts[i], of[i], f));
  return out;
}
template <class F>
auto each(const Prompts& m, const PromptsTilt& tilt, F&& f) {
  return each(
      m, [](const auto& p, const auto& t, auto& g) { return with_tilt(p, t, g); }, tilt.of, f);
}
template <class F>
auto each(const Prompts& m, const PromptsBest& bon, F&& f) {
  return each(
      m, [](const auto& p, const auto& b, auto& g) { return with_best(p, b, g); }, bon.of, f);
}

/** Mean reward of a tilt. */
double mean_reward(const Prompts& m, const PromptsTilt& tilt) {
  const auto of = each(m, tilt, [](const auto& model, const auto& t) { return exact_reward(model, t); });
  double sum = 0;
  for (std::size_t i = 0; i < of.size(); ++i) sum += m.prompts[i].weight * of[i].value();
  return sum;
}

/** Weighted means of the prompts' outcomes, and the deviation of all their replies together. */
Outcome averaged(const Prompts& m, const std::vector<Outcome>& of) {
  Outcome o;
  o.win_rate = 0;
  const auto add = [](Uncertainty& to, const Uncertainty& x, double weight) {
    to.error += weight * x.error;
    to.rounding += weight * x.rounding;
  };
  for (std::size_t i = 0; i < of.size(); ++i) {
    const double w = m.prompts[i].weight;
    o.reward += w * of[i].reward;
    o.kl += w * of[i].kl;
    o.win_rate += w * of[i].win_rate;
    o.gold += w * of[i].gold;
    o.work += of[i].work;
    add(o.of_reward, of[i].of_reward, w);
    add(o.of_kl, of[i].of_kl, w);
    add(o.of_win_rate, of[i].of_win_rate, w);
    add(o.of_gold, of[i].of_gold, w);
  }
  double variance = 0;
  double error = 0;
  for (std::size_t i = 0; i < of.size(); ++i) {
    const double w = m.prompts[i].weight;
    const double off = of[i].reward - o.reward;
    variance += w * (of[i].reward_sd * of[i].reward_sd + off * off);
    error += w * (of[i].reward_sd * of[i].of_reward_sd.error + std::fabs(off) * of[i].of_reward.error);
  }
  o.reward_sd = std::sqrt(variance);
  o.of_reward_sd.error = o.reward_sd > 0 ? error / o.reward_sd : 0;
  return o;
}

/** Reward that a mean KL's error buys. */
double bought(double nats, double alpha) { return alpha > 0 && std::isfinite(alpha) ? nats / alpha : 0; }

}  // namespace

Prompts make_model(const PromptsInput& input) {
  if (input.prompts.empty() || input.prompts.size() > most_prompts)
    throw InputError("model.prompts", std::to_string(input.prompts.size()) + " prompts are not 1 to 10000");
  Prompts m;
  double total = 0;
  for (std::size_t i = 0; i < input.prompts.size(); ++i) {
    const PromptInput& p = input.prompts[i];
    const std::string path = "model.prompts[" + std::to_string(i) + "].";
    if (!(p.weight >= 0 && p.weight <= 1e300))
      throw InputError(path + "weight", to_text(p.weight) + " is not in [0, 1e300]");
    total += p.weight;
    try {
      if (ContinuousInput::has(p.kind)) {
        m.prompts.push_back({p.weight, make_model(p.law), i});
      } else {
        m.prompts.push_back({p.weight, make_model(p.tokens), i});
      }
    } catch (const InputError& e) {
      refuse_at(path, e);
    }
  }
  if (!(total > 0 && std::isfinite(total)))
    throw InputError("model.prompts", "weights sum to " + to_text(total) + ", not to more than 0");
  for (Prompt& p : m.prompts) p.weight /= total;
  std::erase_if(m.prompts, [](const Prompt& p) { return !(p.weight > 0); });
  return m;
}

PromptsTilt base_of(const Prompts& m, Accuracy accuracy) {
  std::vector<Tilted> all;
  double slope = 0;
  return tilted_by(m, 0, all, slope, accuracy);
}

PromptsTilt tilt_for(const Prompts& m, const DoubleDouble& nats, Accuracy accuracy) {
  const double kl = nats.value();
  std::vector<Tilted> all;
  double slope = 0;
  const double most = largest_kl(m);
  if (!(kl > 0) || kl >= most) return tilted_by(m, kl > 0 ? infinity : 0, all, slope, accuracy);
  // Near the base the KL is alpha^2 / 2 times the mean variance.
  PromptsTilt at = base_of(m, accuracy);
  const auto sd = each(m, at, [](const auto& model, const auto& t) { return base_outcome(model, t).reward_sd; });
  double variance = 0;
  for (std::size_t i = 0; i < sd.size(); ++i) variance += m.prompts[i].weight * sd[i] * sd[i];
  if (!(variance > 0)) return at;
  double alpha = std::sqrt(2 * kl / variance);
  double low = 0;
  double high = infinity;
  const double enough = accuracy == Accuracy::full ? 2e-15 : 1e-9;
  constexpr int most_steps = 300;
  for (int i = 0; i < most_steps; ++i) {
    at = tilted_by(m, alpha, all, slope, accuracy);
    const double off = at.kl - kl;
    if (std::fabs(off) <= enough * kl || high - low <= 4e-16 * alpha) return at;
    (off < 0 ? low : high) = alpha;
    // What is spent goes as alpha squared near the base, what is left falls exponentially at its end.
    const double next = kl > 0.7 * most && at.kl > 0.5 * most
                            ? alpha + std::log((most - at.kl) / (most - kl)) * (most - at.kl) / slope
                            : alpha * std::exp(std::clamp(-off / (alpha * slope), -1.0, 1.0));
    alpha = next > low && next < high ? next : std::isfinite(high) ? low + (high - low) / 2 : 2 * low;
  }
  throw NumericalError("kl: one alpha for all prompts was not found");
}

PromptsBest best_of(const Prompts& m, const DoubleDouble& log_n, const PromptsTilt&) {
  PromptsBest out;
  out.log_n = log_n.value();
  for (const Prompt& p : m.prompts) {
    visit(p, [&](const auto& model) {
      auto bon = best_of(model, log_n, tilt_for(model, log_n));
      const Outcome o = outcome(model, bon);
      out.kl += p.weight * kl_of(bon);
      out.kl_error += p.weight * o.of_kl.error;
      out.of.emplace_back(std::move(bon));
    });
  }
  return out;
}

PromptsTilt tilt_at_kl_of(const Prompts& m, const PromptsBest& bon, const PromptsTilt&) { return tilt_for(m, bon.kl); }

std::vector<Outcome> base_outcomes(const Prompts& m, const PromptsTilt& base) {
  return each(m, base, [](const auto& model, const auto& t) { return base_outcome(model, t); });
}

std::vector<Outcome> outcomes(const Prompts& m, const PromptsTilt& tilt) {
  return each(m, tilt, [](const auto& model, const auto& t) { return outcome(model, t); });
}

std::vector<Outcome> outcomes(const Prompts& m, const PromptsBest& bon) {
  return each(m, bon, [](const auto& model, const auto& b) { return outcome(model, b); });
}

Outcome base_outcome(const Prompts& m, const PromptsTilt& base) { return averaged(m, base_outcomes(m, base)); }

Outcome outcome(const Prompts& m, const PromptsTilt& tilt) {
  Outcome o = averaged(m, outcomes(m, tilt));
  o.alpha = tilt.alpha;
  return o;
}

Outcome outcome(const Prompts& m, const PromptsBest& bon) { return averaged(m, outcomes(m, bon)); }

std::vector<double> gaps_of(const Prompts& m, const PromptsTilt& tilt, const PromptsBest& bon) {
  std::vector<double> out;
  for (const Bounded& gap : bounded_gaps(m, tilt, bon)) out.push_back(gap.value);
  return out;
}

namespace {

/** What the tilt earns more than best-of-N, by the digits of the prompts' own differences. */
Compared gap_of(const Prompts& m, const PromptsTilt& tilt, const PromptsBest& bon) {
  const std::vector<Bounded> of = bounded_gaps(m, tilt, bon);
  Compared gap;
  for (std::size_t i = 0; i < of.size(); ++i) {
    const double weighted = m.prompts[i].weight * of[i].value;
    gap.value += weighted;
    gap.of_value.error += m.prompts[i].weight * of[i].error;
    gap.of_value.rounding += 1e-15 * std::fabs(weighted);
  }
  return gap;
}

/** KL(best-of-N || the largest reward alone). */
double to_top_alone(const Tokens& m, const BestOfNOutcome& bon, double log_n) {
  // Compared with the optimum of log N nats, which is that from there on.
  return log_n >= largest_kl(m) ? bon.kl_to_kl_rl : infinity;
}
double to_top_alone(const ContinuousLaw&, const ContinuousMetrics& bon, double) {
  return is_top_alone(bon) ? 0 : infinity;
}

}  // namespace

Comparison compare(const Prompts& m, const Optima<PromptsTilt>& optima, const PromptsBest& bon) {
  Comparison c;
  c.at_bon_kl = outcome(m, optima.at_bon_kl);
  c.at_bon_kl.of_kl.error += bon.kl_error;
  c.at_bon_kl.of_reward.error += bought(bon.kl_error, optima.at_bon_kl.alpha);
  const double alpha = optima.at_budget.alpha;
  c.gap = gap_of(m, optima.at_budget, bon);
  c.gap_at_bon_kl = gap_of(m, optima.at_bon_kl, bon);
  c.gap_at_bon_kl.of_value.error += bought(bon.kl_error, optima.at_bon_kl.alpha);
  if (std::isinf(alpha)) {
    const auto far =
        each(m, bon, [&](const auto& model, const auto& of) { return to_top_alone(model, of, bon.log_n); });
    for (std::size_t i = 0; i < far.size(); ++i) c.kl_to_kl_rl.value += m.prompts[i].weight * far[i];
    return c;
  }
  // KL(policy || tilt) = KL(policy || p) - KL(tilt || p) + alpha (E_tilt r - E_policy r), prompt by prompt.
  c.kl_to_kl_rl.value = std::max(0.0, bon.kl - optima.at_budget.kl + alpha * c.gap.value);
  c.kl_to_kl_rl.of_value = {bon.kl_error + alpha * c.gap.of_value.error,
                            1e-15 * bon.kl + alpha * c.gap.of_value.rounding};
  return c;
}

Extremes extremes(const Prompts& m, const PromptsBest& bon) {
  Extremes e;
  e.kl_max = largest_kl(m);
  const auto of = each(m, bon, [](const auto& model, const auto& b) { return extremes(model, b); });
  for (std::size_t i = 0; i < of.size(); ++i) {
    const Extremes& one = of[i];
    e.reward_max += m.prompts[i].weight * one.reward_max;
    e.bounded = e.bounded && one.bounded;
    e.stated_error = std::max(e.stated_error, one.stated_error);
    if (e.note.empty()) e.note = one.note;
  }
  return e;
}

bool states_gold(const Prompts& m) {
  return std::any_of(m.prompts.begin(), m.prompts.end(), [](const Prompt& p) {
    const auto* tokens = std::get_if<Tokens>(&p.model);
    return tokens && states_gold(*tokens);
  });
}

namespace {

/** What a tilt earns more than a weaker one, by the digits of the difference. */
Bounded step_of(const Tokens& m, const TokenTilt& less, const TokenTilt& more) {
  return {(exact_reward(m, more) - exact_reward(m, less)).value(), 0};
}
Bounded step_of(const ContinuousLaw& law, const ContinuousTilt& less, const ContinuousTilt& more) {
  return reward_gap(law, more, less.metrics);
}

}  // namespace

double earns_more(const Prompts& m, double from, double to) {
  try {
    const PromptsTilt less = tilt_for(m, from, Accuracy::picture);
    const PromptsTilt more = tilt_for(m, to, Accuracy::picture);
    Bounded sum;
    for (std::size_t i = 0; i < m.prompts.size(); ++i) {
      const Prompt& p = m.prompts[i];
      const Bounded one = with_tilt(p, less.of[i], [&]<class Model, class Tilt>(const Model& model, const Tilt& tilt) {
        return step_of(model, tilt, std::get<Tilt>(more.of[i]));
      });
      sum.value += p.weight * one.value;
      sum.error += p.weight * one.error;
    }
    return sum.error > 1e-3 * std::fabs(sum.value) ? not_known : sum.value;
  } catch (const NumericalError&) {
    return not_known;
  }
}

PathPoint PromptsPaths::optimum(double kl) {
  const PromptsTilt tilt = tilt_for(m_, kl, Accuracy::picture);
  return {kl, mean_reward(m_, tilt), 1e4 * static_cast<double>(m_.prompts.size())};
}

PathPoint PromptsPaths::best_of_n(double log_n) {
  PathPoint out{0, 0, 1e4 * static_cast<double>(m_.prompts.size())};
  for (const Prompt& p : m_.prompts) {
    const PathPoint at = visit(p, [&](const auto& model) { return paths_of(model).best_of_n(log_n); });
    out.kl += p.weight * at.kl;
    out.reward += p.weight * at.reward;
    out.work += at.work;
  }
  return out;
}

namespace {

/** Adds a prompt's picture to bins from `low`, `width` each: every point's mass spread over its own width. */
void add_picture(std::vector<double>& bins, double low, double width, const LawCurve& of, double weight) {
  for (std::size_t i = 0; i < of.x.size(); ++i) {
    const double before = i > 0 ? of.x[i] - of.x[i - 1] : of.width;
    const double after = i + 1 < of.x.size() ? of.x[i + 1] - of.x[i] : of.width;
    const double half = of.width > 0 ? of.width / 2 : std::max(before, after) / 4;
    const double from = (of.x[i] - half - low) / width;
    const double to = (of.x[i] + half - low) / width;
    const auto last = static_cast<double>(bins.size() - 1);
    const auto first_bin = static_cast<std::size_t>(std::clamp(std::floor(from), 0.0, last));
    const auto last_bin = static_cast<std::size_t>(std::clamp(std::floor(to), 0.0, last));
    for (std::size_t b = first_bin; b <= last_bin; ++b) {
      const double share =
          first_bin == last_bin
              ? 1
              : (std::min(to, static_cast<double>(b) + 1) - std::max(from, static_cast<double>(b))) / (to - from);
      bins[b] += weight * of.mass[i] * std::max(0.0, share);
    }
  }
}

/** A prompt's law of whole replies, which is what prompts of different lengths have in common. */
template <class Model>
LawCurve whole(const Model& model, LawCurve curve) {
  const auto length = static_cast<double>(length_of(model).value_or(1));
  return length > 1 ? divided(std::move(curve), 1 / length) : curve;
}

LawCurve mixed(const Prompts& m, const std::vector<LawCurve>& of, const Outcome& outcome, int points) {
  double low = infinity;
  double high = -infinity;
  for (const LawCurve& c : of) {
    if (c.x.empty()) continue;
    low = std::min(low, c.x.front() - c.width / 2);
    high = std::max(high, c.x.back() + c.width / 2);
  }
  LawCurve curve;
  curve.mean = outcome.reward;
  curve.sd = outcome.reward_sd;
  if (!(high > low)) {
    curve.x = {low};
    curve.mass = curve.density = {1};
    return curve;
  }
  curve.width = (high - low) / points;
  curve.mass.assign(static_cast<std::size_t>(points), 0);
  for (std::size_t i = 0; i < of.size(); ++i) add_picture(curve.mass, low, curve.width, of[i], m.prompts[i].weight);
  for (std::size_t b = 0; b < curve.mass.size(); ++b) {
    curve.x.push_back(low + curve.width * (static_cast<double>(b) + 0.5));
    curve.density.push_back(curve.mass[b] / curve.width);
  }
  return curve;
}

}  // namespace

LawCurve picture(const Prompts& m, const PromptsTilt& tilt, int points) {
  const auto of =
      each(m, tilt, [&](const auto& model, const auto& t) { return whole(model, picture(model, t, points)); });
  // The mean and deviation of a tilt are what those of the base are: no win rate is asked for.
  return mixed(m, of, base_outcome(m, tilt), points);
}

LawCurve picture_of_best(const Prompts& m, const DoubleDouble& log_n, const PromptsTilt& tilt, int points) {
  std::vector<LawCurve> of;
  for (const Prompt& p : m.prompts)
    of.push_back(visit(p, [&](const auto& model) {
      return whole(model, picture_of_best(model, log_n, tilt_for(model, log_n), points));
    }));
  return mixed(m, of, outcome(m, best_of(m, log_n, tilt)), points);
}

namespace {

/** A number in which a policy's KL grows with its parameter, which is its last. */
double strength_of(const PolicyKind& kind, double parameter) {
  return kind.strength ? kind.strength(parameter) : -std::log(parameter);
}
double parameter_of(const PolicyKind& kind, double strength) {
  const Parameter& p = kind.parameters[kind.count() - 1];
  const double x = kind.parameter ? kind.parameter(strength) : std::exp(-strength);
  // Above a least that is left out by next to nothing.
  return std::clamp(x, p.above_least ? std::max(p.least, 1e-300) : p.least, p.most);
}

[[noreturn]] void refuse_shared_kl(const ExtraPolicy& asked, const std::string& path) {
  throw InputError(path + ".kl", to_text(*asked.kl) + " is a KL that no parameter shared by these prompts spends");
}

}  // namespace

ExtraPolicy PromptsPolicies::by_parameter(const ExtraPolicy& asked, const std::string& path) const {
  check(asked, path);
  const PolicyKind& kind = *asked.kind;
  const double kl = *asked.kl;
  const auto at = [&](double strength) {
    ExtraPolicy one = asked;
    one.kl.reset();
    one.parameter[kind.count() - 1] = parameter_of(kind, strength);
    return one;
  };
  if (kl == 0) return at(-infinity);
  // One prompt alone spends as much at parameters on both sides of the common one.
  double low = infinity;
  double high = -infinity;
  for (const Prompt& p : m_.prompts) {
    const double alone = visit(p, [&](const auto& model) {
      auto policies = policies_of(model);
      return further_outcome(model, policies.lay(asked, path), base_of(model)).parameter;
    });
    const double strength = strength_of(kind, alone);
    if (!std::isfinite(strength)) continue;
    low = std::min(low, strength);
    high = std::max(high, strength);
  }
  const auto spent = [&](double strength) {
    return further_outcome(m_, lay(at(strength), path), base_of(m_)).outcome.kl;
  };
  if (!(low <= high)) refuse_shared_kl(asked, path);
  constexpr int most_steps = 12;
  double step = 1;
  for (int i = 0; i < most_steps && !(spent(low) <= kl); ++i, step *= 2) low -= step;
  step = 1;
  for (int i = 0; i < most_steps && !(spent(high) >= kl); ++i, step *= 2) high += step;
  if (!(spent(low) <= kl && spent(high) >= kl)) refuse_shared_kl(asked, path);
  const auto missing = [&](double strength) { return spent(strength) - kl; };
  return at(low == high ? low : bracketed_root(missing, low, high, "policies: the parameter of several prompts"));
}

namespace {

/** KL(policy || the largest reward alone). */
template <class Model, class Laid>
double to_top_alone(const Model& m, const Laid& laid) {
  const double most = largest_kl(m);
  return most < infinity ? further_outcome(m, laid, tilt_for(m, past(most))).kl_to_kl_rl.value : infinity;
}

}  // namespace

PromptsLaid PromptsPolicies::lay(const ExtraPolicy& asked, const std::string& path) const {
  if (asked.kl) {
    PromptsLaid found = lay(by_parameter(asked, path), path);
    const double kl = further_outcome(m_, found, base_of(m_)).outcome.kl;
    if (!(std::fabs(kl - *asked.kl) <= 1e-7 * *asked.kl + 1e-14)) refuse_shared_kl(asked, path);
    return found;
  }
  PromptsLaid out;
  for (const Prompt& p : m_.prompts) {
    out.of.push_back(visit(p, [&](const auto& model) {
      auto policies = policies_of(model);
      const auto laid = policies.lay(asked, path);
      out.to_top.push_back(to_top_alone(model, laid));
      return further_outcome(model, laid, base_of(model));
    }));
  }
  return out;
}

FurtherOutcome further_outcome(const Prompts& m, const PromptsLaid& laid, const PromptsTilt& at_budget) {
  FurtherOutcome f;
  std::vector<Outcome> of;
  for (const FurtherOutcome& one : laid.of) of.push_back(one.outcome);
  f.outcome = averaged(m, of);
  f.parameter = laid.of.empty() ? not_known : laid.of.front().parameter;
  if (std::isinf(at_budget.alpha)) {
    for (std::size_t i = 0; i < laid.to_top.size(); ++i) f.kl_to_kl_rl.value += m.prompts[i].weight * laid.to_top[i];
    return f;
  }
  const double lacking = mean_reward(m, at_budget) - f.outcome.reward;
  f.kl_to_kl_rl.value = std::max(0.0, f.outcome.kl - at_budget.kl + at_budget.alpha * lacking);
  f.kl_to_kl_rl.of_value = {f.outcome.of_kl.error + at_budget.alpha * f.outcome.of_reward.error,
                            4e-16 * (f.outcome.kl + at_budget.alpha * std::fabs(f.outcome.reward))};
  return f;
}

}  // namespace tiltlab
