#include "samples/votes.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace tiltlab;
using Catch::Matchers::WithinAbs;

namespace {

/** Mean over all subsets of n of the worth of what they elect, ties shared, by listing them. */
double by_listing(const std::vector<std::uint32_t>& answer, const std::vector<double>& weight,
                  const std::vector<double>& worth, std::size_t n) {
  double sum = 0;
  double subsets = 0;
  for (std::uint32_t set = 0; set < (1U << answer.size()); ++set) {
    if (static_cast<std::size_t>(__builtin_popcount(set)) != n) continue;
    std::vector<double> votes(worth.size());
    for (std::size_t i = 0; i < answer.size(); ++i)
      if (set >> i & 1U) votes[answer[i]] += weight[i];
    double most = 0;
    for (const double v : votes) most = std::max(most, v);
    double elected = 0;
    double ties = 0;
    for (std::size_t a = 0; a < votes.size(); ++a)
      if (votes[a] == most) {
        elected += worth[a];
        ++ties;
      }
    sum += elected / ties;
    ++subsets;
  }
  return sum / subsets;
}

}  // namespace

TEST_CASE("elections by subsets of n drafts are as often right as all subsets are") {
  const std::vector<std::uint32_t> answer{0, 0, 0, 1, 1, 2, 1, 0};
  const std::vector<double> weight{.25, .5, .25, 1, .75, .5, 1, .25};
  const std::vector<double> value{1, 1, 1, 0, 0, .5, 0, 1};
  const std::vector<double> worth{1, 0, .5};
  const std::vector<double> even(8, 1.0);
  const std::vector<double> sizes{1, 2, 3, 5, 8};
  const auto found = vote_means({answer, weight, value}, sizes, 20000, 3, 0);
  for (std::size_t k = 0; k < sizes.size(); ++k) {
    const auto n = static_cast<std::size_t>(sizes[k]);
    CHECK_THAT(found.majority[k], WithinAbs(by_listing(answer, even, worth, n), 4 * .5 / std::sqrt(20000)));
    CHECK_THAT(found.weighted[k], WithinAbs(by_listing(answer, weight, worth, n), 4 * .5 / std::sqrt(20000)));
  }
  // All drafts elect one thing: zero and one tie at four votes and three; by weight one wins.
  CHECK_THAT(found.majority.back(), WithinAbs(1, 1e-12));
  CHECK_THAT(found.weighted.back(), WithinAbs(0, 1e-12));
}

TEST_CASE("who gives no answer has no vote; where nobody votes a random draft of the subset is taken") {
  const std::vector<std::uint32_t> answer{no_answer, no_answer, 4};
  const std::vector<double> weight{1, 1, -1};
  const std::vector<double> value{0, 0, 1};
  const auto found = vote_means({answer, weight, value}, {1, 3}, 3000, 1, 0);
  // One draft is itself, whether it answers or not.
  CHECK_THAT(found.majority[0], WithinAbs(1. / 3, .04));
  CHECK_THAT(found.majority[1], WithinAbs(1, 1e-12));
  // The only vote weighs nothing: it counts as any other.
  CHECK_THAT(found.weighted[1], WithinAbs(1, 1e-12));
  const std::vector<std::uint32_t> silent{no_answer, no_answer, no_answer};
  CHECK_THAT(vote_means({silent, weight, value}, {3}, 10, 1, 0).majority[0], WithinAbs(1. / 3, 1e-15));
}

TEST_CASE("the same seed elects the same, another prompt something else") {
  std::vector<std::uint32_t> answer;
  std::vector<double> value;
  for (std::uint32_t i = 0; i < 40; ++i) {
    answer.push_back(i * i % 7);
    value.push_back(i * i % 7 < 3 ? 1 : 0);
  }
  const Voters voters{answer, value, value};
  const auto one = vote_means(voters, {5}, 50, 1, 0);
  CHECK(vote_means(voters, {5}, 50, 1, 0).majority == one.majority);
  CHECK(vote_means(voters, {5}, 50, 1, 1).majority != one.majority);
}
