#include "numerics/peak.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

TEST_CASE("a peak is placed far better than values tell") {
  // x^12 (1 - x): its values next to 12/13 are all equal to eight digits of x.
  const Peak peak = peak_of([](double x) { return std::pow(x, 12) * (1 - x); }, 0.5, 1);
  CHECK_THAT(peak.at, WithinAbs(12.0 / 13, 1e-13));
  CHECK_THAT(peak.value, WithinRel(std::pow(12.0 / 13, 12) / 13, 1e-14));
}

TEST_CASE("a peak next to a singularity, of a narrow top, and far from 0") {
  // x log(1/x) next to 0, where no derivative is finite.
  CHECK_THAT(peak_of([](double x) { return x > 0 ? -x * std::log(x) : 0; }, 0, 1).at, WithinAbs(std::exp(-1), 1e-12));
  CHECK_THAT(peak_of([](double x) { return 1 / (1 + 1e4 * (x - 0.3) * (x - 0.3)); }, 0, 1).at, WithinAbs(0.3, 1e-10));
  CHECK_THAT(peak_of([](double x) { return std::sin(x); }, 1e3, 1e3 + 2).at,
             WithinAbs(319.0 * 3.14159265358979324 - 1.57079632679489662, 1e-10));
}

TEST_CASE("where f only rises or only falls its peak is an end") {
  CHECK(peak_of([](double x) { return std::exp(x); }, -1, 2).at == 2);
  CHECK(peak_of([](double x) { return -x; }, 0.1, 0.7).at == 0.1);
}
