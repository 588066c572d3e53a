#include "models/continuous.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "error.hpp"
#include "numerics/log_domain.hpp"
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

namespace {

/** The area under the lines that a curve is drawn with. */
double area(const LawCurve& c) {
  if (c.x.size() == 1) return c.density[0];
  double sum = 0;
  for (std::size_t i = 1; i < c.x.size(); ++i) sum += (c.density[i] + c.density[i - 1]) / 2 * (c.x[i] - c.x[i - 1]);
  return sum;
}

/** Every family at ordinary shapes and at the ends of what is allowed, and tables with atoms in every place. */
std::vector<ContinuousLaw> drawn_laws() {
  const std::pair<const char*, std::vector<double>> smooth[] = {
      {"uniform", {-1, 2}},   {"uniform", {1e12, 1000000000000.001}},
      {"normal", {0.3, 2}},   {"exponential", {0.5}},
      {"gamma", {2.5, 1}},    {"gamma", {0.01, 1}},
      {"gamma", {0.4, 2}},    {"gamma", {10000, 1}},
      {"beta", {2, 5}},       {"beta", {1, 0.01}},
      {"beta", {0.5, 0.8}},   {"beta", {0.01, 10000}},
      {"weibull", {2, 1}},    {"weibull", {10000, 1}},
      {"weibull", {0.02, 1}}, {"lognormal", {0.2, 20}},
      {"lognormal", {0, 1}},  {"lognormal", {0, 0.01}},
      {"logistic", {0, 1}},   {"laplace", {1, 2}},
      {"gumbel", {0, 1}}};
  const std::pair<std::vector<double>, std::vector<double>> tables[] = {
      {{0, 1}, {0, 1}},
      {{0, 0.25, 0.5, 1}, {0, 1, 1, 3}},
      {{0, 0.7, 1}, {0, 2, 2}},
      {{0, 0.2, 0.5, 0.7, 0.9, 1}, {0, 1, 1, 2, 4, 4}},
      // Bars that overlap, one that stands on a corner, and pieces of no width that follow each other.
      {{0, 0.2, 0.5, 0.6, 0.9, 1}, {0, 1, 1, 1.0001, 1.0001, 2}},
      {{0, 0.1, 0.2, 0.3, 1}, {0, 0.5, 0.5, 0.5, 9}},
      {{0, 0.3, 0.300000001, 1}, {0, 0, 1, 1}},
      {{0, 0.5, 0.500000001, 1}, {0, 1, 2, 3}},
      // A low bar under a high one: the sum of both, less the high one, is below nothing.
      {{0, 3.5975609616090046e-292, 3.281623899455715e-272, 2.8923605256647132e-258, 1.3359046566621489e-142,
        5.531087737638452e-91, 1.3977576498774493e-86, 6.044251623987393e-67, 1},
       {0, 0, 1, 1, 2, 2, 2, 2, 2}}};
  std::vector<ContinuousLaw> all;
  for (const bool mirrored : {false, true}) {
    for (const auto& [name, parameters] : smooth) {
      const bool heavy = std::string(name) == "lognormal" || (std::string(name) == "weibull" && parameters.front() < 1);
      if (!heavy || mirrored) all.push_back(family(name, parameters, mirrored));
    }
    for (const auto& [u, reward] : tables) all.push_back(make_quantile_table(u, reward, mirrored));
  }
  return all;
}

}  // namespace

