#include "bindings/marshal.hpp"
#include "bindings/marshal_statements.hpp"

using emscripten::val;
namespace marshal = tiltlab::marshal;

namespace {

/** What `make` finds for a model with tokens and its budget. */
template <class F>
val statement(const val& model, const val& budget, F&& make) {
  return marshal::guarded([&] {
    const tiltlab::Model& m = marshal::model(model);
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

}  // namespace

EMSCRIPTEN_BINDINGS(statements) {
  emscripten::function("tilt_curves", &tilt_curves);
  emscripten::function("near_policies", &near_policies);
  emscripten::function("bent_policy", &bent_policy);
  emscripten::function("rate_curves", &rate_curves);
  emscripten::function("cumulant_curves", &cumulant_curves);
  emscripten::function("renyi_curve", &renyi_curve);
  emscripten::function("direction_curves", &direction_curves);
  emscripten::function("fixed_curves", &fixed_curves);
  emscripten::function("simplex", &simplex);
}
