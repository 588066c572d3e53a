#include "laws/token_law.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "error.hpp"
#include "laws/reward_cells.hpp"
#include "numerics/cold.hpp"
#include "numerics/exponential.hpp"
#include "numerics/log_domain.hpp"

namespace tiltlab {

// Cold is what spends its time in exponentials: compiled for size it is no slower.

namespace {

/** Levels that are gone through together. */
constexpr std::size_t at_once = 128;

/** use(i, e^x_i) of each level, in order. @param exponent tells x_i by level */
template <class X, class Use>
void each_exponential(std::size_t levels, const X& exponent, const Use& use) {
  double x[at_once];
  for (std::size_t start = 0; start < levels; start += at_once) {
    const std::size_t count = std::min(at_once, levels - start);
    for (std::size_t i = 0; i < count; ++i) x[i] = exponent(start + i);
    exponentials({x, count});
    for (std::size_t i = 0; i < count; ++i) use(start + i, x[i]);
  }
}

/** use(i, y_i, e^y_i - 1, e^y_i - 1 - y_i) of each level, in order. @param exponent tells y_i by level */
template <class Y, class Use>
void each_less_one(std::size_t levels, const Y& exponent, const Use& use) {
  double y[at_once];
  double minus_one[at_once];
  double rest[at_once];
  for (std::size_t start = 0; start < levels; start += at_once) {
    const std::size_t count = std::min(at_once, levels - start);
    for (std::size_t i = 0; i < count; ++i) y[i] = exponent(start + i);
    exponentials_less_one({y, count}, {minus_one, count}, {rest, count});
    for (std::size_t i = 0; i < count; ++i) use(start + i, y[i], minus_one[i], rest[i]);
  }
}

/** log sum_i e^x_i of the x that `exponent` tells by level. */
template <class F>
TILTLAB_COLD double log_sum_of(std::size_t levels, const F& exponent) {
  double largest = -infinity;
  for (std::size_t i = 0; i < levels; ++i) largest = std::max(largest, exponent(i));
  double sum = 0;
  each_exponential(
      levels, [&](std::size_t i) { return exponent(i) - largest; }, [&](std::size_t, double e) { sum += e; });
  return largest + std::log(sum);
}

/** Steps less their mean under the base, from the end of the range that is nearer to it: there steps have their digits.
 */
std::vector<double> centred_steps(const TokenLaw& law) {
  const bool high = mean_step(law, law.p) > law.position.back() / 2;
  const std::vector<double>& from = high ? law.drop : law.position;
  const double mean = std::inner_product(law.p.begin(), law.p.end(), from.begin(), 0.0);
  std::vector<double> x;
  x.reserve(law.size());
  for (const double step : from) x.push_back(high ? mean - step : step - mean);
  return x;
}

/** @param centred steps less their mean, so that the first order of e^y sums to nothing */
TILTLAB_COLD NearBase summed_near_base(const TokenLaw& law, double b, const std::vector<double>& centred) {
  double a = 0;
  double first = 0;
  double second = 0;
  each_less_one(
      law.size(), [&](std::size_t i) { return b * centred[i]; },
      [&](std::size_t i, double y, double minus_one, double rest) {
        const double p = law.p[i];
        const double x = centred[i];
        // p_i (e^y - 1); the linear terms sum to nothing in both that use it.
        double more = p * minus_one;
        if (y > 600 || p == 0) {
          more = std::exp(law.log_p[i] + y);
          a += more;
        } else {
          a += p * rest;
        }
        first += x * more;
        second += x * x * (more + p);
      });
  return NearBase::of(b, a, first, second);
}

}  // namespace

TILTLAB_COLD BaseSums::BaseSums(const TokenLaw& law) : law_(law), centred_(centred_steps(law)) {}

TILTLAB_COLD NearBase BaseSums::at(double b) const {
  // Cells cost as much as two sums over all levels.
  constexpr std::size_t worth_cells = 2000;
  constexpr double cells = 256;
  if (law_.size() <= worth_cells || RewardCells::cells_for(centred_, b) > cells)
    return summed_near_base(law_, b, centred_);
  if (!cells_) cells_.emplace(centred_, law_.p, static_cast<std::size_t>(cells));
  return cells_->near_base(b);
}

TILTLAB_COLD std::optional<double> BaseSums::gain_near(double rate, double near) const {
  constexpr double near_enough = 1e-3;
  if (!(near > 0) || !std::isfinite(near)) return std::nullopt;
  const NearBase at_near = at(near);
  const double share = (rate - at_near.kl) / (near * near * at_near.variance);
  // Far up the gain is a difference of larger sums.
  if (!(std::fabs(share) < near_enough) || !(at_near.variance > 1e-6 * at_near.gain * at_near.gain))
    return std::nullopt;
  return at_near.gain_of(near, rate);
}

namespace {

/** kl_max - KL of a tilt, by its logarithm, and the tilt's variance. */
struct NearTop {
  double log_deficit = 0;
  double variance = 0;
};

/**
 * log of kl_max - g(b) = log(1 + s) + b m / (1 + s), s = sum_i w_i, m = sum_i w_i (top - step_i) over the
 * levels below the top, w_i = p_i / p_top e^{-b (top - step_i)}: positive terms alone, taken out of the largest
 * exponent so that it stays finite at any b.
 */
TILTLAB_COLD NearTop near_top(const TokenLaw& law, double b) {
  double largest = -infinity;
  for (std::size_t i = 0; i + 1 < law.size(); ++i) {
    largest = std::max(largest, law.log_p[i] - law.log_p.back() - b * law.drop[i]);
  }
  double sum = 0;
  double first = 0;
  double second = 0;
  each_exponential(
      law.size() - 1, [&](std::size_t i) { return law.log_p[i] - law.log_p.back() - b * law.drop[i] - largest; },
      [&](std::size_t i, double w) {
        const double y = law.drop[i];
        sum += w;
        first += w * y;
        second += w * y * y;
      });
  constexpr double past_doubles = 700;
  // The top has no share of the whole to speak of.
  if (largest > past_doubles) {
    const double mean = first / sum;
    return {std::log(largest + std::log(sum) + b * mean), second / sum - mean * mean};
  }
  const double scale = std::exp(largest);
  const double all = 1 + sum * scale;
  const double mean = first * scale / all;
  if (!std::isfinite(mean * mean) || !std::isfinite(second * scale)) {
    // Where the products overflow, from shares of the whole.
    const double share = scale / all;
    return {
        largest < -40 ? largest + std::log(sum + b * first) : std::log(std::log1p(sum * scale) + b * (first * share)),
        second * share - (first * share) * (first * share)};
  }
  return {largest < -40 ? largest + std::log(sum + b * first) : std::log(std::log1p(sum * scale) + b * mean),
          second * scale / all - mean * mean};
}

/**
 * KL of the tilt to its own digits: from the base, or from the best level where little but that one is left. In between
 * either serves.
 * @param most kl_max
 */
NearBase kl_of_tilt(const TokenLaw& law, double b, const BaseSums& sums, DoubleDouble most) {
  NearBase near = sums.at(b);
  double minuend = b * near.gain;
  // The variance as a difference of squares.
  constexpr double enough = 1e-6;
  if (!(near.variance > enough * near.gain * near.gain) && b * law.position.back() >= 40 && !(near.a < 0.1)) {
    const NearTop top = near_top(law, b);
    minuend = most.value();
    near.kl = minuend - std::exp(top.log_deficit);
    near.variance = top.variance;
  }
  // A difference that lost its digits; or where all but one reward are gone, and those above it still to come, so that
  // the last digits decide the tilt.
  if (near.kl < 0.01 * minuend || b * b * near.variance < 0.01 * near.kl) near.kl = kl_from_heaviest(law, b, near.kl);
  return near;
}

/** How far a function of the tilt is from its root, and its derivative by the tilt. */
struct Miss {
  double value;
  double slope;
};

/**
 * The root on (0, inf) of an increasing `f` that is negative near 0, to the last bits: Newton's steps within a bracket
 * that halves, or doubles while it is open, wherever they leave it.
 */
template <class F>
double tilt_root(const F& f, double start, const char* what) {
  double lo = 0;
  double hi = infinity;
  double b = start;
  double last = infinity;
  for (int i = 0; i < 2200; ++i) {
    const Miss miss = f(b);
    if (miss.value == 0) return b;
    (miss.value < 0 ? lo : hi) = b;
    // An infinite slope is one that was lost: it tells no step.
    const double step = std::isfinite(miss.slope) ? -miss.value / miss.slope : infinity;
    if (std::fabs(step) <= 1e-16 * b) return b;
    // Logarithms of both are nearly proportional, as far as they are near.
    constexpr double near_by = 0.5;
    double next = std::fabs(step) < near_by * b ? b * std::exp(step / b) : b + step;
    // Rounding moves the last steps to and fro.
    if (std::fabs(step) < 1e-13 * b && std::fabs(step) >= 0.5 * last) return b;
    // Each of Newton's steps is the last one squared, times what the two before tell: one that moves nothing is spared.
    const double ratio = step / last;
    if (std::isfinite(last) && std::fabs(step) * ratio * ratio < 1e-17 * b && next > lo && next < hi) return next;
    last = std::fabs(step);
    // On a level the last digits send Newton's steps anywhere.
    if (i > 200 || !(next > lo && next < hi) || !std::isfinite(step)) {
      next = hi == infinity ? 2 * b
             : lo == 0      ? b / 2
             : hi > 4 * lo  ? std::sqrt(lo) * std::sqrt(hi)
                            : lo + (hi - lo) / 2;
      last = infinity;
      if (!(next > lo && next < hi)) return b;
    }
    b = next;
    if (!std::isfinite(b) || b == 0) break;
  }
  throw NumericalError(std::string("budget: the tilt of ") + what + " was not found");
}

/** @param most kl_max  @param near a tilt not far from the root, 0 where none is known */
TILTLAB_COLD double solve_b(const TokenLaw& law, DoubleDouble rate, DoubleDouble deficit, DoubleDouble most,
                            double near) {
  const bool high = rate.value() > most.value() / 2;
  std::optional<BaseSums> sums;
  if (!high) sums.emplace(law);
  const double target = std::log((high ? deficit : rate).value());
  // The steps nearest to the best level decide where a tilt begins to saturate.
  double start = 1 / law.drop[law.size() - 2];
  if (near > 0 && std::isfinite(near)) {
    start = near;
  } else if (const double variance = high ? 0 : variance_step(law, law.p); variance > 0) {
    start = std::sqrt(2 * rate.value() / variance);
  }
  return tilt_root(
      [&](double b) {
        if (high) {
          const NearTop top = near_top(law, b);
          return Miss{target - top.log_deficit, b * top.variance / std::exp(top.log_deficit)};
        }
        const NearBase close = kl_of_tilt(law, b, *sums, most);
        // Under the rounding of its terms: too small a tilt.
        if (!(close.kl > 0)) return Miss{-1, 0};
        return Miss{std::log(close.kl) - target, b * close.variance / close.kl};
      },
      start, high ? "KL-RL near saturation" : "KL-RL");
}

}  // namespace

double mean_step(const TokenLaw& law, std::span<const double> weights) {
  return std::inner_product(weights.begin(), weights.end(), law.position.begin(), 0.0);
}

DoubleDouble exact_mean(const TokenLaw& law, std::span<const double> weights) {
  const double mean = mean_step(law, weights);
  if (!(mean > law.position.back() / 2)) return mean;
  return law.step.back() - DoubleDouble(std::inner_product(weights.begin(), weights.end(), law.drop.begin(), 0.0));
}

double variance_step(const TokenLaw& law, std::span<const double> weights) {
  // From the heaviest level: what is near it has its digits then, wherever in the range that is.
  const auto heaviest = static_cast<std::size_t>(std::max_element(weights.begin(), weights.end()) - weights.begin());
  // Differences of integers that a double holds.
  const bool whole = !law.lattice.empty();
  const auto x = [&](std::size_t i) {
    return whole ? law.position[i] - law.position[heaviest] : (law.step[i] - law.step[heaviest]).value();
  };
  double mean = 0;
  for (std::size_t i = 0; i < law.size(); ++i) mean += weights[i] * x(i);
  double sum = 0;
  for (std::size_t i = 0; i < law.size(); ++i) sum += weights[i] * (x(i) - mean) * (x(i) - mean);
  return sum;
}

TILTLAB_COLD std::vector<double> tilted(const TokenLaw& law, double b) {
  std::vector<double> w(law.size());
  // From the end of the range that the tilt leans to, where steps keep their digits.
  const bool low = b < 0 && is_far(law);
  // The exponent relative to its largest value: for large b that need not be the top level.
  double largest = -infinity;
  for (std::size_t i = 0; i < law.size(); ++i) {
    w[i] = low ? law.log_p[i] + b * law.position[i] : law.log_p[i] - b * law.drop[i];
    largest = std::max(largest, w[i]);
  }
  for (double& x : w) x -= largest;
  exponentials(w);
  double sum = 0;
  for (const double x : w) sum += x;
  for (double& x : w) x /= sum;
  return w;
}

namespace {

/** Powers x^k, k >= 0: by the digits of k in base 32, a product each, whose powers of x are found once. */
class IntegerPowers {
 public:
  TILTLAB_COLD explicit IntegerPowers(DoubleDouble x) { digits_.push_back({DoubleDouble(1), x}); }

