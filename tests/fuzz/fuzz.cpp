// Random scenarios against what holds for all of them: how it is called, and what it prints, is at the end.
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <exception>
#include <fstream>
#include <functional>
#include <iostream>
#include <limits>
#include <new>
#include <set>

#include "error.hpp"
#include "fuzz/further.hpp"
#include "fuzz/generate.hpp"
#include "fuzz/invariants.hpp"
#include "fuzz/scenario.hpp"
#include "models/scaled_chain.hpp"
#include "models/scaled_token.hpp"
#include "policies/random_best_of_n.hpp"
#include "report/curves.hpp"
#include "report/policies.hpp"
#include "report/simulated.hpp"
#include "report/statements/cumulant_curves.hpp"
#include "report/statements/direction_curves.hpp"
#include "report/statements/fixed_n_curves.hpp"
#include "report/statements/near_policies.hpp"
#include "report/statements/rate_curves.hpp"
#include "report/statements/renyi_curve.hpp"
#include "report/statements/simplex.hpp"
#include "report/statements/tilt_curves.hpp"

#ifdef __SANITIZE_ADDRESS__
// Freed memory is kept but shortly, so that what a call takes is seen.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "quarantine_size_mb=8:thread_local_quarantine_size_kb=64:allocator_release_to_os_interval_ms=100:detect_leaks="
         "1";
}
#endif

namespace tiltlab::fuzz {
namespace {

/** What a call may take without sanitizers, and how many times that with them. */
constexpr double seconds_of_a_call = 2;
constexpr double slower = 5;
/** A call that goes on for so long never ends. */
constexpr unsigned hanging_seconds = 30;
constexpr double mebibytes_of_a_call = 512;

/** What a worker tells the process that started it, whatever ends the worker. */
struct Progress {
  /** The scenario under way: of the corpus, then random ones. */
  std::uint64_t at = 0;
  bool done = false;
  /** Of a steady clock, when the first random scenario began; 0 before. */
  double random_since = 0;
  int passed = 0;
  int failed = 0;
  int refused = 0;
  int known = 0;
  double longest = 0;
  std::array<char, 400> longest_call{};
  std::array<char, 100> call{};
  std::array<char, std::size_t{1} << 20> line{};
};
Progress* progress = nullptr;

template <std::size_t size>
void copy(std::array<char, size>& to, const std::string& from) {
  std::snprintf(to.data(), size, "%s", from.c_str());
}

double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double peak_mebibytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
  return static_cast<double>(usage.ru_maxrss) / (1024 * 1024);
#else
  return static_cast<double>(usage.ru_maxrss) / 1024;
#endif
}

/** Whether a path is a field that a reader can find, such as `model.tokens[2].p`. */
bool is_field(const std::string& path) {
  static const std::vector<std::string> roots = {"model",  "budget", "policies", "simulation",
                                                 "points", "kl_end", "near",     "reward"};
  const std::string root = path.substr(0, path.find_first_of(".["));
  return std::find(roots.begin(), roots.end(), root) != roots.end() &&
         path.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789.[]") == std::string::npos;
}

/** What is wrong without its numbers. */
std::string kind_of(const std::string& wrong) {
  std::string kind;
  for (const char c : wrong) {
    if (std::string("0123456789.+-").find(c) == std::string::npos) kind += c;
  }
  return kind.substr(0, 60);
}

bool increasing(const std::vector<double>& x) {
  for (std::size_t i = 1; i < x.size(); ++i) {
    if (!(x[i] > x[i - 1])) return false;
  }
  return true;
}

/** Runs the calls of one scenario. */
class Trial {
 public:
  Trial(Scenario scenario, const std::string& line, bool all, std::uint64_t choice)
      : s_(std::move(scenario)), all_(all), random_(choice) {
    copy(progress->line, line);
  }

  /** @returns what is wrong, by call */
  std::vector<std::string> run() {
    if (s_.of_tokens()) {
      of_tokens();
    } else if (s_.of_chain()) {
      of_chain();
    } else {
      of_continuous();
    }
    return wrong_;
  }
  /** Calls of this name alone, and what they need. */
  void only(const std::string& name) { only_ = name; }
  [[nodiscard]] bool refused() const { return refused_; }
  [[nodiscard]] double longest() const { return longest_; }
  [[nodiscard]] const std::string& longest_call() const { return longest_call_; }

 private:
  Scenario s_;
  bool all_;
  std::string only_;
  Random random_;
  std::vector<std::string> wrong_;
  std::set<std::string> kinds_;
  bool refused_ = false;
  double longest_ = 0;
  std::string longest_call_;

  bool chosen() { return all_ || chance(random_, 0.15); }

  /** One call: its refusals have a field, its time and memory have limits. @returns whether it went through */
  bool call(const std::string& name, const std::function<void(Findings&)>& f) {
    if (!only_.empty() && name != only_ && name != "model" && name != "budget" && name != "evaluate") return false;
    copy(progress->call, name);
    Findings found;
    bool through = false;
    static double peak = peak_mebibytes();
    alarm(hanging_seconds);
    const double start = processor_seconds();
    try {
      f(found);
      through = true;
    } catch (const InputError& e) {
      const std::string what = e.what();
      if (!is_field(e.path())) found.add("refused without a field: " + what);
      if (what.find('\n') != std::string::npos) found.add("refused on several lines: " + what);
      if (what.rfind(e.path() + ": ", 0) != 0) found.add("refused without its field in front: " + what);
    } catch (const NumericalError& e) {
      const std::string what = e.what();
      if (!is_field(what.substr(0, what.find(':')))) found.add("gave up without a field: " + what);
      if (what.find('\n') != std::string::npos) found.add("gave up on several lines: " + what);
    } catch (const std::exception& e) {
      found.add(std::string("threw what is no error of the engine: ") + e.what());
    } catch (...) {
      found.add("threw what is no exception");
    }
    const double seconds = processor_seconds() - start;
    alarm(0);
    if (seconds > longest_) {
      longest_ = seconds;
      longest_call_ = name;
    }
    if (seconds > seconds_of_a_call * slower) found.add("took " + text_of(rounded(seconds, 3)) + " s");
    const double now = peak_mebibytes();
    if (now > peak + mebibytes_of_a_call) {
      found.add("took " + text_of(rounded(now - peak, 3)) + " MiB");
      peak = now;
    }
    // The first of each kind: the points of a curve are wrong together.
    for (const std::string& what : found.all()) {
      if (kinds_.insert(kind_of(name + what)).second) wrong_.push_back(name + ": " + what);
    }
    return through;
  }

