#pragma once
#include <functional>
#include <vector>

namespace tiltlab {

/**
 * Nodes and normalised weights of the law on the line whose density is proportional to e^log_f(s):
 * E h = sum_i weight_i h(s_i). The trapezoidal rule in v, s = mode + width sinh(v), converges geometrically where
 * log_f is analytic with one peak and tails that fall at least like e^-|s| times a constant (Takahasi and Mori, "Double
 * exponential formulas for numerical integration", 1974).
 */
struct LineRule {
  std::vector<double> s;
  /** Sum 1. */
  std::vector<double> weight;
  /** log of the integral of e^log_f. */
  double log_total = 0;
  /** Change of the integral and of the first moments at the last halving of the step. */
  double error = 0;
};

/**
 * @param log_f unimodal, finite or -inf @param guess where the search for its peak begins
 * @throws NumericalError where no peak is found or halving the step does not settle the integral to 1e-11
 */
[[nodiscard]] LineRule line_rule(const std::function<double(double)>& log_f, double guess);

}  // namespace tiltlab
