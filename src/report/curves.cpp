#include "report/curves.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "error.hpp"
#include "laws/counts.hpp"
#include "laws/memoryless.hpp"
#include "limits/sharp.hpp"
#include "numerics/log_domain.hpp"
#include "policies/kl_rl.hpp"

namespace tiltlab {

namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();
/** Compositions of tokens that are listed for a picture. */
constexpr double quickly_counted = 5e4;
/** Multiplications that a frontier, and a curve over lengths, may cost; a tenth of a second, and one. */
constexpr double most_frontier_work = 5e7;
constexpr double most_curve_work = 5e8;

/** A law's reward in the scenario's units. */
double units_of(const Model& m, double x) { return std::ldexp(x, m.token.exponent); }

/** Mass that a picture cannot show. */
constexpr double invisible = 1e-9;

double total_reward(const Model& m, DoubleDouble mean_step) {
  return std::ldexp((from_integer(m.length) * (m.token.base + m.token.unit * mean_step)).value(), m.token.exponent);
}

/** Offsets with masses, before they are thinned for a picture. */
struct Points {
  DoubleDouble base;
  DoubleDouble unit;
  DoubleDouble center;
  std::vector<double> offset;
  std::vector<double> mass;
  double stride = 1;
  /** Offsets are integers, stride apart where nothing is missing. */
  bool lattice = false;
};

/** Levels of at least `invisible` mass from the first to the last such. */
void trim(Points& p) {
  std::size_t first = 0;
  std::size_t last = p.mass.size();
  while (first + 1 < last && p.mass[first] * p.stride < invisible) ++first;
  while (last > first + 1 && p.mass[last - 1] * p.stride < invisible) --last;
  p.offset = {p.offset.begin() + static_cast<std::ptrdiff_t>(first),
              p.offset.begin() + static_cast<std::ptrdiff_t>(last)};
  p.mass = {p.mass.begin() + static_cast<std::ptrdiff_t>(first), p.mass.begin() + static_cast<std::ptrdiff_t>(last)};
}

/** Smallest distance of neighbouring offsets; 0 for a single one. */
double spacing(const Points& p) {
  double least = infinity;
  for (std::size_t i = 1; i < p.offset.size(); ++i) least = std::min(least, p.offset[i] - p.offset[i - 1]);
  return p.offset.size() > 1 ? least : 0;
}

LawCurve thinned(const Model& m, Points p, int points) {
  trim(p);
  LawCurve curve;
  const double n = static_cast<double>(m.length);
  const double unit = std::ldexp(p.unit.value() / n, m.token.exponent);
  const auto x = [&](double offset) {
    return std::ldexp(((p.base + p.unit * (p.center + DoubleDouble(offset))) / from_integer(m.length)).value(),
                      m.token.exponent);
  };
  const double span = p.offset.back() - p.offset.front();
  if (p.offset.size() <= static_cast<std::size_t>(2 * points)) {
    curve.width = unit * (p.lattice && p.offset.size() > 1 ? std::max(p.stride, spacing(p)) : spacing(p));
    for (std::size_t i = 0; i < p.offset.size(); ++i) {
      curve.x.push_back(x(p.offset[i]));
      curve.mass.push_back(p.mass[i] * p.stride);
    }
    return curve;
  }
  // A whole number of lattice points a bin, else neighbouring bins would hold unequal numbers of them.
  const double bin = p.lattice ? p.stride * std::ceil((span / p.stride + 1) / points) : span / points;
  curve.width = bin * unit;
  const double first = p.offset.front() - (p.lattice ? p.stride / 2 : 0);
  const double last = std::floor((p.offset.back() - first) / bin);
  if (!(last >= 0 && last < 1e6)) throw NumericalError("model: the rewards differ too much in size for a picture");
  const auto bins = static_cast<std::size_t>(last) + 1;
  curve.mass.assign(bins, 0);
  for (std::size_t i = 0; i < bins; ++i) curve.x.push_back(x(first + bin * (static_cast<double>(i) + 0.5)));
  for (std::size_t i = 0; i < p.offset.size(); ++i) {
    curve.mass[static_cast<std::size_t>((p.offset[i] - first) / bin)] += p.mass[i] * p.stride;
  }
  return curve;
}

Points on_law(const RewardLaw& law, std::vector<double> mass, bool lattice) {
  return {law.base, law.unit, law.center, law.offset, std::move(mass), law.stride, lattice};
}

/** log N from which best-of-N is the best sequence alone. */
DoubleDouble top_depth(const Model& m) { return kl_max(m.token) * from_integer(m.length) + DoubleDouble(100); }

Points tilt_points(const Model& m, const TokenTilt& tilt, int points) {
  const TokenLaw& token = m.token;
  if (tilt.saturated()) return on_law(best_of_n_law(m, top_depth(m), tilt).law, {1}, false);
  const auto of_sum = [&](const TokenLaw& of, const TokenTilt& at, bool smooth) {
    SumMasses sum = sum_masses(of, m.length, at, 2 * points, smooth);
    double total = 0;
    for (const double mass : sum.mass) total += sum.stride * mass;
    // Points between which a law of clusters hides.
    if (smooth && std::fabs(total - 1) > 1e-3) throw NumericalError("model.length: the law of the sum is not smooth");
    return Points{of.base * from_integer(m.length),
                  of.unit,
                  sum.center,
                  std::move(sum.offset),
                  std::move(sum.mass),
                  sum.stride,
                  true};
  };
  if (m.length > 1) {
    const auto on = [&](const TokenLaw& moved, bool smooth) {
      return of_sum(moved, tilt_at(moved, tilt.b * (moved.unit / token.unit).value()), smooth);
    };
    if (!is_fine(token) || token.size() == 1) return of_sum(token, tilt, false);
    if (const auto law = counted_law(token, m.length, tilt, anywhere, quickly_counted)) {
      std::vector<double> mass;
      for (std::size_t j = 0; j < law->size(); ++j)
        mass.push_back(std::exp(law->log_mass[j] + tilt.b * law->offset[j]));
      return on_law(*law, std::move(mass), false);
    }
    try {
      return on(smooth_lattice(token, tilt.weights), true);
    } catch (const NumericalError&) {
      // Neither smooth nor of few levels: a picture is served by rewards a little moved.
      return on(moved_token(m, tilt.weights), false);
    }
  }
  const BestOfNLaw at = best_of_n_law(m, 0, tilt);
  return on_law(at.law, kl_rl(at.law, tilt.b).mass, false);
}

}  // namespace

