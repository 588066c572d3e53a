#pragma once
#include <functional>

#include "policies/kind.hpp"

namespace tiltlab {

/** The log n of blocks that spend the KL that is asked for, above 0; infinite where none does. @param count of blocks
 * @param deepest log n from which on they spend no more @param kl_of all blocks, by log n */
[[nodiscard]] double log_n_of_blocks(const ExtraPolicy& asked, double count, double deepest,
                                     const std::function<double(double log_n)>& kl_of);

}  // namespace tiltlab
