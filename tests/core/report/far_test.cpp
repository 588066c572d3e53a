#include <catch2/catch.hpp>
#include <cmath>

#include "error.hpp"
#include "models/continuous.hpp"
#include "policies/random_best_of_n.hpp"
#include "report/curves.hpp"
#include "report/policies.hpp"
#include "report/report.hpp"
#include "report/simulated.hpp"
#include "report/statements/direction_curves.hpp"
#include "report/statements/divergences.hpp"
#include "report/statements/fixed_n_curves.hpp"
#include "report/statements/rate_curves.hpp"
#include "report/statements/renyi_curve.hpp"
#include "report/statements/simplex.hpp"
#include "report/statements/tilt_curves.hpp"
#include "support.hpp"

/** Rewards, probabilities and budgets at the ends of what is admitted. */
namespace tiltlab {
namespace {

Report report(const Tokens& m, const std::string& kind, double value) {
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
  // One reward alone is told apart by its distance from the lowest, whatever the others are.
  CHECK_NOTHROW(test::finite({{0.3, 0.4, 0.3}, {0, 1, 1e37}}));
  CHECK_NOTHROW(test::finite({{0.3, 0.3, 0.2, 0.2}, {1e-141, 3e-141, 6, 9}}));
  CHECK_THROWS_WITH(test::finite({{0.3, 0.4, 0.3}, {1e-300, 3e-300, 1}}),
                    Catch::Contains("model.outcomes[2].reward: 1 is too far out"));
  // Of what occurs; two rewards are a lattice whatever they are; and equal ones are no difference.
  CHECK_NOTHROW(test::finite({{0, 0.5, 0.5}, {-1e37, 0, 1}}));
  CHECK_NOTHROW(test::finite({{0.3, 0.4, 0.3}, {-1e37, 1, 1}}));
  CHECK_NOTHROW(test::sequence({{0.5, 0.5}, {1e300, 7e271}}, 1000000000));
  CHECK_NOTHROW(test::sequence({{0.4, 0.3, 0.3}, {-1e300, 0, 7e271}}, 80));
  CHECK_NOTHROW(test::finite({{0.3, 0.4, 0.3}, {-1e17, 0, 1}}));
  CHECK_NOTHROW(test::finite({{0.5, 0.5}, {1e-300, 3e-300}}));
  CHECK_THROWS_WITH(table({0, 0.2, 0.4, 1}, {0, 1e-300, 1, 2}), Catch::Contains("model.reward[1]: 1e-300 is nearer"));
}

TEST_CASE("one reward alone has digits of its own, however far others are") {
  // By the definitions in 400 digits.
  const Tokens m = test::finite({{0.3, 0.7, 2e-150, 1e-160}, {1e-141, 3e-141, 6, 9}});
  const Report far = report(m, "kl", 0.25);
  CHECK(std::fabs(far.model.reward - 2.4000000120000000009e-141) < 1e-15 * far.model.reward_sd);
  CHECK(far.model.reward_sd == Approx(8.485281374715867370097628e-75).epsilon(1e-12).margin(0));
  CHECK(far.kl_rl.reward == Approx(0.006247550065126497109907232).epsilon(1e-12));
  CHECK(far.kl_rl.alpha == Approx(40.12683542592534048689732).epsilon(1e-12));
  CHECK(far.best_of_n.reward == Approx(2.573773565415893391109681e-141).epsilon(1e-12).margin(0));
  CHECK(far.best_of_n.reward_sd == Approx(9.615083463596038526509342e-75).epsilon(1e-12).margin(0));
  CHECK(far.best_of_n.kl == Approx(0.0191929677172066050177494).epsilon(1e-12));
  CHECK(far.best_of_n.kl_to_kl_rl == Approx(0.01988738099576669737291456).epsilon(1e-12));
  CHECK(far.kl_rl_at_bon_kl.alpha == Approx(39.84234390247920136032106).epsilon(1e-12));
  const Report tiny = report(m, "kl", 2.5e-145);
  CHECK(tiny.kl_rl.reward_sd == Approx(1.023824944528638825113876e-72).epsilon(1e-12).margin(0));
  CHECK(tiny.gap.reward == Approx(1.746909187160308396183408e-145).epsilon(1e-12).margin(0));
}

TEST_CASE("a far reward takes no digits from what is said of the near ones") {
  // The far token never shows: all is as if {1, 3} were alone.
  const Tokens far = test::sequence({{0.8, 0.2, 7e-26}, {1, 3, -4e19}}, 57);
  const Tokens alone = test::sequence({{0.8, 0.2}, {1, 3}}, 57);
  const Budget budget = make_budget("n", 64, far);
  const TiltCurves dual = tilt_curves(far, budget, 21);
  CHECK(dual.dual_minimum == Approx(tilt_curves(alone, budget, 21).primal).epsilon(1e-9));
  const std::vector<double> multiplicity{1, 1, 1};
  const std::vector<double> reward{1, 3, -4e19};
  const RenyiCurve renyi = renyi_curve(far, budget, multiplicity, reward, 17);
  CHECK(renyi.jeffreys == Approx(renyi.kl_forward + renyi.kl_reverse).epsilon(1e-9));
  const RateCurves rates = rate_curves(far, budget, 16, 3).value();
  for (const double rate : rates.exact_kl_rl.rate) CHECK(rate > -1e-9);
  for (std::size_t i = 1; i < rates.reward.size(); ++i) CHECK(rates.reward[i] >= rates.reward[i - 1] - 1e-13);
}

TEST_CASE("rewards that no lattice holds beside a far one are left out, not wrong") {
  const Tokens m = test::sequence({{0.5, 0.3 - 7e-13, 0.2, 7e-13}, {0, 1, 3, -1.1e19}}, 1000000);
  const Report r = report(m, "kl", 4);
  CHECK(!(r.best_of_n.reward > r.kl_rl_at_bon_kl.reward));
  CHECK(r.error_bound <= largest_error_bound);
}

TEST_CASE("a law of many levels is found at few draws too") {
  // Small N reach far below the centre of their tilt, where an inversion is noise.
  const Tokens m =
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
  const Tokens m = test::sequence({{0.5, 0.3, 0.2}, {0, 1, 3}}, 160);
  const Budget faint = make_budget("kl", 1e-300, m);
  const FixedNCurves fixed = fixed_n_curves(m, faint, 7).value();
  for (const auto* list : {&fixed.fixed, &fixed.growing}) {
    for (const double share : *list) CHECK(!(share > 1 || share < 0));
  }
  for (const double x : tilt_curves(m, make_budget("kl", 5e-313, m), 21).reward) CHECK(std::isfinite(x));
  const Tokens one = test::sequence({{0.5, 0.25, 0.25}, {0, 1, 3}}, 1);
  const auto s = simplex(one, make_budget("kl", 3e-73, one), 16);
  REQUIRE(s);
  for (std::size_t i = 0; i < s->ball.first.size(); ++i)
    CHECK(s->ball.first[i] + s->ball.second[i] + s->ball.third[i] == Approx(1));
  // A tilt whose moments overflow where they are multiplied before they are divided.
  const Tokens rare = test::finite({{1e-300, 1e-200, 1}, {1, 0, 1e-6}});
  const TokenTilt tilt = solve_tilt(rare.token, DoubleDouble(648));
  CHECK(tilt_at(rare.token, tilt.b).kl.value() == Approx(648).epsilon(1e-9));
}

TEST_CASE("shares of tokens whose sums are listed by counts add up to 1") {
  const Tokens m =
      memoryless_model(std::vector<double>{1, 1, 1}, std::vector<double>{2e-6, 1, 2}, 5, true, "model.tokens");
  const auto s = simplex(m, make_budget("n", 70, m), 16);
  REQUIRE(s);
  for (std::size_t i = 0; i < s->best_of_n.first.size(); ++i)
    CHECK(s->best_of_n.first[i] + s->best_of_n.second[i] + s->best_of_n.third[i] == Approx(1).epsilon(1e-9));
}

TEST_CASE("pictures of few points show all of a law") {
  const Tokens m = test::sequence({{0.5, 0.5}, {0, 1}}, 1000);
  const LawCurves c = law_curves(m, make_budget("kl", 2, m), 2);
  double total = 0;
  for (const double mass : c.kl_rl.mass) total += mass;
  CHECK(total == Approx(1).epsilon(1e-6));
  // Equal rewards that share no lattice are one level.
  const Tokens same = test::sequence({{0.5, 0.5}, {9.559607189403555e147, 9.559607189403555e147}}, 97711936);
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
  const Tokens m = finite_model(p, reward, gold, "model.outcomes");
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
    const Tokens m = memoryless_model(p, reward, 1034, false, "model.tokens");
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
  const Tokens m = test::sequence({{0.8, 0.2, 3e-164}, {0, -2, 1.3}}, 1000000);
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
  const Tokens rare = test::sequence({{1e-23, 1}, {-8.5e135, 3e32}}, 2686);
  const Report r = report(rare, "kl", 1.35e-4);
  CHECK(!(r.best_of_n.reward < r.model.reward));
}

TEST_CASE("the optimum is found where a faint tilt's KL is under the rounding of its terms") {
  // The far token is all that small tilts move: the next one is at -85 nats.
  const Tokens m = test::sequence({{1.1e-30, 1, 1.2e-37}, {-3.2e17, 1, 2}}, 217);
  const Tokens alone = test::sequence({{1, 1.2e-37}, {1, 2}}, 217);
  for (const double kl : {0.001, 0.01, 0.1, 0.6, 3.0})
    CHECK(report(m, "kl", kl).kl_rl.reward == Approx(report(alone, "kl", kl).kl_rl.reward).epsilon(1e-12));
}

TEST_CASE("statements keep their digits where tilts pass what a double holds") {
  const Tokens steep = test::finite({{2e-12, 0.999999999989, 9e-12}, {0, 6.782, 7}});
  const auto of_steep = rate_curves(steep, make_budget("kl", 1, steep), 16, 3);
  for (const double rate : of_steep->kl_rl) CHECK(rate >= 0);
  // Rare tokens alone are tilted: the dual's minimum is the primal.
  const Tokens rare =
      test::sequence({{0.999999994, 6e-9, 5.2e-17, 4e-25}, {0, 1.4143320667335808e-7, 2e11, 2e-8}}, 1000000000);
  const TiltCurves dual = tilt_curves(rare, make_budget("n", 1.0037378198839626, rare), 21);
  CHECK(dual.dual_minimum == Approx(dual.primal).epsilon(1e-8));
  const Tokens far = test::sequence({{0.7, 3e-98, 0.3}, {3, -9e15, 4}}, 137875998);
  const Tokens alone = test::sequence({{0.7, 0.3}, {3, 4}}, 137875998);
  const Budget one = make_budget("log_n", 1, alone);
  CHECK(direction_curves(far, one, 7)->exponent == Approx(direction_curves(alone, one, 7)->exponent).margin(1e-14));
  // Shares that the law of the budget does not list are left out.
  const Tokens top = test::sequence({{0.9, 0.1, 3e-24}, {0, 1, 1.5}}, 1000);
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

TEST_CASE("the optimum is found where the tilt takes away a far reward and the KL is the rest") {
  // By 420-bit arithmetic.
  const Tokens m = test::sequence({{8.76850389694568e-182, 1.1021811041020286e-30, 1.894472648811287e-181,
                                    1.1560449352073149e-37, 4.1678421351842774e-139, 1},
                                   {2, -3.2e17, 4, 2, 3, 1}},
                                  217);
  const Report r = report(m, "log_n", 5.7484264957615345e-24);
  CHECK(r.kl_rl.alpha == Approx(23.06365699635730689).epsilon(1e-12));
  CHECK(r.kl_rl.reward_sd == Approx(5.104188534165319e-13).epsilon(1e-9));
}

TEST_CASE("at a level that all but rarer rewards are below, the KL's last digits tell the tilt or nothing does") {
  const auto alpha_of = [](const Tokens& m, const std::string& kind, double value) {
    return report(m, kind, value).kl_rl_at_bon_kl.alpha;
  };
  CHECK(alpha_of(test::finite({{0.9988099992934945, 3.506433396562361e-11, 0.0011900006714413041}, {6.97912, 7, 3.7}}),
                 "n", 253) == Approx(264.9520490354943387).epsilon(1e-9));
  const Report far = report(
      test::finite({{5.301926223730705e-08, 0.9999996483045437, 2.986761939965949e-07}, {-181650000000.0, -33.396, 0}}),
      "n", 7);
  CHECK(far.kl_rl_at_bon_kl.reward_sd == Approx(0.04828843474229319).epsilon(1e-12));
  // Less is left of the tilt than the KL's double tells.
  const Tokens rare =
      test::finite({{1.0760849264049442e-30, 6.906421214266456e-11, 0.9999999999309358}, {3953.4, -4698900.0, 0}});
  const Report r = report(rare, "n", 121);
  CHECK(std::isnan(r.kl_rl_at_bon_kl.alpha));
  CHECK(r.kl_rl_at_bon_kl.reward == Approx(0).margin(1e-12));
}

TEST_CASE("sums are listed without a tilt where best-of-N stays far from it") {
  const Tokens m = test::sequence({{0.9999998801384372, 2.210563094888143e-15, 1.1986156055783569e-07},
                                   {-0.1000000490340045, 8.853039590057296e+163, -4.494666412672918e+166}},
                                  11);
  const Report r = report(m, "kl", 5);
  CHECK(r.best_of_n.kl == Approx(1.318491704820402147e-06).epsilon(1e-14));
  CHECK(std::fabs(r.kl_rl_at_bon_kl.reward / 3.194919321113605873e+152 - 1) <= r.error_bound);
  CHECK(r.kl_rl_at_bon_kl.reward_sd == Approx(1.681806981697021384e+158).epsilon(1e-9));
}

TEST_CASE("a KL that is a difference near 1 states that rounding") {
  const Tokens m = test::sequence({{7.179892033742164e-158, 1.1021811041020286e-30, 1.894472648811287e-181,
                                    1.1560449352073149e-37, 4.1678421351842774e-139, 1, 8.547874563513737e-18},
                                   {2, -3.2e17, 4, 2, 1.551843873896197, 1, 5e19}},
                                  217);
  const double reward = report(m, "kl", 2.0233624754616435).kl_rl_at_bon_kl.reward;
  CHECK((std::isnan(reward) || reward == Approx(701709.5072400640916)));
}

TEST_CASE("what an untilted law lists is all of it though its least levels underflow") {
  const Tokens m =
      test::sequence({{1.0285945797568556e-23, 1}, {-8.537358222360438e+135, 2.9788725741316735e+32}}, 2686);
  ExtraPolicy poisson;
  poisson.kind = &best_of_poisson_kind;
  poisson.parameter[0] = 39;
  const PolicyReport r = evaluate_policies(m, {poisson}).front();
  CHECK(r.kl == Approx(2.762805041226914e-20).epsilon(1e-9));
  // A KL that is lost tells no standard deviation either.
  const double sd = report(m, "kl", 0.00013543088676172966).kl_rl_at_bon_kl.reward_sd;
  CHECK((std::isnan(sd) || sd == Approx(1.414731788576496188e+126)));
}

TEST_CASE("mass that a law lost may be of levels where every draft loses") {
  const Tokens m =
      memoryless_model(std::vector<double>{6, 8, 164, 1, 1}, std::vector<double>{0, 1, 0.09, -0.5, 0.6409146990753736},
                       212, true, "model.tokens");
  const Report r = report(m, "n", 16.015625);
  // By counts of tokens.
  CHECK((std::isnan(r.best_of_n.win_rate) ||
         std::fabs(r.best_of_n.win_rate - 0.9412300358503216) <= r.error_bound + 1e-12));
}

TEST_CASE("tokens that jump past the window of a smooth law are error, and stated") {
  const Tokens m = test::sequence(
      {{0.49969995983504906, 0.2999999758865614, 0.1999999839243743, 0.0002999999758865614, 8.037812874040993e-08},
       {0, 6.536151602631514, 3, 0.9882, 17904}},
      160);
  const Report r = report(m, "n", 1.5);
  // By counts of tokens.
  const auto held = [&](double x, double exact) {
    return std::isnan(x) || std::fabs(x - exact) <= r.error_bound * std::fabs(exact);
  };
  CHECK(held(r.best_of_n.reward, 422.463189709962));
  CHECK(held(r.best_of_n.reward_sd, 84.88752651084727));
  CHECK(held(r.kl_rl.win_rate, 0.5312602501632048));
}

TEST_CASE("further policies are refused where jumps make the mean and no law knows them") {
  const Tokens m = test::sequence(
      {{1, 1.1e-29, 5.866066784097158e-22}, {-0.1, 8.853039590057296e+163, -4.494666412672918e+166}}, 1000000000);
  ExtraPolicy none;
  none.kind = &best_of_poisson_kind;
  none.parameter[0] = 0;
  CHECK_THROWS_WITH(evaluate_policies(m, {none}), Catch::Contains("policies: no method here"));
}

TEST_CASE("best-of-N of a table whose top has a mass that few drafts reach") {
  // N P(top) is e^-10 at log N = 640.
  const ContinuousLaw rare =
      make_quantile_table(std::vector<double>{0, 5e-283, 1}, std::vector<double>{-1, 0, 0}, true);
  CHECK(best_of_n(rare, 640).reward == Approx(0).margin(1e-3));
  CHECK(best_of_n(rare, 660).reward > 0.4);
  // An atom of 4e-218 at the bottom takes no digits from a KL near N = 1.
  const ContinuousLaw low = make_quantile_table(
      std::vector<double>{0, 4.231781096744331e-218, 1.6736408811258934e-98, 3.905668184946155e-62, 1},
      std::vector<double>{0, 0, 1, 1.666667, 2.333333}, false);
  CHECK(best_of_n(low, 0.0956).kl == Approx(0.0956 + std::expm1(-0.0956)).epsilon(1e-9));
}

TEST_CASE("best-of-N of one level and rare jumps keeps that level where few drafts jump") {
  // Of 60 digits.
  const Tokens m = test::sequence({{1, 3.07e-50, 3.35e-39, 3.26e-38}, {-0.5, 2, 3.5, 4.5000001}}, 989);
  const Report few = report(m, "log_n", 60);
  CHECK(few.best_of_n.kl == Approx(2.39560996679123e-7).margin(1e-12));
  CHECK(few.best_of_n.win_rate == Approx(0.500000002030178).margin(1e-14));
  const Report half = report(m, "log_n", 79);
  CHECK(half.best_of_n.kl == Approx(40.20282982498).epsilon(1e-10));
  CHECK(half.best_of_n.win_rate == Approx(0.7577654582746).epsilon(1e-10));
}

}  // namespace tiltlab
