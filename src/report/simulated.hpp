#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "report/report.hpp"
#include "simulation/simulate.hpp"

namespace tiltlab {

/** A 95 % interval around a mean over `draws` replicates, beside the exact value. */
struct Estimate {
  double mean = 0;
  double low = 0;
  double high = 0;
  double draws = 0;
  double exact = 0;
};

struct PolicyEstimates {
  Estimate reward;
  Estimate gold;
  Estimate win_rate;
  /** For best-of-N the plug-in estimator, which takes every draft for another level and so never falls short. */
  Estimate kl;
};

struct Simulated {
  PolicyEstimates model;
  PolicyEstimates kl_rl;
  PolicyEstimates best_of_n;
  /** What best-of-N leaves per token: KL-RL's exact reward less best-of-N's drawn one. */
  Estimate gap_per_token;
  /** KL-RL's reward by self-normalised importance weights of the base drafts. */
  Estimate weighted_reward;
  double effective_sample_size = 0;
  std::vector<PolicyEstimates> policies;
};

/** A simulation of a scenario, ready to run share by share. */
struct Simulation {
  SimulationPlan plan;
  Model model;
  Budget budget;
  /** log N of the drafts that are drawn. */
  DoubleDouble log_n;
  std::vector<PolicyReport> exact_policies;
  double unit = 1;
  double base = 0;
  double replicates = 0;
};

/**
 * @param method tokens, types or order; empty for the first of them that is quick
 * @throws InputError where the method cannot draw so many drafts
 */
[[nodiscard]] Simulation make_simulation(const Model& model, const Budget& budget, const std::string& method,
                                         std::uint64_t seed, std::uint32_t replicates, std::span<const double> p,
                                         std::span<const double> reward, std::span<const double> gold,
                                         const std::vector<ExtraPolicy>& extras = {});

/**
 * The estimates beside the exact values, best-of-N's at the N that is drawn; only here are those computed.
 * @param sums `Sums::size` numbers of each block of replicates, one block after another, in their order
 */
[[nodiscard]] Simulated summarise(const Simulation& simulation, std::span<const double> sums);

[[nodiscard]] std::string method_name(Method method);

}  // namespace tiltlab
