#pragma once
#include <cstdint>
#include <optional>

#include "laws/reward_law.hpp"
#include "laws/smooth_chain.hpp"
#include "laws/tilted_chain.hpp"

namespace tiltlab {

/** Sums of `length` transitions of a chain with rewards on a lattice, as an inversion of what the chain's powers at
 * complex tilts tell: pi_0 M(w)^n 1 with M(w) = P e^((b + i w) r), followed from its beginning until only the largest
 * eigenvalue is left, whose logarithm then counts n times. */
struct ChainAt {
  const MarkovLaw& law;
  const Recurrence& recurrence;
  std::int64_t length;
  /** The largest sum, in lattice steps. */
  DoubleDouble top;
  /** For a curve, on which nobody sees a thousandth: what is soon taken for smooth is. */
  bool is_for_a_curve = false;
};

/** Steps of a lattice past which sums of a few rewards are not smooth before they are too many to list. */
inline constexpr std::int64_t longest_short_lattice = 1000;

/**
 * The law of the sum around the mean of the tilt, from where F(rho)^(e^depth) is negligible to where the mass beyond
 * is, as `memoryless_law` of tokens. Frequencies are left out only where conditional variances of a few transitions
 * prove that they count for nothing. `log_error` covers truncation, aliasing and rounding.
 * Where too many frequencies count, of rewards of many decimals, the law is taken for smooth if that changes little.
 * @param tilt of b >= 0, of positive variance at this length @param left what is left out of a law that was taken for
 * smooth, nothing else @throws NumericalError where it takes too long
 */
[[nodiscard]] std::optional<RewardLaw> chain_law(const ChainAt& chain, const TiltedChain& tilt, Waves& left);

/** The same of the main lobe alone, up to an edge > 0. */
[[nodiscard]] std::optional<RewardLaw> chain_law_of(const ChainAt& chain, const TiltedChain& tilt, double edge);

/** What the log of the tail falls by a step where best-of-N lies. Without a tilt that is near the mean, where it falls
 * by no more than e^2 in a standard deviation. */
[[nodiscard]] double slope_of_tail(double b, double sd);

/** The masses of the tilted sum itself on about `points` levels around its mean. @param sds how many of its standard
 * deviations to each side, at most; farther than a share of e^-42 lies beyond it never goes */
struct ChainMasses {
  DoubleDouble center;
  std::vector<double> offset;
  std::vector<double> mass;
  double stride = 1;
};
[[nodiscard]] ChainMasses chain_masses(const ChainAt& chain, const TiltedChain& tilt, int points, double sds = 5);

/** How often a sequence of the tilt b loses to one of the base, ties half; and by how much it may be off, where the law
 * was taken for smooth. */
struct ChainLoss {
  double value;
  double error;
};
/** @param halfway the tilt b/2 @param log_mgf of b, log E e^(b S) */
[[nodiscard]] ChainLoss chain_loss(const ChainAt& chain, const TiltedChain& halfway, const DoubleDouble& log_mgf);

}  // namespace tiltlab