TEST_CASE("whatever is drawn of a law has an area of 1, however steep it is and wherever its atoms are") {
  const std::vector<ContinuousLaw> all = drawn_laws();
  for (std::size_t k = 0; k < all.size(); ++k) {
    for (const double kl : {0.0, 1e-9, 0.05, 0.5, 2.0, 8.0, 40.0, 745.0, 1e6, 1e12}) {
      for (const int points : {160, 1000}) {
        CAPTURE(k, kl, points);
        const LawCurves c = law_curves(all[k], make_budget("kl", kl, std::nullopt), points);
        for (const LawCurve* curve : {&c.base, &c.kl_rl, &c.best_of_n}) {
          CHECK_THAT(area(*curve), WithinAbs(1, 0.011));
          CHECK(std::is_sorted(curve->x.begin(), curve->x.end()));
          CHECK(*std::min_element(curve->density.begin(), curve->density.end()) >= 0);
          double total = 0;
          for (const double mass : curve->mass) total += mass;
          CHECK_THAT(total, WithinRel(area(*curve), 1e-9));
        }
      }
    }
  }
}

TEST_CASE("a picture of few points has them all") {
  for (const ContinuousLaw& law : drawn_laws()) {
    for (const int points : {2, 3, 5}) {
      const LawCurves c = law_curves(law, make_budget("kl", 0.5, std::nullopt), points);
      for (const LawCurve* curve : {&c.base, &c.kl_rl, &c.best_of_n}) CHECK(std::isfinite(area(*curve)));
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

TEST_CASE("a nat more earns of a bell curve a difference of square roots, beside rewards of any size") {
  const ContinuousLaw bell = family("normal", {5, 3});
  for (const auto& [from, to] : {std::pair{0.0, 1.0}, {2.0, 3.0}, {50.0, 51.0}})
    CHECK_THAT(earns_more(bell, from, to), WithinRel(3 * (std::sqrt(2 * to) - std::sqrt(2 * from)), 1e-6));
  for (const double mean : {1e9, 1e12, 1e15, -1e300}) {
    for (const double sd : {1e-3, 1e-6, 1e-9, 1e-30}) {
      CAPTURE(mean, sd);
      const ContinuousLaw law = family("normal", {mean, sd});
      CHECK_THAT(earns_more(law, 1, 2), WithinRel(sd * (2 - std::sqrt(2.0)), 1e-6));
    }
  }
  // Of a constant reward it is one, and so past the optimum that is the top atom alone.
  const auto table = [](std::vector<double> u, std::vector<double> reward) {
    return make_quantile_table(u, reward, false);
  };
  CHECK(earns_more(table({0, 1}, {1e12, 1e12}), 1, 2) == 0);
  CHECK(earns_more(table({0, 0.7, 1}, {1e12, 2e12, 2e12}), 5, 6) == 0);
}

TEST_CASE("a picture draws a table's atoms as thin bars, and a law of atoms alone as points") {
  const ContinuousLaw table =
      make_quantile_table(std::vector<double>{0, 0.25, 0.5, 1}, std::vector<double>{0, 1, 1, 3}, false);
  const LawCurve base = picture(table, base_of(table), 300);
  CHECK(std::is_sorted(base.x.begin(), base.x.end()));
  // A quarter of the mass on a 300th of the range of 3; below and beside it a density of 1/4.
  const auto peak = std::max_element(base.density.begin(), base.density.end());
  CHECK_THAT(*peak, WithinRel(25.25, 1e-12));
  CHECK_THAT(base.x[static_cast<std::size_t>(peak - base.density.begin())], WithinAbs(1, 0.0051));
  for (std::size_t i = 0; i < base.x.size(); ++i) {
    if (std::fabs(base.x[i] - 1) > 0.0051) CHECK_THAT(base.density[i], WithinRel(0.25, 1e-12));
    if (std::fabs(base.x[i] - 1) < 0.0049) CHECK_THAT(base.density[i], WithinRel(25.25, 1e-12));
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

namespace {

/** A table that ends in an atom, and its finite law: pieces in many parts, each of which has its own middle. */
struct Both {
  ContinuousLaw table;
  Tokens fine;
};
Both ends_in_atom(test::Random& random) {
  std::vector<double> u{0};
  std::vector<double> reward{std::floor(8 * random.uniform())};
  const std::int64_t pieces = random.integer(1, 4);
  for (std::int64_t i = 1; i <= pieces; ++i) {
    u.push_back(i == pieces ? 1 : u.back() + std::round(1e3 * (1 - u.back()) * random.uniform() * 0.6 + 1) / 1e3);
    const bool atom = i == pieces || random.uniform() < 0.3;
    reward.push_back(reward.back() + (atom ? 0 : 0.5 + std::floor(8 * random.uniform())));
  }
  test::Alphabet fine;
  for (std::size_t i = 0; i + 1 < u.size(); ++i) {
    const bool atom = reward[i] == reward[i + 1];
    const int parts = atom ? 1 : 400;
    for (int k = 0; k < parts; ++k) {
      fine.p.push_back((u[i + 1] - u[i]) / parts);
      fine.reward.push_back(reward[i] + (reward[i + 1] - reward[i]) * (atom ? 0 : (k + 0.5) / parts));
    }
  }
  return {make_quantile_table(u, reward, false), test::finite(fine)};
}

/** Policies of every kind, some of which keep the top atom alone. @param atom its mass */
std::vector<ExtraPolicy> policies_at(double atom) {
  std::vector<ExtraPolicy> all;
  for (const PolicyKind* kind : policy_kinds()) {
    if (kind->not_continuous) continue;
    if (!kind->weakest) continue;
    for (const double kl : {0.0, 0.1, 0.5, 1.5, 30.0}) all.push_back({kind, {}, kl * -std::log(atom)});
    // Others come to the top atom alone as their strength goes to infinity, so that rounding decides.
    if (kind->ends_at_top) all.push_back({kind, {}, -std::log(atom)});
  }
  const auto add = [&](const char* name, double first, double second = 0) {
    all.push_back({&policy_kind(name, ""), {first, second}});
  };
  for (const double share : {1.0, 0.9, 0.5, 1e-9}) add("top_quantile", share * atom);
  for (const double tau : {0.99, 1.0}) add("top_quantile", tau);
  add("top_quantile", std::min(1.0, 1.2 * atom));
  for (const double c : {0.0, 3.0, 40.0, 1e5}) add("win_rate_tilt", c);
  for (const double mu : {0.0, 3.0, 60.0, 1e6}) add("best_of_poisson", mu);
  for (const double weight : {0.0, 0.5, 1.0}) {
    for (const double n : {1.0, 3.0, 1e5, 1e200}) add("mixture", n, weight);
  }
  for (const double beta : {1.0, 30.0}) add("chi_squared", beta);
  std::erase_if(all, [](const ExtraPolicy& p) { return !p.kl && p.parameter[0] > p.kind->parameters[0].most; });
  return all;
}

}  // namespace

TEST_CASE("on a table that ends in an atom every policy is as far from the optimum as on its finite law") {
  test::Random random(83);
  int alone = 0;
  for (int k = 0; k < 12; ++k) {
    const Both of = ends_in_atom(random);
    const double most = kl_max(of.table);
    CAPTURE(k, most);
    for (const double budget : {0.0, 0.3 * most, 0.9 * most, 1.1 * most + 1e-9, 5 * most + 5, 500.0}) {
      const Report table = at(of.table, budget);
      const Report fine = evaluate(of.fine, make_budget("kl", budget, of.fine));
      CAPTURE(budget);
      CHECK(std::isinf(table.best_of_n.kl_to_kl_rl) == std::isinf(fine.best_of_n.kl_to_kl_rl));
      const ContinuousTilt tilt = tilt_for(of.table, budget);
      const TokenTilt fine_tilt = tilt_for(of.fine, budget);
      auto fine_policies = policies_of(of.fine);
      for (const ExtraPolicy& asked : policies_at(std::exp(-most))) {
        CAPTURE(asked.kind->name, asked.parameter[0], asked.parameter[1], asked.kl.value_or(-1));
        const FurtherOutcome a = further_outcome(of.table, policies_of(of.table).lay(asked, ""), tilt);
        const FurtherOutcome b = further_outcome(of.fine, fine_policies.lay(asked, ""), fine_tilt);
        const double wanted = b.kl_to_kl_rl.value;
        if (std::isinf(wanted)) {
          CHECK(std::isinf(a.kl_to_kl_rl.value));
        } else {
          CHECK_THAT(a.kl_to_kl_rl.value, WithinAbs(wanted, 0.02 * (1 + wanted)));
        }
        if (std::isinf(tilt.alpha) && wanted == 0) ++alone;
      }
    }
  }
  CHECK(alone > 100);
}

TEST_CASE("the top quantile of as much as the top atom has is that alone") {
  for (int k = 1; k < 1000; ++k) {
    const double below = k / 1000.0;
    const double tau = (1000 - k) / 1000.0;
    CAPTURE(tau);
    const ExtraPolicy asked{&policy_kind("top_quantile", ""), {tau, 0}};
    const ContinuousLaw table =
        make_quantile_table(std::vector<double>{0, below, 1}, std::vector<double>{0, 2, 2}, false);
    CHECK(further_outcome(table, policies_of(table).lay(asked, ""), tilt_for(table, 20)).kl_to_kl_rl.value == 0);
    const Tokens coin = test::finite({{below, tau}, {0, 2}});
    auto policies = policies_of(coin);
    CHECK(further_outcome(coin, policies.lay(asked, ""), tilt_for(coin, 20)).kl_to_kl_rl.value == 0);
  }
}

TEST_CASE("an alpha past what a double holds leaves a divergence infinite only where it is as large") {
  const ExtraPolicy asked{&policy_kind("top_quantile", ""), {0.5, 0}};
  const ContinuousLaw uniform = family("uniform", {0, 1});
  const FurtherOutcome far = further_outcome(uniform, policies_of(uniform).lay(asked, ""), tilt_for(uniform, 1e4));
  CHECK(std::isinf(far.kl_to_kl_rl.value));
  // Of rewards that small no difference is known, which is said of the number.
  const ContinuousLaw small = family("exponential", {1e300}, true);
  REQUIRE(std::isinf(tilt_for(small, 40).alpha));
  const FurtherOutcome near = further_outcome(small, policies_of(small).lay(asked, ""), tilt_for(small, 40));
  CHECK(std::isfinite(near.kl_to_kl_rl.value));
  CHECK(near.kl_to_kl_rl.of_value.error > 1);
}

TEST_CASE("the tilt of best-of-N's KL next to the largest is left out by name, and infinite where best-of-N is there") {
  const ContinuousLaw top =
      make_quantile_table(std::vector<double>{0, 0.9921875, 1}, std::vector<double>{0, 1, 1}, false);
  // Beside the top atom lies 1e-34 of it, by which its KL is less than the largest.
  const Report near = at(top, std::log(1e4));
  CHECK(std::isinf(near.kl_rl.alpha));
  CHECK(std::isnan(near.kl_rl_at_bon_kl.alpha));
  REQUIRE(near.notes.size() == 1);
  CHECK(near.notes[0].find("kl_rl_at_bon_kl.alpha") != std::string::npos);
  const Report there = at(top, 1e4);
  CHECK(std::isinf(there.kl_rl_at_bon_kl.alpha));
  CHECK(there.notes.empty());
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
  // The largest reward alone has the same ratio to the base everywhere, and one divergence of every order.
  for (const double order : {0.5, 1.0, 2.0, 7.0})
    CHECK_THAT(renyi_of(top, tilt_for(top, 5), order), WithinRel(kl_max(top), 1e-15));
  const ContinuousLaw bell = family("normal", {0, 1});
  CHECK_THAT(renyi_of(bell, tilt_for(bell, 0.5), 2), WithinRel(1.0, 1e-10));
  CHECK_THAT(renyi_of_best(bell, log(DoubleDouble(4)), 2), WithinRel(std::log(16.0 / 7), 1e-13));
}
