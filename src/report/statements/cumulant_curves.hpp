#pragma once
#include <vector>

#include "models/tokens.hpp"

/** A statement of arXiv 2404.01730; units as in `shared.hpp`. */
namespace tiltlab {

/** (1/n) log E e^(t S) in nats per token, t per reward unit. */
struct CumulantCurves {
  std::vector<double> t;
  std::vector<double> base;
  std::vector<double> kl_rl;
  /** The limit: t rho up to t = alpha, Lambda(t) + rate beyond. */
  std::vector<double> best_of_n;
  /** Best-of-N at the length `exact_length`, which is the model's where listing its law is affordable. */
  double exact_length = 0;
  std::vector<double> exact_best_of_n;
  double alpha = 0;
};

template <class F>
void fields(F&& f, const CumulantCurves& c) {
  f("t", c.t);
  f("base", c.base);
  f("kl_rl", c.kl_rl);
  f("best_of_n", c.best_of_n);
  f("exact_length", c.exact_length);
  f("exact_best_of_n", c.exact_best_of_n);
  f("alpha", c.alpha);
}
[[nodiscard]] CumulantCurves cumulant_curves(const Tokens& model, const Budget& budget, int points);

}  // namespace tiltlab
