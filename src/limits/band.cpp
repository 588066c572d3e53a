#include "limits/band.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tiltlab {

namespace {

double normal_density(double z) { return std::exp(-z * z / 2) * (std::numbers::inv_sqrtpi / std::numbers::sqrt2); }

/** By its series (Abramowitz and Stegun, 26.2.11), to 1e-15: a library's is a kilobyte, and tails do not matter here.
 */
double normal_cdf(double z) {
  if (std::fabs(z) > 8) return z > 0 ? 1 : 0;
  double sum = z;
  double term = z;
  for (int k = 3; std::fabs(term) > 1e-17; k += 2) sum += term *= z * z / k;
  return 0.5 + sum * normal_density(z);
}

/** Lower bounds of N T(n rho - x); any of them holds at all larger x too. */
class Draws {
 public:
  Draws(const BandToken& t, double n)
      : b_(t.b), s_(std::sqrt(n * t.variance)), off_(2 * 0.4748 * t.third / (t.variance * s_)), w_(1 / b_) {}

  /**
   * At w near the best: where the bound's derivative b (Phi - Phi - off) - phi / s vanishes, by Newton from that of
   * the x before, which lies near it.
   */
  [[nodiscard]] double above(double x) {
    const double below = normal_cdf(-x / s_) + off_;
    double best = 0;
    for (int i = 0; i < most_steps; ++i) {
      const double z = (w_ - x) / s_;
      const double bracket = normal_cdf(z) - below;
      best = std::max(best, std::exp(std::min(b_ * (x - w_), 700.0)) * bracket);
      // Where the bracket is not positive yet, a wider one may be.
      if (!(bracket > 0)) {
        w_ = std::min(3 * w_, x + 9 * s_);
        continue;
      }
      const double density = normal_density(z) / s_;
      const double step = std::clamp((density / b_ - bracket) / (density * (1 + z / (b_ * s_))), -w_ / 2, w_);
      w_ += step;
      // The bound is flat there.
      if (std::fabs(step) < 0.01 * w_) break;
    }
    return best;
  }

 private:
  static constexpr int most_steps = 8;
  double b_;
  double s_;
  double off_;
  double w_;
};

}  // namespace

GapBand gap_band(const BandToken& token, double n, double log_n, double gain) {
  const GapBand trivial{std::min(gain, -std::expm1(-log_n) / token.b), gain};
  Draws draws(token, n);
  // Up to `low` best-of-N may stay below with any probability, from `high` on with none to speak of.
  constexpr double all = 40;
  constexpr double few = 1e-4;
  double high = 1 / token.b;
  while (high < gain && draws.above(high) < all) high *= 2;
  if (!(high < gain)) return trivial;
  double low = 0;
  double past = high;
  // Below `low` the integrand counts as 1, which it is to a few: a fraction of its scale tells little more.
  while (past - low > 0.02 / token.b) {
    const double middle = (low + past) / 2;
    (draws.above(middle) < few ? low : past) = middle;
  }
  // exp(-N T) falls as a Gumbel law's tail does: a sum over a tenth of its scale is its integral to many digits, and
  // the margin is far more than what it lacks. Over longer steps each counts as much as its beginning.
  constexpr double margin = 1e-4;
  const double step = std::max(0.1 / token.b, (high - low) / 400);
  const bool fine = step * token.b < 0.2;
  double sum = 0;
  double above = 0;
  for (double x = low; above < all && x < high; x += step) {
    const double before = above;
    above = std::max(above, draws.above(x + step));
    sum += fine ? (std::exp(-before) + std::exp(-above)) / 2 : std::exp(-before);
  }
  return {trivial.lower, std::min(gain, (low + sum * step) * (1 + margin) + gain * std::exp(-all))};
}

}  // namespace tiltlab
