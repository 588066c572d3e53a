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

TEST_CASE("a root beside an infinite slope, or of a step, is found by halving") {
  const auto cliff = [](double x) { return x > 0 ? 1 - 1e-3 / std::sqrt(x) : -HUGE_VAL; };
  CHECK_THAT(bracketed_root(cliff, -1, 40, "a cliff"), WithinRel(1e-6, 1e-12));
  CHECK_THAT(bracketed_root([](double x) { return x < 0.3 ? -1.0 : 1.0; }, 0, 1, "a step"), WithinAbs(0.3, 1e-15));
  CHECK_THROWS_WITH(bracketed_root([](double x) { return x < 0.3   ? -1.0
                                                         : x > 0.6 ? 1.0
                                                                   : NAN; }, 0, 1, "nothing"),
                    Catch::Contains("nothing: the root search did not converge"));
}
