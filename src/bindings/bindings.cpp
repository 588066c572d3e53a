#include "bindings/marshal.hpp"

using emscripten::val;
namespace marshal = tiltlab::marshal;

namespace {

std::string version() { return TILTLAB_VERSION; }

val evaluate(const val& model, const val& budget) {
  return marshal::guarded([&] {
    const tiltlab::Model m = marshal::model(model);
    const tiltlab::Report report = tiltlab::evaluate(m, marshal::budget(budget, m));
    val out = val::object();
    out.set("report", marshal::report(report));
    out.set("derived", marshal::derived(tiltlab::derived(m, report)));
    return out;
  });
}

val frontier(const val& model, double kl_end, int points) {
  return marshal::guarded(
      [&] { return marshal::frontier(tiltlab::frontier(marshal::model(model), kl_end, points), kl_end); });
}

val law_curves(const val& model, const val& budget, int points) {
  return marshal::guarded([&] {
    const tiltlab::Model m = marshal::model(model);
    return marshal::law_curves(tiltlab::law_curves(m, marshal::budget(budget, m), points));
  });
}

val gap_curve(const val& model, const val& budget, int points) {
  return marshal::guarded([&] {
    const tiltlab::Model m = marshal::model(model);
    return marshal::gap_curve(tiltlab::gap_curve(m, marshal::budget(budget, m), points));
  });
}

}  // namespace

EMSCRIPTEN_BINDINGS(tiltlab) {
  emscripten::function("version", &version);
  emscripten::function("evaluate", &evaluate);
  emscripten::function("frontier", &frontier);
  emscripten::function("law_curves", &law_curves);
  emscripten::function("gap_curve", &gap_curve);
}
