#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace tiltlab {

/** The answer of a draft that gives none: it has no vote. */
inline constexpr std::uint32_t no_answer = 0xffffffff;

/** One prompt's drafts as voters. */
struct Voters {
  std::span<const std::uint32_t> answer;
  /** What a vote weighs in the weighted majority; those below 0 count nothing. */
  std::span<const double> weight;
  /** What the answer is worth that wins: the mean over the prompt's drafts that give it. */
  std::span<const double> value;
};

/** Mean worth of the answer that n of the drafts elect, at each n of `sizes`. */
struct VoteMeans {
  std::vector<double> majority;
  /** Votes weighed by `weight`. Source: X. Li et al., "Making language models better reasoners with step-aware
   * verifier" (2023). */
  std::vector<double> weighted;
};

/**
 * By `draws` random orders of the drafts, of which each n sees the first n: a subset of n without replacement. Answers
 * that tie share the election equally. Where no vote weighs anything all weigh the same; where no draft of the subset
 * answers, a random one of these is taken. Source: X. Wang et al., "Self-consistency improves chain of thought
 * reasoning" (2023).
 * @param sizes ascending integers from 1 to the number of drafts
 * @param prompt tells this prompt's random numbers from another's
 */
[[nodiscard]] VoteMeans vote_means(const Voters& voters, const std::vector<double>& sizes, std::size_t draws,
                                   std::uint64_t seed, std::uint32_t prompt);

}  // namespace tiltlab
