#pragma once
#include <emscripten/bind.h>
#include <emscripten/val.h>

#include <exception>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "error.hpp"
#include "report/curves.hpp"
#include "report/report.hpp"

/** Between C++ values and JavaScript's: owned copies both ways, never a view that dies when memory grows. */
namespace tiltlab::marshal {

using emscripten::val;

/** One function each instead of an instance of Embind's templates for every name's length. */
[[gnu::noinline]] inline void put(val& object, const char* name, const val& value) { object.set(name, value); }
[[gnu::noinline]] inline void put(val& object, const char* name, double value) { object.set(name, value); }
[[gnu::noinline]] inline void put(val& object, const char* name, const std::string& value) { object.set(name, value); }
[[gnu::noinline]] inline void push(val& list, const val& value) { list.call<void>("push", value); }

/** Appends a Float64Array (the facade has checked) to a list. */
[[gnu::noinline]] inline std::size_t append(std::vector<double>& to, const val& array) {
  const std::size_t before = to.size();
  const auto count = array["length"].as<std::size_t>();
  to.resize(before + count);
  val(emscripten::typed_memory_view(count, to.data() + before)).call<void>("set", array);
  return count;
}

/** @param array a Float64Array (the facade has checked) */
inline std::vector<double> numbers(const val& array) {
  std::vector<double> out;
  append(out, array);
  return out;
}

inline val array(const std::vector<double>& x) {
  return val(emscripten::typed_memory_view(x.size(), x.data())).call<val>("slice");
}

/** {value} of what `f` returns, or {kind, message, path} of what it throws: no C++ exception reaches JavaScript. */
template <class F>
val guarded(F&& f) {
  val out = val::object();
  const auto fail = [&](const char* kind, const std::string& message, const std::string& path) {
    put(out, "kind", std::string(kind));
    put(out, "message", message);
    put(out, "path", path);
  };
  try {
    put(out, "value", f());
  } catch (const InputError& e) {
    fail("input", e.what(), e.path());
  } catch (const std::exception& e) {
    fail("numerical", e.what(), "");
  }
  return out;
}

/** The model, as last time where it is the same: report, curves and statements of one scenario follow each other. */
[[gnu::noinline]] inline const Model& model(const val& m) {
  static const Model* kept = nullptr;
  static std::vector<double> kept_numbers;
  static std::string kept_path;
  // A finite model's list has another name than one of tokens.
  auto path = m["path"].as<std::string>();
  std::vector<double> all{m["length"].as<double>()};
  const std::size_t count = append(all, m["p"]);
  append(all, m["reward"]);
  const std::size_t gold = append(all, m["gold"]);
  if (kept && path == kept_path && all == kept_numbers) return *kept;
  delete std::exchange(kept, nullptr);
  const double* p = all.data() + 1;
  const std::span<const double> weights(p, count);
  const std::span<const double> rewards(p + count, count);
  kept = m["kind"].as<std::string>() == "finite"
             ? new Model(finite_model(weights, rewards, {p + 2 * count, gold}, path))
             : new Model(memoryless_model(weights, rewards, all[0], m["counts"].as<bool>(), path));
  kept_numbers = std::move(all);
  kept_path = std::move(path);
  return *kept;
}

inline Budget budget(const val& b, const Model& m) {
  return make_budget(b["kind"].as<std::string>(), b["value"].as<double>(), m);
}

inline val metrics(const PolicyReport& r) {
  val out = val::object();
  put(out, "reward", r.reward);
  put(out, "reward_sd", r.reward_sd);
  put(out, "kl", r.kl);
  put(out, "win_rate", r.win_rate);
  put(out, "gold", r.gold);
  return out;
}

inline val kl_rl(const KlRlReport& r) {
  val out = metrics(r);
  put(out, "alpha", r.alpha);
  return out;
}

inline val report(const Report& r) {
  val model = metrics(r.model);
  put(model, "levels", r.model.levels);
  put(model, "reward_max", r.model.reward_max);
  put(model, "kl_max", r.model.kl_max);
  val budget = val::object();
  put(budget, "kl", r.kl);
  put(budget, "log_n", r.log_n);
  val best_of_n = metrics(r.best_of_n);
  put(best_of_n, "kl_bound", r.best_of_n.kl_bound);
  put(best_of_n, "kl_to_kl_rl", r.best_of_n.kl_to_kl_rl);
  val gap = val::object();
  put(gap, "reward", r.gap.reward);
  put(gap, "reward_at_bon_kl", r.gap.reward_at_bon_kl);
  val out = val::object();
  put(out, "model", model);
  put(out, "budget", budget);
  put(out, "kl_rl", kl_rl(r.kl_rl));
  put(out, "best_of_n", best_of_n);
  put(out, "kl_rl_at_bon_kl", kl_rl(r.kl_rl_at_bon_kl));
  put(out, "gap", gap);
  if (r.limits) {
    val limits = val::object();
    put(limits, "rate", r.limits->rate);
    put(limits, "alpha", r.limits->alpha);
    put(limits, "reward_per_token", r.limits->reward_per_token);
    put(limits, "variance_per_token", r.limits->variance_per_token);
    put(limits, "gap_sharp", r.limits->gap_sharp);
    put(limits, "kl_to_kl_rl_sharp", r.limits->kl_to_kl_rl_sharp);
    put(out, "limits", limits);
  }
  if (r.error_bound > 0) put(out, "error_bound", r.error_bound);
  if (!r.notes.empty()) {
    val notes = val::array();
    for (const std::string& note : r.notes) push(notes, val(note));
    put(out, "notes", notes);
  }
  put(out, "engine", std::string(TILTLAB_VERSION));
  return out;
}

inline val derived(const Derived& d) {
  val per_token = val::object();
  put(per_token, "base", d.base_reward_per_token);
  put(per_token, "kl_rl", d.kl_rl_reward_per_token);
  put(per_token, "best_of_n", d.best_of_n_reward_per_token);
  val out = val::object();
  put(out, "n", d.n);
  put(out, "log10_n", d.log10_n);
  put(out, "kl_per_token", d.kl_per_token);
  put(out, "gap_per_token", d.gap_per_token);
  put(out, "reward_per_token", per_token);
  put(out, "first_nat", d.first_nat);
  put(out, "next_nat", d.next_nat);
  return out;
}

inline val evaluated(const Report& r, const Derived& d) {
  val out = val::object();
  put(out, "report", report(r));
  put(out, "derived", derived(d));
  return out;
}

inline val frontier(const Frontier& f, double kl_end) {
  val kl_rl = val::object();
  put(kl_rl, "kl", array(f.kl_rl.kl));
  put(kl_rl, "reward", array(f.kl_rl.reward));
  const auto draws = [](const Path& path) {
    val out = val::object();
    put(out, "log_n", array(path.budget));
    put(out, "kl", array(path.kl));
    put(out, "reward", array(path.reward));
    return out;
  };
  val marks = draws(f.marks);
  put(marks, "n", array(f.mark_n));
  val out = val::object();
  put(out, "kl_end", kl_end);
  put(out, "kl_rl", kl_rl);
  put(out, "best_of_n", draws(f.best_of_n));
  put(out, "marks", marks);
  return out;
}

inline val law_curve(const LawCurve& c) {
  val out = val::object();
  put(out, "x", array(c.x));
  put(out, "mass", array(c.mass));
  put(out, "density", array(c.density));
  put(out, "width", c.width);
  put(out, "mean", c.mean);
  put(out, "sd", c.sd);
  return out;
}

inline val law_curves(const LawCurves& c) {
  val out = val::object();
  put(out, "base", law_curve(c.base));
  put(out, "kl_rl", law_curve(c.kl_rl));
  put(out, "best_of_n", law_curve(c.best_of_n));
  return out;
}

inline val gap_curve(const GapCurve& c) {
  val out = val::object();
  put(out, "length", array(c.length));
  put(out, "gap", array(c.gap));
  put(out, "gap_sharp", array(c.gap_sharp));
  put(out, "gap_first_order", array(c.gap_first_order));
  put(out, "kl_to_kl_rl", array(c.kl_to_kl_rl));
  put(out, "kl_to_kl_rl_sharp", array(c.kl_to_kl_rl_sharp));
  return out;
}

}  // namespace tiltlab::marshal
