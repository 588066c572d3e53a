#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "error.hpp"
#include "numerics/log_domain.hpp"
#include "numerics/roots.hpp"
#include "policies/chi_squared.hpp"
#include "policies/continuous_smooth_parts.hpp"

namespace tiltlab {

namespace continuous {

namespace {

/** log P(r < nu) / P(r > nu) below which nothing below nu is seen: there the density is linear on all of the law. */
constexpr double nothing_below = -70;

/** A policy with log beta, in the law's own unit. */
struct Thresholded {
  ContinuousMetrics metrics;
  double log_beta = 0;
};

/** The base as its policies see it, in standard units: rewards by what they lack of a point. */
struct Base {
  ContinuousMetrics metrics;
  double mean_drop = 0;
  double sd = 0;
};

Base base_of(const SmoothLaw& law) {
  Base base;
  base.metrics = kl_rl(law, 0, Accuracy::full).metrics;
  const MeanReward& mean = base.metrics.mean;
  base.mean_drop = mean.from_top ? exp(mean.log_shortfall).value()
                                 : (LocalLaw(law, law.mode(), law.top_piece()).value - mean.mean).value();
  base.sd = base.metrics.reward_sd / law.unit_value();
  return base;
}

/** Nodes of the policy on a piece. */
struct PieceNodes {
  LocalLaw at;
  std::vector<double> offset;
  std::vector<double> log_weight;
  /** log of the reward less nu, less that of the size at nu where this is counted in sizes. */
  std::vector<double> log_excess;
  double log_total;
  double error;
};

PieceNodes nodes_of(const LocalLaw& at, const Function& log_excess, LineRule rule, const Function& offset_of) {
  PieceNodes n{at, {}, std::move(rule.log_weight), {}, at.log_density.value() + rule.log_total, rule.error};
  for (const double t : rule.at) {
    n.offset.push_back(offset_of(t));
    n.log_excess.push_back(log_excess(n.offset.back()));
  }
  return n;
}

/** Whether rewards above nu are counted in the size that nu has: what that is, as large or small as it may be, is then
 * no part of any sum. */
bool in_sizes(const SmoothLaw& law) { return law.from_top() || law.is_exponential(); }

/** The part of a piece above nu, by e^t from there: smooth at both ends. */
PieceNodes above_threshold(const SmoothLaw& law, const Edge& edge) {
  const LocalLaw at(law, edge.s, edge.piece);
  const double way = law.sign;
  const Function log_excess = [&](double d) {
    if (law.from_top()) return log1mexp(std::min(0.0, at.d_log_size(d)));
    if (!law.is_exponential()) return std::log(at.d_value(d));
    const double x = at.d_log_size(d);
    return x + log1mexp(-x);
  };
  LineOptions o;
  if (has_sizes(law)) o.log_size = [&](double t) { return at.d_log_size(way * std::exp(t)); };
  // About as far as the law is wide there, P(X > x) / density; nearer where it falls faster.
  o.guess = at.log_above_over_density(0);
  while (!(at.d_log_density(way * std::exp(o.guess)) > -100) && o.guess > -700) o.guess -= 1;
  const Function log_f = [&](double t) {
    const double d = way * std::exp(t);
    const double f = at.d_log_density(d);
    return f > -infinity && d != 0 ? t + f + log_excess(d) : -infinity;
  };
  return nodes_of(at, log_excess, line_rule(log_f, o), [&](double t) { return way * std::exp(t); });
}

/** A piece all of which lies above nu, or all but nothing. @param log_excess of what a reward is above nu, seen from a
 * point */
PieceNodes whole_piece(const SmoothLaw& law, int piece, const std::function<Function(const LocalLaw&)>& log_excess) {
  const auto density = [&](const LocalLaw& at) -> Function {
    return [&at, excess = log_excess(at)](double d) {
      const double f = at.d_log_density(d);
      return f > -infinity ? f + excess(d) : f;
    };
  };
  Placed p = place(law, law.mode(), piece, Accuracy::full, density);
  return nodes_of(p.at, log_excess(p.at), std::move(p.rule), [](double d) { return d; });
}

/** log max(0, x), as the logarithm of what is kept. */
double log_kept(double x) { return x > 0 ? std::log(x) : -infinity; }

void set_reward_of(ContinuousMetrics& m, const SmoothLaw& law, const std::vector<PieceNodes>& pieces, double log_beta,
                   double noise) {
  if (law.from_top()) {
    const PieceNodes& p = pieces.front();
    set_from_top(m, law, p.at, p.offset, p.log_weight, noise);
    return;
  }
  double mean = 0;
  double second = 0;
  const DoubleDouble anchor = pieces.front().at.value;
  const auto each = [&](auto&& f) {
    for (const PieceNodes& p : pieces) {
      const double off = (p.at.value - anchor).value();
      for (std::size_t i = 0; i < p.offset.size(); ++i)
        f(std::exp(p.log_total - log_beta + p.log_weight[i]), off + p.at.d_value(p.offset[i]));
    }
  };
  double total = 0;
  each([&](double w, double x) {
    total += w;
    mean += w > 0 ? w * x : 0;
  });
  mean /= total;
  each([&](double w, double x) { second += w > 0 ? w / total * (x - mean) * (x - mean) : 0; });
  m.mean.mean = anchor + mean;
  m.mean.error = noise * std::sqrt(second);
  set_reward(m, law, std::log(second) / 2);
}

/** Sums over the nodes. @param log_ratio log (r - nu)/beta of a node */
Thresholded summed(const SmoothLaw& law, const std::vector<PieceNodes>& pieces, double log_beta,
                   const std::function<double(const PieceNodes&, std::size_t)>& log_ratio) {
  Thresholded out;
  out.log_beta = log_beta;
  ContinuousMetrics& m = out.metrics;
  LogSum all;
  double error = 0;
  for (const PieceNodes& p : pieces) {
    all.add(p.log_total);
    error = std::max(error, p.error);
  }
  const double log_total = all.value();
  double kl = 0;
  double near = 0;
  double size = 0;
  double lost = 0;
  for (const PieceNodes& p : pieces) {
    for (std::size_t i = 0; i < p.offset.size(); ++i) {
      const double w = std::exp(p.log_total - log_total + p.log_weight[i]);
      if (!(w > 0)) continue;
      const double x = log_ratio(p, i);
      const double d = p.offset[i];
      kl += w * x;
      near += w * exp_rest(-x);
      size += w * std::fabs(x);
      lost += w * std::exp(p.at.log_density.value() + p.at.d_log_density(d) + p.at.log_above_over_density(d));
    }
  }
  constexpr double near_base = 1e-3;
  m.kl = size < near_base ? near : std::max(0.0, kl);
  m.exact_kl = m.kl;
  m.win_rate = 1 - lost;
  m.kl_error = 10 * (error + some_ulps) * (1 + size) / std::max(1.0, m.kl);
  m.win_rate_error = 4 * (error + some_ulps);
  const double noise = 4 * some_ulps + 2 * error;
  m.sd_error = 10 * noise;
  set_reward_of(m, law, pieces, log_total, noise);
  bound(m);
  return out;
}

/** @param odds log P(r < nu) / P(r > nu) */
Thresholded at_odds(const SmoothLaw& law, double odds) {
  const Edge edge = edge_of(law, -log1pexp(odds));
  const LocalLaw at_edge(law, edge.s, edge.piece);
  const DoubleDouble nu = at_edge.value;
  // Next to a least reward, or to the corner of a density, where z is 0, what lies about nu adds nothing.
  constexpr double next_to = -50;
  const bool at_corner =
      !law.from_top() && (law.is_exponential() || law.pieces() > 1) && at_edge.log_size.value() < next_to;
  std::vector<PieceNodes> pieces;
  if (!at_corner) pieces.push_back(above_threshold(law, edge));
  if (at_corner || edge.piece != law.top_piece()) {
    pieces.push_back(whole_piece(law, law.top_piece(), [&](const LocalLaw& at) -> Function {
      return [&at, from = (at.value - nu).value()](double d) { return log_kept(from + at.d_value(d)); };
    }));
  }
  const double unit = in_sizes(law) && !at_corner ? at_edge.log_size.value() : 0;
  LogSum all;
  for (const PieceNodes& p : pieces) all.add(p.log_total);
  const double log_beta = all.value();
  Thresholded out =
      summed(law, pieces, log_beta, [&](const PieceNodes& p, std::size_t i) { return p.log_excess[i] - log_beta; });
  out.log_beta += unit;
  return out;
}

/** nu below all of the law: beta is what the base's mean is above it. */
Thresholded linear(const SmoothLaw& law, const Base& base, double log_beta) {
  const double beta = std::exp(log_beta);
  const DoubleDouble from = LocalLaw(law, law.mode(), law.top_piece()).value;
  const auto above_mean = [&](const LocalLaw& at, double d) {
    if (law.from_top()) return base.mean_drop - std::exp((at.log_size + at.d_log_size(d)).value());
    return base.mean_drop + (at.value - from).value() + at.d_value(d);
  };
  const auto log_excess = [&](const LocalLaw& at) -> Function {
    return [&](double d) {
      const double x = above_mean(at, d) / beta;
      return x > -1 ? log_beta + std::log1p(x) : -infinity;
    };
  };
  std::vector<PieceNodes> pieces;
  for (int k = 0; k < law.pieces(); ++k) pieces.push_back(whole_piece(law, law.top_piece() - k, log_excess));
  return summed(law, pieces, log_beta,
                [&](const PieceNodes& p, std::size_t i) { return std::log1p(above_mean(p.at, p.offset[i]) / beta); });
}

/** log beta where nu is as far down as below it nothing is seen. */
double log_largest_beta(const SmoothLaw& law, const Base& base) {
  const Edge edge = edge_of(law, -log1pexp(nothing_below));
  const LocalLaw at(law, edge.s, edge.piece);
  const double drop =
      law.from_top() ? exp(at.log_size).value() : (LocalLaw(law, law.mode(), law.top_piece()).value - at.value).value();
  return std::log(drop - base.mean_drop);
}

/** The threshold at which `more`, rising with it, passes 0. */
Thresholded found(const SmoothLaw& law, const std::function<double(const Thresholded&)>& more, double start) {
  const auto missing = [&](double odds) { return more(at_odds(law, odds)); };
  double high = start;
  double low = start;
  double step = 1;
  for (int i = 0; i < 60 && !(missing(high) >= 0); ++i, step *= 2) low = high, high += step;
  step = 1;
  if (low == start) {
    low = std::max(nothing_below, high - step);
    for (int i = 0; i < 60 && low > nothing_below && !(missing(low) <= 0); ++i, step *= 2)
      high = low, low = std::max(nothing_below, low - step);
  }
  if (!(missing(low) <= 0)) return at_odds(law, low);
  return at_odds(law, bracketed_root(missing, low, high, "policies: the threshold of chi-squared"));
}

Thresholded by_beta(const SmoothLaw& law, double log_beta) {
  const Base base = base_of(law);
  if (log_beta >= log_largest_beta(law, base)) return linear(law, base, log_beta);
  return found(
      law, [&](const Thresholded& t) { return log_beta - t.log_beta; }, 0);
}

Thresholded by_kl(const SmoothLaw& law, double kl) {
  const Base base = base_of(law);
  const double largest = log_largest_beta(law, base);
  // log(1 + 4 sd^2/beta^2) is at least the KL.
  const double weak = std::log(2 * base.sd) - (kl > 30 ? kl : std::log(std::expm1(kl))) / 2;
  // By logarithms, of which the KL's is nearly linear.
  const auto missing = [&](double minus) { return std::log(linear(law, base, -minus).metrics.kl / kl); };
  if (weak > largest && missing(-largest) >= 0) {
    if (!(missing(-weak) < 0)) return linear(law, base, weak);
    return linear(law, base, -bracketed_root(missing, -weak, -largest, "policies: chi-squared of this KL"));
  }
  // What lies above nu costs no more than the policy.
  const double start = std::max(nothing_below, kl > 30 ? kl : std::log(std::expm1(kl)));
  return found(
      law, [&](const Thresholded& t) { return t.metrics.kl - kl; }, start);
}

double log_unit_of(const SmoothLaw& law) { return law.log_unit(); }

// Tables.

double log_unit_of(const QuantileTable& table) { return table.exponent * std::log(2.0); }

/** Where nu is on a table: below the upper end of a piece, whose digits it keeps however near to that it lies. */
struct Within {
  std::size_t piece;
  double below;

