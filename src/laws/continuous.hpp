#pragma once
#include <cmath>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "numerics/double_double.hpp"

namespace tiltlab {

/** Standard forms; Student's t is known by name alone, since no optimal policy exists for it. */
enum class Family { uniform, normal, exponential, gamma, beta, weibull, lognormal, logistic, laplace, gumbel };

/**
 * A continuous reward law: reward = base + unit * sign * z, z of a standard form. z is a smooth increasing function of
 * a coordinate s on the whole line (s itself, e^(s power), logistic(s), by family). `piece` is 0 but for Laplace, whose
 * density has a corner: on piece 0, below its median, z = -e^-s, and z = e^s on piece 1.
 *
 * Parameters are the decimal numbers that were written, to 31 digits.
 */
struct SmoothLaw {
  Family family = Family::normal;
  DoubleDouble base = 0;
  /** Reward units of a standard unit: unit * 2^unit_exponent, 1/2 <= unit < 1. */
  DoubleDouble unit = 0.5;
  int unit_exponent = 1;
  /** Whether the unit was written as `scale`, as that of a Weibull law of shape 1 is, which is an exponential one. */
  bool by_scale = false;
  /** -1 where the law is that of -z: mirrored families, and uniform and beta, which are measured from the top. */
  double sign = 1;
  /** Shape parameters: of gamma (shape; exponential: 1) and beta (alpha, beta). */
  DoubleDouble first = 1;
  DoubleDouble second = 1;
  /** d log z / ds where z = e^(s power): 1, 1/shape of Weibull, scale of the lognormal's logarithm. */
  DoubleDouble power = 1;

  [[nodiscard]] int pieces() const { return family == Family::laplace ? 2 : 1; }
  /** The piece of the largest rewards. */
  [[nodiscard]] int top_piece() const { return family == Family::laplace && sign > 0 ? 1 : 0; }
  /** Whether `base` is the largest reward, so that rewards near it are known by the logarithm of what they lack. */
  [[nodiscard]] bool from_top() const;
  /** Whether z = e^(s power) */
  [[nodiscard]] bool is_exponential() const;
  /** unit * 2^unit_exponent */
  [[nodiscard]] double unit_value() const { return std::ldexp(unit.value(), unit_exponent); }
  [[nodiscard]] double log_unit() const { return std::log(unit.value()) + unit_exponent * 0.6931471805599453; }
  /** base + unit * standard */
  [[nodiscard]] DoubleDouble reward(DoubleDouble standard) const;
  /** Where the density of s has its peak. */
  [[nodiscard]] double mode() const;
  /** Reward at s, for pictures. */
  [[nodiscard]] double reward_at(double s, int piece) const;
  /** log |dz/ds| */
  [[nodiscard]] double log_slope(double s, int piece) const;
  /** Largest reward, reward units; infinite where there is none. */
  [[nodiscard]] double largest() const;
  /** E exp(b sign z) is finite exactly for b below this; 0 where for no b > 0. Standard units. */
  [[nodiscard]] double largest_tilt() const;
};

/**
 * A law seen from a point s = origin: differences to that point keep their own digits however far out it lies, and what
 * holds at the point itself is kept to 31.
 */
class LocalLaw {
 public:
  LocalLaw(const SmoothLaw& law, double origin, int piece);

  double origin;
  /** log of the density of s at the origin. */
  DoubleDouble log_density;
  /** log |z| at the origin, but where z = s. */
  DoubleDouble log_size;
  /** sign z at the origin; not of laws from the top. */
  DoubleDouble value;

  /** log density(origin + d) - log density(origin) */
  [[nodiscard]] double d_log_density(double d) const;
  /** The same for log |z| and for sign z. */
  [[nodiscard]] double d_log_size(double d) const;
  [[nodiscard]] double d_value(double d) const;
  /** log [P(X > x) / density of s], log [P(X < x) / density of s] for the reward x at origin + d. */
  [[nodiscard]] double log_above_over_density(double d) const;
  [[nodiscard]] double log_below_over_density(double d) const;
  /** The terms of a density's logarithm beside e^s: slope s - scale e^s, for laws where it is that. */
  [[nodiscard]] double scale() const { return scale_; }

 private:
  SmoothLaw law_;
  int piece_;
  double first_;
  double second_;
  double power_;
  double scale_ = 0;
  /** logistic(origin) and its complement. */
  double share_ = 0;
  double rest_ = 0;
  double size_ = 0;
};

/**
 * A quantile table: the reward's quantile function is linear between its points. Pieces of equal reward at both ends
 * are atoms. Differences are those of the decimal numbers that were written.
 * Rewards here are the scenario's times 2^-exponent.
 */
struct QuantileTable {
  /** 0 = u_0 < ... < u_k = 1 and r_0 <= ... <= r_k. */
  std::vector<double> u;
  std::vector<double> reward;
  /** 1 - u_i */
  std::vector<double> above;
  /** r_k - r_i */
  std::vector<double> shortfall;
  /** u_(i+1) - u_i and r_(i+1) - r_i of piece i. */
  std::vector<double> mass;
  std::vector<double> length;
  /** r_k */
  DoubleDouble top;
  /** P(r = r_k) */
  DoubleDouble atom;
  /** Not 0 only for ranges whose squares might leave a double's. */
  int exponent = 0;
};

using ContinuousLaw = std::variant<SmoothLaw, QuantileTable>;

/**
 * @param family a name of the scenario's schema, such as `normal`
 * @param parameters in the order of `family_fields`
 * @throws InputError; also where no moment generating function exists to the right, so that any KL budget buys
 * unlimited reward (Student t, lognormal, Weibull of shape under 1)
 */
[[nodiscard]] ContinuousLaw make_continuous_law(const std::string& family, std::span<const double> parameters,
                                                bool mirrored);
/** The largest range of a table's rewards over its smallest step: squares of both stay in a double's range. */
inline constexpr double largest_table_range = 1e150;
/** @throws InputError */
[[nodiscard]] ContinuousLaw make_quantile_table(std::span<const double> u, std::span<const double> reward,
                                                bool mirrored);

/** Regularised incomplete beta function I_x(a, b) at x = logistic(s), however small x. */
[[nodiscard]] double beta_below(double a, double b, double s);

/** The scenario's field that sets the size of the rewards, such as `model.scale`. */
[[nodiscard]] std::string unit_field(const ContinuousLaw& law);

/** Names of a family's parameters; empty for an unknown family. */
[[nodiscard]] std::vector<std::string> family_fields(const std::string& family);

}  // namespace tiltlab
