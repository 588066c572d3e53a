#pragma once
#include "bindings/marshal.hpp"
#include "report/simulated.hpp"

namespace tiltlab::marshal {

/** @param s {method, seed, replicates, policies}: method may be empty */
inline Simulation simulation(const val& m, const val& b, const val& s) {
  const Model law = model(m);
  const std::vector<double> gold = m["kind"].as<std::string>() == "finite" ? numbers(m["gold"]) : std::vector<double>();
  return make_simulation(law, budget(b, law), s["method"].as<std::string>(),
                         static_cast<std::uint64_t>(s["seed"].as<double>()),
                         static_cast<std::uint32_t>(s["replicates"].as<double>()), numbers(m["p"]),
                         numbers(m["reward"]), gold, policies(s["policies"]));
}

inline val estimate(const Estimate& e, const std::string& method) {
  val interval = val::array();
  interval.call<void>("push", e.low);
  interval.call<void>("push", e.high);
  val out = val::object();
  out.set("mean", e.mean);
  out.set("interval", interval);
  out.set("draws", e.draws);
  out.set("method", method);
  out.set("exact", e.exact);
  return out;
}

inline val estimates(const PolicyEstimates& p, const std::string& method, const std::string& kl_method) {
  val out = val::object();
  out.set("reward", estimate(p.reward, method));
  out.set("gold", estimate(p.gold, method));
  out.set("win_rate", estimate(p.win_rate, method));
  out.set("kl", estimate(p.kl, kl_method));
  return out;
}

inline val simulated(const Simulation& s, const Simulated& found) {
  const std::string method = method_name(s.plan.method);
  val out = val::object();
  out.set("method", method);
  out.set("n", s.plan.draws);
  out.set("model", estimates(found.model, method, method));
  out.set("kl_rl", estimates(found.kl_rl, method, method));
  out.set("best_of_n", estimates(found.best_of_n, method, method + ", plug-in"));
  if (!found.policies.empty()) {
    val list = val::array();
    for (const PolicyEstimates& p : found.policies) list.call<void>("push", estimates(p, method, method));
    out.set("policies", list);
  }
  val weighted = val::object();
  weighted.set("reward", estimate(found.weighted_reward, method + ", importance weights"));
  weighted.set("effective_sample_size", found.effective_sample_size);
  out.set("kl_rl_weighted", weighted);
  return out;
}

}  // namespace tiltlab::marshal
