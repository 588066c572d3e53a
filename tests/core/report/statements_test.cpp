#include <catch2/catch.hpp>

#include "policies/best_of_n.hpp"
#include "policies/kl_rl.hpp"
#include "report/statements/cumulant_curves.hpp"
#include "report/statements/direction_curves.hpp"
#include "report/statements/fixed_n_curves.hpp"
#include "report/statements/near_policies.hpp"
#include "report/statements/rate_curves.hpp"
#include "report/statements/renyi_curve.hpp"
#include "report/statements/simplex.hpp"
#include "report/statements/tilt_curves.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {
const test::Alphabet three{{0.5, 0.3, 0.2}, {0, 1, 3}};
Budget rate(const Tokens& m, double delta) { return make_budget("kl_per_token", delta, m); }
}  // namespace

TEST_CASE("the dual function's minimum, found by a search, is the primal value, and is attained at the tilt") {
  test::Random random(31);
  for (int k = 0; k < 40; ++k) {
    const Tokens m = test::sequence(test::random_alphabet(random, 6), 20);
    const Budget budget = rate(m, 0.02 + 0.6 * random.uniform() * kl_max(m.token).value());
    if (m.token.size() == 1) continue;
    const TiltCurves c = tilt_curves(m, budget, 50);
    if (!std::isfinite(c.alpha)) continue;
    CHECK_THAT(c.dual_minimum, WithinRel(c.primal, 1e-10) || WithinAbs(c.primal, 1e-10));
    CHECK_THAT(c.dual_alpha, WithinRel(c.alpha, 1e-5));
    for (std::size_t i = 1; i < c.kl.size(); ++i) {
      CHECK(c.kl[i] >= c.kl[i - 1]);
      CHECK(c.dual[i] >= c.primal - 1e-10 * std::fabs(c.primal) - 1e-10);
      CHECK(c.reward[i] >= c.reward[i - 1] - 1e-12);
    }
    // R is concave: it lies under its tangent.
    const double slope = (c.tangent[3] - c.tangent[1]) / (c.tangent[2] - c.tangent[0]);
    CHECK_THAT(slope, WithinRel(1 / c.alpha, 1e-9));
    for (std::size_t i = 0; i < c.at_rate.size(); ++i)
      CHECK(c.reward[i] <= c.primal + slope * (c.at_rate[i] - c.rate) + 1e-9);
  }
}

TEST_CASE("no policy near the optimum crosses the bound, and the identity holds to 1e-12") {
  test::Random random(32);
  for (int k = 0; k < 20; ++k) {
    const Tokens m = test::sequence(test::random_alphabet(random, 6), 20);
    const Budget budget = rate(m, 0.5 * random.uniform() * kl_max(m.token).value());
    for (const NearPolicy& p : near_policies(m, budget, 7, 60)) {
      CHECK_THAT(p.identity, WithinAbs(p.kl_to_optimum, 1e-12 * std::max(1.0, p.kl)));
      CHECK(p.kl_to_optimum <= p.bound + 1e-12);
    }
    const NearPolicy optimum = bent_policy(m, budget, 0, 0);
    CHECK_THAT(optimum.kl_to_optimum, WithinAbs(0, 1e-14));
    CHECK_THAT(optimum.kl_slack, WithinAbs(0, 1e-12));
    // Along the tilt itself the policy leaves the budget or the reward, but stays on the optimum's curve.
    const NearPolicy less = bent_policy(m, budget, -0.05, 0);
    if (m.token.size() > 1) CHECK(less.kl_to_optimum > 0);
  }
}

TEST_CASE("near policies come from the seed") {
  const Tokens m = test::sequence(three, 10);
  const auto a = near_policies(m, rate(m, 0.2), 1, 10);
  CHECK(a[3].reward == near_policies(m, rate(m, 0.2), 1, 10)[3].reward);
  CHECK(a[3].reward != near_policies(m, rate(m, 0.2), 2, 10)[3].reward);
}

