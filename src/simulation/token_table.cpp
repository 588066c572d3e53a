#include "simulation/token_table.hpp"

#include <cmath>

#include "error.hpp"

namespace tiltlab {

TokenTable::TokenTable(std::span<const double> weights) {
  double total = 0;
  for (const double w : weights) total += w;
  if (!(total > 0)) throw InputError("weights", "sum to " + to_text(total) + ", not to a positive number");
  while ((std::size_t{1} << cell_bits_) < weights.size()) ++cell_bits_;
  bits_ = cell_bits_ <= 3 ? 8 : cell_bits_ <= 8 ? 16 : 32;
  // Cells are a power of two, the last ones empty, so that shifts find them.
  const std::size_t size = std::size_t{1} << cell_bits_;
  std::vector<double> share(size, 0);
  std::vector<std::uint32_t> alias(size, 0);
  std::vector<std::uint32_t> small;
  std::vector<std::uint32_t> large;
  for (std::uint32_t i = 0; i < size; ++i) {
    if (i < weights.size()) share[i] = weights[i] / total * static_cast<double>(size);
    (share[i] < 1 ? small : large).push_back(i);
  }
  // M. D. Vose, "A linear algorithm for generating random numbers with a given distribution", 1991.
  while (!small.empty() && !large.empty()) {
    const std::uint32_t low = small.back();
    const std::uint32_t high = large.back();
    small.pop_back();
    alias[low] = high;
    share[high] -= 1 - share[low];
    if (share[high] < 1) {
      large.pop_back();
      small.push_back(high);
    }
  }
  // What is left is whole but for rounding.
  for (const std::uint32_t i : small) {
    if (share[i] > 0.5) share[i] = 1;
  }
  for (const std::uint32_t i : large) share[i] = 1;
  const int bits = bits_ - cell_bits_;
  const double scale = std::ldexp(1.0, bits);
  for (std::uint32_t i = 0; i < size; ++i) {
    const double scaled = share[i] * scale;
    const double whole = std::floor(scaled);
    cells_.push_back(
        {static_cast<std::uint32_t>(whole), static_cast<std::uint32_t>(std::floor((scaled - whole) * 0x1p32))});
    token_.push_back(alias[i]);
    token_.push_back(i);
  }
}

}  // namespace tiltlab
