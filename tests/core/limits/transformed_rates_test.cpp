#include "limits/transformed_rates.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "models/tokens.hpp"
#include "numerics/log_domain.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

Tokens tokens(const std::vector<double>& p, const std::vector<double>& reward) {
  return memoryless_model(p, reward, 10, false, "model.tokens");
}
const Tokens& coin() {
  static const Tokens model = tokens({0.7, 0.3}, {0, 1});
  return model;
}

Transform of(const std::string& kind, const std::vector<double>& parameters) {
  return make_transform(kind, parameters, {}, {});
}

/** KL of a coin of t to one of .3: its rate. */
double coin_rate(double t) {
  const auto term = [](double x, double p) { return x > 0 ? x * std::log(x / p) : 0; };
  return term(t, 0.3) + term(1 - t, 0.7);
}

std::vector<Transform> one_each() {
  return {of("step", {0.6, 1}),       of("step", {0.2, -0.5}),
          of("indicator", {0.5}),     of("clip", {0.1, 0.7}),
          of("power", {3}),           of("power", {0.5}),
          of("sigmoid", {0.6, 0.05}), make_transform("table", {}, {0, 0.3, 0.6, 1}, {0, 1, 0.5, 2})};
}

}  // namespace

TEST_CASE(
    "where the rate of the transformed mean is convex, the optimum's alpha is that of the mean over the slope there") {
  const Transform f = of("sigmoid", {1.2, 0.3});
  const auto optimum = TransformedRates(mean_rates(tokens({0.5, 0.3, 0.2}, {0, 1, 3}).token), f).kl_rl(0.05);
  // At b = .2566..., mean 1.2757..., to 40 digits: b / f'(mean).
  CHECK_THAT(optimum.alpha, WithinRel(0.31290840559464773993, 1e-12));
  CHECK_THAT(optimum.reward, WithinRel(0.56276092629019690068, 1e-14));
}

TEST_CASE("a bonus from .6 on: best-of-N earns .5146 a token where KL-RL earns .9846") {
  const Transform f = of("step", {0.6, 1});
  const TransformedRates rates(mean_rates(coin().token), f);
  // The mean of rate .1; and the line from the tangent of I to (1.6, I(.6)).
  CHECK_THAT(rates.best_of_n(0.1), WithinAbs(0.5146, 5e-5));
  CHECK_THAT(coin_rate(rates.best_of_n(0.1)), WithinRel(0.1, 1e-10));
  const auto optimum = rates.kl_rl(0.1);
  CHECK_THAT(optimum.reward, WithinAbs(0.9846, 5e-5));
  const double t = 0.3 * std::exp(optimum.alpha) / (0.7 + 0.3 * std::exp(optimum.alpha));
  CHECK_THAT(coin_rate(t) + optimum.alpha * (1.6 - t), WithinRel(coin_rate(0.6), 1e-12));
  CHECK_THAT(coin_rate(t) + optimum.alpha * (optimum.reward - t), WithinRel(0.1, 1e-12));
  // Past what the bonus costs both have it.
  const double past = coin_rate(0.6) + 0.1;
  CHECK_THAT(rates.best_of_n(past), WithinAbs(rates.kl_rl(past).reward, 1e-9));
}

TEST_CASE("an indicator of a rare set: best-of-N earns nothing, KL-RL the budget's share of its rate") {
  const Transform f = of("indicator", {0.6});
  const TransformedRates rates(mean_rates(coin().token), f);
  const double depth = coin_rate(0.6);
  for (const double delta : {0.01, 0.1, 0.19}) {
    CHECK(rates.best_of_n(delta) == 0);
    CHECK_THAT(rates.kl_rl(delta).reward, WithinRel(delta / depth, 1e-9));
  }
  CHECK(rates.best_of_n(0.2) == 1);
  CHECK(rates.kl_rl(0.2).reward == 1);
  CHECK(std::isinf(rates.kl_rl(0.2).alpha));
}

TEST_CASE("a linear reward has one limit, that of the tilt at the budget's rate") {
  const Transform f = of("power", {1});
  const Tokens model = tokens({0.5, 0.3, 0.2}, {0, 1, 3});
  const TransformedRates rates(mean_rates(model.token), f);
  for (const double delta : {1e-6, 0.01, 0.2, 1.0, 1.6}) {
    const TokenTilt tilt = solve_tilt(model.token, delta);
    const double reward = (model.token.base + model.token.unit * tilt.mean).value();
    CHECK_THAT(rates.best_of_n(delta), WithinRel(reward, 1e-9));
    CHECK_THAT(rates.kl_rl(delta).reward, WithinRel(reward, 1e-9));
  }
  CHECK_THAT(rates.rate(1.5), WithinAbs(rates.hull(1.5), 1e-10));
}

