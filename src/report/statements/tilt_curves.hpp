#pragma once
#include <vector>

#include "models/tokens.hpp"

/** A statement of arXiv 2404.01730; units as in `shared.hpp`. */
namespace tiltlab {

/** The optimum is a mismatched tilt: KL against alpha, the dual function, and reward against rate. */
struct TiltCurves {
  double rate = 0;
  /** Infinite when saturated. */
  double alpha = 0;
  /** Expected reward of the optimum. */
  double primal = 0;
  /** min over alpha of (rate + Lambda(alpha)) / alpha, found by a search that knows no tilt. */
  double dual_minimum = 0;
  double dual_alpha = 0;
  /** Increasing, from 0. */
  std::vector<double> at_alpha;
  std::vector<double> kl;
  /** (rate + Lambda(alpha)) / alpha; infinite at 0. */
  std::vector<double> dual;
  std::vector<double> at_rate;
  /** R(rate), the largest reward at a rate; its slope at the budget is 1 / alpha. */
  std::vector<double> reward;
  /** 1 / alpha, reward per nat; infinite at alpha 0. */
  double slope = 0;
  /** Ends of the tangent at the budget: rate, reward, rate, reward. Empty where alpha is 0 or infinite. */
  std::vector<double> tangent;
};

template <class F>
void fields(F&& f, const TiltCurves& c) {
  f("rate", c.rate);
  f("alpha", c.alpha);
  f("primal", c.primal);
  f("dual_minimum", c.dual_minimum);
  f("dual_alpha", c.dual_alpha);
  f("at_alpha", c.at_alpha);
  f("kl", c.kl);
  f("dual", c.dual);
  f("at_rate", c.at_rate);
  f("reward", c.reward);
  f("slope", c.slope);
  f("tangent", c.tangent);
}
[[nodiscard]] TiltCurves tilt_curves(const Tokens& model, const Budget& budget, int points);

}  // namespace tiltlab
