#include "models/continuous.hpp"

#include <catch2/catch.hpp>

#include "error.hpp"
#include "report/curves.hpp"
#include "report/statements/divergences.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {
ContinuousLaw family(const char* name, std::vector<double> parameters, bool mirrored = false) {
  return make_continuous_law(name, parameters, mirrored);
}
Report at(const ContinuousLaw& law, double kl) { return evaluate(law, make_budget("kl", kl, std::nullopt)); }

const std::vector<ContinuousLaw>& laws() {
  static const std::vector<ContinuousLaw> all = {
      family("uniform", {-1, 2}),         family("normal", {0.3, 2}),        family("exponential", {0.5}),
      family("exponential", {0.5}, true), family("gamma", {0.4, 2}),         family("gamma", {30, 0.1}, true),
      family("beta", {0.5, 0.8}),         family("beta", {20, 3}, true),     family("weibull", {1, 2}),
      family("weibull", {3, 2}),          family("weibull", {0.5, 2}, true), family("lognormal", {0, 1.5}, true),
      family("logistic", {0, 1}),         family("laplace", {1, 2}),         family("gumbel", {0, 1}),
      family("gumbel", {0, 1}, true)};
  return all;
}
}  // namespace

TEST_CASE("the mirrored exponential is the law for which best-of-N is a tilt at every N") {
  for (const double n : {1.25, 2.0, 16.0, 1e6, 1e40}) {
    const ContinuousLaw law = family("exponential", {3}, true);
    const Report r = evaluate(law, make_budget("n", n, std::nullopt));
    CHECK_THAT(r.kl_rl_at_bon_kl.alpha, WithinRel((n - 1) * 3, 1e-10));
    CHECK_THAT(r.gap.reward_at_bon_kl, WithinAbs(0, 1e-11 * std::fabs(r.best_of_n.reward)));
  }
}

TEST_CASE("continuous laws: what holds for every law") {
  for (std::size_t k = 0; k < laws().size(); ++k) {
    CAPTURE(k);
    double last_reward = -1e300;
    double last_best = -1e300;
    for (const double kl : {0.0, 1e-9, 1e-4, 0.1, 1.0, 5.0, 40.0}) {
      CAPTURE(kl);
      const Report r = at(laws()[k], kl);
      const double n = std::exp(kl);
      CHECK_THAT(r.best_of_n.kl, WithinAbs(kl - (n - 1) / n, 1e-14));
      CHECK_THAT(r.best_of_n.win_rate, WithinRel(n / (n + 1), 1e-14));
      CHECK(r.kl_rl.reward >= last_reward);
      CHECK(r.best_of_n.reward >= last_best);
      CHECK(r.gap.reward_at_bon_kl >= -1e-12 * r.model.reward_sd);
      CHECK(r.error_bound < 1e-9);
      if (kl > 0 && kl < 5) {
        // Jeffreys: a (E_phi r - E_p r) = KL(phi || p) + KL(p || phi) > KL(phi || p), and dR/dKL = 1/a.
        CHECK(r.kl_rl.alpha * (r.kl_rl.reward - r.model.reward) > kl);
        const double h = 1e-4 * kl;
        const double slope = (at(laws()[k], kl + h).kl_rl.reward - at(laws()[k], kl - h).kl_rl.reward) / (2 * h);
        CHECK_THAT(slope * r.kl_rl.alpha, WithinRel(1, 1e-5));
      }
      last_reward = r.kl_rl.reward;
      last_best = r.best_of_n.reward;
    }
  }
}

TEST_CASE("closed forms: the normal tilt and the exponential's maximum") {
  for (const double kl : {1e-8, 0.5, 8.0, 300.0}) {
    const Report r = at(family("normal", {-2, 3}), kl);
    CHECK_THAT(r.kl_rl.reward, WithinRel(-2 + 3 * std::sqrt(2 * kl), 1e-12));
    CHECK_THAT(r.kl_rl.alpha, WithinRel(std::sqrt(2 * kl) / 3, 1e-12));
  }
  double harmonic = 0;
  for (int n = 1; n <= 60; ++n) {
    harmonic += 1.0 / n;
    CHECK_THAT(evaluate(family("exponential", {2}), make_budget("n", n, std::nullopt)).best_of_n.reward,
               WithinRel(harmonic / 2, 1e-12));
  }
}

