#pragma once
#include <vector>

#include "models/tokens.hpp"

/** A statement of arXiv 2404.01730; units as in `shared.hpp`. */
namespace tiltlab {

/** KL in both directions against length at the budget's rate, in nats of the whole sequence. */
struct DirectionCurves {
  std::vector<double> length;
  /** KL(best-of-N || KL-RL). */
  std::vector<double> forward;
  /** log10 of KL(KL-RL || best-of-N), which grows exponentially. */
  std::vector<double> log10_reverse;
  /** rate + 2 Lambda(alpha/2) - Lambda(alpha), nats per token: the exponent it tends to. */
  double exponent = 0;
  /** e^exponent, by which it grows from one token to the next. */
  double factor = 1;
};

template <class F>
void fields(F&& f, const DirectionCurves& c) {
  f("length", c.length);
  f("forward", c.forward);
  f("log10_reverse", c.log10_reverse);
  f("exponent", c.exponent);
  f("factor", c.factor);
}
[[nodiscard]] DirectionCurves direction_curves(const Tokens& model, const Budget& budget, int points);

}  // namespace tiltlab
