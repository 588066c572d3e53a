#include <catch2/catch.hpp>

#include "models/continuous.hpp"
#include "report/curves.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

TEST_CASE("what a nat buys is the difference of two reports") {
  test::Random random(24);
  for (int i = 0; i < 100; ++i) {
    const auto alphabet = test::random_alphabet(random, 9);
    const Tokens m = i % 2 == 0 ? test::finite(alphabet) : test::sequence(alphabet, random.integer(1, 50));
    const double kl = 3 * random.uniform();
    const auto earned = [&](double nats) { return evaluate(m, make_budget("kl", nats, m)).kl_rl.reward; };
    const Derived d = derived(m, evaluate(m, make_budget("kl", kl, m)));
    CHECK_THAT(d.first_nat, WithinAbs(earned(1) - earned(0), 1e-11));
    CHECK_THAT(d.next_nat, WithinAbs(earned(kl + 1) - earned(kl), 1e-11));
    CHECK(d.next_nat <= d.first_nat + 1e-12);
  }
}

TEST_CASE("what a nat buys of a bell curve is a difference of square roots") {
  const ContinuousLaw law = make_continuous_law("normal", std::vector<double>{5, 2}, false);
  const Derived d = derived(law, evaluate(law, make_budget("kl", 2, std::nullopt)));
  CHECK_THAT(d.first_nat, WithinRel(2 * std::sqrt(2.0), 1e-9));
  CHECK_THAT(d.next_nat, WithinRel(2 * (std::sqrt(6.0) - 2), 1e-8));
}

TEST_CASE("a constant reward buys nothing, and neither does a nat past the best") {
  const Tokens constant = test::finite({{0.5, 0.5}, {1, 1}});
  CHECK(derived(constant, evaluate(constant, make_budget("kl", 2, constant))).first_nat == 0);
  const Tokens two = test::finite({{0.5, 0.5}, {0, 1}});
  const Derived d = derived(two, evaluate(two, make_budget("kl", 2, two)));
  CHECK(d.first_nat == 0.5);
  CHECK(d.next_nat == 0);
}
