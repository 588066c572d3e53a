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
 * Best-of-N of rewards that are split between two points of a lattice each, so that a sum S becomes S + M with
 * E[M | S] = 0. Best-of-N's mean is monotone in the convex order, and no rule earns more of S than best-of-N of S
 * itself: it lies between E[S + M] and E[S] under the choice by S + M, and is set in the middle. Their distance is
 * E[M | chosen], of second order in the steps. (Shaked and Shanthikumar, Stochastic Orders, 3.A.)
 * Empty where the law of the sum is not smooth at the scale of M, so that M parts what would tie.
 * @param levels of the window
 */
[[nodiscard]] std::optional<BestOfNLaw> on_split_rewards(const Tokens& model, DoubleDouble log_n, const TokenTilt& near,
                                                         double levels);

/**
 * How often KL-RL loses, of rewards that are split where the tilt and the base meet: a sum's difference from another is
 * then moved by what has mean 0, which counts in the second order.
 */
[[nodiscard]] std::optional<LossOf> split_loss(const Tokens& model, const TokenTilt& tilt);

}  // namespace tiltlab
