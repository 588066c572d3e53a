#pragma once
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

#include "report/report.hpp"

namespace tiltlab {

/** What a reader is told beside the report; rewards in the scenario's unit. */
struct Derived {
  /** N = e^log_n; infinite past 1e308. */
  double n = 1;
  double log10_n = 0;
  /** NaN for models without a length. */
  double kl_per_token = 0;
  double gap_per_token = 0;
  double base_reward_per_token = 0;
  double kl_rl_reward_per_token = 0;
  double best_of_n_reward_per_token = 0;
  /** What the optimal policy earns for its first nat of KL, and for one more than the budget; NaN where not known. */
  double first_nat = 0;
  double next_nat = 0;
};

template <class F>
void fields(F&& f, const Derived& d) {
  f("n", d.n);
  f("log10_n", d.log10_n);
  f("kl_per_token", d.kl_per_token);
  f("gap_per_token", d.gap_per_token);
  f.group("reward_per_token", [&](auto& per_token) {
    per_token("base", d.base_reward_per_token);
    per_token("kl_rl", d.kl_rl_reward_per_token);
    per_token("best_of_n", d.best_of_n_reward_per_token);
  });
  f("first_nat", d.first_nat);
  f("next_nat", d.next_nat);
}

/** @param length tokens of a sequence; empty for models without a length */
[[nodiscard]] Derived derived(const Report& report, std::optional<std::int64_t> length);

template <RewardModel M>
[[nodiscard]] Derived derived(const M& m, const Report& r) {
  Derived d = derived(r, length_of(m));
  d.first_nat = earns_more(m, 0, 1);
  d.next_nat = earns_more(m, r.kl, r.kl + 1);
  return d;
}

/** @throws InputError where `points` is not in [2, 10000] */
void check_points(int points);

/** Fewer points for large alphabets, each of whose tilts costs as much as its outcomes. */
[[nodiscard]] int affordable_points(int points, std::size_t outcomes);

/** A policy's path through the reward-KL plane, parametrised by its budget (KL for KL-RL, log N for best-of-N). */
struct Path {
  std::vector<double> budget;
  /** KL(policy || p), nats. */
  std::vector<double> kl;
  std::vector<double> reward;

