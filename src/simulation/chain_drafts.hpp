#pragma once
#include <cstdint>
#include <span>

#include "laws/markov_law.hpp"
#include "simulation/drafts.hpp"

namespace tiltlab {

/**
 * Words that transitions are written as: one that earns what the transition does, by its weight among those. None where
 * the states are what is written.
 */
struct WordTable {
  std::span<const double> weight;
  /** Reward units. */
  std::span<const double> reward;
};

/**
 * One draft of a Markov chain, of its optimum max E r subject to a KL, and the best of N = `draws`, rounded to an
 * integer. The optimum is drawn transition by transition: phi_k(x -> y) = p e^(alpha r) h_{k+1}(y) / h_k(x), h_n = 1.
 * Tokens are places in `words`, or the states that are entered. The same for the same seed and replicate, on any
 * machine.
 * @param length transitions of a draft, at least 1
 * @param alpha >= 0, inverse reward units; infinite for the best sums alone, by their probabilities
 * @throws NumericalError where no word earns what a transition does
 */
[[nodiscard]] Drafts draw_drafts(const MarkovLaw& law, std::int64_t length, double alpha, const WordTable& words,
                                 double draws, std::uint64_t seed, std::uint32_t replicate);

/** `draft_that_earns` of the optimum. */
[[nodiscard]] Draft draft_that_earns(double total, const MarkovLaw& law, std::int64_t length, double alpha,
                                     const WordTable& words, std::uint64_t seed, std::uint32_t replicate);

}  // namespace tiltlab
