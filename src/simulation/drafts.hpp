#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "simulation/philox.hpp"

namespace tiltlab {

/** Draws an index by its weight in constant time (A. J. Walker, 1977; tables by M. D. Vose, 1991). */
class AliasTable {
 public:
  /** @param weights >= 0, at least one positive; their sum need not be 1. @throws NumericalError where none is positive
   */
  explicit AliasTable(std::span<const double> weights);

  [[nodiscard]] std::size_t size() const { return keep_.size(); }

  /** @param u uniform on [0, 1): its leading part chooses the cell, the rest what is in it. */
  [[nodiscard]] std::size_t at(double u) const {
    const double scaled = u * static_cast<double>(keep_.size());
    const auto cell = static_cast<std::size_t>(scaled);
    return scaled - static_cast<double>(cell) < keep_[cell] ? cell : alias_[cell];
  }

 private:
  std::vector<double> keep_;
  std::vector<std::uint32_t> alias_;
};

/** One draft: the tokens drawn, by their place in the vocabulary, what each earns, and their total reward. */
struct Draft {
  std::vector<std::uint32_t> tokens;
  std::vector<double> earned;
  double reward = 0;
};

struct Drafts {
  Draft base;
  Draft kl_rl;
  /** The best of `draws` drafts, ties broken uniformly; no tokens where that is more work than `most_tokens`. */
  Draft best_of_n;
  /** The first few of the N - 1 that were thrown away. */
  std::vector<Draft> losers;
  double draws = 0;
};

template <class F>
void fields(F&& f, const Draft& d) {
  f("tokens", d.tokens);
  f("earned", d.earned);
  f("reward", d.reward);
}

template <class F>
void fields(F&& f, const Drafts& d) {
  f("base", d.base);
  f("kl_rl", d.kl_rl);
  f("best_of_n", d.best_of_n);
  f("losers", d.losers);
  f("draws", d.draws);
}

/** Tokens that best-of-N may draw in one call. */
inline constexpr double most_tokens = 1e7;

/** Most that a draft of so many tokens may earn or lose. @param reward what tokens may earn */
[[nodiscard]] double most_earned(std::span<const double> reward, std::int64_t length);

/** What the drafts of a policy are drawn from, each from a stream of its own. */
class DraftSource {
 public:
  /** @param reward what tokens may earn, reward units @param length tokens of a draft, at least 1 */
  DraftSource(std::span<const double> reward, std::int64_t length)
      : length_(length), most_(most_earned(reward, length)) {}
  virtual ~DraftSource() = default;
  /** What the draft earns that `written` writes out. */
  [[nodiscard]] virtual double total(RandomStream stream) const = 0;
  [[nodiscard]] virtual Draft written(RandomStream stream) const = 0;

  [[nodiscard]] std::int64_t length() const { return length_; }
  [[nodiscard]] double most() const { return most_; }

 private:
  std::int64_t length_;
  double most_;
};

/** A draft of each, and the best of N = `draws` of the base, rounded to an integer. */
[[nodiscard]] Drafts drafts_of(const DraftSource& base, const DraftSource& optimum, double draws, std::uint64_t seed,
                               std::uint32_t replicate);

/**
 * Of the source's drafts, one after another, the first that earns `total`: a draft of the base among those that do,
 * since within a total a tilt leaves the base as it is. So the best of N is drawn however large N is: by its law a
 * total, then a draft. No tokens where that is more work than `most_tokens`.
 * @param source of drafts that earn about as much
 */
[[nodiscard]] Draft draft_that_earns(const DraftSource& source, double total, std::uint64_t seed,
                                     std::uint32_t replicate);

/**
 * One draft of the base model, of the tilt with inverse temperature `alpha` (finite) and the best of N = `draws`,
 * rounded to an integer, token by token. The same numbers for the same seed and replicate, on any machine.
 * @param weights counts or probabilities, one a token of the vocabulary @param reward of the same length, reward units
 * @param length tokens of a draft, at least 1
 */
[[nodiscard]] Drafts draw_drafts(std::span<const double> weights, std::span<const double> reward, std::int64_t length,
                                 double alpha, double draws, std::uint64_t seed, std::uint32_t replicate);

/** `draft_that_earns` of the tilt with inverse temperature `alpha`. */
[[nodiscard]] Draft draft_that_earns(double total, std::span<const double> weights, std::span<const double> reward,
                                     std::int64_t length, double alpha, std::uint64_t seed, std::uint32_t replicate);

}  // namespace tiltlab
