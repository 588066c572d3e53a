#pragma once
#include <optional>
#include <vector>

#include "models/tokens.hpp"

/** A statement of arXiv 2404.01730; units as in `shared.hpp`. */
namespace tiltlab {

/** The simplex of policies over the tokens of a three-level model; every point is (w_1, w_2, w_3) by increasing reward.
 */
struct Simplex {
  struct Points {
    std::vector<double> first;
    std::vector<double> second;
    std::vector<double> third;
  };
  Points base;
  Points optimum;
  /** q = softmax r, which the tilt leans towards. */
  Points reward_model;
  /** T(p, q, alpha) for alpha from 0 to the largest that shows. */
  Points tilts;
  /** The boundary of {w: KL(w || p) <= rate}. */
  Points ball;
  /** Ends of lines of equal reward, two points each; the optimum's own is the first. */
  Points level_lines;
  std::vector<double> level_rewards;
  /** Expected shares of tokens in best-of-N's sequences as log N grows from 0 past the budget. */
  Points best_of_n;
  std::vector<double> best_of_n_log_n;
  /** The length at which they were counted. */
  double length = 1;
};

template <class F>
void fields(F&& f, const Simplex::Points& c) {
  f("first", c.first);
  f("second", c.second);
  f("third", c.third);
}

template <class F>
void fields(F&& f, const Simplex& c) {
  f("base", c.base);
  f("optimum", c.optimum);
  f("reward_model", c.reward_model);
  f("tilts", c.tilts);
  f("ball", c.ball);
  f("level_lines", c.level_lines);
  f("level_rewards", c.level_rewards);
  f("best_of_n", c.best_of_n);
  f("best_of_n_log_n", c.best_of_n_log_n);
  f("length", c.length);
}
/** Empty unless the model has exactly three distinct rewards. */
[[nodiscard]] std::optional<Simplex> simplex(const Tokens& model, const Budget& budget, int points);

}  // namespace tiltlab
