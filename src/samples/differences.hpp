#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "samples/estimates.hpp"
#include "samples/scored_drafts.hpp"

namespace tiltlab {

/** Which two curves are compared, and by what. */
struct DifferenceAsked {
  /** best_of_n; ceiling, majority or weighted_majority (by gold; majorities by the reward where there is no gold);
   * kl_rl, the tilt at best-of-N's KL. */
  std::string first;
  std::string second;
  /** reward, gold, win_rate or length. */
  std::string of;
  /** Of the subsets whose answers are elected; an integer below 2^53. */
  double seed = 1;
};

template <class F>
void fields(F&& f, DifferenceAsked& a) {
  f("first", a.first);
  f("second", a.second);
  f("of", a.of);
  f("seed", a.seed);
}

/** What the first has more than the second at one N, averaged over prompts. */
struct CurveDifference {
  double n = 1;
  PromptMean difference;
};

template <class F>
void fields(F&& f, const CurveDifference& d) {
  f("n", d.n);
  estimate_field(f, "difference", d.difference);
}

/** At the N that every prompt has drafts for, and as far as drafts carry both. */
struct CurveDifferences {
  std::vector<CurveDifference> differences;
};

template <class F>
void fields(F&& f, const CurveDifferences& d) {
  f("differences", d.differences);
}

/**
 * The difference of two curves with its interval, paired prompt by prompt: what both have in common, as hard prompts
 * and easy ones, is no doubt of which is better, so that curves whose own intervals overlap may be told apart.
 * Intervals are those of `prompt_interval`; with the likelihood where few prompts tell of both curves' values, of
 * either choice's rewards, or of where the two are not one. Of a single prompt they are those of `OnePrompt`: what
 * elections and chances to win are worth there has none, for want of one that holds, nor has a tilt of fewer than 100
 * effective drafts with rewards other than 0 and 1, since higher ones than were seen would decide. Where too few drafts
 * carry a tilt there is none.
 * @throws InputError naming samples.difference where a curve is not there, or has no such column
 */
[[nodiscard]] CurveDifferences curve_differences(const ScoredDrafts& drafts, const DifferenceAsked& asked);

}  // namespace tiltlab
