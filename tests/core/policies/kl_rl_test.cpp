#include "policies/kl_rl.hpp"

#include <catch2/catch.hpp>

#include "laws/finite.hpp"
#include "numerics/log_domain.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

TEST_CASE("the tilt's masses are those of the base times e^(b offset), normalised") {
  test::Random random(11);
  for (int i = 0; i < 50; ++i) {
    const Tokens m = test::finite(test::random_alphabet(random, 9));
    const RewardLaw law = finite_law(m.token);
    const double b = 3 * random.uniform();
    const Policy policy = kl_rl(law, b);
    double total = 0;
    for (std::size_t j = 0; j < law.size(); ++j) total += m.token.p[j] * std::exp(b * m.token.position[j]);
    for (std::size_t j = 0; j < law.size(); ++j)
      CHECK_THAT(policy.mass[j], WithinRel(m.token.p[j] * std::exp(b * m.token.position[j]) / total, 1e-12));
  }
}

TEST_CASE("no tilt leaves the base, an infinite one its largest reward alone") {
  const RewardLaw law = finite_law(test::finite({{0.5, 0.3, 0.2}, {0, 1, 3}}).token);
  const Policy base = kl_rl(law, 0);
  CHECK_THAT(base.mass[0], WithinRel(0.5, 1e-15));
  CHECK_THAT(base.mass[2], WithinRel(0.2, 1e-15));
  const Policy top = kl_rl(law, infinity);
  CHECK(top.mass[0] == 0);
  CHECK(top.mass[1] == 0);
  CHECK(top.mass[2] == 1);
  CHECK_THAT(metrics(law, top).kl, WithinRel(-std::log(0.2), 1e-15));
}

TEST_CASE("of all policies of its KL the tilt has the largest mean") {
  test::Random random(5);
  const Tokens m = test::finite({{0.4, 0.3, 0.2, 0.1}, {0, 1, 2, 5}});
  const RewardLaw law = finite_law(m.token);
  const Metrics tilt = metrics(law, kl_rl(law, 0.4));
  for (int i = 0; i < 2000; ++i) {
    Policy other;
    double total = 0;
    for (std::size_t j = 0; j < law.size(); ++j) other.mass.push_back(random.uniform());
    for (const double x : other.mass) total += x;
    for (std::size_t j = 0; j < law.size(); ++j) {
      other.mass[j] /= total;
      other.log_ratio.push_back(std::log(other.mass[j] / m.token.p[j]));
    }
    const Metrics of = metrics(law, other);
    if (of.kl <= tilt.kl) CHECK(of.offset.value() <= tilt.offset.value());
  }
}
