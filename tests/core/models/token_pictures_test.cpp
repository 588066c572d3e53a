#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "models/tokens.hpp"
#include "report/curves.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

const test::Alphabet three{{0.5, 0.3, 0.2}, {0, 1, 3}};

double total(const LawCurve& curve) {
  double mass = 0;
  for (const double m : curve.mass) mass += m;
  return mass;
}

/** Mass of the sums 0, 1, 2, .. of n tokens in a bin, of those on its edges half. */
double in_bin(const std::vector<double>& mass, double x, double width, double n) {
  double sum = 0;
  for (std::size_t s = 0; s < mass.size(); ++s) {
    const double inside = width / 2 - std::fabs(static_cast<double>(s) / n - x);
    sum += mass[s] * (std::fabs(inside) < 1e-9 ? 0.5 : inside > 0 ? 1 : 0);
  }
  return sum;
}

}  // namespace

TEST_CASE("a picture of few sums has each with its probability, of the base, a tilt and best-of-N") {
  const int length = 12;
  const Tokens m = test::sequence(three, length);
  const double kl = 3;
  const TokenTilt tilt = tilt_for(m, kl);
  const std::vector<double> base = test::added_up(three.p, {0, 1, 3}, length);
  const std::vector<double> tilted = test::added_up(tilt.weights, {0, 1, 3}, length);
  std::vector<double> best;
  double below = 0;
  for (const double p : base) {
    best.push_back(std::pow(std::min(1.0, below + p), std::exp(kl)) - std::pow(below, std::exp(kl)));
    below += p;
  }
  const auto check = [&](const LawCurve& curve, const std::vector<double>& wanted) {
    double mean = 0;
    double square = 0;
    for (std::size_t s = 0; s < wanted.size(); ++s) {
      mean += wanted[s] * static_cast<double>(s) / length;
      square += wanted[s] * static_cast<double>(s * s) / (length * length);
    }
    CHECK_THAT(curve.mean, WithinRel(mean, 1e-11));
    CHECK_THAT(curve.sd, WithinRel(std::sqrt(square - mean * mean), 1e-9));
    CHECK_THAT(curve.width, WithinRel(1.0 / length, 1e-14));
    CHECK_THAT(total(curve), WithinAbs(1, 1e-7));
    for (std::size_t i = 0; i < curve.x.size(); ++i) {
      const auto s = static_cast<std::size_t>(std::lround(curve.x[i] * length));
      CHECK_THAT(curve.mass[i], WithinAbs(wanted[s], 1e-12));
      CHECK_THAT(curve.density[i], WithinRel(curve.mass[i] * length, 1e-13));
    }
  };
  check(picture(m, base_of(m), 50), base);
  check(picture(m, tilt, 50), tilted);
  check(picture_of_best(m, kl, tilt, 50), best);
  // One draw is the base.
  check(picture_of_best(m, 0, tilt, 50), base);
}

TEST_CASE("a picture of many sums is of bins that hold what lies in them") {
  const int length = 700;
  const Tokens m = test::sequence(three, length);
  const TokenTilt tilt = tilt_for(m, 20);
  const std::vector<double> tilted = test::added_up(tilt.weights, {0, 1, 3}, length);
  const LawCurve curve = picture(m, tilt, 40);
  CHECK(curve.x.size() <= 80);
  CHECK(curve.x.size() > 20);
  CHECK_THAT(total(curve), WithinAbs(1, 1e-6));
  for (std::size_t i = 0; i < curve.x.size(); ++i) {
    INFO(curve.x[i]);
    // A few sums stand for their neighbours: the second derivative of a normal law with a deviation of 30 sums is left.
    CHECK_THAT(curve.mass[i], WithinAbs(in_bin(tilted, curve.x[i], curve.width, length), 2e-4));
  }
}

TEST_CASE("a picture of a very long sequence is the normal law's") {
  const Tokens m = test::sequence(three, 100000000);
  const TokenTilt tilt = tilt_for(m, 1e5);
  const LawCurve curve = picture(m, tilt, 60);
  CHECK_THAT(curve.sd, WithinRel(std::sqrt(tilt.variance / 1e8), 1e-12));
  for (std::size_t i = 0; i < curve.x.size(); ++i) {
    const double z = (curve.x[i] - curve.mean) / curve.sd;
    CHECK_THAT(curve.density[i] * curve.sd, WithinAbs(std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi), 1e-3));
  }
}

