#include "numerics/special.hpp"

#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>
#include <cmath>
#include <numbers>

namespace tiltlab {

double digamma(double x) { return boost::math::digamma(x); }
double trigamma(double x) { return boost::math::trigamma(x); }

double stirling_rest(double x) {
  if (x < 10) return std::lgamma(x) - ((x - 0.5) * std::log(x) - x + std::log(2 * std::numbers::pi) / 2);
  // DLMF 5.11.1
  const double y = 1 / (x * x);
  return (1.0 / 12 -
          y * (1.0 / 360 -
               y * (1.0 / 1260 - y * (1.0 / 1680 - y * (1.0 / 1188 - y * (691.0 / 360360 - y * (1.0 / 156))))))) /
         x;
}

double zeta(int n) {
  constexpr double table[] = {
      1.6449340668482264365, 1.2020569031595942854, 1.0823232337111381915, 1.0369277551433699263, 1.0173430619844491397,
      1.0083492773819228268, 1.0040773561979443394, 1.0020083928260822144, 1.0009945751278180853, 1.0004941886041194646,
      1.0002460865533080483, 1.0001227133475784891, 1.0000612481350587048, 1.0000305882363070205, 1.0000152822594086519,
      1.0000076371976378998, 1.0000038172932649998, 1.0000019082127165539};
  constexpr int last = 19;
  return n <= last ? table[n - 2] : 1 + std::pow(2, -n) + std::pow(3, -n);
}

}  // namespace tiltlab
