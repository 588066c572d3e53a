#include "models/continuous.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "error.hpp"
#include "policies/registry.hpp"
#include "report/curves.hpp"
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
      CHECK_THAT(r.gap.reward, WithinAbs(r.kl_rl.reward - r.best_of_n.reward, 1e-12 * (1 + std::fabs(r.kl_rl.reward))));
      CHECK_THAT(r.gap.reward_at_bon_kl,
                 WithinAbs(r.kl_rl_at_bon_kl.reward - r.best_of_n.reward, 1e-12 * (1 + std::fabs(r.kl_rl.reward))));
      CHECK(r.error_bound < 1e-9);
      if (kl > 0 && kl < 5) {
        // KL(w || phi) = KL(w || p) - KL(phi || p) + a (E_phi r - E_w r)
        const double bought = r.kl_rl.alpha * r.gap.reward;
        CHECK_THAT(r.best_of_n.kl_to_kl_rl, WithinAbs(r.best_of_n.kl - kl + bought, 1e-10 * (1 + bought)));
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

TEST_CASE("a nat more earns of a bell curve a difference of square roots, beside large rewards nothing that is known") {
  const ContinuousLaw bell = family("normal", {5, 3});
  for (const auto& [from, to] : {std::pair{0.0, 1.0}, {2.0, 3.0}, {50.0, 51.0}})
    CHECK_THAT(earns_more(bell, from, to), WithinRel(3 * (std::sqrt(2 * to) - std::sqrt(2 * from)), 1e-6));
  CHECK(std::isnan(earns_more(family("normal", {1e12, 1e-3}), 1, 2)));
}

TEST_CASE("a picture draws a table's atoms as thin bars, and a law of atoms alone as points") {
  const ContinuousLaw table =
      make_quantile_table(std::vector<double>{0, 0.25, 0.5, 1}, std::vector<double>{0, 1, 1, 3}, false);
  const LawCurve base = picture(table, base_of(table), 300);
  CHECK(std::is_sorted(base.x.begin(), base.x.end()));
  // A quarter of the mass on a 300th of the range of 3; beside it a density of 1/4.
  const auto peak = std::max_element(base.density.begin(), base.density.end());
  CHECK_THAT(*peak, WithinRel(25.0, 1e-12));
  CHECK_THAT(base.x[static_cast<std::size_t>(peak - base.density.begin())], WithinAbs(1, 0.0051));
  for (std::size_t i = 0; i < base.x.size(); ++i) {
    if (std::fabs(base.x[i] - 1) > 0.0051) CHECK_THAT(base.density[i], WithinRel(0.25, 1e-12));
  }
  CHECK_THAT(base.mean, WithinRel(0.25 * 0.5 + 0.25 + 0.5 * 2, 1e-12));
  const ContinuousLaw one = make_quantile_table(std::vector<double>{0, 1}, std::vector<double>{2, 2}, false);
  const LawCurve point = picture(one, base_of(one), 300);
  CHECK(point.x == std::vector<double>{2});
  CHECK(point.mass == std::vector<double>{1});
  // Past saturation nothing but the top atom is left.
  const ContinuousLaw top = make_quantile_table(std::vector<double>{0, 0.7, 1}, std::vector<double>{0, 2, 2}, false);
  const LawCurve saturated = picture(top, tilt_for(top, 5), 300);
  CHECK(saturated.x == std::vector<double>{2});
}

TEST_CASE("what a continuous model has no density of the rank for is refused, and a budget that is too much is named") {
  const ContinuousLaw bell = family("normal", {0, 1});
  int refused = 0;
  for (const PolicyKind* kind : policy_kinds()) {
    if (!kind->not_continuous) continue;
    ++refused;
    INFO(kind->name);
    CHECK_THROWS_WITH(policies_of(bell).lay({kind, {2, 1}}, "policies[4]"),
                      Catch::Contains("policies[4].kind: ") && Catch::Contains("is not there for continuous models"));
  }
  CHECK(refused > 0);
  CHECK_THROWS_WITH(policies_of(bell).lay({&policy_kind("top_quantile", ""), {3, 0}}, "policies[4]"),
                    Catch::Contains("policies[4].tau: 3"));
  CHECK_THROWS_WITH(refuse(bell, Budget{7}, NumericalError("no root")),
                    "budget: 7 nats are too much for this model: no root");
}

TEST_CASE("a further policy is infinitely far from a saturated optimum, and Renyi has no divergence of atoms") {
  const ContinuousLaw top = make_quantile_table(std::vector<double>{0, 0.7, 1}, std::vector<double>{0, 2, 2}, false);
  const StrongMetrics laid = policies_of(top).lay({&policy_kind("top_quantile", ""), {0.5, 0}}, "policies[0]");
  CHECK(std::isinf(further_outcome(top, laid, tilt_for(top, 5)).kl_to_kl_rl.value));
  CHECK(std::isfinite(further_outcome(top, laid, tilt_for(top, 0.5)).kl_to_kl_rl.value));
  // What there is to reach: the atom at the top, and nothing of a bell curve.
  CHECK_THAT(at(top, 1).model.kl_max, WithinRel(-std::log(0.3), 1e-13));
  CHECK(at(top, 1).model.reward_max == 2);
  CHECK(std::isinf(at(family("normal", {0, 1}), 1).model.kl_max));
  CHECK(std::isinf(at(family("normal", {0, 1}), 1).model.reward_max));
  CHECK(std::isnan(renyi_of_best(top, 1, 2)));
  CHECK(std::isnan(renyi_of(top, tilt_for(top, 5), 2)));
  const ContinuousLaw bell = family("normal", {0, 1});
  CHECK_THAT(renyi_of(bell, tilt_for(bell, 0.5), 2), WithinRel(1.0, 1e-10));
  CHECK_THAT(renyi_of_best(bell, log(DoubleDouble(4)), 2), WithinRel(std::log(16.0 / 7), 1e-13));
}
