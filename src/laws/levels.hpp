#pragma once
#include <cstdint>
#include <optional>

#include "laws/inversion.hpp"
#include "laws/reward_law.hpp"

/**
 * Which levels of a long sum best-of-N visits, around the mean of the sum tilted by b >= 0 to its depth, and the reward
 * law that they make. Offsets and spreads (standard deviations) in lattice steps of the sum.
 */
namespace tiltlab {

/** N P(r > rho) at the lowest level that is listed, and -log of it at the highest: beyond, best-of-N has mass under
 * 1e-14. */
inline constexpr double most_above = 40;
inline constexpr double top_nats = 33;

/** The nearest integer, of totals past 2^53 too. @throws NumericalError past int64 */
[[nodiscard]] std::int64_t round_total(const DoubleDouble& x);

/** Where the base law itself ends to the left of the tilted centre. */
[[nodiscard]] double base_extent(double b, double spread);

/** How far below the centre N P(r > rho) passes `most_above`, as if the sum were normal: the base law's end where it
 * never does.
 */
[[nodiscard]] double lower_extent(double b, double spread);

/** How far above the centre anything is left. */
[[nodiscard]] double upper_extent(double b, double end);

/** How coarse a grid may be on which sums over best-of-N's law are those over all its levels. */
[[nodiscard]] double smooth_stride(double b, double spread);

/** The levels between two offsets, every `stride`-th of them. */
[[nodiscard]] OffsetGrid levels_between(double low, double high, double stride);

struct Levels {
  OffsetGrid grid;
  Inversion inversion;
  /** Multiplications, about. */
  double work = 0;
};

/** N P(r > lowest listed), about, of a law tilted to the optimum of N. */
[[nodiscard]] double draws_above(double b, const Levels& levels);

/** The levels of a window that best-of-N visits. */
[[nodiscard]] Levels visited(double b, Levels all);

/** What turns levels of a tilted sum into a law of rewards under the base: reward = base + unit * level. */
struct TiltedSum {
  DoubleDouble base;
  DoubleDouble unit;
  DoubleDouble center;
  /** log E e^(b S) */
  DoubleDouble log_mgf;
  double b = 0;
  /** The largest level that is attained, or one above it. */
  DoubleDouble top;
};

/** Empty where no level has any mass. */
[[nodiscard]] std::optional<RewardLaw> law_of_levels(const Levels& levels, const TiltedSum& sum);

}  // namespace tiltlab
