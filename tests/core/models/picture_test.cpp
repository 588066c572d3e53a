#include "models/picture.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

using namespace tiltlab;
using Catch::Matchers::WithinAbs;

TEST_CASE("few levels are points, many are bins that hold as many levels each and all the mass") {
  PicturePoints few{1, 0.5, 10, {-1, 0, 1}, {0.25, 0.5, 0.25}, 1, true};
  const LawCurve points = curve_of(few, 2, 0, 10);
  REQUIRE(points.x.size() == 3);
  CHECK(points.x[1] == 3);
  CHECK(points.width == 0.25);
  PicturePoints many{0, 1, 0, {}, {}, 1, true};
  double total = 0;
  for (int i = 0; i < 1000; ++i) {
    many.offset.push_back(i);
    many.mass.push_back(std::exp(-0.5 * (i - 500) * (i - 500) / 1e4));
    total += many.mass.back();
  }
  for (double& m : many.mass) m /= total;
  LawCurve bins = curve_of(many, 1, 0, 40);
  describe(bins, 500, 100, 1, 0);
  CHECK(bins.x.size() <= 80);
  CHECK(bins.width == std::round(bins.width));
  double mass = 0;
  double area = 0;
  for (std::size_t i = 0; i < bins.x.size(); ++i) {
    mass += bins.mass[i];
    area += bins.density[i] * bins.width;
  }
  CHECK_THAT(mass, WithinAbs(1, 1e-8));
  CHECK_THAT(area, WithinAbs(mass, 1e-12));
  CHECK(bins.mean == 500);
}

TEST_CASE("from coarse to fine every index comes once, the ends first") {
  for (const std::size_t count : {0, 1, 2, 3, 10, 49, 60}) {
    std::vector<std::size_t> order = coarse_to_fine(count);
    REQUIRE(order.size() == count);
    if (count > 1) {
      CHECK(order[0] == count - 1);
      CHECK(order[1] == 0);
    }
    std::sort(order.begin(), order.end());
    for (std::size_t i = 0; i < count; ++i) CHECK(order[i] == i);
  }
}
