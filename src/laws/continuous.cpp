#include "laws/continuous.hpp"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <numbers>

#include "error.hpp"
#include "numerics/decimal.hpp"
#include "numerics/log_domain.hpp"
#include "numerics/special.hpp"

namespace tiltlab {

namespace {

constexpr double log_sqrt_2pi = 0.91893853320467274178;
/** Under this a tail is taken from its own expansion, since the function itself would lose digits to denormals. */
constexpr double smallest_tail = 1e-280;

double log_density_of_logistic(double s) { return -std::fabs(s) - 2 * std::log1p(std::exp(-std::fabs(s))); }

// Tails over the density of s ("Mills' ratios"), as logarithms.

/** Of the standard normal, above z; beyond 30 by the continued fraction. */
double normal_ratio(double z) {
  if (z < 30) {
    const double tail = z < -1 ? std::log1p(-boost::math::erfc(-z * std::numbers::sqrt2 / 2) / 2)
                               : std::log(boost::math::erfc(z * std::numbers::sqrt2 / 2) / 2);
    return tail + z * z / 2 + log_sqrt_2pi;
  }
  double fraction = z;
  for (int k = 20; k > 0; --k) fraction = z + k / fraction;
  return -std::log(fraction);
}

/** Of the exponential law, s = log z, below z: log[(e^z - 1)/z]. */
double exponential_ratio(double s) {
  const double z = std::exp(s);
  return z < 30 ? std::log(z > 0 ? std::expm1(z) / z : 1) : z - s;
}

/** log of the gamma density of s = log z, from its peak: shape (t - (e^t - 1)), t = s - log shape. */
double gamma_log_density(double shape, double t) {
  return -shape * exp_rest(t) + std::log(shape) / 2 - log_sqrt_2pi - stirling_rest(shape);
}

double gamma_ratio_below(double shape, double s);

double gamma_ratio_above(double shape, double s) {
  const double z = std::exp(s);
  const double density = gamma_log_density(shape, s - std::log(shape));
  // Where z underflows the mass below it may not.
  if (s < -30) return std::log1p(-std::exp(density + gamma_ratio_below(shape, s))) - density;
  const double q = boost::math::gamma_q(shape, z);
  if (q > smallest_tail) return (q < 0.9 ? std::log(q) : std::log1p(-boost::math::gamma_p(shape, z))) - density;
  // Legendre's continued fraction (DLMF 8.9.2)
  double fraction = 0;
  for (int i = 100; i > 0; --i) fraction = i * (i - shape) / (z + 2 * i + 1 - shape - fraction);
  return -std::log(z + 1 - shape - fraction);
}

double gamma_ratio_below(double shape, double s) {
  const double z = std::exp(s);
  const double p = z < std::max(1.0, shape / 4) ? 0 : boost::math::gamma_p(shape, z);
  if (p > smallest_tail)
    return (p < 0.9 ? std::log(p) : std::log1p(-boost::math::gamma_q(shape, z))) -
           gamma_log_density(shape, s - std::log(shape));
  // The series of DLMF 8.11.4, all terms positive.
  double term = 1 / shape;
  double sum = term;
  for (int i = 1; i < 4000 && term > 1e-18 * sum; ++i) sum += term *= z / (shape + i);
  return std::log(sum);
}

/** log of the beta density of s = logit x, from its peak at logit a/(a + b). */
double beta_norm(double a, double b) {
  return (std::log(a) + std::log(b) - std::log(a + b)) / 2 - log_sqrt_2pi - stirling_rest(a) - stirling_rest(b) +
         stirling_rest(a + b);
}
/** log1pexp(s + d) - log1pexp(s), share = logistic(s), rest = 1 - share. */
double d_log1pexp(double s, double share, double rest, double d) {
  if (std::fabs(d) > 30) {
    // Of the two exponentials the one that is small at s, so that a vast s leaves d its digits.
    return s < 0 ? log1pexp(s + d) - log1pexp(s) : d + (log1pexp(-s - d) - log1pexp(-s));
  }
  const double change = share * std::expm1(d);
  return change > -0.5 ? std::log1p(change) : std::log(rest + share * std::exp(d));
}
double beta_log_density(double a, double b, double s) {
  const double peak = std::log(a / b);
  const double d = s - peak;
  return -a * d_log1pexp(-peak, b / (a + b), a / (a + b), -d) - b * d_log1pexp(peak, a / (a + b), b / (a + b), d) +
         beta_norm(a, b);
}

/** log of 1/a sum (a + b)_i / (a + 1)_i x^i (DLMF 8.17.8): all terms positive. */
double beta_series(double a, double b, double x) {
  double term = 1 / a;
  double sum = term;
  for (int i = 0; i < 20000 && term > 1e-17 * sum; ++i) sum += term *= x * (a + b + i) / (a + 1 + i);
  return std::log(sum);
}

double beta_ratio_below(double a, double b, double s) {
  const double x = std::exp(-log1pexp(-s));
  const double y = std::exp(-log1pexp(s));
  const bool below_mean = x * b <= y * a;
  // Terms that grow at first cost more of them, not digits.
  constexpr double growth = 50;
  constexpr double slow = 0.7;
  if (x < slow && (below_mean || x * b < growth)) return beta_series(a, b, x);
  const double density = beta_log_density(a, b, s);
  if (y < slow && (!below_mean || y * a < growth)) {
    const double above = std::exp(density + beta_series(b, a, y));
    if (above < 0.9999 || s > 30) return std::log1p(-above) - density;
  }
  const double below = x < 0.5 ? boost::math::ibeta(a, b, x) : boost::math::ibetac(b, a, y);
  if (!(below > smallest_tail)) return beta_series(a, b, x);
  if (below < 0.9) return std::log(below) - density;
  return std::log1p(-(x < 0.5 ? boost::math::ibetac(a, b, x) : boost::math::ibeta(b, a, y))) - density;
}

/** P(Z < z) and P(Z > z) over the density of s, of the standard form, as logarithms. */
double ratio_above(const SmoothLaw& law, double s, int piece);
double ratio_below(const SmoothLaw& law, double s, int piece) {
  switch (law.family) {
    case Family::uniform:
    case Family::logistic:
      return log1pexp(s);
    case Family::beta:
      return beta_ratio_below(law.first.hi, law.second.hi, s);
    case Family::exponential:
    case Family::weibull:
      return exponential_ratio(s);
    case Family::gamma:
      return gamma_ratio_below(law.first.hi, s);
    case Family::normal:
    case Family::lognormal:
      return normal_ratio(-s);
    case Family::laplace: {
      if (piece == 0) return s;
      const double z = std::exp(s);
      return std::log1p(-std::exp(-z) / 2) - (s - z - std::numbers::ln2);
    }
    case Family::gumbel:
      return s;
  }
  return 0;
}
double ratio_above(const SmoothLaw& law, double s, int piece) {
  switch (law.family) {
    case Family::uniform:
    case Family::logistic:
      return log1pexp(-s);
    case Family::beta:
      return beta_ratio_below(law.second.hi, law.first.hi, -s);
    case Family::exponential:
    case Family::weibull:
      return -s;
    case Family::gamma:
      return gamma_ratio_above(law.first.hi, s);
    case Family::normal:
    case Family::lognormal:
      return normal_ratio(s);
    case Family::laplace:
      return ratio_below(law, -s, 1 - piece);
    case Family::gumbel:
      return exponential_ratio(-s);
  }
  return 0;
}

DoubleDouble log1pexp_exact(double s) { return DoubleDouble(s > 0 ? s : 0) + std::log1p(std::exp(-std::fabs(s))); }

/** scale (e^d - 1), scale = e^s; also where scale has underflowed. */
double grown(double scale, double s, double d) { return d < 300 ? scale * std::expm1(d) : std::exp(s + d); }

/** x = mantissa * 2^exponent with mantissa in [1/2, 1). */
DoubleDouble mantissa_of(DoubleDouble x, int& exponent) {
  exponent = 0;
  if (x.hi == 0) return x;
  std::frexp(x.hi, &exponent);
  return {std::ldexp(x.hi, -exponent), std::ldexp(x.lo, -exponent)};
}

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

double beta_below(double a, double b, double s) {
  return std::exp(std::min(0.0, beta_log_density(a, b, s) + beta_ratio_below(a, b, s)));
}

std::string unit_field(const ContinuousLaw& law) {
  const auto* smooth = std::get_if<SmoothLaw>(&law);
  if (!smooth) return "model.reward";
  if (smooth->by_scale) return "model.scale";
  const auto& names = families()[static_cast<std::size_t>(smooth->family)].fields;
  return "model." + (smooth->family == Family::lognormal ? names.front() : names.back());
}

bool SmoothLaw::is_exponential() const {
  return family == Family::exponential || family == Family::gamma || family == Family::weibull ||
         family == Family::lognormal;
}
bool SmoothLaw::from_top() const {
  return sign < 0 && (is_exponential() || family == Family::uniform || family == Family::beta);
}

DoubleDouble SmoothLaw::reward(DoubleDouble standard) const {
  int exponent = 0;
  const DoubleDouble product = mantissa_of(standard, exponent) * unit;
  exponent += unit_exponent;
  // Past 2^1023 by hand: an infinite high part would leave a NaN.
  if (exponent > 1023) return standard.hi > 0 ? HUGE_VAL : -HUGE_VAL;
  return base + DoubleDouble(std::ldexp(product.hi, exponent), std::ldexp(product.lo, exponent));
}

double SmoothLaw::mode() const {
  if (family == Family::gamma) return std::log(first.hi);
  return family == Family::beta ? std::log(first.hi / second.hi) : 0;
}

double SmoothLaw::reward_at(double s, int piece) const {
  const LocalLaw at(*this, s, piece);
  if (from_top()) return reward(-exp(at.log_size)).value();
  return reward(at.value).value();
}

double SmoothLaw::log_slope(double s, int piece) const {
  if (is_exponential()) return (power * DoubleDouble(s) + log(power)).value();
  if (family == Family::uniform || family == Family::beta) return log_density_of_logistic(s);
  return family == Family::laplace ? (piece == 0 ? -s : s) : 0;
}

double SmoothLaw::largest() const { return from_top() ? base.value() : HUGE_VAL; }

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
      return sign < 0 || power.hi < 1 ? infinity : 0;
    case Family::lognormal:
      return sign < 0 ? infinity : 0;
    default:
      return infinity;
  }
}

