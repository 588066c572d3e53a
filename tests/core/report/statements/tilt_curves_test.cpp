#include "report/statements/tilt_curves.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {
Budget rate(const Tokens& m, double delta) { return make_budget("kl_per_token", delta, m); }
}  // namespace

TEST_CASE("the dual function's minimum, found by a search, is the primal value, and is attained at the tilt") {
  test::Random random(31);
  for (int k = 0; k < 40; ++k) {
    const Tokens m = test::sequence(test::random_alphabet(random, 6), 20);
    const Budget budget = rate(m, 0.02 + 0.6 * random.uniform() * kl_max(m.token).value());
    if (m.token.size() == 1) continue;
    const TiltCurves c = tilt_curves(m, budget, 50);
    if (!std::isfinite(c.alpha)) continue;
    CHECK_THAT(c.dual_minimum, WithinRel(c.primal, 1e-10) || WithinAbs(c.primal, 1e-10));
    CHECK_THAT(c.dual_alpha, WithinRel(c.alpha, 1e-5));
    for (std::size_t i = 1; i < c.kl.size(); ++i) {
      CHECK(c.kl[i] >= c.kl[i - 1]);
      CHECK(c.dual[i] >= c.primal - 1e-10 * std::fabs(c.primal) - 1e-10);
      CHECK(c.reward[i] >= c.reward[i - 1] - 1e-12);
    }
    // R is concave: it lies under its tangent.
    const double slope = (c.tangent[3] - c.tangent[1]) / (c.tangent[2] - c.tangent[0]);
    CHECK_THAT(slope, WithinRel(1 / c.alpha, 1e-9));
    for (std::size_t i = 0; i < c.at_rate.size(); ++i)
      CHECK(c.reward[i] <= c.primal + slope * (c.at_rate[i] - c.rate) + 1e-9);
  }
}

TEST_CASE("along the tilts KL, dual function and best reward are what theory has for two rewards") {
  // Of rewards 0 and 1 a tilt has the mean q, and KL(q || p) is convex: R is its inverse.
  const double p = 0.3;
  const Tokens m = test::sequence({{1 - p, p}, {0, 1}}, 8);
  const TiltCurves c = tilt_curves(m, make_budget("kl_per_token", 0.25, m), 40);
  const auto log_mgf_of_token = [&](double a) { return std::log(1 - p + p * std::exp(a)); };
  for (std::size_t i = 0; i < c.at_alpha.size(); ++i) {
    const double a = c.at_alpha[i];
    const double q = p * std::exp(a) / (1 - p + p * std::exp(a));
    CHECK_THAT(c.kl[i], WithinAbs(a * q - log_mgf_of_token(a), 1e-13));
    if (a > 0) CHECK_THAT(c.dual[i], WithinRel((0.25 + log_mgf_of_token(a)) / a, 1e-12));
  }
  for (std::size_t i = 1; i < c.at_rate.size(); ++i) {
    const double q = c.reward[i];
    if (q < 1) CHECK_THAT(q * std::log(q / p) + (1 - q) * std::log((1 - q) / (1 - p)), WithinRel(c.at_rate[i], 1e-9));
  }
  CHECK_THAT(c.slope * c.alpha, WithinRel(1.0, 1e-14));
}
