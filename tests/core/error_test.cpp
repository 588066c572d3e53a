#include "error.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

TEST_CASE("numbers in messages are short and plain") {
  CHECK(to_text(0.1) == "0.1");
  CHECK(to_text(1e6) == "1000000");
  CHECK(to_text(-0.2) == "-0.2");
  CHECK(to_text(1e300) == "1e+300");
  CHECK(to_text(5e-324).starts_with("4.94065645841"));
}