  /** A budget a little larger than the scenario's; the same where there is none. */
  [[nodiscard]] double larger_value() const { return s_.value * (1 + 1.0 / 1024); }

  template <class Law>
  void common(const Law& law, const Facts& facts, const std::function<Budget(double)>& budget_of) {
    std::optional<Budget> budget;
    if (!call("budget", [&](Findings&) { budget = budget_of(s_.value); })) {
      refused_ = true;
      return;
    }
    std::optional<Report> report;
    if (!call("evaluate", [&](Findings& found) {
          report = evaluate(law, *budget);
          check_report(found, *report, facts);
          check_derived(found, derived(law, *report), *report);
        })) {
      refused_ = true;
    }
    if (report && (all_ || chance(random_, 0.5)))
      call("evaluate at a larger budget", [&](Findings& found) {
        std::optional<Budget> larger;
        try {
          larger = budget_of(larger_value());
        } catch (const InputError&) {
          return;  // The largest there is.
        }
        const Report next = evaluate(law, *larger);
        check_report(found, next, facts);
        check_larger(found, *report, next, facts);
      });
    const double kl_end = std::clamp(2 * budget->kl.value(), 1e-3, 1e12);
    if (chosen()) call("frontier", [&](Findings& found) { check_frontier(found, frontier(law, kl_end, 17), kl_end); });
    if (chosen()) {
      const int points = static_cast<int>(random_.integer(2, 60));
      call("law_curves", [&](Findings& found) {
        const LawCurves c = law_curves(law, *budget, points);
        check_law(found, "base", c.base, facts.continuous);
        check_law(found, "kl_rl", c.kl_rl, facts.continuous);
        check_law(found, "best_of_n", c.best_of_n, facts.continuous);
      });
    }
  }

  static void check_derived(Findings& found, const Derived& d, const Report& r) {
    found.at_least("derived.n", d.n, 1);
    found.at_least("derived.log10_n", d.log10_n, 0);
    found.not_nan("derived.n", d.n);
    if (std::isfinite(r.model.reward)) found.finite("derived.base_reward_per_token", d.base_reward_per_token);
  }

  static void check_frontier(Findings& found, const Frontier& f, double kl_end) {
    double scale = 0;
    for (const Path* path : {&f.kl_rl, &f.best_of_n}) {
      for (const double x : path->reward) scale = std::max(scale, std::fabs(x));
    }
    // A picture's accuracy.
    const double close = 1e-3 * std::max(1.0, scale);
    const auto check = [&](const std::string& name, const Path& path) {
      if (path.kl.size() != path.budget.size() || path.reward.size() != path.budget.size()) {
        found.add(name + ": lists of unequal lengths");
        return;
      }
      for (std::size_t i = 0; i < path.kl.size(); ++i) {
        const std::string at = name + "[" + std::to_string(i) + "]";
        found.finite(at + ".kl", path.kl[i]);
        if (std::isnan(path.reward[i]) || (std::isinf(path.reward[i]) && scale < 1e290))
          found.finite(at + ".reward", path.reward[i]);
        found.at_least(at + ".kl", path.kl[i], 0);
        found.at_most(at + ".kl", path.kl[i], path.budget[i], 1e-3 * std::max(1.0, path.budget[i]));
        found.at_most(at + ".budget", path.budget[i], kl_end, 1e-12 * kl_end);
        if (i == 0) continue;
        found.at_least(at + ".kl against the one before", path.kl[i], path.kl[i - 1], 1e-3 * std::max(1.0, path.kl[i]));
        found.at_least(at + ".reward against the one before", path.reward[i], path.reward[i - 1], close);
      }
    };
    check("kl_rl", f.kl_rl);
    check("best_of_n", f.best_of_n);
    check("marks", f.marks);
    if (f.mark_n.size() != f.marks.kl.size()) found.add("marks of unequal lengths");
    if (f.kl_rl.budget == f.best_of_n.budget) {
      for (std::size_t i = 0; i < f.kl_rl.reward.size(); ++i)
        found.at_least("kl_rl.reward against best_of_n.reward", f.kl_rl.reward[i], f.best_of_n.reward[i], close);
    }
  }

  static void check_law(Findings& found, const std::string& name, const LawCurve& c, bool continuous) {
    if (c.x.empty()) found.add(name + " is empty");
    if (c.mass.size() != c.x.size() || c.density.size() != c.x.size()) {
      found.add(name + ": lists of unequal lengths");
      return;
    }
    double total = 0;
    for (std::size_t i = 0; i < c.x.size(); ++i) {
      const std::string at = name + "[" + std::to_string(i) + "]";
      found.finite(at + ".x", c.x[i]);
      found.not_nan(at + ".density", c.density[i]);
      found.not_nan(at + ".mass", c.mass[i]);
      found.at_least(at + ".mass", c.mass[i], 0);
      found.at_least(at + ".density", c.density[i], 0);
      if (i > 0) found.at_least(at + ".x against the one before", c.x[i], c.x[i - 1]);
      total += c.mass[i];
    }
    found.at_least(name + ".width", c.width, 0);
    found.at_least(name + ".sd", c.sd, 0);
    found.not_nan(name + ".mean", c.mean);
    found.not_nan(name + ".sd", c.sd);
    if (!continuous) found.equal(name + ": sum of masses", total, 1, 1e-3);
  }

