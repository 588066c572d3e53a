#include "error.hpp"

#include <array>
#include <cmath>
#include <cstdio>

#include "numerics/decimal.hpp"

namespace tiltlab {

InputError::InputError(const std::string& path, const std::string& value_and_rule)
    : std::runtime_error(path + ": " + value_and_rule), path_(path) {}

std::string to_text(double x) {
  if (std::isnan(x)) return "NaN";
  if (std::isinf(x)) return x > 0 ? "Infinity" : "-Infinity";
  std::array<char, 40> text{};
  if (x == std::floor(x) && std::fabs(x) < 1e15) {
    std::snprintf(text.data(), text.size(), "%.0f", x);
    return text.data();
  }
  if (!(std::fabs(x) < 1e280 && std::fabs(x) > 1e-280)) {
    std::snprintf(text.data(), text.size(), "%.15g", x);
    return text.data();
  }
  for (int digits = 1; digits <= 17; ++digits) {
    std::snprintf(text.data(), text.size(), "%.*g", digits, x);
    if (decimal_text_value(text.data()).value() == x) break;
  }
  return text.data();
}

}  // namespace tiltlab
