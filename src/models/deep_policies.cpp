#include "models/deep_policies.hpp"

#include <algorithm>
#include <cmath>

#include "error.hpp"
#include "laws/reward_law.hpp"
#include "numerics/log_domain.hpp"
#include "policies/best_of_n.hpp"
#include "policies/registry.hpp"

namespace tiltlab {

namespace {

/** Levels of a law that is refined for an edge. */
constexpr double most_refined = 2.5e4;
/** Mass that a law made for a policy's depth may lack. */
constexpr double most_lost = 1e-6;
/** Share of the base's mass, and of a policy's second moment, that a law may lack where both are listed. */
constexpr double nearly_all = 1e-9;
/** Nats that a law made for a depth knows beyond it. */
constexpr double beyond = 3;

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

std::string field_of(const ExtraPolicy& asked, const std::string& path) {
  return path + "." + (asked.kl ? "kl" : asked.kind->parameters[0].name);
}

double asked_value(const ExtraPolicy& asked) { return asked.kl ? *asked.kl : asked.parameter[0]; }

[[noreturn]] void refuse_depth(const ExtraPolicy& asked, const std::string& path, const char* reaches) {
  throw InputError(field_of(asked, path), to_text(asked_value(asked)) + reaches +
                                              " levels whose probabilities no method here finds at this length");
}

/** Whether what a law may miss of a policy's second moment is next to nothing beside the rest. */
bool is_seen(double missed, const LaidPolicy& laid) { return !(missed > nearly_all * std::expm1(laid.strength)); }

}  // namespace

bool meets(const Metrics& of, double kl) { return std::fabs(of.kl - kl) <= 1e-7 * kl + 1e-14; }

void refuse_kl(const ExtraPolicy& asked, const std::string& path) {
  throw InputError(field_of(asked, path), to_text(*asked.kl) + " is a KL that no method here finds for this policy");
}

void refuse_by_outcome(const ExtraPolicy& asked, const std::string& path) {
  throw InputError(path + ".kind", std::string("\"") + asked.kind->name +
                                       "\" asks which outcome is listed first, and is there for finite models alone");
}

void refuse_by_block(const ExtraPolicy& asked, const std::string& path, const char* why) {
  throw InputError(path + ".kind", std::string("\"") + asked.kind->name + "\" needs blocks " + why);
}

/**
 * The depth of a law that lists all that a policy reaches, `depth` where the one it is laid on does. Below 0 where none
 * may.
 */
double DeepPolicies::depth_needed(const LaidPolicy& laid, const PolicyKind& kind, double depth) const {
  if (!kind.reach) return depth;
  const RewardLaw& law = laid.law;
  const double reach = kind.reach(law, laid.policy, laid.strength);
  if (reach > depth + beyond && !laws_.lists_top(law)) return reach;
  // A law that is made for more than is reached may begin above what the policy leaves where it was.
  const double left = std::exp(laid.policy.log_ratio.front() + law.log_scale.value()) * law.below.front();
  if (law.from_least || !(left > most_lost)) return depth;
  return reach < depth ? reach : -1;
}

const RewardLaw& DeepPolicies::around_mean() {
  if (!around_mean_) around_mean_ = laws_.at(0).law;
  return *around_mean_;
}

const BestOfNLaw& DeepPolicies::law_at(double depth) {
  if (!at_depth_ || at_depth_->first != depth) at_depth_.emplace(depth, laws_.at(DoubleDouble(depth)));
  return at_depth_->second;
}

const std::pair<DoubleDouble, double>& DeepPolicies::moments() {
  if (!moments_) moments_ = laws_.moments();
  return *moments_;
}

void DeepPolicies::check_tail(const ExtraPolicy& asked, double draws, const std::string& path) {
  if (draws > most_smooth_draws)
    throw InputError(field_of(asked, path),
                     to_text(asked_value(asked)) + " is more than 10000, at a length whose sums are too many to list");
  const RewardLaw& law = around_mean();
  // Nor does a law around the mean know jumps of rare tokens that make the mean what it is.
  const Metrics of_base = metrics(law, base_policy(law));
  const auto& [mean, sd] = moments();
  const double off = (law.base + law.unit * (law.center + of_base.offset) - mean).value();
  if (!(std::fabs(off) <= 5e-4 * std::fabs(mean.value()) + 1e-9 * sd))
    throw InputError("policies", "no method here finds the law of these rewards at this length");
  if (draws < 2) return;
  // Whether the law around the mean knows the tail that so many draws reach is told by one that is made for it.
  const DoubleDouble log_n = log(DoubleDouble(draws));
  const BestOfNLaw there = laws_.at(log_n);
  const Metrics here = metrics(law, best_of_n(law, log_n));
  const DoubleDouble reward = there.law.base + there.law.unit * (there.law.center + there.metrics.offset);
  const double gain = (reward - mean).value();
  const double shift = (law.base + law.unit * (law.center + here.offset) - reward).value();
  if (!(std::fabs(shift) <= 0.01 * gain && there.errors.reward <= gain)) refuse_depth(asked, path, " draws reach");
}

LaidPolicy DeepPolicies::laid_on(RewardLaw law, const ExtraPolicy& asked) const {
  LaidPolicy out;
  StrongPolicy strong = tiltlab::lay(law, std::ldexp(law.unit.value(), laws_.exponent), asked);
  out.policy = std::move(strong.policy);
  out.strength = strong.z;
  out.parameter = strong.parameter;
  out.metrics = metrics(law, out.policy);
  out.law = std::move(law);
  return out;
}

LaidPolicy DeepPolicies::laid_at(double depth, const ExtraPolicy& asked) {
  const BestOfNLaw& there = law_at(std::isfinite(depth) ? depth : 0);
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
    out.errors.gold += share * std::fabs(of.gold - out.metrics.gold);
  };
  constexpr std::size_t few = 8;
  // What the levels left out hide shows in what leaving out more of them changes,
  if (out.law.stride > 1 && out.law.size() > few) add_change(thinned(out.law), 1);
  // and what is interpolated, to at least the second order, in what levels twice as far apart give.
  if (edge && there.law.stride > out.law.stride && there.law.size() > few)
    add_change(refined(thinned(there.law), most_refined), 0.25);
  return out;
}

