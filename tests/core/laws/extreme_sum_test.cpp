#include "laws/extreme_sum.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "laws/chain_sums.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinRel;

TEST_CASE("the least and the largest sum are the ends of the list, with their probabilities") {
  for (const std::vector<double>& transition : {std::vector<double>{0.8, 0.1, 0.1, 0.3, 0.4, 0.3, 0.25, 0.25, 0.5},
                                                std::vector<double>{0, 0.5, 0.5, 1, 0, 0, 1, 0, 0}}) {
    const MarkovLaw law =
        make_markov_law(std::vector<double>{0.7, 0.2, 0.1}, transition, std::vector<double>{1, 0, 3}, 1);
    for (const std::int64_t length : {1, 2, 7, 40}) {
      CAPTURE(length);
      const ChainSums sums = chain_sums(law, length);
      const auto [least, log_least] = extreme_sum(law, length, -1);
      const auto [largest, log_largest] = extreme_sum(law, length, 1);
      CHECK(least == sums.lattice.front());
      CHECK(largest == sums.lattice.back());
      CHECK_THAT(std::exp(log_least), WithinRel(sums.p.front(), 1e-12));
      CHECK_THAT(std::exp(log_largest), WithinRel(sums.p.back(), 1e-12));
    }
  }
}