TEST_CASE("a quantile table of a straight line is the uniform law") {
  const ContinuousLaw table =
      make_quantile_table(std::vector<double>{0, 0.3, 1}, std::vector<double>{-1, -0.1, 2}, false);
  for (const double kl : {1e-8, 0.3, 4.0, 60.0}) {
    const Report r = at(table, kl);
    const Report uniform = at(family("uniform", {-1, 2}), kl);
    CHECK_THAT(r.kl_rl.reward, WithinRel(uniform.kl_rl.reward, 1e-9));
    CHECK_THAT(r.kl_rl.alpha, WithinRel(uniform.kl_rl.alpha, 1e-9));
    CHECK_THAT(r.kl_rl.win_rate, WithinRel(uniform.kl_rl.win_rate, 1e-9));
    CHECK_THAT(r.best_of_n.reward, WithinRel(uniform.best_of_n.reward, 1e-9));
    CHECK_THAT(r.best_of_n.reward_sd, WithinRel(uniform.best_of_n.reward_sd, 1e-9));
    CHECK_THAT(r.best_of_n.kl_to_kl_rl, WithinAbs(uniform.best_of_n.kl_to_kl_rl, 1e-8));
  }
}

TEST_CASE("a quantile table with atoms is the limit of its finite laws") {
  const std::vector<double> u{0, 0.2, 0.5, 0.7, 0.9, 1};
  const std::vector<double> reward{0, 1, 1, 2, 4, 4};
  for (const bool mirrored : {false, true}) {
    const ContinuousLaw table = make_quantile_table(u, reward, mirrored);
    test::Alphabet fine;
    for (std::size_t i = 0; i + 1 < u.size(); ++i) {
      const bool atom = reward[i] == reward[i + 1];
      const int parts = atom ? 1 : 3000;
      for (int k = 0; k < parts; ++k) {
        fine.p.push_back((u[i + 1] - u[i]) / parts);
        const double r = reward[i] + (reward[i + 1] - reward[i]) * (atom ? 0 : (k + 0.5) / parts);
        fine.reward.push_back(mirrored ? -r : r);
      }
    }
    const Tokens m = test::finite(fine);
    for (const double kl : {0.05, 0.7, 2.0, 3.0}) {
      const Report r = at(table, kl);
      const Report wanted = evaluate(m, make_budget("kl", kl, std::nullopt));
      CHECK_THAT(r.kl_rl.reward, WithinAbs(wanted.kl_rl.reward, 1e-3));
      CHECK_THAT(r.kl_rl.win_rate, WithinAbs(wanted.kl_rl.win_rate, 1e-3));
      CHECK_THAT(r.best_of_n.reward, WithinAbs(wanted.best_of_n.reward, 1e-3));
      CHECK_THAT(r.best_of_n.reward_sd, WithinAbs(wanted.best_of_n.reward_sd, 1e-3));
      CHECK_THAT(r.best_of_n.kl, WithinAbs(wanted.best_of_n.kl, 2e-3));
      CHECK_THAT(r.best_of_n.win_rate, WithinAbs(wanted.best_of_n.win_rate, 1e-3));
    }
  }
  const ContinuousLaw table = make_quantile_table(u, reward, false);
  const Report saturated = at(table, 3);
  CHECK(std::isinf(saturated.kl_rl.alpha));
  CHECK_THAT(saturated.kl_rl.kl, WithinRel(std::log(10.0), 1e-12));
}

TEST_CASE("heavy right tails are refused with the reason; mirrored they are light") {
  CHECK_THROWS_WITH(family("student_t", {3}), Catch::Contains("model.family: \"student_t\" has polynomial tails"));
  CHECK_THROWS_WITH(family("lognormal", {0, 1}), Catch::Contains("any KL budget buys unlimited reward"));
  CHECK_THROWS_WITH(family("weibull", {0.9, 1}), Catch::Contains("heavy right tail"));
  CHECK_NOTHROW(family("weibull", {1, 1}));
  CHECK_NOTHROW(family("lognormal", {0, 1}, true));
}

TEST_CASE("densities integrate to one") {
  for (const ContinuousLaw& law : laws()) {
    for (const double kl : {0.0, 2.0}) {
      const LawCurves c = law_curves(law, make_budget("kl", kl, std::nullopt), 4000);
      for (const LawCurve* curve : {&c.base, &c.kl_rl, &c.best_of_n}) {
        double total = 0;
        for (const double mass : curve->mass) total += mass;
        CHECK_THAT(total, WithinAbs(1, 2e-3));
      }
    }
  }
}

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
