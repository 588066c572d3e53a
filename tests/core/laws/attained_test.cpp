#include "laws/attained.hpp"

#include <catch2/catch.hpp>
#include <numeric>
#include <set>

#include "support.hpp"

using namespace tiltlab;

namespace {

/** A token on integers of which any may be left out, all equally likely. */
TokenLaw token(const std::vector<std::int64_t>& steps) {
  const std::vector<double> p(steps.size(), 1.0 / static_cast<double>(steps.size()));
  return make_token_law(p, std::vector<double>(steps.begin(), steps.end()), {}, true, "model.tokens");
}

/** The sums themselves, as a set that grows by one token at a time. */
double listed(const std::vector<std::int64_t>& steps, std::int64_t length) {
  std::set<std::int64_t> sums{0};
  for (std::int64_t n = 0; n < length; ++n) {
    std::set<std::int64_t> next;
    for (const std::int64_t sum : sums) {
      for (const std::int64_t step : steps) next.insert(sum + step);
    }
    sums = std::move(next);
  }
  return static_cast<double>(sums.size());
}

}  // namespace

TEST_CASE("the number of sums that are attained is that of a list of them") {
  test::Random random(13);
  for (int i = 0; i < 400; ++i) {
    const test::Alphabet a = test::random_alphabet(random, 6);
    const std::int64_t length = random.integer(1, 40);
    const Tokens m = test::sequence(a, length);
    INFO(i << " length " << length);
    CHECK(count_levels(m.token, length).value() == listed(m.token.lattice, length));
  }
}

TEST_CASE("lengths on either side of the one from which gaps are counted instead of sums") {
  // From K - J + 2 on; steps far apart leave gaps that only the next token closes.
  for (const auto& steps : std::vector<std::vector<std::int64_t>>{
           {0, 1, 11}, {0, 10, 11}, {0, 4, 11, 13}, {0, 6, 10, 15}, {0, 7, 9}, {0, 1, 2, 30}, {0, 29, 64}}) {
    const TokenLaw law = token(steps);
    REQUIRE(law.lattice == steps);
    const auto from = steps.back() - static_cast<std::int64_t>(steps.size()) + 2;
    for (std::int64_t length = std::max<std::int64_t>(1, from - 3); length <= from + 3; ++length) {
      INFO(steps[1] << " .. " << steps.back() << " length " << length);
      CHECK(count_levels(law, length).value() == listed(steps, length));
    }
  }
}

TEST_CASE("three rewards of a billion tokens miss what Sylvester's two pairs of coins cannot pay") {
  // Steps 0, a, b: sums miss (a - 1)(b - 1)/2 from below and (b - a - 1)(b - 1)/2 from above.
  for (const auto& [a, b] :
       {std::pair<std::int64_t, std::int64_t>{1, 2}, {2, 3}, {3, 10}, {999, 1000}, {5003, 20011}}) {
    REQUIRE(std::gcd(a, b) == 1);
    const std::int64_t length = 1000000000;
    const std::int64_t missed = (a - 1) * (b - 1) / 2 + (b - a - 1) * (b - 1) / 2;
    INFO(a << " " << b);
    CHECK(count_levels(token({0, a, b}), length).value() == static_cast<double>(length * b + 1 - missed));
  }
}

TEST_CASE("one reward has one sum, and what costs too much to count is left out") {
  CHECK(count_levels(token({4}), 1000000000).value() == 1);
  // Too short for gaps to be counted, and too many sums to list.
  CHECK(!count_levels(token({0, 1, 4000000}), 100000));
  CHECK(count_levels(token({0, 1, 4000000}), 2).value() == 6);
}
