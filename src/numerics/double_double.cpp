#include "numerics/double_double.hpp"

#include <array>

namespace tiltlab {

namespace {

constexpr DoubleDouble ln2{6.931471805599452862e-01, 2.319046813846299558e-17};

/** 1/i! for i = 0 .. 10, exact to 32 digits. */
const std::array<DoubleDouble, 11>& inverse_factorials() {
  static const std::array<DoubleDouble, 11> table = [] {
    std::array<DoubleDouble, 11> t{};
    t[0] = 1;
    for (int i = 1; i <= 10; ++i) t[static_cast<std::size_t>(i)] = t[static_cast<std::size_t>(i - 1)] / DoubleDouble(i);
    return t;
  }();
  return table;
}

/** e^r - 1 for |r| <= ln2 / 2: Taylor on r / 512, then (1 + y)^2 - 1 = 2y + y^2 nine times. */
DoubleDouble expm1_small(DoubleDouble r) {
  constexpr int halvings = 9;
  const double scale = 1.0 / 512;
  const DoubleDouble x{r.hi * scale, r.lo * scale};
  const auto& inverse = inverse_factorials();
  DoubleDouble sum = inverse[10];
  for (std::size_t i = 9; i >= 1; --i) sum = sum * x + inverse[i];
  sum = sum * x;
  for (int i = 0; i < halvings; ++i) sum = DoubleDouble(2 * sum.hi, 2 * sum.lo) + sum * sum;
  return sum;
}

}  // namespace

DoubleDouble exp(DoubleDouble x) {
  if (x.hi < -740) return 0;
  if (x.hi > 709) return HUGE_VAL;
  const double k = std::nearbyint(x.hi / ln2.hi);
  const DoubleDouble e = DoubleDouble(1) + expm1_small(x - ln2 * DoubleDouble(k));
  const int power = static_cast<int>(k);
  return {std::ldexp(e.hi, power), std::ldexp(e.lo, power)};
}

DoubleDouble log(DoubleDouble x) {
  // One Newton step on e^y = x squares the error of the double logarithm: 1e-16 to 1e-32. The
  // power of two is taken out first so that e^-y neither overflows nor underflows.
  int power = 0;
  const double mantissa = std::frexp(x.hi, &power);
  const DoubleDouble scaled{mantissa, std::ldexp(x.lo, -power)};
  const double y = std::log(mantissa);
  const DoubleDouble correction = scaled * exp(DoubleDouble(-y)) - DoubleDouble(1);
  return ln2 * DoubleDouble(power) + (DoubleDouble(y) + correction);
}

DoubleDouble log1p(DoubleDouble x) {
  if (std::fabs(x.hi) > 0.05) return log(DoubleDouble(1) + x);
  // 2 artanh(x / (2 + x)): odd series in a quotient under 1/39, 1e-34 after eleven terms.
  const DoubleDouble q = x / (DoubleDouble(2) + x);
  const DoubleDouble q2 = q * q;
  DoubleDouble sum = 0;
  for (int k = 21; k >= 1; k -= 2) sum = sum * q2 + DoubleDouble(1) / DoubleDouble(k);
  return DoubleDouble(2) * q * sum;
}

}  // namespace tiltlab
