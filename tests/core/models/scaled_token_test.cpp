#include "models/scaled_token.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {
const test::Alphabet three{{0.5, 0.3, 0.2}, {0, 1, 3}};
double lambda(double a) { return std::log(0.5 + 0.3 * std::exp(a) + 0.2 * std::exp(3 * a)); }
double mean(double a) { return (0.3 * std::exp(a) + 0.6 * std::exp(3 * a)) / std::exp(lambda(a)); }
}  // namespace

TEST_CASE("a scaled token has the growth of its sums") {
  const Tokens m = test::sequence(three, 160);
  const ScaledToken t(m, make_budget("kl_per_token", 0.2, m));
  // Known to 60 digits.
  CHECK_THAT(t.alpha(t.b()), WithinRel(0.49439128786576, 1e-13));
  CHECK_THAT(t.reward(t.mean()), WithinRel(1.674109841505894, 1e-14));
  const double a = t.alpha(t.b());
  for (const double x : {-0.7, 0.3, a, 1.4}) {
    const double b = x / t.alpha(1);
    CHECK_THAT(t.lambda(b), WithinAbs(lambda(x), 1e-14));
    CHECK_THAT(t.mean_log(x), WithinRel(lambda(x) / x, 1e-13));
    CHECK_THAT(t.best_of_n_lambda(b), WithinAbs(x <= a ? x * mean(a) : lambda(x) + 0.2, 1e-13));
  }
  CHECK_THAT(t.reverse_exponent(), WithinRel(0.2 + 2 * lambda(a / 2) - lambda(a), 1e-12));
  CHECK_THAT(t.reverse_kl(), WithinRel(lambda(a) - a * 0.9, 1e-12));
  CHECK_THAT(t.next_nat(t.b()), WithinRel(1 / a, 1e-14));
}

TEST_CASE("weights of the optimum, left as they are, are the optimum") {
  const Tokens m = test::sequence(three, 10);
  const ScaledToken t(m, make_budget("kl_per_token", 0.2, m));
  const WeighedSteps same = t.weighed({});
  CHECK_THAT(same.kl, WithinAbs(0.2, 1e-14));
  CHECK_THAT(same.kl_to_optimum, WithinAbs(0, 1e-15));
  CHECK_THAT((same.mean - t.mean()).value(), WithinAbs(0, 1e-14));
  // Weighed once more by e^(b step), they are the tilt by 2 b.
  std::vector<double> more;
  for (const double x : m.token.position) more.push_back(t.b() * x);
  CHECK_THAT(t.weighed(more).mean.value(), WithinAbs(mean(2 * t.b()), 1e-13));
}

TEST_CASE("listed sums of tokens count from the least, in steps of a token") {
  const Tokens m = test::sequence({{0.5, 0.5}, {2, 2.5}}, 6);
  const ScaledToken t(m, make_budget("kl_per_token", 0.1, m));
  CHECK(longest_listed(m, 6) == 6);
  const ListedSums sums = listed_sums(m, t, 4);
  REQUIRE(sums.law.size() == 5);
  for (std::size_t j = 0; j < 5; ++j)
    CHECK_THAT(sums.first + sums.unit * sums.law.offset[j], WithinAbs(static_cast<double>(j), 1e-14));
}

TEST_CASE("a share is told where best-of-N and the optimum gain anything that is known") {
  BestOfNOutcome bon;
  bon.kl = 1;
  CHECK(known_share(0.9, 1, 1, bon) == 0.9);
  CHECK(known_share(1.005, 1, 1, bon) == 1);
  CHECK(std::isnan(known_share(1.1, 1, 1, bon)));
  CHECK(std::isnan(known_share(1e-30, 1e-30, 1, bon)));
  bon.errors.kl = 0.02;
  CHECK(std::isnan(known_share(0.9, 1, 1, bon)));
}
