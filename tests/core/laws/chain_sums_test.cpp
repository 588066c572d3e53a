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
  CHECK(chain_listing_cost(law, 2) == 4 * 2 * (2 * 20.0 / 2 + 1));
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
