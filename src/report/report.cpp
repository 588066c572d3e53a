#include "report/report.hpp"

#include <cmath>

#include "numerics/log_domain.hpp"
#include "report/promise.hpp"

namespace tiltlab {

namespace {

KlRlReport kl_rl_report(const Outcome& o) {
  KlRlReport r;
  static_cast<PolicyReport&>(r) = o;
  r.alpha = o.alpha;
  return r;
}

void hold(Promise& promise, const char* name, double& x, const Uncertainty& of) {
  promise.hold(name, x, of.error, of.rounding);
}

void hold_range(Promise& promise, const Report& r, bool bounded) {
  const auto in_range = [&](const char* of, const PolicyReport& p) {
    promise.in_range((std::string(of) + ".reward").c_str(), p.reward);
    promise.in_range((std::string(of) + ".reward_sd").c_str(), p.reward_sd);
  };
  in_range("model", r.model);
  if (bounded) promise.in_range("model.reward_max", r.model.reward_max);
  in_range("kl_rl", r.kl_rl);
  in_range("best_of_n", r.best_of_n);
  in_range("kl_rl_at_bon_kl", r.kl_rl_at_bon_kl);
  promise.in_range("gap.reward", r.gap.reward);
  promise.in_range("gap.reward_at_bon_kl", r.gap.reward_at_bon_kl);
}

void hold_all(Promise& promise, Report& r, const Found& found) {
  const Outcome& same = found.comparison.at_bon_kl;
  hold(promise, "model.reward", r.model.reward, found.base.of_reward);
  hold(promise, "model.reward_sd", r.model.reward_sd, found.base.of_reward_sd);
  hold(promise, "model.kl", r.model.kl, found.base.of_kl);
  hold(promise, "model.win_rate", r.model.win_rate, found.base.of_win_rate);
  hold(promise, "kl_rl.reward", r.kl_rl.reward, found.kl_rl.of_reward);
  hold(promise, "kl_rl.reward_sd", r.kl_rl.reward_sd, found.kl_rl.of_reward_sd);
  hold(promise, "kl_rl.kl", r.kl_rl.kl, found.kl_rl.of_kl);
  hold(promise, "kl_rl.alpha", r.kl_rl.alpha, found.kl_rl.of_alpha);
  hold(promise, "best_of_n.reward", r.best_of_n.reward, found.best_of_n.of_reward);
  hold(promise, "best_of_n.reward_sd", r.best_of_n.reward_sd, found.best_of_n.of_reward_sd);
  hold(promise, "best_of_n.kl", r.best_of_n.kl, found.best_of_n.of_kl);
  hold(promise, "best_of_n.win_rate", r.best_of_n.win_rate, found.best_of_n.of_win_rate);
  hold(promise, "best_of_n.gold", r.best_of_n.gold, found.best_of_n.of_gold);
  hold(promise, "best_of_n.kl_to_kl_rl", r.best_of_n.kl_to_kl_rl, found.comparison.kl_to_kl_rl.of_value);
  hold(promise, "kl_rl.win_rate", r.kl_rl.win_rate, found.kl_rl.of_win_rate);
  hold(promise, "kl_rl_at_bon_kl.kl", r.kl_rl_at_bon_kl.kl, same.of_kl);
  hold(promise, "kl_rl_at_bon_kl.reward", r.kl_rl_at_bon_kl.reward, same.of_reward);
  hold(promise, "kl_rl_at_bon_kl.reward_sd", r.kl_rl_at_bon_kl.reward_sd, same.of_reward_sd);
  hold(promise, "kl_rl_at_bon_kl.alpha", r.kl_rl_at_bon_kl.alpha, same.of_alpha);
  hold(promise, "kl_rl_at_bon_kl.win_rate", r.kl_rl_at_bon_kl.win_rate, same.of_win_rate);
  hold(promise, "kl_rl_at_bon_kl.gold", r.kl_rl_at_bon_kl.gold, same.of_gold);
  hold(promise, "gap.reward", r.gap.reward, found.comparison.gap.of_value);
  hold(promise, "gap.reward_at_bon_kl", r.gap.reward_at_bon_kl, found.comparison.gap_at_bon_kl.of_value);
}

}  // namespace

Report report_of(double kl, const Found& found) {
  Report r;
  r.kl = r.log_n = kl;
  static_cast<PolicyReport&>(r.model) = found.base;
  r.model.levels = found.extremes.levels;
  r.model.reward_max = found.extremes.reward_max;
  r.model.kl_max = found.extremes.kl_max;
  r.kl_rl = kl_rl_report(found.kl_rl);
  static_cast<PolicyReport&>(r.best_of_n) = found.best_of_n;
  r.best_of_n.kl_bound = best_of_n_kl_bound(kl);
  r.best_of_n.kl_to_kl_rl = found.comparison.kl_to_kl_rl.value;
  r.kl_rl_at_bon_kl = kl_rl_report(found.comparison.at_bon_kl);
  r.gap = {found.comparison.gap.value, found.comparison.gap_at_bon_kl.value};
  r.error_bound = found.extremes.stated_error;
  if (!found.extremes.note.empty()) r.notes.push_back(found.extremes.note);
  Promise promise(r);
  hold_all(promise, r, found);
  if (found.limits) {
    r.limits = found.limits;
    if (std::isinf(r.limits->gap_sharp)) {
      promise.in_range("limits.gap_sharp", r.limits->gap_sharp);
      r.limits->gap_sharp = not_known;
    }
    promise.in_range("limits.variance_per_token", r.limits->variance_per_token);
  }
  hold_range(promise, r, found.extremes.bounded);
  promise.close();
  return r;
}

}  // namespace tiltlab
