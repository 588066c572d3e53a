#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "laws/inversion.hpp"
#include "laws/reward_law.hpp"
#include "laws/token_law.hpp"

namespace tiltlab {

/**
 * The law of the sum of `length` independent tokens around the level where P(r > rho) ~ e^-depth,
 * listed from where F(rho)^(e^depth) is negligible to where the mass beyond is.
 *
 * The tokens are tilted so that this level becomes their
 * mean, and the characteristic function of the tilted, centred token is inverted:
 * - *lobe*: its n-th power is negligible outside a small frequency interval, so some fifty
 *   frequencies carry everything at any length;
 * - *spectrum*: else a walk over all frequencies finds those that count;
 * - *window*: where these are many, one FFT over a Chernoff-bounded window of levels.
 * Empty where that window has more than `largest_window` levels. Needs `token.lattice`. `log_error` covers truncation,
 * aliasing and rounding.
 *
 * @param length 1 .. 10^9
 * @param tilt at the optimum of rate depth / length, but not beyond `steepest_tilt`; 0 for depths under 2
 */
[[nodiscard]] std::optional<RewardLaw> memoryless_law(const TokenLaw& token, std::int64_t length,
                                                      const InversionToken& tilt);

/**
 * Whether a lattice that rewards were moved to tells them apart: moves of half a step count for nothing beside the
 * token's standard deviation. Not so where all but one of the rewards that matter lie within a step of one another.
 */
[[nodiscard]] bool is_resolved(const InversionToken& token);

/** Where the main lobe ends that alone carries the law of `length` tokens, at a cost free of it; empty where others
 * count. */
[[nodiscard]] std::optional<double> lobe_edge_of(const InversionToken& token, std::int64_t length);

/** A token of many levels on a lattice of few steps whose law ends in frequency after a lobe or a few; if after more
 * than one it is told where. Empty where it does not. */
[[nodiscard]] std::optional<InversionToken> few_lobed_token(const TokenLaw& token, const TokenTilt& tilt,
                                                            std::int64_t length);

/** A token whose sum is taken for smooth, as `smooth_inversion_token` of a split one where that tells enough. */
[[nodiscard]] InversionToken smooth_by_split(const TokenLaw& fine, const TokenTilt& tilt, std::int64_t length);

/** The same of a law that is taken for smooth, where others count: an edge beyond them, where it is soon found. */
[[nodiscard]] std::optional<double> calm_edge_of(const InversionToken& token, std::int64_t length);

/**
 * The tilt at which one token of `length` is expected to miss the best level; beyond it the law has nothing
 * left to resolve. In step units. Infinite, at less cost, where it is steeper than `at_least`.
 */
[[nodiscard]] double steepest_tilt(const TokenLaw& token, std::int64_t length, double at_least);

/** P(S_phi < S_p) + P(S_phi = S_p)/2 for sums of `length` tilted and untilted tokens. */
struct Loss {
  double value = 0;
  double error_bound = 0;
};

/**
 * How often a tilted sequence loses to a base one, ties half. Needs `token.lattice`; tilt not saturated.
 * Empty where no method is affordable.
 */
[[nodiscard]] std::optional<Loss> tilt_loss(const TokenLaw& token, std::int64_t length, const TokenTilt& tilt);
/** The same where the tilt by half of b is known, and the token there. */
[[nodiscard]] std::optional<Loss> tilt_loss(const TokenLaw& token, std::int64_t length, const TokenTilt& tilt,
                                            const TokenTilt& halfway, const InversionToken& at_halfway);

/** Masses of the sum of `length` tilted tokens on about `points` levels around its mean. */
struct SumMasses {
  DoubleDouble center;
  std::vector<double> offset;
  std::vector<double> mass;
  double stride = 1;
};
/** @param smooth whether the lattice is one so fine that its points do not matter; throws then where other lobes count
 */
[[nodiscard]] SumMasses sum_masses(const TokenLaw& token, std::int64_t length, const TokenTilt& tilt, int points,
                                   bool smooth = false);

}  // namespace tiltlab
