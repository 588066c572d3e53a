#include "report/statements/direction_curves.hpp"

#include <numbers>

#include "numerics/log_domain.hpp"
#include "policies/best_of_n.hpp"
#include "policies/kl_rl.hpp"
#include "report/statements/shared.hpp"

namespace tiltlab {

void add_directions(DirectionCurves& c, const ListedSums& sums, const DoubleDouble& log_n) {
  if (!std::isfinite(sums.b)) return;
  const RewardLaw& law = sums.law;
  const Policy bon = best_of_n(law, log_n);
  const Policy rl = kl_rl(law, sums.b);
  // log of sum phi log(phi / pi): the terms where phi is the larger carry it; both signs by two sums.
  LogSum plus;
  LogSum minus;
  double forward = 0;
  for (std::size_t j = 0; j < law.size(); ++j) {
    const double d = rl.log_ratio[j] - bon.log_ratio[j];
    if (bon.mass[j] > 0) forward -= bon.mass[j] * d;
    if (d != 0) (d > 0 ? plus : minus).add(log_mass(law, rl, j) + std::log(std::fabs(d)));
  }
  const double log_reverse = plus.value() + log1mexp(std::min(0.0, minus.value() - plus.value()));
  c.length.push_back(static_cast<double>(sums.length));
  c.forward.push_back(std::max(0.0, forward));
  c.log10_reverse.push_back(log_reverse / std::numbers::ln10);
}

}  // namespace tiltlab
