#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "models/long_chain.hpp"
#include "models/tokens.hpp"
#include "numerics/log_domain.hpp"
#include "report/report.hpp"

/** Facts that hold for every report, each within what its error bound allows. */
namespace tiltlab::fuzz {

/** What was found wrong, in words with the numbers. */
class Findings {
 public:
  void add(std::string what) { all_.push_back(std::move(what)); }
  /** Notes that `x <= limit` does not hold; a NaN is no finding here. */
  void at_most(const std::string& what, double x, double limit, double tolerance = 0) {
    if (std::isnan(x) || std::isnan(limit) || std::isnan(tolerance) || x == limit) return;
    if (!(x <= limit + tolerance)) add(what + ": " + to_digits(x) + " > " + to_digits(limit) + by(tolerance));
  }
  void at_least(const std::string& what, double x, double limit, double tolerance = 0) {
    if (std::isnan(x) || std::isnan(limit) || std::isnan(tolerance) || x == limit) return;
    if (!(x >= limit - tolerance)) add(what + ": " + to_digits(x) + " < " + to_digits(limit) + by(tolerance));
  }
  void equal(const std::string& what, double x, double y, double tolerance) {
    if (std::isnan(x) || std::isnan(y) || std::isnan(tolerance) || x == y) return;
    if (!(std::fabs(x - y) <= tolerance)) add(what + ": " + to_digits(x) + " is not " + to_digits(y) + by(tolerance));
  }
  void not_nan(const std::string& what, double x) {
    if (std::isnan(x)) add(what + " is NaN");
  }
  void finite(const std::string& what, double x) {
    if (!std::isfinite(x)) add(what + " is " + to_digits(x));
  }
  [[nodiscard]] const std::vector<std::string>& all() const { return all_; }

 private:
  static std::string to_digits(double x) {
    std::string text(40, ' ');
    text.resize(static_cast<std::size_t>(std::snprintf(text.data(), text.size(), "%.17g", x)));
    return text;
  }
  static std::string by(double tolerance) {
    return tolerance > 0 ? ", tolerance " + to_digits(tolerance) : std::string();
  }
  std::vector<std::string> all_;
};

/** What a law is known to be before any number of it is computed. */
struct Facts {
  bool continuous = false;
  /** Without atoms, so that best-of-N's KL is its bound. */
  bool smooth = false;
  /** Outcomes of two different rewards, one token. */
  bool two_levels = false;
  /** Largest |reward| of a sequence. */
  double size = 1;
  /** |least reward| of a sequence or |largest|, whichever is the smaller. */
  double nearer_end = 1;
};

/** Facts of tokens or outcomes as they are given. */
inline Facts facts_of(const std::vector<double>& p, const std::vector<double>& reward, double length) {
  Facts facts;
  double lo = HUGE_VAL;
  double hi = -HUGE_VAL;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (!(p[i] > 0)) continue;
    lo = std::min(lo, reward[i]);
    hi = std::max(hi, reward[i]);
  }
  facts.two_levels = length == 1 && lo < hi;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (p[i] > 0 && reward[i] != lo && reward[i] != hi) facts.two_levels = false;
  }
  facts.size = length * std::max(std::fabs(lo), std::fabs(hi));
  facts.nearer_end = length * std::min(std::fabs(lo), std::fabs(hi));
  return facts;
}

/** The same of a model whose draws are listed. */
inline Facts facts_of(const Tokens& whole) {
  const TokenLaw& law = whole.token;
  const auto reward = [&](std::size_t i) {
    return std::ldexp((law.base + law.unit * law.step[i]).value(), law.exponent);
  };
  Facts facts;
  facts.two_levels = law.size() == 2;
  facts.size = std::max(std::fabs(reward(0)), std::fabs(reward(law.size() - 1)));
  facts.nearer_end = std::min(std::fabs(reward(0)), std::fabs(reward(law.size() - 1)));
  return facts;
}

