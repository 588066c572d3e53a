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
/** Mass that a law made for a policy's depth may lack. */
constexpr double most_lost = 1e-6;

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

}  // namespace

TokenPolicies::TokenPolicies(const Model& model)
    : m_(model), complete_(listable_length(model, max_convolution) == model.length) {}

const RewardLaw& TokenPolicies::around_mean() {
  if (!law_) {
    const TokenTilt base = tilt_at(m_.token, 0);
    law_ = complete_ ? listed_law(m_, base) : best_of_n_law(m_, 0, base).law;
  }
  return *law_;
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

LaidPolicy TokenPolicies::lay_deep(const ExtraPolicy& asked, const std::string& path) const {
  const double depth = std::max(0.0, asked.kl ? *asked.kl : asked.kind->strength(asked.parameter[0]));
  const DoubleDouble log_n = std::isfinite(depth) ? depth : 0;
  BestOfNLaw there = best_of_n_law(m_, log_n, solve_tilt(m_.token, log_n / from_integer(m_.length)));
  // An edge is where the levels left out would show.
  if (asked.kind->rank && asked.kind->rank->edge) there.law = refined(there.law, most_refined);
  LaidPolicy out;
  StrongPolicy strong = tiltlab::lay(there.law, std::ldexp(there.law.unit.value(), m_.token.exponent), asked);
  out.policy = std::move(strong.policy);
  out.strength = strong.z;
  out.metrics = metrics(there.law, out.policy);
  if (!(out.metrics.mass_defect <= most_lost))
    throw InputError(field_of(asked, path), to_text(asked_value(asked)) +
                                                " reaches levels whose probabilities no method here finds at this "
                                                "length");
  // As far as the law is known for best-of-N of that depth, which reaches beyond.
  out.errors = there.errors;
  if (there.law.stride > 1 && there.law.size() > 8) {
    // What the levels left out hide shows in what leaving out more of them changes.
    const RewardLaw coarse = thinned(there.law);
    const Metrics of =
        metrics(coarse, tiltlab::lay(coarse, std::ldexp(coarse.unit.value(), m_.token.exponent), asked).policy);
    const double unit = there.law.unit.value();
    out.errors.reward += unit * std::fabs((of.offset - out.metrics.offset).value());
    out.errors.reward_sd += unit * std::fabs(of.offset_sd - out.metrics.offset_sd);
    out.errors.kl += std::fabs(of.kl - out.metrics.kl);
    out.errors.win_rate += std::fabs(of.win_rate - out.metrics.win_rate);
  }
  out.law = std::move(there.law);
  return out;
}

LaidPolicy TokenPolicies::lay(const ExtraPolicy& asked, const std::string& path) {
  check(asked, path);
  if (!complete_ && asked.kind->deep) return lay_deep(asked, path);
  // Before what takes long for a number that is refused.
  if (!complete_ && !asked.kl && asked.parameter[0] > most_smooth_draws) check_tail(asked, asked.parameter[0], path);
  LaidPolicy out;
  out.law = around_mean();
  StrongPolicy strong = tiltlab::lay(out.law, std::ldexp(out.law.unit.value(), m_.token.exponent), asked);
  out.policy = std::move(strong.policy);
  out.strength = strong.z;
  out.metrics = metrics(out.law, out.policy);
  if (!complete_) check_tail(asked, asked.kl ? asked.kind->parameter(strong.z) : asked.parameter[0], path);
  return out;
}

}  // namespace tiltlab
