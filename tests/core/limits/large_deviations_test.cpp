#include "limits/large_deviations.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "numerics/log_domain.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

double kl_of_coins(double q, double p) {
  double sum = 0;
  if (q > 0) sum += q * std::log(q / p);
  if (q < 1) sum += (1 - q) * std::log((1 - q) / (1 - p));
  return sum;
}

}  // namespace

TEST_CASE("the rates of a coin are KLs of coins, and best-of-N's is the base's less the budget's") {
  const double p = 0.3;
  const Tokens m = test::sequence({{1 - p, p}, {0, 1}}, 10);
  const double rate = 0.15;
  const TokenTilt optimum = solve_tilt(m.token, rate);
  const double q_optimum = optimum.mean.value();
  const RateFunctions rates(m.token, optimum);
  for (const double x : {0.01, 0.2, 0.3, 0.45, 0.6, 0.9, 0.999}) {
    const double b = std::log(x / (1 - x) * (1 - p) / p);
    const RatePoint at = rates.at(b);
    INFO(x);
    CHECK_THAT(at.step.value(), WithinRel(x, 1e-13));
    CHECK_THAT(at.base, WithinAbs(kl_of_coins(x, p), 1e-13));
    CHECK_THAT(at.kl_rl, WithinAbs(kl_of_coins(x, q_optimum), 1e-13));
    if (b >= optimum.b) {
      CHECK_THAT(at.best_of_n, WithinAbs(kl_of_coins(x, p) - rate, 1e-13));
    } else {
      CHECK(std::isinf(at.best_of_n));
    }
  }
  // The differences of totals would leave nothing of a rate next to its zero: (x - mean)^2 / (2 variance).
  const double near = 1e-7;
  CHECK_THAT(rates.at(optimum.b + near).kl_rl, WithinRel(near * near * optimum.variance / 2, 1e-6));
  CHECK_THAT(rates.at(near).base, WithinRel(near * near * p * (1 - p) / 2, 1e-6));
}

TEST_CASE("a rate is the largest t x - Lambda(t) of all t, found by trying them") {
  test::Random random(61);
  for (int i = 0; i < 40; ++i) {
    const Tokens m = test::sequence(test::random_alphabet(random, 7), 10);
    if (m.token.size() < 2) continue;
    const double range = m.token.position.back();
    const TokenTilt optimum = solve_tilt(m.token, 0.3 * kl_max(m.token).value());
    const RateFunctions rates(m.token, optimum);
    for (const double size : {-6.0, -1.0, 0.5, 5.0}) {
      const RatePoint at = rates.at(size / range);
      const double x = at.step.value();
      double of_base = -infinity;
      double of_kl_rl = -infinity;
      const double lambda = log_mgf(m.token, optimum.b);
      for (double t = -16; t <= 16; t += 0.002) {
        const double value = t / range * x;
        of_base = std::max(of_base, value - log_mgf(m.token, t / range));
        of_kl_rl = std::max(of_kl_rl, value - log_mgf(m.token, optimum.b + t / range) + lambda);
      }
      INFO(i << " " << size);
      // The grid misses the largest by no more than half a step, and Lambda'' is at most a quarter of the range
      // squared.
      CHECK(of_base <= at.base + 1e-12);
      CHECK(of_base >= at.base - 2e-7);
      if (std::fabs(size - optimum.b * range) > 15.9) continue;
      CHECK(of_kl_rl <= at.kl_rl + 1e-12);
      CHECK(of_kl_rl >= at.kl_rl - 2e-7);
    }
  }
}

TEST_CASE("the scaled cumulant of best-of-N is the largest t x less its rate, over all x that it reaches") {
  const Tokens m = test::sequence({{0.5, 0.3, 0.2}, {0, 1, 3}}, 10);
  const TokenTilt optimum = solve_tilt(m.token, 0.2);
  const RateFunctions rates(m.token, optimum);
  for (const double t : {-2.0, 0.0, 0.3, 0.6, 1.5}) {
    double best = -infinity;
    for (double b = optimum.b; b < 12; b += 1e-3) {
      const RatePoint at = rates.at(b);
      best = std::max(best, t * at.step.value() - at.best_of_n);
    }
    INFO(t);
    CHECK_THAT(best_of_n_cumulant(m.token, optimum, t), WithinAbs(best, 1e-6));
  }
  // Both sides of its kink at the optimum's tilt meet, with the same slope.
  const double at = best_of_n_cumulant(m.token, optimum, optimum.b);
  CHECK_THAT(best_of_n_cumulant(m.token, optimum, optimum.b + 1e-6) - at, WithinRel(1e-6 * optimum.mean.value(), 1e-5));
  CHECK_THAT(at - best_of_n_cumulant(m.token, optimum, optimum.b - 1e-6), WithinRel(1e-6 * optimum.mean.value(), 1e-5));
}

TEST_CASE("no two tilts of a spread are nearer than a share of it, wherever the law ends") {
  test::Random random(63);
  for (int i = 0; i < 100; ++i) {
    const test::Alphabet alphabet = i == 0 ? test::Alphabet{{0.7, 0.3}, {0, 1}} : test::random_alphabet(random, 5);
    const Tokens m = test::sequence(alphabet, 10);
    if (m.token.size() < 2) continue;
    const double sd = std::sqrt(variance_step(m.token, m.token.p));
    for (const int each : {1, 2, 3, 4, 9, 60}) {
      const std::vector<double> tilts = spread_tilts(m.token, each);
      INFO(i << " " << each);
      for (std::size_t k = 1; k < tilts.size(); ++k) {
        const double last = std::fabs(tilts[k] > 0 ? tilts.back() : tilts.front());
        CHECK(tilts[k] - tilts[k - 1] > 0.5 * std::min(2 / sd, last) / each);
      }
    }
  }
}

TEST_CASE("tilts spread from nearly the least reward alone to nearly the largest, each of either sign as often") {
  test::Random random(62);
  for (int i = 0; i < 60; ++i) {
    const Tokens m = test::sequence(test::random_alphabet(random, 7), 10);
    if (m.token.size() < 2) continue;
    for (const int each : {1, 2, 9}) {
      const std::vector<double> tilts = spread_tilts(m.token, each);
      INFO(i << " " << each);
      CHECK(std::is_sorted(tilts.begin(), tilts.end()));
      const auto negative = std::count_if(tilts.begin(), tilts.end(), [](double b) { return b < 0; });
      CHECK(negative == each);
      CHECK(std::count(tilts.begin(), tilts.end(), 0.0) == 1);
      CHECK(static_cast<int>(tilts.size()) == 2 * each + 1);
      CHECK(tilted(m.token, tilts.front()).front() >= 0.99);
      CHECK(tilted(m.token, tilts.back()).back() >= 0.99);
      // And not much beyond: a quarter less of the tilt leaves more of the others, unless the law begins there.
      if (tilts.back() > 1.3 / std::sqrt(variance_step(m.token, m.token.p)))
        CHECK(tilted(m.token, tilts.back() / 1.25).back() < 0.99 + 1e-12);
    }
  }
}
