#include "simulation/alias.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "simulation/drafts.hpp"
#include "simulation/philox.hpp"

using namespace tiltlab;

TEST_CASE("an alias table draws each index by its weight, and none of weight 0") {
  const std::vector<double> weights{1, 0, 2, 5, 0.5, 0};
  const AliasTable table(weights);
  std::vector<double> seen(weights.size());
  RandomStream stream(3, StreamOf::base, 0, 0);
  constexpr int count = 200000;
  for (int i = 0; i < count; ++i) seen[table.at(stream.uniform())] += 1;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double share = weights[i] / 8.5;
    CHECK(std::fabs(seen[i] / count - share) <= 5 * std::sqrt(share * (1 - share) / count));
  }
}
