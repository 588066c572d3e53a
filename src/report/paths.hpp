#pragma once
#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "models/budget.hpp"
#include "models/model.hpp"
#include "report/curves.hpp"
#include "report/gold_fit.hpp"
#include "report/report.hpp"

/** Both policies' paths by whatever a reader may call best: reward, win rate or gold. */
namespace tiltlab {

/** Where gold is largest along a path (Gao et al., arXiv 2210.10760). */
struct GoldPeak {
  double gold = 0;
  /** As in `JudgedPath`. */
  double budget = 0;
  double kl = 0;
  /** N, of best-of-N; infinite past 1e308, NaN of the tilt. */
  double n = not_known;
  /** Per reward unit, of the tilt; infinite when saturated, NaN of best-of-N. */
  double alpha = not_known;
  /** `inside`, where gold falls on either side; `start` or `end` of the axis, where it only falls or only rises. */
  std::string where;
};

template <class F>
void fields(F&& f, const GoldPeak& p) {
  f("gold", p.gold);
  f("budget", p.budget);
  f("kl", p.kl);
  f("n", p.n);
  f("alpha", p.alpha);
  f("where", p.where);
}

/** What a policy comes to at increasing budgets, one entry each; NaN where a number could not be had. */
struct JudgedPath {
  /** What the policy is allowed: KL of the tilt, log N of best-of-N, nats. */
  std::vector<double> budget;
  /** What it spends, KL(policy || p), nats: of a saturated tilt less than the budget. */
  std::vector<double> kl;
  std::vector<double> reward;
  std::vector<double> win_rate;
  /** Empty where the model states no gold, as is the peak; that also where it costs much or could not be had. */
  std::optional<std::vector<double>> gold;
  std::optional<GoldPeak> peak;
  std::optional<GoldFit> fit;

  void add(double at, const Outcome& o);
};

template <class F>
void fields(F&& f, const JudgedPath& p) {
  f("budget", p.budget);
  f("kl", p.kl);
  f("reward", p.reward);
  f("win_rate", p.win_rate);
  f("gold", p.gold);
  f("peak", p.peak);
  f("fit", p.fit);
}

/** Both policies at the same budgets. */
struct JudgedPaths {
  double kl_end = 0;
  JudgedPath kl_rl;
  JudgedPath best_of_n;
};

template <class F>
void fields(F&& f, const JudgedPaths& p) {
  f("kl_end", p.kl_end);
  f("kl_rl", p.kl_rl);
  f("best_of_n", p.best_of_n);
}

/** Multiplications that the points may cost, and the search for both peaks, a third of a second each; and the points
 * that this search is worth, about. */
inline constexpr double most_paths_work = 1.6e8;
inline constexpr double searched_points = 40;

/**
 * The peak of a path whose gold stands at the budgets of `path`, refined between those next to the largest.
 * @param at what the policy comes to at a budget @param end of the axis, nats
 * @return empty without a point, or where the policy could not be had between two
 */
[[nodiscard]] std::optional<GoldPeak> gold_peak(const JudgedPath& path, const std::function<Outcome(double)>& at,
                                                double end);

/** Whether a path would show all of a policy. */
[[nodiscard]] bool is_known(const Outcome& o, bool golden);

/** Best-of-N of one model at budget after budget: by what these share, where a path may show that. */
template <RewardModel M>
auto best_of_each(const M& m, bool golden) {
  const auto alone = [&m](double log_n) { return outcome(m, best_of(m, log_n, tilt_for(m, log_n, Accuracy::full))); };
  if constexpr (requires { workbench_of(m); }) {
    return [&m, golden, alone, bench = workbench_of(m)](double log_n) mutable {
      const Outcome shared = outcome(m, best_of(m, log_n, tilt_for(m, log_n, Accuracy::full), bench));
      if (is_known(shared, golden)) return shared;
      Outcome o = alone(log_n);
      o.work += shared.work;
      return o;
    };
  } else {
    return alone;
  }
}

/**
 * Both paths at `points` budgets from 0 to kl_end, spaced as those of `frontier`, and, where the model states gold, the
 * peaks of gold. Where points are dear there are fewer, from coarse to fine, so that what is affordable covers the
 * whole axis; a budget that no method reaches is left out.
 * @param kl_end nats @param points 2 .. 10000 @throws InputError
 */
template <RewardModel M>
[[nodiscard]] JudgedPaths judged_paths(const M& m, double kl_end, int points) {
  check_axis(kl_end, points);
  bool golden = false;
  if constexpr (GoldModel<M>) golden = states_gold(m);
  auto best = best_of_each(m, golden);
  const auto tilted = [&](double kl) { return outcome(m, tilt_for(m, kl, Accuracy::full)); };
  struct Both {
    double budget;
    Outcome tilt;
    Outcome best;
  };
  std::vector<std::optional<Both>> found(static_cast<std::size_t>(points));
  double work = 0;
  for (const std::size_t i : coarse_to_fine(found.size())) {
    if (work > most_paths_work) break;
    const double share = static_cast<double>(i) / (points - 1);
    const double budget = kl_end * share * share;
    try {
      found[i] = Both{budget, tilted(budget), best(budget)};
      work += found[i]->tilt.work + found[i]->best.work;
    } catch (const NumericalError&) {
      // No point where no method holds.
      work += 1;
    }
  }
  JudgedPaths p;
  p.kl_end = kl_end;
  if (golden) p.kl_rl.gold = p.best_of_n.gold = std::vector<double>{};
  for (const auto& at : found) {
    if (!at) continue;
    p.kl_rl.add(at->budget, at->tilt);
    p.best_of_n.add(at->budget, at->best);
  }
  if (golden) p.kl_rl.fit = gold_fit(p.kl_rl.kl, *p.kl_rl.gold, GoldForm::rl);
  if (golden) p.best_of_n.fit = gold_fit(p.best_of_n.kl, *p.best_of_n.gold, GoldForm::best_of_n);
  const auto had = static_cast<double>(p.kl_rl.budget.size());
  if (!golden || searched_points * work > most_paths_work * had) return p;
  p.kl_rl.peak = gold_peak(p.kl_rl, tilted, kl_end);
  p.best_of_n.peak = gold_peak(p.best_of_n, best, kl_end);
  if (p.best_of_n.peak) p.best_of_n.peak->n = std::exp(p.best_of_n.peak->budget);
  return p;
}

}  // namespace tiltlab
