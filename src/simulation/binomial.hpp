#pragma once
#include <cstdint>

#include "simulation/philox_words.hpp"

namespace tiltlab {

/** What a binomial's success probability is needed for, computed once. */
class Success {
 public:
  /** @param p in [0, 1] */
  explicit Success(double p);

  /**
   * A variate of n trials, exact up to the rounding of its probabilities: by inversion where n p is small, else by
   * transformed rejection (W. Hoermann, "The generation of binomial random variates", 1993, algorithm BTRD's
   * squeezes).
   */
  [[nodiscard]] std::int64_t count(BulkStream& random, std::int64_t n) const;

 private:
  [[nodiscard]] std::int64_t rejected(BulkStream& random, double trials) const;

  /** The rarer of success and failure. */
  double p_ = 0;
  double log_q_ = 0;
  bool certain_ = false;
  bool failures_ = false;
};

/**
 * log of the probability of k successes in n trials, 0 < k < n, to the digits of a double at any n.
 * Source: C. Loader, "Fast and accurate computation of binomial probabilities" (2000).
 */
[[nodiscard]] double binomial_log_mass(double n, double p, double k);

}  // namespace tiltlab
