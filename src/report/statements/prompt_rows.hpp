#pragma once
#include <vector>

#include "models/budget.hpp"
#include "models/prompts.hpp"

/** A statement beyond arXiv 2404.01730: where one budget for several prompts is spent. */
namespace tiltlab {

/**
 * Each prompt by itself, under the common alpha and under the same N, one entry a prompt that is ever asked. Rewards in
 * the scenario's unit, KL divergences from the prompt's own base in nats; weighted means over prompts are those of the
 * report.
 */
struct PromptRows {
  /** In the scenario, from 0. */
  std::vector<double> place;
  /** Of all weights, whose sum is 1. */
  std::vector<double> weight;
  std::vector<double> kl_rl_kl;
  std::vector<double> best_of_n_kl;
  std::vector<double> reward;
  std::vector<double> kl_rl_reward;
  std::vector<double> best_of_n_reward;
  /** What KL-RL earns more than best-of-N, by the digits of the difference. */
  std::vector<double> gap;
  /** weight times KL, of all that is spent; NaN where nothing is. */
  std::vector<double> kl_rl_share;
  std::vector<double> best_of_n_share;
  /** Common to all, per reward unit; infinite where each prompt keeps its largest reward alone. */
  double alpha = 0;
};

template <class F>
void fields(F&& f, const PromptRows& r) {
  f("place", r.place);
  f("weight", r.weight);
  f("kl_rl_kl", r.kl_rl_kl);
  f("best_of_n_kl", r.best_of_n_kl);
  f("reward", r.reward);
  f("kl_rl_reward", r.kl_rl_reward);
  f("best_of_n_reward", r.best_of_n_reward);
  f("gap", r.gap);
  f("kl_rl_share", r.kl_rl_share);
  f("best_of_n_share", r.best_of_n_share);
  f("alpha", r.alpha);
}

/** @throws NumericalError as the report */
[[nodiscard]] PromptRows prompt_rows(const Prompts& m, const Budget& budget);

}  // namespace tiltlab
