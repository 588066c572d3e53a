#include "models/prompts.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <utility>
#include <vector>

#include "policies/registry.hpp"
#include "report/curves.hpp"
#include "report/policies.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

PromptInput finite(double weight, std::vector<double> p, std::vector<double> reward, std::vector<double> gold = {}) {
  PromptInput i{weight, "finite"};
  i.tokens = {"finite", "model.outcomes", std::move(p), std::move(reward), std::move(gold)};
  return i;
}

PromptInput sequence(double weight, std::vector<double> p, std::vector<double> reward, double length) {
  PromptInput i{weight, "memoryless"};
  i.tokens = {"memoryless", "model.tokens", std::move(p), std::move(reward), {}, length};
  return i;
}

PromptInput normal(double weight, double mean, double sd) {
  PromptInput i{weight, "continuous"};
  i.law.family = "normal";
  i.law.parameters = {mean, sd};
  return i;
}

Prompts three() {
  return make_model(PromptsInput{{finite(1, {0.5, 0.3, 0.2}, {0, 1, 2}, {1, 0, 0.5}), finite(2, {0.7, 0.3}, {0, 5}),
                                  sequence(1, {0.5, 0.3, 0.2}, {0, 1, 3}, 10)}});
}

Budget nats(double kl) { return make_budget("kl", kl, std::nullopt); }

}  // namespace

TEST_CASE("several prompts: the values of the 60-digit reference") {
  const Report r = evaluate(three(), nats(1));
  CHECK_THAT(r.model.reward, WithinRel(3.175, 1e-14));
  CHECK_THAT(r.model.reward_sd, WithinRel(4.17365247714756433, 1e-13));
  CHECK_THAT(r.model.gold, WithinRel(0.15, 1e-14));
  CHECK_THAT(r.kl_rl.reward, WithinRel(6.857620500529441866, 1e-12));
  CHECK_THAT(r.kl_rl.reward_sd, WithinRel(6.82175566616452539, 1e-12));
  CHECK_THAT(r.kl_rl.win_rate, WithinRel(0.78231222581516071, 1e-12));
  CHECK_THAT(r.kl_rl.gold, WithinRel(0.12347950594097615, 1e-12));
  CHECK_THAT(r.kl_rl.alpha, WithinRel(0.5494779385431593, 1e-12));
  CHECK_THAT(r.best_of_n.reward, WithinRel(4.836614281669944, 1e-12));
  CHECK_THAT(r.best_of_n.kl, WithinAbs(0.27544576027922740, 1e-12));
  CHECK_THAT(r.best_of_n.kl_to_kl_rl, WithinAbs(0.38594409120104933, 1e-12));
  CHECK_THAT(r.best_of_n.win_rate, WithinRel(0.68828721500629669, 1e-12));
  CHECK_THAT(r.kl_rl_at_bon_kl.reward, WithinRel(5.089333910514392, 1e-12));
  CHECK_THAT(r.kl_rl_at_bon_kl.alpha, WithinRel(0.27979013026079809, 1e-11));
  CHECK_THAT(r.gap.reward, WithinRel(2.02100621885949786, 1e-12));
  CHECK_THAT(r.gap.reward_at_bon_kl, WithinRel(0.2527196288444480, 1e-11));
}

TEST_CASE("one prompt is its model, and equal prompts are one") {
  const Tokens one =
      finite_model(std::vector<double>{0.5, 0.3, 0.2}, std::vector<double>{0, 1, 2}, {}, "model.outcomes");
  const Report a = evaluate(one, make_budget("kl", 0.7, one));
  const Report b = evaluate(make_model(PromptsInput{{finite(3, {0.5, 0.3, 0.2}, {0, 1, 2})}}), nats(0.7));
  const Report c =
      evaluate(make_model(PromptsInput{{finite(1, {0.5, 0.3, 0.2}, {0, 1, 2}), finite(5, {0.5, 0.3, 0.2}, {0, 1, 2})}}),
               nats(0.7));
  for (const Report* r : {&b, &c}) {
    CHECK_THAT(r->kl_rl.reward, WithinRel(a.kl_rl.reward, 1e-13));
    CHECK_THAT(r->kl_rl.alpha, WithinRel(a.kl_rl.alpha, 1e-13));
    CHECK_THAT(r->best_of_n.reward, WithinRel(a.best_of_n.reward, 1e-14));
    CHECK_THAT(r->best_of_n.kl_to_kl_rl, WithinAbs(a.best_of_n.kl_to_kl_rl, 1e-13));
    CHECK_THAT(r->gap.reward, WithinAbs(a.gap.reward, 1e-13));
    CHECK_THAT(r->model.kl_max, WithinRel(a.model.kl_max, 1e-14));
  }
}

