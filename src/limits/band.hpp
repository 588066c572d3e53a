#pragma once
#include <cstdint>

namespace tiltlab {

/** What is proved of the gap G = E_KL-RL S - E_best-of-N S at any length, no more than this model's moments needed. */
struct GapBand {
  double lower = 0;
  double upper = 0;
};

/** A tilted token (b > 0): Var and E|r - rho|^3 under it, in lattice steps. */
struct BandToken {
  double b = 0;
  double variance = 0;
  double third = 0;
};

/**
 * Of n tokens and N = e^log_n, at their optimum of log_n nats, in lattice steps:
 *   lower  (1 - 1/N) / b, since KL(best-of-N || KL-RL) >= 0 and KL(best-of-N || p) <= log N - 1 + 1/N (Beirami et al.,
 *          arXiv 2401.01879, theorem 3.1);
 *   upper  int_0^inf exp(-N T(n rho - x)) dx, T(y) = P(S >= y), by N T(n rho - x) >= e^{b (x - w)} [Phi((w - x)/s) -
 *          Phi(-x/s) - 2 C third / (variance^1.5 sqrt n)] for every w > 0, s^2 = n variance, with C = .4748 in the
 * bound of Berry and Esseen (Shevtsova, "On the absolute constants in the Berry-Esseen type inequalities for
 *          identically distributed summands", arXiv 1111.6554); and no more than KL-RL gains.
 * @param gain what KL-RL earns beyond the base, in steps; infinite moments make it the upper bound
 */
[[nodiscard]] GapBand gap_band(const BandToken& token, double n, double log_n, double gain);

}  // namespace tiltlab