TEST_CASE("a picture of rewards that share no lattice has the mass of each sum") {
  const Tokens m = test::sequence({{0.5, 0.3, 0.2}, {0, 1, 1 + std::sqrt(2.0)}}, 5);
  const TokenTilt tilt = tilt_for(m, 0.7);
  const LawCurve curve = picture(m, tilt, 50);
  // 21 counts of three tokens, none of which have the same sum.
  REQUIRE(curve.x.size() == 21);
  CHECK_THAT(total(curve), WithinAbs(1, 1e-12));
  double mean = 0;
  for (std::size_t i = 0; i < curve.x.size(); ++i) mean += curve.mass[i] * curve.x[i];
  CHECK_THAT(mean, WithinRel(curve.mean, 1e-12));
  // All tokens the least
  CHECK_THAT(curve.mass.front(), WithinRel(std::pow(tilt.weights.front(), 5), 1e-12));
}

TEST_CASE("past saturation a picture is the best sequence alone") {
  const Tokens m = test::sequence(three, 12);
  const LawCurve curve = picture(m, tilt_for(m, 100), 50);
  REQUIRE(curve.x.size() == 1);
  CHECK(curve.x.front() == 3);
  CHECK(curve.mass.front() == 1);
  CHECK(curve.width == 0);
}

TEST_CASE("a path's points are those of reports, whichever came before") {
  const Tokens m = test::sequence(three, 60);
  TokenPaths paths(m);
  for (const double budget : {5.0, 0.1, 30.0, 0.0, 5.0, 200.0}) {
    const Report r = evaluate(m, make_budget("kl", budget, m));
    INFO(budget);
    CHECK_THAT(paths.optimum(budget).reward, WithinRel(r.kl_rl.reward, 1e-12));
    CHECK(paths.optimum(budget).kl == budget);
    const PathPoint best = paths.best_of_n(budget);
    CHECK_THAT(best.reward, WithinRel(r.best_of_n.reward, 1e-11));
    CHECK_THAT(best.kl, WithinAbs(r.best_of_n.kl, 1e-10));
    CHECK(best.work > 0);
  }
}

namespace {

/** Many rewards of five decimals, which nothing lists. */
test::Alphabet of_many(std::size_t count) {
  test::Random random(19);
  test::Alphabet a;
  double total = 0;
  for (std::size_t i = 0; i < count; ++i) {
    a.p.push_back(random.uniform() + 0.01);
    total += a.p.back();
    a.reward.push_back(std::round(1e6 * random.uniform()) / 1e5);
  }
  for (double& p : a.p) p /= total;
  return a;
}

}  // namespace

TEST_CASE("paths of very many rewards are those of reports, with all of a curve's points and marks") {
  for (const std::int64_t length : {5, 40, 3000}) {
    const Tokens m = test::sequence(of_many(700), length);
    TokenPaths paths(m);
    for (const double budget : {0.3, 3.0, 12.0}) {
      const Report r = evaluate(m, make_budget("kl", budget, m));
      CAPTURE(length, budget);
      CHECK_THAT(paths.optimum(budget).reward, WithinRel(r.kl_rl.reward, 1e-9));
      const PathPoint best = paths.best_of_n(budget);
      CHECK_THAT(best.reward, WithinAbs(r.best_of_n.reward, 1e-3 * (r.kl_rl.reward - r.model.reward)));
      CHECK_THAT(best.kl, WithinAbs(r.best_of_n.kl, 2e-3 * std::max(1.0, budget)));
    }
    const Frontier f = frontier(m, 12, 49);
    CHECK(f.best_of_n.kl.size() == 49);
    CHECK(f.marks.kl.size() == 3);
  }
}

TEST_CASE("gap curves of very many rewards have every length, and reports' own gaps") {
  const Tokens m = test::sequence(of_many(2000), 50);
  const GapCurve curve = gap_curve(m, make_budget("kl_per_token", 0.2, m), 30);
  CHECK(std::all_of(curve.gap.begin(), curve.gap.end(), [](double x) { return x > 0; }));
  for (std::size_t i = 1; i < curve.gap.size(); i += 4) {
    const Tokens at = test::sequence(of_many(2000), static_cast<std::int64_t>(curve.length[i]));
    const Report r = evaluate(at, make_budget("kl_per_token", 0.2, at));
    CAPTURE(curve.length[i], curve.gap[i]);
    CHECK_THAT(curve.gap[i], WithinRel(r.gap.reward / curve.length[i], 5e-3));
    // Past some ten thousand tokens the sharp terms are as good.
    if (curve.length[i] > 1e5) CHECK_THAT(curve.gap[i], WithinRel(curve.gap_sharp[i], 1e-4));
  }
}