LocalLaw::LocalLaw(const SmoothLaw& law, double origin_, int piece)
    : origin(origin_), law_(law), piece_(piece), first_(law.first.hi), second_(law.second.hi), power_(law.power.hi) {
  const DoubleDouble s = origin;
  switch (law.family) {
    case Family::uniform:
    case Family::logistic:
    case Family::beta: {
      share_ = 1 / (1 + std::exp(-origin));
      rest_ = 1 / (1 + std::exp(origin));
      // Where logistic(s) or its complement underflows the digits of the other do not matter.
      const DoubleDouble x = -log1pexp_exact(-origin);
      const DoubleDouble y = -log1pexp_exact(origin);
      log_size = x;
      if (law.family == Family::beta) {
        const DoubleDouble sum = law.first + law.second;
        log_density = law.first * (x - log(law.first / sum)) + law.second * (y - log(law.second / sum)) +
                      beta_norm(first_, second_);
      } else {
        log_density = x + y;
      }
      if (law.family == Family::logistic) value = DoubleDouble(law.sign) * s;
      break;
    }
    case Family::exponential:
    case Family::weibull:
    case Family::gamma:
    case Family::lognormal: {
      log_size = law.power * s;
      if (law.family == Family::lognormal) {
        log_density = -(s * s) * DoubleDouble(0.5) - log_sqrt_2pi;
      } else {
        scale_ = std::exp(origin);
        log_density = s - exp(s);
        if (law.family == Family::gamma)
          log_density = law.first * (s - log(law.first)) + law.first - exp(s) +
                        (std::log(first_) / 2 - log_sqrt_2pi - stirling_rest(first_));
      }
      if (law.sign > 0) value = exp(log_size);
      size_ = value.hi;
      break;
    }
    case Family::normal:
      log_density = -(s * s) * DoubleDouble(0.5) - log_sqrt_2pi;
      value = DoubleDouble(law.sign) * s;
      break;
    case Family::laplace: {
      const DoubleDouble y = piece == 0 ? -s : s;
      scale_ = std::exp(y.hi);
      log_density = y - exp(y) - std::numbers::ln2;
      log_size = y;
      value = DoubleDouble(piece == 0 ? -law.sign : law.sign) * exp(y);
      break;
    }
    case Family::gumbel:
      scale_ = std::exp(-origin);
      log_density = -s - exp(-s);
      value = DoubleDouble(law.sign) * s;
      break;
  }
}

