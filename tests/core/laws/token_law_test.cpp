#include "laws/token_law.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "numerics/log_domain.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

TokenLaw token(const std::vector<double>& p, const std::vector<double>& reward) {
  return make_token_law(p, reward, {}, false, "model.tokens");
}

/** Random laws of two levels at least, on a lattice and off one. */
TokenLaw any(test::Random& random) {
  for (;;) {
    test::Alphabet a = test::random_alphabet(random, 7);
    if (random.uniform() < 0.3) a.reward.back() += std::sqrt(0.5);
    TokenLaw law = token(a.p, a.reward);
    if (law.size() > 1) return law;
  }
}

/** A tilt of b by its definition, in plain doubles. */
struct Plain {
  std::vector<double> weight;
  double lambda = 0;
  double mean = 0;
  double variance = 0;
  double kl = 0;
};
Plain plain(const TokenLaw& law, double b) {
  Plain out;
  // From the end that it leans to, so that steep ones stay in a double's range.
  const double from = b > 0 ? law.position.back() : 0;
  double z = 0;
  for (std::size_t i = 0; i < law.size(); ++i) {
    out.weight.push_back(law.p[i] * std::exp(b * (law.position[i] - from)));
    z += out.weight.back();
  }
  for (double& w : out.weight) w /= z;
  out.lambda = std::log(z) + b * from;
  for (std::size_t i = 0; i < law.size(); ++i) out.mean += out.weight[i] * law.position[i];
  for (std::size_t i = 0; i < law.size(); ++i) {
    out.variance += out.weight[i] * (law.position[i] - out.mean) * (law.position[i] - out.mean);
    if (out.weight[i] > 0) out.kl += out.weight[i] * std::log(out.weight[i] / law.p[i]);
  }
  return out;
}

}  // namespace

TEST_CASE("a tilt's weights, cumulant, mean, variance and KL are those of their definitions") {
  test::Random random(41);
  for (int i = 0; i < 100; ++i) {
    const TokenLaw law = any(random);
    const double range = law.position.back();
    for (const double size : {0.0, 0.01, 0.6, 4.0, 30.0}) {
      const double b = size / range;
      const Plain wanted = plain(law, b);
      const TokenTilt tilt = tilt_at(law, b);
      INFO(i << " b " << b);
      for (std::size_t k = 0; k < law.size(); ++k) CHECK_THAT(tilt.weights[k], WithinRel(wanted.weight[k], 1e-13));
      CHECK_THAT(tilt.lambda.value(), WithinAbs(wanted.lambda, 1e-13 * (1 + size)));
      CHECK_THAT(tilt.mean.value(), WithinAbs(wanted.mean, 1e-13 * range));
      CHECK_THAT(tilt.variance, WithinRel(wanted.variance, 1e-9));
      CHECK_THAT(tilt.kl.value(), WithinAbs(wanted.kl, 1e-13 * (1 + size)));
      CHECK_THAT(log_mgf(law, b), WithinAbs(wanted.lambda, 1e-13 * (1 + size)));
      CHECK_THAT(log_mgf_from_top(law, b), WithinAbs(wanted.lambda - b * range, 1e-13 * (1 + size)));
      CHECK_THAT(exact_log_mgf(law, b).value(), WithinAbs(wanted.lambda, 1e-13 * (1 + size)));
      // Towards the least reward
      const Plain down = plain(law, -b);
      const std::vector<double> weights = tilted(law, -b);
      for (std::size_t k = 0; k < law.size(); ++k) CHECK_THAT(weights[k], WithinRel(down.weight[k], 1e-13));
      CHECK_THAT(log_mgf(law, -b), WithinAbs(down.lambda, 1e-13 * (1 + size)));
    }
  }
}

TEST_CASE("mean and variance under any weights") {
  const TokenLaw law = token({0.5, 0.3, 0.2}, {0, 1, 3});
  const std::vector<double> w{0.2, 0.1, 0.7};
  CHECK_THAT(mean_step(law, w), WithinRel(2.2, 1e-15));
  CHECK_THAT(exact_mean(law, w).value(), WithinRel(2.2, 1e-15));
  CHECK_THAT(variance_step(law, w), WithinRel(0.1 + 6.3 - 2.2 * 2.2, 1e-14));
  // Next to the upper end of a wide range both keep the digits of what lies there.
  const TokenLaw far = token({0.2, 0.4, 0.4}, {0, 1e25, 1e25 + 4e9});
  const std::vector<double> high{0, 0.25, 0.75};
  const double step = (far.step[2] - far.step[1]).value();
  CHECK_THAT((far.step.back() - exact_mean(far, high)).value(), WithinRel(0.25 * step, 1e-12));
  CHECK_THAT(variance_step(far, high), WithinRel(0.25 * 0.75 * step * step, 1e-12));
}

