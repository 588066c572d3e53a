#include "laws/transform.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "error.hpp"
#include "numerics/decimal.hpp"
#include "numerics/log_domain.hpp"

using namespace tiltlab;
using Catch::Matchers::Contains;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

Transform of(const std::string& kind, const std::vector<double>& parameters) {
  return make_transform(kind, parameters, {}, {});
}

/** f of a mean, by the total of so many rewards. */
double value(const Transform& f, double total, std::int64_t n) {
  return transformed_total(f, decimal_value(total), n, 10).value();
}

std::vector<Transform> one_each() {
  return {
      of("step", {0.6, 1}),   of("step", {0.2, -0.5}),      of("indicator", {0.5}),
      of("clip", {0.1, 0.7}), of("clip", {-infinity, 0.7}), of("power", {2}),
      of("power", {0.5}),     of("sigmoid", {0.3, 0.2}),    make_transform("table", {}, {-0.5, 0, 0.5}, {1, -1, 2})};
}

std::string refusal(const std::string& kind, const std::vector<double>& parameters, const std::vector<double>& x = {},
                    const std::vector<double>& y = {}) {
  try {
    (void)make_transform(kind, parameters, x, y);
  } catch (const InputError& e) {
    return e.what();
  }
  return "nothing";
}

}  // namespace

TEST_CASE("totals that are a threshold's n-fold as decimals meet it") {
  // 6/10 and .1 + .2 + .3 are .6, though no double is.
  CHECK(value(of("step", {0.6, 1}), 6, 10) == 16);
  CHECK(value(of("step", {0.6, 1}), 5.9, 10) == 5.9);
  CHECK(value(of("indicator", {0.3}), 0.9, 3) == 3);
  const DoubleDouble sum = decimal_value(0.1) + decimal_value(0.2);
  CHECK(0.1 + 0.2 != 0.3);
  CHECK(transformed_total(of("indicator", {0.3}), sum, 1, 1).value() == 1);
  CHECK(transformed_total(of("indicator", {0.15}), sum, 2, 1).value() == 2);
  CHECK(transformed_total(of("indicator", {0.1}), sum, 3, 1).value() == 3);
  CHECK(transformed_total(of("indicator", {0.15000000000000002}), sum, 2, 1).value() == 0);
}

TEST_CASE("values of each kind, by hand") {
  CHECK(value(of("step", {0.2, -0.5}), 1, 5) == -1.5);
  CHECK(value(of("clip", {0.1, 0.7}), 0.3, 5) == 0.5);
  CHECK(value(of("clip", {0.1, 0.7}), 4, 5) == 3.5);
  CHECK(value(of("clip", {-infinity, 0.7}), -40, 5) == -40);
  CHECK_THAT(value(of("power", {2}), -3, 5), WithinRel(-5 * 0.36, 1e-15));
  CHECK(value(of("power", {0.5}), 0, 5) == 0);
  CHECK_THAT(value(of("sigmoid", {0.3, 0.2}), 1.5, 5), WithinRel(2.5, 1e-15));
  CHECK_THAT(value(of("sigmoid", {0.3, 0.001}), -5, 5), WithinAbs(0, 1e-300));
  const Transform table = make_transform("table", {}, {-0.5, 0, 0.5}, {1, -1, 2});
  CHECK(value(table, -9, 5) == 5);
  CHECK(value(table, 0, 5) == -5);
  CHECK_THAT(value(table, 1.25, 5), WithinAbs(2.5, 1e-15));
  CHECK(value(table, 2.5, 5) == 10);
  CHECK(value(table, 7, 5) == 10);
}

TEST_CASE("pieces cover a range, each with the values and slopes of the transform") {
  for (const Transform& f : one_each()) {
    const auto pieces = pieces_of(f, -0.8, 0.9);
    REQUIRE_FALSE(pieces.empty());
    CHECK(pieces.front().from == -0.8);
    CHECK(pieces.back().to == 0.9);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      const auto& [from, to, intercept, slope, curved] = pieces[i];
      if (i > 0) CHECK(pieces[i - 1].to == from);
      const double x = from + 0.37 * (to - from);
      INFO(static_cast<int>(f.kind) << " at " << x);
      CHECK_THAT(value_on(f, pieces[i], x), WithinAbs(value(f, 1e6 * x, 1000000) / 1e6, 1e-12));
      constexpr double h = 1e-6;
      const double rise = value_on(f, pieces[i], x + h) - value_on(f, pieces[i], x - h);
      CHECK_THAT(slope_on(f, pieces[i], x), WithinAbs(rise / (2 * h), 1e-7));
      if (curved) CHECK_THAT(inverse_on(f, value_on(f, pieces[i], x)), WithinAbs(x, 1e-12));
    }
  }
}

TEST_CASE("a jump at the upper end is a piece of no width, and one at the lower end none below it") {
  const auto high = pieces_of(of("step", {1, 2}), 0, 1);
  REQUIRE(high.size() == 2);
  CHECK(high.back().from == 1);
  CHECK(high.back().to == 1);
  CHECK(value_on(of("step", {1, 2}), high.back(), 1) == 3);
  CHECK(pieces_of(of("step", {0, 2}), 0, 1).size() == 1);
  CHECK(pieces_of(of("indicator", {5}), 0, 1).size() == 1);
  CHECK(pieces_of(of("indicator", {3}), 3, 3).size() == 1);
}

TEST_CASE("bad transforms are refused by field, value and rule") {
  CHECK_THAT(refusal("cube", {}), Contains("transform.kind: \"cube\" is not one of step, indicator"));
  CHECK_THAT(refusal("step", {1}), Contains("transform: step has 2 numbers, not 1"));
  CHECK_THAT(refusal("step", {std::nan(""), 1}), Contains("transform.at: "));
  CHECK_THAT(refusal("step", {0, 1e61}), Contains("transform.height: 1e+61 is not in [-1e60, 1e60]"));
  CHECK_THAT(refusal("power", {0}), Contains("transform.exponent: 0 is not above 0"));
  CHECK_THAT(refusal("sigmoid", {0, -1}), Contains("transform.scale: -1 is not above 0"));
  CHECK_THAT(refusal("clip", {2, 1}), Contains("transform.upper: 1 is below lower, 2"));
  CHECK_THAT(refusal("table", {}), Contains("transform.x: is empty"));
  CHECK_THAT(refusal("table", {}, {0, 1}, {0}), Contains("transform.y: a list of 1 is not as long as x (2)"));
  CHECK_THAT(refusal("table", {}, {0, 0}, {0, 1}), Contains("transform.x[1]: 0 is not above the one before it, 0"));
  CHECK(refusal("clip", {-infinity, infinity}) == "nothing");
  CHECK_THROWS_AS(value(of("power", {100}), 1e3, 1), InputError);
}
