#include "laws/optimal_gain.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace tiltlab;
using Catch::Matchers::WithinRel;

namespace {

/** A binomial law's levels, or those with a square in between, which share no lattice. */
TokenLaw levels(int count, bool even) {
  std::vector<double> weight, reward;
  double log_w = 0;
  for (int k = 0; k < count; ++k) {
    weight.push_back(std::exp(log_w));
    reward.push_back(even ? k : k + 1e-3 * std::sqrt(k));
    log_w += std::log((count - 1.0 - k) / (k + 1.0));
    if (k + 1 == count) break;
  }
  return make_token_law(weight, reward, {}, true, "model.outcomes");
}

}  // namespace

TEST_CASE("what the optimum gains from one KL to another is the difference of two tilts' means") {
  for (const bool even : {true, false}) {
    const TokenLaw law = levels(200, even);
    const auto mean = [&](double nats) { return solve_tilt(law, nats).mean; };
    for (const double from : {0.0, 0.01, 0.2, 1.0, 8.0, 40.0, 100.0}) {
      for (const double more : {1e-3, 1.0, 30.0, 1000.0}) {
        const double told = (law.unit * (mean(from + more) - mean(from))).value();
        INFO(even << " " << from << " " << more);
        CHECK_THAT(optimal_gain(law, from, from + more),
                   WithinRel(told, 1e-13) || Catch::Matchers::WithinAbs(told, 1e-13));
      }
    }
  }
  const TokenLaw two = make_token_law(std::vector{0.5, 0.5}, std::vector{0.0, 1.0}, {}, false, "model.outcomes");
  CHECK(optimal_gain(two, 0, 1) == 0.5);
}
