#pragma once
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "simulation/interval.hpp"

namespace tiltlab {

/**
 * What best-of-N of continuous scores would have past M drafts, averaged over prompts: as if scores above what is
 * common were of a generalised Pareto law, one tail index for all prompts and a scale for each. Of that law best-of-N
 * has a + b [Gamma(N + 1) / Gamma(N + 1 - index) - 1] / index (index 0: a + b times the N-th harmonic number), so that
 * the unbiased means at M/4, M/2 and M, of all prompts together, tell the index, and the rest of the curve follows.
 * Source: J. R. M. Hosking and J. R. Wallis, "Parameter and quantile estimation for the generalized Pareto
 * distribution" (1987), which takes other means of best drafts; J. Pickands, "Statistical inference using extreme order
 * statistics" (1975), of the tail.
 */
class ScoreTail {
 public:
  /** A prompt's unbiased best-of-N at M/4, M/2 and M, each rounded, M the drafts that every prompt has. */
  using Means = std::array<double, 3>;
  [[nodiscard]] static std::array<double, 3> sizes(double drafts);

  /** The fit, or why there is none. */
  struct Found;
  /**
   * Refused, by name: `few_drafts` under 32, `few_prompts` under 100 (with 20 a heavy tail that passes holds 88 %),
   * `ties` where the best draft of more than one prompt in twenty is not alone or the curve does not rise, `heavy_tail`
   * where the index may be 0.75 or more: at 1 there is no mean.
   * @param tied how many prompts' best drafts are not alone
   */
  [[nodiscard]] static Found fitted(const std::vector<Means>& prompts, double drafts, double tied);

  /** Of the tail, and its 95 % interval: below 0 scores have an end, above it moments end. */
  [[nodiscard]] double index() const { return index_; }
  [[nodiscard]] Interval index_interval() const { return index_interval_; }
  /** Two octaves past the drafts: farther, scores that are nearly normal would be too low by more than is told. */
  [[nodiscard]] double farthest() const { return 4 * sizes_[2]; }
  /** @param n from M to `farthest` */
  [[nodiscard]] double at(double n) const;
  /**
   * 95 %: by how far prompts differ, to first order, and upwards as if the index were by half of itself, at least 0.1,
   * higher: tails approach their index slowly, nearly always from below.
   */
  [[nodiscard]] Interval interval(double n) const;

 private:
  ScoreTail(const std::vector<Means>& prompts, double drafts);
  [[nodiscard]] double index_of(const Means& means) const;
  /** At n by the index of the means, and `more`. */
  [[nodiscard]] double value(const Means& means, double n, double more) const;
  /** Of a function of the means, by what each prompt adds to it. */
  template <class F>
  [[nodiscard]] Interval by_prompts(F&& of) const;

  std::vector<Means> prompts_;
  Means mean_{};
  std::array<double, 3> sizes_;
  double index_ = 0;
  Interval index_interval_;
};

struct ScoreTail::Found {
  std::optional<ScoreTail> tail;
  /** Empty where there is a tail. */
  std::string refused;
};

}  // namespace tiltlab
