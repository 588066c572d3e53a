#include "laws/finite.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "error.hpp"
#include "numerics/cold.hpp"
#include "numerics/decimal.hpp"
#include "numerics/log_domain.hpp"

namespace tiltlab {

namespace {

/** Fills tails of a law whose offsets and log masses are set; sums of positive terms from either end. */
void sum_tails(RewardLaw& law) {
  const std::size_t n = law.size();
  law.log_above.resize(n);
  law.below.resize(n);
  // Tails that no double holds are summed times e^shift, which goes down as they grow.
  constexpr double in_range = -700;
  constexpr double part = 500;
  double shift = law.log_mass.back() < in_range ? -law.log_mass.back() : 0;
  DoubleDouble above = 0;
  for (std::size_t j = n; j-- > 0;) {
    law.log_above[j] = std::log(above.value()) - shift;
    // Kept for the way back, where P(r < rho_j) takes its place.
    law.below[j] = std::exp(law.log_mass[j]);
    while (shift > 0 && std::max(law.log_mass[j], law.log_above[j]) + shift > part) {
      const double less = std::min(shift, part);
      shift -= less;
      above = above * exp(DoubleDouble(-less));
    }
    above += shift > 0 ? std::exp(law.log_mass[j] + shift) : law.below[j];
  }
  DoubleDouble below = 0;
  for (std::size_t j = 0; j < n; ++j) {
    below += std::exchange(law.below[j], below.value());
  }
}

/** The law of the sum of `length` tokens, each of mass w_i at step_i, by adding one token after another. */
std::vector<double> convolved(const std::vector<double>& w, const std::vector<std::int64_t>& step,
                              std::int64_t length) {
  const auto width = static_cast<std::size_t>(step.back());
  std::vector<double> sum(width * static_cast<std::size_t>(length) + 1, 0);
  std::vector<double> next(sum.size());
  sum[0] = 1;
  for (std::size_t i = 0, used = 1; i < static_cast<std::size_t>(length); ++i, used += width) {
    std::fill(next.begin(), next.begin() + static_cast<std::ptrdiff_t>(used + width), 0);
    for (std::size_t k = 0; k < w.size(); ++k) {
      const auto shift = static_cast<std::size_t>(step[k]);
      for (std::size_t s = 0; s < used; ++s) next[s + shift] += sum[s] * w[k];
    }
    sum.swap(next);
  }
  return sum;
}

/**
 * Mean gold of the sequences of each sum, by what one token of them has: tokens are alike, so that all have `length`
 * times as much, E[G | S = s] P(S = s) = n sum_i w_i g_i P(S' = s - step_i), S' the sum of the others. Empty where
 * there is none.
 */
TILTLAB_COLD std::vector<double> convolved_gold(const TokenLaw& token, std::int64_t length, const TokenTilt& tilt,
                                                const std::vector<double>& mass) {
  if (!token.has_gold()) return {};
  const std::vector<double> others = convolved(tilt.weights, token.lattice, length - 1);
  std::vector<double> gold(mass.size(), 0);
  for (std::size_t k = 0; k < token.size(); ++k) {
    const double each = static_cast<double>(length) * tilt.weights[k] * token.gold[k];
    const auto shift = static_cast<std::size_t>(token.lattice[k]);
    for (std::size_t s = 0; s < others.size(); ++s) gold[s + shift] += others[s] * each;
  }
  for (std::size_t j = 0; j < mass.size(); ++j) gold[j] = mass[j] > 0 ? gold[j] / mass[j] : 0;
  return gold;
}

}  // namespace

double convolution_cost(const TokenLaw& token, std::int64_t length) {
  if (token.lattice.empty()) return infinity;
  const auto n = static_cast<double>(length);
  return n * n / 2 * static_cast<double>(token.lattice.back()) * static_cast<double>(token.size());
}

RewardLaw convolved_law(const TokenLaw& token, std::int64_t length, const TokenTilt& tilt) {
  if (convolution_cost(token, length) > max_convolution) throw NumericalError("too many sums to add up token by token");
  const std::vector<double> mass = convolved(tilt.weights, token.lattice, length);
  RewardLaw law;
  law.base = token.base * from_integer(length);
  law.unit = token.unit;
  law.center = 0;
  law.log_scale = -(from_integer(length) * tilt.lambda);
  // Tails as in the inversion: relative to e^{-b j}, so that they stay in range however steep the tilt.
  std::vector<double> above(mass.size());
  double tail = 0;
  for (std::size_t j = mass.size(); j-- > 0;) {
    above[j] = tail;
    tail = std::exp(-tilt.b) * (tail + mass[j]);
  }
  const double scale = law.log_scale.value();
  const std::vector<double> gold = convolved_gold(token, length, tilt, mass);
  DoubleDouble below = 0;
  law.resize(mass.size());
  std::size_t k = 0;
  for (std::size_t j = 0; j < mass.size(); ++j) {
    // Not attained; or so far below the mean of a tilt that the tail above it has lost its digits.
    if (mass[j] == 0 || (tilt.b > 0 && mass[j] < 1e-280)) continue;
    const auto offset = static_cast<double>(j);
    law.offset[k] = offset;
    law.log_mass[k] = std::log(mass[j]) - tilt.b * offset;
    law.log_above[k] = std::log(above[j]) - tilt.b * offset;
    law.below[k] = below.value();
    law.gold[k] = gold.empty() ? 0 : gold[j];
    below += std::exp(law.log_mass[k] - scale);
    ++k;
  }
  law.resize(k);
  // Far below a tilt's mean levels underflow; nothing that is laid on the law at its depth visits them. Without a tilt
  // those that underflow have no probability.
  law.complete = law.from_least = law.offset.front() == 0 || tilt.b == 0;
  // One product and one sum a token, and the rounding of b step in each weight and of b j.
  law.work = convolution_cost(token, length);
  law.relative_error = 4e-16 * static_cast<double>(length + 5) + 4e-16 * tilt.b * static_cast<double>(mass.size());
  return law;
}

TILTLAB_COLD RewardLaw finite_law(const TokenLaw& token) {
  RewardLaw law;
  law.base = token.base;
  law.unit = token.unit;
  law.offset = token.position;
  if (token.lattice.empty()) {
    for (std::size_t i = 0; i < token.size(); ++i)
      law.offset_rest.push_back((token.step[i] - DoubleDouble(token.position[i])).value());
  }
  law.log_mass = token.log_p;
  law.gold = token.gold;
  law.complete = law.from_least = true;
  sum_tails(law);
  return law;
}

TILTLAB_COLD RewardLaw outcome_law(const TokenLaw& token, std::span<const ListedOutcome> outcomes) {
  std::vector<ListedOutcome> order(outcomes.rbegin(), outcomes.rend());
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.level < b.level; });
  DoubleDouble total = 0;
  for (const ListedOutcome& o : outcomes) total += decimal_value(o.p);
  const RewardLaw levels = finite_law(token);
  RewardLaw law;
  law.base = levels.base;
  law.unit = levels.unit;
  for (const ListedOutcome& o : order) {
    law.offset.push_back(levels.offset[o.level]);
    if (!levels.offset_rest.empty()) law.offset_rest.push_back(levels.offset_rest[o.level]);
    law.log_mass.push_back(order.size() > 1 ? log_probability(decimal_value(o.p) / total) : 0);
    law.gold.push_back(o.gold);
  }
  law.complete = law.from_least = true;
  sum_tails(law);
  return law;
}

}  // namespace tiltlab
