#pragma once
#include <algorithm>
#include <cmath>

#include "limits/large_deviations.hpp"
#include "models/tokens.hpp"
#include "policies/policy.hpp"

/**
 * What the statements of Yang et al., arXiv 2404.01730, share: curves of one scenario with every number that their
 * figures show. Rewards in the scenario's unit and per token, rates and divergences in nats per token; n is the model's
 * length.
 */
namespace tiltlab {

/** Multiplications that a statement's curve may cost, about half a second; what is past them is left out. */
inline constexpr double most_statement_work = 2e8;

/** One token's law with its optimum, and the way from its steps to the scenario's rewards. */
struct ScaledToken {
  const TokenLaw& law;
  DoubleDouble rate;
  TokenTilt optimum;

  ScaledToken(const Tokens& m, const Budget& budget)
      : law(m.token), rate(budget.kl / from_integer(m.length)), optimum(solve_tilt(m.token, rate)) {}

  [[nodiscard]] double reward(DoubleDouble step) const {
    return std::ldexp((law.base + law.unit * step).value(), law.exponent);
  }
  [[nodiscard]] double alpha(double b) const { return std::ldexp(b / law.unit.value(), -law.exponent); }
  /** alpha * base reward, which Lambda in the scenario's rewards has beside Lambda in steps. */
  [[nodiscard]] double shift(double b) const { return b * (law.base / law.unit).value(); }
  [[nodiscard]] bool tilts() const { return optimum.b > 0 && !optimum.saturated(); }
  /** A tilt past which little is left to see. */
  [[nodiscard]] double widest() const {
    const double last = spread_tilts(law, 1).back();
    return tilts() ? std::min(1.7 * optimum.b, std::max(last, 1.2 * optimum.b)) : last;
  }
};

/** log of a policy's mass at a level; finite where the mass itself underflows. */
inline double log_mass(const RewardLaw& law, const Policy& policy, std::size_t j) {
  return policy.log_ratio[j] + law.log_mass[j];
}

}  // namespace tiltlab
