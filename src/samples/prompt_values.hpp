#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "samples/order_statistics.hpp"
#include "samples/prompt_interval.hpp"
#include "samples/scored_drafts.hpp"
#include "samples/tilted_drafts.hpp"
#include "samples/votes.hpp"

/** What estimates and their differences take from a file of scored drafts, prompt by prompt. */
namespace tiltlab {

/** What a prompt's levels are the means of: reward, chance to win, then gold and length where the file has them. */
struct LevelColumns {
  bool gold = false;
  bool length = false;

  static constexpr std::size_t reward_at = 0;
  static constexpr std::size_t win_at = 1;
  static constexpr std::size_t gold_at = 2;
  [[nodiscard]] std::size_t length_at() const { return gold ? 3 : 2; }
  [[nodiscard]] std::size_t count() const { return length_at() + (length ? 1 : 0); }
  /** What a choice is judged by. */
  [[nodiscard]] std::size_t judged_at() const { return gold ? gold_at : reward_at; }
};

[[nodiscard]] LevelColumns level_columns(const ScoredDrafts& drafts);

/** A prompt's part of a column. */
template <class T>
[[nodiscard]] std::span<const T> part(const std::vector<T>& column, const ScoredDrafts& drafts, std::size_t prompt) {
  return {column.data() + drafts.start[prompt], drafts.drafts(prompt)};
}

/**
 * Between what a prompt's mean of a column lies: of zeros and ones [0, 1], strictly; else the values that the file has.
 * @param column one of `level_columns` but for the win rate
 */
[[nodiscard]] ValueReach column_reach(const ScoredDrafts& drafts, std::size_t column);
/** Of best-of-n's win rate over one more draft: from all ties to none. */
[[nodiscard]] ValueReach win_reach(double n);

/** A prompt's levels of reward, with the mean of each of `level_columns`. */
[[nodiscard]] DraftLevels reward_levels(const ScoredDrafts& drafts, std::size_t prompt);

/** Of best-of-N, a curve a column: what it has on average, and how often it beats one more draft. */
[[nodiscard]] std::vector<std::vector<double>> choice_means(const DraftLevels& levels, BestOfNMeans& means);

/** Of best-of-N by gold itself, at the N of `means`. */
[[nodiscard]] std::vector<double> ceiling_means(const ScoredDrafts& drafts, std::size_t prompt, BestOfNMeans& means);

/** How many equal drafts a tilt is worth: mean over prompts, and the middle prompt's. */
struct EffectiveSize {
  double mean = 0;
  double median = 0;
};
[[nodiscard]] EffectiveSize effective_size(const std::vector<TiltedPrompt>& prompts);

/** Whether there are enough of them for a tilt to say anything. */
[[nodiscard]] bool is_carried(const EffectiveSize& size);

/** Whether there are enough for its intervals: of fewer they hold less than 19 times in 20, whatever is done. */
[[nodiscard]] bool tells_doubt(const EffectiveSize& size);

/** A tilt that enough drafts carry. */
struct CarriedTilt {
  double alpha = 0;
  EffectiveSize size;
  std::vector<TiltedPrompt> prompts;
};

/** The tilts at each of `kl`, nats, up to the first that too few drafts carry. */
[[nodiscard]] std::vector<CarriedTilt> carried_tilts(const TiltedDrafts& tilted, const std::vector<double>& kl);

/** Whether a tilt is laid beside best-of-N at n: each to 8, then four an octave; of very many drafts one an octave. */
[[nodiscard]] bool is_rung(double n, double rows);

/** What the answers that a prompt's drafts elect are worth: their gold, or without gold their reward. */
[[nodiscard]] VoteMeans election_means(const ScoredDrafts& drafts, std::size_t prompt, const std::vector<double>& sizes,
                                       std::uint64_t seed);

}  // namespace tiltlab
