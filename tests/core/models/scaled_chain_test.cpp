#include "models/scaled_chain.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "report/statements/cumulant_curves.hpp"
#include "report/statements/direction_curves.hpp"
#include "report/statements/fixed_n_curves.hpp"
#include "report/statements/near_policies.hpp"
#include "report/statements/rate_curves.hpp"
#include "report/statements/renyi_curve.hpp"
#include "report/statements/tilt_curves.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

Chain chain(const std::vector<double>& initial, const std::vector<double>& transition,
            const std::vector<double>& reward, double length) {
  return make_model(MarkovInput{length, initial, transition, reward});
}

/** The chain of theory's example. */
Chain example(double length) { return chain({1, 0}, {0.8, 0.2, 0.4, 0.6}, {0, 1, 0.3, 2}, length); }

template <class M>
Budget rate(const M& m, double delta) {
  return make_budget("kl_per_token", delta, length_of(m));
}

/** The same chain by powers of its transitions, though its sums could be listed. */
Chain inverted(const Chain& c) { return {c.law, c.length, long_chain(c.law, c.length)}; }
Chain listed(const Chain& c) { return {c.law, c.length, sums_of_chain(c.law, c.length)}; }

const test::Alphabet three{{0.5, 0.3, 0.2}, {0, 1, 3}};
/** A chain that does not remember: whatever the state, the next is drawn by `three`. */
Chain forgetful(double length) {
  return chain({0.2, 0.3, 0.5}, {0.5, 0.3, 0.2, 0.5, 0.3, 0.2, 0.5, 0.3, 0.2}, {0, 1, 3}, length);
}

void check_equal(const std::vector<double>& x, const std::vector<double>& y, double within = 1e-12) {
  REQUIRE(x.size() == y.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::isfinite(y[i])) {
      CHECK_THAT(x[i], WithinAbs(y[i], within * std::max(1.0, std::fabs(y[i]))));
    } else {
      CHECK(std::isfinite(x[i]) == std::isfinite(y[i]));
    }
  }
}

/** Of the example: Lambda(b) from the trace and the determinant of its tilted transitions, b per unit of reward. */
double example_lambda(double b) {
  const double w[] = {0.8, 0.2 * std::exp(b), 0.4 * std::exp(0.3 * b), 0.6 * std::exp(2 * b)};
  const double trace = w[0] + w[3];
  return std::log((trace + std::sqrt((w[0] - w[3]) * (w[0] - w[3]) + 4 * w[1] * w[2])) / 2);
}

}  // namespace

TEST_CASE("a chain whose rows are equal grows as independent tokens do, at lengths from 1 to 10^9") {
  for (const double length : {1.0, 20.0, 1000.0, 1e9}) {
    INFO(length);
    const Chain c = forgetful(length);
    const Tokens m = test::sequence(three, static_cast<std::int64_t>(length));
    const CumulantCurves of_chain = cumulant_curves(c, rate(c, 0.2), 31).value();
    const CumulantCurves of_tokens = cumulant_curves(m, rate(m, 0.2), 31).value();
    check_equal(of_chain.t, of_tokens.t);
    check_equal(of_chain.base, of_tokens.base);
    check_equal(of_chain.kl_rl, of_tokens.kl_rl);
    check_equal(of_chain.best_of_n, of_tokens.best_of_n);
    if (of_chain.exact_length == of_tokens.exact_length)
      check_equal(of_chain.exact_best_of_n, of_tokens.exact_best_of_n);
    const RateCurves rates = rate_curves(c, rate(c, 0.2), 40, 10).value();
    const RateCurves wanted = rate_curves(m, rate(m, 0.2), 40, 10).value();
    check_equal(rates.reward, wanted.reward);
    check_equal(rates.base, wanted.base);
    check_equal(rates.kl_rl, wanted.kl_rl);
    check_equal(rates.best_of_n, wanted.best_of_n);
  }
}

