#include "report/paths.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "models/chain.hpp"
#include "models/continuous.hpp"
#include "models/prompts.hpp"
#include "models/text.hpp"
#include "models/transformed.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

/** `size` equally likely outcomes at the middles of as many parts of [0, 1], u, with gold u^12 (1 - u) / C, C its
 * largest value on [0, 1]. */
Tokens proxy(int size) {
  std::vector<double> p;
  std::vector<double> reward;
  std::vector<double> gold;
  const double largest = std::pow(12.0 / 13, 12) / 13;
  for (int i = 0; i < size; ++i) {
    const double u = (i + 0.5) / size;
    p.push_back(1.0 / size);
    reward.push_back(u);
    gold.push_back(std::pow(u, 12) * (1 - u) / largest);
  }
  return finite_model(p, reward, gold, "model.outcomes");
}

Tokens with_gold(const test::Alphabet& a, const std::vector<double>& gold) {
  return finite_model(a.p, a.reward, gold, "model.outcomes");
}

/** Gold of both policies by their definitions: sums over outcomes, best-of-N by how often none is above a reward. */
double tilted_gold(const test::Alphabet& a, const std::vector<double>& gold, double alpha) {
  double sum = 0;
  double total = 0;
  for (std::size_t i = 0; i < a.p.size(); ++i) {
    const double w = a.p[i] * std::exp(alpha * a.reward[i]);
    sum += w * gold[i];
    total += w;
  }
  return sum / total;
}
double tilted_kl(const test::Alphabet& a, double alpha) {
  double reward = 0;
  double total = 0;
  for (std::size_t i = 0; i < a.p.size(); ++i) {
    const double w = a.p[i] * std::exp(alpha * a.reward[i]);
    reward += w * a.reward[i];
    total += w;
  }
  return alpha * reward / total - std::log(total);
}
double best_gold(const test::Alphabet& a, const std::vector<double>& gold, double n) {
  double sum = 0;
  for (std::size_t i = 0; i < a.p.size(); ++i) {
    double below = 0;
    double level = 0;
    for (std::size_t j = 0; j < a.p.size(); ++j) {
      if (a.reward[j] < a.reward[i]) below += a.p[j];
      if (a.reward[j] == a.reward[i]) level += a.p[j];
    }
    sum += a.p[i] / level * (std::pow(below + level, n) - std::pow(below, n)) * gold[i];
  }
  return sum;
}

/** The largest of f on [lo, hi] by listing, which a golden section then narrows; sqrt of a double's digits in x. */
template <class F>
double largest_at(F&& f, double lo, double hi) {
  constexpr int steps = 4000;
  double at = lo;
  for (int i = 0; i <= steps; ++i) {
    const double x = lo + (hi - lo) * i / steps;
    if (f(x) > f(at)) at = x;
  }
  const double step = (hi - lo) / steps;
  lo = std::max(lo, at - step);
  hi = std::min(hi, at + step);
  for (int i = 0; i < 80; ++i) {
    const double left = hi - 0.6180339887498949 * (hi - lo);
    const double right = lo + 0.6180339887498949 * (hi - lo);
    (f(left) < f(right) ? lo : hi) = f(left) < f(right) ? left : right;
  }
  return (lo + hi) / 2;
}

/** Every number of a path is that of a report at the same budget. */
template <class M>
void check_against_reports(const M& m, double end, double within = 1e-12) {
  const JudgedPaths p = judged_paths(m, end, 7);
  REQUIRE(p.kl_rl.budget.size() == 7);
  REQUIRE(p.best_of_n.budget == p.kl_rl.budget);
  CHECK(p.kl_rl.budget.front() == 0);
  CHECK(p.kl_rl.budget.back() == end);
  for (std::size_t i = 0; i < 7; ++i) {
    const Report r = evaluate(m, make_budget("kl", p.kl_rl.budget[i], length_of(m)));
    const auto same = [&](double found, double wanted) {
      CHECK_THAT(found, WithinAbs(wanted, within * std::max(1.0, std::fabs(wanted))));
    };
    same(p.kl_rl.win_rate[i], r.kl_rl.win_rate);
    same(p.kl_rl.reward[i], r.kl_rl.reward);
    same(p.kl_rl.kl[i], r.kl_rl.kl);
    same(p.best_of_n.win_rate[i], r.best_of_n.win_rate);
    same(p.best_of_n.reward[i], r.best_of_n.reward);
    same(p.best_of_n.kl[i], r.best_of_n.kl);
    if (!p.kl_rl.gold) continue;
    same(p.kl_rl.gold->at(i), r.kl_rl.gold);
    same(p.best_of_n.gold->at(i), r.best_of_n.gold);
  }
}

}  // namespace

