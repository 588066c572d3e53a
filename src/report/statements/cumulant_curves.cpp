#include "report/statements/cumulant_curves.hpp"

#include <utility>

#include "numerics/log_domain.hpp"
#include "policies/best_of_n.hpp"
#include "report/statements/shared.hpp"

namespace tiltlab {

BestOfNCumulants::BestOfNCumulants(ListedSums sums, const DoubleDouble& log_n)
    : sums_(std::move(sums)), policy_(best_of_n(sums_.law, log_n)) {}

double BestOfNCumulants::at(double b) const {
  const RewardLaw& law = sums_.law;
  LogSum sum;
  for (std::size_t j = 0; j < law.size(); ++j)
    sum.add(log_mass(law, policy_, j) + b * (sums_.first + sums_.unit * law.offset[j]));
  return sum.value() / static_cast<double>(sums_.length);
}

}  // namespace tiltlab