  DoubleDouble operator()(std::uint64_t k) {
    DoubleDouble result = 1;
    for (std::size_t place = 0; k > 0; ++place, k /= base) {
      if (k % base > 0) result = result * at(place, k % base);
    }
    return result;
  }

 private:
  static constexpr std::size_t base = 32;

  /** x^(digit base^place) */
  TILTLAB_COLD DoubleDouble at(std::size_t place, std::size_t digit) {
    while (place >= digits_.size()) digits_.push_back({DoubleDouble(1), at(digits_.size() - 1, base)});
    std::vector<DoubleDouble>& powers = digits_[place];
    while (digit >= powers.size()) powers.push_back(powers.back() * powers[1]);
    return powers[digit];
  }

  std::vector<std::vector<DoubleDouble>> digits_;
};

/** e^{-b (top - step_i)} level by level from the top down; on a lattice from neighbour to neighbour, by powers of e^-b.
 */
class Decays {
 public:
  TILTLAB_COLD Decays(const TokenLaw& law, double b)
      : law_(law),
        b_(b),
        on_lattice_(!law.lattice.empty() && b < 700),
        powers_(on_lattice_ ? exp(DoubleDouble(-b)) : DoubleDouble(1)) {}

  /** @param i a level below the last one that was asked for, or below the top */
  DoubleDouble at(std::size_t i) {
    if (!on_lattice_) return exp(-(DoubleDouble(b_) * law_.below_top[i]));
    // Neighbours often share theirs.
    if (law_.lattice[i + 1] - law_.lattice[i] != gap_) {
      gap_ = law_.lattice[i + 1] - law_.lattice[i];
      power_ = powers_(static_cast<std::uint64_t>(gap_));
    }
    return decay_ = decay_ * power_;
  }

