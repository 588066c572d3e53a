#include "laws/chain_spectrum.hpp"

#include <catch2/catch.hpp>
#include <complex>
#include <numbers>

#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;

namespace {

using Complex = std::complex<double>;

/** pi_0 P(w)^n 1 under the tilt, centred, by one multiplication after another. */
Complex by_hand(const TiltedChain& t, std::int64_t length, double log_share, double w) {
  std::vector<Complex> y(t.end.begin(), t.end.end());
  for (std::int64_t i = 0; i < length; ++i) {
    std::vector<Complex> next(y.size());
    for (std::size_t k = 0; k < t.transitions.size(); ++k) {
      const Transition& step = t.transitions[k];
      next[step.from] += t.weight[k] * std::polar(1.0, w * t.centred[step.level]) * y[step.to];
    }
    y = std::move(next);
  }
  Complex sum = 0;
  for (std::size_t i = 0; i < y.size(); ++i) sum += t.start[i] * y[i];
  return sum * std::exp(-log_share);
}

struct Shape {
  std::vector<double> transition;
  std::vector<double> reward;
};

TiltedChain tilted(const Shape& s, double b) {
  std::vector<double> initial(static_cast<std::size_t>(std::sqrt(static_cast<double>(s.transition.size()))), 0);
  initial[0] = 1;
  const MarkovLaw law = make_markov_law(initial, s.transition, s.reward, 1);
  return tilted_chain(law, recurrence_of(law), b);
}

const Shape shapes[] = {
    {{0.8, 0.2, 0.4, 0.6}, {0, 1, 0.3, 2}},
    {{0, 0.4, 0.6, 1, 0, 0, 1, 0, 0}, {0, 1, 3}},
    {{0.1, 0.6, 0.3, 0.5, 0.25, 0.25, 0.3, 0.3, 0.4}, {0, 10, 11}},
};

}  // namespace

TEST_CASE("waves of a chain are powers of its matrix") {
  for (const Shape& s : shapes) {
    const TiltedChain t = tilted(s, 0.04);
    for (const std::int64_t length : {1, 5, 64, 801}) {
      const ChainSum sum = sum_of(t, length);
      std::vector<std::int64_t> f;
      for (std::int64_t i = 0; i <= 50; ++i) f.push_back(i);
      const ChainWaves waves = chain_waves(t, length, sum.log_share, 100, f);
      for (std::size_t i = 0; i < f.size(); ++i) {
        const Complex told = by_hand(t, length, sum.log_share, 2 * std::numbers::pi * static_cast<double>(f[i]) / 100);
        INFO(length << " " << f[i]);
        CHECK_THAT(std::abs(waves.value[i] - told), WithinAbs(0, 1e-12));
      }
    }
  }
}

TEST_CASE("no frequency is left out that counts") {
  for (const Shape& s : shapes) {
    for (const double b : {0.0, 0.1}) {
      const TiltedChain t = tilted(s, b);
      for (const std::int64_t length : {60, 400, 3000, 100000}) {
        const ChainSum sum = sum_of(t, length);
        const auto period = static_cast<std::int64_t>(20 * std::sqrt(sum.variance)) + 40;
        constexpr double decay = 35;
        const auto ranges = significant_frequencies(t, length, sum.log_share, period, decay);
        std::vector<std::int64_t> left;
        std::size_t at = 0;
        for (std::int64_t f = 0; 2 * f <= period; ++f) {
          while (at < ranges.size() && f >= ranges[at].end) ++at;
          if (at == ranges.size() || f < ranges[at].first) left.push_back(f);
        }
        const ChainWaves waves = chain_waves(t, length, sum.log_share, period, left);
        double most = 0;
        for (const Complex& value : waves.value) most = std::max(most, std::abs(value));
        INFO(length << " " << left.size() << " of " << period / 2);
        CHECK(most <= std::exp(-decay));
        // Of long sequences hardly any is left in.
        if (length == 100000) CHECK(static_cast<double>(left.size()) > 0.4 * static_cast<double>(period));
      }
    }
  }
}
