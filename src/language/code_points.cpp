#include "language/code_points.hpp"

namespace tiltlab::code_points {

CodePoint at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  if (size == 0 || first > 0xF4 || at + size > text.size()) return {};
  char32_t value = first & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    value = value << 6 | (byte(i) & 0x3FU);
  }
  // Longer than need be, halves of a pair, or past the last.
  const char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < least[size] || (value >= 0xD800 && value <= 0xDFFF) || value > 0x10FFFF) return {};
  return {value, size};
}

std::size_t count(std::string_view text) {
  std::size_t out = 0;
  for (std::size_t i = 0; i < text.size(); i += at(text, i).size) ++out;
  return out;
}

std::size_t count_utf16(std::string_view text) {
  std::size_t out = 0;
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint c = at(text, i);
    out += c.value != none && c.value > 0xFFFF ? 2 : 1;
    i += c.size;
  }
  return out;
}

}  // namespace tiltlab::code_points
