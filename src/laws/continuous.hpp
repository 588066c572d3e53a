#pragma once
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "numerics/quadrature.hpp"

namespace tiltlab {

/** Standard forms; Student's t is known by name alone, since no optimal policy exists for it. */
enum class Family { uniform, normal, exponential, gamma, beta, weibull, lognormal, logistic, laplace, gumbel };

/**
 * A continuous reward law: reward = base + unit * sign * z, z of a standard form. All functions take the coordinate s
 * on the whole line in which that form is smooth (z = s, e^s, logistic(s), ... by family), oriented so that the reward
 * increases with s. `piece` is 0 but for Laplace, whose density has a corner: piece 0 below its median, 1 above.
 */
struct SmoothLaw {
  Family family = Family::normal;
  double base = 0;
  double unit = 1;
  /** -1 where the law is that of -z: mirrored families, and uniform and beta, which are measured from the top. */
  double sign = 1;
  /** Shape parameters of gamma (shape), beta (alpha, beta), Weibull (shape) and lognormal (scale of the logarithm). */
  double first = 1;
  double second = 1;
  /** log of what normalises the density of the standard form. */
  double log_norm = 0;

  [[nodiscard]] int pieces() const { return family == Family::laplace ? 2 : 1; }
  /** sign * z, the reward in standard units. */
  [[nodiscard]] double value(double s, int piece) const;
  /** log of the density of s. */
  [[nodiscard]] double log_density(double s, int piece) const;
  /** log d(value)/ds */
  [[nodiscard]] double log_slope(double s, int piece) const;
  /** log P(X > x), log P(X < x) at s, to their own digits however small. */
  [[nodiscard]] double log_above(double s, int piece) const;
  [[nodiscard]] double log_below(double s, int piece) const;
  /** Largest reward, reward units; infinite where there is none. */
  [[nodiscard]] double largest() const;
  /** E exp(b value) is finite exactly for b below this; 0 where for no b > 0. Standard units. */
  [[nodiscard]] double largest_tilt() const;
  /**
   * log density + b value, with `slack` = largest_tilt - b where that is finite: near it the tail falls like
   * e^(-slack value), and b alone has lost its digits.
   */
  [[nodiscard]] double log_tilted(double s, int piece, double b, double slack) const;
};

/**
 * A quantile table: the reward's quantile function is linear between its points. Pieces of equal reward at both ends
 * are atoms.
 */
struct QuantileTable {
  /** 0 = u_0 < ... < u_k = 1 and r_0 <= ... <= r_k. */
  std::vector<double> u;
  std::vector<double> reward;
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
/** @throws InputError */
[[nodiscard]] ContinuousLaw make_quantile_table(std::span<const double> u, std::span<const double> reward,
                                                bool mirrored);

/** Names of a family's parameters; empty for an unknown family. */
[[nodiscard]] std::vector<std::string> family_fields(const std::string& family);

}  // namespace tiltlab
