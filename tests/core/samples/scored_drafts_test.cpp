#include "samples/scored_drafts.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "error.hpp"

using namespace tiltlab;
using Catch::Matchers::Contains;

TEST_CASE("drafts are grouped by prompt and sorted by reward, ties by what else they have") {
  DraftColumns columns;
  columns.prompt = {1, 0, 1, 1, 0};
  columns.reward = {3, 5, 1, 3, -2};
  columns.gold = {10, 11, 12, 13, 14};
  columns.answer = {7, 8, 9, 7, 8};
  const ScoredDrafts drafts = make_scored_drafts(columns);
  CHECK(drafts.start == std::vector<std::size_t>{0, 2, 5});
  CHECK(drafts.row == std::vector<std::uint32_t>{4, 1, 2, 0, 3});
  CHECK(drafts.columns.reward == std::vector<double>{-2, 5, 1, 3, 3});
  CHECK(drafts.columns.gold == std::vector<double>{14, 11, 12, 10, 13});
  CHECK(drafts.columns.answer == std::vector<std::uint32_t>{8, 8, 9, 7, 7});
  CHECK(drafts.columns.length.empty());
  CHECK(drafts.fewest() == 2);
  CHECK(drafts.most() == 3);
}

TEST_CASE("columns that make no table are refused by name") {
  DraftColumns columns;
  CHECK_THROWS_WITH(make_scored_drafts(columns), Contains("samples.rows"));
  columns.prompt = {0, 0};
  columns.reward = {1, std::numeric_limits<double>::quiet_NaN()};
  CHECK_THROWS_WITH(make_scored_drafts(columns), Contains("samples.rows[1].reward"));
  columns.reward = {1e100, -1e101};
  CHECK_THROWS_WITH(make_scored_drafts(columns), Contains("samples.rows[1].reward: -1e+101 is beyond 1e100"));
  columns.reward = {1, 2};
  columns.gold = {1};
  CHECK_THROWS_WITH(make_scored_drafts(columns), Contains("samples.gold: 1 values for 2 rows"));
  columns.gold = {};
  columns.prompt = {0, 4};
  CHECK_THROWS_WITH(make_scored_drafts(columns), Contains("samples.rows"));
  columns.prompt = {1, 1};
  CHECK_THROWS_WITH(make_scored_drafts(columns), Contains("a prompt has no draft"));
}
