#include "report/simulated.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "error.hpp"
#include "policies/random_best_of_n.hpp"
#include "policies/registry.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::Contains;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {
const test::Alphabet three{{0.5, 0.3, 0.2}, {0, 1, 3}};

Simulation simulation(const test::Alphabet& a, std::int64_t length, double kl, const char* method, std::uint64_t seed,
                      std::uint32_t replicates) {
  const Tokens m = test::sequence(a, length);
  return make_simulation(m, make_budget("kl", kl, m), method, seed, replicates);
}

bool covers(const Estimate& e) { return e.low <= e.exact && e.exact <= e.high; }
}  // namespace

TEST_CASE("what best-of-N leaves per token is KL-RL's exact reward less the drawn one") {
  const Simulation s = simulation(three, 12, 2.3, "tokens", 7, 500);
  const Simulated found = summarise(s, simulate(s.plan, 0, 500));
  const Estimate& gap = found.gap_per_token;
  CHECK_THAT(gap.mean * 12 + found.best_of_n.reward.mean, WithinRel(found.kl_rl.reward.exact, 1e-13));
  CHECK_THAT(gap.exact * 12 + found.best_of_n.reward.exact, WithinRel(found.kl_rl.reward.exact, 1e-13));
  CHECK_THAT((gap.high - gap.low) * 12, WithinRel(found.best_of_n.reward.high - found.best_of_n.reward.low, 1e-10));
  CHECK(gap.low < gap.high);
}

TEST_CASE("importance weights find KL-RL's reward where its KL is small, and own up where it is not") {
  int covered = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Simulation s = simulation(three, 12, 0.3, "order", 4000 + seed, 1000);
    const Simulated found = summarise(s, simulate(s.plan, 0, 1000));
    covered += covers(found.weighted_reward);
    // E w^2 = e^(Lambda(2b) - 2 Lambda(b)): of 1000 drafts about half count.
    CHECK(found.effective_sample_size > 200);
    CHECK(found.effective_sample_size < 1000);
  }
  CHECK(covered >= 180);
  const Simulation far = simulation(three, 12, 6, "order", 1, 1000);
  CHECK(summarise(far, simulate(far.plan, 0, 1000)).effective_sample_size < 30);
}

TEST_CASE("past saturation the weights know the best alone, and without a budget all policies are the base") {
  const Simulation saturated = simulation({{0.5, 0.5}, {0, 1}}, 3, 5, "tokens", 1, 2000);
  const Simulated top = summarise(saturated, simulate(saturated.plan, 0, 2000));
  CHECK_THAT(top.weighted_reward.mean, WithinAbs(3, 1e-12));
  CHECK_THAT(top.kl_rl.reward.mean, WithinAbs(3, 1e-12));
  CHECK_THAT(top.kl_rl.kl.mean, WithinAbs(3 * std::log(2.0), 1e-12));
  for (const char* method : {"tokens", "types", "order"}) {
    const Simulation none = simulation(three, 5, 0, method, 1, 2000);
    const Simulated base = summarise(none, simulate(none.plan, 0, 2000));
    CHECK(covers(base.best_of_n.reward));
    CHECK(base.best_of_n.kl.mean == 0);
    CHECK_THAT(base.effective_sample_size, WithinRel(2000, 1e-12));
  }
}

TEST_CASE("importance weights and the plug-in estimate are not counted, and say why") {
  const Simulation s = simulation(three, 12, 2.3, "tokens", 7, 100);
  const Simulated found = summarise(s, simulate(s.plan, 0, 100));
  CHECK(!found.weighted_reward.not_counted.empty());
  CHECK(!found.best_of_n.kl.not_counted.empty());
  for (const PolicyEstimates* e : {&found.model, &found.kl_rl, &found.best_of_n}) {
    CHECK(e->reward.not_counted.empty());
    CHECK(e->gold.not_counted.empty());
    CHECK(e->win_rate.not_counted.empty());
  }
}

