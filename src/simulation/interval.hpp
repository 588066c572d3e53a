#pragma once
#include <vector>

namespace tiltlab {

/** Where the interval's ends stand. */
struct Interval {
  double low = 0;
  double high = 0;
};

/** What a replicate adds up: `copies` independent values x, each with its probability. */
struct Shape {
  std::vector<double> x;
  /** Sums to 1 but for what a law leaves out. */
  std::vector<double> mass;
  double copies = 1;
};

/**
 * An interval for the mean of a replicate, from the sum and the sum of squares over n replicates, that holds it at
 * least 19 times in 20: where the normal law is right it aims at 27 in 28 and is 7 % wider than the normal 95 %
 * interval.
 *
 * How much of a mean rests on rare values is told by the law's exact skewness and excess kurtosis, before anything is
 * drawn: with n_x = n copies values, s = (max(skewness^2, kurtosis, 0) + 1)/n_x is one over the number of rare values
 * expected.
 * - s <= 1/400: the normal interval (Student's t) with the drawn variance;
 * - else the means of all those tilts of the law, p_theta ~ p e^(theta x), that the drawn mean m does not contradict:
 *   n_x KL(p_m || p_theta) <= c, p_m the tilt of mean m. c = 3.69 for s > 1/4, where Chernoff's bound makes the
 *   interval hold whatever the law; 2.2 + 0.8 sqrt(s) below, the likelihood ratio's with room for the steps of a
 *   discrete law.
 *
 * @param shape the law under the policy; empty where it is not known: then always the first
 * @param n at least 1
 */
[[nodiscard]] Interval mean_interval(double sum, double squares, double n, const Shape& shape);

/**
 * The same for a rate of wins, ties half: its law is taken from the counts themselves, half a replicate added to each
 * of wins, ties and losses.
 */
[[nodiscard]] Interval rate_interval(double sum, double squares, double n);

}  // namespace tiltlab
