#include "policies/registry.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "error.hpp"
#include "numerics/log_domain.hpp"
#include "numerics/roots.hpp"
#include "policies/block_best_of_n.hpp"
#include "policies/chi_squared.hpp"
#include "policies/index_best_of_n.hpp"
#include "policies/mixture.hpp"
#include "policies/random_best_of_n.hpp"
#include "policies/top_quantile.hpp"
#include "policies/win_rate_tilt.hpp"

namespace tiltlab {

namespace {

constexpr const PolicyKind* rows[] = {&soft_best_of_n_kind,  &best_of_poisson_kind, &win_rate_tilt_kind,
                                      &top_quantile_kind,    &chi_squared_kind,     &mixture_kind,
                                      &index_best_of_n_kind, &block_best_of_n_kind};

}  // namespace

std::span<const PolicyKind* const> policy_kinds() { return rows; }

const PolicyKind& policy_kind(const std::string& name, const std::string& path) {
  for (const PolicyKind* row : rows) {
    if (name == row->name) return *row;
  }
  throw InputError(path + ".kind", "\"" + name + "\" is no policy");
}

void check(const ExtraPolicy& asked, const std::string& path) {
  if (asked.kl) {
    if (!asked.kind->weakest) throw InputError(path + ".kl", "has no one parameter that it could stand for");
    if (!(*asked.kl >= 0 && *asked.kl <= most_asked_kl))
      throw InputError(path + ".kl", to_text(*asked.kl) + " is not in [0, " + to_text(most_asked_kl) + "]");
  }
  // A KL stands for the last.
  for (std::size_t i = 0; i < asked.kind->count() - (asked.kl ? 1 : 0); ++i) {
    const Parameter& p = asked.kind->parameters[i];
    const double x = asked.parameter[i];
    if (p.whole && x != std::floor(x)) throw InputError(path + "." + p.name, to_text(x) + " is not an integer");
    if (x >= p.least && x <= p.most && !(p.above_least && x == p.least)) continue;
    // Of two hundred digits nobody reads the end: what is past 1e300 is said to be no number.
    const std::string range =
        p.most < 1e300 ? std::string(p.above_least ? "in (" : "in [") + to_text(p.least) + ", " + to_text(p.most) + "]"
                       : "a number of at least " + to_text(p.least);
    throw InputError(path + "." + p.name, to_text(x) + " is not " + range);
  }
}

namespace {

double parameter_of(const RewardLaw& law, double unit, const PolicyKind& kind, double z) {
  return kind.of_rewards ? kind.of_rewards->parameter(law, unit, z) : kind.parameter(z);
}

double strength_of(const RewardLaw& law, double unit, const PolicyKind& kind, double parameter) {
  return kind.of_rewards ? kind.of_rewards->strength(law, unit, parameter) : kind.strength(parameter);
}

/** The strength of no KL at all. */
double no_strength(const PolicyKind& kind) {
  if (kind.of_rewards) return 0;
  return kind.strength(kind.ends_at_top ? kind.parameters[0].most : kind.parameters[0].least);
}

/** A strength by the KL that it spends: the policy is laid at the first number and has the second. */
struct Found {
  double at;
  double z;
};

Found strength_at(const RewardLaw& law, const PolicyKind& kind, double target,
                  const std::function<Policy(double)>& at) {
  if (target == 0) return {no_strength(kind), no_strength(kind)};
  const auto missing = [&](double z) { return (kl_to_base(law, at(z)) - DoubleDouble(target)).value(); };
  // Of the largest reward alone; past it strength buys nothing more.
  const double to_top = law.log_scale.value() - law.log_mass.back();
  const double weak = std::min(kind.weakest(target), to_top);
  // Where every level is listed, nothing is left there but the largest reward.
  const double strongest = kind.ends_at_top ? to_top : (law.complete ? to_top : std::max(target, to_top)) + 10;
  // From near: a law that lists a part of its levels tells nothing of strengths far beyond its depth.
  double strong = weak;
  // A KL so small that its rounding is larger, or within its rounding of the largest.
  if (!(missing(weak) < 0)) return {weak, weak};
  for (double step = 1; strong < strongest && !(missing(strong) > 0); step *= 2)
    strong = std::min(strongest, strong + step);
  if (!(missing(strong) > 0)) return {strongest, kind.ends_at_top ? to_top : infinity};
  const double z = bracketed_root(missing, weak, strong, "policies: the strength of a policy of this KL");
  return {z, z};
}

}  // namespace

StrongPolicy lay(const RewardLaw& law, double unit, const ExtraPolicy& asked) {
  const PolicyKind& kind = *asked.kind;
  const auto at = [&](double z) { return kind.lay(law, unit, asked, z); };
  if (!kind.weakest) return {at(0), std::nan(""), std::nan("")};
  if (!asked.kl) {
    const double z = strength_of(law, unit, kind, asked.parameter[0]);
    return {at(z), z, asked.parameter[0]};
  }
  const Found found = strength_at(law, kind, *asked.kl, at);
  return {at(found.at), found.z, parameter_of(law, unit, kind, found.z)};
}

}  // namespace tiltlab
