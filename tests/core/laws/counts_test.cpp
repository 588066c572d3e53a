#include "laws/counts.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "laws/finite.hpp"
#include "laws/inversion.hpp"
#include "laws/memoryless.hpp"
#include "policies/best_of_n.hpp"
#include "policies/kl_rl.hpp"
#include "report/curves.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {
constexpr double root_2 = 1.4142135623730951;
constexpr double root_5 = 2.23606797749979;

double log_mass(const RewardLaw& law, std::size_t j) { return law.log_mass[j] - law.log_scale.value(); }
double log_above(const RewardLaw& law, std::size_t j) { return law.log_above[j] - law.log_scale.value(); }
}  // namespace

TEST_CASE("counting tokens and adding them up give the same law of a sum, tails and all") {
  test::Random random(31);
  for (int i = 0; i < 200; ++i) {
    const test::Alphabet a = test::random_alphabet(random, 4);
    const std::int64_t length = random.integer(2, 12);
    const Tokens m = test::sequence(a, length);
    const RewardLaw added = convolved_law(m.token, length, tilt_at(m.token, 0));
    const TokenTilt tilt = tilt_at(m.token, 0.2 * random.uniform());
    const RewardLaw counted = counted_law(m.token, length, tilt, std::nullopt, 1e6).value();
    REQUIRE(counted.size() == added.size());
    for (std::size_t j = 0; j < added.size(); ++j) {
      CHECK_THAT(log_mass(counted, j), WithinAbs(log_mass(added, j), 1e-12 * (1 + std::fabs(log_mass(added, j)))));
      if (j + 1 < added.size())
        CHECK_THAT(log_above(counted, j), WithinAbs(log_above(added, j), 1e-12 * (1 + std::fabs(log_above(added, j)))));
    }
    CHECK(counted.complete);
  }
}

TEST_CASE("a window of counts holds the levels of the whole list, however deep the tilt") {
  const Tokens m = test::sequence({{0.5, 0.4, 0.1}, {0, 1, root_5}}, 60);
  for (const double rate : {0.05, 0.4, 1.2, 2.0}) {
    const TokenTilt tilt = solve_tilt(m.token, rate);
    const RewardLaw all = counted_law(m.token, 60, tilt, std::nullopt, 1e6).value();
    const RewardLaw part = counted_law(m.token, 60, tilt, Reach{-12 / tilt.b, 40 / tilt.b}, 1e6).value();
    CHECK(part.size() < all.size());
    CHECK_FALSE(part.complete);
    const DoubleDouble log_n = DoubleDouble(60) * DoubleDouble(rate);
    const Metrics wanted = metrics(all, best_of_n(all, log_n));
    const Metrics found = metrics(part, best_of_n(part, log_n));
    CHECK_THAT(found.offset.value(), WithinAbs(wanted.offset.value(), 1e-12));
    CHECK_THAT(found.kl, WithinRel(wanted.kl, 1e-13));
  }
}

TEST_CASE("sums that differ in the thirtieth digit are told apart, equal ones merged") {
  // 1e300, 0 and 7e271 beside -1e300: 29 digits between them.
  const Tokens m = test::sequence({{0.4, 0.3, 0.3}, {-1e300, 0, 7e271}}, 5);
  CHECK(count_sums(m.token, 5, 1e6).value() == 21);
  // Two thirds and one third, as decimals of 17 digits, tie where their counts say so.
  const Tokens thirds = test::sequence({{0.4, 0.3, 0.2, 0.1}, {0, 0.1234567890123456, 0.2469135780246912, 1}}, 4);
  const auto counted = counted_law(thirds.token, 4, tilt_at(thirds.token, 0), std::nullopt, 1e6);
  CHECK(static_cast<double>(counted->size()) < count_types(thirds.token, 4));
  CHECK(count_sums(test::sequence({{0.5, 0.3, 0.2}, {0, 1, root_2}}, 12).token, 12, 1e6).value() == 91);
}

