#include "laws/smooth_chain.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "laws/chain_law.hpp"
#include "numerics/log_domain.hpp"
#include "policies/best_of_n.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;

namespace {

/** Three states whose rewards have three decimals and share no coarser lattice. */
struct Made {
  MarkovLaw law;
  Recurrence recurrence;
};
Made made(int seed) {
  std::uint32_t state = static_cast<std::uint32_t>(seed) * 2654435761U + 12345U;
  const auto next = [&] {
    state = state * 1664525U + 1013904223U;
    return static_cast<double>(state >> 8) / 16777216.0;
  };
  std::vector<double> rows, reward;
  for (int i = 0; i < 3; ++i) {
    const double a = 0.1 + next(), b = 0.1 + next(), c = 0.1 + next();
    for (const double x : {a, b, c}) rows.push_back(x / (a + b + c));
    reward.push_back(std::floor(4000 * next()) / 1000);
  }
  MarkovLaw law = make_markov_law(std::vector<double>{1, 0, 0}, rows, reward, 1);
  Recurrence r = recurrence_of(law);
  return {std::move(law), std::move(r)};
}

/** The tilt that spends a tenth of a nat a transition in the long run. */
TiltedChain at_rate(const Made& m) {
  double b = 0;
  double step = 1e-2;
  while (step > 1e-9) {
    const TiltedChain t = tilted_chain(m.law, m.recurrence, b + step);
    if ((DoubleDouble(t.b) * t.rho - t.lambda).value() < 0.1) {
      b += step;
    } else {
      step /= 2;
    }
  }
  return tilted_chain(m.law, m.recurrence, b);
}

}  // namespace

TEST_CASE("what other lobes do to best-of-N is what their second order says") {
  double least = infinity, most = 0;
  for (int seed = 1; seed <= 24; ++seed) {
    const Made m = made(seed);
    const TiltedChain t = at_rate(m);
    for (const std::int64_t length : {150, 600, 2000, 20000, 100'000}) {
      const ChainAt at{m.law, m.recurrence, length, from_integer(m.law.rewards.lattice.back() * length)};
      const DoubleDouble log_n = 0.1 * static_cast<double>(length);
      const ChainSum sum = sum_of(t, length);
      const auto smooth = smooth_chain(t, length, sum.log_share, std::sqrt(sum.variance), t.b);
      if (!smooth || smooth->waves.first > 1e-5 || smooth->waves.second > 1e-2) continue;
      Waves left;
      const auto exact = chain_law(at, t, left);
      REQUIRE(exact);
      if (left.second > 0) continue;
      const auto law = chain_law_of(at, t, smooth->edge);
      REQUIRE(law);
      const Metrics right = metrics(*exact, best_of_n(*exact, log_n));
      const Metrics found = metrics(*law, best_of_n(*law, log_n));
      const double second = smooth->waves.second - smooth->waves.assumed;
      const double may_be = (0.02 + 150 / static_cast<double>(length)) * second + 2 * second * second +
                            1.5 * smooth->waves.assumed + smooth->waves.first;
      INFO(seed << " " << length << " second " << second << " first " << smooth->waves.first);
      const double falls = t.b * (law->center + found.offset - exact->center - right.offset).value();
      CHECK(std::fabs(falls - second) <= may_be + 1e-10);
      const double sd = std::sqrt(found.offset_sd * found.offset_sd + 2 * second / (t.b * t.b));
      CHECK(std::fabs(sd - right.offset_sd) * t.b <= 2 * may_be + 1e-10);
      // Ties alone cost KL.
      CHECK(found.kl - right.kl <= 3 * smooth->waves.second + 1e-10);
      CHECK(found.kl - right.kl >= -1e-10);
      CHECK(std::fabs(found.win_rate - right.win_rate) <= 1.5 * smooth->waves.second + 1e-10);
      least = std::min(least, second);
      most = std::max(most, second);
    }
  }
  CHECK(least < 1e-6);
  CHECK(most > 1e-3);
}

TEST_CASE("rewards on a short lattice leave one lobe and nothing beside it") {
  const MarkovLaw law =
      make_markov_law(std::vector<double>{1, 0}, std::vector<double>{0.6, 0.4, 0.3, 0.7}, std::vector<double>{0, 1}, 1);
  const Recurrence r = recurrence_of(law);
  const TiltedChain t = tilted_chain(law, r, 0.3);
  const ChainSum sum = sum_of(t, 1000);
  const auto smooth = smooth_chain(t, 1000, sum.log_share, std::sqrt(sum.variance), t.b);
  REQUIRE(smooth);
  CHECK(smooth->waves.first == 0);
  CHECK(smooth->waves.second < 1e-20);
}
