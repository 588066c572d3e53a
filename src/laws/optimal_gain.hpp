#pragma once
#include "laws/token_law.hpp"

namespace tiltlab {

/**
 * What max E reward subject to KL <= nats gains from one KL to another, in the scenario's unit: the difference of two
 * of `solve_tilt`'s means. Where neither the top nor a far range takes a double's digits, without a tilt of all levels;
 * a mean of so near a KL is brought to the KL itself by R'(kl) = 1/b.
 * @param from,to >= 0, nats; NaN where there is no such tilt
 */
[[nodiscard]] double optimal_gain(const TokenLaw& law, DoubleDouble from, DoubleDouble to);

}  // namespace tiltlab
