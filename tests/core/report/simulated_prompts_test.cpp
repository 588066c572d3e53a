#include <catch2/catch.hpp>
#include <cmath>

#include "error.hpp"
#include "policies/registry.hpp"
#include "report/simulated.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinRel;

namespace {

PromptInput finite(double weight, std::vector<double> p, std::vector<double> reward, std::vector<double> gold = {}) {
  PromptInput out{weight, "finite"};
  out.tokens.kind = "finite";
  out.tokens.p = std::move(p);
  out.tokens.reward = std::move(reward);
  out.tokens.gold = std::move(gold);
  return out;
}
PromptInput sequence(double weight, double length, std::vector<double> p, std::vector<double> reward,
                     std::vector<double> gold = {}) {
  PromptInput out = finite(weight, std::move(p), std::move(reward), std::move(gold));
  out.kind = out.tokens.kind = "memoryless";
  out.tokens.length = length;
  return out;
}

ExtraPolicy by_parameters(const char* kind, double first, double second = 0) {
  return {&policy_kind(kind, "policies[0]"), {first, second}};
}
ExtraPolicy by_kl(const char* kind, double kl) { return {&policy_kind(kind, "policies[0]"), {}, kl}; }

Budget nats(double kl) { return make_budget("kl", kl, std::nullopt); }

/** Unequal prompts: lengths, scales and offsets of rewards, one that is hardly asked. */
Prompts several() {
  return make_model(
      PromptsInput{{finite(2, {0.5, 0.3, 0.2}, {0, 1, 3}, {0, 2, -1}), sequence(1, 30, {0.6, 0.3, 0.1}, {-1, 0.5, 2}),
                    finite(0.5, {0.9, 0.1}, {-40, -15}), finite(0.02, {0.25, 0.75}, {7, 8})}});
}

bool covers(const Estimate& e) { return e.low <= e.exact && e.exact <= e.high; }

void check_same(const Estimate& e, const Estimate& of) {
  CHECK_THAT(e.mean, WithinRel(of.mean, 1e-10) || Catch::Matchers::WithinAbs(of.mean, 1e-12));
  CHECK_THAT(e.exact, WithinRel(of.exact, 1e-9) || Catch::Matchers::WithinAbs(of.exact, 1e-12));
}
void check_same(const PolicyEstimates& p, const PolicyEstimates& of) {
  check_same(p.reward, of.reward);
  check_same(p.gold, of.gold);
  check_same(p.win_rate, of.win_rate);
  check_same(p.kl, of.kl);
}

}  // namespace

TEST_CASE("one prompt draws what its model draws by itself") {
  const PromptInput input = sequence(3, 20, {0.5, 0.3, 0.2}, {-7, 1, 3}, {0, 2, -1});
  const Prompts one = make_model(PromptsInput{{input}});
  const Tokens alone = make_model(input.tokens);
  const std::vector<ExtraPolicy> extras{by_parameters("soft_best_of_n", 4, 0.5), by_kl("top_quantile", 1)};
  for (const char* method : {"tokens", "types", "order"}) {
    CAPTURE(method);
    const Simulation s = make_simulation(one, nats(2), method, 5, 50, extras);
    const Simulation of = make_simulation(alone, nats(2), method, 5, 50, extras);
    const Simulated found = summarise(s, simulate(s.plan, 0, 50));
    const Simulated there = summarise(of, simulate(of.plan, 0, 50));
    CHECK(found.method == method);
    CHECK(found.n == there.n);
    check_same(found.model, there.model);
    check_same(found.kl_rl, there.kl_rl);
    check_same(found.best_of_n, there.best_of_n);
    for (std::size_t i = 0; i < extras.size(); ++i) check_same(found.policies[i], there.policies[i]);
    CHECK_THAT(found.weighted_reward.mean, WithinRel(there.weighted_reward.mean, 1e-9));
    CHECK_THAT(found.weighted_reward.high, WithinRel(there.weighted_reward.high, 1e-9));
    CHECK_THAT(found.effective_sample_size, WithinRel(there.effective_sample_size, 1e-10));
  }
}

