#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tiltlab {

/** A file of scored drafts, a value a row in each column; an optional column is empty where the file has none. */
struct DraftColumns {
  /** Which prompt the draft answers: 0 to prompts - 1. */
  std::vector<std::uint32_t> prompt;
  /** What the draft is chosen by, reward units; finite. */
  std::vector<double> reward;
  /** What it is judged by, gold units; finite; optional. */
  std::vector<double> gold;
  /** log p(draft) under the law that drew it, nats; finite and at most 0; optional. */
  std::vector<double> log_probability;
  /** Its length, in whatever unit; finite; optional. */
  std::vector<double> length;
  /** Which answer it gives: drafts of one prompt with equal numbers agree; optional. */
  std::vector<std::uint32_t> answer;
};

template <class F>
void fields(F&& f, DraftColumns& c) {
  f("prompt", c.prompt);
  f("reward", c.reward);
  f("gold", c.gold);
  f("logprob", c.log_probability);
  f("length", c.length);
  f("answer", c.answer);
}

/**
 * The same by prompts, and within each in ascending order of reward; among equals of gold, length, log-probability and
 * answer, so that the order of the rows changes no bit of what follows.
 */
struct ScoredDrafts {
  /** Where each prompt's drafts begin, and the end of the last: prompts + 1 places. */
  std::vector<std::size_t> start;
  DraftColumns columns;
  /** Which row of the file each draft was. */
  std::vector<std::uint32_t> row;

  [[nodiscard]] std::size_t prompts() const { return start.size() - 1; }
  [[nodiscard]] std::size_t drafts(std::size_t prompt) const { return start[prompt + 1] - start[prompt]; }
  [[nodiscard]] std::size_t fewest() const;
  [[nodiscard]] std::size_t most() const;
};

/**
 * Groups and sorts.
 * @throws InputError naming samples.rows where there is none, where a column has another length than `prompt`, where a
 * number is not finite or beyond 1e100, or where a prompt below the largest has no draft
 */
[[nodiscard]] ScoredDrafts make_scored_drafts(DraftColumns columns);

}  // namespace tiltlab
