#include "samples/prompt_interval.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using tiltlab::test::Random;

namespace {

PromptMoments moments_of(const std::vector<double>& values) {
  return prompt_moments(values.size(), [&](std::size_t k) { return values[k]; });
}

}  // namespace

TEST_CASE("Student's interval of four values") {
  const Interval found = student_interval(moments_of({1, 2, 3, 4}));
  // t of three degrees of freedom at 97.5 % is 3.18244631; the standard error is sqrt(5/12).
  CHECK_THAT(found.low, WithinAbs(2.5 - 3.18244631 * std::sqrt(5. / 12), 1e-7));
  CHECK_THAT(found.high, WithinAbs(2.5 + 3.18244631 * std::sqrt(5. / 12), 1e-7));
}

TEST_CASE("values without skewness have Student's interval, skewed ones reach to the long tail") {
  const Interval even = skewed_interval(moments_of({1, 2, 3, 4}));
  CHECK_THAT(even.low, WithinAbs(student_interval(moments_of({1, 2, 3, 4})).low, 1e-12));
  const PromptMoments skewed = moments_of({0, 0, 1, 1, 2, 3, 9});
  const Interval found = skewed_interval(skewed);
  const Interval student = student_interval(skewed);
  CHECK(found.high > student.high);
  CHECK(found.low > student.low);
  // At its ends the transformed t is Student's.
  const double a = skewed.cubes / 7 / std::pow(skewed.squares / 7, 1.5) / std::sqrt(7.);
  const double error = std::sqrt(skewed.squares / 6 / 7);
  for (const double end : {found.low, found.high}) {
    const double t = (skewed.mean - end) / error;
    CHECK_THAT(std::fabs(t + a / 6 + a * t * t / 3 + a * a * t * t * t / 27), WithinRel(student_quantile(7), 1e-9));
  }
}

TEST_CASE("of zeros and ones the likelihood is the binomial one, of a reach half a prompt at each end") {
  const std::vector<double> values{0, 0, 0, 0, 0, 0, 0, 1, 1, 1};
  const double bound = student_quantile(10) * student_quantile(10) / 2;
  const auto loss = [](double n, double seen, double p) {
    return n * (seen * std::log(seen / p) + (1 - seen) * std::log((1 - seen) / (1 - p)));
  };
  const Interval found = likelihood_interval(values, std::nullopt);
  CHECK_THAT(loss(10, .3, found.low), WithinRel(bound, 1e-7));
  CHECK_THAT(loss(10, .3, found.high), WithinRel(bound, 1e-7));
  const Interval reaching = likelihood_interval(values, ValueReach{0, 1, true});
  CHECK_THAT(loss(11, 3.5 / 11, reaching.low), WithinRel(bound, 1e-7));
  CHECK_THAT(loss(11, 3.5 / 11, reaching.high), WithinRel(bound, 1e-7));
}

TEST_CASE("an interval holds the mean, stays within a strict reach and moves with its values") {
  Random random(3);
  for (int run = 0; run < 200; ++run) {
    std::vector<double> values;
    const auto prompts = static_cast<std::size_t>(random.integer(2, 40));
    for (std::size_t k = 0; k < prompts; ++k)
      values.push_back(random.uniform() < .3 ? 1 : random.uniform() < .5 ? random.uniform() : 0);
    const Interval found = prompt_interval(values, ValueReach{0, 1, true});
    const double mean = moments_of(values).mean;
    CHECK(found.low >= 0);
    CHECK(found.high <= 1);
    CHECK(found.low <= mean);
    CHECK(found.high >= mean);
    std::vector<double> moved;
    for (const double v : values) moved.push_back(7 - 3 * v);
    const Interval other = prompt_interval(moved, ValueReach{4, 7, true});
    CHECK_THAT(other.low, WithinAbs(7 - 3 * found.high, 1e-7));
    CHECK_THAT(other.high, WithinAbs(7 - 3 * found.low, 1e-7));
  }
}

TEST_CASE("where few prompts carry the spread, one that was not met is thought of") {
  std::vector<double> values(20, 1.0);
  values[3] = .999;
  values[4] = .998;
  CHECK(spread_carriers(values) < 3);
  CHECK(prompt_interval(values, ValueReach{0, 1, true}).low < .95);
  for (std::size_t k = 0; k < 20; ++k) values[k] = 1 - .0001 * static_cast<double>(k % 5);
  CHECK(spread_carriers(values) > 10);
  CHECK(prompt_interval(values, ValueReach{0, 1, true}).low > .999);
  CHECK(prompt_interval(values, ValueReach{0, 1, true}, true).low < .95);
}

TEST_CASE("eight even values tell of others; one that stands alone does not, nor a heap at an end") {
  const ValueReach chances{0, 1, true};
  const std::vector<double> even{.35, .4, .45, .48, .52, .55, .6, .65};
  CHECK(tells_of_others(even, chances));
  CHECK(prompt_interval(even, chances).low == prompt_interval(moments_of(even), chances).low);
  const std::vector<double> alone{.5, .5, .5, .5, .5, .5, .5, .9};
  CHECK_FALSE(tells_of_others(alone, chances));
  const std::vector<double> heap{.9999, .999, .9985, .9995, .9999, .9982, .9991, .9989};
  CHECK_FALSE(tells_of_others(heap, chances));
  CHECK(prompt_interval(heap, chances).low < .9);
  // Nobody knows how high these could be.
  CHECK(tells_of_others(heap, ValueReach{0, 1, false}));
}

TEST_CASE("curves are mostly one where few prompts are apart, this way or that") {
  CHECK(are_mostly_one(std::vector<double>{0, 0, 0, 0, 0, 0, 0, .2}));
  CHECK_FALSE(are_mostly_one(std::vector<double>{.1, .12, .11, .09, .1, .13, .08, .2}));
  std::vector<double> many;
  for (int k = 0; k < 40; ++k) many.push_back(k % 2 == 0 ? -.1 : .1);
  CHECK_FALSE(are_mostly_one(many));
}

TEST_CASE("equal values leave a point") {
  const std::vector<double> same{.3, .1 + .2, .3, .1 + .2, .3, .3, .1 + .2};
  const Interval found = prompt_interval(same, ValueReach{0, 1, true});
  CHECK(found.low == found.high);
}

TEST_CASE("very many prompts have by moments what all their values say") {
  Random random(5);
  std::vector<double> values;
  for (int k = 0; k < 4000; ++k) values.push_back(random.uniform() * random.uniform());
  const Interval all = prompt_interval(values, std::nullopt);
  const Interval moments = prompt_interval(moments_of(values), std::nullopt);
  const Interval likely = likelihood_interval(values, std::nullopt);
  const double width = all.high - all.low;
  CHECK(moments.low == all.low);
  CHECK(moments.high == all.high);
  CHECK_THAT(likely.low, WithinAbs(all.low, .02 * width));
  CHECK_THAT(likely.high, WithinAbs(all.high, .02 * width));
}
