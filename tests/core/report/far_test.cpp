#include <catch2/catch.hpp>
#include <cmath>

#include "error.hpp"
#include "models/continuous.hpp"
#include "policies/random_best_of_n.hpp"
#include "report/curves.hpp"
#include "report/policies.hpp"
#include "report/report.hpp"
#include "report/simulated.hpp"
#include "report/statements.hpp"
#include "report/statements/divergences.hpp"
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
  poisson.kind = &best_of_poisson_kind;
  poisson.parameter[0] = 5000;
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
  const Simulation s = make_simulation(m, make_budget("log_n", 2, m), "tokens", 7, 4);
  for (std::size_t i = 0; i < p.size(); ++i)
    CHECK(s.plan.step[i] == (m.token.step[i] - m.token.step[s.origin]).value());
  double total = 0;
  for (const double w : s.plan.tilted) total += w;
  CHECK(total == Approx(1));
}

TEST_CASE("importance weights are those of the near rewards beside a far one that is never drawn") {
  // The far token never shows: all but the exact values is as if {3, 4} were alone.
  const std::vector<double> p{0.7, 3e-98, 0.3};
  const std::vector<double> reward{3, -2.7e16, 4};
  for (const char* method : {"tokens", "types", "order"}) {
    const Model m = memoryless_model(p, reward, 1034, false, "model.tokens");
    const Budget budget = make_budget("log_n", 1, m);
    const Simulation s = make_simulation(m, budget, method, 7, 400);
    const Simulated drawn = summarise(s, simulate(Sampler(s.plan), 0, 400));
    const double exact = evaluate(test::sequence({{0.7, 0.3}, {3, 4}}, 1034), budget).kl_rl.reward;
    CHECK(drawn.weighted_reward.mean == Approx(exact).epsilon(3e-3));
    CHECK(drawn.kl_rl.reward.mean == Approx(exact).epsilon(1e-3));
    CHECK(drawn.kl_rl.kl.low <= 1);
    CHECK(drawn.kl_rl.kl.high >= 1);
    CHECK(drawn.effective_sample_size > 50);
  }
}

TEST_CASE("a law that ends below what best-of-N draws is not taken for it") {
  // Each 1.3 costs 376 nats: between two levels a billion billion of others have no mass.
  const Model m = test::sequence({{0.8, 0.2, 3e-164}, {0, -2, 1.3}}, 1000000);
  double last = 0;
  for (const double log_n : {9.7e6, 1e7, 1.5e7, 1.6e7, 2e7, 3e7, 5e7}) {
    const Report r = report(m, "log_n", log_n);
    // Within the step to the next level, and not half of it.
    CHECK(r.best_of_n.kl > log_n - 377);
    CHECK(r.best_of_n.kl < log_n);
    CHECK(r.best_of_n.reward > last);
    last = r.best_of_n.reward;
  }
}

TEST_CASE("what passes a known bound is error, and stated") {
  const auto within = [](const Report& r, double draws) {
    CHECK(!(r.best_of_n.win_rate < 0.5));
    CHECK(!(r.best_of_n.win_rate > draws / (1 + draws)));
    CHECK(!(r.best_of_n.kl > r.best_of_n.kl_bound + 2 * r.error_bound));
    CHECK(r.error_bound <= largest_error_bound);
  };
  within(report(test::sequence({{1e-277, 1e-277, 1}, {-3e132, 0, -1e109}}, 140), "log_n", 4.3), std::exp(4.3));
  within(report(memoryless_model(std::vector<double>{1, 8, 164, 1, 1},
                                 std::vector<double>{0, 1, 0.09, -0.5, 0.6409146990753736}, 212, true, "model.tokens"),
                "n", 16),
         16);
  // Of a law that is noise but for one level no reward is told: none below the base's is.
  const Model rare = test::sequence({{1e-23, 1}, {-8.5e135, 3e32}}, 2686);
  const Report r = report(rare, "kl", 1.35e-4);
  CHECK(!(r.best_of_n.reward < r.model.reward));
}

