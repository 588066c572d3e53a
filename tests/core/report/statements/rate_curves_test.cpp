#include "report/statements/rate_curves.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;

namespace {
const test::Alphabet three{{0.5, 0.3, 0.2}, {0, 1, 3}};
Budget rate(const Tokens& m, double delta) { return make_budget("kl_per_token", delta, m); }
}  // namespace

TEST_CASE("rate functions are KL divergences, zero at their means, and apart by the tilt") {
  const Tokens m = test::sequence(three, 1000);
  const RateCurves c = rate_curves(m, rate(m, 0.2), 40, 12).value();
  const Report r = evaluate(m, rate(m, 0.2));
  double least_base = 1;
  double least_rl = 1;
  for (std::size_t i = 0; i < c.reward.size(); ++i) {
    // I_delta(x) = I(x) - a x + Lambda(a), Lambda(a) = a rho - rate
    const double wanted = c.base[i] - r.limits->alpha * (c.reward[i] - r.limits->reward_per_token) - 0.2;
    CHECK_THAT(c.kl_rl[i], WithinAbs(wanted, 1e-12));
    if (c.reward[i] >= r.limits->reward_per_token)
      CHECK_THAT(c.best_of_n[i], WithinAbs(c.base[i] - 0.2, 1e-12));
    else
      CHECK(std::isinf(c.best_of_n[i]));
    least_base = std::min(least_base, c.base[i]);
    least_rl = std::min(least_rl, c.kl_rl[i]);
  }
  CHECK(least_base < 1e-12);
  CHECK(least_rl < 1e-12);
}

TEST_CASE("the exact rates of the same events tend to the rate functions as n grows") {
  double last_base = 1;
  for (const std::int64_t n : {50LL, 500LL, 50000LL, 5000000LL}) {
    const Tokens m = test::sequence(three, n);
    const RateCurves c = rate_curves(m, rate(m, 0.2), 20, 10).value();
    double worst_base = 0;
    for (std::size_t i = 0; i < c.exact_base.reward.size(); ++i) {
      const double x = c.exact_base.reward[i];
      // At this event's own tilt, for an exact comparison.
      const bool upper = x > c.mean_base;
      const TokenLaw law = upper ? m.token : reflected(m.token);
      const double y = (((upper ? DoubleDouble(x) : DoubleDouble(-x)) - law.base) / law.unit).value();
      double lo = 0;
      double hi = 60;
      for (int k = 0; k < 100; ++k) {
        const double b = (lo + hi) / 2;
        (tilt_at(law, b).mean.value() < y ? lo : hi) = b;
      }
      const double rate_at = tilt_at(law, lo).kl.value();
      CHECK(c.exact_base.rate[i] >= rate_at - 1e-9);  // Chernoff's bound
      worst_base = std::max(worst_base, c.exact_base.rate[i] - rate_at);
    }
    CHECK(worst_base < last_base);
    last_base = worst_base;
    // Above KL-RL's mean best-of-N's rate is the base's less the budget's, up to the union bound.
    std::size_t k = 0;
    for (std::size_t i = 0; i < c.exact_best_of_n.reward.size(); ++i) {
      while (c.exact_base.reward[k] != c.exact_best_of_n.reward[i]) ++k;
      const double wanted = std::max(0.0, c.exact_base.rate[k] - 0.2);
      CHECK(c.exact_best_of_n.rate[i] >= wanted - 1e-12);
      CHECK(c.exact_best_of_n.rate[i] <= wanted + 1.0 / static_cast<double>(n));
    }
  }
  CHECK(last_base < 1e-5);
}

TEST_CASE("exact rates of two tokens are binomial tails, upper ones and lower ones") {
  constexpr int n = 40;
  const Tokens m = test::sequence({{0.7, 0.3}, {0, 1}}, n);
  const RateCurves c = rate_curves(m, rate(m, 0.1), 20, 10).value();
  std::vector<double> mass;
  for (int k = 0; k <= n; ++k)
    mass.push_back(std::exp(std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0) + k * std::log(0.3) +
                            (n - k) * std::log(0.7)));
  int upper = 0;
  REQUIRE(c.exact_base.reward.size() > 10);
  for (std::size_t i = 0; i < c.exact_base.reward.size(); ++i) {
    const auto k = static_cast<int>(std::lround(n * c.exact_base.reward[i]));
    const bool above = c.exact_base.reward[i] > 0.3;
    upper += above;
    double tail = 0;
    for (int j = above ? k : 0; j <= (above ? n : k); ++j) tail += mass[static_cast<std::size_t>(j)];
    CHECK_THAT(c.exact_base.rate[i], WithinAbs(-std::log(tail) / n, 1e-12));
  }
  CHECK(upper > 3);
  CHECK(upper < static_cast<int>(c.exact_base.reward.size()) - 3);
  // Of N = e^4 drafts one reaches as far: 1 - (1 - T)^N.
  for (std::size_t i = 0; i < c.exact_best_of_n.reward.size(); ++i) {
    double tail = 0;
    for (auto j = static_cast<std::size_t>(std::lround(n * c.exact_best_of_n.reward[i])); j < mass.size(); ++j)
      tail += mass[j];
    const double some = -std::expm1(std::exp(4.0) * std::log1p(-tail));
    CHECK_THAT(c.exact_best_of_n.rate[i], WithinAbs(-std::log(some) / n, 1e-12));
  }
  CHECK(c.exact_best_of_n.reward.size() > 3);
}
