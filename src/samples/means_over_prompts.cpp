#include "samples/means_over_prompts.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tiltlab {
namespace {

/** Past so many prompts the moments say what all the values would. */
constexpr std::size_t most_kept = 1000;

}  // namespace

MeansOverPrompts::MeansOverPrompts(std::size_t quantities, std::vector<double> values)
    : quantities_(quantities),
      prompts_(values.size() / quantities),
      paired_{0, quantities},
      values_(std::move(values)),
      mean_(quantities) {
  for (std::size_t k = 0; k < prompts_; ++k)
    for (std::size_t j = 0; j < quantities_; ++j) mean_[j] += value(k, j);
  for (double& mean : mean_) mean /= static_cast<double>(prompts_);
}

MeansOverPrompts::MeansOverPrompts(std::size_t quantities, std::size_t prompts, Paired paired,
                                   const std::function<void(std::size_t prompt, double* row)>& row)
    : quantities_(quantities), prompts_(prompts), paired_(paired), mean_(quantities) {
  const bool all = are_few();
  if (all) paired_ = {0, quantities};
  values_.reserve(prompts * paired_.count);
  std::vector<double> here(quantities);
  // Distances from the first prompt's value, which is one of those that are met: their powers do not cancel.
  std::vector<double> origin;
  std::vector<double> shift(all ? 0 : quantities, 0);
  if (!all) {
    squares_.assign(quantities, 0);
    cubes_.assign(quantities, 0);
  }
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
      cubes_[j] += off * off * off;
    }
  }
  const auto count = static_cast<double>(prompts);
  for (double& mean : mean_) mean /= count;
  for (std::size_t j = 0; j < squares_.size(); ++j) {
    const double off = shift[j] / count;
    cubes_[j] += off * (2 * off * shift[j] - 3 * squares_[j]);
    squares_[j] = std::max(0.0, squares_[j] - shift[j] * off);
  }
}

std::vector<double> MeansOverPrompts::values(const std::function<double(std::size_t)>& of) const {
  std::vector<double> out(prompts_);
  for (std::size_t k = 0; k < prompts_; ++k) out[k] = of(k);
  return out;
}

bool MeansOverPrompts::are_few() const { return prompts_ <= most_kept; }

std::optional<Interval> MeansOverPrompts::interval(std::size_t quantity, const std::optional<ValueReach>& reach,
                                                   bool are_few_told) const {
  if (prompts_ < 2) return std::nullopt;
  if (!squares_.empty())
    return prompt_interval({static_cast<double>(prompts_), mean_[quantity], squares_[quantity], cubes_[quantity]},
                           reach);
  const auto of = [&](std::size_t k) { return value(k, quantity); };
  if (!are_few()) return prompt_interval(prompt_moments(prompts_, of), reach);
  return prompt_interval(values(of), reach, are_few_told);
}

std::optional<Interval> MeansOverPrompts::difference(std::size_t a, std::size_t b,
                                                     const std::optional<ValueReach>& each, double shared) const {
  if (prompts_ < 2) return std::nullopt;
  const auto of = [&](std::size_t k) { return value(k, a) - value(k, b); };
  const std::optional<ValueReach> reach = each ? std::optional(difference_reach(*each, shared)) : std::nullopt;
  if (!are_few()) return prompt_interval(prompt_moments(prompts_, of), reach);
  // What few prompts carry of either side, few carry of the difference, however smooth the other side makes it.
  const auto is_told = [&](std::size_t q) {
    return tells_of_others(values([&](std::size_t k) { return value(k, q); }), each);
  };
  const std::vector<double> apart = values(of);
  return prompt_interval(apart, reach, are_mostly_one(apart) || !is_told(a) || !is_told(b));
}

}  // namespace tiltlab
