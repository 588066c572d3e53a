// Facts that hold for every law, on models of a fixed random sequence.
#include <catch2/catch.hpp>

#include "laws/finite.hpp"
#include "numerics/log_domain.hpp"
#include "policies/best_of_n.hpp"
#include "policies/kl_rl.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {
constexpr int cases = 200;
double sum(const std::vector<double>& x) {
  double s = 0;
  for (const double v : x) s += v;
  return s;
}
double reward(const RewardLaw& law, const Metrics& m) { return (law.base + law.unit * DoubleDouble(m.offset)).value(); }
}  // namespace

TEST_CASE("best-of-N: masses sum to 1, KL and win rate keep their bounds, reward and KL grow with N") {
  test::Random random(1);
  for (int i = 0; i < cases; ++i) {
    const RewardLaw law = finite_law(test::finite(test::random_alphabet(random, 8)).token);
    double last_reward = -infinity;
    double last_kl = -1e-300;
    for (const double log_n : {0.0, 1e-6, 0.3, 1.0, 2.5, 7.0, 30.0, 700.0}) {
      const Policy policy = best_of_n(law, log_n);
      const Metrics m = metrics(law, policy);
      CHECK_THAT(sum(policy.mass), WithinAbs(1, 1e-14));
      CHECK(m.kl <= best_of_n_kl_bound(log_n) + 1e-13);
      CHECK(m.win_rate <= 1 / (1 + std::exp(-log_n)) + 1e-14);
      CHECK(reward(law, m) >= last_reward - 1e-13);
      CHECK(m.kl >= last_kl - 1e-13);
      last_reward = reward(law, m);
      last_kl = m.kl;
    }
  }
}

TEST_CASE("best-of-N is a semigroup: the best of a of the best of b is the best of a b") {
  test::Random random(2);
  for (int i = 0; i < cases; ++i) {
    const RewardLaw law = finite_law(test::finite(test::random_alphabet(random, 6)).token);
    const double a = 3 * random.uniform();
    const double b = 3 * random.uniform();
    const Policy inner = best_of_n(law, a);
    TokenLaw token;
    for (std::size_t j = 0; j < law.size(); ++j) {
      token.p.push_back(inner.mass[j]);
      token.log_p.push_back(std::log(inner.mass[j]));
      token.position.push_back(law.offset[j]);
      token.step.emplace_back(law.offset[j]);
      token.gold.push_back(0);
    }
    const Policy outer = best_of_n(finite_law(token), b);
    const Policy both = best_of_n(law, a + b);
    for (std::size_t j = 0; j < law.size(); ++j) CHECK_THAT(outer.mass[j], WithinAbs(both.mass[j], 1e-13));
  }
}

TEST_CASE("with two levels best-of-N is a tilt") {
  test::Random random(3);
  for (int i = 0; i < cases; ++i) {
    const double p = 0.02 + 0.96 * random.uniform();
    const Tokens m = test::finite({{1 - p, p}, {-1.5, 2}});
    const Report r = evaluate(m, make_budget("kl", 4 * random.uniform(), m));
    CHECK_THAT(r.gap.reward_at_bon_kl, WithinAbs(0, 1e-12));
  }
}

TEST_CASE("KL-RL: no policy of its KL earns more, the exact identities of near-optimality and of Jeffreys hold") {
  test::Random random(4);
  for (int i = 0; i < cases; ++i) {
    const Tokens model = test::finite(test::random_alphabet(random, 8));
    if (model.token.size() == 1) continue;
    const RewardLaw law = finite_law(model.token);
    const double budget = random.uniform() * 0.9 * kl_max(model.token).value();
    const TokenTilt tilt = solve_tilt(model.token, budget);
    const Policy phi = kl_rl(law, tilt.b);
    const Metrics of_phi = metrics(law, phi);
    const Metrics of_base = metrics(law, base_policy(law));
    CHECK_THAT(of_phi.kl, WithinAbs(budget, 1e-12));
    CHECK_THAT(sum(phi.mass), WithinAbs(1, 1e-14));

    double reverse = 0;
    for (std::size_t j = 0; j < law.size(); ++j) reverse -= std::exp(law.log_mass[j]) * phi.log_ratio[j];
    CHECK_THAT(tilt.b * (of_phi.offset - of_base.offset).value(),
               WithinRel(of_phi.kl + reverse, 1e-11) || WithinAbs(of_phi.kl + reverse, 1e-13));

    // Any other policy: here a random reweighting of the levels.
    Policy other;
    for (std::size_t j = 0; j < law.size(); ++j)
      other.mass.push_back(std::exp(law.log_mass[j]) * (0.01 + random.uniform()));
    const double z = sum(other.mass);
    double to_phi = 0;
    for (std::size_t j = 0; j < law.size(); ++j) {
      other.mass[j] /= z;
      other.log_ratio.push_back(std::log(other.mass[j]) - law.log_mass[j]);
      to_phi += other.mass[j] * (other.log_ratio[j] - phi.log_ratio[j]);
    }
    const Metrics of_other = metrics(law, other);
    CHECK_THAT(to_phi, WithinAbs(of_other.kl - of_phi.kl + tilt.b * (of_phi.offset - of_other.offset).value(), 1e-11));
    const TokenTilt same = solve_tilt(model.token, of_other.kl);
    CHECK(of_other.offset.value() <= same.mean.value() + 1e-11);
  }
}

TEST_CASE("budget 0 and constant rewards give the base model") {
  const Tokens m = test::finite({{0.2, 0.5, 0.3}, {1, 0, 4}});
  const Report zero = evaluate(m, make_budget("kl", 0, m));
  CHECK(zero.kl_rl.alpha == 0);
  CHECK(zero.kl_rl.reward == zero.model.reward);
  CHECK(zero.best_of_n.kl == 0);
  CHECK(zero.gap.reward == 0);
  const Tokens constant = test::finite({{0.2, 0.8}, {3, 3}});
  const Report r = evaluate(constant, make_budget("kl", 5, constant));
  CHECK(r.kl_rl.reward == 3);
  CHECK(r.kl_rl.alpha == 0);
  CHECK(r.best_of_n.kl == 0);
  CHECK(r.model.kl_max == 0);
}

TEST_CASE("past saturation the optimum is the best outcome alone and spends kl_max") {
  const Tokens m = test::finite({{0.5, 0.3, 0.2}, {0, 1, 2}});
  const Report r = evaluate(m, make_budget("kl", 3, m));
  CHECK(std::isinf(r.kl_rl.alpha));
  CHECK(r.kl_rl.reward == 2);
  CHECK_THAT(r.kl_rl.kl, WithinRel(-std::log(0.2), 1e-15));
  CHECK(std::isinf(r.best_of_n.kl_to_kl_rl));
}

TEST_CASE("refining a tie never lowers best-of-N's KL") {
  test::Random random(5);
  for (int i = 0; i < cases; ++i) {
    test::Alphabet a = test::random_alphabet(random, 6);
    const double log_n = 4 * random.uniform();
    const double tied =
        metrics(finite_law(test::finite(a).token), best_of_n(finite_law(test::finite(a).token), log_n)).kl;
    a.reward.front() += 1e-3;
    const RewardLaw finer = finite_law(test::finite(a).token);
    CHECK(metrics(finer, best_of_n(finer, log_n)).kl >= tied - 1e-13);
  }
}
