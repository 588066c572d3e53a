#pragma once
#include <cstdint>
#include <vector>

#include "models/outcome.hpp"
#include "numerics/double_double.hpp"

namespace tiltlab {

/** A law of the reward per token (of the draw where the model has no length) on increasing points or bins. */
struct LawCurve {
  std::vector<double> x;
  /** Probability of the point, or of the bin of `width` around it. */
  std::vector<double> mass;
  /** mass / width: probability per unit of x; the mass itself where the width is 0. */
  std::vector<double> density;
  /** Distance of neighbouring points or width of the bins; 0 for a law on one point. */
  double width = 0;
  double mean = 0;
  double sd = 0;
};

template <class F>
void fields(F&& f, const LawCurve& c) {
  f("x", c.x);
  f("mass", c.mass);
  f("density", c.density);
  f("width", c.width);
  f("mean", c.mean);
  f("sd", c.sd);
}

/** Levels with masses, before they are thinned for a picture: reward = base + unit * (center + offset). */
struct PicturePoints {
  DoubleDouble base;
  DoubleDouble unit;
  DoubleDouble center;
  std::vector<double> offset;
  std::vector<double> mass;
  double stride = 1;
  /** Offsets are integers, stride apart where nothing is missing. */
  bool lattice = false;
};

/** The curve of rewards per token, without mean and deviation; bins where there are more than 2 * `points` levels.
 * @param exponent of the law's reward scale */
[[nodiscard]] LawCurve curve_of(PicturePoints p, std::int64_t length, int exponent, int points);

/** Fills in a curve's mean and deviation, from those of the whole draw in the law's scale, and its density. */
void describe(LawCurve& curve, DoubleDouble mean, double sd, std::int64_t length, int exponent);

/** A point of a policy's path through the plane of KL and reward. */
struct PathPoint {
  /** NaN where it could not be had. */
  double kl;
  double reward;
  /** What it cost, in multiplications, about. */
  double work = 0;
};

/** The same law of rewards that are so many times smaller, `by` > 0: totals over a length are rewards per token. */
[[nodiscard]] LawCurve divided(LawCurve curve, double by);

/** What a curve over lengths shows at one of them: per token, NaN where it could not be had. */
struct GapPoint {
  double gap = not_known;
  double gap_sharp = not_known;
  double gap_first_order = not_known;
  double gap_lower = not_known;
  double gap_upper = not_known;
  double kl_to_kl_rl = not_known;
  double kl_to_kl_rl_sharp = not_known;
};

/** 0 .. count - 1, ends first, then ever finer in between: what is affordable of it covers the whole axis. */
[[nodiscard]] std::vector<std::size_t> coarse_to_fine(std::size_t count);

}  // namespace tiltlab
