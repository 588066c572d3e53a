#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "numerics/double_double.hpp"

namespace tiltlab {

/** mantissa * 10^-digits, the decimal number that a person wrote. */
struct Decimal {
  std::int64_t mantissa = 0;
  int digits = 0;
};

/**
 * The decimal with the fewest digits after the point that reads back as `x`: 0.1 is one tenth, not
 * the double next to it. Scenarios are decimal text, so this is what their numbers mean.
 * Empty when the mantissa would pass 2^53 or more than 18 digits are needed; `x` finite.
 */
[[nodiscard]] std::optional<Decimal> shortest_decimal(double x);

/** mantissa * 10^exponent, not negative, of as many digits as were asked for. */
struct RoundedDigits {
  std::int64_t mantissa = 0;
  int exponent = 0;
};

/**
 * |x| rounded to `count` digits, 1 to 17. By 31 of them, so that no tie is broken wrongly but one within 1e-30 of it: a
 * library's printf is 3 kB of the engine. @param x not 0, between 1e-280 and 1e280
 */
[[nodiscard]] RoundedDigits rounded_digits(double x, int count);

/** Their value to 31 digits; rounded to a double it is the number that they stand for. */
[[nodiscard]] DoubleDouble value_of(const RoundedDigits& digits);

/** The shortest decimal number that reads back as `x`, to 31 digits; `x` itself outside 1e-200 < |x| < 1e200. */
[[nodiscard]] DoubleDouble decimal_value(double x);

/**
 * Distinct rewards as base + unit * k with integer k >= 0, at least one k = 0, greatest common divisor 1.
 * Constant rewards: unit 1, k = 0.
 */
struct Lattice {
  DoubleDouble base;
  DoubleDouble unit;
  std::vector<std::int64_t> steps;
};

/**
 * The coarsest lattice that holds all rewards exactly, as decimals. Empty when some reward is no
 * short decimal or a step would pass `max_step`.
 */
[[nodiscard]] std::optional<Lattice> common_lattice(std::span<const double> rewards, std::int64_t max_step);

}  // namespace tiltlab
