#include "laws/reward_law.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "models/tokens.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;

TEST_CASE("a refined law has all lattice points, its masses and tails, and nothing that is not a number") {
  for (const std::int64_t length : {6963, 20371}) {
    for (const double depth : {0.5, 1.0, 6.0}) {
      const Tokens m = test::sequence({{0.5, 0.3, 0.2}, {0, 1, 3}}, length);
      const BestOfNLaw laid =
          best_of_n_law(m, depth, solve_tilt(m.token, DoubleDouble(depth) / from_integer(m.length)));
      REQUIRE(laid.law.stride > 1);
      const RewardLaw fine = refined(laid.law, 1e5);
      CHECK(fine.stride == 1);
      double mass = 0;
      for (std::size_t j = fine.size(); j-- > 0;) {
        INFO(length << " " << depth << " " << j);
        REQUIRE(!std::isnan(fine.log_mass[j]));
        REQUIRE(fine.log_above[j] < 1e300);
        // The tail is the sum of the masses above, to what interpolation leaves.
        if (mass > 1e-9) REQUIRE_THAT(fine.log_above[j], WithinAbs(std::log(mass), 1e-6));
        mass += std::exp(fine.log_mass[j]);
      }
    }
  }
}