std::vector<std::size_t> coarse_to_fine(std::size_t count) {
  std::vector<std::size_t> order;
  std::vector<bool> taken(count, false);
  const auto take = [&](std::size_t i) {
    if (!taken[i]) order.push_back(i);
    taken[i] = true;
  };
  if (count > 0) take(count - 1);
  std::size_t stride = 1;
  while (stride < count) stride *= 2;
  for (; stride > 0; stride /= 2) {
    for (std::size_t i = 0; i < count; i += stride) take(i);
  }
  return order;
}

void check_points(int points) {
  if (points < 2 || points > 10000) throw InputError("points", std::to_string(points) + " is not in [2, 10000]");
}

int affordable_points(int points, const TokenLaw& token) {
  constexpr double outcomes = 4e5;
  constexpr double fewest = 15;
  return std::min(points, static_cast<int>(std::max(fewest, outcomes / static_cast<double>(token.size()))));
}

Derived derived(const Model& m, const Report& r) {
  Derived d = derived(r, m.sequence ? std::optional(m.length) : std::nullopt);
  const DoubleDouble n = from_integer(m.length);
  const auto buys = [&](double from, double to) {
    try {
      const DoubleDouble step =
          solve_tilt(m.token, DoubleDouble(to) / n).mean - solve_tilt(m.token, DoubleDouble(from) / n).mean;
      return std::ldexp((n * m.token.unit * step).value(), m.token.exponent);
    } catch (const NumericalError&) {
      return not_known;
    }
  };
  d.first_nat = buys(0, 1);
  d.next_nat = buys(r.kl, r.kl + 1);
  return d;
}

Derived derived(const Report& r, std::optional<std::int64_t> length) {
  Derived d;
  d.n = std::exp(r.log_n);
  // An integer N was given as one: e^(log N) would miss it by some ulps.
  if (d.n < 1e15 && std::fabs(d.n - std::round(d.n)) < 1e-9 * d.n) d.n = std::round(d.n);
  d.log10_n = r.log_n / std::log(10.0);
  const auto n = static_cast<double>(length.value_or(1));
  d.kl_per_token = length ? r.kl / n : not_known;
  d.gap_per_token = length ? r.gap.reward / n : not_known;
  d.base_reward_per_token = r.model.reward / n;
  d.kl_rl_reward_per_token = r.kl_rl.reward / n;
  d.best_of_n_reward_per_token = r.best_of_n.reward / n;
  return d;
}

