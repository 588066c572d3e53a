#include "policies/win_rate_tilt.hpp"

#include <catch2/catch.hpp>

#include "laws/finite.hpp"
#include "numerics/log_domain.hpp"
#include "policies/best_of_n.hpp"
#include "policies/registry.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

TEST_CASE("the tilt of the win rate weighs each level by e^(c w)") {
  test::Random random(3);
  for (int i = 0; i < 50; ++i) {
    const Tokens m = test::finite(test::random_alphabet(random, 9));
    const RewardLaw law = finite_law(m.token);
    const double c = 8 * random.uniform();
    std::vector<double> weight;
    double below = 0;
    double total = 0;
    for (const double p : m.token.p) {
      weight.push_back(p * std::exp(c * (below + p / 2)));
      total += weight.back();
      below += p;
    }
    const Policy policy = win_rate_tilt(law, std::log(c));
    for (std::size_t j = 0; j < law.size(); ++j) CHECK_THAT(policy.mass[j], WithinRel(weight[j] / total, 1e-12));
  }
}

TEST_CASE("no c is the base, and it has the largest win rate of its KL") {
  const RewardLaw law = finite_law(test::finite({{0.4, 0.3, 0.2, 0.1}, {0, 1, 2, 5}}).token);
  CHECK_THAT(metrics(law, win_rate_tilt(law, -infinity)).kl, WithinAbs(0, 1e-15));
  for (const double n : {1.5, 4.0, 30.0}) {
    INFO(n);
    const Metrics best = metrics(law, best_of_n(law, DoubleDouble(std::log(n))));
    const StrongPolicy tilt = lay(law, 1, {&win_rate_tilt_kind, {}, best.kl});
    CHECK(metrics(law, tilt.policy).win_rate >= best.win_rate - 1e-12);
  }
}

TEST_CASE("on many levels it is the continuous one: .803996 of wins at best-of-4's KL") {
  // Theory of ranks: WR = ((c - 1) e^c + 1) / (c (e^c - 1)), KL = c WR - log((e^c - 1) / c).
  const std::size_t size = 4000;
  test::Alphabet fine;
  for (std::size_t i = 0; i < size; ++i) {
    fine.p.push_back(1.0 / static_cast<double>(size));
    fine.reward.push_back(static_cast<double>(i));
  }
  const RewardLaw law = finite_law(test::finite(fine).token);
  const StrongPolicy tilt = lay(law, 1, {&win_rate_tilt_kind, {}, 0.636294});
  CHECK_THAT(tilt.parameter, WithinAbs(4.91691, 2e-4));
  CHECK_THAT(metrics(law, tilt.policy).win_rate, WithinAbs(0.803996, 2e-6));
}