double LocalLaw::d_log_density(double d) const {
  switch (law_.family) {
    case Family::uniform:
    case Family::logistic:
      return -d_log1pexp(-origin, rest_, share_, -d) - d_log1pexp(origin, share_, rest_, d);
    case Family::beta:
      return -first_ * d_log1pexp(-origin, rest_, share_, -d) - second_ * d_log1pexp(origin, share_, rest_, d);
    case Family::exponential:
    case Family::weibull:
      return d - grown(scale_, origin, d);
    case Family::gamma:
      return d < 300 ? (first_ - scale_) * d - scale_ * exp_rest(d) : first_ * d - std::exp(origin + d);
    case Family::normal:
    case Family::lognormal:
      return -d * (origin + d / 2);
    case Family::laplace: {
      const double e = piece_ == 0 ? -d : d;
      return e - grown(scale_, piece_ == 0 ? -origin : origin, e);
    }
    case Family::gumbel:
      return -d - grown(scale_, -origin, -d);
  }
  return 0;
}

double LocalLaw::d_log_size(double d) const {
  if (law_.is_exponential()) return power_ * d;
  if (law_.family == Family::laplace) return piece_ == 0 ? -d : d;
  return -d_log1pexp(-origin, rest_, share_, -d);
}

double LocalLaw::d_value(double d) const {
  if (law_.is_exponential()) return size_ * std::expm1(power_ * d);
  if (law_.family == Family::laplace) return value.hi * std::expm1(piece_ == 0 ? -d : d);
  return law_.sign * d;
}

