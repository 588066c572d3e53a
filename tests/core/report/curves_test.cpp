#include "report/curves.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "models/text.hpp"
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

TEST_CASE("where points are dear a frontier still has enough of them to be a curve, not chords") {
  // Words with a memory, too long to be listed.
  for (const double length : {60.0, 100.0}) {
    const Chain words = make_model(TextInput{length});
    const Frontier f = frontier(words, 0.6 * length, 37);
    INFO(length << " " << f.kl_rl.kl.size());
    REQUIRE(f.kl_rl.kl.size() >= 9);
    CHECK_FALSE(f.mark_n.empty());
    // No chord spans a third of all that is earned.
    const double all = f.kl_rl.reward.back() - f.kl_rl.reward.front();
    for (std::size_t i = 1; i < f.kl_rl.reward.size(); ++i)
      CHECK(f.kl_rl.reward[i] - f.kl_rl.reward[i - 1] < 0.3 * all);
  }
}

TEST_CASE("laws of what a report solved are those that are found alone, to the last bit") {
  test::Random random(52);
  for (int k = 0; k < 30; ++k) {
    const Tokens m = test::sequence(test::random_alphabet(random, 8), random.integer(1, 40));
    const Budget budget = make_budget("kl", k == 0 ? 0 : 6 * random.uniform(), m);
    std::optional<Solved<Tokens>> solved;
    (void)evaluate(m, budget, [&](auto& base, auto& at_budget, auto& best) {
      solved = Solved<Tokens>{base, at_budget, best};
    });
    REQUIRE(solved);
    const LawCurves alone = law_curves(m, budget, 60);
    const LawCurves after = law_curves(m, *solved, 60);
    INFO(k);
    for (const auto& [a, b] : {std::pair{&alone.base, &after.base}, std::pair{&alone.kl_rl, &after.kl_rl},
                               std::pair{&alone.best_of_n, &after.best_of_n}}) {
      CHECK(a->x == b->x);
      CHECK(a->mass == b->mass);
      CHECK(a->density == b->density);
      CHECK(a->mean == b->mean);
      CHECK(a->sd == b->sd);
    }
  }
}
