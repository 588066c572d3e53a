#include "samples/tilted_drafts.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <numbers>

#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
const std::vector<double> one{0, 0, 0, 1};
const std::vector<double> two{-3, -1, 0, 0, 2, 2.5};

std::vector<DraftLevels> both() { return {levels_of(one, {one}), levels_of(two, {two})}; }

}  // namespace

TEST_CASE("a tilt of drafts weighs each by e^(alpha reward)") {
  const auto prompts = both();
  const TiltedDrafts tilted(prompts);
  for (const double alpha : {0.0, .3, 2.0, 9.0}) {
    const auto found = tilted.at(alpha);
    double kl = 0;
    for (std::size_t k = 0; k < 2; ++k) {
      const auto& reward = k == 0 ? one : two;
      const auto size = static_cast<double>(reward.size());
      double sum = 0;
      double mean = 0;
      double squares = 0;
      double divergence = 0;
      for (const double r : reward) sum += std::exp(alpha * r);
      for (const double r : reward) {
        const double w = std::exp(alpha * r) / sum;
        mean += w * r;
        squares += w * w;
        divergence += w * std::log(w * size);
      }
      CHECK_THAT(found[k].mean[0], WithinAbs(mean, 1e-14));
      CHECK_THAT(found[k].effective_sample_size, WithinRel(1 / squares, 1e-13));
      CHECK_THAT(found[k].kl, WithinAbs(divergence, 1e-14));
      kl += divergence / 2;
    }
    CHECK_THAT(tilted.kl(alpha), WithinAbs(kl, 1e-14));
  }
}

TEST_CASE("without end it keeps the best level of each prompt") {
  const auto prompts = both();
  const TiltedDrafts tilted(prompts);
  const auto found = tilted.at(infinity);
  CHECK(found[0].mean[0] == 1);
  CHECK(found[1].mean[0] == 2.5);
  CHECK(found[0].effective_sample_size == 1);
  CHECK_THAT(tilted.kl_max(), WithinAbs((std::log(4) + std::log(6)) / 2, 1e-15));
  CHECK(tilted.kl(infinity) == tilted.kl_max());
}

TEST_CASE("the alpha of a KL gives that KL, from any start") {
  const auto prompts = both();
  const TiltedDrafts tilted(prompts);
  for (const double kl : {1e-9, 1e-3, .2, 1.0, 1.5})
    for (const double start : {1e-6, 1.0, 1e6}) CHECK_THAT(tilted.kl(tilted.alpha_at(kl, start)), WithinRel(kl, 1e-7));
  CHECK(tilted.alpha_at(0, 1) == 0);
  CHECK(tilted.alpha_at(tilted.kl_max(), 1) == infinity);
  CHECK(tilted.alpha_at(50, 1) == infinity);
}

// Steps of the size of rounding once sent one in a hundred and fifty far from the root that it stood at.
TEST_CASE("the alpha of a KL gives that KL for tables of many drafts") {
  test::Random random(3);
  for (int table = 0; table < 400; ++table) {
    std::vector<double> drawn(500);
    for (double& reward : drawn) {
      reward = 0;
      for (int i = 0; i < 20; ++i) reward += static_cast<double>(random.integer(0, 3) % 3);
    }
    std::sort(drawn.begin(), drawn.end());
    const std::vector<DraftLevels> prompts{levels_of(drawn, {drawn})};
    const TiltedDrafts tilted(prompts);
    for (const double start : {0.25, 1.0, tilted.alpha_at(0.7, 3)})
      CHECK_THAT(tilted.kl(tilted.alpha_at(0.7, start)), WithinRel(0.7, 1e-9));
  }
}

TEST_CASE("one alpha for all prompts spends where reward is cheap") {
  // Equal spread of 0 and 1: of two prompts, the one whose rewards are ten times as far apart takes almost all.
  const std::vector<double> near{0, 1};
  const std::vector<double> far{0, 10};
  const std::vector<DraftLevels> prompts{levels_of(near, {near}), levels_of(far, {far})};
  const TiltedDrafts tilted(prompts);
  const auto found = tilted.at(tilted.alpha_at(.1, 1));
  CHECK(found[1].kl > 20 * found[0].kl);
  CHECK_THAT(found[0].kl + found[1].kl, WithinRel(.2, 1e-12));
}

TEST_CASE("without bias is the jackknife: each draft left out once, win chances counted anew") {
  const std::vector<double> rewards{0, 0, 1, 1, 1, 2, 4};
  const auto levels_with_wins = [](const std::vector<double>& r) {
    DraftLevels levels = levels_of(r, {r, r});
    levels.mean[1] = win_chances(levels);
    return levels;
  };
  constexpr double alpha = .6;
  const std::vector<DraftLevels> all{levels_with_wins(rewards)};
  const TiltedDrafts tilted(all);
  const auto found = tilted.at(alpha);
  const TiltedPrompt mended = tilted.without_bias(alpha, found, 1)[0];
  TiltedPrompt less;
  less.mean.assign(2, 0);
  for (std::size_t i = 0; i < rewards.size(); ++i) {
    std::vector<double> rest = rewards;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
    const std::vector<DraftLevels> others{levels_with_wins(rest)};
    const TiltedPrompt here = TiltedDrafts(others).at(alpha)[0];
    less.kl += here.kl / 7;
    for (std::size_t c = 0; c < 2; ++c) less.mean[c] += here.mean[c] / 7;
  }
  CHECK_THAT(mended.kl, WithinAbs(7 * found[0].kl - 6 * less.kl, 1e-12));
  for (std::size_t c = 0; c < 2; ++c)
    CHECK_THAT(mended.mean[c], WithinAbs(7 * found[0].mean[c] - 6 * less.mean[c], 1e-12));
  // One that has all the weight: nothing is told.
  CHECK(tilted.without_bias(100, tilted.at(100), 1)[0].kl == tilted.at(100)[0].kl);
}
