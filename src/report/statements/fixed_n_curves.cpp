#include "report/statements/fixed_n_curves.hpp"

#include <cmath>

#include "numerics/log_domain.hpp"
#include "policies/continuous.hpp"

namespace tiltlab {

FixedNCurves no_shares(double log_n, int points) {
  FixedNCurves c;
  c.log_n = log_n;
  if (!(log_n > 0) || points == 0) return c;
  const ContinuousLaw normal = SmoothLaw{};
  c.limit = best_of_n(normal, c.log_n).reward / std::sqrt(2 * best_of_n_kl_bound(c.log_n));
  for (int i = 0; i < points; ++i) {
    const double wanted = std::round(std::pow(largest_length, static_cast<double>(i) / (points - 1)));
    if (c.length.empty() || wanted > c.length.back()) c.length.push_back(wanted);
  }
  c.fixed.assign(c.length.size(), not_known);
  c.growing.assign(c.length.size(), not_known);
  return c;
}

}  // namespace tiltlab
