#include "simulation/chain_walk.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <span>

#include "error.hpp"
#include "models/chain.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

const MarkovLaw example =
    make_markov_law(std::vector{1.0, 0.0}, std::vector{0.8, 0.2, 0.4, 0.6}, std::vector{0.0, 1.0, 0.3, 2.0}, 1000);
/** Two states in turn, each with two ways to the other. */
const MarkovLaw in_turn = class_chain({{0, 0, 1, 1}, {1, 2}, {0, 0, 3, 1, 2, 5, 0, 0}, {0, 4, 1, 3}}, 1000);

/** Shares of the weights of one place, by the state that is left. */
std::vector<double> shares(const WalkPlan& plan, std::int64_t left) {
  const std::vector<double>& weight = plan.weights[plan.place(left)];
  std::vector<double> total(plan.initial.size(), 0);
  for (std::size_t i = 0; i < weight.size(); ++i) total[plan.steps[i].from] += weight[i];
  std::vector<double> out;
  for (std::size_t i = 0; i < weight.size(); ++i) out.push_back(weight[i] / total[plan.steps[i].from]);
  return out;
}

/** Mean of what a plan's walks earn, step by step. */
double mean_of(const WalkPlan& plan, std::int64_t length) {
  std::vector<double> at = plan.initial;
  double total = 0;
  for (const double p : at) total += p;
  for (double& p : at) p /= total;
  double mean = 0;
  for (std::int64_t k = 0; k < length; ++k) {
    const std::vector<double> share = shares(plan, length - 1 - k);
    std::vector<double> next(at.size(), 0);
    for (std::size_t i = 0; i < share.size(); ++i) {
      const double p = at[plan.steps[i].from] * share[i];
      next[plan.steps[i].to] += p;
      mean += p * plan.steps[i].step;
    }
    at = std::move(next);
  }
  return mean;
}

}  // namespace

TEST_CASE("the optimum's walk has each path's probability times e^(b S), whatever the length") {
  for (const MarkovLaw& law : {example, in_turn}) {
    const Recurrence r = recurrence_of(law);
    for (const std::int64_t length : {1, 2, 7, 30, 31, 999}) {
      for (const double b : {0.0, 0.05, 0.4}) {
        const TiltedChain tilt = tilted_chain(law, r, b);
        const WalkPlan plan = optimal_walk(law, tilt, length);
        const double steps = static_cast<double>(length) * law.rewards.step.front().value();
        CAPTURE(length, b, steps);
        CHECK_THAT(mean_of(plan, length), WithinRel(sum_of(tilt, length).mean.value(), 1e-11));
        CHECK(plan.weights.size() < 200);
      }
    }
  }
}

TEST_CASE("paths of four transitions, one by one") {
  const Recurrence r = recurrence_of(in_turn);
  const double b = 0.3;
  const WalkPlan plan = optimal_walk(in_turn, tilted_chain(in_turn, r, b), 4);
  double initial = 0;
  for (const double p : plan.initial) initial += p;
  // log of the policy's probability of a path less that of the base and b S: the same of all.
  std::vector<double> constant;
  const auto follow = [&](const auto& self, std::uint32_t state, std::int64_t left, double log_ratio) -> void {
    if (left == 0) {
      constant.push_back(log_ratio);
      return;
    }
    const std::vector<double> share = shares(plan, left - 1);
    for (std::size_t i = 0; i < share.size(); ++i) {
      const WalkPlan::Step& step = plan.steps[i];
      if (step.from != state) continue;
      self(self, step.to, left - 1, log_ratio + std::log(share[i]) - step.log_p - b * step.step);
    }
  };
  for (std::uint32_t state = 0; state < 2; ++state)
    follow(follow, state, 4, std::log(plan.initial[state] / initial) - plan.log_initial[state]);
  REQUIRE(constant.size() == 32);
  for (const double each : constant) CHECK_THAT(each, WithinAbs(constant.front(), 1e-12));
}

TEST_CASE("a walk that stops and goes on is the one that does not, and walks are as likely as they should be") {
  const ChainWalk walk(base_walk(example), 1000);
  double sum = 0;
  double squares = 0;
  constexpr std::uint32_t count = 2000;
  for (std::uint32_t draw = 0; draw < count; ++draw) {
    RandomStream further = TokenTable::further(5, StreamOf::base, 3, draw);
    Walked whole = walk.begin(further);
    walk.go_on(whole, 1000, 5, StreamOf::base, 3, draw, further);
    CHECK(whole.done == 1000);
    sum += whole.step;
    squares += whole.step * whole.step;
    if (draw > 20) continue;
    RandomStream again = TokenTable::further(5, StreamOf::base, 3, draw);
    Walked part = walk.begin(again);
    while (part.done < 1000) walk.go_on(part, 3 * ChainWalk::bunch, 5, StreamOf::base, 3, draw, again);
    CHECK(part.step == whole.step);
    CHECK(part.state == whole.state);
    CHECK(part.log_p == whole.log_p);
  }
  const ChainSum exact = sum_of(tilted_chain(example, recurrence_of(example), 0), 1000);
  const double mean = sum / count;
  CHECK_THAT(mean, WithinAbs(exact.mean.value(), 4 * std::sqrt(exact.variance / count)));
  CHECK_THAT(squares / count - mean * mean, WithinRel(exact.variance, 0.15));
}

TEST_CASE("a chain that hardly ever forgets has too many tables") {
  const MarkovLaw slow =
      make_markov_law(std::vector{0.5, 0.5}, std::vector{1 - 1e-9, 1e-9, 1e-9, 1 - 1e-9}, std::vector{0.0, 1.0}, 1e9);
  const TiltedChain tilt = tilted_chain(slow, recurrence_of(slow), 1e-10);
  CHECK_THROWS_AS(optimal_walk(slow, tilt, 1'000'000'000), InputError);
}
