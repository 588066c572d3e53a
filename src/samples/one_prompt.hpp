#pragma once
#include <optional>
#include <span>
#include <vector>

#include "simulation/interval.hpp"

namespace tiltlab {

/** One of several best-of-n values that are summed: a difference of two is {n, 1} and {m, -1}. */
struct BestOfTerm {
  double n = 1;
  double weight = 1;
};

/**
 * How far the drafts of one prompt leave open what best-of-n of the law that drew them is worth: a 95 % interval by the
 * likelihood of the law. All laws on the values that were seen are asked whose likelihood is within the bound of the
 * largest one; the interval is what best-of-n is worth under these, moved by what the plug-in's bias is seen to be.
 * From 400 drafts on, the normal interval with the same functional's variance (delta method), to which it tends.
 * Source: A. B. Owen, "Empirical likelihood ratio confidence intervals for a single functional" (1988); for functionals
 * that are not linear, the linear one at the law that was found last, until it stays.
 */
class OnePrompt {
 public:
  /** @param order what drafts are chosen by, ascending; @param value what they are worth, as long */
  OnePrompt(std::span<const double> order, std::span<const double> value);

  /**
   * Nothing where n is more than a tenth of the drafts, or these are fewer than 20: what they have not seen at the top
   * would decide, and intervals hold less than 93 % of the time.
   * @param terms each n at least 1
   * @param unbiased the value by the order statistics of all subsets, which the interval is moved to
   */
  [[nodiscard]] std::optional<Interval> interval(const std::vector<BestOfTerm>& terms, double unbiased) const;

 private:
  /** Drafts of one level of the order that have one value. */
  struct Cell {
    std::size_t level = 0;
    double value = 0;
    double count = 0;
  };
  using Law = std::vector<double>;

  /** The functional at a law, and its slope in each cell's probability. */
  struct Functional {
    double value = 0;
    std::vector<double> slope;
  };
  [[nodiscard]] Functional at(const Law& law, const std::vector<BestOfTerm>& terms) const;
  /** The largest (sign 1) or least (sign -1) value among laws that the drafts allow. */
  [[nodiscard]] double extreme(const std::vector<BestOfTerm>& terms, double sign) const;

  std::vector<Cell> cells_;
  std::size_t levels_ = 0;
  double drafts_ = 0;
  Law seen_;
};

}  // namespace tiltlab
