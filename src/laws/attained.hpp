#pragma once
#include <cstdint>
#include <optional>

#include "laws/token_law.hpp"

namespace tiltlab {

/**
 * How many distinct sums `length` tokens attain, exactly; empty where that costs too much.
 * For length >= K - J + 2 (K the largest step, J the number of levels) the attained sums
 * are all of 0 .. length K but for the gaps of two numerical semigroups (Granville and Walker,
 * "A tight structure theorem for sumsets", 2021).
 */
[[nodiscard]] std::optional<double> count_levels(const TokenLaw& token, std::int64_t length);

}  // namespace tiltlab
