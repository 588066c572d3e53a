#pragma once
#include <optional>
#include <string>
#include <utility>

#include "bindings/object.hpp"
#include "models/budget.hpp"
#include "models/spent_budget.hpp"

/** Where a scenario's kind of model becomes a C++ type: the one place of the core that knows their names. */
namespace tiltlab::bindings {

/** The last model of one form, with what it was made of. */
template <class Input>
struct Kept {
  using Made = decltype(make_model(std::declval<const Input&>()));
  /** Which of JavaScript's objects it was read from: one that is asked of again is not read again. */
  double id = -1;
  Input input;
  std::optional<Made> model;
};

/** Budgets in nats and in draws. */
struct StatedBudgets {
  template <class M>
  static Budget of(const val&, const val& b, const M& model) {
    return make_budget(b["kind"].as<std::string>(), b["value"].as<double>(), length_of(model));
  }
};

/** And by a KL coefficient. */
struct AnyBudget {
  /** @param m the model that `model` was made of */
  template <class M>
  static Budget of(const val& m, const val& b, const M& model) {
    if (b["kind"].as<std::string>() != "beta") return StatedBudgets::of(m, b, model);
    // All parts of one view ask for the same.
    static double id = -1;
    static double beta = 0;
    static Budget spent;
    const auto value = b["value"].as<double>();
    if (const auto of = m["id"].as<double>(); id != of || beta != value) {
      spent = budget_of_beta(model, value);
      id = of;
      beta = value;
    }
    return spent;
  }
};

template <class Budgets, class... Input>
class Kinds {
 public:
  template <class M>
  static Budget budget_for(const val& m, const val& b, const M& model) {
    return Budgets::of(m, b, model);
  }
  /** f(model) of the model that `m` describes; the last one made is kept: report, curves and statements of one scenario
   * follow each other. @param m {kind, id, fields of its input} */
  template <class F>
  static val with(const val& m, F&& f) {
    const auto kind = m["kind"].as<std::string>();
    val out = val::null();
    const bool found = ((Input::has(kind) && (out = f(model_of<Input>(m)), true)) || ...);
    if (!found) throw InputError("model.kind", "\"" + kind + "\" is not in this module");
    return out;
  }
  /** The input that the model `m` was made of. */
  template <class F>
  static void input_of(const val& m, F&& f) {
    const auto kind = m["kind"].as<std::string>();
    (void)((Input::has(kind) && (f(model_kept<Input>(m)->input), true)) || ...);
  }

 private:
  template <class One>
  static Kept<One>& kept() {
    static Kept<One> slot;
    return slot;
  }
  template <class One>
  static const auto& model_of(const val& m) {
    return *model_kept<One>(m)->model;
  }
  template <class One>
  static Kept<One>* model_kept(const val& m) {
    Kept<One>& slot = kept<One>();
    const auto id = m["id"].as<double>();
    if (slot.model && slot.id == id) return &slot;
    One input;
    fields(Reader{m}, input);
    slot.id = id;
    if (slot.model && slot.input == input) return &slot;
    // One model at a time: a large one of another kind is not kept beside it.
    (kept<Input>().model.reset(), ...);
    slot.model.emplace(make_model(input));
    slot.input = std::move(input);
    return &slot;
  }
};

}  // namespace tiltlab::bindings
