#include "numerics/roots.hpp"

#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <cstdint>
#include <string>

#include "error.hpp"

namespace tiltlab {

namespace {

/** Where curves lead nowhere, as beside an infinite slope, halving does. @param lo, hi f(lo) < 0 < f(hi) */
double halved(const std::function<double(double)>& f, double lo, double hi, const char* what) {
  constexpr int most_halvings = 2200;  // from the whole range of a double
  for (int i = 0; i < most_halvings; ++i) {
    const double middle = lo + (hi - lo) / 2;
    if (!(middle > lo && middle < hi)) return middle;
    const double here = f(middle);
    if (here == 0) return middle;
    if (std::isnan(here)) break;
    (here < 0 ? lo : hi) = middle;
  }
  throw NumericalError(std::string(what) + ": the root search did not converge");
}

}  // namespace

double bracketed_root(const std::function<double(double)>& f, double lo, double hi, const char* what) {
  double f_lo = f(lo);
  double f_hi = f(hi);
  if (f_lo == 0) return lo;
  if (f_hi == 0) return hi;
  if (!(f_lo < 0 && f_hi > 0)) {
    throw NumericalError(std::string(what) + ": no sign change between " + to_text(lo) + " and " + to_text(hi));
  }
  std::uintmax_t iterations = 200;
  const auto bracket = boost::math::tools::toms748_solve(f, lo, hi, f_lo, f_hi,
                                                         boost::math::tools::eps_tolerance<double>(52), iterations);
  const double root = bracket.first + (bracket.second - bracket.first) / 2;
  if (iterations < 200 && std::isfinite(root)) return root;
  return halved(f, lo, hi, what);
}

double positive_root(const std::function<double(double)>& f, double start, const char* what) {
  constexpr int most_doublings = 2200;  // the whole range of a double
  double lo = start;
  double hi = start;
  if (f(start) <= 0) {
    for (int i = 0; i < most_doublings && !(f(hi) >= 0); ++i) {
      lo = hi;
      hi *= 2;
    }
  } else {
    for (int i = 0; i < most_doublings && !(f(lo) <= 0); ++i) {
      hi = lo;
      lo /= 2;
    }
  }
  if (!std::isfinite(hi) || lo == 0) throw NumericalError(std::string(what) + ": no bracket found");
  return bracketed_root(f, lo, hi, what);
}

}  // namespace tiltlab
