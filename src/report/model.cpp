#include "report/model.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "error.hpp"
#include "laws/finite.hpp"
#include "laws/memoryless.hpp"
#include "numerics/decimal.hpp"
#include "numerics/log_domain.hpp"
#include "policies/best_of_n.hpp"
#include "policies/kl_rl.hpp"

namespace tiltlab {

namespace {

/** Below this depth the law is near its centre, and no tilt is needed to see it. */
constexpr double shallow = 2;

/** Relative error of best-of-N under which an inverted law is taken. */
constexpr double good_enough = 2e-11;

/** Intervals of a lattice so fine that sums of 10^9 tokens still count its points in an int64. */
constexpr std::int64_t fine_intervals = std::int64_t{1} << 31;
/** Levels of a window that is made only because no better method holds. */
constexpr double affordable_window = 1 << 17;

/** Intervals of the lattice that unrelated rewards are moved to: as many as the window can hold. */
std::int64_t rounding_intervals(std::int64_t length) {
  const double spread = std::sqrt(static_cast<double>(length));
  const double most = affordable_window / 2 / std::min(static_cast<double>(length), 10 * spread);
  return std::max<std::int64_t>(16, static_cast<std::int64_t>(std::min(1e6, most)));
}

TokenTilt tilt_for_depth(const TokenLaw& token, std::int64_t length, double depth, const TokenTilt& tilt) {
  if (depth < shallow) return tilt_at(token, 0);
  const double steepest = steepest_tilt(token, length, tilt.b);
  return tilt.b > steepest ? tilt_at(token, steepest) : tilt;
}

/** The same alpha on another lattice of the same rewards. */
double rescaled(double b, const TokenLaw& from, const TokenLaw& to) { return b * (to.unit / from.unit).value(); }

}  // namespace

Model finite_model(std::span<const double> p, std::span<const double> reward, std::span<const double> gold,
                   const std::string& path) {
  return {make_token_law(p, reward, gold, false, path), 1, false};
}

Model memoryless_model(std::span<const double> p, std::span<const double> reward, double length, bool counts,
                       const std::string& path) {
  if (!(length >= 1 && length <= largest_length && length == std::floor(length))) {
    throw InputError("model.length", to_text(length) + " is not an integer in [1, 1000000000]");
  }
  Model model{make_token_law(p, reward, {}, counts, path), static_cast<std::int64_t>(length), true};
  return model;
}

Budget make_budget(const std::string& kind, double value, const Model& model) {
  return make_budget(kind, value, model.sequence ? std::optional(model.length) : std::nullopt);
}

Budget make_budget(const std::string& kind, double value, std::optional<std::int64_t> length) {
  const std::string field = "budget." + kind;
  if (kind == "n") {
    if (!(value >= 1 && std::isfinite(value)))
      throw InputError(field, to_text(value) + " is not a number of at least 1");
    return {log(decimal_value(value))};
  }
  const bool per_token = kind == "kl_per_token";
  if (!per_token && kind != "kl" && kind != "log_n")
    throw InputError("budget", kind + " is not one of n, log_n, kl, kl_per_token");
  if (per_token && !length) throw InputError(field, "needs a model with a length");
  const double largest = per_token ? largest_budget / static_cast<double>(*length) : largest_budget;
  if (!(value >= 0 && value <= largest)) {
    throw InputError(field, to_text(value) + " is not in [0, " + to_text(largest) + "]");
  }
  const DoubleDouble exact = decimal_value(value);
  return {per_token ? exact * from_integer(*length) : exact};
}

namespace {

BestOfNLaw lay(const Model& model, RewardLaw law, bool complete, DoubleDouble log_n) {
  BestOfNLaw out;
  out.complete = complete;
  out.policy = best_of_n(law, log_n);
  out.metrics = metrics(law, out.policy);
  if (!law.log_error.empty() || law.relative_error > 0) {
    const BestOfNError error = best_of_n_error(law, out.policy, log_n);
    const DoubleDouble reward = law.base + law.unit * (law.center + DoubleDouble(out.metrics.offset));
    const double one = std::ldexp(1.0, -model.token.exponent);
    out.error_bound = std::max(error.offset * law.unit.value() / std::max(one, std::fabs(reward.value())),
                               error.kl / std::max(1.0, out.metrics.kl)) +
                      10 * out.metrics.mass_defect + (law.log_error.empty() ? 0 : law.relative_error) + 1e-15;
  }
  out.law = std::move(law);
  return out;
}

/** Best-of-N on the law of a sum on a lattice: where the method is chosen. */
std::optional<BestOfNLaw> on_lattice(const Model& model, DoubleDouble log_n, const TokenTilt& tilt,
                                     const TiltedToken* tilted) {
  const TokenLaw& token = model.token;
  const double depth = log_n.value();
  const TokenTilt near = tilt_for_depth(token, model.length, depth, tilt);
  std::optional<BestOfNLaw> best;
  const auto invert = [&](const TiltedToken& t) {
    if (!can_invert(t, model.length)) return false;
    BestOfNLaw found = lay(model, memoryless_law(token, model.length, t), false, log_n);
    if (!best || found.error_bound < best->error_bound) best = std::move(found);
    return best->error_bound < good_enough;
  };
  if (invert(tilted && near.b == tilt.b ? *tilted : tilted_token(token, near))) return best;
  // Short or near saturation, the levels that best-of-N visits are far apart in probability and the inversion's noise,
  // the same at all of them, drowns some. Adding token by token has none.
  if (convolution_cost(token, model.length) <= max_convolution) {
    // A tilt costs digits; without one, levels down to e^-700 stay in range.
    const TokenTilt in_range = depth < 600 ? tilt_at(token, 0) : near;
    return lay(model, convolved_law(token, model.length, in_range), true, log_n);
  }
  for (const double share : {0.5, 0.25}) {
    if (invert(tilted_token(token, solve_tilt(token, near.kl * DoubleDouble(share))))) return best;
  }
  return best;
}

/** log of N P(top) from which best-of-N misses the best level with probability under e^-e^40. */
constexpr double certain_depth = 40;

/** The best sequence alone, for budgets that buy nothing else. */
RewardLaw top_alone(const Model& model, DoubleDouble depth) {
  RewardLaw law;
  law.base = (model.token.base + model.token.unit * model.token.step.back()) * from_integer(model.length);
  law.unit = model.token.unit;
  law.offset = {0};
  law.log_mass = {0};
  law.log_above = {-infinity};
  law.below = {-std::expm1(-depth.value())};
  law.gold = {0};
  law.log_scale = depth;
  return law;
}

/** Rewards that share no lattice are moved to one: a very fine one where the law is smooth at its scale, else a
 * coarser. */
BestOfNLaw on_moved_rewards(const Model& model, DoubleDouble log_n, const TokenTilt& tilt) {
  const TokenLaw& token = model.token;
  const auto length = static_cast<double>(model.length);
  const TokenTilt near = tilt_for_depth(token, model.length, log_n.value(), tilt);
  const auto note = [&](const TokenLaw& moved) {
    return "The rewards share no lattice of at most 4194304 steps: best-of-N is computed with each token's reward "
           "moved by at most " +
           to_text(std::ldexp(moved.rounding, token.exponent)) + "; KL-RL is exact.";
  };
  const TokenLaw fine = on_rounded_lattice(token, near.weights, fine_intervals);
  const TiltedToken smooth = smooth_token(fine, tilt_at(fine, rescaled(near.b, token, fine)), model.length);
  if (lobe_holds(smooth, model.length)) {
    BestOfNLaw out = lay(model, memoryless_law(fine, model.length, smooth), false, log_n);
    // The moves have mean 0 under the tilt and best-of-N's sequences are typical of it: ten standard deviations of
    // their sum.
    const double moved = std::ldexp(fine.rounding, token.exponent) * 10 * std::sqrt(length);
    out.error_bound +=
        moved /
        std::max(1.0, std::fabs(std::ldexp((out.law.base + out.law.unit * out.law.center).value(), token.exponent)));
    out.note = note(fine);
    return out;
  }
  const TokenLaw moved = on_rounded_lattice(token, near.weights, rounding_intervals(model.length));
  const TiltedToken t = tilted_token(moved, tilt_at(moved, rescaled(near.b, token, moved)));
  BestOfNLaw out = lay(model, memoryless_law(moved, model.length, t), false, log_n);
  const double moved_reward = std::ldexp(moved.rounding * length, token.exponent);
  const double moved_kl = best_of_n_kl_bound(log_n.value()) - out.metrics.kl;
  out.error_bound = std::max({out.error_bound, moved_reward, moved_kl});
  out.note = note(moved);
  return out;
}

}  // namespace

BestOfNLaw best_of_n_law(const Model& model, DoubleDouble log_n, const TokenTilt& tilt, const TiltedToken* tilted) {
  const TokenLaw& token = model.token;
  if (model.length == 1 || token.size() == 1) {
    RewardLaw law = finite_law(token);
    law.base = law.base * from_integer(model.length);
    return lay(model, std::move(law), true, log_n);
  }
  const DoubleDouble top_depth = kl_max(token) * from_integer(model.length);
  if (token.lattice.empty() && (log_n - top_depth).value() > certain_depth) {
    return lay(model, top_alone(model, top_depth), false, log_n);
  }
  std::optional<BestOfNLaw> found;
  if (!token.lattice.empty()) found = on_lattice(model, log_n, tilt, tilted);
  if (!found && count_types(token, model.length) <= max_types) {
    found = lay(model, enumerated_law(token, model.length), true, log_n);
  }
  if (!found) found = on_moved_rewards(model, log_n, tilt);
  if (found->metrics.mass_defect > 1e-6) {
    throw NumericalError("best-of-N lost " + to_text(found->metrics.mass_defect) +
                         " of its mass at log N = " + to_text(log_n.value()));
  }
  return *std::move(found);
}

std::int64_t listable_length(const Model& model, double cost) {
  const TokenLaw& token = model.token;
  const auto affordable = [&](std::int64_t n) {
    return n == 1 || (token.lattice.empty() ? 20 * count_types(token, n) : convolution_cost(token, n)) <= cost;
  };
  if (affordable(model.length)) return model.length;
  std::int64_t length = 1;
  std::int64_t most = model.length;
  while (most - length > 1) {
    const std::int64_t middle = length + (most - length) / 2;
    (affordable(middle) ? length : most) = middle;
  }
  return length;
}

RewardLaw listed_law(const Model& model, const TokenTilt& near) {
  const TokenLaw& token = model.token;
  if (model.length == 1 || token.size() == 1) {
    RewardLaw law = finite_law(token);
    law.base = law.base * from_integer(model.length);
    return law;
  }
  if (token.lattice.empty()) return enumerated_law(token, model.length);
  const bool in_range = static_cast<double>(model.length) * kl_max(token).value() < 600;
  return convolved_law(token, model.length, in_range || near.saturated() ? tilt_at(token, 0) : near);
}

LossOf kl_rl_loss(const Model& model, const TokenTilt& tilt) {
  if (tilt.b == 0) return {0.5, 0};
  if (tilt.saturated()) {
    return {std::exp(-(kl_max(model.token) * from_integer(model.length)).value()) / 2, 0};
  }
  const TokenLaw& token = model.token;
  if (model.length == 1 || (token.lattice.empty() && count_types(token, model.length) <= max_types)) {
    const RewardLaw law = model.length == 1 ? finite_law(token) : enumerated_law(token, model.length);
    return {1 - metrics(law, kl_rl(law, tilt.b)).win_rate, law.relative_error};
  }
  if (!token.lattice.empty()) {
    const Loss loss = tilt_loss(token, model.length, tilt);
    return {loss.value, loss.error_bound};
  }
  const TokenLaw fine = on_rounded_lattice(token, tilt.weights, fine_intervals);
  const TokenTilt on_fine = tilt_at(fine, rescaled(tilt.b, token, fine));
  if (lobe_holds(smooth_token(fine, tilt_at(fine, on_fine.b / 2), model.length), 2 * model.length)) {
    // A smooth law has no ties: half of those that the true one may have, at most one level's share.
    const Loss loss = tilt_loss(fine, model.length, on_fine, true);
    return {loss.value, loss.error_bound + loss.value / std::sqrt(static_cast<double>(model.length))};
  }
  const TokenLaw rounded = on_rounded_lattice(token, tilt.weights, rounding_intervals(model.length));
  const Loss loss = tilt_loss(rounded, model.length, tilt_at(rounded, rescaled(tilt.b, token, rounded)));
  return {loss.value, loss.error_bound};
}

}  // namespace tiltlab