  /** Leaves out what could not be had. */
  void add(double at, const PathPoint& point);
};

struct Frontier {
  double kl_end = 0;
  Path kl_rl;
  Path best_of_n;
  /** Best-of-N at the round numbers of draws 16, 256, 65536, 10^6, 10^9, ... with log N <= kl_end. */
  Path marks;
  std::vector<double> mark_n;
};

template <class F>
void fields(F&& f, const Path& p) {
  f("log_n", p.budget);
  f("kl", p.kl);
  f("reward", p.reward);
}

template <class F>
void fields(F&& f, const Frontier& x) {
  f("kl_end", x.kl_end);
  f.group("kl_rl", [&](auto& kl_rl) {
    kl_rl("kl", x.kl_rl.kl);
    kl_rl("reward", x.kl_rl.reward);
  });
  f("best_of_n", x.best_of_n);
  f.group("marks", [&](auto& marks) {
    fields(marks, x.marks);
    marks("n", x.mark_n);
  });
}

/** Multiplications that a frontier, and a curve over lengths, may cost; a tenth of a second, and one. */
inline constexpr double most_frontier_work = 5e7;
/** Fewer points than these are no curve, but chords that lie beside it: they may cost as much as half a second. */
inline constexpr std::size_t fewest_points = 17;
inline constexpr double most_work_of_fewest = 4e8;
inline constexpr double most_curve_work = 5e8;

/** Draws that a frontier marks. */
inline constexpr double marked_draws[] = {16, 256, 65536, 1e6, 1e9, 1e12, 1e15, 1e20, 1e30, 1e50, 1e100, 1e200, 1e300};

/** @throws InputError */
void check_axis(double kl_end, int points);

/**
 * Both paths at `points` budgets from 0 to kl_end, denser near 0 where both rise like a square root. Where points are
 * dear there are fewer, from coarse to fine, so that what is affordable covers the whole axis.
 * @param kl_end > 0, nats @param points 2 .. 10000 @throws InputError
 */
template <PicturedModel M>
[[nodiscard]] Frontier frontier(const M& m, double kl_end, int points) {
  check_axis(kl_end, points);
  struct Both {
    double budget;
    PathPoint tilt;
    PathPoint best;
  };
  auto paths = paths_of(m);
  std::vector<std::optional<Both>> found(static_cast<std::size_t>(points));
  double work = 0;
  std::size_t count = 0;
  for (const std::size_t i : coarse_to_fine(found.size())) {
    if (work > (count < fewest_points ? most_work_of_fewest : most_frontier_work)) break;
    ++count;
    const double share = static_cast<double>(i) / (points - 1);
    const double budget = kl_end * share * share;
    const PathPoint tilt = paths.optimum(budget);
    found[i] = Both{budget, tilt, paths.best_of_n(budget)};
    work += found[i]->tilt.work + found[i]->best.work;
  }
  Frontier f;
  f.kl_end = kl_end;
  for (const auto& at : found) {
    if (!at || !std::isfinite(at->best.kl)) continue;
    f.kl_rl.add(at->budget, at->tilt);
    f.best_of_n.add(at->budget, at->best);
  }
  work = std::min(work, most_frontier_work);
  for (const double draws : marked_draws) {
    if (std::log(draws) > kl_end || work > 2 * most_frontier_work) break;
    const PathPoint at = paths.best_of_n(std::log(draws));
    work += at.work;
    if (std::isfinite(at.kl)) f.mark_n.push_back(draws);
    f.marks.add(std::log(draws), at);
  }
  return f;
}

struct LawCurves {
  LawCurve base;
  LawCurve kl_rl;
  LawCurve best_of_n;
};

template <class F>
void fields(F&& f, const LawCurves& c) {
  f("base", c.base);
  f("kl_rl", c.kl_rl);
  f("best_of_n", c.best_of_n);
}

/** Models whose pictures show what their reports solve, to the last bit. */
template <class M>
concept SharesSolved = PicturedModel<M> && requires(const M& m, const Solved<M>& solved, int points) {
  { picture_of_best(m, solved.best, points) } -> std::same_as<LawCurve>;
};

/** The three laws on about `points` points each, the far tails (mass under 1e-9) left out. @throws InputError */
template <PicturedModel M>
[[nodiscard]] LawCurves law_curves(const M& m, const Budget& budget, int points) {
  check_points(points);
  const auto base = base_of(m, Accuracy::picture);
  const auto tilt = tilt_for(m, budget.kl, Accuracy::picture);
  return {picture(m, base, points), picture(m, tilt, points), picture_of_best(m, budget.kl, tilt, points)};
}

/** The same of what a report of that budget solved. @throws InputError */
template <SharesSolved M>
[[nodiscard]] LawCurves law_curves(const M& m, const Solved<M>& solved, int points) {
  check_points(points);
  return {picture(m, solved.base, points), picture(m, solved.at_budget, points),
          picture_of_best(m, solved.best, points)};
}

/** Per-token gap against length at the budget's rate. One entry a length; NaN where a term does not apply. */
struct GapCurve {
  std::vector<double> length;
  /** (E_KL-RL S - E_best-of-N S) / n, reward units. */
  std::vector<double> gap;
  std::vector<double> gap_sharp;
  /** log(2 pi n a^2 s^2) / (2 a n): the first order, which leaves out the constant and the lattice. */
  std::vector<double> gap_first_order;
  /** What is proved of the gap at each length. */
  std::vector<double> gap_lower;
  std::vector<double> gap_upper;
  /** KL(best-of-N || KL-RL) / n, nats. */
  std::vector<double> kl_to_kl_rl;
  std::vector<double> kl_to_kl_rl_sharp;
};

template <class F>
void fields(F&& f, const GapCurve& c) {
  f("length", c.length);
  f("gap", c.gap);
  f("gap_sharp", c.gap_sharp);
  f("gap_first_order", c.gap_first_order);
  f("gap_lower", c.gap_lower);
  f("gap_upper", c.gap_upper);
  f("kl_to_kl_rl", c.kl_to_kl_rl);
  f("kl_to_kl_rl_sharp", c.kl_to_kl_rl_sharp);
}

/** Lengths from 1 to 10^9, equally spaced in their logarithm, as integers; nothing known at any. @throws InputError */
[[nodiscard]] GapCurve lengths(int points);

/** From coarse to fine, so that what is affordable covers the whole axis. @param points of lengths @throws InputError
 */
template <LengthModel M>
[[nodiscard]] GapCurve gap_curve(const M& m, const Budget& budget, int points) {
  GapCurve curve = lengths(points);
  auto at_rate = lengths_of(m, budget.kl / from_integer(length_of(m).value_or(1)));
  for (const std::size_t i : coarse_to_fine(curve.length.size())) {
    const GapPoint point = at_rate.at(static_cast<std::int64_t>(curve.length[i]), at_rate.work() < most_curve_work);
    curve.gap[i] = point.gap;
    curve.gap_sharp[i] = point.gap_sharp;
    curve.gap_first_order[i] = point.gap_first_order;
    curve.gap_lower[i] = point.gap_lower;
    curve.gap_upper[i] = point.gap_upper;
    curve.kl_to_kl_rl[i] = point.kl_to_kl_rl;
    curve.kl_to_kl_rl_sharp[i] = point.kl_to_kl_rl_sharp;
  }
  return curve;
}

}  // namespace tiltlab
