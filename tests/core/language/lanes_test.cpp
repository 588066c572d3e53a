#include "language/lanes.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace tiltlab;

TEST_CASE("the larger and the smaller of four lanes, the first where one is none", "[language]") {
  const float none = std::nanf("");
  const lanes::Floats a{1, -2, none, 0};
  const lanes::Floats b{2, -3, 5, none};
  const auto larger = lanes::larger(a, b);
  const auto smaller = lanes::smaller(a, b);
  CHECK((larger[0] == 2 && larger[1] == -2 && std::isnan(larger[2]) && larger[3] == 0));
  CHECK((smaller[0] == 1 && smaller[1] == -3 && std::isnan(smaller[2]) && smaller[3] == 0));
  CHECK(lanes::sum(lanes::Floats{1, 1e8F, -1, -1e8F}) == 0);
  CHECK(lanes::largest(lanes::Floats{-4, -1, -3, -2}) == -1);
}

TEST_CASE("every byte is its float", "[language]") {
  for (int byte = -128; byte <= 127; ++byte) {
    std::int8_t bytes[8] = {};
    const int at = (byte + 128) % 8;
    bytes[at] = static_cast<std::int8_t>(byte);
    const auto found = lanes::from_bytes(bytes);
    for (int i = 0; i < 8; ++i) {
      const float each = i < 4 ? found.low[i] : found.high[i - 4];
      const float right = i == at ? static_cast<float>(byte) : 0;
      if (each != right || std::signbit(each) != std::signbit(right)) FAIL(byte << " at " << i);
    }
  }
}

TEST_CASE("four exponentials at once are right to two units in the last place of a float", "[language]") {
  double error = 0;
  for (int i = -87000; i <= 88000; i += 4) {
    const float x = static_cast<float>(i) / 1000;
    const auto found = lanes::exponential(lanes::Floats{x, x, 0, -1000});
    error = std::max(error, std::fabs(static_cast<double>(found[0]) / std::exp(static_cast<double>(x)) - 1));
    if (found[1] != found[0] || found[2] != 1) FAIL(x);
    if (found[3] != lanes::exponential(lanes::all(-87))[0]) FAIL(x);
  }
  CHECK(error < 0x1p-22);
  CHECK(std::isfinite(lanes::exponential(lanes::all(1e30F))[0]));
}
