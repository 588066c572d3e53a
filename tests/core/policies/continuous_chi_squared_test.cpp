#include <catch2/catch.hpp>
#include <cmath>

#include "models/continuous.hpp"
#include "numerics/log_domain.hpp"
#include "policies/chi_squared.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

StrongMetrics by_beta(const ContinuousLaw& law, double beta) { return lay(law, {&chi_squared_kind, {beta, 0}}); }
StrongMetrics by_kl(const ContinuousLaw& law, double kl) { return lay(law, {&chi_squared_kind, {}, kl}); }

ContinuousLaw family(const char* name, const std::vector<double>& parameters, bool mirrored = false) {
  return make_continuous_law(name, parameters, mirrored);
}

}  // namespace

TEST_CASE("chi-squared of a uniform reward: KL = log 2 - 1/2 - log(1 - nu), and nu = 0 is best-of-2") {
  const ContinuousLaw uniform = family("uniform", {0, 1});
  const ContinuousLaw table = make_quantile_table(std::vector<double>{0, 1}, std::vector<double>{0, 1}, false);
  for (const ContinuousLaw& law : {uniform, table}) {
    for (const double above : {1.0, 0.5, 1e-3, 1e-9, 1e-100}) {
      INFO(above);
      const double beta = above * above / 2;
      const ContinuousMetrics m = by_beta(law, beta).metrics;
      CHECK_THAT(m.kl, WithinRel(std::log(2.0) - 0.5 - std::log(above), 1e-12));
      CHECK_THAT(m.reward, WithinRel(1 - above / 3, 1e-13));
      CHECK_THAT(m.reward_sd, WithinRel(above / std::sqrt(18.0), 1e-11));
      CHECK_THAT(m.win_rate, WithinRel(1 - above / 3, 1e-13));
      const StrongMetrics back = by_kl(law, std::log(2.0) - 0.5 - std::log(above));
      CHECK_THAT(back.parameter, WithinRel(beta, 1e-11 * std::max(1.0, -std::log(above))));
    }
    const ContinuousMetrics two = best_of_n(law, log(DoubleDouble(2)));
    CHECK_THAT(by_beta(law, 0.5).metrics.reward, WithinRel(two.reward, 1e-13));
    // Below the law the density is linear: 1 + (r - 1/2)/beta.
    const ContinuousMetrics m = by_beta(law, 2).metrics;
    CHECK_THAT(m.reward, WithinRel(0.5 + 1.0 / 24, 1e-13));
  }
}

TEST_CASE("chi-squared of an exponential reward: a gamma law of shape 2 above nu") {
  const ContinuousLaw law = family("exponential", {1});
  constexpr double digamma_2 = 0.42278433509846713939;
  for (const double nu : {0.0, 1.0, 30.0, 500.0}) {
    INFO(nu);
    const StrongMetrics found = by_kl(law, nu + digamma_2);
    CHECK_THAT(found.metrics.reward, WithinRel(nu + 2, 1e-12));
    CHECK_THAT(found.metrics.reward_sd, WithinRel(std::sqrt(2.0), 1e-9));
    CHECK_THAT(found.metrics.win_rate, WithinAbs(1 - std::exp(-nu) / 4, 1e-12));
    CHECK_THAT(found.parameter, WithinRel(std::exp(-nu), 1e-11 * std::max(1.0, nu)));
  }
  // As many nats as any budget.
  CHECK_THAT(by_kl(law, 1e12).metrics.reward, WithinRel(1e12 + 2 - digamma_2, 1e-14));
}

