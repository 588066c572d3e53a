#include "numerics/linear.hpp"

#include <catch2/catch.hpp>

#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;

TEST_CASE("a system by hand, whose first pivot is 0") {
  const Factorised f({0, 2, 1, 1, 1, 0, 2, 0, 3}, 3);
  // x = (1, 2, 3)
  const std::vector<double> x = f.solve({7, 3, 11});
  CHECK_THAT(x[0], WithinAbs(1, 1e-14));
  CHECK_THAT(x[1], WithinAbs(2, 1e-14));
  CHECK_THAT(x[2], WithinAbs(3, 1e-14));
  const std::vector<double> y = f.solve_transposed({2 + 6, 2 + 2, 1 + 9});
  CHECK_THAT(y[0], WithinAbs(1, 1e-14));
  CHECK_THAT(y[1], WithinAbs(2, 1e-14));
  CHECK_THAT(y[2], WithinAbs(3, 1e-14));
}

TEST_CASE("random systems and their transposes are solved") {
  test::Random random(5);
  for (const std::size_t k : {1U, 2U, 7U, 30U}) {
    std::vector<double> a(k * k), x(k), b(k, 0), c(k, 0);
    for (double& each : a) each = random.uniform() - 0.5;
    for (double& each : x) each = random.uniform() - 0.5;
    for (std::size_t i = 0; i < k; ++i) {
      for (std::size_t j = 0; j < k; ++j) {
        b[i] += a[i * k + j] * x[j];
        c[j] += a[i * k + j] * x[i];
      }
    }
    const Factorised f(a, k);
    const std::vector<double> found = f.solve(b);
    const std::vector<double> transposed = f.solve_transposed(c);
    for (std::size_t i = 0; i < k; ++i) {
      CHECK_THAT(found[i], WithinAbs(x[i], 1e-11));
      CHECK_THAT(transposed[i], WithinAbs(x[i], 1e-11));
    }
  }
}