TEST_CASE("the method is the first that is quick, or the one that is asked for") {
  const auto method = [](const test::Alphabet& a, std::int64_t length, double log_n, const char* name = "") {
    const Tokens m = test::sequence(a, length);
    return make_simulation(m, make_budget("log_n", log_n, m), name, 1, 1000).plan.method;
  };
  CHECK(method(three, 100, 3) == Method::tokens);
  // 20 drafts of 10^6 tokens, a thousand times: counts of three tokens instead.
  CHECK(method(three, 1000000, 3) == Method::types);
  CHECK(method(three, 100, 50) == Method::order);
  for (const Method asked : {Method::tokens, Method::types, Method::order})
    CHECK(method(three, 10, 2, method_name(asked).c_str()) == asked);
  CHECK_THROWS_WITH(method(three, 10, 2, "dice"), "simulation.method: \"dice\" is not one of tokens, types, order");
  CHECK_THROWS_WITH(method(three, 10, 40, "types"), Contains("draws at most 4294967294 drafts"));
  const Tokens m = test::sequence(three, 10);
  CHECK_THROWS_WITH(make_simulation(m, make_budget("n", 4, m), "", 1, 0), "simulation.replicates: 0 is not at least 1");
}

TEST_CASE("drafts that are drawn one by one are a whole number, by order any") {
  const Simulation whole = simulation(three, 10, std::log(3.4), "tokens", 1, 10);
  CHECK(whole.plan.draws == 3);
  CHECK_THAT(whole.log_n.value(), WithinRel(std::log(3.0), 1e-15));
  const Simulation any = simulation(three, 10, std::log(3.4), "order", 1, 10);
  CHECK_THAT(any.plan.draws, WithinRel(3.4, 1e-15));
  CHECK_THAT(any.log_n.value(), WithinRel(std::log(3.4), 1e-15));
  // The exact value beside is that of the N that is drawn.
  const Tokens m = test::sequence(three, 10);
  CHECK_THAT(exact_values(whole).best_of_n.value.reward,
             WithinRel(evaluate(m, make_budget("n", 3, m)).best_of_n.reward, 1e-13));
  CHECK_THAT(exact_values(any).best_of_n.value.reward,
             WithinRel(evaluate(m, make_budget("n", 3.4, m)).best_of_n.reward, 1e-13));
  const ExtraPolicy soft{&soft_best_of_n_kind, {2.5, 1}};
  CHECK_THROWS_WITH(make_simulation(m, make_budget("n", 3, m), "tokens", 1, 10, {soft}),
                    "policies[0].n: 2.5 is not an integer, so it cannot be drawn draft by draft");
  CHECK_NOTHROW(make_simulation(m, make_budget("n", 3, m), "order", 1, 10, {soft}));
}

TEST_CASE("the laws that intervals are made from have the exact reward, gold and KL for their means") {
  const auto mean = [](const Shape& shape) {
    double sum = 0;
    // What is never drawn may be infinitely far.
    for (std::size_t i = 0; i < shape.x.size(); ++i) sum += shape.mass[i] > 0 ? shape.mass[i] * shape.x[i] : 0;
    return shape.copies * sum;
  };
  const Tokens outcomes = finite_model(std::vector<double>{0.5, 0.3, 0.2}, std::vector<double>{0, 1, 1},
                                       std::vector<double>{1, -1, 3}, "model.outcomes");
  for (const Tokens& m : {test::sequence(three, 8), test::sequence({{0.2, 0.5, 0.3}, {-1, 0.5, 2.25}}, 3), outcomes}) {
    for (const char* method : {"tokens", "order"}) {
      std::vector<ExtraPolicy> extras{{&soft_best_of_n_kind, {5, 0.4}},
                                      {&best_of_poisson_kind, {3, 0}},
                                      {&policy_kind("top_quantile", ""), {0.3, 0}}};
      if (m.length == 8) extras.push_back({&policy_kind("block_best_of_n", ""), {4, 3}});
      const Simulation s = make_simulation(m, make_budget("n", 3, m), method, 1, 10, extras);
      const Exact exact = exact_values(s);
      INFO(method << " length " << m.length);
      const auto check = [&](const ExactPolicy& of, double centre) {
        CHECK_THAT(s.base + s.unit * (centre + mean(of.reward)), WithinAbs(of.value.reward, 1e-11));
        if (m.golden) CHECK_THAT(mean(of.gold), WithinAbs(of.value.gold, 1e-11));
      };
      check(exact.model, s.plan.centre_base);
      check(exact.kl_rl, s.plan.centre_tilted);
      check(exact.best_of_n, s.plan.centre_tilted);
      CHECK_THAT(mean(exact.kl_rl.kl), WithinAbs(exact.kl_rl.value.kl, 1e-12));
      REQUIRE(exact.policies.size() == extras.size());
      for (std::size_t i = 0; i < extras.size(); ++i) {
        INFO(extras[i].kind->name);
        check(exact.policies[i], s.plan.extras[i].centre);
        CHECK_THAT(mean(exact.policies[i].kl), WithinAbs(exact.policies[i].value.kl, 1e-11));
      }
    }
  }
}

