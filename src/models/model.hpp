#pragma once
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>

#include "models/outcome.hpp"
#include "models/picture.hpp"
#include "numerics/double_double.hpp"
#include "policies/accuracy.hpp"
#include "policies/kind.hpp"

/**
 * What a model is asked, as concepts: a model is a value type with free functions, and what it does not offer is null
 * in every report, decided by the compiler. Each model's header ends in `static_assert`s that say which it has: a
 * misspelt function would else be one that is not offered.
 */
namespace tiltlab {

/** Any reward with a law: KL-RL and best-of-N on it. Rewards in the scenario's unit, budgets in nats of the whole draw.
 */
template <class M>
concept RewardModel = requires(const M& m, const DoubleDouble& nats, double x) {
  // The tilt by 0, and the optimum of max E r subject to KL <= nats.
  base_of(m);
  { tilt_for(m, nats, Accuracy::full) } -> std::same_as<decltype(base_of(m))>;
  // Best-of-N at log N = nats, given the optimum there.
  best_of(m, nats, base_of(m));
  { tilt_at_kl_of(m, best_of(m, nats, base_of(m)), base_of(m)) } -> std::same_as<decltype(base_of(m))>;
  // What each comes to, and what both leave between them.
  { base_outcome(m, base_of(m)) } -> std::same_as<Outcome>;
  { outcome(m, base_of(m)) } -> std::same_as<Outcome>;
  { outcome(m, best_of(m, nats, base_of(m))) } -> std::same_as<Outcome>;
  {
    compare(m, Optima<decltype(base_of(m))>{base_of(m), base_of(m), base_of(m)}, best_of(m, nats, base_of(m)))
    } -> std::same_as<Comparison>;
  { extremes(m, best_of(m, nats, base_of(m))) } -> std::same_as<Extremes>;
  // What the optimum earns more at one budget than at another; NaN where it could not be had.
  { earns_more(m, x, x) } -> std::same_as<double>;
  // Tokens of a sequence; empty where the scenario speaks of none.
  { length_of(m) } -> std::same_as<std::optional<std::int64_t>>;
};

/** A model whose laws and whose policies' paths can be drawn. */
template <class M>
concept PicturedModel = RewardModel<M> && requires(const M& m, const DoubleDouble& nats, double x, int points) {
  { picture(m, base_of(m), points) } -> std::same_as<LawCurve>;
  { picture_of_best(m, nats, base_of(m), points) } -> std::same_as<LawCurve>;
  // Both policies at budgets in nats, one after the other.
  { paths_of(m).optimum(x) } -> std::same_as<PathPoint>;
  { paths_of(m).best_of_n(x) } -> std::same_as<PathPoint>;
};

/** A model whose draws may be sequences: then it has limits, and a gap against length. */
template <class M>
concept SequenceModel = RewardModel<M> && requires(const M& m, const DoubleDouble& rate, std::int64_t length) {
  { limits_of(m, rate, base_of(m)) } -> std::convertible_to<std::optional<Limits>>;
  { lengths_of(m, rate).at(length, true) } -> std::same_as<GapPoint>;
  { lengths_of(m, rate).work() } -> std::same_as<double>;
};

/** A model that further policies can be laid on. */
template <class M>
concept FurtherModel = RewardModel<M> && requires(const M& m, const ExtraPolicy& asked, const std::string& path) {
  { further_outcome(m, policies_of(m).lay(asked, path), base_of(m)) } -> std::same_as<FurtherOutcome>;
};

/** A model whose policies have Renyi divergences from the base in closed form or by quadrature. */
template <class M>
concept RenyiModel = RewardModel<M> && requires(const M& m, const DoubleDouble& nats, double order) {
  { renyi_of_best(m, nats, order) } -> std::same_as<double>;
  { renyi_of(m, base_of(m), order) } -> std::same_as<double>;
};

/** A model that may state a gold reward, what a reader is really after, beside the reward that policies see. */
template <class M>
concept GoldModel = RewardModel<M> && requires(const M& m) {
  { states_gold(m) } -> std::same_as<bool>;
};

}  // namespace tiltlab
