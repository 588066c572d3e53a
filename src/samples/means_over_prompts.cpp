#include "samples/means_over_prompts.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <utility>

#include "simulation/philox.hpp"

namespace tiltlab {
namespace {

constexpr std::size_t replicates = 2000;
constexpr std::size_t fewest_resampled = 8;
constexpr std::size_t most_resampled = 1000;
constexpr double tail = 0.025;

double student_quantile(std::size_t prompts) {
  const boost::math::students_t law(static_cast<double>(prompts - 1));
  return boost::math::quantile(boost::math::complement(law, tail));
}

/** Where the expanded percentile stands: below it lies this share of resamples. */
double expanded_tail(std::size_t prompts) {
  const auto k = static_cast<double>(prompts);
  return boost::math::cdf(boost::math::normal(), -std::sqrt(k / (k - 1)) * student_quantile(prompts));
}

/** Linear between the order statistics of ascending values. */
double quantile(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(place);
  if (low + 1 >= sorted.size()) return sorted.back();
  return sorted[low] + (place - static_cast<double>(low)) * (sorted[low + 1] - sorted[low]);
}

}  // namespace

MeansOverPrompts::MeansOverPrompts(std::size_t quantities, std::vector<double> values, std::uint64_t seed)
    : quantities_(quantities),
      prompts_(values.size() / quantities),
      paired_{0, quantities},
      values_(std::move(values)),
      mean_(quantities) {
  for (std::size_t k = 0; k < prompts_; ++k)
    for (std::size_t j = 0; j < quantities_; ++j) mean_[j] += value(k, j);
  for (double& mean : mean_) mean /= static_cast<double>(prompts_);
  take_doubt(seed);
}

MeansOverPrompts::MeansOverPrompts(std::size_t quantities, std::size_t prompts, Paired paired, std::uint64_t seed,
                                   const std::function<void(std::size_t prompt, double* row)>& row)
    : quantities_(quantities), prompts_(prompts), paired_(paired), mean_(quantities) {
  const bool all = prompts <= most_resampled;
  if (all) paired_ = {0, quantities};
  values_.reserve(prompts * paired_.count);
  std::vector<double> here(quantities);
  // Distances from the first prompt's value, which is one of those that are met: their squares do not cancel.
  std::vector<double> origin;
  std::vector<double> shift(all ? 0 : quantities, 0);
  if (!all) squares_.assign(quantities, 0);
  for (std::size_t k = 0; k < prompts; ++k) {
    std::fill(here.begin(), here.end(), 0.0);
    row(k, here.data());
    for (std::size_t j = 0; j < quantities; ++j) mean_[j] += here[j];
    const auto kept = here.begin() + static_cast<std::ptrdiff_t>(paired_.first);
    values_.insert(values_.end(), kept, kept + static_cast<std::ptrdiff_t>(paired_.count));
    if (all) continue;
    if (k == 0) origin = here;
    for (std::size_t j = 0; j < quantities; ++j) {
      const double off = here[j] - origin[j];
      shift[j] += off;
      squares_[j] += off * off;
    }
  }
  for (double& mean : mean_) mean /= static_cast<double>(prompts);
  for (std::size_t j = 0; j < squares_.size(); ++j)
    squares_[j] = std::max(0.0, squares_[j] - shift[j] * shift[j] / static_cast<double>(prompts));
  take_doubt(seed);
}

void MeansOverPrompts::take_doubt(std::uint64_t seed) {
  if (prompts_ < 2) return;
  doubt_ = prompts_ >= fewest_resampled && prompts_ <= most_resampled ? DoubtBy::bootstrap : DoubtBy::student;
  if (doubt_ == DoubtBy::bootstrap) resample(seed);
}

void MeansOverPrompts::resample(std::uint64_t seed) {
  resampled_.resize(quantities_ * replicates);
  std::vector<double> sum(quantities_);
  std::vector<double> times(prompts_);
  for (std::size_t r = 0; r < replicates; ++r) {
    std::fill(times.begin(), times.end(), 0.0);
    RandomStream random(seed, StreamOf::extra, static_cast<std::uint32_t>(r), 0);
    for (std::size_t i = 0; i < prompts_; ++i)
      ++times[static_cast<std::size_t>(random.uniform() * static_cast<double>(prompts_))];
    std::fill(sum.begin(), sum.end(), 0.0);
    for (std::size_t k = 0; k < prompts_; ++k) {
      if (times[k] == 0) continue;
      const double* row = values_.data() + k * quantities_;
      for (std::size_t j = 0; j < quantities_; ++j) sum[j] += times[k] * row[j];
    }
    for (std::size_t j = 0; j < quantities_; ++j)
      resampled_[j * replicates + r] = sum[j] / static_cast<double>(prompts_);
  }
}

std::optional<Interval> MeansOverPrompts::interval_of(std::size_t a, std::size_t b, double sign) const {
  if (doubt_ == DoubtBy::none) return std::nullopt;
  if (doubt_ == DoubtBy::bootstrap) {
    std::vector<double> sorted(replicates);
    for (std::size_t r = 0; r < replicates; ++r)
      sorted[r] = resampled_[a * replicates + r] + sign * resampled_[b * replicates + r];
    std::sort(sorted.begin(), sorted.end());
    const double share = expanded_tail(prompts_);
    return Interval{quantile(sorted, share), quantile(sorted, 1 - share)};
  }
  const double mean = mean_[a] + sign * mean_[b];
  double squares = 0;
  if (sign == 0 && !squares_.empty()) {
    squares = squares_[a];
  } else {
    for (std::size_t k = 0; k < prompts_; ++k) {
      const double off = value(k, a) + sign * value(k, b) - mean;
      squares += off * off;
    }
  }
  const auto k = static_cast<double>(prompts_);
  const double half = student_quantile(prompts_) * std::sqrt(squares / (k - 1) / k);
  return Interval{mean - half, mean + half};
}

std::optional<Interval> MeansOverPrompts::interval(std::size_t quantity) const {
  return interval_of(quantity, quantity, 0);
}

std::optional<Interval> MeansOverPrompts::difference(std::size_t a, std::size_t b) const {
  return interval_of(a, b, -1);
}

}  // namespace tiltlab
