#include "report/statements/direction_curves.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {
const test::Alphabet three{{0.5, 0.3, 0.2}, {0, 1, 3}};
Budget rate(const Tokens& m, double delta) { return make_budget("kl_per_token", delta, m); }
}  // namespace

TEST_CASE("KL(KL-RL || best-of-N) explodes at its exponent while the other direction stays small") {
  const Tokens m = test::sequence(three, 30);
  const DirectionCurves c = direction_curves(m, rate(m, 0.2), 20).value();
  REQUIRE(c.length.size() > 10);
  const std::size_t last = c.length.size() - 1;
  const double slope =
      (c.log10_reverse[last] - c.log10_reverse[last - 4]) * std::log(10.0) / (c.length[last] - c.length[last - 4]);
  CHECK_THAT(slope, WithinRel(c.exponent, 0.02));
  CHECK(c.forward[last] < 5);
  for (std::size_t i = 0; i < c.length.size(); ++i) {
    Tokens at = m;
    at.length = static_cast<std::int64_t>(c.length[i]);
    CHECK_THAT(c.forward[i], WithinRel(evaluate(at, rate(at, 0.2)).best_of_n.kl_to_kl_rl, 1e-9));
  }
}

TEST_CASE("both directions of a short sequence are the sums that define them") {
  const Tokens m = test::sequence(three, 30);
  const DirectionCurves c = direction_curves(m, rate(m, 0.2), 20).value();
  const double a = solve_tilt(m.token, 0.2).b;
  const auto log_mgf_of_token = [](double t) { return std::log(0.5 + 0.3 * std::exp(t) + 0.2 * std::exp(3 * t)); };
  CHECK_THAT(c.exponent, WithinRel(0.2 + 2 * log_mgf_of_token(a / 2) - log_mgf_of_token(a), 1e-12));
  CHECK_THAT(c.factor, WithinRel(std::exp(c.exponent), 1e-14));
  int short_ones = 0;
  for (std::size_t i = 0; i < c.length.size() && c.length[i] <= 8; ++i, ++short_ones) {
    const std::vector<double> mass = test::added_up(three.p, {0, 1, 3}, static_cast<std::int64_t>(c.length[i]));
    const double n = std::exp(0.2 * c.length[i]);
    double forward = 0;
    double reverse = 0;
    double below = 0;
    for (std::size_t s = 0; s < mass.size(); ++s) {
      if (mass[s] == 0) continue;
      const double best = std::pow(std::min(1.0, below + mass[s]), n) - std::pow(below, n);
      const double tilted = mass[s] * std::exp(a * static_cast<double>(s) - c.length[i] * log_mgf_of_token(a));
      forward += best * std::log(best / tilted);
      reverse += tilted * std::log(tilted / best);
      below += mass[s];
    }
    CHECK_THAT(c.forward[i], WithinRel(forward, 1e-9));
    CHECK_THAT(c.log10_reverse[i], WithinAbs(std::log10(reverse), 1e-9));
  }
  CHECK(short_ones > 3);
}

TEST_CASE("without a tilt there are no directions") {
  const Tokens m = test::sequence(three, 30);
  CHECK(direction_curves(m, Budget{0}, 5)->length.empty());
  CHECK(direction_curves(m, rate(m, 5), 5)->length.empty());
}
