#include "report/promise.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tiltlab {

namespace {

/** Rounding, as a share of the number, that needs no statement. */
constexpr double unremarkable = 1e-12;

void list(std::string& names, const char* name) {
  if (!names.empty()) names += ", ";
  names += name;
}

}  // namespace

void Promise::hold(const char* name, double& x, double error, double rounding) {
  if (!std::isfinite(x)) return;
  const double size = std::max(1.0, std::fabs(x));
  const double all = rounding > unremarkable * size ? error + rounding : error;
  if (all <= 0) return;
  const double share = all / size;
  if (share <= largest_error_bound) {
    report_.error_bound = std::max(report_.error_bound, share);
    return;
  }
  x = std::numeric_limits<double>::quiet_NaN();
  list(unknown_, name);
}

void Promise::in_range(const char* name, double x) {
  if (std::isinf(x)) list(too_large_, name);
}

void Promise::close() {
  if (!unknown_.empty())
    report_.notes.push_back("Not within a thousandth of the exact value by any method here, and left out: " + unknown_ +
                            ".");
  if (!too_large_.empty())
    report_.notes.push_back("Past 1.8e308, the largest number that is kept, and left out: " + too_large_ + ".");
}

}  // namespace tiltlab
