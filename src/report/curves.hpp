#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "report/report.hpp"

namespace tiltlab {

/** What a reader is told beside the report; rewards in the scenario's unit. */
struct Derived {
  /** N = e^log_n; infinite past 1e308. */
  double n = 1;
  double log10_n = 0;
  /** NaN for models without a length. */
  double kl_per_token = 0;
  double gap_per_token = 0;
  double base_reward_per_token = 0;
  double kl_rl_reward_per_token = 0;
  double best_of_n_reward_per_token = 0;
  /** What the optimal policy earns for its first nat of KL, and for one more than the budget; NaN where not known. */
  double first_nat = 0;
  double next_nat = 0;
};

[[nodiscard]] Derived derived(const Model& model, const Report& report);
/** @param length tokens of a sequence; empty for models without a length */
[[nodiscard]] Derived derived(const Report& report, std::optional<std::int64_t> length);

/** @throws InputError where `points` is not in [2, 10000] */
void check_points(int points);

/** 0 .. count - 1, ends first, then ever finer in between: what is affordable of it covers the whole axis. */
[[nodiscard]] std::vector<std::size_t> coarse_to_fine(std::size_t count);

/** Fewer points for large alphabets, each of whose tilts costs as much as its outcomes. */
[[nodiscard]] int affordable_points(int points, const TokenLaw& token);

/** A policy's path through the reward-KL plane, parametrised by its budget (KL for KL-RL, log N for best-of-N). */
struct Path {
  std::vector<double> budget;
  /** KL(policy || p), nats. */
  std::vector<double> kl;
  std::vector<double> reward;
};

struct Frontier {
  Path kl_rl;
  Path best_of_n;
  /** Best-of-N at the round numbers of draws 16, 256, 65536, 10^6, 10^9, ... with log N <= kl_end. */
  Path marks;
  std::vector<double> mark_n;
};

/**
 * Both paths at `points` budgets from 0 to kl_end, denser near 0 where both rise like a square root.
 * @param kl_end > 0, nats @param points 2 .. 10000 @throws InputError
 */
[[nodiscard]] Frontier frontier(const Model& model, double kl_end, int points);

struct PathPoint {
  /** NaN where it could not be had. */
  double kl;
  double reward;
  /** What it cost, in multiplications, about. */
  double work = 0;
};
/**
 * The same for any model, from what each policy earns at a budget in nats. Where points are dear there are fewer, from
 * coarse to fine.
 */
[[nodiscard]] Frontier frontier_of(double kl_end, int points, const std::function<PathPoint(double)>& kl_rl,
                                   const std::function<PathPoint(double)>& best_of_n);

/** A law of the reward per token (of the draw where the model has no length) on increasing points or bins. */
struct LawCurve {
  std::vector<double> x;
  /** Probability of the point, or of the bin of `width` around it. */
  std::vector<double> mass;
  /** mass / width: probability per unit of x; the mass itself where the width is 0. */
  std::vector<double> density;
  /** Distance of neighbouring points or width of the bins; 0 for a law on one point. */
  double width = 0;
  double mean = 0;
  double sd = 0;
};

struct LawCurves {
  LawCurve base;
  LawCurve kl_rl;
  LawCurve best_of_n;
};

/** The three laws on about `points` points each, the far tails (mass under 1e-9) left out. @throws InputError */
[[nodiscard]] LawCurves law_curves(const Model& model, const Budget& budget, int points);

/** Per-token gap against length at the budget's rate. One entry a length; NaN where a term does not apply. */
struct GapCurve {
  std::vector<double> length;
  /** (E_KL-RL S - E_best-of-N S) / n, reward units. */
  std::vector<double> gap;
  std::vector<double> gap_sharp;
  /** log(2 pi n a^2 s^2) / (2 a n): the first order, which leaves out the constant and the lattice. */
  std::vector<double> gap_first_order;
  /** KL(best-of-N || KL-RL) / n, nats. */
  std::vector<double> kl_to_kl_rl;
  std::vector<double> kl_to_kl_rl_sharp;
};

/** `points` lengths from 1 to 10^9, equally spaced in their logarithm, as integers. @throws InputError */
[[nodiscard]] GapCurve gap_curve(const Model& model, const Budget& budget, int points);

}  // namespace tiltlab
