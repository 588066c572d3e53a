#include "policies/top_quantile.hpp"

#include <catch2/catch.hpp>

#include "laws/finite.hpp"
#include "policies/registry.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

RewardLaw four() { return finite_law(test::finite({{0.4, 0.3, 0.2, 0.1}, {0, 1, 2, 5}}).token); }

}  // namespace

TEST_CASE("the best share of probability is kept, the level at its edge in part") {
  const Policy policy = top_quantile(four(), -std::log(0.2));
  CHECK(policy.mass[0] == 0);
  CHECK_THAT(policy.mass[1], WithinAbs(0, 1e-15));
  CHECK_THAT(policy.mass[2], WithinRel(0.5, 1e-14));
  CHECK_THAT(policy.mass[3], WithinRel(0.5, 1e-14));
  // Half of the level of .2, which is diluted, and all of .1.
  CHECK_THAT(metrics(four(), policy).kl, WithinRel(0.5 * std::log(2.5) + 0.5 * std::log(5.0), 1e-14));
}

TEST_CASE("all of it is the base, and next to none of it the largest reward") {
  const RewardLaw law = four();
  CHECK(metrics(law, top_quantile(law, 0)).kl == 0);
  for (const double tau : {0.05, 1e-100, 5e-324}) {
    INFO(tau);
    const Policy top = top_quantile(law, -std::log(tau));
    CHECK_THAT(top.mass[3], WithinRel(1, 1e-15));
    CHECK_THAT(metrics(law, top).kl, WithinRel(-std::log(0.1), 1e-14));
  }
}

TEST_CASE("a share between levels costs its logarithm") {
  for (const double tau : {0.1, 0.3, 0.6}) {
    INFO(tau);
    CHECK_THAT(metrics(four(), top_quantile(four(), -std::log(tau))).kl, WithinRel(-std::log(tau), 1e-13));
  }
}

TEST_CASE("a share by its KL comes back") {
  for (const double kl : {1e-6, 0.3, 1.0, 2.0}) {
    INFO(kl);
    const StrongPolicy by_kl = lay(four(), 1, {&top_quantile_kind, {}, kl});
    CHECK_THAT(metrics(four(), by_kl.policy).kl, WithinRel(kl, 1e-9));
    const StrongPolicy again = lay(four(), 1, {&top_quantile_kind, {by_kl.parameter, 0}});
    CHECK_THAT(metrics(four(), again.policy).kl, WithinRel(kl, 1e-7));
  }
}

TEST_CASE("the top quantile: the base above it, the level at the edge in part") {
  test::Random random(52);
  for (int k = 0; k < 30; ++k) {
    const Tokens m = test::finite(test::random_alphabet(random, 7));
    const RewardLaw law = finite_law(m.token);
    const std::vector<double>& p = m.token.p;
    for (const double tau : {1.0, 0.7, 0.2, 1e-3}) {
      const Policy policy = top_quantile(law, -std::log(tau));
      double above = 0;
      double total = 0;
      for (std::size_t j = p.size(); j-- > 0;) {
        CHECK_THAT(policy.mass[j], WithinAbs(std::max(0.0, std::min(p[j], tau - above)) / tau, 1e-13));
        above += p[j];
        total += policy.mass[j];
      }
      CHECK_THAT(total, WithinAbs(1, 1e-13));
      CHECK(metrics(law, policy).kl <= -std::log(tau) + 1e-14);
    }
  }
}