double DeepPolicies::missed_spread(const LaidPolicy& laid) {
  const Metrics base = metrics(laid.law, base_policy(laid.law));
  if (!(base.mass_defect <= nearly_all && laid.parameter > 0)) return 0;
  const double sd = moments().second;
  const double seen = base.offset_sd * laid.law.unit.value() / sd;
  const double log_weight = 2 * (std::log(sd) + laws_.exponent * std::log(2.0) - std::log(laid.parameter));
  // What a law leaves out far below its levels no policy above them reaches.
  constexpr double far = 100;
  return std::max(0.0, 1 - seen * seen - far * base.mass_defect) * std::exp(log_weight);
}

bool DeepPolicies::may_be_alone(const LaidPolicy& laid) const {
  const RewardLaw& law = laid.law;
  if (law.size() > 1 || law.from_least || !(law.below[0] > nearly_all) || !(laid.parameter > 0)) return true;
  if (!(laws_.top_gap > 0) || !laws_.lists_top(law)) return false;
  const double log_most =
      std::log(laws_.top_gap) + laws_.exponent * std::log(2.0) + law.log_mass[0] - law.log_scale.value();
  return std::log(laid.parameter) <= log_most;
}

LaidPolicy DeepPolicies::lay_deep(const ExtraPolicy& asked, const std::string& path) {
  const double whole = laws_.kl_max.value();
  if (asked.kl && *asked.kl >= whole) return laid_on(laws_.top_alone(), asked);
  double depth = std::max(0.0, asked.kl ? *asked.kl : asked.kind->strength(asked.parameter[0]));
  // Where rewards that hardly ever occur are all that there is to gain, a small KL takes a large strength.
  constexpr int most_tries = 5;
  for (int i = 0; i < most_tries && depth >= 0 && depth <= whole + certain_depth; ++i) {
    LaidPolicy out = laid_at(depth, asked);
    const bool kept = out.metrics.mass_defect <= most_lost;
    if (!asked.kl && !kept) break;
    const bool seen = !asked.kind->of_rewards || is_seen(missed_spread(out), out);
    if (asked.kl && !(kept && seen && meets(out.metrics, *asked.kl) && out.strength <= depth + beyond)) {
      depth = std::isfinite(out.strength) && out.strength > depth + beyond ? out.strength : 3 * depth + 10;
      continue;
    }
    const double needed = depth_needed(out, *asked.kind, depth);
    if (needed == depth) return out;
    depth = std::min(needed, std::max(whole, depth + beyond));
  }
  refuse_depth(asked, path, " reaches");
}

LaidPolicy DeepPolicies::search_depth(const ExtraPolicy& asked, const std::string& path,
                                      const std::function<LaidPolicy(double depth)>& listed) {
  const double all = laws_.kl_max.value();
  const bool complete = listed != nullptr;
  // A law knows strengths up to its depth and a little beyond, as far down as its levels begin.
  constexpr double around = 20;
  constexpr int most_tries = 40;
  // A spread that adds no more than this to the second moment changes no digit that is promised of the KL.
  constexpr double negligible = 1e-12;
  std::optional<LaidPolicy> nearly;
  double low = 0;
  double high = infinity;
  double depth = 0;
  for (int i = 0; i < most_tries && depth <= all; ++i) {
    LaidPolicy out = complete ? listed(depth) : laid_at(depth, asked);
    const bool kept = out.metrics.mass_defect <= most_lost && may_be_alone(out);
    const bool within = out.strength <= (complete && depth == 0 ? listed_in_range : depth + beyond);
    const double missed = complete ? 0 : missed_spread(out);
    const bool seen = is_seen(missed, out);
    if (kept && within && seen) return out;
    (kept ? low : high) = depth;
    const bool near = kept && seen && out.strength <= depth + around && out.strength < high;
    depth = near ? out.strength : std::isfinite(high) ? (low + high) / 2 : 3 * depth + 10;
    if (kept && within && missed <= negligible && !nearly) {
      out.errors.kl += missed;
      out.errors.reward += missed * std::ldexp(out.parameter, -laws_.exponent);
      nearly = std::move(out);
    }
    if (!(depth > low && depth < high)) break;
  }
  if (nearly) return *std::move(nearly);
  if (depth > all) return laid_on(laws_.top_alone(), asked);
  refuse_depth(asked, path, " reaches");
}

LaidPolicy DeepPolicies::lay(const ExtraPolicy& asked, const std::string& path) {
  const PolicyKind& kind = *asked.kind;
  if (kind.of_rewards && !asked.kl) return search_depth(asked, path, nullptr);
  if (kind.deep) return lay_deep(asked, path);
  // Before what takes long for a number that is refused.
  if (!asked.kl && asked.parameter[0] > most_smooth_draws) check_tail(asked, asked.parameter[0], path);
  LaidPolicy out = laid_on(around_mean(), asked);
  check_tail(asked, asked.kl ? out.parameter : asked.parameter[0], path);
  if (asked.kl && *asked.kl < laws_.kl_max.value() && !meets(out.metrics, *asked.kl)) refuse_kl(asked, path);
  return out;
}

}  // namespace tiltlab