  void of_tokens() {
    std::optional<Tokens> made;
    if (!call("model", [&](Findings&) { made = tokens_of(s_); })) {
      refused_ = true;
      return;
    }
    const Tokens& m = *made;
    const Facts facts = facts_of(s_.p, s_.reward, static_cast<double>(m.length));
    common(m, facts, [&](double value) { return make_budget(s_.budget, value, m); });
    std::optional<Budget> budget;
    try {
      budget = make_budget(s_.budget, s_.value, m);
    } catch (const InputError&) {
      return;
    }
    if (m.sequence && chosen())
      call("gap_curve", [&](Findings& found) { check_gap(found, gap_curve(m, *budget, 13)); });
    if (!s_.policies.empty() && !s_.further()) call("policies", [&](Findings& found) { check_policies(found, m); });
    further(m, *budget, facts);
    statements(m, *budget);
    simulations(m, *budget, m);
  }

  /** What the scenario asks beside the two policies, where it asks as random scenarios of old did not. */
  template <class M>
  void further(const M& m, const Budget& budget, const Facts& facts) {
    if (s_.policies.empty() || !s_.further()) return;
    if (!call("policies", [&](Findings&) {
          Report beside;
          static_cast<void>(evaluate_policies(m, s_.policies, budget, beside));
        })) {
      refused_ = true;
      return;
    }
    for (std::size_t i = 0; i < s_.policies.size(); ++i) {
      const FurtherCheck check{s_.policies[i], "policies[" + std::to_string(i) + "]", facts};
      call("a policy", [&](Findings& found) { check_further(found, m, check); });
      if (all_ || chance(random_, 0.5))
        call("a policy at a larger KL", [&](Findings& found) { check_more(found, m, check); });
      if (all_ || chance(random_, 0.5))
        call("a policy by its parameter", [&](Findings& found) { check_parameter(found, m, check); });
      if (all_ || chance(random_, 0.5))
        call("a policy against the win-rate tilt", [&](Findings& found) { check_win_rate(found, m, check); });
      if constexpr (std::is_same_v<M, Tokens>) {
        if (all_ || chance(random_, 0.3))
          call("a policy on every level", [&](Findings& found) { check_every_level(found, m, check); });
      }
    }
    if (chosen())
      call("best-of-N against the win-rate tilt",
           [&](Findings& found) { check_best_of_n(found, m, evaluate(m, budget), facts); });
  }

  void of_chain() {
    std::optional<Chain> made;
    if (!call("model", [&](Findings&) { made = chain_of(s_); })) {
      refused_ = true;
      return;
    }
    // Of the sums where they are listed; else of the chain, whose largest reward and KL its report has.
    const auto* whole = std::get_if<Tokens>(&made->sums);
    const Facts facts = whole ? facts_of(*whole) : facts_of(std::get<LongChain>(made->sums));
    const auto budget_of = [&](double value) { return make_budget(s_.budget, value, made->length); };
    common(*made, facts, budget_of);
    std::optional<Budget> budget;
    try {
      budget = budget_of(s_.value);
    } catch (const InputError&) {
      return;
    }
    further(*made, *budget, facts);
    const std::size_t states = s_.p.size();
    bool forgets = s_.reward.size() == states;
    for (std::size_t i = states; i < s_.transition.size(); ++i)
      forgets = forgets && s_.transition[i] == s_.transition[i - states];
    if (forgets)
      call("as independent tokens", [&](Findings& found) {
        const std::vector<double> row(s_.transition.begin(),
                                      s_.transition.begin() + static_cast<std::ptrdiff_t>(states));
        const Tokens m = memoryless_model(row, s_.reward, s_.length, false, "model");
        check_same(found, evaluate(*made, *budget), evaluate(m, make_budget(s_.budget, s_.value, m)), facts);
      });
    if (whole) simulations(*made, *budget, *whole);
    chain_statements(*made, *budget);
  }

  /** Of a chain all that its limits, or its own length, tell. */
  void chain_statements(const Chain& m, const Budget& budget) {
    double size = 1;
    for (const double r : s_.reward) size = std::max(size, std::fabs(r));
    const bool huge = size > 1e280;
    if (chosen())
      call("tilt_curves", [&](Findings& found) { check_chain_tilts(found, tilt_curves(m, budget, 9), size, huge); });
    if (chosen())
      call("rate_curves", [&](Findings& found) {
        const auto c = rate_curves(m, budget, 8, 3);
        if (c) check_chain_rates(found, *c, size);
      });
    if (chosen())
      call("cumulant_curves", [&](Findings& found) {
        const auto c = cumulant_curves(m, budget, 9);
        if (!c || huge) return;
        for (const auto* list : {&c->t, &c->base, &c->kl_rl, &c->best_of_n, &c->exact_best_of_n}) {
          for (const double x : *list) found.not_nan("a cumulant", x);
        }
      });
    if (chosen())
      call("renyi_curve", [&](Findings& found) {
        const RenyiCurve c = renyi_curve(m, budget, {}, {}, 9);
        if (huge) return;
        for (const double x : c.cross_entropy) found.not_nan("cross_entropy", x);
        found.at_least("kl_forward", c.kl_forward, 0);
        found.at_least("kl_reverse", c.kl_reverse, 0);
        if (std::isfinite(c.kl_reverse))
          found.equal("Jeffreys", c.jeffreys, c.kl_forward + c.kl_reverse, 1e-8 * std::max(1.0, c.jeffreys));
      });
    if (chosen())
      call("direction_curves", [&](Findings& found) {
        const auto c = direction_curves(m, budget, 5);
        if (!c) return;
        if (!increasing(c->length)) found.add("lengths do not increase");
        for (const double kl : c->forward) found.at_least("forward", kl, 0);
        found.at_least("exponent", c->exponent, 0, 1e-9 * std::max(1.0, budget.kl.value()));
      });
    if (chosen())
      call("fixed_curves", [&](Findings& found) {
        const auto c = fixed_n_curves(m, budget, 5);
        if (!c) return;
        for (const auto* list : {&c->fixed, &c->growing}) {
          for (const double x : *list) found.at_most("share of the gain", x, 1, 1e-3);
        }
      });
    if (chosen())
      call("near_policies", [&](Findings& found) {
        const auto near = near_policies(m, budget, 1, 6);
        const auto growth = growth_of(m, budget);
        if (!near || near->empty()) return;
        for (const NearPolicy& w : *near) check_near(found, w, growth->alpha(growth->b()), huge);
      });
  }

