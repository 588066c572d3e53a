#pragma once
#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#endif
#include <cstdint>
#include <cstring>

/**
 * Four floats side by side, by the vector types that GCC and Clang share: natively and in wasm each operation rounds
 * once, so that both give the same bits.
 */
namespace tiltlab::lanes {

inline constexpr std::size_t width = 4;

using Floats = float __attribute__((vector_size(16)));
using Integers = std::int32_t __attribute__((vector_size(16)));

/** From memory of any alignment. */
inline Floats load(const float* from) {
  Floats out;
  std::memcpy(&out, from, sizeof out);
  return out;
}
inline void store(float* to, Floats x) { std::memcpy(to, &x, sizeof x); }
inline Floats all(float x) { return Floats{x, x, x, x}; }

// One instruction each, which compilers for wasm do not find: its own minimum and maximum have other rules for NaN.
#ifdef __wasm_simd128__
inline Floats larger(Floats a, Floats b) { return (Floats)wasm_f32x4_pmax((v128_t)a, (v128_t)b); }
inline Floats smaller(Floats a, Floats b) { return (Floats)wasm_f32x4_pmin((v128_t)a, (v128_t)b); }
#else
/** b where a < b, else a: a where one of them is NaN. */
inline Floats larger(Floats a, Floats b) { return a < b ? b : a; }
inline Floats smaller(Floats a, Floats b) { return b < a ? b : a; }
#endif

/** (x0 + x2) + (x1 + x3): always in this order. */
inline float sum(Floats x) { return (x[0] + x[2]) + (x[1] + x[3]); }
inline float largest(Floats x) {
  const float a = x[0] > x[1] ? x[0] : x[1];
  const float b = x[2] > x[3] ? x[2] : x[3];
  return a > b ? a : b;
}

struct EightFloats {
  Floats low;
  Floats high;
};

/** What `exponential` computes with. From memory, since engines make each constant of wasm anew where it is used. */
struct ExponentialNumbers {
  Floats least, most, per_log2, rounder, log2_high, log2_low, c7, c6, c5, c4, c3, c2, one;
};
extern const ExponentialNumbers exponential_numbers;

/** Eight bytes with their signs. */
inline EightFloats from_bytes(const std::int8_t* from) {
#ifdef __wasm_simd128__
  // Clang takes a widening before its conversion apart, lane by lane. Added to the bits of 3 * 2^22, whose last bit
  // counts ones, an integer is what the float is then more.
  const Floats zero = exponential_numbers.rounder;
  const v128_t wide = wasm_i16x8_load8x8(from);
  return {(Floats)((Integers)wasm_i32x4_extend_low_i16x8(wide) + (Integers)zero) - zero,
          (Floats)((Integers)wasm_i32x4_extend_high_i16x8(wide) + (Integers)zero) - zero};
#else
  const auto at = [&](int i) { return static_cast<float>(from[i]); };
  return {Floats{at(0), at(1), at(2), at(3)}, Floats{at(4), at(5), at(6), at(7)}};
#endif
}

/**
 * e^x within 2 units in the last place, for x in [-87, 88]; beyond, its value at the nearer end. Source of the
 * reduction and of the polynomial's form: S. Moshier, "Methods and programs for mathematical functions" (1989).
 */
inline Floats exponential(Floats x) {
  const ExponentialNumbers& e = exponential_numbers;
  x = smaller(larger(x, e.least), e.most);
  // Added and taken away, it rounds to an integer, which its last bits then are.
  const Floats shifted = x * e.per_log2 + e.rounder;
  const Floats n = shifted - e.rounder;
  const Floats r = (x - n * e.log2_high) - n * e.log2_low;
  Floats p = e.c7 * r + e.c6;
  p = p * r + e.c5;
  p = p * r + e.c4;
  p = p * r + e.c3;
  p = p * r + e.c2;
  p = (p * (r * r) + r) + e.one;
  // That of 1 has the exponent of 2^0, which n adds to.
  return p * (Floats)(((Integers)shifted << 23) + (Integers)e.one);
}

}  // namespace tiltlab::lanes
