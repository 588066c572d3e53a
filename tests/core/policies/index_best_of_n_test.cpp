#include "policies/index_best_of_n.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "laws/finite.hpp"
#include "policies/best_of_n.hpp"
#include "report/policies.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

FurtherReport of(const Tokens& m, const ExtraPolicy& asked, double budget = 0) {
  Report beside;
  return evaluate_policies(m, {asked}, make_budget("kl", budget, m), beside).front();
}
ExtraPolicy by_n(double n) { return {&index_best_of_n_kind, {n, 0}}; }

}  // namespace

TEST_CASE("ties that go to the outcome listed first cost more than ties that are broken uniformly") {
  const test::Alphabet a{{0.1, 0.2, 0.3, 0.25, 0.15}, {1, 2, 2, 0, 2}};
  const Tokens m = test::finite(a);
  CHECK_THAT(of(m, by_n(4)).kl, WithinAbs(0.59445014343, 1e-11));
  CHECK_THAT(best_of_n_outcome(m, std::log(4.0), tilt_at(m.token, 0)).kl, WithinAbs(0.3688, 5e-5));
  // Listed the other way round it is another policy.
  const Tokens reversed = test::finite({{0.15, 0.25, 0.3, 0.2, 0.1}, {2, 0, 2, 2, 1}});
  CHECK_THAT(of(reversed, by_n(4)).kl, WithinAbs(0.59529376131, 1e-11));
}

TEST_CASE("best-of-n by index has best-of-n's reward and win rate, and no smaller KL") {
  test::Random random(81);
  for (int k = 0; k < 60; ++k) {
    const test::Alphabet a = test::random_alphabet(random, 10);
    const Tokens m = test::finite(a);
    bool ties = false;
    for (std::size_t i = 0; i < a.p.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) ties = ties || a.reward[i] == a.reward[j];
    }
    for (const double n : {1.0, 1.1, 2.0, 17.0, 1e9, 1e300}) {
      INFO(n << (ties ? " with ties" : ""));
      const DoubleDouble log_n = log(DoubleDouble(n));
      const Report uniform = evaluate(m, make_budget("log_n", log_n.value(), m));
      const FurtherReport r = of(m, by_n(n), 0.1);
      CHECK_THAT(r.reward, WithinAbs(uniform.best_of_n.reward, 1e-11));
      CHECK_THAT(r.reward_sd, WithinAbs(uniform.best_of_n.reward_sd, 1e-7));
      CHECK_THAT(r.win_rate, WithinAbs(uniform.best_of_n.win_rate, 1e-12));
      CHECK(r.kl >= uniform.best_of_n.kl - 1e-13);
      CHECK(r.kl <= log_n.value() + 1e-13);
      if (!ties) CHECK_THAT(r.kl, WithinAbs(uniform.best_of_n.kl, 1e-12));
      CHECK(r.kl_to_kl_rl >= 0);
    }
  }
}

TEST_CASE("best-of-n by index meets a KL, at most that of the first of the best outcomes") {
  const Tokens m = test::finite({{0.1, 0.2, 0.3, 0.25, 0.15}, {1, 2, 2, 0, 2}});
  for (const double kl : {1e-200, 1e-9, 0.3, 1.0, 1.6}) {
    const FurtherReport r = of(m, {&index_best_of_n_kind, {}, kl});
    CHECK_THAT(r.kl, WithinRel(kl, 1e-9));
    if (kl > 1e-10) CHECK_THAT(of(m, by_n(r.parameters.front().second)).kl, WithinRel(kl, 1e-6));
  }
  const FurtherReport all = of(m, {&index_best_of_n_kind, {}, 40.0}, 5);
  CHECK_THAT(all.kl, WithinRel(-std::log(0.2), 1e-13));
  CHECK(std::isinf(all.parameters.front().second));
  // KL-RL keeps all of the best by their shares.
  CHECK_THAT(all.kl_to_kl_rl, WithinRel(std::log(0.65 / 0.2), 1e-12));
}

TEST_CASE("gold is that of the outcomes that win their ties") {
  const std::vector<double> p{0.25, 0.25, 0.5};
  const Tokens m = finite_model(p, std::vector<double>{1, 1, 0}, std::vector<double>{5, -5, 0}, "model.outcomes");
  CHECK_THAT(of(m, by_n(1e12)).gold, WithinRel(5.0, 1e-12));
  CHECK_THAT(of(m, by_n(1)).gold, WithinAbs(0, 1e-15));
  // F^2 by outcome: 0.5 at the bottom, 0.75 with the second, 1.
  CHECK_THAT(of(m, by_n(2)).gold, WithinRel(5 * (1 - 0.5625) - 5 * (0.5625 - 0.25), 1e-13));
}

TEST_CASE("only outcomes that are listed have a first") {
  const Tokens tokens = test::sequence({{0.5, 0.5}, {0, 1}}, 1);
  CHECK_THROWS_WITH(of(tokens, by_n(2)), Catch::Contains("policies[0].kind") && Catch::Contains("finite models alone"));
}
