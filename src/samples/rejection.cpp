#include "samples/rejection.hpp"

#include <cmath>
#include <limits>
#include <string>

#include "error.hpp"
#include "simulation/philox.hpp"

namespace tiltlab {

Acceptance acceptance(std::span<const double> rewards, double alpha, double most) {
  double sum = 0;
  for (const double reward : rewards) sum += std::exp(alpha * (reward - most));
  Acceptance out;
  out.rate = rewards.empty() ? 0 : sum / static_cast<double>(rewards.size());
  out.draws = out.rate > 0 ? 1 / out.rate : std::numeric_limits<double>::infinity();
  return out;
}

std::vector<std::uint32_t> accepted(std::span<const double> rewards, double alpha, double most, std::uint64_t seed,
                                    std::uint32_t first) {
  std::vector<std::uint32_t> out;
  for (std::uint32_t i = 0; i < rewards.size(); ++i) {
    if (!(rewards[i] <= most))
      throw InputError("drafts[" + std::to_string(first + i) + "].reward",
                       to_text(rewards[i]) + " exceeds " + to_text(most));
    RandomStream random(seed, StreamOf::kl_rl, 0, first + i);
    if (random.uniform() < std::exp(alpha * (rewards[i] - most))) out.push_back(i);
  }
  return out;
}

}  // namespace tiltlab
