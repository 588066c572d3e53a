#include <algorithm>
#include <cmath>
#include <functional>

#include "error.hpp"
#include "numerics/log_domain.hpp"
#include "numerics/quadrature.hpp"
#include "policies/continuous_parts.hpp"

/** Quantile tables: every integral is a sum over pieces on which the reward is uniform, or an atom. */
namespace tiltlab::continuous {

namespace {

/** Mean and variance of t on [0, 1] under the density proportional to e^(-x t), times x and x^2; x >= 0. */
double truncated_mean(double x) {
  if (x > 0.1) return std::isinf(x) ? 1 : 1 - x / std::expm1(x);
  const double y = x * x;
  return x * (0.5 - x * (1.0 / 12 - y * (1.0 / 720 - y * (1.0 / 30240 - y / 1209600))));
}
double truncated_variance(double x) {
  if (x > 0.7) {
    const double e = std::exp(-x);
    const double r = x > 745 ? 0 : x / (1 - e);
    return 1 - e * r * r;
  }
  // sum_n (2n - 1) B_2n x^2n / (2n)!
  constexpr double series[] = {1.0 / 12,
                               -1.0 / 240,
                               1.0 / 6048,
                               -1.0 / 172800,
                               1.0 / 5322240,
                               -691.0 / 118879488000.0,
                               1.7397297489890e-10,
                               -5.0844925402e-12};
  const double y = x * x;
  double sum = 0;
  for (int n = 7; n >= 0; --n) sum = sum * y + series[n];
  return sum * y;
}

std::size_t pieces(const QuantileTable& t) { return t.mass.size(); }
bool constant(const QuantileTable& t) { return t.shortfall.front() == 0; }

double mean_shortfall(const QuantileTable& t) {
  double mean = 0;
  for (std::size_t i = 0; i < pieces(t); ++i) mean += t.mass[i] * (t.shortfall[i + 1] + t.length[i] / 2);
  return mean;
}

/** A tilt by alpha = e^y. Shortfalls from the largest reward, times alpha: `scaled`. */
struct TableTilt {
  /** log E_p exp(alpha (r - r_max)) */
  DoubleDouble log_mgf = 0;
  double scaled = 0;
  /** alpha^2 Var = d KL / d y */
  double slope = 0;
  double win_rate = 0.5;
  DoubleDouble kl = 0;
  /** kl_max - KL of a table that ends in an atom. */
  double deficit = 0;
  /** Whether KL and shift were summed from small terms of one sign: relative errors. */
  bool near = false;
  /** alpha (E r - E_p r), where near. */
  double shift = 0;
};

/** int over a piece of half length h around m: e^x - 1 - x and x (e^x - 1), x uniform, both at least 0. */
struct NearPiece {
  double rest;
  double first;
};
NearPiece near_piece(double m, double h) {
  NearPiece out{};
  if (h < 1) {
    // sinh(h)/h - 1 and cosh(h) - sinh(h)/h
    const double y = h * h;
    double term = 1;
    double sinh_rest = 0;
    double cosh_rest = 0;
    for (int n = 1; n < 10; ++n) {
      term *= y / (2 * n * (2 * n + 1));
      sinh_rest += term;
      cosh_rest += 2 * n * term;
    }
    const double e = std::exp(m);
    out.rest = exp_rest(m) + e * sinh_rest;
    out.first = m * std::expm1(m) + e * (m * sinh_rest + cosh_rest);
  } else {
    const double up = std::exp(m + h);
    const double down = std::exp(m - h);
    const double mean = (up - down) / (2 * h);
    out.rest = mean - 1 - m;
    out.first = m * (mean - 1) + (up + down) / 2 - mean;
  }
  return out;
}

/** A piece under the tilt: its weight against the top piece's, its mean and variance times alpha, and its P(r > r'). */
struct TiltedPiece {
  double weight, scaled, variance, lost;
};

struct TiltedPieces {
  std::vector<TiltedPiece> parts;
  /** log of the top piece's weight, which all are shares of. */
  DoubleDouble reference = 0;
  double total = 0;
  /** The total without an atom at the largest reward. */
  double beside_atom = 0;
};

TiltedPieces tilted_pieces(const QuantileTable& t, DoubleDouble y) {
  TiltedPieces out;
  const std::size_t n = pieces(t);
  out.parts.resize(n);
  for (std::size_t k = n; k-- > 0;) {
    const double low = t.shortfall[k + 1];
    const double length = t.length[k];
    const DoubleDouble log_x = y + (length > 0 ? std::log(length) : -1e300);
    const double x = length > 0 ? std::exp(log_x.value()) : 0;
    const double drop = low > 0 ? std::exp(y.value() + std::log(low)) : 0;
    DoubleDouble log_weight = std::log(t.mass[k]) - drop;
    if (drop > 0 && !(log_weight.hi > -1e300)) {
      out.parts[k] = {0, 0, 0, 0};
      continue;
    }
    if (x > 50) {
      log_weight = log_weight - log_x + std::log1p(-std::exp(-x));
    } else {
      log_weight = log_weight + std::log(one_minus_exp_over(x));
    }
    if (k == n - 1) out.reference = log_weight;
    const double weight = std::exp((log_weight - out.reference).value());
    const double mean = truncated_mean(x);
    out.parts[k] = {weight, drop + mean, truncated_variance(x), t.above[k + 1] + t.mass[k] * (x > 0 ? mean / x : 0.5)};
    if (x < 1e-300) out.parts[k].lost = t.above[k + 1] + t.mass[k] / 2;
    out.total += weight;
    if (low > 0 || length > 0) out.beside_atom += weight;
  }
  return out;
}

/** KL and shift summed from small terms of one sign, around the base's mean. */
void set_near(TableTilt& out, const QuantileTable& t, double alpha, double base_shortfall) {
  out.near = true;
  double rest = 0;
  double first = 0;
  for (std::size_t i = 0; i < pieces(t); ++i) {
    const double half = t.length[i] / 2;
    const NearPiece p = near_piece(alpha * (base_shortfall - (t.shortfall[i + 1] + half)), alpha * half);
    rest += t.mass[i] * p.rest;
    first += t.mass[i] * p.first;
  }
  out.shift = first / (1 + rest);
  out.kl = out.shift - std::log1p(rest);
}

TableTilt tilt_table(const QuantileTable& t, DoubleDouble y, double base_shortfall) {
  TableTilt out;
  const TiltedPieces all = tilted_pieces(t, y);
  const double total = all.total;
  out.log_mgf = all.reference + std::log(total);
  double lost = 0;
  for (const TiltedPiece& p : all.parts) {
    out.scaled += p.weight / total * p.scaled;
    lost += p.weight / total * p.lost;
  }
  out.win_rate = 1 - lost;
  for (const TiltedPiece& p : all.parts) {
    const double d = p.scaled - out.scaled;
    if (p.weight > 0) out.slope += p.weight / total * (d * d + p.variance);
  }
  out.kl = -out.log_mgf - out.scaled;
  if (top_atom(t) > 0) {
    const double at_top = total - all.beside_atom;
    out.deficit = out.scaled + std::log1p(all.beside_atom / at_top);
  }
  constexpr double farthest_near = 300;
  const double alpha = std::exp(y.value());
  if (alpha * base_shortfall < farthest_near) set_near(out, t, alpha, base_shortfall);
  return out;
}

/** Sum of f over the panels of [0, end], f falling like e^-x; x = 0 is where it is largest. */
double exponential_sum(double end, const std::function<double(double)>& f) {
  double sum = 0;
  if (end < 0.05) {
    // Gauss's rule of four points is exact to the last digit here, and a table may have thousands of pieces.
    constexpr double node[] = {0.33998104358485626, 0.86113631159405258};
    constexpr double weight[] = {0.65214515486254614, 0.34785484513745386};
    for (int i = 0; i < 2; ++i) sum += end / 2 * weight[i] * (f(end / 2 * (1 - node[i])) + f(end / 2 * (1 + node[i])));
    return sum;
  }
  constexpr double edges[] = {0, 1, 3, 7, 15, 30, 50};
  for (int k = 0; k < 6 && edges[k] < end; ++k) {
    const double a = edges[k];
    const double half = (std::min(edges[k + 1], end) - a) / 2;
    for (int i = 0; i < 8; ++i) {
      sum += half * Gauss16::weight[i] * f(a + half - half * Gauss16::node[i]);
      sum += half * Gauss16::weight[i] * f(a + half + half * Gauss16::node[i]);
    }
  }
  return sum;
}

/** -log u at point i, with the digits of 1 - u near the top. */
double minus_log(const QuantileTable& t, std::size_t i) {
  return t.above[i] < 0.5 ? -std::log1p(-t.above[i]) : -std::log(t.u[i]);
}

/** Pieces first .. last - 1 that make one atom, or of which none is one. */
struct Group {
  std::size_t first;
  std::size_t last;
  bool atom;
  double mass;
};
std::vector<Group> groups(const QuantileTable& t) {
  std::vector<Group> out;
  for (std::size_t i = 0; i < pieces(t); ++i) {
    const bool atom = t.length[i] == 0;
    if (!out.empty() && out.back().atom == atom) {
      out.back().last = i + 1;
      out.back().mass += t.mass[i];
    } else {
      out.push_back({i, i + 1, atom, t.mass[i]});
    }
  }
  return out;
}

/** What the groups of pieces add up to. */
struct Ties {
  double win_rate = 0;
  /** KL beyond that of untied draws; of all but the top atom where the table ends in one. */
  double rest = 0;
  double beside_top = 0;
  /** Near N = 1 the divergence is a sum of small terms, x e^x - e^x + 1 at x = log of the density's ratio. */
  double near = 0;
  /** What has not come to the top atom. */
  double beside = 1;
};

/** Best-of-N's masses of a table, and what its groups of pieces come to. */
class TiedGroups {
 public:
  TiedGroups(const QuantileTable& t, DoubleDouble log_n) : t_(t), log_n_(log_n) {}

