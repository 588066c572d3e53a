#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/chain.hpp"
#include "models/prompts.hpp"
#include "models/tokens.hpp"
#include "models/transformed.hpp"
#include "report/report.hpp"
#include "simulation/interval.hpp"
#include "simulation/simulate.hpp"

namespace tiltlab {

/** A 95 % interval around a mean over `draws` replicates, beside the exact value. */
struct Estimate {
  double mean = 0;
  double low = 0;
  double high = 0;
  double draws = 0;
  double exact = 0;
  /** Why the interval is none of those of which 19 in 20 hold the exact value; empty for all others. */
  std::string not_counted = {};
  /** How it was come by. */
  std::string method = {};
};

template <class F>
void fields(F&& f, const Estimate& e) {
  f("mean", e.mean);
  f("interval", std::array{e.low, e.high});
  f("draws", e.draws);
  f("method", e.method);
  f("exact", e.exact);
  f("counted", e.not_counted.empty());
  if (!e.not_counted.empty()) f("why", e.not_counted);
}

struct PolicyEstimates {
  Estimate reward;
  Estimate gold;
  Estimate win_rate;
  /** For best-of-N the plug-in estimator, which takes every draft for another level and so never falls short; its
   * interval is not counted. */
  Estimate kl;
};

template <class F>
void fields(F&& f, const PolicyEstimates& p) {
  f("reward", p.reward);
  f("gold", p.gold);
  f("win_rate", p.win_rate);
  f("kl", p.kl);
}

struct Simulated {
  std::string method;
  /** Drafts that best-of-N drew. */
  double n = 1;
  PolicyEstimates model;
  PolicyEstimates kl_rl;
  PolicyEstimates best_of_n;
  /** What best-of-N leaves per token: KL-RL's exact reward less best-of-N's drawn one. */
  Estimate gap_per_token;
  /** KL-RL's reward by self-normalised importance weights of the base drafts; its interval is not counted. */
  Estimate weighted_reward;
  double effective_sample_size = 0;
  std::vector<PolicyEstimates> policies;
};

template <class F>
void fields(F&& f, const Simulated& s) {
  f("method", s.method);
  f("n", s.n);
  f("model", s.model);
  f("kl_rl", s.kl_rl);
  f("best_of_n", s.best_of_n);
  if (!s.policies.empty()) f("policies", s.policies);
  f("gap_per_token", s.gap_per_token);
  f.group("kl_rl_weighted", [&](auto& weighted) {
    weighted("reward", s.weighted_reward);
    weighted("effective_sample_size", s.effective_sample_size);
  });
}

/** A simulation of a scenario, ready to run share by share. */
struct Simulation {
  SimulationPlan plan;
  Tokens model;
  /** Of a chain that is walked; then `model` is empty. */
  std::optional<Chain> chain = {};
  /** Several prompts, and the simulation of each under the tilt that all share; then `model` is empty. */
  std::optional<Prompts> prompts = {};
  std::vector<Simulation> of_prompts = {};
  Budget budget;
  /** log N of the drafts that are drawn. */
  DoubleDouble log_n;
  std::vector<PolicyReport> exact_policies;
  double unit = 1;
  /** The token's level whose step is 0, and the reward of a sequence of it alone. */
  std::size_t origin = 0;
  double base = 0;
  double replicates = 0;
  /** Tokens or transitions of a sequence, which the gap is divided by. */
  double tokens = 1;
};

/**
 * @param method tokens, types or order; empty for the first of them that is quick
 * @throws InputError where the method cannot draw so many drafts
 */
[[nodiscard]] Simulation make_simulation(const Tokens& model, const Budget& budget, const std::string& method,
                                         std::uint64_t seed, std::uint32_t replicates,
                                         const std::vector<ExtraPolicy>& extras = {});

/** A chain's sequences are drawn whole, from its law, where that is listed; else the chain is walked: by `tokens` for
 * each draft, by `order` for all but best-of-N; further policies are drawn from their laws. @throws InputError where it
 * takes too long, or cannot be drawn so */
[[nodiscard]] Simulation make_simulation(const Chain& chain, const Budget& budget, const std::string& method,
                                         std::uint64_t seed, std::uint32_t replicates,
                                         const std::vector<ExtraPolicy>& extras = {});

/** Each replicate asks one of the prompts, by their weights; all are tilted by one alpha, and of each N replies are
 * drawn.
 * @throws InputError of a prompt whose replies are not drawn */
[[nodiscard]] Simulation make_simulation(const Prompts& model, const Budget& budget, const std::string& method,
                                         std::uint64_t seed, std::uint32_t replicates,
                                         const std::vector<ExtraPolicy>& extras = {});

/** A transformed sequence is drawn whole, from the law of its values. */
[[nodiscard]] Simulation make_simulation(const Transformed& model, const Budget& budget, const std::string& method,
                                         std::uint64_t seed, std::uint32_t replicates,
                                         const std::vector<ExtraPolicy>& extras = {});

/** The method asked for, or the quick one. @param tokens all that are drawn one by one @param types the same of counts
 * of tokens @param draws best-of-N's drafts @throws InputError where there is none of that name, or it draws fewer */
[[nodiscard]] Method chosen_method(const std::string& name, double tokens, double types, double draws);
/** Drafts that are drawn one by one: e^KL to the next whole number, at least 1. */
[[nodiscard]] double whole_draws(const Budget& budget);
/** Of tokens under a tilt that is given. */
[[nodiscard]] Simulation simulation_under(const Tokens& model, const TokenTilt& tilt, const Budget& budget,
                                          Method method, std::uint64_t seed, std::uint32_t replicates,
                                          const std::vector<ExtraPolicy>& extras);

/** A total of best-of-N by its law, reward units; empty where the law has not each total of its own.
 * @param s by `order` */
[[nodiscard]] std::optional<double> drawn_best(const Simulation& s, std::uint32_t replicate);

/** The exact values of one policy with the laws of what a replicate adds to its sums. */
struct ExactPolicy {
  PolicyReport value;
  Shape reward;
  Shape gold;
  Shape kl;
};

/** What a total adds, counted from a centre. */
[[nodiscard]] Shape totals_of(const TotalLaw& law, double centre);
/** What KL-RL's log(phi / p) = b S - log E e^(b S) adds. @param totals those of KL-RL, from `centre_tilted` */
[[nodiscard]] Shape kl_of_totals(const SimulationPlan& plan, Shape totals);

/** What estimates stand beside: best-of-N's at the N that is drawn. */
struct Exact {
  ExactPolicy model;
  ExactPolicy kl_rl;
  ExactPolicy best_of_n;
  std::vector<ExactPolicy> policies;
};
[[nodiscard]] Exact exact_values(const Simulation& simulation);
/** The same of a chain that is walked. */
[[nodiscard]] Exact exact_values_of_walks(const Simulation& simulation);
/** The same of several prompts. */
[[nodiscard]] Exact exact_values_of_prompts(const Simulation& simulation);
/** Of tokens whose base and KL-RL are known. */
[[nodiscard]] Exact exact_values_of_tokens(const Simulation& simulation, const PolicyReport& base,
                                           const PolicyReport& kl_rl);

/**
 * The estimates beside the exact values.
 * @param sums `SimulationPlan::sums()` numbers of each block of replicates, one block after another, in their order
 * @param replicates that they hold
 */
[[nodiscard]] Simulated summarise(const Simulation& simulation, const Exact& exact, std::span<const double> sums,
                                  double replicates);
[[nodiscard]] Simulated summarise(const Simulation& simulation, std::span<const double> sums);

[[nodiscard]] std::string method_name(Method method);

}  // namespace tiltlab
