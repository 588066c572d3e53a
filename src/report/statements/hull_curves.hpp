#pragma once
#include <optional>
#include <vector>

#include "models/transformed.hpp"

/** A statement beyond arXiv 2404.01730: where a reward that is not linear breaks the equivalence. */
namespace tiltlab {

/** The rate J(x) of values of a transformed reward and its convex hull, nats a token, at increasing values x a token.
 */
struct HullCurves {
  std::vector<double> reward;
  /** Infinite at values that no mean reward has. */
  std::vector<double> rate;
  std::vector<double> hull;
  /** The budget, nats a token. */
  double delta = 0;
  /** What each policy earns a token in the limit, and what best-of-N leaves; 0 where both are the same to 1e-9. */
  double best_of_n = 0;
  double kl_rl = 0;
  double lost = 0;
};

template <class F>
void fields(F&& f, const HullCurves& c) {
  f("reward", c.reward);
  f("rate", c.rate);
  f("hull", c.hull);
  f("delta", c.delta);
  f("best_of_n", c.best_of_n);
  f("kl_rl", c.kl_rl);
  f("lost", c.lost);
}

/** @param points equally spaced values, beside those at which a curve may break and both limits
 * @return empty where the model's rates are not known @throws InputError */
[[nodiscard]] std::optional<HullCurves> hull_curves(const Transformed& model, const Budget& budget, int points);

}  // namespace tiltlab