/** Facts of a chain too long to list. */
inline Facts facts_of(const LongChain& m) {
  const TokenLaw& law = m.law.rewards;
  const auto reward = [&](const DoubleDouble& step) {
    return std::ldexp((law.base + law.unit * step).value(), law.exponent) * static_cast<double>(m.length);
  };
  Facts facts;
  facts.size = std::max(std::fabs(reward(law.step.front())), std::fabs(reward(law.step.back())));
  facts.nearer_end = std::min(std::fabs(reward(law.step.front())), std::fabs(reward(law.step.back())));
  return facts;
}

/** Rounding that a report need not state, as a share of a number. */
inline constexpr double unstated = 1e-12;

/** The tolerance of numbers of one report, or of two that are compared. */
struct Tolerance {
  double bound;
  /** Where nothing was approximated rewards below 1 keep their own digits. */
  double least;

  Tolerance(const Report& r, const Facts& facts)
      : bound(r.error_bound + unstated), least(r.error_bound > 0 ? 1 : std::min(1.0, facts.size)) {}
  /** Of rates, nats and other numbers without a unit. */
  [[nodiscard]] double operator()(double x) const { return bound * std::max(1.0, std::fabs(x)); }
  /** Of rewards that are no more than `size` and their differences. */
  [[nodiscard]] double reward(double x, double size) const {
    return bound * std::max({least, std::fabs(x), bound > 2 * unstated ? 0 : size});
  }
};

/** Whether a note names the number among those left out. */
inline bool is_left_out(const Report& r, const std::string& name) {
  for (const std::string& note : r.notes) {
    for (std::size_t at = note.find(name); at != std::string::npos; at = note.find(name, at + 1)) {
      const std::size_t end = at + name.size();
      const char next = end < note.size() ? note[end] : ' ';
      const bool last = next == ',' || (next == '.' && end + 1 == note.size());
      if (last && at > 0 && note[at - 1] == ' ') return true;
    }
  }
  return false;
}

inline void check_finite(Findings& found, const Report& r, const Facts& facts) {
  const bool saturated = std::isinf(r.kl_rl.alpha);
  const auto known = [&](const std::string& name, double x, bool may_be_infinite = false) {
    if (std::isfinite(x) || is_left_out(r, name) || (may_be_infinite && x == infinity)) return;
    found.add(name + (std::isnan(x) ? " is NaN" : " is infinite") + " without a note");
  };
  const auto policy = [&](const std::string& of, const PolicyReport& p) {
    known(of + ".reward", p.reward);
    known(of + ".reward_sd", p.reward_sd);
    known(of + ".kl", p.kl);
    known(of + ".win_rate", p.win_rate);
    known(of + ".gold", p.gold);
  };
  policy("model", r.model);
  known("model.reward_max", r.model.reward_max, facts.continuous);
  known("model.kl_max", r.model.kl_max, facts.continuous);
  policy("kl_rl", r.kl_rl);
  known("kl_rl.alpha", r.kl_rl.alpha, true);
  policy("best_of_n", r.best_of_n);
  known("best_of_n.kl_bound", r.best_of_n.kl_bound);
  known("best_of_n.kl_to_kl_rl", r.best_of_n.kl_to_kl_rl, saturated);
  policy("kl_rl_at_bon_kl", r.kl_rl_at_bon_kl);
  known("kl_rl_at_bon_kl.alpha", r.kl_rl_at_bon_kl.alpha, true);
  known("gap.reward", r.gap.reward);
  known("gap.reward_at_bon_kl", r.gap.reward_at_bon_kl);
  if (!r.limits) return;
  known("limits.rate", r.limits->rate);
  known("limits.alpha", r.limits->alpha, true);
  known("limits.reward_per_token", r.limits->reward_per_token);
  known("limits.variance_per_token", r.limits->variance_per_token);
  if (std::isinf(r.limits->gap_sharp) && std::isfinite(r.gap.reward)) found.add("limits.gap_sharp is infinite");
  if (std::isinf(r.limits->kl_to_kl_rl_sharp)) found.add("limits.kl_to_kl_rl_sharp is infinite");
}

