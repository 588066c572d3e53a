#include "policies/index_best_of_n.hpp"

#include <algorithm>
#include <cmath>

#include "policies/best_of_n.hpp"

namespace tiltlab {

const PolicyKind index_best_of_n_kind{
    .name = "index_best_of_n",
    .parameters = {{{"n", 1, 1e300}, {}}},
    .lay =
        [](const RewardLaw& law, double, const ExtraPolicy& asked,
           double z) {  // As deep as any budget.
          constexpr double most = 1e12;
          return best_of_n(
              law, asked.kl ? DoubleDouble(std::min(most, std::exp(z))) : log(DoubleDouble(asked.parameter[0])));
        },
    .strength = NByKl::strength,
    .parameter = NByKl::parameter,
    .weakest = NByKl::weakest,
    .by_outcome = true,
    .not_continuous = "asks which outcome is listed first",
};

}  // namespace tiltlab
