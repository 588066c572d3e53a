#include "policies/chi_squared.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "laws/finite.hpp"
#include "numerics/log_domain.hpp"
#include "policies/registry.hpp"
#include "report/policies.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

RewardLaw random_law(test::Random& random, std::int64_t most) {
  return finite_law(test::finite(test::random_alphabet(random, most)).token);
}

ExtraPolicy by_beta(double beta) { return {&chi_squared_kind, {beta, 0}}; }
ExtraPolicy by_kl(double kl) { return {&chi_squared_kind, {}, kl}; }

FurtherReport of(const Tokens& m, const ExtraPolicy& asked, Report* beside = nullptr) {
  Report report;
  return evaluate_policies(m, {asked}, make_budget("kl", 0, m), beside ? *beside : report).front();
}

}  // namespace

TEST_CASE("chi-squared: masses in proportion to what rewards have above nu") {
  test::Random random(61);
  for (int k = 0; k < 40; ++k) {
    const RewardLaw law = random_law(random, 8);
    for (const double beta : {1e-3, 0.4, 3.0, 60.0, 1e9}) {
      const Policy policy = chi_squared(law, std::log(beta));
      // nu by bisection.
      double lo = -beta - 1;
      double hi = law.offset.back();
      const auto gain = [&](double nu) {
        double sum = 0;
        for (std::size_t j = 0; j < law.size(); ++j)
          sum += std::exp(law.log_mass[j]) * std::max(0.0, law.offset[j] - nu);
        return sum;
      };
      for (int i = 0; i < 200; ++i) (gain((lo + hi) / 2) > beta ? lo : hi) = (lo + hi) / 2;
      double total = 0;
      for (std::size_t j = 0; j < law.size(); ++j) {
        CHECK_THAT(policy.mass[j],
                   WithinAbs(std::exp(law.log_mass[j]) * std::max(0.0, law.offset[j] - lo) / beta, 1e-6));
        total += policy.mass[j];
      }
      CHECK_THAT(total, WithinAbs(1, 1e-13));
    }
  }
}

TEST_CASE("chi-squared: of all policies it has the largest E r - beta/2 E_p (m/p)^2") {
  test::Random random(62);
  for (int k = 0; k < 40; ++k) {
    const RewardLaw law = random_law(random, 6);
    const double beta = 5 * random.uniform() + 0.01;
    const Policy best = chi_squared(law, std::log(beta));
    const auto worth = [&](const std::vector<double>& mass) {
      double sum = 0;
      for (std::size_t j = 0; j < law.size(); ++j)
        sum += mass[j] * law.offset[j] - beta / 2 * mass[j] * mass[j] / std::exp(law.log_mass[j]);
      return sum;
    };
    for (int i = 0; i < 20; ++i) {
      std::vector<double> other = best.mass;
      double total = 0;
      for (double& x : other) total += x = 0.9 * x + 0.1 * random.uniform() / static_cast<double>(law.size());
      for (double& x : other) x /= total;
      CHECK(worth(other) <= worth(best.mass) + 1e-12);
    }
  }
}

TEST_CASE("chi-squared: the KL falls with beta, from the largest reward alone to none") {
  test::Random random(63);
  for (int k = 0; k < 30; ++k) {
    const Tokens m = test::finite(test::random_alphabet(random, 9));
    if (m.token.size() == 1) continue;
    double before = infinity;
    for (double beta = 1e-300; beta < 1e300; beta *= 1e3) {
      const FurtherReport r = of(m, by_beta(beta));
      CHECK(r.kl >= 0);
      CHECK(r.kl <= before + 1e-14);
      CHECK(r.kl <= kl_max(m.token).value() + 1e-14);
      before = r.kl;
    }
    CHECK(before < 1e-200);
    const FurtherReport top = of(m, by_beta(1e-300));
    CHECK(top.reward_sd == 0);
    CHECK_THAT(top.kl, WithinRel(kl_max(m.token).value(), 1e-13));
    // The largest beta that keeps it.
    const double edge = m.token.p.back() * (m.token.position.back() - m.token.position.end()[-2]) *
                        std::ldexp(m.token.unit.value(), m.token.exponent);
    CHECK_THAT(of(m, by_kl(30)).parameters.front().second, WithinRel(edge, 1e-12));
    CHECK(of(m, by_beta(edge * (1 - 1e-12))).reward_sd == 0);
    CHECK(of(m, by_beta(edge * 1.01)).reward_sd > 0);
  }
}

TEST_CASE("chi-squared by a KL: met from the faintest on, beta as theory has it, at most KL-RL's reward") {
  test::Random random(64);
  for (int k = 0; k < 30; ++k) {
    const Tokens m = test::finite(test::random_alphabet(random, 9));
    if (m.token.size() == 1) continue;
    const double most = kl_max(m.token).value();
    const Report base = evaluate(m, make_budget("kl", 0, m));
    for (const double share : {1e-280, 1e-100, 1e-20, 1e-9, 0.01, 0.5, 0.999, 1 - 1e-9}) {
      INFO(share << " of " << most);
      const FurtherReport r = of(m, by_kl(share * most));
      CHECK_THAT(r.kl, WithinRel(share * most, 1e-9));
      // Near the base chi^2 = Var/beta^2 is twice the KL.
      if (share * most < 1e-12)
        CHECK_THAT(r.parameters.front().second,
                   WithinRel(base.model.reward_sd / std::sqrt(2 * share) / std::sqrt(most), 1e-5));
      const Report best = evaluate(m, make_budget("kl", r.kl, m));
      CHECK(r.reward <= best.kl_rl.reward + 1e-12 * std::fabs(best.kl_rl.reward) + 1e-13);
    }
  }
}

