#include "samples/draft_shares.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "samples/order_statistics.hpp"
#include "support.hpp"

using namespace tiltlab;
using tiltlab::test::Random;

TEST_CASE("what prompts one after another share is found once, and is that of each by itself, to the bit") {
  Random random(31);
  const std::vector<double> sizes{1, 2, 3, 3.5, 7, 40, 90, 90.25, 400, 20000};
  BestOfNMeans means(sizes);
  for (int run = 0; run < 60; ++run) {
    // Few numbers of drafts, so that most are met again; without ties, with some, and of two kinds.
    std::vector<double> reward;
    const std::int64_t drafts = 60 + 20 * random.integer(0, 2);
    for (std::int64_t i = 0; i < drafts; ++i)
      reward.push_back(run % 3 == 0   ? random.uniform()
                       : run % 3 == 1 ? static_cast<double>(random.integer(0, 200))
                                      : static_cast<double>(random.integer(0, 1)));
    std::sort(reward.begin(), reward.end());
    const DraftLevels levels = levels_of(reward, {reward, reward});
    const auto found = means(levels, 1);
    CHECK(found[0] == best_of_n_means(levels, sizes)[0]);
    CHECK(found[1] == std::vector<double>(sizes.size()));
    CHECK(means.win_rates(levels) == win_rates(levels, sizes));
    CHECK(means.kl(levels).kl == best_of_n_kl(levels, sizes));
    CHECK(means.kl(levels).bias == best_of_n_kl_bias(levels, sizes));
  }
}

TEST_CASE("shares are known once walking has taken as long as finding them; of too many drafts never") {
  SharesByDrafts known;
  const std::vector<double> sizes{1, 2};
  DraftLevels two;
  two.upto = {3, 10};
  CHECK(known.of(two, sizes) == nullptr);
  CHECK(known.of(two, sizes) == nullptr);
  const KnownShares* found = known.of(two, sizes);
  REQUIRE(found);
  CHECK(found == known.of(two, sizes));
  // Of two of ten drafts both are among the lowest three 3 times in 45.
  CHECK(std::fabs(found->at(1).best[2] - 3. / 45) < 1e-15);
  CHECK(found->at(1).draws[2] == .3 * .3);
  DraftLevels many;
  for (double i = 1; i <= 10001; ++i) many.upto.push_back(i);
  CHECK(known.of(many, sizes) == nullptr);
}
