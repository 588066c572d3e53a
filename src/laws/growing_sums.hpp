#pragma once
#include <cstdint>
#include <vector>

#include "laws/markov_law.hpp"

namespace tiltlab {

/**
 * Probabilities of sums of rewards on a lattice, by the state that a sequence ends in, while it grows by one transition
 * after another. Sums that are near to one another share a power of two, so that each has a double's digits however far
 * from the likeliest it lies: all terms are positive.
 */
class GrowingSums {
 public:
  /** The sum 0 alone. @param scaled whether there are such powers: else all probabilities must be ones that a double
   * holds, and none is looked at */
  GrowingSums(const MarkovLaw& law, std::int64_t length, bool scaled);

  void add_transition();

  /** Whether no probability has lost a digit: neighbours that are farther apart than a double's range are not told. */
  [[nodiscard]] bool is_exact() const { return is_exact_; }
  /** One more than the largest sum so far, in lattice steps. */
  [[nodiscard]] std::size_t size() const { return size_; }
  /** The probability of a sum is `share` times 2^`power`. */
  [[nodiscard]] double share(std::size_t sum) const;
  /** Of the sequences that end in one state. */
  [[nodiscard]] double share(std::size_t sum, std::size_t state) const {
    return share_[(sum / tile_ * states_ + state) * tile_ + sum % tile_];
  }
  [[nodiscard]] int power(std::size_t sum) const { return power_[sum / tile_]; }

 private:
  /** Transitions that enter a state, four by four, the last ones of weight 0. */
  struct Term {
    std::size_t from;
    std::size_t step;
    double weight;
  };

  [[nodiscard]] double* block(std::size_t tile, std::size_t state) {
    return share_.data() + (tile * states_ + state) * tile_;
  }
  void look_back(std::size_t tile, bool is_seen);
  void add_terms(std::size_t state, double* to) const;
  void scale(std::size_t tile);

  std::size_t states_;
  std::size_t top_;
  /** Sums that share a power. */
  std::size_t tile_;
  std::size_t size_ = 1;
  /** Transitions so far, and after how many each tile is looked at. */
  std::size_t steps_ = 0;
  std::size_t unseen_ = 1;
  /** The binary exponent that shares must have to lose no digit until their tile is looked at again. */
  int least_share_ = 0;
  bool scaled_;
  bool is_exact_ = true;
  /** By the state that is entered: `terms_[first_[i]]` and on. */
  std::vector<Term> terms_;
  std::vector<std::size_t> first_;
  /** By tile, state and sum. */
  std::vector<double> share_;
  std::vector<int> power_;
  /** A tile before its transition with the sums under it that come into it, by state. */
  std::vector<double> window_;
};

}  // namespace tiltlab
