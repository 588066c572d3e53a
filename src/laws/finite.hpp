#pragma once
#include <span>

#include "laws/reward_law.hpp"
#include "laws/token_law.hpp"

namespace tiltlab {

/** The reward law of a single draw: every level, tails summed from both ends, no approximation. */
[[nodiscard]] RewardLaw finite_law(const TokenLaw& token);

/** One of the entries that a token law was made of. */
struct ListedOutcome {
  /** Of the law. */
  std::size_t level;
  double p;
  double gold;
};

/**
 * The same law outcome by outcome, from the least to the best: of those of one reward the one listed first is the best.
 * Then neighbouring levels may have one reward.
 * @param outcomes as they are listed, of positive probability
 */
[[nodiscard]] RewardLaw outcome_law(const TokenLaw& token, std::span<const ListedOutcome> outcomes);

/**
 * The law of the sum of `length` tokens on their lattice, by adding one tilted token after another: all terms are
 * positive, so every level has its own digits, however far in the tail. For short sequences, whose laws are far from
 * normal.
 * @throws NumericalError when `convolution_cost` passes `max_convolution`
 */
[[nodiscard]] RewardLaw convolved_law(const TokenLaw& token, std::int64_t length, const TokenTilt& tilt);

/** Multiplications that `convolved_law` needs; infinite without a lattice. */
[[nodiscard]] double convolution_cost(const TokenLaw& token, std::int64_t length);

inline constexpr double max_convolution = 4e7;
/** Compositions that are listed at most. */
inline constexpr double max_types = 4e5;

}  // namespace tiltlab
