#include "laws/optimal_gain.hpp"

#include <cmath>
#include <limits>
#include <optional>

#include "error.hpp"
#include "numerics/cold.hpp"
#include "numerics/log_domain.hpp"

namespace tiltlab {

namespace {

/** The optimal policy of a KL, to a double's digits but a few. */
struct Optimum {
  double b = 0;
  /** On the base's mean, steps. */
  double gain = 0;
};

/** @param b where to begin  @return empty where Newton's steps do not find it soon, or doubles have not the digits */
TILTLAB_COLD std::optional<Optimum> optimum_of(const BaseSums& sums, double nats, double b) {
  constexpr int most_steps = 20;
  constexpr double near = 1e-5;
  // Of what a KL is a difference, and of its own size against what a tilt moves it by.
  constexpr double enough = 0.01;
  double low = 0;
  double high = infinity;
  for (int i = 0; i < most_steps; ++i) {
    const NearBase here = sums.at(b);
    if (!(here.kl > enough * b * here.gain && b * b * here.variance > enough * here.kl)) break;
    // The root of the KL is nearly a straight line.
    const double step = 2 * std::sqrt(here.kl) * (std::sqrt(nats) - std::sqrt(here.kl)) / (b * here.variance);
    if (std::fabs(step) < near * b) return Optimum{b + step, here.gain_of(b, nats)};
    (here.kl < nats ? low : high) = b;
    // Of a law with a heavy tail the line leads far past the root.
    b = b + step > low && b + step < high ? b + step : high < infinity ? low + (high - low) / 4 : 2 * b;
  }
  return std::nullopt;
}

/** In steps; empty where doubles have not the digits. */
TILTLAB_COLD std::optional<double> gain_in_doubles(const TokenLaw& law, double from, double to) {
  // Near the top all digits of the levels count.
  if (law.size() < 2 || !(to > 0 && to < -law.log_p.back() / 2)) return std::nullopt;
  const BaseSums sums(law);
  const double deviation = std::sqrt(sums.at(0).variance);
  Optimum less;
  if (from > 0) {
    const std::optional<Optimum> found = optimum_of(sums, from, std::sqrt(2 * from) / deviation);
    if (!found) return std::nullopt;
    less = *found;
  }
  // Of a normal law the tilt grows like the root of the KL.
  const double start = from > 0 ? less.b * std::sqrt(to / from) : std::sqrt(2 * to) / deviation;
  const std::optional<Optimum> more = optimum_of(sums, to, start);
  constexpr double enough = 1e-3;
  if (!more || !(more->gain - less.gain > enough * (sums.distance() + more->gain))) return std::nullopt;
  return more->gain - less.gain;
}

}  // namespace

double optimal_gain(const TokenLaw& law, DoubleDouble from, DoubleDouble to) {
  try {
    const std::optional<double> quick = gain_in_doubles(law, from.value(), to.value());
    const DoubleDouble steps = quick ? DoubleDouble(*quick) : solve_tilt(law, to).mean - solve_tilt(law, from).mean;
    return std::ldexp((law.unit * steps).value(), law.exponent);
  } catch (const NumericalError&) {
    return std::numeric_limits<double>::quiet_NaN();
  }
}

}  // namespace tiltlab
