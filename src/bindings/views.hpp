#pragma once
#include "bindings/kinds.hpp"
#include "report/curves.hpp"
#include "report/report.hpp"

/** What every figure above the story needs, of the kinds that a module has: reports and curves. */
namespace tiltlab::bindings {

/** What the last report of a model solved: the figures of its view are of the same budget. */
template <class M>
struct LastSolved {
  double id = -1;
  DoubleDouble kl;
  std::optional<Solved<M>> of;
};

/** What a model does not offer is null. @tparam keeps whether figures may take what the report before them solved: the
 * same bits sooner, and more bytes */
template <class Here, bool keeps>
struct Views {
  static val evaluate(const val& m, const val& b) {
    return guarded([&] {
      return Here::with(m, [&]<class M>(const M& model) {
        const Budget budget = Here::budget_for(m, b, model);
        Report report;
        if constexpr (keeps && SharesSolved<M>) {
          LastSolved<M>& last = last_solved<M>();
          last = {m["id"].template as<double>(), budget.kl, std::nullopt};
          report = tiltlab::evaluate(model, budget, [&](auto& base, auto& at_budget, auto& best) {
            last.of = Solved<M>{std::move(base), std::move(at_budget), std::move(best)};
          });
        } else {
          report = tiltlab::evaluate(model, budget);
        }
        report.engine = TILTLAB_VERSION;
        Writer out;
        out("report", report);
        out("derived", derived(model, report));
        return out.out;
      });
    });
  }
  static val frontier(const val& m, double kl_end, int points) {
    return guarded([&] {
      return Here::with(m, [&](const auto& model) { return object(tiltlab::frontier(model, kl_end, points)); });
    });
  }
  static val law_curves(const val& m, const val& b, int points) {
    return guarded([&] {
      return Here::with(m, [&]<class M>(const M& model) {
        const Budget budget = Here::budget_for(m, b, model);
        if constexpr (keeps && SharesSolved<M>) {
          const LastSolved<M>& last = last_solved<M>();
          const bool same =
              last.of && last.id == m["id"].template as<double>() && !(last.kl < budget.kl) && !(budget.kl < last.kl);
          if (same) return object(tiltlab::law_curves(model, *last.of, points));
        }
        return object(tiltlab::law_curves(model, budget, points));
      });
    });
  }
  static val gap_curve(const val& m, const val& b, int points) {
    return guarded([&] {
      return Here::with(m, [&]<class M>(const M& model) {
        if constexpr (LengthModel<M>) {
          if (length_of(model)) return object(tiltlab::gap_curve(model, Here::budget_for(m, b, model), points));
        }
        return val::null();
      });
    });
  }
  static void bind() {
    emscripten::function("evaluate", &evaluate);
    emscripten::function("frontier", &frontier);
    emscripten::function("law_curves", &law_curves);
    emscripten::function("gap_curve", &gap_curve);
  }

 private:
  template <class M>
  static LastSolved<M>& last_solved() {
    static LastSolved<M> last;
    return last;
  }
};

}  // namespace tiltlab::bindings
