#include "laws/finite.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

using namespace tiltlab;
using Catch::Matchers::WithinRel;

namespace {
TokenLaw token(const std::vector<double>& p, const std::vector<double>& reward) {
  return make_token_law(p, reward, {}, false, "model.outcomes");
}
}  // namespace

TEST_CASE("a finite law merges outcomes of equal reward and drops those of probability 0") {
  const TokenLaw t = token({0.1, 0.2, 0.3, 0.25, 0.15, 0.0}, {1, 2, 2, 0, 2, 9});
  const RewardLaw law = finite_law(t);
  REQUIRE(law.size() == 3);
  CHECK_THAT(std::exp(law.log_mass[0]), WithinRel(0.25, 1e-15));
  CHECK_THAT(std::exp(law.log_mass[1]), WithinRel(0.1, 1e-15));
  CHECK_THAT(std::exp(law.log_mass[2]), WithinRel(0.65, 1e-15));
  CHECK_THAT(std::exp(law.log_above[0]), WithinRel(0.75, 1e-15));
  CHECK(law.log_above[2] == -HUGE_VAL);
  CHECK(law.below[0] == 0);
  CHECK_THAT(law.below[2], WithinRel(0.35, 1e-15));
}
