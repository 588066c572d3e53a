#include "numerics/special.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace tiltlab;
using Catch::Matchers::WithinRel;

TEST_CASE("digamma, trigamma and zeta take their known values, and their recurrences hold") {
  CHECK_THAT(digamma(1), WithinRel(-0.57721566490153286061, 1e-14));
  CHECK_THAT(digamma(0.5), WithinRel(-1.9635100260214234794, 1e-14));
  CHECK_THAT(trigamma(1), WithinRel(1.6449340668482264365, 1e-14));
  CHECK_THAT(zeta(2), WithinRel(1.6449340668482264365, 1e-15));
  CHECK_THAT(zeta(3), WithinRel(1.2020569031595942854, 1e-15));
  for (const double x : {1e-3, 0.7, 3.0, 40.0, 1e6}) {
    CHECK_THAT(digamma(x + 1) - 1 / x, WithinRel(digamma(x), 1e-12));
    CHECK_THAT(trigamma(x + 1) + 1 / (x * x), WithinRel(trigamma(x), 1e-12));
  }
}

TEST_CASE("what Stirling's formula leaves of log Gamma keeps its digits where the formula is nearly all") {
  const auto plain = [](double x) { return std::lgamma(x) - ((x - 0.5) * std::log(x) - x + 0.91893853320467274178); };
  for (const double x : {0.3, 1.0, 2.5, 7.0}) CHECK_THAT(stirling_rest(x), WithinRel(plain(x), 1e-12));
  for (const double x : {1e3, 1e8, 1e15}) {
    const double series = 1 / (12 * x) - 1 / (360 * x * x * x);
    CHECK_THAT(stirling_rest(x), WithinRel(series, 1e-12));
  }
}
