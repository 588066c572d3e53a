#include "numerics/decimal.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "numerics/per_thread.hpp"

namespace tiltlab {

namespace {
constexpr int max_digits = 18;
constexpr double max_mantissa = 9007199254740992.0;  // 2^53

DoubleDouble power_of_ten(int digits) {
  // Kept, since a probability of 17 digits takes as many products.
  TILTLAB_PER_THREAD std::vector<DoubleDouble> powers{1};
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
    // A quotient costs more than all the rest, and most are far from x.
    if (std::fabs(mantissa - x * scale) > 0x1p-50 * std::fabs(mantissa)) continue;
    if (mantissa / scale == x) return Decimal{static_cast<std::int64_t>(mantissa), digits};
  }
  return std::nullopt;
}

RoundedDigits rounded_digits(double x, int count) {
  constexpr double decades = 0.43429448190325183;
  int exponent = static_cast<int>(std::floor(std::log(std::fabs(x)) * decades)) - count + 1;
  for (;;) {
    const DoubleDouble size = std::fabs(x);
    const DoubleDouble scaled = exponent < 0 ? size * power_of_ten(-exponent) : size / power_of_ten(exponent);
    const double high = std::floor(scaled.hi);
    // To the nearest, ties to even as printf's.
    const DoubleDouble rest = scaled - DoubleDouble(high);
    std::int64_t mantissa = static_cast<std::int64_t>(high) + static_cast<std::int64_t>(std::floor(rest.value()));
    const double part = (rest - DoubleDouble(std::floor(rest.value()))).value();
    if (part > 0.5 || (part == 0.5 && mantissa % 2 != 0)) ++mantissa;
    // The logarithm may be one off, and a number that is rounded up may have a digit more.
    if (mantissa >= integer_power_of_ten(count)) {
      ++exponent;
    } else if (mantissa < integer_power_of_ten(count - 1)) {
      --exponent;
    } else {
      return {mantissa, exponent};
    }
  }
}

DoubleDouble value_of(const RoundedDigits& d) {
  const DoubleDouble size = from_integer(d.mantissa);
  return d.exponent < 0 ? size / power_of_ten(-d.exponent) : size * power_of_ten(d.exponent);
}

DoubleDouble decimal_value(double x) {
  if (const auto d = shortest_decimal(x)) return from_integer(d->mantissa) / power_of_ten(d->digits);
  if (!(std::fabs(x) < 1e200 && std::fabs(x) > 1e-200)) return x;
  // 17 digits: more than a double's mantissa, not more than an int64.
  const RoundedDigits all = rounded_digits(x, 17);
  for (int count = 15; count <= 17; ++count) {
    // Fewer digits that lie beyond half a double's last place are not told apart by exact arithmetic only to be
    // dropped.
    const std::int64_t unit = integer_power_of_ten(17 - count);
    const std::int64_t above = all.mantissa % unit;
    if (static_cast<double>(std::min(above, unit - above)) - 1 > 0x1p-53 * static_cast<double>(all.mantissa)) continue;
    const DoubleDouble size = value_of(count == 17 ? all : rounded_digits(x, count));
    if (size.value() == std::fabs(x)) return x < 0 ? -size : size;
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
