#pragma once
#include <cstdint>
#include <optional>
#include <span>

#include "models/best_of_n_law.hpp"

/** Rewards of so many sums that no method lists them, brought to a lattice that a window can hold. */
namespace tiltlab {

/** Levels of a window that is made only because no better method holds, and of one law of a curve. */
inline constexpr double affordable_window = 1 << 17;
inline constexpr double window_of_many = 1 << 15;
/** Rewards of which each value of psi is dear. */
inline constexpr std::size_t many_tokens = 200;
/** Tokens whose sum may have a law of few lobes. */
inline constexpr std::int64_t shortest_of_few_lobes = 24;

/**
 * The token with its rewards moved to a lattice that a window can hold, or to one that nearly holds them already, their
 * mean under `weights` held.
 */
[[nodiscard]] TokenLaw moved_token(const Tokens& model, std::span<const double> weights);

/** The token with each reward split between two points of a lattice that a window can hold. */
[[nodiscard]] TokenLaw split_token(const Tokens& model, double levels = affordable_window);

/** Best-of-N of the moved rewards. Its error is of first order in the moves. */
[[nodiscard]] std::optional<BestOfNLaw> on_moved_rewards(const Tokens& model, DoubleDouble log_n,
                                                         const TokenTilt& near);

/**
 * Rewards that are split between two points of a lattice each, for best-of-N of any N: a sum S becomes S + M with
 * E[M | S] = 0. Best-of-N's mean is monotone in the convex order, and no rule earns more of S than best-of-N of S
 * itself: it lies between E[S + M] and E[S] under the choice by S + M, and is set in the middle. Their distance is
 * E[M | chosen], of second order in the steps. (Shaked and Shanthikumar, Stochastic Orders, 3.A.)
 */
class SplitRewards {
 public:
  /** @param levels of the window that holds the sums' law */
  SplitRewards(const Tokens& model, double levels);
  /**
   * For a curve's many points. A law of few lobes needs no window, however long it is; any other has as many points as
   * a window holds.
   */
  static SplitRewards of_many(const Tokens& model, bool few_lobes);

  /** Whether no lattice tells any but the farthest rewards from the others. */
  [[nodiscard]] bool is_too_far() const { return law().size() == 0; }
  [[nodiscard]] std::int64_t length() const { return length_; }
  [[nodiscard]] bool few_lobes() const { return few_lobes_; }
  [[nodiscard]] const TokenLaw& law() const { return split_.law; }
  /** Empty where a window does not hold the law, or it has not the few lobes that it should. */
  [[nodiscard]] std::optional<BestOfNLaw> best_of_n(DoubleDouble log_n) const;

 private:
  SplitRewards(const Tokens& model, std::int64_t intervals, bool few_lobes);

  /** Without gold where the model has none. */
  SplitLaw split_;
  std::int64_t length_;
  bool few_lobes_;
};

/** Best-of-N of rewards split for it alone; empty where they are too far apart, or as `SplitRewards::best_of_n`. */
[[nodiscard]] std::optional<BestOfNLaw> on_split_rewards(const Tokens& model, DoubleDouble log_n, double levels);

/**
 * How often KL-RL loses, of rewards that are split where the tilt and the base meet: a sum's difference from another is
 * then moved by what has mean 0, which counts in the second order.
 */
[[nodiscard]] std::optional<LossOf> split_loss(const Tokens& model, const TokenTilt& tilt);

}  // namespace tiltlab
