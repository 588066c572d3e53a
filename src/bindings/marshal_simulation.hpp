#pragma once
#include "bindings/marshal.hpp"
#include "report/simulated.hpp"
#include "simulation/drafts.hpp"

namespace tiltlab::marshal {

/** @param list kind (0 soft best-of-n, 1 best-of-Poisson), n or mu, alpha of each policy, one after another */
inline std::vector<ExtraPolicy> policies(const val& list) {
  const std::vector<double> flat = numbers(list);
  std::vector<ExtraPolicy> out;
  for (std::size_t i = 0; i + 2 < flat.size(); i += 3) {
    const auto kind = flat[i] == 0 ? ExtraPolicy::Kind::soft_best_of_n : ExtraPolicy::Kind::best_of_poisson;
    out.push_back({kind, flat[i + 1], flat[i + 2]});
  }
  return out;
}

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

inline val draft(const Draft& d) {
  val out = val::object();
  put(out, "tokens", val(emscripten::typed_memory_view(d.tokens.size(), d.tokens.data())).call<val>("slice"));
  put(out, "reward", d.reward);
  return out;
}

inline val drafts(const Drafts& d) {
  val out = val::object();
  put(out, "base", draft(d.base));
  put(out, "kl_rl", draft(d.kl_rl));
  put(out, "best_of_n", draft(d.best_of_n));
  val losers = val::array();
  for (const Draft& loser : d.losers) push(losers, draft(loser));
  put(out, "losers", losers);
  put(out, "draws", d.draws);
  return out;
}

}  // namespace tiltlab::marshal
