#pragma once
#include <cstdint>
#include <optional>

#include "laws/reward_law.hpp"
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
};

/**
 * The law of the sum around the mean of the tilt, from where F(rho)^(e^depth) is negligible to where the mass beyond
 * is, as `memoryless_law` of tokens. Frequencies are left out only where conditional variances of a few transitions
 * prove that they count for nothing. `log_error` covers truncation, aliasing and rounding.
 * @param tilt of b >= 0, of positive variance at this length @throws NumericalError where it takes too long
 */
[[nodiscard]] std::optional<RewardLaw> chain_law(const ChainAt& chain, const TiltedChain& tilt);

/** The masses of the tilted sum itself on about `points` levels around its mean. @param sds how many of its standard
 * deviations to each side, at most; farther than a share of e^-42 lies beyond it never goes */
struct ChainMasses {
  DoubleDouble center;
  std::vector<double> offset;
  std::vector<double> mass;
  double stride = 1;
};
[[nodiscard]] ChainMasses chain_masses(const ChainAt& chain, const TiltedChain& tilt, int points, double sds = 5);

/** How often a sequence of the tilt b loses to one of the base, ties half. @param halfway the tilt b/2
 * @param log_mgf of b, log E e^(b S) */
[[nodiscard]] double chain_loss(const ChainAt& chain, const TiltedChain& halfway, const DoubleDouble& log_mgf);

}  // namespace tiltlab
