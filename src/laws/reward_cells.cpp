#include "laws/reward_cells.hpp"

#include <algorithm>
#include <cmath>

#include "numerics/cold.hpp"
#include "numerics/exponential.hpp"
#include "numerics/sine_cosine.hpp"

namespace tiltlab {

namespace {
/** |b half| up to here: (1/4)^13 / 13! is 2e-18. */
constexpr double resolved = 0.25;
}  // namespace

NearBase NearBase::of(double b, double a, double first, double second) {
  NearBase out;
  out.a = a;
  out.gain = first / (1 + a);
  out.variance = second / (1 + a) - out.gain * out.gain;
  out.kl = b * out.gain - std::log1p(a);
  return out;
}

double NearBase::gain_of(double b, double nats) const {
  const double off = nats - kl;
  return gain + off / b * (1 - off / (2 * b * b * variance));
}

TILTLAB_COLD RewardCells::RewardCells(std::span<const double> x, std::span<const double> weight, std::size_t cells)
    : half_((x.back() - x.front()) / 2 / static_cast<double>(cells)) {
  const double last = static_cast<double>(cells - 1);
  for (std::size_t i = 0; i < x.size();) {
    const double index = std::min(std::floor((x[i] - x.front()) / (2 * half_)), last);
    const double middle = x.front() + (2 * index + 1) * half_;
    // A value on the border of two may lie a rounding outside.
    const double end = index < last ? middle + half_ : x.back();
    const double scale = 1 / half_;
    double of_cell[moments] = {};
    do {
      const double at = (x[i] - middle) * scale;
      double power = weight[i];
      for (double& of : of_cell) {
        of += power;
        power *= at;
      }
    } while (++i < x.size() && x[i] <= end);
    middle_.push_back(middle);
    moment_.insert(moment_.end(), of_cell, of_cell + moments);
  }
}

double RewardCells::cells_for(std::span<const double> x, double most) {
  return std::max(1.0, std::ceil((x.back() - x.front()) / 2 * std::fabs(most) / resolved));
}

TILTLAB_COLD NearBase RewardCells::near_base(double b) const {
  const double t = b * half_;
  double a = 0;
  double first = 0;
  double second = 0;
  for (std::size_t i = 0; i < middle_.size(); ++i) {
    const double c = middle_[i];
    const double* m = &moment_[i * moments];
    const double y = b * c;
    double minus_one = 0;
    double rest = 0;
    exponentials_less_one({&y, 1}, {&minus_one, 1}, {&rest, 1});
    // E u^j e^{t u} in the cell for j = 0, 1, 2, without the terms of t^0 (and for j = 0 of t^1).
    double none = 0;
    double one = 0;
    double two = 0;
    for (std::size_t k = orders; k >= 1; --k) {
      const double share = t / static_cast<double>(k);
      if (k >= 2) none = share * (m[k] + none);
      one = share * (m[k + 1] + one);
      two = share * (m[k + 2] + two);
    }
    none *= t;
    const double e = 1 + minus_one;
    // e^{y + t u} - 1 - y - t u, whose first order in u is left to e^y - 1.
    a += m[0] * rest + minus_one * t * m[1] + e * none;
    const double all = t * m[1] + none;
    // x (e^{bx} - 1), x = c + half u
    first += c * (m[0] * minus_one + e * all) + half_ * (m[1] * minus_one + e * one);
    // x^2 e^{bx}
    second += e * (c * (c * (m[0] + all) + 2 * half_ * (m[1] + one)) + half_ * half_ * (m[2] + two));
  }
  return NearBase::of(b, a, first, second);
}

TILTLAB_COLD std::vector<std::complex<double>> RewardCells::turned(double dw, std::size_t count) const {
  std::vector<std::complex<double>> out(count);
  for (std::size_t j = 1; j < count; ++j) {
    const double w = dw * static_cast<double>(j);
    const double t = w * half_;
    double re = 0;
    double im = 0;
    for (std::size_t i = 0; i < middle_.size(); ++i) {
      const double* m = &moment_[i * moments];
      // E (e^{i t u} - 1): even orders are real, odd ones imaginary.
      double even = 0;
      double odd = 0;
      for (std::size_t k = orders; k >= 1; --k) {
        const double share = t / static_cast<double>(k);
        // i (odd + i even) = -even + i odd, one order lower
        const double turned = -share * odd;
        odd = share * (m[k] + even);
        even = turned;
      }
      const auto [s, c] = sine_cosine(w * middle_[i] / 2);
      const double sine = 2 * s * c;
      const double less = -2 * s * s;
      const double whole = m[0] + even;
      re += less * whole + even - sine * odd;
      im += sine * whole + odd + less * odd;
    }
    out[j] = {re, im};
  }
  return out;
}

}  // namespace tiltlab
