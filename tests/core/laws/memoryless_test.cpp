#include "laws/memoryless.hpp"

#include <catch2/catch.hpp>

#include "laws/attained.hpp"
#include "laws/finite.hpp"
#include "numerics/log_domain.hpp"
#include "policies/best_of_n.hpp"
#include "policies/kl_rl.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;

namespace {

/** The law of the sum by adding one token after another: no transform, all terms positive. */
RewardLaw direct_law(const TokenLaw& token, std::int64_t length) {
  std::vector<double> mass{1};
  for (std::int64_t i = 0; i < length; ++i) {
    std::vector<double> next(mass.size() + static_cast<std::size_t>(token.lattice.back()), 0);
    for (std::size_t s = 0; s < mass.size(); ++s) {
      for (std::size_t k = 0; k < token.size(); ++k)
        next[s + static_cast<std::size_t>(token.lattice[k])] += mass[s] * token.p[k];
    }
    mass = std::move(next);
  }
  RewardLaw law;
  law.base = token.base * from_integer(length);
  law.unit = token.unit;
  std::vector<double> above(mass.size() + 1, 0);
  for (std::size_t s = mass.size(); s-- > 0;) above[s] = above[s + 1] + mass[s];
  double below = 0;
  for (std::size_t s = 0; s < mass.size(); ++s) {
    if (mass[s] > 0) {
      law.offset.push_back(static_cast<double>(s));
      law.log_mass.push_back(std::log(mass[s]));
      law.log_above.push_back(std::log(above[s + 1]));
      law.below.push_back(below);
    }
    below += mass[s];
  }
  law.gold.assign(law.size(), 0);
  return law;
}

double total(const RewardLaw& law, const Metrics& m) {
  return (law.base + law.unit * (law.center + DoubleDouble(m.offset))).value();
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
    const RewardLaw law = direct_law(m.token, length);
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

TEST_CASE("lobe and window agree to their bounds at lengths where both hold: 2,000 models") {
  test::Random random(12);
  int compared = 0;
  double worst = 0;
  for (int i = 0; i < 2000; ++i) {
    const test::Alphabet a = test::random_alphabet(random, 6);
    const std::int64_t length = random.integer(60, 3000);
    const Tokens m = test::sequence(a, length);
    if (m.token.size() < 2) continue;
    const double rate = 0.6 * random.uniform() * kl_max(m.token).value();
    const InversionToken t = inversion_token(m.token, solve_tilt(m.token, rate));
    const double n = static_cast<double>(length);
    const auto edge = lobe_edge(t, n, 45 + std::log1p(std::sqrt(n * t.variance)));
    if (!edge) continue;
    const auto center = static_cast<std::int64_t>(std::llround(n * t.mean.value()));
    const Window w = chernoff_window(t, length, center);
    const Inversion window = invert_window(t, length, center, w.first, static_cast<std::size_t>(w.last - w.first + 1));
    const OffsetGrid grid{-20, 1, 41};
    const Inversion lobe = invert_lobe(t, length, center, *edge, grid);
    for (std::size_t j = 0; j < grid.count; ++j) {
      const std::int64_t k = grid.first + static_cast<std::int64_t>(j) - w.first;
      if (k < 0 || k >= static_cast<std::int64_t>(window.mass.size())) continue;
      worst = std::max(worst, std::fabs(lobe.mass[j] - window.mass[static_cast<std::size_t>(k)]) /
                                  (lobe.mass_error + window.mass_error));
    }
    ++compared;
  }
  CHECK(compared > 100);
  CHECK(worst < 1);
}

TEST_CASE(
    "how often KL-RL loses to the base: by its own inversion as by the listed law, at tilts down to nearly none") {
  const test::Alphabet a{{0.00978233527, 0.302224262, 0.5696866217095, 0.118227466, 7.93150205e-05},
                         {-12, -20, 35, -20, -7}};
  for (const std::int64_t length : {2, 7, 40}) {
    const Tokens m = test::sequence(a, length);
    const RewardLaw law = convolved_law(m.token, length, tilt_at(m.token, 0));
    for (const double b : {1e-7, 1e-4, 0.01, 0.1}) {
      const TokenTilt tilt = tilt_at(m.token, b);
      const double wanted = 1 - metrics(law, kl_rl(law, b)).win_rate;
      CHECK_THAT(kl_rl_loss(m, tilt).value, WithinAbs(wanted, 1e-12));
    }
  }
}

TEST_CASE("sums of rewards without a lattice are counted at every budget alike") {
  const Tokens m = test::sequence({{0.5, 0.3, 0.2}, {0, 1, 1.41421356237}}, 12);
  for (const double n : {1.0, 4.0}) CHECK(evaluate(m, make_budget("n", n, m)).model.levels == 91);
}

TEST_CASE("the number of sums that are attained is exact") {
  test::Random random(13);
  for (int i = 0; i < 400; ++i) {
    const test::Alphabet a = test::random_alphabet(random, 6);
    const std::int64_t length = random.integer(1, 40);
    const Tokens m = test::sequence(a, length);
    CHECK(count_levels(m.token, length).value() == static_cast<double>(direct_law(m.token, length).size()));
  }
}

TEST_CASE("a tilted sequence is the product of its token tilts: its KL and reward are n times the token's") {
  const Tokens one = test::finite({{0.5, 0.3, 0.2}, {0, 1, 3}});
  const Tokens many = test::sequence({{0.5, 0.3, 0.2}, {0, 1, 3}}, 1000);
  const Report token = evaluate(one, make_budget("kl", 0.2, one));
  const Report sequence = evaluate(many, make_budget("kl_per_token", 0.2, many));
  CHECK_THAT(sequence.kl_rl.reward, Catch::Matchers::WithinRel(1000 * token.kl_rl.reward, 1e-14));
  CHECK_THAT(sequence.kl_rl.alpha, Catch::Matchers::WithinRel(token.kl_rl.alpha, 1e-14));
}

TEST_CASE("rewards that nearly share a coarser lattice: the second lobe is seen") {
  const Tokens m = test::sequence({{0.899, 0.1, 0.001}, {0, 10, 1}}, 60);
  const RewardLaw law = direct_law(m.token, 60);
  const Metrics wanted = metrics(law, best_of_n(law, 5));
  const Report r = evaluate(m, make_budget("kl", 5, m));
  CHECK_THAT(r.best_of_n.reward, Catch::Matchers::WithinRel(total(law, wanted), 1e-12));
  CHECK_THAT(r.best_of_n.kl, WithinAbs(wanted.kl, 1e-11));
}

TEST_CASE("upper tails of an untilted law fall to nothing at its end: no image of the law stands above it") {
  const Tokens m = test::sequence({{0.5, 0.3, 0.2}, {0, 1, 3}}, 1000000);
  const RewardLaw law = memoryless_law(m.token, m.length, inversion_token(m.token, tilt_at(m.token, 0))).value();
  for (std::size_t j = 1; j < law.size(); ++j)
    CHECK(std::exp(law.log_above[j]) <= std::exp(law.log_above[j - 1]) + 1e-12);
  CHECK(std::exp(law.log_above.back()) < 1e-12);
}

TEST_CASE("lengths of a million and a billion, fixed N: best-of-N's law is as wide as sqrt n") {
  // Against the first-order limit E[max of 2 normals] = 1/sqrt(pi) standard deviations.
  for (const std::int64_t length : {1000000LL, 1000000000LL}) {
    const Tokens m = test::sequence({{0.5, 0.3, 0.2}, {0, 1, 3}}, length);
    const Report r = evaluate(m, make_budget("n", 2, m));
    const double gain = (r.best_of_n.reward - r.model.reward) / r.model.reward_sd;
    CHECK_THAT(gain, Catch::Matchers::WithinRel(1 / std::sqrt(3.14159265358979), 1e-6));
    CHECK_THAT(r.best_of_n.kl, WithinAbs(std::log(2.0) - 0.5, 2 / std::sqrt(static_cast<double>(length))));
    CHECK(r.error_bound < 1e-10);
  }
}

TEST_CASE("two rewards of any value are a lattice, and past saturation the best sequence is certain off one") {
  const Tokens two = test::sequence({{0.5, 0.5}, {0.1, 1.4142135623730951}}, 1000);
  CHECK(two.token.lattice.size() == 2);
  for (const double log_n : {600.0, 693.0, 879.0, 1e4}) {
    const Report r = evaluate(two, make_budget("log_n", log_n, two));
    CHECK(r.error_bound < 1e-10);
    CHECK(r.best_of_n.reward <= 1414.2135623730951 * (1 + 1e-14));
    // Two levels: best-of-N is a tilt for one token, and close to one for a thousand.
    CHECK(r.best_of_n.reward > 0.99 * r.kl_rl_at_bon_kl.reward);
  }
  const Tokens three = test::sequence({{0.5, 0.3, 0.2}, {0.1, 1.4142135623730951, 3.141592653589793}}, 700);
  const Report r = evaluate(three, make_budget("log_n", 10000, three));
  CHECK_THAT(r.best_of_n.reward, Catch::Matchers::WithinRel(700 * 3.141592653589793, 1e-14));
  CHECK_THAT(r.best_of_n.kl, Catch::Matchers::WithinRel(700 * std::log(5.0), 1e-12));
  CHECK(r.best_of_n.kl_to_kl_rl == 0);
}