 private:
  const TokenLaw& law_;
  double b_;
  bool on_lattice_;
  IntegerPowers powers_;
  std::int64_t gap_ = 0;
  DoubleDouble power_ = 1;
  DoubleDouble decay_ = 1;
};

}  // namespace

TILTLAB_COLD Cumulants cumulants(const TokenLaw& law, double b) {
  if (law.deep_cumulants) return law.deep_cumulants(law, b);
  const DoubleDouble top = law.step.back();
  DoubleDouble rest = 0;
  DoubleDouble moment = 0;
  const DoubleDouble p_top = law.probability.back();
  Decays decay(law, b);
  for (std::size_t i = law.size() - 1; i-- > 0;) {
    const DoubleDouble w = b == 0 ? law.probability[i] : law.probability[i] * decay.at(i);
    rest += w;
    moment += w * law.below_top[i];
  }
  const DoubleDouble z = p_top + rest;
  // Relative to the top level, so that the digits of a small remainder survive near saturation.
  const DoubleDouble lambda =
      DoubleDouble(b) * top + (rest.hi < 0.05 * p_top.hi ? log(p_top) + log1p(rest / p_top) : log(z));
  return {lambda, top - moment / z};
}

DoubleDouble kl_max(const TokenLaw& law) {
  if (law.p.back() == 0) return -law.log_p.back();
  // Far from 1, with no need of the rest: it is asked of long laws at every turn.
  if (law.p.back() < 0.9) return -log(law.probability.back());
  DoubleDouble rest = 0;
  for (std::size_t i = 0; i + 1 < law.size(); ++i) rest += law.probability[i];
  return rest.hi < 0.05 ? -log1p(-rest) : -log(law.probability.back());
}

namespace {
/** Rates under which b E step - Lambda cancels past the digits of a double-double; sums of positive terms keep theirs.
 */
constexpr double faint_rate = 1e-16;
}  // namespace

bool TokenTilt::saturated() const { return std::isinf(b); }

TILTLAB_COLD TokenTilt tilt_at(const TokenLaw& law, double b) {
  const Cumulants c = cumulants(law, b);
  TokenTilt tilt;
  tilt.b = b;
  tilt.mean = tilt.mean_at_b = c.mean;
  if (b > 0) {
    tilt.lambda = c.lambda;
    tilt.kl = DoubleDouble(b) * c.mean - c.lambda;
  }
  tilt.weights = tilted(law, b);
  tilt.variance = variance_step(law, tilt.weights);
  return tilt;
}

namespace {

TokenTilt solve(const TokenLaw& law, DoubleDouble rate, DoubleDouble deficit, DoubleDouble most, double near) {
  // A KL of fewer digits than a double's buys nothing that any number here shows.
  if (!(rate.value() >= std::numeric_limits<double>::min()) || law.size() == 1) return tilt_at(law, 0);
  if (!(deficit.value() > negligible_deficit * std::min(1.0, most.value()))) {
    TokenTilt tilt;
    tilt.b = infinity;
    tilt.kl = most;
    tilt.mean = law.step.back();
    tilt.weights.assign(law.size(), 0);
    tilt.weights.back() = 1;
    return tilt;
  }
  // What is left to saturation tells the rate to more digits than the rate itself.
  if (rate.value() > most.value() / 2) rate = most - deficit;
  TokenTilt tilt = tilt_at(law, solve_b(law, rate, deficit, most, near));
  if (rate.value() < faint_rate) {
    const NearBase small = kl_of_tilt(law, tilt.b, BaseSums(law), most);
    tilt.mean = tilt_at(law, 0).mean + DoubleDouble(small.gain + (rate.value() - small.kl) / tilt.b);
  } else {
    tilt.mean += (rate - tilt.kl) / DoubleDouble(tilt.b);  // R'(rate) = 1/b
  }
  tilt.kl = rate;
  return tilt;
}

}  // namespace

TokenTilt solve_tilt(const TokenLaw& law, DoubleDouble rate) {
  // A budget that is kl_max itself, as N = 16 on two tokens of four equal ones, is so to the last digits of both.
  constexpr double same = 1e-30;
  const DoubleDouble most = kl_max(law);
  const DoubleDouble deficit = most - rate;
  return solve(law, rate, deficit.value() < same * most.value() ? DoubleDouble(0) : deficit, most, 0);
}

TokenTilt solve_tilt(const TokenLaw& law, DoubleDouble rate, DoubleDouble deficit, double near) {
  return solve(law, rate, deficit, kl_max(law), near);
}

double log_mgf_from_top(const TokenLaw& law, double b) {
  double rest = 0;
  each_less_one(
      law.size(), [&](std::size_t i) { return -b * law.drop[i]; },
      [&](std::size_t i, double, double minus_one, double) { rest += law.p[i] * minus_one; });
  if (rest > -0.5) return std::log1p(rest);
  return log_sum_of(law.size(), [&](std::size_t i) { return law.log_p[i] - b * law.drop[i]; });
}

DoubleDouble exact_log_mgf(const TokenLaw& law, double b) {
  // Where rare tokens alone are tilted, what is beside b times the mean, or beside 1, is a sum of small terms.
  constexpr double rest = 1e-7;
  const double first = b * exact_mean(law, law.p).value();
  if (b > 0 && log_mgf(law, b) - first < rest * std::max(1.0, first)) {
    const double more = std::log1p(BaseSums(law).at(b).a);
    if (more < 1) return DoubleDouble(b) * cumulants(law, 0).mean + more;
  }
  if (!(b > 0) || !is_far(law) || !(mean_step(law, tilted(law, b)) > law.position.back() / 2)) return log_mgf(law, b);
  return DoubleDouble(b) * law.step.back() + log_mgf_from_top(law, b);
}

double log_mgf(const TokenLaw& law, double b) {
  const double range = law.position.back() - law.position.front();
  const double mean = mean_step(law, law.p);
  if (std::fabs(b) * range < 1) {
    double sum = 0;
    each_less_one(
        law.size(), [&](std::size_t i) { return b * (law.position[i] - mean); },
        [&](std::size_t i, double, double, double rest) { sum += law.p[i] * rest; });
    return b * mean + std::log1p(sum);
  }
  return log_sum_of(law.size(), [&](std::size_t i) { return law.log_p[i] + b * law.position[i]; });
}

}  // namespace tiltlab
