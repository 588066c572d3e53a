#pragma once
#include <cstdint>
#include <optional>

#include "laws/token_law.hpp"

namespace tiltlab {

/**
 * Sharp finite-n terms of the equivalence of best-of-N with N = e^(n rate) and KL-RL, for
 * 0 < rate < kl_max: with A_n = log(2 pi n b^2 s^2)/2, b and s^2 in lattice steps of span 1,
 *   alpha (E_KL-RL S - E_BoN S) = A_n - gamma + log[sinh(b/2) / (b/2)] + o(1)
 *   KL(BoN || KL-RL)            = A_n - gamma + log[sinh(b/2) / (b/2)] - C(b) + o(1)
 * and the lattice terms are 0 and 1 where the rewards share no lattice. The next order is
 * O((log n)^2 / n). They extend the first-order statement of Yang et al., arXiv 2404.01730.
 */
struct SharpTerms {
  /** Reward units (in the law's scale). */
  double gap = 0;
  /** Nats. */
  double kl_to_kl_rl = 0;
  /** A_n / alpha: the leading term of the gap, without its constant. */
  double gap_first_order = 0;
};

/** C(b) on a lattice, 1 without one: the part of the terms that costs an integral and is one for all lengths. */
[[nodiscard]] double sharp_constant(const TokenLaw& token, const TokenTilt& tilt);

/**
 * Empty at tilt 0 or infinity, where the terms do not apply.
 * @param constant `sharp_constant` of the same token and tilt
 */
[[nodiscard]] std::optional<SharpTerms> sharp_terms(const TokenLaw& token, std::int64_t length, const TokenTilt& tilt,
                                                    double constant);

/** The same of any sum whose transitions add `variance` each in the long run, `lattice` whether it lies on one of span
 * 1; b in its steps of `unit` reward. */
[[nodiscard]] std::optional<SharpTerms> sharp_terms(double b, double variance, double unit, bool lattice,
                                                    std::int64_t length, double constant);

/** C(b) = -(1/b) int_0^inf m log[m / (x (1 - e^-b))] dx/x, m = e^{-x e^-b} - e^-x; C(0) = 1; b >= 0. */
[[nodiscard]] double lattice_kl_constant(double b);

}  // namespace tiltlab
