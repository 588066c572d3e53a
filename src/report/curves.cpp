#include "report/curves.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "error.hpp"
#include "numerics/log_domain.hpp"

namespace tiltlab {

void check_points(int points) {
  if (points < 2 || points > 10000) throw InputError("points", std::to_string(points) + " is not in [2, 10000]");
}

int affordable_points(int points, std::size_t size) {
  constexpr double outcomes = 4e5;
  constexpr double fewest = 15;
  return std::min(points, static_cast<int>(std::max(fewest, outcomes / static_cast<double>(size))));
}

Derived derived(const Report& r, std::optional<std::int64_t> length) {
  Derived d;
  d.n = std::exp(r.log_n);
  // An integer N was given as one: e^(log N) would miss it by some ulps.
  if (d.n < 1e15 && std::fabs(d.n - std::round(d.n)) < 1e-9 * d.n) d.n = std::round(d.n);
  d.log10_n = r.log_n / std::log(10.0);
  const auto n = static_cast<double>(length.value_or(1));
  d.kl_per_token = length ? r.kl / n : not_known;
  d.gap_per_token = length ? r.gap.reward / n : not_known;
  d.base_reward_per_token = r.model.reward / n;
  d.kl_rl_reward_per_token = r.kl_rl.reward / n;
  d.best_of_n_reward_per_token = r.best_of_n.reward / n;
  return d;
}

void check_axis(double kl_end, int points) {
  check_points(points);
  if (!(kl_end > 0 && kl_end <= largest_budget)) throw InputError("kl_end", to_text(kl_end) + " is not in (0, 1e12]");
}

void Path::add(double at, const PathPoint& point) {
  if (!std::isfinite(point.kl)) return;
  budget.push_back(at);
  kl.push_back(point.kl);
  reward.push_back(point.reward);
}

GapCurve lengths(int points) {
  check_points(points);
  GapCurve curve;
  for (int i = 0; i < points; ++i) {
    // Not by `pow`, whose tables are 4 kB that every embed would load.
    const double wanted = std::round(std::exp(std::log(largest_length) * i / (points - 1)));
    if (curve.length.empty() || wanted > curve.length.back()) curve.length.push_back(wanted);
  }
  for (std::vector<double>* each : {&curve.gap, &curve.kl_to_kl_rl, &curve.gap_sharp, &curve.gap_first_order,
                                    &curve.kl_to_kl_rl_sharp, &curve.gap_lower, &curve.gap_upper})
    each->assign(curve.length.size(), not_known);
  return curve;
}

}  // namespace tiltlab
