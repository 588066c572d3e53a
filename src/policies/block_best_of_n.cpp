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
    .strength = [](double n) { return std::log(std::log(n)); },
    .parameter = [](double z) { return std::exp(std::exp(z)); },
    // Of one block: log n - (n - 1)/n is at most log n, and at most half its square.
    .weakest = [](double kl) { return std::log(std::max(kl, std::sqrt(2 * kl))); },
    .by_block = true,
    .not_continuous = "cuts a text into blocks of tokens",
    .drawn = PolicyKind::Drawn::blocks,
};

}  // namespace tiltlab
