#pragma once
#include "laws/token_law.hpp"

namespace tiltlab {

/**
 * `cumulants` of a law with levels that are less likely than a double tells, whose probability stands as 0 and whose
 * logarithm tells it: sums of p_i e^{-b (top - step_i)} less the largest exponent, in 31 digits but for those of
 * `log_p` where that alone tells p_i. Levels that are nothing beside those that count, and whose distance from the top
 * is nothing beside theirs, are passed over. Laws point to it (`TokenLaw::deep_cumulants`): what makes none such goes
 * without its code.
 * @param b >= 0
 */
[[nodiscard]] Cumulants deep_cumulants(const TokenLaw& law, double b);

}  // namespace tiltlab
