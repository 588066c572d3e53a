#include "report/statements/fixed_n_curves.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;

namespace {
const test::Alphabet three{{0.5, 0.3, 0.2}, {0, 1, 3}};
}  // namespace

TEST_CASE("with N fixed the gain ratio tends to that of a normal law; with N = e^(n rate) to 1") {
  const Tokens m = test::sequence(three, 1);
  for (const auto& [n, limit] : {std::pair{2.0, 0.9077}, {4.0, 0.9125}, {16.0, 0.9218}, {256.0, 0.9372}}) {
    const FixedNCurves c = fixed_n_curves(m, make_budget("n", n, m), 10).value();
    CHECK_THAT(c.limit, WithinAbs(limit, 5e-5));
    CHECK_THAT(c.fixed.back(), WithinAbs(c.limit, 2e-4));
    CHECK_THAT(c.growing.back(), WithinAbs(1, 1e-6));
  }
}

TEST_CASE("gain ratios of one token by their definition: N as it is, and as many draws as its share of the rate") {
  const Tokens m = test::sequence(three, 3);
  const FixedNCurves c = fixed_n_curves(m, make_budget("n", 4, m), 10).value();
  const auto ratio = [](double n) {
    const std::vector<double> best{std::pow(0.5, n), std::pow(0.8, n) - std::pow(0.5, n), 1 - std::pow(0.8, n)};
    double kl = 0;
    double gain = -0.9;
    for (std::size_t k = 0; k < 3; ++k) {
      kl += best[k] * std::log(best[k] / three.p[k]);
      gain += best[k] * three.reward[k];
    }
    double lo = 0;
    double hi = 20;
    double tilted_gain = 0;
    for (int i = 0; i < 100; ++i) {
      const double a = (lo + hi) / 2;
      const double z = 0.5 + 0.3 * std::exp(a) + 0.2 * std::exp(3 * a);
      const double mean = (0.3 * std::exp(a) + 0.6 * std::exp(3 * a)) / z;
      tilted_gain = mean - 0.9;
      (a * mean - std::log(z) < kl ? lo : hi) = a;
    }
    return gain / tilted_gain;
  };
  CHECK(c.length.front() == 1);
  CHECK_THAT(c.fixed.front(), WithinAbs(ratio(4), 1e-10));
  CHECK_THAT(c.growing.front(), WithinAbs(ratio(std::cbrt(4.0)), 1e-10));
  CHECK_THAT(c.log_n, WithinAbs(std::log(4.0), 1e-14));
}
