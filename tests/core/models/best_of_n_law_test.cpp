#include "models/best_of_n_law.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <tuple>
#include <utility>

#include "error.hpp"
#include "models/moved_rewards.hpp"
#include "numerics/log_domain.hpp"
#include "policies/best_of_n.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::Contains;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

double total(const RewardLaw& law, const Metrics& m) {
  return (law.base + law.unit * (law.center + DoubleDouble(m.offset))).value();
}
BestOfNLaw law_at(const Tokens& m, double log_n) {
  return best_of_n_law(m, log_n, solve_tilt(m.token, DoubleDouble(log_n) / from_integer(m.length)));
}

/** Best-of-N of sums that are listed one by one, tokens of any rewards: for the few that short sequences have. */
struct Listed {
  double reward = 0;
  double kl = 0;
  double win_rate = 0;
};
Listed listed(const test::Alphabet& a, int length, double n) {
  std::vector<std::pair<double, double>> sums{{0, 1}};
  for (int k = 0; k < length; ++k) {
    std::vector<std::pair<double, double>> next;
    for (const auto& [sum, p] : sums) {
      for (std::size_t i = 0; i < a.p.size(); ++i) next.emplace_back(sum + a.reward[i], p * a.p[i]);
    }
    std::sort(next.begin(), next.end());
    sums.clear();
    for (const auto& [sum, p] : next) {
      if (!sums.empty() && sum - sums.back().first < 1e-9) {
        sums.back().second += p;
      } else {
        sums.emplace_back(sum, p);
      }
    }
  }
  Listed out;
  double below = 0;
  for (const auto& [sum, p] : sums) {
    const double mass = std::pow(std::min(1.0, below + p), n) - std::pow(below, n);
    out.reward += mass * sum;
    if (mass > 0) out.kl += mass * std::log(mass / p);
    out.win_rate += mass * (below + p / 2);
    below += p;
  }
  return out;
}

}  // namespace

TEST_CASE("the inverted law and the direct convolution give the same best-of-N within the stated bound: 2,000 models") {
  test::Random random(11);
  int lobes = 0;
  double worst = 0;
  for (int i = 0; i < 2000; ++i) {
    const test::Alphabet a = test::random_alphabet(random, 8);
    const std::int64_t length = random.integer(1, 60);
    const Tokens m = test::sequence(a, length);
    if (m.token.size() < 2) continue;
    const double most = (kl_max(m.token) * from_integer(length)).value();
    // Depths that a direct law in plain doubles can still carry.
    const double depth = std::min(300.0, most * 1.2) * random.uniform();
    const TokenTilt tilt = solve_tilt(m.token, DoubleDouble(depth) / from_integer(length));
    const BestOfNOutcome inverted = best_of_n_outcome(m, depth, tilt);
    const RewardLaw law = test::added_law(m.token, length);
    const Metrics wanted = metrics(law, best_of_n(law, depth));
    const BestOfNLaw::Errors& errors = inverted.errors;
    INFO("model " << i << " length " << length << " depth " << depth << " errors " << errors.reward << " "
                  << errors.kl);
    // What the direct sums themselves lose in a length of additions.
    const double slack = 1e-14 * static_cast<double>(length + 10);
    const double reward = total(law, wanted);
    CHECK(std::fabs(inverted.reward.value() - reward) <= errors.reward + slack * std::max(1.0, std::fabs(reward)));
    INFO("kl error " << std::fabs(inverted.kl - wanted.kl) / std::max(1.0, wanted.kl) << " complete "
                     << inverted.at->law.complete);
    CHECK(std::fabs(inverted.kl - wanted.kl) <= errors.kl + slack * std::max(1.0, wanted.kl));
    CHECK(std::fabs(inverted.win_rate - wanted.win_rate) <= errors.win_rate + slack);
    // The direct sums cancel in squares far from 0; the inverted ones are taken from the heaviest level.
    const double sd = wanted.offset_sd * law.unit.value();
    CHECK(std::fabs(inverted.sd - sd) <= errors.reward_sd + std::sqrt(slack) * std::max(1.0, sd));
    worst = std::max(worst, std::fabs(inverted.reward.value() - reward) /
                                (errors.reward + slack * std::max(1.0, std::fabs(reward))));
    if (inverted.at && !inverted.at->law.complete) ++lobes;
  }
  CHECK(lobes > 1000);
  CHECK(worst < 1);
}

