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

/** A tilt: its KL, nats, its mean step less the centre's, and the variance of its steps. */
struct Spent {
  double kl;
  double gain;
  double variance;
};

/** Tilts of a law in doubles, from steps less their mean, or less the top, near which rewards have their digits there.
 */
class Tilts {
 public:
  Tilts(const TokenLaw& law, bool from_top) : law_(law), exponent_(law.size()) {
    mean_ = from_top ? 0 : mean_step(law, law.p);
    centred_.reserve(law.size());
    for (std::size_t i = 0; i < law.size(); ++i) centred_.push_back(from_top ? -law.drop[i] : law.position[i] - mean_);
  }
  /** How far from its end of the range a gain lies: steps there are rounded relative to that. */
  [[nodiscard]] double size(double gain) const { return std::fabs(mean_ + gain); }
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
    return {b * mean - largest - std::log(sum), mean, second / sum - mean * mean};
  }

 private:
  const TokenLaw& law_;
  double mean_;
  std::vector<double> centred_;
  std::vector<double> exponent_;
};

/** The optimal policy of a KL, to a double's digits but a few. */
struct Optimum {
  double b;
  /** Steps. */
  double gain;
};

/** @param b where to begin  @return empty where Newton's steps do not find it soon */
std::optional<Optimum> optimum_of(Tilts& tilts, double nats, double b) {
  constexpr int most_steps = 20;
  constexpr double near = 1e-8;
  double low = 0;
  double high = infinity;
  for (int i = 0; i < most_steps; ++i) {
    const Spent here = tilts.at(b);
    if (!(here.kl > 0 && here.variance > 0)) break;
    // The root of the KL is nearly a straight line.
    const double step = 2 * std::sqrt(here.kl) * (std::sqrt(nats) - std::sqrt(here.kl)) / (b * here.variance);
    // Each step squares the share that is left; a nat more at the tilt b earns 1 / b.
    if (std::fabs(step) < near * b) return Optimum{b + step, here.gain + (nats - here.kl) / b};
    (here.kl < nats ? low : high) = b;
    // Of a law with a heavy tail the line leads far past the root.
    b = b + step > low && b + step < high ? b + step : high < infinity ? low + (high - low) / 4 : 2 * b;
  }
  return std::nullopt;
}

/** In steps; empty where doubles have not the digits. */
std::optional<double> gain_in_doubles(const TokenLaw& law, double from, double to, bool from_top) {
  Tilts tilts(law, from_top);
  const Spent base = tilts.at(0);
  const double deviation = std::sqrt(base.variance);
  Optimum less{0, from_top ? base.gain : 0};
  if (from > 0) {
    const std::optional<Optimum> found = optimum_of(tilts, from, std::sqrt(2 * from) / deviation);
    if (!found) return std::nullopt;
    less = *found;
  }
  // Of a normal law the tilt grows like the root of the KL.
  const double start = from > 0 ? less.b * std::sqrt(to / from) : std::sqrt(2 * to) / deviation;
  const std::optional<Optimum> more = optimum_of(tilts, to, start);
  constexpr double enough = 1e-3;
  if (!more || !(more->gain - less.gain > enough * std::max(tilts.size(less.gain), tilts.size(more->gain))))
    return std::nullopt;
  return more->gain - less.gain;
}

std::optional<double> gain_in_doubles(const TokenLaw& law, double from, double to) {
  // Beside a base or a top that leave few digits all of them count.
  constexpr double least = 0.05;
  if (!((from == 0 || from > least) && to > least && to < -law.log_p.back() / 2)) return std::nullopt;
  const auto found = gain_in_doubles(law, from, to, false);
  return found ? found : gain_in_doubles(law, from, to, true);
}

}  // namespace

double optimal_gain(const TokenLaw& law, double from, double to) {
  try {
    const std::optional<double> quick = gain_in_doubles(law, from, to);
    const DoubleDouble steps = quick ? DoubleDouble(*quick) : solve_tilt(law, to).mean - solve_tilt(law, from).mean;
    return std::ldexp((law.unit * steps).value(), law.exponent);
  } catch (const NumericalError&) {
    return std::numeric_limits<double>::quiet_NaN();
  }
}

}  // namespace tiltlab
