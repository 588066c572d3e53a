#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "language/checkpoint.hpp"

namespace tiltlab {

/**
 * Byte-pair encoding with scores, as llama2.c writes it to tokenizer.bin: the longest token's length, then score,
 * length and bytes of each token. Sources: R. Sennrich, B. Haddow and A. Birch, "Neural machine translation of rare
 * words with subword units" (2016); T. Kudo and J. Richardson, "SentencePiece" (2018); A. Karpathy, "llama2.c" (2023).
 */
class Tokenizer {
 public:
  /** Begins a text, and where it is drawn ends the one before. */
  static constexpr std::uint32_t begin = 1;
  static constexpr std::uint32_t end = 2;
  /** The largest file that is read. */
  static constexpr std::size_t most_bytes = std::size_t{32} << 20;

  /**
   * @param vocabulary how many tokens the checkpoint knows
   * @throws InputError naming tokenizer.<field> where the file is cut off, has other than `vocabulary` tokens, or a
   * length or a score that is none
   */
  Tokenizer(Bytes file, std::size_t vocabulary);

  /**
   * Its tokens after `begin`: the bytes or characters of the text after a space, of which neighbours are joined while
   * some token is their join, that of the best score first and among equals the leftmost. Characters without a token
   * are their bytes.
   * @throws InputError naming `prompt` where the vocabulary lacks even those
   */
  [[nodiscard]] std::vector<std::uint32_t> encode(std::string_view text) const;
  /** What `token` writes after `before`: bytes, which need not be whole characters. */
  [[nodiscard]] std::string_view piece(std::uint32_t token, std::uint32_t before) const;
  [[nodiscard]] std::size_t size() const { return pieces_.size(); }

 private:
  [[nodiscard]] std::vector<std::uint32_t> characters(std::string_view text) const;

  std::vector<std::string> pieces_;
  std::vector<float> scores_;
  /** The first token of each spelling. */
  std::unordered_map<std::string_view, std::uint32_t> by_spelling_;
  /** The byte of a token that is spelled <0xAB>. */
  std::unordered_map<std::uint32_t, std::string> bytes_;
};

}  // namespace tiltlab
