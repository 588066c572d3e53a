#pragma once
#include <optional>
#include <vector>

#include "models/budget.hpp"
#include "models/chain.hpp"

/** A statement beyond arXiv 2404.01730: what the optimum of a chain is as a chain. */
namespace tiltlab {

/**
 * The optimum over sequences of n transitions, p(y) e^(alpha S(y)) / Z, is a chain whose transitions depend on how many
 * follow: h_n = 1, h_k(x) = sum_y P(x, y) e^(alpha r(x, y)) h_(k + 1)(y), and step k + 1 goes from x to y with
 * probability P e^(alpha r) h_(k + 1)(y) / h_k(x). Far from the end that is Doob's chain, P e^(alpha r) v(y) /
 * (e^Lambda v(x)), v the right vector of the largest eigenvalue. Source: Doob's h-transform; Miller (1961) as in
 * `tilted_chain.hpp`.
 *
 * Matrices are rows one after another, from each state that a sequence may visit to all of these; rows sum to 1.
 */
struct ChainMatrices {
  /** The states' places in the scenario, from 0. */
  std::vector<double> state;
  std::vector<double> base;
  /** The optimum's at its first, its middle and its last step; empty where it is of no finite alpha, or where the chain
   * takes too long to forget its end. */
  std::vector<double> first;
  std::vector<double> middle;
  std::vector<double> last;
  /** Empty where the chain has no one limit, or none that is found here. */
  std::vector<double> limit;
  /** Which step the middle is, of as many as there are; both count from 1. */
  double middle_step = 1;
  double length = 1;
  /** The largest difference between entries of two of them; NaN where either is empty. */
  double middle_to_limit = not_known;
  double first_to_limit = not_known;
  double last_to_limit = not_known;
};

template <class F>
void fields(F&& f, const ChainMatrices& c) {
  f("state", c.state);
  f("base", c.base);
  f("first", c.first);
  f("middle", c.middle);
  f("last", c.last);
  f("limit", c.limit);
  f("middle_step", c.middle_step);
  f("length", c.length);
  f("middle_to_limit", c.middle_to_limit);
  f("first_to_limit", c.first_to_limit);
  f("last_to_limit", c.last_to_limit);
}

/** @throws NumericalError where the optimum is not found */
[[nodiscard]] ChainMatrices chain_matrices(const Chain& chain, const Budget& budget);

/**
 * The optimum's transitions as a matrix over the states of `law`, where `after` more follow; empty where that many
 * steps take too long. @param b inverse temperature per lattice step, finite
 */
[[nodiscard]] std::vector<double> optimal_transitions(const MarkovLaw& law, double b, std::int64_t after);

}  // namespace tiltlab
