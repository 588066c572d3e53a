#include "models/moved_rewards.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <vector>

#include "laws/memoryless.hpp"
#include "models/tokens.hpp"
#include "policies/kl_rl.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::Contains;
using Catch::Matchers::WithinAbs;

namespace {

/** Tokens of three decimals: a lattice whose window is held, and so a law that is exact. */
Tokens of_three_decimals(std::mt19937& random, int count, std::int64_t length, bool rare) {
  std::uniform_real_distribution<double> uniform;
  test::Alphabet a;
  double total = 0;
  for (int i = 0; i < count; ++i) {
    a.p.push_back(rare ? std::exp(-8 * uniform(random)) : uniform(random) + 0.01);
    total += a.p.back();
    a.reward.push_back(std::round(1e4 * uniform(random) - 5e3) / 1e3);
  }
  for (double& p : a.p) p /= total;
  return test::sequence(a, length);
}

double reward_of(const BestOfNLaw& at) {
  return (at.law.base + at.law.unit * (at.law.center + at.metrics.offset)).value();
}

struct Exact {
  BestOfNLaw best;
  LossOf loss;
};
Exact exact(const Tokens& m, DoubleDouble log_n, const TokenTilt& tilt) {
  const TokenTilt near = tilt_for_depth(m.token, m.length, log_n.value(), tilt);
  const auto law = memoryless_law(m.token, m.length, inversion_token(m.token, near));
  const auto loss = tilt_loss(m.token, m.length, tilt);
  REQUIRE((law && loss));
  return {best_of_n_on(*law, log_n), {loss->value, loss->error_bound}};
}

}  // namespace

TEST_CASE("rewards split between two points of a lattice give best-of-N within its errors, and KL-RL's losses") {
  std::mt19937 random(7);
  for (int i = 0; i < 60; ++i) {
    const std::int64_t length = 3 + i % 17;
    const Tokens m = of_three_decimals(random, 8 + 5 * i, length, i % 3 == 0);
    const double kl = 0.05 * std::pow(1.07, i);
    const TokenTilt tilt = solve_tilt(m.token, DoubleDouble(kl) / from_integer(length));
    const Exact wanted = exact(m, kl, tilt);
    for (const double levels : {affordable_window, window_of_many}) {
      CAPTURE(i, length, kl, levels);
      const auto split = on_split_rewards(m, kl, levels);
      REQUIRE(split);
      CHECK_THAT(reward_of(*split),
                 WithinAbs(reward_of(wanted.best), split->errors.reward + wanted.best.errors.reward));
      CHECK_THAT(split->metrics.offset_sd * split->law.unit.value(),
                 WithinAbs(wanted.best.metrics.offset_sd * wanted.best.law.unit.value(),
                           split->errors.reward_sd + wanted.best.errors.reward_sd));
      CHECK_THAT(split->metrics.kl, WithinAbs(wanted.best.metrics.kl, split->errors.kl + wanted.best.errors.kl));
      CHECK_THAT(split->metrics.win_rate,
                 WithinAbs(wanted.best.metrics.win_rate, split->errors.win_rate + wanted.best.errors.win_rate));
      CHECK(split->errors.reward < (levels == affordable_window ? 1e-4 : 2e-3));
      CHECK_THAT(split->note, Contains("split between two points"));
      CHECK(split->metrics.gold == 0);
      CHECK(std::all_of(split->law.gold.begin(), split->law.gold.end(), [](double g) { return g == 0; }));
    }
    const auto loss = split_loss(m, tilt);
    REQUIRE(loss);
    CHECK_THAT(loss->value, WithinAbs(wanted.loss.value, loss->error_bound + wanted.loss.error_bound));
    CHECK(loss->error_bound < 1e-3 * loss->value);
  }
}