TEST_CASE("a spectrum of several lobes inverts to the law that one FFT over all levels gives") {
  // Jumps of 300 and steps of 1: lobes at every multiple of 2 pi / 300.
  const Tokens m = test::sequence({{0.6, 0.39, 0.01}, {0, 1, 300}}, 400);
  for (const double b : {0.0, 0.004}) {
    const InversionToken t = inversion_token(m.token, tilt_at(m.token, b));
    const auto center = static_cast<std::int64_t>(std::llround(400 * t.mean.value()));
    const Window w = chernoff_window(t, 400, center);
    const auto count = static_cast<std::size_t>(w.last - w.first + 1);
    const Inversion whole = invert_window(t, 400, center, w.first, count);
    const std::int64_t period = 2 * (w.last - w.first) + 3;
    const auto spectrum = significant_spectrum(t, 400, period, 50, 1e6);
    REQUIRE(spectrum);
    CHECK(spectrum->lines.size() < static_cast<std::size_t>(period / 2));
    const OffsetGrid grid{w.first, 7, count / 7};
    const Inversion found = invert_spectrum(t, *spectrum, 400, center, w.last - w.first, grid);
    for (std::size_t j = 0; j < grid.count; ++j) {
      CHECK(std::fabs(found.mass[j] - whole.mass[7 * j]) <= found.mass_error + whole.mass_error);
      CHECK(std::fabs(found.above[j] - whole.above[7 * j]) <= found.above_error + whole.above_error + 1e-15);
    }
  }
}

TEST_CASE("a window reaches every jump that is not out of the question") {
  const Tokens m = test::sequence({{0.4999999999, 0.5, 1e-10}, {0, 1, 10000}}, 1000);
  const InversionToken t = inversion_token(m.token, tilt_at(m.token, 0));
  const Window w = chernoff_window(t, 1000, 500);
  // One jump has probability 1e-7, two 5e-15, three e^-49 beside.
  CHECK(w.last > 20000);
  CHECK(w.last < 40000);
}

TEST_CASE("waves of a lattice are the leading term of its correction, b^2 / 24, and none stands where rewards mix") {
  const Tokens lattice = test::sequence({{0.5, 0.3, 0.2}, {0, 1, 3}}, 100000);
  const InversionToken t = inversion_token(lattice.token, tilt_at(lattice.token, 0.3));
  CHECK_THAT(waves_of(t, 1e5, 0.1, t.b).second, WithinRel(0.09 / 24, 0.02));
  const TokenLaw mixed = test::sequence({{0.2, 0.2, 0.2, 0.2, 0.2}, {0, 1, root_2, root_5, 3.3}}, 1000).token;
  const TokenLaw fine = on_rounded_lattice(mixed, mixed.p, std::int64_t{1} << 31);
  const InversionToken smooth =
      smooth_inversion_token(fine, tilt_at(fine, 0.5 * (fine.unit / mixed.unit).value()), 1000);
  CHECK(waves_of(smooth, 1000, lobe_edge_of(smooth, 1000).value(), smooth.b).second < 1e-4);
}

TEST_CASE("a length that no method holds is a gap in the curve, and the others stand") {
  const Tokens m = test::sequence({{0.5, 0.25, 0.15, 0.1}, {0, 1, 2, 3.0001}}, 50);
  const GapCurve curve = gap_curve(m, make_budget("kl_per_token", 0.1, m), 60);
  int known = 0;
  for (const double x : curve.gap) known += std::isfinite(x) ? 1 : 0;
  CHECK(known > 20);
  CHECK(curve.gap.front() > 0);
  CHECK(curve.gap_sharp.back() > 0);
}

TEST_CASE("rewards of any size keep the digits of those near the largest") {
  for (const double far : {-1e3, -1e13, -1e17, -1e20}) {
    const Tokens m = test::finite({{0.3, 0.4, 0.3}, {far, 0, 1}});
    const Report r = evaluate(m, make_budget("kl", 1, m));
    // Deep enough that the far one has no weight: two levels of .4 and .3.
    CHECK_THAT(r.kl_rl.reward, WithinAbs(0.9527369912, 2e-4));
    CHECK(r.kl_rl.reward_sd > 0.2);
    CHECK(r.gap.reward >= r.gap.reward_at_bon_kl);
  }
}

TEST_CASE("how often KL-RL loses to the base is the same by counts of tokens as by the listed law") {
  const Tokens m = test::sequence({{0.5, 0.4, 0.1}, {0, 1, root_5}}, 40);
  const RewardLaw law = counted_law(m.token, 40, tilt_at(m.token, 0), std::nullopt, 1e6).value();
  for (const double rate : {1e-6, 0.01, 0.3, 1.0}) {
    const TokenTilt tilt = solve_tilt(m.token, rate);
    const double wanted = 1 - metrics(law, kl_rl(law, tilt.b)).win_rate;
    CHECK_THAT(kl_rl_loss(m, tilt).value, WithinAbs(wanted, 1e-12));
  }
}