TEST_CASE("along the lengths gaps are those of reports at these lengths, and what is not affordable is left out") {
  const Tokens m = test::sequence(three, 60);
  TokenLengths lengths(m, 0.2);
  for (const std::int64_t length : {1, 7, 60, 5000, 1000000}) {
    const Tokens at = test::sequence(three, length);
    const Report r = evaluate(at, make_budget("kl_per_token", 0.2, at));
    const auto n = static_cast<double>(length);
    const GapPoint point = lengths.at(length, true);
    INFO(length);
    CHECK_THAT(point.gap, WithinRel(r.gap.reward / n, 1e-8));
    CHECK_THAT(point.kl_to_kl_rl, WithinRel(r.best_of_n.kl_to_kl_rl / n, 1e-7));
    CHECK_THAT(point.gap_sharp, WithinRel(r.limits->gap_sharp / n, 1e-12));
    CHECK_THAT(point.kl_to_kl_rl_sharp, WithinRel(r.limits->kl_to_kl_rl_sharp / n, 1e-12));
    CHECK_THAT(point.gap_lower, WithinRel(r.limits->gap_lower / n, 1e-12));
    CHECK_THAT(point.gap_upper, WithinRel(r.limits->gap_upper / n, 1e-12));
    // log(2 pi n a^2 sigma^2) / (2 a), without constant and lattice.
    const double a = r.limits->alpha;
    const double first = std::log(2 * std::numbers::pi * n * a * a * r.limits->variance_per_token) / (2 * a);
    CHECK_THAT(point.gap_first_order, WithinRel(first / n, 1e-12) || WithinAbs(first / n, 1e-13));
  }
  const GapPoint left = lengths.at(60, false);
  CHECK(std::isnan(left.gap));
  CHECK(std::isnan(left.kl_to_kl_rl));
  CHECK(left.gap_sharp > 0);
}

TEST_CASE("what is added of a listed model is its gap and KL over the length that it stands for") {
  const Tokens values = test::finite({{0.4, 0.3, 0.2, 0.1}, {0, 1, 2, 5}});
  const Report r = evaluate(values, make_budget("kl", 0.9, values));
  GapPoint point;
  const double work = add_gap(values, 0.9, 8, point);
  CHECK(work > 0);
  CHECK_THAT(point.gap, WithinRel(r.gap.reward / 8, 1e-12));
  CHECK_THAT(point.kl_to_kl_rl, WithinRel(r.best_of_n.kl_to_kl_rl / 8, 1e-12));
  CHECK(std::isnan(point.gap_sharp));
}

TEST_CASE("the pictures of thousands of rewards without a short lattice have the mean and the spread of their laws") {
  test::Alphabet many;
  std::uint32_t seed = 5;
  const auto next = [&seed] { return (seed = seed * 1664525u + 1013904223u) / 4294967296.0; };
  double whole = 0;
  for (int i = 0; i < 9000; ++i) {
    many.p.push_back(next() + 0.01);
    whole += many.p.back();
    many.reward.push_back(std::nearbyint(1e5 * next()) / 1e4);
  }
  for (double& p : many.p) p /= whole;
  const Tokens m = test::sequence(many, 50);
  REQUIRE(m.token.size() > 5000);
  const LawCurves curves = law_curves(m, make_budget("kl", 5, m), 160);
  for (const LawCurve* curve : {&curves.base, &curves.kl_rl}) {
    CHECK_THAT(total(*curve), WithinAbs(1, 1e-6));
    double mean = 0;
    for (std::size_t i = 0; i < curve->x.size(); ++i) mean += curve->mass[i] * curve->x[i];
    CHECK_THAT(mean, WithinAbs(curve->mean, 1e-4 * curve->sd));
    double square = 0;
    for (std::size_t i = 0; i < curve->x.size(); ++i)
      square += curve->mass[i] * (curve->x[i] - mean) * (curve->x[i] - mean);
    // Bins widen a law by a twelfth of their square.
    CHECK_THAT(square, WithinRel(curve->sd * curve->sd + curve->width * curve->width / 12, 2e-3));
  }
}
