#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace tiltlab {

/** Cells of equal weight, each with a share of its own token and the rest of another's. */
struct AliasCells {
  /** In [0, 1]. */
  std::vector<double> share;
  std::vector<std::uint32_t> alias;
};

/**
 * A. J. Walker's alias method (1977) by M. D. Vose, "A linear algorithm for generating random numbers with a given
 * distribution" (1991).
 * @param weights >= 0, at least one positive; their sum need not be 1 @param size of cells, at least as many as
 * weights; those beyond have weight 0
 * @throws NumericalError where no weight is positive
 */
[[nodiscard]] AliasCells alias_cells(std::span<const double> weights, std::size_t size);

}  // namespace tiltlab
