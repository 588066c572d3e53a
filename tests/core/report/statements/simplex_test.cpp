#include "report/statements/simplex.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>

#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {
const test::Alphabet three{{0.5, 0.3, 0.2}, {0, 1, 3}};
Budget rate(const Tokens& m, double delta) { return make_budget("kl_per_token", delta, m); }
}  // namespace

TEST_CASE("the simplex: the optimum is on the tilt curve and on the ball's edge, and best-of-N's shares sum to 1") {
  const Tokens m = test::sequence(three, 30);
  const auto s = simplex(m, rate(m, 0.2), 40);
  REQUIRE(s.has_value());
  const auto kl = [&](const Simplex::Points& w, std::size_t i) {
    const double v[] = {w.first[i], w.second[i], w.third[i]};
    double sum = 0;
    for (std::size_t k = 0; k < 3; ++k) sum += v[k] > 0 ? v[k] * std::log(v[k] / three.p[k]) : 0;
    return sum;
  };
  CHECK_THAT(kl(s->optimum, 0), WithinRel(0.2, 1e-10));
  for (std::size_t i = 0; i < s->ball.first.size(); ++i) {
    CHECK(kl(s->ball, i) < 0.2 + 1e-10);
    CHECK_THAT(s->ball.first[i] + s->ball.second[i] + s->ball.third[i], WithinAbs(1, 1e-12));
    // No policy within the budget earns more.
    CHECK(s->ball.second[i] + 3 * s->ball.third[i] <= s->level_rewards[0] + 1e-12);
  }
  for (std::size_t i = 0; i < s->best_of_n.first.size(); ++i)
    CHECK_THAT(s->best_of_n.first[i] + s->best_of_n.second[i] + s->best_of_n.third[i], WithinAbs(1, 1e-11));
  // A tilt has p_1 p_3^(1/3) / p_2^(2/3) of its shares unmoved, whichever it is: rewards 0, 1, 3.
  const auto moved = [&](double a, double b, double c) { return 2 * std::log(a) + std::log(c) - 3 * std::log(b); };
  for (std::size_t i = 0; i < s->tilts.first.size(); ++i)
    CHECK_THAT(moved(s->tilts.first[i], s->tilts.second[i], s->tilts.third[i]),
               WithinAbs(moved(three.p[0], three.p[1], three.p[2]), 1e-10));
  CHECK_THAT(moved(s->optimum.first[0], s->optimum.second[0], s->optimum.third[0]),
             WithinAbs(moved(three.p[0], three.p[1], three.p[2]), 1e-10));
  // Linear rewards see the shares alone: 30 of them earn what the report says.
  const std::size_t here = s->best_of_n.first.size() - 1;
  CHECK(s->length == 30);
  CHECK_THAT(30 * (s->best_of_n.second[here] + 3 * s->best_of_n.third[here]),
             WithinRel(evaluate(m, rate(m, 0.2)).best_of_n.reward, 1e-10));
  CHECK_FALSE(simplex(test::sequence({{0.5, 0.5}, {0, 1}}, 3), Budget{0.1}, 10).has_value());
}

TEST_CASE("the ball's edge is where the KL is the rate or the simplex ends, and level lines have their reward") {
  for (const double delta : {1e-12, 0.01, 0.2, 1.2}) {
    INFO(delta);
    const Tokens m = test::sequence(three, 30);
    const auto s = simplex(m, rate(m, delta), 12);
    REQUIRE(s);
    for (std::size_t i = 0; i < s->ball.first.size(); ++i) {
      const double w[] = {s->ball.first[i], s->ball.second[i], s->ball.third[i]};
      double kl = 0;
      double least = 1;
      for (std::size_t k = 0; k < 3; ++k) {
        // p [(1 + u) log(1 + u) - u], without cancellation where w is next to p
        const double u = (w[k] - three.p[k]) / three.p[k];
        kl += std::fabs(u) < 1e-3 ? three.p[k] * u * u * (0.5 - u / 6 + u * u / 12)
                                  : three.p[k] * ((1 + u) * (w[k] > 0 ? std::log1p(u) : 0) - u);
        least = std::min(least, w[k]);
      }
      if (least > 1e-12) {
        CHECK_THAT(kl, WithinRel(delta, 1e-6));
      } else {
        CHECK(kl <= delta + 1e-12);
      }
    }
    for (std::size_t k = 0; k < s->level_rewards.size(); ++k) {
      for (const std::size_t i : {2 * k, 2 * k + 1}) {
        CHECK_THAT(s->level_lines.second[i] + 3 * s->level_lines.third[i], WithinAbs(s->level_rewards[k], 1e-9));
        CHECK(std::min({s->level_lines.first[i], s->level_lines.second[i], s->level_lines.third[i]}) >= -1e-12);
      }
    }
    const double z = 1 + std::exp(1.0) + std::exp(3.0);
    CHECK_THAT(s->reward_model.second[0], WithinRel(std::exp(1.0) / z, 1e-14));
    CHECK_THAT(s->reward_model.third[0], WithinRel(std::exp(3.0) / z, 1e-14));
  }
}

TEST_CASE("best-of-N's shares of tokens by listing all sequences") {
  for (const int length : {1, 2, 4}) {
    const Tokens m = test::sequence(three, length);
    const auto s = simplex(m, rate(m, 0.3), 9);
    REQUIRE(s);
    REQUIRE(s->length == length);
    for (std::size_t i = 0; i < s->best_of_n.first.size(); ++i) {
      const double n = std::exp(s->best_of_n_log_n[i]);
      // Mass and tokens of the sequences of each sum
      std::vector<double> mass(static_cast<std::size_t>(3 * length + 1), 0);
      std::vector<std::array<double, 3>> tokens(mass.size(), {0, 0, 0});
      for (int code = 0; code < std::lround(std::pow(3, length)); ++code) {
        double p = 1;
        std::size_t sum = 0;
        std::array<double, 3> count{};
        for (int k = 0, rest = code; k < length; ++k, rest /= 3) {
          const auto token = static_cast<std::size_t>(rest % 3);
          p *= three.p[token];
          sum += static_cast<std::size_t>(three.reward[token]);
          count[token] += 1.0 / length;
        }
        mass[sum] += p;
        for (std::size_t k = 0; k < 3; ++k) tokens[sum][k] += p * count[k];
      }
      double share[] = {0, 0, 0};
      double below = 0;
      for (std::size_t j = 0; j < mass.size(); ++j) {
        if (mass[j] == 0) continue;
        const double at_most = std::min(1.0, below + mass[j]);
        for (std::size_t k = 0; k < 3; ++k)
          share[k] += (std::pow(at_most, n) - std::pow(below, n)) / mass[j] * tokens[j][k];
        below = at_most;
      }
      CHECK_THAT(s->best_of_n.first[i], WithinAbs(share[0], 1e-12));
      CHECK_THAT(s->best_of_n.second[i], WithinAbs(share[1], 1e-12));
      CHECK_THAT(s->best_of_n.third[i], WithinAbs(share[2], 1e-12));
    }
  }
}
