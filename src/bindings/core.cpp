#include "bindings/marshal.hpp"

/** What every figure above the story needs: the report of a model with tokens, and its curves. */

using emscripten::val;
namespace marshal = tiltlab::marshal;

namespace {

std::string version() { return TILTLAB_VERSION; }

val evaluate(const val& model, const val& budget) {
  return marshal::guarded([&] {
    const tiltlab::Model& m = marshal::model(model);
    const tiltlab::Report report = tiltlab::evaluate(m, marshal::budget(budget, m));
    return marshal::evaluated(report, tiltlab::derived(m, report));
  });
}

val frontier(const val& model, double kl_end, int points) {
  return marshal::guarded(
      [&] { return marshal::frontier(tiltlab::frontier(marshal::model(model), kl_end, points), kl_end); });
}

val law_curves(const val& model, const val& budget, int points) {
  return marshal::guarded([&] {
    const tiltlab::Model& m = marshal::model(model);
    return marshal::law_curves(tiltlab::law_curves(m, marshal::budget(budget, m), points));
  });
}

val gap_curve(const val& model, const val& budget, int points) {
  return marshal::guarded([&] {
    const tiltlab::Model& m = marshal::model(model);
    return marshal::gap_curve(tiltlab::gap_curve(m, marshal::budget(budget, m), points));
  });
}

}  // namespace

EMSCRIPTEN_BINDINGS(core) {
  emscripten::function("version", &version);
  emscripten::function("evaluate", &evaluate);
  emscripten::function("frontier", &frontier);
  emscripten::function("law_curves", &law_curves);
  emscripten::function("gap_curve", &gap_curve);
}
