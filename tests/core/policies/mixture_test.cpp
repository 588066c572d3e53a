#include "policies/mixture.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "laws/finite.hpp"
#include "policies/best_of_n.hpp"
#include "policies/registry.hpp"
#include "report/policies.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

ExtraPolicy of(double n, double weight) { return {&mixture_kind, {n, weight}}; }

}  // namespace

TEST_CASE("a mixture of best-of-n and the base: its masses, both ends, a KL under the chord") {
  test::Random random(71);
  for (int k = 0; k < 30; ++k) {
    const RewardLaw law = finite_law(test::finite(test::random_alphabet(random, 8)).token);
    for (const double n : {1.0, 1.5, 4.0, 1e6, 1e300}) {
      const Policy best = best_of_n(law, log(DoubleDouble(n)));
      const double all = metrics(law, best).kl;
      double before = -1;
      for (const double w : {0.0, 1e-12, 0.1, 0.5, 0.999, 1.0}) {
        const Policy policy = mixture(law, n, w);
        double total = 0;
        for (std::size_t j = 0; j < law.size(); ++j) {
          CHECK_THAT(policy.mass[j], WithinAbs(w * best.mass[j] + (1 - w) * std::exp(law.log_mass[j]), 1e-15));
          total += policy.mass[j];
        }
        CHECK_THAT(total, WithinAbs(1, 1e-13));
        const Metrics m = metrics(law, policy);
        CHECK(m.kl >= before);
        CHECK(m.kl <= w * all + 1e-14);
        before = m.kl;
      }
      CHECK(metrics(law, mixture(law, n, 1)).kl == all);
    }
  }
}

TEST_CASE("a faint mixture spends w^2/2 of best-of-n's chi-squared divergence") {
  const RewardLaw law = finite_law(test::finite({{0.5, 0.3, 0.2}, {0, 1, 2}}).token);
  const Policy best = best_of_n(law, log(DoubleDouble(4)));
  double chi = -1;
  for (std::size_t j = 0; j < law.size(); ++j) chi += best.mass[j] * best.mass[j] / std::exp(law.log_mass[j]);
  for (const double w : {1e-6, 1e-10, 1e-100})
    CHECK_THAT(metrics(law, mixture(law, 4, w)).kl, WithinRel(w * w * chi / 2, 1e-5));
  const ContinuousLaw uniform = make_continuous_law("uniform", std::vector<double>{0, 1}, false);
  // Of ranks n^2/(2n - 1) - 1.
  for (const double w : {1e-6, 1e-10, 1e-100})
    CHECK_THAT(lay(uniform, of(4, w)).metrics.kl, WithinRel(w * w * (16.0 / 7 - 1) / 2, 1e-5));
}

TEST_CASE("a mixture on continuous laws: reward and win rate are mixed, w = 1 is best-of-n") {
  for (const auto& [name, parameters] :
       {std::pair<const char*, std::vector<double>>{"normal", {0.5, 1.25}}, {"uniform", {0, 1}}, {"gumbel", {0, 1}}}) {
    const ContinuousLaw law = make_continuous_law(name, parameters, false);
    const ContinuousMetrics base = kl_rl(law, 0).metrics;
    for (const double n : {1.0, 1.0001, 2.0, 50.0, 1e15, 1e300}) {
      const ContinuousMetrics best = best_of_n(law, log(DoubleDouble(n)));
      double before = -1;
      for (const double w : {0.0, 1e-9, 0.25, 0.75, 1 - 1e-9, 1.0}) {
        INFO(name << " " << n << " " << w);
        const ContinuousMetrics m = lay(law, of(n, w)).metrics;
        CHECK_THAT(m.reward, WithinRel(w * best.reward + (1 - w) * base.reward, 1e-14));
        CHECK_THAT(m.win_rate, WithinAbs(w * n / (n + 1) + (1 - w) / 2, 1e-14));
        CHECK(m.kl >= before);
        CHECK(m.kl <= w * best.kl + 1e-14);
        CHECK(m.error_bound < 1e-9);
        before = m.kl;
        // Where n is large, the best of its draws has a density of its own: KL = w log(w n) - w + (1 - w) log(1 - w).
        if (n > 1e12 && w > 0.1 && w < 0.9)
          CHECK_THAT(m.kl, WithinRel(w * (std::log(w) + std::log(n) - 1) + (1 - w) * std::log1p(-w), 2e-14 + 40 / n));
      }
      CHECK_THAT(before, WithinRel(best.kl, 1e-14));
    }
  }
}

TEST_CASE("on a table of atoms a mixture is that of its levels") {
  const ContinuousLaw table = make_quantile_table(std::vector<double>{0, 0.5, 0.5 + 1e-13, 0.8, 0.8 + 1e-13, 1},
                                                  std::vector<double>{0, 0, 1, 1, 2, 2}, false);
  const RewardLaw law = finite_law(test::finite({{0.5, 0.3, 0.2}, {0, 1, 2}}).token);
  for (const double n : {1.5, 4.0, 1e9}) {
    for (const double w : {1e-3, 0.4, 1.0}) {
      INFO(n << " " << w);
      const ContinuousMetrics m = lay(table, of(n, w)).metrics;
      const Metrics found = metrics(law, mixture(law, n, w));
      CHECK_THAT(m.kl, WithinRel(found.kl, 1e-9));
      CHECK_THAT(m.win_rate, WithinRel(found.win_rate, 1e-9));
      CHECK_THAT(m.reward_sd, WithinRel(found.offset_sd, 1e-8));
    }
  }
}

TEST_CASE("a mixture is not asked for by a KL") {
  ExtraPolicy asked = of(4, 0.5);
  asked.kl = 1;
  CHECK_THROWS_WITH(check(asked, "policies[0]"), Catch::Contains("policies[0].kl"));
}
