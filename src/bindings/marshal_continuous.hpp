#pragma once
#include "bindings/marshal.hpp"
#include "models/continuous.hpp"
#include "report/statements/divergences.hpp"

namespace tiltlab::marshal {

inline ContinuousLaw continuous(const val& m) {
  const bool mirrored = m["mirrored"].as<bool>();
  const auto family = m["family"].as<std::string>();
  if (family == "quantiles") return make_quantile_table(numbers(m["u"]), numbers(m["reward"]), mirrored);
  return make_continuous_law(family, numbers(m["parameters"]), mirrored);
}

inline Budget budget(const val& b, const ContinuousLaw&) {
  return make_budget(b["kind"].as<std::string>(), b["value"].as<double>(), std::nullopt);
}

inline val statement(const DivergenceCurves& c) {
  val out = val::object();
  put(out, "order", array(c.order));
  put(out, "best_of_n", array(c.best_of_n));
  put(out, "kl_rl", array(c.kl_rl));
  return out;
}

}  // namespace tiltlab::marshal
