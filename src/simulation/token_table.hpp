#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "simulation/philox_words.hpp"

namespace tiltlab {

/**
 * Draws tokens by their weights, each from a quarter of a random word where there are at most 8 of them, from half a
 * word up to 256, else from a whole one: the leading bits choose the cell of an alias table, the others decide between
 * its two tokens. Where they tie with the threshold a further word decides, so that probabilities hold to 2^-37 and
 * better.
 */
class TokenTable {
 public:
  /**
   * @param weights >= 0, at least one positive; at most 2^20 of them
   * @param whole_words whether each token has a word of its own, however few there are; what `at` needs
   */
  explicit TokenTable(std::span<const double> weights, bool whole_words = false);

  /** Outcomes of a draw: cell and which of its two tokens. */
  [[nodiscard]] std::size_t outcomes() const { return token_.size(); }
  [[nodiscard]] std::uint32_t token(std::size_t outcome) const { return token_[outcome]; }

  /** The outcome that a word chooses. @param further decides ties */
  [[nodiscard]] std::size_t at(std::uint32_t word, RandomStream& further) const {
    const int shift = 32 - cell_bits_;
    const std::size_t cell = word >> shift;
    const std::uint32_t fraction = word & ((std::uint32_t{1} << shift) - 1);
    const Cell c = cells_[cell];
    if (__builtin_expect(fraction == c.threshold, 0)) return 2 * cell + (further.word() < c.rest ? 1 : 0);
    return 2 * cell + (fraction < c.threshold ? 1 : 0);
  }

  /** Tokens of a draw, or a part of them, begin at a multiple of this. */
  static constexpr std::int64_t bunch = 4 * static_cast<std::int64_t>(WordSource::size);

  /** The words of a draw that decide ties. */
  [[nodiscard]] static RandomStream further(std::uint64_t seed, StreamOf of, std::uint32_t replicate,
                                            std::uint32_t number) {
    return {seed, of, replicate, number, far_block};
  }

  /**
   * Calls `use(outcome, parity)` for tokens `from` .. `from + length - 1` of the stream of this draw, in their order;
   * the parity of a token's place lets sums run side by side.
   * @param from a multiple of `bunch` @param further as the tokens before have left it
   */
  template <class F>
  void draw(std::uint64_t seed, StreamOf of, std::uint32_t replicate, std::uint32_t number, std::int64_t from,
            std::int64_t length, RandomStream& further, F&& use) const {
    WordSource words(seed, of, replicate, number, static_cast<std::uint32_t>(from / (4 * (32 / bits_))));
    if (bits_ == 8) return draw_by<8>(words, further, length, use);
    if (bits_ == 16) return draw_by<16>(words, further, length, use);
    draw_by<32>(words, further, length, use);
  }
  template <class F>
  void draw(std::uint64_t seed, StreamOf of, std::uint32_t replicate, std::uint32_t number, std::int64_t length,
            F&& use) const {
    RandomStream ties = further(seed, of, replicate, number);
    draw(seed, of, replicate, number, 0, length, ties, use);
  }

 private:
  /** Blocks of a draw beyond these decide ties: a sequence of 10^9 tokens ends long before. */
  static constexpr std::uint32_t far_block = 0x80000000;

  struct Cell {
    /** Of 2^(bits - cell bits): under it the cell's own token. */
    std::uint32_t threshold;
    /** What is left of the threshold, times 2^32. */
    std::uint32_t rest;
  };

  /** 32/bits tokens a word, the leading bits first. */
  template <int bits, class F>
  void draw_by(WordSource& words, RandomStream& further, std::int64_t length, F& use) const {
    constexpr int each = 32 / bits;
    constexpr std::int64_t batch = each * static_cast<std::int64_t>(WordSource::size);
    constexpr std::uint32_t mask = bits == 32 ? 0xffffffff : (std::uint32_t{1} << (bits % 32)) - 1;
    const int shift = bits - cell_bits_;
    const std::uint32_t below = (std::uint32_t{1} << shift) - 1;
    const Cell* const cells = cells_.data();
    const auto token = [&, shift, below, cells](std::uint32_t word, int k) {
      const std::uint32_t x = (word >> (32 - bits * (k + 1))) & mask;
      const std::size_t cell = x >> shift;
      const std::uint32_t fraction = x & below;
      const Cell c = cells[cell];
      if (__builtin_expect(fraction == c.threshold, 0)) return 2 * cell + (further.word() < c.rest ? 1 : 0);
      return 2 * cell + (fraction < c.threshold ? 1 : 0);
    };
    for (; length >= batch; length -= batch) {
      for (const std::uint32_t word : words.next()) {
        for (int k = 0; k < each; ++k) use(token(word, k), k % 2);
      }
    }
    if (length <= 0) return;
    for (const std::uint32_t word : words.next()) {
      for (int k = 0; k < each; ++k) {
        use(token(word, k), k % 2);
        if (--length <= 0) return;
      }
    }
  }

  int cell_bits_ = 1;
  /** Of a word, for a token. */
  int bits_ = 16;
  std::vector<Cell> cells_;
  /** By outcome: the alias, then the cell's own. */
  std::vector<std::uint32_t> token_;
};

}  // namespace tiltlab