Frontier frontier_of(double kl_end, int points, const std::function<PathPoint(double)>& kl_rl,
                     const std::function<PathPoint(double)>& best_of_n) {
  check_points(points);
  if (!(kl_end > 0 && kl_end <= largest_budget)) throw InputError("kl_end", to_text(kl_end) + " is not in (0, 1e12]");
  struct Both {
    double budget;
    PathPoint tilt;
    PathPoint best;
  };
  std::vector<std::optional<Both>> found(static_cast<std::size_t>(points));
  double work = 0;
  // From coarse to fine, so that what is affordable covers the whole axis.
  for (const std::size_t i : coarse_to_fine(found.size())) {
    if (work > most_frontier_work) break;
    const double share = static_cast<double>(i) / (points - 1);
    const double budget = kl_end * share * share;
    found[i] = Both{budget, kl_rl(budget), best_of_n(budget)};
    work += found[i]->tilt.work + found[i]->best.work;
  }
  Frontier f;
  const auto add = [](Path& path, double budget, const PathPoint& at) {
    if (!std::isfinite(at.kl)) return;
    path.budget.push_back(budget);
    path.kl.push_back(at.kl);
    path.reward.push_back(at.reward);
  };
  for (const auto& at : found) {
    if (!at || !std::isfinite(at->best.kl)) continue;
    add(f.kl_rl, at->budget, at->tilt);
    add(f.best_of_n, at->budget, at->best);
  }
  for (const double draws : {16.0, 256.0, 65536.0, 1e6, 1e9, 1e12, 1e15, 1e20, 1e30, 1e50, 1e100, 1e200, 1e300}) {
    if (std::log(draws) > kl_end || work > 2 * most_frontier_work) break;
    const PathPoint at = best_of_n(std::log(draws));
    work += at.work;
    if (std::isfinite(at.kl)) f.mark_n.push_back(draws);
    add(f.marks, std::log(draws), at);
  }
  return f;
}

Frontier frontier(const Model& m, double kl_end, int points) {
  const DoubleDouble n = from_integer(m.length);
  Workbench bench;
  const double solving = 500 * static_cast<double>(m.token.size());
  const double least = total_reward(m, tilt_at(m.token, 0).mean);
  // Both policies ask for the same optimum, one after the other.
  std::optional<TokenTilt> solved;
  double solved_at = 0;
  const auto optimum = [&](double budget) -> const TokenTilt& {
    if (!solved || solved_at != budget) solved = solve_tilt(m.token, DoubleDouble(budget) / n);
    solved_at = budget;
    return *solved;
  };
  return frontier_of(
      kl_end, points,
      // Past what can be bought the path goes on at the same reward.
      [&](double kl) {
        return PathPoint{kl, total_reward(m, optimum(kl).mean), solving};
      },
      [&](double log_n) {
        const double before = bench.work;
        const auto spent = [&] { return bench.work - before + solving; };
        try {
          const BestOfNOutcome bon = best_of_n_outcome(m, log_n, optimum(log_n), &bench);
          // What is not known to a few hundredths would be a wrong mark.
          const bool known =
              bon.errors.kl <= 0.05 * std::max(1.0, bon.kl) &&
              units_of(m, bon.errors.reward) <=
                  0.05 * std::max({1.0, std::fabs(units_of(m, bon.reward.value())), units_of(m, bon.sd)});
          if (!known) return PathPoint{not_known, not_known, spent()};
          // And no best of several is behind the base.
          return PathPoint{bon.kl, std::max(least, units_of(m, bon.reward.value())), spent()};
        } catch (const NumericalError&) {
          // No mark where no method holds.
          return PathPoint{not_known, not_known, spent()};
        }
      });
}