  [[nodiscard]] Ties sum() const {
    Ties out;
    for (const Group& g : groups(t_)) {
      const double width = width_of(g);
      add(out, g, width);
      if (is_near()) add_near(out, g, width);
    }
    return out;
  }
  [[nodiscard]] bool is_near() const { return log_n_.hi < 0.1; }
  /** The KL as a sum of terms that are at least 0: where draws hardly leave an atom it drowns in the others' rounding.
   */
  [[nodiscard]] double positive_sum() const {
    constexpr double flat = 0.05;
    double sum = 0;
    for (const Group& g : groups(t_)) {
      const double width = width_of(g);
      const double log_mass = log_mass_of(g, width);
      if (g.atom) {
        sum += log_mass > -infinity ? g.mass * kl_term(log_mass - std::log(g.mass)) : g.mass;
      } else if (less_ * width < flat) {
        sum += near_of_density(g, width);
      } else {
        const bool top = g.last == pieces(t_);
        const double all = top ? best_of_n_kl_bound(log_n_.value()) : integral(g.last);
        sum += all - integral(g.first) - std::exp(log_mass) + g.mass;
      }
    }
    return sum;
  }

 private:
  /** Of -log u. */
  [[nodiscard]] double width_of(const Group& g) const {
    return t_.u[g.first] > 0 ? std::log1p(g.mass / t_.u[g.first]) : infinity;
  }
  [[nodiscard]] double log_mass_of(const Group& g, double width) const {
    return -exponent(g.last) + log1mexp(-(std::isinf(width) ? infinity : std::exp(log_n_.value() + std::log(width))));
  }
  /** log of the density's ratio at what u lacks of a group's upper end in -log u. */
  [[nodiscard]] double log_ratio(const Group& g, double x) const {
    return log_n_.value() - less_ * (minus_log(t_, g.last) + x);
  }
  [[nodiscard]] double near_of_density(const Group& g, double width) const {
    return exponential_sum(width, [&](double x) { return t_.u[g.last] * std::exp(-x) * kl_term(log_ratio(g, x)); });
  }

