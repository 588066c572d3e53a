#pragma once
#include <cstdint>
#include <cstring>

namespace tiltlab {

struct SineCosine {
  double sine;
  double cosine;
};

/** Of |angle| >= 2^20; NaN of what is not finite. */
[[nodiscard]] SineCosine sine_cosine_of_large(double angle);

/** Under this, in radians, pi / 2 in three parts tells what is left of an angle. */
inline constexpr double small_angle = 0x1p20;

/**
 * Both at once, to 2 ulp, for |angle| < small_angle. Transforms of laws are made of them: a library's two calls take
 * three to five times as long, and give other bits on another machine. Without a branch, so that a loop of them may be
 * taken by lanes.
 *
 * By polynomials of r = angle - k pi / 2, |r| <= pi / 4, which interpolate (sin r / r - 1) / r^2 and
 * (cos r - 1 + r^2 / 2) / r^4 at the Chebyshev nodes of r^2, and are off by 2e-17 at most; pi / 2 in three parts whose
 * first two have 33 bits, so that k times them is exact (W. J. Cody and W. Waite, Software Manual for the Elementary
 * Functions, 1980).
 */
[[nodiscard]] inline SineCosine sine_cosine_of_small(double angle) {
  // A double of this size has no bits after the point: k, rounded, and its last bits.
  constexpr double rounds = 0x1.8p52;
  constexpr double two_over_pi = 0.6366197723675814;
  const double shifted = angle * two_over_pi + rounds;
  const double k = shifted - rounds;
  std::uint64_t quarter = 0;
  std::memcpy(&quarter, &shifted, sizeof shifted);
  const double r = ((angle - k * 1.5707963267341256) - k * 6.077100506303966e-11) - k * 2.0222662487959506e-21;
  const double z = r * r;
  const double odd =
      -0.16666666666666666 +
      z * (0.008333333333330946 +
           z * (-0.0001984126983675497 +
                z * (2.755731610068303e-06 + z * (-2.5051131455427946e-08 + z * 1.591810123027412e-10))));
  const double even =
      0.041666666666666664 +
      z * (-0.0013888888888887395 +
           z * (2.4801587298763433e-05 +
                z * (-2.7557317270560326e-07 + z * (2.0876146024689747e-09 + z * -1.1382614868556325e-11))));
  const double half = 0.5 * z;
  const double nearly = 1 - half;
  const double s = r + r * z * odd;
  // What 1 - z / 2 has lost is added to what is small.
  const double c = nearly + (((1 - nearly) - half) + z * z * even);
  const bool swapped = (quarter & 1) != 0;
  // The second bit of a quarter is the sign.
  const auto with_sign = [](double x, std::uint64_t bits) {
    std::uint64_t of = 0;
    std::memcpy(&of, &x, sizeof x);
    of ^= (bits & 2) << 62;
    std::memcpy(&x, &of, sizeof x);
    return x;
  };
  return {with_sign(swapped ? c : s, quarter), with_sign(swapped ? s : c, quarter + 1)};
}

/** The same of any angle: within an ulp of 1 where it is large. */
[[nodiscard]] inline SineCosine sine_cosine(double angle) {
  if (!(angle < small_angle && angle > -small_angle)) return sine_cosine_of_large(angle);
  return sine_cosine_of_small(angle);
}

}  // namespace tiltlab