  static void check_chain_tilts(Findings& found, const TiltCurves& c, double size, bool huge) {
    found.not_nan("alpha", c.alpha);
    for (const auto* list : {&c.at_alpha, &c.kl, &c.at_rate, &c.reward, &c.tangent}) {
      for (const double x : *list) found.not_nan("a tilt", x);
    }
    if (!huge) found.equal("the dual's minimum against the primal's", c.dual_minimum, c.primal, 1e-6 * size);
    for (std::size_t i = 1; i < c.kl.size(); ++i)
      found.at_least("kl against the one before", c.kl[i], c.kl[i - 1], 1e-9 * std::max(1.0, c.kl[i]));
    for (std::size_t i = 1; i < c.reward.size(); ++i)
      found.at_least("reward against the one before", c.reward[i], c.reward[i - 1], 1e-9 * size);
  }

  static void check_chain_rates(Findings& found, const RateCurves& c, double size) {
    for (std::size_t i = 0; i < c.reward.size(); ++i) {
      found.at_least("base", c.base[i], 0);
      found.at_least("kl_rl", c.kl_rl[i], 0);
      found.at_least("best_of_n", c.best_of_n[i], 0);
      if (i > 0) found.at_least("reward against the one before", c.reward[i], c.reward[i - 1], 1e-12 * size);
    }
    for (const auto* exact : {&c.exact_base, &c.exact_kl_rl, &c.exact_best_of_n}) {
      for (const double rate : exact->rate) found.at_least("exact.rate", rate, 0, 1e-9);
    }
  }

  static void check_gap(Findings& found, const GapCurve& c) {
    if (!increasing(c.length)) found.add("lengths do not increase");
    for (const auto* list :
         {&c.gap, &c.gap_sharp, &c.gap_first_order, &c.kl_to_kl_rl, &c.kl_to_kl_rl_sharp, &c.gap_lower, &c.gap_upper}) {
      if (list->size() != c.length.size()) {
        found.add("lists of unequal lengths");
        return;
      }
    }
    for (std::size_t i = 0; i < c.length.size(); ++i) {
      const std::string at = "[" + std::to_string(i) + "]";
      found.at_least("gap" + at, c.gap[i], 0, 1e-12 * std::max(1.0, std::fabs(c.gap[i])));
      found.at_least("kl_to_kl_rl" + at, c.kl_to_kl_rl[i], 0, 1e-12);
    }
  }

  void check_policies(Findings& found, const Tokens& m) {
    Report beside;
    const std::vector<FurtherReport> all = evaluate_policies(m, s_.policies, make_budget("kl", 0, m), beside);
    // A number that is not known is named.
    const auto known = [&](const std::string& name, double x) {
      const bool named = std::any_of(beside.notes.begin(), beside.notes.end(),
                                     [&](const std::string& note) { return note.find(name) != std::string::npos; });
      if (!named) found.finite(name, x);
    };
    if (all.size() != s_.policies.size()) found.add("not one report a policy");
    const Report base = evaluate(m, make_budget("kl", 0, m));
    for (std::size_t i = 0; i < all.size(); ++i) {
      const PolicyReport& r = all[i];
      const std::string of = "policies[" + std::to_string(i) + "]";
      const double draws = s_.policies[i].parameter[0];
      const bool soft = s_.policies[i].kind == &soft_best_of_n_kind;
      // On a law around its mean they have a picture's accuracy.
      const double close = 1e-3 * std::max(1.0, std::fabs(r.reward));
      if (std::isfinite(base.model.reward) && std::isfinite(base.model.reward_max) &&
          std::isfinite(base.model.reward_sd)) {
        known(of + ".reward", r.reward);
        known(of + ".reward_sd", r.reward_sd);
      }
      known(of + ".kl", r.kl);
      known(of + ".win_rate", r.win_rate);
      found.finite(of + ".gold", r.gold);
      found.at_least(of + ".kl", r.kl, 0);
      found.at_least(of + ".reward_sd", r.reward_sd, 0);
      found.at_least(of + ".win_rate", r.win_rate, 0.5, 1e-6);
      found.at_most(of + ".win_rate", r.win_rate, 1);
      // No outcome is drawn more than n times as often as by the base; 1 + mu of best-of-Poisson.
      found.at_most(of + ".kl", r.kl, soft ? std::log(draws) : std::log1p(draws), 1e-6);
      found.at_least(of + ".reward against the base's", r.reward, base.model.reward, close);
      found.at_most(of + ".reward against the largest", r.reward, base.model.reward_max, close);
      if (!(r.kl >= 0 && r.kl <= 1e12)) continue;
      // A KL is a sum of masses, so a double's rounding of 1 is the least that it can be off: KL-RL may spend that too.
      // Near KL 0, where a far reward is all that it takes away, alpha does not tell what that buys.
      const Report best = evaluate(m, make_budget("kl", r.kl + 1e-15, m));
      found.at_most(of + ".reward against KL-RL's of its KL", r.reward, best.kl_rl.reward, close);
    }
  }