/** What each report says of itself. */
inline void check_report(Findings& found, const Report& r, const Facts& facts) {
  const Tolerance within(r, facts);
  const double size = std::isfinite(facts.size) ? facts.size : 1e308;
  const auto of_reward = [&](double x) { return within.reward(x, size); };
  check_finite(found, r, facts);
  found.at_least("error_bound", r.error_bound, 0);
  found.at_most("error_bound", r.error_bound, largest_error_bound);
  for (const std::string& note : r.notes) {
    if (note.empty() || note.find('\n') != std::string::npos) found.add("a note is not one line: " + note);
  }

  const double bound = best_of_n_kl_bound(r.log_n);
  found.equal("log_n and kl", r.log_n, r.kl, 0);
  found.equal("best_of_n.kl_bound", r.best_of_n.kl_bound, bound, 1e-14 * bound);
  found.at_most("best_of_n.kl_bound against log N", r.best_of_n.kl_bound, r.log_n);
  found.at_least("best_of_n.kl", r.best_of_n.kl, 0);
  found.at_most("best_of_n.kl against log N - (N - 1)/N", r.best_of_n.kl, bound, within(bound));
  found.at_most("best_of_n.kl against kl_max", r.best_of_n.kl, r.model.kl_max, within(r.model.kl_max));
  if (facts.smooth) found.equal("best_of_n.kl of a law without atoms", r.best_of_n.kl, bound, within(bound));
  found.at_least("best_of_n.kl_to_kl_rl", r.best_of_n.kl_to_kl_rl, 0);
  found.equal("model.kl", r.model.kl, 0, 0);

  const std::pair<const char*, const PolicyReport*> policies[] = {
      {"model", &r.model}, {"kl_rl", &r.kl_rl}, {"best_of_n", &r.best_of_n}, {"kl_rl_at_bon_kl", &r.kl_rl_at_bon_kl}};
  for (const auto& [name, policy] : policies) {
    const std::string of = name;
    found.at_least(of + ".kl", policy->kl, 0);
    found.at_least(of + ".reward_sd", policy->reward_sd, 0);
    found.at_most(of + ".win_rate", policy->win_rate, 1);
    // All of them prefer larger rewards, so that they do not lose to the base.
    found.at_least(of + ".win_rate", policy->win_rate, 0.5, within(0.5));
    found.at_most(of + ".reward against the largest", policy->reward, r.model.reward_max,
                  of_reward(r.model.reward_max) + of_reward(policy->reward));
    found.at_least(of + ".reward against the base's", policy->reward, r.model.reward,
                   of_reward(policy->reward) + of_reward(r.model.reward));
  }
  found.equal("model.win_rate", r.model.win_rate, 0.5, within(0.5));
  found.at_most("best_of_n.win_rate against N/(N + 1)", r.best_of_n.win_rate, 1 / (1 + std::exp(-r.log_n)), within(1));

  const double spent = std::min(r.kl, r.model.kl_max);
  found.equal("kl_rl.kl against min(budget, kl_max)", r.kl_rl.kl, spent, within(spent));
  found.equal("kl_rl_at_bon_kl.kl against best_of_n.kl", r.kl_rl_at_bon_kl.kl, r.best_of_n.kl,
              2 * within(r.best_of_n.kl));
  found.at_least("kl_rl.alpha", r.kl_rl.alpha, 0);
  found.at_least("kl_rl_at_bon_kl.alpha", r.kl_rl_at_bon_kl.alpha, 0);
  // To the relative error of the smaller one, so that no bound is infinite.
  found.at_least("kl_rl.alpha against that at best-of-N's KL", r.kl_rl.alpha, r.kl_rl_at_bon_kl.alpha,
                 2 * within(std::isfinite(r.kl_rl.alpha) ? r.kl_rl.alpha : 1));
  if (r.kl > r.model.kl_max + within(r.model.kl_max) && r.model.kl_max > 0) {
    if (!std::isinf(r.kl_rl.alpha)) found.add("kl_rl.alpha is finite past saturation");
    found.equal("kl_rl.reward past saturation", r.kl_rl.reward, r.model.reward_max, of_reward(r.model.reward_max));
    found.equal("kl_rl.reward_sd past saturation", r.kl_rl.reward_sd, 0, of_reward(0));
  }

  const double of_both = of_reward(r.kl_rl.reward) + of_reward(r.best_of_n.reward);
  found.at_least("kl_rl.reward against best_of_n.reward", r.kl_rl.reward, r.best_of_n.reward, of_both);
  found.at_least("kl_rl.reward against that at best-of-N's KL", r.kl_rl.reward, r.kl_rl_at_bon_kl.reward,
                 of_reward(r.kl_rl.reward) + of_reward(r.kl_rl_at_bon_kl.reward));
  found.at_least("kl_rl_at_bon_kl.reward against best_of_n.reward", r.kl_rl_at_bon_kl.reward, r.best_of_n.reward,
                 of_reward(r.kl_rl_at_bon_kl.reward) + of_reward(r.best_of_n.reward));
  const double of_gap = within.bound * std::max(within.least, std::fabs(r.gap.reward));
  const double of_gap_at = within.bound * std::max(within.least, std::fabs(r.gap.reward_at_bon_kl));
  found.at_least("gap.reward", r.gap.reward, 0);
  found.at_least("gap.reward_at_bon_kl", r.gap.reward_at_bon_kl, 0);
  found.at_least("gap.reward against gap.reward_at_bon_kl", r.gap.reward, r.gap.reward_at_bon_kl, of_gap + of_gap_at);
  found.equal("gap.reward against the difference of rewards", r.gap.reward, r.kl_rl.reward - r.best_of_n.reward,
              of_gap + of_both);
  found.equal("gap.reward_at_bon_kl against the difference of rewards", r.gap.reward_at_bon_kl,
              r.kl_rl_at_bon_kl.reward - r.best_of_n.reward,
              of_gap_at + of_reward(r.kl_rl_at_bon_kl.reward) + of_reward(r.best_of_n.reward));
  if (facts.two_levels) found.equal("gap.reward_at_bon_kl of two levels", r.gap.reward_at_bon_kl, 0, of_gap_at);

  const double alpha = r.kl_rl.alpha;
  if (std::isfinite(alpha) && std::isfinite(r.best_of_n.kl_to_kl_rl)) {
    const double identity = r.best_of_n.kl - r.kl_rl.kl + alpha * r.gap.reward;
    found.equal("best_of_n.kl_to_kl_rl against its identity", r.best_of_n.kl_to_kl_rl, identity,
                within(identity) + within(r.best_of_n.kl) + within(r.kl_rl.kl) + alpha * of_gap +
                    within.bound * std::max(1.0, alpha) * r.gap.reward);
  }
}

