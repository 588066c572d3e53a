#include "report/policies.hpp"

#include <cmath>

namespace tiltlab {

FurtherReport further_report(const ExtraPolicy& asked, const FurtherOutcome& found, Promise& promise,
                             const std::string& path) {
  const Outcome& o = found.outcome;
  FurtherReport r;
  static_cast<PolicyReport&>(r) = o;
  r.kl_to_kl_rl = found.kl_to_kl_rl.value;
  const auto hold = [&](const char* name, double& x, const Uncertainty& of) {
    promise.hold((path + name).c_str(), x, of.error, of.rounding);
  };
  hold(".reward", r.reward, o.of_reward);
  hold(".reward_sd", r.reward_sd, o.of_reward_sd);
  hold(".kl", r.kl, o.of_kl);
  hold(".win_rate", r.win_rate, o.of_win_rate);
  hold(".gold", r.gold, o.of_gold);
  hold(".kl_to_kl_rl", r.kl_to_kl_rl, found.kl_to_kl_rl.of_value);
  const PolicyKind& kind = *asked.kind;
  for (std::size_t i = 0; i < kind.count(); ++i)
    r.parameters.emplace_back(kind.parameters[i].name,
                              asked.kl && i + 1 == kind.count() ? found.parameter : asked.parameter[i]);
  return r;
}

}  // namespace tiltlab
