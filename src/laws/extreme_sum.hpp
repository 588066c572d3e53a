#pragma once
#include <cstdint>
#include <utility>

#include "laws/markov_law.hpp"

namespace tiltlab {

/**
 * The largest sum of so many transitions, in lattice steps, and the logarithm of its probability: walks of doubling
 * lengths, of which only the best are kept.
 * @param law of rewards on a lattice @param sign 1; or -1 for the least sum
 */
[[nodiscard]] std::pair<std::int64_t, double> extreme_sum(const MarkovLaw& law, std::int64_t length, int sign);

}  // namespace tiltlab
