#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "simulation/token_table.hpp"

namespace tiltlab {

/**
 * Draws the total step of a sequence of tokens on a lattice from alias tables of the totals of 1, 2, 4, 8 .. tokens: a
 * thousand tokens take half a dozen words. The tables are convolutions of positive numbers, right to 1e-13; totals
 * that have less than 2^-64 beyond them are left out.
 */
class SumTables {
 public:
  /** Totals of the largest table: it stays in a processor's nearer memory. */
  static constexpr std::size_t most_totals = 8192;
  /** Tokens of the largest table, as a power of two. */
  static constexpr int most_doublings = 16;

  /** @param p weights of the tokens @param step whole numbers from 0 to below `most_totals` @param length of a sequence
   */
  SumTables(std::span<const double> p, std::span<const double> step, std::int64_t length);

  /** Random words that one total takes. */
  [[nodiscard]] std::int64_t words() const { return whole_ + static_cast<std::int64_t>(rest_.size()); }

  /** Words of drafts next to each other in the stream, kept from one to the next. */
  struct Words {
    bool any = false;
    StreamOf of = StreamOf::base;
    std::uint32_t replicate = 0;
    std::uint32_t group = 0;
    std::array<std::uint32_t, WordSource::size> word{};
  };

  [[nodiscard]] double total(std::uint64_t seed, StreamOf of, std::uint32_t replicate, std::uint32_t draw,
                             Words& kept) const;

 private:
  struct Table {
    TokenTable table;
    /** The least total. */
    std::int64_t first = 0;
  };

  /** Of 2^i tokens. */
  std::vector<Table> tables_;
  /** How often the largest is drawn from: as often as it fits. */
  std::int64_t whole_ = 0;
  /** Each drawn from once. */
  std::vector<std::size_t> rest_;
  /** The least total of all. */
  std::int64_t first_ = 0;
  /** Drafts that sixteen words serve; 0 where they do not do for one. */
  std::uint32_t each_ = 0;
};

}  // namespace tiltlab
