#include "simulation/count_tables.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "simulation/binomial.hpp"

namespace tiltlab {

namespace {

/** Counts on either side of the mean beyond which there is less than 2^-64 (Bernstein). */
double reach(double trials, double p) { return std::ceil(10 * std::sqrt(trials * p * (1 - p)) + 31); }

}  // namespace

double CountTables::cells(double p, std::int64_t trials) {
  double sum = 0;
  for (std::int64_t power = 1; power <= trials; power *= 16) sum += 15 * 2 * reach(8 * static_cast<double>(power), p);
  return sum;
}

CountTables::CountTables(double p, std::int64_t trials) {
  for (std::int64_t power = 1; power <= trials; power *= 16) {
    tables_.push_back({TokenTable(std::array{1.0}, true), 0});
    for (std::int64_t d = 1; d < 16; ++d) {
      const std::int64_t n = d * power;
      if (n > trials) break;
      const auto all = static_cast<double>(n);
      const double far = reach(all, p);
      const double low = std::max(0.0, std::floor(all * p - far));
      const double high = std::min(all, std::ceil(all * p + far));
      std::vector<double> mass;
      for (double k = low; k <= high; ++k) {
        mass.push_back(p <= 0 || p >= 1 ? (k == (p > 0 ? all : 0) ? 1 : 0)
                       : k == 0         ? std::exp(all * std::log1p(-p))
                       : k == all       ? std::exp(all * std::log(p))
                                        : std::exp(binomial_log_mass(all, p, k)));
      }
      tables_.push_back({TokenTable(mass, true), static_cast<std::int64_t>(low)});
    }
  }
}

}  // namespace tiltlab