LawCurves law_curves(const Model& m, const Budget& budget, int points) {
  check_points(points);
  const TokenTilt base = tilt_at(m.token, 0);
  const TokenTilt tilt = solve_tilt(m.token, budget.kl / from_integer(m.length));
  const BestOfNOutcome bon = best_of_n_outcome(m, budget.kl, tilt);
  LawCurves curves;
  curves.base = thinned(m, tilt_points(m, base, points), points);
  curves.kl_rl = thinned(m, tilt_points(m, tilt, points), points);
  curves.best_of_n = curves.base;
  if (bon.at) {
    const RewardLaw& law = bon.at->law;
    std::vector<double> mass = bon.at->policy.mass;
    // A law that lost or gained some of its mass is drawn by its shares.
    if (bon.at->metrics.mass_defect > 1e-6) {
      double total = 0;
      for (const double x : mass) total += law.stride * x;
      for (double& x : mass) x /= total;
    }
    curves.best_of_n = thinned(m, on_law(law, std::move(mass), !m.token.lattice.empty() && m.length > 1), points);
  }
  const double n = static_cast<double>(m.length);
  const auto describe = [&](LawCurve& curve, DoubleDouble mean, double sd) {
    curve.mean = std::ldexp((mean / from_integer(m.length)).value(), m.token.exponent);
    curve.sd = std::ldexp(sd / n, m.token.exponent);
    for (const double mass : curve.mass) curve.density.push_back(curve.width > 0 ? mass / curve.width : mass);
  };
  const auto of_tilt = [&](LawCurve& curve, const TokenTilt& t) {
    describe(curve, from_integer(m.length) * (m.token.base + m.token.unit * t.mean),
             std::sqrt(n * t.variance) * m.token.unit.value());
  };
  of_tilt(curves.base, base);
  of_tilt(curves.kl_rl, tilt);
  describe(curves.best_of_n, bon.reward, bon.sd);
  return curves;
}

GapCurve gap_curve(const Model& m, const Budget& budget, int points) {
  check_points(points);
  const DoubleDouble rate = budget.kl / from_integer(m.length);
  // The tilt depends on the rate alone: one for all lengths.
  const TokenTilt tilt = solve_tilt(m.token, rate);
  Workbench bench;
  if (!tilt.saturated() && tilt.b > 0 && !m.token.lattice.empty() && m.token.size() > 1)
    bench.tilted = tilted_token(m.token, tilt);
  const double constant = sharp_constant(m.token, tilt);
  GapCurve curve;
  for (int i = 0; i < points; ++i) {
    const double wanted = std::round(std::pow(largest_length, static_cast<double>(i) / (points - 1)));
    if (curve.length.empty() || wanted > curve.length.back()) curve.length.push_back(wanted);
  }
  for (std::vector<double>* each :
       {&curve.gap, &curve.kl_to_kl_rl, &curve.gap_sharp, &curve.gap_first_order, &curve.kl_to_kl_rl_sharp})
    each->assign(curve.length.size(), not_known);
  // From coarse to fine, so that what is affordable covers the whole axis.
  for (const std::size_t i : coarse_to_fine(curve.length.size())) {
    const double wanted = curve.length[i];
    Model at = m;
    at.length = static_cast<std::int64_t>(wanted);
    const DoubleDouble n = from_integer(at.length);
    std::optional<BestOfNOutcome> bon;
    try {
      // Past what is affordable, and where no method holds, lengths are gaps in the curve.
      if (bench.work < most_curve_work) bon = best_of_n_outcome(at, rate * n, tilt, &bench);
    } catch (const NumericalError&) {
    }
    const DoubleDouble reward = n * (m.token.base + m.token.unit * tilt.mean);
    const auto per_token = [&](double x) { return std::ldexp(x / wanted, m.token.exponent); };
    // What is not known to a hundredth of itself would be a wrong mark.
    const auto known = [](double x, double error) { return error <= 0.01 * std::fabs(x) + 1e-12 ? x : not_known; };
    // The optimum is never behind: what is below 0 is rounding.
    const double gap = bon ? std::max(0.0, (reward - bon->reward).value()) : not_known;
    const double kl = bon ? bon->kl_to_kl_rl : not_known;
    curve.gap[i] = per_token(bon ? known(gap, bon->errors.reward) : not_known);
    curve.kl_to_kl_rl[i] =
        (bon ? known(kl, bon->errors.kl + tilt.b / m.token.unit.value() * bon->errors.reward) : not_known) / wanted;
    const auto sharp = sharp_terms(m.token, at.length, tilt, constant);
    if (!sharp) continue;
    curve.gap_sharp[i] = per_token(sharp->gap);
    curve.gap_first_order[i] = per_token(sharp->gap_first_order);
    curve.kl_to_kl_rl_sharp[i] = sharp->kl_to_kl_rl / wanted;
  }
  return curve;
}

}  // namespace tiltlab