TEST_CASE("a mean is the sum over the replicates, in the scenario's unit, however the sums were shared out") {
  const Simulation s = simulation({{0.5, 0.3, 0.2}, {5, 15, 35}}, 20, 2, "tokens", 3, 60);
  REQUIRE(s.unit == 10);
  const Exact exact = exact_values(s);
  const std::vector<double> all = simulate(s.plan, 0, 60);
  const Simulated once = summarise(s, exact, all, 60);
  const double* best = all.data() + 2 * Sums::per_policy;
  CHECK_THAT(once.best_of_n.reward.mean, WithinRel(s.base + 10 * (s.plan.centre_tilted + best[0] / 60), 1e-14));
  CHECK_THAT(once.best_of_n.win_rate.mean, WithinRel(best[4] / 60, 1e-14));
  CHECK(once.best_of_n.reward.draws == 60);
  CHECK(once.best_of_n.reward.method == "tokens");
  std::vector<double> blocks;
  for (const std::uint32_t first : {0U, 20U, 40U}) {
    const std::vector<double> share = simulate(s.plan, first, 20);
    blocks.insert(blocks.end(), share.begin(), share.end());
  }
  const Simulated shared = summarise(s, exact, blocks, 60);
  CHECK_THAT(shared.best_of_n.reward.mean, WithinRel(once.best_of_n.reward.mean, 1e-13));
  CHECK_THAT(shared.kl_rl.kl.low, WithinRel(once.kl_rl.kl.low, 1e-9));
  CHECK_THAT(shared.effective_sample_size, WithinRel(once.effective_sample_size, 1e-10));
}

TEST_CASE("weights of base drafts are those of the tilt: sums by hand") {
  const Simulation s = simulation(three, 5, 0.5, "order", 3, 4);
  // Four drafts with weights 1, 2, 3, 4 and totals 1, 0, 2, 1 from the centre.
  std::vector<double> sums(s.plan.sums(), 0);
  double* w = sums.data() + 3 * Sums::per_policy;
  const double weight[] = {1, 2, 3, 4};
  const double x[] = {1, 0, 2, 1};
  for (int k = 0; k < 4; ++k) {
    w[0] += weight[k];
    w[1] += weight[k] * weight[k];
    w[2] += weight[k] * x[k];
    w[3] += weight[k] * weight[k] * x[k];
    w[4] += weight[k] * weight[k] * x[k] * x[k];
  }
  const Simulated found = summarise(s, exact_values(s), sums, 4);
  CHECK_THAT(found.weighted_reward.mean, WithinRel(s.base + s.unit * (s.plan.centre_tilted + 1.1), 1e-14));
  CHECK_THAT(found.effective_sample_size, WithinRel(100.0 / 30, 1e-14));
  // The delta method: sum of w^2 (x - mean)^2 over the squared sum of w.
  double variance = 0;
  for (int k = 0; k < 4; ++k) variance += weight[k] * weight[k] * (x[k] - 1.1) * (x[k] - 1.1) / 100;
  CHECK_THAT(found.weighted_reward.high - found.weighted_reward.low,
             WithinRel(2 * 1.959963984540054 * s.unit * std::sqrt(variance), 1e-12));
}

TEST_CASE("a transformed sequence is drawn whole, and its gap is per token of the sequence") {
  TransformedInput input;
  input.of = "memoryless";
  input.path = "model.tokens";
  input.p = {0.5, 0.3, 0.2};
  input.reward = {0, 1, 3};
  input.length = 12;
  input.transform = "indicator";
  input.parameters = {1.2};
  const Transformed m = make_model(input);
  const Simulation s = make_simulation(m, make_budget("n", 4, length_of(m)), "", 1, 400);
  CHECK(s.plan.length == 1);
  CHECK(s.tokens == 12);
  const Simulated found = summarise(s, simulate(s.plan, 0, 400));
  CHECK_THAT(found.gap_per_token.exact * 12 + found.best_of_n.reward.exact, WithinRel(found.kl_rl.reward.exact, 1e-12));
}