  /** -N log u at point i. */
  [[nodiscard]] double exponent(std::size_t i) const {
    return t_.u[i] > 0 ? (t_.above[i] > 0 ? std::exp(log_n_.value() + std::log(minus_log(t_, i))) : 0) : infinity;
  }
  /** The KL divergence of untied draws up to point i. */
  [[nodiscard]] double integral(std::size_t i) const {
    const double e = exponent(i);
    return e < 745 ? std::exp(-e) * (best_of_n_kl_bound(log_n_.value()) + std::expm1(-log_n_.value()) * e) : 0;
  }
  void add(Ties& to, const Group& g, double width) const {
    const double below = exponent(g.first);
    const double above = exponent(g.last);
    const double log_mass = log_mass_of(g, width);
    const double mass = std::exp(log_mass);
    const bool top = g.last == pieces(t_);
    if (g.atom) {
      if (top) {
        // KL = -log P - what is left: the mass outside the top atom, and what it does to the logarithm.
        const double outside = to.beside = std::exp(-below);
        if (outside > 0) to.beside_top = -outside * std::log(g.mass) - (outside < 1 ? mass * std::log1p(-outside) : 0);
      } else if (mass > 0) {
        to.rest += mass * (log_mass - std::log(g.mass));
      }
      to.win_rate += mass * (t_.u[g.first] + t_.u[g.last]) / 2;
    } else {
      if (top) {
        to.rest -= integral(g.first);
      } else {
        to.rest += integral(g.last) - integral(g.first);
      }
      to.win_rate += (std::exp(-above) * t_.u[g.last] - (below < 745 ? std::exp(-below) * t_.u[g.first] : 0)) * share_;
    }
  }
  void add_near(Ties& to, const Group& g, double width) const {
    if (!g.atom) {
      to.near += near_of_density(g, width);
      return;
    }
    const double b = t_.u[g.last];
    const double ratio =
        exponential_sum(width, [&](double x) { return b * std::exp(-x) * std::expm1(log_ratio(g, x)); }) / g.mass;
    to.near += g.mass * kl_term(std::log1p(std::max(ratio, 1e-16 - 1)));
  }