TEST_CASE("a chain whose rows are equal has the tilts, entropies, directions and neighbours of tokens") {
  for (const double length : {1.0, 20.0, 1000.0, 1e9}) {
    INFO(length);
    const Chain c = forgetful(length);
    const Tokens m = test::sequence(three, static_cast<std::int64_t>(length));
    const TiltCurves tilt = tilt_curves(c, rate(c, 0.2), 21);
    const TiltCurves of_tokens = tilt_curves(m, rate(m, 0.2), 21);
    CHECK_THAT(tilt.alpha, WithinRel(of_tokens.alpha, 1e-12));
    CHECK_THAT(tilt.primal, WithinRel(of_tokens.primal, 1e-12));
    CHECK_THAT(tilt.dual_minimum, WithinRel(of_tokens.dual_minimum, 1e-10));
    CHECK_THAT(tilt.slope, WithinRel(of_tokens.slope, 1e-12));
    check_equal(tilt.reward, of_tokens.reward);
    const std::vector<double> ones(3, 1);
    const RenyiCurve renyi = renyi_curve(c, rate(c, 0.2), ones, three.reward, 41);
    const RenyiCurve entropies = renyi_curve(m, rate(m, 0.2), ones, three.reward, 41);
    check_equal(renyi.cross_entropy, entropies.cross_entropy);
    CHECK_THAT(renyi.kl_reverse, WithinRel(entropies.kl_reverse, 1e-12));
    // Counted by its paths, which begin in any of three states.
    CHECK_THAT(renyi_curve(c, rate(c, 0.2), {}, {}, 3).log_normaliser,
               WithinRel(entropies.log_normaliser + std::log(3.0) / length, 1e-12));
    const DirectionCurves both = direction_curves(c, rate(c, 0.2), 12).value();
    const DirectionCurves directions = direction_curves(m, rate(m, 0.2), 12).value();
    CHECK_THAT(both.exponent, WithinRel(directions.exponent, 1e-12));
    // Which lengths are listed is a matter of cost.
    std::size_t common = 0;
    for (std::size_t i = 0; i < both.length.size(); ++i) {
      for (std::size_t j = 0; j < directions.length.size(); ++j) {
        if (both.length[i] != directions.length[j]) continue;
        ++common;
        CHECK_THAT(both.forward[i], WithinRel(directions.forward[j], 1e-10));
        CHECK_THAT(both.log10_reverse[i], WithinAbs(directions.log10_reverse[j], 1e-10));
      }
    }
    CHECK(common > 2);
    const NearPolicy policy = bent_policy(c, rate(c, 0.2), 0.3, -0.7).value();
    const NearPolicy near = bent_policy(m, rate(m, 0.2), 0.3, -0.7).value();
    CHECK_THAT(policy.reward, WithinAbs(near.reward, 1e-12));
    CHECK_THAT(policy.kl, WithinAbs(near.kl, 1e-12));
    CHECK_THAT(policy.kl_to_optimum, WithinAbs(near.kl_to_optimum, 1e-12));
  }
}

TEST_CASE("best-of-N's shares on a chain whose rows are equal are those on tokens") {
  const Chain c = forgetful(40);
  const Tokens m = test::sequence(three, 40);
  const FixedNCurves of_chain = fixed_n_curves(c, rate(c, 0.1), 10).value();
  const FixedNCurves of_tokens = fixed_n_curves(m, rate(m, 0.1), 10).value();
  CHECK(of_chain.limit == of_tokens.limit);
  check_equal(of_chain.length, of_tokens.length);
  check_equal(of_chain.fixed, of_tokens.fixed, 1e-9);
  check_equal(of_chain.growing, of_tokens.growing, 1e-9);
}

TEST_CASE("Lambda of two states is the larger root of a quadratic, and its Legendre transform the rate") {
  const Chain c = example(80);
  const auto t = growth_of(c, rate(c, 0.08));
  REQUIRE(t);
  // Known to 60 digits (Perron root of two states).
  CHECK_THAT(t->alpha(t->b()), WithinRel(0.249628259759948073, 1e-13));
  CHECK_THAT(t->reward(t->mean()), WithinRel(1.18224023749519081, 1e-14));
  const double a = t->alpha(t->b());
  for (const RatePoint& p : t->rate_points(30)) {
    const double b = t->alpha(p.b);
    const double x = t->reward(p.step);
    const double h = 1e-5;
    CHECK_THAT(x, WithinAbs((example_lambda(b + h) - example_lambda(b - h)) / (2 * h), 1e-8));
    CHECK_THAT(p.base, WithinAbs(b * x - example_lambda(b), 1e-12));
    CHECK_THAT(p.kl_rl, WithinAbs(b * x - example_lambda(b) - a * x + example_lambda(a), 1e-12));
    if (p.b >= t->b()) CHECK_THAT(p.best_of_n, WithinAbs(std::max(0.0, p.base - 0.08), 1e-12));
    if (p.b < t->b()) CHECK(std::isinf(p.best_of_n));
    CHECK_THAT(t->lambda(p.b) + t->shift(p.b), WithinAbs(example_lambda(b), 1e-12 * std::max(1.0, std::fabs(b))));
  }
}