TEST_CASE("rewards without a lattice: the law is that of a list of all sums") {
  test::Random random(71);
  for (int i = 0; i < 60; ++i) {
    test::Alphabet a = test::random_alphabet(random, 4);
    for (double& r : a.reward) r += std::sqrt(random.uniform());
    const int length = static_cast<int>(random.integer(1, 7));
    const Tokens m = test::sequence(a, length);
    if (m.token.size() < 3) continue;
    REQUIRE(m.token.lattice.empty());
    for (const double n : {1.3, 4.0, 60.0}) {
      const BestOfNLaw found = law_at(m, std::log(n));
      const Listed wanted = listed(a, length, n);
      INFO(i << " length " << length << " n " << n);
      CHECK_THAT(total(found.law, found.metrics), WithinAbs(wanted.reward, 1e-11));
      CHECK_THAT(found.metrics.kl, WithinAbs(wanted.kl, 1e-11));
      CHECK_THAT(found.metrics.win_rate, WithinAbs(wanted.win_rate, 1e-11));
      CHECK(found.note.empty());
    }
  }
}

TEST_CASE("what is shared from law to law changes none of them") {
  const Tokens m = test::sequence({{0.5, 0.3, 0.2}, {0, 1, 3}}, 50);
  Workbench bench;
  double work = 0;
  for (const double log_n : {0.5, 1.9, 2.5, 10.0, 60.0, 30.0, 1.0}) {
    const TokenTilt tilt = solve_tilt(m.token, log_n / 50);
    // A tilt of its own: what the bench keeps of another must not be taken.
    bench.tilted.reset();
    const BestOfNLaw shared = best_of_n_law(m, log_n, tilt, &bench);
    const BestOfNLaw own = best_of_n_law(m, log_n, tilt);
    INFO(log_n);
    CHECK_THAT(total(shared.law, shared.metrics), WithinRel(total(own.law, own.metrics), 1e-12));
    CHECK_THAT(shared.metrics.kl, WithinRel(own.metrics.kl, 1e-11));
    CHECK(bench.work > work);
    work = bench.work;
  }
}

TEST_CASE("past what the rewards can tell best-of-N is the best sequence alone") {
  const Tokens m = test::sequence({{0.5, 0.3, 0.2}, {0, 1, 3}}, 50);
  const double whole = 50 * std::log(5.0);
  const BestOfNLaw alone = law_at(m, whole + certain_depth + 1);
  REQUIRE(alone.law.size() == 1);
  CHECK_THAT(total(alone.law, alone.metrics), WithinRel(150.0, 1e-14));
  CHECK_THAT(alone.metrics.kl, WithinRel(whole, 1e-13));
  CHECK_THAT(alone.metrics.win_rate, WithinRel(1.0, 1e-15));
  // Of one reward there is nothing else.
  const BestOfNLaw constant = law_at(test::sequence({{1}, {2.5}}, 7), 2);
  CHECK_THAT(total(constant.law, constant.metrics), WithinRel(17.5, 1e-15));
  // Just before, the others still have a law.
  CHECK(law_at(m, whole + certain_depth - 1).law.size() > 1);
  const RewardLaw top = top_alone(test::sequence({{0.6, 0.4}, {-1, 2}}, 3), -3 * std::log(0.4));
  CHECK_THAT(total(top, metrics(top, best_of_n(top, 1))), WithinRel(6.0, 1e-15));
  CHECK_THAT(1 - top.below.front(), WithinRel(std::pow(0.4, 3), 1e-14));
}

