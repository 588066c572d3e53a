#pragma once
#include <optional>
#include <vector>

#include "simulation/interval.hpp"

namespace tiltlab {

/** How many of a prompt's drafts are right. */
struct RightOf {
  double right = 0;
  double drafts = 0;
};

/**
 * The chance of a right draft as a Beta(alpha, beta) variate over prompts, of most likelihood: what is to be known to
 * say what more drafts would find than were drawn. pass@k = 1 - B(alpha, beta + k) / B(alpha, beta): what is missed
 * falls like k^-alpha. Source: J. Kazdan et al., "Efficient prediction of pass@k scaling in large language models"
 * (arXiv 2510.05197); R. Schaeffer et al., "How do large language monkeys get their power (laws)?" (arXiv 2502.17578).
 */
class BetaBinomial {
 public:
  BetaBinomial(double alpha, double beta) : alpha_(alpha), beta_(beta) {}

  /**
   * Nothing where the drafts do not fix the shape: fewer than 10 prompts, all or none of them right, prompts that
   * differ no more than chance, or a logarithm of alpha that is known to no better than 1 (two standard errors).
   */
  [[nodiscard]] static std::optional<BetaBinomial> fitted(const std::vector<RightOf>& prompts);

  [[nodiscard]] double alpha() const { return alpha_; }
  [[nodiscard]] double beta() const { return beta_; }
  /** @param k at least 1 */
  [[nodiscard]] double pass_at(double k) const;
  /** 95 %, by the curvature of the likelihood at its top, on the scale of log(-log(1 - pass@k)); of a fit alone. */
  [[nodiscard]] std::optional<Interval> interval(double k) const;

 private:
  double alpha_;
  double beta_;
  /** Of (log alpha, log beta): variances and covariance; none of a law that was given. */
  struct Covariance {
    double aa = 0;
    double bb = 0;
    double ab = 0;
  };
  std::optional<Covariance> covariance_;
};

}  // namespace tiltlab
