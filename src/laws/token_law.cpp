#include "laws/token_law.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "error.hpp"
#include "numerics/decimal.hpp"
#include "numerics/log_domain.hpp"

namespace tiltlab {

namespace {

constexpr double largest_reward = 1e300;
/** Steps beyond this cost more than they tell: the rewards count as sharing no lattice. */
constexpr std::int64_t largest_step = 1 << 22;
/** Steps up to here are still integers of a double-double when 10^9 of them are added up. */
constexpr std::int64_t largest_fine_step = std::int64_t{1} << 61;

/** e^y - 1 - y without cancellation near 0. */
double expm1_minus_identity(double y) {
  if (std::fabs(y) > 0.5) return std::expm1(y) - y;
  double term = y * y / 2;
  double sum = term;
  for (int k = 3; k < 20; ++k) sum += term *= y / k;
  return sum;
}

void check_entries(std::span<const double> weights, std::span<const double> rewards, std::span<const double> gold,
                   bool counts, const std::string& path) {
  if (weights.empty()) throw InputError(path, "is empty, needs at least 1");
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto item = [&](const char* field) { return path + "[" + std::to_string(i) + "]." + field; };
    if (!(weights[i] >= 0 && weights[i] <= (counts ? largest_reward : 1))) {
      throw InputError(item("p"), to_text(weights[i]) + (counts ? " is not a count" : " is not in [0, 1]"));
    }
    if (!(std::fabs(rewards[i]) <= largest_reward)) {
      throw InputError(item("reward"), to_text(rewards[i]) + " is not in [-1e300, 1e300]");
    }
    if (!gold.empty() && !(std::fabs(gold[i]) <= largest_reward)) {
      throw InputError(item("gold"), to_text(gold[i]) + " is not in [-1e300, 1e300]");
    }
  }
}

/** Indices of positive weight, in increasing order of reward. */
std::vector<std::size_t> sorted_support(std::span<const double> weights, std::span<const double> rewards) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] > 0) order.push_back(i);
  }
  std::sort(order.begin(), order.end(),
            [&](std::size_t i, std::size_t j) { return rewards[i] != rewards[j] ? rewards[i] < rewards[j] : i < j; });
  return order;
}

/** Power of two that brings extreme rewards near 1, so that squares neither over- nor underflow. */
int reward_exponent(const std::vector<double>& rewards) {
  double largest = 0;
  for (const double r : rewards) largest = std::max(largest, std::fabs(r));
  if (largest == 0 || (largest > 1e-60 && largest < 1e60)) return 0;
  return std::ilogb(largest);
}

/** log p, with the digits of 1 - p where p is nearly 1. */
double log_probability(DoubleDouble p) {
  return p.hi > 0.5 ? std::log1p(-(DoubleDouble(1) - p).value()) : std::log(p.value());
}

void place(TokenLaw& law, const std::vector<double>& rewards) {
  law.exponent = reward_exponent(rewards);
  if (law.exponent == 0) {
    if (auto found = common_lattice(rewards, largest_step)) {
      law.base = found->base;
      law.unit = found->unit;
      law.lattice = std::move(found->steps);
      for (const std::int64_t k : law.lattice) {
        law.step.push_back(from_integer(k));
        law.below_top.push_back(from_integer(law.lattice.back() - k));
      }
      return;
    }
    if (const auto found = common_lattice(rewards, largest_fine_step)) {
      for (const std::int64_t k : found->steps) law.fine.push_back(from_integer(k));
    }
  }
  std::vector<DoubleDouble> values;
  values.reserve(rewards.size());
  for (const double r : rewards) {
    values.push_back(law.exponent == 0 ? decimal_value(r) : DoubleDouble(std::ldexp(r, -law.exponent)));
  }
  law.base = values.front();
  law.unit = values.back() - values.front();
  if (values.size() == 2 && law.unit.hi != 0) {
    // Two rewards are a lattice whatever they are.
    law.lattice = {0, 1};
    law.step = {0, 1};
    law.below_top = {1, 0};
    return;
  }
  if (values.size() == 1 || law.unit.hi == 0) law.unit = 1;
  for (const DoubleDouble& r : values) {
    law.step.push_back((r - law.base) / law.unit);
    law.below_top.push_back((values.back() - r) / law.unit);
  }
}

