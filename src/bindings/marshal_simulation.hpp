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
  push(interval, val(e.low));
  push(interval, val(e.high));
  val out = val::object();
  put(out, "mean", e.mean);
  put(out, "interval", interval);
  put(out, "draws", e.draws);
  put(out, "method", method);
  put(out, "exact", e.exact);
  return out;
}

inline val estimates(const PolicyEstimates& p, const std::string& method, const std::string& kl_method) {
  val out = val::object();
  put(out, "reward", estimate(p.reward, method));
  put(out, "gold", estimate(p.gold, method));
  put(out, "win_rate", estimate(p.win_rate, method));
  put(out, "kl", estimate(p.kl, kl_method));
  return out;
}

inline val simulated(const Simulation& s, const Simulated& found) {
  const std::string method = method_name(s.plan.method);
  val out = val::object();
  put(out, "method", method);
  put(out, "n", s.plan.draws);
  put(out, "model", estimates(found.model, method, method));
  put(out, "kl_rl", estimates(found.kl_rl, method, method));
  put(out, "best_of_n", estimates(found.best_of_n, method, method + ", plug-in"));
  if (!found.policies.empty()) {
    val list = val::array();
    for (const PolicyEstimates& p : found.policies) push(list, estimates(p, method, method));
    put(out, "policies", list);
  }
  put(out, "gap_per_token", estimate(found.gap_per_token, method));
  val weighted = val::object();
  put(weighted, "reward", estimate(found.weighted_reward, method + ", importance weights"));
  put(weighted, "effective_sample_size", found.effective_sample_size);
  put(out, "kl_rl_weighted", weighted);
  return out;
}

}  // namespace tiltlab::marshal
