// Each helper at the point where the plain form cancels, against values by series or with 40 digits.
#include <catch2/catch.hpp>
#include <cmath>
#include <complex>

#include "error.hpp"
#include "numerics/decimal.hpp"
#include "numerics/double_double.hpp"
#include "numerics/fft.hpp"
#include "numerics/log_domain.hpp"
#include "numerics/roots.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

TEST_CASE("log(1 - e^x) keeps its digits at both ends") {
  CHECK_THAT(log1mexp(-1e-20), WithinRel(std::log(1e-20), 1e-15));
  CHECK_THAT(log1mexp(-50), WithinRel(-1.9287498479639178e-22, 1e-14));
  CHECK(log1mexp(0) == -infinity);
}

TEST_CASE("the bound log N - (N - 1)/N is log_n^2/2 near N = 1") {
  CHECK(best_of_n_kl_bound(0) == 0);
  CHECK_THAT(best_of_n_kl_bound(1e-8), WithinRel(5e-17, 1e-8));
  CHECK_THAT(best_of_n_kl_bound(std::log(2.0)), WithinRel(std::log(2.0) - 0.5, 1e-15));
  // Both branches at their border.
  CHECK_THAT(best_of_n_kl_bound(0.1), WithinRel(best_of_n_kl_bound(std::nextafter(0.1, 1)), 1e-13));
}

TEST_CASE("x e^x - (e^x - 1) is x^2/2 near 0 and at least 0") {
  CHECK_THAT(kl_term(1e-9), WithinRel(5e-19, 1e-8));
  CHECK_THAT(kl_term(-1e-9), WithinRel(5e-19, 1e-8));
  CHECK_THAT(kl_term(0.5), WithinRel(kl_term(std::nextafter(0.5, 1)), 1e-13));
}

TEST_CASE("sin y - y keeps the digits of its cubic term") {
  CHECK_THAT(sin_minus_identity(1e-5), WithinRel(-1e-15 / 6, 1e-9));
  CHECK_THAT(sin_minus_identity(0.7), WithinRel(sin_minus_identity(std::nextafter(0.7, 1)), 1e-13));
}

TEST_CASE("log(-log(1 - u)/u) by its series meets the plain form") {
  CHECK_THAT(log_minus_log1m_over(1e-9), WithinRel(5e-10, 1e-9));
  CHECK_THAT(log_minus_log1m_over(9.99e-6), WithinRel(std::log(minus_log1m_over(9.99e-6)), 1e-10));
}

TEST_CASE("double-double: exp and log are inverse to 30 digits, and products exact to 106 bits") {
  for (const double x : {-300.0, -1.25, 1e-9, 0.3, 2.0, 600.0}) {
    const DoubleDouble back = log(exp(DoubleDouble(x)));
    CHECK_THAT((back - DoubleDouble(x)).value(), WithinAbs(0, 1e-29 * std::max(1.0, std::fabs(x))));
  }
  const DoubleDouble third = DoubleDouble(1) / DoubleDouble(3);
  CHECK_THAT((third * DoubleDouble(3) - DoubleDouble(1)).value(), WithinAbs(0, 1e-31));
  CHECK_THAT((log1p(DoubleDouble(1e-20)) - DoubleDouble(1e-20)).value(), WithinRel(-5e-41, 1e-10));
  CHECK(from_integer(9007199254740993).lo + from_integer(9007199254740993).hi == 9007199254740992.0);
  CHECK((from_integer(9007199254740993) - from_integer(9007199254740992)).value() == 1);
}

TEST_CASE("decimals mean what was written: 0.1 is one tenth, 17 digits included") {
  CHECK(shortest_decimal(0.1)->mantissa == 1);
  CHECK(shortest_decimal(0.1)->digits == 1);
  CHECK((decimal_value(0.1) * DoubleDouble(10) - DoubleDouble(1)).value() == Approx(0).margin(1e-31));
  // 5.9075529798957165 as written lies 1e-16 from the double that stores it.
  const DoubleDouble written = decimal_value(5.9075529798957165);
  CHECK(std::fabs((written - DoubleDouble(5.9075529798957165)).value()) > 1e-17);
  CHECK(std::fabs((written - DoubleDouble(5.9075529798957165)).value()) < 4.5e-16);
}

TEST_CASE("a common lattice is the coarsest that holds all rewards") {
  const double rewards[] = {-1.2, 2.5, 2.8, 3.8};
  const auto lattice = common_lattice(rewards, 1000);
  REQUIRE(lattice);
  CHECK(lattice->steps == std::vector<std::int64_t>{0, 37, 40, 50});
  CHECK_THAT(lattice->unit.value(), WithinRel(0.1, 1e-16));
  const double none[] = {0, 1, 1.41421356237};
  CHECK_FALSE(common_lattice(none, 1 << 22));
}

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

TEST_CASE("roots: to the last bits, and refusals name the search") {
  CHECK_THAT(bracketed_root([](double x) { return x * x - 2; }, 0, 2, "square"), WithinRel(std::sqrt(2.0), 1e-15));
  CHECK_THAT(positive_root([](double x) { return std::log(x) - 100; }, 1, "far"), WithinRel(std::exp(100.0), 1e-13));
  CHECK_THROWS_WITH(bracketed_root([](double x) { return x + 1; }, 0, 2, "KL-RL tilt"),
                    Catch::Contains("KL-RL tilt: no sign change"));
}

TEST_CASE("numbers in messages are short and plain") {
  CHECK(to_text(0.1) == "0.1");
  CHECK(to_text(1e6) == "1000000");
  CHECK(to_text(-0.2) == "-0.2");
  CHECK(to_text(1e300) == "1e+300");
  CHECK(to_text(5e-324).starts_with("4.94065645841"));
}
