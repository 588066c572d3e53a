#pragma once
#include <optional>
#include <vector>

namespace tiltlab {

/** How gold goes with d = sqrt(KL) in the experiments of Gao, Schulman and Hilton, arXiv 2210.10760, equation 1. */
enum class GoldForm {
  /** d (a - b d), of best-of-N. */
  best_of_n,
  /** d (a - b log d), of reinforcement learning. */
  rl,
};

/** That form as it is nearest to a path. */
struct GoldFit {
  /** Gold a root of a nat, and what is lost of it. */
  double a = 0;
  double b = 0;
  /** The base's gold and what the form adds to it, at each point of the path. */
  std::vector<double> gold;
};

template <class F>
void fields(F&& f, const GoldFit& g) {
  f("a", g.a);
  f("b", g.b);
  f("gold", g.gold);
}

/**
 * Least squares over the points of a path, each alike; one that spends no more than the one before, as past saturation,
 * is left out.
 * @param kl nats, increasing from 0, where `gold` is the base's
 * @return empty where fewer than three points spend anything
 */
[[nodiscard]] std::optional<GoldFit> gold_fit(const std::vector<double>& kl, const std::vector<double>& gold,
                                              GoldForm form);

}  // namespace tiltlab
