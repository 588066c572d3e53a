#include "models/moved_rewards.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "error.hpp"
#include "laws/memoryless.hpp"
#include "models/tokens.hpp"
#include "numerics/cold.hpp"
#include "numerics/log_domain.hpp"
#include "policies/best_of_n.hpp"
#include "policies/kl_rl.hpp"

namespace tiltlab {

namespace {

/** sd under `weights` of what rounding to so many intervals moves a step, the mean held; in shares of the range. */
TILTLAB_COLD double rounding_sd(const TokenLaw& token, std::span<const double> weights, double intervals, bool far) {
  double first = 0;
  double second = 0;
  for (std::size_t i = 0; i < token.size(); ++i) {
    // Of rewards far apart from the nearer end, where a step of the lattice hides none.
    const bool high = far && token.position[i] > token.drop[i];
    const double at = (high ? token.drop[i] : token.position[i]) / token.position.back() * intervals;
    const double move = (high ? std::nearbyint(at) - at : at - std::nearbyint(at)) / intervals;
    first += weights[i] * move;
    second += weights[i] * move * move;
  }
  return std::sqrt(std::max(0.0, second - first * first));
}

/** Intervals of a token's lattice of which a window of so many levels holds the sums of `length`. */
std::int64_t held_intervals(std::int64_t length, double levels = affordable_window) {
  const double spread = std::sqrt(static_cast<double>(length));
  const double most = levels / 2 / std::min(static_cast<double>(length), 10 * spread);
  return std::max<std::int64_t>(16, static_cast<std::int64_t>(std::min(1e6, most)));
}

/**
 * Intervals of the lattice that rewards are moved to where no other method holds: as many as a window can hold, or the
 * few that nearly hold them already, as 3 for rewards 0, 1, 2, 3.0001.
 */
TILTLAB_COLD std::int64_t rounding_intervals(const TokenLaw& token, std::span<const double> weights,
                                             std::int64_t length) {
  const std::int64_t window = held_intervals(length);
  const std::int64_t tried = std::min<std::int64_t>(4000, 400000 / static_cast<std::int64_t>(token.size()));
  std::int64_t best = window;
  const bool far = is_far(token);
  double least = rounding_sd(token, weights, static_cast<double>(window), far);
  for (std::int64_t k = 1; k <= tried; ++k) {
    // A longer lattice must be worth its levels.
    const double sd = rounding_sd(token, weights, static_cast<double>(k), far);
    if (sd < 0.5 * least) {
      least = sd;
      best = k;
    }
  }
  return best;
}

}  // namespace

TokenLaw moved_token(const Tokens& model, std::span<const double> weights) {
  return on_rounded_lattice(model.token, weights, rounding_intervals(model.token, weights, model.length));
}

TokenLaw split_token(const Tokens& model, double levels) {
  return on_split_lattice(model.token, held_intervals(model.length, levels)).law;
}

namespace {

/** How far the moves of `length` tokens add up to, five standard deviations of their sum, in reward units. */
double moves_of_sum(const TokenLaw& token, std::span<const double> weights, const TokenLaw& moved,
                    std::int64_t length) {
  const auto n = static_cast<double>(length);
  const double sd = rounding_sd(token, weights, static_cast<double>(moved.lattice.back()), is_far(token)) *
                    token.unit.value() * token.position.back();
  return std::min(moved.rounding * n, 5 * sd * std::sqrt(n));
}

/** Whether rewards are so far apart that no lattice between them tells any but the farthest from the others. */
bool is_too_far(const TokenLaw& token) { return least_step(token) < 1e-11 * token.position.back(); }

/** What splitting a sum's tokens adds to its variance, in squared reward units. */
double added_variance(const SplitLaw& split, std::span<const double> weights, std::int64_t length) {
  return static_cast<double>(length) * std::inner_product(weights.begin(), weights.end(), split.variance.begin(), 0.0);
}

/** How far a win rate is from that of rewards no two of which are equal. */
double won_without_ties(const BestOfNLaw& at, DoubleDouble log_n) {
  return std::fabs(1 / (1 + std::exp(-log_n.value())) - at.metrics.win_rate);
}

/** What is lost where levels are told apart by cells of `width` steps, the first one of its own: what ties that S has
 * and S + M has not may cost at most. Levels farther apart than that stand for a law that falls by e in many of them.
 */
struct OfTies {
  double kl = 0;
  double win_rate = 0;
};
TILTLAB_COLD OfTies of_ties(const BestOfNLaw& at, double width, double first_width) {
  OfTies lost;
  // Of the base by best-of-N; past e^700 there is none of either.
  const auto inverse = [&](std::size_t j) { return std::exp(std::min(700.0, -at.policy.log_ratio[j])); };
  if (at.law.stride > width) {
    for (std::size_t j = 0; j + 1 < at.law.size(); ++j) {
      const double m = at.law.stride * at.policy.mass[j];
      // How much the ratio grows in a cell; of what is uniform there half a twelfth of its square is lost.
      const double rise = (at.policy.log_ratio[j + 1] - at.policy.log_ratio[j]) / at.law.stride * width;
      if (!(m > 0 && std::isfinite(rise))) continue;
      lost.kl += m * rise * rise / 24;
      lost.win_rate += m * inverse(j) * m / at.law.stride * width * rise / 12;
    }
    return lost;
  }
  for (std::size_t j = 0; j < at.law.size();) {
    const std::size_t start = j;
    const double wide = start == 0 ? first_width : width;
    // Of best-of-N and of the base in this cell, the latter against that at the first level of any mass.
    double mass = 0, base = 0, ratios = 0, wins = 0;
    std::size_t first = start;
    for (; j < at.law.size() && (j == start || at.law.distance(j, start) < wide); ++j) {
      const double m = at.law.stride * at.policy.mass[j];
      if (!(m > 0)) continue;
      if (mass == 0) first = j;
      const double ratio = at.policy.log_ratio[j] - at.policy.log_ratio[first];
      const double of_base = m * std::exp(-ratio);
      wins += m * (base + of_base / 2);
      mass += m;
      base += of_base;
      ratios += m * ratio;
    }
    if (!(mass > 0 && base > 0)) continue;
    lost.kl += std::max(0.0, ratios - mass * std::log(mass / base));
    lost.win_rate += std::fabs(wins - mass * base / 2) * inverse(first);
  }
  return lost;
}

}  // namespace

TILTLAB_COLD std::optional<BestOfNLaw> on_moved_rewards(const Tokens& model, DoubleDouble log_n,
                                                        const TokenTilt& near) {
  const TokenLaw& token = model.token;
  TokenLaw moved = moved_token(model, near.weights);
  // The moved law spends another KL at the same alpha, and n times the difference decides where best-of-N's law lies.
  const DoubleDouble rate = log_n / from_integer(model.length);
  TokenTilt there;
  const auto law_of_moved = [&] {
    there = tilt_for_depth(moved, model.length, log_n.value(), solve_tilt(moved, rate));
    return memoryless_law(moved, model.length, inversion_token(moved, there));
  };
  auto law = law_of_moved();
  if (!law) {
    // The longer lattice turned out to be one that no window holds.
    moved = on_rounded_lattice(token, near.weights, held_intervals(model.length));
    law = law_of_moved();
  }
  if (!law) return std::nullopt;
  BestOfNLaw out = best_of_n_on(*std::move(law), log_n);
  // Moves have mean 0 under the tilt, of which best-of-N's sequences are typical.
  // Where they have not under the moved law's own, the two optima tell by how much.
  const double shifted = near.b > 0 && !near.saturated() && there.b > 0
                             ? std::fabs((from_integer(model.length) *
                                          (moved.base + moved.unit * there.mean - token.base - token.unit * near.mean))
                                             .value())
                             : 0;
  const double all = std::max(moves_of_sum(token, near.weights, moved, model.length), shifted);
  out.errors.reward += all;
  out.errors.reward_sd += all;
  // Ties of moved rewards hide KL, up to the bound that no ties reach.
  out.errors.kl += best_of_n_kl_bound(log_n.value()) - out.metrics.kl + near.b * all / token.unit.value();
  out.errors.win_rate += won_without_ties(out, log_n) +
                         of_losses(out.metrics, std::expm1(std::min(40.0, near.b * all / token.unit.value())));
  out.note = "These rewards have too many sums: best-of-N is computed with each token's reward moved by at most " +
             to_text(std::ldexp(moved.rounding, token.exponent)) + "; KL-RL is exact.";
  return out;
}

TILTLAB_COLD SplitRewards::SplitRewards(const Tokens& model, std::int64_t intervals, bool few_lobes)
    : length_(model.length), few_lobes_(few_lobes) {
  if (tiltlab::is_too_far(model.token)) return;
  split_ = on_split_lattice(model.token, intervals);
  if (!model.token.has_gold()) split_.gold.clear();
}

SplitRewards::SplitRewards(const Tokens& model, double levels)
    : SplitRewards(model, held_intervals(model.length, levels), false) {}

TILTLAB_COLD SplitRewards SplitRewards::of_many(const Tokens& model, bool few_lobes) {
  // Of n tokens with steps of h the reward is known to b n h^2 / 12, b some nats in a standard deviation of one token.
  const double wanted = std::clamp(128 * std::sqrt(static_cast<double>(model.length)), 512.0, 2048.0);
  const auto points = static_cast<std::int64_t>(wanted);
  return {model, few_lobes ? points : std::min(points, held_intervals(model.length, window_of_many)), few_lobes};
}

TILTLAB_COLD std::optional<BestOfNLaw> SplitRewards::best_of_n(DoubleDouble log_n) const {
  if (is_too_far()) return std::nullopt;
  const TokenTilt there =
      tilt_for_depth(split_.law, length_, log_n.value(), solve_tilt(split_.law, log_n / from_integer(length_)));
  const auto laid = [&](const TokenLaw& of) -> std::optional<BestOfNLaw> {
    const auto t = few_lobes_ ? few_lobed_token(of, there, length_) : inversion_token(of, there);
    if (!t) return std::nullopt;
    auto law = memoryless_law(of, length_, *t);
    return law ? std::optional(best_of_n_on(*std::move(law), log_n)) : std::nullopt;
  };
  auto found = laid(split_.law);
  if (!found) return std::nullopt;
  // E[M | chosen], which stood in gold's place.
  const double noise = found->metrics.gold;
  if (!split_.gold.empty()) {
    TokenLaw golden = split_.law;
    golden.gold = split_.gold;
    found = laid(golden);
    if (!found) return std::nullopt;
  } else {
    found->metrics.gold = 0;
    std::fill(found->law.gold.begin(), found->law.gold.end(), 0.0);
  }
  const double unit = split_.law.unit.value();
  const double sd = unit * found->metrics.offset_sd;
  const double variance = added_variance(split_, there.weights, length_);
  constexpr double slack = 1.05;
  found->metrics.offset += DoubleDouble(-noise / 2 / unit);
  found->errors.reward += slack * noise / 2;
  found->errors.reward_sd += 2 * std::min(std::sqrt(variance), variance / sd + noise);
  // Between no ties, and all within six standard deviations of M tied, from cells that lie either way to what may tie.
  const double width = 6 * std::sqrt(variance) / unit;
  OfTies lost = of_ties(*found, width, width);
  const OfTies beside = of_ties(*found, width, width / 2);
  constexpr double margin = 4;
  lost.kl = margin * (lost.kl + beside.kl);
  lost.win_rate = margin * (lost.win_rate + beside.win_rate);
  found->errors.kl += best_of_n_kl_bound(log_n.value()) - found->metrics.kl + lost.kl;
  found->errors.win_rate += won_without_ties(*found, log_n) + lost.win_rate;
  // What other policies choose is off by such a noise, which is not taken from it.
  found->slope = there.b > 0 ? there.b : 2 / std::max(1.0, found->metrics.offset_sd);
  found->waves.second = noise / unit * found->slope;
  found->note =
      "These rewards have too many sums: best-of-N is computed with each token's reward split between two "
      "points " +
      to_text(std::ldexp(unit, split_.law.exponent)) + " apart; KL-RL is exact.";
  return found;
}

TILTLAB_COLD std::optional<BestOfNLaw> on_split_rewards(const Tokens& model, DoubleDouble log_n, double levels) {
  return SplitRewards(model, levels).best_of_n(log_n);
}

TILTLAB_COLD std::optional<LossOf> split_loss(const Tokens& model, const TokenTilt& tilt) {
  const TokenLaw& token = model.token;
  if (is_too_far(token)) return std::nullopt;
  const TokenTilt halfway = tilt_at(token, tilt.b / 2);
  TokenLaw there = token;
  there.p = halfway.weights;
  const auto of = [&](std::int64_t intervals, bool few_lobes) -> std::optional<LossOf> {
    const SplitLaw parts = on_split_lattice(there, intervals);
    const TokenLaw& split = parts.law;
    const TokenTilt none = tilt_at(split, 0);
    auto found = few_lobes ? few_lobed_token(split, none, 2 * model.length) : inversion_token(split, none);
    if (!found) return std::nullopt;
    InversionToken& t = *found;
    t.b = halfway.b * (split.unit / token.unit).value();
    const auto loss = tilt_loss(split, model.length, tilt, halfway, t);
    const double unit = split.unit.value();
    const double variance = 2 * added_variance(parts, split.p, model.length);
    const double sd = std::sqrt(variance);
    // Sums that are equal, or nearly: P(|D| < x) is at most e E e^(-|D| / x).
    t.b = unit / (3 * sd);
    const auto near = tilt_loss(split, model.length, tilt, halfway, t);
    if (!loss || !near) return std::nullopt;
    const double slope = tilt.b / token.unit.value() / 2;
    const double of_sum = static_cast<double>(model.length) * t.variance * unit * unit;
    return LossOf{loss->value, loss->error_bound + std::exp(1.0) * near->value * slope * sd +
                                   loss->value * variance * std::max(4 * slope * slope, 1 / of_sum)};
  };
  // Few lobes need no window, and so take as many points as a transform of the token finds them by.
  constexpr std::int64_t points = 4096;
  // The loss is known to b^2 n h^2 of itself, about: 3e-6 is enough where there are many rewards to go through.
  constexpr double per_range = 577;
  const double wanted =
      std::max(256.0, per_range * tilt.b * token.position.back() * std::sqrt(static_cast<double>(model.length)));
  const std::int64_t window = held_intervals(model.length);
  const std::int64_t held =
      token.size() > many_tokens && wanted < static_cast<double>(window) ? static_cast<std::int64_t>(wanted) : window;
  const auto found = window < points && 2 * model.length >= shortest_of_few_lobes ? of(points, true) : std::nullopt;
  return found ? found : of(held, false);
}

}  // namespace tiltlab
