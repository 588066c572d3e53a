#include "samples/means_over_prompts.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using tiltlab::test::Random;

TEST_CASE("one prompt has a mean and no interval") {
  const MeansOverPrompts means(2, {3, 4}, 1);
  CHECK(means.mean(1) == 4);
  CHECK(means.doubt() == DoubtBy::none);
  CHECK_FALSE(means.interval(0));
  CHECK_FALSE(means.difference(0, 1));
}

TEST_CASE("few prompts have Student's interval") {
  const MeansOverPrompts means(1, {1, 2, 3, 4}, 1);
  CHECK(means.doubt() == DoubtBy::student);
  // t of three degrees of freedom at 97.5 % is 3.18244631; the standard error is sqrt(5/12).
  CHECK_THAT(means.interval(0)->low, WithinAbs(2.5 - 3.18244631 * std::sqrt(5. / 12), 1e-7));
  CHECK_THAT(means.interval(0)->high, WithinAbs(2.5 + 3.18244631 * std::sqrt(5. / 12), 1e-7));
}

TEST_CASE("the same seed gives the same interval, another one another near it") {
  Random random(4);
  std::vector<double> values;
  for (int i = 0; i < 200; ++i) values.push_back(random.uniform());
  const auto one = *MeansOverPrompts(1, values, 1).interval(0);
  const auto same = *MeansOverPrompts(1, values, 1).interval(0);
  const auto other = *MeansOverPrompts(1, values, 2).interval(0);
  CHECK(one.low == same.low);
  CHECK(one.high == same.high);
  CHECK(one.low != other.low);
  CHECK_THAT(one.high - one.low, WithinRel(other.high - other.low, .1));
  // 1.96 standard errors of a uniform variate either side.
  CHECK_THAT(one.high - one.low, WithinRel(2 * 1.97 * std::sqrt(1. / 12 / 200), .12));
}

TEST_CASE("what two quantities share is no doubt of their difference") {
  Random random(9);
  std::vector<double> values;
  for (int i = 0; i < 60; ++i) {
    const double level = 100 * random.uniform();
    values.push_back(level);
    values.push_back(level + 1);
  }
  const MeansOverPrompts means(2, values, 1);
  CHECK(means.interval(0)->high - means.interval(0)->low > 5);
  CHECK_THAT(means.difference(1, 0)->low, WithinAbs(1, 1e-10));
  CHECK_THAT(means.difference(1, 0)->high, WithinAbs(1, 1e-10));
}

TEST_CASE("quantities told prompt by prompt are those of the list: means to the bit, intervals to rounding") {
  for (const std::size_t prompts : {1U, 5U, 40U, 1000U, 1001U, 3000U}) {
    Random random(prompts);
    std::vector<double> values;
    for (std::size_t k = 0; k < prompts; ++k) {
      const double level = 1e4 + random.uniform();
      values.insert(values.end(), {level, level * random.uniform(), random.uniform(), 7});
    }
    const MeansOverPrompts listed(4, values, 3);
    const MeansOverPrompts told(4, prompts, {0, 2}, 3, [&](std::size_t k, double* row) {
      std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(4 * k), 4, row);
    });
    INFO(prompts);
    CHECK(told.doubt() == listed.doubt());
    for (std::size_t j = 0; j < 4; ++j) {
      CHECK(told.mean(j) == listed.mean(j));
      REQUIRE(told.interval(j).has_value() == listed.interval(j).has_value());
      if (!told.interval(j)) continue;
      const double width = listed.interval(j)->high - listed.interval(j)->low;
      CHECK_THAT(told.interval(j)->low, WithinAbs(listed.interval(j)->low, 1e-9 * width));
      CHECK_THAT(told.interval(j)->high, WithinAbs(listed.interval(j)->high, 1e-9 * width));
    }
    if (prompts < 2) continue;
    CHECK(told.difference(1, 0)->low == listed.difference(1, 0)->low);
    CHECK(told.difference(1, 0)->high == listed.difference(1, 0)->high);
  }
}

TEST_CASE("19 in 20 intervals hold the mean, of few prompts and many and skewed ones", "[coverage]") {
  for (const std::size_t prompts : {4U, 8U, 20U, 60U, 1200U}) {
    Random random(prompts);
    int held = 0;
    constexpr int runs = 1000;
    for (int run = 0; run < runs; ++run) {
      std::vector<double> values;
      for (std::size_t k = 0; k < prompts; ++k) {
        const double u = random.uniform();
        // Of a handful of prompts no interval tells how skewed they are.
        values.push_back(prompts < 8 ? u + random.uniform() + random.uniform() : u * u);
      }
      const auto interval = *MeansOverPrompts(1, values, static_cast<std::uint64_t>(run)).interval(0);
      const double mean = prompts < 8 ? 3. / 2 : 1. / 3;
      if (interval.low <= mean && mean <= interval.high) ++held;
    }
    INFO(prompts << " prompts");
    CHECK(held > .93 * runs);
    CHECK(held < .97 * runs);
  }
}
