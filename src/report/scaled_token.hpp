#pragma once
#include <algorithm>
#include <cmath>

#include "limits/large_deviations.hpp"
#include "models/tokens.hpp"

namespace tiltlab {

/** One token's law with its optimum, and the way from its steps to the scenario's rewards. */
struct ScaledToken {
  const TokenLaw& law;
  DoubleDouble rate;
  TokenTilt optimum;

  ScaledToken(const Model& m, const Budget& budget)
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

}  // namespace tiltlab
