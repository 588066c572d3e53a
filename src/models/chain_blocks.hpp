#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "laws/block_sums.hpp"
#include "laws/reward_law.hpp"
#include "models/tokens.hpp"

namespace tiltlab {

/** What all blocks of a text come to. */
struct BlocksTotal;

/**
 * Best-of-n block by block of a Markov model: each block is the best of n drafts that go on from the state where the
 * last one ended, by its own reward, ties uniform; those of the first block begin anew, so that one block is best-of-n.
 * Among blocks of one reward where a block ends is as in the base: the states between blocks are a chain of their own,
 * along which rewards and KLs add up. Source: Mudgal et al., "Controlled Decoding from Language Models", arXiv
 * 2310.17022, section on blockwise control.
 */
class ChainBlocks {
 public:
  /** @param size transitions of a block >= 1 @throws InputError where a block has too many sums to list */
  ChainBlocks(const MarkovLaw& law, std::int64_t length, std::int64_t size, const std::string& path);

  /** Whether blocks of so many transitions have few enough sums. */
  [[nodiscard]] static bool are_listed(const MarkovLaw& law, std::int64_t size);

  /** @param asked of block-wise best-of-n @throws InputError NumericalError */
  [[nodiscard]] LaidPolicy lay(const ExtraPolicy& asked, const std::string& path) const;

  /** What a block may be. */
  struct Block {
    double p;
    /** From its length times the least reward. */
    double step;
    /** log of p over the base's. */
    double log_ratio;
    std::size_t to;
  };
  /** Blocks of one length, by the state that they begin in. */
  struct Blocks {
    std::int64_t times;
    std::vector<std::vector<Block>> from;
  };
  /** As they are drawn, one after another. @param laid of this model */
  [[nodiscard]] std::vector<Blocks> drawn(const LaidPolicy& laid) const;

 private:
  /** Blocks of one length, and their base laws by the state that they begin in. */
  struct Kind {
    std::int64_t size;
    std::int64_t times;
    std::vector<BlockSums> from;
    std::vector<RewardLaw> law;
    /** Whether its drafts begin anew: then it is the same from every state. */
    bool is_first;
  };
  struct Laid;

  [[nodiscard]] Laid laid(const Kind& kind, const DoubleDouble& log_n) const;
  [[nodiscard]] std::vector<Laid> laid(const DoubleDouble& log_n) const;
  [[nodiscard]] DoubleDouble log_n_of(const ExtraPolicy& asked) const;
  [[nodiscard]] bool win_rate_by_transform(const std::vector<Laid>& blocks, const BlocksTotal& total,
                                           const std::vector<Laid>& base, const BlocksTotal& of_base,
                                           LaidPolicy& out) const;

  const MarkovLaw& law_;
  std::int64_t length_;
  std::vector<Kind> kinds_;
  /** log n from which on every block is the best that there is. */
  double deepest_ = 0;
  /** Whether sums less likely than a double tells are left out. */
  bool is_cut_ = false;
};

}  // namespace tiltlab