TEST_CASE("rate functions are KL divergences, zero at their means, and apart by the tilt") {
  const Tokens m = test::sequence(three, 1000);
  const RateCurves c = rate_curves(m, rate(m, 0.2), 40, 12);
  const Report r = evaluate(m, rate(m, 0.2));
  double least_base = 1;
  double least_rl = 1;
  for (std::size_t i = 0; i < c.reward.size(); ++i) {
    // I_delta(x) = I(x) - a x + Lambda(a), Lambda(a) = a rho - rate
    const double wanted = c.base[i] - r.limits->alpha * (c.reward[i] - r.limits->reward_per_token) - 0.2;
    CHECK_THAT(c.kl_rl[i], WithinAbs(wanted, 1e-12));
    if (c.reward[i] >= r.limits->reward_per_token)
      CHECK_THAT(c.best_of_n[i], WithinAbs(c.base[i] - 0.2, 1e-12));
    else
      CHECK(std::isinf(c.best_of_n[i]));
    least_base = std::min(least_base, c.base[i]);
    least_rl = std::min(least_rl, c.kl_rl[i]);
  }
  CHECK(least_base < 1e-12);
  CHECK(least_rl < 1e-12);
}

TEST_CASE("the exact rates of the same events tend to the rate functions as n grows") {
  double last_base = 1;
  for (const std::int64_t n : {50LL, 500LL, 50000LL, 5000000LL}) {
    const Tokens m = test::sequence(three, n);
    const RateCurves c = rate_curves(m, rate(m, 0.2), 20, 10);
    double worst_base = 0;
    for (std::size_t i = 0; i < c.exact_base.reward.size(); ++i) {
      const double x = c.exact_base.reward[i];
      // At this event's own tilt, for an exact comparison.
      const bool upper = x > c.mean_base;
      const TokenLaw law = upper ? m.token : reflected(m.token);
      const double y = (((upper ? DoubleDouble(x) : DoubleDouble(-x)) - law.base) / law.unit).value();
      double lo = 0;
      double hi = 60;
      for (int k = 0; k < 100; ++k) {
        const double b = (lo + hi) / 2;
        (tilt_at(law, b).mean.value() < y ? lo : hi) = b;
      }
      const double rate_at = tilt_at(law, lo).kl.value();
      CHECK(c.exact_base.rate[i] >= rate_at - 1e-9);  // Chernoff's bound
      worst_base = std::max(worst_base, c.exact_base.rate[i] - rate_at);
    }
    CHECK(worst_base < last_base);
    last_base = worst_base;
    // Above KL-RL's mean best-of-N's rate is the base's less the budget's, up to the union bound.
    std::size_t k = 0;
    for (std::size_t i = 0; i < c.exact_best_of_n.reward.size(); ++i) {
      while (c.exact_base.reward[k] != c.exact_best_of_n.reward[i]) ++k;
      const double wanted = std::max(0.0, c.exact_base.rate[k] - 0.2);
      CHECK(c.exact_best_of_n.rate[i] >= wanted - 1e-12);
      CHECK(c.exact_best_of_n.rate[i] <= wanted + 1.0 / static_cast<double>(n));
    }
  }
  CHECK(last_base < 1e-5);
}

TEST_CASE("cumulants: exact at n for the base and KL-RL, within (log n)/n of the limit for best-of-N") {
  const Tokens m = test::sequence(three, 200);
  const Budget budget = rate(m, 0.2);
  const CumulantCurves c = cumulant_curves(m, budget, 61);
  CHECK(c.exact_length == 200);
  const RewardLaw listed = listed_law(m, tilt_at(m.token, 0));
  const Policy base = base_policy(listed);
  for (std::size_t i = 0; i < c.t.size(); ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < listed.size(); ++j) sum += base.mass[j] * std::exp(c.t[i] * listed.offset[j]);
    CHECK_THAT(c.base[i], WithinAbs(std::log(sum) / 200, 1e-12));
    CHECK(std::fabs(c.exact_best_of_n[i] - c.best_of_n[i]) < 0.03);
    if (c.t[i] == 0) CHECK_THAT(c.exact_best_of_n[i], WithinAbs(0, 1e-12));
  }
}

