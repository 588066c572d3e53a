#pragma once
#include <cstdint>
#include <vector>

#include "simulation/token_table.hpp"

namespace tiltlab {

/**
 * Binomial variates of one success probability and up to some thousands of trials, which change from one to the next:
 * the sum of one variate from a table for each hexadecimal digit of the number of trials.
 */
class CountTables {
 public:
  static constexpr std::int64_t most_trials = 8192;

  /** About how many counts the tables hold: what making them costs. */
  [[nodiscard]] static double cells(double p, std::int64_t trials);

  /** @param p in [0, 1] @param trials the largest number of them, at most `most_trials` */
  CountTables(double p, std::int64_t trials);

  /** @param further decides ties, as in `TokenTable::at` */
  [[nodiscard]] std::int64_t count(BulkStream& random, RandomStream& further, std::int64_t trials) const {
    std::int64_t sum = 0;
    for (const Table* digit = tables_.data(); trials > 0; trials >>= 4, digit += 16) {
      const std::int64_t d = trials & 15;
      if (d == 0) continue;
      const Table& t = digit[d];
      sum += t.first + t.table.token(t.table.at(random.word(), further));
    }
    return sum;
  }

 private:
  struct Table {
    TokenTable table;
    /** The least count. */
    std::int64_t first = 0;
  };
  /** Of d 16^k trials at 16 k + d; nothing at d = 0. */
  std::vector<Table> tables_;
};

}  // namespace tiltlab
