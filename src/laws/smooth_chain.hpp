#pragma once
#include <cstdint>
#include <optional>

#include "laws/inversion.hpp"
#include "laws/tilted_chain.hpp"

namespace tiltlab {

/** The tilt in standard deviations of a transition from which nothing is taken for smooth. */
inline constexpr double steepest_smooth = 3;

/** The law of a chain's sums as the main lobe of its characteristic function tells it, and what that leaves out. */
struct SmoothChain {
  /** The frequency at which the main lobe ends. */
  double edge = 0;
  /** Of all that stands beyond. */
  Waves waves;
  /** The share of frequencies beyond that are in lobes, of those which were walked over. */
  double share = 0;
};

/**
 * Where sums lie so near to one another that best-of-N hardly tells them apart: of rewards of many decimals, or off any
 * lattice. As `waves_of` of tokens: frequencies that are proved to count for less than e^-16 are passed over, each lobe
 * in between is summed up, as tall as it stands at the centre, and beyond a frequency at which none matters
 * others are taken for granted.
 * @param log_share, sd of `ChainSum` @param slope what the log of the tail falls by a lattice step where best-of-N lies
 * @return empty where there are too many lobes, or where the main one is none by itself @throws NumericalError as
 * `chain_waves`
 */
[[nodiscard]] std::optional<SmoothChain> smooth_chain(const TiltedChain& t, std::int64_t length, double log_share,
                                                      double sd, double slope);

}  // namespace tiltlab
