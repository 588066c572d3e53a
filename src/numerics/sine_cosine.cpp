#include "numerics/sine_cosine.hpp"

#include <cmath>
#include <limits>

#include "numerics/cold.hpp"
#include "numerics/double_double.hpp"

namespace tiltlab {

TILTLAB_COLD SineCosine sine_cosine_of_large(double angle) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  if (!std::isfinite(angle)) return {none, none};
  // Products of what is larger leave the range of doubles; one rounding of it is many turns, so that any point will do.
  if (std::fabs(angle) > 1e290) return {0, 1};
  constexpr DoubleDouble quarter_turn{1.5707963267948966, 6.123233995736766e-17};
  double k = std::round(angle / quarter_turn.hi);
  const double rest = (DoubleDouble(angle) - DoubleDouble(k) * quarter_turn).value();
  // From here on k, rounded, is a multiple of four, and so may be the rest.
  if (std::fabs(k) >= 0x1p54) k = 0;
  const auto quarter = static_cast<std::int64_t>(k) & 3;
  const SineCosine of = sine_cosine(rest);
  if (quarter == 0) return of;
  if (quarter == 1) return {of.cosine, -of.sine};
  if (quarter == 2) return {-of.sine, -of.cosine};
  return {-of.cosine, of.sine};
}

}  // namespace tiltlab
