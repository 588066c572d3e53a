#pragma once
#include <list>
#include <map>
#include <optional>
#include <utility>

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

/** All that decides a simulation. */
struct Asked {
  std::string kind;
  std::string path;
  std::vector<double> p;
  std::vector<double> reward;
  std::vector<double> gold;
  double length = 1;
  bool counts = false;
  std::string budget;
  double budget_value = 0;
  std::string method;
  double seed = 1;
  double replicates = 1;
  std::vector<double> policies;

  bool operator==(const Asked&) const = default;
};

/** @param s {method, seed, replicates, policies}: method may be empty */
inline Asked asked(const val& m, const val& b, const val& s) {
  return {m["kind"].as<std::string>(),   m["path"].as<std::string>(), numbers(m["p"]),
          numbers(m["reward"]),          numbers(m["gold"]),          m["length"].as<double>(),
          m["counts"].as<bool>(),        b["kind"].as<std::string>(), b["value"].as<double>(),
          s["method"].as<std::string>(), s["seed"].as<double>(),      s["replicates"].as<double>(),
          numbers(s["policies"])};
}

inline Simulation simulation(const val& m, const val& b, const val& s) {
  const Model& law = model(m);
  const std::vector<double> gold = m["kind"].as<std::string>() == "finite" ? numbers(m["gold"]) : std::vector<double>();
  return make_simulation(law, budget(b, law), s["method"].as<std::string>(),
                         static_cast<std::uint64_t>(s["seed"].as<double>()),
                         static_cast<std::uint32_t>(s["replicates"].as<double>()), numbers(m["p"]),
                         numbers(m["reward"]), gold, policies(s["policies"]));
}

/** A simulation with its tables, from its first share to its summary. */
struct Prepared {
  Asked asked;
  Simulation simulation;
  Sampler sampler;
  std::optional<Exact> exact;
  /** Shares that are not finished, by their first replicate and how many they have. */
  std::map<std::pair<std::uint32_t, std::uint32_t>, Sampler::Share> shares;
};

/** Simulations kept that have unfinished shares; beside those, the last one. */
inline constexpr std::size_t most_prepared = 8;

/** The last simulation, or one that was left in the middle of a share, where it is asked for again; else a new one. */
inline Prepared& prepared(const val& m, const val& b, const val& s) {
  // Only a memory of what the arguments determine: with or without it, all results are the same.
  static std::list<Prepared> kept;
  Asked now = asked(m, b, s);
  for (auto it = kept.begin(); it != kept.end(); ++it) {
    if (!(it->asked == now)) continue;
    kept.splice(kept.begin(), kept, it);
    return kept.front();
  }
  Simulation made = simulation(m, b, s);
  kept.remove_if([](const Prepared& p) { return p.shares.empty(); });
  while (kept.size() >= most_prepared) kept.pop_back();
  Sampler sampler(made.plan);
  kept.push_front({std::move(now), std::move(made), std::move(sampler), std::nullopt, {}});
  return kept.front();
}

/** Tokens' worth of drawing at a sitting: some 20 ms, so that whoever draws between other work can be interrupted. */
inline constexpr double sitting = 2.5e6;

/** Sums of a share, or an empty array where it takes another sitting: the same call goes on with it. */
inline std::vector<double> sums_of(Prepared& p, std::uint32_t first, std::uint32_t count) {
  const std::pair key{first, count};
  auto it = p.shares.find(key);
  if (it == p.shares.end()) it = p.shares.emplace(key, p.sampler.share(first, count)).first;
  if (!p.sampler.advance(it->second, sitting)) return {};
  std::vector<double> sums = it->second.sums();
  p.shares.erase(it);
  return sums;
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
  out.set("counted", e.not_counted.empty());
  if (!e.not_counted.empty()) put(out, "why", e.not_counted);
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
  put(weighted, "reward", estimate(found.weighted_reward, method + ", importance weights, not counted"));
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
