#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "laws/tilted_chain.hpp"

namespace tiltlab {

/** Frequencies 2 pi f / period, first <= f < end, in increasing order. */
struct FrequencyRange {
  std::int64_t first;
  std::int64_t end;
};

/**
 * How a chain whose transitions earn what the state does that they enter forgets, at any frequency. On functions of
 * states under the stationary law P is 1 on the constants and at most s, its second singular value, across them; a
 * frequency w multiplies by D = diag(e^(i w r)), unitary, of which phi(w), the characteristic function of one
 * stationary reward, is what maps constants to constants. With S = 1 on the constants and s across them P = S^1/2 Q
 * S^1/2, |Q| <= 1, so that |(P D)^n| <= |S^1/2 D S^1/2|^(n - 1), and that norm is known: with c = |phi(w)| it is the
 * larger root of x^2 - c (1 - s) x - s.
 */
class Contraction {
 public:
  /** @param length @param log_share of `ChainSum` */
  Contraction(const TiltedChain& t, std::int64_t length, double log_share);

  /** As `significant_frequencies`, which begin with the `lobe` first, of those under `end`; empty where this proves
   * nothing: of transitions with rewards of their own, of states that do not recur, where P keeps what the law should
   * forget. */
  [[nodiscard]] std::optional<std::vector<FrequencyRange>> frequencies(std::int64_t period, std::int64_t lobe,
                                                                       double decay, std::int64_t end) const;

 private:
  /** 1 - |phi(w)|^2, and its derivative. */
  struct Dip {
    double value;
    double slope;
  };
  [[nodiscard]] Dip dip_at(double w) const;

  std::vector<double> reward_;
  /** Stationary probabilities, one a state, and the variance of one reward under them. */
  std::vector<double> share_;
  double variance_ = 0;
  double singular_ = 1;
  double length_;
  /** log of what the ends of a sequence make of a power, at most. */
  double ends_ = 0;
};

}  // namespace tiltlab
