#pragma once
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "models/scaled_token.hpp"
#include "models/tokens.hpp"
#include "report/report.hpp"

/** Models for tests, made by a generator of fixed seed so that a failure can be found again. */
namespace tiltlab::test {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  /** Uniform on [0, 1) (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014). */
  double uniform() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
  }
  /** Uniform on lo .. hi. */
  std::int64_t integer(std::int64_t lo, std::int64_t hi) {
    return lo + static_cast<std::int64_t>(uniform() * static_cast<double>(hi - lo + 1));
  }

 private:
  std::uint64_t state_;
};

struct Alphabet {
  std::vector<double> p;
  std::vector<double> reward;
};

/** 2 .. `most` outcomes, rewards decimal with ties likely, some probabilities small. */
inline Alphabet random_alphabet(Random& random, std::int64_t most) {
  Alphabet a;
  const std::int64_t size = random.integer(2, most);
  const double power = random.uniform() < 0.5 ? 1 : 4;
  const double denominator = random.uniform() < 0.5 ? 1 : 10;
  double total = 0;
  for (std::int64_t i = 0; i < size; ++i) {
    a.p.push_back(std::pow(random.uniform(), power) + 1e-5);
    a.reward.push_back(static_cast<double>(random.integer(-12, 20)) / denominator);
    total += a.p.back();
  }
  for (double& p : a.p) p /= total;
  return a;
}

inline Tokens finite(const Alphabet& a) { return finite_model(a.p, a.reward, {}, "model.outcomes"); }
inline Tokens sequence(const Alphabet& a, std::int64_t length) {
  return memoryless_model(a.p, a.reward, static_cast<double>(length), false, "model.tokens");
}

/** Probabilities of the sums 0, 1, .. of so many tokens, one added after another: no transform, and all terms positive.
 */
inline std::vector<double> added_up(const std::vector<double>& p, const std::vector<std::int64_t>& step,
                                    std::int64_t length) {
  std::vector<double> mass{1};
  for (std::int64_t n = 0; n < length; ++n) {
    std::vector<double> next(mass.size() + static_cast<std::size_t>(step.back()), 0);
    for (std::size_t s = 0; s < mass.size(); ++s) {
      for (std::size_t k = 0; k < p.size(); ++k) next[s + static_cast<std::size_t>(step[k])] += mass[s] * p[k];
    }
    mass = std::move(next);
  }
  return mass;
}

/** The law of the sum of so many tokens that share a lattice, from those. */
inline RewardLaw added_law(const TokenLaw& token, std::int64_t length) {
  const std::vector<double> mass = added_up(token.p, token.lattice, length);
  RewardLaw law;
  law.base = token.base * from_integer(length);
  law.unit = token.unit;
  std::vector<double> above(mass.size() + 1, 0);
  for (std::size_t s = mass.size(); s-- > 0;) above[s] = above[s + 1] + mass[s];
  double below = 0;
  for (std::size_t s = 0; s < mass.size(); ++s) {
    if (mass[s] > 0) {
      law.offset.push_back(static_cast<double>(s));
      law.log_mass.push_back(std::log(mass[s]));
      law.log_above.push_back(std::log(above[s + 1]));
      law.below.push_back(below);
    }
    below += mass[s];
  }
  law.gold.assign(law.size(), 0);
  return law;
}

}  // namespace tiltlab::test
