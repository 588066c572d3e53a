#include "numerics/fft.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <complex>

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

using Value = std::complex<double>;

/** sum_j x_j e^{-2 pi i j k / M}, as it is written. */
Value by_definition(const std::vector<Value>& x, std::size_t k) {
  const std::size_t m = x.size();
  Value sum = 0;
  for (std::size_t j = 0; j < m; ++j)
    sum +=
        x[j] * std::polar(1.0, -2 * 3.14159265358979323846 * static_cast<double>(j * k % m) / static_cast<double>(m));
  return sum;
}

std::vector<Value> arbitrary(std::size_t m) {
  std::vector<Value> x(m);
  for (std::size_t j = 0; j < m; ++j) x[j] = {static_cast<double>((j * j + 3) % 17) - 8, static_cast<double>(j % 5)};
  return x;
}

}  // namespace

TEST_CASE("the transform of a pure frequency is one line") {
  std::vector<double> x(64);
  for (std::size_t j = 0; j < 64; ++j) x[j] = std::cos(2 * 3.14159265358979323846 * 5 * static_cast<double>(j) / 64);
  const auto y = fft_of_real(x);
  REQUIRE(y.size() == 33);
  for (std::size_t k = 0; k <= 32; ++k) CHECK_THAT(std::abs(y[k]), WithinAbs(k == 5 ? 32 : 0, 1e-12));
  CHECK(next_power_of_two(1025) == 2048);
}

TEST_CASE("the transform is the sum that defines it, at every power of two, and its inverse brings back what was") {
  for (std::size_t m = 1; m <= 512; m *= 2) {
    std::vector<double> x;
    std::vector<Value> same;
    for (const Value& value : arbitrary(m)) {
      x.push_back(value.real());
      same.emplace_back(value.real());
    }
    const double rounding = 1e-13 * static_cast<double>(8 * m);
    // Twice, since the roots of unity are kept.
    for (int again = 0; again < 2; ++again) {
      std::vector<Value> y = fft_of_real(x);
      REQUIRE(y.size() == m / 2 + 1);
      for (std::size_t k = 0; k < y.size(); ++k)
        CHECK_THAT(std::abs(y[k] - by_definition(same, k)), WithinAbs(0, rounding));
      // Of the conjugates it turns the other way.
      for (Value& value : y) value = std::conj(value);
      const std::vector<double> back = fft_to_real(y, m);
      REQUIRE(back.size() == m);
      for (std::size_t j = 0; j < m; ++j) CHECK_THAT(back[j] / static_cast<double>(m), WithinAbs(x[j], rounding));
    }
  }
}

TEST_CASE("the real part of a transform is that of the sum that defines it") {
  for (std::size_t m = 1; m <= 512; m *= 2) {
    const std::vector<Value> x = arbitrary(m);
    const std::vector<double> y = real_part_of_fft(x);
    REQUIRE(y.size() == m);
    for (std::size_t k = 0; k < m; ++k)
      CHECK_THAT(y[k], WithinAbs(by_definition(x, k).real(), 1e-13 * static_cast<double>(8 * m)));
  }
}
