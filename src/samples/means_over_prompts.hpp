#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "samples/prompt_interval.hpp"

namespace tiltlab {

/**
 * Means over prompts of many quantities at once, and what another draw of prompts would have made of them. Prompts are
 * taken as drawn at random from those that will be asked; whatever a prompt's own value is uncertain by is in their
 * spread. Intervals are those of `prompt_interval`, past 1,000 prompts by moments alone. One prompt: none.
 */
class MeansOverPrompts {
 public:
  /** @param quantities how many; @param values [prompt][quantity] */
  MeansOverPrompts(std::size_t quantities, std::vector<double> values);

  /** Which quantities may be compared: `count` from `first` on. */
  struct Paired {
    std::size_t first = 0;
    std::size_t count = 0;
  };
  /**
   * The same of quantities that are told prompt by prompt: past 1,000 prompts nothing is kept but the paired ones, and
   * the powers of the others are summed on the way.
   * @param row fills the quantities of a prompt, which are 0 before; called once a prompt, in order
   */
  MeansOverPrompts(std::size_t quantities, std::size_t prompts, Paired paired,
                   const std::function<void(std::size_t prompt, double* row)>& row);

  [[nodiscard]] std::size_t prompts() const { return prompts_; }
  [[nodiscard]] double mean(std::size_t quantity) const { return mean_[quantity]; }
  /**
   * 95 %; nothing for one prompt.
   * @param reach of one prompt's value, nothing where none is known
   * @param are_few as `prompt_interval` has it
   */
  [[nodiscard]] std::optional<Interval> interval(std::size_t quantity, const std::optional<ValueReach>& reach = {},
                                                 bool are_few = false) const;
  /**
   * Of mean(a) - mean(b), prompt by prompt: what both have in common is no doubt.
   * @param each reach of one prompt's value of either
   * @param shared of the value at least so much, from 0 to 1, is both's: a difference reaches as far as the rest
   * @pre both are paired
   */
  [[nodiscard]] std::optional<Interval> difference(std::size_t a, std::size_t b,
                                                   const std::optional<ValueReach>& each = {}, double shared = 0) const;

 private:
  [[nodiscard]] bool are_few() const;
  [[nodiscard]] std::vector<double> values(const std::function<double(std::size_t)>& of) const;
  /** Of a paired quantity. */
  [[nodiscard]] double value(std::size_t prompt, std::size_t quantity) const {
    return values_[prompt * paired_.count + (quantity - paired_.first)];
  }

  std::size_t quantities_;
  std::size_t prompts_;
  Paired paired_;
  /** [prompt][paired quantity] */
  std::vector<double> values_;
  /** Of distances from the mean; empty where all values are kept. */
  std::vector<double> squares_ = {};
  std::vector<double> cubes_ = {};
  std::vector<double> mean_;
};

}  // namespace tiltlab
