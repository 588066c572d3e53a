#pragma once
#include <cstdint>
#include <optional>

#include "laws/reward_law.hpp"
#include "laws/token_law.hpp"

namespace tiltlab {

/** Distances from the mean of the tilted sum, in step units: below is negative. */
struct Reach {
  double low = 0;
  double high = 0;
};

/** All sums but those of counts that are out of the question. */
inline constexpr Reach anywhere{-1e300, 1e300};

/** Number of compositions C(length + J - 1, J - 1); infinite where it passes 1e15. */
[[nodiscard]] double count_types(const TokenLaw& token, std::int64_t length);

/**
 * The law of the sum of `length` independent tokens by listing how often each token occurs, whatever the rewards: every
 * composition, or those alone whose sum lies within `reach` and whose counts are not past e^-46 under the tilt. Equal
 * sums are merged: exactly where the rewards are decimals of one lattice however fine, else to 30 digits. Multinomial
 * masses are those of the tilted tokens by deviances from their means, which keep their digits around it (C. Loader,
 * "Fast and accurate computation of binomial probabilities", 2000).
 *
 * @param tilt not saturated
 * @return empty where more than `most` compositions would be listed
 */
[[nodiscard]] std::optional<RewardLaw> counted_law(const TokenLaw& token, std::int64_t length, const TokenTilt& tilt,
                                                   const std::optional<Reach>& reach, double most);

/** How many distinct sums `length` tokens of a law without a short lattice attain; empty above `most` compositions. */
[[nodiscard]] std::optional<double> count_sums(const TokenLaw& token, std::int64_t length, double most);

}  // namespace tiltlab
