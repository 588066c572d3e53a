#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "laws/reward_cells.hpp"
#include "numerics/double_double.hpp"

namespace tiltlab {

struct Cumulants;

/**
 * The law of one token's reward: distinct levels r_i = base + unit * step_i with probabilities p_i.
 * Tokens of equal reward are merged and those of probability 0 dropped, since every policy here
 * sees the reward alone. All fields have one entry a level, in increasing order of reward.
 *
 * Tilts are in step units: b = alpha * unit. Where the rewards share a decimal lattice the steps
 * are integers with greatest common divisor 1 and `lattice` holds them; otherwise unit is the
 * reward range and steps lie in [0, 1].
 */
struct TokenLaw {
  std::vector<DoubleDouble> probability;
  std::vector<double> p;
  std::vector<double> log_p;
  std::vector<DoubleDouble> step;
  /** Double values of `step`. */
  std::vector<double> position;
  /**
   * The largest step less `step`, formed from the rewards themselves: rewards near the largest keep their digits
   * however far below the least lies.
   */
  std::vector<DoubleDouble> below_top;
  /** Double values of `below_top`. */
  std::vector<double> drop;
  /** Empty where the rewards share no lattice. */
  std::vector<std::int64_t> lattice;
  /** Integers to which the steps are proportional where a lattice holds all rewards but is too fine for `lattice`. */
  std::vector<DoubleDouble> fine;
  /** Mean gold reward of the level; a sequence's is the sum of its tokens'. */
  std::vector<double> gold;
  DoubleDouble base;
  DoubleDouble unit;
  /** Rewards above are the scenario's times 2^-exponent; not 0 only for extreme rewards. */
  int exponent = 0;
  /** max |reward - lattice reward| where a lattice was forced on the rewards, else 0. */
  double rounding = 0;
  /** What takes the place of `cumulants` where levels are so unlikely that their `probability` stands as 0. */
  Cumulants (*deep_cumulants)(const TokenLaw&, double) = nullptr;