TEST_CASE("J is the least rate of all means with a value, and its hull the largest convex function below") {
  for (const Transform& f : one_each()) {
    const TransformedRates rates(mean_rates(coin().token), f);
    INFO(static_cast<int>(f.kind));
    const auto pieces = pieces_of(f, 0, 1);
    // The curve (f(t), I(t)) by brute force.
    std::vector<std::pair<double, double>> curve;
    for (const TransformPiece& piece : pieces) {
      for (int k = 0; k <= 400; ++k) {
        const double t = piece.from + (piece.to - piece.from) * k / 400;
        curve.emplace_back(value_on(f, piece, t), coin_rate(t));
      }
    }
    const double range = rates.largest() - rates.least();
    for (int k = 0; k <= 40; ++k) {
      const double x = rates.least() + range * k / 40;
      const double hull = rates.hull(x);
      CHECK(hull <= rates.rate(x) + 1e-10);
      double chord = infinity;
      for (const auto& [x0, y0] : curve) {
        if (std::fabs(x0 - x) < 1e-9 * range) {
          CHECK(rates.rate(x) <= y0 + 1e-9);
          chord = std::min(chord, y0);
        }
        if (x0 >= x) continue;
        for (const auto& [x1, y1] : curve) {
          if (x1 > x) chord = std::min(chord, y0 + (y1 - y0) * (x - x0) / (x1 - x0));
        }
      }
      CHECK_THAT(hull, WithinAbs(chord, 2e-4));
      CHECK(hull <= chord + 1e-9);
    }
    for (const double delta : {0.001, 0.1, 0.5}) {
      const double best = rates.best_of_n(delta);
      const double optimum = rates.kl_rl(delta).reward;
      CHECK(best <= optimum + 1e-10);
      CHECK(rates.rate(best) <= delta + 1e-9);
      CHECK_THAT(std::min(rates.hull(optimum), delta),
                 WithinAbs(optimum < rates.largest() ? delta : rates.hull(optimum), 1e-9));
    }
  }
}

TEST_CASE("without a budget both earn what the mean is worth") {
  const Transform f = of("power", {2});
  const TransformedRates rates(mean_rates(coin().token), f);
  CHECK_THAT(rates.best_of_n(0), WithinRel(0.09, 1e-12));
  CHECK_THAT(rates.kl_rl(0).reward, WithinRel(0.09, 1e-12));
  CHECK_THAT(rates.kl_rl(1e-12).reward, WithinAbs(0.09, 1e-5));
}

TEST_CASE("rates of a chain without memory are those of its tokens") {
  const std::vector<double> p{0.5, 0.3, 0.2};
  std::vector<double> rows;
  for (int i = 0; i < 3; ++i) rows.insert(rows.end(), p.begin(), p.end());
  const std::vector<double> reward{-0.3, 0.1, 0.8};
  const MarkovLaw chain = make_markov_law(std::vector{1.0, 0.0, 0.0}, rows, reward, 10);
  const Tokens model = tokens(p, reward);
  const MeanRates a = mean_rates(chain);
  const MeanRates b = mean_rates(model.token);
  CHECK_THAT(a.high.rate, WithinRel(b.high.rate, 1e-9));
  CHECK_THAT(a.low.rate, WithinRel(b.low.rate, 1e-9));
  CHECK_THAT(a.low.mean, WithinRel(-0.3, 1e-12));
  for (const double alpha : {-20.0, -1.0, 0.0, 0.3, 4.0}) {
    CHECK_THAT(a.at(alpha).mean, WithinAbs(b.at(alpha).mean, 1e-12));
    CHECK_THAT(a.at(alpha).rate, WithinAbs(b.at(alpha).rate, 1e-12));
  }
}

TEST_CASE("the example chain: best-of-N's limit is the tilt's mean where the bonus is out of reach") {
  const MarkovLaw chain =
      make_markov_law(std::vector{1.0, 0.0}, std::vector{0.8, 0.2, 0.4, 0.6}, std::vector{0.0, 1.0, 0.3, 2.0}, 10);
  const Transform f = of("step", {1.2, 1});
  const TransformedRates rates(mean_rates(chain), f);
  CHECK_THAT(rates.best_of_n(0.08), WithinRel(1.182240237495, 1e-11));
  CHECK(rates.kl_rl(0.08).reward > 2);
}
