#pragma once
#include <cstdint>
#include <optional>

#include "laws/chain_sums.hpp"
#include "laws/token_law.hpp"

namespace tiltlab {

/** Additions and table lookups, about, that `independent_sums` takes: to be held against `chain_listing_cost`. Infinite
 * off a lattice and where its sums are too many. */
[[nodiscard]] double independent_listing_cost(const TokenLaw& law, std::int64_t length);

/**
 * Every sum of `length` independent tokens on a lattice, with its probability to some thirteen digits however small it
 * is. A tilt makes a stretch of sums likely, whose tilted masses are a Fourier sum of the n-th powers of the tilted
 * token's characteristic function, and lose no more digits than they lie under the largest; what P is follows from
 * P(x) = Q_b(x) E[e^(b R)]^n e^(-b x). Tilts follow one another until all sums have been likely under one: some
 * sqrt(n) of them, where adding token after token takes n.
 * @param length at which `independent_listing_cost` is affordable
 * @return empty where some sum is likely under no tilt, between ones that are far likelier
 */
[[nodiscard]] std::optional<ChainSums> independent_sums(const TokenLaw& law, std::int64_t length);

}  // namespace tiltlab
