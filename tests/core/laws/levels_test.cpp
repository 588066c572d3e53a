#include "laws/levels.hpp"

#include <catch2/catch.hpp>

#include "error.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;

TEST_CASE("totals are rounded to the nearest integer past what a double counts") {
  CHECK(round_total(DoubleDouble(2.4)) == 2);
  CHECK(round_total(from_integer((std::int64_t{1} << 60) + 1)) == (std::int64_t{1} << 60) + 1);
  CHECK_THROWS_AS(round_total(DoubleDouble(1e19)), NumericalError);
}

TEST_CASE("levels lie between two offsets, a stride apart") {
  const OffsetGrid grid = levels_between(10.2, 21.5, 3.9);
  CHECK(grid.first == -11);
  CHECK(grid.stride == 3);
  CHECK(grid.first + grid.stride * static_cast<std::int64_t>(grid.count - 1) <= 22);
  CHECK(levels_between(2, 2, 0.3).stride == 1);
}

TEST_CASE("best-of-N visits fewer levels the steeper its tilt, and all without one") {
  const double spread = 50;
  CHECK(upper_extent(0, 9 * spread) == 9 * spread);
  CHECK(upper_extent(2, 9 * spread) < 20);
  CHECK(lower_extent(0, spread) > lower_extent(1, spread));
  CHECK(lower_extent(1, spread) > lower_extent(3, spread));
  CHECK(smooth_stride(0, spread) == spread / 4);
  CHECK(smooth_stride(1, spread) < 1);
}

TEST_CASE("a tilted sum's levels are a law of the base's rewards") {
  // Levels 4, 5, 6 with masses .5, .3, .2 and a tilt by b = log 2: e^(b S) of mean M weighs them 2^-S M.
  const double b = std::log(2.0);
  Levels levels{{-1, 1, 3}, {}, 0};
  levels.inversion.mass = {0.5, 0.3, 0.2};
  levels.inversion.above = {0.3 / 2 + 0.2 / 4, 0.2 / 2, 0};
  levels.inversion.mass_error = levels.inversion.above_error = 1e-16;
  const auto law = law_of_levels(levels, {1, 2, 5, 3.1, b, 6});
  REQUIRE(law);
  REQUIRE(law->size() == 3);
  for (std::size_t j = 0; j < 3; ++j) {
    const double level = 4 + static_cast<double>(j);
    const double p = std::exp(law->log_mass[j] - law->log_scale.value());
    CHECK_THAT(p, WithinAbs(levels.inversion.mass[j] * std::exp(3.1 - b * level), 1e-14));
  }
  CHECK(law->to_top);
}
