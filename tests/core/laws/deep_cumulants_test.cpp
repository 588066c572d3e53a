#include "laws/deep_cumulants.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace tiltlab;
using Catch::Matchers::WithinRel;

namespace {

TokenLaw law_of(const std::vector<double>& p, const std::vector<double>& rewards) {
  return make_token_law(p, rewards, {}, true, "model.outcomes");
}

}  // namespace

TEST_CASE("cumulants of a law that is not deep are those of any law, to 31 digits") {
  const TokenLaw law = law_of({0.5, 1e-60, 0.3, 0.2, 1e-250}, {0, 0.7, 1, 3.25, 40});
  for (const double b : {0.0, 1e-3, 0.4, 3.0, 20.0, 400.0}) {
    const Cumulants expected = cumulants(law, b);
    const Cumulants found = deep_cumulants(law, b);
    INFO(b);
    CHECK(std::fabs((found.lambda - expected.lambda).value()) <= 1e-28 * std::max(1.0, expected.lambda.value()));
    CHECK(std::fabs((found.mean - expected.mean).value()) <= 1e-29 * law.step.back().value());
  }
}

TEST_CASE("levels that no double holds the probability of count by their logarithm") {
  TokenLaw law = law_of({0.75, 0.25, 1e-100}, {0, 1, 9});
  law.probability.back() = 0;
  law.p.back() = 0;
  law.log_p.back() = -2000;
  law.deep_cumulants = deep_cumulants;
  const double unit = law.unit.value();
  for (const double reward_tilt : {0.5, 100.0, 249.9, 250.1, 300.0}) {
    const double b = reward_tilt * unit;
    // Less the middle one's: 1 is where that is.
    const double low = std::log(3.0) - reward_tilt;
    const double high = -2000 - std::log(0.25) + 8 * reward_tilt;
    const double largest = std::max({0.0, low, high});
    const double z = std::exp(low - largest) + std::exp(-largest) + std::exp(high - largest);
    const Cumulants found = cumulants(law, b);
    CHECK_THAT(found.lambda.value(), WithinRel(std::log(0.25) + reward_tilt + largest + std::log(z), 1e-14));
    CHECK_THAT(found.mean.value() * unit, WithinRel((std::exp(-largest) + 9 * std::exp(high - largest)) / z, 1e-12));
  }
}
