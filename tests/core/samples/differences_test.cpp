#include "samples/differences.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "error.hpp"
#include "samples/means_over_prompts.hpp"
#include "samples/order_statistics.hpp"
#include "samples/prompt_values.hpp"

using namespace tiltlab;
using Catch::Matchers::Contains;
using Catch::Matchers::WithinAbs;

namespace {

/** Prompts of their own difficulty, a reward that follows the gold, and three answers of which one is right. */
ScoredDrafts drafts_of(std::size_t prompts, std::size_t each, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  DraftColumns c;
  for (std::size_t k = 0; k < prompts; ++k) {
    const double hard = 0.15 + 0.7 * uniform(random);
    for (std::size_t i = 0; i < each; ++i) {
      const bool right = uniform(random) < hard;
      c.prompt.push_back(static_cast<std::uint32_t>(k));
      c.gold.push_back(right ? 1 : 0);
      c.reward.push_back(2 + (right ? 1.0 : 0.0) + normal(random));
      c.length.push_back(10 + 5 * uniform(random));
      c.answer.push_back(right ? 0 : 1 + (uniform(random) < 0.5 ? 1u : 0u));
    }
  }
  return make_scored_drafts(std::move(c));
}

CurveDifferences difference(const ScoredDrafts& d, const char* first, const char* second, const char* of = "gold") {
  return curve_differences(d, {first, second, of, 1});
}

}  // namespace

TEST_CASE("a difference is that of the curves, and a curve is itself") {
  const ScoredDrafts d = drafts_of(40, 32, 1);
  const SampleReport r = judge_samples(d, {});
  const auto at = [](const std::vector<CeilingEstimate>& of, double n) {
    for (const CeilingEstimate& e : of)
      if (e.n == n) return e.gold.value;
    return std::nan("");
  };
  const auto ceiling = difference(d, "ceiling", "best_of_n");
  const auto votes = difference(d, "majority", "best_of_n");
  const auto weighted = difference(d, "weighted_majority", "majority");
  REQUIRE(votes.differences.size() == r.majority.size());
  for (std::size_t i = 0; i < votes.differences.size(); ++i) {
    const double n = votes.differences[i].n;
    CAPTURE(n);
    double best = 0;
    for (const BestOfNEstimate& e : r.best_of_n)
      if (e.n == n) best = e.gold->value;
    CHECK_THAT(votes.differences[i].difference.value, WithinAbs(at(r.majority, n) - best, 1e-14));
    CHECK_THAT(ceiling.differences[i].difference.value, WithinAbs(at(r.ceiling, n) - best, 1e-14));
    CHECK_THAT(weighted.differences[i].difference.value,
               WithinAbs(at(r.weighted_majority, n) - at(r.majority, n), 1e-14));
    CHECK(ceiling.differences[i].difference.value >= -1e-15);
  }
  for (const auto& [n, same] : difference(d, "best_of_n", "best_of_n", "length").differences) {
    CHECK(same.value == 0);
    CHECK_FALSE(same.interval);
  }
  for (const auto& [n, tilt] : difference(d, "kl_rl", "best_of_n", "reward").differences) {
    for (const TiltEstimate& row : r.kl_rl) {
      if (row.n != n) continue;
      for (const BestOfNEstimate& e : r.best_of_n)
        if (e.n == n) CHECK_THAT(tilt.value, WithinAbs(row.reward.value - e.reward.value, 1e-12));
    }
  }
}

TEST_CASE("paired by prompt, curves are told apart whose own intervals overlap") {
  const ScoredDrafts d = drafts_of(60, 32, 2);
  const SampleReport r = judge_samples(d, {});
  const auto [n, votes] = difference(d, "majority", "best_of_n").differences[7];
  REQUIRE(n == 8);
  REQUIRE(votes.interval);
  const std::array<double, 2> elected = *r.majority[7].gold.interval;
  const std::array<double, 2> chosen = *r.best_of_n[7].gold->interval;
  CHECK((*votes.interval)[1] - (*votes.interval)[0] < 0.8 * (elected[1] - elected[0]));
  CHECK((*votes.interval)[0] <= votes.value);
  CHECK(votes.value <= (*votes.interval)[1]);
  // Without pairs the two could not be told apart at any N.
  CHECK(std::max(elected[0], chosen[0]) < std::min(elected[1], chosen[1]));
}

TEST_CASE("of one prompt differences of choices have the interval of its drafts, elections none") {
  const ScoredDrafts d = drafts_of(1, 200, 5);
  for (const auto& [n, apart] : difference(d, "ceiling", "best_of_n").differences) {
    CAPTURE(n);
    REQUIRE(apart.interval.has_value() == (n > 1 && n <= 20));
    if (!apart.interval) continue;
    CHECK((*apart.interval)[0] <= apart.value);
    CHECK(apart.value <= (*apart.interval)[1]);
    CHECK((*apart.interval)[0] < (*apart.interval)[1]);
  }
  const auto tilted = difference(d, "kl_rl", "best_of_n", "reward").differences;
  REQUIRE(tilted.size() > 2);
  CHECK(tilted[1].difference.interval);
  for (const auto& [n, apart] : difference(d, "majority", "best_of_n").differences) CHECK_FALSE(apart.interval);
  for (const auto& [n, apart] : difference(d, "best_of_n", "ceiling", "gold").differences)
    if (n == 4) CHECK((*apart.interval)[1] <= 0);
  for (const auto& [n, apart] : difference(drafts_of(1, 19, 5), "ceiling", "best_of_n").differences)
    CHECK_FALSE(apart.interval);
}

TEST_CASE("19 in 20 intervals of a difference hold what the law says", "[coverage]") {
  // Of best-of-4 by gold itself over best-of-4 by the reward, from 20 prompts: the truth from very many.
  const double truth = difference(drafts_of(18000, 16, 99), "ceiling", "best_of_n").differences[3].difference.value;
  int held = 0;
  constexpr int seeds = 500;
  for (int seed = 1; seed <= seeds; ++seed) {
    const auto [n, d] =
        difference(drafts_of(20, 16, static_cast<std::uint64_t>(seed)), "ceiling", "best_of_n").differences[3];
    REQUIRE(n == 4);
    if ((*d.interval)[0] <= truth && truth <= (*d.interval)[1]) ++held;
  }
  CAPTURE(held);
  CHECK(held >= 0.93 * seeds);
  CHECK(held <= 0.97 * seeds);
}

TEST_CASE("what cannot be compared is said") {
  const ScoredDrafts d = drafts_of(3, 8, 3);
  CHECK_THROWS_WITH(
      difference(d, "best", "ceiling"),
      "samples.difference: \"best\" is not one of best_of_n, ceiling, majority, weighted_majority, kl_rl");
  CHECK_THROWS_WITH(difference(d, "best_of_n", "ceiling", "reward"), Contains("the ceiling chooses by gold"));
  CHECK_THROWS_WITH(difference(d, "best_of_n", "majority", "length"), Contains("majority is known by gold alone"));
  CHECK_THROWS_WITH(difference(d, "best_of_n", "kl_rl", "golden"), Contains("is not one of reward, gold"));
  DraftColumns bare;
  bare.prompt = {0, 0, 1, 1};
  bare.reward = {1, 2, 3, 4};
  const ScoredDrafts plain = make_scored_drafts(bare);
  CHECK_THROWS_WITH(difference(plain, "best_of_n", "ceiling"), Contains("the drafts have no gold"));
  CHECK_THROWS_WITH(difference(plain, "best_of_n", "majority", "reward"), Contains("the drafts have no answers"));
}
