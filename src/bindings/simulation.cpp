#include "bindings/marshal.hpp"
#include "bindings/marshal_simulation.hpp"

using emscripten::val;
using tiltlab::marshal::push;
namespace marshal = tiltlab::marshal;

namespace {

val simulate(const val& model, const val& budget, const val& simulation, double first, double count) {
  return marshal::guarded([&] {
    return marshal::array(marshal::sums_of(marshal::prepared(model, budget, simulation),
                                           static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(count)));
  });
}

val summarise(const val& model, const val& budget, const val& simulation, const val& sums, double replicates) {
  return marshal::guarded([&] {
    marshal::Prepared& p = marshal::prepared(model, budget, simulation);
    if (!p.exact) p.exact = tiltlab::exact_values(p.simulation);
    return marshal::simulated(p.simulation,
                              tiltlab::summarise(p.simulation, *p.exact, marshal::numbers(sums), replicates));
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
