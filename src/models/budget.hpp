#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "numerics/double_double.hpp"

namespace tiltlab {

inline constexpr double largest_budget = 1e12;
inline constexpr double largest_length = 1e9;

/** @param length a double as it comes from the scenario @throws InputError where it is no integer in [1, 10^9] */
[[nodiscard]] std::int64_t sequence_length(double length);

/** The KL budget D of KL-RL and log N = D of best-of-N, in nats, as exact as it was written. */
struct Budget {
  DoubleDouble kl;
};

/**
 * @param kind n, log_n, kl or kl_per_token
 * @param length tokens of a sequence; empty for models without a length, which have no budget per token
 * @throws InputError
 */
[[nodiscard]] Budget make_budget(const std::string& kind, double value, std::optional<std::int64_t> length);

}  // namespace tiltlab
