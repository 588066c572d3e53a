#include "samples/equivalence.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "error.hpp"
#include "samples/order_statistics.hpp"
#include "samples/tilted_drafts.hpp"
#include "simulation/philox.hpp"

namespace tiltlab {
namespace {

constexpr std::size_t least_drafts = 100;
constexpr double least_sample = 10;
constexpr int resamples = 1000;

/** What is asked of a law: in the order of `Equivalence`. */
enum Quantity { base, kl_rl, best_of_n, best_of_n_kl, gap, kl_to_kl_rl, quantities };
using Quantities = std::array<double, quantities>;

/** The drafts by level, and how many of them a resample has of each. */
class Law {
 public:
  explicit Law(std::vector<double> ascending) : levels_(1) {
    levels_[0] = levels_of(ascending, {ascending});
    for (std::size_t l = 0, i = 0; l < levels_[0].upto.size(); ++l)
      for (; static_cast<double>(i) < levels_[0].upto[l]; ++i) level_.push_back(l);
  }

  [[nodiscard]] const DraftLevels& levels() const { return levels_[0]; }
  [[nodiscard]] TiltedDrafts tilted() const { return TiltedDrafts(levels_); }
  /** As many drafts as there are, each a random one of them. */
  [[nodiscard]] Law resample(RandomStream& random) const {
    const auto size = static_cast<double>(level_.size());
    std::vector<double> counts(levels_[0].upto.size());
    for (std::size_t i = 0; i < level_.size(); ++i)
      counts[level_[static_cast<std::size_t>(random.uniform() * size)]] += 1;
    Law out;
    out.levels_.resize(1);
    out.levels_[0].mean.resize(1);
    double upto = 0;
    for (std::size_t l = 0; l < counts.size(); ++l) {
      if (counts[l] == 0) continue;
      out.levels_[0].upto.push_back(upto += counts[l]);
      out.levels_[0].mean[0].push_back(levels_[0].mean[0][l]);
    }
    return out;
  }

 private:
  Law() = default;

  /** Of the one prompt that there is. */
  std::vector<DraftLevels> levels_;
  /** Of each draft. */
  std::vector<std::size_t> level_;
};

/** What a law has, and the standard deviation of what as many drafts of it would have. */
struct Measured {
  Quantities value{};
  Quantities deviation{};
};

/**
 * Both policies at a law of counts, and by the delta method how far off they may be: each quantity's slope in the
 * chance of each level. Of best-of-N's chances F_l^N these are N F_l^(N-1); of the optimum's reward at a fixed KL, by
 * the envelope theorem, weight / alpha; of its alpha by the KL that is to stay.
 */
class Measurement {
 public:
  /** @param alpha where to begin to look for the tilt's, and what is found */
  Measurement(const Law& law, double kl, double n, double& alpha)
      : reward_(law.levels().mean[0]), upto_(law.levels().upto), size_(reward_.size()) {
    alpha = law.tilted().alpha_at(kl, alpha);
    alpha_ = alpha;
    tilt();
    choose(n);
  }

