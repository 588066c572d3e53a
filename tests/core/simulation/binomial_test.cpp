#include "simulation/binomial.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <numbers>

#include "simulation/philox.hpp"
#include "simulation/philox_words.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

TEST_CASE("binomial variates have the mean, variance and tails of their law") {
  for (const auto& [n, p] :
       {std::pair{20LL, 0.3}, {1000LL, 0.002}, {1000LL, 0.4}, {1000000LL, 0.77}, {1000000000LL, 1e-3}}) {
    BulkStream random(5, StreamOf::base, 0, 0);
    const Success success(p);
    constexpr int draws = 40000;
    const double mean = static_cast<double>(n) * p;
    const double sd = std::sqrt(mean * (1 - p));
    double sum = 0;
    double squares = 0;
    for (int k = 0; k < draws; ++k) {
      const double z = (static_cast<double>(success.count(random, n)) - mean) / sd;
      sum += z;
      squares += z * z;
    }
    CHECK_THAT(sum / draws, WithinAbs(0, 4 / std::sqrt(draws)));
    CHECK_THAT(squares / draws, WithinAbs(1, 6 * std::sqrt(2.0 / draws)));
  }
}

TEST_CASE("binomial variates occur as often as their probabilities say") {
  for (const auto& [n, p] :
       {std::pair{30LL, 0.1}, {40LL, 0.5}, {1000LL, 0.3}, {1000LL, 0.98}, {200000LL, 0.01}, {1000000000LL, 1e-6}}) {
    BulkStream random(21, StreamOf::base, 1, 0);
    const Success success(p);
    constexpr int draws = 400000;
    std::map<std::int64_t, double> seen;
    for (int k = 0; k < draws; ++k) ++seen[success.count(random, n)];
    double chi2 = 0;
    double degrees = -1;
    double rest = draws;
    double rest_seen = draws;
    for (const auto& [k, count] : seen) {
      if (k == 0 || k == n) continue;
      const double expected = draws * std::exp(binomial_log_mass(static_cast<double>(n), p, static_cast<double>(k)));
      if (expected < 20) continue;
      chi2 += (count - expected) * (count - expected) / expected;
      rest -= expected;
      rest_seen -= count;
      ++degrees;
    }
    if (rest > 5) {
      chi2 += (rest_seen - rest) * (rest_seen - rest) / rest;
      ++degrees;
    }
    CAPTURE(n, p, chi2, degrees);
    CHECK(degrees > 5);
    CHECK(std::fabs(chi2 - degrees) <= 4 * std::sqrt(2 * degrees));
  }
}

TEST_CASE("binomial masses keep their digits at any n") {
  CHECK_THAT(binomial_log_mass(10, 0.3, 4), WithinRel(std::log(210 * std::pow(0.3, 4) * std::pow(0.7, 6)), 1e-14));
  CHECK_THAT(binomial_log_mass(1000, 0.5, 500), WithinRel(std::log(0.025225018178361), 1e-12));
  // At the mean of a normal law, -log sqrt(2 pi n p q), less (1 - pq)/(12 npq).
  const double variance = 1e9 * 0.25;
  CHECK_THAT(binomial_log_mass(1e9, 0.5, 5e8),
             WithinRel(-0.5 * std::log(2 * std::numbers::pi * variance) - 0.25 / 1e9, 1e-15));
}
