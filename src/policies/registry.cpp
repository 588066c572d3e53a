#include "policies/registry.hpp"

#include <algorithm>
#include <cmath>

#include "error.hpp"
#include "numerics/log_domain.hpp"
#include "numerics/roots.hpp"
#include "policies/random_best_of_n.hpp"
#include "policies/top_quantile.hpp"
#include "policies/win_rate_tilt.hpp"

namespace tiltlab {

namespace {

constexpr const PolicyKind* rows[] = {&soft_best_of_n_kind, &best_of_poisson_kind, &win_rate_tilt_kind,
                                      &top_quantile_kind};

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
    return;
  }
  for (std::size_t i = 0; i < asked.kind->count(); ++i) {
    const Parameter& p = asked.kind->parameters[i];
    const double x = asked.parameter[i];
    if (x >= p.least && x <= p.most && !(p.above_least && x == p.least)) continue;
    // Of two hundred digits nobody reads the end: what is past 1e300 is said to be no number.
    const std::string range =
        p.most < 1e300 ? std::string(p.above_least ? "in (" : "in [") + to_text(p.least) + ", " + to_text(p.most) + "]"
                       : "a number of at least " + to_text(p.least);
    throw InputError(path + "." + p.name, to_text(x) + " is not " + range);
  }
}

StrongPolicy lay(const RewardLaw& law, double unit, const ExtraPolicy& asked) {
  const PolicyKind& kind = *asked.kind;
  if (!kind.strength) return {kind.lay(law, unit, asked, 0), std::nan("")};
  if (!asked.kl) {
    const double z = kind.strength(asked.parameter[0]);
    return {kind.lay(law, unit, asked, z), z};
  }
  const double target = *asked.kl;
  const auto at = [&](double z) { return kind.lay(law, unit, asked, z); };
  if (target == 0) {
    const double none = kind.strength(kind.ends_at_top ? kind.parameters[0].most : kind.parameters[0].least);
    return {at(none), none};
  }
  const auto missing = [&](double z) { return (kl_to_base(law, at(z)) - DoubleDouble(target)).value(); };
  // Of the largest reward alone; past it strength buys nothing more.
  const double to_top = law.log_scale.value() - law.log_mass.back();
  const double weak = std::min(kind.weakest(target), to_top);
  // Where every level is listed, nothing is left there but the largest reward.
  const double strongest = kind.ends_at_top ? to_top : (law.complete ? to_top : std::max(target, to_top)) + 10;
  // From near: a law that lists a part of its levels tells nothing of strengths far beyond its depth.
  double strong = weak;
  // A KL so small that its rounding is larger.
  if (!(missing(weak) < 0) && weak < to_top) return {at(weak), weak};
  for (double step = 1; strong < strongest && !(missing(strong) > 0); step *= 2)
    strong = std::min(strongest, strong + step);
  if (!(missing(strong) > 0)) {
    return {at(strongest), kind.ends_at_top ? to_top : infinity};
  }
  const double z = bracketed_root(missing, weak, strong, "policies: the strength of a policy of this KL");
  return {at(z), z};
}

}  // namespace tiltlab
