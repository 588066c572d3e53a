#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>

#include "error.hpp"
#include "numerics/log_domain.hpp"
#include "numerics/quadrature.hpp"
#include "numerics/special.hpp"
#include "policies/continuous_smooth_parts.hpp"

/** Best-of-N and KL-RL on a smooth law. All rewards here are in standard units, from the law's base. */
namespace tiltlab::continuous {

namespace {

/** From here down what is small is summed as small: shifts from the base, and the KL divergence of a tilt. */
constexpr double near_base = 1e-3;
constexpr double near_base_log_n = 0.1;

}  // namespace

LogMoments log_moments(const std::vector<double>& log_weight, const std::vector<double>& log_size) {
  std::vector<double> logs;
  logs.reserve(log_weight.size());
  for (std::size_t i = 0; i < log_weight.size(); ++i) logs.push_back(log_weight[i] + log_size[i]);
  LogMoments m{log_sum(logs), 0};
  for (std::size_t i = 0; i < logs.size(); ++i) {
    const double x = log_size[i] - m.log_mean;
    const double log_off = x > 30 ? x : std::log(std::fabs(std::expm1(x)));
    logs[i] = log_weight[i] + 2 * log_off;
  }
  m.relative_sd = std::exp(log_sum(logs) / 2);
  return m;
}

LineOptions options(const LocalLaw& at, bool sizes, Accuracy accuracy) {
  LineOptions out;
  if (sizes) out.log_size = [&at](double d) { return at.d_log_size(d); };
  out.refine = accuracy == Accuracy::full;
  return out;
}

bool has_sizes(const SmoothLaw& law) {
  return law.is_exponential() || law.family == Family::uniform || law.family == Family::beta ||
         law.family == Family::laplace;
}

Placed place(const SmoothLaw& law, double guess, int piece, Accuracy accuracy,
             const std::function<Function(const LocalLaw&)>& make) {
  const LocalLaw first(law, guess, piece);
  LocalLaw at(law, guess + line_peak(make(first), 0), piece);
  LineRule rule = line_rule(make(at), options(at, has_sizes(law), accuracy));
  return {at, std::move(rule)};
}

namespace {

// The base.

/**
 * The base's nodes with its deviations c = x - mean in units of the sd, and the weights c^2 p of the variance: sums of
 * what is small at a small tilt or log N run over those.
 */
struct BaseMesh {
  std::vector<double> log_weight;
  std::vector<double> weight;
  std::vector<double> deviation;
  /** Sum 1. */
  std::vector<double> variance_weight;
  /** What the largest reward is above x, in units of the sd; of laws from the top. */
  std::vector<double> size;
  /** log P(X < x) */
  std::vector<double> log_cdf;
  double log_sd = 0;
  MeanReward mean;
  double error = 0;
};

/** Rewards of the mesh's nodes as they are found: log sizes from the largest reward, or values. */
struct MeshRewards {
  DoubleDouble origin_log_size = 0;
  std::vector<double> log_size;
  std::vector<double> value;
};

/** Nodes and weights, piece by piece. */
MeshRewards lay_nodes(BaseMesh& mesh, const SmoothLaw& law, Accuracy accuracy, bool with_cdf) {
  MeshRewards rewards;
  for (int piece = 0; piece < law.pieces(); ++piece) {
    const LocalLaw at(law, law.mode(), piece);
    LineOptions o = options(at, has_sizes(law), accuracy);
    // A tilt cuts e^-(b z) off within a distance 1/power of s, wherever it is.
    if (has_sizes(law)) o.longest = 2 / law.power.hi;
    // Near z = 1 there is nothing left to cut.
    if (law.family == Family::uniform || law.family == Family::beta) o.longest_until = 40 - at.origin;
    const LineRule rule = line_rule([&at](double d) { return at.d_log_density(d); }, o);
    const double log_mass = rule.log_total + at.log_density.value();
    mesh.error = std::max(mesh.error, rule.error);
    rewards.origin_log_size = at.log_size;
    for (std::size_t i = 0; i < rule.at.size(); ++i) {
      const double d = rule.at[i];
      const double log_density = at.log_density.value() + at.d_log_density(d);
      if (with_cdf) {
        const double above = std::exp(log_density + at.log_above_over_density(d));
        mesh.log_cdf.push_back(above < 0.5 ? std::log1p(-above) : log_density + at.log_below_over_density(d));
      }
      mesh.log_weight.push_back(rule.log_weight[i] + (law.pieces() > 1 ? log_mass : 0));
      if (law.from_top()) {
        rewards.log_size.push_back(at.d_log_size(d));
      } else {
        rewards.value.push_back(at.value.value() + at.d_value(d));
      }
    }
  }
  for (const double x : mesh.log_weight) mesh.weight.push_back(std::exp(x));
  return rewards;
}

/** reward - mean of each node, as a sign and a logarithm that has e^log_unit for its unit. */
struct Deviations {
  std::vector<double> sign;
  std::vector<double> log_off;
  double log_unit = 0;
};

/** From the largest reward, in units of the mean's shortfall; sets the mean. */
Deviations deviations_from_top(BaseMesh& mesh, const MeshRewards& rewards) {
  Deviations out;
  const LogMoments m = log_moments(mesh.log_weight, rewards.log_size);
  mesh.mean.from_top = true;
  mesh.mean.log_shortfall = rewards.origin_log_size + m.log_mean;
  out.log_unit = mesh.mean.log_shortfall.value();
  for (const double size : rewards.log_size) {
    const double x = size - m.log_mean;
    out.sign.push_back(x > 0 ? -1 : 1);
    out.log_off.push_back(x > 30 ? x : std::log(std::fabs(std::expm1(x))));
  }
  return out;
}

/** In standard units; sets the mean. */
Deviations deviations_of_values(BaseMesh& mesh, const MeshRewards& rewards) {
  Deviations out;
  double mean = 0;
  double total = 0;
  for (std::size_t i = 0; i < rewards.value.size(); ++i) {
    mean += mesh.weight[i] * rewards.value[i];
    total += mesh.weight[i];
  }
  mean /= total;
  mesh.mean.mean = mean;
  for (const double value : rewards.value) {
    out.sign.push_back(value < mean ? -1 : 1);
    out.log_off.push_back(std::log(std::fabs(value - mean)));
  }
  return out;
}

BaseMesh base_mesh(const SmoothLaw& law, Accuracy accuracy, bool with_cdf) {
  BaseMesh mesh;
  const MeshRewards rewards = lay_nodes(mesh, law, accuracy, with_cdf);
  const Deviations from_mean =
      law.from_top() ? deviations_from_top(mesh, rewards) : deviations_of_values(mesh, rewards);
  const std::size_t n = mesh.log_weight.size();
  std::vector<double> logs(n);
  for (std::size_t i = 0; i < n; ++i) logs[i] = mesh.log_weight[i] + 2 * from_mean.log_off[i];
  const double log_variance = log_sum(logs);
  for (std::size_t i = 0; i < n; ++i) {
    mesh.variance_weight.push_back(std::exp(logs[i] - log_variance));
    mesh.deviation.push_back(from_mean.sign[i] * std::exp(from_mean.log_off[i] - log_variance / 2));
  }
  mesh.log_sd = from_mean.log_unit + log_variance / 2;
  for (const double x : rewards.log_size)
    mesh.size.push_back(std::exp((rewards.origin_log_size + x - mesh.log_sd).value()));
  return mesh;
}

/** A tilt near the base, by epsilon = b sd: all sums are of one sign and start at the order that they have. */
struct NearBase {
  double kl;
  /** d kl / d log epsilon */
  double slope;
  /** In units of the sd. */
  double shift;
};

/** By the deviations x = b (reward - mean): E[x (e^x - 1)] and E[e^x - 1 - x]. */
NearBase near_by_variance(const BaseMesh& mesh, double epsilon) {
  double rest = 0;
  double first = 0;
  double second = 0;
  for (std::size_t i = 0; i < mesh.deviation.size(); ++i) {
    const double x = epsilon * mesh.deviation[i];
    const double q = mesh.variance_weight[i];
    const double e = std::expm1(x);
    first += q * (std::fabs(x) < 1e-9 ? 1 + x / 2 : e / x);
    rest += q * (std::fabs(x) < 1e-5 ? 0.5 + x / 6 : (std::fabs(x) < 0.5 ? exp_rest(x) : e - x) / (x * x));
    second += q * (1 + e);
  }
  const double z = epsilon * epsilon * rest;
  const double y = epsilon * (epsilon * first);
  NearBase out{};
  out.shift = epsilon * first / (1 + z);
  out.kl = y / (1 + z) - std::log1p(z);
  out.slope = epsilon * epsilon * std::max(0.0, second / (1 + z) - out.shift * out.shift);
  return out;
}

/**
 * By the largest reward, x = b (reward - largest) - Lambda: E[x e^x - e^x + 1]. Where the tail below is so heavy that a
 * small tilt cuts it off, the mean is no centre to expand around.
 */
NearBase near_by_size(const BaseMesh& mesh, double epsilon) {
  double lost = 0;
  for (std::size_t i = 0; i < mesh.size.size(); ++i) lost -= mesh.weight[i] * std::expm1(-epsilon * mesh.size[i]);
  const double lambda = std::log1p(-lost);
  NearBase out{};
  double first = 0;
  double second = 0;
  for (std::size_t i = 0; i < mesh.size.size(); ++i) {
    const double size = epsilon * mesh.size[i];
    const double x = -size - lambda;
    const double e = x > -745 ? std::exp(x) : 0;
    out.kl += mesh.weight[i] * (x > -745 ? kl_term(x) : 1);
    out.shift -= std::exp(mesh.log_weight[i] + std::log(mesh.size[i])) * std::expm1(x);
    first += mesh.weight[i] * e * size;
    second += mesh.weight[i] * e * size * size;
  }
  out.slope = second - first * first;
  return out;
}

NearBase near(const BaseMesh& mesh, double epsilon) {
  const NearBase out = near_by_variance(mesh, epsilon);
  // Half of E[x (e^x - 1)] where x is small everywhere.
  const bool small = out.kl > 0.2 * epsilon * out.shift;
  return small || mesh.size.empty() ? out : near_by_size(mesh, epsilon);
}

/** log epsilon of the tilt near the base with this KL divergence, to `enough`. */
double near_tilt(const BaseMesh& mesh, double kl, double enough) {
  double x = std::log(2 * kl) / 2;
  double lo = -infinity;
  double hi = infinity;
  for (int i = 0; i < 200; ++i) {
    const NearBase at = near(mesh, std::exp(x));
    const double miss = std::log(at.kl / kl);
    (miss < 0 ? lo : hi) = x;
    double step = -miss * at.kl / at.slope;
    if (std::isfinite(step) && std::fabs(step) < enough * std::max(1.0, std::fabs(x))) {
      x += step;
      break;
    }
    if (!std::isfinite(step)) step = miss < 0 ? 20 : -20;
    double next = x + std::clamp(step, -40.0, 40.0);
    if (std::isfinite(lo) && std::isfinite(hi) && !(next > lo && next < hi)) next = lo + (hi - lo) / 2;
    if (next == x) break;
    x = next;
  }
  return x;
}

// Tilts.

/** What a tilt found is known by; `log_sd` and `mean` in standard units. */
struct Found {
  DoubleDouble log_b;
  MeanReward mean;
  double log_sd = 0;
  double win_rate = 0.5;
  double alpha_error = 1e-15;
  double sd_error = 1e-14;
  double win_rate_error = some_ulps;
};

void set_mean(Found& f, DoubleDouble mean, double error) {
  f.mean.mean = mean;
  f.mean.error = error;
}
void set_shift(MeanReward& m, double shift, double error) {
  m.shift = shift;
  m.has_shift = true;
  m.shift_error = error;
}

/**
 * Exponential and gamma: the tilt is the law scaled by e^L, with KL/shape = e^L - 1 - L, and b = 1 - e^-L, or e^-L - 1
 * of the mirrored law, whose L is negative.
 */
Found gamma_tilt(const SmoothLaw& law, DoubleDouble kl) {
  const double sign = law.sign;
  const DoubleDouble shape = law.first;
  const DoubleDouble q = kl / shape;
  double start = sign * std::sqrt(2 * q.hi);
  if (sign > 0 && q.hi > 1) start = std::log1p(q.hi + std::log1p(q.hi));
  if (sign < 0 && q.hi > 1) start = -(q.hi + 1);
  for (int i = 0; i < 100; ++i) {
    const double step = (exp_rest(start) - q.hi) / std::expm1(start);
    start -= step;
    if (!(std::fabs(step) > 1e-15 * std::fabs(start))) break;
  }
  DoubleDouble log_scale = start;
  if (std::fabs(start) > 0.3) {
    const DoubleDouble miss = exp(log_scale) - DoubleDouble(1) - log_scale - q;
    log_scale = log_scale - miss / DoubleDouble(std::expm1(start));
  }
  Found f;
  const double k = shape.hi;
  if (kl.hi < 1) set_shift(f.mean, sign * k * std::expm1(log_scale.hi), some_ulps * k * std::fabs(std::expm1(start)));
  f.log_sd = std::log(k) / 2 + log_scale.hi;
  f.win_rate = 1 - beta_below(k, k, -std::fabs(log_scale.hi));
  f.win_rate_error = 1e-13;
  if (sign > 0) {
    f.log_b = std::log(-std::expm1(-log_scale.hi));
    // e^L = 1 + q + L
    set_mean(f, shape * (DoubleDouble(1) + q + log_scale), k * some_ulps * std::fabs(log_scale.lo));
    f.mean.error = k * (log_scale.hi > 0.3 ? 1e-28 * (1 + q.hi) : 1e-16);
  } else {
    f.log_b = -log_scale + log1mexp(log_scale.hi);
    f.mean.from_top = true;
    f.mean.log_shortfall = log(shape) + log_scale;
    f.mean.error = 1e-15;
  }
  return f;
}

Found normal_tilt(DoubleDouble kl) {
  Found f;
  const DoubleDouble b = square_root(kl + kl);
  f.log_b = std::log(b.hi);
  set_mean(f, b, 1e-30 * b.hi);
  if (kl.hi < 1) set_shift(f.mean, b.value(), 2e-16 * b.hi);
  f.win_rate = 1 - std::erfc(b.hi / 2) / 2;
  return f;
}

/** Laplace: 1/(1 - b^2) = e^L, KL = 2 (e^L - 1) - L. */
Found laplace_tilt(DoubleDouble kl) {
  double start = kl.hi < 1 ? kl.hi : std::log(kl.hi / 2 + 1);
  for (int i = 0; i < 100; ++i) {
    const double step = (2 * std::expm1(start) - start - kl.hi) / (2 * std::exp(start) - 1);
    start -= step;
    if (!(std::fabs(step) > 1e-15 * std::fabs(start))) break;
  }
  DoubleDouble scale = start;
  if (start > 0.3) {
    const DoubleDouble miss = DoubleDouble(2) * (exp(scale) - DoubleDouble(1)) - scale - kl;
    scale = scale - miss / DoubleDouble(2 * std::exp(start) - 1);
  }
  Found f;
  const double b2 = -std::expm1(-scale.hi);
  const double b = std::sqrt(b2);
  const double slack = std::exp(-scale.hi) / (1 + b);
  f.log_b = std::log(b2) / 2;
  // 2 b e^L = 2 sqrt(e^L (e^L - 1)), and e^L = 1 + (KL + L)/2.
  const DoubleDouble rest = (kl + scale) * DoubleDouble(0.5);
  const DoubleDouble mean = DoubleDouble(2) * square_root(rest * (DoubleDouble(1) + rest));
  const double error = start > 0.3 ? 1e-28 * mean.hi : some_ulps * mean.hi;
  set_mean(f, mean, error);
  if (kl.hi < 1) set_shift(f.mean, mean.value(), some_ulps * mean.hi);
  f.log_sd = std::log(2 * (1 + b2)) / 2 + scale.hi;
  f.win_rate = 1 - ((1 + b) / 2 * slack / (2 * (1 + slack)) + slack / 2 * (1 - (1 + b) / (2 * (2 + b))));
  return f;
}

/** Cumulants of the logistic and Gumbel laws by Riemann's zeta: shift, KL and variance at a small b. */
struct Series {
  double shift = 0;
  double kl = 0;
  double variance = 0;
};
Series small_tilt(bool logistic, double b, double sign) {
  Series s;
  // Gumbel: Lambda = gamma b + sum zeta(n) (sign b)^n / n; logistic: sum of even n, twice.
  double power = b;
  for (int n = 2; n < 40; ++n, power *= sign * b) {
    if (logistic && n % 2 == 1) continue;
    const double term = (logistic ? 2 : 1) * zeta(n) * power;
    s.shift += term;
    s.kl += term * b * (n - 1) / n;
    s.variance += term * (n - 1) / b;
  }
  return s;
}

/** Logistic and Gumbel, Lambda = log Gamma(1 - b) (+ log Gamma(1 + b)), b = 1 - slack. */
Found pole_tilt(const SmoothLaw& law, DoubleDouble kl) {
  const bool logistic = law.family == Family::logistic;
  const double centre = logistic ? 0 : euler_gamma;
  struct Point {
    double b, slack, shift, variance;
    DoubleDouble kl, mean;
  };
  const auto at = [&](double y) {
    Point p{};
    p.b = 1 / (1 + std::exp(-y));
    p.slack = 1 / (1 + std::exp(y));
    if (p.b < 0.25) {
      const Series s = small_tilt(logistic, p.b, 1);
      p.shift = s.shift;
      p.variance = s.variance;
      p.kl = s.kl;
      p.mean = DoubleDouble(centre) + s.shift;
      return p;
    }
    const DoubleDouble inverse = DoubleDouble(1) / DoubleDouble(p.slack);
    const double up = logistic ? digamma(1 + p.b) : 0;
    const double rest = up - digamma(1 + p.slack);
    p.mean = inverse + rest;
    p.shift = (p.mean - centre).value();
    p.variance = (logistic ? trigamma(1 + p.b) : 0) + trigamma(1 + p.slack) + (inverse * inverse).value();
    p.kl = inverse - DoubleDouble(1) + p.b * rest - (logistic ? std::lgamma(1 + p.b) : 0) - std::lgamma(1 + p.slack) +
           std::log(p.slack);
    return p;
  };
  const double variance = logistic ? 2 * zeta(2) : zeta(2);
  double y = std::log(2 * kl.hi / variance) / 2;
  if (kl.hi > 1) y = std::log(kl.hi + std::log1p(kl.hi));
  for (int i = 0; i < 200; ++i) {
    const Point p = at(y);
    const double step = -std::log(p.kl.hi / kl.hi) * p.kl.hi / (p.b * p.b * p.variance * p.slack);
    y += std::clamp(step, -2.0, 2.0);
    if (std::fabs(step) < 1e-14 * std::max(1.0, std::fabs(y))) break;
  }
  const Point p = at(y);
  Found f;
  // The last digits of the KL divergence, by dE/dKL = 1/b.
  const double miss = (kl - p.kl).value();
  f.log_b = std::log(p.b) + miss / (p.b * p.b * p.variance);
  set_mean(f, p.mean + miss / p.b, p.b < 0.25 ? some_ulps * p.shift : some_ulps * (1 + std::fabs(std::log(p.slack))));
  if (kl.hi < 1) set_shift(f.mean, p.shift + miss / p.b, p.b < 0.25 ? some_ulps * p.shift : 2 * some_ulps);
  f.log_sd = std::log(p.variance) / 2;
  f.win_rate = logistic ? (1 + p.b) / 2 : std::exp2(-p.slack);
  return f;
}

/** The mirrored Gumbel law, Lambda = log Gamma(1 + b). */
Found mirrored_gumbel_tilt(DoubleDouble kl) {
  struct Point {
    DoubleDouble mean, kl;
    double shift, variance;
  };
  const auto at = [&](double b) {
    Point p{};
    p.variance = trigamma(1 + b);
    if (b < 0.25) {
      const Series s = small_tilt(false, b, -1);
      p.shift = s.shift;
      p.kl = s.kl;
      p.mean = DoubleDouble(-euler_gamma) + s.shift;
    } else if (b < 16) {
      p.mean = digamma(1 + b);
      p.shift = p.mean.hi + euler_gamma;
      p.kl = b * p.mean.hi - std::lgamma(1 + b);
    } else {
      // Stirling's series, what is large in exact terms: the two cancel to b.
      const double z = 1 / (b * b);
      const double rest = -z * (1.0 / 12 - z * (1.0 / 120 - z * (1.0 / 252 - z * (1.0 / 240 - z * (1.0 / 132)))));
      p.mean = log(DoubleDouble(b)) + (1 / (2 * b) + rest);
      p.shift = p.mean.hi + euler_gamma;
      p.kl = DoubleDouble(b) + (0.5 - std::log(2 * std::numbers::pi * b) / 2 + b * rest - stirling_rest(b));
    }
    return p;
  };
  double y = kl.hi < 1 ? std::log(2 * kl.hi / zeta(2)) / 2 : std::log(kl.hi);
  for (int i = 0; i < 200; ++i) {
    const double b = std::exp(y);
    const Point p = at(b);
    const double step = -std::log(p.kl.hi / kl.hi) * p.kl.hi / (b * b * p.variance);
    y += std::clamp(step, -2.0, 2.0);
    if (std::fabs(step) < 1e-14 * std::max(1.0, std::fabs(y))) break;
  }
  const double b = std::exp(y);
  const Point p = at(b);
  const double miss = (kl - p.kl).value();
  Found f;
  f.log_b = std::log(b) + miss / (b * b * p.variance);
  set_mean(f, p.mean + miss / b, some_ulps * (b < 0.25 ? std::fabs(p.shift) : b < 16 ? 1 : 1 / b));
  if (kl.hi < 1) set_shift(f.mean, p.shift + miss / b, b < 0.25 ? some_ulps * std::fabs(p.shift) : 2 * some_ulps);
  f.log_sd = std::log(p.variance) / 2;
  f.win_rate = -std::expm1(-(1 + b) * std::numbers::ln2);
  return f;
}

/** The tilt to b = e^log_b of a law without a closed moment generating function. */
struct Evaluated {
  double origin;
  /** KL to its digits beside an O(1). */
  DoubleDouble kl;
  /** d KL / d log b = b^2 Var */
  double slope;
  /** b times what the mean lacks of the largest reward, or b (mean - value at the origin). */
  double scaled;
  double scaled_sd;
  DoubleDouble log_shortfall;
  double log_sd;
  DoubleDouble value;
  double win_rate;
  double error;
  double log_mgf;
};

Function tilted(const SmoothLaw& law, const LocalLaw& at, DoubleDouble log_b) {
  if (law.from_top()) {
    const double b = std::exp((log_b + at.log_size).value());
    if (law.family == Family::lognormal) {
      const double power = law.power.hi;
      const double slope = -at.origin - b * power;
      return [=](double d) { return d * (slope - d / 2) - b * exp_rest(power * d); };
    }
    return [=, &at](double d) { return at.d_log_density(d) - b * std::expm1(at.d_log_size(d)); };
  }
  // Weibull: d - e^s (e^d - 1) + b v (e^(d/k) - 1), whose first orders cancel.
  const double power = law.power.hi;
  const double scale = at.scale();
  const DoubleDouble b_value = exp(log_b) * at.value;
  const double slope = (b_value * law.power - exp(DoubleDouble(at.origin))).value();
  const double bv = b_value.hi;
  const double curvature = bv * power * power / scale;
  return [=](double d) {
    if (std::fabs(d) > 0.5) return d - scale * std::expm1(d) + bv * std::expm1(power * d);
    // sum_n d^n/n! (bv power^n - scale), n >= 2
    double term = d * d / 2;
    double share = curvature;
    double sum = term * (share - 1);
    for (int n = 3; n < 18; ++n) {
      term *= d / n;
      share *= power;
      sum += term * (share - 1);
    }
    return d * (1 + slope) + scale * sum;
  };
}

/** s at the peak of a tilted Weibull density: b v/k = v^k. */
double weibull_peak(const SmoothLaw& law, double log_b) {
  const double power = law.power.hi;
  return (log_b + std::log(power)) / (1 - power);
}

double tilt_guess(const SmoothLaw& law, DoubleDouble log_b) {
  const double y = log_b.hi;
  if (law.from_top()) {
    // Where b z power is what the density falls by: the shape at 0.
    const double power = law.is_exponential() ? law.power.hi : 1;
    const double shape = law.family == Family::beta ? law.first.hi : 1;
    return std::min(law.mode(), (std::log(shape / power) - y) / power);
  }
  return std::clamp(weibull_peak(law, y), 0.0, 40.0);
}

Evaluated evaluate(const SmoothLaw& law, DoubleDouble log_b, Accuracy accuracy, bool win = true) {
  const Placed p =
      place(law, tilt_guess(law, log_b), 0, accuracy, [&](const LocalLaw& at) { return tilted(law, at, log_b); });
  const LineRule& rule = p.rule;
  Evaluated e{};
  e.origin = p.at.origin;
  e.error = rule.error;
  DoubleDouble log_total = p.at.log_density + rule.log_total;
  if (law.from_top()) {
    const double b = std::exp((log_b + p.at.log_size).value());
    std::vector<double> sizes;
    double more = 0;
    for (std::size_t i = 0; i < rule.at.size(); ++i) {
      sizes.push_back(p.at.d_log_size(rule.at[i]));
      if (rule.weight[i] > 0) more += rule.weight[i] * std::expm1(sizes.back());
    }
    const LogMoments m = log_moments(rule.log_weight, sizes);
    e.scaled = b * std::exp(m.log_mean);
    e.log_shortfall = p.at.log_size + m.log_mean;
    e.scaled_sd = e.scaled * m.relative_sd;
    e.log_sd = e.log_shortfall.value() + std::log(m.relative_sd);
    e.kl = -log_total - b * more;
    e.log_mgf = (log_total - b).value();
  } else {
    const DoubleDouble b = exp(log_b);
    double mean = 0;
    for (std::size_t i = 0; i < rule.at.size(); ++i) mean += rule.weight[i] * p.at.d_value(rule.at[i]);
    double variance = 0;
    for (std::size_t i = 0; i < rule.at.size(); ++i) {
      const double d = p.at.d_value(rule.at[i]) - mean;
      variance += rule.weight[i] * d * d;
    }
    e.scaled = b.hi * mean;
    e.scaled_sd = b.hi * std::sqrt(variance);
    e.log_sd = std::log(variance) / 2;
    e.value = p.at.value;
    e.kl = DoubleDouble(e.scaled) - log_total;
    e.log_mgf = (log_total + b * p.at.value).value();
  }
  e.slope = e.scaled_sd * e.scaled_sd;
  if (!win) return e;
  double lost = 0;
  for (std::size_t i = 0; i < rule.at.size(); ++i) {
    const double d = rule.at[i];
    const double log_density = p.at.log_density.value() + p.at.d_log_density(d);
    if (rule.weight[i] > 0 && log_density > -745)
      lost += rule.weight[i] * std::exp(std::min(0.0, log_density + p.at.log_above_over_density(d)));
  }
  e.win_rate = 1 - lost;
  return e;
}

/** Where Newton's steps begin. */
DoubleDouble first_tilt(const SmoothLaw& law, DoubleDouble kl) {
  const double power = law.power.hi;
  // A budget buys what lies above a tail of about its size.
  const double tail = kl.hi < 0.5 ? std::log(kl.hi) : -0.7;
  constexpr double far = 30;
  switch (law.family) {
    case Family::lognormal:
      return kl.hi < far ? -power * std::sqrt(std::max(0.0, -2 * tail - 1)) : power * std::sqrt(2 * kl.hi);
    case Family::weibull:
      if (law.sign > 0) {
        if (kl.hi > far) return -std::log(power) + (1 - power) * std::log(kl.hi);
        // The sd is near 1.28 power, and 1 where that is large.
        return std::log(2 * kl.hi) / 2 - std::log(std::min(1.0, 1.28 * power));
      }
      return kl.hi < far ? DoubleDouble(std::max(0.0, -std::log(power)) - power * std::log(-tail)) : kl * law.power;
    default: {
      // Uniform and beta.
      if (kl.hi > far) return kl / law.first;
      const double sum = law.first.hi + law.second.hi;
      return std::log(2 * kl.hi * (sum + 1) / (law.first.hi * law.second.hi)) / 2 + std::log(sum);
    }
  }
}

/** log b of a KL divergence that is not small, by evaluations of a picture's accuracy: to `enough` standard deviations.
 */
DoubleDouble searched_tilt(const SmoothLaw& law, DoubleDouble kl, double enough) {
  DoubleDouble y = first_tilt(law, kl);
  DoubleDouble lo = -infinity;
  DoubleDouble hi = infinity;
  double last_step = infinity;
  const double longest = 40 * std::max(1.0, law.power.hi);
  if (law.family == Family::weibull && law.sign > 0) {
    // KL is near z^shape at the peak: e^30 is past any budget. At shapes near 1 more would be past any double.
    const double power = law.power.hi;
    hi = -std::log(power) + 30 * (1 - power);
    y = std::min(y.hi, -std::log(power) + (1 - power) * std::log1p(kl.hi));
  }
  for (int i = 0;; ++i) {
    const Evaluated e = evaluate(law, y, Accuracy::picture, false);
    const double miss = (e.kl - kl).value();
    (miss < 0 ? lo : hi) = y;
    double step = kl.hi < 1 || e.kl.hi < 0.1 * kl.hi ? -std::log(e.kl.hi / kl.hi) * e.kl.hi / e.slope : -miss / e.slope;
    const bool lost = !std::isfinite(step);
    if (lost) step = miss < 0 ? 1 : -1;
    if (!lost && std::fabs(step) * std::max(1.0, std::sqrt(e.slope)) < enough) {
      y += step;
      break;
    }
    if (i > 200) throw NumericalError("KL-RL's tilt at " + to_text(kl.hi) + " nats was not found");
    if (kl.hi < 1e3) step = std::clamp(step, -longest, longest);
    DoubleDouble next = y + step;
    if (std::isfinite(lo.hi) && std::isfinite(hi.hi)) {
      // Steps that do not contract are not near the root yet: halve the bracket.
      const bool slow = lost || std::fabs(step) > 0.5 * last_step;
      if (slow || !(lo < next && next < hi)) next = lo + (hi - lo) * DoubleDouble(0.5);
    }
    last_step = std::fabs((next - y).value());
    if (last_step == 0) break;
    y = next;
  }
  return y;
}

/** What a tilt evaluated comes to, mended by the KL divergence that it misses. */
void set_evaluated(Found& f, const SmoothLaw& law, DoubleDouble y, const Evaluated& e, double miss, double kl_noise,
                   double near_noise) {
  // What is left of the KL divergence, by dE/dKL = 1/b.
  const double noise = 2e-15 + e.error;
  if (law.from_top()) {
    f.mean.from_top = true;
    f.mean.log_shortfall = e.log_shortfall + std::log1p(-miss / e.scaled);
    f.mean.error = kl_noise / e.scaled + noise + near_noise;
  } else {
    f.mean.mean = e.value + DoubleDouble(e.scaled + miss) / exp(y);
    f.mean.error = (kl_noise + (noise + near_noise) * e.scaled_sd) * std::exp(-y.hi);
  }
  f.log_b = y + miss / e.slope;
  f.log_sd = e.log_sd;
  f.win_rate = e.win_rate;
  f.win_rate_error = noise;
  f.alpha_error = kl_noise / e.slope + near_noise + 1e-15;
  f.sd_error = 1e-14 + 10 * e.error + kl_noise;
}

/** A small tilt, by the base's own mesh. */
Found found_near_base(const SmoothLaw& law, DoubleDouble kl, Accuracy accuracy) {
  Found f;
  const BaseMesh mesh = base_mesh(law, accuracy, false);
  const double x = near_tilt(mesh, kl.hi, accuracy == Accuracy::full ? 2e-14 : 1e-8);
  const DoubleDouble y = DoubleDouble(x) - mesh.log_sd;
  const double shift = std::exp(mesh.log_sd) * near(mesh, std::exp(x)).shift;
  set_shift(f.mean, shift, (5 * some_ulps + mesh.error) * shift);
  set_evaluated(f, law, y, evaluate(law, y, accuracy), 0, 0, 1e-14 + mesh.error);
  return f;
}

Found found_tilt(const SmoothLaw& law, DoubleDouble kl, Accuracy accuracy) {
  if (kl.hi < near_base) return found_near_base(law, kl, accuracy);
  // The mean is mended by what is left of the KL divergence, sd and win rate are not.
  DoubleDouble y = searched_tilt(law, kl, accuracy == Accuracy::full ? 1e-8 : 1e-6);
  Evaluated e = evaluate(law, y, accuracy);
  if (accuracy == Accuracy::full) {
    y = y - (e.kl - kl).value() / e.slope;
    e = evaluate(law, y, accuracy);
  }
  const double kl_noise = (2e-15 + e.error) * (1 + (law.from_top() ? e.scaled : e.scaled_sd));
  Found f;
  set_evaluated(f, law, y, e, (kl - e.kl).value(), kl_noise, 0);
  return f;
}

Found tilt_of(const SmoothLaw& law, DoubleDouble kl, Accuracy accuracy) {
  switch (law.family) {
    case Family::exponential:
    case Family::gamma:
      return gamma_tilt(law, kl);
    case Family::normal:
      return normal_tilt(kl);
    case Family::laplace:
      return laplace_tilt(kl);
    case Family::logistic:
      return pole_tilt(law, kl);
    case Family::gumbel:
      return law.sign > 0 ? pole_tilt(law, kl) : mirrored_gumbel_tilt(kl);
    default:
      return found_tilt(law, kl, accuracy);
  }
}

/** Mean and sd of the base. */
Found base_of(const SmoothLaw& law, Accuracy accuracy) {
  Found f;
  f.log_b = -HUGE_VAL;
  switch (law.family) {
    case Family::normal:
      break;
    case Family::logistic:
      f.log_sd = std::log(std::numbers::pi * std::numbers::pi / 3) / 2;
      break;
    case Family::laplace:
      f.log_sd = std::numbers::ln2 / 2;
      break;
    case Family::gumbel:
      // gamma to 31 digits
      f.mean.mean = DoubleDouble(law.sign) * DoubleDouble(0.57721566490153287, -4.9429151524309318e-18);
      f.log_sd = std::log(zeta(2)) / 2;
      break;
    case Family::exponential:
    case Family::gamma:
      f.log_sd = std::log(law.first.hi) / 2;
      f.mean.mean = law.first;
      if (law.sign < 0) {
        f.mean.from_top = true;
        f.mean.log_shortfall = log(law.first);
      }
      break;
    default: {
      const BaseMesh mesh = base_mesh(law, accuracy, false);
      f.mean = mesh.mean;
      f.log_sd = mesh.log_sd;
      f.mean.error = (some_ulps + mesh.error) * (law.from_top() ? 1 : std::max(1.0, std::exp(mesh.log_sd)));
      f.sd_error = 1e-14 + 10 * mesh.error;
    }
  }
  set_shift(f.mean, 0, 0);
  return f;
}

}  // namespace

void set_reward(ContinuousMetrics& m, const SmoothLaw& law, double log_sd) {
  const DoubleDouble standard = m.mean.from_top ? -exp(m.mean.log_shortfall) : m.mean.mean;
  m.reward = law.reward(standard).value();
  m.reward_sd = law.unit_value() * std::exp(log_sd);
  const double error = m.mean.from_top ? m.mean.error * -standard.hi : m.mean.error;
  m.reward_error = law.unit_value() * error / std::max(1.0, std::fabs(m.reward)) + 3e-16;
}

void set_from_top(ContinuousMetrics& m, const SmoothLaw& law, const LocalLaw& at, const std::vector<double>& offset,
                  const std::vector<double>& log_weight, double noise) {
  std::vector<double> sizes;
  for (const double d : offset) sizes.push_back(at.d_log_size(d));
  const LogMoments of = log_moments(log_weight, sizes);
  m.mean.from_top = true;
  m.mean.log_shortfall = at.log_size + of.log_mean;
  m.mean.error = noise;
  set_reward(m, law, m.mean.log_shortfall.value() + std::log(of.relative_sd));
}

// Best-of-N.

/** Where N P(X > x) = 1, roughly; log N is not small. */
double top_guess(const SmoothLaw& law, double log_n) {
  const bool up = law.sign > 0;
  switch (law.family) {
    case Family::uniform:
    case Family::logistic:
      return up ? log_n : -log_n;
    case Family::exponential:
    case Family::weibull:
      return up ? std::log(log_n) : -log_n;
    case Family::normal:
    case Family::lognormal:
      return (up ? 1 : -1) * std::sqrt(2 * log_n);
    case Family::laplace: {
      const double y = std::log(log_n - std::numbers::ln2);
      return up ? y : -y;
    }
    case Family::gumbel:
      return up ? log_n : -std::log(log_n);
    default:
      break;
  }
  // Gamma and beta: by bisection from the peak outwards.
  const auto tail = [&](double s) {
    const LocalLaw at(law, s, 0);
    return at.log_density.value() + at.log_above_over_density(0) + log_n;
  };
  double in = law.mode();
  double step = 0.25 * law.sign;
  if (tail(in) < 0) return in;
  double out = in + step;
  for (int i = 0; i < 200 && tail(out) > 0; ++i) {
    in = out;
    step *= up ? 1.2 : 2;
    out += step;
  }
  for (int i = 0; i < 100; ++i) {
    const double middle = in + (out - in) / 2;
    const double t = tail(middle);
    (t > 0 ? in : out) = middle;
    if (std::fabs(t) < 0.5) break;
  }
  return out;
}

namespace {

/** log of best-of-N's density of s, from the point. */
Function best_of_n_density_of(const LocalLaw& at, DoubleDouble log_n) {
  const double log_here = at.log_density.value();
  const double log_share = (log_n + at.log_density).value();
  const double n = std::exp(log_n.value());
  const double less = -std::expm1(-log_n.value());
  return [=, &at](double d) {
    const double f = at.d_log_density(d);
    if (!(f > -infinity)) return f;
    const double above = at.log_above_over_density(d);
    const double tail = std::exp(log_here + f + above);
    const double times = tail < 0.5 ? std::exp(log_share + f + above) * minus_log1m_over(tail)
                                    : -n * (log_here + f + at.log_below_over_density(d));
    return times > 0 ? f - less * times : f;
  };
}

Placed best_of_n_rule(const SmoothLaw& law, DoubleDouble log_n, int piece, Accuracy accuracy) {
  const double guess = log_n.hi > 2 && piece == law.top_piece() ? top_guess(law, log_n.hi) : law.mode();
  return place(law, guess, piece, accuracy, [&](const LocalLaw& at) { return best_of_n_density_of(at, log_n); });
}

/** Best-of-N's shift near the base: sum of p c (N F^(N-1) - 1). */
double near_best_of_n(const BaseMesh& mesh, double log_n) {
  const double less = std::expm1(log_n);
  double shift = 0;
  for (std::size_t i = 0; i < mesh.deviation.size(); ++i) {
    const double c = std::exp(mesh.log_weight[i] / 2) * std::sqrt(mesh.variance_weight[i]);
    shift += std::copysign(c, mesh.deviation[i]) * std::expm1(log_n + less * mesh.log_cdf[i]);
  }
  return shift;
}

}  // namespace

ContinuousTilt kl_rl(const SmoothLaw& law, DoubleDouble kl, Accuracy accuracy) {
  const bool base = !(kl.hi > 0);
  const Found f = base ? base_of(law, accuracy) : tilt_of(law, kl, accuracy);
  ContinuousTilt out;
  out.log_tilt = f.log_b;
  out.alpha = base ? 0 : std::exp((f.log_b - law.log_unit()).value());
  out.alpha_error = base ? 0 : f.alpha_error;
  ContinuousMetrics& m = out.metrics;
  m.mean = f.mean;
  m.exact_kl = base ? DoubleDouble(0) : kl;
  m.kl = m.exact_kl.value();
  m.win_rate = f.win_rate;
  m.win_rate_error = base ? 0 : f.win_rate_error;
  m.sd_error = f.sd_error;
  set_reward(m, law, f.log_sd);
  bound(m);
  return out;
}

namespace {

/** What quadrature tells of best-of-N's rewards: log of their sd in standard units, and what it missed. */
struct BestRewards {
  double log_sd = 0;
  /** What the masses add up to beyond 1. */
  double defect = 0;
  double error = 0;
};

BestRewards set_best_from_top(MeanReward& mean, const SmoothLaw& law, DoubleDouble log_n, Accuracy accuracy) {
  const Placed p = best_of_n_rule(law, log_n, 0, accuracy);
  std::vector<double> sizes;
  for (const double d : p.rule.at) sizes.push_back(p.at.d_log_size(d));
  const LogMoments of = log_moments(p.rule.log_weight, sizes);
  mean.from_top = true;
  mean.log_shortfall = p.at.log_size + of.log_mean;
  return {mean.log_shortfall.value() + std::log(of.relative_sd), (log_n + p.at.log_density).value() + p.rule.log_total,
          p.rule.error};
}

BestRewards set_best_of_values(MeanReward& of, const SmoothLaw& law, DoubleDouble log_n, Accuracy accuracy) {
  BestRewards out;
  // Below a corner at the median best-of-N has mass 2^-N.
  const bool both = law.pieces() > 1 && log_n.hi < 5;
  std::vector<double> weight;
  std::vector<double> value;
  double total = 0;
  DoubleDouble anchor = 0;
  for (int k = 0; k < (both ? 2 : 1); ++k) {
    const int piece = k == 0 ? law.top_piece() : 1 - law.top_piece();
    const Placed p = best_of_n_rule(law, log_n, piece, accuracy);
    const double mass = std::exp((log_n + p.at.log_density).value() + p.rule.log_total);
    if (k == 0) anchor = p.at.value;
    const double off = (p.at.value - anchor).value();
    total += mass;
    out.error = std::max(out.error, p.rule.error);
    for (std::size_t i = 0; i < p.rule.at.size(); ++i) {
      weight.push_back(mass * p.rule.weight[i]);
      value.push_back(off + p.at.d_value(p.rule.at[i]));
    }
  }
  out.defect = total - 1;
  double mean = 0;
  for (std::size_t i = 0; i < weight.size(); ++i) mean += weight[i] / total * value[i];
  double variance = 0;
  for (std::size_t i = 0; i < weight.size(); ++i) variance += weight[i] / total * (value[i] - mean) * (value[i] - mean);
  of.mean = anchor + mean;
  out.log_sd = std::log(variance) / 2;
  return out;
}

/** The shift from the base, where N is so near to 1 that means lose it. */
void set_best_near_base(MeanReward& mean, const SmoothLaw& law, DoubleDouble log_n, Accuracy accuracy) {
  const BaseMesh mesh = base_mesh(law, accuracy, true);
  const double shift = std::exp(mesh.log_sd) * near_best_of_n(mesh, log_n.value());
  set_shift(mean, shift, (5 * some_ulps + mesh.error) * shift);
  // Of a symmetric law the shift is the mean, with its own digits.
  if (law.family == Family::normal || law.family == Family::logistic || law.family == Family::laplace) {
    mean.mean = shift;
    mean.error = mean.shift_error;
  }
}

}  // namespace

ContinuousMetrics best_of_n(const SmoothLaw& law, DoubleDouble log_n, Accuracy accuracy) {
  ContinuousMetrics m;
  if (!(log_n.hi > 0)) return kl_rl(law, 0, accuracy).metrics;
  const BestRewards rewards = law.from_top() ? set_best_from_top(m.mean, law, log_n, accuracy)
                                             : set_best_of_values(m.mean, law, log_n, accuracy);
  // The total is known to be 1: what is missed of it shows.
  const double noise = some_ulps + rewards.error + std::fabs(rewards.defect);
  m.mean.error = noise * (law.from_top() ? 1 : std::exp(rewards.log_sd));
  m.sd_error = 10 * noise;
  if (log_n.hi < near_base_log_n) set_best_near_base(m.mean, law, log_n, accuracy);
  m.exact_kl = log_n.hi > 0.1 ? log_n + std::expm1(-log_n.value()) : DoubleDouble(best_of_n_kl_bound(log_n.value()));
  m.kl = m.exact_kl.value();
  m.kl_deficit = -std::expm1(-log_n.value());
  m.win_rate = 1 / (1 + std::exp(-log_n.value()));
  m.win_rate_error = m.kl_error = 3e-16;
  set_reward(m, law, rewards.log_sd);
  bound(m);
  return m;
}

double log_mgf(const SmoothLaw& law, DoubleDouble log_tilt, Accuracy accuracy) {
  const double b = std::exp(log_tilt.value());
  switch (law.family) {
    case Family::exponential:
    case Family::gamma:
      // log(1 + b) is log b where b is past what a double holds.
      return -law.first.hi * (std::isinf(b) ? log_tilt.value() : std::log1p(-law.sign * b));
    case Family::normal:
      return b * b / 2;
    case Family::laplace:
      return -std::log1p(-b * b);
    case Family::logistic:
      return std::lgamma(1 + b) + std::lgamma(1 - b);
    case Family::gumbel:
      return std::lgamma(1 - law.sign * b);
    case Family::weibull:
      // Of a shape k near 1 the peak alone, b v - v^k there: what is beside it is a logarithm.
      if (const double s = weibull_peak(law, log_tilt.value()); !law.from_top() && s > 35)
        return (1 / law.power.hi - 1) * std::exp(s);
      [[fallthrough]];
    default:
      return evaluate(law, log_tilt, accuracy, false).log_mgf;
  }
}

namespace {

/** Points along a rule's density where it is above 1e-9 of its peak. */
void trace(DensityCurve& curve, const SmoothLaw& law, const Placed& p, const Function& log_f, int piece,
           double log_mass, int points) {
  constexpr double invisible = -21;
  double lo = infinity;
  double hi = -infinity;
  double top = -infinity;
  for (const double d : p.rule.at) top = std::max(top, log_f(d));
  for (const double d : p.rule.at) {
    if (log_f(d) - top < invisible) continue;
    lo = std::min(lo, d);
    hi = std::max(hi, d);
  }
  points = std::max(points, 2);
  const double unit = law.unit_value();
  const double step = (hi - lo) / (points - 1);
  // log of the density of s
  const auto log_here = [&](double d) { return log_mass + log_f(d) - p.rule.log_total; };
  const std::size_t before = curve.mass.size();
  double last = 0;
  double total = 0;
  for (int k = 0; k < points; ++k) {
    const double d = lo + (hi - lo) * k / (points - 1);
    const DoubleDouble standard =
        law.from_top() ? -exp(p.at.log_size + p.at.d_log_size(d)) : p.at.value + p.at.d_value(d);
    curve.reward.push_back(law.reward(standard).value());
    curve.density.push_back(std::exp(log_here(d) - law.log_slope(p.at.origin + d, piece)) / unit);
    // Simpson's rule: along s the density is smooth, whatever it is along the reward.
    const double here = std::exp(log_here(d));
    curve.mass.push_back(k > 0 ? step / 6 * (last + 4 * std::exp(log_here(d - step / 2)) + here) : 0);
    total += curve.mass.back();
    last = here;
  }
  // The rule's own nodes are where a steep density needs them.
  for (std::size_t i = before; i < curve.mass.size() && total > 0; ++i) curve.mass[i] *= std::exp(log_mass) / total;
}

/** A law that doubles cannot tell from one reward is that reward. */
void settle(DensityCurve& curve, double mean) {
  // Of a narrower one the density is past 1e308.
  constexpr double narrowest = 1e-305;
  const bool wide =
      curve.reward.size() > 1 && std::fabs(curve.reward.back() - curve.reward.front()) >
                                     std::max(narrowest, 1e-13 * std::fabs(curve.reward.back() + curve.reward.front()));
  if (!wide) {
    curve = {{}, {}, {}, {mean}, {1}};
  } else if (curve.reward.back() < curve.reward.front()) {
    std::reverse(curve.reward.begin(), curve.reward.end());
    std::reverse(curve.density.begin(), curve.density.end());
    std::reverse(curve.mass.begin() + 1, curve.mass.end());
  }
  // Far from the end that rewards are counted from, their rounding may turn neighbours round.
  for (std::size_t i = 1; i < curve.reward.size(); ++i)
    curve.reward[i] = std::max(curve.reward[i], curve.reward[i - 1]);
}

}  // namespace

namespace {

/** A density to be placed: where to look for its peak, and its logarithm as seen from a point. */
struct Shape {
  double guess;
  std::function<Function(const LocalLaw&)> make;
};

/** Exponential and gamma: the law scaled by mean/shape. */
Shape scaled_shape(const SmoothLaw& law, const ContinuousTilt& tilt) {
  const MeanReward& mean = tilt.metrics.mean;
  const double shift = (mean.from_top ? mean.log_shortfall : log(mean.mean)).value() - std::log(law.first.hi);
  return {law.mode() + shift, [shift, k = law.first.hi](const LocalLaw& at) {
            const double scale = std::exp(at.origin - shift);
            return [=](double d) { return (k - scale) * d - scale * exp_rest(d); };
          }};
}

/** Logistic, Gumbel and Laplace: by what b lacks of the pole at 1. */
Shape pole_shape(const SmoothLaw& law, const ContinuousTilt& tilt, double b, int piece) {
  const double s_b = law.sign * b;
  // slack = 1 - b from the mean, which is near 1/slack where b has lost the digits.
  const double slack = b < 0.9 ? 1 - b : 1 / std::max(1.0, std::fabs(tilt.metrics.mean.mean.value()));
  return {law.mode(), [&law, s_b, slack, piece](const LocalLaw& at) {
            const double s0 = at.origin;
            const auto log_f = [&law, s_b, slack, piece](double s) {
              if (law.family == Family::gumbel)
                return law.sign > 0 ? -slack * s - std::exp(-s) : -(1 - s_b) * s - std::exp(-s);
              if (law.family == Family::logistic) {
                const double x = law.sign * s;
                return (x > 0 ? -slack * x : (2 - slack) * x) - 2 * std::log1p(std::exp(-std::fabs(s)));
              }
              const double y = piece == 0 ? -s : s;
              const bool upper = (piece == 1) == (law.sign > 0);
              return y - (upper ? slack : 2 - slack) * std::exp(y);
            };
            const double here = log_f(s0);
            return [=](double d) { return log_f(s0 + d) - here; };
          }};
}

Shape tilted_shape(const SmoothLaw& law, const ContinuousTilt& tilt, int piece) {
  const double b = std::exp(tilt.log_tilt.value());
  if (!(b > 0)) return {law.mode(), [](const LocalLaw& at) { return [&at](double d) { return at.d_log_density(d); }; }};
  switch (law.family) {
    case Family::normal:
      return {law.sign * b, [s = law.sign * b](const LocalLaw& at) {
                return [&at, s](double d) { return d * (s - at.origin - d / 2); };
              }};
    case Family::exponential:
    case Family::gamma:
      return scaled_shape(law, tilt);
    case Family::logistic:
    case Family::gumbel:
    case Family::laplace:
      return pole_shape(law, tilt, b, piece);
    default:
      return {tilt_guess(law, tilt.log_tilt),
              [&law, log_b = tilt.log_tilt](const LocalLaw& at) { return tilted(law, at, log_b); }};
  }
}

}  // namespace

DensityCurve tilt_density(const SmoothLaw& law, const ContinuousTilt& tilt, int points) {
  DensityCurve curve;
  for (int piece = 0; piece < law.pieces(); ++piece) {
    const Shape shape = tilted_shape(law, tilt, piece);
    const Placed p = place(law, shape.guess, piece, Accuracy::picture, shape.make);
    double log_mass = 0;
    if (law.family == Family::laplace) {
      const double above = (1 + law.sign * std::exp(tilt.log_tilt.value())) / 2;
      log_mass = std::log(piece == 1 ? above : 1 - above);
    }
    trace(curve, law, p, shape.make(p.at), piece, log_mass, points / law.pieces());
  }
  settle(curve, tilt.metrics.reward);
  return curve;
}

DensityCurve best_of_n_density(const SmoothLaw& law, double log_n, int points) {
  if (log_n <= 0) return tilt_density(law, kl_rl(law, 0, Accuracy::picture), points);
  DensityCurve curve;
  for (int piece = 0; piece < law.pieces(); ++piece) {
    if (piece != law.top_piece() && log_n > 5) continue;
    const Placed p = best_of_n_rule(law, log_n, piece, Accuracy::picture);
    const double log_mass = (DoubleDouble(log_n) + p.at.log_density).value() + p.rule.log_total;
    trace(curve, law, p, best_of_n_density_of(p.at, log_n), piece, log_mass, points / law.pieces());
  }
  settle(curve, best_of_n(law, log_n, Accuracy::picture).reward);
  return curve;
}

}  // namespace tiltlab::continuous