double LocalLaw::log_above_over_density(double d) const {
  return law_.sign > 0 ? ratio_above(law_, origin + d, piece_) : ratio_below(law_, origin + d, piece_);
}
double LocalLaw::log_below_over_density(double d) const {
  return law_.sign > 0 ? ratio_below(law_, origin + d, piece_) : ratio_above(law_, origin + d, piece_);
}

namespace {

/** @throws InputError unless the family is known and takes these parameters */
void check_parameters(const std::string& family, std::span<const double> parameters) {
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
}

void set_unit(SmoothLaw& law, DoubleDouble unit) { law.unit = mantissa_of(unit, law.unit_exponent); }

SmoothLaw uniform_law(double lower, double upper, bool mirrored) {
  if (!(upper > lower)) throw InputError("model.upper", to_text(upper) + " is not above lower, " + to_text(lower));
  if (!std::isfinite(upper - lower)) throw InputError("model.upper", to_text(upper) + " is too far from lower");
  SmoothLaw law;
  law.family = Family::uniform;
  // The law is its own mirror image: measured from the top, where tilts and maxima gather, it keeps its digits.
  law.base = mirrored ? -decimal_value(lower) : decimal_value(upper);
  law.sign = -1;
  set_unit(law, decimal_value(upper) - decimal_value(lower));
  return law;
}

SmoothLaw beta_law(double alpha, double beta, bool mirrored) {
  check_shape("alpha", alpha);
  check_shape("beta", beta);
  SmoothLaw law;
  law.family = Family::beta;
  // 1 - Beta(beta, alpha), measured from the top.
  law.base = mirrored ? 0 : 1;
  law.sign = -1;
  law.first = decimal_value(mirrored ? alpha : beta);
  law.second = decimal_value(mirrored ? beta : alpha);
  return law;
}

SmoothLaw exponential_law(SmoothLaw law, double rate_of_law) {
  law.family = Family::exponential;
  int exponent = 0;
  const DoubleDouble rate = mantissa_of(decimal_value(rate_of_law), exponent);
  set_unit(law, DoubleDouble(1) / rate);
  law.unit_exponent -= exponent;
  return law;
}

SmoothLaw lognormal_law(SmoothLaw law, double location, double scale, bool mirrored) {
  if (!mirrored) refuse_heavy("lognormal", "has a heavy right tail");
  if (!(std::fabs(location) <= 600)) throw InputError("model.location", to_text(location) + " is not in [-600, 600]");
  // Under the least the rewards differ by less than a double tells.
  if (!(scale >= 1e-9 && scale <= 20)) throw InputError("model.scale", to_text(scale) + " is not in [1e-9, 20]");
  law.family = Family::lognormal;
  set_unit(law, exp(decimal_value(location)));
  law.power = decimal_value(scale);
  return law;
}

SmoothLaw weibull_law(SmoothLaw law, double shape) {
  check_shape("shape", shape);
  law.power = DoubleDouble(1) / decimal_value(shape);
  law.family = shape == 1 ? Family::exponential : Family::weibull;
  law.by_scale = true;
  if (law.largest_tilt() == 0)
    refuse_heavy("weibull", "of shape " + to_text(shape) + ", below 1, has a heavy right tail");
  return law;
}

}  // namespace