TEST_CASE("Renyi cross entropy gives back the cumulants and falls with its order") {
  const Tokens m = test::sequence(three, 30);
  const RenyiCurve c = renyi_curve(m, rate(m, 0.2), three.p, three.reward, 81);
  // q as a distribution over the tokens, H by its definition
  const std::vector<double> ones{1, 1, 1};
  const RenyiCurve over = renyi_curve(m, rate(m, 0.2), ones, three.reward, 81);
  const double z = 1 + std::exp(1.0) + std::exp(3.0);
  CHECK_THAT(over.log_normaliser, WithinRel(std::log(z), 1e-14));
  for (std::size_t i = 0; i < over.order.size(); ++i) {
    const double s = over.order[i];
    if (std::fabs(s - 1) < 1e-9) continue;
    double sum = 0;
    for (std::size_t k = 0; k < 3; ++k) sum += three.p[k] * std::pow(std::exp(three.reward[k]) / z, s - 1);
    CHECK_THAT(over.cross_entropy[i], WithinRel(std::log(sum) / (1 - s), 1e-12));
    if (i > 0) CHECK(over.cross_entropy[i] < over.cross_entropy[i - 1]);
  }
  double shannon = 0;
  for (std::size_t k = 0; k < 3; ++k) shannon -= three.p[k] * std::log(std::exp(three.reward[k]) / z);
  CHECK_THAT(over.at_one, WithinRel(shannon, 1e-14));
  CHECK_THAT(c.kl_forward + c.kl_reverse, WithinRel(c.jeffreys, 1e-12));
}

TEST_CASE("KL(KL-RL || best-of-N) explodes at its exponent while the other direction stays small") {
  const Tokens m = test::sequence(three, 30);
  const DirectionCurves c = direction_curves(m, rate(m, 0.2), 20);
  REQUIRE(c.length.size() > 10);
  const std::size_t last = c.length.size() - 1;
  const double slope =
      (c.log10_reverse[last] - c.log10_reverse[last - 4]) * std::log(10.0) / (c.length[last] - c.length[last - 4]);
  CHECK_THAT(slope, WithinRel(c.exponent, 0.02));
  CHECK(c.forward[last] < 5);
  for (std::size_t i = 0; i < c.length.size(); ++i) {
    Tokens at = m;
    at.length = static_cast<std::int64_t>(c.length[i]);
    CHECK_THAT(c.forward[i], WithinRel(evaluate(at, rate(at, 0.2)).best_of_n.kl_to_kl_rl, 1e-9));
  }
}

TEST_CASE("with N fixed the gain ratio tends to that of a normal law; with N = e^(n rate) to 1") {
  const Tokens m = test::sequence(three, 1);
  for (const auto& [n, limit] : {std::pair{2.0, 0.9077}, {4.0, 0.9125}, {16.0, 0.9218}, {256.0, 0.9372}}) {
    const FixedNCurves c = fixed_n_curves(m, make_budget("n", n, m), 10);
    CHECK_THAT(c.limit, WithinAbs(limit, 5e-5));
    CHECK_THAT(c.fixed.back(), WithinAbs(c.limit, 2e-4));
    CHECK_THAT(c.growing.back(), WithinAbs(1, 1e-6));
  }
}

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
  // Linear rewards see the shares alone: 30 of them earn what the report says.
  const std::size_t here = s->best_of_n.first.size() - 1;
  CHECK(s->length == 30);
  CHECK_THAT(30 * (s->best_of_n.second[here] + 3 * s->best_of_n.third[here]),
             WithinRel(evaluate(m, rate(m, 0.2)).best_of_n.reward, 1e-10));
  CHECK_FALSE(simplex(test::sequence({{0.5, 0.5}, {0, 1}}, 3), Budget{0.1}, 10).has_value());
}