  void statements(const Tokens& m, const Budget& budget) {
    const auto no_nan = [](Findings& found, const std::string& name, const std::vector<double>& list) {
      for (std::size_t i = 0; i < list.size(); ++i) found.not_nan(name + "[" + std::to_string(i) + "]", list[i]);
    };
    const bool huge = facts_of(s_.p, s_.reward, static_cast<double>(m.length)).size > 1e280;
    if (chosen())
      call("tilt_curves", [&](Findings& found) {
        const TiltCurves c = tilt_curves(m, budget, 21);
        found.not_nan("alpha", c.alpha);
        found.not_nan("slope", c.slope);
        no_nan(found, "at_alpha", c.at_alpha);
        no_nan(found, "kl", c.kl);
        no_nan(found, "dual", c.dual);
        no_nan(found, "at_rate", c.at_rate);
        no_nan(found, "reward", c.reward);
        no_nan(found, "tangent", c.tangent);
        double scale = std::fabs(c.primal);
        for (const double x : c.reward) scale = std::max(scale, std::fabs(x));
        if (!huge) {
          found.finite("primal", c.primal);
          found.finite("dual_minimum", c.dual_minimum);
          found.equal("the dual's minimum against the primal's", c.dual_minimum, c.primal, 1e-6 * std::max(1.0, scale));
        }
        for (std::size_t i = 1; i < c.at_alpha.size(); ++i) {
          found.at_least("at_alpha against the one before", c.at_alpha[i], c.at_alpha[i - 1]);
          found.at_least("kl against the one before", c.kl[i], c.kl[i - 1], 1e-9 * std::max(1.0, c.kl[i]));
        }
        for (std::size_t i = 1; i < c.reward.size(); ++i)
          found.at_least("reward against the one before", c.reward[i], c.reward[i - 1], 1e-9 * std::max(1.0, scale));
      });
    if (chosen())
      call("near_policies", [&](Findings& found) {
        const double alpha = tilt_curves(m, budget, 2).alpha;
        const auto near = near_policies(m, budget, 1, 12);
        for (const NearPolicy& w : *near) check_near(found, w, alpha, huge);
      });
    if (chosen())
      call("bent_policy", [&](Findings& found) {
        const double alpha = tilt_curves(m, budget, 2).alpha;
        check_near(found, bent_policy(m, budget, 0.5, -1).value(), alpha, huge);
      });
    if (chosen())
      call("rate_curves", [&](Findings& found) {
        const RateCurves c = rate_curves(m, budget, 16, 3).value();
        const double nearer_end = facts_of(s_.p, s_.reward, 1).nearer_end;
        no_nan(found, "reward", c.reward);
        no_nan(found, "base", c.base);
        no_nan(found, "kl_rl", c.kl_rl);
        no_nan(found, "best_of_n", c.best_of_n);
        for (std::size_t i = 0; i < c.reward.size(); ++i) {
          found.at_least("base", c.base[i], 0, 1e-9);
          found.at_least("kl_rl", c.kl_rl[i], 0, 1e-9 * std::max(1.0, c.base[i]));
          found.at_least("best_of_n", c.best_of_n[i], 0, 1e-9 * std::max(1.0, c.base[i]));
          // A mean is a sum of doubles, to the last digits of its distance from the nearer end of the range: means of
          // two tilts that are nearer to each other than that may come in either order.
          if (i > 0)
            found.at_least("reward against the one before", c.reward[i], c.reward[i - 1],
                           1e-14 * std::max(std::fabs(c.reward[i]), nearer_end));
        }
        for (const auto* exact : {&c.exact_base, &c.exact_kl_rl, &c.exact_best_of_n}) {
          if (exact->rate.size() != exact->reward.size()) found.add("exact lists of unequal lengths");
          no_nan(found, "exact.reward", exact->reward);
          no_nan(found, "exact.rate", exact->rate);
          for (const double rate : exact->rate) found.at_least("exact.rate", rate, 0, 1e-9);
        }
      });
    if (chosen())
      call("cumulant_curves", [&](Findings& found) {
        const CumulantCurves c = cumulant_curves(m, budget, 17).value();
        no_nan(found, "t", c.t);
        if (huge) return;
        no_nan(found, "base", c.base);
        no_nan(found, "kl_rl", c.kl_rl);
        no_nan(found, "best_of_n", c.best_of_n);
        no_nan(found, "exact_best_of_n", c.exact_best_of_n);
      });
    if (chosen() && s_.p.size() <= 200)
      call("renyi_curve", [&](Findings& found) {
        std::vector<double> reward;
        std::vector<double> multiplicity;
        for (std::size_t i = 0; i < s_.p.size(); ++i) {
          if (!(s_.p[i] > 0)) continue;
          reward.push_back(s_.reward[i]);
          multiplicity.push_back(1);
        }
        const RenyiCurve c = renyi_curve(m, budget, multiplicity, reward, 17);
        if (huge) return;
        no_nan(found, "order", c.order);
        no_nan(found, "cross_entropy", c.cross_entropy);
        found.not_nan("log_normaliser", c.log_normaliser);
        found.not_nan("at_one", c.at_one);
        found.at_least("kl_forward", c.kl_forward, 0);
        found.at_least("kl_reverse", c.kl_reverse, 0);
        if (std::isfinite(c.kl_reverse) && std::isfinite(c.jeffreys))
          found.equal("Jeffreys", c.jeffreys, c.kl_forward + c.kl_reverse, 1e-8 * std::max(1.0, c.jeffreys));
      });
    if (chosen())
      call("direction_curves", [&](Findings& found) {
        const DirectionCurves c = direction_curves(m, budget, 7).value();
        if (!increasing(c.length)) found.add("lengths do not increase");
        no_nan(found, "length", c.length);
        for (const double kl : c.forward) found.at_least("forward", kl, 0);
        found.at_least("exponent", c.exponent, 0, 1e-9 * std::max(1.0, budget.kl.value()));
        found.not_nan("exponent", c.exponent);
        found.not_nan("factor", c.factor);
      });
    if (chosen())
      call("fixed_curves", [&](Findings& found) {
        const FixedNCurves c = fixed_n_curves(m, budget, 7).value();
        if (!increasing(c.length)) found.add("lengths do not increase");
        if (c.fixed.size() != c.length.size() || c.growing.size() != c.length.size())
          found.add("lists of unequal lengths");
        // What best-of-N gains is at most what the optimum of the same KL gains.
        for (const auto* list : {&c.fixed, &c.growing}) {
          for (const double x : *list) {
            found.at_least("share of the gain", x, 0, 1e-6);
            found.at_most("share of the gain", x, 1, 1e-3);
          }
        }
      });
    if (chosen())
      call("simplex", [&](Findings& found) {
        const std::optional<Simplex> c = simplex(m, budget, 16);
        if (!c) return;
        const auto check = [&](const std::string& name, const Simplex::Points& p, bool policies) {
          for (std::size_t i = 0; i < p.first.size(); ++i) {
            for (const double w : {p.first[i], p.second[i], p.third[i]}) {
              found.finite(name, w);
              if (!policies) continue;
              found.at_least(name, w, 0, 1e-9);
              found.at_most(name, w, 1, 1e-9);
            }
            found.equal(name + ": sum", p.first[i] + p.second[i] + p.third[i], 1, 1e-6);
          }
        };
        check("base", c->base, true);
        check("optimum", c->optimum, true);
        check("reward_model", c->reward_model, true);
        check("tilts", c->tilts, true);
        check("ball", c->ball, true);
        check("level_lines", c->level_lines, false);
        check("best_of_n", c->best_of_n, true);
      });
  }

