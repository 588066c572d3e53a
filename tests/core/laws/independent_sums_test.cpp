#include "laws/independent_sums.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "laws/token_law.hpp"
#include "numerics/log_domain.hpp"

using namespace tiltlab;

namespace {

TokenLaw law_of(const std::vector<double>& p, const std::vector<double>& rewards) {
  return make_token_law(p, rewards, {}, true, "model.tokens");
}

/** The same tokens as a chain of one state, whose sums are listed by adding token after token. */
MarkovLaw one_state(const TokenLaw& law) {
  MarkovLaw chain{1, {1}, {}, law};
  for (std::size_t i = 0; i < law.size(); ++i) chain.transitions.push_back({0, 0, law.probability[i], i});
  return chain;
}

double log_p_of(const ChainSums& sums, std::size_t i) {
  return sums.log_p.empty() ? std::log(sums.p[i]) : sums.log_p[i];
}

/** The largest difference of two lists of the same sums, in nats; of large logarithms as a share of 500 nats. */
double worst_difference(const ChainSums& found, const ChainSums& expected) {
  REQUIRE(found.lattice == expected.lattice);
  double worst = 0;
  for (std::size_t i = 0; i < found.p.size(); ++i) {
    const double large = std::max(1.0, std::fabs(found.log_p[i]) / 500);
    worst = std::max(worst, std::fabs(found.log_p[i] - log_p_of(expected, i)) / large);
    if (found.log_p[i] > least_log_mass)
      worst = std::max(worst, std::fabs(found.p[i] / std::exp(found.log_p[i]) - 1) - 1e-15 * std::fabs(found.log_p[i]));
  }
  return worst;
}

const std::vector<double> eleven_p{0.2, 0.1, 0.1, 0.05, 0.05, 0.1, 0.1, 0.05, 0.1, 0.1, 0.05};
const std::vector<double> eleven_r{0, 1, 2, 3, 5, -1, -2, 4, 0.5, 1.5, -0.5};

}  // namespace

TEST_CASE("sums of independent tokens are what adding token after token gives") {
  const std::vector<std::pair<std::vector<double>, std::vector<double>>> laws{
      {{0.7, 0.3}, {0, 1}},          {{0.5, 0.3, 0.2}, {0, 1, 3}},   {{0.999, 1e-3}, {0, 1}},
      {{0.2, 0.3, 0.5}, {0, 7, 40}}, {{0.1, 0.8, 0.1}, {0, 10, 11}}, {{0.5, 0.4, 0.1}, {-4, 2, 8}},
      {eleven_p, eleven_r},          {{0.5, 1e-30, 0.5}, {0, 1, 2}}, {{0.5, 0.5, 1e-10}, {0, 1, 90}},
  };
  for (const auto& [p, rewards] : laws) {
    const TokenLaw law = law_of(p, rewards);
    for (const std::int64_t length : {2, 17, 150, 600}) {
      CAPTURE(p, rewards, length);
      const auto found = independent_sums(law, length);
      REQUIRE(found);
      CHECK(worst_difference(*found, chain_sums(one_state(law), length)) < 5e-14 + 2e-15 * static_cast<double>(length));
    }
  }
}

TEST_CASE("a coin's sums have its binomial coefficients, to the ends of 50,000 tosses") {
  constexpr std::int64_t length = 50'000;
  const TokenLaw law = law_of({0.75, 0.25}, {0, 1});
  const auto found = independent_sums(law, length);
  REQUIRE(found);
  REQUIRE(found->p.size() == length + 1);
  // In 31 digits: 50,000 steps of a double lose four of its own.
  DoubleDouble log_p = from_integer(length) * log(DoubleDouble(0.75));
  double worst = 0;
  for (std::size_t k = 0; k <= length; ++k) {
    const double scale = std::max(1.0, std::fabs(log_p.value()));
    worst = std::max(worst, std::fabs(found->log_p[k] - log_p.value()) / scale);
    const auto n = static_cast<std::int64_t>(k);
    log_p += log(from_integer(length - n) / (from_integer(n + 1) * DoubleDouble(3)));
  }
  CHECK(worst < 1e-12);
}

TEST_CASE("of sums that are far less likely than what lies on both sides there is no list, and no long search") {
  // What the ends do not reach, each a run of its own.
  CHECK_FALSE(independent_sums(law_of({0.5, 0.5, 1e-10, 1e-10, 0.5, 0.5}, {0, 1, 300, 600, 899, 900}), 100));
}

TEST_CASE("fewer steps than adding token after token, where there are many tokens") {
  const TokenLaw law = law_of(eleven_p, eleven_r);
  CHECK(independent_listing_cost(law, 1000) < chain_listing_cost(one_state(law), 1000) / 4);
  CHECK(independent_listing_cost(law_of({0.5, 0.25, 0.25}, {0, 1, 2.0001}), 1000) == infinity);
}