TEST_CASE("cumulants have 31 digits: a fair coin's mean under a tilt is a logistic function") {
  const TokenLaw coin = token({0.5, 0.5}, {0, 1});
  for (const double b : {0.0, 1e-8, 0.3, 5.0, 60.0}) {
    const Cumulants c = cumulants(coin, b);
    const DoubleDouble e = exp(DoubleDouble(-b));
    INFO(b);
    // (1 + e^-b) mean = 1, and e^(Lambda - b) = (1 + e^-b)/2
    CHECK_THAT((c.mean * (DoubleDouble(1) + e) - DoubleDouble(1)).value(), WithinAbs(0, 1e-30));
    CHECK_THAT((exp(c.lambda - DoubleDouble(b)) - (DoubleDouble(1) + e) * DoubleDouble(0.5)).value(),
               WithinAbs(0, 3e-30));
  }
  // By powers on a lattice as level by level: the same rewards, of which one is moved by nothing that counts.
  const TokenLaw lattice = token({0.5, 0.3, 0.2}, {0, 1, 3});
  TokenLaw none = lattice;
  none.lattice.clear();
  for (const double b : {0.2, 7.0, 200.0}) {
    CHECK_THAT((cumulants(lattice, b).mean - cumulants(none, b).mean).value(), WithinAbs(0, 1e-29));
    CHECK_THAT((cumulants(lattice, b).lambda - cumulants(none, b).lambda).value(), WithinAbs(0, 1e-28 * (1 + b)));
  }
}

TEST_CASE("KL at its largest is -log of the best level's probability, also where that is nearly 1") {
  CHECK_THAT(kl_max(token({0.5, 0.3, 0.2}, {0, 1, 3})).value(), WithinRel(std::log(5.0), 1e-15));
  CHECK_THAT(kl_max(token({1e-20, 1}, {0, 1})).value(), WithinRel(1e-20, 1e-14));
  CHECK(kl_max(token({1}, {3})).value() == 0);
}

TEST_CASE("the optimum spends its rate, and nothing else of the rate earns more") {
  test::Random random(42);
  for (int i = 0; i < 150; ++i) {
    const TokenLaw law = any(random);
    const double most = kl_max(law).value();
    for (const double share : {1e-12, 1e-4, 0.2, 0.7, 0.999}) {
      const double rate = share * most;
      const TokenTilt tilt = solve_tilt(law, rate);
      INFO(i << " share " << share);
      REQUIRE(!tilt.saturated());
      CHECK(tilt.kl.value() == rate);
      CHECK_THAT(plain(law, tilt.b).kl, WithinAbs(rate, 1e-12 * (1 + rate)));
      // Duality: E = min over t of (rate + Lambda(t))/t, whichever t is tried.
      for (const double factor : {0.5, 0.9, 1.1, 2.0}) {
        const double t = factor * tilt.b;
        if (share > 1e-6) CHECK(tilt.mean.value() <= (rate + plain(law, t).lambda) / t + 1e-12 * law.position.back());
      }
      CHECK_THAT(tilt.mean.value(), WithinAbs((rate + tilt.lambda.value()) / tilt.b, 1e-7 * law.position.back()));
    }
  }
}

TEST_CASE("wherever the search for a tilt begins, it ends at the same one") {
  test::Random random(11);
  for (int i = 0; i < 300; ++i) {
    const TokenLaw law = any(random);
    const DoubleDouble most = kl_max(law);
    const double share = std::pow(10, -12 * random.uniform());
    const DoubleDouble rate = most * DoubleDouble(i % 2 == 0 ? share : 1 - share);
    const TokenTilt known = solve_tilt(law, rate, most - rate);
    for (const double factor : {1e-9, 0.3, 1 - 1e-12, 1.0, 1.001, 40.0, 1e6, infinity}) {
      const TokenTilt found = solve_tilt(law, rate, most - rate, known.b * factor);
      CAPTURE(i, factor, rate.value(), known.b);
      CHECK_THAT(found.b, WithinRel(known.b, 1e-9));
      CHECK(std::fabs((found.mean - known.mean).value()) < 1e-14 * law.position.back());
      CHECK_THAT((found.kl - known.kl).value(), WithinAbs(0, 1e-30));
    }
  }
}

