#include "simulation/token_table.hpp"

#include <cmath>

#include "simulation/alias.hpp"

namespace tiltlab {

TokenTable::TokenTable(std::span<const double> weights, bool whole_words) {
  while ((std::size_t{1} << cell_bits_) < weights.size()) ++cell_bits_;
  bits_ = whole_words || cell_bits_ > 8 ? 32 : cell_bits_ <= 3 ? 8 : 16;
  // Cells are a power of two, the last ones empty, so that shifts find them.
  const std::size_t size = std::size_t{1} << cell_bits_;
  const AliasCells alias = alias_cells(weights, size);
  const int bits = bits_ - cell_bits_;
  const double scale = std::ldexp(1.0, bits);
  for (std::uint32_t i = 0; i < size; ++i) {
    const double scaled = alias.share[i] * scale;
    const double whole = std::floor(scaled);
    cells_.push_back(
        {static_cast<std::uint32_t>(whole), static_cast<std::uint32_t>(std::floor((scaled - whole) * 0x1p32))});
    token_.push_back(alias.alias[i]);
    token_.push_back(i);
  }
}

}  // namespace tiltlab
