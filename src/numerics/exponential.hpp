#pragma once
#include <cstdint>
#include <cstring>
#include <span>

namespace tiltlab {

struct Exponential {
  /** e^y - 1 */
  double minus_one;
  /** e^y - 1 - y */
  double rest;
  /** e^y */
  double value;
};

/** Past this the parts of an exponential are those of this. */
inline constexpr double farthest_exponent = 700;

/**
 * All three to 2 ulp, `rest` to 10, also near 0, for |y| <= farthest_exponent; where y is less, `value` is nearly 0 and
 * the others are right. Without a branch, so that a loop of them may be taken by lanes: a library's calls take three to
 * five times as long, and give other bits on another machine.
 *
 * By the series of r = y - k log 2, |r| <= log(2) / 2, to r^13, which leaves out 2e-17; log 2 in two parts whose first
 * has 32 bits, so that k times it is exact (W. J. Cody and W. Waite, Software Manual for the Elementary Functions,
 * 1980).
 */
[[nodiscard]] inline Exponential exponential(double y) {
  // A double of this size has no bits after the point: k, rounded, and its last bits.
  constexpr double rounds = 0x1.8p52;
  constexpr double log2_e = 1.4426950408889634;
  const double low = y < -farthest_exponent ? -farthest_exponent : y;
  const double x = low > farthest_exponent ? farthest_exponent : low;
  const double shifted = x * log2_e + rounds;
  const double k = shifted - rounds;
  std::uint64_t bits = 0;
  std::memcpy(&bits, &shifted, sizeof shifted);
  bits = (bits + 1023) << 52;
  double scale = 0;
  std::memcpy(&scale, &bits, sizeof scale);
  const double r = (x - k * 0x1.62e42feep-1) - k * 0x1.a39ef35793c76p-33;
  double series = 1.0 / 6227020800;
  series = series * r + 1.0 / 479001600;
  series = series * r + 1.0 / 39916800;
  series = series * r + 1.0 / 3628800;
  series = series * r + 1.0 / 362880;
  series = series * r + 1.0 / 40320;
  series = series * r + 1.0 / 5040;
  series = series * r + 1.0 / 720;
  series = series * r + 1.0 / 120;
  series = series * r + 1.0 / 24;
  series = series * r + 1.0 / 6;
  series = series * r + 1.0 / 2;
  const double of_r = r * r * series;
  const double scaled = scale * (r + of_r);
  const double minus_one = scaled + (scale - 1);
  return {minus_one, k == 0 ? of_r : minus_one - y, scaled + scale};
}

/** e^x of each, in place; 0 and infinite where a double holds no more. */
void exponentials(std::span<double> x);

/** e^y - 1 and e^y - 1 - y of each y <= farthest_exponent, in lists of the same length. */
void exponentials_less_one(std::span<const double> y, std::span<double> minus_one, std::span<double> rest);

}  // namespace tiltlab
