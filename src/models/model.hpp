#pragma once
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "limits/large_deviations.hpp"
#include "models/budget.hpp"
#include "models/growth.hpp"
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
concept LengthModel = RewardModel<M> && requires(const M& m, const DoubleDouble& rate, std::int64_t length) {
  { limits_of(m, rate, base_of(m)) } -> std::convertible_to<std::optional<Limits>>;
  { lengths_of(m, rate).at(length, true) } -> std::same_as<GapPoint>;
  { lengths_of(m, rate).work() } -> std::same_as<double>;
};

/**
 * How the sum of a sequence grows, per token in the long run: Lambda(b) = lim (1/n) log E e^(b S) and what follows from
 * it at a budget of `rate` nats a token; independent tokens have all of it at every length.
 */
template <class G>
concept Growth = requires(const G& g, const DoubleDouble& step, double b, int each, const std::vector<double>& more) {
  { g.rate } -> std::convertible_to<DoubleDouble>;
  // The optimum's tilt, infinite where no more is to be bought; its mean step, the KL that it spends, and the base's
  // mean step, whose deviation is `sd`.
  { g.b() } -> std::same_as<double>;
  { g.saturated() } -> std::same_as<bool>;
  { g.tilts() } -> std::same_as<bool>;
  { g.is_constant() } -> std::same_as<bool>;
  { g.base_mean() } -> std::same_as<DoubleDouble>;
  { g.mean() } -> std::same_as<DoubleDouble>;
  { g.kl() } -> std::same_as<DoubleDouble>;
  { g.sd() } -> std::same_as<double>;
  // Steps in the scenario's rewards.
  { g.reward(step) } -> std::same_as<double>;
  { g.alpha(b) } -> std::same_as<double>;
  { g.shift(b) } -> std::same_as<double>;
  // Lambda, at tilts of any sign; that of the optimum; and best-of-N's.
  { g.lambda(b) } -> std::same_as<double>;
  { g.optimal_lambda() } -> std::same_as<double>;
  { g.best_of_n_lambda(b) } -> std::same_as<double>;
  // What log KL(optimum || best-of-N) grows by a token.
  { g.reverse_exponent() } -> std::same_as<double>;
  // Rate functions, `each` points on either side of the base's mean.
  { g.rate_points(each) } -> std::same_as<std::vector<RatePoint>>;
  // Laws of a step that are none of the tilts, one entry an outcome.
  { g.size() } -> std::same_as<std::size_t>;
  { g.standardised() } -> std::same_as<std::vector<double>>;
  { g.weighed(more) } -> std::same_as<WeighedSteps>;
  { g.work() } -> std::same_as<std::size_t>;
};

/** The optima of a law, at tilts and at budgets: exact at a model's own length. `rate` in nats of what the law is of.
 */
template <class T>
concept Tilts = requires(T& t, const DoubleDouble& step, double x) {
  { t.rate } -> std::convertible_to<DoubleDouble>;
  { t.b() } -> std::same_as<double>;
  { t.saturated() } -> std::same_as<bool>;
  { t.tilts() } -> std::same_as<bool>;
  { t.is_constant() } -> std::same_as<bool>;
  { t.base_mean() } -> std::same_as<DoubleDouble>;
  { t.mean() } -> std::same_as<DoubleDouble>;
  { t.kl() } -> std::same_as<DoubleDouble>;
  { t.reward(step) } -> std::same_as<double>;
  { t.alpha(x) } -> std::same_as<double>;
  { t.next_nat(x) } -> std::same_as<double>;
  // The last tilt that shows anything; what one spends, and the bound on the reward that it gives.
  { t.widest() } -> std::same_as<double>;
  { t.kl_at(x) } -> std::same_as<double>;
  { t.bound_at(x) } -> std::same_as<double>;
  { t.most_kl() } -> std::same_as<double>;
  { t.reward_at(x) } -> std::same_as<double>;
  { t.mean_log(x) } -> std::same_as<double>;
  { t.reverse_kl() } -> std::same_as<double>;
  // What finding one costs, as so many outcomes.
  { t.work() } -> std::same_as<std::size_t>;
};
/** Any of them, to ask a model whether it gives some. */
struct AnyTilts {
  template <Tilts T>
  int operator()(T, double) const {
    return 0;
  }
};

/** A model whose reward is a sum along a sequence, which the paper's statements speak of. */
template <class M>
concept SequenceModel = LengthModel<M> &&
    requires(const M& m, const Budget& budget, std::int64_t length, int count, const std::vector<double>& weights) {
  // Empty where the sums have no growth in common, as of a chain that may stay in one of several parts.
  requires Growth<typename decltype(growth_of(m, budget))::value_type>;
  // f(tilts, tokens): of the law of so many tokens, or of one where all are alike.
  { with_tilts(m, budget, AnyTilts{}) } -> std::same_as<int>;
  // log of the sum of e^S over all that is weighed, of as many tokens as the tilts are of.
  { log_normaliser(m, weights, weights) } -> std::same_as<double>;
  // All sums of shorter sequences, and tails at the model's own length.
  { longest_listed(m, length) } -> std::same_as<std::int64_t>;
  { listed_sums(m, *growth_of(m, budget), length) } -> std::same_as<ListedSums>;
  { exact_tails(m, *growth_of(m, budget), count, 0.0) } -> std::same_as<ExactTails>;
  // Best-of-N's share of what its KL could buy, at any length and N.
  { gains_of(m, budget).at(length, budget.kl) } -> std::same_as<double>;
  { gains_of(m, budget).work() } -> std::same_as<double>;
  gains_of(m, budget).pass();
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
