#include "laws/continuous.hpp"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <numbers>

#include "error.hpp"
#include "numerics/log_domain.hpp"

namespace tiltlab {

namespace {

constexpr double log_2 = std::numbers::ln2;
/** Under this a tail is taken from its own expansion, since the function itself would lose digits to denormals. */
constexpr double smallest_tail = 1e-280;

/** log(1 + e^x) */
double log1pexp(double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }

/** log P(Z > z) of the standard normal; beyond z = 30 by the continued fraction of Mills' ratio. */
double log_normal_tail(double z) {
  if (z < 30)
    return z < -1 ? std::log1p(-boost::math::erfc(-z * std::numbers::sqrt2 / 2) / 2)
                  : std::log(boost::math::erfc(z * std::numbers::sqrt2 / 2) / 2);
  double fraction = z;
  for (int k = 20; k > 0; --k) fraction = z + k / fraction;
  return -z * z / 2 - std::log(2 * std::numbers::pi) / 2 - std::log(fraction);
}

/** log Q(k, z) by Legendre's continued fraction (DLMF 8.9.2), for z far beyond k. */
double log_gamma_tail_far(double k, double z, double log_gamma) {
  double fraction = 0;
  for (int i = 60; i > 0; --i) fraction = i * (i - k) / (z + 2 * i + 1 - k - fraction);
  return k * std::log(z) - z - log_gamma - std::log(z + 1 - k - fraction);
}

double log_gamma_above(double k, double z, double log_gamma) {
  const double q = boost::math::gamma_q(k, z);
  return q > smallest_tail ? (q < 0.9 ? std::log(q) : std::log1p(-boost::math::gamma_p(k, z)))
                           : log_gamma_tail_far(k, z, log_gamma);
}

/** log P(k, z): for small z by its series (DLMF 8.11.4), all terms positive. */
double log_gamma_below(double k, double log_z, double log_gamma) {
  const double z = std::exp(log_z);
  if (z < std::max(1.0, k / 4)) {
    double term = 1 / k;
    double sum = term;
    for (int i = 1; i < 400 && term > 1e-18 * sum; ++i) sum += term *= z / (k + i);
    return k * log_z - z - log_gamma + std::log(sum);
  }
  const double p = boost::math::gamma_p(k, z);
  return p < 0.9 ? std::log(p) : std::log1p(-boost::math::gamma_q(k, z));
}

/** log I_x(a, b), x = logistic(s). */
double log_beta_below(double a, double b, double s, double log_beta) {
  const double log_x = -log1pexp(-s);
  const double log_y = -log1pexp(s);
  const double x = std::exp(log_x);
  const double small = x < 0.5 ? boost::math::ibeta(a, b, x) : 1 - boost::math::ibeta(b, a, std::exp(log_y));
  if (small > smallest_tail && (x < 0.5 || small < 0.9)) {
    if (x < 0.5) return small < 0.9 ? std::log(small) : std::log1p(-boost::math::ibetac(a, b, x));
    return std::log(boost::math::ibetac(b, a, std::exp(log_y)));
  }
  if (small > 0.5) return std::log1p(-boost::math::ibeta(b, a, std::exp(log_y)));
  // x^a y^b / (a B) sum (a + b)_i / (a + 1)_i x^i (DLMF 8.17.8)
  double term = 1;
  double sum = 1;
  for (int i = 0; i < 4000 && term > 1e-17 * sum; ++i) sum += term *= x * (a + b + i) / (a + 1 + i);
  return a * log_x + b * log_y - std::log(a) - log_beta + std::log(sum);
}

double log_density_of_logistic(double s) { return -std::fabs(s) - 2 * std::log1p(std::exp(-std::fabs(s))); }

/** Of the standard form z itself, before any mirroring. */
struct Standard {
  const SmoothLaw& law;
  int piece;

