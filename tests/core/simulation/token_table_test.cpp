#include "simulation/token_table.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "simulation/philox.hpp"
#include "simulation/philox_words.hpp"
#include "support.hpp"

using namespace tiltlab;

TEST_CASE("a table draws each token as often as its weight, from half words and whole ones") {
  test::Random random(8);
  for (const std::size_t size : {1, 2, 5, 8, 200, 256, 257, 3000}) {
    std::vector<double> weights;
    double total = 0;
    for (std::size_t i = 0; i < size; ++i) {
      weights.push_back(i % 7 == 3 ? 0 : std::pow(random.uniform(), 3) + 1e-4);
      total += weights.back();
    }
    const TokenTable table(weights);
    std::vector<double> count(size, 0);
    constexpr std::int64_t length = 4000000;
    table.draw(11, StreamOf::base, 0, 0, length, [&](std::size_t k, int) { ++count[table.token(k)]; });
    double chi2 = 0;
    double degrees = -1;
    for (std::size_t i = 0; i < size; ++i) {
      const double expected = weights[i] / total * static_cast<double>(length);
      if (weights[i] == 0) {
        CHECK(count[i] == 0);
        continue;
      }
      chi2 += (count[i] - expected) * (count[i] - expected) / expected;
      ++degrees;
    }
    CAPTURE(size, chi2, degrees);
    CHECK(chi2 <= degrees + 4 * std::sqrt(2 * degrees));
  }
}