  [[nodiscard]] std::size_t size() const { return p.size(); }
  /** Whether any level has a gold reward other than 0. */
  [[nodiscard]] bool has_gold() const;
  /** Adds the next level, without gold and on no lattice. */
  void add(DoubleDouble of, DoubleDouble at_step, DoubleDouble from_top);
};

/** Whether any gold reward is other than 0. */
[[nodiscard]] bool has_gold(std::span<const double> gold);

/** log p, with the digits of 1 - p where p is nearly 1. */
[[nodiscard]] double log_probability(DoubleDouble p);

/**
 * The largest span of rewards of positive probability over their smallest difference, divided by the length. Levels are
 * kept to 31 digits of the span, and those of a sum of so many tokens to as many of its own: beyond this two sums that
 * differ are no longer told apart from two that are equal. Of one reward alone, not a sum, it is the largest distance
 * from the lowest over the difference to the next below: each level has 31 digits of its own.
 */
inline constexpr double largest_reward_range = 2e30;

/**
 * @param weights probabilities >= 0 with sum 1 within 1e-6 (renormalised), or any counts when `counts`
 * @param rewards finite, |r| <= 1e300; the same length as `weights`
 * @param gold empty, or one value a token; the law keeps its mean per level (0 where empty)
 * @param path what messages call the list, such as `model.tokens`
 * @param length tokens of a sequence, which `largest_reward_range` is divided by
 * @param level where it is given, the level of each entry; of weight 0, none is written
 * @throws InputError
 */
[[nodiscard]] TokenLaw make_token_law(std::span<const double> weights, std::span<const double> rewards,
                                      std::span<const double> gold, bool counts, const std::string& path,
                                      double length = 1, std::vector<std::size_t>* level = nullptr);

/**
 * The same law with rewards moved to the nearest of `intervals` + 1 equally spaced points of their
 * range, and shifted so that the mean under `weights` does not move. `rounding` bounds each move.
 */
[[nodiscard]] TokenLaw on_rounded_lattice(const TokenLaw& law, std::span<const double> weights, std::int64_t intervals);

/** A law whose rewards were each split between two points, its mean held. */
struct SplitLaw {
  /** `rounding` bounds how far a part goes; as gold stands how far the parts at a level went, their mean, reward units.
   */
  TokenLaw law;
  /** By level, of the parts there: their mean gold, and what splitting adds to the variance of a token, reward units^2.
   */
  std::vector<double> gold;
  std::vector<double> variance;
};

/** The same law with each reward split between the two of `intervals` + 1 equally spaced points that it lies between.
 */
[[nodiscard]] SplitLaw on_split_lattice(const TokenLaw& law, std::int64_t intervals);

/** Mean and variance of the steps under `weights` (a probability vector). */
[[nodiscard]] double mean_step(const TokenLaw& law, std::span<const double> weights);
/** The mean to its own digits near either end, however far the other lies. */
[[nodiscard]] DoubleDouble exact_mean(const TokenLaw& law, std::span<const double> weights);
[[nodiscard]] double variance_step(const TokenLaw& law, std::span<const double> weights);

/** The smallest difference of two steps; infinite for one. */
[[nodiscard]] double least_step(const TokenLaw& law);
/** Whether steps are so unequal that a double from one end of the range loses the smallest near the other. */
[[nodiscard]] bool is_far(const TokenLaw& law);

/** Tilted probabilities p_i e^{b step_i} / Z; b of any sign. */
[[nodiscard]] std::vector<double> tilted(const TokenLaw& law, double b);

/** The law of -r, so that lower tails become upper ones. */
[[nodiscard]] TokenLaw reflected(const TokenLaw& law);

/** The same rewards under the tilted probabilities of b (any sign): the law of a token of the tilt. */
[[nodiscard]] TokenLaw reweighted(const TokenLaw& law, double b);

/** log sum_i p_i e^{b step_i} for b of any sign, in double precision, to its own digits near b = 0. */
[[nodiscard]] double log_mgf(const TokenLaw& law, double b);
/** log sum_i p_i e^{-b (top - step_i)}, b >= 0: to its own digits where the tilt leans to the largest reward. */
[[nodiscard]] double log_mgf_from_top(const TokenLaw& law, double b);
/** log_mgf, with the digits that its difference from b times the mean needs where rewards are far apart. */
[[nodiscard]] DoubleDouble exact_log_mgf(const TokenLaw& law, double b);

/** Lambda(b) = log sum_i p_i e^{b step_i} and its derivative to 31 digits; b >= 0, finite. */
struct Cumulants {
  DoubleDouble lambda;
  DoubleDouble mean;
};
[[nodiscard]] Cumulants cumulants(const TokenLaw& law, double b);

/**
 * KL of a tilt, by steps from the heaviest level, as a sum of positive terms: where the tilt takes away a far reward
 * that hardly ever occurs, and little else, the difference of two moments around the mean leaves nothing of it.
 * @param otherwise what it is where those terms are past a double
 */
[[nodiscard]] double kl_from_heaviest(const TokenLaw& law, double b, double otherwise);

/** -log p(best level): KL per token from which the optimum is the best level alone, in nats. */
[[nodiscard]] DoubleDouble kl_max(const TokenLaw& law);

/**
 * argmax E r subject to KL <= rate for one token, which is the tilt at the root b of
 * g(b) = b Lambda'(b) - Lambda(b) = rate; n independent tokens share it at budget n * rate.
 * Source: Yang, Salamatian, Sun, Suresh and Beirami, "Asymptotics of Language Model Alignment",
 * arXiv 2404.01730, the optimal KL-constrained policy as a mismatched tilt.
 */
struct TokenTilt {
  /** Infinite when saturated, 0 at rate 0 or constant reward. */
  double b = 0;
  /** The KL that is used: the rate, or kl_max when saturated. */
  DoubleDouble kl;
  DoubleDouble lambda;
  /** Expected step at the budget itself, the rounding of b corrected to first order. */
  DoubleDouble mean;
  /** Lambda'(b) at b as it is rounded, the mean of `weights`. */
  DoubleDouble mean_at_b;
  double variance = 0;
  std::vector<double> weights;

  [[nodiscard]] bool saturated() const;
};

/** @param rate >= 0, nats per token. @throws NumericalError if the root search fails. */
[[nodiscard]] TokenTilt solve_tilt(const TokenLaw& law, DoubleDouble rate);

/**
 * The same where kl_max - rate is known better than the difference of the two tells: near saturation the tilt
 * depends on its logarithm.
 * @param near a tilt not far from it, where the search begins; 0 where none is known
 */
[[nodiscard]] TokenTilt solve_tilt(const TokenLaw& law, DoubleDouble rate, DoubleDouble deficit, double near = 0);

/** What tilts of one law add to its base, for those who ask more than once. The law outlives it. */
class BaseSums {
 public:
  /** @param law at least two levels */
  explicit BaseSums(const TokenLaw& law);

  /** @param b >= 0, finite */
  [[nodiscard]] NearBase at(double b) const;
  /** How far the base's mean is from the nearer end of the range, steps: they are rounded relative to that. */
  [[nodiscard]] double distance() const { return std::min(-centred_.front(), centred_.back()); }

  /** What the optimum at this rate gains on the base's mean, in steps, to ten digits from one tilt that is near its
   * own. Empty where it is not near enough. */
  [[nodiscard]] std::optional<double> gain_near(double rate, double near) const;

 private:
  const TokenLaw& law_;
  /** Steps less their mean under the base. */
  std::vector<double> centred_;
  /** Once they are asked for. */
  mutable std::optional<RewardCells> cells_;
};

/**
 * kl_max - rate, against the smaller of 1 and kl_max, under which the optimum counts as the best level alone: nothing
 * else has probability above it.
 */
inline constexpr double negligible_deficit = 1e-60;

/** The tilt at a given finite b >= 0. */
[[nodiscard]] TokenTilt tilt_at(const TokenLaw& law, double b);

}  // namespace tiltlab
