#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "laws/markov_law.hpp"
#include "laws/token_law.hpp"
#include "laws/transform.hpp"

namespace tiltlab {

/** A mean reward t = Lambda'(alpha), in the scenario's unit, and its rate I(t) = alpha t - Lambda(alpha), nats a token.
 */
struct MeanRate {
  double mean = 0;
  double rate = 0;
};

/** The rate function I of the mean S/n of a long sequence: the Legendre transform of its scaled cumulants Lambda. */
struct MeanRates {
  /** @param alpha the inverse temperature, of any sign, finite */
  std::function<MeanRate(double alpha)> at;
  /** The least and the largest mean, with their rates. */
  MeanRate low;
  MeanRate high;
};

/** Of independent tokens: I(t) = KL(tilt || p) of one token (Cramer's theorem). `law` outlives it. */
[[nodiscard]] MeanRates mean_rates(const TokenLaw& law);
/** The same chain with every reward's negative. */
[[nodiscard]] MarkovLaw negated(MarkovLaw law);
/** Of transitions of a chain, Lambda the logarithm of the tilted transitions' largest eigenvalue; `law` outlives it.
 * @throws InputError where the chain has no such limits: several classes recur, or its rewards share no lattice */
[[nodiscard]] MeanRates mean_rates(const MarkovLaw& law);

/**
 * Limits of policies on the reward n f(S/n), per token. With J(x) = inf {I(t): f(t) = x}, a value's rate, and J** its
 * convex hull, at a budget of delta nats a token best-of-N with N = e^(n delta) earns sup {x: J(x) <= delta}, since it
 * finds whatever is more likely than 1/N, and KL-RL earns sup {x: J**(x) <= delta}, since it may mix two values. At a
 * jump of f both limits count as values. Source: Dembo and Zeitouni, "Large Deviations", theorems 4.2.1 (contraction)
 * and 4.3.1 (Varadhan); the equivalence of linear rewards is Yang et al., arXiv 2404.01730.
 */
class TransformedRates {
 public:
  TransformedRates(MeanRates rates, const Transform& f);

  /** sup {x: J(x) <= delta}; delta >= 0, nats a token. */
  [[nodiscard]] double best_of_n(double delta) const;

  struct KlRl {
    /** sup {x: J**(x) <= delta} */
    double reward = 0;
    /** dJ** / dx there: the inverse temperature of the limit, infinite where more budget buys nothing. */
    double alpha = 0;
  };
  [[nodiscard]] KlRl kl_rl(double delta) const;

  /** J(x), nats a token; infinite where no mean has the value x. */
  [[nodiscard]] double rate(double x) const;
  /** J**(x); infinite outside of [least, largest]. */
  [[nodiscard]] double hull(double x) const;

  /** inf f and sup f over all means. */
  [[nodiscard]] double least() const { return least_; }
  [[nodiscard]] double largest() const { return largest_; }
  /** Values at the ends of all pieces of f: where J may break. */
  [[nodiscard]] std::vector<double> breaks() const;

 private:
  /** A mean with the tilt that has it; infinite at the least and the largest. */
  struct Tilted {
    double alpha = 0;
    MeanRate at;
  };
  struct Piece {
    TransformPiece of;
    Tilted from;
    Tilted to;
    /** Of a curved piece, tilts from one end to the other. */
    std::vector<Tilted> grid = {};
  };
  /** max_t a f(t) - I(t), by Varadhan's lemma the scaled cumulant of the transformed reward, and where it is attained.
   */
  struct Support {
    double value = 0;
    double reward = 0;
    double rate = 0;
  };

  [[nodiscard]] Tilted tilted_to(double mean) const;
  [[nodiscard]] std::vector<Tilted> grid_of(const Tilted& from, const Tilted& to) const;
  [[nodiscard]] Support support(double a) const;
  void consider(const Piece& piece, double a, Support& best) const;
  void consider_curve(const Piece& piece, double a, Support& best) const;
  [[nodiscard]] std::optional<double> mean_of(const Piece& piece, double x) const;

  MeanRates rates_;
  const Transform& f_;
  double mean_;
  std::vector<Piece> pieces_ = {};
  double least_ = 0;
  double largest_ = 0;
};

}  // namespace tiltlab