TEST_CASE("the optimum of a length spends the budget, and tends to the limit's") {
  // Known to 60 digits, by the law of all sums.
  const std::vector<std::pair<double, double>> tilts{
      {80, 0.25279952}, {100, 0.25215658}, {1000, 0.24987800}, {1e4, 0.24965320}};
  for (const auto& [length, alpha] : tilts) {
    const Chain c = example(length);
    const TiltCurves tilt = tilt_curves(c, rate(c, 0.08), 21);
    INFO(length);
    CHECK_THAT(tilt.alpha, WithinAbs(alpha, 1e-8));
    CHECK_THAT(tilt.dual_minimum, WithinRel(tilt.primal, 1e-10));
    CHECK_THAT(tilt.slope * tilt.alpha, WithinRel(1.0, 1e-14));
    CHECK_THAT(tilt.primal, WithinRel(evaluate(c, rate(c, 0.08)).kl_rl.reward / length, 1e-13));
  }
}

TEST_CASE("tilts and entropies of a chain are the same whether its sums are listed or inverted") {
  for (const double delta : {0.0, 0.02, 0.3}) {
    const Chain whole = listed(example(60));
    const Chain powers = inverted(example(60));
    const TiltCurves a = tilt_curves(whole, rate(whole, delta), 15);
    const TiltCurves b = tilt_curves(powers, rate(powers, delta), 15);
    INFO(delta);
    CHECK_THAT(b.alpha, WithinAbs(a.alpha, 1e-11));
    check_equal(b.reward, a.reward, 1e-11);
    if (delta > 0) CHECK_THAT(b.dual_minimum, WithinRel(a.dual_minimum, 1e-10));
    const RenyiCurve x = renyi_curve(whole, rate(whole, delta), {}, {}, 21);
    const RenyiCurve y = renyi_curve(powers, rate(powers, delta), {}, {}, 21);
    check_equal(y.order, x.order, 1e-10);
    check_equal(y.cross_entropy, x.cross_entropy, 1e-10);
    CHECK_THAT(y.kl_reverse, WithinAbs(x.kl_reverse, 1e-11));
  }
}

TEST_CASE("exact tails are the same whether sums are listed or inverted, on both sides of both means") {
  for (const double delta : {0.05, 0.2}) {
    const Chain whole = listed(example(300));
    const Chain powers = inverted(example(300));
    const ExactTails a = exact_tails(whole, *growth_of(whole, rate(whole, delta)), 8, 0);
    const ExactTails b = exact_tails(powers, *growth_of(powers, rate(powers, delta)), 8, 0);
    const auto check = [](const std::vector<Tail>& x, const std::vector<Tail>& y) {
      std::size_t common = 0;
      for (const Tail& tail : x) {
        for (const Tail& other : y) {
          if (std::fabs(tail.reward_per_token - other.reward_per_token) > 1e-12) continue;
          ++common;
          CHECK_THAT(other.log_tail, WithinRel(tail.log_tail, 1e-9));
        }
      }
      return common;
    };
    CHECK(check(a.base.lower, b.base.lower) > 3);
    CHECK(check(a.base.upper, b.base.upper) > 3);
    CHECK(check(a.kl_rl.lower, b.kl_rl.lower) > 3);
    CHECK(check(a.kl_rl.upper, b.kl_rl.upper) > 0);
  }
}

TEST_CASE("exact rates of a chain tend to its rate functions, and never fall below them") {
  double last = 1;
  for (const double length : {100.0, 1e4, 1e6}) {
    const Chain c = example(length);
    const RateCurves curves = rate_curves(c, rate(c, 0.08), 20, 8).value();
    const auto t = growth_of(c, rate(c, 0.08));
    double worst = 0;
    for (std::size_t i = 0; i < curves.exact_base.rate.size(); ++i) {
      // By a search for the tilt of this very mean.
      const double x = curves.exact_base.reward[i];
      double low = -20;
      double high = 20;
      for (int k = 0; k < 80; ++k) {
        const double b = (low + high) / 2;
        const double h = 1e-6;
        ((example_lambda(b + h) - example_lambda(b - h)) / (2 * h) < x ? low : high) = b;
      }
      worst = std::max(worst, std::fabs(curves.exact_base.rate[i] - (low * x - example_lambda(low))));
    }
    INFO(length);
    CHECK(curves.exact_base.rate.size() > 10);
    CHECK(curves.exact_kl_rl.rate.size() > 5);
    CHECK(worst < last);
    last = worst;
  }
  CHECK(last < 1e-4);
}