  static void check_near(Findings& found, const NearPolicy& w, double alpha, bool huge) {
    if (huge) return;
    found.not_nan("reward", w.reward);
    found.not_nan("kl", w.kl);
    found.not_nan("kl_to_optimum", w.kl_to_optimum);
    found.not_nan("identity", w.identity);
    found.not_nan("bound", w.bound);
    found.at_least("kl", w.kl, 0);
    found.at_least("kl_to_optimum", w.kl_to_optimum, 0);
    const double size = std::max({1.0, std::fabs(w.kl_slack), std::fabs(alpha * w.reward_slack), w.kl_to_optimum});
    found.equal("kl_to_optimum against its identity", w.kl_to_optimum, w.identity, 1e-8 * size);
    found.at_most("kl_to_optimum against its bound", w.kl_to_optimum, w.bound, 1e-8 * size);
  }

  /** @param whole what its drafts are drawn by: the model itself, or a chain's sequences */
  template <class M>
  void simulations(const M& m, const Budget& budget, const Tokens& whole) {
    // Rewards whose sums or squares no double holds.
    const Facts facts = s_.of_chain() ? facts_of(whole) : facts_of(s_.p, s_.reward, static_cast<double>(whole.length));
    const bool huge = facts.size > 1e150;
    constexpr double affordable = 1e6;
    constexpr std::uint32_t replicates = 4;
    const double draws = std::max(1.0, std::round(std::exp(budget.kl.value())));
    for (const char* name : {"", "tokens", "types", "order"}) {
      if (!chosen()) continue;
      const std::string method = name;
      call("simulation by " + (method.empty() ? "any method" : method), [&](Findings& found) {
        const Simulation s = make_simulation(m, budget, method, 7, replicates, s_.policies);
        double most = 1;
        for (const ExtraPlan& extra : s.plan.extras) {
          if (extra.drawn != PolicyKind::Drawn::from_law) most = std::max(most, extra.draws);
        }
        const double each = s.plan.method == Method::tokens ? static_cast<double>(whole.length)
                                                            : static_cast<double>(whole.token.size());
        const double all = std::max(s.plan.method == Method::order ? 1 : draws, most) * each * replicates;
        if (!(all <= affordable)) return;
        const Sampler sampler(s.plan);
        const std::vector<double> sums = simulate(sampler, 0, replicates);
        if (sums.size() != s.plan.sums()) found.add("not as many sums as the plan has");
        if (simulate(sampler, 0, replicates) != sums) {
          for (const double x : sums) {
            if (std::isnan(x)) return found.add("sums are NaN");
          }
          found.add("the same share twice is not the same");
        }
        check_simulated(found, summarise(s, sums), huge);
      });
    }
  }

  static void check_simulated(Findings& found, const Simulated& s, bool huge) {
    const auto estimate = [&](const std::string& name, const Estimate& e) {
      // What stands beside an exact value that the report leaves out says so.
      if (!huge && !(std::isnan(e.exact) && !e.not_counted.empty())) {
        found.not_nan(name + ".mean", e.mean);
        found.not_nan(name + ".low", e.low);
        found.not_nan(name + ".high", e.high);
      }
      found.at_most(name + ".low", e.low, e.high);
    };
    const auto policy = [&](const std::string& name, const PolicyEstimates& e) {
      estimate(name + ".reward", e.reward);
      estimate(name + ".gold", e.gold);
      estimate(name + ".win_rate", e.win_rate);
      estimate(name + ".kl", e.kl);
      found.at_least(name + ".win_rate.mean", e.win_rate.mean, 0);
      found.at_most(name + ".win_rate.mean", e.win_rate.mean, 1);
    };
    policy("model", s.model);
    policy("kl_rl", s.kl_rl);
    policy("best_of_n", s.best_of_n);
    for (const PolicyEstimates& e : s.policies) policy("policies", e);
    estimate("gap_per_token", s.gap_per_token);
    found.at_least("effective_sample_size", s.effective_sample_size, 0);
  }

