#include "samples/one_prompt.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "samples/order_statistics.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using tiltlab::test::Random;

namespace {
struct Drawn {
  std::vector<double> reward;
  std::vector<double> gold;
};

Drawn drawn(std::size_t drafts, Random& random) {
  std::vector<std::pair<double, double>> rows;
  for (std::size_t i = 0; i < drafts; ++i) {
    const double u = random.uniform();
    const double reward = u < .5 ? 0 : u < .8 ? 1 : u < .95 ? 2 : 3;
    rows.emplace_back(reward, random.uniform() < (reward == 3 ? .1 : .2 + .3 * reward) ? 1 : 0);
  }
  std::sort(rows.begin(), rows.end());
  Drawn out;
  for (const auto& [reward, gold] : rows) {
    out.reward.push_back(reward);
    out.gold.push_back(gold);
  }
  return out;
}
double exact_reward(double n) { return 3 - std::pow(.5, n) - std::pow(.8, n) - std::pow(.95, n); }
double exact_gold(double n) {
  const double a = std::pow(.5, n);
  const double b = std::pow(.8, n);
  const double c = std::pow(.95, n);
  return .2 * a + .5 * (b - a) + .8 * (c - b) + .1 * (1 - c);
}
}  // namespace

bool holds(const std::optional<Interval>& interval, double x) {
  return interval && interval->low <= x && x <= interval->high;
}

TEST_CASE("of one draft with two values it is the binomial likelihood's interval") {
  std::vector<double> reward(60, 0.0);
  std::fill_n(reward.begin() + 42, 18, 1.0);
  const auto interval = *OnePrompt(reward, reward).interval({{1, 1}}, .3);
  // Where 60 KL(.3 || p) is half the square of Student's t of 59 degrees of freedom, 2.0009954.
  const auto loss = [](double p) { return 60 * (.3 * std::log(.3 / p) + .7 * std::log(.7 / (1 - p))); };
  CHECK_THAT(loss(interval.low), WithinAbs(2.0009954 * 2.0009954 / 2, 1e-6));
  CHECK_THAT(loss(interval.high), WithinAbs(2.0009954 * 2.0009954 / 2, 1e-6));
  CHECK(interval.low < .3);
  CHECK(interval.high > .3);
}

TEST_CASE("a monotone functional of two values is that interval, moved along") {
  std::vector<double> reward(60, 0.0);
  std::fill_n(reward.begin() + 42, 18, 1.0);
  const OnePrompt prompt(reward, reward);
  const auto one = *prompt.interval({{1, 1}}, .3);
  // 1 - (1 - p)^5 at both ends, and no bias is asked to be mended.
  const double plug_in = 1 - std::pow(.7, 5);
  const auto five = *prompt.interval({{5, 1}}, plug_in);
  CHECK_THAT(five.low, WithinAbs(1 - std::pow(1 - one.low, 5), 1e-7));
  CHECK_THAT(five.high, WithinAbs(1 - std::pow(1 - one.high, 5), 1e-7));
}

TEST_CASE("few drafts, and N near their number, tell nothing") {
  const std::vector<double> few(19, 1.0);
  CHECK_FALSE(OnePrompt(few, few).interval({{1, 1}}, 1));
  const std::vector<double> some(50, 1.0);
  CHECK_FALSE(OnePrompt(some, some).interval({{6, 1}}, 1));
  CHECK(OnePrompt(some, some).interval({{5, 1}}, 1));
}

TEST_CASE("drafts that all say the same leave a point") {
  const std::vector<double> same(50, 2.0);
  const auto interval = *OnePrompt(same, same).interval({{3, 1}}, 2);
  CHECK(interval.low == 2);
  CHECK(interval.high == 2);
}

TEST_CASE("fifty drafts that are all right do not say that all are") {
  const ValueReach chances{0, 1, true};
  const std::vector<double> reward(50, 2.0);
  const std::vector<double> right(50, 1.0);
  for (const double n : {1., 4.}) {
    const auto interval = *OnePrompt(reward, right, chances).interval({{n, 1}}, 1);
    // By Clopper and Pearson the chance may be .929.
    CHECK(interval.low > .92);
    CHECK(interval.low < .95);
    CHECK(interval.high == 1);
  }
  const auto own = *OnePrompt(right, right, chances).interval({{2, 1}}, 1);
  CHECK(own.low > .99);
  CHECK(own.low < 1);
  // Of values that could be anything nothing is known but what was seen.
  CHECK(OnePrompt(reward, right, ValueReach{0, 1, false}).interval({{1, 1}}, 1)->low == 1);
}

