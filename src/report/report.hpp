#pragma once
#include <optional>
#include <string>
#include <vector>

#include "models/tokens.hpp"

namespace tiltlab {

/** Metrics of one policy: rewards in the scenario's unit, KL in nats. */
struct PolicyReport {
  double reward = 0;
  double reward_sd = 0;
  double kl = 0;
  double win_rate = 0.5;
  double gold = 0;
};

struct ModelReport : PolicyReport {
  /** Distinct rewards; NaN where counting them costs too much. */
  double levels = 0;
  double reward_max = 0;
  double kl_max = 0;
};

struct KlRlReport : PolicyReport {
  /** Inverse temperature, per reward unit; infinite when saturated. */
  double alpha = 0;
};

struct BestOfNReport : PolicyReport {
  /** log N - (N - 1)/N */
  double kl_bound = 0;
  /** KL(best-of-N || KL-RL at the budget), possibly infinite. */
  double kl_to_kl_rl = 0;
};

struct LimitsReport {
  double rate = 0;
  double alpha = 0;
  double reward_per_token = 0;
  double variance_per_token = 0;
  /** NaN where the sharp terms do not apply. */
  double gap_sharp = 0;
  double kl_to_kl_rl_sharp = 0;
};

struct GapReport {
  double reward = 0;
  double reward_at_bon_kl = 0;
};

/** Report, version 1: see the schema of the same name in the documentation of the facade. */
struct Report {
  ModelReport model;
  double kl = 0;
  double log_n = 0;
  KlRlReport kl_rl;
  BestOfNReport best_of_n;
  KlRlReport kl_rl_at_bon_kl;
  GapReport gap;
  std::optional<LimitsReport> limits;
  /**
   * Every number x, differences and standard deviations too, is within error_bound * max(1, |x|) of the exact one; 0
   * where nothing was approximated. A number that could not be had within `largest_error_bound` is NaN, and `notes`
   * names it.
   */
  double error_bound = 0;
  std::vector<std::string> notes;
};

inline constexpr double largest_error_bound = 1e-3;

/** A policy that a scenario asks for beside the two: kind, and n and alpha, or mu. */
struct ExtraPolicy {
  enum class Kind { soft_best_of_n, best_of_poisson };
  Kind kind = Kind::soft_best_of_n;
  /** n >= 1 or mu >= 0. */
  double draws = 1;
  /** Per reward unit, of the soft one. */
  double alpha = 0;
};

/**
 * The policies' metrics, on the model's law: listed where that is affordable, else around its mean, which serves up to
 * `most_smooth_draws`.
 * @throws InputError naming `policies[i]`
 */
[[nodiscard]] std::vector<PolicyReport> evaluate_policies(const Model& model, const std::vector<ExtraPolicy>& policies);
inline constexpr double most_smooth_draws = 1e4;

/** The same with the law and the policies laid on it. */
struct LaidPolicies {
  RewardLaw law;
  std::vector<Policy> policies;
  std::vector<PolicyReport> reports;
};
[[nodiscard]] LaidPolicies lay_policies(const Model& model, const std::vector<ExtraPolicy>& policies);

/** Best-of-N of a model in the token law's own reward scale, totals kept to 31 digits for differences. */
struct BestOfNOutcome {
  DoubleDouble reward;
  double sd = 0;
  double kl = 0;
  /** kl_max - kl, to its own digits where best-of-N is nearly saturated. */
  DoubleDouble kl_deficit;
  /** Rounding of the better known of the two, nats. */
  double kl_rounding = 0;
  double win_rate = 0.5;
  double gold = 0;
  double kl_to_kl_rl = 0;
  BestOfNLaw::Errors errors;
  /** The law it was computed on; empty at N = 1. */
  std::optional<BestOfNLaw> at;
};

/** @param tilt the optimum at rate log_n / length, to which the KL is also taken */
[[nodiscard]] BestOfNOutcome best_of_n_outcome(const Model& model, const DoubleDouble& log_n, const TokenTilt& tilt,
                                               Workbench* bench = nullptr);

/** @throws NumericalError */
[[nodiscard]] Report evaluate(const Model& model, const Budget& budget);

}  // namespace tiltlab
