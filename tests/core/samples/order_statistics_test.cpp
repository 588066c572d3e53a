#include "samples/order_statistics.hpp"

#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using tiltlab::test::Random;

namespace {

std::vector<double> range(double from, double to) {
  std::vector<double> out;
  for (double n = from; n <= to; ++n) out.push_back(n);
  return out;
}

/** The mean over every subset of n of what its best is worth, ties shared, by listing them. */
double by_listing(const std::vector<double>& reward, const std::vector<double>& value, std::size_t n) {
  double sum = 0;
  double subsets = 0;
  for (std::uint32_t set = 0; set < (1U << reward.size()); ++set) {
    if (static_cast<std::size_t>(__builtin_popcount(set)) != n) continue;
    double best = -INFINITY;
    for (std::size_t i = 0; i < reward.size(); ++i)
      if (set >> i & 1U) best = std::max(best, reward[i]);
    double worth = 0;
    double ties = 0;
    for (std::size_t i = 0; i < reward.size(); ++i)
      if ((set >> i & 1U) && reward[i] == best) {
        worth += value[i];
        ++ties;
      }
    sum += worth / ties;
    ++subsets;
  }
  return sum / subsets;
}

}  // namespace

TEST_CASE("best-of-n of five drafts with a tie") {
  const std::vector<double> reward{.1, .4, .4, .7, 1};
  const auto found = best_of_n_means(levels_of(reward, {reward}), range(1, 5))[0];
  const std::vector<double> right{.52, .73, .85, .94, 1};
  for (std::size_t i = 0; i < right.size(); ++i) CHECK_THAT(found[i], WithinAbs(right[i], 1e-15));
}

TEST_CASE("best-of-n is the mean over all subsets, of the reward and of whatever else the ties share") {
  Random random(11);
  for (int trial = 0; trial < 40; ++trial) {
    const auto drafts = static_cast<std::size_t>(random.integer(1, 11));
    std::vector<double> reward(drafts);
    std::vector<double> gold(drafts);
    for (double& r : reward) r = static_cast<double>(random.integer(-2, 3)) / 4;
    for (double& g : gold) g = random.uniform() - .5;
    std::sort(reward.begin(), reward.end());
    const auto found = best_of_n_means(levels_of(reward, {reward, gold}), range(1, static_cast<double>(drafts)));
    for (std::size_t n = 1; n <= drafts; ++n) {
      CHECK_THAT(found[0][n - 1], WithinAbs(by_listing(reward, reward, n), 1e-13));
      CHECK_THAT(found[1][n - 1], WithinAbs(by_listing(reward, gold, n), 1e-13));
    }
  }
}

TEST_CASE("for rewards 0 and 1 it is pass@k to 1e-12") {
  for (const auto& [drafts, right] : {std::pair{5., 2.}, {12000., 3.}, {10000., 1.}, {20000., 40.}, {300., 299.}}) {
    std::vector<double> reward(static_cast<std::size_t>(drafts), 0.0);
    std::fill(reward.end() - static_cast<std::ptrdiff_t>(right), reward.end(), 1.0);
    const std::vector<double> sizes = range(1, std::min(drafts, 10000.));
    const auto found = best_of_n_means(levels_of(reward, {reward}), sizes)[0];
    double worst = 0;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      // C(M - c, k) / C(M, k), one factor for each right draft instead of one for each that is drawn.
      long double missed = 1;
      for (double c = 0; c < right; ++c) missed *= std::max(drafts - sizes[i] - c, 0.) / (drafts - c);
      worst = std::max(worst, std::fabs(found[i] - static_cast<double>(1 - missed)));
    }
    CHECK(worst < 1e-12);
  }
}

TEST_CASE("past the drafts, and where n is no integer, it is best-of-n of their own law") {
  const std::vector<double> reward{0, 1, 1, 3};
  const auto found = best_of_n_means(levels_of(reward, {reward}), {2.5, 4, 5, 40, 1e6})[0];
  const auto law = [](double n) { return 3 - std::pow(.25, n) - 2 * std::pow(.75, n); };
  CHECK_THAT(found[0], WithinRel(law(2.5), 1e-14));
  CHECK(found[1] == 3);
  CHECK_THAT(found[2], WithinRel(law(5), 1e-14));
  CHECK_THAT(found[3], WithinRel(law(40), 1e-14));
  CHECK(found[4] == 3);
}