TEST_CASE("a law that ends where best-of-N is says nothing of what lies above, and errors of tails are errors of all") {
  RewardLaw law = test::added_law(test::sequence({{0.5, 0.3, 0.2}, {0, 1, 3}}, 5).token, 5);
  const BestOfNLaw exact = best_of_n_on(law, std::log(4.0));
  CHECK(exact.errors.reward == 0);
  CHECK(exact.errors.kl == 0);
  law.to_top = false;
  CHECK(std::isinf(best_of_n_on(law, std::log(4.0)).errors.reward));
  CHECK(std::isinf(best_of_n_on(law, std::log(4.0)).errors.kl));
  law.to_top = true;
  law.log_error.assign(law.size(), std::log(1e-9));
  const BestOfNLaw unsure = best_of_n_on(law, std::log(4.0));
  // Moved by so much at one level, best-of-N's numbers move by less than it says.
  RewardLaw moved = law;
  for (double& above : moved.log_above) {
    if (above > -1.5 && above < -0.2) above = std::log(std::exp(above) + 1e-9);
  }
  for (std::size_t j = 1; j < moved.size(); ++j)
    moved.log_mass[j] = std::log(std::exp(moved.log_above[j - 1]) - std::exp(moved.log_above[j]));
  const BestOfNLaw other = best_of_n_on(moved, std::log(4.0));
  const double changed = std::fabs(total(other.law, other.metrics) - total(exact.law, exact.metrics));
  CHECK(changed > 0);
  CHECK(changed <= unsure.errors.reward);
  CHECK(std::fabs(other.metrics.kl - exact.metrics.kl) <= unsure.errors.kl);
}

TEST_CASE("the longest length whose sums are listed quickly, and that all of them are") {
  const Tokens m = test::sequence({{0.5, 0.3, 0.2}, {0, 1, 3}}, 100000);
  std::int64_t last = 0;
  for (const double cost : {1e2, 1e4, 1e6, 1e8}) {
    const std::int64_t length = listable_length(m, cost);
    INFO(cost);
    CHECK(length > last);
    CHECK(length < 100000);
    last = length;
  }
  CHECK(listable_length(test::sequence({{0.5, 0.5}, {0, 1}}, 10), 1e6) == 10);
  CHECK(listable_length(m, 0) == 1);
  for (const bool lattice : {true, false}) {
    const Tokens some = test::sequence({{0.5, 0.3, 0.2}, {0, 1, lattice ? 3 : std::sqrt(5.0)}}, 12);
    const RewardLaw law = listed_law(some, tilt_at(some.token, 0));
    INFO(lattice);
    CHECK(law.complete);
    // Sums 0 to 36 without 35, or as many as there are counts of three tokens.
    CHECK(law.size() == (lattice ? 36 : 91));
    double mass = 0;
    for (const double x : law.log_mass) mass += std::exp(x - law.log_scale.value());
    CHECK_THAT(mass, WithinAbs(1, 1e-12));
  }
}

TEST_CASE("sums on a long lattice that are taken for smooth keep that lattice") {
  // By convolution of all 4,603,301 levels in extended precision.
  constexpr double reward = 63.084859892548651;
  constexpr double kl = 3.174508083348482;
  constexpr double win_rate = 0.982803312456166;
  const Tokens m = memoryless_model(
      std::vector{0.02469, 0.009234, 0.05528, 0.021894, 0.036305, 0.00336,  0.043044, 0.012095, 0.083189, 0.094559,
                  0.08125, 0.047976, 0.06137, 0.082031, 0.057088, 0.009488, 0.014138, 0.090371, 0.087971, 0.084667},
      std::vector{0.5051,  -3.1948, 0.5009, -2.4103, 4.4312, 3.215,   -3.4471, 3.2939, -0.3308, -4.393,
                  -4.7754, 0.3729,  3.2996, 3.4533,  1.8092, -1.1924, 0.8566,  1.964,  2.1137,  2.1862},
      50, false, "model.tokens");
  const double log_n = std::log(64);
  const BestOfNLaw best = law_at(m, log_n);
  CHECK_THAT(total(best.law, best.metrics), WithinRel(reward, 1e-12));
  CHECK_THAT(best.metrics.kl, WithinRel(kl, 1e-12));
  CHECK_THAT(1 - kl_rl_loss(m, solve_tilt(m.token, DoubleDouble(log_n) / 50)).value, WithinRel(win_rate, 1e-12));
}