TEST_CASE("paths say at every budget what reports say, of every kind of model") {
  check_against_reports(proxy(50), 3);
  check_against_reports(memoryless_model(std::vector{.5, .3, .2}, std::vector{0., 1., 3.}, 160, false, "t"), 40);
  check_against_reports(make_model(TextInput{20}), 8);
  check_against_reports(make_model(MarkovInput{5000, {1, 0}, {.8, .2, .4, .6}, {0, 1, .3, 2}}), 900);
  check_against_reports(make_model(ContinuousInput{"normal", {0, 1}, {}, {}, false}), 4);
  check_against_reports(make_model(ContinuousInput{"quantiles", {}, {0, .3, 1}, {-1, 0, 2}, false}), 4);
  TokensInput tokens{"finite", "model.outcomes", {.9, .1}, {0, 1}, {1, 0}};
  PromptsInput prompts;
  prompts.prompts.push_back({2, "finite", tokens, {}});
  prompts.prompts.push_back({1, "continuous", {}, {"normal", {0, .25}, {}, {}, false}});
  check_against_reports(make_model(prompts), 2, 1e-11);
}

TEST_CASE("gold is there exactly where the model states some") {
  CHECK(judged_paths(proxy(20), 3, 5).best_of_n.gold);
  CHECK_FALSE(judged_paths(test::finite({{.5, .5}, {0, 1}}), 1, 5).best_of_n.gold);
  const JudgedPaths normal = judged_paths(make_model(ContinuousInput{"normal", {0, 1}, {}, {}, false}), 1, 5);
  CHECK_FALSE(normal.kl_rl.gold);
  CHECK_FALSE(normal.kl_rl.peak);
}

TEST_CASE("gold u^12 (1 - u) of a uniform proxy: the peaks in closed form") {
  // Best-of-N: gold N / ((N + 12) (N + 13)) / C, largest at N = sqrt(156) (arXiv 2506.19248). The tilt of u is the
  // win-rate tilt, whose peak they give at c = 13.5294. Outcomes at middles are off by their spacing squared.
  constexpr int size = 2000;
  const JudgedPaths p = judged_paths(proxy(size), 5, 49);
  REQUIRE((p.best_of_n.peak && p.kl_rl.peak));
  const GoldPeak& best = *p.best_of_n.peak;
  const GoldPeak& tilt = *p.kl_rl.peak;
  const double n = std::sqrt(156.0);
  const double largest = std::pow(12.0 / 13, 12) / 13;
  const double within = 200.0 / (static_cast<double>(size) * size);
  CHECK(best.where == "inside");
  CHECK(std::isnan(best.alpha));
  CHECK_THAT(best.n, WithinRel(n, within));
  CHECK_THAT(best.gold, WithinRel(n / ((n + 12) * (n + 13)) / largest, within));
  CHECK_THAT(best.gold, WithinAbs(.679661, 1e-5));
  CHECK_THAT(best.kl, WithinAbs(std::log(n) - 1 + 1 / n, within));
  CHECK(tilt.where == "inside");
  CHECK(std::isnan(tilt.n));
  CHECK_THAT(tilt.alpha, WithinRel(13.5294, 3e-5));
  CHECK_THAT(tilt.gold, WithinAbs(.665798, 1e-5));
  CHECK_THAT(tilt.kl, WithinAbs(1.605, 5e-4));
  // At whole numbers of drafts: both sides of the peak are as high.
  const Tokens m = proxy(size);
  for (const double drafts : {12.0, 13.0}) {
    const DoubleDouble log_n = log(DoubleDouble(drafts));
    CHECK_THAT(outcome(m, best_of(m, log_n, tilt_for(m, log_n))).gold, WithinAbs(.679389, 1e-5));
  }
}

