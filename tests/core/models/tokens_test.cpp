#include "models/tokens.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "error.hpp"
#include "report/report.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::Contains;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {
/** What the reference calculation with 60 digits has values of. */
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

TEST_CASE("sums of rewards without a lattice are counted at every budget alike") {
  const Tokens m = test::sequence({{0.5, 0.3, 0.2}, {0, 1, 1.41421356237}}, 12);
  for (const double n : {1.0, 4.0}) CHECK(evaluate(m, make_budget("n", n, m)).model.levels == 91);
}

TEST_CASE("a tilted sequence is the product of its token tilts: its KL and reward are n times the token's") {
  const Tokens one = test::finite({{0.5, 0.3, 0.2}, {0, 1, 3}});
  const Tokens many = test::sequence({{0.5, 0.3, 0.2}, {0, 1, 3}}, 1000);
  const Report token = evaluate(one, make_budget("kl", 0.2, one));
  const Report sequence = evaluate(many, make_budget("kl_per_token", 0.2, many));
  CHECK_THAT(sequence.kl_rl.reward, WithinRel(1000 * token.kl_rl.reward, 1e-14));
  CHECK_THAT(sequence.kl_rl.alpha, WithinRel(token.kl_rl.alpha, 1e-14));
}

TEST_CASE("a finite model lists its outcomes, each with its level, and says whether they have gold") {
  const std::vector<double> p{0.1, 0, 0.2, 0.7};
  const std::vector<double> reward{2, 9, -1, 2};
  const Tokens m = finite_model(p, reward, std::vector<double>{3, 3, 0, 5}, "model.outcomes");
  REQUIRE(m.outcomes.size() == 3);
  CHECK(m.outcomes[0].level == 1);
  CHECK(m.outcomes[1].level == 0);
  CHECK(m.outcomes[2].level == 1);
  CHECK(m.outcomes[2].p == 0.7);
  CHECK(m.outcomes[2].gold == 5);
  CHECK(states_gold(m));
  CHECK(!length_of(m));
  // Gold of 0 alone is none.
  CHECK(!states_gold(finite_model(p, reward, std::vector<double>{0, 0, 0, 0}, "model.outcomes")));
  const Tokens sequence =
      memoryless_model(std::vector<double>{1, 3}, std::vector<double>{0, 1}, 7, true, "model.tokens");
  CHECK(sequence.token.p[1] == 0.75);
  CHECK(length_of(sequence) == 7);
  CHECK(sequence.outcomes.empty());
  TokensInput input;
  input.kind = "memoryless";
  input.path = "model.tokens";
  input.p = {1, 3};
  input.reward = {0, 1};
  input.length = 7;
  input.counts = true;
  CHECK(make_model(input).token.p == sequence.token.p);
  CHECK(make_model(input).length == 7);
  input.kind = "finite";
  input.p = {0.25, 0.75};
  input.counts = false;
  CHECK(!length_of(make_model(input)));
  CHECK_THROWS_WITH(memoryless_model(p, reward, 2.5, false, "model.tokens"), Contains("model.length: 2.5"));
  CHECK_THROWS_WITH(make_budget("kl_per_token", 0.2, m), Contains("budget"));
}

TEST_CASE("every number of a report on outcomes is the sum that defines it: 200 models") {
  test::Random random(81);
  for (int i = 0; i < 200; ++i) {
    const test::Alphabet a = test::random_alphabet(random, 7);
    std::vector<double> gold;
    for (std::size_t k = 0; k < a.p.size(); ++k) gold.push_back(random.uniform() - 0.3);
    const Tokens m = finite_model(a.p, a.reward, gold, "model.outcomes");
    if (m.token.size() < 3) continue;
    // Powers of a sum near 1 lose as many digits as N has.
    const double kl = (0.02 + 0.9 * random.uniform()) * std::min(4.0, kl_max(m.token).value());
    const Report r = evaluate(m, make_budget("kl", kl, m));
    const std::vector<double>& p = m.token.p;
    std::vector<double> reward;
    for (std::size_t j = 0; j < p.size(); ++j)
      reward.push_back((m.token.base + m.token.unit * m.token.step[j]).value());
    std::vector<double> tilted;
    std::vector<double> best;
    double z = 0;
    double below = 0;
    for (std::size_t j = 0; j < p.size(); ++j) {
      tilted.push_back(p[j] * std::exp(r.kl_rl.alpha * reward[j]));
      z += tilted.back();
      best.push_back(std::pow(std::min(1.0, below + p[j]), std::exp(kl)) - std::pow(below, std::exp(kl)));
      below += p[j];
    }
    for (double& w : tilted) w /= z;
    const auto check = [&](const PolicyReport& found, const std::vector<double>& w) {
      double mean = 0;
      double kl_to_base = 0;
      double mean_gold = 0;
      double win = 0;
      double under = 0;
      for (std::size_t j = 0; j < p.size(); ++j) {
        mean += w[j] * reward[j];
        mean_gold += w[j] * m.token.gold[j];
        if (w[j] > 0) kl_to_base += w[j] * std::log(w[j] / p[j]);
        win += w[j] * (under + p[j] / 2);
        under += p[j];
      }
      double variance = 0;
      for (std::size_t j = 0; j < p.size(); ++j) variance += w[j] * (reward[j] - mean) * (reward[j] - mean);
      CHECK_THAT(found.reward, WithinAbs(mean, 1e-12));
      CHECK_THAT(found.reward_sd, WithinAbs(std::sqrt(variance), 1e-11));
      CHECK_THAT(found.kl, WithinAbs(kl_to_base, 1e-12));
      CHECK_THAT(found.win_rate, WithinAbs(win, 1e-12));
      CHECK_THAT(found.gold, WithinAbs(mean_gold, 1e-12));
    };
    INFO(i << " kl " << kl);
    check(r.model, p);
    check(r.kl_rl, tilted);
    check(r.best_of_n, best);
    CHECK_THAT(r.kl_rl.kl, WithinRel(kl, 1e-14));
    double between = 0;
    for (std::size_t j = 0; j < p.size(); ++j) between += best[j] > 0 ? best[j] * std::log(best[j] / tilted[j]) : 0;
    CHECK_THAT(r.best_of_n.kl_to_kl_rl, WithinAbs(between, 1e-11));
    CHECK_THAT(r.gap.reward, WithinAbs(r.kl_rl.reward - r.best_of_n.reward, 1e-13));
    CHECK_THAT(r.kl_rl_at_bon_kl.kl, WithinAbs(r.best_of_n.kl, 1e-13));
    CHECK_THAT(r.gap.reward_at_bon_kl, WithinAbs(r.kl_rl_at_bon_kl.reward - r.best_of_n.reward, 1e-12));
    CHECK(r.gap.reward_at_bon_kl >= 0);
    CHECK(r.model.levels == static_cast<double>(p.size()));
    CHECK_THAT(r.model.reward_max, WithinRel(reward.back(), 1e-15) || WithinAbs(0, 1e-15));
    CHECK_THAT(r.model.kl_max, WithinRel(-std::log(p.back()), 1e-13));
  }
}

