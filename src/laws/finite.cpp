#include "laws/finite.hpp"

#include <algorithm>
#include <cmath>

#include "error.hpp"
#include "numerics/log_domain.hpp"

namespace tiltlab {

namespace {

struct Atom {
  DoubleDouble step;
  double log_mass;
};

/** Fills tails of a law whose offsets and log masses are set; sums of positive terms from either end. */
void sum_tails(RewardLaw& law) {
  const std::size_t n = law.size();
  law.log_above.resize(n);
  law.below.resize(n);
  DoubleDouble above = 0;
  for (std::size_t j = n; j-- > 0;) {
    law.log_above[j] = std::log(above.value());
    above += std::exp(law.log_mass[j]);
  }
  DoubleDouble below = 0;
  for (std::size_t j = 0; j < n; ++j) {
    law.below[j] = below.value();
    below += std::exp(law.log_mass[j]);
  }
}

/** Visits all counts (c_0 .. c_{J-1}) that sum to `left`, highest token first. */
void list_types(const TokenLaw& token, const std::vector<double>& log_factorial, std::size_t level, std::int64_t left,
                DoubleDouble step, double log_mass, std::vector<Atom>& atoms) {
  if (level == 0) {
    const auto c = static_cast<double>(left);
    atoms.push_back({step + token.step[0] * DoubleDouble(c),
                     log_mass + c * token.log_p[0] - log_factorial[static_cast<std::size_t>(left)]});
    return;
  }
  for (std::int64_t c = 0; c <= left; ++c) {
    const auto count = static_cast<double>(c);
    list_types(token, log_factorial, level - 1, left - c, step + token.step[level] * DoubleDouble(count),
               log_mass + count * token.log_p[level] - log_factorial[static_cast<std::size_t>(c)], atoms);
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
  DoubleDouble below = 0;
  for (std::size_t j = 0; j < mass.size(); ++j) {
    if (mass[j] == 0) continue;
    const auto offset = static_cast<double>(j);
    law.offset.push_back(offset);
    law.log_mass.push_back(std::log(mass[j]) - tilt.b * offset);
    law.log_above.push_back(std::log(above[j]) - tilt.b * offset);
    law.below.push_back(below.value());
    below += std::exp(law.log_mass.back() - scale);
  }
  law.gold.assign(law.size(), 0);
  // One product and one sum a token, and the rounding of b step in each weight and of b j.
  law.relative_error = 4e-16 * static_cast<double>(length + 5) + 4e-16 * tilt.b * static_cast<double>(mass.size());
  return law;
}

RewardLaw finite_law(const TokenLaw& token) {
  RewardLaw law;
  law.base = token.base;
  law.unit = token.unit;
  law.offset = token.position;
  law.log_mass = token.log_p;
  law.gold = token.gold;
  sum_tails(law);
  return law;
}

double count_types(const TokenLaw& token, std::int64_t length) {
  double count = 1;
  for (std::size_t j = 1; j < token.size(); ++j) {
    count = count * (static_cast<double>(length) + static_cast<double>(j)) / static_cast<double>(j);
    if (count > 1e15) return infinity;
  }
  return count;
}

RewardLaw enumerated_law(const TokenLaw& token, std::int64_t length) {
  if (count_types(token, length) > max_types) throw NumericalError("too many token compositions to list");
  std::vector<double> log_factorial{0};
  DoubleDouble sum = 0;
  for (std::int64_t k = 1; k <= length; ++k) {
    sum += log(DoubleDouble(static_cast<double>(k)));
    log_factorial.push_back(sum.value());
  }
  std::vector<Atom> atoms;
  list_types(token, log_factorial, token.size() - 1, length, 0, log_factorial.back(), atoms);
  std::sort(atoms.begin(), atoms.end(), [](const Atom& a, const Atom& b) { return a.step < b.step; });

  RewardLaw law;
  law.base = token.base * from_integer(length);
  law.unit = token.unit;
  const double same = 1e-25 * static_cast<double>(length) * token.position.back();
  DoubleDouble last = 0;
  for (const Atom& atom : atoms) {
    if (!law.offset.empty() && (atom.step - last).value() <= same) {
      const double larger = std::max(law.log_mass.back(), atom.log_mass);
      law.log_mass.back() =
          larger + std::log(std::exp(law.log_mass.back() - larger) + std::exp(atom.log_mass - larger));
      continue;
    }
    law.offset.push_back(atom.step.value());
    law.log_mass.push_back(atom.log_mass);
    last = atom.step;
  }
  law.gold.assign(law.size(), 0);
  sum_tails(law);
  // Log masses are differences of log-factorials, each rounded once.
  law.relative_error = 1e-15 * (log_factorial.back() + 100);
  return law;
}

}  // namespace tiltlab
