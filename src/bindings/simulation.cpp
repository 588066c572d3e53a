#include "bindings/marshal.hpp"
#include "bindings/marshal_simulation.hpp"

using emscripten::val;
using tiltlab::marshal::push;
namespace marshal = tiltlab::marshal;

namespace {

val simulate(const val& model, const val& budget, const val& simulation, double first, double count) {
  return marshal::guarded([&] {
    const tiltlab::Simulation s = marshal::simulation(model, budget, simulation);
    return marshal::array(
        tiltlab::simulate(s.plan, static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(count)));
  });
}

val summarise(const val& model, const val& budget, const val& simulation, const val& sums, double replicates) {
  return marshal::guarded([&] {
    tiltlab::Simulation s = marshal::simulation(model, budget, simulation);
    s.replicates = replicates;
    return marshal::simulated(s, tiltlab::summarise(s, marshal::numbers(sums)));
  });
}

val evaluate_policies(const val& model, const val& policies) {
  return marshal::guarded([&] {
    val out = val::array();
    for (const tiltlab::PolicyReport& r :
         tiltlab::evaluate_policies(marshal::model(model), marshal::policies(policies)))
      push(out, marshal::metrics(r));
    return out;
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

EMSCRIPTEN_BINDINGS(simulation) {
  emscripten::function("simulate", &simulate);
  emscripten::function("summarise", &summarise);
  emscripten::function("evaluate_policies", &evaluate_policies);
  emscripten::function("draw_drafts", &draw_drafts);
}
