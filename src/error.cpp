#include "error.hpp"

#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "numerics/decimal.hpp"

namespace tiltlab {

InputError::InputError(const std::string& path, const std::string& value_and_rule)
    : std::runtime_error(path + ": " + value_and_rule), path_(path) {}

namespace {

/** As printf's %g writes them: digits without zeros at the end, a power of ten where the point is far. */
std::string written(RoundedDigits d) {
  std::string digits = std::to_string(d.mantissa);
  const int count = static_cast<int>(digits.size());
  const int power = d.exponent + count - 1;
  while (digits.size() > 1 && digits.back() == '0') digits.pop_back();
  if (power < -4 || power >= count) {
    if (digits.size() > 1) digits.insert(1, ".");
    const std::string size = std::to_string(std::abs(power));
    return digits + (power < 0 ? "e-" : "e+") + (size.size() < 2 ? "0" : "") + size;
  }
  if (power < 0) return "0." + std::string(static_cast<std::size_t>(-power - 1), '0') + digits;
  const auto whole = static_cast<std::size_t>(power) + 1;
  if (digits.size() <= whole) return digits + std::string(whole - digits.size(), '0');
  return digits.insert(whole, ".");
}

/** Scaled by a power of ten where powers of ten leave a double's range: 15 digits are right. */
RoundedDigits extreme_digits(double x) {
  constexpr int places = 100;
  RoundedDigits d = rounded_digits(std::fabs(x) > 1 ? x / 1e100 : x * 1e100, 15);
  d.exponent += std::fabs(x) > 1 ? places : -places;
  return d;
}

}  // namespace

std::string to_text(double x) {
  if (std::isnan(x)) return "NaN";
  const std::string sign = std::signbit(x) ? "-" : "";
  if (std::isinf(x)) return sign + "Infinity";
  if (x == std::floor(x) && std::fabs(x) < 1e15) return sign + std::to_string(static_cast<std::int64_t>(std::fabs(x)));
  if (!(std::fabs(x) < 1e280 && std::fabs(x) > 1e-280)) return sign + written(extreme_digits(x));
  RoundedDigits d;
  for (int count = 1; count <= 17; ++count) {
    d = rounded_digits(x, count);
    if (value_of(d).value() == std::fabs(x)) break;
  }
  return sign + written(d);
}

}  // namespace tiltlab
