#include "numerics/fft.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <complex>

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

TEST_CASE("the transform of a pure frequency is one line") {
  std::vector<std::complex<double>> x(64);
  for (std::size_t j = 0; j < 64; ++j)
    x[j] = std::polar(1.0, 2 * 3.14159265358979323846 * 5 * static_cast<double>(j) / 64);
  const auto y = fft(x);
  for (std::size_t k = 0; k < 64; ++k) CHECK_THAT(std::abs(y[k]), WithinAbs(k == 5 ? 64 : 0, 1e-12));
  CHECK(next_power_of_two(1025) == 2048);
}

TEST_CASE("the transform is the sum that defines it, at every power of two") {
  for (std::size_t m = 1; m <= 512; m *= 2) {
    std::vector<std::complex<double>> x(m);
    for (std::size_t j = 0; j < m; ++j) x[j] = {static_cast<double>((j * j + 3) % 17) - 8, static_cast<double>(j % 5)};
    // Twice, since the roots of unity are kept.
    for (int again = 0; again < 2; ++again) {
      const auto y = fft(x);
      for (std::size_t k = 0; k < m; ++k) {
        std::complex<double> sum = 0;
        for (std::size_t j = 0; j < m; ++j)
          sum += x[j] *
                 std::polar(1.0, -2 * 3.14159265358979323846 * static_cast<double>(j * k % m) / static_cast<double>(m));
        CHECK_THAT(std::abs(y[k] - sum), WithinAbs(0, 1e-13 * static_cast<double>(8 * m)));
      }
    }
  }
}
