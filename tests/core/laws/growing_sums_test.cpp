#include "laws/growing_sums.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace tiltlab;
using Catch::Matchers::WithinRel;

namespace {

GrowingSums grown(const MarkovLaw& law, std::int64_t length, bool scaled) {
  GrowingSums sums(law, length, scaled);
  for (std::int64_t i = 0; i < length; ++i) sums.add_transition();
  return sums;
}

MarkovLaw coin(double p) {
  return make_markov_law(std::vector{1.0, 0.0}, std::vector{1 - p, p, 1 - p, p}, std::vector{0.0, 1.0}, 1);
}

}  // namespace

TEST_CASE("sums that no double's probability tells have all their digits beside a power of two") {
  constexpr std::int64_t length = 3000;
  for (const double p : {0.3, 0.5, 0.01}) {
    const GrowingSums sums = grown(coin(p), length, true);
    REQUIRE(sums.is_exact());
    REQUIRE(sums.size() == length + 1);
    double log_p = length * std::log1p(-p);
    for (std::size_t k = 0; k <= length; ++k) {
      const double found = std::log(sums.share(k)) + sums.power(k) * std::log(2.0);
      REQUIRE_THAT(found, WithinRel(log_p, 1e-11));
      const auto n = static_cast<double>(k);
      log_p += std::log((length - n) / (n + 1)) + std::log(p) - std::log1p(-p);
    }
  }
}

TEST_CASE("powers of two round nothing") {
  const MarkovLaw law =
      make_markov_law(std::vector{0.5, 0.25, 0.25}, std::vector{0.2, 0.3, 0.5, 0.6, 0.3, 0.1, 0.25, 0.5, 0.25},
                      std::vector{0.0, 7.0, 40.0}, 1);
  constexpr std::int64_t length = 60;
  const GrowingSums plain = grown(law, length, false);
  const GrowingSums scaled = grown(law, length, true);
  REQUIRE(scaled.is_exact());
  REQUIRE(plain.size() == scaled.size());
  double total = 0;
  for (std::size_t x = 0; x < plain.size(); ++x) {
    REQUIRE(std::ldexp(scaled.share(x), scaled.share(x) > 0 ? scaled.power(x) : 0) == plain.share(x));
    total += plain.share(x);
  }
  CHECK_THAT(total, WithinRel(1, 1e-14));
}

TEST_CASE("neighbours that are farther apart than a double's range are not told") {
  CHECK_FALSE(grown(coin(1e-100), 5, true).is_exact());
  CHECK_FALSE(grown(coin(1e-12), 300, true).is_exact());
}
