#include "report/curves.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

TEST_CASE("a frontier lays best-of-N on one law of the sum, and finds what every budget finds by itself") {
  test::Random random(51);
  for (int k = 0; k < 60; ++k) {
    const Tokens m = test::sequence(test::random_alphabet(random, 8), random.integer(2, 60));
    const DoubleDouble n = from_integer(m.length);
    const double most = n.value() * kl_max(m.token).value();
    const Frontier f = frontier(m, std::min(1.3 * most, 2 + 60 * random.uniform()), 25);
    REQUIRE(f.best_of_n.kl.size() == f.best_of_n.budget.size());
    CHECK(f.best_of_n.kl.size() > 20);
    for (std::size_t i = 0; i < f.best_of_n.kl.size(); ++i) {
      const DoubleDouble log_n = f.best_of_n.budget[i];
      const BestOfNOutcome alone = best_of_n_outcome(m, log_n, solve_tilt(m.token, log_n / n));
      CHECK_THAT(f.best_of_n.kl[i], WithinRel(alone.kl, 1e-10) || WithinAbs(alone.kl, 1e-12));
      CHECK_THAT(f.best_of_n.reward[i], WithinAbs(alone.reward.value(), 1e-11 * std::max(1.0, alone.sd)));
    }
  }
}
