#pragma once
#include <vector>

#include "models/tokens.hpp"

/** A statement of arXiv 2404.01730; units as in `shared.hpp`. */
namespace tiltlab {

/** Best-of-N's gain over KL-RL's at equal KL, against length: with N fixed, and with N = e^(n rate). */
struct FixedNCurves {
  std::vector<double> length;
  std::vector<double> fixed;
  std::vector<double> growing;
  double log_n = 0;
  /** What the fixed one tends to: E max of N normals / sqrt(2 (log N - 1 + 1/N)). */
  double limit = 0;
};

template <class F>
void fields(F&& f, const FixedNCurves& c) {
  f("length", c.length);
  f("fixed", c.fixed);
  f("growing", c.growing);
  f("log_n", c.log_n);
  f("limit", c.limit);
}
[[nodiscard]] FixedNCurves fixed_n_curves(const Tokens& model, const Budget& budget, int points);

}  // namespace tiltlab
