#include "policies/continuous.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "error.hpp"
#include "numerics/log_domain.hpp"
#include "numerics/roots.hpp"

namespace tiltlab {

namespace {

/** Nodes of a smooth law reweighted, piece after piece; weights sum to 1. */
struct Nodes {
  std::vector<double> s;
  std::vector<int> piece;
  std::vector<double> value;
  std::vector<double> weight;
  double log_total = 0;
  double error = 0;
};

/** @param first the lowest piece that carries any weight */
Nodes nodes_of(const SmoothLaw& law, const std::function<double(double, int)>& log_f, int first = 0) {
  std::vector<LineRule> rules;
  double top = -infinity;
  for (int piece = first; piece < law.pieces(); ++piece) {
    rules.push_back(line_rule([&](double s) { return log_f(s, piece); }, 0));
    top = std::max(top, rules.back().log_total);
  }
  double total = 0;
  for (const LineRule& rule : rules) total += std::exp(rule.log_total - top);
  Nodes nodes;
  nodes.log_total = top + std::log(total);
  for (int piece = first; piece < law.pieces(); ++piece) {
    const LineRule& rule = rules[static_cast<std::size_t>(piece - first)];
    const double share = std::exp(rule.log_total - nodes.log_total);
    nodes.error = std::max(nodes.error, share * rule.error);
    for (std::size_t i = 0; i < rule.s.size(); ++i) {
      if (!(share * rule.weight[i] > 0)) continue;
      nodes.s.push_back(rule.s[i]);
      nodes.piece.push_back(piece);
      nodes.value.push_back(law.value(rule.s[i], piece));
      nodes.weight.push_back(share * rule.weight[i]);
    }
  }
  return nodes;
}

struct Spread {
  double mean = 0;
  double sd = 0;
};

Spread spread(const Nodes& nodes) {
  Spread out;
  for (std::size_t i = 0; i < nodes.s.size(); ++i) out.mean += nodes.weight[i] * nodes.value[i];
  double largest = 0;
  for (std::size_t i = 0; i < nodes.s.size(); ++i)
    largest = std::max(largest, nodes.weight[i] * std::fabs(nodes.value[i] - out.mean));
  if (largest == 0) return out;
  // In units of the largest share: near the top of a bounded law squares of deviations underflow.
  double sum = 0;
  for (std::size_t i = 0; i < nodes.s.size(); ++i) {
    const double d = (nodes.value[i] - out.mean) / largest;
    sum += nodes.weight[i] * d * d;
  }
  out.sd = largest * std::sqrt(sum);
  return out;
}

double win_rate(const SmoothLaw& law, const Nodes& nodes) {
  double lost = 0;
  for (std::size_t i = 0; i < nodes.s.size(); ++i)
    lost += nodes.weight[i] * std::exp(law.log_above(nodes.s[i], nodes.piece[i]));
  return 1 - lost;
}

/** Room for rounding beside the quadrature's own error. */
constexpr double rounding = 1e-13;

/** log of the largest tilt that a double holds with room. */
constexpr double largest_position = 690;

/** A tilt by its position y on the whole line: b = e^y, or b = 1/(1 + e^-y) of a largest tilt of 1. */
struct Position {
  double b;
  double slack;
};

Position at_position(const SmoothLaw& law, double y) {
  if (std::isinf(law.largest_tilt())) return {std::exp(y), infinity};
  return {1 / (1 + std::exp(-y)), 1 / (1 + std::exp(y))};
}

Nodes tilted_nodes(const SmoothLaw& law, Position at) {
  return nodes_of(law, [&](double s, int piece) { return law.log_tilted(s, piece, at.b, at.slack); });
}

Nodes base_nodes(const SmoothLaw& law) {
  return nodes_of(law, [&](double s, int piece) { return law.log_density(s, piece); });
}

/** KL(tilt || p) = b E v - Lambda(b); near b = 0 by E_p[y e^y - e^y + 1], y = b v - Lambda, whose terms are positive.
 */
double kl_of(const Nodes& base, const Nodes& tilted, const Spread& of, double b) {
  const double lambda = tilted.log_total - base.log_total;
  if (b * of.sd > 0.14) return b * of.mean - lambda;
  double sum = 0;
  for (std::size_t i = 0; i < base.s.size(); ++i) sum += base.weight[i] * kl_term(b * base.value[i] - lambda);
  return sum;
}

void set_reward(ContinuousMetrics& m, const SmoothLaw& law, const Spread& of) {
  // The mean of a symmetric law is 0, not what the rounding of its sum leaves.
  m.offset = std::fabs(of.mean) < 4e-16 * of.sd ? 0 : law.unit * of.mean;
  m.reward = law.base + m.offset;
  m.reward_sd = law.unit * of.sd;
}

ContinuousTilt kl_rl_smooth(const SmoothLaw& law, double kl) {
  const Nodes base = base_nodes(law);
  ContinuousTilt out;
  const auto describe = [&](const Nodes& nodes, const Spread& of) {
    set_reward(out.metrics, law, of);
    out.metrics.win_rate = win_rate(law, nodes);
    out.metrics.error_bound = nodes.error + base.error + rounding;
  };
  if (kl <= 0) {
    describe(base, spread(base));
    out.metrics.win_rate = 0.5;
    return out;
  }
  // log KL is nearly linear in log b, with slope b^2 Var / KL: Newton's steps, kept within a bracket.
  double y = std::min(0.5 * std::log(2 * kl) - std::log(spread(base).sd), largest_position);
  double lo = -infinity;
  double hi = infinity;
  for (int i = 0;; ++i) {
    const Position at = at_position(law, y);
    const Nodes nodes = tilted_nodes(law, at);
    const Spread of = spread(nodes);
    const double found = kl_of(base, nodes, of, at.b);
    const double miss = std::log(found / kl);
    (miss < 0 ? lo : hi) = y;
    if (y >= largest_position && miss < 0) {
      // All that is left lies within 1e-300 of the largest reward.
      out.alpha = infinity;
      out.metrics = {law.base, 0, 0, kl, 1, rounding};
      return out;
    }
    const double log_slope = at.b * of.sd * (at.b * of.sd) / found * (std::isinf(at.slack) ? 1 : at.slack);
    double step = -miss / log_slope;
    if (std::fabs(step) < 3e-9 * std::max(1.0, std::fabs(y))) {
      // The next step would be below the last digit.
      y += step;
      break;
    }
    if (i > 100 || !std::isfinite(step)) throw NumericalError("KL-RL's tilt at " + to_text(kl) + " nats was not found");
    step = std::clamp(step, -8.0, 8.0);
    double next = std::min(y + step, largest_position);
    if (std::isfinite(lo) && std::isfinite(hi) && !(next > lo && next < hi)) next = (lo + hi) / 2;
    y = next;
  }
  const Position at = at_position(law, y);
  const Nodes nodes = tilted_nodes(law, at);
  const Spread of = spread(nodes);
  describe(nodes, of);
  out.metrics.kl = kl;
  out.alpha = at.b / law.unit;
  out.log_mgf = nodes.log_total - base.log_total;
  return out;
}

/** log of the density of best-of-N in s: log N + log f + (N - 1) log F. */
double log_best_of_n(const SmoothLaw& law, double s, int piece, double log_n) {
  const double above = law.log_above(s, piece);
  const double tail = std::exp(above);
  const double log_minus_log_cdf = tail < 0.5 ? above + log_minus_log1m_over(tail) : std::log(-law.log_below(s, piece));
  const double log_rest = log_n + log1mexp(-log_n);  // log(N - 1)
  return log_n + law.log_density(s, piece) - std::exp(log_rest + log_minus_log_cdf);
}

Nodes best_of_n_nodes(const SmoothLaw& law, double log_n) {
  if (log_n <= 0) return base_nodes(law);
  // Below a corner at the median best-of-N has mass 2^-N.
  const int first = law.pieces() > 1 && log_n > 5 ? 1 : 0;
  return nodes_of(
      law, [&](double s, int piece) { return log_best_of_n(law, s, piece, log_n); }, first);
}

ContinuousMetrics best_of_n_smooth(const SmoothLaw& law, double log_n) {
  const Nodes nodes = best_of_n_nodes(law, log_n);
  const Spread of = spread(nodes);
  ContinuousMetrics m;
  set_reward(m, law, of);
  m.kl = best_of_n_kl_bound(log_n);
  m.win_rate = 1 / (1 + std::exp(-log_n));
  // The total is known to be 1: what the quadrature misses of it is an error that shows.
  m.error_bound = nodes.error + rounding;
  return m;
}

DensityCurve density_of(const SmoothLaw& law, const Nodes& nodes, const std::function<double(double, int)>& log_f,
                        int points) {
  constexpr double invisible = 1e-9;
  DensityCurve curve;
  for (int piece = 0; piece < law.pieces(); ++piece) {
    double lo = infinity;
    double hi = -infinity;
    for (std::size_t i = 0; i < nodes.s.size(); ++i) {
      if (nodes.piece[i] != piece || nodes.weight[i] < invisible) continue;
      lo = std::min(lo, nodes.s[i]);
      hi = std::max(hi, nodes.s[i]);
    }
    const int count = points / law.pieces();
    for (int k = 0; k < count && lo <= hi; ++k) {
      const double s = lo + (hi - lo) * k / (count - 1);
      curve.reward.push_back(law.base + law.unit * law.value(s, piece));
      curve.density.push_back(std::exp(log_f(s, piece) - law.log_slope(s, piece)) / law.unit);
    }
  }
  return curve;
}

}  // namespace

// Quantile tables: every integral is a sum over pieces on which the reward is uniform, or an atom.
namespace {

double shortfall(const QuantileTable& t, std::size_t i) { return t.reward.back() - t.reward[i]; }

/** int_0^1 e^(-x t) dt, and the mean and variance of t under that density; x >= 0. */
double truncated_total(double x) { return one_minus_exp_over(x); }
double truncated_mean(double x) {
  if (x > 0.1) return 1 / x - 1 / std::expm1(x);
  const double y = x * x;
  return 0.5 - x * (1.0 / 12 - y * (1.0 / 720 - y * (1.0 / 30240 - y / 1209600)));
}
double truncated_variance(double x) {
  if (x > 0.5) {
    const double e = std::exp(-x);
    return 1 / (x * x) - e / ((1 - e) * (1 - e));
  }
  const double y = x * x;
  return 1.0 / 12 - y * (1.0 / 240 - y * (1.0 / 6048 - y * (1.0 / 172800 - y / 5322240)));
}

struct TableTilt {
  /** log E_p exp(alpha (r - r_max)) */
  double log_mgf = 0;
  double mean_shortfall = 0;
  double variance = 0;
  double win_rate = 0.5;
  double kl = 0;
};

TableTilt tilt_table(const QuantileTable& t, double alpha) {
  TableTilt out;
  double total = 0;
  double first = 0;
  double above = 0;
  const std::size_t pieces = t.u.size() - 1;
  const auto piece = [&](std::size_t i) {
    const double low = shortfall(t, i + 1);
    const double length = shortfall(t, i) - low;
    const double x = alpha * length;
    struct Piece {
      double weight, mean, variance, level;
    };
    const double w = (t.u[i + 1] - t.u[i]) * std::exp(-alpha * low) * truncated_total(x);
    return Piece{w, low + length * truncated_mean(x), length * length * truncated_variance(x),
                 t.u[i + 1] - (t.u[i + 1] - t.u[i]) * truncated_mean(x)};
  };
  for (std::size_t i = 0; i < pieces; ++i) {
    const auto p = piece(i);
    total += p.weight;
    first += p.weight * p.mean;
    above += p.weight * p.level;
  }
  out.log_mgf = std::log(total);
  out.mean_shortfall = first / total;
  out.win_rate = above / total;
  for (std::size_t i = 0; i < pieces; ++i) {
    const auto p = piece(i);
    const double d = p.mean - out.mean_shortfall;
    out.variance += p.weight / total * (d * d + p.variance);
  }
  out.kl = std::max(0.0, -alpha * out.mean_shortfall - out.log_mgf);
  const double range = shortfall(t, 0);
  if (alpha * range > 0.1) return out;
  // Near alpha = 0 by Gauss's rule of five points a piece, y = alpha (r - mean): E[y e^y]/Z - log Z without the first
  // order, which is 0.
  constexpr double x5[] = {0, 0.5384693101056831, 0.9061798459386640};
  constexpr double w5[] = {0.5688888888888889, 0.4786286704993665, 0.2369268850561891};
  double mean = 0;
  for (std::size_t i = 0; i < pieces; ++i) mean += (t.u[i + 1] - t.u[i]) * (shortfall(t, i) + shortfall(t, i + 1)) / 2;
  double z = 0;
  double g = 0;
  for (std::size_t i = 0; i < pieces; ++i) {
    const double centre = alpha * (mean - (shortfall(t, i) + shortfall(t, i + 1)) / 2);
    const double half = alpha * (shortfall(t, i) - shortfall(t, i + 1)) / 2;
    for (int k = -2; k <= 2; ++k) {
      const double y = centre + (k < 0 ? -1 : 1) * half * x5[std::abs(k)];
      const double w = (t.u[i + 1] - t.u[i]) * w5[std::abs(k)] / 2;
      z += w * (std::expm1(y) - y);
      g += w * y * std::expm1(y);
    }
  }
  out.kl = g / (1 + z) - std::log1p(z);
  return out;
}

double top_atom(const QuantileTable& t) {
  std::size_t i = t.u.size() - 1;
  while (i > 0 && t.reward[i - 1] == t.reward.back()) --i;
  return 1 - t.u[i];
}

bool has_atoms(const QuantileTable& t) {
  for (std::size_t i = 1; i < t.u.size(); ++i) {
    if (t.reward[i] == t.reward[i - 1]) return true;
  }
  return false;
}

ContinuousTilt kl_rl_table(const QuantileTable& t, double kl) {
  ContinuousTilt out;
  const double top = t.reward.back();
  const auto set = [&](const TableTilt& at, double alpha) {
    out.alpha = alpha;
    out.log_mgf = at.log_mgf;
    out.metrics = {top - at.mean_shortfall, -at.mean_shortfall, std::sqrt(at.variance), kl, at.win_rate, rounding};
  };
  if (kl <= 0 || t.reward.front() == t.reward.back()) {
    set(tilt_table(t, 0), 0);
    out.metrics.kl = 0;
    out.metrics.win_rate = 0.5;
    return out;
  }
  const double atom = top_atom(t);
  if (atom > 0 && kl >= -std::log(atom)) {
    out.alpha = infinity;
    out.metrics = {top, 0, 0, -std::log(atom), 1 - atom / 2, 0};
    return out;
  }
  const double start = std::sqrt(2 * kl / tilt_table(t, 0).variance);
  const double alpha =
      positive_root([&](double a) { return std::log(tilt_table(t, a).kl / kl); }, start, "KL-RL's tilt");
  set(tilt_table(t, alpha), alpha);
  return out;
}

/** log u^N */
double log_power(double u, double log_n) { return u > 0 ? -std::exp(log_n + std::log(-std::log(u))) : -infinity; }

ContinuousMetrics best_of_n_table(const QuantileTable& t, double log_n) {
  const double n = std::exp(log_n);
  ContinuousMetrics m;
  m.error_bound = rounding;
  double first = 0;
  double second = 0;
  const auto power = [&](double u, double more) {
    return u > 0 ? std::exp(log_power(u, log_n) + more * std::log(u)) : 0;
  };
  for (std::size_t i = 0; i + 1 < t.u.size(); ++i) {
    const double a = t.u[i];
    const double b = t.u[i + 1];
    const double low = shortfall(t, i + 1);
    const double slope = (shortfall(t, i) - low) / (b - a);
    // E (r_max - r) = int slope u^N du, E (r_max - r)^2 = int 2 (r_max - r) slope u^N du
    const double mass = (power(b, 1) - power(a, 1)) / (n + 1);
    const double tent = power(b, 2) / (n + 1) / (n + 2) - power(a, 1) * (b / (n + 1) - a / (n + 2));
    first += slope * mass;
    second += 2 * slope * (low * mass + slope * tent);
  }
  m.offset = -first;
  m.reward = t.reward.back() - first;
  m.reward_sd = std::sqrt(std::max(0.0, second - first * first));
  m.kl = best_of_n_kl_bound(log_n);
  m.win_rate = 1 / (1 + std::exp(-log_n));
  if (!has_atoms(t)) return m;
  // Atoms share their draws' ties: m log(m / P) instead of the integral over the piece.
  m.kl = 0;
  m.win_rate = 0;
  const auto integral = [&](double u) {
    const double log_g = log_power(u, log_n);
    return log_g > -745 ? std::exp(log_g) * (best_of_n_kl_bound(log_n) + (1 - std::exp(-log_n)) * log_g) : 0;
  };
  for (std::size_t i = 0; i + 1 < t.u.size();) {
    std::size_t next = i + 1;
    const bool atom = t.reward[next] == t.reward[i];
    while (next + 1 < t.u.size() && (t.reward[next + 1] == t.reward[next]) == atom) {
      if (atom && t.reward[next + 1] != t.reward[i]) break;
      ++next;
    }
    const double a = t.u[i];
    const double b = t.u[next];
    if (atom) {
      const double log_b = b < 1 ? log_power(b, log_n) : 0;
      const double log_mass = log_b + log1mexp(std::min(0.0, log_power(a, log_n) - log_b));
      const double mass = std::exp(log_mass);
      if (mass > 0) m.kl += mass * (log_mass - std::log(b - a));
      m.win_rate += mass * (a + b) / 2;
    } else {
      m.kl += integral(b) - integral(a);
      m.win_rate += (power(b, 1) - power(a, 1)) / (1 + std::exp(-log_n));
    }
    i = next;
  }
  m.kl = std::max(0.0, m.kl);
  return m;
}

DensityCurve table_density(const QuantileTable& t, const std::function<double(double, double)>& ratio,
                           const std::function<double(double, double)>& mass, int points) {
  DensityCurve curve;
  const std::size_t pieces = t.u.size() - 1;
  const int each = std::max(2, points / static_cast<int>(pieces));
  for (std::size_t i = 0; i < pieces; ++i) {
    const double width = t.reward[i + 1] - t.reward[i];
    if (width <= 0) {
      curve.atom_reward.push_back(t.reward[i]);
      curve.atom_mass.push_back(mass(t.u[i], t.u[i + 1]));
      continue;
    }
    for (int k = 0; k < each; ++k) {
      const double share = static_cast<double>(k) / (each - 1);
      const double u = t.u[i] + share * (t.u[i + 1] - t.u[i]);
      const double r = t.reward[i] + share * width;
      curve.reward.push_back(r);
      curve.density.push_back((t.u[i + 1] - t.u[i]) / width * ratio(r, u));
    }
  }
  return curve;
}

}  // namespace

ContinuousTilt kl_rl(const ContinuousLaw& law, double kl) {
  if (const auto* smooth = std::get_if<SmoothLaw>(&law)) return kl_rl_smooth(*smooth, kl);
  return kl_rl_table(std::get<QuantileTable>(law), kl);
}

ContinuousMetrics best_of_n(const ContinuousLaw& law, double log_n) {
  if (const auto* smooth = std::get_if<SmoothLaw>(&law)) return best_of_n_smooth(*smooth, log_n);
  return best_of_n_table(std::get<QuantileTable>(law), log_n);
}

double kl_to_tilt(const ContinuousMetrics& policy, const ContinuousTilt& tilt) {
  if (std::isinf(tilt.alpha)) return policy.offset == 0 ? 0 : std::numeric_limits<double>::quiet_NaN();
  return std::max(0.0, policy.kl - tilt.alpha * policy.offset + tilt.log_mgf);
}

bool has_atoms(const ContinuousLaw& law) {
  const auto* table = std::get_if<QuantileTable>(&law);
  return table && has_atoms(*table);
}

double best_of_n_renyi(double log_n, double order) {
  if (log_n <= 0) return 0;
  if (std::isinf(order)) return log_n;
  if (std::fabs(order - 1) < 1e-7) return best_of_n_kl_bound(log_n);
  // s log N - log(s (N - 1) + 1), with N^-1 where N is large
  const double log_rest = log_n + std::log(order - (order - 1) * std::exp(-log_n));
  return (order * log_n - log_rest) / (order - 1);
}

double tilt_renyi(const ContinuousLaw& law, const ContinuousTilt& tilt, double order) {
  if (std::fabs(order - 1) < 1e-7) return tilt.metrics.kl;
  const double alpha = order * tilt.alpha;
  double log_mgf = 0;
  if (const auto* smooth = std::get_if<SmoothLaw>(&law)) {
    const double b = alpha * smooth->unit;
    if (!(b < smooth->largest_tilt())) return infinity;
    log_mgf = tilted_nodes(*smooth, {b, 1 - b}).log_total - base_nodes(*smooth).log_total;
  } else {
    log_mgf = tilt_table(std::get<QuantileTable>(law), alpha).log_mgf;
  }
  return (log_mgf - order * tilt.log_mgf) / (order - 1);
}

double kl_max(const ContinuousLaw& law) {
  const auto* table = std::get_if<QuantileTable>(&law);
  return table && top_atom(*table) > 0 ? -std::log(top_atom(*table)) : infinity;
}

double anchor(const ContinuousLaw& law) {
  if (const auto* smooth = std::get_if<SmoothLaw>(&law)) return smooth->base;
  return std::get<QuantileTable>(law).reward.back();
}

double largest_reward(const ContinuousLaw& law) {
  if (const auto* smooth = std::get_if<SmoothLaw>(&law)) return smooth->largest();
  return std::get<QuantileTable>(law).reward.back();
}

DensityCurve tilt_density(const ContinuousLaw& law, const ContinuousTilt& tilt, int points) {
  if (const auto* smooth = std::get_if<SmoothLaw>(&law)) {
    const double b = tilt.alpha * smooth->unit;
    if (std::isinf(b)) return {{}, {}, {smooth->base}, {1}};
    const Position at{b, 1 - b};
    const auto log_f = [&](double s, int piece) { return smooth->log_tilted(s, piece, at.b, at.slack); };
    const Nodes nodes = nodes_of(*smooth, log_f);
    return density_of(
        *smooth, nodes, [&](double s, int piece) { return log_f(s, piece) - nodes.log_total; }, points);
  }
  const auto& t = std::get<QuantileTable>(law);
  if (std::isinf(tilt.alpha)) return {{}, {}, {t.reward.back()}, {1}};
  const auto ratio = [&](double r) { return std::exp(tilt.alpha * (r - t.reward.back()) - tilt.log_mgf); };
  return table_density(
      t, [&](double r, double) { return ratio(r); },
      [&](double a, double b) {
        const auto at = std::find(t.u.begin(), t.u.end(), a) - t.u.begin();
        return (b - a) * ratio(t.reward[static_cast<std::size_t>(at)]);
      },
      points);
}

DensityCurve best_of_n_density(const ContinuousLaw& law, double log_n, int points) {
  if (const auto* smooth = std::get_if<SmoothLaw>(&law)) {
    const Nodes nodes = best_of_n_nodes(*smooth, log_n);
    const auto log_f = [&](double s, int piece) {
      return log_n > 0 ? log_best_of_n(*smooth, s, piece, log_n) : smooth->log_density(s, piece);
    };
    return density_of(*smooth, nodes, log_f, points);
  }
  const auto& t = std::get<QuantileTable>(law);
  return table_density(
      t,
      [&](double, double u) { return u > 0       ? std::exp(log_n + log_power(u, log_n) - std::log(u))
                                     : log_n > 0 ? 0
                                                 : 1; },
      [&](double a, double b) { return std::exp(log_power(b, log_n)) - std::exp(log_power(a, log_n)); }, points);
}

}  // namespace tiltlab