TEST_CASE("a reward that no draft had may be worth anything") {
  const ValueReach chances{0, 1, true};
  const std::vector<double> none(100, 0.0);
  std::vector<double> copy = none;
  const auto interval = *OnePrompt(none, copy, chances, chances).interval({{10, 1}}, 0);
  CHECK(interval.low == 0);
  CHECK(interval.high > .1);
  CHECK(interval.high < .4);
}

TEST_CASE("a choice by value and a tilt have the slopes that small steps of the drafts show") {
  Random random(8);
  Drawn d = drawn(60, random);
  const OnePrompt prompt(d.reward, d.gold);
  const double right = std::accumulate(d.gold.begin(), d.gold.end(), 0.0) / 60;
  // The best by gold of two: 1 - (1 - p)^2 of the binomial interval's ends.
  std::sort(d.gold.begin(), d.gold.end());
  const auto one = *OnePrompt(d.gold, d.gold).interval({{1, 1}}, right);
  const auto two = *prompt.interval({{2, 1, Choice::by_value}}, 1 - (1 - right) * (1 - right));
  CHECK_THAT(two.low, WithinAbs(1 - (1 - one.low) * (1 - one.low), 1e-7));
  CHECK_THAT(two.high, WithinAbs(1 - (1 - one.high) * (1 - one.high), 1e-7));
  // No tilt is one draft.
  const auto flat = *prompt.interval({{0, 1, Choice::tilted}}, right);
  CHECK_THAT(flat.low, WithinAbs(one.low, 1e-7));
  CHECK_THAT(flat.high, WithinAbs(one.high, 1e-7));
}

TEST_CASE("drafts of many scores are judged in blocks as they are one by one") {
  Random random(12);
  const ValueReach chances{0, 1, true};
  // Of the best of 20 some 39 equal drafts tell.
  const double half = 1.96 * std::sqrt(2. / 9 / (400 * 39. / 400));
  std::vector<Interval> found;
  for (const std::size_t drafts : {400U, 402U}) {
    std::vector<double> reward;
    std::vector<double> gold;
    for (std::size_t i = 0; i < drafts; ++i) {
      reward.push_back(static_cast<double>(i) / 400);
      gold.push_back(i % 3 == 0 ? 0 : 1);
    }
    found.push_back(*OnePrompt(reward, gold, chances).interval({{20, 1}}, 2. / 3));
    CHECK_THAT(found.back().low, WithinAbs(2. / 3 - half, .03));
    CHECK_THAT(found.back().high, WithinAbs(2. / 3 + half, .03));
  }
  CHECK_THAT(found[1].low, WithinAbs(found[0].low, .02));
  CHECK_THAT(found[1].high, WithinAbs(found[0].high, .02));
}

TEST_CASE("19 in 20 intervals of one prompt hold what its law says", "[coverage]") {
  for (const auto& [drafts, n] : {std::pair<std::size_t, double>{20, 2}, {100, 8}, {300, 16}, {1000, 16}}) {
    Random random(drafts);
    constexpr int runs = 500;
    int reward = 0;
    int gold = 0;
    int gain = 0;
    for (int run = 0; run < runs; ++run) {
      const Drawn d = drawn(drafts, random);
      const auto means = best_of_n_means(levels_of(d.reward, {d.reward, d.gold}), {1, n});
      const OnePrompt judged(d.reward, d.gold);
      reward += holds(OnePrompt(d.reward, d.reward).interval({{n, 1}}, means[0][1]), exact_reward(n));
      gold += holds(judged.interval({{n, 1}}, means[1][1]), exact_gold(n));
      gain += holds(judged.interval({{n, 1}, {1, -1}}, means[1][1] - means[1][0]), exact_gold(n) - exact_gold(1));
    }
    INFO(drafts << " drafts, N = " << n);
    for (const int held : {reward, gold, gain}) {
      CHECK(held > .915 * runs);
      CHECK(held < .98 * runs);
    }
  }
}
