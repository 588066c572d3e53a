#include "laws/gold_lines.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "laws/finite.hpp"
#include "laws/memoryless.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;

namespace {

TokenLaw golden_token() {
  return make_token_law(std::vector<double>{.5, .3, .2}, std::vector<double>{0, 1, 3}, std::vector<double>{1, -2, .5},
                        false, "model.tokens");
}

}  // namespace

TEST_CASE("gold is parted into what the reward tells and a rest that it does not") {
  const TokenLaw token = golden_token();
  const InversionToken t = inversion_token(token, tilt_at(token, .4));
  REQUIRE(t.gold.size() == 3);
  double mean = 0;
  double shared = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    mean += t.weight[i] * t.gold[i];
    shared += t.weight[i] * t.gold[i] * t.centred[i];
    CHECK_THAT(t.gold_mean + t.gold_slope * t.centred[i] + t.gold[i], WithinAbs(token.gold[i], 1e-15));
  }
  CHECK_THAT(mean, WithinAbs(0, 1e-15));
  CHECK_THAT(shared, WithinAbs(0, 1e-15));
  // Two tokens leave no rest.
  const TokenLaw two = make_token_law(std::vector<double>{.7, .3}, std::vector<double>{0, 1}, std::vector<double>{4, 1},
                                      false, "model.tokens");
  CHECK(inversion_token(two, tilt_at(two, .4)).gold.empty());
}

TEST_CASE("every inversion finds the gold of each level that adding token after token does") {
  const TokenLaw token = golden_token();
  const TokenTilt tilt = tilt_at(token, .4);
  const InversionToken t = inversion_token(token, tilt);
  const std::int64_t n = 120;
  const RewardLaw exact = convolved_law(token, n, tilt);
  const std::int64_t center = std::llround(static_cast<double>(n) * t.mean.value());
  const OffsetGrid grid{-60, 1, 121};
  const auto spectrum = significant_spectrum(t, static_cast<double>(n), 1024, 45, 1e5);
  REQUIRE(spectrum);
  const auto edge = lobe_edge_of(t, n);
  REQUIRE(edge);
  const auto strided = [&] {
    Inversion every = invert_strided(t, *spectrum, n, center, 1, grid.first, 1);
    every.gold.resize(grid.count);
    return every;
  };
  for (const Inversion& by : {invert_lobe(t, n, center, *edge, grid), invert_spectrum(t, *spectrum, n, center, 1, grid),
                              strided(), invert_window(t, n, center, -256, 512)}) {
    REQUIRE_FALSE(by.gold.empty());
    const std::int64_t first = by.gold.size() == grid.count ? grid.first : -256;
    for (std::int64_t offset = -50; offset <= 50; ++offset) {
      const auto j = static_cast<std::size_t>(offset - first);
      const auto at = static_cast<double>(offset) + static_cast<double>(center);
      const double rest = by.gold[j] / by.mass[j];
      const double told =
          static_cast<double>(n) * t.gold_mean + t.gold_slope * (at - static_cast<double>(n) * t.mean.value());
      const auto level = static_cast<std::size_t>(center + offset);
      REQUIRE(exact.offset[level] == at);
      INFO("offset " << offset << ", mass " << by.mass[j]);
      CHECK_THAT(told + rest,
                 WithinAbs(exact.gold[level], 1e-12 + (by.gold_error + std::fabs(rest) * by.mass_error) / by.mass[j]));
      CHECK(by.gold_error < 1e-11);
    }
  }
}
