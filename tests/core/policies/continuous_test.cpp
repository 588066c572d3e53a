#include "policies/continuous.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "error.hpp"
#include "models/continuous.hpp"
#include "numerics/log_domain.hpp"
#include "report/curves.hpp"
#include "report/statements/divergences.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {
ContinuousLaw family(const char* name, std::vector<double> parameters, bool mirrored = false) {
  return make_continuous_law(name, parameters, mirrored);
}
Report at(const ContinuousLaw& law, double log_n) { return evaluate(law, make_budget("log_n", log_n, std::nullopt)); }

constexpr double euler = 0.57721566490153286061;

}  // namespace

TEST_CASE("Renyi divergences: closed forms, monotone in the order, and the KL at order 1") {
  const double kl = 2;
  const DivergenceCurves c = divergence_curves(family("normal", {0, 3}), make_budget("kl", kl, std::nullopt), 81);
  const double alpha = std::sqrt(2 * kl) / 3;
  for (std::size_t i = 0; i < c.order.size(); ++i) {
    // Of two normal laws of equal variance: s (mean / sd)^2 / 2.
    CHECK_THAT(c.kl_rl[i], WithinAbs(c.order[i] * alpha * alpha * 9 / 2, 1e-12));
    CHECK(c.best_of_n[i] <= kl);
    if (i > 0) CHECK(c.best_of_n[i] > c.best_of_n[i - 1]);
  }
  // By its definition, int (N u^(N-1))^s du, at order 2 and N = 4: 16/7.
  CHECK_THAT(best_of_n_renyi(std::log(4.0), 2), WithinRel(std::log(16.0 / 7), 1e-14));
  CHECK_THAT(best_of_n_renyi(std::log(4.0), 1), WithinRel(std::log(4.0) - 0.75, 1e-14));
  CHECK_THAT(best_of_n_renyi(std::log(4.0), 1 + 1e-6), WithinRel(std::log(4.0) - 0.75, 1e-5));
  CHECK(best_of_n_renyi(500, 3) < 500);
  const DivergenceCurves e = divergence_curves(family("exponential", {1}), make_budget("kl", kl, std::nullopt), 81);
  CHECK(std::isinf(e.kl_rl.back()));
}

TEST_CASE("parameters are the decimal numbers that were written") {
  const Report r = at(family("uniform", {1e12, 1000000000000.001}), 3);
  CHECK_THAT(r.model.reward_sd, WithinRel(0.001 / std::sqrt(12.0), 1e-14));
  const Report unit = at(family("uniform", {0, 0.001}), 3);
  CHECK_THAT(r.gap.reward, WithinRel(unit.gap.reward, 1e-13));
}

TEST_CASE("a gap keeps its own digits beside large rewards") {
  // Exponential: m - 1 - log m = log N, and best-of-N earns log N + gamma.
  for (const double log_n : {1e4, 1e8, 1e12}) {
    double m = log_n;
    for (int i = 0; i < 50; ++i) m = 1 + log_n + std::log(m);
    CHECK_THAT(at(family("exponential", {1}), log_n).gap.reward, WithinRel(1 + std::log(m) - euler, 1e-13));
  }
  const Report far = at(family("normal", {1e12, 1}), 5);
  const Report near = at(family("normal", {0, 1}), 5);
  CHECK(far.gap.reward == near.gap.reward);
}

TEST_CASE("the mirrored exponential's gap at best-of-N's divergence is 0, never below") {
  for (const double rate : {0.3, 1.0, 7.0}) {
    for (double log_n = 1e-6; log_n < 1e6; log_n *= 1.7) {
      CHECK(at(family("exponential", {rate}, true), log_n).gap.reward_at_bon_kl <=
            1e-15 / rate * std::exp(-log_n) + 1e-15 * log_n);
      CHECK(at(family("exponential", {rate}, true), log_n).gap.reward_at_bon_kl >= 0);
    }
  }
}

TEST_CASE("rewards past what a double holds are refused by the field that makes them") {
  CHECK_THROWS_WITH(at(family("gumbel", {0, 1e300}), 1e12), Catch::Contains("model.scale"));
}

TEST_CASE("of a mean that is not known no difference is, least of all 0") {
  // N is past what a double holds, and few draws reach the top piece.
  const ContinuousLaw rare = make_quantile_table(std::vector<double>{0, 1e-308, 1}, std::vector<double>{0, 1, 2}, true);
  for (const double log_n : {705.0, 709.5, 711.0, 714.0, 730.0}) {
    CAPTURE(log_n);
    const Report r = at(rare, log_n);
    if (std::isnan(r.best_of_n.reward)) {
      CHECK(std::isnan(r.gap.reward));
      CHECK(std::isnan(r.gap.reward_at_bon_kl));
      CHECK(std::isnan(r.best_of_n.kl_to_kl_rl));
      REQUIRE(r.notes.size() == 1);
      CHECK_THAT(r.notes.front(), Catch::Contains("gap.reward") && Catch::Contains("best_of_n.kl_to_kl_rl"));
    } else {
      CHECK_THAT(r.gap.reward, WithinAbs(r.kl_rl.reward - r.best_of_n.reward, 1e-12));
      CHECK(r.best_of_n.kl_to_kl_rl > 0.7);
    }
  }
  CHECK(std::isnan(at(rare, 711).best_of_n.reward));
}