/** What a tilt adds to the base, from sums of positive terms. */
struct NearBase {
  /** log E e^(b (step - centre)) = log(1 + a); infinite where that is past a double. */
  double a = 0;
  /** E_phi step - centre. */
  double gain = 0;
  double kl = 0;
  double variance = 0;
};

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
NearBase near_base(const TokenLaw& law, double b, const std::vector<double>& centred) {
  NearBase out;
  double first = 0;
  double second = 0;
  for (std::size_t i = 0; i < law.size(); ++i) {
    const double x = centred[i];
    const double y = b * x;
    // p_i (e^y - 1); the linear terms sum to nothing in both that use it.
    double more = 0;
    if (y > 600) {
      more = std::exp(law.log_p[i] + y);
      out.a += more;
    } else {
      more = law.p[i] * std::expm1(y);
      out.a += std::fabs(y) > 0.5 ? more - law.p[i] * y : law.p[i] * expm1_minus_identity(y);
    }
    first += x * more;
    second += x * x * (more + law.p[i]);
  }
  out.gain = first / (1 + out.a);
  out.variance = second / (1 + out.a) - out.gain * out.gain;
  out.kl = b * out.gain - std::log1p(out.a);
  return out;
}

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
NearTop near_top(const TokenLaw& law, double b) {
  double largest = -infinity;
  for (std::size_t i = 0; i + 1 < law.size(); ++i) {
    largest = std::max(largest, law.log_p[i] - law.log_p.back() - b * law.drop[i]);
  }
  double sum = 0;
  double first = 0;
  double second = 0;
  for (std::size_t i = 0; i + 1 < law.size(); ++i) {
    const double y = law.drop[i];
    const double w = std::exp(law.log_p[i] - law.log_p.back() - b * y - largest);
    sum += w;
    first += w * y;
    second += w * y * y;
  }
  const double scale = std::exp(std::min(largest, 700.0));
  const double all = 1 + sum * scale;
  const double mean = first * scale / all;
  return {largest < -40 ? largest + std::log(sum + b * first) : std::log(std::log1p(sum * scale) + b * mean),
          second * scale / all - mean * mean};
}

/**
 * KL of the tilt to its own digits: from the base where the tilt has not left it, else from the best level. In between
 * either serves.
 */
NearBase kl_of_tilt(const TokenLaw& law, double b, const std::vector<double>& centred) {
  NearBase near = near_base(law, b, centred);
  if (b * law.position.back() >= 40 && !(near.a < 0.1)) {
    const NearTop top = near_top(law, b);
    near.kl = kl_max(law).value() - std::exp(top.log_deficit);
    near.variance = top.variance;
  }
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
    const double step = -miss.value / miss.slope;
    if (std::fabs(step) <= 1e-16 * b) return b;
    double next = b + step;
    // Rounding moves the last steps to and fro.
    if (std::fabs(step) < 1e-13 * b && std::fabs(step) >= 0.5 * last) return b;
    last = std::fabs(step);
    if (!(next > lo && next < hi) || !std::isfinite(step)) {
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

double solve_b(const TokenLaw& law, DoubleDouble rate, DoubleDouble deficit) {
  if (rate.value() > kl_max(law).value() / 2) {
    const double target = std::log(deficit.value());
    // The steps nearest to the best level decide where a tilt begins to saturate.
    const double span = law.drop[law.size() - 2];
    return tilt_root(
        [&](double b) {
          const NearTop top = near_top(law, b);
          return Miss{target - top.log_deficit, b * top.variance / std::exp(top.log_deficit)};
        },
        1 / span, "KL-RL near saturation");
  }
  const double target = std::log(rate.value());
  const std::vector<double> centred = centred_steps(law);
  const double start = std::sqrt(2 * rate.value() / variance_step(law, law.p));
  return tilt_root(
      [&](double b) {
        const NearBase near = kl_of_tilt(law, b, centred);
        return Miss{std::log(near.kl) - target, b * near.variance / near.kl};
      },
      start, "KL-RL");
}

}  // namespace

#ifdef __clang__
// What runs once a model is compiled for size: every figure of a page waits for these bytes.
#pragma clang attribute push(__attribute__((minsize)), apply_to = function)
#endif

TokenLaw make_token_law(std::span<const double> weights, std::span<const double> rewards, std::span<const double> gold,
                        bool counts, const std::string& path) {
  check_entries(weights, rewards, gold, counts, path);
  DoubleDouble total = 0;
  std::vector<DoubleDouble> exact;
  for (const double w : weights) total += exact.emplace_back(decimal_value(w));
  if (!counts && !(std::fabs(total.value() - 1) <= 1e-6)) {
    throw InputError(path, "probabilities sum to " + to_text(total.value()) + ", not to 1 (within 1e-6)");
  }
  if (!(total.value() > 0)) throw InputError(path, "all weights are 0");

  const std::vector<std::size_t> order = sorted_support(weights, rewards);
  TokenLaw law;
  std::vector<double> levels;
  std::vector<DoubleDouble> gold_sum;
  for (const std::size_t i : order) {
    if (levels.empty() || levels.back() != rewards[i]) {
      levels.push_back(rewards[i]);
      law.probability.emplace_back(0);
      gold_sum.emplace_back(0);
    }
    const DoubleDouble p = exact[i] / total;
    law.probability.back() += p;
    if (!gold.empty()) gold_sum.back() += p * DoubleDouble(gold[i]);
  }
  if (levels.size() == 1) law.probability.front() = 1;
  place(law, levels);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    law.p.push_back(law.probability[i].value());
    law.log_p.push_back(log_probability(law.probability[i]));
    law.position.push_back(law.step[i].value());
    law.drop.push_back(law.below_top[i].value());
    // A product of an extreme gold value with a tiny mass may leave the double-double range.
    const double mean = (gold_sum[i] / law.probability[i]).value();
    law.gold.push_back(std::isfinite(mean) ? mean : 0);
  }
  return law;
}