TEST_CASE("a lattice of many steps counts as none, and rewards that are moved keep their mean") {
  CHECK(is_fine(test::sequence({{0.5, 0.3, 0.2}, {0, 1, std::sqrt(2.0)}}, 3).token));
  CHECK(is_fine(test::sequence({{0.5, 0.3, 0.2}, {0, 1, 5000}}, 3).token));
  CHECK(!is_fine(test::sequence({{0.5, 0.3, 0.2}, {0, 1, 4000}}, 3).token));
  const Tokens m = test::sequence({{0.4, 0.3, 0.2, 0.1}, {0, 1, 2, 3.0001}}, 900);
  const std::vector<double> weights = tilted(m.token, 0.3 / m.token.position.back());
  for (const TokenLaw& moved : {moved_token(m, weights), smooth_lattice(m.token, weights)}) {
    double before = 0;
    double after = 0;
    std::size_t at = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      before += weights[i] * (m.token.base + m.token.unit * m.token.step[i]).value();
      after += weights[i] * (moved.base + moved.unit * moved.step[at++]).value();
    }
    CHECK_THAT(after, WithinAbs(before, 1e-12));
  }
  // Nearly on a lattice of three intervals, they are moved to that one.
  CHECK(moved_token(m, weights).lattice == std::vector<std::int64_t>{0, 1, 2, 3});
}

TEST_CASE("how often KL-RL loses is what all pairs of sums say, on a lattice and off one") {
  for (const auto& [a, length] : {std::pair{test::Alphabet{{0.5, 0.3, 0.2}, {0, 1, 3}}, 6},
                                  {test::Alphabet{{0.5, 0.3, 0.2}, {0, 1, 1 + std::sqrt(2.0)}}, 6},
                                  {test::Alphabet{{0.5, 0.3, 0.2}, {0, 1, 1 + std::sqrt(2.0)}}, 1}}) {
    const Tokens m = test::sequence(a, length);
    for (const double rate : {1e-6, 0.05, 0.8}) {
      const TokenTilt tilt = solve_tilt(m.token, rate);
      const double alpha = tilt.b / m.token.unit.value();
      double z = 0;
      for (std::size_t i = 0; i < 3; ++i) z += a.p[i] * std::exp(alpha * a.reward[i]);
      // Every pair of sequences
      std::vector<std::tuple<double, double, double>> all{{0, 1, 1}};
      for (int k = 0; k < length; ++k) {
        std::vector<std::tuple<double, double, double>> next;
        for (const auto& [sum, p, q] : all) {
          for (std::size_t i = 0; i < 3; ++i)
            next.emplace_back(sum + a.reward[i], p * a.p[i], q * a.p[i] * std::exp(alpha * a.reward[i]) / z);
        }
        all = std::move(next);
      }
      double loss = 0;
      for (const auto& [mine, p_mine, q] : all) {
        for (const auto& [other, p, q_other] : all)
          loss += q * p * (std::fabs(mine - other) < 1e-9 ? 0.5 : mine < other ? 1 : 0);
      }
      INFO("length " << length << " rate " << rate << " " << a.reward[2]);
      const LossOf found = kl_rl_loss(m, tilt);
      CHECK_THAT(found.value, WithinAbs(loss, found.error_bound + 1e-12));
      CHECK(found.error_bound < 1e-6);
    }
  }
  const Tokens m = test::sequence({{0.5, 0.3, 0.2}, {0, 1, 3}}, 4);
  CHECK(kl_rl_loss(m, tilt_at(m.token, 0)).value == 0.5);
  // Of the best sequence alone: half of the ties with itself.
  CHECK_THAT(kl_rl_loss(m, solve_tilt(m.token, 9)).value, WithinRel(std::pow(0.2, 4) / 2, 1e-13));
}

