#pragma once
#include "policies/kind.hpp"

namespace tiltlab {

/**
 * Best-of-n on the outcomes of a finite model one by one, of which of equal reward the one listed first is the better:
 * reward and win rate are those of best-of-n, the KL is at least its. The same masses F^n - F_prev^n on a finer order.
 * Parameter n >= 1, real; strength log log n.
 * Source: as for best-of-n, Yang et al., "Asymptotics of Language Model Alignment", arXiv 2404.01730.
 */
extern const PolicyKind index_best_of_n_kind;

}  // namespace tiltlab