TEST_CASE("peaks of gold are those of sums over all outcomes") {
  test::Random random(11);
  int inside = 0;
  for (int k = 0; k < 120; ++k) {
    const test::Alphabet a = test::random_alphabet(random, 8);
    std::vector<double> gold;
    for (std::size_t i = 0; i < a.p.size(); ++i) gold.push_back(static_cast<double>(random.integer(-9, 9)) / 4);
    const Tokens m = with_gold(a, gold);
    const double end = 0.9 * kl_max(m.token).value();
    if (!m.golden || !(end > 0)) continue;
    const JudgedPaths p = judged_paths(m, end, 49);
    REQUIRE((p.best_of_n.peak && p.kl_rl.peak));
    const GoldPeak& best = *p.best_of_n.peak;
    const auto by_drafts = [&](double log_n) { return best_gold(a, gold, std::exp(log_n)); };
    const double log_n = largest_at(by_drafts, 0, end);
    CHECK_THAT(best.gold, WithinAbs(by_drafts(log_n), 1e-12));
    if (best.where == "inside") {
      ++inside;
      CHECK_THAT(best.budget, WithinAbs(log_n, 1e-5));
      // No step to either side has more.
      for (const double step : {-1e-6, 1e-6}) CHECK(by_drafts(best.budget + step) < best.gold + 1e-15);
    }
    const GoldPeak& tilt = *p.kl_rl.peak;
    CHECK_THAT(tilt.gold, WithinAbs(tilted_gold(a, gold, tilt.alpha), 1e-12));
    CHECK_THAT(tilt.kl, WithinAbs(tilted_kl(a, tilt.alpha), 1e-11));
    const auto by_alpha = [&](double alpha) { return tilted_gold(a, gold, alpha); };
    const double alpha = largest_at(by_alpha, 0, outcome(m, tilt_for(m, end)).alpha);
    CHECK_THAT(tilt.gold, WithinAbs(by_alpha(alpha), 1e-12));
    if (tilt.where == "inside") {
      ++inside;
      CHECK_THAT(tilt.alpha, WithinRel(alpha, 1e-5));
    }
  }
  CHECK(inside > 10);
}

TEST_CASE("the argument of a peak has ten digits") {
  // Of three outcomes best-of-N's derivative by log N is a sum of three terms: its root by halving.
  const test::Alphabet a{{.5, .3, .2}, {0, 1, 2}};
  const std::vector<double> gold{0, 1, .25};
  const auto slope = [&](double log_n) {
    const double n = std::exp(log_n);
    // d/dlog N of F^N is N F^N log F.
    const auto rise = [&](double f) { return f > 0 && f < 1 ? n * std::pow(f, n) * std::log(f) : 0; };
    return gold[1] * (rise(.8) - rise(.5)) + gold[2] * (rise(1) - rise(.8));
  };
  double lo = .1;
  double hi = 3;
  for (int i = 0; i < 100; ++i) (slope((lo + hi) / 2) > 0 ? lo : hi) = (lo + hi) / 2;
  const JudgedPaths p = judged_paths(with_gold(a, gold), 1.5, 49);
  REQUIRE(p.best_of_n.peak);
  CHECK(p.best_of_n.peak->where == "inside");
  CHECK_THAT(p.best_of_n.peak->budget, WithinAbs(lo, 1e-10));
}

TEST_CASE("gold that is the reward has its peak at the end, its opposite at the start") {
  test::Random random(12);
  for (int k = 0; k < 30; ++k) {
    const test::Alphabet a = test::random_alphabet(random, 9);
    std::vector<double> opposite;
    for (const double r : a.reward) opposite.push_back(-r);
    const double most = kl_max(test::finite(a).token).value();
    if (!(most > 0)) continue;
    // Before and past the budget at which only the best is left.
    for (const double end : {0.5 * most, 2 * most}) {
      const JudgedPaths up = judged_paths(with_gold(a, a.reward), end, 49);
      const JudgedPaths down = judged_paths(with_gold(a, opposite), end, 49);
      if (!up.kl_rl.gold) continue;
      CHECK(up.kl_rl.peak->where == "end");
      CHECK(up.best_of_n.peak->where == "end");
      CHECK(up.kl_rl.peak->budget == end);
      CHECK_THAT(up.kl_rl.peak->gold, WithinRel(up.kl_rl.reward.back(), 1e-12) || WithinAbs(0, 1e-12));
      CHECK(down.kl_rl.peak->where == "start");
      CHECK(down.best_of_n.peak->where == "start");
      CHECK(down.best_of_n.peak->n == 1);
    }
  }
}

TEST_CASE("a model whose points are dear has fewer of them, over the whole axis, and no peak where that is dear") {
  const JudgedPaths large = judged_paths(proxy(60'000), 4, 49);
  CHECK(large.kl_rl.budget.size() < 30);
  CHECK(large.kl_rl.budget.size() > 1);
  CHECK(large.kl_rl.budget.back() == 4);
  CHECK(large.kl_rl.gold);
  CHECK_FALSE(large.kl_rl.peak);
}
