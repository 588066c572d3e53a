#pragma once
#include <cstdint>

#include "laws/reward_law.hpp"
#include "laws/token_law.hpp"
#include "policies/policy.hpp"
#include "simulation/simulate.hpp"

namespace tiltlab {

/**
 * A policy's law in total steps of the tokens' unit. Where the law lists every stride-th level, levels between are
 * interpolated, so that what is drawn within a cell of theirs differs by nothing a simulation could see.
 * @param origin the level at which steps are 0
 * @param log_p whether `value` is log P of the level, else log(pi / p)
 * @param token whose rewards' base and unit a sequence's are counted in @param length of a sequence
 */
[[nodiscard]] TotalLaw total_law(const TokenLaw& token, std::int64_t length, const RewardLaw& law, const Policy& policy,
                                 std::size_t origin, bool log_p);

}  // namespace tiltlab
