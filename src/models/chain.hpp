#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "models/long_chain.hpp"
#include "models/model.hpp"
#include "models/tokens.hpp"

namespace tiltlab {

/**
 * A Markov model: the reward of a sequence is the sum of its transitions', and the initial state earns nothing. Where
 * the sums that are attained are few they are listed, as outcomes of a finite model; else laws come from powers of the
 * tilted transitions.
 */
struct Chain {
  MarkovLaw law;
  /** Transitions of a sequence. */
  std::int64_t length = 1;
  /** Its sums: a draw of the finite model is a whole sequence. */
  std::variant<Tokens, LongChain> sums;
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
  /** Whether `initial` and each row of `transition` are weights of any sum. */
  bool counts = false;

  [[nodiscard]] static bool has(const std::string& kind) { return kind == "markov"; }
  bool operator==(const MarkovInput&) const = default;
};

template <class F>
void fields(F&& f, MarkovInput& i) {
  f("length", i.length);
  f("initial", i.initial);
  f("transition", i.transition);
  f("reward", i.reward);
  f("counts", i.counts);
}

/** @throws InputError where so long a sequence has no limits, and too many sums to list */
[[nodiscard]] Chain chain_of(MarkovLaw law, std::int64_t length);
[[nodiscard]] Chain make_model(const MarkovInput& input);
/** The finite model of the sums. @throws InputError where one is less likely than a double tells */
[[nodiscard]] Tokens sums_of_chain(const MarkovLaw& law, std::int64_t length);

/** Of the sums as they are found: both alternatives go together. */
using ChainTilt = std::variant<TokenTilt, LongTilt>;

/** The capabilities that `model.hpp` describes; rewards per transition in pictures. */
[[nodiscard]] ChainTilt base_of(const Chain& c, Accuracy = Accuracy::full);
[[nodiscard]] ChainTilt tilt_for(const Chain& c, const DoubleDouble& nats, Accuracy = Accuracy::full);
[[nodiscard]] BestOfNOutcome best_of(const Chain& c, const DoubleDouble& log_n, const ChainTilt& tilt);
[[nodiscard]] ChainTilt tilt_at_kl_of(const Chain& c, const BestOfNOutcome& bon, const ChainTilt& base);
[[nodiscard]] Outcome base_outcome(const Chain& c, const ChainTilt& base);
[[nodiscard]] Outcome outcome(const Chain& c, const ChainTilt& tilt);
[[nodiscard]] Outcome outcome(const Chain& c, const BestOfNOutcome& bon);
[[nodiscard]] Comparison compare(const Chain& c, const Optima<ChainTilt>& optima, const BestOfNOutcome& bon);
[[nodiscard]] Extremes extremes(const Chain& c, const BestOfNOutcome& bon);
[[nodiscard]] double earns_more(const Chain& c, double from, double to);
[[nodiscard]] inline std::optional<std::int64_t> length_of(const Chain& c) { return c.length; }
/** Empty for a chain that has none, whose sums are listed. */
[[nodiscard]] std::optional<Limits> limits_of(const Chain& c, const DoubleDouble& rate, const ChainTilt& tilt);

class ChainPaths {
 public:
  explicit ChainPaths(const Chain& c);
  [[nodiscard]] PathPoint optimum(double kl);
  [[nodiscard]] PathPoint best_of_n(double log_n);

 private:
  std::optional<TokenPaths> listed_;
  std::optional<LongPaths> long_;
};
[[nodiscard]] inline ChainPaths paths_of(const Chain& c) { return ChainPaths(c); }

/** Best-of-N against the optimum at one rate: each length has its own tilt, from which the ends of a sequence differ.
 */
class ChainLengths {
 public:
  ChainLengths(const Chain& c, const DoubleDouble& rate);
  [[nodiscard]] GapPoint at(std::int64_t length, bool affordable);
  [[nodiscard]] double work() const { return work_; }

 private:
  const MarkovLaw& law_;
  DoubleDouble rate_;
  std::optional<ChainRate> at_rate_;
  double work_ = 0;
};
[[nodiscard]] inline ChainLengths lengths_of(const Chain& c, const DoubleDouble& rate) { return {c, rate}; }

class ChainPolicies {
 public:
  explicit ChainPolicies(const Chain& c) : c_(c) {
    if (const auto* whole = std::get_if<Tokens>(&c.sums)) {
      listed_.emplace(*whole);
    } else {
      deep_.emplace(laws_of(std::get<LongChain>(c.sums)));
    }
  }
  /** @throws InputError */
  [[nodiscard]] LaidPolicy lay(const ExtraPolicy& asked, const std::string& path);

 private:
  /** Block-wise best-of-n of one block. */
  [[nodiscard]] LaidPolicy laid_as_one_block(const ExtraPolicy& asked) const;

  const Chain& c_;
  std::optional<TokenPolicies> listed_;
  std::optional<DeepPolicies> deep_;
};
[[nodiscard]] inline ChainPolicies policies_of(const Chain& c) { return ChainPolicies(c); }
[[nodiscard]] FurtherOutcome further_outcome(const Chain& c, const LaidPolicy& laid, const ChainTilt& at_budget);

[[nodiscard]] LawCurve picture(const Chain& chain, const ChainTilt& tilt, int points);
[[nodiscard]] LawCurve picture_of_best(const Chain& chain, const DoubleDouble& log_n, const ChainTilt& tilt,
                                       int points);

static_assert(RewardModel<Chain> && PicturedModel<Chain> && FurtherModel<Chain> && LengthModel<Chain>);

}  // namespace tiltlab
