#include "report/statements/near_policies.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;

namespace {
const test::Alphabet three{{0.5, 0.3, 0.2}, {0, 1, 3}};
Budget rate(const Tokens& m, double delta) { return make_budget("kl_per_token", delta, m); }
}  // namespace

TEST_CASE("no policy near the optimum crosses the bound, and the identity holds to 1e-12") {
  test::Random random(32);
  for (int k = 0; k < 20; ++k) {
    const Tokens m = test::sequence(test::random_alphabet(random, 6), 20);
    const Budget budget = rate(m, 0.5 * random.uniform() * kl_max(m.token).value());
    const auto near = near_policies(m, budget, 7, 60);
    for (const NearPolicy& p : *near) {
      CHECK_THAT(p.identity, WithinAbs(p.kl_to_optimum, 1e-12 * std::max(1.0, p.kl)));
      CHECK(p.kl_to_optimum <= p.bound + 1e-12);
    }
    const NearPolicy optimum = bent_policy(m, budget, 0, 0).value();
    CHECK_THAT(optimum.kl_to_optimum, WithinAbs(0, 1e-14));
    CHECK_THAT(optimum.kl_slack, WithinAbs(0, 1e-12));
    // Along the tilt itself the policy leaves the budget or the reward, but stays on the optimum's curve.
    const NearPolicy less = bent_policy(m, budget, -0.05, 0).value();
    if (m.token.size() > 1) CHECK(less.kl_to_optimum > 0);
  }
}

TEST_CASE("near policies come from the seed") {
  const Tokens m = test::sequence(three, 10);
  const auto a = near_policies(m, rate(m, 0.2), 1, 10).value();
  CHECK(a[3].reward == (*near_policies(m, rate(m, 0.2), 1, 10))[3].reward);
  CHECK(a[3].reward != (*near_policies(m, rate(m, 0.2), 2, 10))[3].reward);
}

TEST_CASE("a bent policy is the optimum times e^(tilt z + bend z^2 / (1 + z^2))") {
  const Tokens m = test::sequence(three, 10);
  const double a = solve_tilt(m.token, 0.2).b;
  // Of the base, mean .9 and variance 2.1 - .81
  const double sd = std::sqrt(1.29);
  std::vector<double> w;
  double total = 0;
  for (std::size_t k = 0; k < 3; ++k) {
    const double z = (three.reward[k] - 0.9) / sd;
    w.push_back(three.p[k] * std::exp(a * three.reward[k] + 0.3 * z - 0.7 * z * z / (1 + z * z)));
    total += w.back();
  }
  double reward = 0;
  double kl = 0;
  for (std::size_t k = 0; k < 3; ++k) {
    reward += w[k] / total * three.reward[k];
    kl += w[k] / total * std::log(w[k] / total / three.p[k]);
  }
  const NearPolicy found = bent_policy(m, rate(m, 0.2), 0.3, -0.7).value();
  CHECK_THAT(found.reward, WithinAbs(reward, 1e-13));
  CHECK_THAT(found.kl, WithinAbs(kl, 1e-13));
  CHECK_THAT(found.kl_slack, WithinAbs(kl - 0.2, 1e-13));
}

TEST_CASE("nothing is near an optimum that is saturated, nor bent out of range") {
  const Tokens m = test::sequence(three, 10);
  CHECK(near_policies(m, rate(m, 5), 1, 10)->empty());
  CHECK_THROWS_WITH(bent_policy(m, rate(m, 5), 0, 0), Catch::Contains("budget: is past saturation"));
  CHECK_THROWS_WITH(bent_policy(m, rate(m, 0.2), 0, 101), "near: 0, 101 are not in [-100, 100]");
}
