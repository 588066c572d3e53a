#include "numerics/roots.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "error.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

TEST_CASE("roots: to the last bits, and refusals name the search") {
  CHECK_THAT(bracketed_root([](double x) { return x * x - 2; }, 0, 2, "square"), WithinRel(std::sqrt(2.0), 1e-15));
  CHECK_THAT(positive_root([](double x) { return std::log(x) - 100; }, 1, "far"), WithinRel(std::exp(100.0), 1e-13));
  CHECK_THROWS_WITH(bracketed_root([](double x) { return x + 1; }, 0, 2, "KL-RL tilt"),
                    Catch::Contains("KL-RL tilt: no sign change"));
}
