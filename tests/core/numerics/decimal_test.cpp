#include "numerics/decimal.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

TEST_CASE("decimals mean what was written: 0.1 is one tenth, 17 digits included") {
  CHECK(shortest_decimal(0.1)->mantissa == 1);
  CHECK(shortest_decimal(0.1)->digits == 1);
  CHECK((decimal_value(0.1) * DoubleDouble(10) - DoubleDouble(1)).value() == Approx(0).margin(1e-31));
  // 5.9075529798957165 as written lies 1e-16 from the double that stores it.
  const DoubleDouble written = decimal_value(5.9075529798957165);
  CHECK(std::fabs((written - DoubleDouble(5.9075529798957165)).value()) > 1e-17);
  CHECK(std::fabs((written - DoubleDouble(5.9075529798957165)).value()) < 4.5e-16);
}

TEST_CASE("a common lattice is the coarsest that holds all rewards") {
  const double rewards[] = {-1.2, 2.5, 2.8, 3.8};
  const auto lattice = common_lattice(rewards, 1000);
  REQUIRE(lattice);
  CHECK(lattice->steps == std::vector<std::int64_t>{0, 37, 40, 50});
  CHECK_THAT(lattice->unit.value(), WithinRel(0.1, 1e-16));
  const double none[] = {0, 1, 1.41421356237};
  CHECK_FALSE(common_lattice(none, 1 << 22));
}
