// Values of the reference calculation with 60 digits for p = (.5, .3, .2), r = (0, 1, 2).
#include <catch2/catch.hpp>

#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {
const test::Alphabet three{{0.5, 0.3, 0.2}, {0, 1, 2}};
Report at(const std::string& kind, double value) {
  const Tokens m = test::finite(three);
  return evaluate(m, make_budget(kind, value, m));
}
}  // namespace

TEST_CASE("KL-RL: tilt and reward at three budgets") {
  const double budget[] = {0.2, 0.5, 1};
  const double alpha[] = {0.7751746210, 1.2891469185, 2.1750117046};
  const double reward[] = {1.2113855051, 1.5054478377, 1.8046500569};
  for (int i = 0; i < 3; ++i) {
    const Report r = at("kl", budget[i]);
    CHECK_THAT(r.kl_rl.alpha, WithinRel(alpha[i], 1e-10));
    CHECK_THAT(r.kl_rl.reward, WithinRel(reward[i], 1e-10));
    CHECK(r.kl_rl.kl == budget[i]);
  }
}

TEST_CASE("best-of-N: reward, KL and win rate") {
  CHECK_THAT(at("n", 2).best_of_n.reward, WithinRel(1.11, 1e-14));
  CHECK_THAT(at("n", 2).best_of_n.kl, WithinAbs(0.1406384674, 1e-10));
  CHECK_THAT(at("n", 2).best_of_n.win_rate, WithinRel(0.64, 1e-14));
  CHECK_THAT(at("n", 4).best_of_n.reward, WithinRel(1.5279, 1e-14));
  CHECK_THAT(at("n", 4).best_of_n.kl, WithinAbs(0.5597505604, 1e-10));
  CHECK_THAT(at("n", 4).best_of_n.win_rate, WithinRel(0.7726, 1e-14));
  CHECK_THAT(at("n", 16).best_of_n.reward, WithinRel(1.9718372435, 1e-10));
  CHECK_THAT(at("n", 16).best_of_n.kl, WithinAbs(1.4696447797, 1e-10));
}

TEST_CASE("ties are broken uniformly among the draws, not by index") {
  const Tokens m = test::finite({{0.1, 0.2, 0.3, 0.25, 0.15}, {1, 2, 2, 0, 2}});
  CHECK_THAT(evaluate(m, make_budget("n", 4, m)).best_of_n.kl, WithinAbs(0.3688, 5e-5));
}

TEST_CASE("N enters through its logarithm alone: N = e^500 is the best outcome") {
  const Report r = at("log_n", 500);
  CHECK(r.best_of_n.reward == 2);
  CHECK_THAT(r.best_of_n.kl, WithinAbs(-std::log(0.2), 1e-14));
  CHECK(r.best_of_n.kl_to_kl_rl == 0);
  CHECK(std::isinf(r.kl_rl.alpha));
}

TEST_CASE("sequences of p = (.5, .3, .2), r = (0, 1, 3) at 0.2 nats a token") {
  const auto gap = [](std::int64_t n) {
    const Tokens m = test::sequence({{0.5, 0.3, 0.2}, {0, 1, 3}}, n);
    return evaluate(m, make_budget("kl_per_token", 0.2, m));
  };
  const Report r = gap(160);
  CHECK_THAT(r.limits->alpha, WithinRel(0.49439128786576, 1e-13));
  CHECK_THAT(r.limits->reward_per_token, WithinRel(1.674109841505894, 1e-14));
  CHECK_THAT(r.best_of_n.reward, WithinRel(262.82777229034, 1e-13));
  CHECK_THAT(r.best_of_n.kl, WithinAbs(30.98162264465, 1e-10));
  CHECK_THAT(r.best_of_n.kl_to_kl_rl, WithinAbs(1.46831310647, 1e-10));
  CHECK_THAT(r.gap.reward, WithinRel(5.029802, 2e-7));
  CHECK_THAT(gap(320).gap.reward, WithinRel(5.701006, 2e-7));
  // The sharp prediction is 20.77868372; what is left is of order (log n)^2 / n.
  CHECK_THAT(gap(1000000000).gap.reward, WithinAbs(20.7786839, 1e-6));
}
