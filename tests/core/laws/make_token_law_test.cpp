#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "error.hpp"
#include "laws/token_law.hpp"
#include "numerics/decimal.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::Contains;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

TokenLaw token(const std::vector<double>& p, const std::vector<double>& reward, const std::vector<double>& gold = {},
               std::vector<std::size_t>* level = nullptr) {
  return make_token_law(p, reward, gold, false, "model.outcomes", 1, level);
}

double reward_of(const TokenLaw& law, std::size_t i) {
  return std::ldexp((law.base + law.unit * law.step[i]).value(), law.exponent);
}

}  // namespace

TEST_CASE("tokens of equal reward are one level with the mean of their gold, and of probability 0 there is none") {
  std::vector<std::size_t> level;
  const TokenLaw law = token({0.1, 0.2, 0.3, 0, 0.4}, {2, -1, 2, 7, 0.5}, {4, 9, 8, 1, -2}, &level);
  REQUIRE(law.size() == 3);
  CHECK(reward_of(law, 0) == -1);
  CHECK(reward_of(law, 1) == 0.5);
  CHECK(reward_of(law, 2) == 2);
  CHECK_THAT(law.p[2], WithinRel(0.4, 1e-15));
  CHECK_THAT(law.log_p[0], WithinRel(std::log(0.2), 1e-15));
  CHECK_THAT(law.gold[2], WithinRel((0.1 * 4 + 0.3 * 8) / 0.4, 1e-14));
  CHECK(law.gold[0] == 9);
  REQUIRE(level.size() == 5);
  CHECK(level[0] == 2);
  CHECK(level[1] == 0);
  CHECK(level[2] == 2);
  CHECK(level[4] == 1);
}

TEST_CASE("counts are shares of their sum, probabilities are renormalised") {
  const TokenLaw counted = make_token_law(std::vector<double>{3, 1, 4}, std::vector<double>{0, 1, 2}, {}, true, "x");
  CHECK(counted.p[0] == 0.375);
  CHECK(counted.p[2] == 0.5);
  const TokenLaw near = token({0.5, 0.5000005}, {0, 1});
  CHECK_THAT(near.p[0] + near.p[1], WithinAbs(1, 1e-16));
  CHECK_THAT(near.p[1] / near.p[0], WithinRel(1.000001, 1e-15));
}

TEST_CASE("rewards that share a decimal lattice are integers on the coarsest, with no common divisor") {
  test::Random random(3);
  for (int i = 0; i < 100; ++i) {
    const test::Alphabet a = test::random_alphabet(random, 8);
    const TokenLaw law = token(a.p, a.reward);
    INFO(i);
    REQUIRE(law.lattice.size() == law.size());
    CHECK(law.lattice.front() == 0);
    std::int64_t divisor = 0;
    for (std::size_t k = 0; k < law.size(); ++k) {
      divisor = std::gcd(divisor, law.lattice[k]);
      CHECK(law.position[k] == static_cast<double>(law.lattice[k]));
      CHECK(law.drop[k] == static_cast<double>(law.lattice.back() - law.lattice[k]));
    }
    if (law.size() > 1) CHECK(divisor == 1);
  }
}

TEST_CASE("without one they are shares of their range, and two rewards are a lattice whatever they are") {
  const TokenLaw none = token({0.5, 0.3, 0.2}, {0.5, 1.9142135623730951, 3.5});
  CHECK(none.lattice.empty());
  CHECK_THAT(none.unit.value(), WithinRel(3, 1e-15));
  CHECK_THAT(none.position[1], WithinRel(1.4142135623730951 / 3, 1e-15));
  CHECK_THAT(none.position[1] + none.drop[1], WithinRel(1, 1e-15));
  CHECK_THAT(reward_of(none, 1), WithinRel(1.9142135623730951, 1e-15));
  const TokenLaw two = token({0.5, 0.5}, {0.1, 3.141592653589793});
  CHECK(two.lattice == std::vector<std::int64_t>{0, 1});
  CHECK_THAT(reward_of(two, 1), WithinRel(3.141592653589793, 1e-15));
}

TEST_CASE("extreme rewards are kept near 1 by a power of two, whose squares a double holds") {
  for (const double size : {1e-250, 1e-70, 1e70, 1e290}) {
    const TokenLaw law = token({0.2, 0.5, 0.3}, {-size, 0, 4 * size});
    INFO(size);
    CHECK(law.exponent != 0);
    const double unit = law.unit.value();
    CHECK(unit * unit > 1e-10);
    CHECK(unit * unit < 1e10);
    CHECK_THAT(reward_of(law, 0), WithinRel(-size, 1e-15));
    CHECK_THAT(reward_of(law, 2), WithinRel(4 * size, 1e-15));
  }
  CHECK(token({0.5, 0.5}, {-1e50, 1e-50}).exponent == 0);
}

TEST_CASE("the logarithm of a probability has the digits of what it lacks of 1") {
  CHECK_THAT(log_probability(DoubleDouble(1) - DoubleDouble(1e-25)), WithinRel(-1e-25, 1e-6));
  CHECK_THAT(log_probability(0.25), WithinRel(-std::log(4.0), 1e-15));
  CHECK_THAT(log_probability(1e-300), WithinRel(-300 * std::log(10.0), 1e-15));
}

