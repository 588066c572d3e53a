#include "bindings/marshal.hpp"
#include "bindings/marshal_simulation.hpp"
#include "bindings/marshal_statements.hpp"

using emscripten::val;
using tiltlab::marshal::push;
using tiltlab::marshal::put;
namespace marshal = tiltlab::marshal;

namespace {

std::string version() { return TILTLAB_VERSION; }

val evaluate(const val& model, const val& budget) {
  return marshal::guarded([&] {
    return marshal::with_model(model, [&](const auto& m) {
      const tiltlab::Report report = tiltlab::evaluate(m, marshal::budget(budget, m));
      val out = val::object();
      put(out, "report", marshal::report(report));
      put(out, "derived", marshal::derived(tiltlab::derived(m, report)));
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

/** What `make` finds for a model with tokens and its budget. */
template <class F>
val statement(const val& model, const val& budget, F&& make) {
  return marshal::guarded([&] {
    const tiltlab::Model m = marshal::model(model);
    return marshal::statement(make(m, marshal::budget(budget, m)));
  });
}

val tilt_curves(const val& model, const val& budget, int points) {
  return statement(model, budget, [&](const auto& m, const auto& b) { return tiltlab::tilt_curves(m, b, points); });
}

val near_policies(const val& model, const val& budget, double seed, int count) {
  return statement(model, budget, [&](const auto& m, const auto& b) {
    return tiltlab::near_policies(m, b, static_cast<std::uint64_t>(seed), count);
  });
}

val bent_policy(const val& model, const val& budget, double tilt, double bend) {
  return statement(model, budget,
                   [&](const auto& m, const auto& b) { return std::vector{tiltlab::bent_policy(m, b, tilt, bend)}; });
}

val rate_curves(const val& model, const val& budget, int points, int exact) {
  return statement(model, budget,
                   [&](const auto& m, const auto& b) { return tiltlab::rate_curves(m, b, points, exact); });
}

val cumulant_curves(const val& model, const val& budget, int points) {
  return statement(model, budget, [&](const auto& m, const auto& b) { return tiltlab::cumulant_curves(m, b, points); });
}

val renyi_curve(const val& model, const val& budget, const val& multiplicity, const val& reward, int points) {
  return statement(model, budget, [&](const auto& m, const auto& b) {
    return tiltlab::renyi_curve(m, b, marshal::numbers(multiplicity), marshal::numbers(reward), points);
  });
}

val direction_curves(const val& model, const val& budget, int points) {
  return statement(model, budget,
                   [&](const auto& m, const auto& b) { return tiltlab::direction_curves(m, b, points); });
}

val fixed_curves(const val& model, const val& budget, int points) {
  return statement(model, budget, [&](const auto& m, const auto& b) { return tiltlab::fixed_curves(m, b, points); });
}

val simplex(const val& model, const val& budget, int points) {
  return statement(model, budget, [&](const auto& m, const auto& b) { return tiltlab::simplex(m, b, points); });
}

val divergence_curves(const val& model, const val& budget, int points) {
  return marshal::guarded([&] {
    const tiltlab::ContinuousLaw law = marshal::continuous(model);
    return marshal::statement(tiltlab::divergence_curves(law, marshal::budget(budget, law), points));
  });
}

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

}  // namespace

EMSCRIPTEN_BINDINGS(tiltlab) {
  emscripten::function("version", &version);
  emscripten::function("evaluate", &evaluate);
  emscripten::function("evaluate_policies", &evaluate_policies);
  emscripten::function("frontier", &frontier);
  emscripten::function("law_curves", &law_curves);
  emscripten::function("gap_curve", &gap_curve);
  emscripten::function("tilt_curves", &tilt_curves);
  emscripten::function("near_policies", &near_policies);
  emscripten::function("bent_policy", &bent_policy);
  emscripten::function("rate_curves", &rate_curves);
  emscripten::function("cumulant_curves", &cumulant_curves);
  emscripten::function("renyi_curve", &renyi_curve);
  emscripten::function("direction_curves", &direction_curves);
  emscripten::function("fixed_curves", &fixed_curves);
  emscripten::function("simplex", &simplex);
  emscripten::function("divergence_curves", &divergence_curves);
  emscripten::function("simulate", &simulate);
  emscripten::function("summarise", &summarise);
  emscripten::function("draw_drafts", &draw_drafts);
}
