#include "numerics/double_double.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

TEST_CASE("double-double: exp and log are inverse to 30 digits, and products exact to 106 bits") {
  for (const double x : {-300.0, -1.25, 1e-9, 0.3, 2.0, 600.0}) {
    const DoubleDouble back = log(exp(DoubleDouble(x)));
    CHECK_THAT((back - DoubleDouble(x)).value(), WithinAbs(0, 1e-29 * std::max(1.0, std::fabs(x))));
  }
  const DoubleDouble third = DoubleDouble(1) / DoubleDouble(3);
  CHECK_THAT((third * DoubleDouble(3) - DoubleDouble(1)).value(), WithinAbs(0, 1e-31));
  CHECK_THAT((log1p(DoubleDouble(1e-20)) - DoubleDouble(1e-20)).value(), WithinRel(-5e-41, 1e-10));
  CHECK(from_integer(9007199254740993).lo + from_integer(9007199254740993).hi == 9007199254740992.0);
  CHECK((from_integer(9007199254740993) - from_integer(9007199254740992)).value() == 1);
}