TEST_CASE("bad tokens are refused by field, value and rule") {
  CHECK_THROWS_WITH(token({0.5, -0.2, 0.7}, {0, 1, 2}), "model.outcomes[1].p: -0.2 is not in [0, 1]");
  CHECK_THROWS_WITH(token({0.5, 0.4}, {0, 1}), Contains("model.outcomes: probabilities sum to 0.9"));
  CHECK_THROWS_AS(token({}, {}), InputError);
  CHECK_THROWS_WITH(token({0.5, 0.5}, {0, HUGE_VAL}), Contains("model.outcomes[1].reward: "));
  CHECK_THROWS_WITH(token({0.5, 0.5}, {0, 1}, {2e300, 0}), Contains("model.outcomes[0].gold: "));
  CHECK_THROWS_WITH(make_token_law(std::vector<double>{1, NAN}, std::vector<double>{0, 1}, {}, true, "model.tokens"),
                    Contains("model.tokens[1].p: ") && Contains("is not a count"));
  CHECK_THROWS_WITH(make_token_law(std::vector<double>{0, 0}, std::vector<double>{0, 1}, {}, true, "model.tokens"),
                    "model.tokens: all weights are 0");
}

TEST_CASE("a reward may be as far out as sums of so many tokens are told apart, and no farther") {
  const auto far = [](double reward, double length) {
    return make_token_law(std::vector<double>{0.5, 0.3, 0.2}, std::vector<double>{0, 1, reward}, {}, false,
                          "model.tokens", length);
  };
  CHECK_NOTHROW(far(1.9e30, 1));
  CHECK_NOTHROW(far(2.1e30, 1));
  CHECK_THROWS_WITH(far(-2.1e30, 1), Contains("model.tokens[2].reward: -2.1e+30 is too far out"));
  CHECK_THROWS_WITH(far(1.1e30, 2), Contains("model.tokens[2].reward: 1.1e+30 is too far out"));
  CHECK_NOTHROW(far(1.9e27, 1000));
  CHECK_THROWS_WITH(far(-2.1e27, 1000), Contains("2e+30 / length times their smallest difference"));
}

TEST_CASE("the reflected law is that of -r, and reflected once more the law itself") {
  test::Random random(5);
  for (int i = 0; i < 60; ++i) {
    test::Alphabet a = test::random_alphabet(random, 7);
    if (i % 3 == 0) a.reward.back() += std::sqrt(2.0);
    const TokenLaw law = token(a.p, a.reward);
    std::vector<double> minus;
    for (const double r : a.reward) minus.push_back(-r);
    const TokenLaw wanted = token(a.p, minus);
    const TokenLaw once = reflected(law);
    const TokenLaw twice = reflected(once);
    INFO(i);
    REQUIRE(once.size() == wanted.size());
    CHECK(twice.lattice == law.lattice);
    CHECK(once.lattice == wanted.lattice);
    for (std::size_t k = 0; k < law.size(); ++k) {
      CHECK_THAT(reward_of(once, k), WithinAbs(reward_of(wanted, k), 1e-14 * 20));
      CHECK_THAT(once.p[k], WithinRel(wanted.p[k], 1e-15));
      CHECK_THAT(once.position[k], WithinAbs(wanted.position[k], 1e-15));
      CHECK_THAT(once.drop[k], WithinAbs(wanted.drop[k], 1e-15));
      CHECK(twice.p[k] == law.p[k]);
      CHECK_THAT(reward_of(twice, k), WithinAbs(reward_of(law, k), 1e-14 * 20));
    }
  }
}

TEST_CASE("a token under a tilt has the tilt's weights, and levels that these leave nothing of are gone") {
  const TokenLaw law = token({0.5, 0.3, 0.2}, {0, 1, 3});
  for (const double b : {-2.0, 0.7}) {
    const TokenLaw there = reweighted(law, b);
    const double z = 0.5 + 0.3 * std::exp(b) + 0.2 * std::exp(3 * b);
    REQUIRE(there.size() == 3);
    for (std::size_t k = 0; k < 3; ++k) {
      const double wanted = law.p[k] * std::exp(b * law.position[k]) / z;
      CHECK_THAT(there.p[k], WithinRel(wanted, 1e-14));
      CHECK_THAT(there.log_p[k], WithinAbs(std::log(wanted), 1e-14));
    }
  }
  // e^-900 is nothing: the level 0 is left out, the others keep their rewards.
  const TokenLaw steep = reweighted(token({0.5, 0.3, 0.2}, {0, 900, 901}), 1);
  REQUIRE(steep.size() == 2);
  CHECK(reward_of(steep, 0) == 900);
  CHECK(reward_of(steep, 1) == 901);
  CHECK(steep.lattice == std::vector<std::int64_t>{0, 1});
  CHECK(steep.drop.front() == 1);
}

