#include "samples/prompt_values.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tiltlab {

namespace {

/** How often answers are elected by random subsets: more where there are few drafts. */
std::size_t election_draws(const ScoredDrafts& drafts) {
  constexpr double work = 2e7;
  constexpr double fewest = 20;
  constexpr double most = 1000;
  return static_cast<std::size_t>(std::clamp(work / static_cast<double>(drafts.row.size()), fewest, most));
}

}  // namespace

LevelColumns level_columns(const ScoredDrafts& drafts) {
  return {!drafts.columns.gold.empty(), !drafts.columns.length.empty()};
}

ValueReach column_reach(const ScoredDrafts& drafts, std::size_t column) {
  const LevelColumns columns = level_columns(drafts);
  const std::vector<double>& values = column == LevelColumns::reward_at                 ? drafts.columns.reward
                                      : columns.gold && column == LevelColumns::gold_at ? drafts.columns.gold
                                                                                        : drafts.columns.length;
  if (std::all_of(values.begin(), values.end(), [](double v) { return v == 0 || v == 1; })) return {0, 1, true};
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return {*low, *high, false};
}

ValueReach win_reach(double n) { return {0.5, n / (n + 1), true}; }

DraftLevels reward_levels(const ScoredDrafts& drafts, std::size_t prompt) {
  const LevelColumns columns = level_columns(drafts);
  const auto reward = part(drafts.columns.reward, drafts, prompt);
  // The second keeps a place for the chance to win, which the levels themselves tell.
  std::vector<std::span<const double>> of{reward, reward};
  if (columns.gold) of.push_back(part(drafts.columns.gold, drafts, prompt));
  if (columns.length) of.push_back(part(drafts.columns.length, drafts, prompt));
  DraftLevels levels = levels_of(reward, of);
  levels.mean[LevelColumns::win_at] = win_chances(levels);
  return levels;
}

std::vector<std::vector<double>> choice_means(const DraftLevels& levels, BestOfNMeans& means) {
  std::vector<std::vector<double>> out = means(levels, LevelColumns::win_at);
  out[LevelColumns::win_at] = means.win_rates(levels);
  return out;
}

std::vector<double> ceiling_means(const ScoredDrafts& drafts, std::size_t prompt, BestOfNMeans& means) {
  const auto gold = part(drafts.columns.gold, drafts, prompt);
  std::vector<double> sorted(gold.begin(), gold.end());
  std::sort(sorted.begin(), sorted.end());
  return means(levels_of(sorted, {sorted}))[0];
}

EffectiveSize effective_size(const std::vector<TiltedPrompt>& prompts) {
  EffectiveSize out;
  std::vector<double> effective;
  for (const TiltedPrompt& prompt : prompts) {
    effective.push_back(prompt.effective_sample_size);
    out.mean += prompt.effective_sample_size / static_cast<double>(prompts.size());
  }
  const auto middle = effective.begin() + static_cast<std::ptrdiff_t>(effective.size() / 2);
  std::nth_element(effective.begin(), middle, effective.end());
  out.median = *middle;
  return out;
}

namespace {

bool has_at_least(const EffectiveSize& size, double fewest) { return size.mean >= fewest && size.median >= fewest; }

}  // namespace

bool is_carried(const EffectiveSize& size) {
  // Under so many equal drafts a tilt says nothing.
  constexpr double fewest = 10;
  return has_at_least(size, fewest);
}

bool tells_doubt(const EffectiveSize& size) {
  constexpr double fewest = 16;
  return has_at_least(size, fewest);
}

std::vector<CarriedTilt> carried_tilts(const TiltedDrafts& tilted, const std::vector<double>& kl) {
  std::vector<CarriedTilt> out;
  // Of the last tilts that were found: in logarithms alpha is nearly a line of the KL.
  double start = 1;
  double last_kl = 0;
  double slope = 0.5;
  for (const double budget : kl) {
    CarriedTilt tilt;
    const double guess = last_kl > 0 && budget > 0 ? start * std::pow(budget / last_kl, slope) : start;
    tilt.alpha = tilted.alpha_at(budget, guess);
    if (tilt.alpha > 0 && std::isfinite(tilt.alpha)) {
      // Small tilts buy their square; later ones less and less.
      constexpr double steepest = 3;
      if (last_kl > 0 && budget > last_kl)
        slope = std::clamp(std::log(tilt.alpha / start) / std::log(budget / last_kl), 0.5, steepest);
      start = tilt.alpha;
      last_kl = budget;
    }
    tilt.prompts = tilted.at(tilt.alpha);
    tilt.size = effective_size(tilt.prompts);
    if (!is_carried(tilt.size)) break;
    out.push_back(std::move(tilt));
  }
  return out;
}

bool is_rung(double n, double rows) {
  constexpr double many = 3e5;
  if (rows > many) return std::log2(n) == std::floor(std::log2(n));
  constexpr double each = 8;
  if (n <= each) return true;
  double octave = each;
  while (octave * 2 <= n) octave *= 2;
  return std::fmod(n, octave / 4) == 0;
}

VoteMeans election_means(const ScoredDrafts& drafts, std::size_t prompt, const std::vector<double>& sizes,
                         std::uint64_t seed) {
  const auto& [of, reward, gold, log_probability, length, answer] = drafts.columns;
  const Voters voters{part(answer, drafts, prompt), part(reward, drafts, prompt),
                      part(gold.empty() ? reward : gold, drafts, prompt)};
  return vote_means(voters, sizes, election_draws(drafts), seed, static_cast<std::uint32_t>(prompt));
}

}  // namespace tiltlab
