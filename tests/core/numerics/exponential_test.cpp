#include "numerics/exponential.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "numerics/double_double.hpp"

using namespace tiltlab;

namespace {

/** How far x is from what is exact, in units of the last place of that. A long double is a double in some places. */
double ulps(double x, DoubleDouble exact) {
  const double nearest = std::fabs(exact.value());
  const double unit = std::nextafter(nearest, std::numeric_limits<double>::infinity()) - nearest;
  return std::fabs((DoubleDouble(x) - exact).value()) / unit;
}

/** e^y less the first `terms` terms of its series. */
DoubleDouble rest_of(double y, int terms) {
  DoubleDouble term = 1;
  DoubleDouble sum = terms == 0 ? 1 : 0;
  if (std::fabs(y) > 0.5) {
    DoubleDouble rest = exp(DoubleDouble(y));
    if (terms > 0) rest = rest - DoubleDouble(1);
    return terms > 1 ? rest - DoubleDouble(y) : rest;
  }
  for (int k = 1; k < 40; ++k) {
    term = term * DoubleDouble(y) / DoubleDouble(k);
    if (k >= terms) sum = sum + term;
  }
  return sum;
}

}  // namespace

TEST_CASE("an exponential, less 1, and less its first two terms, to a few ulp") {
  std::mt19937_64 draw(7);
  std::uniform_real_distribution<double> unit(-1, 1);
  double worst[3] = {0, 0, 0};
  for (int i = 0; i < 60000; ++i) {
    const double y = i % 3 == 0 ? 600 * unit(draw) : i % 3 == 1 ? 2 * unit(draw) : unit(draw) * std::pow(2, -i % 200);
    const Exponential e = exponential(y);
    const double found[] = {e.value, e.minus_one, e.rest};
    for (int terms = 0; terms < 3; ++terms)
      worst[terms] = std::max(worst[terms], ulps(found[terms], rest_of(y, terms)));
  }
  CHECK(worst[0] < 1);
  CHECK(worst[1] < 2);
  // Of y = .35 what is left is a sixth of what it is a part of.
  CHECK(worst[2] < 10);
  CHECK(exponential(0).value == 1);
  CHECK(exponential(0).minus_one == 0);
  CHECK(exponential(0).rest == 0);
  CHECK(exponential(-1e5).minus_one == -1);
  CHECK(exponential(-1e5).rest == 99999);
}

TEST_CASE("lists of exponentials are those of each, whatever their length and range") {
  std::mt19937_64 draw(8);
  std::uniform_real_distribution<double> unit(-1, 1);
  for (const std::size_t count : {0, 1, 2, 63, 64, 65, 300}) {
    for (const double widest : {1.0, 690.0, 2000.0}) {
      std::vector<double> y(count);
      for (double& x : y) x = widest * unit(draw);
      std::vector<double> values = y;
      exponentials(values);
      for (std::size_t i = 0; i < count; ++i) {
        const double wanted = std::fabs(y[i]) <= farthest_exponent ? exponential(y[i]).value : std::exp(y[i]);
        CHECK(values[i] == wanted);
      }
      std::vector<double> minus_one(count);
      std::vector<double> rest(count);
      exponentials_less_one(y, minus_one, rest);
      for (std::size_t i = 0; i < count; ++i) {
        CHECK(minus_one[i] == exponential(y[i]).minus_one);
        CHECK(rest[i] == exponential(y[i]).rest);
      }
    }
  }
  const double infinite = std::numeric_limits<double>::infinity();
  std::vector<double> ends{infinite, -infinite, 800, -800, 0};
  exponentials(ends);
  CHECK(ends == std::vector<double>{infinite, 0, infinite, 0, 1});
}