TokenLaw on_rounded_lattice(const TokenLaw& law, std::span<const double> weights, std::int64_t intervals) {
  const DoubleDouble unit = law.unit * law.step.back() / DoubleDouble(static_cast<double>(intervals));
  DoubleDouble shift = 0;
  std::vector<double> moves;
  std::vector<std::int64_t> steps;
  const double scale = static_cast<double>(intervals) / law.position.back();
  for (std::size_t i = 0; i < law.size(); ++i) {
    const auto k = static_cast<std::int64_t>(std::llround(law.position[i] * scale));
    const DoubleDouble move = law.unit * law.step[i] - unit * from_integer(k);
    steps.push_back(k);
    moves.push_back(move.value());
    shift += DoubleDouble(weights[i]) * move;
  }
  TokenLaw out;
  out.exponent = law.exponent;
  out.base = law.base + shift;
  out.unit = unit;
  for (std::size_t i = 0; i < law.size(); ++i) {
    out.rounding = std::max(out.rounding, std::fabs(moves[i] - shift.value()));
    if (!out.lattice.empty() && out.lattice.back() == steps[i]) {
      out.probability.back() += law.probability[i];
      continue;
    }
    out.lattice.push_back(steps[i]);
    out.step.push_back(from_integer(steps[i]));
    out.position.push_back(static_cast<double>(steps[i]));
    out.below_top.push_back(from_integer(intervals - steps[i]));
    out.drop.push_back(static_cast<double>(intervals - steps[i]));
    out.probability.push_back(law.probability[i]);
    out.gold.push_back(0);
  }
  for (const DoubleDouble& p : out.probability) {
    out.p.push_back(p.value());
    out.log_p.push_back(log_probability(p));
  }
  return out;
}

#ifdef __clang__
#pragma clang attribute pop
#endif

double mean_step(const TokenLaw& law, std::span<const double> weights) {
  return std::inner_product(weights.begin(), weights.end(), law.position.begin(), 0.0);
}

DoubleDouble exact_mean(const TokenLaw& law, std::span<const double> weights) {
  const double mean = mean_step(law, weights);
  if (!(mean > law.position.back() / 2)) return mean;
  return law.step.back() - DoubleDouble(std::inner_product(weights.begin(), weights.end(), law.drop.begin(), 0.0));
}

double variance_step(const TokenLaw& law, std::span<const double> weights) {
  // From the nearer end, where steps have their digits.
  const bool high = mean_step(law, weights) > law.position.back() / 2;
  const std::vector<double>& x = high ? law.drop : law.position;
  const double mean = std::inner_product(weights.begin(), weights.end(), x.begin(), 0.0);
  double sum = 0;
  for (std::size_t i = 0; i < law.size(); ++i) sum += weights[i] * (x[i] - mean) * (x[i] - mean);
  return sum;
}

std::vector<double> tilted(const TokenLaw& law, double b) {
  std::vector<double> w(law.size());
  // The exponent relative to its largest value: for large b that need not be the top level.
  double largest = -infinity;
  for (std::size_t i = 0; i < law.size(); ++i) {
    w[i] = law.log_p[i] - b * law.drop[i];
    largest = std::max(largest, w[i]);
  }
  double sum = 0;
  for (double& x : w) sum += x = std::exp(x - largest);
  for (double& x : w) x /= sum;
  return w;
}

