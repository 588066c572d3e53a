#include "policies/continuous.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>
#include <string>

#include "error.hpp"
#include "models/continuous.hpp"
#include "numerics/log_domain.hpp"
#include "report/curves.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {
ContinuousLaw family(const char* name, std::vector<double> parameters, bool mirrored = false) {
  return make_continuous_law(name, parameters, mirrored);
}
Report at(const ContinuousLaw& law, double log_n) { return evaluate(law, make_budget("log_n", log_n, std::nullopt)); }

constexpr double euler = 0.57721566490153286061;

struct Case {
  const char* name;
  std::vector<double> parameters;
};
/** Every family, at ordinary shapes and at the ends of what is allowed. */
const std::vector<Case>& cases() {
  static const std::vector<Case> all = {{"uniform", {-1, 2}},     {"uniform", {1e12, 1000000000000.001}},
                                        {"normal", {0.3, 2}},     {"exponential", {0.5}},
                                        {"gamma", {2.5, 1}},      {"gamma", {0.01, 1}},
                                        {"gamma", {8000, 1}},     {"gamma", {10000, 1}},
                                        {"beta", {2, 5}},         {"beta", {1, 0.01}},
                                        {"beta", {0.01, 10000}},  {"beta", {10000, 10000}},
                                        {"weibull", {1, 2}},      {"weibull", {2, 1}},
                                        {"weibull", {1.001, 1}},  {"weibull", {10000, 1}},
                                        {"weibull", {0.02, 1}},   {"lognormal", {0, 1}},
                                        {"lognormal", {0.2, 20}}, {"lognormal", {0, 0.01}},
                                        {"logistic", {0, 1}},     {"laplace", {1, 2}},
                                        {"gumbel", {0, 1}}};
  return all;
}
bool heavy(const Case& c) {
  return std::string(c.name) == "lognormal" || (std::string(c.name) == "weibull" && c.parameters[0] < 1);
}
}  // namespace

TEST_CASE("every family, both ways round, at budgets from 1e-300 to 1e12 nats") {
  const double budgets[] = {1e-300, 1e-15, 1e-8, 1e-3, 0.1, 1, 10, 100, 745, 1e4, 1e6, 1e8, 1e9, 1e10, 1e11, 1e12};
  for (const Case& c : cases()) {
    for (const bool mirrored : {false, true}) {
      if (!mirrored && heavy(c)) continue;
      const ContinuousLaw law = family(c.name, c.parameters, mirrored);
      CAPTURE(c.name, c.parameters, mirrored);
      Report last = at(law, 0);
      for (const double log_n : budgets) {
        CAPTURE(log_n);
        const Report r = at(law, log_n);
        CHECK(r.error_bound < 1e-6);
        CHECK(r.notes.empty());
        const double less = 1 - 2 * r.error_bound;
        const auto grows = [&](double before, double now) {
          return now >= before - 2 * r.error_bound * std::max(1.0, std::fabs(now));
        };
        CHECK(std::isfinite(r.kl_rl.reward));
        CHECK(std::isfinite(r.best_of_n.reward));
        CHECK(std::isfinite(r.kl_rl.reward_sd));
        CHECK(std::isfinite(r.best_of_n.reward_sd));
        CHECK(grows(last.kl_rl.reward, r.kl_rl.reward));
        CHECK(grows(last.best_of_n.reward, r.best_of_n.reward));
        CHECK(r.kl_rl.alpha >= last.kl_rl.alpha * less);
        CHECK(grows(last.kl_rl.win_rate, r.kl_rl.win_rate));
        CHECK(r.best_of_n.kl <= r.best_of_n.kl_bound);
        CHECK(r.gap.reward >= 0);
        CHECK(r.gap.reward_at_bon_kl >= 0);
        CHECK(r.best_of_n.kl_to_kl_rl >= 0);
        // KL(bon || tilt) = alpha gap - (KL(tilt || p) - KL(bon || p))
        if (r.kl_rl.alpha < 1e200 && r.gap.reward > 1e-290) {
          const double bought = r.kl_rl.alpha * r.gap.reward;
          CHECK_THAT(r.best_of_n.kl_to_kl_rl,
                     WithinAbs(bought + std::expm1(-log_n), 4 * r.error_bound * std::max(1.0, bought)));
        }
        last = r;
      }
    }
  }
}

