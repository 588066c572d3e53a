#include "models/chain.hpp"

#include <catch2/catch.hpp>

#include "report/curves.hpp"
#include "report/policies.hpp"
#include "report/simulated.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

Chain example(double length) { return make_model({length, {1, 0}, {0.8, 0.2, 0.4, 0.6}, {0, 1, 0.3, 2}}); }

Budget nats(const Chain& c, double kl) { return make_budget("kl", kl, length_of(c)); }

}  // namespace

TEST_CASE("a chain without memory is a model of independent tokens") {
  const std::vector<double> p{0.5, 0.3, 0.2};
  const std::vector<double> reward{0, 1, 3};
  std::vector<double> rows;
  for (int i = 0; i < 3; ++i) rows.insert(rows.end(), p.begin(), p.end());
  for (const double length : {1.0, 7.0, 60.0}) {
    const Chain c = make_model({length, {1, 0, 0}, rows, reward});
    const Tokens m = memoryless_model(p, reward, length, false, "model.tokens");
    for (const double kl : {0.0, 0.4, 3.0, 20.0}) {
      const Report a = evaluate(c, nats(c, kl));
      const Report b = evaluate(m, make_budget("kl", kl, m));
      INFO(length << " " << kl);
      CHECK(a.model.levels == b.model.levels);
      CHECK_THAT(a.model.kl_max, WithinRel(b.model.kl_max, 1e-12));
      CHECK_THAT(a.kl_rl.reward, WithinRel(b.kl_rl.reward, 1e-12));
      CHECK_THAT(a.kl_rl.win_rate, WithinRel(b.kl_rl.win_rate, 1e-11));
      CHECK_THAT(a.best_of_n.reward, WithinRel(b.best_of_n.reward, 1e-11));
      CHECK_THAT(a.best_of_n.kl, WithinAbs(b.best_of_n.kl, 1e-11));
      CHECK_THAT(a.gap.reward, WithinAbs(b.gap.reward, 1e-10));
      CHECK(!a.limits);
      CHECK_THAT(derived(c, a).kl_per_token, WithinRel(kl / length, 1e-15));
    }
  }
}

TEST_CASE("a chain of two states: its law by hand, and the values of the reference") {
  // Two transitions from the first state: 0 0, 0 1, 1 .3, 1 2.
  const Chain two = example(2);
  const std::vector<double> sums{0, 1, 1.3, 3};
  const std::vector<double> p{0.64, 0.16, 0.08, 0.12};
  REQUIRE(two.whole.token.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    const TokenLaw& law = two.whole.token;
    CHECK_THAT((law.base + law.unit * law.step[i]).value(), WithinAbs(sums[i], 1e-15));
    CHECK_THAT(law.p[i], WithinRel(p[i], 1e-15));
  }
  // Of the tilt at n = 80 and .08 nats a transition, and the gap (60-digit reference).
  const Chain c = example(80);
  const Report r = evaluate(c, nats(c, 6.4));
  CHECK_THAT(r.kl_rl.alpha, WithinRel(0.25279952, 1e-7));
  CHECK_THAT(r.gap.reward, WithinRel(6.94666343, 1e-8));
}

TEST_CASE("rewards that share no lattice, an absorbing state, and rewards of states") {
  const Chain off = make_model({6, {0.5, 0.5}, {0.7, 0.3, 0.1, 0.9}, {0, 1.4142135623730951}});
  CHECK(off.whole.token.size() == 7);
  const Chain absorbed = make_model({3, {1, 0}, {0.5, 0.5, 0, 1}, {0, 1}});
  // The k-th transition leaves first: 1/2^k, and 3 - k + 1 rewards.
  const std::vector<double> p{0.125, 0.125, 0.25, 0.5};
  REQUIRE(absorbed.whole.token.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) CHECK(absorbed.whole.token.p[i] == p[i]);
}

TEST_CASE("what no list holds is refused by its field") {
  CHECK_THROWS_WITH(make_model({1e6, {1, 0}, {0.5, 0.5, 0.5, 0.5}, {0, 1}}), Catch::Contains("model.length: 1000000"));
  CHECK_THROWS_WITH(make_model({200, {1, 0}, {0.9999, 0.0001, 0.5, 0.5}, {0, 1}}),
                    Catch::Contains("model.length: 200"));
  CHECK_THROWS_WITH(make_model({2, {1, 0}, {0.5, 0.4, 0.5, 0.5}, {0, 1}}), Catch::Contains("model.transition[0]: "));
  CHECK_THROWS_WITH(make_model({2, {1, 0}, {0.5, 0.5, 0.5}, {0, 1}}), Catch::Contains("model.transition: "));
  CHECK_THROWS_WITH(make_model({2, {1, 0}, {0.5, 0.5, 0.5, 0.5}, {0, 1, 2}}), Catch::Contains("model.reward: "));
  CHECK_THROWS_WITH(make_model({2, {0.5, 0.6}, {0.5, 0.5, 0.5, 0.5}, {0, 1}}), Catch::Contains("model.initial: "));
  CHECK_THROWS_WITH(make_model({1.5, {1}, {1}, {0}}), Catch::Contains("model.length: 1.5"));
}

TEST_CASE("a chain whose sums take too long to list is refused before they are") {
  const MarkovInput far{102,
                        {0, 0.1348996899692196, 0.8651003100307805},
                        {0.334, 0.333, 0.333, 0, 0.647715293893436, 0.35228470610656415, 1, 0, 0},
                        {2, 0, 1, 3, 3, 1, 4.9e+18, 2, 0}};
  CHECK_THROWS_WITH(make_model(far), Catch::Contains("model.length: 102"));
}

TEST_CASE("a chain has pictures per transition, further policies and a simulation") {
  const Chain c = example(20);
  const Budget budget = nats(c, 2);
  const LawCurves curves = law_curves(c, budget, 60);
  const Report r = evaluate(c, budget);
  CHECK_THAT(curves.kl_rl.mean, WithinRel(r.kl_rl.reward / 20, 1e-12));
  double mass = 0;
  for (const double x : curves.best_of_n.mass) mass += x;
  CHECK_THAT(mass, WithinAbs(1, 1e-8));
  CHECK(frontier(c, 4, 20).kl_rl.kl.size() == 20);
  const Simulation s = make_simulation(c, make_budget("n", 4, length_of(c)), "tokens", 3, 4000);
  const Simulated found = summarise(s, simulate(s.plan, 0, 4000));
  CHECK(found.best_of_n.reward.low <= found.best_of_n.reward.exact);
  CHECK(found.best_of_n.reward.exact <= found.best_of_n.reward.high);
  CHECK_THAT(found.gap_per_token.exact,
             WithinRel(evaluate(c, make_budget("n", 4, length_of(c))).gap.reward / 20, 1e-9));
}