TEST_CASE("the KL counts ties") {
  // p = (.1, .2, .3, .25, .15), rewards (1, 2, 2, 0, 2), N = 4, as twenty drafts.
  std::vector<double> reward(20, 2.0);
  std::fill_n(reward.begin(), 5, 0.0);
  std::fill_n(reward.begin() + 5, 2, 1.0);
  const auto found = best_of_n_kl(levels_of(reward, {}), {1, 4});
  CHECK(found[0] == 0);
  CHECK_THAT(found[1], WithinAbs(.3688, 5e-5));
  const std::vector<double> even(50, 1.0);
  CHECK(best_of_n_kl(levels_of(even, {}), {1, 2, 30}) == std::vector<double>{0, 0, 0});
}

TEST_CASE("the KL rises with n, stays under its bound and nears it as drafts grow many") {
  std::vector<double> reward(4000);
  std::iota(reward.begin(), reward.end(), 0.0);
  const auto sizes = range(1, 40);
  const auto found = best_of_n_kl(levels_of(reward, {}), sizes);
  for (std::size_t i = 1; i < sizes.size(); ++i) {
    const double bound = std::log(sizes[i]) - (sizes[i] - 1) / sizes[i];
    CHECK(found[i] > found[i - 1]);
    CHECK(found[i] <= bound);
    CHECK(found[i] > bound - 1e-3);
  }
}

TEST_CASE("the chance to win sums to one half") {
  const std::vector<double> reward{0, 1, 1, 3, 3, 3, 7};
  const DraftLevels levels = levels_of(reward, {});
  const auto chance = win_chances(levels);
  double sum = 0;
  double below = 0;
  for (std::size_t l = 0; l < chance.size(); ++l) {
    sum += (levels.upto[l] - below) / levels.drafts() * chance[l];
    below = levels.upto[l];
  }
  CHECK_THAT(sum, WithinAbs(.5, 1e-15));
  CHECK(chance.back() == 1);
  CHECK(win_chances(levels_of(std::vector<double>{3}, {}))[0] == 0.5);
}

TEST_CASE("best-of-n against one more draft: all subsets and all rivals outside of them") {
  for (const std::vector<double>& reward :
       {std::vector<double>{0, 1, 1, 3, 3, 3, 7}, {1, 2, 3, 4, 5, 6}, {2, 2, 2, 2}, {0, 0, 5, 5, 5}}) {
    const DraftLevels levels = levels_of(reward, {});
    const auto drafts = static_cast<unsigned>(reward.size());
    const auto found = win_rates(levels, range(1, static_cast<int>(drafts)));
    for (unsigned n = 1; n < drafts; ++n) {
      double wins = 0;
      double rivals = 0;
      for (unsigned subset = 0; subset < 1u << drafts; ++subset) {
        if (static_cast<unsigned>(std::popcount(subset)) != n) continue;
        double best = -1;
        for (unsigned i = 0; i < drafts; ++i)
          if (subset >> i & 1) best = std::max(best, reward[i]);
        for (unsigned i = 0; i < drafts; ++i) {
          if (subset >> i & 1) continue;
          wins += best > reward[i] ? 1 : best == reward[i] ? 0.5 : 0;
          ++rivals;
        }
      }
      CAPTURE(reward, n);
      CHECK_THAT(found[n - 1], WithinAbs(wins / rivals, 1e-14));
    }
    // No rival is left of all: never less than of one fewer.
    CHECK(found[drafts - 1] >= found[drafts - 2] - 1e-15);
  }
  // Without ties as often as of any law without atoms.
  CHECK_THAT(win_rates(levels_of(std::vector<double>{1, 2, 3}, {}), {3})[0], WithinAbs(0.75, 1e-15));
  // Past the drafts, and at no integer, by their own law.
  const auto past = win_rates(levels_of(std::vector<double>{1, 2, 3}, {}), {1.5, 1e9});
  CHECK_THAT(past[0],
             WithinAbs((std::pow(2 / 3., 1.5) - std::pow(1 / 3., 1.5)) / 2 + 1 - std::pow(2 / 3., 1.5), 1e-15));
  CHECK_THAT(past[1], WithinAbs(1, 1e-15));
  CHECK(win_rates(levels_of(std::vector<double>{4}, {}), {1})[0] == 0.5);
}

