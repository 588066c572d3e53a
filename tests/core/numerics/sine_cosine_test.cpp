#include "numerics/sine_cosine.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <numbers>

using namespace tiltlab;

namespace {

/** Distance of a double from a number of more digits, in ulps of that. */
double ulps(double found, long double wanted) {
  const double near = std::fabs(static_cast<double>(wanted));
  const double ulp = std::nextafter(near, 2.0) - near;
  return static_cast<double>(std::fabs(static_cast<long double>(found) - wanted)) / ulp;
}

/** The farthest that either is off at `count` angles that `of` gives, in ulps. */
template <class F>
double farthest(int count, F&& of) {
  double most = 0;
  for (int i = 0; i < count; ++i) {
    const double angle = of(i);
    const SineCosine found = sine_cosine(angle);
    most = std::max(most, ulps(found.sine, std::sin(static_cast<long double>(angle))));
    most = std::max(most, ulps(found.cosine, std::cos(static_cast<long double>(angle))));
  }
  return most;
}

}  // namespace

TEST_CASE("sine and cosine are within 2 ulp where laws take most of them") {
  CHECK(farthest(20000, [](int i) { return (i - 10000) * 1e-3; }) < 2);
  CHECK(farthest(20000, [](int i) { return std::ldexp(1 + i * 0x1p-15, -(i % 300)); }) < 2);
  CHECK(farthest(20000, [](int i) { return (i - 10000) * 104.8575; }) < 2);
}

TEST_CASE("near multiples of a quarter turn they keep their digits") {
  CHECK(farthest(20000, [](int i) { return i * (std::numbers::pi / 2); }) < 2);
  CHECK(farthest(20000, [](int i) { return std::nextafter(i * (std::numbers::pi / 2), 1e9); }) < 2);
  CHECK(farthest(20000, [](int i) { return (i + 0.5) * (std::numbers::pi / 2); }) < 2);
}

TEST_CASE("of large angles they are within an ulp of 1, and on the circle of any") {
  for (double angle = 1e6; angle < 1e15; angle *= 1.37) {
    for (const double sign : {1.0, -1.0}) {
      const auto exact = static_cast<long double>(sign * angle);
      const SineCosine found = sine_cosine(sign * angle);
      CHECK(std::fabs(found.sine - static_cast<double>(std::sin(exact))) < 2.3e-16);
      CHECK(std::fabs(found.cosine - static_cast<double>(std::cos(exact))) < 2.3e-16);
    }
  }
  for (double angle = 1e15; angle < 1e308; angle *= 7.1) {
    const auto [s, c] = sine_cosine(angle);
    CHECK(std::fabs(s * s + c * c - 1) < 1e-15);
  }
  const auto [s, c] = sine_cosine(std::numeric_limits<double>::infinity());
  CHECK((std::isnan(s) && std::isnan(c)));
}

TEST_CASE("sine is odd and cosine even, and of 0 and -0 they are themselves and 1") {
  for (double angle = 1e-300; angle < 1e9; angle *= 3.7) {
    const SineCosine up = sine_cosine(angle);
    const SineCosine down = sine_cosine(-angle);
    CHECK(up.sine == -down.sine);
    CHECK(up.cosine == down.cosine);
  }
  CHECK(sine_cosine(0).sine == 0);
  CHECK(sine_cosine(0).cosine == 1);
  CHECK_FALSE(std::signbit(sine_cosine(0).sine));
}
