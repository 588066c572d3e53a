#include "report/policies.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "models/continuous.hpp"
#include "policies/registry.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::Contains;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

const PolicyKind& kind(const char* name) { return policy_kind(name, "policies[0]"); }

FurtherOutcome found() {
  FurtherOutcome f;
  f.outcome.reward = 1;
  f.outcome.reward_sd = 2;
  f.outcome.kl = 3;
  f.outcome.win_rate = 0.75;
  f.outcome.gold = 4;
  f.kl_to_kl_rl.value = 5;
  f.parameter = 6;
  return f;
}

}  // namespace

TEST_CASE("a policy's parameters are those that were given, and the last one that found where a KL was") {
  Report report;
  Promise promise(report);
  const FurtherReport given = further_report({&kind("soft_best_of_n"), {7, 8}}, found(), promise, "policies[0]");
  REQUIRE(given.parameters.size() == 2);
  CHECK(std::string(given.parameters[0].first) == "n");
  CHECK(given.parameters[0].second == 7);
  CHECK(given.parameters[1].second == 8);
  const FurtherReport asked = further_report({&kind("top_quantile"), {0.5, 0}, 3.0}, found(), promise, "policies[0]");
  REQUIRE(asked.parameters.size() == 1);
  CHECK(std::string(asked.parameters[0].first) == "tau");
  CHECK(asked.parameters[0].second == 6);
  // Of two parameters the KL stands for the last.
  const FurtherReport block = further_report({&kind("block_best_of_n"), {2, 0}, 3.0}, found(), promise, "policies[0]");
  REQUIRE(block.parameters.size() == 2);
  CHECK(block.parameters[0].second == 2);
  CHECK(block.parameters[1].second == 6);
  CHECK(given.reward == 1);
  CHECK(given.reward_sd == 2);
  CHECK(given.kl == 3);
  CHECK(given.win_rate == 0.75);
  CHECK(given.gold == 4);
  CHECK(given.kl_to_kl_rl == 5);
}

TEST_CASE("what is not known of a policy is left out by its path") {
  Report report;
  Promise promise(report);
  FurtherOutcome f = found();
  f.outcome.of_reward.error = 1;
  f.kl_to_kl_rl.of_value.error = 1e-4;
  const FurtherReport r = further_report({&kind("top_quantile"), {0.5, 0}}, f, promise, "policies[3]");
  promise.close();
  CHECK(std::isnan(r.reward));
  CHECK(r.kl_to_kl_rl == 5);
  CHECK_THAT(report.error_bound, WithinRel(2e-5, 1e-12));
  REQUIRE(report.notes.size() == 1);
  CHECK_THAT(report.notes.front(), Contains("left out: policies[3].reward."));
}

TEST_CASE("every policy is as far from KL-RL as the identity of near-optimality has it, on outcomes and on a density") {
  const Tokens m = test::finite({{0.4, 0.3, 0.2, 0.1}, {0, 1, 2, 5}});
  const ContinuousLaw law = make_continuous_law("normal", std::vector<double>{1, 2}, false);
  const auto check = [](const auto& model, const ExtraPolicy& asked, double tolerance) {
    const Budget budget = make_budget("kl", 0.6, length_of(model));
    Report report = evaluate(model, budget);
    const FurtherReport r = evaluate_policies(model, {asked}, budget, report).front();
    INFO(asked.kind->name);
    // KL(w || phi) = KL(w || p) - KL(phi || p) + a (E_phi r - E_w r)
    const double wanted = r.kl - report.kl_rl.kl + report.kl_rl.alpha * (report.kl_rl.reward - r.reward);
    CHECK_THAT(r.kl_to_kl_rl, WithinAbs(wanted, tolerance));
    CHECK(r.kl_to_kl_rl >= 0);
  };
  for (const PolicyKind* each : policy_kinds()) {
    if (!each->weakest || each->by_block || each->by_outcome) continue;
    for (const double kl : {0.2, 0.6, 1.5}) {
      check(m, {each, {}, kl}, 1e-11);
      if (!each->not_continuous) check(law, {each, {}, kl}, 1e-8);
    }
  }
}

TEST_CASE("policies of a scenario come in its order, a wrong one is named by its place, and none is an empty list") {
  const Tokens m = test::finite({{0.4, 0.3, 0.2, 0.1}, {0, 1, 2, 5}});
  const ExtraPolicy top{&kind("top_quantile"), {0.3, 0}};
  const ExtraPolicy poisson{&kind("best_of_poisson"), {2, 0}};
  const std::vector<FurtherReport> both = evaluate_policies(m, {top, poisson});
  REQUIRE(both.size() == 2);
  CHECK(both[0].reward == evaluate_policies(m, {top}).front().reward);
  CHECK(both[1].reward == evaluate_policies(m, {poisson}).front().reward);
  CHECK(evaluate_policies(m, {}).empty());
  CHECK_THROWS_WITH(evaluate_policies(m, {top, {&kind("top_quantile"), {2, 0}}}), Contains("policies[1].tau: 2"));
}
