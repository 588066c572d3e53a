#pragma once
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>

#include "laws/continuous.hpp"
#include "policies/policy.hpp"

namespace tiltlab {

/** A policy's parameter as the scenario names it, a number in [least, most]. */
struct Parameter {
  const char* name = nullptr;
  double least = 0;
  double most = 0;
  /** Whether `least` itself is left out. */
  bool above_least = false;
  /** Whether only integers are meant. */
  bool whole = false;
};

/**
 * A policy on a continuous law that reweights the base by a density of the rank u = F(r) alone, given by what is above:
 * v = 1 - u. `z` is the policy's strength, see `PolicyKind`.
 */
struct RankPolicy {
  /** log of the density of u, up to a constant. @param log_v log v, finite however small v is */
  double (*log_density)(double z, double log_v, double v);
  /** Whether nothing below the rank 1 - e^-z is kept: a density with an edge there. */
  bool edge = false;
  /** Whether an atom of the law gets the average of the density over its ranks, or the density at their middle. */
  bool averages = true;
  /** KL and win rate without atoms, to the last digits; a KL of NaN where there is no closed form. */
  struct Numbers {
    double kl;
    double win_rate;
  };
  Numbers (*numbers)(double z);
  [[nodiscard]] bool closed(double z) const { return !std::isnan(numbers(z).kl); }
};

/** Nats that a policy may be asked to spend, at most: as much as any budget. */
inline constexpr double most_asked_kl = 1e12;

/** What a scenario asks of a policy: its parameters, or instead of the last one the KL that it is to be found from. */
struct PolicyKind;
struct ExtraPolicy {
  const PolicyKind* kind = nullptr;
  /** In the order of the kind's. */
  std::array<double, 2> parameter{};
  /** Nats. */
  std::optional<double> kl = std::nullopt;
};

/** Strength of a parameter in reward units and back, on a law. @param unit reward units of an offset of 1 */
struct RewardStrength {
  double (*strength)(const RewardLaw& law, double unit, double parameter);
  double (*parameter)(const RewardLaw& law, double unit, double z);
};

/** A policy on a continuous law, see `continuous_rank.hpp`. */
struct StrongMetrics;

/**
 * A kind of policy: one row of `policy_kinds`. Its strength z is a number in which the KL increases, so that one search
 * finds it from a KL that is given instead of its last parameter; a kind whose KL is not asked for has none.
 */
struct PolicyKind {
  /** As in the scenario. */
  const char* name;
  std::array<Parameter, 2> parameters;
  /** How it lies on a law of rewards. @param unit reward units of an offset of 1 @param z its strength, or 0 */
  Policy (*lay)(const RewardLaw& law, double unit, const ExtraPolicy& asked, double z);
  /** Strength of a parameter and back, the same on every law; null where `kl` cannot be asked for. */
  double (*strength)(double parameter) = nullptr;
  double (*parameter)(double z) = nullptr;
  /** Instead of both, of a kind whose parameter is in reward units. */
  const RewardStrength* of_rewards = nullptr;
  /** A strength of at most this KL, nats, on every law; null where `kl` cannot be asked for. */
  double (*weakest)(double kl) = nullptr;
  /** Whether the strength of one that keeps the largest reward alone is -log of its probability; infinite else. */
  bool ends_at_top = false;
  /** Whether it reaches as deep into the tail as best-of-N with log N = z, on a law that is made for that; else it is
   * laid on the law around the mean. */
  bool deep = false;
  /**
   * log of how much more often than the base it draws levels above all those that a law lists, at most; null where that
   * is no more than its strength, so that a law made for best-of-N of log N = z knows all that it reaches.
   */
  double (*reach)(const RewardLaw& law, const Policy& policy, double z) = nullptr;
  /** Whether it has an edge or a corner, next to which levels that are left out of a law would show. */
  bool edged = false;
  /** Whether it tells outcomes of one reward apart, by their order in a finite model: then it is laid on these. */
  bool by_outcome = false;
  /** Whether it is laid on each block of tokens by itself, of the length that its first parameter says. */
  bool by_block = false;
  /** On continuous laws, where it is a density of the rank alone; */
  const RankPolicy* rank = nullptr;
  /** else where it has a way of its own. @throws NumericalError */
  StrongMetrics (*on_continuous)(const ContinuousLaw& law, const ExtraPolicy& asked) = nullptr;
  /** Why it has neither. */
  const char* not_continuous = nullptr;
  /** How a draft of it is drawn: from its law, by drawing drafts of the base, or block by block from the law of each.
   */
  enum class Drawn { from_law, soft, poisson, blocks };
  Drawn drawn = Drawn::from_law;

  [[nodiscard]] std::size_t count() const { return parameters[1].name ? 2 : 1; }
};

}  // namespace tiltlab