TEST_CASE("normal prompts share one alpha: sigma^2 alpha^2 / 2 each") {
  const Prompts m = make_model(PromptsInput{{normal(1, 0, 1), normal(1, 5, 3)}});
  const Report r = evaluate(m, nats(2));
  // The mean of sigma^2 is 5.
  CHECK_THAT(r.kl_rl.alpha, WithinRel(std::sqrt(4.0 / 5), 1e-11));
  CHECK_THAT(r.kl_rl.reward, WithinRel(2.5 + 5 * std::sqrt(4.0 / 5), 1e-11));
  CHECK_THAT(r.kl_rl.kl, WithinRel(2, 1e-12));
}

TEST_CASE("more budget is spent to what all prompts have, and not beyond") {
  const Prompts m = three();
  double before = 0;
  for (const double kl : {1e-9, 0.01, 0.3, 1.0, 2.0, 4.0, 5.2, 20.0}) {
    const Report r = evaluate(m, nats(kl));
    INFO(kl);
    CHECK(r.kl_rl.reward > before);
    CHECK_THAT(r.kl_rl.kl, WithinRel(std::min(kl, r.model.kl_max), 1e-12));
    CHECK(r.best_of_n.kl <= r.best_of_n.kl_bound * (1 + 1e-12));
    CHECK(r.gap.reward >= -1e-12);
    CHECK(r.gap.reward_at_bon_kl >= -1e-9);
    before = r.kl_rl.reward * (1 - 1e-14);
  }
  CHECK(evaluate(m, nats(20)).kl_rl.reward == evaluate(m, nats(20)).model.reward_max);
  CHECK(evaluate(m, nats(0)).gap.reward == 0);
}

TEST_CASE("prompts have pictures, paths and further policies") {
  const Prompts m = three();
  const LawCurves curves = law_curves(m, nats(1), 60);
  for (const LawCurve* c : {&curves.base, &curves.kl_rl, &curves.best_of_n}) {
    double mass = 0;
    for (const double x : c->mass) mass += x;
    CHECK_THAT(mass, WithinAbs(1, 1e-8));
  }
  // Of whole replies, each prompt's own rewards times its length: bins have the mean to a share of their width.
  for (const LawCurve* c : {&curves.base, &curves.kl_rl, &curves.best_of_n}) {
    double mean = 0;
    for (std::size_t i = 0; i < c->x.size(); ++i) mean += c->mass[i] * c->x[i];
    CHECK_THAT(mean, WithinAbs(c->mean, c->width));
    CHECK(c->x.back() > c->mean + c->sd);
  }
  const Frontier f = frontier(m, 2, 20);
  CHECK(f.kl_rl.reward.size() == 20);
  std::vector<ExtraPolicy> list{{&policy_kind("best_of_poisson", "policies[0]")}};
  list[0].parameter[0] = 3;
  const FurtherReport r = evaluate_policies(m, list).front();
  double reward = 0;
  for (const Prompt& p : m.prompts)
    reward += p.weight * evaluate_policies(std::get<Tokens>(p.model), list).front().reward;
  CHECK_THAT(r.reward, WithinRel(reward, 1e-13));
}

TEST_CASE("a policy of several prompts spends a KL by the parameter that they share") {
  const Prompts m = three();
  const Budget budget = nats(1);
  for (const char* name : {"best_of_poisson", "win_rate_tilt", "top_quantile", "chi_squared"}) {
    for (const double kl : {0.0, 1e-4, 0.2, 1.0}) {
      INFO(name << " " << kl);
      const PolicyKind& kind = policy_kind(name, "policies[0]");
      Report beside;
      const FurtherReport a = evaluate_policies(m, {{&kind, {}, kl}}, budget, beside).front();
      CHECK_THAT(a.kl, WithinAbs(kl, 1e-9 * std::max(1.0, kl)));
      const FurtherReport b = evaluate_policies(m, {{&kind, {a.parameters.front().second}}}, budget, beside).front();
      CHECK_THAT(b.kl, WithinAbs(kl, 1e-7 * kl + 1e-12));
      CHECK_THAT(b.reward, WithinRel(a.reward, 1e-9));
      const Report optimum = evaluate(m, nats(kl));
      CHECK(a.reward <= optimum.kl_rl.reward + 1e-9);
    }
  }
  Report beside;
  CHECK_THROWS_WITH(evaluate_policies(m, {{&policy_kind("top_quantile", "policies[0]"), {}, 1e9}}, budget, beside),
                    Catch::Contains("policies[0].kl: 1000000000 is a KL that no parameter shared by these prompts"));
}

TEST_CASE("what is wrong with a prompt is said of it") {
  CHECK_THROWS_WITH(make_model(PromptsInput{{finite(1, {0.5, 0.4}, {0, 1})}}),
                    Catch::Contains("model.prompts[0].model.outcomes"));
  CHECK_THROWS_WITH(make_model(PromptsInput{}), Catch::Contains("model.prompts: 0 prompts"));
  CHECK_THROWS_WITH(make_model(PromptsInput{{finite(0, {1}, {0})}}),
                    Catch::Contains("model.prompts: weights sum to 0"));
}

