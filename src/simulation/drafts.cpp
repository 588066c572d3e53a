#include "simulation/drafts.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "simulation/alias.hpp"
#include "simulation/philox.hpp"

namespace tiltlab {

AliasTable::AliasTable(std::span<const double> weights) {
  AliasCells cells = alias_cells(weights, weights.size());
  keep_ = std::move(cells.share);
  alias_ = std::move(cells.alias);
}

namespace {

/** Independent tokens. */
class Tokenwise final : public DraftSource {
 public:
  Tokenwise(std::span<const double> weights, std::span<const double> reward, std::int64_t length)
      : DraftSource(reward, length), table_(weights), reward_(reward) {}

  [[nodiscard]] double total(RandomStream stream) const override {
    double sum = 0;
    for (std::int64_t i = 0; i < length(); ++i) sum += reward_[table_.at(stream.uniform())];
    return sum;
  }
  [[nodiscard]] Draft written(RandomStream stream) const override {
    Draft out;
    for (std::int64_t i = 0; i < length(); ++i) {
      const std::size_t token = table_.at(stream.uniform());
      out.tokens.push_back(static_cast<std::uint32_t>(token));
      out.earned.push_back(reward_[token]);
      out.reward += reward_[token];
    }
    return out;
  }

 private:
  AliasTable table_;
  std::span<const double> reward_;
};

}  // namespace

double most_earned(std::span<const double> reward, std::int64_t length) {
  double largest = 0;
  for (const double r : reward) largest = std::max(largest, std::fabs(r));
  return largest * static_cast<double>(length);
}

Drafts drafts_of(const DraftSource& base, const DraftSource& optimum, double draws, std::uint64_t seed,
                 std::uint32_t replicate) {
  Drafts out;
  out.base = base.written({seed, StreamOf::base, replicate, 0});
  out.kl_rl = optimum.written({seed, StreamOf::kl_rl, replicate, 0});
  out.draws = std::max(1.0, std::round(draws));
  if (!(out.draws * static_cast<double>(base.length()) <= most_tokens)) return out;
  const auto count = static_cast<std::uint32_t>(out.draws);
  // Sums of decimals differ in their last bits by the order of their terms: totals within this are ties.
  const double same = 1e-12 * base.most();
  RandomStream ties(seed, StreamOf::best_of_n, replicate, 0xffffffff);
  double best = -HUGE_VAL;
  std::uint32_t winner = 0;
  std::uint32_t tied = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const double sum = base.total({seed, StreamOf::best_of_n, replicate, i});
    if (sum > best + same) {
      best = sum;
      winner = i;
      tied = 1;
    } else if (sum >= best - same) {
      // The k-th of the tied takes the place of the winner with probability 1/k.
      ++tied;
      if (ties.uniform() * tied < 1) winner = i;
    }
  }
  out.best_of_n = base.written({seed, StreamOf::best_of_n, replicate, winner});
  constexpr std::size_t shown = 12;
  for (std::uint32_t i = 0; i < count && out.losers.size() < shown; ++i) {
    if (i != winner) out.losers.push_back(base.written({seed, StreamOf::best_of_n, replicate, i}));
  }
  return out;
}

Draft draft_that_earns(const DraftSource& source, double total, std::uint64_t seed, std::uint32_t replicate) {
  // As of ties; a law's total is a base and so many steps, which rounds too.
  const double same = 1e-11 * source.most();
  const auto tries = static_cast<std::uint32_t>(most_tokens / static_cast<double>(source.length()));
  for (std::uint32_t i = 0; i < tries; ++i) {
    const RandomStream stream(seed, StreamOf::best_of_n, replicate, i);
    if (std::fabs(source.total(stream) - total) <= same) return source.written(stream);
  }
  return {};
}

namespace {

/** Of the tilt; an infinite alpha leaves the best tokens alone. */
std::vector<double> tilted_by(std::span<const double> weights, std::span<const double> reward, double alpha) {
  double top = -HUGE_VAL;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] > 0) top = std::max(top, reward[i]);
  }
  std::vector<double> out;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double factor = std::isinf(alpha) ? (reward[i] == top ? 1 : 0) : std::exp(alpha * (reward[i] - top));
    out.push_back(weights[i] * factor);
  }
  return out;
}

}  // namespace

Drafts draw_drafts(std::span<const double> weights, std::span<const double> reward, std::int64_t length, double alpha,
                   double draws, std::uint64_t seed, std::uint32_t replicate) {
  const std::vector<double> tilted = tilted_by(weights, reward, alpha);
  return drafts_of(Tokenwise(weights, reward, length), Tokenwise(tilted, reward, length), draws, seed, replicate);
}

Draft draft_that_earns(double total, std::span<const double> weights, std::span<const double> reward,
                       std::int64_t length, double alpha, std::uint64_t seed, std::uint32_t replicate) {
  const std::vector<double> tilted = tilted_by(weights, reward, alpha);
  return draft_that_earns(Tokenwise(tilted, reward, length), total, seed, replicate);
}

}  // namespace tiltlab