  [[nodiscard]] Measured all() const {
    Measured out;
    double tilted_reward = 0;
    double best_reward = 0;
    double base_reward = 0;
    double spread = 0;
    std::vector<double> rise(size_);
    std::vector<double> over_tilt(size_);
    for (std::size_t l = 0; l < size_; ++l) {
      base_reward += mass_[l] * reward_[l];
      tilted_reward += mass_[l] * weight_[l] * reward_[l];
      best_reward += chosen_[l] * reward_[l];
    }
    for (std::size_t l = 0; l < size_; ++l) {
      spread += mass_[l] * weight_[l] * (reward_[l] - tilted_reward) * (reward_[l] - tilted_reward);
      // Of a chance that is no number any more nothing is left.
      if (chosen_[l] <= 0) continue;
      rise[l] = std::log(chosen_[l] / mass_[l]);
      over_tilt[l] = rise[l] - std::log(weight_[l]);
      out.value[Quantity::best_of_n_kl] += chosen_[l] * rise[l];
      out.value[kl_to_kl_rl] += chosen_[l] * over_tilt[l];
    }
    out.value[base] = base_reward;
    out.value[kl_rl] = tilted_reward;
    out.value[best_of_n] = best_reward;
    out.value[gap] = tilted_reward - best_reward;
    if (size_ == 1) return out;

    const std::vector<double> of_best = slopes(reward_);
    const std::vector<double> of_best_kl = slopes(rise);
    const std::vector<double> of_over_tilt = slopes(over_tilt);
    for (std::size_t l = 0; l < size_; ++l) {
      const double more = weight_[l] - 1;
      const double chosen_more = chosen_[l] / mass_[l] - 1;
      const double of_alpha = spread > 0 && alpha_ > 0
                                  ? -(weight_[l] * (alpha_ * (reward_[l] - tilted_reward) - 1) + 1) / (alpha_ * spread)
                                  : 0;
      const double of_optimum = alpha_ > 0 ? more / alpha_ : reward_[l] - base_reward;
      Quantities slope{};
      slope[base] = reward_[l] - base_reward;
      slope[kl_rl] = of_optimum;
      slope[best_of_n] = of_best[l];
      slope[Quantity::best_of_n_kl] = of_best_kl[l] - chosen_more;
      slope[gap] = of_optimum - of_best[l];
      slope[kl_to_kl_rl] = of_over_tilt[l] - chosen_more + more + out.value[gap] * of_alpha;
      for (std::size_t q = 0; q < quantities; ++q) out.deviation[q] += mass_[l] * slope[q] * slope[q];
    }
    for (double& each : out.deviation) each = std::sqrt(each / upto_.back());
    return out;
  }

 private:
  void tilt() {
    weight_.resize(size_);
    mass_.resize(size_);
    double sum = 0;
    for (std::size_t l = 0; l < size_; ++l) {
      mass_[l] = (upto_[l] - (l == 0 ? 0 : upto_[l - 1])) / upto_.back();
      // At the top 0 times infinity is to be 0.
      weight_[l] = l + 1 == size_ ? 1 : std::exp(alpha_ * (reward_[l] - reward_.back()));
      sum += mass_[l] * weight_[l];
    }
    for (double& each : weight_) each /= sum;
  }
  void choose(double n) {
    chosen_.resize(size_);
    density_.resize(size_);
    double below = 0;
    for (std::size_t l = 0; l < size_; ++l) {
      const double share = upto_[l] / upto_.back();
      const double power = std::pow(share, n);
      chosen_[l] = power - below;
      density_[l] = n * power / share;
      below = power;
    }
  }
  /** Of sum over levels of chosen_l c_l, in the chance of each level, less their mean. */
  [[nodiscard]] std::vector<double> slopes(const std::vector<double>& c) const {
    std::vector<double> out(size_);
    double sum = 0;
    double mean = 0;
    for (std::size_t l = size_ - 1; l-- > 0;) {
      const double step = density_[l] * (c[l + 1] - c[l]);
      sum -= step;
      mean += step * upto_[l] / upto_.back();
      out[l] = sum;
    }
    for (double& each : out) each += mean;
    return out;
  }

