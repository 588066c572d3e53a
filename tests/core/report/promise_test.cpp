#include "report/promise.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace tiltlab;

TEST_CASE("a promise states errors relative to the larger of 1 and the number, and takes out what is not known") {
  Report report;
  Promise promise(report);
  double small = 0.5;
  double large = 2000;
  double unknown = 3;
  double infinite = HUGE_VAL;
  promise.hold("small", small, 1e-6);
  CHECK(report.error_bound == 1e-6);
  promise.hold("large", large, 1e-2);
  CHECK(report.error_bound == 1e-2 / 2000);
  promise.hold("unknown", unknown, 0.1);
  promise.hold("infinite", infinite, 5);
  // Rounding that nobody would notice needs no statement.
  promise.hold("rounded", large, 0, 1e-10);
  CHECK(report.error_bound == 1e-2 / 2000);
  CHECK(std::isnan(unknown));
  CHECK(infinite == HUGE_VAL);
  promise.in_range("far", HUGE_VAL);
  promise.in_range("near", 1e308);
  promise.close();
  REQUIRE(report.notes.size() == 2);
  CHECK_THAT(report.notes[0], Catch::Contains("left out: unknown."));
  CHECK_THAT(report.notes[1], Catch::Contains("left out: far."));
}
