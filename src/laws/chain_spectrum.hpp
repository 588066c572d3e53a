#pragma once
#include <complex>
#include <cstdint>
#include <vector>

#include "laws/chain_contraction.hpp"
#include "laws/tilted_chain.hpp"

namespace tiltlab {

/**
 * The frequencies 0 <= f <= period / 2 at which the sum of `length` transitions may have a characteristic function of
 * more than e^-decay. Of m transitions between given states x and z, the sum's conditional characteristic function
 * psi_xz has 1 - |psi|^2 with a second derivative of at least -2 variance_xz: a walk over frequencies proves by it
 * where every row of P^m |psi| has a sum well under 1. All of them where that proves nothing.
 * @param log_share of `ChainSum`
 */
[[nodiscard]] std::vector<FrequencyRange> significant_frequencies(const TiltedChain& t, std::int64_t length,
                                                                  double log_share, std::int64_t period, double decay);
/** The same of frequencies under `end` alone. */
[[nodiscard]] std::vector<FrequencyRange> significant_frequencies(const TiltedChain& t, std::int64_t length,
                                                                  double log_share, std::int64_t period, double decay,
                                                                  std::int64_t end);

/** E e^(i w (S - length rho)) of the tilted sum at w = 2 pi f / period, one entry a frequency. */
struct ChainWaves {
  std::vector<std::complex<double>> value;
  /** Relative errors. */
  std::vector<double> error;
};
/** @param log_share of `ChainSum` @throws NumericalError where the chain mixes too slowly */
[[nodiscard]] ChainWaves chain_waves(const TiltedChain& t, std::int64_t length, double log_share, std::int64_t period,
                                     const std::vector<std::int64_t>& frequencies);

}  // namespace tiltlab