  /** What the upper end of a piece from here on is above nu. */
  [[nodiscard]] double above(const QuantileTable& t, std::size_t i) const {
    return (t.shortfall[piece + 1] - t.shortfall[i + 1]) + below;
  }
};

/** f(base mass, shortfall, reward less nu, what is above) at nodes of the rewards above nu. */
template <class F>
void for_nodes(const QuantileTable& t, const Within& nu, F&& f) {
  constexpr int most_halvings = 60;
  for (std::size_t i = nu.piece; i < t.mass.size(); ++i) {
    const double top = nu.above(t, i);
    if (!(top > 0)) continue;
    if (t.length[i] == 0) {
      f(t.mass[i], t.shortfall[i + 1], top, (t.above[i] + t.above[i + 1]) / 2);
      continue;
    }
    const double end = std::min(t.length[i], top);
    double from = 0;
    // The density's logarithm is smooth within a factor of two of what is above nu.
    for (int k = 0; from < end && k < most_halvings; ++k) {
      const double to = std::min(end, from + (top - from) / 2);
      const double half = (to - from) / 2;
      for (int g = 0; g < 8; ++g) {
        for (const double sign : {-1.0, 1.0}) {
          const double lacking = from + half * (1 + sign * Gauss16::node[g]);
          f(half * Gauss16::weight[g] / t.length[i] * t.mass[i], t.shortfall[i + 1] + lacking, top - lacking,
            t.above[i + 1] + lacking / t.length[i] * t.mass[i]);
        }
      }
      from = to;
    }
  }
}

double mean_shortfall(const QuantileTable& t) {
  double sum = 0;
  for (std::size_t i = 0; i < t.mass.size(); ++i) sum += t.mass[i] * (t.shortfall[i + 1] + t.length[i] / 2);
  return sum;
}

/** E (r - nu)+ */
double gain(const QuantileTable& t, const Within& nu) {
  double sum = 0;
  for (std::size_t i = nu.piece; i < t.mass.size(); ++i) {
    const double top = nu.above(t, i);
    const double reach = std::min(t.length[i], top);
    sum += t.length[i] == 0 ? t.mass[i] * top : t.mass[i] * (top - reach / 2) * (reach / t.length[i]);
  }
  return sum;
}

ContinuousMetrics table_metrics(const QuantileTable& t, double kl, double win_rate, double shortfall, double sd) {
  ContinuousMetrics m;
  m.kl = kl;
  m.exact_kl = kl;
  m.win_rate = win_rate;
  m.reward = std::ldexp((t.top - shortfall).value(), t.exponent);
  m.reward_sd = std::ldexp(sd, t.exponent);
  constexpr double error = 20 * some_ulps;
  m.kl_error = 10 * error;
  m.win_rate_error = 4 * error;
  m.reward_error = error * std::ldexp(shortfall, t.exponent) / std::max(1.0, std::fabs(m.reward)) + 3e-16;
  m.sd_error = 10 * error;
  bound(m);
  return m;
}

/** @param log_ratio log (r - nu)/beta by the shortfall and by r - nu */
Thresholded on_table(const QuantileTable& t, const Within& nu, double log_beta,
                     const std::function<double(double, double)>& log_ratio) {
  double kl = 0;
  double near = 1;
  double positive = 0;
  double lost = 0;
  double mean = 0;
  double total = 0;
  double beside = 0;
  for_nodes(t, nu, [&](double base, double shortfall, double excess, double v) {
    const double x = log_ratio(shortfall, excess);
    if (!(x > -infinity)) return;
    const double w = base * std::exp(x);
    kl += w * x;
    positive += base * kl_term(x);
    near -= base;
    lost += w * v;
    mean += w * shortfall;
    total += w;
    if (shortfall > 0) beside += w;
  });
  mean /= total;
  double second = 0;
  for_nodes(t, nu, [&](double base, double shortfall, double excess, double) {
    second += base * std::exp(log_ratio(shortfall, excess)) / total * (shortfall - mean) * (shortfall - mean);
  });
  // What lies below nu adds its mass under the base, where that is no rounding.
  if (near > 1e-12) positive += near;
  Thresholded out{table_metrics(t, kl < 0.5 ? positive : kl / total, 1 - lost / total, mean, std::sqrt(second)),
                  log_beta};
  if (top_atom(t) > 0) out.metrics.beside_top = beside / total;
  return out;
}

Thresholded linear(const QuantileTable& t, double log_beta) {
  const double beta = std::exp(log_beta);
  const double mean = mean_shortfall(t);
  return on_table(t, {0, mean + beta - t.shortfall[1]}, log_beta,
                  [&](double s, double) { return std::log1p((mean - s) / beta); });
}

Thresholded partly(const QuantileTable& t, const Within& nu) {
  const double beta = gain(t, nu);
  return on_table(t, nu, std::log(beta), [&](double, double excess) { return std::log(excess / beta); });
}

/** nu within the last piece, which ends in no atom: what is above it is uniform. */
Thresholded next_to_top(const QuantileTable& t, double log_c) {
  const double log_share = std::log(t.mass.back()) + log_c - std::log(t.length.back());
  const double c = std::exp(log_c);
  return {table_metrics(t, std::log(2.0) - 0.5 - log_share, 1 - std::exp(log_share) / 3, c / 3, c / std::sqrt(18.0)),
          log_share + log_c - std::log(2.0)};
}

/** The threshold at which `more`, which grows as nu falls, passes 0; within the table. */
Within found(const QuantileTable& t, const std::function<double(const Within&)>& more) {
  // From the top: the first piece at whose lower end there is enough.
  std::size_t piece = t.mass.size() - 1;
  std::size_t low = 0;
  while (low < piece) {
    const std::size_t middle = (low + piece + 1) / 2;
    if (t.shortfall[middle] > 0 && more({middle, t.length[middle]}) >= 0) {
      low = middle;
    } else {
      piece = middle - 1;
    }
  }
  const double most = std::log(t.length[piece]);
  double least = most - 690;
  // What is above nu is next to nothing, and yet a number.
  constexpr double held = 1e-290;
  while (least < most && !(gain(t, {piece, std::exp(least)}) > held)) least += 5;
  const auto at = [&](double log_below) { return Within{piece, std::exp(log_below)}; };
  if (!(least < most) || !(more(at(least)) < 0)) return at(std::min(least, most));
  if (!(more(at(most)) > 0)) return at(most);
  return at(
      bracketed_root([&](double x) { return more(at(x)); }, least, most, "policies: the threshold of chi-squared"));
}

Thresholded by_beta(const QuantileTable& t, double log_beta) {
  const double range = t.shortfall.front();
  const double largest = range - mean_shortfall(t);
  if (!(range > 0) || log_beta >= std::log(largest)) return linear(t, log_beta);
  if (t.length.back() > 0) {
    const double log_c = (log_beta + std::log(2.0) + std::log(t.length.back()) - std::log(t.mass.back())) / 2;
    if (log_c <= std::log(t.length.back())) return next_to_top(t, log_c);
  }
  return partly(t, found(t, [&](const Within& nu) { return std::log(gain(t, nu)) - log_beta; }));
}

Thresholded by_kl(const QuantileTable& t, double kl) {
  if (!(t.shortfall.front() > 0)) return linear(t, 0);
  const double largest = std::log(t.shortfall.front() - mean_shortfall(t));
  const auto off = [&](double minus) { return linear(t, -minus).metrics.kl - kl; };
  if (off(-largest) >= 0) {
    const double sd = std::ldexp(linear(t, HUGE_VAL).metrics.reward_sd, -t.exponent);
    const double weak = std::log(2 * sd) - std::log(std::expm1(kl)) / 2;
    if (!(weak > largest && off(-weak) < 0)) return linear(t, std::max(weak, largest));
    return linear(t, -bracketed_root(off, -weak, -largest, "policies: chi-squared of this KL"));
  }
  if (t.length.back() > 0) {
    const double most = std::log(t.length.back());
    if (next_to_top(t, most).metrics.kl <= kl)
      return next_to_top(t, std::log(2.0) - 0.5 - kl + most - std::log(t.mass.back()));
  } else {
    const double alone = -std::log(top_atom(t));
    if (kl >= alone) {
      Thresholded out{table_metrics(t, alone, 1 - top_atom(t) / 2, 0, 0), -infinity};
      out.metrics.beside_top = 0;
      return out;
    }
  }
  Thresholded out = partly(t, found(t, [&](const Within& nu) { return kl - partly(t, nu).metrics.kl; }));
  if (!(std::fabs(out.metrics.kl - kl) <= 1e-7 * kl))
    throw NumericalError("policies: no threshold that a double tells spends this KL");
  return out;
}

}  // namespace

}  // namespace continuous

StrongMetrics chi_squared(const ContinuousLaw& law, const ExtraPolicy& asked) {
  return std::visit(
      [&](const auto& l) -> StrongMetrics {
        if (asked.kl && *asked.kl == 0) return {kl_rl(law, 0).metrics, std::nan(""), infinity};
        const double log_unit = continuous::log_unit_of(l);
        if (!asked.kl) {
          const double beta = asked.parameter[0];
          return {continuous::by_beta(l, std::log(beta) - log_unit).metrics, std::nan(""), beta};
        }
        const continuous::Thresholded t = continuous::by_kl(l, *asked.kl);
        return {t.metrics, std::nan(""), std::exp(t.log_beta + log_unit)};
      },
      law);
}

}  // namespace tiltlab
