#include "models/deep_policies.hpp"

#include <catch2/catch.hpp>

#include "error.hpp"
#include "models/chain.hpp"
#include "policies/registry.hpp"
#include "report/policies.hpp"

using namespace tiltlab;
using Catch::Matchers::Contains;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

const PolicyKind& kind(const char* name) {
  for (const PolicyKind* each : policy_kinds()) {
    if (std::string(each->name) == name) return *each;
  }
  throw std::invalid_argument(name);
}

/** Every kind that is laid on rewards, by parameters and by the KL where it takes one. */
std::vector<ExtraPolicy> asked_of(double kl) {
  return {{&kind("soft_best_of_n"), {4, 0.3}}, {&kind("best_of_poisson"), {5}}, {&kind("win_rate_tilt"), {3}},
          {&kind("top_quantile"), {0.01}},     {&kind("mixture"), {16, 0.4}},   {&kind("best_of_poisson"), {}, kl},
          {&kind("win_rate_tilt"), {}, kl},    {&kind("top_quantile"), {}, kl}, {&kind("chi_squared"), {}, kl}};
}

/** @param bound receives the errors that are stated */
template <class M>
FurtherReport of(const M& m, const ExtraPolicy& asked, double* bound = nullptr) {
  Report report;
  const FurtherReport found = evaluate_policies(m, {asked}, make_budget("kl", 1, length_of(m)), report).front();
  if (bound != nullptr) *bound += report.error_bound;
  return found;
}

void check_equal(const FurtherReport& a, const FurtherReport& b, double within, double sd) {
  CHECK_THAT(a.reward, WithinAbs(b.reward, within * (std::fabs(b.reward) * 1e-3 + sd)));
  CHECK_THAT(a.reward_sd, WithinRel(b.reward_sd, 10 * within));
  CHECK_THAT(a.kl, WithinAbs(b.kl, within * std::max(1.0, b.kl)));
  CHECK_THAT(a.win_rate, WithinAbs(b.win_rate, within));
  CHECK_THAT(a.kl_to_kl_rl, WithinAbs(b.kl_to_kl_rl, 10 * within * std::max(1.0, b.kl)));
}

}  // namespace

TEST_CASE("policies of a chain whose rows are equal are those of independent tokens") {
  for (const double length : {60.0, 3000.0, 1e6, 1e8}) {
    const Chain chain =
        make_model(MarkovInput{length, {1, 0, 0}, {0.5, 0.3, 0.2, 0.5, 0.3, 0.2, 0.5, 0.3, 0.2}, {0, 1, 3}});
    const Tokens tokens = memoryless_model(std::vector<double>{0.5, 0.3, 0.2}, std::vector<double>{0, 1, 3}, length,
                                           false, "model.tokens");
    for (const ExtraPolicy& asked : asked_of(2)) {
      INFO(length << " " << asked.kind->name << " " << (asked.kl ? "by KL" : ""));
      double bound = 2e-6;
      const FurtherReport a = of(chain, asked, &bound);
      const FurtherReport b = of(tokens, asked, &bound);
      CHECK(bound < 1e-3);
      check_equal(a, b, bound, std::sqrt(length));
    }
  }
}

TEST_CASE("of sums that hardly ever tie the top quantile of a KL is e^-KL, however coarse the cells of their law") {
  std::vector<double> p(300, 1.0 / 300);
  std::vector<double> reward;
  for (int i = 0; i < 300; ++i) reward.push_back(std::round(1e5 * std::sqrt(i + 2.0)) / 1e5);
  const Tokens m = memoryless_model(p, reward, 50, false, "model.tokens");
  // Of the level at the edge, some 4e-7 of what is above it, 1/e of it at most is lost to ties.
  for (const double kl : {0.5, 3.0, 9.0}) {
    const FurtherReport by_kl = of(m, {&kind("top_quantile"), {}, kl});
    CHECK_THAT(by_kl.parameters.back().second, WithinRel(std::exp(-kl), 4e-7));
    const FurtherReport by_tau = of(m, {&kind("top_quantile"), {std::exp(-kl)}});
    CHECK_THAT(by_tau.kl, WithinRel(kl, 4e-7));
    CHECK_THAT(by_tau.reward, WithinRel(by_kl.reward, 1e-7));
  }
}

