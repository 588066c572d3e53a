#include "report/statements/equal_kl.hpp"

#include <algorithm>
#include <cmath>

namespace tiltlab {

namespace {

/** A message without the field that it begins with. */
std::string rule_of(const std::string& message) {
  const std::size_t end = message.find(": ");
  return end == std::string::npos ? message : message.substr(end + 2);
}

}  // namespace

EqualKl at_best_of_n_kl(const Report& report) {
  EqualKl e;
  e.kl = report.best_of_n.kl;
  static_cast<PolicyReport&>(e.kl_rl) = report.kl_rl_at_bon_kl;
  e.kl_rl.kind = "kl_rl";
  e.kl_rl.kl_to_kl_rl = 0;
  e.kl_rl.parameter = report.kl_rl_at_bon_kl.alpha;
  static_cast<PolicyReport&>(e.best_of_n) = report.best_of_n;
  e.best_of_n.kind = "best_of_n";
  e.best_of_n.parameter = report.log_n;
  // KL(policy || tilt) = KL(policy || p) - KL(tilt || p) + alpha (E_tilt r - E_policy r), of which two terms are equal.
  const double alpha = report.kl_rl_at_bon_kl.alpha;
  const double gap = report.gap.reward_at_bon_kl;
  e.best_of_n.kl_to_kl_rl = gap == 0 || alpha == 0 ? 0 : std::isnan(gap) ? not_known : std::max(0.0, alpha * gap);
  return e;
}

PolicyAtKl policy_at_kl(const PolicyKind& kind, double kl,
                        const std::function<FurtherReport(const ExtraPolicy&)>& find) {
  PolicyAtKl out;
  static_cast<PolicyReport&>(out) = {not_known, not_known, not_known, not_known, not_known};
  out.kind = kind.name;
  if (!kind.weakest) {
    out.refusal = "has two parameters, and a KL tells neither";
    return out;
  }
  if (std::isnan(kl)) {
    out.refusal = "is asked for by best-of-N's KL, which is not known";
    return out;
  }
  ExtraPolicy asked{&kind, {}, kl};
  if (kind.count() > 1) asked.parameter[0] = kind.parameters[0].least;
  try {
    const FurtherReport found = find(asked);
    static_cast<PolicyReport&>(out) = found;
    out.kl_to_kl_rl = found.kl_to_kl_rl;
    out.parameter = found.parameters.back().second;
  } catch (const InputError& e) {
    out.refusal = std::string(e.what()).substr(e.path().size() + 2);
  } catch (const NumericalError& e) {
    out.refusal = rule_of(e.what());
  }
  return out;
}

}  // namespace tiltlab
