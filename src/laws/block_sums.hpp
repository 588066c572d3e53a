#pragma once
#include <cstdint>
#include <vector>

#include "laws/markov_law.hpp"

namespace tiltlab {

/** What a block of so many transitions earns, and where it ends. */
struct BlockSums {
  /** Its sums as levels of a token, in the chain's own unit. */
  TokenLaw sums;
  /** The least sum in steps of the chain, from `length` times the least reward. */
  DoubleDouble least;
  /** By level and state: how likely a block of this sum ends there. */
  std::vector<double> end;
  /** Whether sums less likely than a double tells are left out. */
  bool is_cut = false;
};

/** Entries that listing the blocks of a chain adds, about; infinite where there are too many sums, or rewards share no
 * lattice and are not few. */
[[nodiscard]] double block_listing_cost(const MarkovLaw& law, std::int64_t length);

/** Of blocks that begin as the law does. @param length at which `block_listing_cost` is affordable */
[[nodiscard]] BlockSums block_sums(const MarkovLaw& law, std::int64_t length);

}  // namespace tiltlab
