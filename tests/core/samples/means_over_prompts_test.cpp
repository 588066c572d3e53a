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
  const MeansOverPrompts means(2, {3, 4});
  CHECK(means.mean(1) == 4);
  CHECK_FALSE(means.interval(0));
  CHECK_FALSE(means.difference(0, 1));
}

TEST_CASE("a mean's interval is that of its prompts' values, and very many prompts' by their moments") {
  for (const std::size_t prompts : {2U, 30U, 1000U, 1001U}) {
    Random random(prompts);
    std::vector<double> values;
    for (std::size_t k = 0; k < prompts; ++k) values.push_back(random.uniform() * random.uniform());
    const ValueReach reach{0, 1, true};
    const auto interval = *MeansOverPrompts(1, values).interval(0, reach);
    const auto of = [&](std::size_t k) { return values[k]; };
    const Interval expected =
        prompts > 1000 ? prompt_interval(prompt_moments(prompts, of), reach) : prompt_interval(values, reach);
    INFO(prompts);
    CHECK(interval.low == expected.low);
    CHECK(interval.high == expected.high);
  }
}

TEST_CASE("what two quantities share is no doubt of their difference") {
  Random random(9);
  std::vector<double> values;
  for (int i = 0; i < 60; ++i) {
    const double level = 100 * random.uniform();
    values.push_back(level);
    values.push_back(level + 1);
  }
  const MeansOverPrompts means(2, values);
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
    const MeansOverPrompts listed(4, values);
    const MeansOverPrompts told(4, prompts, {0, 2}, [&](std::size_t k, double* row) {
      std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(4 * k), 4, row);
    });
    INFO(prompts);
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
      const auto interval = *MeansOverPrompts(1, values).interval(0);
      const double mean = prompts < 8 ? 3. / 2 : 1. / 3;
      if (interval.low <= mean && mean <= interval.high) ++held;
    }
    INFO(prompts << " prompts");
    CHECK(held > .93 * runs);
    CHECK(held < .98 * runs);
  }
}
