#pragma once
#include <cstddef>
#include <vector>

#include "numerics/double_double.hpp"

namespace tiltlab {

/**
 * The law of the reward under the base model p: all that a policy needs which reweights p by a
 * function of the reward.
 *
 * Levels rho_j = base + unit * (center + offset_j) in strictly increasing order; all vectors have one entry
 * a level. Logarithms of masses are stored plus `log_scale`, so that levels far in the tail, where
 * P(r > rho) ~ e^-log_scale, keep their digits. The levels need not be all of them: a law made for
 * a depth of the upper tail lists those that a policy of that depth visits.
 */
struct RewardLaw {
  DoubleDouble base;
  DoubleDouble unit = 1;
  DoubleDouble center;
  std::vector<double> offset;
  /** What rounding took from each offset; empty where offsets are exact. */
  std::vector<double> offset_rest;
  /** log P(r = rho_j) + log_scale */
  std::vector<double> log_mass;
  /** log P(r > rho_j) + log_scale; -inf at the top level */
  std::vector<double> log_above;
  /** P(r < rho_j) */
  std::vector<double> below;
  /** Mean gold reward within the level. */
  std::vector<double> gold;
  DoubleDouble log_scale;
  /**
   * Lattice points that each listed level stands for: 1 where all are listed; more where the law is
   * so smooth that a sum over every stride-th point, times the stride, equals the full sum to the
   * last digits. Masses and tails are always those of the single point.
   */
  double stride = 1;
  /** log of the absolute error of P(r > rho_j), plus log_scale; empty where every mass is right to its own last digits.
   */
  std::vector<double> log_error;
  /** The error of P(r = rho_j) over that of the tail: large under a steep tilt. */
  double point_error = 1;
  /** That of `gold` times P(r = rho_j), likewise. */
  double gold_error = 0;
  /** Of every mass; with a stride, of the sums over the levels that are left out. */
  double relative_error = 0;
  /** Whether every level of the model is listed. */
  bool complete = false;
  /** Whether the first listed level is the model's least: below it there is nothing, however small `below` is
   * elsewhere. */
  bool from_least = false;
  /** Whether nothing is above the last listed level, or nothing that a policy of the law's depth reaches. */
  bool to_top = true;
  /** What finding it cost, in multiplications, about. */
  double work = 0;

  [[nodiscard]] double distance(std::size_t i, std::size_t j) const {
    const double d = offset[i] - offset[j];
    return offset_rest.empty() ? d : d + (offset_rest[i] - offset_rest[j]);
  }
  [[nodiscard]] DoubleDouble exact_offset(std::size_t j) const {
    return offset_rest.empty() ? DoubleDouble(offset[j]) : DoubleDouble(offset[j], offset_rest[j]);
  }
  [[nodiscard]] std::size_t size() const { return offset.size(); }
  /** Of as many levels, those beyond the last ones empty; errors only where there are any. */
  void resize(std::size_t levels);
};

/**
 * The same law on every lattice point, or on so many more of them that it has at most `most` levels: between the listed
 * ones masses and tails are interpolated, which costs no digit where the law is as smooth as a stride demands. For
 * policies with an edge, whose sums do not converge with the stride as those of smooth ones do.
 */
[[nodiscard]] RewardLaw refined(const RewardLaw& law, double most);

/** y at j + t, 0 <= t < 1, by Lagrange's polynomial through the nearest six points or four; through two where more
 * would reach into a tail that falls off a cliff. */
[[nodiscard]] double between(const std::vector<double>& y, const std::vector<double>& log_mass, std::size_t j,
                             double t);

/** Relative error of masses whose tilt is a product of 31 digits, where far rewards make that large. */
[[nodiscard]] inline double lost_to_tilt(double exponent) { return exponent > 1e17 ? 1e-31 * exponent : 0; }

}  // namespace tiltlab
