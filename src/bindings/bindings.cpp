#include "bindings/marshal.hpp"

using emscripten::val;
namespace marshal = tiltlab::marshal;

namespace {

std::string version() { return TILTLAB_VERSION; }

val evaluate(const val& model, const val& budget) {
  return marshal::guarded([&] {
    return marshal::with_model(model, [&](const auto& m) {
      const tiltlab::Report report = tiltlab::evaluate(m, marshal::budget(budget, m));
      val out = val::object();
      out.set("report", marshal::report(report));
      out.set("derived", marshal::derived(tiltlab::derived(m, report)));
      return out;
    });
  });
}

val frontier(const val& model, double kl_end, int points) {
  return marshal::guarded([&] {
    return marshal::with_model(
        model, [&](const auto& m) { return marshal::frontier(tiltlab::frontier(m, kl_end, points), kl_end); });
  });
}

val law_curves(const val& model, const val& budget, int points) {
  return marshal::guarded([&] {
    return marshal::with_model(model, [&](const auto& m) {
      return marshal::law_curves(tiltlab::law_curves(m, marshal::budget(budget, m), points));
    });
  });
}

val gap_curve(const val& model, const val& budget, int points) {
  return marshal::guarded([&] {
    const tiltlab::Model m = marshal::model(model);
    return marshal::gap_curve(tiltlab::gap_curve(m, marshal::budget(budget, m), points));
  });
}

val draw_drafts(const val& model, double alpha, double draws, double seed, double replicate) {
  return marshal::guarded([&] {
    return marshal::drafts(tiltlab::draw_drafts(marshal::numbers(model["p"]), marshal::numbers(model["reward"]),
                                                static_cast<std::int64_t>(model["length"].as<double>()), alpha, draws,
                                                static_cast<std::uint64_t>(seed),
                                                static_cast<std::uint32_t>(replicate)));
  });
}

}  // namespace

EMSCRIPTEN_BINDINGS(tiltlab) {
  emscripten::function("version", &version);
  emscripten::function("evaluate", &evaluate);
  emscripten::function("frontier", &frontier);
  emscripten::function("law_curves", &law_curves);
  emscripten::function("gap_curve", &gap_curve);
  emscripten::function("draw_drafts", &draw_drafts);
}