namespace {

/** x^k for k >= 0. */
DoubleDouble integer_power(DoubleDouble x, std::int64_t k) {
  DoubleDouble result = 1;
  for (; k > 0; k /= 2, x = x * x) {
    if (k % 2 == 1) result = result * x;
  }
  return result;
}

/** e^{-b (top - step_i)} for every level; on a lattice from neighbour to neighbour, by powers of e^-b. */
std::vector<DoubleDouble> decays(const TokenLaw& law, double b) {
  std::vector<DoubleDouble> out(law.size(), DoubleDouble(1));
  const bool powers = !law.lattice.empty() && b < 700;
  const DoubleDouble z = powers ? exp(DoubleDouble(-b)) : DoubleDouble(0);
  for (std::size_t i = law.size() - 1; i-- > 0;) {
    out[i] = powers ? out[i + 1] * integer_power(z, law.lattice[i + 1] - law.lattice[i])
                    : exp(-(DoubleDouble(b) * law.below_top[i]));
  }
  return out;
}

}  // namespace

Cumulants cumulants(const TokenLaw& law, double b) {
  const DoubleDouble top = law.step.back();
  DoubleDouble rest = 0;
  DoubleDouble moment = 0;
  const DoubleDouble p_top = law.probability.back();
  const std::vector<DoubleDouble> decay = decays(law, b);
  for (std::size_t i = 0; i + 1 < law.size(); ++i) {
    const DoubleDouble w = law.probability[i] * decay[i];
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

TokenTilt tilt_at(const TokenLaw& law, double b) {
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

TokenTilt solve_tilt(const TokenLaw& law, DoubleDouble rate) {
  // A budget that is kl_max itself, as N = 16 on two tokens of four equal ones, is so to the last digits of both.
  constexpr double same = 1e-30;
  const DoubleDouble most = kl_max(law);
  const DoubleDouble deficit = most - rate;
  return solve_tilt(law, rate, deficit.value() < same * most.value() ? DoubleDouble(0) : deficit);
}

TokenTilt solve_tilt(const TokenLaw& law, DoubleDouble rate, DoubleDouble deficit) {
  if (!(rate.value() > 0) || law.size() == 1) return tilt_at(law, 0);
  const DoubleDouble most = kl_max(law);
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
  TokenTilt tilt = tilt_at(law, solve_b(law, rate, deficit));
  if (rate.value() < faint_rate) {
    const NearBase near = near_base(law, tilt.b, centred_steps(law));
    tilt.mean = tilt_at(law, 0).mean + DoubleDouble(near.gain + (rate.value() - near.kl) / tilt.b);
  } else {
    tilt.mean += (rate - tilt.kl) / DoubleDouble(tilt.b);  // R'(rate) = 1/b
  }
  tilt.kl = rate;
  return tilt;
}

TokenLaw reflected(const TokenLaw& law) {
  TokenLaw out = law;
  out.base = -(law.base + law.unit * law.step.back());
  const std::size_t size = law.size();
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t k = size - 1 - i;
    out.probability[i] = law.probability[k];
    out.p[i] = law.p[k];
    out.log_p[i] = law.log_p[k];
    out.gold[i] = law.gold[k];
    out.step[i] = law.below_top[k];
    out.position[i] = out.step[i].value();
    out.below_top[i] = law.step[k];
    out.drop[i] = law.position[k];
    if (!law.fine.empty()) out.fine[i] = law.fine.back() - law.fine[k];
    if (!law.lattice.empty()) out.lattice[i] = law.lattice.back() - law.lattice[k];
  }
  return out;
}

TokenLaw reweighted(const TokenLaw& law, double b) {
  TokenLaw out = law;
  const double lambda = log_mgf(law, b);
  out.p = tilted(law, b);
  for (std::size_t i = 0; i < law.size(); ++i) {
    out.probability[i] = out.p[i];
    out.log_p[i] = law.log_p[i] + b * law.position[i] - lambda;
  }
  return out;
}

double log_mgf(const TokenLaw& law, double b) {
  const double range = law.position.back() - law.position.front();
  const double mean = mean_step(law, law.p);
  if (std::fabs(b) * range < 1) {
    double sum = 0;
    for (std::size_t i = 0; i < law.size(); ++i) sum += law.p[i] * expm1_minus_identity(b * (law.position[i] - mean));
    return b * mean + std::log1p(sum);
  }
  double largest = -infinity;
  for (std::size_t i = 0; i < law.size(); ++i) largest = std::max(largest, law.log_p[i] + b * law.position[i]);
  double sum = 0;
  for (std::size_t i = 0; i < law.size(); ++i) sum += std::exp(law.log_p[i] + b * law.position[i] - largest);
  return largest + std::log(sum);
}

}  // namespace tiltlab
