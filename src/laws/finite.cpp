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
void list_types(const TokenLaw& token, const std::vector<double>& log_factorial, std::size_t level,
                std::int64_t left, DoubleDouble step, double log_mass, std::vector<Atom>& atoms) {
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

}  // namespace

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
  law.error_bound = 1e-15 * (log_factorial.back() + 100);
  return law;
}

}  // namespace tiltlab
