#include "samples/tilted_drafts.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "error.hpp"

namespace tiltlab {
namespace {

/** Calls each(level, weight) with weights relative to the top level's per draft. */
template <class F>
void each_weight(const DraftLevels& levels, double alpha, F&& each) {
  const std::vector<double>& reward = levels.mean[0];
  const std::size_t top = reward.size() - 1;
  double below = 0;
  for (std::size_t l = 0; l <= top; ++l) {
    // At the top 0 times infinity is to be 0.
    const double share = l == top ? 1 : std::exp(alpha * (reward[l] - reward[top]));
    each(l, levels.upto[l] - below, share);
    below = levels.upto[l];
  }
}

/** Without any one of the drafts, on average over them; nothing where one of them has all the weight. */
std::optional<TiltedPrompt> without_one(const DraftLevels& levels, double alpha, std::size_t wins) {
  const std::size_t count = levels.upto.size();
  const double drafts = levels.drafts();
  const std::vector<double>& reward = levels.mean[0];
  std::vector<double> many(count);
  std::vector<double> share(count);
  // By level, and what weighs more than it; rivals of a draft: twice those below it and once its equals.
  std::vector<double> above(count + 1);
  std::vector<double> rivals(count);
  each_weight(levels, alpha, [&](std::size_t l, double here, double weight) {
    many[l] = here;
    share[l] = weight;
    rivals[l] = 2 * levels.upto[l] - here - 1;
  });
  double sum = 0;
  double first = 0;
  double won = 0;
  std::vector<double> total(levels.mean.size());
  for (std::size_t l = count; l-- > 0;) {
    const double weight = many[l] * share[l];
    above[l] = above[l + 1] + weight;
    sum += weight;
    if (share[l] > 0) first += weight * (reward[l] - reward.back());
    won += weight * rivals[l];
    for (std::size_t c = 0; c < total.size(); ++c) total[c] += weight * levels.mean[c][l];
  }
  TiltedPrompt out;
  out.mean.assign(total.size(), 0);
  for (std::size_t l = 0; l < count; ++l) {
    const double left = sum - share[l];
    constexpr double least = 1e-9;
    if (!(left > least * sum)) return std::nullopt;
    const double times = many[l] / drafts / left;
    const double beaten = won - share[l] * rivals[l] - 2 * above[l + 1] - (many[l] - 1) * share[l];
    for (std::size_t c = 0; c < total.size(); ++c) {
      const double rest = total[c] - share[l] * levels.mean[c][l];
      out.mean[c] += times * (c == wins ? beaten / (2 * (drafts - 2)) : rest);
    }
    const double tilt = share[l] > 0 ? first - share[l] * (reward[l] - reward.back()) : first;
    out.kl += times * alpha * tilt - many[l] / drafts * std::log(left / (drafts - 1));
  }
  return out;
}

double top_share(const DraftLevels& levels) {
  const std::size_t size = levels.upto.size();
  return (levels.drafts() - (size > 1 ? levels.upto[size - 2] : 0)) / levels.drafts();
}

}  // namespace

TiltedDrafts::TiltedDrafts(const std::vector<DraftLevels>& prompts) : prompts_(prompts) {}

double TiltedDrafts::kl_max() const {
  double sum = 0;
  for (const DraftLevels& levels : prompts_) sum -= std::log(top_share(levels));
  return sum / static_cast<double>(prompts_.size());
}

TiltedDrafts::Slope TiltedDrafts::slope(double alpha) const {
  Slope out;
  for (const DraftLevels& levels : prompts_) {
    const std::vector<double>& reward = levels.mean[0];
    double sum = 0;
    double first = 0;
    double second = 0;
    each_weight(levels, alpha, [&](std::size_t l, double count, double share) {
      const double below = reward[l] - reward.back();
      const double weight = count * share;
      sum += weight;
      first += weight * below;
      second += weight * below * below;
    });
    const double mean = first / sum;
    out.kl += alpha * mean - std::log(sum / levels.drafts());
    out.slope += alpha * std::max(second / sum - mean * mean, 0.0);
  }
  const auto prompts = static_cast<double>(prompts_.size());
  return {std::max(out.kl / prompts, 0.0), out.slope / prompts};
}

double TiltedDrafts::kl(double alpha) const { return std::isinf(alpha) ? kl_max() : slope(alpha).kl; }

double TiltedDrafts::alpha_at(double kl, double start) const {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (kl <= 0) return 0;
  if (kl >= kl_max()) return infinity;
  // Newton's steps for log KL in log alpha, of which it is nearly a line, kept within what is known to hold the root;
  // the mean KL rises with alpha.
  double low = 0;
  double high = infinity;
  double alpha = start;
  constexpr int most = 200;
  for (int i = 0; i < most; ++i) {
    const Slope here = slope(alpha);
    (here.kl < kl ? low : high) = alpha;
    const bool is_told = here.slope > 0 && here.kl > 0;
    const double step = is_told ? std::log(kl / here.kl) * here.kl / (here.slope * alpha) : here.kl < kl ? 1 : -1;
    double next = alpha * std::exp(std::clamp(step, -2.0, 2.0));
    // The step after one this small would change the last digits alone; of a KL near its own rounding steps are noise.
    const double close = kl < 1e-6 ? 1e-12 : 1e-7;
    // Before what is known of the root: at such a step rounding alone may put it on the wrong side of `alpha`.
    if (is_told && std::fabs(step) <= close) return next;
    if (!(next > low && next < high)) next = std::isinf(high) ? 8 * alpha : low > 0 ? std::sqrt(low * high) : high / 8;
    if (next <= 0 || std::isinf(next)) return alpha;
    alpha = next;
  }
  // Rounding of the KL moves it back and forth: as near as doubles tell.
  return alpha;
}

std::vector<TiltedPrompt> TiltedDrafts::at(double alpha) const {
  std::vector<TiltedPrompt> out;
  out.reserve(prompts_.size());
  for (const DraftLevels& levels : prompts_) {
    TiltedPrompt tilted;
    tilted.mean.assign(levels.mean.size(), 0);
    double sum = 0;
    double squares = 0;
    double first = 0;
    each_weight(levels, alpha, [&](std::size_t l, double count, double share) {
      const double weight = count * share;
      sum += weight;
      squares += weight * share;
      if (share > 0) first += weight * (levels.mean[0][l] - levels.mean[0].back());
      for (std::size_t c = 0; c < tilted.mean.size(); ++c) tilted.mean[c] += weight * levels.mean[c][l];
    });
    for (double& mean : tilted.mean) mean /= sum;
    const double tilt = std::isinf(alpha) ? 0 : alpha * first / sum;
    tilted.kl = alpha == 0 ? 0 : std::max(tilt - std::log(sum / levels.drafts()), 0.0);
    tilted.effective_sample_size = sum * sum / squares;
    out.push_back(std::move(tilted));
  }
  return out;
}

std::vector<TiltedPrompt> TiltedDrafts::without_bias(double alpha, const std::vector<TiltedPrompt>& found,
                                                     std::size_t wins) const {
  std::vector<TiltedPrompt> out = found;
  for (std::size_t k = 0; k < out.size(); ++k) {
    const double drafts = prompts_[k].drafts();
    constexpr double fewest = 3;
    const auto one_less = drafts < fewest || std::isinf(alpha) ? std::nullopt : without_one(prompts_[k], alpha, wins);
    if (!one_less) continue;
    const auto mend = [&](double& x, double less) { x = drafts * x - (drafts - 1) * less; };
    mend(out[k].kl, one_less->kl);
    for (std::size_t c = 0; c < out[k].mean.size(); ++c) mend(out[k].mean[c], one_less->mean[c]);
  }
  return out;
}

}  // namespace tiltlab
