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

TEST_CASE("the win-rate tilt: its definition, the largest win rate at its KL, both ends") {
  test::Random random(51);
  for (int k = 0; k < 30; ++k) {
    const Tokens m = test::finite(test::random_alphabet(random, 7));
    const RewardLaw law = finite_law(m.token);
    const std::vector<double>& p = m.token.p;
    for (const double c : {1e-6, 0.3, 2.0, 40.0}) {
      const Policy policy = win_rate_tilt(law, std::log(c));
      double sum = 0;
      double below = 0;
      std::vector<double> w;
      for (const double x : p) {
        w.push_back(x * std::exp(c * (below + x / 2 - 1)));
        sum += w.back();
        below += x;
      }
      for (std::size_t j = 0; j < p.size(); ++j) CHECK_THAT(policy.mass[j], WithinRel(w[j] / sum, 1e-11));
      const Metrics of = metrics(law, policy);
      // No best-of-N of the same KL wins more often.
      if (!(of.kl > 1e-9)) continue;
      double lo = 0;
      double hi = 60;
      for (int i = 0; i < 80; ++i) (metrics(law, best_of_n(law, (lo + hi) / 2)).kl < of.kl ? lo : hi) = (lo + hi) / 2;
      const Metrics best = metrics(law, best_of_n(law, lo));
      if (best.kl > (1 - 1e-9) * of.kl) CHECK(best.win_rate <= of.win_rate + 1e-9);
    }
    CHECK_THAT(metrics(law, win_rate_tilt(law, -HUGE_VAL)).kl, WithinAbs(0, 1e-15));
    CHECK_THAT(win_rate_tilt(law, 40).mass.back(), WithinRel(1.0, 1e-9));
  }
}
