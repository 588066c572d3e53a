#include <array>
#include <catch2/catch.hpp>
#include <cmath>

#include "models/text.hpp"
#include "policies/random_best_of_n.hpp"
#include "policies/registry.hpp"
#include "report/policies.hpp"
#include "report/simulated.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

Chain example(double length) { return make_model(MarkovInput{length, {1, 0}, {0.8, 0.2, 0.4, 0.6}, {0, 1, 0.3, 2}}); }

Simulation simulation(const Chain& c, const char* kind, double value, const char* method, std::uint64_t seed,
                      std::uint32_t replicates) {
  return make_simulation(c, make_budget(kind, value, length_of(c)), method, seed, replicates);
}

bool covers(const Estimate& e) { return e.low <= e.exact && e.exact <= e.high; }

/** In how many of 60 seeds the intervals of three further policies hold: of reward, win rate and KL. */
std::array<std::array<int, 3>, 3> held_of_three(const Simulation& first, const Exact& exact) {
  std::array<std::array<int, 3>, 3> held{};
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SimulationPlan plan = first.plan;
    plan.seed += seed;
    const Simulated found = summarise(first, exact, simulate(plan, 0, 200), 200);
    for (std::size_t k = 0; k < 3; ++k) {
      held[k][0] += covers(found.policies[k].reward);
      held[k][1] += covers(found.policies[k].win_rate);
      held[k][2] += covers(found.policies[k].kl);
    }
  }
  return held;
}

}  // namespace

TEST_CASE("walks of a chain whose sums are not listed: intervals cover in 90 to 100 % of 60 seeds, by both methods") {
  for (const Chain& c : {example(400), make_model(TextInput{150})}) {
    REQUIRE(std::holds_alternative<LongChain>(c.sums));
    for (const char* method : {"tokens", "order"}) {
      int reward[3] = {0, 0, 0};
      int win[3] = {0, 0, 0};
      int kl = 0;
      const Simulation first = simulation(c, "n", 5, method, 40, 200);
      const Exact exact = exact_values(first);
      for (std::uint64_t seed = 0; seed < 60; ++seed) {
        SimulationPlan plan = first.plan;
        plan.seed += seed;
        const Simulated found = summarise(first, exact, simulate(plan, 0, 200), 200);
        const PolicyEstimates* policy[] = {&found.model, &found.kl_rl, &found.best_of_n};
        for (int k = 0; k < 3; ++k) {
          reward[k] += covers(policy[k]->reward);
          win[k] += covers(policy[k]->win_rate);
        }
        kl += covers(found.kl_rl.kl);
        CHECK(found.method == method);
      }
      for (int k = 0; k < 3; ++k) {
        CAPTURE(method, k);
        CHECK(reward[k] >= 54);
        CHECK(win[k] >= 54);
      }
      CHECK(kl >= 54);
    }
  }
}

TEST_CASE("what is drawn of a walked chain stands beside its report") {
  const Chain c = example(2000);
  const Simulation s = simulation(c, "n", 16, "", 7, 400);
  CHECK(s.plan.method == Method::tokens);
  const Simulated found = summarise(s, simulate(s.plan, 0, 400));
  const Report r = evaluate(c, make_budget("n", 16, length_of(c)));
  CHECK(found.model.reward.exact == r.model.reward);
  CHECK(found.kl_rl.reward.exact == r.kl_rl.reward);
  CHECK(found.kl_rl.kl.exact == r.kl_rl.kl);
  CHECK_THAT(found.best_of_n.reward.exact, WithinRel(r.best_of_n.reward, 1e-12));
  CHECK_THAT(found.gap_per_token.exact, WithinRel(r.gap.reward / 2000, 1e-9));
  CHECK(found.kl_rl.reward.high - found.kl_rl.reward.low < 20);
  CHECK(found.n == 16);
}

TEST_CASE("shares of walks have the same bits, in one sitting or in many") {
  const Chain c = make_model(TextInput{1000});
  const Simulation s = simulation(c, "n", 3, "tokens", 11, 20);
  const Sampler sampler(s.plan);
  const std::vector<double> whole = simulate(sampler, 4, 6);
  Sampler::Share share = sampler.share(4, 6);
  int sittings = 1;
  while (!sampler.advance(share, 700)) ++sittings;
  CHECK(sittings > 10);
  CHECK(share.sums() == whole);
  // Longer than a slice.
  const Chain far = example(1'200'000);
  const Simulation t = simulation(far, "n", 2, "tokens", 3, 1);
  const Sampler long_walks(t.plan);
  Sampler::Share pieces = long_walks.share(0, 1);
  while (!long_walks.advance(pieces, 1e5)) {
  }
  CHECK(pieces.sums() == simulate(t.plan, 0, 1));
}

