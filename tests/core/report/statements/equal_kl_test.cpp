#include "report/statements/equal_kl.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "models/chain.hpp"
#include "models/continuous.hpp"
#include "models/prompts.hpp"
#include "models/tokens.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;

namespace {

Tokens tokens(double length) { return memoryless_model({{0.5, 0.3, 0.2}}, {{0, 1, 3}}, length, false, "model.tokens"); }

ContinuousLaw normal() {
  ContinuousInput i;
  i.family = "normal";
  i.parameters = {0, 1};
  return make_model(i);
}

template <class M>
Budget nats(const M& m, double kl) {
  return make_budget("kl", kl, length_of(m));
}

/** What is true of any model: the KL is met, no policy earns more than KL-RL, and each is as far from it as it says. */
template <class M>
void check_table(const M& m, double kl) {
  const EqualKl e = equal_kl(m, nats(m, kl));
  const Report report = evaluate(m, nats(m, kl));
  INFO(kl);
  CHECK(e.kl == report.best_of_n.kl);
  CHECK(e.best_of_n.reward == report.best_of_n.reward);
  CHECK(e.kl_rl.reward == report.kl_rl_at_bon_kl.reward);
  CHECK(e.kl_rl.kl_to_kl_rl == 0);
  CHECK(e.policies.size() == policy_kinds().size());
  const double alpha = e.kl_rl.parameter;
  std::vector<PolicyAtKl> all = e.policies;
  all.push_back(e.best_of_n);
  for (const PolicyAtKl& each : all) {
    INFO(each.kind << " " << each.refusal);
    CHECK(each.refusal.empty() == !std::isnan(each.reward));
    if (!each.refusal.empty()) continue;
    CHECK_THAT(each.kl, WithinAbs(e.kl, 1e-9 * std::max(1.0, e.kl)));
    CHECK(each.reward <= e.kl_rl.reward + 1e-9);
    CHECK(each.kl_to_kl_rl >= 0);
    CHECK_THAT(each.kl_to_kl_rl, WithinAbs(each.kl - e.kl_rl.kl + alpha * (e.kl_rl.reward - each.reward), 1e-7));
  }
}

const PolicyAtKl& row(const EqualKl& e, const std::string& kind) {
  return *std::find_if(e.policies.begin(), e.policies.end(), [&](const PolicyAtKl& p) { return p.kind == kind; });
}

}  // namespace

TEST_CASE("every policy that can meet best-of-N's KL does, and earns at most what the tilt does") {
  for (const double kl : {0.0, 0.3, 2.0}) {
    check_table(tokens(1), kl == 2 ? 1.0 : kl);
    check_table(tokens(12), kl);
    check_table(normal(), kl);
    check_table(make_model(MarkovInput{12, {1, 0}, {0.8, 0.2, 0.4, 0.6}, {0, 1, 0.3, 2}}), kl);
  }
}

TEST_CASE("what is asked is what a scenario asks by the same KL") {
  const Tokens m = tokens(12);
  const Budget budget = nats(m, 2);
  const EqualKl e = equal_kl(m, budget);
  for (const char* kind : {"best_of_poisson", "win_rate_tilt", "top_quantile", "chi_squared", "block_best_of_n"}) {
    INFO(kind);
    ExtraPolicy asked{&policy_kind(kind, ""), {1, 0}, e.kl};
    Report report = evaluate(m, budget);
    const FurtherReport found = evaluate_policies(m, {asked}, budget, report).front();
    CHECK(row(e, kind).reward == found.reward);
    CHECK(row(e, kind).win_rate == found.win_rate);
    CHECK(row(e, kind).parameter == found.parameters.back().second);
  }
}

TEST_CASE("what refuses says why in one line, without the field") {
  const EqualKl e = equal_kl(tokens(12), nats(tokens(12), 2));
  CHECK(row(e, "soft_best_of_n").refusal == "has two parameters, and a KL tells neither");
  CHECK(row(e, "mixture").refusal == "has two parameters, and a KL tells neither");
  CHECK(row(e, "index_best_of_n").refusal.find("finite models alone") != std::string::npos);
}

TEST_CASE("several prompts have a row of every policy, with numbers or a reason") {
  PromptInput one{1, "finite"};
  one.tokens = {"finite", "model.outcomes", {0.5, 0.5}, {0, 1}, {}};
  PromptInput other{2, "finite"};
  other.tokens = {"finite", "model.outcomes", {0.5, 0.3, 0.2}, {0, 1, 3}, {}};
  const Prompts prompts = make_model(PromptsInput{{one, other}});
  check_table(prompts, 0.3);
}

TEST_CASE("a KL that is not known is asked of nobody") {
  const PolicyAtKl p = policy_at_kl(policy_kind("top_quantile", ""), not_known,
                                    [](const ExtraPolicy&) -> FurtherReport { throw NumericalError("asked"); });
  CHECK(p.refusal.find("not known") != std::string::npos);
  const PolicyAtKl failed = policy_at_kl(policy_kind("top_quantile", ""), 1, [](const ExtraPolicy&) -> FurtherReport {
    throw NumericalError("policies: this one was not found");
  });
  CHECK(failed.refusal == "this one was not found");
}
