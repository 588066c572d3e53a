#pragma once
#include <cstdint>
#include <vector>

#include "laws/markov_law.hpp"

namespace tiltlab {

/**
 * A chain under the tilt p(x -> y) e^(b r(x, y)), r in lattice steps: the largest eigenvalue e^Lambda of that matrix
 * and its vectors u, v > 0, and the chain of Doob, p e^(b r) v(y) / (e^Lambda v(x)), which sequences of the tilt follow
 * far from their ends. Source: Miller, "A convexity property in the theory of random variables defined on a finite
 * Markov chain" (1961); Dembo and Zeitouni, "Large Deviations", section 3.1.
 */
struct TiltedChain {
  double b = 0;
  /** Lambda(b) and Lambda'(b), in 31 digits: a sequence has as many times these as transitions. */
  DoubleDouble lambda;
  DoubleDouble rho;
  /** Lambda''(b): the variance that each transition adds in the long run. */
  double variance = 0;
  /** Doob's transition probabilities, one entry a transition of the law. */
  std::vector<double> weight;
  /** Their stationary probabilities, one entry a state. */
  std::vector<double> stationary;
  /** initial(x) v(x) and 1 / v(x), each up to a factor of its own, whose logarithms' sum is `log_ends`. */
  std::vector<double> start;
  std::vector<double> end;
  DoubleDouble log_ends;
  /** reward - rho of each level. */
  std::vector<double> centred;
  /** The law's transitions, by the states they leave and enter, and their levels. */
  std::vector<Transition> transitions;
  std::int64_t period = 1;
};

/** @param recurrence of the law @param b finite @throws NumericalError where weights leave a double's range */
[[nodiscard]] TiltedChain tilted_chain(const MarkovLaw& law, const Recurrence& recurrence, double b);

/**
 * What the sum S of `length` transitions is under the tilt by e^(b S), ends included: its law is that of the
 * non-stationary chain which is optimal for so many transitions.
 */
struct ChainSum {
  /** log E e^(b S), and its derivatives: the tilted mean and variance. */
  DoubleDouble log_mgf;
  DoubleDouble mean;
  double variance = 0;
  /** log of start times Doob's chain to the power `length` times end. */
  double log_share = 0;
  /** Transitions after which nothing but the limit is left, to a double's digits; at most `length`. */
  double mixing = 0;
};

/** log (initial . v)(u . 1) with u . v = 1: log E e^(b S) less Lambda times the length, in the long run. */
[[nodiscard]] double log_constant(const TiltedChain& t);

/** Tells from what each further step changes whether all that follow, a geometric series, change nothing any more. */
class Settling {
 public:
  /** @param change of the last step, against the size of what changes @param steps since the last change told */
  [[nodiscard]] bool is_settled(double change, int steps = 1);

 private:
  double before_ = 1;
  double least_ = 1;
  int idle_ = 0;
};

/** @throws NumericalError where the chain mixes so slowly that so many transitions take too long */
[[nodiscard]] ChainSum sum_of(const TiltedChain& t, std::int64_t length);

}  // namespace tiltlab
