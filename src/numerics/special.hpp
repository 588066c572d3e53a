#pragma once

namespace tiltlab {

/** Digamma and trigamma functions of x > 0. */
[[nodiscard]] double digamma(double x);
[[nodiscard]] double trigamma(double x);

/** log Gamma(x) - [(x - 1/2) log x - x + log(2 pi)/2] for x > 0, without cancellation: 1/(12 x) - 1/(360 x^3) + ... */
[[nodiscard]] double stirling_rest(double x);

/** Riemann's zeta(n), n >= 2. */
[[nodiscard]] double zeta(int n);

}  // namespace tiltlab
