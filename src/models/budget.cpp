#include "models/budget.hpp"

#include <cmath>

#include "error.hpp"
#include "numerics/decimal.hpp"

namespace tiltlab {

std::int64_t sequence_length(double length) {
  if (!(length >= 1 && length <= largest_length && length == std::floor(length)))
    throw InputError("model.length", to_text(length) + " is not an integer in [1, 1000000000]");
  return static_cast<std::int64_t>(length);
}

Budget make_budget(const std::string& kind, double value, std::optional<std::int64_t> length) {
  const std::string field = "budget." + kind;
  if (kind == "n") {
    if (!(value >= 1 && std::isfinite(value)))
      throw InputError(field, to_text(value) + " is not a number of at least 1");
    return {log(decimal_value(value))};
  }
  const bool per_token = kind == "kl_per_token";
  if (!per_token && kind != "kl" && kind != "log_n")
    throw InputError("budget", kind + " is not one of n, log_n, kl, kl_per_token");
  if (per_token && !length) throw InputError(field, "needs a model with a length");
  const double largest = per_token ? largest_budget / static_cast<double>(*length) : largest_budget;
  if (!(value >= 0 && value <= largest)) {
    throw InputError(field, to_text(value) + " is not in [0, " + to_text(largest) + "]");
  }
  const DoubleDouble exact = decimal_value(value);
  return {per_token ? exact * from_integer(*length) : exact};
}

}  // namespace tiltlab
