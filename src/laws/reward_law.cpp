#include "laws/reward_law.hpp"

#include <algorithm>
#include <cmath>

namespace tiltlab {

namespace {

/** Logarithms under which a level's mass is nobody's concern. */
constexpr double unseen = -60;

}  // namespace

void RewardLaw::resize(std::size_t levels) {
  for (std::vector<double>* of : {&offset, &log_mass, &log_above, &below, &gold}) of->resize(levels);
  if (!log_error.empty()) log_error.resize(levels);
}

double between(const std::vector<double>& y, const std::vector<double>& log_mass, std::size_t j, double t) {
  if (t == 0) return y[j];
  const auto size = static_cast<std::ptrdiff_t>(y.size());
  for (const std::ptrdiff_t points : {6, 4, 2}) {
    const std::ptrdiff_t first = std::clamp(static_cast<std::ptrdiff_t>(j) - points / 2 + 1, std::ptrdiff_t(0),
                                            std::max(std::ptrdiff_t(0), size - points));
    if (first + points > size) continue;
    bool level = true;
    for (std::ptrdiff_t i = first; i < first + points; ++i)
      level = level && log_mass[static_cast<std::size_t>(i)] > unseen;
    if (!level && points > 2) continue;
    const double x = static_cast<double>(j) + t;
    double sum = 0;
    for (std::ptrdiff_t i = first; i < first + points; ++i) {
      double weight = 1;
      for (std::ptrdiff_t k = first; k < first + points; ++k) {
        if (k != i) weight *= (x - static_cast<double>(k)) / static_cast<double>(i - k);
      }
      sum += weight * y[static_cast<std::size_t>(i)];
    }
    return sum;
  }
  return y[j];
}

namespace {

/** The most levels without a gap. Levels that were nothing but noise are not listed: across those gaps there is nothing
 * to interpolate. */
struct Run {
  std::size_t first;
  std::size_t last;
};
Run longest_run(const RewardLaw& law) {
  Run longest{law.size() - 1, law.size() - 1};
  for (std::size_t last = law.size(); last-- > 0;) {
    Run run{last, last};
    while (run.first > 0 && law.offset[run.first] - law.offset[run.first - 1] == law.stride) --run.first;
    if (run.last - run.first > longest.last - longest.first) longest = run;
    last = run.first;
  }
  return longest;
}

}  // namespace

RewardLaw refined(const RewardLaw& law, double most) {
  const double width = law.offset.back() - law.offset.front();
  const double stride = std::max(1.0, std::ceil(width / most));
  if (!(stride < law.stride)) return law;
  const auto [first, last] = longest_run(law);
  RewardLaw out = law;
  out.offset.clear();
  out.offset_rest.clear();
  for (std::vector<double>* each : {&out.log_mass, &out.log_above, &out.below, &out.gold, &out.log_error})
    each->clear();
  out.stride = stride;
  out.from_least = law.from_least && first == 0;
  out.complete = false;
  for (double x = 0; x <= law.offset[last] - law.offset[first]; x += stride) {
    const auto j = std::min(first + static_cast<std::size_t>(x / law.stride), last);
    const double t = x / law.stride - static_cast<double>(j - first);
    out.offset.push_back(law.offset[first] + x);
    out.log_mass.push_back(between(law.log_mass, law.log_mass, j, t));
    // Where nothing is known to be above, there is nothing to interpolate with.
    const double above = between(law.log_above, law.log_mass, j, t);
    out.log_above.push_back(std::isfinite(above) ? above : law.log_above[j]);
    out.below.push_back(between(law.below, law.log_mass, j, t));
    out.gold.push_back(between(law.gold, law.log_mass, j, t));
    if (!law.log_error.empty()) out.log_error.push_back(law.log_error[j]);
  }
  return out;
}

}  // namespace tiltlab
