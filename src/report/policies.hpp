#pragma once
#include <string>
#include <vector>

#include "report/promise.hpp"
#include "report/report.hpp"

namespace tiltlab {

/** A further policy in the report: its metrics, how far it is from KL-RL at the budget, and the parameter it has. */
struct FurtherReport : PolicyReport {
  double kl_to_kl_rl = 0;
  /** As the scenario gave them, or found from a KL; infinite where the largest reward alone is kept. */
  std::vector<std::pair<const char*, double>> parameters;
};

template <class F>
void fields(F&& f, const FurtherReport& r) {
  fields(f, static_cast<const PolicyReport&>(r));
  f("kl_to_kl_rl", r.kl_to_kl_rl);
  for (const auto& [name, value] : r.parameters) f(name, value);
}

/** Writes one entry, and holds its numbers to what the report's `error_bound` promises. */
[[nodiscard]] FurtherReport further_report(const ExtraPolicy& asked, const FurtherOutcome& found, Promise& promise,
                                           const std::string& path);

/**
 * Further policies of a scenario; what is approximated of them goes into the report.
 * @throws InputError naming `policies[i]`
 */
template <FurtherModel M>
[[nodiscard]] std::vector<FurtherReport> evaluate_policies(const M& m, const std::vector<ExtraPolicy>& list,
                                                           const Budget& budget, Report& report) {
  std::vector<FurtherReport> out;
  if (list.empty()) return out;
  const auto tilt = tilt_for(m, budget.kl, Accuracy::full);
  auto policies = policies_of(m);
  Promise promise(report);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string path = "policies[" + std::to_string(i) + "]";
    out.push_back(further_report(list[i], further_outcome(m, policies.lay(list[i], path), tilt), promise, path));
  }
  promise.close();
  return out;
}

/** The same where nobody asks how they relate to a budget. */
template <FurtherModel M>
[[nodiscard]] std::vector<FurtherReport> evaluate_policies(const M& m, const std::vector<ExtraPolicy>& list) {
  Report report;
  return evaluate_policies(m, list, Budget{0}, report);
}

}  // namespace tiltlab
