#include "policies/random_best_of_n.hpp"

#include <catch2/catch.hpp>

#include "laws/finite.hpp"
#include "numerics/log_domain.hpp"
#include "policies/best_of_n.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

TEST_CASE("Best-of-Poisson is the Poisson mixture of best-of-N, and the base at mu = 0") {
  test::Random random(41);
  for (int k = 0; k < 20; ++k) {
    const RewardLaw law = finite_law(test::finite(test::random_alphabet(random, 7)).token);
    for (const double mu : {0.0, 0.3, 3.0, 20.0}) {
      const Policy policy = best_of_poisson(law, mu);
      std::vector<double> mixture(law.size(), 0);
      double weight = std::exp(-mu);
      for (int n = 1; n < 200; ++n) {
        const Policy best = best_of_n(law, std::log(static_cast<double>(n)));
        for (std::size_t j = 0; j < law.size(); ++j) mixture[j] += weight * best.mass[j];
        weight *= mu / n;
      }
      for (std::size_t j = 0; j < law.size(); ++j) CHECK_THAT(policy.mass[j], WithinRel(mixture[j], 1e-12));
      if (mu == 0) CHECK_THAT(metrics(law, policy).kl, WithinAbs(0, 1e-15));
    }
  }
}

TEST_CASE("soft best-of-N: by its definition for two draws, the base at alpha 0, best-of-N for large alpha") {
  test::Random random(42);
  for (int k = 0; k < 20; ++k) {
    const RewardLaw law = finite_law(test::finite(test::random_alphabet(random, 6)).token);
    if (law.size() == 1) continue;
    for (const double b : {0.0, 0.2, 1.0}) {
      const Policy policy = soft_best_of_n(law, 2, b);
      for (std::size_t j = 0; j < law.size(); ++j) {
        double wanted = 0;
        for (std::size_t i = 0; i < law.size(); ++i) {
          // Two draws i, j in either order; j is kept with its share of the weights.
          const double share = 1 / (1 + std::exp(b * (law.offset[i] - law.offset[j])));
          wanted += 2 * std::exp(law.log_mass[i] + law.log_mass[j]) * share;
        }
        CHECK_THAT(policy.mass[j], WithinRel(wanted, 1e-12));
      }
      const Metrics m = metrics(law, policy);
      CHECK(m.mass_defect < 1e-13);
      if (b == 0) CHECK_THAT(m.kl, WithinAbs(0, 1e-15));
      // KL(pi || p) <= log[N / (1 + (N - 1) e^(-alpha R))]
      const double range = b * (law.offset.back() - law.offset.front());
      CHECK(m.kl <= std::log(2 / (1 + std::exp(-range))) + 1e-14);
    }
    double gap = 1e300;
    for (std::size_t j = 1; j < law.size(); ++j) gap = std::min(gap, law.offset[j] - law.offset[j - 1]);
    const Policy soft = soft_best_of_n(law, 5, 60 / gap);
    const Policy best = best_of_n(law, std::log(5.0));
    for (std::size_t j = 0; j < law.size(); ++j) CHECK_THAT(soft.mass[j], WithinRel(best.mass[j], 1e-9));
  }
}

TEST_CASE("soft best-of-N on thousands of levels, with weights from next to equal to farther apart than doubles") {
  test::Random random(43);
  std::vector<double> p, reward;
  for (int j = 0; j < 1500; ++j) {
    p.push_back(std::exp(-60 * random.uniform()));
    reward.push_back(std::pow(j, 1 + 2 * random.uniform() / 100));
  }
  const RewardLaw law = finite_law(make_token_law(p, reward, {}, true, "model.outcomes"));
  for (const double range : {1.0, 60.0, 900.0, 3e4, 1e6}) {
    const double b = range / (law.offset.back() - law.offset.front());
    const Policy policy = soft_best_of_n(law, 2, b);
    CAPTURE(range);
    for (std::size_t j = 0; j < law.size(); j += 50) {
      double wanted = 0;
      for (std::size_t i = 0; i < law.size(); ++i)
        wanted +=
            2 * std::exp(law.log_mass[i]) / (1 + std::exp(b * (law.exact_offset(i) - law.exact_offset(j)).value()));
      CAPTURE(j);
      CHECK_THAT(std::exp(policy.log_ratio[j]), WithinRel(wanted, 1e-11) || WithinAbs(wanted, 1e-19));
    }
    CHECK(metrics(law, policy).mass_defect < 1e-12);
  }
  // A weight as far out as there are doubles is no farther than one that is out of reach.
  const RewardLaw apart = finite_law(make_token_law(std::vector{0.5, 0.3, 0.2 - 1e-13, 1e-13},
                                                    std::vector{-1e19, 0.0, 1.0, 3.0}, {}, true, "model.outcomes"));
  for (const double b : {1.0, 1e6, 1e280}) {
    const Policy soft = soft_best_of_n(apart, 16, b / apart.distance(2, 1));
    const Policy best = best_of_n(apart, std::log(16.0));
    CHECK_THAT(soft.mass[0], WithinRel(best.mass[0], 1e-12));
    CHECK_THAT(soft.mass[1] + soft.mass[2] + soft.mass[3], WithinRel(1 - best.mass[0], 1e-12));
    if (b > 100) CHECK_THAT(soft.mass[2], WithinRel(best.mass[2], 1e-12));
  }
  // As many as a file has, at an alpha of many draws.
  const std::vector<double> even(100'000, 1);
  reward.clear();
  for (int j = 0; j < 100'000; ++j) reward.push_back(j * 1e-4);
  const RewardLaw wide = finite_law(make_token_law(even, reward, {}, true, "model.outcomes"));
  const Metrics of = metrics(wide, soft_best_of_n(wide, 64, 1e3 * wide.unit.value()));
  CHECK(of.mass_defect < 1e-12);
  CHECK(of.kl < best_of_n_kl_bound(std::log(64.0)));
}
