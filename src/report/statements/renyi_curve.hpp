#pragma once
#include <span>
#include <vector>

#include "models/tokens.hpp"

/** A statement of arXiv 2404.01730; units as in `shared.hpp`. */
namespace tiltlab {

/**
 * Renyi cross entropy H_s(p || q) = (1/(1-s)) log sum_y p q^(s-1) of one token, q = e^r / sum e^r, against its order.
 * Lambda(t) = c t - t H_{1+t}(p || q), c = log sum_y e^r(y).
 */
struct RenyiCurve {
  std::vector<double> order;
  std::vector<double> cross_entropy;
  double log_normaliser = 0;
  /** H at s = 1 and at s = 1 + alpha; NaN where alpha is infinite. */
  double at_one = 0;
  double at_optimum = 0;
  double alpha = 0;
  /** Both KL divergences of the Jeffreys identity, per token, and alpha times the gain, which is their sum. */
  double kl_forward = 0;
  double kl_reverse = 0;
  double jeffreys = 0;
};

template <class F>
void fields(F&& f, const RenyiCurve& c) {
  f("order", c.order);
  f("cross_entropy", c.cross_entropy);
  f("log_normaliser", c.log_normaliser);
  f("at_one", c.at_one);
  f("at_optimum", c.at_optimum);
  f("alpha", c.alpha);
  f("kl_forward", c.kl_forward);
  f("kl_reverse", c.kl_reverse);
  f("jeffreys", c.jeffreys);
}
/** @param multiplicity how many outcomes of the alphabet have each entry's reward @param reward one entry each */
[[nodiscard]] RenyiCurve renyi_curve(const Tokens& model, const Budget& budget, std::span<const double> multiplicity,
                                     std::span<const double> reward, int points);

}  // namespace tiltlab
