#include "samples/beta_binomial.hpp"

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

#include "numerics/special.hpp"

namespace tiltlab {
namespace {

/** log of Gamma(x + k) / Gamma(x), k >= 0. */
double log_rising(double x, double k) {
  constexpr double few = 32;
  if (k == std::floor(k) && k <= few) {
    double product = 1;
    for (double i = 0; i < k; ++i) product *= x + i;
    return std::log(product);
  }
  return boost::math::lgamma(x + k) - boost::math::lgamma(x);
}

/** Log-likelihood with its slope and curvature in (log alpha, log beta). */
struct Likelihood {
  double value = 0;
  double a = 0;
  double b = 0;
  double aa = 0;
  double bb = 0;
  double ab = 0;
};

Likelihood likelihood(const std::vector<RightOf>& prompts, double alpha, double beta) {
  Likelihood out;
  for (const auto& [right, drafts] : prompts) {
    const double wrong = drafts - right;
    out.value += log_rising(alpha, right) + log_rising(beta, wrong) - log_rising(alpha + beta, drafts);
    const double both = digamma(alpha + beta + drafts) - digamma(alpha + beta);
    out.a += digamma(alpha + right) - digamma(alpha) - both;
    out.b += digamma(beta + wrong) - digamma(beta) - both;
    const double both_slope = trigamma(alpha + beta + drafts) - trigamma(alpha + beta);
    out.aa += trigamma(alpha + right) - trigamma(alpha) - both_slope;
    out.bb += trigamma(beta + wrong) - trigamma(beta) - both_slope;
    out.ab -= both_slope;
  }
  // From alpha to its logarithm.
  out.aa = alpha * alpha * out.aa + alpha * out.a;
  out.bb = beta * beta * out.bb + beta * out.b;
  out.ab *= alpha * beta;
  out.a *= alpha;
  out.b *= beta;
  return out;
}

constexpr double smallest = 1e-6;
constexpr double largest = 1e6;

}  // namespace

std::optional<BetaBinomial> BetaBinomial::fitted(const std::vector<RightOf>& prompts) {
  constexpr std::size_t fewest = 10;
  double right = 0;
  double drafts = 0;
  for (const RightOf& prompt : prompts) {
    right += prompt.right;
    drafts += prompt.drafts;
  }
  if (prompts.size() < fewest || right == 0 || right == drafts) return std::nullopt;
  double alpha = right / drafts;
  double beta = 1 - alpha;
  Likelihood here = likelihood(prompts, alpha, beta);
  constexpr int most = 200;
  for (int i = 0; i < most; ++i) {
    // Newton's step where the likelihood is concave, else uphill; halved until it rises.
    const double det = here.aa * here.bb - here.ab * here.ab;
    const bool is_concave = here.aa < 0 && det > 0;
    double da = is_concave ? -(here.bb * here.a - here.ab * here.b) / det : here.a;
    double db = is_concave ? -(here.aa * here.b - here.ab * here.a) / det : here.b;
    const double size = std::max(std::fabs(da), std::fabs(db));
    if (size > 1) {
      da /= size;
      db /= size;
    }
    bool rose = false;
    for (int half = 0; half < 40 && !rose; ++half, da /= 2, db /= 2) {
      const double next_alpha = alpha * std::exp(da);
      const double next_beta = beta * std::exp(db);
      const Likelihood next = likelihood(prompts, next_alpha, next_beta);
      rose = next.value > here.value;
      if (!rose) continue;
      alpha = next_alpha;
      beta = next_beta;
      here = next;
    }
    constexpr double close = 1e-12;
    if (!rose || size < close) break;
    if (alpha < smallest || beta < smallest || alpha > largest || beta > largest) return std::nullopt;
  }
  const double det = here.aa * here.bb - here.ab * here.ab;
  if (!(here.aa < 0 && det > 0)) return std::nullopt;
  BetaBinomial out(alpha, beta);
  out.covariance_ = Covariance{-here.bb / det, -here.aa / det, here.ab / det};
  constexpr double known = 1;
  if (2 * std::sqrt(out.covariance_->aa) > known) return std::nullopt;
  return out;
}

double BetaBinomial::pass_at(double k) const {
  return -std::expm1(log_rising(beta_, k) - log_rising(alpha_ + beta_, k));
}

std::optional<Interval> BetaBinomial::interval(double k) const {
  if (!covariance_) return std::nullopt;
  // What is missed is e^-m: m's slopes in the logarithms of alpha and beta.
  const double missed = log_rising(alpha_ + beta_, k) - log_rising(beta_, k);
  const double both = digamma(alpha_ + beta_ + k) - digamma(alpha_ + beta_);
  const double of_alpha = alpha_ * both;
  const double of_beta = beta_ * (both - (digamma(beta_ + k) - digamma(beta_)));
  const auto& [aa, bb, ab] = *covariance_;
  const double variance = of_alpha * of_alpha * aa + of_beta * of_beta * bb + 2 * of_alpha * of_beta * ab;
  constexpr double two_sided = 1.959963984540054;
  const double spread = std::exp(two_sided * std::sqrt(std::max(variance, 0.0)) / missed);
  return Interval{-std::expm1(-missed / spread), -std::expm1(-missed * spread)};
}

}  // namespace tiltlab
