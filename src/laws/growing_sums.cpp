#include "laws/growing_sums.hpp"

#include <algorithm>
#include <cmath>

#include "numerics/cold.hpp"

namespace tiltlab {

namespace {

/** Of a tile in which nothing is. */
constexpr int no_power = -1000000;
/** The binary exponent of shares whose products still have all their digits. */
constexpr int least_product = -1000;
/** Transitions from one look at a tile to the next, and binary exponents that they may take from a share. */
constexpr double most_unseen = 4;
constexpr double most_taken = 100;
/** Binary exponents that the share of a neighbour may have above a tile's. */
constexpr int most_above = 500;
constexpr double largest_share = 1e300;
constexpr std::size_t together = 4;

/** Neighbours that share a power are as many as are of a size, else as many as are added up in one go. Where a sequence
 * may end in several states its sums in one are rarer than in others by as much as a reward or so. */
std::size_t tile_of(std::size_t top, bool scaled, std::size_t states) {
  if (!scaled) return std::max<std::size_t>(32, 4 * top);
  return std::max<std::size_t>(states == 1 ? 64 : 32, top / 4);
}

/** The least share above 0; a double's largest where there is none. */
double least_of(const double* share, std::size_t count, double least) {
  for (std::size_t i = 0; i < count; ++i) least = share[i] > 0 && share[i] < least ? share[i] : least;
  return least;
}

}  // namespace

TILTLAB_COLD GrowingSums::GrowingSums(const MarkovLaw& law, std::int64_t length, bool scaled)
    : states_(law.states),
      top_(static_cast<std::size_t>(law.rewards.lattice.back())),
      tile_(tile_of(top_, scaled, states_)),
      scaled_(scaled) {
  double rarest = 1;
  for (std::size_t to = 0; to < states_; ++to) {
    first_.push_back(terms_.size());
    for (const Transition& t : law.transitions) {
      if (t.to != to) continue;
      terms_.push_back({t.from, static_cast<std::size_t>(law.rewards.lattice[t.level]), t.p.value()});
      rarest = std::min(rarest, terms_.back().weight);
    }
    while ((terms_.size() - first_.back()) % together != 0) terms_.push_back({0, 0, 0});
  }
  first_.push_back(terms_.size());
  const std::size_t tiles = top_ * static_cast<std::size_t>(length) / tile_ + 1;
  share_.assign(tiles * states_ * tile_, 0);
  power_.assign(tiles, no_power);
  window_.assign(states_ * (top_ + tile_), 0);
  for (std::size_t i = 0; i < states_; ++i) block(0, i)[0] = law.initial[i].value();
  power_[0] = 0;
  if (!scaled) return;
  const double taken = std::max(1.0, -std::log2(rarest));
  unseen_ = static_cast<std::size_t>(std::clamp(most_taken / taken, 1.0, most_unseen));
  least_share_ = least_product + static_cast<int>(std::ceil(taken * static_cast<double>(unseen_)));
  if (taken > most_taken) is_exact_ = false;
  scale(0);
}

void GrowingSums::look_back(std::size_t tile, bool is_seen) {
  const std::size_t begin = tile * tile_;
  const std::size_t first = begin > top_ ? (begin - top_) / tile_ : 0;
  // A tile's own, or where nothing is in it yet that of those before.
  int& power = power_[tile];
  const bool is_looked_at = is_seen || (scaled_ && power == no_power);
  for (std::size_t at = tile; at-- > first && power == no_power;) power = power_[at];
  const std::size_t width = top_ + tile_;
  for (std::size_t i = 0; begin < top_ && i < states_; ++i)
    std::fill_n(window_.begin() + static_cast<std::ptrdiff_t>(i * width), top_ - begin, 0);
  for (std::size_t at = first; at <= tile; ++at) {
    const int by = power_[at] == no_power ? 0 : power_[at] - power;
    if (by > most_above) is_exact_ = false;
    const double factor = by == 0 ? 1 : std::ldexp(1.0, std::clamp(by, 2 * least_product, most_above));
    // From the sum on that is `top` below the tile's first.
    const std::size_t from = at * tile_ + top_ < begin ? begin - top_ - at * tile_ : 0;
    double least = largest_share;
    for (std::size_t i = 0; i < states_; ++i) {
      const double* const source = block(at, i) + from;
      double* const to = window_.data() + i * width + (at * tile_ + from + top_ - begin);
      for (std::size_t x = 0; x < tile_ - from; ++x) to[x] = factor * source[x];
      if (is_looked_at && at < tile) least = least_of(source, tile_ - from, least);
    }
    if (is_looked_at && std::ilogb(least) + by < least_share_) is_exact_ = false;
  }
}

void GrowingSums::add_terms(std::size_t state, double* __restrict to) const {
  const auto source = [&](const Term& t) { return window_.data() + t.from * (top_ + tile_) + top_ - t.step; };
  // In the transitions' order. Each pass reads and writes all of `to`, which several share.
  std::fill(to, to + tile_, 0);
  for (std::size_t k = first_[state]; k < first_[state + 1]; k += together) {
    const Term* const t = terms_.data() + k;
    const double* const a = source(t[0]);
    const double* const b = source(t[1]);
    const double* const c = source(t[2]);
    const double* const d = source(t[3]);
    const double p = t[0].weight, q = t[1].weight, r = t[2].weight, s = t[3].weight;
    for (std::size_t i = 0; i < tile_; ++i) to[i] = to[i] + p * a[i] + q * b[i] + r * c[i] + s * d[i];
  }
}

TILTLAB_COLD void GrowingSums::scale(std::size_t tile) {
  double* const all = block(tile, 0);
  const std::size_t count = states_ * tile_;
  double most = 0;
  for (std::size_t i = 0; i < count; ++i) most = all[i] > most ? all[i] : most;
  if (most == 0) {
    power_[tile] = no_power;
    return;
  }
  // By a power of two, which rounds nothing.
  const int by = std::ilogb(most);
  constexpr int far = 30;
  if (by < -far || by > far) {
    const double factor = std::ldexp(1.0, -by);
    for (std::size_t i = 0; i < count; ++i) all[i] *= factor;
    power_[tile] += by;
  }
  if (std::ilogb(least_of(all, count, largest_share)) < least_share_) is_exact_ = false;
}

void GrowingSums::add_transition() {
  size_ += top_;
  const bool is_seen = scaled_ && ++steps_ % unseen_ == 0;
  // From the last, so that those before are still as they were.
  for (std::size_t tile = (size_ - 1) / tile_ + 1; tile-- > 0;) {
    look_back(tile, is_seen);
    for (std::size_t state = 0; state < states_; ++state) add_terms(state, block(tile, state));
    if (is_seen) scale(tile);
  }
}

double GrowingSums::share(std::size_t sum) const {
  double total = 0;
  for (std::size_t i = 0; i < states_; ++i) total += share(sum, i);
  return total;
}

}  // namespace tiltlab
