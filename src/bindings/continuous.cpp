#include "bindings/marshal.hpp"
#include "bindings/marshal_continuous.hpp"

/** What `core.cpp` has for models with tokens, of continuous rewards. */

using emscripten::val;
namespace marshal = tiltlab::marshal;

namespace {

val evaluate(const val& model, const val& budget) {
  return marshal::guarded([&] {
    const tiltlab::ContinuousLaw law = marshal::continuous(model);
    const tiltlab::Report report = tiltlab::evaluate(law, marshal::budget(budget, law));
    return marshal::evaluated(report, tiltlab::derived(law, report));
  });
}

val frontier(const val& model, double kl_end, int points) {
  return marshal::guarded(
      [&] { return marshal::frontier(tiltlab::frontier(marshal::continuous(model), kl_end, points), kl_end); });
}

val law_curves(const val& model, const val& budget, int points) {
  return marshal::guarded([&] {
    const tiltlab::ContinuousLaw law = marshal::continuous(model);
    return marshal::law_curves(tiltlab::law_curves(law, marshal::budget(budget, law), points));
  });
}

val divergence_curves(const val& model, const val& budget, int points) {
  return marshal::guarded([&] {
    const tiltlab::ContinuousLaw law = marshal::continuous(model);
    return marshal::statement(tiltlab::divergence_curves(law, marshal::budget(budget, law), points));
  });
}

}  // namespace

EMSCRIPTEN_BINDINGS(continuous) {
  emscripten::function("evaluate_continuous", &evaluate);
  emscripten::function("frontier_continuous", &frontier);
  emscripten::function("law_curves_continuous", &law_curves);
  emscripten::function("divergence_curves", &divergence_curves);
}
