#pragma once
#include <list>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/kinds.hpp"
#include "report/simulated.hpp"
#include "simulation/drafts.hpp"

/** Drawing, of the kinds that a module has: simulations in shares, further policies, drafts. */
namespace tiltlab::bindings {

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

/** All the fields of inputs, one after another, to tell them apart. */
struct Flat {
  std::vector<double> numbers;
  std::string text;

  void operator()(const char*, double x) { numbers.push_back(x); }
  void operator()(const char*, bool x) { numbers.push_back(x ? 1 : 0); }
  void operator()(const char*, const std::string& x) { (text += x) += '\n'; }
  void operator()(const char*, const std::vector<double>& x) {
    numbers.push_back(static_cast<double>(x.size()));
    numbers.insert(numbers.end(), x.begin(), x.end());
  }
  bool operator==(const Flat&) const = default;
};

/** What is asked beside the model. */
struct SimulationInput {
  /** tokens, types, order, or empty for whichever is quick. */
  std::string method;
  double seed = 1;
  double replicates = 1;
  std::vector<double> policies;
};

template <class F>
void fields(F&& f, SimulationInput& i) {
  f("method", i.method);
  f("seed", i.seed);
  f("replicates", i.replicates);
  f("policies", i.policies);
}

/** A simulation with its tables, from its first share to its summary. */
struct Prepared {
  /** Which of JavaScript's objects the model was read from. */
  double id;
  Flat model;
  Flat rest;
  Simulation simulation;
  Sampler sampler;
  std::optional<Exact> exact;
  /** Shares that are not finished, by their first replicate and how many they have. */
  std::map<std::pair<std::uint32_t, std::uint32_t>, Sampler::Share> shares;
};

/** Simulations kept that have unfinished shares; beside those, the last one. */
inline constexpr std::size_t most_prepared = 8;

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

template <class Here>
struct Drawing {
  static Simulation made(const val& m, const val& b, const val& s, SimulationInput& input) {
    std::optional<Simulation> out;
    Here::with(m, [&](const auto& model) {
      const auto make = [&](const auto& drawn) -> decltype(make_simulation(drawn, Budget{}, "", 1, 1)) {
        return make_simulation(drawn, budget_for(b, drawn), input.method, static_cast<std::uint64_t>(input.seed),
                               static_cast<std::uint32_t>(input.replicates), policies(s["policies"]));
      };
      if constexpr (requires { make(model); }) out = make(model);
      return val::null();
    });
    if (!out) throw InputError("model.kind", "\"" + m["kind"].as<std::string>() + "\" has no drafts to draw");
    return *std::move(out);
  }

  /** The last simulation, or one that was left in the middle of a share, where it is asked for again; else a new one.
   */
  static Prepared& prepared(const val& m, const val& b, const val& s) {
    // Only a memory of what the arguments determine: with or without it, all results are the same.
    static std::list<Prepared> kept;
    SimulationInput input;
    fields(Reader{s}, input);
    Flat rest;
    fields(rest, input);
    rest("", b["kind"].as<std::string>());
    rest("", b["value"].as<double>());
    const auto id = m["id"].as<double>();
    std::optional<Flat> model;
    const auto same = [&](const Prepared& p) {
      if (!(p.rest == rest)) return false;
      if (p.id == id) return true;
      if (!model) Here::input_of(m, [&](auto& of) { fields(model.emplace(), of); });
      return model && p.model == *model;
    };
    for (auto it = kept.begin(); it != kept.end(); ++it) {
      if (!same(*it)) continue;
      it->id = id;
      kept.splice(kept.begin(), kept, it);
      return kept.front();
    }
    Simulation simulation = made(m, b, s, input);
    if (!model) Here::input_of(m, [&](auto& of) { fields(model.emplace(), of); });
    kept.remove_if([](const Prepared& p) { return p.shares.empty(); });
    while (kept.size() >= most_prepared) kept.pop_back();
    Sampler sampler(simulation.plan);
    kept.push_front(
        {id, *std::move(model), std::move(rest), std::move(simulation), std::move(sampler), std::nullopt, {}});
    return kept.front();
  }

  static val simulate(const val& m, const val& b, const val& s, double first, double count) {
    return guarded([&] {
      return array(sums_of(prepared(m, b, s), static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(count)));
    });
  }
  static val summarise(const val& m, const val& b, const val& s, const val& sums, double replicates) {
    return guarded([&] {
      Prepared& p = prepared(m, b, s);
      if (!p.exact) p.exact = exact_values(p.simulation);
      return object(tiltlab::summarise(p.simulation, *p.exact, numbers(sums), replicates));
    });
  }
  static val evaluate_policies(const val& m, const val& list) {
    return guarded([&] {
      return Here::with(m, [&](const auto& model) {
        const auto make = [&](const auto& on) -> decltype(tiltlab::evaluate_policies(on, {})) {
          return tiltlab::evaluate_policies(on, policies(list));
        };
        if constexpr (requires { make(model); }) {
          val out = val::array();
          for (const PolicyReport& r : make(model)) push(out, object(r));
          return out;
        } else {
          return val::null();
        }
      });
    });
  }
  static void bind() {
    emscripten::function("simulate", &simulate);
    emscripten::function("summarise", &summarise);
    emscripten::function("evaluate_policies", &evaluate_policies);
    emscripten::function("draw_drafts", &draw_drafts);
  }

 private:
  static val draw_drafts(const val& model, double alpha, double draws, double seed, double replicate) {
    return guarded([&] {
      return object(tiltlab::draw_drafts(numbers(model["p"]), numbers(model["reward"]),
                                         static_cast<std::int64_t>(model["length"].as<double>()), alpha, draws,
                                         static_cast<std::uint64_t>(seed), static_cast<std::uint32_t>(replicate)));
    });
  }
};

}  // namespace tiltlab::bindings
