#include "numerics/log_domain.hpp"

#include <catch2/catch.hpp>
#include <cmath>

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
