#include "error.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace tiltlab {

std::string to_text(double x) {
  if (std::isnan(x)) return "NaN";
  if (std::isinf(x)) return x > 0 ? "Infinity" : "-Infinity";
  std::array<char, 40> text{};
  if (x == std::floor(x) && std::fabs(x) < 1e15) {
    std::snprintf(text.data(), text.size(), "%.0f", x);
    return text.data();
  }
  for (int digits = 1; digits <= 17; ++digits) {
    std::snprintf(text.data(), text.size(), "%.*g", digits, x);
    if (std::strtod(text.data(), nullptr) == x) break;
  }
  return text.data();
}

}  // namespace tiltlab
