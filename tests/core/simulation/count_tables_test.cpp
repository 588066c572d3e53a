#include "simulation/count_tables.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <tuple>

#include "simulation/binomial.hpp"
#include "simulation/philox.hpp"
#include "simulation/philox_words.hpp"

using namespace tiltlab;

TEST_CASE("counts from tables occur as often as binomial ones, whatever the number of trials") {
  // One, two and all four hexadecimal digits, with and without zeros among them.
  for (const auto& [most, n, p] : {std::tuple{30LL, 30LL, 0.1},
                                   {40LL, 40LL, 0.5},
                                   {1000LL, 1000LL, 0.3},
                                   {1000LL, 1000LL, 0.98},
                                   {8192LL, 9LL, 0.4},
                                   {8192LL, 0x105LL, 0.2},
                                   {8192LL, 0x1f3aLL, 0.7},
                                   {8192LL, 8192LL, 0.01}}) {
    BulkStream random(21, StreamOf::base, 1, 0);
    RandomStream further(21, StreamOf::base, 1, 1);
    const CountTables tables(p, most);
    constexpr int draws = 200000;
    std::map<std::int64_t, double> seen;
    for (int k = 0; k < draws; ++k) ++seen[tables.count(random, further, n)];
    CAPTURE(n, p);
    CHECK(seen.begin()->first >= 0);
    CHECK(seen.rbegin()->first <= n);
    double chi2 = 0;
    double degrees = -1;
    double rest = draws;
    double rest_seen = draws;
    for (std::int64_t k = 1; k < n; ++k) {
      const double expected = draws * std::exp(binomial_log_mass(static_cast<double>(n), p, static_cast<double>(k)));
      if (expected < 20) continue;
      chi2 += (seen[k] - expected) * (seen[k] - expected) / expected;
      rest -= expected;
      rest_seen -= seen[k];
      ++degrees;
    }
    if (rest > 5) {
      chi2 += (rest_seen - rest) * (rest_seen - rest) / rest;
      ++degrees;
    }
    CAPTURE(chi2, degrees);
    CHECK(degrees > 5);
    CHECK(std::fabs(chi2 - degrees) <= 4 * std::sqrt(2 * degrees));
  }
}

TEST_CASE("what never or always succeeds is counted so, and no trials count nothing") {
  BulkStream random(3, StreamOf::base, 1, 0);
  RandomStream further(3, StreamOf::base, 1, 1);
  const CountTables never(0, 1000);
  const CountTables always(1, 1000);
  const CountTables some(0.3, 1000);
  for (const std::int64_t n : {1, 15, 16, 17, 255, 256, 1000}) {
    CHECK(never.count(random, further, n) == 0);
    CHECK(always.count(random, further, n) == n);
  }
  CHECK(some.count(random, further, 0) == 0);
  // A trial is one, whatever came before.
  for (int k = 0; k < 100; ++k) {
    const std::int64_t one = some.count(random, further, 1);
    CHECK((one == 0 || one == 1));
  }
}

TEST_CASE("the cost of tables grows with their digits and with the spread of their counts") {
  CHECK(CountTables::cells(0.5, 15) > 0);
  CHECK(CountTables::cells(0.5, 15) == CountTables::cells(0.5, 1));
  CHECK(CountTables::cells(0.5, 16) > CountTables::cells(0.5, 15));
  CHECK(CountTables::cells(0.5, 4096) > CountTables::cells(0.01, 4096));
  CHECK(CountTables::cells(0.01, 4096) == CountTables::cells(0.99, 4096));
}
