#pragma once
#include <functional>
#include <string>
#include <vector>

#include "policies/registry.hpp"
#include "report/policies.hpp"
#include "report/report.hpp"

/** A statement beyond arXiv 2404.01730: every policy at the KL that best-of-N spends. */
namespace tiltlab {

/** One policy, of that KL. Rewards in the scenario's unit, divergences in nats. */
struct PolicyAtKl : PolicyReport {
  /** As in the scenario. */
  std::string kind;
  /** KL(policy || the optimum of this KL), possibly infinite. */
  double kl_to_kl_rl = not_known;
  /** The last of the kind's parameters, found from the KL; infinite where the largest reward alone is kept. */
  double parameter = not_known;
  /** Why it has no numbers, in one line; empty where it has. */
  std::string refusal;
};

template <class F>
void fields(F&& f, const PolicyAtKl& r) {
  f("kind", r.kind);
  fields(f, static_cast<const PolicyReport&>(r));
  f("kl_to_kl_rl", r.kl_to_kl_rl);
  f("parameter", r.parameter);
  f("refusal", r.refusal);
}

struct EqualKl {
  /** What best-of-N spends, nats. */
  double kl = 0;
  /** The optimum of this KL, and best-of-N; the parameter of the one is alpha, that of the other log N. */
  PolicyAtKl kl_rl;
  PolicyAtKl best_of_n;
  /** Every kind of further policy, in the order of the registry. */
  std::vector<PolicyAtKl> policies;
};

template <class F>
void fields(F&& f, const EqualKl& e) {
  f("kl", e.kl);
  f("kl_rl", e.kl_rl);
  f("best_of_n", e.best_of_n);
  f("policies", e.policies);
}

/** Both policies of a report, at best-of-N's KL. */
[[nodiscard]] EqualKl at_best_of_n_kl(const Report& report);

/** What `find` makes of a kind that is asked for by this KL, or why it refuses. A kind with a parameter before the one
 * that is found takes the least of it. */
[[nodiscard]] PolicyAtKl policy_at_kl(const PolicyKind& kind, double kl,
                                      const std::function<FurtherReport(const ExtraPolicy&)>& find);

/** @throws NumericalError as the report */
template <FurtherModel M>
[[nodiscard]] EqualKl equal_kl(const M& m, const Budget& budget) {
  Report report = evaluate(m, budget);
  EqualKl out = at_best_of_n_kl(report);
  const auto base = base_of(m);
  const auto tilt = tilt_for(m, budget.kl, Accuracy::full);
  const auto same_kl = tilt_at_kl_of(m, best_of(m, budget.kl, tilt), base);
  auto policies = policies_of(m);
  Promise promise(report);
  for (const PolicyKind* kind : policy_kinds()) {
    out.policies.push_back(policy_at_kl(*kind, out.kl, [&](const ExtraPolicy& asked) {
      return further_report(asked, further_outcome(m, policies.lay(asked, "policies"), same_kl), promise, "policies");
    }));
  }
  return out;
}

}  // namespace tiltlab
