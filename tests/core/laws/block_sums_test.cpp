#include "laws/block_sums.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "laws/chain_sums.hpp"
#include "numerics/log_domain.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

const std::vector<double> rows{0.8, 0.1, 0.1, 0.3, 0.4, 0.3, 0.25, 0.25, 0.5};

MarkovLaw from(std::size_t state, const std::vector<double>& reward) {
  std::vector<double> initial(3, 0);
  initial[state] = 1;
  return make_markov_law(initial, rows, reward, 1);
}

}  // namespace

TEST_CASE("blocks from a state have the sums of the chain that begins there") {
  // On a lattice, on one so fine that counts are shorter, and on none.
  for (const std::vector<double>& reward :
       {std::vector<double>{0, 1, 3}, std::vector<double>{0.123456, 1, 3}, std::vector<double>{0, std::sqrt(2.0), 3}}) {
    for (const std::int64_t length : {1, 4, 9}) {
      for (std::size_t i = 0; i < 3; ++i) {
        CAPTURE(reward[0], reward[1], length, i);
        const MarkovLaw law = from(i, reward);
        const ChainSums sums = chain_sums(law, length);
        const BlockSums block = block_sums(law, length);
        REQUIRE(block.sums.size() == sums.p.size());
        CHECK_FALSE(block.is_cut);
        for (std::size_t x = 0; x < sums.p.size(); ++x) {
          CHECK_THAT(block.sums.p[x], WithinRel(sums.p[x], 1e-13));
          CHECK_THAT((block.least + block.sums.step[x] - sums.step[x]).value(), WithinAbs(0, 1e-20));
          CHECK_THAT(std::accumulate(block.end.begin() + 3 * x, block.end.begin() + 3 * x + 3, 0.0),
                     WithinAbs(1, 1e-14));
        }
      }
    }
  }
}

TEST_CASE("blocks end where the chain's power says, averaged over their sums") {
  const BlockSums block = block_sums(from(1, {0, 1, 3}), 2);
  for (std::size_t j = 0; j < 3; ++j) {
    double ends = 0;
    for (std::size_t x = 0; x < block.sums.size(); ++x) ends += block.sums.p[x] * block.end[3 * x + j];
    double power = 0;
    for (std::size_t l = 0; l < 3; ++l) power += rows[3 + l] * rows[3 * l + j];
    CHECK_THAT(ends, WithinAbs(power, 1e-15));
  }
}

TEST_CASE("what no list holds of a block is infinite work") {
  const MarkovLaw off =
      make_markov_law(std::vector<double>{1, 0}, std::vector<double>{0.5, 0.5, 0.5, 0.5},
                      std::vector<double>{std::sqrt(2.0), std::sqrt(3.0), std::sqrt(5.0), std::sqrt(7.0)}, 1);
  CHECK(block_listing_cost(off, 1000) == infinity);
  CHECK(block_listing_cost(off, 5) < 1e6);
}
