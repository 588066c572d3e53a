#pragma once
#include <concepts>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/kinds.hpp"
#include "policies/registry.hpp"
#include "report/curves.hpp"
#include "report/policies.hpp"
#include "report/simulated.hpp"
#include "simulation/chain_drafts.hpp"

/** Drawing, of the kinds that a module has: simulations in shares, further policies, drafts. */
namespace tiltlab::bindings {

/** @param list the scenario's own policies: kind, and its parameters or `kl` */
inline std::vector<ExtraPolicy> policies(const val& list) {
  std::vector<ExtraPolicy> out;
  const auto count = list["length"].as<std::size_t>();
  for (std::size_t i = 0; i < count; ++i) {
    const val one = list[i];
    const std::string path = "policies[" + std::to_string(i) + "]";
    ExtraPolicy asked{&policy_kind(one["kind"].as<std::string>(), path)};
    if (!one["kl"].isUndefined()) asked.kl = one["kl"].as<double>();
    for (std::size_t k = 0; k < asked.kind->count() - (asked.kl ? 1 : 0); ++k) {
      const char* const name = asked.kind->parameters[k].name;
      if (one[name].isUndefined()) throw InputError(path, std::string("has neither ") + name + " nor kl");
      asked.parameter[k] = one[name].as<double>();
    }
    out.push_back(asked);
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
  template <class T>
  requires(!std::same_as<T, double>) void operator()(const char*, std::vector<T>& x) {
    numbers.push_back(static_cast<double>(x.size()));
    for (T& each : x) fields(*this, each);
  }
  bool operator==(const Flat&) const = default;
};

/** What is asked beside the model. */
struct SimulationInput {
  /** tokens, types, order, or empty for whichever is quick. */
  std::string method;
  double seed = 1;
  double replicates = 1;
};

template <class F>
void fields(F&& f, SimulationInput& i) {
  f("method", i.method);
  f("seed", i.seed);
  f("replicates", i.replicates);
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
  static Simulation made(const val& m, const val& b, const SimulationInput& input,
                         const std::vector<ExtraPolicy>& extras) {
    std::optional<Simulation> out;
    Here::with(m, [&](const auto& model) {
      const auto make = [&](const auto& drawn) -> decltype(make_simulation(drawn, Budget{}, "", 1, 1)) {
        return make_simulation(drawn, Here::budget_for(m, b, drawn), input.method,
                               static_cast<std::uint64_t>(input.seed), static_cast<std::uint32_t>(input.replicates),
                               extras);
      };
      if constexpr (requires { make(model); }) out = make(model);
      return val::null();
    });
    if (!out)
      throw InputError("model.kind",
                       "\"" + m["kind"].as<std::string>() + "\" has no drafts to draw; its report is exact");
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
    const std::vector<ExtraPolicy> extras = policies(s["policies"]);
    for (const ExtraPolicy& asked : extras) {
      rest("", std::string(asked.kind->name));
      rest("", std::vector<double>{asked.parameter[0], asked.parameter[1], asked.kl ? 1.0 : 0, asked.kl.value_or(0)});
    }
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
    Simulation simulation = made(m, b, input, extras);
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
  /** {report, derived, policies}: the report's bound and notes hold for the policies too. */
  static val evaluate_policies(const val& m, const val& b, const val& list) {
    return guarded([&] {
      return Here::with(m, [&]<class M>(const M& model) {
        if constexpr (FurtherModel<M>) {
          const Budget budget = Here::budget_for(m, b, model);
          Report report = evaluate(model, budget);
          report.engine = TILTLAB_VERSION;
          const Derived beside = derived(model, report);
          const std::vector<FurtherReport> further = tiltlab::evaluate_policies(model, policies(list), budget, report);
          Writer out;
          out("report", report);
          out("derived", beside);
          out("policies", further);
          return out.out;
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
    emscripten::function("draw_walked_drafts", &draw_walked_drafts);
    emscripten::function("draw_best_draft", &draw_best_draft);
  }

 private:
  static val draw_drafts(const val& model, double alpha, double draws, double seed, double replicate) {
    return guarded([&] {
      return object(tiltlab::draw_drafts(numbers(model["p"]), numbers(model["reward"]),
                                         static_cast<std::int64_t>(model["length"].as<double>()), alpha, draws,
                                         static_cast<std::uint64_t>(seed), static_cast<std::uint32_t>(replicate)));
    });
  }
  /** Runs f with a chain's law, where the model is a chain. @return whether it is */
  template <class F>
  static bool with_walk(const val& m, const F& f) {
    bool walks = false;
    Here::with(m, [&]<class M>(const M& model) {
      if constexpr (requires { model.law.transitions; }) {
        walks = true;
        f(model.law, model.length);
      }
      return val::null();
    });
    return walks;
  }

  /** Of a chain, from all of it. @param words p and reward of each; none where states are what is written */
  static val draw_walked_drafts(const val& m, const val& words, double alpha, double draws, double seed,
                                double replicate) {
    return guarded([&] {
      const std::vector<double> weight = numbers(words["p"]);
      const std::vector<double> reward = numbers(words["reward"]);
      val out = val::null();
      with_walk(m, [&](const MarkovLaw& law, std::int64_t length) {
        out = object(tiltlab::draw_drafts(law, length, alpha, {weight, reward}, draws, static_cast<std::uint64_t>(seed),
                                          static_cast<std::uint32_t>(replicate)));
      });
      return out;
    });
  }

  /** The best of N by its law, of a model's length; without tokens where it is not found. @param words as above, or all
   * tokens @param alpha of a tilt that earns about as much */
  static val draw_best_draft(const val& m, const val& b, const val& words, double alpha, double seed,
                             double replicate) {
    return guarded([&] {
      const std::vector<double> weight = numbers(words["p"]);
      const std::vector<double> reward = numbers(words["reward"]);
      const auto key = static_cast<std::uint64_t>(seed);
      const auto of = static_cast<std::uint32_t>(replicate);
      SimulationInput input;
      input.method = "order";
      input.seed = seed;
      input.replicates = 1;
      const auto total = drawn_best(made(m, b, input, {}), of);
      if (!total) return object(Draft{});
      Draft out;
      if (!with_walk(m, [&](const MarkovLaw& law, std::int64_t length) {
            out = draft_that_earns(*total, law, length, alpha, {weight, reward}, key, of);
          }))
        out = draft_that_earns(*total, weight, reward, static_cast<std::int64_t>(m["length"].as<double>()), alpha, key,
                               of);
      return object(out);
    });
  }
};

}  // namespace tiltlab::bindings
