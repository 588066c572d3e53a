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

/**
 * What printf's %e, %f or %g wrote in at most 17 digits, to 31 of them, between 1e-280 and 1e280. Rounded to a double
 * it reads the text back, without the tables and long doubles of a library's reader, which are 3 kB of the engine.
 */
[[nodiscard]] DoubleDouble decimal_text_value(const char* text);

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
