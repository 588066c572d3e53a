#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "laws/token_law.hpp"
#include "numerics/double_double.hpp"

namespace tiltlab {

/** A transition that happens, with its reward. */
struct Transition {
  std::size_t from;
  std::size_t to;
  DoubleDouble p;
  /** Among the distinct rewards, in increasing order. */
  std::size_t level;
};

/**
 * A Markov chain whose transitions earn rewards: a sequence's reward is the sum of its transitions', the initial state
 * earns nothing.
 */
struct MarkovLaw {
  std::size_t states = 0;
  /** One entry a state. */
  std::vector<DoubleDouble> initial;
  /** By the state they leave. Several of different rewards may go from one state to one other. */
  std::vector<Transition> transitions;
  /** Distinct rewards of transitions that happen, placed as those of a token law; its probabilities mean nothing. */
  TokenLaw rewards;
};

/** States of a chain, at most. */
inline constexpr std::size_t most_states = 64;

/**
 * @param initial probabilities, one a state, with sum 1 within 1e-6 (renormalised)
 * @param transition rows one after another, each such probabilities
 * @param reward of the state that is entered, one a state; or of the transition, as many as `transition` has
 * @param length transitions of a sequence, which `largest_reward_range` is divided by
 * @param counts whether `initial` and the rows are weights of any sum
 * @throws InputError
 */
[[nodiscard]] MarkovLaw make_markov_law(std::span<const double> initial, std::span<const double> transition,
                                        std::span<const double> reward, double length, bool counts = false);

/** Tokens in classes: the law of each depends on the class of the one before alone. */
struct TokenClasses {
  /** The class of each token, below the number of classes. */
  std::vector<std::size_t> of;
  /** Weights >= 0 of the classes, of the token before the first; that one earns nothing. */
  std::vector<double> initial;
  /** Weights >= 0 of tokens, one row a class of the token before: as many as classes times tokens. */
  std::vector<double> next;
  /** One a token, in the scenario's unit. */
  std::vector<double> reward;
};

/**
 * The chain of the classes, whose transitions earn what the tokens do that are drawn: one transition for each token
 * that may follow a class. Weights of one row are proportional to probabilities, exactly. @param length in tokens,
 * which `largest_reward_range` is divided by
 */
[[nodiscard]] MarkovLaw class_chain(const TokenClasses& tokens, double length);

/** The states that a sequence may visit, and rewards of their transitions alone. */
[[nodiscard]] MarkovLaw visited_part(const MarkovLaw& law);

/**
 * How a chain goes on: what its sequences of any length have in common. Rewards in lattice steps.
 */
struct Recurrence {
  /** Which states recur: they form one class. The others are left once and for all. */
  std::vector<bool> recurs;
  /** Greatest common divisor of the lengths of closed walks. */
  std::int64_t period = 1;
  /** That of the differences of closed walks' rewards of one length: sums of long sequences lie on lattices of this
   * span. 0 where all have the same. */
  std::int64_t span = 0;
  /** The largest mean reward of a closed walk, per transition. */
  DoubleDouble peak;
  /** What a walk may earn beyond the peak's mean before it settles, by the state it begins in; at least 0. */
  std::vector<DoubleDouble> bias;
  /** peak + bias[from] - bias[to] - reward of each transition, at least 0: the sum of rewards along a walk is the peak
   * times its length, plus the bias of its first state less that of its last, less all drops. */
  std::vector<DoubleDouble> drop;
};

/**
 * @param law of visited states alone, its rewards on a lattice
 * @throws InputError where several classes recur: which of them a sequence stays in decides what it earns, and no limit
 * is common to them
 */
[[nodiscard]] Recurrence recurrence_of(const MarkovLaw& law);

}  // namespace tiltlab
