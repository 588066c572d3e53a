#include "simulation/alias.hpp"

#include "error.hpp"

namespace tiltlab {

AliasCells alias_cells(std::span<const double> weights, std::size_t size) {
  double total = 0;
  for (const double w : weights) total += w;
  if (!(total > 0)) throw NumericalError("simulation: weights sum to " + to_text(total) + ", not to a positive number");
  AliasCells cells;
  std::vector<std::uint32_t> small;
  std::vector<std::uint32_t> large;
  for (std::uint32_t i = 0; i < size; ++i) {
    cells.share.push_back(i < weights.size() ? weights[i] / total * static_cast<double>(size) : 0);
    cells.alias.push_back(i);
    (cells.share[i] < 1 ? small : large).push_back(i);
  }
  while (!small.empty() && !large.empty()) {
    const std::uint32_t low = small.back();
    const std::uint32_t high = large.back();
    small.pop_back();
    cells.alias[low] = high;
    cells.share[high] -= 1 - cells.share[low];
    if (cells.share[high] < 1) {
      large.pop_back();
      small.push_back(high);
    }
  }
  // What is left is whole but for rounding.
  for (const std::uint32_t i : small) {
    if (cells.share[i] > 0.5) cells.share[i] = 1;
  }
  for (const std::uint32_t i : large) cells.share[i] = 1;
  return cells;
}

}  // namespace tiltlab