  const QuantileTable& t_;
  DoubleDouble log_n_;
  /** N - 1, and N / (N + 1). */
  double less_ = std::expm1(log_n_.value());
  double share_ = 1 / (1 + std::exp(-log_n_.value()));
};

/** KL and win rate of best-of-N where atoms share their draws' ties. */
void set_ties(ContinuousMetrics& m, const QuantileTable& t, DoubleDouble log_n) {
  const TiedGroups groups_of(t, log_n);
  const Ties ties = groups_of.sum();
  m.win_rate = ties.win_rate;
  m.beside_top = ties.beside;
  if (groups_of.is_near()) {
    m.exact_kl = ties.near;
    m.kl_deficit = (log_n - m.exact_kl).value();
  } else if (top_atom(t) > 0) {
    m.exact_kl = -log(t.atom) - (ties.beside_top - ties.rest);
    m.kl_deficit = (log_n - m.exact_kl).value();
  } else {
    m.exact_kl = log_n + (std::expm1(-log_n.value()) + ties.rest);
    m.kl_deficit = -std::expm1(-log_n.value()) - ties.rest;
  }
  constexpr double small = 0.1;
  // Of the KL and what is left to the largest one the smaller has the digits.
  const double left = top_atom(t) > 0 ? ties.beside_top - ties.rest : infinity;
  if (!groups_of.is_near() && m.exact_kl.hi < std::min(small, left)) {
    m.exact_kl = groups_of.positive_sum();
    m.kl_deficit = (log_n - m.exact_kl).value();
  }
}

}  // namespace

double top_atom(const QuantileTable& t) { return t.atom.value(); }

namespace {

/** The mean reward and standard deviation in the scenario's units, from those of the table. */
void set_rewards(ContinuousMetrics& m, const QuantileTable& t, double shortfall, double sd) {
  m.reward = std::ldexp((t.top - shortfall).value(), t.exponent);
  m.reward_sd = std::ldexp(sd, t.exponent);
  m.reward_error = m.mean.error * std::ldexp(shortfall, t.exponent) / std::max(1.0, std::fabs(m.reward)) + 3e-16;
  bound(m);
}

}  // namespace

bool has_atoms(const QuantileTable& t) {
  return std::any_of(t.length.begin(), t.length.end(), [](double x) { return x == 0; });
}

namespace {

/** The base: tilt 0, or any tilt of a table of one reward. */
void set_base(ContinuousMetrics& m, const QuantileTable& t, double base_shortfall, double base_sd) {
  m.mean.log_shortfall = constant(t) ? -HUGE_VAL : std::log(base_shortfall);
  m.mean.has_shift = true;
  m.mean.error = 2 * some_ulps;
  m.beside_top = (DoubleDouble(1) - t.atom).value();
  set_rewards(m, t, base_shortfall, base_sd);
}

/** Saturated: the top atom alone. @param left of the largest KL divergence, at most 0 */
void set_saturated(ContinuousTilt& out, const QuantileTable& t, DoubleDouble left) {
  ContinuousMetrics& m = out.metrics;
  out.alpha = infinity;
  out.log_tilt = HUGE_VAL;
  m.exact_kl = -log(t.atom);
  // A budget that is this near to the largest does not tell whether it reaches it.
  if (left.hi > -1e-29) out.alpha_error = infinity;
  m.kl = m.exact_kl.value();
  m.win_rate = 1 - top_atom(t) / 2;
  m.mean.log_shortfall = -HUGE_VAL;
  m.beside_top = 0;
  set_rewards(m, t, 0, 0);
}

double base_variance(const QuantileTable& t, double base_shortfall) {
  double variance = 0;
  for (std::size_t i = 0; i < pieces(t); ++i) {
    const double d = t.shortfall[i + 1] + t.length[i] / 2 - base_shortfall;
    variance += t.mass[i] * (d * d + t.length[i] * t.length[i] / 12);
  }
  return variance;
}

/** Where Newton's steps begin. */
DoubleDouble first_log_tilt(const QuantileTable& t, DoubleDouble kl, double base_sd) {
  DoubleDouble y = std::log(2 * kl.hi) / 2 - std::log(base_sd);
  if (kl.hi > 1) {
    y = -std::log(base_sd);
    if (!(top_atom(t) > 0)) {
      const DoubleDouble top = kl + (1 + std::log(t.mass.back()) - std::log(t.length.back()));
      if (top.hi > y.hi) y = top;
    }
  }
  return y;
}

/** The tilt e^y of a KL divergence, and what it misses of it. */
struct SolvedTilt {
  DoubleDouble y;
  TableTilt at;
  double miss = 0;
};

/** @param left of the largest KL divergence @param saturating whether that decides, and not the KL divergence */
SolvedTilt solve_table(const QuantileTable& t, DoubleDouble kl, DoubleDouble left, bool saturating, DoubleDouble start,
                       double base_shortfall, double enough) {
  SolvedTilt s;
  s.y = start;
  DoubleDouble lo = -infinity;
  DoubleDouble hi = infinity;
  double last_step = infinity;
  for (int i = 0; i < 300; ++i) {
    s.at = tilt_table(t, s.y, base_shortfall);
    s.miss = saturating ? s.at.deficit - left.value() : (kl - s.at.kl).value();
    (s.miss > 0 ? lo : hi) = s.y;
    double step = s.miss / s.at.slope;
    if (saturating) {
      step = std::log(s.at.deficit / left.value()) * s.at.deficit / s.at.slope;
    } else if (kl.hi < 1 || s.at.kl.hi < 0.1 * kl.hi) {
      step = std::log(kl.hi / s.at.kl.hi) * s.at.kl.hi / s.at.slope;
    }
    if (std::isfinite(step) && std::fabs(step) < enough * std::max(1.0, std::fabs(s.y.hi))) break;
    const bool lost = !std::isfinite(step);
    if (lost) step = s.miss > 0 ? 1 : -1;
    DoubleDouble next = s.y + step;
    if (std::isfinite(lo.hi) && std::isfinite(hi.hi)) {
      // Steps that do not contract go around a kink: halve the bracket.
      const bool slow = lost || std::fabs(step) > 0.5 * last_step;
      if (slow || !(lo < next && next < hi)) next = lo + (hi - lo) * DoubleDouble(0.5);
    } else if (std::fabs(step) > 1e300) {
      throw NumericalError("KL-RL's tilt at " + to_text(kl.hi) + " nats was not found");
    }
    last_step = std::fabs((next - s.y).value());
    if (last_step < 1e-17 * std::max(1.0, std::fabs(s.y.hi))) break;
    s.y = next;
  }
  // Between rewards of hardly any mass the KL may stay the same over more tilts than were tried.
  if (!saturating && !(std::fabs(s.miss) <= 1e-3 * kl.hi))
    throw NumericalError("budget: the tilt of KL-RL at " + to_text(kl.hi) + " nats was not found");
  return s;
}

/** The tilt's numbers, mended by what was missed, and their bounds: of log alpha from the KL divergence by its slope.
 */
void set_solved(ContinuousTilt& out, const QuantileTable& t, DoubleDouble kl, const SolvedTilt& s, bool saturating) {
  ContinuousMetrics& m = out.metrics;
  const TableTilt& at = s.at;
  double kl_noise = 5 * some_ulps * (1 + at.scaled);
  if (at.near) kl_noise = 10 * some_ulps * std::min(1.0, at.kl.hi) + 1e-15 * at.kl.hi;
  if (saturating) kl_noise = 3 * some_ulps * at.deficit + 1e-30;
  const double y_noise = kl_noise / at.slope;
  const double correction = saturating || at.near ? 0 : s.miss;
  const double scaled = at.scaled - correction;
  out.log_tilt = s.y + correction / at.slope;
  out.alpha = std::ldexp(std::exp(out.log_tilt.value()), -t.exponent);
  out.alpha_error = y_noise + 1e-15;
  m.exact_kl = kl;
  m.kl = kl.value();
  m.win_rate = at.win_rate;
  m.win_rate_error = 2 * some_ulps + y_noise * std::sqrt(at.slope);
  m.mean.log_shortfall = DoubleDouble(std::log(scaled)) - s.y;
  m.mean.error = kl_noise / scaled + 8 * some_ulps;
  if (at.near) {
    const double alpha = std::exp(s.y.value());
    m.mean.has_shift = true;
    m.mean.shift = at.shift / alpha;
    m.mean.shift_error = (kl_noise + 2 * some_ulps * at.shift) / alpha;
  }
  m.sd_error = 3 * some_ulps + 4 * y_noise * std::max(1.0, std::sqrt(at.slope));
  set_rewards(m, t, exp(m.mean.log_shortfall).hi, std::exp((DoubleDouble(std::log(at.slope) / 2) - s.y).value()));
}

}  // namespace

ContinuousTilt kl_rl(const QuantileTable& t, DoubleDouble kl, Accuracy accuracy) {
  ContinuousTilt out;
  out.metrics.mean.from_top = true;
  const double base_shortfall = mean_shortfall(t);
  const double base_sd = std::sqrt(base_variance(t, base_shortfall));
  if (!(kl.hi > 0) || constant(t)) {
    set_base(out.metrics, t, base_shortfall, base_sd);
    return out;
  }
  const bool ends_in_atom = top_atom(t) > 0;
  // What is left of the largest KL divergence, by its own digits.
  const DoubleDouble left = ends_in_atom ? -log(t.atom) - kl : DoubleDouble(HUGE_VAL);
  if (ends_in_atom && !(left.hi > 0)) {
    set_saturated(out, t, left);
    return out;
  }
  const bool saturating = ends_in_atom && left.hi < kl.hi;
  const double enough = accuracy == Accuracy::full ? 1e-15 : 1e-8;
  const DoubleDouble start = first_log_tilt(t, kl, base_sd);
  set_solved(out, t, kl, solve_table(t, kl, left, saturating, start, base_shortfall, enough), saturating);
  return out;
}

namespace {

/** A piece's share of best-of-N: its mass, mean shortfall, and its spread around what it has off its upper end. */
struct PieceOfBest {
  double mass, mean, off, spread;
};

/** @param mass best-of-N's @param end N times the piece's length in -log u @param share 1 - e^-end */
PieceOfBest piece_of_best(const QuantileTable& t, std::size_t i, double n, double mass, double end, double share) {
  PieceOfBest p{mass, t.shortfall[i + 1], 0, 0};
  if (!(t.length[i] > 0)) return p;
  // -N log u is exponential: x from the piece's upper end.
  const double b = t.u[i + 1];
  const double slope = t.length[i] / t.mass[i] * b;
  const auto fallen = [&](double x) {
    const double share_of_piece = -std::expm1(-x / n);
    return std::isfinite(slope) ? slope * share_of_piece : t.length[i] * (b / t.mass[i] * share_of_piece);
  };
  const double off = exponential_sum(end, [&](double x) { return std::exp(-x) * fallen(x); }) / share;
  p.mean += off;
  // Relative to off^2, which may underflow.
  p.spread = exponential_sum(end,
                             [&](double x) {
                               const double d = fallen(x) / off - 1;
                               return std::exp(-x) * d * d;
                             }) /
             share;
  p.off = off;
  return p;
}

/** Sets the mean shortfall from all pieces that best-of-N visits. @return log sd */
double sum_pieces(ContinuousMetrics& m, const QuantileTable& t, double n) {
  std::vector<PieceOfBest> parts;
  double mean = 0;
  double total = 0;
  for (std::size_t i = 0; i < pieces(t); ++i) {
    const double start = t.above[i + 1] > 0 ? n * minus_log(t, i + 1) : 0;
    if (start > 745) continue;
    const double end = t.u[i] > 0 ? n * std::log1p(t.mass[i] / t.u[i]) : infinity;
    const double share = -std::expm1(-end);
    if (!(share > 0)) continue;
    const PieceOfBest p = piece_of_best(t, i, n, std::exp(-start) * share, end, share);
    total += p.mass;
    mean += p.mass * p.mean;
    parts.push_back(p);
  }
  double variance = 0;
  for (const PieceOfBest& p : parts) {
    // In units of the mean: near the top squares underflow.
    const double d = (p.mean - mean) / mean;
    const double off = p.off / mean;
    // Or overflow, of a piece far from the top that has hardly any mass.
    variance += std::fabs(d) < 1e150 ? p.mass * (d * d + off * off * p.spread) : p.mass * d * d;
  }
  m.mean.log_shortfall = mean > 0 ? std::log(mean) : -HUGE_VAL;
  // N itself is past a double where the top piece has hardly a mass that is none.
  m.mean.error = std::isinf(n) ? infinity : std::fabs(total - 1);
  return mean > 0 ? std::log(mean) + std::log(variance) / 2 : -infinity;
}

/** The same where all draws end in the top piece: uniform there, an exponential's length from its end. */
double set_top_piece(ContinuousMetrics& m, const QuantileTable& t, DoubleDouble log_n) {
  m.mean.log_shortfall = -HUGE_VAL;
  if (!(t.length.back() > 0)) return -infinity;
  m.mean.log_shortfall = DoubleDouble(std::log(t.length.back()) - std::log(t.mass.back())) - log_n;
  return m.mean.log_shortfall.value();
}

/** int (u - u^N) dr, for N near 1. */
double shift_of_best(const QuantileTable& t, double less) {
  double shift = 0;
  for (std::size_t i = 0; i < pieces(t); ++i) {
    if (t.length[i] == 0) continue;
    const double width = t.u[i] > 0 ? std::log1p(t.mass[i] / t.u[i]) : infinity;
    const double start = minus_log(t, i + 1);
    const double b = t.u[i + 1];
    // int (u - u^N) du, du = u dx
    shift += t.length[i] / t.mass[i] * b * b *
             exponential_sum(width, [&](double x) { return std::exp(-2 * x) * -std::expm1(-less * (start + x)); });
  }
  return shift;
}

}  // namespace

ContinuousMetrics best_of_n(const QuantileTable& t, DoubleDouble log_n) {
  if (!(log_n.hi > 0)) return kl_rl(t, 0, Accuracy::full).metrics;
  ContinuousMetrics m;
  m.mean.from_top = true;
  m.exact_kl = log_n.hi > 0.1 ? log_n + std::expm1(-log_n.value()) : DoubleDouble(best_of_n_kl_bound(log_n.value()));
  m.kl_deficit = -std::expm1(-log_n.value());
  m.win_rate = 1 / (1 + std::exp(-log_n.value()));
  m.kl_error = m.win_rate_error = some_ulps;
  if (has_atoms(t)) set_ties(m, t, log_n);
  m.kl = std::max(0.0, m.exact_kl.value());
  // From here on all draws but e^-600 end in the top piece, if that is not one of a mass that few of them reach.
  constexpr double all_on_top = 600;
  const bool on_top = log_n.hi > all_on_top && log_n.hi + std::log(t.mass.back()) > std::log(all_on_top);
  const double log_sd = on_top ? set_top_piece(m, t, log_n) : sum_pieces(m, t, std::exp(log_n.value()));
  m.mean.error += 8 * some_ulps;
  m.sd_error = 10 * m.mean.error;
  if (log_n.hi < 0.1) {
    m.mean.has_shift = true;
    m.mean.shift = shift_of_best(t, std::expm1(log_n.value()));
    m.mean.shift_error = 3 * some_ulps * m.mean.shift;
  }
  set_rewards(m, t, exp(m.mean.log_shortfall).hi, std::exp(log_sd));
  return m;
}

double log_mgf(const QuantileTable& t, DoubleDouble log_tilt) {
  return tilt_table(t, log_tilt, infinity).log_mgf.value();
}

namespace {

/** A policy's density on a piece, as a picture needs it. */
struct PieceDensity {
  /** Against the base's, at a shortfall and what is above. */
  std::function<double(double, double)> ratio;
  /** The mass of a piece's part between two shares of it that are counted from its upper end. */
  std::function<double(std::size_t, double, double)> mass;
};

DensityCurve table_density(const QuantileTable& t, const PieceDensity& of, int points) {
  DensityCurve curve;
  const int each = std::max(2, points / static_cast<int>(pieces(t)));
  for (std::size_t i = 0; i < pieces(t); ++i) {
    const double width = t.length[i];
    if (width == 0) {
      curve.atom_reward.push_back(std::ldexp(t.reward[i], t.exponent));
      curve.atom_mass.push_back(of.mass(i, 0, 1));
      continue;
    }
    double last = 1;
    for (int k = 0; k < each; ++k) {
      const double share = static_cast<double>(k) / (each - 1);
      const double left = 1 - share;
      // The sum may pass the next point by its rounding.
      curve.reward.push_back(std::ldexp(std::min(t.reward[i] + share * width, t.reward[i + 1]), t.exponent));
      const double ratio = of.ratio(t.shortfall[i + 1] + left * width, t.above[i + 1] + left * t.mass[i]);
      curve.density.push_back(std::ldexp(t.mass[i] / width * ratio, -t.exponent));
      curve.mass.push_back(k > 0 ? of.mass(i, left, last) : 0);
      last = left;
    }
  }
  return curve;
}

}  // namespace

DensityCurve tilt_density(const QuantileTable& t, const ContinuousTilt& tilt, int points) {
  if (std::isinf(tilt.log_tilt.hi) && tilt.log_tilt.hi > 0)
    return {{}, {}, {}, {std::ldexp(t.top.value(), t.exponent)}, {1}};
  const double log_b = tilt.log_tilt.value();
  const double b = std::exp(log_b);
  const double log_z = b > 0 ? log_mgf(t, tilt.log_tilt) : 0;
  const TiltedPieces tilted = tilted_pieces(t, log_b);
  return table_density(
      t,
      {[&](double shortfall, double) { return std::exp(-(shortfall > 0 ? b * shortfall : 0) - log_z); },
       [&](std::size_t i, double from, double to) {
         const double x = t.length[i] > 0 ? std::exp(log_b + std::log(t.length[i])) : 0;
         // Of e^(-x t) on [0, 1]; where all of it lies at the upper end 0 x is 0.
         const double before = from > 0 ? -std::expm1(-x * from) : 0;
         const double share = x > 0 ? (-std::expm1(-x * to) - before) / -std::expm1(-x) : to - from;
         return tilted.parts[i].weight / tilted.total * share;
       }},
      points);
}

DensityCurve best_of_n_density(const QuantileTable& t, double log_n, int points) {
  const double less = std::expm1(log_n);
  const double n = std::exp(log_n);
  const auto power = [&](double above) { return above > 0 ? (above < 1 ? std::exp(n * std::log1p(-above)) : 0) : 1; };
  return table_density(
      t,
      {[&](double, double above) {
         return above < 1 ? std::exp(log_n + (above > 0 ? less * std::log1p(-above) : 0)) : (log_n > 0 ? 0 : 1);
       },
       [&](std::size_t i, double from, double to) {
         return power(t.above[i + 1] + from * t.mass[i]) - power(to < 1 ? t.above[i + 1] + to * t.mass[i] : t.above[i]);
       }},
      points);
}

}  // namespace tiltlab::continuous
