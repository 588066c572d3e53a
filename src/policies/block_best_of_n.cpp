#include "policies/block_best_of_n.hpp"

#include <algorithm>
#include <cmath>

#include "policies/best_of_n.hpp"

namespace tiltlab {

const PolicyKind block_best_of_n_kind{
    .name = "block_best_of_n",
    .parameters = {{{"block", 1, 1e9, false, true}, {"n", 1, 1e300}}},
    .lay =
        [](const RewardLaw& law, double, const ExtraPolicy& asked, double z) {
          return best_of_n(law, asked.kl ? DoubleDouble(std::exp(z)) : log(DoubleDouble(asked.parameter[1])));
        },
    .strength = NByKl::strength,
    .parameter = NByKl::parameter,
    // Of one block.
    .weakest = NByKl::weakest,
    .by_block = true,
    .not_continuous = "cuts a text into blocks of tokens",
    .drawn = PolicyKind::Drawn::blocks,
};

}  // namespace tiltlab