TEST_CASE("any number of drafts by order, and no budget at all") {
  const Chain c = example(1000);
  const Simulation s = simulation(c, "log_n", 40, "", 2, 300);
  CHECK(s.plan.method == Method::order);
  const Simulated found = summarise(s, simulate(s.plan, 0, 300));
  CHECK(covers(found.best_of_n.reward));
  CHECK(covers(found.kl_rl.reward));
  CHECK(covers(found.gap_per_token));
  const Simulation none = simulation(c, "kl", 0, "", 2, 300);
  CHECK(none.plan.method == Method::tokens);
  const Simulated base = summarise(none, simulate(none.plan, 0, 300));
  CHECK(covers(base.best_of_n.reward));
  CHECK(base.best_of_n.kl.mean == 0);
  CHECK_THAT(base.effective_sample_size, WithinRel(300, 1e-12));
}

TEST_CASE("what is not walked says why, in a line") {
  const Chain c = example(1000);
  CHECK_THROWS_WITH(simulation(c, "n", 4, "types", 1, 10), Catch::Contains("simulation.method: \"types\" counts"));
  CHECK_THROWS_WITH(simulation(c, "n", 4, "dice", 1, 10),
                    Catch::Contains("\"dice\" is not one of tokens, types, order"));
  CHECK_THROWS_WITH(simulation(c, "log_n", 40, "tokens", 1, 10), Catch::Contains("draws at most 4294967294 drafts"));
  CHECK_THROWS_WITH(simulation(c, "n", 4, "", 1, 0), Catch::Contains("simulation.replicates: 0 is not at least 1"));
  CHECK_THROWS_WITH(simulation(example(1e9), "n", 4, "", 1, 4000),
                    Catch::Contains("simulation.replicates: 4000 of 1000000000 transitions each are more than"));
  CHECK_THROWS_WITH(simulation(c, "kl", 5000, "", 1, 10), Catch::Contains("its best sum alone"));
  CHECK_THROWS_WITH(simulation(c, "kl", 0, "order", 1, 10), Catch::Contains("needs a budget above 0"));
}

TEST_CASE("further policies of a walked chain: intervals cover in 90 to 100 % of 60 seeds, beside their report") {
  const Chain c = example(900);
  const Budget budget = make_budget("n", 5, length_of(c));
  const std::vector<ExtraPolicy> extras{{&soft_best_of_n_kind, {5, 0.02}},
                                        {&policy_kind("top_quantile", "policies[1]"), {}, 0.7},
                                        {&policy_kind("chi_squared", "policies[2]"), {}, 0.3}};
  Report report = evaluate(c, budget);
  const std::vector<FurtherReport> exact_ones = evaluate_policies(c, extras, budget, report);
  for (const char* method : {"tokens", "order"}) {
    const Simulation first = make_simulation(c, budget, method, 70, 200, extras);
    const Exact exact = exact_values(first);
    const auto held = held_of_three(first, exact);
    for (std::size_t k = 0; k < 3; ++k) {
      for (std::size_t i = 0; i < 3; ++i) {
        CAPTURE(method, k, i);
        CHECK(held[k][i] >= 54);
      }
      CHECK_THAT(exact.policies[k].value.reward, WithinRel(exact_ones[k].reward, 1e-12));
    }
  }
}

TEST_CASE("blocks of a chain, listed or walked: intervals cover in 90 to 100 % of 60 seeds, among policies by law") {
  for (const double length : {25.0, 900.0}) {
    const Chain c = example(length);
    CHECK(std::holds_alternative<LongChain>(c.sums) == (length == 900));
    const Budget budget = make_budget("n", 5, length_of(c));
    const PolicyKind& blocks = policy_kind("block_best_of_n", "policies[0]");
    const std::vector<ExtraPolicy> extras{
        {&blocks, {10, 2.5}}, {&soft_best_of_n_kind, {5, 0.02}}, {&blocks, {7, 1}, 0.7}};
    Report report = evaluate(c, budget);
    const std::vector<FurtherReport> exact_ones = evaluate_policies(c, extras, budget, report);
    const Simulation first = make_simulation(c, budget, "order", 70, 200, extras);
    const Exact exact = exact_values(first);
    const auto held = held_of_three(first, exact);
    for (std::size_t k = 0; k < 3; ++k) {
      for (std::size_t i = 0; i < 3; ++i) {
        CAPTURE(length, k, i);
        CHECK(held[k][i] >= 54);
      }
      CHECK_THAT(exact.policies[k].value.reward, WithinRel(exact_ones[k].reward, 1e-12));
    }
  }
}
