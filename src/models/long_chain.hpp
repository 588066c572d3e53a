#pragma once
#include <cstdint>
#include <optional>

#include "laws/chain_law.hpp"
#include "models/best_of_n_law.hpp"
#include "models/budget.hpp"
#include "models/deep_policies.hpp"
#include "models/outcome.hpp"
#include "models/picture.hpp"
#include "models/tokens.hpp"

namespace tiltlab {

/** What a chain's limits ask for. */
struct RecurrentChain {
  /** Of the states that a sequence may visit; rewards on a lattice. */
  MarkovLaw law;
  Recurrence recurrence;
};

/** @throws InputError where such a chain has no limits, or none that are found here. @param length of messages */
[[nodiscard]] RecurrentChain recurrent_chain(const MarkovLaw& law, std::int64_t length);

/** A Markov model of any length whose sums are never listed: laws come from powers of its tilted transitions. */
struct LongChain : RecurrentChain {
  std::int64_t length = 1;
  /** The largest sum of a sequence, in lattice steps, and -log of its probability, nats. */
  DoubleDouble top;
  double kl_max = 0;

  [[nodiscard]] ChainAt at() const { return {law, recurrence, length, top}; }
};

/** @throws InputError as `recurrent_chain` */
[[nodiscard]] LongChain long_chain(const MarkovLaw& law, std::int64_t length);

/** The optimum max E r subject to KL <= nats over sequences of this length: their tilt by e^(b S). */
struct LongTilt {
  /** In lattice steps; infinite when saturated. */
  double b = 0;
  /** The KL that is used, nats; the expected sum there, in steps; and its variance. */
  DoubleDouble kl;
  DoubleDouble mean;
  double variance = 0;
  /** log E e^(b S) */
  DoubleDouble log_mgf;
  /** At b, where it is finite. */
  std::optional<TiltedChain> chain;

  [[nodiscard]] bool saturated() const { return !chain; }
};

[[nodiscard]] LongTilt base_of(const LongChain& m);
/** The tilt at a given b >= 0, finite; near the base its KL is an integral and no difference of totals.
 * @throws NumericalError */
[[nodiscard]] LongTilt tilt_of(const LongChain& m, double b, const LongTilt& base);
/** @param near a tilt from which the search begins @throws NumericalError */
[[nodiscard]] LongTilt tilt_for(const LongChain& m, const DoubleDouble& nats, const LongTilt* near = nullptr);
[[nodiscard]] BestOfNOutcome best_of(const LongChain& m, const DoubleDouble& log_n, const LongTilt& tilt);
[[nodiscard]] LongTilt tilt_at_kl_of(const LongChain& m, const BestOfNOutcome& bon, const LongTilt& base);

[[nodiscard]] Outcome base_outcome(const LongChain& m, const LongTilt& base);
[[nodiscard]] Outcome outcome(const LongChain& m, const LongTilt& tilt);
[[nodiscard]] Outcome outcome(const LongChain& m, const BestOfNOutcome& bon);
[[nodiscard]] Comparison compare(const LongChain& m, const Optima<LongTilt>& optima, const BestOfNOutcome& bon);
[[nodiscard]] Extremes extremes(const LongChain& m, const BestOfNOutcome& bon);
[[nodiscard]] double earns_more(const LongChain& m, double from, double to);

/** What lays further policies on the chain. The model outlives it. */
[[nodiscard]] LawsByDepth laws_of(const LongChain& m);
[[nodiscard]] FurtherOutcome further_outcome(const LongChain& m, const LaidPolicy& laid, const LongTilt& at_budget);

/** The limits at a rate, whatever the length but for the sharp terms. */
[[nodiscard]] Limits limits_of(const RecurrentChain& m, std::int64_t length, const DoubleDouble& rate);

[[nodiscard]] LawCurve picture(const LongChain& m, const LongTilt& tilt, int points);
[[nodiscard]] LawCurve picture_of_best(const LongChain& m, const DoubleDouble& log_n, const LongTilt& tilt, int points);

/** Both policies' paths through the plane of KL and reward. */
class LongPaths {
 public:
  explicit LongPaths(const LongChain& model);
  [[nodiscard]] PathPoint optimum(double kl);
  [[nodiscard]] PathPoint best_of_n(double log_n);

 private:
  const LongTilt& solved(double budget);

  const LongChain& m_;
  LongTilt base_;
  std::optional<LongTilt> solved_ = {};
  double solved_at_ = 0;
};

/** What the sharp terms are at one length, the rate's tilt given. */
struct ChainRate {
  DoubleDouble rate;
  /** b, Lambda and its derivatives at the rate; empty where the rate is past what the chain can spend. */
  std::optional<TiltedChain> chain;
  double constant = 0;
};
[[nodiscard]] ChainRate chain_rate(const RecurrentChain& m, const DoubleDouble& rate);
[[nodiscard]] GapPoint sharp_point(const TokenLaw& rewards, const ChainRate& rate, std::int64_t length);
/** Best-of-N against the optimum of this length at `nats`, per transition. @return multiplications, about */
double add_gap(const LongChain& m, const DoubleDouble& nats, GapPoint& to);

}  // namespace tiltlab
