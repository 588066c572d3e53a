#include <algorithm>
#include <cmath>
#include <utility>

#include "error.hpp"
#include "laws/finite.hpp"
#include "laws/memoryless.hpp"
#include "models/tokens.hpp"
#include "numerics/log_domain.hpp"
#include "policies/best_of_n.hpp"
#include "policies/registry.hpp"

namespace tiltlab {

namespace {

/** Levels of a law that is refined for an edge. */
constexpr double most_refined = 1e5;
/** Nats up to which levels that a policy reaches have probabilities in a double's range. */
constexpr double in_range = 600;
/** Mass that a law made for a policy's depth may lack. */
constexpr double most_lost = 1e-6;
/** Share of the base's mass, and of a policy's second moment, that a law may lack where both are listed. */
constexpr double nearly_all = 1e-9;
/** Nats that a law made for a depth knows beyond it. */
constexpr double beyond = 3;

std::string field_of(const ExtraPolicy& asked, const std::string& path) {
  return path + "." + (asked.kl ? "kl" : asked.kind->parameters[0].name);
}

/** What is asked for in the field, as it was written. */
double asked_value(const ExtraPolicy& asked) { return asked.kl ? *asked.kl : asked.parameter[0]; }

/** Every second level of an evenly spaced law. */
RewardLaw thinned(const RewardLaw& law) {
  RewardLaw out = law;
  const auto half = [](std::vector<double>& x) {
    for (std::size_t i = 0; 2 * i < x.size(); ++i) x[i] = x[2 * i];
    x.resize((x.size() + 1) / 2);
  };
  for (std::vector<double>* each :
       {&out.offset, &out.offset_rest, &out.log_mass, &out.log_above, &out.below, &out.gold, &out.log_error})
    half(*each);
  out.stride *= 2;
  return out;
}

/** Whether a KL that was asked for, of less than the largest reward costs, has been found. */
bool meets(const Metrics& of, double kl) { return std::fabs(of.kl - kl) <= 1e-7 * kl + 1e-14; }

/**
 * The depth of a law that lists all that a policy reaches, `depth` where the one it is laid on does. Below 0 where none
 * may.
 */
double depth_needed(const Tokens& m, const LaidPolicy& laid, const PolicyKind& kind, double depth) {
  if (!kind.reach) return depth;
  const RewardLaw& law = laid.law;
  const double reach = kind.reach(law, laid.policy, laid.strength);
  if (reach > depth + beyond && !lists_top(m, law)) return reach;
  // A law that is made for more than is reached may begin above what the policy leaves where it was.
  const double left = std::exp(laid.policy.log_ratio.front() + law.log_scale.value()) * law.below.front();
  if (law.from_least || !(left > most_lost)) return depth;
  return reach < depth ? reach : -1;
}

}  // namespace

TokenPolicies::TokenPolicies(const Tokens& model)
    : m_(model), complete_(listable_length(model, max_convolution) == model.length) {}

const RewardLaw& TokenPolicies::around_mean() {
  if (!law_) {
    const TokenTilt base = tilt_at(m_.token, 0);
    law_ = complete_ ? listed_law(m_, base) : best_of_n_law(m_, 0, base).law;
  }
  return *law_;
}

RewardLaw TokenPolicies::listed_for(double depth) {
  const DoubleDouble whole = kl_max(m_.token) * from_integer(m_.length);
  if (m_.length == 1 || !(depth > in_range && whole.value() > in_range)) return around_mean();
  // Of sums that no double holds the law of a tilt tells the probabilities.
  if (depth < whole.value()) return listed_law(m_, solve_tilt(m_.token, DoubleDouble(depth) / from_integer(m_.length)));
  return top_alone(m_, whole);
}

void TokenPolicies::check_tail(const ExtraPolicy& asked, double draws, const std::string& path) {
  if (draws > most_smooth_draws)
    throw InputError(field_of(asked, path),
                     to_text(asked_value(asked)) + " is more than 10000, at a length whose sums are too many to list");
  const RewardLaw& law = around_mean();
  // Nor does a law around the mean know jumps of rare tokens that make the mean what it is.
  const TokenTilt base = tilt_at(m_.token, 0);
  const Metrics of_base = metrics(law, base_policy(law));
  const DoubleDouble mean = sequence_reward(m_, base);
  const double off = (law.base + law.unit * (law.center + of_base.offset) - mean).value();
  const double sd = std::sqrt(static_cast<double>(m_.length) * base.variance) * m_.token.unit.value();
  if (!(std::fabs(off) <= 5e-4 * std::fabs(mean.value()) + 1e-9 * sd))
    throw InputError("policies", "no method here finds the law of these rewards at this length");
  if (draws < 2) return;
  // Whether the law around the mean knows the tail that so many draws reach is told by one that is made for it.
  const DoubleDouble log_n = log(DoubleDouble(draws));
  const BestOfNLaw there = best_of_n_law(m_, log_n, solve_tilt(m_.token, log_n / from_integer(m_.length)));
  const Metrics here = metrics(law, best_of_n(law, log_n));
  const DoubleDouble reward = there.law.base + there.law.unit * (there.law.center + there.metrics.offset);
  const double gain = (reward - mean).value();
  const double shift = (law.base + law.unit * (law.center + here.offset) - reward).value();
  if (!(std::fabs(shift) <= 0.01 * gain && there.errors.reward <= gain))
    throw InputError(field_of(asked, path), to_text(asked_value(asked)) +
                                                " draws reach levels whose probabilities no method here finds at this "
                                                "length");
}

LaidPolicy TokenPolicies::laid_on(RewardLaw law, const ExtraPolicy& asked) const {
  LaidPolicy out;
  StrongPolicy strong = tiltlab::lay(law, std::ldexp(law.unit.value(), m_.token.exponent), asked);
  out.policy = std::move(strong.policy);
  out.strength = strong.z;
  out.parameter = strong.parameter;
  out.metrics = metrics(law, out.policy);
  out.law = std::move(law);
  return out;
}

LaidPolicy TokenPolicies::laid_at(double depth, const ExtraPolicy& asked) const {
  const DoubleDouble log_n = std::isfinite(depth) ? depth : 0;
  const BestOfNLaw there = best_of_n_law(m_, log_n, solve_tilt(m_.token, log_n / from_integer(m_.length)));
  // An edge is where the levels left out would show.
  const bool edge = asked.kind->edged;
  LaidPolicy out = laid_on(edge ? refined(there.law, most_refined) : there.law, asked);
  // As far as the law is known for best-of-N of that depth, which reaches beyond.
  out.errors = there.errors;
  const double unit = out.law.unit.value();
  const auto add_change = [&](const RewardLaw& coarse, double share) {
    const Metrics of = laid_on(coarse, asked).metrics;
    out.errors.reward += share * unit * std::fabs((of.offset - out.metrics.offset).value());
    out.errors.reward_sd += share * unit * std::fabs(of.offset_sd - out.metrics.offset_sd);
    out.errors.kl += share * std::fabs(of.kl - out.metrics.kl);
    out.errors.win_rate += share * std::fabs(of.win_rate - out.metrics.win_rate);
  };
  constexpr std::size_t few = 8;
  // What the levels left out hide shows in what leaving out more of them changes,
  if (out.law.stride > 1 && out.law.size() > few) add_change(thinned(out.law), 1);
  // and what is interpolated, to at least the second order, in what levels twice as far apart give.
  if (edge && there.law.stride > out.law.stride && there.law.size() > few)
    add_change(refined(thinned(there.law), most_refined), 0.25);
  return out;
}

double TokenPolicies::missed_spread(const LaidPolicy& laid) const {
  const Metrics base = metrics(laid.law, base_policy(laid.law));
  if (!(base.mass_defect <= nearly_all && laid.parameter > 0)) return 0;
  const double sd = std::sqrt(static_cast<double>(m_.length) * tilt_at(m_.token, 0).variance) * m_.token.unit.value();
  const double seen = base.offset_sd * laid.law.unit.value() / sd;
  const double log_weight = 2 * (std::log(sd) + m_.token.exponent * std::log(2.0) - std::log(laid.parameter));
  // What a law leaves out far below its levels no policy above them reaches.
  constexpr double far = 100;
  return std::max(0.0, 1 - seen * seen - far * base.mass_defect) * std::exp(log_weight);
}

bool TokenPolicies::may_be_alone(const LaidPolicy& laid) const {
  const RewardLaw& law = laid.law;
  if (law.size() > 1 || law.from_least || !(law.below[0] > nearly_all) || !(laid.parameter > 0)) return true;
  const std::vector<DoubleDouble>& step = m_.token.step;
  if (step.size() < 2 || !lists_top(m_, law)) return false;
  const double gap = m_.token.unit.value() * (step.back() - step[step.size() - 2]).value();
  const double log_most = std::log(gap) + m_.token.exponent * std::log(2.0) + law.log_mass[0] - law.log_scale.value();
  return std::log(laid.parameter) <= log_most;
}

LaidPolicy TokenPolicies::lay_deep(const ExtraPolicy& asked, const std::string& path) const {
  const DoubleDouble all = kl_max(m_.token) * from_integer(m_.length);
  const double whole = all.value();
  if (asked.kl && *asked.kl >= whole) return laid_on(top_alone(m_, all), asked);
  double depth = std::max(0.0, asked.kl ? *asked.kl : asked.kind->strength(asked.parameter[0]));
  // Where rewards that hardly ever occur are all that there is to gain, a small KL takes a large strength.
  constexpr int most_tries = 5;
  for (int i = 0; i < most_tries && depth >= 0 && depth <= whole + certain_depth; ++i) {
    LaidPolicy out = laid_at(depth, asked);
    const bool kept = out.metrics.mass_defect <= most_lost;
    if (!asked.kl && !kept) break;
    const bool seen = !asked.kind->of_rewards || !(missed_spread(out) > nearly_all * std::expm1(out.strength));
    if (asked.kl && !(kept && seen && meets(out.metrics, *asked.kl) && out.strength <= depth + beyond)) {
      depth = std::isfinite(out.strength) && out.strength > depth + beyond ? out.strength : 3 * depth + 10;
      continue;
    }
    const double needed = depth_needed(m_, out, *asked.kind, depth);
    if (needed == depth) return out;
    depth = std::min(needed, std::max(whole, depth + beyond));
  }
  throw InputError(field_of(asked, path), to_text(asked_value(asked)) +
                                              " reaches levels whose probabilities no method here finds at this "
                                              "length");
}

LaidPolicy TokenPolicies::lay(const ExtraPolicy& asked, const std::string& path) {
  check(asked, path);
  try {
    return laid(asked, path);
  } catch (const NumericalError& e) {
    throw InputError(path, std::string("is too much for this model: ") + e.what());
  }
}

LaidPolicy TokenPolicies::laid_by_outcome(const ExtraPolicy& asked, const std::string& path) const {
  if (m_.outcomes.empty())
    throw InputError(path + ".kind", std::string("\"") + asked.kind->name +
                                         "\" asks which outcome is listed first, and is there for finite models alone");
  LaidPolicy out = laid_on(outcome_law(m_.token, m_.outcomes), asked);
  out.by_outcome = true;
  // Between outcomes of one reward nobody wins.
  const RewardLaw levels = finite_law(m_.token);
  double lost = 0;
  for (std::size_t j = 0, level = 0; j < out.law.size(); ++j) {
    // Offsets are those of the levels, to the last bit.
    while ((out.law.exact_offset(j) - levels.exact_offset(level)).value() > 0) ++level;
    lost += out.policy.mass[j] * (std::exp(levels.log_above[level]) + std::exp(levels.log_mass[level]) / 2);
  }
  out.metrics.win_rate = 1 - lost;
  return out;
}

LaidPolicy TokenPolicies::search_depth(const ExtraPolicy& asked, const std::string& path) {
  const DoubleDouble all = kl_max(m_.token) * from_integer(m_.length);
  if (complete_ && (m_.length == 1 || all.value() <= in_range)) return laid_on(around_mean(), asked);
  const auto at = [&](double depth) { return complete_ ? laid_on(listed_for(depth), asked) : laid_at(depth, asked); };
  // A law knows strengths up to its depth and a little beyond, as far down as its levels begin.
  constexpr double beyond = 3;
  constexpr double around = 20;
  constexpr int most_tries = 40;
  // A spread that adds no more than this to the second moment changes no digit that is promised of the KL.
  constexpr double negligible = 1e-12;
  std::optional<LaidPolicy> nearly;
  double low = 0;
  double high = infinity;
  double depth = 0;
  for (int i = 0; i < most_tries && depth <= all.value(); ++i) {
    LaidPolicy out = at(depth);
    const bool kept = out.metrics.mass_defect <= most_lost && may_be_alone(out);
    const bool within = out.strength <= (complete_ && depth == 0 ? in_range : depth + beyond);
    const double missed = complete_ ? 0 : missed_spread(out);
    const bool seen = !(missed > nearly_all * std::expm1(out.strength));
    if (kept && within && seen) return out;
    (kept ? low : high) = depth;
    const bool near = kept && seen && out.strength <= depth + around && out.strength < high;
    depth = near ? out.strength : std::isfinite(high) ? (low + high) / 2 : 3 * depth + 10;
    if (kept && within && missed <= negligible && !nearly) {
      out.errors.kl += missed;
      out.errors.reward += missed * std::ldexp(out.parameter, -m_.token.exponent);
      nearly = std::move(out);
    }
    if (!(depth > low && depth < high)) break;
  }
  if (nearly) return *std::move(nearly);
  if (depth > all.value()) return laid_on(top_alone(m_, all), asked);
  throw InputError(field_of(asked, path), to_text(asked_value(asked)) +
                                              " reaches levels whose probabilities no method here finds at this "
                                              "length");
}

LaidPolicy TokenPolicies::laid(const ExtraPolicy& asked, const std::string& path) {
  const PolicyKind& kind = *asked.kind;
  if (kind.by_block) return laid_by_block(asked, path);
  if (kind.by_outcome) return laid_by_outcome(asked, path);
  // How deep a parameter in reward units reaches, the law alone tells.
  if (kind.of_rewards && !asked.kl) return search_depth(asked, path);
  if (!complete_ && kind.deep) return lay_deep(asked, path);
  // Before what takes long for a number that is refused.
  if (!complete_ && !asked.kl && asked.parameter[0] > most_smooth_draws) check_tail(asked, asked.parameter[0], path);
  const double depth = asked.kl ? *asked.kl : kind.strength ? kind.strength(asked.parameter[0]) : 0;
  LaidPolicy out = laid_on(complete_ ? listed_for(depth) : around_mean(), asked);
  if (!complete_) check_tail(asked, asked.kl ? out.parameter : asked.parameter[0], path);
  const double whole = (kl_max(m_.token) * from_integer(m_.length)).value();
  if (asked.kl && *asked.kl < whole && !meets(out.metrics, *asked.kl))
    throw InputError(field_of(asked, path), to_text(*asked.kl) + " is a KL that no method here finds for this policy");
  return out;
}

}  // namespace tiltlab