TEST_CASE("the optimum is found where a faint tilt's KL is under the rounding of its terms") {
  // The far token is all that small tilts move: the next one is at -85 nats.
  const Model m = test::sequence({{1.1e-30, 1, 1.2e-37}, {-3.2e17, 1, 2}}, 217);
  const Model alone = test::sequence({{1, 1.2e-37}, {1, 2}}, 217);
  for (const double kl : {0.001, 0.01, 0.1, 0.6, 3.0})
    CHECK(report(m, "kl", kl).kl_rl.reward == Approx(report(alone, "kl", kl).kl_rl.reward).epsilon(1e-12));
}

TEST_CASE("statements keep their digits where tilts pass what a double holds") {
  const Model steep = test::finite({{2e-12, 0.999999999989, 9e-12}, {0, 6.782, 7}});
  for (const double rate : rate_curves(steep, make_budget("kl", 1, steep), 16, 3).kl_rl) CHECK(rate >= 0);
  // Rare tokens alone are tilted: the dual's minimum is the primal.
  const Model rare =
      test::sequence({{0.999999994, 6e-9, 5.2e-17, 4e-25}, {0, 1.4143320667335808e-7, 2e11, 2e-8}}, 1000000000);
  const TiltCurves dual = tilt_curves(rare, make_budget("n", 1.0037378198839626, rare), 21);
  CHECK(dual.dual_minimum == Approx(dual.primal).epsilon(1e-8));
  const Model far = test::sequence({{0.7, 3e-98, 0.3}, {3, -9e15, 4}}, 137875998);
  const Model alone = test::sequence({{0.7, 0.3}, {3, 4}}, 137875998);
  const Budget one = make_budget("log_n", 1, alone);
  CHECK(direction_curves(far, one, 7).exponent == Approx(direction_curves(alone, one, 7).exponent).margin(1e-14));
  // Shares that the law of the budget does not list are left out.
  const Model top = test::sequence({{0.9, 0.1, 3e-24}, {0, 1, 1.5}}, 1000);
  const auto shares = simplex(top, make_budget("kl_per_token", 2.2565, top), 16);
  REQUIRE(shares);
  CHECK(shares->best_of_n.first.size() == shares->best_of_n_log_n.size());
  for (std::size_t i = 0; i < shares->best_of_n.first.size(); ++i)
    CHECK(shares->best_of_n.first[i] + shares->best_of_n.second[i] + shares->best_of_n.third[i] == Approx(1));
}

TEST_CASE("divergences of a tilt are infinite past what a double holds, and no noise near the base") {
  const ContinuousLaw steep = make_continuous_law("weibull", std::vector<double>{1.0001, 1}, false);
  for (const double n : {31.0, 43.0}) {
    const DivergenceCurves c = divergence_curves(steep, make_budget("n", n, std::nullopt), 17);
    for (std::size_t i = 1; i < c.kl_rl.size(); ++i) CHECK(c.kl_rl[i] >= c.kl_rl[i - 1]);
    CHECK(c.kl_rl.back() == HUGE_VAL);
  }
  const ContinuousLaw beta = make_continuous_law("beta", std::vector<double>{30, 0.02}, true);
  const DivergenceCurves c = divergence_curves(beta, make_budget("log_n", 4.946e-9, std::nullopt), 17);
  for (std::size_t i = 1; i < c.kl_rl.size(); ++i) CHECK(c.kl_rl[i] > c.kl_rl[i - 1]);
  const Report r = evaluate(table({0, 1e-280, 4.7e-93, 1}, {1.5, 1.5, 2, 2}), make_budget("kl", 1.1, std::nullopt));
  CHECK(std::isfinite(r.best_of_n.reward_sd));
}

}  // namespace tiltlab