TEST_CASE("sums that no method can tell apart are moved to a lattice, and the note says by how much") {
  // Nearly 0, 1, 2, 3: too many sums to count, and by no means smooth.
  const Tokens m = test::sequence({{0.4, 0.3, 0.2, 0.1}, {0, 1, 2, 3.00001}}, 900);
  const Tokens near = test::sequence({{0.4, 0.3, 0.2, 0.1}, {0, 1, 2, 3}}, 900);
  for (const double log_n : {1.0, 5.0, 60.0}) {
    const BestOfNLaw found = law_at(m, log_n);
    const BestOfNLaw wanted = law_at(near, log_n);
    INFO(log_n);
    CHECK_THAT(found.note, Contains("with each token's reward moved by at most "));
    CHECK(wanted.note.empty());
    // No sum of 900 is farther from its neighbour than by what all tokens are moved.
    CHECK_THAT(total(found.law, found.metrics), WithinAbs(total(wanted.law, wanted.metrics), 900 * 1e-5));
    CHECK(std::fabs(total(found.law, found.metrics) - total(wanted.law, wanted.metrics)) > 1e-6);
    CHECK(found.errors.reward > 0);
    CHECK(found.errors.reward < 900 * 1e-5);
  }
}

TEST_CASE("a lattice that nearly holds the rewards, and that no window holds, gives way to one that is held") {
  const std::vector<double> p{0.98, 0.01393, 0.0001, 0.00597};
  const auto best = [&](double lowest, double rare, double kl) {
    const Tokens m = test::sequence({p, {lowest, 0, rare, 5}}, 30000);
    const DoubleDouble log_n = DoubleDouble(kl) * DoubleDouble(30000);
    const BestOfNLaw at = best_of_n_law(m, log_n, solve_tilt(m.token, DoubleDouble(kl)));
    return std::pair{total(at.law, at.metrics), at.errors.reward};
  };
  for (const double kl : {0.2, 0.69}) {
    // The best of drafts whose every token has less, and more.
    const auto [low, low_error] = best(-1.733, 0.577, kl);
    const auto [reward, error] = best(-1.7320508, 0.5772156649, kl);
    const auto [high, high_error] = best(-1.732, 0.578, kl);
    INFO(kl << ": " << low << ' ' << reward << " +- " << error << ' ' << high);
    CHECK(high - low < 40);
    CHECK(error < 40);
    CHECK(reward >= low - low_error - error);
    CHECK(reward <= high + high_error + error);
  }
}

