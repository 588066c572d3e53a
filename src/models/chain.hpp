#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/tokens.hpp"

namespace tiltlab {

/**
 * A Markov model whose whole law is listed: the reward of a sequence is the sum of its transitions', and each of the
 * sums that are attained is one outcome of a finite model. The initial state earns nothing.
 */
struct Chain {
  /** A draw is a whole sequence; its outcomes are the sums. */
  Tokens whole;
  /** Transitions of a sequence. */
  std::int64_t length = 1;
};

/** The scenario's form of a Markov model, as it crosses the border. */
struct MarkovInput {
  double length = 1;
  /** One entry a state. */
  std::vector<double> initial;
  /** Rows one after another: from each state to all. */
  std::vector<double> transition;
  /** Of the state that is entered, one entry a state; or of the transition, as many as `transition` has. */
  std::vector<double> reward;

  [[nodiscard]] static bool has(const std::string& kind) { return kind == "markov"; }
  bool operator==(const MarkovInput&) const = default;
};

template <class F>
void fields(F&& f, MarkovInput& i) {
  f("length", i.length);
  f("initial", i.initial);
  f("transition", i.transition);
  f("reward", i.reward);
}

/** States of a chain, at most. */
inline constexpr std::size_t most_states = 64;

/** @throws InputError; also where the sums of so long a sequence are too many to list, or too unlikely for a double */
[[nodiscard]] Chain make_model(const MarkovInput& input);

/** The capabilities that `model.hpp` describes: those of its finite model, rewards per transition in pictures. */
[[nodiscard]] inline TokenTilt base_of(const Chain& c, Accuracy a = Accuracy::full) { return base_of(c.whole, a); }
[[nodiscard]] inline TokenTilt tilt_for(const Chain& c, const DoubleDouble& nats, Accuracy a = Accuracy::full) {
  return tilt_for(c.whole, nats, a);
}
[[nodiscard]] inline BestOfNOutcome best_of(const Chain& c, const DoubleDouble& log_n, const TokenTilt& tilt) {
  return best_of(c.whole, log_n, tilt);
}
[[nodiscard]] inline TokenTilt tilt_at_kl_of(const Chain& c, const BestOfNOutcome& bon, const TokenTilt& base) {
  return tilt_at_kl_of(c.whole, bon, base);
}
[[nodiscard]] inline Outcome base_outcome(const Chain& c, const TokenTilt& base) { return base_outcome(c.whole, base); }
[[nodiscard]] inline Outcome outcome(const Chain& c, const TokenTilt& tilt) { return outcome(c.whole, tilt); }
[[nodiscard]] inline Outcome outcome(const Chain& c, const BestOfNOutcome& bon) { return outcome(c.whole, bon); }
[[nodiscard]] inline Comparison compare(const Chain& c, const Optima<TokenTilt>& optima, const BestOfNOutcome& bon) {
  return compare(c.whole, optima, bon);
}
[[nodiscard]] inline Extremes extremes(const Chain& c, const BestOfNOutcome& bon) { return extremes(c.whole, bon); }
[[nodiscard]] inline double earns_more(const Chain& c, double from, double to) { return earns_more(c.whole, from, to); }
[[nodiscard]] inline std::optional<std::int64_t> length_of(const Chain& c) { return c.length; }

[[nodiscard]] inline TokenPolicies policies_of(const Chain& c) { return policies_of(c.whole); }
[[nodiscard]] inline FurtherOutcome further_outcome(const Chain& c, const LaidPolicy& laid,
                                                    const TokenTilt& at_budget) {
  return further_outcome(c.whole, laid, at_budget);
}

[[nodiscard]] inline TokenPaths paths_of(const Chain& c) { return paths_of(c.whole); }
[[nodiscard]] LawCurve picture(const Chain& chain, const TokenTilt& tilt, int points);
[[nodiscard]] LawCurve picture_of_best(const Chain& chain, const DoubleDouble& log_n, const TokenTilt& tilt,
                                       int points);

static_assert(RewardModel<Chain> && PicturedModel<Chain> && FurtherModel<Chain> && !SequenceModel<Chain>);

}  // namespace tiltlab
