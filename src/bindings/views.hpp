#pragma once
#include "bindings/kinds.hpp"
#include "report/curves.hpp"
#include "report/report.hpp"

/** What every figure above the story needs, of the kinds that a module has: reports and curves. */
namespace tiltlab::bindings {

/** What a model does not offer is null. */
template <class Here>
struct Views {
  static val evaluate(const val& m, const val& b) {
    return guarded([&] {
      return Here::with(m, [&](const auto& model) {
        Report report = tiltlab::evaluate(model, Here::budget_for(m, b, model));
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
      return Here::with(m, [&](const auto& model) {
        return object(tiltlab::law_curves(model, Here::budget_for(m, b, model), points));
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
};

}  // namespace tiltlab::bindings