TEST_CASE("several prompts: every interval covers in 90 to 100 % of 100 seeds, by every method") {
  const Prompts m = several();
  const std::vector<ExtraPolicy> extras{by_parameters("best_of_poisson", 3), by_kl("win_rate_tilt", 0.4)};
  for (const char* method : {"tokens", "types", "order"}) {
    const Simulation first = make_simulation(m, nats(1.1), method, 900, 300, extras);
    const Exact exact = exact_values(first);
    std::vector<int> held;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      SimulationPlan plan = first.plan;
      plan.seed += seed;
      const Simulated found = summarise(first, exact, simulate(plan, 0, 300), 300);
      std::vector<bool> now;
      std::vector<PolicyEstimates> policies{found.model, found.kl_rl, found.best_of_n};
      policies.insert(policies.end(), found.policies.begin(), found.policies.end());
      for (const PolicyEstimates& p : policies) {
        for (const Estimate* e : {&p.reward, &p.gold, &p.win_rate, &p.kl})
          now.push_back(!e->not_counted.empty() || covers(*e));
      }
      now.push_back(covers(found.gap_per_token));
      held.resize(now.size());
      for (std::size_t i = 0; i < now.size(); ++i) held[i] += now[i];
    }
    for (std::size_t i = 0; i < held.size(); ++i) {
      CAPTURE(method, i);
      CHECK(held[i] >= 90);
    }
  }
}

TEST_CASE("what is drawn of several prompts stands beside their report") {
  const Prompts m = several();
  const Simulation s = make_simulation(m, make_budget("n", 8, std::nullopt), "", 3, 2000, {by_kl("chi_squared", 0.5)});
  const Simulated found = summarise(s, simulate(s.plan, 0, 2000));
  const Report r = evaluate(m, make_budget("n", 8, std::nullopt));
  CHECK_THAT(found.model.reward.exact, WithinRel(r.model.reward, 1e-12));
  CHECK_THAT(found.kl_rl.reward.exact, WithinRel(r.kl_rl.reward, 1e-12));
  CHECK_THAT(found.kl_rl.kl.exact, WithinRel(r.kl_rl.kl, 1e-12));
  CHECK_THAT(found.kl_rl.gold.exact, WithinRel(r.kl_rl.gold, 1e-12));
  CHECK_THAT(found.best_of_n.reward.exact, WithinRel(r.best_of_n.reward, 1e-12));
  CHECK_THAT(found.best_of_n.win_rate.exact, WithinRel(r.best_of_n.win_rate, 1e-12));
  CHECK_THAT(found.policies[0].kl.exact, WithinRel(0.5, 1e-9));
  CHECK(found.n == 8);
  CHECK(found.effective_sample_size > 100);
  // Drafts of a replicate have one prompt, so that their weights tell less than as many of independent ones.
  CHECK(std::fabs(found.weighted_reward.mean - r.kl_rl.reward) <
        3 * (found.weighted_reward.high - found.weighted_reward.low));
}

TEST_CASE("a KL that every prompt's largest reward takes is drawn too") {
  const Simulation s = make_simulation(several(), nats(40), "order", 3, 200);
  const Simulated found = summarise(s, simulate(s.plan, 0, 200));
  CHECK(covers(found.kl_rl.reward));
  CHECK(covers(found.kl_rl.kl));
  CHECK(covers(found.best_of_n.reward));
}

TEST_CASE("shares of several prompts have the same bits, in one sitting or in many") {
  const Simulation s = make_simulation(several(), nats(2), "tokens", 11, 40, {by_parameters("best_of_poisson", 3)});
  const Sampler sampler(s.plan);
  const std::vector<double> whole = simulate(sampler, 4, 12);
  Sampler::Share share = sampler.share(4, 12);
  int sittings = 1;
  while (!sampler.advance(share, 100)) ++sittings;
  CHECK(sittings > 5);
  CHECK(share.sums() == whole);
}

TEST_CASE("a prompt whose replies are not drawn is named, as are replicates and methods that are none") {
  PromptInput law{1, "continuous"};
  law.law.family = "normal";
  law.law.parameters = {0, 1};
  const Prompts m = make_model(PromptsInput{{finite(1, {0.5, 0.5}, {0, 1}), law}});
  const auto path_of = [](const Prompts& of, const char* method, std::uint32_t replicates) -> std::string {
    try {
      (void)make_simulation(of, nats(1), method, 1, replicates);
    } catch (const InputError& e) {
      return e.path();
    }
    return "none";
  };
  CHECK(path_of(m, "", 10) == "model.prompts[1].model.kind");
  CHECK(path_of(several(), "", 0) == "simulation.replicates");
  CHECK(path_of(several(), "dice", 10) == "simulation.method");
}
