#pragma once
#include <complex>
#include <functional>
#include <vector>

#include "policies/kind.hpp"

namespace tiltlab {

/** Differences of sums that a transform may hold. */
inline constexpr double most_differences = 1 << 20;

/** P(D > 0) + P(D = 0)/2 of an integer |D| < size/2, from E e^(-i w D) at w = 2 pi k / size. @param waves a power of
 * two of them */
[[nodiscard]] double share_above_zero(std::vector<std::complex<double>> waves);

/** The log n of blocks that spend the KL that is asked for, above 0; infinite where none does. @param count of blocks
 * @param deepest log n from which on they spend no more @param kl_of all blocks, by log n */
[[nodiscard]] double log_n_of_blocks(const ExtraPolicy& asked, double count, double deepest,
                                     const std::function<double(double log_n)>& kl_of);

}  // namespace tiltlab
