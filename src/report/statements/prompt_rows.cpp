#include "report/statements/prompt_rows.hpp"

#include <utility>

namespace tiltlab {

namespace {

/** weight times KL against their sum, which is `all`. */
std::vector<double> shares(const std::vector<double>& weight, const std::vector<double>& kl, double all) {
  std::vector<double> out;
  for (std::size_t i = 0; i < kl.size(); ++i) out.push_back(all > 0 ? weight[i] * kl[i] / all : not_known);
  return out;
}

}  // namespace

PromptRows prompt_rows(const Prompts& m, const Budget& budget) {
  const PromptsTilt tilt = tilt_for(m, budget.kl);
  const PromptsBest bon = best_of(m, budget.kl, tilt);
  PromptRows rows;
  for (const Prompt& p : m.prompts) {
    rows.place.push_back(static_cast<double>(p.place));
    rows.weight.push_back(p.weight);
  }
  for (const Outcome& o : base_outcomes(m, base_of(m))) rows.reward.push_back(o.reward);
  for (const Outcome& o : outcomes(m, tilt)) {
    rows.kl_rl_kl.push_back(o.kl);
    rows.kl_rl_reward.push_back(o.reward);
  }
  for (const Outcome& o : outcomes(m, bon)) {
    rows.best_of_n_kl.push_back(o.kl);
    rows.best_of_n_reward.push_back(o.reward);
  }
  rows.gap = gaps_of(m, tilt, bon);
  rows.kl_rl_share = shares(rows.weight, rows.kl_rl_kl, tilt.kl);
  rows.best_of_n_share = shares(rows.weight, rows.best_of_n_kl, bon.kl);
  rows.alpha = tilt.alpha;
  return rows;
}

}  // namespace tiltlab
