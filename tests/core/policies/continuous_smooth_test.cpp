#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <numbers>
#include <string>

#include "models/continuous.hpp"
#include "numerics/log_domain.hpp"
#include "numerics/special.hpp"
#include "policies/continuous_smooth_parts.hpp"
#include "report/report.hpp"

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

TEST_CASE("the mirrored exponential is the law for which best-of-N is a tilt at every N") {
  for (const double n : {1.25, 2.0, 16.0, 1e6, 1e40}) {
    const ContinuousLaw law = family("exponential", {3}, true);
    const Report r = evaluate(law, make_budget("n", n, std::nullopt));
    CHECK_THAT(r.kl_rl_at_bon_kl.alpha, WithinRel((n - 1) * 3, 1e-10));
    CHECK_THAT(r.gap.reward_at_bon_kl, WithinAbs(0, 1e-11 * std::fabs(r.best_of_n.reward)));
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
namespace {

/** log E e^(a x), its derivative, and where it is right. */
struct Cumulant {
  const char* name;
  std::vector<double> parameters;
  bool mirrored;
  std::function<double(double)> lambda;
  std::function<double(double)> mean;
  double most;
};

std::vector<Cumulant> cumulants() {
  constexpr double pi = std::numbers::pi;
  return {
      {"uniform",
       {0, 1},
       false,
       [](double a) { return std::log(std::expm1(a) / a); },
       [](double a) { return -1 / std::expm1(-a) - 1 / a; },
       30},
      {"normal", {0, 1}, false, [](double a) { return a * a / 2; }, [](double a) { return a; }, 30},
      {"exponential", {1}, false, [](double a) { return -std::log1p(-a); }, [](double a) { return 1 / (1 - a); }, 1},
      {"exponential", {1}, true, [](double a) { return -std::log1p(a); }, [](double a) { return -1 / (1 + a); }, 30},
      {"gamma",
       {2.5, 1},
       false,
       [](double a) { return -2.5 * std::log1p(-a); },
       [](double a) { return 2.5 / (1 - a); },
       1},
      // Beta(2, 1): E e^(a x) = 2 (e^a (a - 1) + 1)/a^2
      {"beta",
       {2, 1},
       false,
       [](double a) { return std::log(2 * (std::exp(a) * (a - 1) + 1) / (a * a)); },
       [](double a) { return a * std::exp(a) / (std::exp(a) * (a - 1) + 1) - 2 / a; },
       30},
      {"laplace",
       {0, 1},
       false,
       [](double a) { return -std::log1p(-a * a); },
       [](double a) { return 2 * a / (1 - a * a); },
       1},
      {"logistic",
       {0, 1},
       false,
       [=](double a) { return std::log(pi * a / std::sin(pi * a)); },
       [=](double a) { return 1 / a - pi / std::tan(pi * a); },
       1},
      {"gumbel",
       {0, 1},
       false,
       [](double a) { return std::lgamma(1 - a); },
       [](double a) { return -digamma(1 - a); },
       1},
      {"gumbel",
       {0, 1},
       true,
       [](double a) { return std::lgamma(1 + a); },
       [](double a) { return digamma(1 + a); },
       30},
      // Weibull of shape 2: x has the density 2 x e^(-x^2), so that with c = (sqrt pi / 2) e^(a^2/4) erfc(-a/2)
      // E e^(a x) = 1 + a c, and its derivative is a/2 + (1 + a^2/2) c.
      {"weibull",
       {2, 1},
       false,
       [](double a) {
         return std::log1p(a * std::sqrt(std::numbers::pi) / 2 * std::exp(a * a / 4) * std::erfc(-a / 2));
       },
       [](double a) {
         const double c = std::sqrt(std::numbers::pi) / 2 * std::exp(a * a / 4) * std::erfc(-a / 2);
         return (a / 2 + (1 + a * a / 2) * c) / (1 + a * c);
       },
       6}};
}

}  // namespace

TEST_CASE("the tilt of each family whose cumulant has a closed form: from its KL alpha and reward come back") {
  for (const Cumulant& of : cumulants()) {
    const ContinuousLaw law = family(of.name, of.parameters, of.mirrored);
    for (const double share : {0.01, 0.1, 0.5, 0.9, 0.99}) {
      const double a = share * of.most;
      const double kl = a * of.mean(a) - of.lambda(a);
      const ContinuousTilt tilt = kl_rl(law, kl);
      INFO(of.name << (of.mirrored ? " mirrored " : " ") << a);
      // The difference of two near totals, near the base.
      const double digits = 1e-15 * (1 + std::fabs(a * of.mean(a))) / kl;
      CHECK_THAT(tilt.alpha, WithinRel(a, 1e-10 + 10 * digits));
      CHECK_THAT(tilt.metrics.reward, WithinAbs(of.mean(a), (1e-10 + 10 * digits) * (1 + std::fabs(of.mean(a)))));
      CHECK_THAT(tilt.metrics.kl, WithinRel(kl, 1e-14));
      // The variance is the cumulant's second derivative: by a quotient of differences.
      const double h = 1e-4 * std::min(a, of.most - a);
      CHECK_THAT(tilt.metrics.reward_sd,
                 WithinRel(std::sqrt((of.mean(a + h) - of.mean(a - h)) / (2 * h)), 1e-6 + 20 * digits));
      // From the largest reward where there is one.
      const auto& smooth = std::get<SmoothLaw>(law);
      const double top = smooth.from_top() ? smooth.largest() : 0;
      CHECK_THAT(continuous::log_mgf(smooth, log(DoubleDouble(a)), Accuracy::full),
                 WithinAbs(of.lambda(a) - a * top, 1e-11 * (1 + a)));
    }
  }
}

TEST_CASE("the tilt's win rate: of a normal law Phi(sqrt KL), of an exponential one 1 / (2 - alpha)") {
  for (const double kl : {0.01, 0.4, 3.0, 30.0})
    CHECK_THAT(kl_rl(family("normal", {-1, 3}), kl).metrics.win_rate,
               WithinRel(std::erfc(-std::sqrt(kl / 2)) / 2, 1e-12));
  for (const double a : {0.05, 0.5, 0.95}) {
    const double kl = a / (1 - a) + std::log1p(-a);
    CHECK_THAT(kl_rl(family("exponential", {1}), kl).metrics.win_rate, WithinRel(1 / (2 - a), 1e-12));
  }
}

TEST_CASE("best-of-N of the families whose order statistics have closed forms, for any real N") {
  for (const double n : {1.0, 2.0, 7.5, 1e3}) {
    const auto best = [&](const char* name, const std::vector<double>& parameters, bool mirrored = false) {
      return best_of_n(family(name, parameters, mirrored), log(DoubleDouble(n)));
    };
    INFO(n);
    CHECK_THAT(best("uniform", {0, 1}).reward, WithinRel(n / (n + 1), 1e-13));
    CHECK_THAT(best("uniform", {0, 1}).reward_sd, WithinRel(std::sqrt(n / (n + 2)) / (n + 1), 1e-11));
    // F = x^3
    CHECK_THAT(best("beta", {3, 1}).reward, WithinRel(3 * n / (3 * n + 1), 1e-13));
    CHECK_THAT(best("exponential", {2}).reward, WithinRel((digamma(n + 1) + euler) / 2, 1e-12));
    // The least of N exponential draws is one of rate N, of Weibull draws one of scale N^(-1/k).
    CHECK_THAT(best("exponential", {2}, true).reward, WithinRel(-1 / (2 * n), 1e-13));
    CHECK_THAT(best("exponential", {2}, true).reward_sd, WithinRel(1 / (2 * n), 1e-11));
    CHECK_THAT(best("weibull", {2, 1}, true).reward, WithinRel(-std::tgamma(1.5) / std::sqrt(n), 1e-13));
    // Gumbel's largest is itself, moved by log N; a logistic one by digamma(N) + gamma.
    CHECK_THAT(best("gumbel", {1, 2}).reward, WithinRel(1 + 2 * (std::log(n) + euler), 1e-13));
    CHECK_THAT(best("gumbel", {1, 2}).reward_sd, WithinRel(2 * std::numbers::pi / std::sqrt(6.0), 1e-11));
    CHECK_THAT(best("logistic", {0, 1}).reward, WithinAbs(digamma(n) + euler, 1e-12));
    // Two normal draws: 1/sqrt pi
    if (n == 2) CHECK_THAT(best("normal", {0, 1}).reward, WithinRel(1 / std::sqrt(std::numbers::pi), 1e-13));
    const ContinuousMetrics any = best("laplace", {0, 1});
    CHECK_THAT(any.kl, WithinAbs(std::log(n) - (n - 1) / n, 1e-14));
    CHECK_THAT(any.win_rate, WithinRel(n / (n + 1), 1e-14));
  }
}

TEST_CASE("densities of tilts and of best-of-N have their closed forms along the reward") {
  const auto check = [](const DensityCurve& curve, const std::function<double(double)>& density) {
    REQUIRE(curve.reward.size() > 50);
    CHECK(curve.atom_reward.empty());
    for (std::size_t i = 0; i < curve.reward.size(); ++i) {
      INFO(curve.reward[i]);
      CHECK_THAT(curve.density[i], WithinRel(density(curve.reward[i]), 1e-6) || WithinAbs(0, 1e-12));
    }
  };
  const auto normal = [](double z) { return std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi); };
  const ContinuousLaw bell = family("normal", {1, 2});
  // A normal law moved by sd sqrt(2 KL)
  check(tilt_density(bell, kl_rl(bell, 0.5), 100), [&](double x) { return normal((x - 3) / 2) / 2; });
  check(tilt_density(bell, kl_rl(bell, 0), 100), [&](double x) { return normal((x - 1) / 2) / 2; });
  check(best_of_n_density(bell, std::log(3.0), 100), [&](double x) {
    const double below = std::erfc(-(x - 1) / 2 / std::numbers::sqrt2) / 2;
    return 3 * below * below * normal((x - 1) / 2) / 2;
  });
  const ContinuousLaw exponential = family("exponential", {1});
  const double a = 0.6;
  check(tilt_density(exponential, kl_rl(exponential, a / (1 - a) + std::log1p(-a)), 100),
        [&](double x) { return (1 - a) * std::exp(-(1 - a) * x); });
  const ContinuousLaw laplace = family("laplace", {0, 1});
  check(tilt_density(laplace, kl_rl(laplace, 2 * a * a / (1 - a * a) + std::log1p(-a * a)), 200),
        [&](double x) { return (1 - a * a) / 2 * std::exp(a * x - std::fabs(x)); });
  const ContinuousLaw gumbel = family("gumbel", {0, 1});
  check(best_of_n_density(gumbel, std::log(5.0), 100), [](double x) { return 5 * std::exp(-x - 5 * std::exp(-x)); });
}

TEST_CASE("moments of sizes hundreds of orders apart are taken as logarithms") {
  // 1/4 of e^x and 3/4 of e^y: their mean, and the spread as a share of it.
  const std::vector<double> log_weight{std::log(0.25), std::log(0.75)};
  const continuous::LogMoments near = continuous::log_moments(log_weight, {std::log(2.0), std::log(6.0)});
  CHECK_THAT(near.log_mean, WithinRel(std::log(5.0), 1e-14));
  CHECK_THAT(near.relative_sd, WithinRel(std::sqrt(0.25 * 9 + 0.75) / 5, 1e-14));
  const continuous::LogMoments far = continuous::log_moments(log_weight, {-2000, 1500});
  CHECK_THAT(far.log_mean, WithinRel(1500 + std::log(0.75), 1e-15));
  CHECK_THAT(far.relative_sd, WithinRel(std::sqrt(0.25 / 0.75), 1e-12));
}

TEST_CASE("a guess at the top of N draws has about one of N above it") {
  for (const Case& c : cases()) {
    for (const bool mirrored : {false, true}) {
      if (!mirrored && heavy(c)) continue;
      const auto law = std::get<SmoothLaw>(family(c.name, c.parameters, mirrored));
      for (const double log_n : {3.0, 50.0, 1e4, 1e8}) {
        const double guess = continuous::top_guess(law, log_n);
        const LocalLaw at(law, guess, law.top_piece());
        CAPTURE(c.name, c.parameters, mirrored, log_n);
        const double log_tail = at.log_density.value() + at.log_above_over_density(0);
        CHECK(log_tail < -0.2 * log_n);
        CHECK(log_tail > -5 * log_n);
      }
    }
  }
}
