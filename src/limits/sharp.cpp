#include "limits/sharp.hpp"

#include <cmath>
#include <numbers>

namespace tiltlab {

namespace {
/** log[sinh(x) / x], x >= 0. */
double log_sinhc(double x) {
  if (x > 0.3) return x - std::log(2 * x) + std::log1p(-std::exp(-2 * x));
  const double y = x * x;
  return y * (1.0 / 6 -
              y * (1.0 / 180 - y * (1.0 / 2835 - y * (1.0 / 37800 - y * (1.0 / 467775 - y * 691.0 / 3831077250.0)))));
}
}  // namespace

double lattice_kl_constant(double b) {
  if (b < 1e-5) return 1;
  // In t = log x the integrand is smooth and dies like e^(2t) below and doubly exponentially above (at
  // x = e^b * 40), so equal steps converge geometrically.
  constexpr double step = 1.0 / 16;
  const double keep = std::exp(-b);
  const double share = -std::expm1(-b);
  double sum = 0;
  // From far above 1 on, where e^-x is nothing, the integrand is e^-u (u + t), u = e^(t - b); far below e^b it is t.
  constexpr double far = 40;
  constexpr double steep = 700;
  const bool split = b > steep;
  for (double t = -20; t < (split ? far : b + 5); t += step) {
    const double x = std::exp(t);
    const double m = std::exp(-x * keep) * -std::expm1(-x * share);
    if (m > 0) {
      // log[m / (x share)] = -x keep + log[(1 - e^-y) / y], y = x share, by expm1 without cancellation
      const double y = x * share;
      sum -= m * (-x * keep + std::log(-std::expm1(-y) / y));
    }
  }
  if (split) {
    const double count = std::floor((b - 2 * far) / step);
    sum += count * (far + (count - 1) * step / 2);
    for (double t = far + count * step; t < b + 5; t += step) {
      const double u = std::exp(t - b);
      sum += std::exp(-u) * (u + t);
    }
  }
  return sum * step / b;
}

double sharp_constant(const TokenLaw& token, const TokenTilt& tilt) {
  if (!(tilt.b > 0) || tilt.saturated()) return 0;
  return token.lattice.empty() ? 1 : lattice_kl_constant(tilt.b);
}

std::optional<SharpTerms> sharp_terms(double b, double variance, double unit, bool lattice, std::int64_t length,
                                      double constant) {
  if (!(b > 0) || std::isinf(b)) return std::nullopt;
  const double leading = 0.5 * std::log(2 * std::numbers::pi * static_cast<double>(length) * b * b * variance);
  const double centred = leading - std::numbers::egamma + (lattice ? log_sinhc(b / 2) : 0);
  const double reward = unit / b;
  return SharpTerms{centred * reward, centred - constant, leading * reward};
}

std::optional<SharpTerms> sharp_terms(const TokenLaw& token, std::int64_t length, const TokenTilt& tilt,
                                      double constant) {
  return sharp_terms(tilt.b, tilt.variance, token.unit.value(), !token.lattice.empty(), length, constant);
}

}  // namespace tiltlab