TEST_CASE("laws by depth lay what a list of all sums does") {
  const MarkovInput input{64, {0.25, 0.75}, {0.8, 0.2, 0.4, 0.6}, {0, 1, 0.3, 2}};
  const Chain listed = make_model(input);
  REQUIRE(std::holds_alternative<Tokens>(listed.sums));
  const LongChain powers = long_chain(make_markov_law(input.initial, input.transition, input.reward, input.length), 64);
  for (const double kl : {1e-3, 0.5, 3.0, 8.0}) {
    for (const ExtraPolicy& asked : asked_of(kl)) {
      INFO(asked.kind->name << " " << (asked.kl ? *asked.kl : 0));
      const FurtherReport a = of(listed, asked);
      const LaidPolicy laid = DeepPolicies(laws_of(powers)).lay(asked, "policies[0]");
      const FurtherOutcome b = further_outcome(powers, laid, tilt_for(powers, 1));
      CHECK_THAT(b.outcome.reward, WithinRel(a.reward, 1e-9));
      CHECK_THAT(b.outcome.kl, WithinAbs(a.kl, 1e-8 * std::max(1.0, a.kl)));
      CHECK_THAT(b.outcome.win_rate, WithinAbs(a.win_rate, 1e-9));
      CHECK_THAT(b.kl_to_kl_rl.value, WithinAbs(a.kl_to_kl_rl, 1e-7 * std::max(1.0, a.kl)));
    }
  }
}

TEST_CASE("chi-squared of a long chain by its parameter is that by its KL") {
  const Chain chain = make_model(MarkovInput{20000, {1, 0}, {0.8, 0.2, 0.4, 0.6}, {0, 1, 0.3, 2}});
  for (const double kl : {0.1, 2.0, 15.0}) {
    const FurtherReport a = of(chain, {&kind("chi_squared"), {}, kl});
    const FurtherReport b = of(chain, {&kind("chi_squared"), {a.parameters.front().second, 0}});
    INFO(kl);
    CHECK_THAT(a.kl, WithinRel(kl, 1e-6));
    CHECK_THAT(b.kl, WithinRel(kl, 1e-5));
    CHECK_THAT(b.reward, WithinRel(a.reward, 1e-7));
  }
}

TEST_CASE("no policy of a long chain earns more than KL-RL of its KL") {
  const Chain chain = make_model(MarkovInput{5000, {1, 0}, {0.8, 0.2, 0.4, 0.6}, {0, 1, 0.3, 2}});
  for (const ExtraPolicy& asked : asked_of(4)) {
    const FurtherReport r = of(chain, asked);
    INFO(asked.kind->name);
    const Report optimum = evaluate(chain, make_budget("kl", r.kl, length_of(chain)));
    CHECK(r.reward <= optimum.kl_rl.reward + 1e-6);
    CHECK(r.kl <= 200);
  }
}

TEST_CASE("what a chain has no room for is refused by name") {
  const Chain chain = make_model(MarkovInput{5000, {1, 0}, {0.8, 0.2, 0.4, 0.6}, {0, 1, 0.3, 2}});
  CHECK_THROWS_WITH(of(chain, {&kind("block_best_of_n"), {4000, 4}}), Contains("policies[0].block: 4000 transitions"));
  CHECK_THROWS_WITH(of(chain, {&kind("index_best_of_n"), {4}}), Contains("finite models alone"));
  CHECK_THROWS_WITH(of(chain, {&kind("top_quantile"), {2}}), Contains("policies[0].tau"));
}
