#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "error.hpp"
#include "models/budget.hpp"
#include "models/model.hpp"

namespace tiltlab {

struct ModelReport : PolicyReport {
  /** Distinct rewards; NaN where counting them costs too much. */
  double levels = 0;
  double reward_max = 0;
  double kl_max = 0;
};

struct KlRlReport : PolicyReport {
  /** Inverse temperature, per reward unit; infinite when saturated. */
  double alpha = 0;
};

struct BestOfNReport : PolicyReport {
  /** log N - (N - 1)/N */
  double kl_bound = 0;
  /** KL(best-of-N || KL-RL at the budget), possibly infinite. */
  double kl_to_kl_rl = 0;
};

struct GapReport {
  double reward = 0;
  double reward_at_bon_kl = 0;
};

/** Report, version 1: see the schema of the same name in the documentation of the facade. */
struct Report {
  ModelReport model;
  double kl = 0;
  double log_n = 0;
  KlRlReport kl_rl;
  BestOfNReport best_of_n;
  KlRlReport kl_rl_at_bon_kl;
  GapReport gap;
  std::optional<Limits> limits;
  /**
   * Every number x, differences and standard deviations too, is within error_bound * max(1, |x|) of the exact one; 0
   * where nothing was approximated. A number that could not be had within `largest_error_bound` is NaN, and `notes`
   * names it.
   */
  double error_bound = 0;
  std::vector<std::string> notes;
  /** The engine's version, which the border fills in. */
  std::string engine;
};

template <class F>
void fields(F&& f, const ModelReport& r) {
  fields(f, static_cast<const PolicyReport&>(r));
  f("levels", r.levels);
  f("reward_max", r.reward_max);
  f("kl_max", r.kl_max);
}

template <class F>
void fields(F&& f, const KlRlReport& r) {
  fields(f, static_cast<const PolicyReport&>(r));
  f("alpha", r.alpha);
}

template <class F>
void fields(F&& f, const BestOfNReport& r) {
  fields(f, static_cast<const PolicyReport&>(r));
  f("kl_bound", r.kl_bound);
  f("kl_to_kl_rl", r.kl_to_kl_rl);
}

template <class F>
void fields(F&& f, const GapReport& r) {
  f("reward", r.reward);
  f("reward_at_bon_kl", r.reward_at_bon_kl);
}

template <class F>
void fields(F&& f, const Report& r) {
  f("model", r.model);
  f.group("budget", [&](auto& budget) {
    budget("kl", r.kl);
    budget("log_n", r.log_n);
  });
  f("kl_rl", r.kl_rl);
  f("best_of_n", r.best_of_n);
  f("kl_rl_at_bon_kl", r.kl_rl_at_bon_kl);
  f("gap", r.gap);
  if (r.limits) f("limits", *r.limits);
  if (r.error_bound > 0) f("error_bound", r.error_bound);
  if (!r.notes.empty()) f("notes", r.notes);
  f("engine", r.engine);
}

inline constexpr double largest_error_bound = 1e-3;

/** Of what was asked and found, the report: fills it, and holds every number to what `error_bound` promises. */
struct Found {
  Outcome base;
  Outcome kl_rl;
  Outcome best_of_n;
  Comparison comparison;
  Extremes extremes;
  std::optional<Limits> limits;
};
[[nodiscard]] Report report_of(double kl, const Found& found);

/** What a report takes most of its time for, kept for the figures beside it. */
template <RewardModel M>
struct Solved {
  decltype(base_of(std::declval<const M&>())) base;
  decltype(base_of(std::declval<const M&>())) at_budget;
  decltype(best_of(std::declval<const M&>(), DoubleDouble(), base)) best;
};

/** @param keep called with what was solved on the way: {base, at_budget, best}, which it may move from
 * @throws NumericalError */
template <RewardModel M, class Keep>
[[nodiscard]] Report evaluate(const M& m, const Budget& budget, const Keep& keep) {
  const auto find = [&] {
    auto base = base_of(m);
    auto tilt = tilt_for(m, budget.kl, Accuracy::full);
    auto bon = best_of(m, budget.kl, tilt);
    auto same_kl = tilt_at_kl_of(m, bon, base);
    Optima<decltype(base)> optima{std::move(base), std::move(tilt), std::move(same_kl)};
    Found found{base_outcome(m, optima.base),
                outcome(m, optima.at_budget),
                outcome(m, bon),
                compare(m, optima, bon),
                extremes(m, bon),
                std::nullopt};
    if constexpr (LengthModel<M>) {
      if (const auto length = length_of(m))
        found.limits = limits_of(m, budget.kl / from_integer(*length), optima.at_budget);
    }
    keep(optima.base, optima.at_budget, bon);
    return report_of(budget.kl.value(), found);
  };
  if constexpr (requires(const NumericalError& e) { refuse(m, budget, e); }) {
    try {
      return find();
    } catch (const NumericalError& e) {
      refuse(m, budget, e);
    }
  } else {
    return find();
  }
}
template <RewardModel M>
[[nodiscard]] Report evaluate(const M& m, const Budget& budget) {
  return evaluate(m, budget, [](auto&...) {});
}

}  // namespace tiltlab
