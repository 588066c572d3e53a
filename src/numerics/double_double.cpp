#include "numerics/double_double.hpp"

#include <array>

#include "numerics/cold.hpp"

namespace tiltlab {

namespace {

constexpr DoubleDouble ln2{6.931471805599452862e-01, 2.319046813846299558e-17};

/** A power of two is split in so many. */
constexpr int parts = 64;

/** 1/i! for i = 0 .. 28, exact to 32 digits. */
using InverseFactorials = std::array<DoubleDouble, 29>;
TILTLAB_COLD InverseFactorials inverse_factorials() {
  InverseFactorials t{};
  t[0] = 1;
  for (std::size_t i = 1; i < t.size(); ++i) t[i] = t[i - 1] / DoubleDouble(static_cast<double>(i));
  return t;
}

struct ExpTables {
  InverseFactorials inverse = inverse_factorials();
  /** 2^(j / parts). */
  std::array<DoubleDouble, parts> power{};

  // Cold: once, and for size.
  TILTLAB_COLD [[gnu::noinline]] ExpTables() {
    for (std::size_t j = 0; j < power.size(); ++j) {
      const DoubleDouble x = ln2 * DoubleDouble(static_cast<double>(j) / parts);
      DoubleDouble sum = inverse.back();
      for (std::size_t i = inverse.size() - 1; i-- > 0;) sum = sum * x + inverse[i];
      power[j] = sum;
    }
  }
};

}  // namespace

DoubleDouble exp(DoubleDouble x) {
  static const ExpTables tables;
  if (x.hi < -740) return 0;
  if (x.hi > 709) return HUGE_VAL;
  const double k = std::nearbyint(x.hi * (parts / ln2.hi));
  // |r| <= ln2 / 128, so that terms from r^6 on are under 1e-16 and doubles hold them to 1e-32.
  const DoubleDouble r = x - DoubleDouble(ln2.hi / parts, ln2.lo / parts) * DoubleDouble(k);
  const auto& inverse = tables.inverse;
  double tail = inverse[12].hi;
  for (std::size_t i = 11; i >= 6; --i) tail = tail * r.hi + inverse[i].hi;
  DoubleDouble sum = inverse[5] + DoubleDouble(tail * r.hi);
  for (std::size_t i = 4; i >= 1; --i) sum = sum * r + inverse[i];
  const int whole = static_cast<int>(k);
  const int part = whole & (parts - 1);
  const DoubleDouble& power = tables.power[static_cast<std::size_t>(part)];
  const DoubleDouble e = power + power * (sum * r);
  const int exponent = (whole - part) / parts;
  return {std::ldexp(e.hi, exponent), std::ldexp(e.lo, exponent)};
}

TILTLAB_COLD DoubleDouble log(DoubleDouble x) {
  // One Newton step on e^y = x squares the error of the double logarithm: 1e-16 to 1e-32. The
  // power of two is taken out first so that e^-y neither overflows nor underflows.
  int power = 0;
  const double mantissa = std::frexp(x.hi, &power);
  const DoubleDouble scaled{mantissa, std::ldexp(x.lo, -power)};
  const double y = std::log(mantissa);
  const DoubleDouble correction = scaled * exp(DoubleDouble(-y)) - DoubleDouble(1);
  return ln2 * DoubleDouble(power) + (DoubleDouble(y) + correction);
}

TILTLAB_COLD DoubleDouble log1p(DoubleDouble x) {
  if (std::fabs(x.hi) > 0.05) return log(DoubleDouble(1) + x);
  // 2 artanh(x / (2 + x)): odd series in a quotient under 1/39, 1e-34 after eleven terms.
  const DoubleDouble q = x / (DoubleDouble(2) + x);
  const DoubleDouble q2 = q * q;
  DoubleDouble sum = 0;
  for (int k = 21; k >= 1; k -= 2) sum = sum * q2 + DoubleDouble(1) / DoubleDouble(k);
  return DoubleDouble(2) * q * sum;
}

}  // namespace tiltlab
