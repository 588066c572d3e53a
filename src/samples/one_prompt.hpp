#pragma once
#include <optional>
#include <span>
#include <vector>

#include "samples/prompt_interval.hpp"

namespace tiltlab {

/** How drafts are chosen: the best of n by the order, the best of n by their value, or all by e^(alpha order). */
enum class Choice { by_order, by_value, tilted };

/** One of several choices' values that are summed: a difference of two is {n, 1} and {m, -1}. */
struct ChoiceTerm {
  /** At least 1; of a tilt alpha, per unit of the order. */
  double n = 1;
  double weight = 1;
  Choice choice = Choice::by_order;
};

/**
 * How far the drafts of one prompt leave open what choices of the law that drew them are worth: a 95 % interval by the
 * likelihood of the law. All laws on the values that were seen are asked whose likelihood is within the bound of the
 * largest one; the interval is what the choices are worth under these, moved by what the plug-in's bias is seen to be.
 * Values that are 0 or 1 may be the other as well, at any level of the order: each counts half a draft there of as many
 * equal ones as carry the choice, so that 20 drafts that are all right do not say that all are; so does an order of 0
 * and 1. From 400 drafts on that have as many kinds, levels of such values are taken together in some hundred blocks;
 * of other values it is the normal interval with the same functional's variance (delta method).
 * Source: A. B. Owen, "Empirical likelihood ratio confidence intervals for a single functional" (1988); for functionals
 * that are not linear, the linear one at the law that was found last, until it stays; the halves as in L. D. Brown, T.
 * T. Cai and A. DasGupta, "Interval estimation for a binomial proportion" (2001), section 4.
 */
class OnePrompt {
 public:
  /**
   * @param order what drafts are chosen by, ascending
   * @param value what they are worth, as long; the very same numbers where it is what they are chosen by
   * @param reach of a value, and of the order where that is another; one that is not strict says nothing
   */
  OnePrompt(std::span<const double> order, std::span<const double> value, const std::optional<ValueReach>& reach = {},
            const std::optional<ValueReach>& order_reach = {});

  /**
   * Nothing where n is more than a tenth of the drafts, or these are fewer than 20: what they have not seen at the top
   * would decide, and intervals hold less than 93 % of the time.
   * @param unbiased the value by the order statistics of all subsets, which the interval is moved to
   */
  [[nodiscard]] std::optional<Interval> interval(const std::vector<ChoiceTerm>& terms, double unbiased) const;

 private:
  /** Drafts of one level of the order that have one value; of none, where that is a value that could be. */
  struct Cell {
    std::size_t level = 0;
    double value = 0;
    double count = 0;
    /** Its value's place among all. */
    std::size_t place = 0;
  };
  using Law = std::vector<double>;

  /** The functional at a law, and its slope in each cell's probability. */
  struct Functional {
    double value = 0;
    std::vector<double> slope;
  };
  /** Levels, by the order or by the values themselves. */
  struct Levels {
    std::vector<double> mass;
    std::vector<double> worth;
    std::vector<double> upto;
  };
  void add_cells(double order, std::vector<double> values);
  [[nodiscard]] std::size_t level_of(const Cell& cell, Choice choice) const {
    return choice == Choice::by_value ? cell.place : cell.level;
  }
  [[nodiscard]] Levels levels(const Law& law, Choice choice) const;
  [[nodiscard]] Functional at(const Law& law, const std::vector<ChoiceTerm>& terms) const;
  void add_best(const Law& law, const ChoiceTerm& term, Functional& out) const;
  void add_tilt(const Law& law, const ChoiceTerm& term, Functional& out) const;
  /** What the cells count: their drafts, and of what could be besides. */
  [[nodiscard]] std::vector<double> counts(const std::vector<ChoiceTerm>& terms) const;
  /** How much each draft has of the choice, squared and summed: one over how many equal ones would carry it. */
  [[nodiscard]] double concentration(const ChoiceTerm& term) const;
  /** The largest (sign 1) or least (sign -1) value among laws that the drafts allow. */
  [[nodiscard]] double extreme(const std::vector<ChoiceTerm>& terms, const std::vector<double>& count,
                               double sign) const;
  /** The same with drafts of levels next to each other taken together, a hundredth of each choice or of all. */
  [[nodiscard]] OnePrompt in_blocks(const std::vector<ChoiceTerm>& terms) const;
  /**
   * An end of the interval, moved as the value that was seen is to the unbiased one; of values with a strict reach the
   * less the nearer it is to where there is no bias, as where all drafts are right, or none, or two choices are one.
   */
  [[nodiscard]] double moved(double end, double seen, double unbiased, bool is_difference) const;
  /** The normal one. */
  [[nodiscard]] double half_width(const Functional& here) const;

  std::vector<Cell> cells_ = {};
  /** The order of each level. */
  std::vector<double> order_ = {};
  std::size_t places_ = 0;
  double drafts_ = 0;
  std::optional<ValueReach> reach_;
  /** Only with a reach of values. */
  std::optional<ValueReach> order_reach_;
  /** Whether a draft's value is what it is chosen by. */
  bool is_own_ = false;
  Law seen_ = {};
};

}  // namespace tiltlab
