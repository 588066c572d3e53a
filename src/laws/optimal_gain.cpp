#include "laws/optimal_gain.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "error.hpp"
#include "numerics/log_domain.hpp"

namespace tiltlab {

namespace {

/** KL of a tilt, nats, and the variance of its steps. */
struct Spent {
  double kl;
  double variance;
};

/** Tilts of a law in doubles, from steps less their mean. */
class Tilts {
 public:
  explicit Tilts(const TokenLaw& law) : law_(law), exponent_(law.size()) {
    const double mean = mean_step(law, law.p);
    for (const double x : law.position) centred_.push_back(x - mean);
  }
  [[nodiscard]] Spent at(double b) {
    double largest = -infinity;
    for (std::size_t i = 0; i < centred_.size(); ++i) {
      exponent_[i] = law_.log_p[i] + b * centred_[i];
      largest = exponent_[i] > largest ? exponent_[i] : largest;
    }
    // What is fainter has no part in a double's digits.
    constexpr double faint = 60;
    double sum = 0, first = 0, second = 0;
    for (std::size_t i = 0; i < centred_.size(); ++i) {
      if (exponent_[i] < largest - faint) continue;
      const double w = std::exp(exponent_[i] - largest);
      sum += w;
      first += w * centred_[i];
      second += w * centred_[i] * centred_[i];
    }
    const double mean = first / sum;
    return {b * mean - largest - std::log(sum), second / sum - mean * mean};
  }

 private:
  const TokenLaw& law_;
  std::vector<double> centred_;
  std::vector<double> exponent_;
};

/** The tilt of a KL, to a double's digits but a few; empty where Newton's steps do not find it soon. */
std::optional<double> tilt_of(const TokenLaw& law, double nats) {
  Tilts tilts(law);
  double b = std::sqrt(2 * nats / tilts.at(0).variance);
  constexpr int most_steps = 20;
  constexpr double near = 1e-8;
  for (int i = 0; i < most_steps; ++i) {
    const Spent here = tilts.at(b);
    if (!(here.kl > 0 && here.variance > 0)) break;
    // The root of the KL is nearly a straight line.
    const double step = 2 * std::sqrt(here.kl) * (std::sqrt(nats) - std::sqrt(here.kl)) / (b * here.variance);
    if (!(b + step > 0)) break;
    b += step;
    // Each step squares the share that is left.
    if (std::fabs(step) < near * b) return b;
  }
  return std::nullopt;
}

DoubleDouble mean_at(const TokenLaw& law, double nats) {
  if (nats == 0) return cumulants(law, 0).mean;
  // Beside a base or a top that leave few digits all of them count.
  constexpr double least = 0.05;
  const bool is_between = nats > least && nats < kl_max(law).value() / 2;
  const auto b = is_between ? tilt_of(law, nats) : std::nullopt;
  if (!b) return solve_tilt(law, nats).mean;
  const Cumulants at = cumulants(law, *b);
  const DoubleDouble kl = DoubleDouble(*b) * at.mean - at.lambda;
  return at.mean + (DoubleDouble(nats) - kl) / DoubleDouble(*b);
}

}  // namespace

double optimal_gain(const TokenLaw& law, double from, double to) {
  try {
    return std::ldexp((law.unit * (mean_at(law, to) - mean_at(law, from))).value(), law.exponent);
  } catch (const NumericalError&) {
    return std::numeric_limits<double>::quiet_NaN();
  }
}

}  // namespace tiltlab