  void of_continuous() {
    std::optional<ContinuousLaw> made;
    if (!call("model", [&](Findings&) { made = continuous_of(s_); })) {
      refused_ = true;
      return;
    }
    Facts facts;
    facts.continuous = true;
    facts.smooth = !has_atoms(*made);
    const auto budget_of = [&](double value) { return make_budget(s_.budget, value, std::nullopt); };
    common(*made, facts, budget_of);
    try {
      further(*made, budget_of(s_.value), facts);
    } catch (const InputError&) {
      return;
    }
    if (chosen())
      call("divergence_curves", [&](Findings& found) {
        const DivergenceCurves c = divergence_curves(*made, budget_of(s_.value), 17);
        if (!increasing(c.order)) found.add("orders do not increase");
        for (std::size_t i = 0; i < c.order.size(); ++i) {
          found.at_least("best_of_n", c.best_of_n[i], 0);
          found.at_least("kl_rl", c.kl_rl[i], 0, 1e-9);
          if (facts.smooth) {
            found.not_nan("best_of_n", c.best_of_n[i]);
            found.not_nan("kl_rl", c.kl_rl[i]);
          }
          if (i == 0) continue;
          found.at_least("best_of_n against the order before", c.best_of_n[i], c.best_of_n[i - 1],
                         1e-9 * std::max(1.0, c.best_of_n[i]));
          if (std::isfinite(c.kl_rl[i]))
            found.at_least("kl_rl against the order before", c.kl_rl[i], c.kl_rl[i - 1],
                           1e-6 * std::max(1.0, c.kl_rl[i]));
        }
      });
  }
};

std::vector<std::string> lines_of(const std::string& file) {
  std::vector<std::string> lines;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.front() != '#') lines.push_back(line);
  }
  return lines;
}

struct Options {
  double seconds = 60;
  /** Random scenarios, at most: a fast machine tries no more than a slow one. */
  std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t seed = 1;
  std::string folder;
  /** The scenarios of standard input alone; and the simplest that fail as they do. */
  bool replay = false;
  bool shrink = false;
  bool corpus_alone = false;
  /** Not the corpus itself, which the random scenarios are made from. */
  bool random_alone = false;
};

/** Scenarios that are a little simpler. */
std::vector<Scenario> simpler(const Scenario& s) {
  std::vector<Scenario> all;
  const auto add = [&](const std::function<void(Scenario&)>& change) {
    Scenario next = s;
    change(next);
    if (next.kind == "finite" || next.kind == "memoryless") {
      // Probabilities sum to 1 again.
      const auto largest = std::max_element(next.p.begin(), next.p.end());
      double rest = 1;
      for (auto p = next.p.begin(); p != next.p.end(); ++p) rest -= p == largest ? 0 : *p;
      if (next.p.empty() || !(rest > 0)) return;
      *largest = rest;
    }
    if (to_line(next).size() < to_line(s).size()) all.push_back(std::move(next));
  };
  if (!s.policies.empty()) {
    add([](Scenario& n) { n.policies.clear(); });
    add([](Scenario& n) { n.policies.pop_back(); });
    add([](Scenario& n) { n.policies.erase(n.policies.begin()); });
  }
  const bool lists = s.of_tokens() || s.family() == "quantiles";
  const bool table = s.family() == "quantiles";
  for (std::size_t part = s.p.size() / 2; lists && part > 0; part /= 2) {
    for (std::size_t i = table ? 1 : 0; i + part <= s.p.size() - (table ? 1 : 0); i += part) {
      add([&](Scenario& n) {
        const auto cut = [&](std::vector<double>& list) {
          if (list.size() < i + part) return;
          list.erase(list.begin() + static_cast<std::ptrdiff_t>(i),
                     list.begin() + static_cast<std::ptrdiff_t>(i + part));
        };
        cut(n.p);
        cut(n.reward);
        cut(n.gold);
      });
    }
  }
  for (const double length : {1.0, 2.0, 10.0, 100.0, 1000.0, 1e6}) {
    if (length < s.length) add([&](Scenario& n) { n.length = length; });
  }
  const auto round_each = [&](std::vector<double> Scenario::*list) {
    if ((s.*list).size() > 40) return;
    for (std::size_t i = 0; i < (s.*list).size(); ++i) {
      for (const double x : {0.0, 1.0, rounded((s.*list)[i], 1), rounded((s.*list)[i], 2), rounded((s.*list)[i], 4)})
        add([&](Scenario& n) { (n.*list)[i] = x; });
    }
  };
  for (const int digits : {1, 2, 4}) add([&](Scenario& n) { n.value = rounded(n.value, digits); });
  if (s.of_chain()) round_each(&Scenario::transition);
  for (std::size_t i = 0; i < s.policies.size(); ++i) {
    for (const int digits : {1, 2, 4}) {
      add([&](Scenario& n) {
        ExtraPolicy& policy = n.policies[i];
        double& x = policy.kl ? *policy.kl : policy.parameter[0];
        x = rounded(x, digits);
      });
    }
  }
  round_each(&Scenario::p);
  round_each(&Scenario::reward);
  round_each(&Scenario::gold);
  return all;
}

/** The simplest scenario found that fails in the same way as the first of its faults. */
void shrink(Scenario s) {
  const auto faults = [](const Scenario& of, const std::string& call) {
    Trial trial(of, to_line(of), true, 0);
    trial.only(call);
    return trial.run();
  };
  for (const std::string& fault : faults(s, "")) {
    const std::string kind = kind_of(fault);
    const std::string call = fault.substr(0, fault.find(": "));
    Scenario least = s;
    std::string said = fault;
    const double start = processor_seconds();
    for (bool shorter = true; shorter && processor_seconds() < start + 20;) {
      shorter = false;
      for (const Scenario& next : simpler(least)) {
        if (processor_seconds() > start + 20) break;
        for (const std::string& found : faults(next, call)) {
          if (kind_of(found) != kind) continue;
          said = found;
          shorter = true;
          break;
        }
        if (!shorter) continue;
        least = next;
        break;
      }
    }
    std::printf("FAILED %s\n%s\n", said.c_str(), to_line(least).c_str());
    std::fflush(stdout);
    return;
  }
}