TEST_CASE("long sums of rewards on no lattice, or nearly on one, are within their errors at few drafts") {
  // All compositions of 5,000 tokens with masses over e^-60, in 64-bit long doubles.
  struct Exact {
    double log_n, mean, sd, kl;
  };
  struct Case {
    test::Alphabet tokens;
    std::vector<Exact> exact;
  };
  const std::vector<Case> cases{{{{0.5, 0.3, 0.2}, {0, 0.3333333, 1}},
                                 {{0.05, 1501.1975789187943512, 26.383320776542827599, 0.0012294244855334440863},
                                  {0.3, 1506.917267808846018, 24.58502099702598667, 0.04081822017156876792},
                                  {1, 1520.9048658436816854, 20.576678903631540382, 0.3678794364032672819},
                                  {1.9, 1535.6028096347960902, 17.0217217966462117, 1.0495686049481414447},
                                  {2.5, 1543.9394445701166396, 15.31791808311147356, 1.582084976440188191},
                                  {4, 1561.4016801825915537, 12.442940056185686849, 3.0183155937355865322}}},
                                {{{0.5, 0.4, 0.1}, {0, 1, 2.23606797749979}},
                                 {{0.05, 3120.2960260833030843, 49.81960560323320387, 0.0012294247776633030912},
                                  {0.3, 3131.098037405729683, 46.416479496844122714, 0.040818219909648690262},
                                  {1, 3157.5069554176100937, 38.834213714895320865, 0.3678794340115882698},
                                  {1.9, 3185.2460628720387377, 32.113108080886962028, 1.0495685979565452222},
                                  {2.5, 3200.9749267260936973, 28.892958019229219108, 1.5820849657168545652},
                                  {4, 3233.9109489728050217, 23.460807772146273208, 3.0183155724873130634}}}};
  for (const Case& c : cases) {
    const Tokens m = memoryless_model(c.tokens.p, c.tokens.reward, 5000, false, "model.tokens");
    const double scale = std::ldexp(1.0, m.token.exponent);
    for (const Exact& e : c.exact) {
      CAPTURE(c.tokens.reward[1], e.log_n);
      const BestOfNLaw bon = law_at(m, e.log_n);
      CHECK_THAT(scale * total(bon.law, bon.metrics), WithinAbs(e.mean, scale * bon.errors.reward + 1e-12 * e.mean));
      CHECK_THAT(scale * bon.metrics.offset_sd * bon.law.unit.value(),
                 WithinAbs(e.sd, scale * bon.errors.reward_sd + 1e-12 * e.sd));
      CHECK_THAT(bon.metrics.kl, WithinAbs(e.kl, bon.errors.kl + 1e-15));
      CHECK(scale * bon.errors.reward < 2e-5);
      CHECK(bon.errors.kl < 1e-4);
    }
  }
}

TEST_CASE("next to one draft the error of a law is not more than its powers") {
  // F^N of a level that is nothing but error: once counted as N F^(N-1) dF, which is infinite where F is 0.
  for (const double log_n : {1e-4, 0.001, 0.0115}) {
    for (const auto& tokens : {test::Alphabet{{0.5, 0.4, 0.1}, {0, 1, 2.23606797749979}},
                               test::Alphabet{{0.4, 0.3, 0.2, 0.1}, {0, 1, 1.4142135623730951, 3.141592653589793}},
                               test::Alphabet{{0.25, 0.5, 0.25}, {-1, 0.1234567891, 1.7}}}) {
      CAPTURE(log_n, tokens.reward);
      const Tokens m = memoryless_model(tokens.p, tokens.reward, 5000, false, "model.tokens");
      const BestOfNLaw bon = law_at(m, log_n);
      CHECK(std::ldexp(bon.errors.reward, m.token.exponent) < 2e-6);
      CHECK(std::ldexp(bon.errors.reward_sd, m.token.exponent) < 4e-6);
    }
  }
}

TEST_CASE("few drafts of rare tokens earn what N P(r) says, however rare") {
  for (const double p : {5e-34, 1e-20, 1e-12, 1e-8}) {
    for (const double n : {22.0, 200.0, 3000.0}) {
      const Tokens m = memoryless_model(std::vector<double>{1, p}, std::vector<double>{0, 2}, n, true, "model.tokens");
      for (const double nats : {1e-5, 0.1, 1.0}) {
        CAPTURE(p, n, nats);
        const DoubleDouble log_n(nats);
        const BestOfNOutcome found = best_of(m, log_n, solve_tilt(m.token, log_n / DoubleDouble(n)));
        // 2 N n p, less what two steps at once have of it.
        CHECK_THAT(found.reward.value(), WithinRel(2 * n * p * std::exp(nats), 1e-13 + 10 * n * p));
      }
    }
  }
}

TEST_CASE("the win rate of the optimum of few rewards without a lattice is counted where all compositions are few") {
  // 23,426 of them, though the counts of each token by itself would make more than 10^5.
  const Tokens m = test::sequence({{0.5, 0.25, 0.15, 0.1}, {0, 1, 2, 3.0001}}, 50);
  const LossOf loss = kl_rl_loss(m, tilt_for(m, 5));
  CHECK(loss.error_bound < 1e-11);
}