TEST_CASE("chi-squared of long sequences is that of a normal law, and its beta comes back") {
  const ContinuousLaw normal = make_continuous_law("normal", std::vector<double>{0, 1}, false);
  for (const double length : {40.0, 3000.0, 40000.0, 1e6, 1e9}) {
    const Tokens m = memoryless_model(std::vector<double>{0.5, 0.3, 0.2}, std::vector<double>{0, 1, 3}, length, false,
                                      "model.tokens");
    const Report base = evaluate(m, make_budget("kl", 0, m));
    for (const double kl : {1e-6, 0.3, 2.0, 12.0}) {
      INFO(length << " " << kl);
      Report beside;
      const FurtherReport r = of(m, by_kl(kl), &beside);
      CHECK_THAT(r.kl, WithinRel(kl, 1e-6));
      CHECK_THAT(
          (r.reward - base.model.reward) / base.model.reward_sd,
          WithinRel(lay(normal, by_kl(kl)).metrics.reward, std::min(0.9, 1.5 * std::max(1.0, kl) / std::sqrt(length))));
      CHECK(beside.error_bound < 1e-3);
      const FurtherReport again = of(m, by_beta(r.parameters.front().second));
      CHECK_THAT(again.kl, WithinRel(kl, 1e-5));
      CHECK_THAT(again.reward, WithinRel(r.reward, 1e-6));
    }
  }
}

TEST_CASE("chi-squared of sequences whose largest sums no double tells") {
  const Tokens m =
      memoryless_model(std::vector<double>{1 - 1e-8, 1e-8}, std::vector<double>{0, 1}, 100, false, "model.tokens");
  const double whole = 100 * -std::log(1e-8);
  for (const double kl : {1.0, 300.0, 650.0, 1000.0, 1800.0}) {
    INFO(kl);
    CHECK_THAT(of(m, by_kl(kl)).kl, WithinRel(kl, 1e-9));
  }
  CHECK_THAT(of(m, by_kl(1e12)).kl, WithinRel(whole, 1e-12));
  for (const double beta : {1e-300, 1e-200, 1e-20, 1.0}) {
    INFO(beta);
    const FurtherReport r = of(m, by_beta(beta));
    CHECK(r.kl > 0);
    CHECK(r.kl < whole);
    const FurtherReport again = of(m, by_kl(r.kl));
    CHECK_THAT(again.reward, WithinRel(r.reward, 1e-9));
    // Where one sum is nearly alone, beta is hardly told by the KL.
    CHECK_THAT(again.parameters.front().second, WithinRel(beta, 1e-4));
  }
}

TEST_CASE("chi-squared of rare rewards that are all the spread there is, where sums are too many to list") {
  const double length = 2669;
  for (const double rare : {1e-7, 1e-20, 1e-38}) {
    for (const double size : {1.0, 1e-122}) {
      for (const double times : {2.0, 1e5}) {
        INFO(rare << " " << size << " " << times);
        const std::vector<double> p{1 - 1.7 * rare, rare, 0.7 * rare};
        const std::vector<double> r{-0.5 * size, 3.62 * size, std::sqrt(22.0) * size};
        const Tokens m = memoryless_model(p, r, length, false, "model.tokens");
        double mean = 0;
        double squares = 0;
        for (std::size_t i = 1; i < 3; ++i) {
          mean += p[i] * (r[i] - r[0]);
          squares += p[i] * (r[i] - r[0]) / size * (r[i] - r[0]) / size;
        }
        const double variance = length * (squares - mean / size * mean / size);
        // nu is below all sums: the policy gains Var / beta.
        const double beta = times * length * mean;
        const FurtherReport a = of(m, by_beta(beta));
        const double base = length * (r[0] + mean);
        CHECK_THAT((a.reward - base) / size, WithinRel(variance * size / beta, 1e-6));
        const FurtherReport again = of(m, by_kl(a.kl));
        CHECK_THAT(again.parameters.front().second, WithinRel(beta, 1e-6));
        CHECK_THAT((again.reward - base) / size, WithinRel(variance * size / beta, 1e-6));
      }
    }
  }
}

TEST_CASE("chi-squared of a constant reward is the base") {
  const Tokens m = test::finite({{0.5, 0.5}, {2, 2}});
  for (const ExtraPolicy& asked : {by_beta(1), by_beta(1e-300), by_kl(0), by_kl(3)}) {
    const FurtherReport r = of(m, asked);
    CHECK(r.kl == 0);
    CHECK(r.reward == 2);
  }
}
