#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "laws/markov_law.hpp"
#include "laws/optimal_gain.hpp"
#include "laws/transform.hpp"
#include "limits/transformed_rates.hpp"
#include "models/model.hpp"
#include "models/tokens.hpp"
#include "numerics/log_domain.hpp"

namespace tiltlab {

/**
 * A sequence whose reward is n f(S/n), S the sum of its tokens' or transitions' rewards and n their number: a finite
 * model of the distinct values, each with the probability of all sums that it is the value of. Best-of-N and KL-RL are
 * those of that model, exact; what is stated per token is divided by n.
 */
struct Transformed {
  /** The model without the transform; a model of independent tokens as a chain of one state. */
  MarkovLaw law;
  /** Whether it is that chain of one state, whose limits are known. */
  bool is_memoryless = false;
  /** Tokens or transitions of a sequence. */
  std::int64_t length = 1;
  Transform transform;
  /** Its values: a draw of the finite model is a whole sequence. Those that are less likely than a double tells have
   * the probability 0 and its logarithm. */
  Tokens values;
};

/** The scenario's form of a transformed model, as it crosses the border: the fields of what is transformed, those of
 * the other kinds empty, and the transform's. */
struct TransformedInput {
  /** The kind of what is transformed, as the core names it. */
  std::string of;
  double length = 1;
  std::vector<double> reward;
  /** As `TokensInput`. */
  std::string path;
  std::vector<double> p;
  std::vector<double> gold;
  bool counts = false;
  /** As `MarkovInput`. */
  std::vector<double> initial;
  std::vector<double> transition;
  /** As `make_transform`. */
  std::string transform;
  std::vector<double> parameters;
  std::vector<double> x;
  std::vector<double> y;

  [[nodiscard]] static bool has(const std::string& kind) { return kind == "transformed"; }
  bool operator==(const TransformedInput&) const = default;
};

template <class F>
void fields(F&& f, TransformedInput& i) {
  f("of", i.of);
  f("length", i.length);
  f("reward", i.reward);
  f("path", i.path);
  f("p", i.p);
  f("gold", i.gold);
  f("counts", i.counts);
  f("initial", i.initial);
  f("transition", i.transition);
  f("transform", i.transform);
  f("parameters", i.parameters);
  f("x", i.x);
  f("y", i.y);
}

/** Additions up to which sums are listed; about a second. */
inline constexpr double most_transformed_additions = 5e8;

/** @throws InputError that names model.length where there are too many sums to list; and a field of `transform` where
 * it brings values too near to one another */
[[nodiscard]] Transformed transformed_model(MarkovLaw law, bool is_memoryless, std::int64_t length,
                                            const Transform& transform);
[[nodiscard]] Transformed make_model(const TransformedInput& input);

/** The capabilities that `model.hpp` describes; rewards per token in pictures. */
[[nodiscard]] inline TokenTilt base_of(const Transformed& m, Accuracy a = Accuracy::full) {
  return base_of(m.values, a);
}
[[nodiscard]] inline TokenTilt tilt_for(const Transformed& m, const DoubleDouble& nats, Accuracy a = Accuracy::full) {
  return tilt_for(m.values, nats, a);
}
[[nodiscard]] inline BestOfNOutcome best_of(const Transformed& m, const DoubleDouble& log_n, const TokenTilt& tilt) {
  return best_of(m.values, log_n, tilt);
}
[[nodiscard]] inline TokenTilt tilt_at_kl_of(const Transformed& m, const BestOfNOutcome& bon, const TokenTilt& base) {
  return tilt_at_kl_of(m.values, bon, base);
}
[[nodiscard]] inline Outcome base_outcome(const Transformed& m, const TokenTilt& base) {
  return base_outcome(m.values, base);
}
[[nodiscard]] inline Outcome outcome(const Transformed& m, const TokenTilt& tilt) { return outcome(m.values, tilt); }
[[nodiscard]] inline Outcome outcome(const Transformed& m, const BestOfNOutcome& bon) { return outcome(m.values, bon); }
[[nodiscard]] inline Comparison compare(const Transformed& m, const Optima<TokenTilt>& optima,
                                        const BestOfNOutcome& bon) {
  return compare(m.values, optima, bon);
}
[[nodiscard]] inline Extremes extremes(const Transformed& m, const BestOfNOutcome& bon) {
  return extremes(m.values, bon);
}
[[nodiscard]] inline bool states_gold(const Transformed& m) { return m.values.golden; }
[[nodiscard]] inline double earns_more(const Transformed& m, double from, double to) {
  return optimal_gain(m.values.token, from, to);
}
[[nodiscard]] inline std::optional<std::int64_t> length_of(const Transformed& m) { return m.length; }

[[nodiscard]] inline TokenPaths paths_of(const Transformed& m) { return paths_of(m.values); }
[[nodiscard]] inline TokenPolicies policies_of(const Transformed& m) { return policies_of(m.values); }
[[nodiscard]] inline FurtherOutcome further_outcome(const Transformed& m, const LaidPolicy& laid,
                                                    const TokenTilt& at_budget) {
  return further_outcome(m.values, laid, at_budget);
}
[[nodiscard]] LawCurve picture(const Transformed& m, const TokenTilt& tilt, int points);
[[nodiscard]] LawCurve picture_of_best(const Transformed& m, const DoubleDouble& log_n, const TokenTilt& tilt,
                                       int points);
/** The rates of its values; empty for chains that have no limits, and beyond 5000 rewards. The model outlives it. */
[[nodiscard]] std::optional<TransformedRates> rates_of(const Transformed& m);
/** Of the reward per token, of both policies; empty where its rates are. */
[[nodiscard]] std::optional<Limits> limits_of(const Transformed& m, const DoubleDouble& rate, const TokenTilt& tilt);

/** Best-of-N against the optimum at one rate: each length lists its own sums, while these are few. */
class TransformedLengths {
 public:
  TransformedLengths(const Transformed& m, const DoubleDouble& rate) : m_(m), rate_(rate) {}
  [[nodiscard]] GapPoint at(std::int64_t length, bool affordable);
  [[nodiscard]] double work() const { return work_; }

 private:
  const Transformed& m_;
  DoubleDouble rate_;
  double work_ = 0;
};
[[nodiscard]] inline TransformedLengths lengths_of(const Transformed& m, const DoubleDouble& rate) { return {m, rate}; }

static_assert(RewardModel<Transformed> && PicturedModel<Transformed> && FurtherModel<Transformed> &&
              GoldModel<Transformed> && LengthModel<Transformed>);

}  // namespace tiltlab