  [[nodiscard]] double value(double s) const {
    switch (law.family) {
      case Family::uniform:
      case Family::beta:
        return std::exp(-log1pexp(-s));
      case Family::exponential:
      case Family::gamma:
        return std::exp(s);
      case Family::weibull:
        return std::exp(s / law.first);
      case Family::lognormal:
        return std::exp(law.first * s);
      case Family::laplace:
        return piece == 0 ? -std::exp(-s) : std::exp(s);
      default:
        return s;
    }
  }
  [[nodiscard]] double log_slope(double s) const {
    switch (law.family) {
      case Family::uniform:
      case Family::beta:
        return log_density_of_logistic(s);
      case Family::exponential:
      case Family::gamma:
        return s;
      case Family::weibull:
        return s / law.first - std::log(law.first);
      case Family::lognormal:
        return law.first * s + std::log(law.first);
      case Family::laplace:
        return piece == 0 ? -s : s;
      default:
        return 0;
    }
  }
  [[nodiscard]] double log_density(double s) const {
    switch (law.family) {
      case Family::uniform:
      case Family::logistic:
        return log_density_of_logistic(s);
      case Family::beta:
        return -law.first * log1pexp(-s) - law.second * log1pexp(s) - law.log_norm;
      case Family::exponential:
      case Family::weibull:
        return s - std::exp(s);
      case Family::gamma:
        return law.first * s - std::exp(s) - law.log_norm;
      case Family::normal:
      case Family::lognormal:
        return -s * s / 2 - std::log(2 * std::numbers::pi) / 2;
      case Family::laplace: {
        const double y = piece == 0 ? -s : s;
        return y - std::exp(y) - log_2;
      }
      case Family::gumbel:
        return -s - std::exp(-s);
    }
    return -infinity;
  }
  [[nodiscard]] double log_above(double s) const {
    switch (law.family) {
      case Family::uniform:
      case Family::logistic:
        return -log1pexp(s);
      case Family::beta:
        return log_beta_below(law.second, law.first, -s, law.log_norm);
      case Family::exponential:
      case Family::weibull:
        return -std::exp(s);
      case Family::gamma:
        return log_gamma_above(law.first, std::exp(s), law.log_norm);
      case Family::normal:
      case Family::lognormal:
        return log_normal_tail(s);
      case Family::laplace:
        return piece == 1 ? -std::exp(s) - log_2 : std::log1p(-std::exp(-std::exp(-s)) / 2);
      case Family::gumbel:
        return log1mexp(-std::exp(-s));
    }
    return -infinity;
  }
  [[nodiscard]] double log_below(double s) const {
    switch (law.family) {
      case Family::uniform:
      case Family::logistic:
        return -log1pexp(-s);
      case Family::beta:
        return log_beta_below(law.first, law.second, s, law.log_norm);
      case Family::exponential:
      case Family::weibull:
        return log1mexp(-std::exp(s));
      case Family::gamma:
        return log_gamma_below(law.first, s, law.log_norm);
      case Family::normal:
      case Family::lognormal:
        return log_normal_tail(-s);
      case Family::laplace:
        return piece == 0 ? -std::exp(-s) - log_2 : std::log1p(-std::exp(-std::exp(s)) / 2);
      case Family::gumbel:
        return -std::exp(-s);
    }
    return -infinity;
  }
};

struct Names {
  const char* family;
  std::vector<std::string> fields;
  /** Whether each parameter must be above 0. */
  std::vector<bool> positive;
};

const std::vector<Names>& families() {
  static const std::vector<Names> all = {{"uniform", {"lower", "upper"}, {false, false}},
                                         {"normal", {"mean", "sd"}, {false, true}},
                                         {"exponential", {"rate"}, {true}},
                                         {"gamma", {"shape", "scale"}, {true, true}},
                                         {"beta", {"alpha", "beta"}, {true, true}},
                                         {"weibull", {"shape", "scale"}, {true, true}},
                                         {"lognormal", {"location", "scale"}, {false, true}},
                                         {"logistic", {"location", "scale"}, {false, true}},
                                         {"laplace", {"location", "scale"}, {false, true}},
                                         {"gumbel", {"location", "scale"}, {false, true}},
                                         {"student_t", {"df"}, {true}}};
  return all;
}

constexpr double smallest_shape = 0.01;
constexpr double largest_shape = 10000;

void check_shape(const char* field, double x) {
  if (!(x >= smallest_shape && x <= largest_shape))
    throw InputError(std::string("model.") + field,
                     to_text(x) + " is not in [" + to_text(smallest_shape) + ", " + to_text(largest_shape) + "]");
}

[[noreturn]] void refuse_heavy(const std::string& family, const std::string& why) {
  throw InputError("model.family", "\"" + family + "\" " + why +
                                       ", so its moment generating function is infinite and any KL budget buys "
                                       "unlimited reward: KL-constrained RL has no optimal policy");
}

}  // namespace

std::vector<std::string> family_fields(const std::string& family) {
  for (const Names& names : families()) {
    if (family == names.family) return names.fields;
  }
  return {};
}

double SmoothLaw::value(double s, int piece) const {
  return sign > 0 ? Standard{*this, piece}.value(s) : -Standard{*this, pieces() - 1 - piece}.value(-s);
}
double SmoothLaw::log_density(double s, int piece) const {
  return sign > 0 ? Standard{*this, piece}.log_density(s) : Standard{*this, pieces() - 1 - piece}.log_density(-s);
}
double SmoothLaw::log_slope(double s, int piece) const {
  return sign > 0 ? Standard{*this, piece}.log_slope(s) : Standard{*this, pieces() - 1 - piece}.log_slope(-s);
}
double SmoothLaw::log_above(double s, int piece) const {
  return sign > 0 ? Standard{*this, piece}.log_above(s) : Standard{*this, pieces() - 1 - piece}.log_below(-s);
}
double SmoothLaw::log_below(double s, int piece) const {
  return sign > 0 ? Standard{*this, piece}.log_below(s) : Standard{*this, pieces() - 1 - piece}.log_above(-s);
}

double SmoothLaw::largest() const {
  switch (family) {
    case Family::uniform:
    case Family::beta:
    case Family::exponential:
    case Family::gamma:
    case Family::weibull:
    case Family::lognormal:
      return sign > 0 ? infinity : base;
    default:
      return infinity;
  }
}

double SmoothLaw::largest_tilt() const {
  switch (family) {
    case Family::exponential:
    case Family::gamma:
    case Family::gumbel:
      return sign > 0 ? 1 : infinity;
    case Family::logistic:
    case Family::laplace:
      return 1;
    case Family::weibull:
      return sign < 0 || first > 1 ? infinity : first == 1 ? 1 : 0;
    case Family::lognormal:
      return sign < 0 ? infinity : 0;
    default:
      return infinity;
  }
}

double SmoothLaw::log_tilted(double s, int piece, double b, double slack) const {
  if (std::isinf(largest_tilt())) {
    const double v = value(s, piece);
    return log_density(s, piece) + b * v;
  }
  switch (family) {
    case Family::exponential:
    case Family::weibull:
      return s - slack * std::exp(s);
    case Family::gamma:
      return first * s - slack * std::exp(s) - log_norm;
    case Family::gumbel:
      return -slack * s - std::exp(-s);
    case Family::logistic:
      return (s > 0 ? -slack * s : (1 + b) * s) - 2 * std::log1p(std::exp(-std::fabs(s)));
    case Family::laplace:
      return piece == 1 ? s - slack * std::exp(s) - log_2 : -s - (1 + b) * std::exp(-s) - log_2;
    default:
      return -infinity;
  }
}

ContinuousLaw make_continuous_law(const std::string& family, std::span<const double> parameters, bool mirrored) {
  const auto& all = families();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Names& n) { return family == n.family; });
  if (found == all.end()) throw InputError("model.family", family + " is not a known family");
  if (parameters.size() != found->fields.size())
    throw InputError("model.family", family + " takes " + std::to_string(found->fields.size()) + " parameters");
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const std::string path = "model." + found->fields[i];
    const double x = parameters[i];
    if (!(std::fabs(x) <= 1e300)) throw InputError(path, to_text(x) + " is not in [-1e300, 1e300]");
    if (found->positive[i] && !(x >= 1e-300)) throw InputError(path, to_text(x) + " is not a number above 0");
  }
  if (family == "student_t") refuse_heavy(family, "has polynomial tails");
  const double first = parameters[0];
  const double second = parameters.size() > 1 ? parameters[1] : 1;
  const double sign = mirrored ? -1 : 1;
  SmoothLaw law;
  law.sign = sign;
  law.base = sign * first;
  law.unit = second;
  if (family == "uniform") {
    if (!(second > first)) throw InputError("model.upper", to_text(second) + " is not above lower, " + to_text(first));
    if (!std::isfinite(second - first)) throw InputError("model.upper", to_text(second) + " is too far from lower");
    law.family = Family::uniform;
    // The law is its own mirror image: measured from the top, where tilts and maxima gather, it keeps its digits.
    law.base = mirrored ? -first : second;
    law.sign = -1;
    law.unit = second - first;
  } else if (family == "normal") {
    law.family = Family::normal;
  } else if (family == "exponential") {
    law.family = Family::exponential;
    law.base = 0;
    law.unit = 1 / first;
  } else if (family == "gamma") {
    check_shape("shape", first);
    law.family = Family::gamma;
    law.base = 0;
    law.first = first;
    law.log_norm = std::lgamma(first);
  } else if (family == "beta") {
    check_shape("alpha", first);
    check_shape("beta", second);
    law.family = Family::beta;
    // 1 - Beta(beta, alpha), measured from the top.
    law.base = mirrored ? 0 : 1;
    law.sign = -1;
    law.unit = 1;
    law.first = mirrored ? first : second;
    law.second = mirrored ? second : first;
    law.log_norm = std::lgamma(first) + std::lgamma(second) - std::lgamma(first + second);
  } else if (family == "weibull") {
    check_shape("shape", first);
    law.family = Family::weibull;
    law.base = 0;
    law.first = first;
    if (law.largest_tilt() == 0)
      refuse_heavy(family, "of shape " + to_text(first) + ", below 1, has a heavy right tail");
  } else if (family == "lognormal") {
    if (!mirrored) refuse_heavy(family, "has a heavy right tail");
    if (!(std::fabs(first) <= 600)) throw InputError("model.location", to_text(first) + " is not in [-600, 600]");
    if (!(second <= 20)) throw InputError("model.scale", to_text(second) + " is not in (0, 20]");
    law.family = Family::lognormal;
    law.base = 0;
    law.unit = std::exp(first);
    law.first = second;
  } else {
    law.family = family == "logistic" ? Family::logistic : family == "laplace" ? Family::laplace : Family::gumbel;
  }
  return law;
}