TEST_CASE("chi-squared on every family: its KL falls with beta, faint ones have beta = sd / sqrt(2 KL)") {
  const std::pair<const char*, std::vector<double>> families[] = {
      {"uniform", {-1, 2}},   {"normal", {0.5, 1.25}}, {"exponential", {1.5}}, {"gamma", {2.5, 0.75}},
      {"gamma", {0.5, 2}},    {"gamma", {0.01, 1000}}, {"beta", {2, 3.5}},     {"beta", {0.5, 0.5}},
      {"weibull", {1.75, 2}}, {"logistic", {-1, 0.6}}, {"laplace", {0, 1}},    {"gumbel", {0.25, 0.8}}};
  for (const auto& [name, parameters] : families) {
    for (const bool mirrored : {false, true}) {
      const ContinuousLaw law = family(name, parameters, mirrored);
      INFO(name << parameters.front() << (mirrored ? " mirrored" : ""));
      const double sd = kl_rl(law, 0).metrics.reward_sd;
      double before = infinity;
      for (const double share : {1e-8, 1e-3, 0.1, 0.5, 0.9, 1.5, 4.0, 1e3, 1e9}) {
        const StrongMetrics found = by_beta(law, share * sd);
        INFO("beta " << share << " sd");
        CHECK(found.metrics.kl > 0);
        CHECK(found.metrics.kl < before);
        CHECK(found.metrics.error_bound < 1e-9);
        before = found.metrics.kl;
        const ContinuousMetrics best = kl_rl(law, found.metrics.kl).metrics;
        CHECK(found.metrics.reward <= best.reward + 1e-11 * std::max(1.0, std::fabs(best.reward)));
        CHECK_THAT(by_kl(law, found.metrics.kl).parameter, WithinRel(share * sd, 1e-7));
      }
      for (const double kl : {1e-12, 1e-100, 1e-290})
        CHECK_THAT(by_kl(law, kl).parameter, WithinRel(sd / std::sqrt(2.0) / std::sqrt(kl), 1e-5));
      CHECK(by_kl(law, 0).metrics.kl == 0);
    }
  }
}

TEST_CASE("chi-squared on tables: a finely cut law, and atoms at either end") {
  // A normal reward at 4001 ranks: linear pieces.
  const ContinuousLaw smooth = family("exponential", {1});
  std::vector<double> u;
  std::vector<double> reward;
  for (int i = 0; i <= 4000; ++i) {
    u.push_back(i / 4000.0);
    reward.push_back(i < 4000 ? -std::log1p(-i / 4000.0) : 10);
  }
  const ContinuousLaw cut = make_quantile_table(u, reward, false);
  for (const double beta : {0.2, 0.9, 3.0}) {
    const ContinuousMetrics a = by_beta(smooth, beta).metrics;
    const ContinuousMetrics b = by_beta(cut, beta).metrics;
    CHECK_THAT(b.kl, WithinAbs(a.kl, 3e-3));
    CHECK_THAT(b.reward, WithinAbs(a.reward, 1e-2));
    CHECK_THAT(b.win_rate, WithinAbs(a.win_rate, 1e-3));
  }
  const ContinuousLaw top = make_quantile_table(std::vector<double>{0, 0.7, 1}, std::vector<double>{0, 2, 2}, false);
  for (const double kl : {0.1, 1.0, 1.2, -std::log(0.3), 5.0, 1e12}) {
    INFO(kl);
    const StrongMetrics found = by_kl(top, kl);
    CHECK_THAT(found.metrics.kl, WithinRel(std::min(kl, -std::log(0.3)), 1e-9));
    CHECK(found.metrics.reward <= 2);
    if (kl < 1.2) CHECK_THAT(by_beta(top, found.parameter).metrics.kl, WithinRel(kl, 1e-8));
  }
  const ContinuousLaw constant = make_quantile_table(std::vector<double>{0, 1}, std::vector<double>{3, 3}, false);
  CHECK(by_kl(constant, 2).metrics.kl == 0);
  CHECK(by_beta(constant, 2).metrics.reward == 3);
}

TEST_CASE("chi-squared on a table whose largest rewards have hardly any mass") {
  const ContinuousLaw law = make_quantile_table(std::vector<double>{0, 1.6e-278, 2.5e-250, 5e-53, 1},
                                                std::vector<double>{-3, -3, -1, 0, 1}, true);
  for (const double kl : {0.1, 2.0, 20.0, 100.0, 500.0}) {
    const ContinuousMetrics m = by_kl(law, kl).metrics;
    CHECK_THAT(m.kl, WithinRel(kl, 1e-8));
    CHECK(std::isfinite(m.reward_sd));
  }
  CHECK(std::isfinite(by_beta(law, 1e-3).metrics.reward_sd));
}