TEST_CASE("the KL by the chosen draft's probability lies between its two ends") {
  // (1/4) (log 2 + log(1/2) - 1/2) + (3/4) log(3/2)
  CHECK_THAT(kl_of_chosen(std::log(.5), 2), WithinAbs(-.125 + .75 * std::log(1.5), 1e-15));
  for (const double n : {2., 10., 1000.}) {
    const double bound = std::log(n) - (n - 1) / n;
    CHECK_THAT(kl_of_chosen(-400, n), WithinAbs(bound, 1e-13));
    CHECK_THAT(kl_of_chosen(-2000, n), WithinAbs(bound, 1e-13));
    CHECK_THAT(kl_of_chosen(-1e-12, n), WithinAbs(0, 1e-9));
  }
  CHECK(kl_of_chosen(0, 7) == 0);
  CHECK_THAT(kl_of_chosen(-3, 1), WithinAbs(0, 1e-15));
}

TEST_CASE("its mean over subsets is that of each subset's best") {
  const std::vector<double> reward{0, 1, 1, 2};
  const std::vector<double> log_probability{-1, -2, -3, -4};
  const auto found = kl_by_probability(levels_of(reward, {}), log_probability, {1, 2, 4});
  const auto of = [](double lp, double n) { return kl_of_chosen(lp, n); };
  // Of six pairs three have the last for their best, two one of the ties with the first, one both ties.
  const double ties = (of(-2, 2) + of(-3, 2)) / 2;
  CHECK_THAT(found[1], WithinAbs((3 * of(-4, 2) + 3 * ties) / 6, 1e-15));
  CHECK_THAT(found[2], WithinAbs(of(-4, 4), 1e-15));
  CHECK_THAT(found[0], WithinAbs(0, 1e-15));
}

TEST_CASE("win rates of prompts one after another are those of each by itself, to the bit") {
  Random random(12);
  const std::vector<double> sizes{1, 2, 3.5, 7, 12, 40, 400};
  BestOfNMeans means(sizes);
  for (int run = 0; run < 40; ++run) {
    std::vector<double> reward;
    const std::int64_t drafts = random.integer(7, 9);
    for (std::int64_t i = 0; i < drafts; ++i)
      reward.push_back(run % 3 == 0 ? static_cast<double>(random.integer(0, 4)) : random.uniform());
    std::sort(reward.begin(), reward.end());
    const DraftLevels levels = levels_of(reward, {reward});
    CHECK(means.win_rates(levels) == win_rates(levels, sizes));
  }
}

TEST_CASE("the bias of the KL is its mean over files less the law's own, to second order") {
  // Two levels, 0.4 and 0.6: all files of 60 drafts, by the binomial law.
  constexpr double drafts = 60;
  const std::vector<double> sizes{1, 2, 3, 5};
  std::vector<double> mean(sizes.size());
  std::vector<double> told(sizes.size());
  for (double low = 0; low <= drafts; ++low) {
    const double p = std::exp(std::lgamma(drafts + 1) - std::lgamma(low + 1) - std::lgamma(drafts - low + 1) +
                              low * std::log(.4) + (drafts - low) * std::log(.6));
    DraftLevels levels;
    if (low > 0) levels.upto.push_back(low);
    if (low < drafts) levels.upto.push_back(drafts);
    const auto kl = best_of_n_kl(levels, sizes);
    const auto bias = best_of_n_kl_bias(levels, sizes);
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      mean[i] += p * kl[i];
      told[i] += p * bias[i];
    }
  }
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const double q = std::pow(.4, sizes[i]);
    const double exact = q * std::log(q / .4) + (1 - q) * std::log((1 - q) / .6);
    INFO(sizes[i]);
    CHECK_THAT(told[i], WithinAbs(mean[i] - exact, .1 * std::fabs(mean[i] - exact) + 1e-12));
  }
  // 40 single drafts of a law of many kinds: the KL is log n - (n - 1)/n.
  DraftLevels single;
  for (double i = 1; i <= 40; ++i) single.upto.push_back(i);
  // Its bias is of higher order, and what is told is somewhat more.
  const double off = best_of_n_kl(single, {4})[0] - (std::log(4.) - .75);
  const double told_of_single = best_of_n_kl_bias(single, {4})[0];
  CHECK(off < 0);
  CHECK(told_of_single < off);
  CHECK(told_of_single > 4 * off);
}