TEST_CASE(
    "very many rewards, split for the points of a curve, give best-of-N within its errors however few its lobes") {
  std::mt19937 random(13);
  int few = 0;
  for (int i = 0; i < 40; ++i) {
    const std::int64_t length = 2 + 2 * i;
    Tokens m = of_three_decimals(random, 201 + 10 * i, length, i % 3 == 0);
    if (i % 4 == 0) {
      for (std::size_t k = 0; k < m.token.size(); ++k) m.token.gold[k] = m.token.position[k] * m.token.unit.value();
    }
    const double kl = 0.05 * std::pow(1.12, i);
    const Exact wanted = exact(m, kl, solve_tilt(m.token, DoubleDouble(kl) / from_integer(length)));
    for (const bool few_lobes : {true, false}) {
      CAPTURE(i, length, kl, few_lobes);
      const SplitRewards split = SplitRewards::of_many(m, few_lobes);
      const auto at = split.best_of_n(kl);
      if (!at) {
        CHECK(few_lobes);
        continue;
      }
      few += few_lobes ? 1 : 0;
      CHECK_THAT(reward_of(*at), WithinAbs(reward_of(wanted.best), at->errors.reward + wanted.best.errors.reward));
      CHECK_THAT(at->metrics.kl, WithinAbs(wanted.best.metrics.kl, at->errors.kl + wanted.best.errors.kl));
      CHECK_THAT(at->metrics.win_rate,
                 WithinAbs(wanted.best.metrics.win_rate, at->errors.win_rate + wanted.best.errors.win_rate));
      CHECK_THAT(at->metrics.offset_sd * at->law.unit.value(),
                 WithinAbs(wanted.best.metrics.offset_sd * wanted.best.law.unit.value(),
                           at->errors.reward_sd + wanted.best.errors.reward_sd));
      // Gold that is the reward above the least is as the reward.
      const double from_least = reward_of(*at) - static_cast<double>(length) * m.token.base.value();
      if (i % 4 == 0) CHECK_THAT(at->metrics.gold, WithinAbs(from_least, 2 * at->errors.reward + 1e-9));
      CHECK(at->errors.reward < 1e-3 * std::max(1.0, std::fabs(reward_of(*at))));
    }
  }
  CHECK(few > 20);
}

TEST_CASE("splitting holds the mean of every reward, and gold by level what the tokens there have") {
  std::mt19937 random(3);
  Tokens m = of_three_decimals(random, 40, 20, false);
  for (std::size_t i = 0; i < m.token.size(); ++i) m.token.gold[i] = std::sin(static_cast<double>(i));
  const auto [split, of_gold, of_variance] = on_split_lattice(m.token, 1000);
  double mass = 0, mean = 0, gold = 0, moved = 0;
  double added = 0, variance = 0;
  for (std::size_t j = 0; j < split.size(); ++j) {
    mass += split.p[j];
    mean += split.p[j] * (split.base + split.unit * split.step[j]).value();
    gold += split.p[j] * of_gold[j];
    moved += split.p[j] * split.gold[j];
    added += split.p[j] * of_variance[j];
    variance += split.p[j] * std::pow((split.base + split.unit * split.step[j]).value(), 2);
  }
  double wanted = 0, wanted_gold = 0;
  for (std::size_t i = 0; i < m.token.size(); ++i) {
    wanted += m.token.p[i] * (m.token.base + m.token.unit * m.token.step[i]).value();
    wanted_gold += m.token.p[i] * m.token.gold[i];
    variance -= m.token.p[i] * std::pow((m.token.base + m.token.unit * m.token.step[i]).value(), 2);
  }
  CHECK_THAT(mass, WithinAbs(1, 1e-14));
  CHECK_THAT(mean, WithinAbs(wanted, 1e-12));
  CHECK_THAT(gold, WithinAbs(wanted_gold, 1e-14));
  CHECK_THAT(moved, WithinAbs(0, 1e-14));
  // What is split has the old second moment and the parts' own.
  CHECK(added > 0);
  CHECK_THAT(variance, WithinAbs(added, 1e-12));
}

TEST_CASE("many decimals at small budgets and short lengths have their gap to six digits") {
  std::mt19937 random(11);
  std::uniform_real_distribution<double> uniform;
  for (const double decimals : {1e4, 1e5, 1e9}) {
    test::Alphabet a;
    double total = 0;
    for (int i = 0; i < 60; ++i) {
      a.p.push_back(uniform(random) + 0.01);
      total += a.p.back();
      a.reward.push_back(std::round(decimals * (10 * uniform(random) - 5)) / decimals);
    }
    for (double& p : a.p) p /= total;
    for (const std::int64_t length : {5, 20, 50, 1000}) {
      const Tokens m = test::sequence(a, length);
      for (const double kl : {0.3, 1.4, 4.0}) {
        const TokenTilt tilt = solve_tilt(m.token, DoubleDouble(kl) / from_integer(length));
        const BestOfNLaw at = best_of_n_law(m, kl, tilt);
        CAPTURE(decimals, length, kl, at.note);
        CHECK(at.errors.reward < 1e-6 * std::fabs(reward_of(at)) + 2e-6);
        CHECK(at.errors.kl < 1e-5);
        const LossOf loss = kl_rl_loss(m, tilt);
        CHECK(loss.error_bound < 1e-5 * loss.value);
      }
    }
  }
}
