#include "simulation/interval.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "report/simulated.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

TEST_CASE("an interval stays honest where nothing rare was seen, and says nothing false where nothing can vary") {
  // 300 replicates of 0, where 100 comes once in 10,000: 3.69 more would go unseen with probability 1/40.
  const Shape rare{{0, 100}, {0.9999, 1e-4}, 1};
  const Interval none = mean_interval(0, 0, 300, rare);
  CHECK(none.low == 0);
  CHECK_THAT(none.high, WithinRel(100 * -std::expm1(-3.6888794541139363 / 300), 1e-9));
  // One replicate says what it can.
  const Interval one = mean_interval(100, 10000, 1, rare);
  CHECK(one.high == 100);
  CHECK_THAT(one.low, WithinRel(100 * std::exp(-3.6888794541139363), 1e-9));
  const Interval constant = mean_interval(21, 63, 7, {{3}, {1}, 1});
  CHECK(constant.low == 3);
  CHECK(constant.high == 3);
  // Where the normal law is right, its interval with the aim of 27 in 28.
  const Interval normal = mean_interval(0, 10000, 10000, {{-1, 1}, {0.5, 0.5}, 1});
  CHECK_THAT(normal.high, WithinRel(0.021, 1e-3));
  const Interval wins = rate_interval(1000, 1000, 1000);
  CHECK_THAT(wins.low, WithinAbs(1 - 3.3 / 1000, 5e-4));
  CHECK_THAT(wins.high, WithinAbs(1, 1e-12));
}