TEST_CASE("rewards moved to a lattice keep their mean, each within the bound that is stated") {
  test::Random random(6);
  for (int i = 0; i < 60; ++i) {
    test::Alphabet a = test::random_alphabet(random, 7);
    a.p.push_back(0.25);
    a.reward.push_back(std::sqrt(2.0) + random.uniform());
    for (double& p : a.p) p /= 1.25;
    const TokenLaw law = token(a.p, a.reward);
    const auto intervals = random.integer(1, 40);
    const std::vector<double> weights = tilted(law, 0.8 / law.position.back());
    const TokenLaw moved = on_rounded_lattice(law, weights, intervals);
    INFO(i << " intervals " << intervals);
    CHECK(moved.lattice.front() == 0);
    CHECK(moved.lattice.back() == intervals);
    // Half a step, and as much for the shift that holds the mean.
    const double range = (law.unit * law.step.back()).value();
    CHECK(moved.rounding <= range / static_cast<double>(intervals) * (1 + 1e-12));
    double before = 0;
    double after = 0;
    for (std::size_t k = 0; k < law.size(); ++k) {
      const double here = reward_of(law, k);
      // To the nearest level of the lattice.
      const auto step =
          static_cast<double>(std::llround(law.position[k] / law.position.back() * static_cast<double>(intervals)));
      const double there = (moved.base + moved.unit * DoubleDouble(step)).value();
      before += weights[k] * here;
      after += weights[k] * there;
      CHECK(std::fabs(there - here) <= moved.rounding * (1 + 1e-12));
    }
    CHECK_THAT(after, WithinAbs(before, 1e-13 * range));
    CHECK_THAT(std::accumulate(moved.p.begin(), moved.p.end(), 0.0), WithinAbs(1, 1e-14));
  }
}

TEST_CASE("steps so unequal that a double loses one from the other end are told by their smallest") {
  CHECK(least_step(token({0.5, 0.3, 0.2}, {0, 1, 3})) == 1);
  CHECK(least_step(token({0.5, 0.3, 0.2}, {0, 2, 3})) == 1);
  CHECK(std::isinf(least_step(token({1}, {4}))));
  CHECK(!is_far(token({0.5, 0.3, 0.2}, {0, 1, 9e6})));
  CHECK(is_far(token({0.5, 0.3, 0.2}, {0, 1, 1.1e7})));
  CHECK(is_far(token({0.5, 0.3, 0.2}, {0, 1.1e7 - 1, 1.1e7})));
}

TEST_CASE("a KL from the heaviest level is the sum that defines it, also where a far reward hardly occurs") {
  const TokenLaw law = token({0.5, 0.3, 0.2}, {0, 1, 3});
  for (const double b : {0.01, 0.5, 3.0}) {
    const double more = 0.3 * std::expm1(b) + 0.2 * std::expm1(3 * b);
    const double mean = (0.3 * std::exp(b) + 0.6 * std::exp(3 * b)) / (1 + more);
    CHECK_THAT(kl_from_heaviest(law, b, -1), WithinRel(b * mean - std::log1p(more), 1e-12));
  }
  // Of two levels, all but 1e-18 at the upper: what a tilt takes from the lower is all there is, and its KL is
  // -log(1 - p) - p e^-y (y + 1) + ..., p to first order: p (1 - e^-y (1 + y)), y the tilt times the way.
  const TokenLaw rare = token({1e-18, 1}, {-1e9, 0});
  for (const double y : {0.5, 2.0, 30.0}) {
    const double b = y / rare.position.back();
    CHECK_THAT(kl_from_heaviest(rare, b, -1), WithinRel(1e-18 * (1 - std::exp(-y) * (1 + y)), 1e-12));
  }
  CHECK(kl_from_heaviest(law, 1e300, 7) == 7);
}

TEST_CASE("levels of a long list have the digits of a short one's") {
  test::Random random(44);
  std::vector<double> p, rewards;
  for (int i = 0; i < 3000; ++i) {
    p.push_back(random.uniform());
    rewards.push_back(i + random.uniform());
  }
  const TokenLaw law = make_token_law(p, rewards, {}, true, "model.tokens");
  REQUIRE(law.size() == 3000);
  DoubleDouble total = 0;
  for (const double each : p) total += decimal_value(each);
  const DoubleDouble low = decimal_value(rewards.front());
  const DoubleDouble range = decimal_value(rewards.back()) - low;
  DoubleDouble sum = 0;
  for (std::size_t i = 0; i < law.size(); ++i) {
    const DoubleDouble step = (decimal_value(rewards[i]) - low) / range;
    const DoubleDouble share = decimal_value(p[i]) / total;
    CHECK(std::fabs((law.step[i] - step).value()) <= 4e-32);
    CHECK(std::fabs((law.below_top[i] - (DoubleDouble(1) - step)).value()) <= 4e-32);
    CHECK(std::fabs((law.probability[i] - share).value()) <= 4e-32 * share.value());
    CHECK(law.gold[i] == 0);
    sum += law.probability[i];
  }
  CHECK(std::fabs((sum - DoubleDouble(1)).value()) < 1e-30);
  CHECK((law.step.back() - DoubleDouble(1)).value() == 0);
  CHECK((law.below_top.front() - DoubleDouble(1)).value() == 0);
}
