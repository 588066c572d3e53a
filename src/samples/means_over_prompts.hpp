#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "simulation/interval.hpp"

namespace tiltlab {

/** How the doubt of a mean over prompts is told. */
enum class DoubtBy { none, student, bootstrap };

/**
 * Means over prompts of many quantities at once, and what another draw of prompts would have made of them. Prompts are
 * taken as drawn at random from those that will be asked; whatever a prompt's own value is uncertain by is in their
 * spread.
 *
 * From 8 to 1,000 prompts: the bootstrap over prompts, with percentiles as far out as Student's t asks for the number
 * of prompts (T. Hesterberg, "What teachers should know about the bootstrap" (2015), section 5.3, expanded percentiles:
 * the plain ones are too narrow by sqrt(1 - 1/K) and the normal law's thinner tails). Fewer, or more: Student's t
 * interval, since few prompts leave few resamples, and with many both agree. One prompt: none.
 */
class MeansOverPrompts {
 public:
  /** @param quantities how many; @param values [prompt][quantity] */
  MeansOverPrompts(std::size_t quantities, std::vector<double> values, std::uint64_t seed);

  /** Which quantities may be compared: `count` from `first` on. */
  struct Paired {
    std::size_t first = 0;
    std::size_t count = 0;
  };
  /**
   * The same of quantities that are told prompt by prompt: of more prompts than are resampled, nothing is kept but the
   * paired ones, and the squares of the others are summed on the way.
   * @param row fills the quantities of a prompt, which are 0 before; called once a prompt, in order
   */
  MeansOverPrompts(std::size_t quantities, std::size_t prompts, Paired paired, std::uint64_t seed,
                   const std::function<void(std::size_t prompt, double* row)>& row);

  [[nodiscard]] std::size_t prompts() const { return prompts_; }
  [[nodiscard]] DoubtBy doubt() const { return doubt_; }
  [[nodiscard]] double mean(std::size_t quantity) const { return mean_[quantity]; }
  /** 95 %; nothing for one prompt. */
  [[nodiscard]] std::optional<Interval> interval(std::size_t quantity) const;
  /** Of mean(a) - mean(b), prompt by prompt: what both have in common is no doubt. @pre both are paired */
  [[nodiscard]] std::optional<Interval> difference(std::size_t a, std::size_t b) const;

 private:
  void take_doubt(std::uint64_t seed);
  void resample(std::uint64_t seed);
  /** Of a paired quantity. */
  [[nodiscard]] double value(std::size_t prompt, std::size_t quantity) const {
    return values_[prompt * paired_.count + (quantity - paired_.first)];
  }
  /** @param sign of b's part: 0 leaves it out */
  [[nodiscard]] std::optional<Interval> interval_of(std::size_t a, std::size_t b, double sign) const;

  std::size_t quantities_;
  std::size_t prompts_;
  Paired paired_;
  /** [prompt][paired quantity] */
  std::vector<double> values_;
  /** Of squares of distances from the mean; empty where all values are kept. */
  std::vector<double> squares_ = {};
  std::vector<double> mean_;
  DoubtBy doubt_ = DoubtBy::none;
  /** [quantity][replicate] */
  std::vector<double> resampled_;
};

}  // namespace tiltlab