TEST_CASE("the optimum's mean has 31 digits, whatever its tilt is rounded to") {
  // A fair coin's mean q at a rate: log 2 + q log q + (1 - q) log(1 - q).
  const TokenLaw coin = token({0.5, 0.5}, {0, 1});
  for (const double rate : {1e-3, 0.1, 0.4, 0.69}) {
    const DoubleDouble q = solve_tilt(coin, rate).mean;
    const DoubleDouble rest = DoubleDouble(1) - q;
    INFO(rate);
    CHECK_THAT((log(DoubleDouble(2)) + q * log(q) + rest * log(rest) - DoubleDouble(rate)).value(),
               WithinAbs(0, 1e-29));
  }
}

TEST_CASE("a faint rate buys sd sqrt(2 rate), at any size of it") {
  const TokenLaw law = token({0.5, 0.3, 0.2}, {0, 1, 3});
  const double sd = std::sqrt(1.29);
  for (const double rate : {1e-14, 1e-40, 1e-200, 1e-300}) {
    const TokenTilt tilt = solve_tilt(law, rate);
    INFO(rate);
    CHECK_THAT(tilt.b * sd, WithinRel(std::sqrt(2 * rate), 1e-6));
    if (rate > 1e-30) CHECK_THAT((tilt.mean - DoubleDouble(0.9)).value(), WithinRel(sd * std::sqrt(2 * rate), 1e-2));
  }
  CHECK(solve_tilt(law, 0).b == 0);
  CHECK(solve_tilt(token({1}, {2}), 3).b == 0);
}

TEST_CASE("what is left to saturation decides the tilt, and past it the best level is alone") {
  const double p = 0.3;
  const TokenLaw law = token({1 - p, p}, {0, 1});
  for (const double left : {1e-3, 1e-10, 1e-25, 1e-50}) {
    // Of two rewards: kl_max - KL of a tilt that misses the upper with probability e is -log(1 - e) + b e,
    // b = log((1 - e)(1 - p) / (e p)).
    const TokenTilt tilt = solve_tilt(law, kl_max(law) - DoubleDouble(left), left);
    const double e = tilt.weights.front();
    INFO(left);
    CHECK_THAT(tilt.b, WithinRel(std::log1p(-e) + std::log((1 - p) / p) - std::log(e), 1e-12));
    CHECK_THAT(-std::log1p(-e) + tilt.b * e, WithinRel(left, 1e-11));
  }
  for (const TokenTilt& tilt :
       {solve_tilt(law, kl_max(law)), solve_tilt(law, 50), solve_tilt(law, kl_max(law), 1e-70)}) {
    CHECK(tilt.saturated());
    CHECK(tilt.weights == std::vector<double>{0, 1});
    CHECK(tilt.mean.value() == 1);
    CHECK_THAT(tilt.kl.value(), WithinRel(-std::log(p), 1e-15));
  }
}

TEST_CASE("what an optimum gains is known from a tilt near its own, and from no other") {
  test::Random random(5);
  int found = 0;
  for (int i = 0; i < 200; ++i) {
    const Tokens m = test::sequence(test::random_alphabet(random, 9), 1);
    if (m.token.size() < 3) continue;
    const double rate = kl_max(m.token).value() * (0.02 + 0.5 * random.uniform());
    const TokenTilt at = solve_tilt(m.token, rate);
    const double wanted = (at.mean - exact_mean(m.token, m.token.p)).value();
    INFO(i);
    const BaseSums sums(m.token);
    if (const auto gain = sums.gain_near(rate, at.b * 1.0003)) {
      ++found;
      CHECK_THAT(*gain, Catch::Matchers::WithinRel(wanted, 1e-9));
    }
    CHECK(!sums.gain_near(rate, 2 * at.b));
    CHECK(!sums.gain_near(rate, 0));
    CHECK(!sums.gain_near(rate, infinity));
  }
  CHECK(found > 100);
}