TEST_CASE("of two outcomes best-of-N is the optimum of its KL, to the last bit") {
  test::Random random(82);
  for (int i = 0; i < 200; ++i) {
    const double p = 0.01 + 0.98 * random.uniform();
    const Tokens m = test::finite({{1 - p, p}, {-random.uniform(), random.uniform() * 1e3}});
    CHECK(evaluate(m, make_budget("kl", 4 * random.uniform(), m)).gap.reward_at_bon_kl == 0);
  }
}

TEST_CASE("limits of a sequence are those of its token's tilt, whatever the length") {
  const double a = 0.49439128786576;
  const double z = 0.5 + 0.3 * std::exp(a) + 0.2 * std::exp(3 * a);
  const double mean = (0.3 * std::exp(a) + 0.6 * std::exp(3 * a)) / z;
  const double square = (0.3 * std::exp(a) + 1.8 * std::exp(3 * a)) / z;
  for (const std::int64_t length : {1, 160, 1000000}) {
    // Rewards in another unit: alpha is per reward unit.
    const Tokens m = test::sequence({{0.5, 0.3, 0.2}, {0, 10, 30}}, length);
    const Limits l = limits_of(m, 0.2, solve_tilt(m.token, 0.2));
    INFO(length);
    CHECK(l.rate == 0.2);
    CHECK_THAT(l.alpha, WithinRel(a / 10, 1e-13));
    CHECK_THAT(l.reward_per_token, WithinRel(10 * mean, 1e-13));
    CHECK_THAT(l.variance_per_token, WithinRel(100 * (square - mean * mean), 1e-12));
    CHECK(l.gap_lower >= 0);
    CHECK(l.gap_lower <= l.gap_upper);
  }
}

TEST_CASE("what the optimum earns more from one budget to the next is the difference of its rewards") {
  const Tokens m = test::sequence({{0.5, 0.3, 0.2}, {0, 1, 3}}, 40);
  for (const auto& [from, to] : {std::pair{0.0, 1.0}, {8.0, 9.0}, {30.0, 31.0}}) {
    const auto reward = [&](double kl) { return evaluate(m, make_budget("kl", kl, m)).kl_rl.reward; };
    CHECK_THAT(earns_more(m, from, to), WithinAbs(reward(to) - reward(from), 1e-12));
  }
  // Past saturation nothing.
  CHECK(earns_more(m, 70, 71) == 0);
}

TEST_CASE("the optimum of best-of-N's KL is known as well as that KL is") {
  // All compositions of 5,000 tokens, as in the test of best-of-N's law.
  struct Exact {
    double log_n, mean, kl;
  };
  const Tokens m = memoryless_model(std::vector<double>{0.5, 0.3, 0.2}, std::vector<double>{0, 0.3333333, 1}, 5000,
                                    false, "model.tokens");
  for (const Exact& e : {Exact{0.3, 1506.917267808846018, 0.04081822017156876792},
                         Exact{1, 1520.9048658436816854, 0.3678794364032672819},
                         Exact{1.9, 1535.6028096347960902, 1.0495686049481414447},
                         Exact{4, 1561.4016801825915537, 3.0183155937355865322}}) {
    CAPTURE(e.log_n);
    const Report r = evaluate(m, make_budget("log_n", e.log_n, m));
    const Outcome same = outcome(m, tilt_for(m, e.kl));
    const auto check = [&](double x, double exact) {
      CHECK(std::fabs(x - exact) <= r.error_bound * std::max(1.0, std::fabs(exact)));
    };
    check(r.kl_rl_at_bon_kl.reward, same.reward);
    check(r.kl_rl_at_bon_kl.reward_sd, same.reward_sd);
    check(r.kl_rl_at_bon_kl.win_rate, same.win_rate);
    check(r.kl_rl_at_bon_kl.alpha, same.alpha);
    check(r.gap.reward_at_bon_kl, same.reward - e.mean);
  }
}
