#include "laws/chain_sums.hpp"

#include <catch2/catch.hpp>

#include "error.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinRel;

namespace {

/** Two states that pay what is entered: the second rare. */
MarkovLaw rare(double p, double pay, double length) {
  return make_markov_law(std::vector{1.0, 0.0}, std::vector{1 - p, p, 1 - p, p}, std::vector{0.0, pay}, length);
}

}  // namespace

TEST_CASE("sums of a chain are those of its paths") {
  // 0 0, 0 1, 1 .3, 1 2 from the first state.
  const MarkovLaw law =
      make_markov_law(std::vector{1.0, 0.0}, std::vector{0.8, 0.2, 0.4, 0.6}, std::vector{0.0, 1.0, 0.3, 2.0}, 2);
  const ChainSums sums = chain_sums(law, 2);
  CHECK(sums.lattice == std::vector<std::int64_t>{0, 10, 13, 30});
  const std::vector<double> p{0.64, 0.16, 0.08, 0.12};
  REQUIRE(sums.p.size() == p.size());
  for (std::size_t i = 0; i < p.size(); ++i) CHECK_THAT(sums.p[i], WithinRel(p[i], 1e-15));
  // Counts of four rewards, each under 3, are shorter than 20 steps a transition.
  CHECK(chain_listing_cost(law, 2) == 4 * 2 * (2 * 9.0 / 2 + 1));
}

TEST_CASE("a sum that no double's probability tells is listed all the same") {
  const MarkovLaw law = rare(1e-100, 1, 5);
  CHECK_FALSE(holds_every_sequence(law, 5));
  CHECK(holds_every_sequence(law, 2));
  const ChainSums sums = chain_sums(law, 5);
  REQUIRE(sums.p.size() == 6);
  CHECK_THAT(sums.p[1], WithinRel(5e-100, 1e-13));
  CHECK(sums.p[4] > 0);
  CHECK(sums.p[5] > 0);
  CHECK(sums.p[5] < 1e-300);
}

TEST_CASE("logarithms of probabilities that no double holds are the binomial law's, down to both ends") {
  for (const double p : {0.3, 0.5, 0.9, 1e-9, 1e-100}) {
    for (const double length : {300.0, 2000.0}) {
      const MarkovLaw law = rare(p, 1, length);
      if (holds_every_sequence(law, static_cast<std::int64_t>(length))) continue;
      const ChainSums sums = chain_sums(law, static_cast<std::int64_t>(length));
      REQUIRE(sums.log_p.size() == static_cast<std::size_t>(length) + 1);
      double off = 0;
      for (double k = 0; k <= length; ++k) {
        const double formula = std::lgamma(length + 1) - std::lgamma(k + 1) - std::lgamma(length - k + 1) +
                               k * std::log(p) + (length - k) * std::log1p(-p);
        const double x = sums.log_p[static_cast<std::size_t>(k)];
        off = std::isnan(x) ? 1 : std::max(off, std::fabs(x - formula) / std::max(1.0, std::fabs(formula)));
      }
      INFO(p << " " << length);
      CHECK(off < 2e-12);
    }
  }
}

TEST_CASE("chains whose sums are far apart in likelihood, seen from the other end") {
  // The probability of a sum does not depend on which end of the rewards counts from.
  const std::vector<double> rows{0.999, 1e-3, 0.25, 0.75};
  const MarkovLaw up = make_markov_law(std::vector{0.5, 0.5}, rows, std::vector{0.0, 2.0, 1.0, 3.0}, 400);
  const MarkovLaw down = make_markov_law(std::vector{0.5, 0.5}, rows, std::vector{0.0, -2.0, -1.0, -3.0}, 400);
  const ChainSums a = chain_sums(up, 400);
  const ChainSums b = chain_sums(down, 400);
  REQUIRE(a.log_p.size() == b.log_p.size());
  for (std::size_t i = 0; i < a.log_p.size(); ++i)
    CHECK_THAT(a.log_p[i], WithinRel(b.log_p[b.log_p.size() - 1 - i], 1e-11));
}