TEST_CASE("near policies of a chain are chains: the identity holds, and none crosses the bound") {
  test::Random random(41);
  for (int k = 0; k < 12; ++k) {
    std::vector<double> transition;
    std::vector<double> reward;
    for (int i = 0; i < 3; ++i) {
      double total = 0;
      for (int j = 0; j < 3; ++j) total += transition.emplace_back(0.05 + random.uniform());
      for (int j = 0; j < 3; ++j) transition[static_cast<std::size_t>(3 * i + j)] /= total;
      for (int j = 0; j < 3; ++j) reward.push_back(static_cast<double>(random.integer(-4, 6)));
    }
    const Chain c = chain({1, 0, 0}, transition, reward, 30);
    const auto near = near_policies(c, rate(c, 0.15), 7, 40);
    REQUIRE(near);
    for (const NearPolicy& p : *near) {
      CHECK_THAT(p.identity, WithinAbs(p.kl_to_optimum, 1e-12 * std::max(1.0, p.kl)));
      CHECK(p.kl_to_optimum <= p.bound + 1e-12);
    }
    const NearPolicy optimum = bent_policy(c, rate(c, 0.15), 0, 0).value();
    CHECK_THAT(optimum.kl_to_optimum, WithinAbs(0, 1e-14));
    CHECK_THAT(optimum.kl_slack, WithinAbs(0, 1e-12));
    CHECK_THAT(optimum.reward_slack, WithinAbs(0, 1e-12));
  }
}

TEST_CASE("what has no limit has no statements of it: parts that are never left, equal rounds, no lattice") {
  const Chain fork = chain({0.5, 0.5}, {1, 0, 0, 1}, {0, 1}, 12);
  CHECK_FALSE(growth_of(fork, rate(fork, 0.1)));
  CHECK_FALSE(rate_curves(fork, rate(fork, 0.1), 5, 5));
  CHECK_FALSE(fixed_n_curves(fork, rate(fork, 0.1), 5));
  CHECK_FALSE(near_policies(fork, rate(fork, 0.1), 1, 5));
  CHECK_FALSE(bent_policy(fork, rate(fork, 0.01), 0, 0));
  // Its own length has an optimum all the same.
  CHECK(tilt_curves(fork, rate(fork, 0.01), 5).primal > 0.5);
  const Chain round = chain({0.5, 0.5}, {0, 1, 1, 0}, {0, 1}, 11);
  CHECK_FALSE(cumulant_curves(round, rate(round, 0.01), 5));
  const Chain off = chain({1, 0}, {0.8, 0.2, 0.4, 0.6}, {0, 0.1234567890123456}, 5);
  CHECK(direction_curves(off, rate(off, 0.1), 5).has_value() == growth_of(off, rate(off, 0.1)).has_value());
}

TEST_CASE("past the limit's saturation nothing of the limit is drawn, though the length's optimum may have an alpha") {
  // The first step earns nothing for sure, so that ten cannot spend what each in a long run does; and the other way.
  const Chain c = example(1);
  const Budget budget = rate(c, 1.0);
  CHECK(std::isfinite(tilt_curves(c, budget, 5).alpha));
  const auto t = growth_of(c, budget);
  REQUIRE(t);
  CHECK(t->saturated());
  CHECK(rate_curves(c, budget, 5, 5)->reward.empty());
  CHECK(cumulant_curves(c, budget, 5)->t.empty());
  CHECK(direction_curves(c, budget, 5)->length.empty());
  CHECK(near_policies(c, budget, 1, 5)->empty());
  CHECK_FALSE(bent_policy(c, budget, 0, 0));
  CHECK_THROWS_WITH(bent_policy(c, rate(c, 3), 0, 0), Catch::Contains("budget: is past saturation"));
}

TEST_CASE("where no double holds a transition's probability no sum is listed, and the limit is known all the same") {
  const Chain c = chain({1, 0}, {1, 1e-290, 0.5, 0.5}, {0, 1}, 400);
  CHECK(longest_listed(c, 400) == 0);
  const auto curves = cumulant_curves(c, rate(c, 0), 7);
  REQUIRE(curves);
  CHECK(curves->exact_length == 0);
  CHECK(direction_curves(c, rate(c, 0), 4)->length.empty());
}

TEST_CASE("the sum over all ways through a chain is that of each, by listing them") {
  // Both states begin; the second cannot go to the first.
  const Chain c = chain({0.5, 0.5}, {0.5, 0.5, 0, 1}, {0.5, -1, 0, 0.25}, 3);
  double sum = 0;
  const double step[2][2] = {{0.5, -1}, {0, 0.25}};
  for (int x = 0; x < 16; ++x) {
    double earned = 0;
    bool is_way = true;
    for (int k = 0; k < 3; ++k) {
      const int from = (x >> k) & 1;
      const int to = (x >> (k + 1)) & 1;
      if (from == 1 && to == 0) is_way = false;
      earned += step[from][to];
    }
    if (is_way) sum += std::exp(earned);
  }
  CHECK_THAT(log_normaliser(c, {}, {}), WithinRel(std::log(sum), 1e-14));
}
