#pragma once
#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "models/model.hpp"
#include "numerics/log_domain.hpp"
#include "report/curves.hpp"

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

/** What a law of so many tokens comes to, per token. */
[[nodiscard]] RenyiCurve divided(RenyiCurve curve, double tokens);

/** Of the law that the tilts are of, not divided. */
template <Tilts T>
[[nodiscard]] RenyiCurve curve_of(T& t, double log_normaliser, int points) {
  RenyiCurve c;
  c.log_normaliser = log_normaliser;
  c.alpha = t.alpha(t.b());
  const double mean = t.reward(t.base_mean());
  // H_{1+x} = c - Lambda(x)/x, and Lambda(x)/x tends to the mean reward.
  const auto entropy = [&](double x) { return c.log_normaliser - (x == 0 ? mean : t.mean_log(x)); };
  const double widest = t.tilts() ? std::max(2.0, 2 * c.alpha) : 3;
  for (int i = 0; i < points; ++i) {
    const double x = widest * (2.0 * i / (points - 1) - 1);
    const double at = entropy(std::fabs(x) < 1e-12 * widest ? 0 : x);
    // Of a chain weights of a steep tilt may leave a double's range.
    if (std::isnan(at)) continue;
    c.order.push_back(1 + x);
    c.cross_entropy.push_back(at);
  }
  c.at_one = entropy(0);
  c.at_optimum = t.saturated() ? not_known : entropy(c.alpha);
  c.kl_forward = t.kl().value();
  const double gain = (t.mean() - t.base_mean()).value();
  c.kl_reverse = t.reverse_kl();
  c.jeffreys = t.saturated() ? infinity : t.b() * gain;
  return c;
}

/**
 * Exact at the model's own length, per token. q of a sequence is e^S over the sum of that over all sequences that the
 * base may draw, or of all that an alphabet has, which `multiplicity` and `reward` state.
 * @param multiplicity how many outcomes of the alphabet have each entry's reward @param reward one entry each
 * @throws InputError NumericalError
 */
template <SequenceModel M>
[[nodiscard]] RenyiCurve renyi_curve(const M& m, const Budget& budget, std::span<const double> multiplicity,
                                     std::span<const double> reward, int points) {
  check_points(points);
  const double normaliser = log_normaliser(m, multiplicity, reward);
  return with_tilts(m, budget, [&](auto t, double tokens) { return divided(curve_of(t, normaliser, points), tokens); });
}

}  // namespace tiltlab
