#include "language/elementary.hpp"

#include <cmath>

namespace tiltlab::portable {
namespace {

// log 2 and pi/2 in two parts: the first has so few bits that a multiple of it is exact.
constexpr double log2_high = 6.93147180369123816490e-01;
constexpr double log2_low = 1.90821492927058770002e-10;
constexpr double half_pi_high = 1.57079632673412561417e+00;
constexpr double half_pi_low = 6.07710050650619224932e-11;

}  // namespace

double log(double x) {
  int exponent = 0;
  double m = std::frexp(x, &exponent);
  if (m < 0.70710678118654752) {
    m *= 2;
    --exponent;
  }
  // log m = 2 artanh s, |s| < 0.172.
  const double s = (m - 1) / (m + 1);
  const double square = s * s;
  double series = 0;
  for (int k = 21; k >= 3; k -= 2) series = (series + 1.0 / k) * square;
  return exponent * log2_high + (2 * s + (2 * s * series + exponent * log2_low));
}

double exp(double x) {
  const double n = std::floor(x / (log2_high + log2_low) + 0.5);
  const double r = (x - n * log2_high) - n * log2_low;
  double series = 0;
  for (int k = 14; k >= 1; --k) series = (series + 1) * r / k;
  return std::ldexp(1 + series, static_cast<int>(n));
}

CosineAndSine cosine_and_sine(double angle) {
  const double n = std::floor(angle / (half_pi_high + half_pi_low) + 0.5);
  const double r = (angle - n * half_pi_high) - n * half_pi_low;
  const double square = r * r;
  double sine = 0;
  for (int k = 18; k >= 2; k -= 2) sine = (1 + sine) * -square / (k * (k + 1));
  double cosine = 0;
  for (int k = 17; k >= 1; k -= 2) cosine = (1 + cosine) * -square / (k * (k + 1));
  const double s = r + r * sine;
  const double c = 1 + cosine;
  switch (static_cast<long>(n) & 3) {
    case 0:
      return {c, s};
    case 1:
      return {-s, c};
    case 2:
      return {-c, -s};
    default:
      return {s, -c};
  }
}

}  // namespace tiltlab::portable
