#include <cmath>
#include <utility>

#include "error.hpp"
#include "laws/finite.hpp"
#include "laws/memoryless.hpp"
#include "models/deep_policies.hpp"
#include "models/tokens.hpp"
#include "policies/registry.hpp"

namespace tiltlab {

namespace {

LawsByDepth laws_of(const Tokens& m) {
  LawsByDepth laws;
  laws.at = [&m](const DoubleDouble& log_n) {
    return for_other_policies(best_of_n_law(m, log_n, solve_tilt(m.token, log_n / from_integer(m.length))));
  };
  laws.kl_max = kl_max(m.token) * from_integer(m.length);
  laws.top_alone = [&m, whole = laws.kl_max] { return top_alone(m, whole); };
  laws.lists_top = [&m](const RewardLaw& law) { return lists_top(m, law); };
  const std::vector<DoubleDouble>& step = m.token.step;
  if (step.size() > 1) laws.top_gap = m.token.unit.value() * (step.back() - step[step.size() - 2]).value();
  laws.moments = [&m] {
    const TokenTilt base = tilt_at(m.token, 0);
    return std::pair{sequence_reward(m, base),
                     std::sqrt(static_cast<double>(m.length) * base.variance) * m.token.unit.value()};
  };
  laws.exponent = m.token.exponent;
  return laws;
}

}  // namespace

TokenPolicies::TokenPolicies(const Tokens& model)
    : m_(model),
      complete_(listable_length(model, max_convolution) == model.length),
      deep_(std::make_shared<DeepPolicies>(laws_of(model))) {}

const RewardLaw& TokenPolicies::every_level() {
  if (!every_level_) every_level_ = listed_law(m_, tilt_at(m_.token, 0));
  return *every_level_;
}

RewardLaw TokenPolicies::listed_for(double depth) {
  const DoubleDouble whole = kl_max(m_.token) * from_integer(m_.length);
  if (m_.length == 1 || !(depth > listed_in_range && whole.value() > listed_in_range)) return every_level();
  // Of sums that no double holds the law of a tilt tells the probabilities.
  if (depth < whole.value()) return listed_law(m_, solve_tilt(m_.token, DoubleDouble(depth) / from_integer(m_.length)));
  return top_alone(m_, whole);
}

LaidPolicy TokenPolicies::lay(const ExtraPolicy& asked, const std::string& path) {
  check(asked, path);
  return laid_or_refused(path, [&] {
    if (asked.kind->by_block) return laid_by_block(asked, path);
    if (asked.kind->by_outcome) return laid_by_outcome(asked, path);
    return complete_ ? laid_on_every_level(asked, path) : deep_->lay(asked, path);
  });
}

LaidPolicy TokenPolicies::laid_by_outcome(const ExtraPolicy& asked, const std::string& path) const {
  if (m_.outcomes.empty()) refuse_by_outcome(asked, path);
  LaidPolicy out = deep_->laid_on(outcome_law(m_.token, m_.outcomes), asked);
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

LaidPolicy TokenPolicies::laid_on_every_level(const ExtraPolicy& asked, const std::string& path) {
  const PolicyKind& kind = *asked.kind;
  const double whole = (kl_max(m_.token) * from_integer(m_.length)).value();
  // How deep a parameter in reward units reaches, the law alone tells.
  if (kind.of_rewards && !asked.kl) {
    if (m_.length == 1 || whole <= listed_in_range) return deep_->laid_on(every_level(), asked);
    return deep_->search_depth(asked, path, [&](double depth) { return deep_->laid_on(listed_for(depth), asked); });
  }
  const double depth = asked.kl ? *asked.kl : kind.strength ? kind.strength(asked.parameter[0]) : 0;
  LaidPolicy out = deep_->laid_on(listed_for(depth), asked);
  if (asked.kl && *asked.kl < whole && !meets(out.metrics, *asked.kl)) refuse_kl(asked, path);
  return out;
}

}  // namespace tiltlab
