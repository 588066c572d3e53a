#include "samples/score_tail.hpp"

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

#include "numerics/special.hpp"
#include "samples/means_over_prompts.hpp"

namespace tiltlab {
namespace {

constexpr double least_index = -8;
constexpr double most_index = 0.95;

/** What best-of-`to` has more than best-of-`from`, of a generalised Pareto law of scale 1. */
double rise(double from, double to, double index) {
  constexpr double small = 1e-7;
  if (std::fabs(index) < small) return digamma(to + 1) - digamma(from + 1);
  const auto moment = [&](double n) {
    return std::exp(boost::math::lgamma(n + 1) - boost::math::lgamma(n + 1 - index));
  };
  return (moment(to) - moment(from)) / index;
}

}  // namespace

std::array<double, 3> ScoreTail::sizes(double drafts) {
  return {std::round(drafts / 4), std::round(drafts / 2), drafts};
}

ScoreTail::ScoreTail(const std::vector<Means>& prompts, double drafts) : prompts_(prompts), sizes_(sizes(drafts)) {
  for (const Means& each : prompts)
    for (std::size_t i = 0; i < 3; ++i) mean_[i] += each[i] / static_cast<double>(prompts.size());
}

double ScoreTail::index_of(const Means& means) const {
  const auto [quarter, half, all] = sizes_;
  const double seen = (means[2] - means[1]) / (means[1] - means[0]);
  double low = least_index;
  double high = most_index;
  constexpr int halvings = 50;
  for (int i = 0; i < halvings; ++i) {
    const double middle = (low + high) / 2;
    (rise(half, all, middle) < seen * rise(quarter, half, middle) ? low : high) = middle;
  }
  return (low + high) / 2;
}

double ScoreTail::value(const Means& means, double n, double more) const {
  const double index = std::min(index_of(means) + more, most_index);
  return means[2] + (means[2] - means[1]) * rise(sizes_[2], n, index) / rise(sizes_[1], sizes_[2], index);
}

template <class F>
Interval ScoreTail::by_prompts(F&& of) const {
  const double step = 1e-4 * (mean_[2] - mean_[0]);
  Means slope{};
  for (std::size_t i = 0; i < 3; ++i) {
    Means up = mean_;
    Means down = mean_;
    up[i] += step;
    down[i] -= step;
    slope[i] = (of(up) - of(down)) / (2 * step);
  }
  std::vector<double> values(prompts_.size(), of(mean_));
  for (std::size_t k = 0; k < values.size(); ++k)
    for (std::size_t i = 0; i < 3; ++i) values[k] += slope[i] * (prompts_[k][i] - mean_[i]);
  return *MeansOverPrompts(1, std::move(values)).interval(0);
}

ScoreTail::Found ScoreTail::fitted(const std::vector<Means>& prompts, double drafts, double tied) {
  constexpr double fewest_drafts = 32;
  constexpr std::size_t fewest_prompts = 100;
  constexpr double most_tied = 0.05;
  constexpr double heavy = 0.75;
  if (drafts < fewest_drafts) return {std::nullopt, "few_drafts"};
  if (prompts.size() < fewest_prompts) return {std::nullopt, "few_prompts"};
  ScoreTail tail(prompts, drafts);
  const auto& [quarter, half, all] = tail.mean_;
  if (tied > most_tied * static_cast<double>(prompts.size()) || !(half > quarter && all > half))
    return {std::nullopt, "ties"};
  tail.index_ = tail.index_of(tail.mean_);
  tail.index_interval_ = tail.by_prompts([&](const Means& means) { return tail.index_of(means); });
  if (tail.index_interval_.high >= heavy) return {std::nullopt, "heavy_tail"};
  return {std::move(tail), ""};
}

double ScoreTail::at(double n) const { return value(mean_, n, 0); }

Interval ScoreTail::interval(double n) const {
  const Interval found = by_prompts([&](const Means& means) { return value(means, n, 0); });
  constexpr double least = 0.1;
  const double more = std::max(least, std::fabs(index_) / 2);
  return {found.low, found.high + std::max(0.0, value(mean_, n, more) - at(n))};
}

}  // namespace tiltlab
