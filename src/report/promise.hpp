#pragma once
#include <string>

#include "report/report.hpp"

namespace tiltlab {

/** Holds the numbers of a report to what its `error_bound` promises. */
class Promise {
 public:
  explicit Promise(Report& report) : report_(report) {}

  /**
   * Takes the number out where its absolute error is past `largest_error_bound` of max(1, |x|), else raises the
   * report's bound to it. Infinite numbers are exact.
   * @param rounding what the last digits may be off, stated only where it is remarkable
   */
  void hold(const char* name, double& x, double error, double rounding = 0);
  /** Names a reward that no double holds. */
  void in_range(const char* name, double x);
  /** Writes the report's notes. */
  void close();

 private:
  Report& report_;
  std::string unknown_;
  std::string too_large_;
};

}  // namespace tiltlab
