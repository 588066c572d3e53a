#pragma once
#include <limits>
#include <optional>
#include <string>

namespace tiltlab {

inline constexpr double not_known = std::numeric_limits<double>::quiet_NaN();

/** What a number may be off, absolute. */
struct Uncertainty {
  /** By the method. */
  double error = 0;
  /** By the rounding of its last digits: stated only where it is remarkable. */
  double rounding = 0;
};

/** What any policy is judged by: rewards in the scenario's unit, KL(policy || p) in nats. */
struct PolicyReport {
  double reward = 0;
  double reward_sd = 0;
  double kl = 0;
  /** P(policy beats the base) + half the ties. */
  double win_rate = 0.5;
  double gold = 0;
};

/** Each field of a result is named once, here and in the structures below: what crosses the border has these names. */
template <class F>
void fields(F&& f, const PolicyReport& r) {
  f("reward", r.reward);
  f("reward_sd", r.reward_sd);
  f("kl", r.kl);
  f("win_rate", r.win_rate);
  f("gold", r.gold);
}

/** What a policy on a model comes to, each number with what it may be off. */
struct Outcome : PolicyReport {
  /** Inverse temperature of a tilt, per reward unit; infinite when saturated. */
  double alpha = not_known;
  Uncertainty of_reward;
  Uncertainty of_reward_sd;
  Uncertainty of_kl;
  Uncertainty of_win_rate;
  Uncertainty of_alpha;
  Uncertainty of_gold;
  /** What it cost, in multiplications, about. */
  double work = 0;
};

/** A difference of two rewards in the scenario's unit, or a divergence in nats. */
struct Compared {
  double value = 0;
  Uncertainty of_value;
};

/** Best-of-N against the optimum. */
struct Comparison {
  /** The optimum that spends what best-of-N does; its errors hold those of that KL. */
  Outcome at_bon_kl;
  /** KL(best-of-N || optimum at the budget), possibly infinite. */
  Compared kl_to_kl_rl;
  /** What best-of-N leaves of the reward: at the budget, and at its own KL. */
  Compared gap;
  Compared gap_at_bon_kl;
};

/** A policy that the scenario asks for beside the two. */
struct FurtherOutcome {
  Outcome outcome;
  /** KL(policy || optimum at the budget), possibly infinite. */
  Compared kl_to_kl_rl;
  /** The parameter that a KL stands for; NaN of a kind that has no such. */
  double parameter = not_known;
};

/** The base and two optima: at the budget, and of best-of-N's KL. */
template <class Tilt>
struct Optima {
  Tilt base;
  Tilt at_budget;
  Tilt at_bon_kl;
};

/** What a model can reach. */
struct Extremes {
  /** Distinct rewards; NaN where counting them costs too much, or where there are no levels. */
  double levels = not_known;
  double reward_max = 0;
  /** -log P(largest reward), nats: from this budget on the optimum is saturated; infinite where it never is. */
  double kl_max = 0;
  /** Whether there is a largest reward. */
  bool bounded = true;
  /** The error that every number may have, relative to max(1, |x|), where nothing else is said. */
  double stated_error = 0;
  /** How best-of-N was come by, where that is not exact; empty else. */
  std::string note = {};
};

/** Limits of the reward per token of n f(S/n), in the scenario's unit: where they differ, best-of-N and KL-RL are not
 * equivalent. */
struct TransformedLimits {
  double best_of_n = 0;
  double kl_rl = 0;
};

/** The paper's limits at the scenario's rate. Rewards in the scenario's unit, divergences in nats. */
struct Limits {
  double rate = 0;
  double alpha = 0;
  double reward_per_token = 0;
  double variance_per_token = 0;
  /** NaN where the sharp terms do not apply. */
  double gap_sharp = 0;
  double kl_to_kl_rl_sharp = 0;
  /** What is proved of the gap at this length: at least, and at most. */
  double gap_lower = not_known;
  double gap_upper = not_known;
  /** Of chains, log c of log E e^(a S) = n Lambda(a) + log c + o(1): what the ends of a sequence weigh. */
  std::optional<double> log_constant = {};
  /** Under a transform alone; then nothing but the rate and alpha stands beside it. */
  std::optional<TransformedLimits> transformed = {};
};

template <class F>
void fields(F&& f, const Limits& l) {
  f("rate", l.rate);
  f("alpha", l.alpha);
  if (l.transformed) {
    f("best_of_n_reward_per_token", l.transformed->best_of_n);
    f("kl_rl_reward_per_token", l.transformed->kl_rl);
    return;
  }
  f("reward_per_token", l.reward_per_token);
  f("variance_per_token", l.variance_per_token);
  f("gap_sharp", l.gap_sharp);
  f("kl_to_kl_rl_sharp", l.kl_to_kl_rl_sharp);
  f("gap_lower", l.gap_lower);
  f("gap_upper", l.gap_upper);
  if (l.log_constant) f("log_constant", *l.log_constant);
}

}  // namespace tiltlab