TEST_CASE("best-of-N of a vast N has the closed forms of extreme values") {
  for (const double log_n : {745.0, 1e4, 1e8, 1e12}) {
    CAPTURE(log_n);
    const auto reward = [&](const char* name, std::vector<double> p, bool mirrored = false) {
      return at(family(name, std::move(p), mirrored), log_n).best_of_n;
    };
    const double sd = std::numbers::pi / std::sqrt(6.0);
    for (const char* name : {"gumbel", "logistic"}) {
      CHECK_THAT(reward(name, {2, 3}).reward, WithinRel(2 + 3 * (log_n + euler), 1e-15));
      CHECK_THAT(reward(name, {2, 3}).reward_sd, WithinRel(3 * sd, 1e-13));
    }
    CHECK_THAT(reward("exponential", {2}).reward, WithinRel((log_n + euler) / 2, 1e-15));
    CHECK_THAT(reward("laplace", {0, 1}).reward, WithinRel(log_n + euler - std::numbers::ln2, 1e-15));
    // Mirrored Weibull: Gamma(1 + 1/k) N^(-1/k)
    if (log_n < 1e5) {
      const double k = 100;
      CHECK_THAT(reward("weibull", {k, 1}, true).reward,
                 WithinRel(-std::tgamma(1 + 1 / k) * std::exp(-log_n / k), 1e-12));
    }
  }
}

TEST_CASE("a vanishing budget buys sd sqrt(2 kl), at any size of it") {
  for (const Case& c : cases()) {
    for (const bool mirrored : {false, true}) {
      // A tail that a small tilt cuts off has its variance beyond.
      if (heavy(c)) continue;
      const ContinuousLaw law = family(c.name, c.parameters, mirrored);
      CAPTURE(c.name, c.parameters, mirrored);
      for (const double kl : {1e-300, 1e-100, 1e-20, 1.1e-15, 1e-15, 0.9e-15}) {
        CAPTURE(kl);
        const Report r = at(law, kl);
        const double sd = r.model.reward_sd;
        CHECK_THAT(r.kl_rl.alpha * sd, WithinRel(std::sqrt(2 * kl), 1e-6));
        CHECK_THAT(r.gap.reward, WithinRel(sd * std::sqrt(2 * kl), 1e-6));
        CHECK_THAT(r.best_of_n.kl_to_kl_rl, WithinRel(kl, 1e-6));
      }
    }
  }
}

TEST_CASE("rewards lie where reward times density has its mass") {
  CHECK_THAT(at(family("lognormal", {0, 10}, true), 1).model.reward, WithinRel(-std::exp(50.0), 1e-13));
  CHECK_THAT(at(family("lognormal", {0, 10}, true), 1).model.reward_sd, WithinRel(std::exp(100.0), 1e-12));
  CHECK_THAT(at(family("weibull", {0.1, 1}, true), 1).model.reward, WithinRel(-3628800, 1e-14));
  CHECK_THAT(at(family("weibull", {0.02, 1}, true), 1).model.reward, WithinRel(-3.0414093201713378044e64, 1e-13));
}

TEST_CASE("a quantile table's pieces however thin") {
  const std::vector<double> u{0, 0.5, 0.500000001, 1};
  const std::vector<double> reward{0, 1, 2, 3};
  const Report r = evaluate(make_quantile_table(u, reward, false), make_budget("n", 2, std::nullopt));
  CHECK_THAT(r.best_of_n.reward_sd, WithinRel(0.86200670274849543, 1e-13));
  for (const double log_n : {400.0, 700.0, 745.0, 1e9, 1e12}) {
    const Report straight = at(make_quantile_table(std::vector<double>{0, 1}, std::vector<double>{0, 1}, false), log_n);
    CHECK_THAT(straight.best_of_n.kl_to_kl_rl, WithinAbs(std::numbers::e - 2, 1e-13));
    if (log_n < 705) CHECK_THAT(straight.kl_rl.alpha, WithinRel(std::exp(log_n + 1), 1e-12));
  }
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
