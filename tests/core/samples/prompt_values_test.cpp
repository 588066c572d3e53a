#include "samples/prompt_values.hpp"

#include <catch2/catch.hpp>

using namespace tiltlab;

TEST_CASE("levels have a column for what the file has, and the ceiling is best-of-N by gold itself") {
  DraftColumns c;
  c.prompt = {0, 0, 0, 0};
  c.reward = {1, 3, 3, 2};
  c.gold = {0, 1, 0, 1};
  const ScoredDrafts d = make_scored_drafts(c);
  const LevelColumns columns = level_columns(d);
  CHECK(columns.count() == 3);
  CHECK(columns.judged_at() == LevelColumns::gold_at);
  const DraftLevels levels = reward_levels(d, 0);
  CHECK(levels.mean[LevelColumns::reward_at] == std::vector<double>{1, 2, 3});
  CHECK(levels.mean[LevelColumns::gold_at] == std::vector<double>{0, 1, 0.5});
  // Of the 3 others: below 0, 1 and 2, and half of those that tie.
  CHECK(levels.mean[LevelColumns::win_at] == std::vector<double>{0, 1.0 / 3, 2.5 / 3});
  BestOfNMeans means({1, 2, 4});
  CHECK(ceiling_means(d, 0, means) == std::vector<double>{0.5, 5.0 / 6, 1});
}

TEST_CASE("tilts are laid at each N to 8, then four an octave, of very many drafts one an octave") {
  for (const double n : {1, 5, 8, 10, 12, 14, 16, 20, 32, 40}) CHECK(is_rung(n, 100));
  for (const double n : {9, 11, 13, 17, 18, 33}) CHECK_FALSE(is_rung(n, 100));
  CHECK(is_rung(64, 1e6));
  CHECK_FALSE(is_rung(48, 1e6));
  CHECK(is_carried({10, 12}));
  CHECK_FALSE(is_carried({10, 9}));
  CHECK_FALSE(is_carried({9, 12}));
}
