#include "error.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

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

TEST_CASE("numbers in messages are as printf writes the shortest that reads back") {
  std::uint64_t state = 3;
  for (int i = 0; i < 40000; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    const double mantissa = static_cast<double>(static_cast<std::int64_t>(state) >> 11);
    const int digits = static_cast<int>((state >> 5) % 18);
    const double x = std::ldexp(i % 2 == 0 ? mantissa : std::round(mantissa / std::pow(10, digits)),
                                i % 3 == 0 ? 0 : static_cast<int>((state >> 40) % 1600) - 850);
    if (!(std::fabs(x) < 1e280 && std::fabs(x) > 1e-280) || x == std::floor(x)) continue;
    char text[40];
    for (int count = 1; count <= 17; ++count) {
      std::snprintf(text, sizeof text, "%.*g", count, x);
      if (std::strtod(text, nullptr) == x) break;
    }
    CHECK(to_text(x) == text);
  }
}
