#include "simulation/drafts.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "report/simulated.hpp"
#include "simulation/philox.hpp"
#include "support.hpp"

using namespace tiltlab;

namespace {
const std::vector<double> p{0.5, 0.3, 0.2};
const std::vector<double> reward{0, 1, 3};
}  // namespace

TEST_CASE("drafts earn what the exact laws say, within five standard errors of 2,000 replicates") {
  const Tokens m = test::sequence({p, reward}, 20);
  const Report exact = evaluate(m, make_budget("n", 16, m));
  constexpr int replicates = 2000;
  double base = 0;
  double best = 0;
  double tilt = 0;
  for (std::uint32_t i = 0; i < replicates; ++i) {
    const Drafts d = draw_drafts(p, reward, 20, exact.kl_rl.alpha, 16, 11, i);
    base += d.base.reward / replicates;
    best += d.best_of_n.reward / replicates;
    tilt += d.kl_rl.reward / replicates;
  }
  const double root = std::sqrt(static_cast<double>(replicates));
  CHECK(std::fabs(base - exact.model.reward) < 5 * exact.model.reward_sd / root);
  CHECK(std::fabs(best - exact.best_of_n.reward) < 5 * exact.best_of_n.reward_sd / root);
  CHECK(std::fabs(tilt - exact.kl_rl.reward) < 5 * exact.kl_rl.reward_sd / root);
}

TEST_CASE("the best draft's tokens earn its reward, the same for the same seed, and too many drafts are left out") {
  const Drafts a = draw_drafts(p, reward, 30, 0.5, 200, 9, 4);
  const Drafts b = draw_drafts(p, reward, 30, 0.5, 200, 9, 4);
  CHECK(a.best_of_n.tokens == b.best_of_n.tokens);
  CHECK(a.best_of_n.tokens != draw_drafts(p, reward, 30, 0.5, 200, 10, 4).best_of_n.tokens);
  double sum = 0;
  for (const std::uint32_t k : a.best_of_n.tokens) sum += reward[k];
  CHECK(sum == a.best_of_n.reward);
  CHECK(draw_drafts(p, reward, 30, 0.5, 1e9, 9, 4).best_of_n.tokens.empty());
  CHECK(draw_drafts(p, reward, 5, HUGE_VAL, 1, 9, 4).kl_rl.reward == 15);
}

TEST_CASE("ties go to each of the tied drafts alike") {
  // All drafts tie: the winner is uniform among four.
  const std::vector<double> same{1, 1};
  const std::vector<double> half{0.5, 0.5};
  double firsts = 0;
  constexpr int replicates = 4000;
  for (std::uint32_t i = 0; i < replicates; ++i) {
    const Drafts d = draw_drafts(half, same, 12, 0, 4, 5, i);
    const AliasTable table(half);
    RandomStream stream(5, StreamOf::best_of_n, i, 0);
    bool first = true;
    for (const std::uint32_t k : d.best_of_n.tokens) first = first && table.at(stream.uniform()) == k;
    firsts += first ? 1.0 / replicates : 0;
  }
  CHECK(std::fabs(firsts - 0.25) < 5 * std::sqrt(0.1875 / replicates));
}

TEST_CASE("the drafts thrown away earn no more than the one kept") {
  const std::vector<double> p{0.5, 0.3, 0.2};
  const std::vector<double> reward{0, 1, 3};
  for (const double draws : {1.0, 2.0, 5.0, 400.0}) {
    const Drafts d = draw_drafts(p, reward, 10, 0.5, draws, 3, 1);
    CHECK(d.losers.size() == std::min<std::size_t>(12, static_cast<std::size_t>(draws) - 1));
    for (const Draft& loser : d.losers) CHECK(loser.reward <= d.best_of_n.reward);
  }
}

TEST_CASE("the best of any N, drawn by its law, earns what that says, and is a draft of the base among those that do") {
  const Tokens m = test::sequence({p, reward}, 20);
  for (const double log_n : {2.0, 12.0, 25.0}) {
    const Budget budget = make_budget("log_n", log_n, m);
    const Report exact = evaluate(m, budget);
    const Simulation s = make_simulation(m, budget, "order", 3, 1);
    constexpr int replicates = 2000;
    double mean = 0, second = 0;
    for (std::uint32_t i = 0; i < replicates; ++i) {
      const std::optional<double> total = drawn_best(s, i);
      REQUIRE(total);
      const Draft best = draft_that_earns(*total, p, reward, 20, exact.kl_rl_at_bon_kl.alpha, 3, i);
      REQUIRE(best.tokens.size() == 20);
      mean += best.reward / replicates;
      second += best.reward * best.reward / replicates;
    }
    CHECK(std::fabs(mean - exact.best_of_n.reward) < 5 * exact.best_of_n.reward_sd / std::sqrt(replicates));
    CHECK(std::fabs(std::sqrt(second - mean * mean) / exact.best_of_n.reward_sd - 1) < 0.12);
  }
  // Three tokens earn 3 as one of 3 beside two of nothing, in three orders, or as three of 1: whatever the tilt.
  const std::vector<double> three{0.25, 0.25, 0.5};
  const std::vector<double> earn{1, 3, 0};
  const double wanted = 3 * 0.25 * 0.5 * 0.5 / (3 * 0.25 * 0.5 * 0.5 + 0.25 * 0.25 * 0.25);
  for (const double alpha : {0.0, 0.7}) {
    double one = 0;
    constexpr int replicates = 4000;
    for (std::uint32_t i = 0; i < replicates; ++i) {
      const Draft d = draft_that_earns(3, three, earn, 3, alpha, 8, i);
      one += std::count(d.tokens.begin(), d.tokens.end(), 1U) == 1 ? 1.0 / replicates : 0;
    }
    CHECK(std::fabs(one - wanted) < 5 * std::sqrt(wanted * (1 - wanted) / replicates));
  }
  CHECK(draft_that_earns(2.5, three, earn, 3, 0.5, 8, 0).tokens.empty());
}
