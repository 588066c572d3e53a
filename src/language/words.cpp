#include "language/words.hpp"

#include "language/code_points.hpp"

namespace tiltlab {
namespace {

constexpr char32_t curly_apostrophe = 0x2019;

bool is_letter(char32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  if (c == code_points::none) return false;
  if (c < 0xC0) return c == 0xAA || c == 0xB5 || c == 0xBA;
  const bool is_sign = c == 0xD7 || c == 0xF7;
  const bool is_in_signs = c >= 0x2000 && c <= 0x2BFF;
  const bool is_in_marks = c >= 0x3000 && c <= 0x3004;
  return !is_sign && !is_in_signs && !is_in_marks && c < 0x1F000;
}

bool is_apostrophe(char32_t c) { return c == '\'' || c == curly_apostrophe; }

}  // namespace

std::vector<WordPlace> words_of(std::string_view text) {
  std::vector<WordPlace> out;
  bool is_within = false;
  // Of an apostrophe that a letter went before: where the word ends if none follows.
  bool is_pending = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto [c, size] = code_points::at(text, at);
    const std::size_t next = at + size;
    if (is_letter(c)) {
      if (!is_within) out.push_back({at, next});
      out.back().to = next;
      is_within = true;
      is_pending = false;
    } else if (is_within && !is_pending && is_apostrophe(c)) {
      is_pending = true;
    } else {
      is_within = false;
      is_pending = false;
    }
    at = next;
  }
  return out;
}

std::string lower_ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string lower_word(std::string_view word) {
  std::string out;
  for (std::size_t at = 0; at < word.size();) {
    const auto [c, size] = code_points::at(word, at);
    if (c == curly_apostrophe) {
      out += '\'';
    } else {
      out += lower_ascii(word.substr(at, size));
    }
    at += size;
  }
  return out;
}

}  // namespace tiltlab
