#include "language/elementary.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace tiltlab;

TEST_CASE("elementary functions are those of the library within two units in the last place", "[language]") {
  double log_error = 0;
  double exp_error = 0;
  for (int i = -2000; i <= 2000; ++i) {
    const double x = i * 0.349;
    const double e = std::exp(x);
    exp_error = std::max(exp_error, std::fabs(portable::exp(x) / e - 1));
    if (i != 0) log_error = std::max(log_error, std::fabs(portable::log(e) / std::log(e) - 1));
  }
  CHECK(log_error < 0x1p-51);
  CHECK(exp_error < 0x1p-51);
  CHECK(portable::log(1) == 0);
  double turn_error = 0;
  for (double angle = 0; angle < 1 << 20; angle += 0.37 + angle / 500) {
    const auto turn = portable::cosine_and_sine(angle);
    turn_error =
        std::max({turn_error, std::fabs(turn.cosine - std::cos(angle)), std::fabs(turn.sine - std::sin(angle))});
  }
  CHECK(turn_error < 0x1p-50);
}
