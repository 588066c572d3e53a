#include <catch2/catch.hpp>
#include <cmath>

#include "error.hpp"
#include "report/continuous.hpp"
#include "report/curves.hpp"
#include "report/report.hpp"
#include "report/simulated.hpp"
#include "report/statements.hpp"
#include "support.hpp"

/** Rewards, probabilities and budgets at the ends of what is admitted. */
namespace tiltlab {
namespace {

Report report(const Model& m, const std::string& kind, double value) {
  return evaluate(m, make_budget(kind, value, m));
}

ContinuousLaw table(std::vector<double> u, std::vector<double> reward) { return make_quantile_table(u, reward, false); }

}  // namespace

TEST_CASE("rewards may span 2e30 times their smallest difference, divided by the length") {
  CHECK_THROWS_WITH(test::finite({{0.3, 0.4, 0.3}, {-1e37, 0, 1}}),
                    "model.outcomes[0].reward: -1e+37 is too far out: rewards may span 2e+30 times their smallest "
                    "difference, here 1e+37 times 1");
  CHECK_THROWS_WITH(
      test::sequence({{0.3, 0.4, 0.3}, {0, 1, 1e29}}, 50),
      "model.tokens[2].reward: 1e+29 is too far out: rewards may span 2e+30 / length times their smallest "
      "difference, here 1e+29 times 1");
  // Of what occurs; two rewards are a lattice whatever they are; and equal ones are no difference.
  CHECK_NOTHROW(test::finite({{0, 0.5, 0.5}, {-1e37, 0, 1}}));
  CHECK_NOTHROW(test::finite({{0.3, 0.4, 0.3}, {-1e37, 1, 1}}));
  CHECK_NOTHROW(test::sequence({{0.5, 0.5}, {1e300, 7e271}}, 1000000000));
  CHECK_NOTHROW(test::sequence({{0.4, 0.3, 0.3}, {-1e300, 0, 7e271}}, 80));
  CHECK_NOTHROW(test::finite({{0.3, 0.4, 0.3}, {-1e17, 0, 1}}));
  CHECK_NOTHROW(test::finite({{0.5, 0.5}, {1e-300, 3e-300}}));
  CHECK_THROWS_WITH(table({0, 0.2, 0.4, 1}, {0, 1e-300, 1, 2}), Catch::Contains("model.reward[1]: 1e-300 is nearer"));
}

TEST_CASE("a far reward takes no digits from what is said of the near ones") {
  // The far token never shows: all is as if {1, 3} were alone.
  const Model far = test::sequence({{0.8, 0.2, 7e-26}, {1, 3, -4e19}}, 57);
  const Model alone = test::sequence({{0.8, 0.2}, {1, 3}}, 57);
  const Budget budget = make_budget("n", 64, far);
  const TiltCurves dual = tilt_curves(far, budget, 21);
  CHECK(dual.dual_minimum == Approx(tilt_curves(alone, budget, 21).primal).epsilon(1e-9));
  const std::vector<double> multiplicity{1, 1, 1};
  const std::vector<double> reward{1, 3, -4e19};
  const RenyiCurve renyi = renyi_curve(far, budget, multiplicity, reward, 17);
  CHECK(renyi.jeffreys == Approx(renyi.kl_forward + renyi.kl_reverse).epsilon(1e-9));
  const RateCurves rates = rate_curves(far, budget, 16, 3);
  for (const double rate : rates.exact_kl_rl.rate) CHECK(rate > -1e-9);
  for (std::size_t i = 1; i < rates.reward.size(); ++i) CHECK(rates.reward[i] >= rates.reward[i - 1] - 1e-13);
}

TEST_CASE("rewards that no lattice holds beside a far one are left out, not wrong") {
  const Model m = test::sequence({{0.5, 0.3 - 7e-13, 0.2, 7e-13}, {0, 1, 3, -1.1e19}}, 1000000);
  const Report r = report(m, "kl", 4);
  CHECK(!(r.best_of_n.reward > r.kl_rl_at_bon_kl.reward));
  CHECK(r.error_bound <= largest_error_bound);
}

TEST_CASE("a law of many levels is found at few draws too") {
  // Small N reach far below the centre of their tilt, where an inversion is noise.
  const Model m =
      memoryless_model(std::vector<double>{5, 8, 164, 1, 1}, std::vector<double>{0, 1, 0.09, -0.5, 0.6409146990753736},
                       212, true, "model.tokens");
  double last = report(m, "kl", 0).model.reward;
  for (const double n : {2.0, 4.0, 16.0, 64.0, 1000.0}) {
    const Report r = report(m, "n", n);
    CHECK(r.best_of_n.reward > last);
    CHECK(r.kl_rl.reward > r.best_of_n.reward);
    last = r.best_of_n.reward;
  }
  ExtraPolicy poisson;
  poisson.kind = ExtraPolicy::Kind::best_of_poisson;
  poisson.draws = 5000;
  const PolicyReport drawn = evaluate_policies(m, {poisson}).front();
  CHECK(drawn.reward == Approx(report(m, "n", 5000).best_of_n.reward).epsilon(1e-3));
  CHECK(drawn.reward < report(m, "kl", drawn.kl).kl_rl.reward);
}

TEST_CASE("best-of-N's KL near N = 1 is no noise") {
  const Report none = report(test::sequence({{1, 1.75e-72}, {3, 2}}, 116), "n", 1.000007);
  CHECK(none.best_of_n.kl <= none.model.kl_max * (1 + 1e-9));
  CHECK(none.kl_rl_at_bon_kl.kl >= 0);
  const Report certain = report(test::sequence({{1, 3e-21}, {1, 0}}, 1000000000), "kl_per_token", 0.1);
  CHECK(certain.best_of_n.kl == Approx(certain.model.kl_max).epsilon(1e-9));
  // The KL underflows: what it buys is not nothing where rewards are large.
  const Report huge = evaluate(make_continuous_law("normal", std::vector<double>{0, 2.4e278}, true),
                               make_budget("log_n", 1.2e-227, std::nullopt));
  CHECK(std::isnan(huge.kl_rl_at_bon_kl.reward));
  CHECK(huge.best_of_n.reward > 0);
}

TEST_CASE("statements at budgets that a double hardly holds") {
  const Model m = test::sequence({{0.5, 0.3, 0.2}, {0, 1, 3}}, 160);
  const Budget faint = make_budget("kl", 1e-300, m);
  const FixedCurves fixed = fixed_curves(m, faint, 7);
  for (const auto* list : {&fixed.fixed, &fixed.growing}) {
    for (const double share : *list) CHECK(!(share > 1 || share < 0));
  }
  for (const double x : tilt_curves(m, make_budget("kl", 5e-313, m), 21).reward) CHECK(std::isfinite(x));
  const Model one = test::sequence({{0.5, 0.25, 0.25}, {0, 1, 3}}, 1);
  const auto s = simplex(one, make_budget("kl", 3e-73, one), 16);
  REQUIRE(s);
  for (std::size_t i = 0; i < s->ball.first.size(); ++i)
    CHECK(s->ball.first[i] + s->ball.second[i] + s->ball.third[i] == Approx(1));
  // A tilt whose moments overflow where they are multiplied before they are divided.
  const Model rare = test::finite({{1e-300, 1e-200, 1}, {1, 0, 1e-6}});
  const TokenTilt tilt = solve_tilt(rare.token, DoubleDouble(648));
  CHECK(tilt_at(rare.token, tilt.b).kl.value() == Approx(648).epsilon(1e-9));
}

TEST_CASE("shares of tokens whose sums are listed by counts add up to 1") {
  const Model m =
      memoryless_model(std::vector<double>{1, 1, 1}, std::vector<double>{2e-6, 1, 2}, 5, true, "model.tokens");
  const auto s = simplex(m, make_budget("n", 70, m), 16);
  REQUIRE(s);
  for (std::size_t i = 0; i < s->best_of_n.first.size(); ++i)
    CHECK(s->best_of_n.first[i] + s->best_of_n.second[i] + s->best_of_n.third[i] == Approx(1).epsilon(1e-9));
}

TEST_CASE("pictures of few points show all of a law") {
  const Model m = test::sequence({{0.5, 0.5}, {0, 1}}, 1000);
  const LawCurves c = law_curves(m, make_budget("kl", 2, m), 2);
  double total = 0;
  for (const double mass : c.kl_rl.mass) total += mass;
  CHECK(total == Approx(1).epsilon(1e-6));
  // Equal rewards that share no lattice are one level.
  const Model same = test::sequence({{0.5, 0.5}, {9.559607189403555e147, 9.559607189403555e147}}, 97711936);
  CHECK(law_curves(same, make_budget("kl", 2, same), 20).kl_rl.mass == std::vector<double>{1});
}

TEST_CASE("quantile tables of any size are one another times a constant") {
  const Budget budget = make_budget("kl", 0.7, std::nullopt);
  const Report unit = evaluate(table({0, 0.5, 1}, {0, 1, 3}), budget);
  const LawCurves curves = law_curves(table({0, 0.5, 1}, {0, 1, 3}), budget, 20);
  for (const double scale : {0x1p-900, 0x1p900}) {
    const ContinuousLaw law = table({0, 0.5, 1}, {0, scale, 3 * scale});
    const Report r = evaluate(law, budget);
    CHECK(r.kl_rl.reward / scale == Approx(unit.kl_rl.reward).epsilon(1e-12));
    CHECK(r.kl_rl.alpha * scale == Approx(unit.kl_rl.alpha).epsilon(1e-12));
    CHECK(r.best_of_n.reward_sd / scale == Approx(unit.best_of_n.reward_sd).epsilon(1e-12));
    const LawCurves c = law_curves(law, budget, 20);
    REQUIRE(c.kl_rl.x.size() == curves.kl_rl.x.size());
    for (std::size_t i = 0; i < c.kl_rl.x.size(); ++i) {
      CHECK(c.kl_rl.x[i] / scale == Approx(curves.kl_rl.x[i]).epsilon(1e-12));
      CHECK(c.kl_rl.density[i] * scale == Approx(curves.kl_rl.density[i]).epsilon(1e-12));
    }
  }
  const LawCurves steps = law_curves(table({0, 0.9, 1}, {2e-8, 1.009, 2}), budget, 60);
  for (std::size_t i = 1; i < steps.base.x.size(); ++i) CHECK(steps.base.x[i] >= steps.base.x[i - 1]);
}

TEST_CASE("Renyi divergences of best-of-N and of tilts at the ends of the axis") {
  const double log_n = 1e-6;
  // s L^2 / 2 to first order
  for (const double order : {0.5, 2.0, 4.0})
    CHECK(best_of_n_renyi(log_n, order) == Approx(order * log_n * log_n / 2).epsilon(1e-5));
  CHECK(best_of_n_renyi(1e6, 0) == 0);
  CHECK(best_of_n_renyi(0.009999, 2) == Approx(best_of_n_renyi(0.010001, 2)).epsilon(1e-3));
  const DivergenceCurves c = divergence_curves(make_continuous_law("gamma", std::vector<double>{0.02, 1}, true),
                                               make_budget("n", 6e10, std::nullopt), 9);
  for (const double x : c.kl_rl) CHECK(std::isfinite(x));
  CHECK_THROWS_WITH(make_continuous_law("lognormal", std::vector<double>{0, 1e-20}, true),
                    "model.scale: 1e-20 is not in [1e-9, 20]");
}

TEST_CASE("a refusal names the field that was written") {
  const ContinuousLaw law = make_continuous_law("weibull", std::vector<double>{1, 1e300}, false);
  CHECK_THROWS_WITH(evaluate(law, make_budget("log_n", 1e12, std::nullopt)), Catch::Contains("model.scale: "));
}

TEST_CASE("gold of outcomes beside a far reward is drawn from their own levels") {
  const std::vector<double> p{0.1, 0.4, 0.5};
  const std::vector<double> reward{-1e13, 0, 4};
  const std::vector<double> gold{0.2, -0.4, 0.6};
  const Model m = finite_model(p, reward, gold, "model.outcomes");
  const Simulation s = make_simulation(m, make_budget("log_n", 2, m), "tokens", 7, 4, p, reward, gold, {});
  for (std::size_t i = 0; i < p.size(); ++i) CHECK(s.plan.step[i] == m.token.position[i]);
  double total = 0;
  for (const double w : s.plan.tilted) total += w;
  CHECK(total == Approx(1));
}

}  // namespace tiltlab
