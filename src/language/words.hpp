#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tiltlab {

/** Where a word stands in a text, in bytes. */
struct WordPlace {
  std::size_t from = 0;
  std::size_t to = 0;
};

/**
 * The words of a text, as those of the book are counted (tools/extract-moby-dick.mjs): runs of letters in which single
 * apostrophes, straight or curly, may stand. Letters are those of ASCII, and past it what lies outside the blocks of
 * signs, spaces and symbols.
 * @param text UTF-8; bytes that are none part words
 */
[[nodiscard]] std::vector<WordPlace> words_of(std::string_view text);

/** A word as lists have it: letters of ASCII in lower case, apostrophes straight. */
[[nodiscard]] std::string lower_word(std::string_view word);

/** A to Z made a to z. */
[[nodiscard]] std::string lower_ascii(std::string_view text);

}  // namespace tiltlab
