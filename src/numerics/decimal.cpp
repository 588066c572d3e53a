#include "numerics/decimal.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numeric>

namespace tiltlab {

namespace {
constexpr int max_digits = 18;
constexpr double max_mantissa = 9007199254740992.0;  // 2^53

DoubleDouble power_of_ten(int digits) {
  // Kept, since a probability of 17 digits takes as many products.
  thread_local std::vector<DoubleDouble> powers{1};
  const auto wanted = static_cast<std::size_t>(digits);
  while (powers.size() <= wanted) powers.push_back(powers.back() * DoubleDouble(10));
  return powers[wanted];
}

std::int64_t integer_power_of_ten(int digits) {
  std::int64_t p = 1;
  for (int i = 0; i < digits; ++i) p *= 10;
  return p;
}
}  // namespace

std::optional<Decimal> shortest_decimal(double x) {
  double scale = 1;
  for (int digits = 0; digits <= max_digits; ++digits, scale *= 10) {
    const double mantissa = std::nearbyint(x * scale);
    if (!(std::fabs(mantissa) < max_mantissa)) return std::nullopt;
    if (mantissa / scale == x) return Decimal{static_cast<std::int64_t>(mantissa), digits};
  }
  return std::nullopt;
}

DoubleDouble decimal_text_value(const char* text) {
  std::int64_t mantissa = 0;
  int exponent = 0;
  const char* at = text + (*text == '-' ? 1 : 0);
  for (bool fraction = false; *at != '\0' && *at != 'e'; ++at) {
    if (*at == '.') {
      fraction = true;
    } else {
      mantissa = 10 * mantissa + (*at - '0');
      if (fraction) --exponent;
    }
  }
  if (*at == 'e') exponent += std::atoi(at + 1);
  const DoubleDouble size = from_integer(*text == '-' ? -mantissa : mantissa);
  return exponent < 0 ? size / power_of_ten(-exponent) : size * power_of_ten(exponent);
}

DoubleDouble decimal_value(double x) {
  if (const auto d = shortest_decimal(x)) return from_integer(d->mantissa) / power_of_ten(d->digits);
  if (!(std::fabs(x) < 1e200 && std::fabs(x) > 1e-200)) return x;
  // 17 digits: more than a double's mantissa, not more than an int64.
  std::array<char, 40> text{};
  for (int places = 14; places <= 16; ++places) {
    std::snprintf(text.data(), text.size(), "%.*e", places, x);
    const DoubleDouble value = decimal_text_value(text.data());
    if (value.value() == x) return value;
  }
  return x;
}

std::optional<Lattice> common_lattice(std::span<const double> rewards, std::int64_t max_step) {
  std::vector<Decimal> decimals;
  decimals.reserve(rewards.size());
  int digits = 0;
  for (const double r : rewards) {
    const auto d = shortest_decimal(r);
    if (!d) return std::nullopt;
    digits = std::max(digits, d->digits);
    decimals.push_back(*d);
  }
  std::vector<std::int64_t> numerators;
  numerators.reserve(decimals.size());
  for (const Decimal& d : decimals) {
    const std::int64_t factor = integer_power_of_ten(digits - d.digits);
    // Half of the int64 range, so that differences of two numerators fit as well.
    if (std::fabs(static_cast<double>(d.mantissa)) * static_cast<double>(factor) > 4e18) return std::nullopt;
    numerators.push_back(d.mantissa * factor);
  }
  const std::int64_t least = *std::min_element(numerators.begin(), numerators.end());
  std::int64_t divisor = 0;
  for (const std::int64_t m : numerators) divisor = std::gcd(divisor, m - least);
  if (divisor == 0) divisor = integer_power_of_ten(digits);
  Lattice lattice;
  const DoubleDouble denominator = power_of_ten(digits);
  lattice.base = from_integer(least) / denominator;
  lattice.unit = from_integer(divisor) / denominator;
  for (const std::int64_t m : numerators) {
    const std::int64_t step = (m - least) / divisor;
    if (step > max_step) return std::nullopt;
    lattice.steps.push_back(step);
  }
  return lattice;
}

}  // namespace tiltlab
