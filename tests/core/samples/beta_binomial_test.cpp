#include "samples/beta_binomial.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using tiltlab::test::Random;

namespace {

/** Beta(1/2, 1) is the square of a uniform variate. */
std::vector<RightOf> drawn(std::size_t prompts, double drafts, Random& random) {
  std::vector<RightOf> out;
  for (std::size_t k = 0; k < prompts; ++k) {
    const double u = random.uniform();
    RightOf prompt{0, drafts};
    for (double i = 0; i < drafts; ++i) prompt.right += random.uniform() < u * u ? 1 : 0;
    out.push_back(prompt);
  }
  return out;
}

/** 1 - B(1/2, 1 + k) / B(1/2, 1). */
double exact(double k) { return 1 - std::exp(std::lgamma(1 + k) + std::lgamma(1.5) - std::lgamma(1.5 + k)); }

}  // namespace

TEST_CASE("pass@k of Beta(.3, 3)") {
  const BetaBinomial law(.3, 3);
  CHECK_THAT(law.pass_at(1), WithinAbs(.090909, 5e-7));
  CHECK_THAT(law.pass_at(100), WithinAbs(.665610, 5e-7));
  CHECK_THAT(law.pass_at(1e4), WithinAbs(.915350, 5e-7));
  CHECK_FALSE(law.interval(10));
}

TEST_CASE("what is missed falls like k^-alpha") {
  const BetaBinomial law(.3, 3);
  CHECK_THAT((1 - law.pass_at(2e8)) / (1 - law.pass_at(1e8)), WithinRel(std::pow(2, -.3), 1e-6));
}

TEST_CASE("a fit finds the law that the prompts were drawn from") {
  Random random(2);
  const auto found = BetaBinomial::fitted(drawn(4000, 20, random));
  REQUIRE(found);
  CHECK_THAT(found->alpha(), WithinRel(.5, .08));
  CHECK_THAT(found->beta(), WithinRel(1, .08));
  CHECK_THAT(found->pass_at(1000), WithinAbs(exact(1000), .01));
}

TEST_CASE("at the fit the likelihood is flat") {
  Random random(7);
  const auto prompts = drawn(60, 12, random);
  const auto found = BetaBinomial::fitted(prompts);
  REQUIRE(found);
  const auto value = [&](double alpha, double beta) {
    double sum = 0;
    for (const auto& [right, drafts] : prompts)
      sum += std::lgamma(alpha + right) - std::lgamma(alpha) + std::lgamma(beta + drafts - right) - std::lgamma(beta) -
             std::lgamma(alpha + beta + drafts) + std::lgamma(alpha + beta);
    return sum;
  };
  const double top = value(found->alpha(), found->beta());
  for (const double a : {.99, 1., 1.01})
    for (const double b : {.99, 1., 1.01}) CHECK(value(a * found->alpha(), b * found->beta()) <= top + 1e-9);
}

TEST_CASE("what drafts do not fix is refused") {
  Random random(3);
  CHECK_FALSE(BetaBinomial::fitted(drawn(9, 100, random)));
  CHECK_FALSE(BetaBinomial::fitted(std::vector<RightOf>(50, {0, 10})));
  CHECK_FALSE(BetaBinomial::fitted(std::vector<RightOf>(50, {10, 10})));
  // All prompts alike: no Beta law is wide enough to be told from a point.
  CHECK_FALSE(BetaBinomial::fitted(std::vector<RightOf>(50, {5, 10})));
  // One draft a prompt tells a mean and nothing of the spread.
  CHECK_FALSE(BetaBinomial::fitted(drawn(200, 1, random)));
}

TEST_CASE("19 in 20 intervals hold pass@k far past what was drawn", "[coverage]") {
  for (const double k : {100., 1000., 10000.}) {
    Random random(static_cast<std::uint64_t>(k));
    constexpr int runs = 400;
    int held = 0;
    for (int run = 0; run < runs; ++run) {
      const auto fit = BetaBinomial::fitted(drawn(150, 40, random));
      REQUIRE(fit);
      const auto interval = *fit->interval(k);
      held += interval.low <= exact(k) && exact(k) <= interval.high;
    }
    INFO("k = " << k);
    CHECK(held > .92 * runs);
    CHECK(held < .98 * runs);
  }
}