/** What a report says of one at a larger budget. */
inline void check_larger(Findings& found, const Report& r, const Report& larger, const Facts& facts) {
  const Tolerance within(r, facts);
  const Tolerance within_larger(larger, facts);
  const double size = std::isfinite(facts.size) ? facts.size : 1e308;
  const auto grows = [&](const char* name, double x, double y) {
    found.at_least(std::string(name) + " at a larger budget", y, x, within(x) + within_larger(y));
  };
  const auto reward_grows = [&](const char* name, double x, double y) {
    found.at_least(std::string(name) + " at a larger budget", y, x,
                   within.reward(x, size) + within_larger.reward(y, size));
  };
  grows("kl_rl.kl", r.kl_rl.kl, larger.kl_rl.kl);
  grows("kl_rl.alpha", r.kl_rl.alpha, larger.kl_rl.alpha);
  grows("kl_rl.win_rate", r.kl_rl.win_rate, larger.kl_rl.win_rate);
  reward_grows("kl_rl.reward", r.kl_rl.reward, larger.kl_rl.reward);
  grows("best_of_n.kl", r.best_of_n.kl, larger.best_of_n.kl);
  grows("best_of_n.win_rate", r.best_of_n.win_rate, larger.best_of_n.win_rate);
  reward_grows("best_of_n.reward", r.best_of_n.reward, larger.best_of_n.reward);
}

}  // namespace tiltlab::fuzz
