#pragma once
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace tiltlab {

/**
 * How sequences are drawn:
 * - tokens: each token of each of the N drafts;
 * - types: how often each token occurs in a draft, by binomials, whatever the length;
 * - order: best-of-N's reward by inverting its distribution function, for any N; the rest as `types`.
 */
enum class Method { tokens, types, order };

/** Soft best-of-n or Best-of-Poisson beside the two policies, with the law of its total step. */
struct ExtraPlan {
  bool soft = true;
  /** n, an integer where drafts are drawn; or mu. */
  double draws = 1;
  /** Of the soft one: alpha per step. */
  double b = 0;
  std::vector<double> step;
  std::vector<double> cdf;
  std::vector<double> log_ratio;
  double centre = 0;
};

/** Everything a replicate needs; a step is a reward in lattice units, so that totals of tokens are exact and tie
 * exactly. */
struct SimulationPlan {
  Method method = Method::tokens;
  std::uint64_t seed = 1;
  /** Drafts of best-of-N, an integer below 2^32; any real number at least 1 for `order`. */
  double draws = 1;
  double log_n = 0;
  std::int64_t length = 1;
  /** One entry an outcome. */
  std::vector<double> p;
  std::vector<double> tilted;
  std::vector<double> step;
  std::vector<double> gold;
  /** log p of the outcome's level, for the plug-in estimator of best-of-N's KL. */
  std::vector<double> log_level;
  /** Totals within this of each other tie: 0 on a lattice. */
  double same = 0;
  /** KL-RL's log(phi / p) of a sequence of total step s: b s - n Lambda. */
  double b = 0;
  double log_normaliser = 0;
  /** Past saturation phi is the largest total alone; infinite before. */
  double only_step = HUGE_VAL;
  /** For `order`: total steps increasing, with best-of-N's distribution function and log P of each level. */
  std::vector<double> order_step;
  std::vector<double> order_cdf;
  std::vector<double> order_log_p;
  double order_stride = 1;
  /** Totals near which the sums of the base, and of KL-RL and best-of-N, are taken, so that squares do not cancel. */
  double centre_base = 0;
  double centre_tilted = 0;
  std::vector<ExtraPlan> extras;
  /** Numbers that `simulate` returns: `Sums::size`, and `Sums::per_policy` for each of the extras. */
  [[nodiscard]] std::size_t sums() const;
};

/** Sums over replicates of a policy's estimates: x and x^2. */
struct Sums {
  static constexpr std::size_t per_policy = 8;
  /** base, KL-RL, best-of-N; then five of the importance weights: w, w^2, w x, w^2 x, w^2 x^2. */
  static constexpr std::size_t size = 3 * per_policy + 5;
};

/**
 * Sums of `count` replicates from `first`, in their order: `Sums::size` numbers. Each replicate depends on its number
 * and the seed alone, so any machine may compute any share.
 */
[[nodiscard]] std::vector<double> simulate(const SimulationPlan& plan, std::uint32_t first, std::uint32_t count);

/**
 * KL(best-of-N || p) from one selected draft of probability e^log_p, in nats.
 * Source: Beirami et al., "Theoretical guarantees on the best-of-n alignment policy", arXiv 2401.01879, the estimator.
 */
[[nodiscard]] double plug_in_kl(double log_p, double log_n);

}  // namespace tiltlab
