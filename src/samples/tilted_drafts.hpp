#pragma once
#include <vector>

#include "samples/order_statistics.hpp"

namespace tiltlab {

/** One prompt's drafts, weighed by e^(alpha reward). */
struct TiltedPrompt {
  /** Of the weights from equal ones, nats. */
  double kl = 0;
  /** Means of the levels' columns under the weights. */
  std::vector<double> mean;
  /** (sum w)^2 / sum w^2 over its drafts: how many equal drafts would tell as much. */
  double effective_sample_size = 0;
};

/**
 * KL-constrained RL on drafts: the self-normalised tilt of each prompt's drafts, by one alpha for all prompts (the
 * budget is a mean). It estimates the optimum of the law that drew them, with a bias that grows as the effective sample
 * size falls.
 */
class TiltedDrafts {
 public:
  /** @param prompts their levels by reward, column 0 the reward itself; outlives this */
  explicit TiltedDrafts(const std::vector<DraftLevels>& prompts);

  /** Mean KL over prompts at alpha >= 0, nats; infinite alpha is the best level of each. */
  [[nodiscard]] double kl(double alpha) const;
  /** What the mean KL tends to: mean log(M / ties at the top). */
  [[nodiscard]] double kl_max() const;
  /** The alpha of a mean KL, infinite from `kl_max` on. @param start a guess > 0 */
  [[nodiscard]] double alpha_at(double kl, double start) const;
  [[nodiscard]] std::vector<TiltedPrompt> at(double alpha) const;
  /**
   * What `found` = at(alpha) would be without its bias, by leaving out each draft once (the jackknife: M x - (M - 1)
   * mean of x without one), prompt by prompt. Where a single draft has all the weight it says nothing: then as found.
   * @param wins the levels' column of win chances, which change with who is left out
   */
  [[nodiscard]] std::vector<TiltedPrompt> without_bias(double alpha, const std::vector<TiltedPrompt>& found,
                                                       std::size_t wins) const;

 private:
  /** Mean KL and its slope in alpha, alpha times the mean variance. */
  struct Slope {
    double kl = 0;
    double slope = 0;
  };
  [[nodiscard]] Slope slope(double alpha) const;

  const std::vector<DraftLevels>& prompts_;
};

}  // namespace tiltlab
