#pragma once
#include <cmath>
#include <cstdint>
#include <vector>

#include "laws/reward_law.hpp"
#include "laws/token_law.hpp"

/**
 * What the statements of Yang et al., arXiv 2404.01730, ask of a sequence whose reward is a sum, of independent tokens
 * or of a chain's transitions, in forms that both have. A token stands for a transition too; rewards in the scenario's
 * unit and per token, rates and divergences in nats per token, tilts b in the lattice's steps.
 */
namespace tiltlab {

/** Multiplications that a statement's curve may cost, about half a second; what is past them is left out. */
inline constexpr double most_statement_work = 2e8;

/** The way from a token's steps to the scenario's rewards. */
struct StepScale {
  const TokenLaw& law;

  [[nodiscard]] double reward(DoubleDouble step) const {
    return std::ldexp((law.base + law.unit * step).value(), law.exponent);
  }
  [[nodiscard]] double alpha(double b) const { return std::ldexp(b / law.unit.value(), -law.exponent); }
  /** What one more nat buys at the tilt b. */
  [[nodiscard]] double next_nat(double b) const { return std::ldexp(law.unit.value() / b, law.exponent); }
  /** alpha * base reward, which Lambda in the scenario's rewards has beside Lambda in steps. */
  [[nodiscard]] double shift(double b) const { return b * (law.base / law.unit).value(); }
};

/** Every sum of a sequence of some length, as a law. */
struct ListedSums {
  std::int64_t length = 1;
  RewardLaw law;
  /** A sum in steps is first + unit * offset. */
  double unit = 1;
  double first = 0;
  /** The optimum of this length at the rate, in the law's steps; infinite when saturated. */
  double b = 0;
};

/** A reward per token and the log of the probability of one at least as far out. */
struct Tail {
  double reward_per_token;
  double log_tail;
};

/** Tails at the model's length, in increasing order of their rewards, on either side of the mean. */
struct ExactTails {
  struct Sides {
    std::vector<Tail> lower;
    std::vector<Tail> upper;
  };
  Sides base;
  Sides kl_rl;
};

/** Laws of one token, or of a step of a chain from each state, that are none of the tilts. */
struct WeighedSteps {
  /** In steps, in the long run. */
  DoubleDouble mean;
  /** To the base and to the optimum, nats per token. */
  double kl = 0;
  double kl_to_optimum = 0;
};

}  // namespace tiltlab
