#pragma once
#include <cmath>
#include <cstdint>

namespace tiltlab {

/**
 * An unevaluated sum hi + lo of two doubles, |lo| <= ulp(hi)/2: about 31 significant digits.
 *
 * Used where totals of n tokens meet each other: n Lambda(a), a n rho and log N are of order n and
 * cancel to order 1, so at n = 10^9 a double keeps only seven digits of what remains.
 * Source: T. J. Dekker, "A floating-point technique for extending the available precision"
 * (1971); D. E. Knuth, TAOCP 2, section 4.2.2. Needs strict IEEE double arithmetic (no fused
 * contraction, no reassociation). Products lose the low part below 1e-290; above 1e300 they overflow.
 */
struct DoubleDouble {
  double hi = 0;
  double lo = 0;

  constexpr DoubleDouble() = default;
  constexpr DoubleDouble(double value) : hi(value) {}  // NOLINT: implicit by design
  constexpr DoubleDouble(double high, double low) : hi(high), lo(low) {}

  [[nodiscard]] constexpr double value() const { return hi + lo; }
};

namespace detail {
constexpr DoubleDouble quick_two_sum(double a, double b) {
  const double s = a + b;
  return {s, b - (s - a)};
}
constexpr DoubleDouble two_sum(double a, double b) {
  const double s = a + b;
  const double v = s - a;
  return {s, (a - (s - v)) + (b - v)};
}
/** a * b exactly, by Dekker's split: wasm has no fused multiply-add, and both must give the same bits. */
constexpr DoubleDouble two_product(double a, double b) {
  constexpr double splitter = 134217729.0;  // 2^27 + 1
  const double p = a * b;
  const double ta = splitter * a;
  const double ah = ta - (ta - a);
  const double al = a - ah;
  const double tb = splitter * b;
  const double bh = tb - (tb - b);
  const double bl = b - bh;
  return {p, ((ah * bh - p) + ah * bl + al * bh) + al * bl};
}
}  // namespace detail

constexpr DoubleDouble operator-(DoubleDouble a) { return {-a.hi, -a.lo}; }

constexpr DoubleDouble operator+(DoubleDouble a, DoubleDouble b) {
  DoubleDouble s = detail::two_sum(a.hi, b.hi);
  const DoubleDouble t = detail::two_sum(a.lo, b.lo);
  s = detail::quick_two_sum(s.hi, s.lo + t.hi);
  return detail::quick_two_sum(s.hi, s.lo + t.lo);
}
constexpr DoubleDouble operator-(DoubleDouble a, DoubleDouble b) { return a + (-b); }

constexpr DoubleDouble operator*(DoubleDouble a, DoubleDouble b) {
  const DoubleDouble p = detail::two_product(a.hi, b.hi);
  return detail::quick_two_sum(p.hi, p.lo + (a.hi * b.lo + a.lo * b.hi));
}

constexpr DoubleDouble operator/(DoubleDouble a, DoubleDouble b) {
  const double q1 = a.hi / b.hi;
  DoubleDouble r = a - b * DoubleDouble(q1);
  const double q2 = r.hi / b.hi;
  r = r - b * DoubleDouble(q2);
  const double q3 = r.hi / b.hi;
  return detail::quick_two_sum(q1, q2) + DoubleDouble(q3);
}

constexpr DoubleDouble& operator+=(DoubleDouble& a, DoubleDouble b) { return a = a + b; }
constexpr bool operator<(DoubleDouble a, DoubleDouble b) { return a.hi < b.hi || (a.hi == b.hi && a.lo < b.lo); }

/** An integer of any size that int64 holds, exactly. */
constexpr DoubleDouble from_integer(std::int64_t k) {
  const double hi = static_cast<double>(k / 4294967296) * 4294967296.0;
  return detail::two_sum(hi, static_cast<double>(k % 4294967296));
}

/** e^x for |x| < 700; 0 below. */
[[nodiscard]] DoubleDouble exp(DoubleDouble x);

/** Natural logarithm of x > 0. */
[[nodiscard]] DoubleDouble log(DoubleDouble x);

/** log(1 + x) for x > -1, keeping the digits of a small x. */
[[nodiscard]] DoubleDouble log1p(DoubleDouble x);

}  // namespace tiltlab
