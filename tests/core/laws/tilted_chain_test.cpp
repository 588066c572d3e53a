#include "laws/tilted_chain.hpp"

#include <catch2/catch.hpp>

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

struct Made {
  MarkovLaw law;
  Recurrence recurrence;
};

Made example() {
  MarkovLaw law = make_markov_law(std::vector<double>{1, 0}, std::vector<double>{0.8, 0.2, 0.4, 0.6},
                                  std::vector<double>{0, 1, 0.3, 2}, 1);
  Recurrence r = recurrence_of(law);
  return {std::move(law), std::move(r)};
}

}  // namespace

TEST_CASE("the eigenvalue, its derivatives and the constant of a chain of two states") {
  const Made m = example();
  // In steps of .1: theory's values are in rewards.
  const TiltedChain t = tilted_chain(m.law, m.recurrence, 0.0249628259760);
  CHECK_THAT(t.rho.value() / 10, WithinRel(1.182240237495, 1e-10));
  CHECK_THAT(t.variance / 100, WithinRel(2.596580635, 1e-9));
  CHECK_THAT((DoubleDouble(t.b) * t.rho - t.lambda).value(), WithinAbs(0.08, 1e-11));
  CHECK_THAT(std::exp(log_constant(t)), WithinAbs(0.734931, 1e-6));
  // The root of its characteristic polynomial.
  const double b = t.b;
  const double p = 0.8, q = 0.2 * std::exp(10 * b), r = 0.4 * std::exp(3 * b), s = 0.6 * std::exp(20 * b);
  const double root = (p + s) / 2 + std::sqrt((p - s) * (p - s) / 4 + q * r);
  CHECK_THAT(t.lambda.value(), WithinAbs(std::log(root), 1e-15));
}

TEST_CASE("Doob's chain is one, and at no tilt the chain itself") {
  const Made m = example();
  for (const double b : {0.0, 0.01, 0.3, -0.05}) {
    const TiltedChain t = tilted_chain(m.law, m.recurrence, b);
    std::vector<double> row(2, 0), after(2, 0);
    for (std::size_t i = 0; i < t.weight.size(); ++i) {
      row[t.transitions[i].from] += t.weight[i];
      after[t.transitions[i].to] += t.stationary[t.transitions[i].from] * t.weight[i];
    }
    for (std::size_t i = 0; i < 2; ++i) {
      CHECK_THAT(row[i], WithinAbs(1, 1e-14));
      CHECK_THAT(after[i], WithinAbs(t.stationary[i], 1e-14));
    }
  }
  const TiltedChain base = tilted_chain(m.law, m.recurrence, 0);
  CHECK_THAT(base.lambda.value(), WithinAbs(0, 1e-31));
  CHECK_THAT(base.weight[0], WithinRel(0.8, 1e-15));
  CHECK_THAT(base.stationary[0], WithinRel(2.0 / 3, 1e-15));
}

TEST_CASE("the sum's mean and variance are the derivatives of its logarithm, at any length") {
  const Made m = example();
  for (const std::int64_t length : {1, 2, 7, 40, 1000, 1000000}) {
    const double b = 0.03;
    const double h = 1e-4;
    const auto at = [&](double x) { return sum_of(tilted_chain(m.law, m.recurrence, x), length); };
    const ChainSum here = at(b), up = at(b + h), down = at(b - h);
    INFO(length);
    CHECK_THAT(((up.log_mgf - down.log_mgf) / DoubleDouble(2 * h)).value(), WithinRel(here.mean.value(), 1e-4));
    CHECK_THAT(((up.mean - down.mean) / DoubleDouble(2 * h)).value(), WithinRel(here.variance, 1e-4));
  }
  // One transition from the first state: 0 and 10 steps.
  const ChainSum one = sum_of(tilted_chain(m.law, m.recurrence, 0), 1);
  CHECK_THAT(one.mean.value(), WithinAbs(2, 1e-14));
  CHECK_THAT(one.variance, WithinAbs(16, 1e-12));
}

TEST_CASE("what settles is told from what still falls") {
  Settling settling;
  double change = 1;
  int steps = 0;
  while (!settling.is_settled(change *= 0.5)) ++steps;
  // The rest of the series is as large as its last term.
  CHECK(steps > 40);
  CHECK(steps < 60);
  Settling noise;
  int idle = 0;
  while (!noise.is_settled(3e-15)) ++idle;
  CHECK(idle < 6);
}