/** One scenario: what is wrong is printed with its line below. */
void try_one(const Scenario& s, bool all, std::uint64_t choice, const std::set<std::string>& known) {
  const std::string line = to_line(s);
  if (known.count(line) > 0) {
    ++progress->known;
    return;
  }
  Trial trial(s, line, all, choice);
  const std::vector<std::string> wrong = trial.run();
  progress->refused += trial.refused() ? 1 : 0;
  if (trial.longest() > progress->longest) {
    progress->longest = trial.longest();
    copy(progress->longest_call, trial.longest_call() + ": " + line);
  }
  if (wrong.empty()) {
    ++progress->passed;
    return;
  }
  ++progress->failed;
  for (const std::string& what : wrong) std::printf("FAILED %s\n", what.c_str());
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

int run(const Options& options) {
  void* shared = mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return 2;
  progress = new (shared) Progress;
  std::vector<Scenario> corpus;
  std::set<std::string> known;
  std::vector<std::string> lines;
  if (options.replay) {
    for (std::string line; std::getline(std::cin, line);) {
      if (!line.empty()) lines.push_back(line);
    }
  } else {
    for (const std::string& line : lines_of(options.folder + "/known.txt")) {
      if (const auto s = from_line(line)) known.insert(to_line(*s));
    }
    lines = lines_of(options.folder + "/corpus.txt");
  }
  for (const std::string& line : lines) {
    const auto s = from_line(line);
    if (!s) {
      std::printf("no scenario: %s\n", line.c_str());
      return 2;
    }
    corpus.push_back(*s);
  }
  // Random scenarios of old change lines of old alone, and are counted from those: what a seed draws stays as it was.
  std::vector<Scenario> old;
  std::vector<Scenario> later;
  for (const Scenario& s : corpus) (s.further() ? later : old).push_back(s);
  const bool random_too = !options.replay && !options.corpus_alone;
  using clock = std::chrono::steady_clock;
  const auto now = [] { return std::chrono::duration<double>(clock::now().time_since_epoch()).count(); };
  // The corpus, however long it takes, does not count.
  const auto seconds = [&] {
    if (progress->random_since == 0) progress->random_since = now();
    return now() - progress->random_since;
  };
  if (options.random_alone) progress->at = corpus.size();
  const auto goes_on = [&](std::uint64_t i) {
    if (i < corpus.size()) return true;
    return random_too && i - corpus.size() < options.most && seconds() < options.seconds;
  };
  const auto work = [&] {
    for (std::uint64_t& i = progress->at; goes_on(i); ++i) {
      if (options.shrink) {
        shrink(corpus[i]);
        continue;
      }
      if (i < corpus.size()) {
        try_one(corpus[i], true, 0, known);
        continue;
      }
      // Each scenario has a seed of its own: which comes next does not depend on what the one before drew. Those with
      // chains and with policies by their KL are drawn in between, from streams beside.
      const std::uint64_t number = old.size() + (i - corpus.size()) / 2;
      const bool beside = (i - corpus.size()) % 2 == 1;
      const std::uint64_t stream = beside ? 0x94d049bb133111ebU : 0;
      Random random((options.seed * 0x9e3779b97f4a7c15U + number * 0xd1342543de82ef95U) ^ stream);
      const Scenario s = beside ? random_further_scenario(random, later) : random_scenario(random, old);
      try_one(s, false, options.seed + number, known);
    }
    progress->done = true;
  };
  // A sanitizer, a signal or the alarm ends the worker: the next one goes on with the scenario after.
  while (!progress->done) {
    std::fflush(stdout);
    const pid_t worker = fork();
    if (worker < 0) return 2;
    if (worker == 0) {
      work();
      std::fflush(stdout);
      _exit(0);
    }
    int status = 0;
    waitpid(worker, &status, 0);
    if (progress->done) break;
    const bool hung = WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM;
    std::printf("FAILED %s: %s\n%s\n", progress->call.data(), hung ? "did not end" : "ended the process",
                progress->line.data());
    ++progress->failed;
    ++progress->at;
  }
  std::printf("%d refused, %d known, longest %.1f s by %.300s\n", progress->refused, progress->known, progress->longest,
              progress->longest_call.data());
  std::printf("%d passed, %d failed\n", progress->passed, progress->failed);
  return progress->failed > 0 ? 1 : 0;
}

}  // namespace
}  // namespace tiltlab::fuzz

// tiltlab_fuzz [--seconds S] [--most N] [--seed N] [--folder tests/fuzz] [--random] | --corpus | --replay <SCENARIOS |
// --shrink <SCENARIOS
//
// The corpus, unless --random, then random scenarios for so many seconds, at most N of them; --replay does all calls on
// the lines of standard input, and --shrink finds simpler lines that fail in the same way as the first fault of each.
// Prints what is wrong, the scenario's line below it, and at the end `N passed, M failed`. Exits with 1 where M > 0.
int main(int argc, char** argv) {
  tiltlab::fuzz::Options options;
  options.folder = TILTLAB_FUZZ_FOLDER;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : nullptr;
    if (name == "--replay" || name == "--shrink") {
      options.replay = true;
      options.shrink = name == "--shrink";
    } else if (name == "--corpus") {
      options.corpus_alone = true;
    } else if (name == "--random") {
      options.random_alone = true;
    } else if (name == "--seconds" && value) {
      options.seconds = std::strtod(argv[++i], nullptr);
    } else if (name == "--most" && value) {
      options.most = std::strtoull(argv[++i], nullptr, 10);
    } else if (name == "--seed" && value) {
      options.seed = std::strtoull(argv[++i], nullptr, 10);
    } else if (name == "--folder" && value) {
      options.folder = argv[++i];
    } else {
      std::fprintf(stderr,
                   "%s: is not one of --seconds S, --most N, --seed N, --folder F, --corpus, --random, --replay, "
                   "--shrink\n",
                   name.c_str());
      return 2;
    }
  }
  return tiltlab::fuzz::run(options);
}
