#pragma once
#include <cstddef>
#include <string_view>

/** UTF-8, read one character at a time. */
namespace tiltlab::code_points {

/** What a byte stands for that begins no character. */
inline constexpr char32_t none = 0xFFFFFFFF;

struct CodePoint {
  char32_t value = none;
  /** Bytes; 1 where there is none. */
  std::size_t size = 1;
};

/** The character that begins at byte `at` of a text that goes on past it. */
[[nodiscard]] CodePoint at(std::string_view text, std::size_t at);

/** How many characters a text has; each byte that is part of none counts as one. */
[[nodiscard]] std::size_t count(std::string_view text);

/** How many units it has in UTF-16, where characters past U+FFFF have two. */
[[nodiscard]] std::size_t count_utf16(std::string_view text);

}  // namespace tiltlab::code_points