ContinuousLaw make_quantile_table(std::span<const double> u, std::span<const double> reward, bool mirrored) {
  if (u.size() < 2 || u.size() > 10000)
    throw InputError("model.u", std::to_string(u.size()) + " entries are not 2 to 10000");
  if (reward.size() != u.size())
    throw InputError("model.reward", "a list of " + std::to_string(reward.size()) + " is not as long as u (" +
                                         std::to_string(u.size()) + ")");
  if (u.front() != 0) throw InputError("model.u[0]", to_text(u.front()) + " is not 0");
  if (u.back() != 1) throw InputError("model.u[" + std::to_string(u.size() - 1) + "]", to_text(u.back()) + " is not 1");
  for (std::size_t i = 0; i < u.size(); ++i) {
    const std::string at = "[" + std::to_string(i) + "]";
    if (!(std::fabs(reward[i]) <= 1e300)) throw InputError("model.reward" + at, to_text(reward[i]) + " is not finite");
    if (i == 0) continue;
    if (!(u[i] > u[i - 1]))
      throw InputError("model.u" + at, to_text(u[i]) + " is not above the one before it, " + to_text(u[i - 1]));
    if (!(reward[i] >= reward[i - 1]))
      throw InputError("model.reward" + at,
                       to_text(reward[i]) + " is below the one before it, " + to_text(reward[i - 1]));
  }
  QuantileTable table{{u.begin(), u.end()}, {reward.begin(), reward.end()}};
  if (mirrored) {
    std::reverse(table.u.begin(), table.u.end());
    std::reverse(table.reward.begin(), table.reward.end());
    for (double& x : table.u) x = 1 - x;
    for (double& x : table.reward) x = -x;
  }
  return table;
}

}  // namespace tiltlab