TEST_CASE("rewards off any lattice are listed by their counts, up to a number of them") {
  const MarkovLaw law = make_markov_law(std::vector{1.0}, std::vector{1.0}, std::vector{1.0}, 3);
  CHECK(chain_sums(law, 3).p == std::vector<double>{1});
  const std::vector<double> far{0, 1, 1e-17 + 0.1, 0.123456789012345678};
  const std::vector<double> rows(16, 0.25);
  const MarkovLaw fine = make_markov_law(std::vector<double>(4, 0.25), rows, far, 300);
  REQUIRE(fine.rewards.lattice.empty());
  CHECK(chain_listing_cost(fine, 300) == 0);
  CHECK_THROWS_AS(chain_sums(fine, 300), InputError);
  CHECK(chain_sums(fine, 2).p.size() == 10);
}

namespace {

/** Three independent rewards: the multinomial law. */
MarkovLaw three(double middle, double length) {
  const std::vector<double> row{0.5, 0.3, 0.2};
  std::vector<double> rows;
  for (int i = 0; i < 3; ++i) rows.insert(rows.end(), row.begin(), row.end());
  return make_markov_law(std::vector{1.0, 0.0, 0.0}, rows, std::vector{0.0, middle, 1.0}, length);
}

}  // namespace

TEST_CASE("few rewards of many decimals, or off any lattice, are listed by their counts") {
  for (const double middle : {0.123456, 0.123456789012345}) {
    for (const std::int64_t n : {60, 300}) {
      const MarkovLaw law = three(middle, static_cast<double>(n));
      const auto length = static_cast<double>(n);
      if (n == 60) CHECK(chain_listing_cost(law, n) == 9 * length * (length * (length + 1) / 2 + 1));
      const ChainSums sums = chain_sums(law, n);
      REQUIRE(sums.step.size() == static_cast<std::size_t>((n + 1) * (n + 2) / 2));
      std::size_t at = 0;
      double off = 0;
      for (std::int64_t top = 0; top <= n; ++top) {
        for (std::int64_t k = 0; k + top <= n; ++k) {
          const double sum = static_cast<double>(top) + static_cast<double>(k) * middle;
          const double log_p = std::lgamma(length + 1) - std::lgamma(static_cast<double>(top) + 1) -
                               std::lgamma(static_cast<double>(k) + 1) -
                               std::lgamma(static_cast<double>(n - top - k) + 1) +
                               static_cast<double>(top) * std::log(0.2) + static_cast<double>(k) * std::log(0.3) +
                               static_cast<double>(n - top - k) * std::log(0.5);
          const DoubleDouble wanted = sum / law.rewards.unit.value();
          const auto found =
              std::lower_bound(sums.step.begin(), sums.step.end(), wanted - DoubleDouble(1e-13 * wanted.hi + 1e-13));
          at = static_cast<std::size_t>(found - sums.step.begin());
          REQUIRE(at < sums.step.size());
          off = std::max(off, std::fabs((sums.log_p.empty() ? std::log(sums.p[at]) : sums.log_p[at]) - log_p));
        }
      }
      INFO(middle << " " << n);
      CHECK(off < 1e-10);
    }
  }
}

TEST_CASE("counts whose rewards add up to the same are one sum") {
  const std::vector<double> rows(16, 0.25);
  const MarkovLaw law = make_markov_law(std::vector{1.0, 0.0, 0.0, 0.0}, rows, std::vector{0.0, 1.0, 2.0, 1000.0}, 8);
  const ChainSums sums = chain_sums(law, 8);
  // j thousands and 0 to twice as many as are left.
  REQUIRE(sums.lattice.size() == 81);
  CHECK(sums.lattice[2] == 2);
  // 2 + 0, or 1 + 1.
  CHECK_THAT(sums.p[2], WithinRel((8 + 28) * std::pow(0.25, 8), 1e-14));
  CHECK(sums.lattice.back() == 8000);
}

TEST_CASE("few rewards that are far apart in likelihood are listed on their lattice, or by counts one by one") {
  // One transition in e^92 or e^115: no double tells those of many, nor do counts beside each other share a power.
  for (const double middle : {250.0, 0.12345678901234567}) {
    const std::vector<double> row{1, 1e-40, 1e-50};
    std::vector<double> rows;
    for (int i = 0; i < 3; ++i) rows.insert(rows.end(), row.begin(), row.end());
    const MarkovLaw law = make_markov_law(std::vector{1.0, 0.0, 0.0}, rows, std::vector{0.0, middle, 1.0}, 12);
    CHECK_FALSE(holds_every_sequence(law, 12));
    const ChainSums sums = chain_sums(law, 12);
    CHECK(sums.step.size() == 13 * 14 / 2);
    for (std::size_t i = 0; i < sums.step.size(); ++i) CHECK(sums.p[i] > 0);
  }
}
