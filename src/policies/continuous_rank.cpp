#include "policies/continuous_rank.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "error.hpp"
#include "numerics/log_domain.hpp"
#include "numerics/roots.hpp"
#include "policies/continuous_smooth_parts.hpp"

namespace tiltlab {

namespace continuous {

Edge edge_of(const SmoothLaw& law, double log_v) {
  const int piece = law.pieces() > 1 && log_v > -std::log(2.0) ? 1 - law.top_piece() : law.top_piece();
  const auto missing = [&](double s) {
    const LocalLaw at(law, s, piece);
    // Rising with the reward; of the lower half by what is below, which has its digits there.
    const double log_here = at.log_density.value();
    const double above = log_here + at.log_above_over_density(0);
    if (log_v < -0.5) return log_v - above;
    return log_here + at.log_below_over_density(0) - log1mexp(log_v);
  };
  const double start = log_v < -2 && piece == law.top_piece() ? top_guess(law, -log_v) : law.mode();
  const double way = law.sign;
  double lo = start;
  double hi = start;
  double step = 0.25;
  for (int i = 0; i < 400 && !(missing(lo) <= 0); ++i, step *= 1.5) lo -= way * step;
  step = 0.25;
  for (int i = 0; i < 400 && !(missing(hi) >= 0); ++i, step *= 1.5) hi += way * step;
  const auto along = [&](double x) { return missing(way * x); };
  return {way * bracketed_root(along, way * lo, way * hi, "policies: the quantile at the edge"), piece};
}

namespace {

/** Weights of a policy with all that its numbers are sums over. */
struct Nodes {
  /** Not normalised. */
  std::vector<double> weight;
  /** log density of the policy against the base, up to the same constant. */
  std::vector<double> log_ratio;
  /** The middle rank. */
  std::vector<double> rank;
  double error = 0;
  /** log of what the weights are to be multiplied by. */
  double log_scale = 0;
};

/** Logarithms of densities below which a KL is a sum of positive terms. */
constexpr double near_base = 1e-3;

/** sum_i w_i (x_i - 1 + e^-x_i), x_i the log density: near the base a KL drowns in the rounding of E x - log E e^x. */
double kl_near_base(const Nodes& nodes, double total, double log_all) {
  double kl = 0;
  for (std::size_t i = 0; i < nodes.weight.size(); ++i)
    kl += nodes.weight[i] / total * exp_rest(log_all - nodes.log_ratio[i]);
  return kl;
}

/** KL, win rate and what the total leaves of it: by sums over the nodes where no closed form holds. */
void set_numbers(ContinuousMetrics& m, const Nodes& nodes, const RankPolicy& rank, double z, bool atoms) {
  if (rank.closed(z) && !atoms) {
    const auto [kl, win_rate] = rank.numbers(z);
    m.kl = kl;
    m.win_rate = win_rate;
    m.kl_error = m.win_rate_error = some_ulps;
  } else {
    double total = 0;
    for (const double w : nodes.weight) total += w;
    double kl = 0;
    double win = 0;
    double size = 0;
    for (std::size_t i = 0; i < nodes.weight.size(); ++i) {
      const double w = nodes.weight[i] / total;
      if (!(w > 0)) continue;
      kl += w * nodes.log_ratio[i];
      size += w * std::fabs(nodes.log_ratio[i]);
      win += w * nodes.rank[i];
    }
    const double log_all = std::log(total) + nodes.log_scale;
    m.kl = std::max(0.0, kl - std::log(total) - nodes.log_scale);
    // Below an edge there are no nodes whose mass would be missed.
    if (!rank.edge && size + std::fabs(log_all) < near_base) m.kl = kl_near_base(nodes, total, log_all);
    m.win_rate = win;
    m.kl_error = 10 * (nodes.error + some_ulps) * (1 + size);
    m.win_rate_error = 4 * (nodes.error + some_ulps);
  }
  m.exact_kl = m.kl;
}

/** Where a piece's nodes are: at offsets from a point, which are what a rule gives or their exponentials. */
struct PieceRule {
  LocalLaw at;
  std::vector<double> offset;
  std::vector<double> log_weight;
  double log_total;
  double error;
};

PieceRule whole_piece(const SmoothLaw& law, const RankPolicy& rank, double z, int piece) {
  const auto density = [&](const LocalLaw& at) -> Function {
    return [&at, &rank, z, log_here = at.log_density.value()](double d) {
      const double f = at.d_log_density(d);
      if (!(f > -infinity)) return f;
      const double log_v = log_here + f + at.log_above_over_density(d);
      return f + rank.log_density(z, log_v, std::exp(log_v));
    };
  };
  const double guess = z > 2 && piece == law.top_piece() ? top_guess(law, z) : law.mode();
  Placed p = place(law, guess, piece, Accuracy::full, density);
  const double log_total = p.at.log_density.value() + p.rule.log_total;
  return {p.at, std::move(p.rule.at), std::move(p.rule.log_weight), log_total, p.rule.error};
}

/** The part of a piece from an edge upwards, by e^t from the edge: smooth at both ends. */
PieceRule above_edge(const SmoothLaw& law, const Edge& edge) {
  const LocalLaw at(law, edge.s, edge.piece);
  const double way = law.sign;
  LineOptions o;
  if (has_sizes(law)) o.log_size = [&](double t) { return at.d_log_size(way * std::exp(t)); };
  const auto log_f = [&](double t) { return t + at.d_log_density(way * std::exp(t)); };
  // About as far as the law is wide there, P(X > x) / density; nearer where it falls faster.
  o.guess = at.log_above_over_density(0);
  while (!(log_f(o.guess) > o.guess - 100) && o.guess > -700) o.guess -= 1;
  LineRule rule = line_rule(log_f, o);
  const double log_total = at.log_density.value() + rule.log_total;
  std::vector<double> offset;
  for (const double t : rule.at) offset.push_back(way * std::exp(t));
  // From an edge so far below the rewards that these have no digits there they are told from where they are.
  if (!law.from_top() && !std::isfinite(at.d_value(way * std::exp(rule.mode)))) {
    const double from = law.mode();
    for (double& d : offset) d += edge.s - from;
    return {LocalLaw(law, from, edge.piece), std::move(offset), std::move(rule.log_weight), log_total, rule.error};
  }
  return {at, std::move(offset), std::move(rule.log_weight), log_total, rule.error};
}

/**
 * Whether what is below an edge moves no digit of the mean: then nodes counted from so far below would lose those that
 * the others have.
 */
bool is_unseen(const SmoothLaw& law, const Edge& edge, double z) {
  if (law.from_top()) return false;
  const LocalLaw middle(law, law.mode(), law.top_piece());
  const double width = std::fabs(middle.d_value(law.sign * std::exp(middle.log_above_over_density(0))));
  const double below = std::fabs((LocalLaw(law, edge.s, edge.piece).value - middle.value).value());
  constexpr double digits = 1e-18;
  return -std::expm1(-z) * below < digits * width;
}

std::vector<PieceRule> rules_of(const SmoothLaw& law, const RankPolicy& rank, double z) {
  std::vector<PieceRule> rules;
  const int top = law.top_piece();
  const std::optional<Edge> edge = rank.edge ? std::optional(edge_of(law, -z)) : std::nullopt;
  if (!edge || is_unseen(law, *edge, z)) {
    // Below a corner at the median nothing is left of strong ones.
    const int pieces = z < 5 ? law.pieces() : 1;
    for (int k = 0; k < pieces; ++k) rules.push_back(whole_piece(law, rank, z, k == 0 ? top : 1 - top));
    return rules;
  }
  if (edge->piece != top) rules.push_back(whole_piece(law, rank, 0, top));
  rules.push_back(above_edge(law, *edge));
  return rules;
}

void set_from_point(ContinuousMetrics& m, const SmoothLaw& law, const std::vector<PieceRule>& rules, double noise) {
  double largest = -infinity;
  for (const PieceRule& p : rules) largest = std::max(largest, p.log_total);
  const DoubleDouble anchor = rules.front().at.value;
  std::vector<double> weight;
  std::vector<double> value;
  double total = 0;
  double mean = 0;
  for (const PieceRule& p : rules) {
    const double off = (p.at.value - anchor).value();
    for (std::size_t i = 0; i < p.offset.size(); ++i) {
      weight.push_back(std::exp(p.log_total - largest + p.log_weight[i]));
      value.push_back(off + p.at.d_value(p.offset[i]));
      total += weight.back();
      mean += weight.back() * value.back();
    }
  }
  mean /= total;
  double variance = 0;
  for (std::size_t i = 0; i < weight.size(); ++i) variance += weight[i] / total * (value[i] - mean) * (value[i] - mean);
  m.mean.mean = anchor + mean;
  m.mean.error = noise * std::sqrt(variance);
  set_reward(m, law, std::log(variance) / 2);
}

ContinuousMetrics rank_policy(const SmoothLaw& law, const RankPolicy& rank, double z) {
  ContinuousMetrics m;
  Nodes nodes;
  const std::vector<PieceRule> rules = rules_of(law, rank, z);
  const bool by_nodes = !rank.closed(z);
  nodes.log_scale = -infinity;
  for (const PieceRule& p : rules) nodes.log_scale = std::max(nodes.log_scale, p.log_total);
  for (const PieceRule& p : rules) {
    nodes.error = std::max(nodes.error, p.error);
    for (std::size_t i = 0; by_nodes && i < p.offset.size(); ++i) {
      const double d = p.offset[i];
      const double log_v = p.at.log_density.value() + p.at.d_log_density(d) + p.at.log_above_over_density(d);
      nodes.weight.push_back(std::exp(p.log_total - nodes.log_scale + p.log_weight[i]));
      nodes.log_ratio.push_back(rank.log_density(z, log_v, std::exp(log_v)));
      nodes.rank.push_back(1 - std::exp(log_v));
    }
  }
  set_numbers(m, nodes, rank, z, false);
  const double noise = 4 * some_ulps + 2 * nodes.error;
  m.sd_error = 10 * noise;
  if (law.from_top()) {
    set_from_top(m, law, rules.front().at, rules.front().offset, rules.front().log_weight, noise);
  } else {
    set_from_point(m, law, rules, noise);
  }
  bound(m);
  return m;
}

/** Ranks by what is above them, split where the density changes by no more than a power of e in two. */
std::vector<double> breaks(const RankPolicy& rank, double z, double low, double high) {
  constexpr double nothing = 46;
  constexpr double panel = 1;
  std::vector<double> at{low};
  const double width = std::exp(-z);
  if (rank.edge) {
    // Of an edge at the lower end itself nothing is kept but rounding.
    const double least = low * (1 + 4e-16 * (1 + z));
    if (width > least && width < high) at.push_back(width);
  } else {
    for (double x = panel * width; x < std::min(high, nothing * width); x += panel * width) {
      if (x > low) at.push_back(x);
    }
    if (nothing * width > low && nothing * width < high) at.push_back(nothing * width);
  }
  at.push_back(high);
  return at;
}

/** A table's pieces as nodes, each with its reward's shortfall: atoms are one node each. */
struct TableNodes : Nodes {
  std::vector<double> shortfall;
  /** What every log density is counted from. */
  double log_largest = 0;
};

/** The log density at the node that weighs most, where e to it leaves a double's range: then weights are counted from
 * it. */
double log_largest(const QuantileTable& t, const RankPolicy& rank, double z) {
  constexpr double held = -500;
  if (rank.edge) return 0;
  // Densities increase with the reward, so that it is where the top piece is: an atom of it, or its upper end.
  std::size_t last = t.mass.size();
  while (last > 0 && t.length[last - 1] == 0) --last;
  const double v = last < t.mass.size() && !rank.averages ? t.above[last] / 2 : 0;
  const double here = v > 0 ? rank.log_density(z, std::log(v), v) : 0;
  return here < held ? here : 0;
}

void add(TableNodes& n, const RankPolicy& rank, double z, double v, double base, double shortfall) {
  if (rank.edge && v > std::exp(-z)) return;
  const double log_ratio = rank.log_density(z, std::log(v), v) - n.log_largest;
  n.weight.push_back(base * std::exp(log_ratio));
  n.log_ratio.push_back(log_ratio);
  n.rank.push_back(1 - v);
  n.shortfall.push_back(shortfall);
}

/** f(v) summed over Gauss's nodes between two breaks. */
template <class F>
void gauss(double from, double to, F&& f) {
  const double half = (to - from) / 2;
  const double middle = (to + from) / 2;
  for (int k = 0; k < 8; ++k) {
    for (const double sign : {-1.0, 1.0}) f(middle + sign * half * Gauss16::node[k], half * Gauss16::weight[k]);
  }
}

void add_atom(TableNodes& n, const RankPolicy& rank, double z, double low, double high, double shortfall) {
  if (!rank.averages) return add(n, rank, z, (low + high) / 2, high - low, shortfall);
  double weight = 0;
  const std::vector<double> at = breaks(rank, z, low, high);
  for (std::size_t i = 0; i + 1 < at.size(); ++i) {
    gauss(at[i], at[i + 1], [&](double v, double base) {
      if (!(rank.edge && v > std::exp(-z))) weight += base * std::exp(rank.log_density(z, std::log(v), v));
    });
  }
  n.weight.push_back(weight);
  n.log_ratio.push_back(weight > 0 ? std::log(weight / (high - low)) : 0);
  n.rank.push_back(1 - (low + high) / 2);
  n.shortfall.push_back(shortfall);
}

/** Nodes of a strength at which a double no longer tells ranks, by t = v e^z: all of them are in the top piece. */
TableNodes next_to_top(const QuantileTable& t, const RankPolicy& rank, double z) {
  constexpr double nothing = 46;
  TableNodes n;
  const double end = rank.edge ? 1 : nothing;
  if (!(std::log(t.mass.back()) > std::log(end) - z))
    throw NumericalError("policies: the table's last piece is less likely than a double tells");
  n.log_scale = -z;
  for (double from = 0; from < end; ++from) {
    gauss(from, from + 1, [&](double at, double base) {
      const double log_v = std::log(at) - z;
      n.log_ratio.push_back(rank.log_density(z, log_v, std::exp(log_v)));
      n.weight.push_back(base * std::exp(n.log_ratio.back()));
      n.rank.push_back(1);
      n.shortfall.push_back(t.length.back() * std::exp(log_v - std::log(t.mass.back())));
    });
  }
  return n;
}

TableNodes nodes_of(const QuantileTable& t, const RankPolicy& rank, double z) {
  constexpr double deepest = 690;
  if (z > deepest && t.length.back() > 0) return next_to_top(t, rank, z);
  TableNodes n;
  n.log_largest = log_largest(t, rank, z);
  const std::size_t pieces = t.mass.size();
  for (std::size_t i = 0; i < pieces; ++i) {
    if (t.length[i] == 0) {
      std::size_t last = i;
      while (last + 1 < pieces && t.length[last + 1] == 0) ++last;
      add_atom(n, rank, z, t.above[last + 1], t.above[i], t.shortfall[i + 1]);
      i = last;
      continue;
    }
    const std::vector<double> at = breaks(rank, z, t.above[i + 1], t.above[i]);
    for (std::size_t k = 0; k + 1 < at.size(); ++k) {
      gauss(at[k], at[k + 1], [&](double v, double base) {
        add(n, rank, z, v, base, t.shortfall[i + 1] + t.length[i] * ((v - t.above[i + 1]) / t.mass[i]));
      });
    }
  }
  return n;
}

ContinuousMetrics rank_policy(const QuantileTable& t, const RankPolicy& rank, double z) {
  TableNodes n = nodes_of(t, rank, z);
  ContinuousMetrics m;
  n.error = 20 * some_ulps;
  set_numbers(m, n, rank, z, has_atoms(t));
  double total = 0;
  double mean = 0;
  double beside = 0;
  for (std::size_t i = 0; i < n.weight.size(); ++i) {
    total += n.weight[i];
    mean += n.weight[i] * n.shortfall[i];
    if (n.shortfall[i] > 0) beside += n.weight[i];
  }
  mean /= total;
  if (top_atom(t) > 0) m.beside_top = beside / total;
  double variance = 0;
  for (std::size_t i = 0; i < n.weight.size(); ++i)
    variance += n.weight[i] / total * (n.shortfall[i] - mean) * (n.shortfall[i] - mean);
  m.reward = std::ldexp((t.top - mean).value(), t.exponent);
  m.reward_sd = std::ldexp(std::sqrt(variance), t.exponent);
  m.reward_error = n.error * std::ldexp(mean, t.exponent) / std::max(1.0, std::fabs(m.reward)) + 3e-16;
  m.sd_error = 10 * n.error;
  bound(m);
  return m;
}

}  // namespace

}  // namespace continuous

ContinuousMetrics rank_policy(const ContinuousLaw& law, const RankPolicy& rank, double z) {
  // At no strength it is the base, which has closed forms.
  if (z == -infinity || (rank.edge && !(z > 0))) return kl_rl(law, 0).metrics;
  return std::visit([&](const auto& l) { return continuous::rank_policy(l, rank, z); }, law);
}

namespace {

/** Strengths at whose ranks 1 - v doubles still tell v. */
constexpr double deepest_rank = 660;

}  // namespace

StrongMetrics lay(const ContinuousLaw& law, const ExtraPolicy& asked) {
  const PolicyKind& kind = *asked.kind;
  if (!kind.rank) return kind.on_continuous(law, asked);
  const RankPolicy& rank = *kind.rank;
  if (!asked.kl) {
    const double z = kind.strength(asked.parameter[0]);
    return {rank_policy(law, rank, z), z, asked.parameter[0]};
  }
  const double target = *asked.kl;
  const auto with = [&](ContinuousMetrics m, double z) { return StrongMetrics{std::move(m), z, kind.parameter(z)}; };
  if (target == 0) return with(kl_rl(law, 0).metrics, kind.strength(kind.ends_at_top ? 1 : 0));
  const double to_top = kl_max(law);
  const double weak = kind.weakest(target);
  const bool exact = rank.closed(weak) && !has_atoms(law);
  const auto missing = [&](double z) { return (exact ? rank.numbers(z).kl : rank_policy(law, rank, z).kl) - target; };
  double strong = weak + 1;
  // Within the rounding of the largest as well.
  if (target >= to_top * (1 - 4e-16)) {
    if (to_top > deepest_rank) throw NumericalError("policies: the largest reward is rarer than a double tells");
    // The top atom alone, as far as doubles tell.
    const double z = kind.ends_at_top ? to_top : to_top + 40;
    return with(rank_policy(law, rank, z), kind.ends_at_top ? z : infinity);
  }
  // Met at once, or so small that its rounding is larger.
  if (exact ? missing(weak) == 0 : missing(weak) >= 0) return with(rank_policy(law, rank, weak), weak);
  for (int i = 0; i < 60 && !(missing(strong) > 0); ++i) strong += 1 << std::min(i, 20);
  const double z = bracketed_root(missing, weak, strong, "policies: the strength of a policy of this KL");
  return with(rank_policy(law, rank, z), z);
}

}  // namespace tiltlab
