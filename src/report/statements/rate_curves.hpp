#pragma once
#include <vector>

#include "models/tokens.hpp"

/** A statement of arXiv 2404.01730; units as in `shared.hpp`. */
namespace tiltlab {

/** Rate functions at increasing rewards, and the exact -(1/n) log P of the same events where the law tells it. */
struct RateCurves {
  std::vector<double> reward;
  std::vector<double> base;
  std::vector<double> kl_rl;
  /** Infinite below KL-RL's mean. */
  std::vector<double> best_of_n;
  struct Exact {
    std::vector<double> reward;
    std::vector<double> rate;
  };
  /** At or above x for x above the policy's mean, at or below x under it. */
  Exact exact_base;
  Exact exact_kl_rl;
  Exact exact_best_of_n;
  double mean_base = 0;
  double mean_kl_rl = 0;
};

template <class F>
void fields(F&& f, const RateCurves::Exact& c) {
  f("reward", c.reward);
  f("rate", c.rate);
}

template <class F>
void fields(F&& f, const RateCurves& c) {
  f("reward", c.reward);
  f("base", c.base);
  f("kl_rl", c.kl_rl);
  f("best_of_n", c.best_of_n);
  f.group("exact", [&](auto& exact) {
    exact("base", c.exact_base);
    exact("kl_rl", c.exact_kl_rl);
    exact("best_of_n", c.exact_best_of_n);
  });
  f("mean_base", c.mean_base);
  f("mean_kl_rl", c.mean_kl_rl);
}
/** @param points of each curve on either side of the mean @param exact points on either side */
[[nodiscard]] RateCurves rate_curves(const Tokens& model, const Budget& budget, int points, int exact);

}  // namespace tiltlab
