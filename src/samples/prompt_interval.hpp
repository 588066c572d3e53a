#pragma once
#include <functional>
#include <optional>
#include <span>

#include "simulation/interval.hpp"

namespace tiltlab {

/** Between what a quantity of one prompt is taken to lie, in the quantity's unit. */
struct ValueReach {
  double low = 0;
  double high = 0;
  /** Whether nothing is ever outside, as of a chance outside of [0, 1]; else the reach of what was seen. */
  bool is_strict = false;
};

/** Of the difference of two values of which a share of at least `shared`, from 0 to 1, is both's. */
[[nodiscard]] ValueReach difference_reach(const ValueReach& each, double shared);

/** From the lower of both lows to the higher of both highs. */
[[nodiscard]] Interval hull(const Interval& a, const Interval& b);
/** The same; none where either is none. */
[[nodiscard]] std::optional<Interval> hull(const std::optional<Interval>& a, const std::optional<Interval>& b);

/** Sums over prompts of powers of x less its mean: all that the first two intervals below need. */
struct PromptMoments {
  double prompts = 0;
  double mean = 0;
  double squares = 0;
  double cubes = 0;
};

/** @param value of a prompt by its number, below `prompts` */
[[nodiscard]] PromptMoments prompt_moments(std::size_t prompts, const std::function<double(std::size_t)>& value);

/** The 97.5 % quantile of Student's t for the mean of `prompts` >= 2 values. */
[[nodiscard]] double student_quantile(double prompts);

/** mean -+ t s / sqrt(K). @pre at least two prompts */
[[nodiscard]] Interval student_interval(const PromptMoments& moments);

/**
 * The same where T = (mean - truth)/error is made symmetric by the values' skewness g: T + A/6 + A T^2/3 + A^2 T^3/27,
 * A = g / sqrt(K), is taken for Student's t, and solved for the truth. It reaches farther to where the long tail is.
 * Source: P. Hall, "On the removal of skewness by transformation" (1992), J. R. Statist. Soc. B 54.
 */
[[nodiscard]] Interval skewed_interval(const PromptMoments& moments);

/**
 * Means that laws on the values have which are not much less likely than the values' own: a loss of likelihood of up to
 * t^2 / 2. The law may also lie at either end of `reach`, each of which counts as half a prompt: that a kind of prompt
 * was not met does not mean that there is none.
 * Source: A. B. Owen, "Empirical likelihood ratio confidence intervals for a single functional" (1988); the ends as
 * J. Chen, A. M. Variyath and B. Abraham, "Adjusted empirical likelihood and its properties" (2008) add a point.
 * @param values at least two
 */
[[nodiscard]] Interval likelihood_interval(std::span<const double> values, const std::optional<ValueReach>& reach);

/** How many prompts carry the spread, from 1 to all: (sum of d^2)^2 / sum of d^4, d the distances from the mean. */
[[nodiscard]] double spread_carriers(std::span<const double> values);
/** Of as many it is the law's own, of whatever law. */
inline constexpr double fewest_carriers = 6;

/**
 * Whether prompts that were not met are likely to be as those that were. Not so where fewer than six carry the spread
 * and these are less than a quarter of them (of normal values it is a third), or where such values spread farther than
 * they are from an end of a strict reach: heaped up there, as the chances that one of many drafts is right, they hide
 * how seldom and how far one of them is away.
 */
[[nodiscard]] bool tells_of_others(std::span<const double> values, const std::optional<ValueReach>& reach);

/**
 * Whether two curves may be one for most prompts, so that few others decide how far they are apart: the differences
 * spread farther than their mean is from 0, and fewer than six prompts carry the spread.
 */
[[nodiscard]] bool are_mostly_one(std::span<const double> differences);

/**
 * A 95 % interval for the mean of the law that prompts are drawn from: from the lower to the higher end of the first
 * two, each of which fails alone with few prompts where the other holds, and, where the prompts do not tell of others,
 * of the third too; no farther than a strict reach goes. Equal values: a point.
 * @param are_few whether they do not tell for another reason than that these values say so
 */
[[nodiscard]] Interval prompt_interval(std::span<const double> values, const std::optional<ValueReach>& reach,
                                       bool are_few = false);
/** Of very many prompts, by the moments alone. */
[[nodiscard]] Interval prompt_interval(const PromptMoments& moments, const std::optional<ValueReach>& reach);

}  // namespace tiltlab
