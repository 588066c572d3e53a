#pragma once
#include <cstdint>
#include <vector>

#include "laws/markov_law.hpp"
#include "laws/tilted_chain.hpp"
#include "simulation/token_table.hpp"

namespace tiltlab {

/** How a Markov chain is walked whose transitions may depend on how many are left. */
struct WalkPlan {
  struct Step {
    std::uint32_t from;
    std::uint32_t to;
    /** What it earns, in lattice steps. */
    double step;
    /** log of its probability in the base. */
    double log_p;
  };
  std::vector<Step> steps;
  /** Weights >= 0 of the state that a walk begins in, and logarithms of their probabilities in the base. */
  std::vector<double> initial;
  std::vector<double> log_initial;
  /** One entry a step: its weight >= 0 among those from its state, where `weights[i]` is of transitions that i more
   * follow. The last `period` entries serve in turn for all that are farther from the end. */
  std::vector<std::vector<double>> weights;
  std::size_t period = 1;

  /** Which of the weights a transition has that so many more follow. */
  [[nodiscard]] std::size_t place(std::int64_t left) const {
    const auto count = static_cast<std::int64_t>(weights.size());
    if (left < count) return static_cast<std::size_t>(left);
    const auto p = static_cast<std::int64_t>(period);
    return static_cast<std::size_t>(count - p + (left - count) % p);
  }
};

/** The chain itself. @param law its rewards on a lattice */
[[nodiscard]] WalkPlan base_walk(const MarkovLaw& law);

/**
 * The optimum of so many transitions, max E S subject to a KL: the non-stationary chain
 * phi_k(x -> y) = p e^(b r) h_{k+1}(y) / h_k(x), h_n = 1, here as Doob's chain of the tilt with what is left of h
 * beside its vector, which settles far from the end. @param tilt of the law
 * @throws InputError where it settles so slowly that its tables would be too large
 */
[[nodiscard]] WalkPlan optimal_walk(const MarkovLaw& law, const TiltedChain& tilt, std::int64_t length);

/** A walk of which some transitions are drawn. */
struct Walked {
  std::int64_t done = 0;
  std::uint32_t state = 0;
  double step = 0;
  double log_p = 0;
};

/**
 * Walks a chain by alias tables, one a state for each of the plan's weights. A transition takes a word of the draw's
 * stream; where the walk begins, and ties with a threshold, take words of `TokenTable::further`.
 */
class ChainWalk {
 public:
  /** Walks may stop at multiples of this, and go on, with the bits of one that does not. */
  static constexpr std::int64_t bunch = static_cast<std::int64_t>(WordSource::size);

  ChainWalk(const WalkPlan& plan, std::int64_t length);

  /** The first state. @param further new; it stays with the walk */
  [[nodiscard]] Walked begin(RandomStream& further) const;
  /** Goes on by at most `count` transitions. @param at of a multiple of `bunch` */
  void go_on(Walked& at, std::int64_t count, std::uint64_t seed, StreamOf of, std::uint32_t replicate,
             std::uint32_t draw, RandomStream& further) const;

 private:
  struct Next {
    double step;
    double log_p;
    std::uint32_t to;
  };
  /** Of a state: by the table's outcomes. */
  struct Row {
    TokenTable table;
    std::vector<Next> next;
  };

  WalkPlan plan_;
  std::int64_t length_;
  TokenTable first_;
  /** States of the plan's first weights, of its second, .. */
  std::vector<Row> rows_;
};

}  // namespace tiltlab
