#include "samples/rejection.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "error.hpp"
#include "support.hpp"

using namespace tiltlab;
using namespace tiltlab::test;

TEST_CASE("rejection keeps the mean of e^(alpha (r - most))", "[samples]") {
  const std::vector<double> rewards{0, 1};
  CHECK(acceptance(rewards, std::log(2), 1).rate == Approx(0.75));
  CHECK(acceptance(rewards, std::log(2), 1).draws == Approx(4.0 / 3));
  CHECK(std::isinf(acceptance(rewards, 1, std::numeric_limits<double>::infinity()).draws));
  CHECK(std::isinf(acceptance({}, 1, 1).draws));
}

TEST_CASE("what is kept has the tilt's law", "[samples]") {
  constexpr std::uint32_t count = 200000;
  constexpr double alpha = 1.3;
  Random random(5);
  std::vector<double> rewards(count);
  for (double& reward : rewards) reward = static_cast<double>(random.integer(0, 3));
  const auto kept = accepted(rewards, alpha, 3, 7, 0);
  double levels[4] = {};
  for (const std::uint32_t i : kept) levels[static_cast<std::size_t>(rewards[i])] += 1;
  double z = 0;
  for (int r = 0; r < 4; ++r) z += std::exp(alpha * r);
  for (int r = 0; r < 4; ++r) {
    const double right = std::exp(alpha * r) / z;
    const double share = levels[r] / static_cast<double>(kept.size());
    CHECK(std::fabs(share - right) < 5 * std::sqrt(right / static_cast<double>(kept.size())));
  }
  CHECK(static_cast<double>(kept.size()) / count == Approx(acceptance(rewards, alpha, 3).rate).epsilon(0.02));
}

TEST_CASE("what is kept is the same in any shares, and a bound that is none is refused", "[samples]") {
  const std::vector<double> rewards(1000, 0.5);
  const auto all = accepted(rewards, 1, 1, 3, 100);
  std::vector<std::uint32_t> shares;
  for (std::uint32_t from = 0; from < 1000; from += 250)
    for (const std::uint32_t i : accepted(std::span(rewards).subspan(from, 250), 1, 1, 3, 100 + from))
      shares.push_back(from + i);
  CHECK(shares == all);
  CHECK(all.size() > 500);
  CHECK_THROWS_WITH(accepted(rewards, 1, 0.4, 3, 7), "drafts[7].reward: 0.5 exceeds 0.4");
}