  const std::vector<double>& reward_;
  const std::vector<double>& upto_;
  std::size_t size_;
  double alpha_ = 0;
  std::vector<double> mass_;
  /** Of the tilt over the law, of mean 1. */
  std::vector<double> weight_;
  /** Best-of-N's chances, and N F^(N - 1). */
  std::vector<double> chosen_;
  std::vector<double> density_;
};

TiltHeldOut hold_out(const std::vector<double>& drawn, double kl) {
  const auto half = static_cast<std::ptrdiff_t>(drawn.size() / 2);
  const auto law = [](auto from, auto to) {
    std::vector<double> part(from, to);
    std::sort(part.begin(), part.end());
    return Law(std::move(part));
  };
  const Law learned = law(drawn.begin(), drawn.begin() + half);
  const Law seen = law(drawn.begin() + half, drawn.end());
  TiltHeldOut out;
  out.alpha = learned.tilted().alpha_at(kl, 1);
  const TiltedPrompt there = seen.tilted().at(out.alpha)[0];
  out.kl = there.kl;
  out.reward = there.mean[0];
  out.effective_sample_size = there.effective_sample_size;
  return out;
}

void check(std::span<const double> rewards) {
  if (rewards.empty()) throw InputError("drafts", "there are none");
  for (std::size_t i = 0; i < rewards.size(); ++i)
    if (!std::isfinite(rewards[i]))
      throw InputError("drafts[" + std::to_string(i) + "].reward", to_text(rewards[i]) + " is not a finite number");
}

}  // namespace

DraftLaw law_of_drafts(std::span<const double> rewards) {
  check(rewards);
  std::vector<double> ascending(rewards.begin(), rewards.end());
  std::sort(ascending.begin(), ascending.end());
  const DraftLevels levels = levels_of(ascending, {ascending});
  DraftLaw out;
  out.drafts = levels.drafts();
  out.reward = levels.mean[0];
  double below = 0;
  for (const double upto : levels.upto) {
    out.p.push_back((upto - below) / levels.drafts());
    below = upto;
  }
  return out;
}

Equivalence measure_equivalence(std::span<const double> rewards, double kl, std::uint64_t seed) {
  check(rewards);
  if (!(kl >= 0 && kl <= 700)) throw InputError("kl", to_text(kl) + " is not in [0, 700]");
  const std::vector<double> drawn(rewards.begin(), rewards.end());
  std::vector<double> ascending = drawn;
  std::sort(ascending.begin(), ascending.end());
  const Law law(std::move(ascending));

  Equivalence out;
  out.drafts = law.levels().drafts();
  out.kl = kl;
  out.n = std::exp(kl);
  out.alpha = 1;
  const Measured seen = Measurement(law, kl, out.n, out.alpha).all();
  out.effective_sample_size = law.tilted().at(out.alpha)[0].effective_sample_size;
  out.is_refused = drawn.size() < least_drafts || out.effective_sample_size < least_sample || out.n > out.drafts / 10;
  if (out.is_refused) return out;

  std::array<std::vector<double>, quantities> off;
  for (int r = 0; r < resamples; ++r) {
    RandomStream random(seed, StreamOf::extra, static_cast<std::uint32_t>(r), 0);
    double alpha = out.alpha;
    const Measured there = Measurement(law.resample(random), kl, out.n, alpha).all();
    for (std::size_t q = 0; q < quantities; ++q)
      if (there.deviation[q] > 0) off[q].push_back((there.value[q] - seen.value[q]) / there.deviation[q]);
  }
  const auto told = [&](Quantity q) {
    const double value = seen.value[q];
    std::sort(off[q].begin(), off[q].end());
    const std::size_t count = off[q].size();
    if (count == 0) return FromDrafts{value, {value, value}};
    const auto at = [&](double share) { return off[q][static_cast<std::size_t>(share * static_cast<double>(count))]; };
    constexpr double normal = 1.959963984540054;
    const double low = value - std::max(at(0.975), normal) * seen.deviation[q];
    const double high = value - std::min(at(0.025), -normal) * seen.deviation[q];
    const bool is_kl = q == Quantity::best_of_n_kl || q == Quantity::kl_to_kl_rl;
    return FromDrafts{value, {is_kl ? std::max(low, 0.0) : low, high}};
  };
  out.base = told(base);
  out.kl_rl = told(kl_rl);
  out.best_of_n = told(best_of_n);
  out.best_of_n_kl = told(Quantity::best_of_n_kl);
  out.gap = told(gap);
  out.kl_to_kl_rl = told(kl_to_kl_rl);
  out.held_out = hold_out(drawn, kl);
  return out;
}

}  // namespace tiltlab
