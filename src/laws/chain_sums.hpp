#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "laws/markov_law.hpp"

namespace tiltlab {

/** The sums of rewards that sequences attain, in increasing order, in steps of the lattice's unit from `length` times
 * the least reward that a transition has. One entry a sum. */
struct ChainSums {
  std::vector<DoubleDouble> step;
  /** Above 0; the least double of a sum whose probability is below every double. */
  std::vector<double> p;
  /** The steps, where they are those of a lattice; empty else. */
  std::vector<std::int64_t> lattice;
  /** Logarithms of the probabilities, also of those that no double holds; NaN where not known. Empty where all `p` are
   * known. */
  std::vector<double> log_p = {};
  /** Mean gold of the sequences of each sum; empty where there is none. */
  std::vector<double> gold = {};
};

/** Logarithms under which a probability leaves a double's range. */
inline constexpr double least_log_mass = -640;

/** Additions that listing every sum takes, step by step of a lattice or count by count of few rewards; infinite where
 * there are too many sums, 0 where they share no lattice and only the list itself tells. */
[[nodiscard]] double chain_listing_cost(const MarkovLaw& law, std::int64_t length);

/** Whether all sequences have probabilities that a double holds: of the sum of one that has not it is only
 * told that it is attained. */
[[nodiscard]] bool holds_every_sequence(const MarkovLaw& law, std::int64_t length);

/** Rewards as whole numbers whose sums are listed: those of their own lattice, or, where these are shorter, counts of
 * each reward as digits of a number to the base `length` + 1, which never carry. */
struct PlacedRewards {
  /** One a reward. */
  std::vector<std::int64_t> place;
  /** Of the digits; 0 on the rewards' own lattice. */
  std::int64_t radix = 0;

  /** The sum that is meant, in steps, and on the rewards' own lattice, 0 where they have none. */
  [[nodiscard]] std::pair<DoubleDouble, std::int64_t> sum(const TokenLaw& rewards, std::int64_t placed) const;
};
[[nodiscard]] PlacedRewards placed_rewards(const MarkovLaw& law, std::int64_t length);

/** Sums off any lattice that differ by no more than this differ by their rounding alone, in steps; 0 on one. */
[[nodiscard]] double same_sum(const MarkovLaw& law, std::int64_t length);

/**
 * On a lattice by adding one transition after another; of few rewards on that of their counts, where it is shorter.
 * Where no double holds all probabilities, neighbours share a power of two; where these, too, are too far apart for a
 * double, several tilts show sums within some e^600 of the likeliest each, the next of which leans as the law does at
 * the last that was seen.
 * @param length at which `chain_listing_cost` is affordable @throws InputError where a list off any lattice is too
 * long
 */
[[nodiscard]] ChainSums chain_sums(const MarkovLaw& law, std::int64_t length);

}  // namespace tiltlab
