#pragma once
#include "laws/token_law.hpp"

namespace tiltlab {

/**
 * What max E reward subject to KL <= nats gains from one KL to another, in the scenario's unit: the difference of two
 * of `solve_tilt`'s means, of laws of many levels. Where neither base nor top nor a far range takes a double's digits,
 * by one exponential a level that counts; a mean of so near a KL is brought to the KL itself by R'(kl) = 1/b.
 * @param from,to >= 0, nats; NaN where there is no such tilt
 */
[[nodiscard]] double optimal_gain(const TokenLaw& law, double from, double to);

}  // namespace tiltlab
