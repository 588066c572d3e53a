#pragma once
#include <span>
#include <string>

#include "policies/kind.hpp"

namespace tiltlab {

/** Every kind of policy beside best-of-N and KL-RL. */
[[nodiscard]] std::span<const PolicyKind* const> policy_kinds();

/** @throws InputError naming `path`.kind */
[[nodiscard]] const PolicyKind& policy_kind(const std::string& name, const std::string& path);

/** @param path such as `policies[0]` @throws InputError where a parameter is not in its range */
void check(const ExtraPolicy& asked, const std::string& path);

/** A policy with the strength that it has: as given, or found from a KL. */
struct StrongPolicy {
  Policy policy;
  /** NaN of a kind that has none; infinite where the largest reward alone is kept, and the kind has no last parameter.
   */
  double z;
  /** The parameter that a KL stands for; NaN of a kind that has no such. */
  double parameter;
};

/**
 * Lays what is asked on a law. A KL past what the law's largest reward costs is met as far as that; so is one past what
 * a law of some of the levels knows, which its caller tells by the KL that comes out.
 * @param unit reward units of an offset of 1
 * @throws InputError @throws NumericalError where the law does not reach as deep
 */
[[nodiscard]] StrongPolicy lay(const RewardLaw& law, double unit, const ExtraPolicy& asked);

}  // namespace tiltlab
