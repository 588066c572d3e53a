#pragma once
#include <functional>
#include <limits>
#include <vector>

namespace tiltlab {

/**
 * Nodes and normalised weights of the law on the line whose density is proportional to e^log_f(d):
 * E h = sum_i weight_i h(d_i). Gauss's rule of 16 points on panels that grow with their distance from the peaks of
 * e^(log_f + k log_size), k = 0, 1, 2, so that not only the mass has its nodes but also the first two moments of a
 * quantity of that size, wherever they lie.
 */
struct LineRule {
  std::vector<double> at;
  /** Sum 1. */
  std::vector<double> weight;
  /** Their logarithms, finite also where the weight has underflowed. */
  std::vector<double> log_weight;
  /** log of the integral of e^log_f. */
  double log_total = 0;
  double mode = 0;
  /** What halving the panels changed of the three integrals, relative to each, carried on to the halved panels. */
  double error = 0;
};

struct LineOptions {
  /** log of a positive quantity whose first two moments are wanted; empty for one that grows no faster than a power. */
  std::function<double(double)> log_size;
  /** Where the search for the peak begins; log_f is finite there. */
  double guess = 0;
  /** The longest panel right of the peak, up to `longest_until`. */
  double longest = std::numeric_limits<double>::infinity();
  double longest_until = std::numeric_limits<double>::infinity();
  /** Whether panels are halved until that changes nothing; without, the rule serves to about 1e-8. */
  bool refine = true;
};

/** @param log_f unimodal, finite or -inf @throws NumericalError where no peak is found */
[[nodiscard]] LineRule line_rule(const std::function<double(double)>& log_f, const LineOptions& options);

/** The peak alone, to a small part of its width. */
[[nodiscard]] double line_peak(const std::function<double(double)>& log_f, double guess);

/** Nodes on [-1, 1], the positive ones, and weights of Gauss's rule of 16 points. */
struct Gauss16 {
  static const double node[8];
  static const double weight[8];
};

}  // namespace tiltlab
