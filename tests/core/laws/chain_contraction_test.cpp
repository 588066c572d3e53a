#include "laws/chain_contraction.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <complex>

#include "laws/chain_spectrum.hpp"

using namespace tiltlab;

namespace {

/** Rows of `states` weights that are neither equal nor small. */
std::vector<double> mixed_rows(std::size_t states) {
  std::vector<double> rows;
  for (std::size_t i = 0; i < states; ++i) {
    double total = 0;
    for (std::size_t j = 0; j < states; ++j) {
      rows.push_back(1 + static_cast<double>((7 * i + 5 * j + i * j) % 11));
      total += rows.back();
    }
    for (std::size_t j = 0; j < states; ++j) rows[i * states + j] /= total;
  }
  return rows;
}

std::vector<double> rewards(std::size_t states) {
  std::vector<double> out;
  for (std::size_t j = 0; j < states; ++j) out.push_back(static_cast<double>((13 * j) % 17));
  return out;
}

TiltedChain tilted(const std::vector<double>& rows, const std::vector<double>& reward, double b) {
  std::vector<double> initial(static_cast<std::size_t>(std::sqrt(static_cast<double>(rows.size()))), 0);
  initial[0] = 1;
  const MarkovLaw law = make_markov_law(initial, rows, reward, 1);
  return tilted_chain(law, recurrence_of(law), b);
}

}  // namespace

TEST_CASE("what the second singular value leaves out counts for nothing") {
  for (const std::size_t states : {2, 3, 5, 12, 27}) {
    for (const double b : {0.0, 0.05}) {
      const TiltedChain t = tilted(mixed_rows(states), rewards(states), b);
      for (const std::int64_t length : {40, 100, 400, 3000, 1'000'000}) {
        const ChainSum sum = sum_of(t, length);
        const auto period = static_cast<std::int64_t>(20 * std::sqrt(sum.variance)) + 40;
        constexpr double decay = 35;
        constexpr std::int64_t lobe = 3;
        const auto ranges = Contraction(t, length, sum.log_share).frequencies(period, lobe, decay, period / 2 + 1);
        if (length >= 400) REQUIRE(ranges);
        if (!ranges) continue;
        std::vector<std::int64_t> left;
        std::size_t at = 0;
        for (std::int64_t f = lobe; 2 * f <= period; ++f) {
          while (at < ranges->size() && f >= (*ranges)[at].end) ++at;
          if (at == ranges->size() || f < (*ranges)[at].first) left.push_back(f);
        }
        if (length >= 100'000) CHECK(static_cast<double>(left.size()) > 0.4 * static_cast<double>(period));
        // Of many a part, whichever.
        constexpr std::size_t enough = 400;
        if (left.size() > enough) left.erase(left.begin() + enough / 2, left.end() - enough / 2);
        double most = 0;
        for (const auto& value : chain_waves(t, length, sum.log_share, period, left).value)
          most = std::max(most, std::abs(value));
        INFO(states << " " << length << " " << left.size() << " of " << period / 2);
        CHECK(most <= std::exp(-decay));
      }
    }
  }
}

TEST_CASE("nothing is proved of transitions with rewards of their own, nor of a chain that forgets nothing") {
  const TiltedChain own = tilted(mixed_rows(2), {0, 1, 3, 2}, 0);
  CHECK_FALSE(Contraction(own, 1000, sum_of(own, 1000).log_share).frequencies(1000, 3, 35, 501));
  const TiltedChain turns = tilted({0, 0.4, 0.6, 1, 0, 0, 1, 0, 0}, {0, 1, 3}, 0);
  CHECK_FALSE(Contraction(turns, 1000, sum_of(turns, 1000).log_share).frequencies(1000, 3, 35, 501));
  const TiltedChain left = tilted({0, 0.5, 0.5, 0, 0.5, 0.5, 0, 0.3, 0.7}, {0, 1, 3}, 0);
  CHECK_FALSE(Contraction(left, 1000, sum_of(left, 1000).log_share).frequencies(1000, 3, 35, 501));
}