ContinuousLaw make_continuous_law(const std::string& family, std::span<const double> parameters, bool mirrored) {
  check_parameters(family, parameters);
  if (family == "student_t") refuse_heavy(family, "has polynomial tails");
  const double first = parameters[0];
  const double second = parameters.size() > 1 ? parameters[1] : 1;
  if (family == "uniform") return uniform_law(first, second, mirrored);
  if (family == "beta") return beta_law(first, second, mirrored);
  SmoothLaw law;
  law.sign = mirrored ? -1 : 1;
  if (family == "exponential") return exponential_law(law, first);
  if (family == "lognormal") return lognormal_law(law, first, second, mirrored);
  // The others have a scale.
  set_unit(law, decimal_value(second));
  if (family == "weibull") return weibull_law(law, first);
  if (family == "gamma") {
    check_shape("shape", first);
    law.family = Family::gamma;
    law.first = decimal_value(first);
    return law;
  }
  law.base = DoubleDouble(law.sign) * decimal_value(first);
  law.family = family == "normal"     ? Family::normal
               : family == "logistic" ? Family::logistic
               : family == "laplace"  ? Family::laplace
                                      : Family::gumbel;
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
  QuantileTable table{{u.begin(), u.end()}, {reward.begin(), reward.end()}, {}, {}, {}, {}, {}, {}, 0};
  std::vector<DoubleDouble> below;
  std::vector<DoubleDouble> value;
  for (std::size_t i = 0; i < u.size(); ++i) {
    below.push_back(decimal_value(u[i]));
    value.push_back(decimal_value(reward[i]));
  }
  if (mirrored) {
    std::reverse(below.begin(), below.end());
    std::reverse(value.begin(), value.end());
    for (DoubleDouble& x : below) x = DoubleDouble(1) - x;
    for (DoubleDouble& x : value) x = -x;
  }
  const double range = (value.back() - value.front()).value();
  if (!std::isfinite(range)) throw InputError("model.reward[0]", to_text(reward.front()) + " is too far from the last");
  if (range > 0 && !(range > 1e-60 && range < 1e60)) {
    table.exponent = std::ilogb(range);
    for (DoubleDouble& x : value) x = {std::ldexp(x.hi, -table.exponent), std::ldexp(x.lo, -table.exponent)};
  }
  table.top = value.back();
  for (std::size_t i = 0; i < u.size(); ++i) {
    table.u[i] = below[i].value();
    table.reward[i] = value[i].value();
    table.above.push_back((DoubleDouble(1) - below[i]).value());
    table.shortfall.push_back((table.top - value[i]).value());
    if (i == 0) continue;
    table.mass.push_back((below[i] - below[i - 1]).value());
    table.length.push_back((value[i] - value[i - 1]).value());
    const std::size_t upper = mirrored ? u.size() - i : i;
    const double step = reward[upper] - reward[upper - 1];
    if (step > 0 && range / step > largest_table_range)
      throw InputError(
          "model.reward[" + std::to_string(upper) + "]",
          to_text(reward[upper]) + " is nearer to the one before it than 10^-150 of the range, " + to_text(range));
  }
  for (std::size_t i = u.size() - 1; i > 0 && table.length[i - 1] == 0; --i)
    table.atom = DoubleDouble(1) - below[i - 1];
  return table;
}

}  // namespace tiltlab