namespace {

PromptInput table(double weight, std::vector<double> u, std::vector<double> reward) {
  PromptInput i{weight, "continuous"};
  i.law.family = "quantiles";
  i.law.u = std::move(u);
  i.law.reward = std::move(reward);
  return i;
}

}  // namespace

TEST_CASE("past saturation a policy is as far from the optimum as on average of each prompt alone") {
  const PromptInput inputs[] = {finite(1, {0.5, 0.3, 0.2}, {0, 1, 2}), finite(1, {0.3, 0.7}, {0, 5}),
                                sequence(1, {0.5, 0.3, 0.2}, {0, 1, 3}, 3), table(1, {0, 0.7, 1}, {0, 2, 2}),
                                table(1, {0, 0.2, 0.4, 1}, {0, 0, 1, 1})};
  std::vector<ExtraPolicy> policies;
  for (const double tau : {0.9, 0.6, 0.3, 0.2, 0.005}) policies.push_back({&policy_kind("top_quantile", ""), {tau, 0}});
  for (const double c : {3.0, 1e5}) policies.push_back({&policy_kind("win_rate_tilt", ""), {c, 0}});
  for (const double w : {0.5, 1.0}) policies.push_back({&policy_kind("mixture", ""), {1e6, w}});
  for (const PromptInput& one : inputs) {
    for (const PromptInput& other : inputs) {
      const Prompts both = make_model(PromptsInput{{one, other}});
      const Prompts first = make_model(PromptsInput{{one}});
      const Prompts second = make_model(PromptsInput{{other}});
      for (const double budget : {6.0, 60.0, 6e3}) {
        CAPTURE(budget, &one - inputs, &other - inputs);
        const auto best = [&](const Prompts& m) { return evaluate(m, nats(budget)).best_of_n.kl_to_kl_rl; };
        REQUIRE(std::isinf(evaluate(both, nats(budget)).kl_rl.alpha));
        CHECK(best(both) == (best(first) + best(second)) / 2);
        for (const ExtraPolicy& asked : policies) {
          CAPTURE(asked.kind->name, asked.parameter[0], asked.parameter[1]);
          const auto far = [&](const Prompts& m) {
            return further_outcome(m, policies_of(m).lay(asked, ""), tilt_for(m, budget)).kl_to_kl_rl.value;
          };
          const auto alone = [&](const Prompts& m) {
            return std::visit(
                [&](const auto& model) {
                  auto own = policies_of(model);
                  return further_outcome(model, own.lay(asked, ""), tilt_for(model, budget)).kl_to_kl_rl.value;
                },
                m.prompts.front().model);
          };
          CHECK(far(first) == alone(first));
          CHECK(far(both) == (alone(first) + alone(second)) / 2);
        }
      }
    }
  }
}

TEST_CASE("a nat more earns what is told by the prompts' own digits, and 0 only where nothing is earned") {
  // Two prompts of one shape at one alpha spend as much and earn as much, wherever their rewards begin.
  for (const double mean : {0.0, 1e9, 1e12, -1e15}) {
    const Prompts m = make_model(PromptsInput{{normal(1, mean, 1e-6), normal(3, 5, 1e-6)}});
    CAPTURE(mean);
    CHECK_THAT(earns_more(m, 1, 2), WithinRel(1e-6 * (2 - std::sqrt(2.0)), 1e-6));
  }
  const Prompts end =
      make_model(PromptsInput{{table(1, {0, 0.7, 1}, {1e12, 2e12, 2e12}), finite(1, {0.5, 0.5}, {0, 1})}});
  CHECK(earns_more(end, 3, 4) == 0);
}

TEST_CASE("prompts of rewards that agree in twelve digits: the gap has digits of its own") {
  PromptInput narrow{1, "continuous"};
  narrow.law.family = "uniform";
  narrow.law.parameters = {1e12, 1e12 + 0.001};
  PromptInput unit{1, "continuous"};
  unit.law.family = "uniform";
  unit.law.parameters = {0, 0.001};
  for (const double kl : {0.1, 2.0, 30.0}) {
    CAPTURE(kl);
    const Report far = evaluate(make_model(PromptsInput{{narrow, narrow}}), nats(kl));
    const Report near = evaluate(make_model(PromptsInput{{unit, unit}}), nats(kl));
    // The decimals are read as they are written, so that both intervals are equally long.
    CHECK_THAT(far.gap.reward, WithinRel(near.gap.reward, 1e-9));
    CHECK_THAT(far.gap.reward_at_bon_kl, WithinRel(near.gap.reward_at_bon_kl, 1e-9) || WithinAbs(0, 1e-18));
    CHECK_THAT(far.best_of_n.kl_to_kl_rl, WithinAbs(near.best_of_n.kl_to_kl_rl, 1e-9));
  }
}
