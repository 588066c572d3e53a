#pragma once
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "samples/draft_shares.hpp"

namespace tiltlab {

/**
 * The drafts of one prompt by what they are ordered by: a level is a set of ties, levels ascend.
 * `mean[c][l]` is the mean of column c over the drafts of level l: ties share a choice equally.
 */
struct DraftLevels {
  /** How many drafts are at or below each level; the last is M. */
  std::vector<double> upto;
  std::vector<std::vector<double>> mean;

  [[nodiscard]] double drafts() const { return upto.back(); }
};

/** @param order ascending; @param columns each as long as `order` */
[[nodiscard]] DraftLevels levels_of(std::span<const double> order, const std::vector<std::span<const double>>& columns);

/**
 * The chance that a draft of each level beats another draft of the same prompt, ties half: (below + upto - 1) / 2 (M -
 * 1); one half of a single draft. A draft is no rival of itself: counted as one, the best of few would win too seldom.
 */
[[nodiscard]] std::vector<double> win_chances(const DraftLevels& levels);

/**
 * The mean over all subsets of n of the M drafts of the best one's value, for each n of `sizes` (ascending, >= 1, real)
 * and each column: sum over levels of mean_l [C(upto_l, n) - C(upto_(l-1), n)] / C(M, n). Unbiased for best-of-n of the
 * law that drew them. For n > M or no integer, where there is no such subset, the plug-in: best-of-n of the drafts' own
 * law, (upto_l / M)^n, biased. With 0 and 1 for values it is pass@k. Levels whose share fell below 1e-30 count nothing.
 * Source: M. Chen et al., "Evaluating large language models trained on code" (2021), equation 1, here with ties.
 * @return out[column][size]
 */
[[nodiscard]] std::vector<std::vector<double>> best_of_n_means(const DraftLevels& levels,
                                                               const std::vector<double>& sizes);

/** Of each n: as `best_of_n_kl` and `best_of_n_kl_bias`. */
struct KlWithBias {
  std::vector<double> kl = {};
  std::vector<double> bias = {};
};

/**
 * The same for prompts one after another: the chances that all of n drafts are among the lowest u of M, and what a
 * single draft adds to a KL, are those of every other prompt with as many drafts, and are found once.
 */
class BestOfNMeans {
 public:
  explicit BestOfNMeans(std::vector<double> sizes) : sizes_(std::move(sizes)) {}
  static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
  /** As `best_of_n_means`, to the bit. @param left_out a column that stays 0 */
  [[nodiscard]] std::vector<std::vector<double>> operator()(const DraftLevels& levels, std::size_t left_out = none);
  /** As `win_rates`, and as `best_of_n_kl` with its bias, to the bit: of single drafts their number alone tells. */
  [[nodiscard]] std::vector<double> win_rates(const DraftLevels& levels);
  [[nodiscard]] KlWithBias kl(const DraftLevels& levels);
  [[nodiscard]] const std::vector<double>& sizes() const { return sizes_; }

 private:
  /** Of the last prompt whose drafts were all single. */
  template <class T>
  struct Single {
    double drafts = 0;
    T values = {};
  };

  std::vector<double> sizes_;
  SharesByDrafts known_ = {};
  Single<std::vector<double>> wins_ = {};
  Single<KlWithBias> kl_ = {};
};

/**
 * The chance that the best of n beats one more draft, ties half, for each n of `sizes` (as in `best_of_n_means`): over
 * all subsets of n and all drafts outside of them, unbiased up to n = M - 1; without ties n / (n + 1). At n = M, which
 * leaves no rival, by how many of all M share the top: the chance that the (M + 1)th is above them or among them. Past
 * M and at no integer the plug-in by `win_chances`.
 */
[[nodiscard]] std::vector<double> win_rates(const DraftLevels& levels, const std::vector<double>& sizes);

/**
 * KL(best-of-n || base), nats, of the drafts' own law, ties counted: sum of q log(q / P), q_l = F_l^n - F_(l-1)^n. At
 * most log n - (n - 1)/n; less by what the ties are.
 */
[[nodiscard]] std::vector<double> best_of_n_kl(const DraftLevels& levels, const std::vector<double>& sizes);

/**
 * By how much `best_of_n_kl` of M drafts is expected to differ from that of the law which drew them, nats: half the
 * mean second derivative of the KL towards a single draft, over M - 1 (von Mises' expansion to second order). Nearly
 * always below 0: drafts show fewer kinds than there are. Of drafts without ties, whose bias is smaller, too much. 0 at
 * n = 1 and of a single draft.
 */
[[nodiscard]] std::vector<double> best_of_n_kl_bias(const DraftLevels& levels, const std::vector<double>& sizes);

/**
 * What best-of-n's KL is, nats, by the probability of the draft that was chosen: between log n - (n - 1)/n of a draft
 * that is never drawn twice and the KL of one that is drawn over and over. Source: A. Beirami et al., "Theoretical
 * guarantees on the best-of-n alignment policy" (arXiv 2401.01879), their estimator.
 * @param log_probability at most 0 @param n at least 1
 */
[[nodiscard]] double kl_of_chosen(double log_probability, double n);

/**
 * The mean of that over all subsets of n drafts, at each n of `sizes`.
 * @param log_probability of the drafts in the order of the levels
 */
[[nodiscard]] std::vector<double> kl_by_probability(const DraftLevels& levels, std::span<const double> log_probability,
                                                    const std::vector<double>& sizes);

}  // namespace tiltlab
