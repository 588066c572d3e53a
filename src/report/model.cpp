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

/** Intervals of the lattice that unrelated rewards are moved to: as many as the window can hold. */
std::int64_t rounding_intervals(std::int64_t length) {
  const double spread = std::sqrt(static_cast<double>(length));
  const double most = static_cast<double>(largest_window) / 2 / std::min(static_cast<double>(length), 10 * spread);
  return std::max<std::int64_t>(16, static_cast<std::int64_t>(std::min(1e6, most)));
}

TokenTilt tilt_for_depth(const TokenLaw& token, std::int64_t length, double depth, const TokenTilt& tilt) {
  if (depth < shallow) return tilt_at(token, 0);
  const double steepest = steepest_tilt(token, length);
  return tilt.b > steepest ? tilt_at(token, steepest) : tilt;
}

/** The same alpha on another lattice of the same rewards. */
double rescaled(double b, const TokenLaw& from, const TokenLaw& to) {
  return b * (to.unit / from.unit).value();
}

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
  const std::string field = "budget." + kind;
  if (kind == "n") {
    if (!(value >= 1 && std::isfinite(value))) throw InputError(field, to_text(value) + " is not a number of at least 1");
    return {log(decimal_value(value))};
  }
  const bool per_token = kind == "kl_per_token";
  if (!per_token && kind != "kl" && kind != "log_n") throw InputError("budget", kind + " is not one of n, log_n, kl, kl_per_token");
  if (per_token && !model.sequence) throw InputError(field, "needs a model with a length");
  const double largest = per_token ? largest_budget / static_cast<double>(model.length) : largest_budget;
  if (!(value >= 0 && value <= largest)) {
    throw InputError(field, to_text(value) + " is not in [0, " + to_text(largest) + "]");
  }
  const DoubleDouble exact = decimal_value(value);
  return {per_token ? exact * from_integer(model.length) : exact};
}

namespace {

/** Largest of best-of-N's errors on this law, relative to max(1, |value|). */
double error_at(const Model& model, const RewardLaw& law, double depth) {
  const Policy policy = best_of_n(law, depth);
  const BestOfNError error = best_of_n_error(law, policy, depth);
  const Metrics of = metrics(law, policy);
  const double reward = std::ldexp((law.base + law.unit * (law.center + DoubleDouble(of.offset))).value(), model.token.exponent);
  const double offset = std::ldexp(error.offset * law.unit.value(), model.token.exponent);
  return std::max({offset / std::max(1.0, std::fabs(reward)), error.kl / std::max(1.0, depth), of.mass_defect});
}

/** The law of a sum on a lattice: where the method is chosen. */
std::optional<ModelLaw> lattice_law(const Model& model, double depth, const TokenTilt& tilt) {
  const TokenLaw& token = model.token;
  const TokenTilt near = tilt_for_depth(token, model.length, depth, tilt);
  std::optional<ModelLaw> best;
  double least = infinity;
  const auto invert = [&](const TokenTilt& at) {
    const TiltedToken t = tilted_token(token, at);
    if (!can_invert(t, model.length)) return false;
    RewardLaw law = memoryless_law(token, model.length, t);
    const double error = error_at(model, law, depth);
    if (!(error < least)) return false;
    least = error;
    best = ModelLaw{std::move(law), false, 0, ""};
    return error < good_enough;
  };
  if (invert(near)) return best;
  // Short or near saturation, the levels that best-of-N visits are far apart in probability and the inversion's noise, the
  // same at all of them, drowns some. Adding token by token has none.
  if (convolution_cost(token, model.length) <= max_convolution) {
    // A tilt costs digits; without one, levels down to e^-700 stay in range.
    const TokenTilt in_range = depth < 600 ? tilt_at(token, 0) : near;
    return ModelLaw{convolved_law(token, model.length, in_range), true, 0, ""};
  }
  for (const double share : {0.5, 0.25}) {
    if (invert(solve_tilt(token, near.kl * DoubleDouble(share)))) return best;
  }
  return best;
}

}  // namespace

ModelLaw law_at_depth(const Model& model, double depth, const TokenTilt& tilt) {
  if (model.length == 1 || model.token.size() == 1) {
    ModelLaw out{finite_law(model.token), true, 0, ""};
    out.law.base = out.law.base * from_integer(model.length);
    return out;
  }
  const TokenLaw& token = model.token;
  if (!token.lattice.empty()) {
    if (auto law = lattice_law(model, depth, tilt)) return *std::move(law);
  }
  if (count_types(token, model.length) <= max_types) {
    return {enumerated_law(token, model.length), true, 0, ""};
  }
  const TokenTilt near = tilt_for_depth(token, model.length, depth, tilt);
  const TokenLaw rounded = on_rounded_lattice(token, near.weights, rounding_intervals(model.length));
  const TiltedToken t = tilted_token(rounded, tilt_at(rounded, rescaled(near.b, token, rounded)));
  ModelLaw out{memoryless_law(rounded, model.length, t), false, 0, ""};
  out.reward_error = rounded.rounding * static_cast<double>(model.length);
  out.note = "The rewards share no lattice of at most 4194304 steps: best-of-N is computed with each token's reward moved by at most " +
             to_text(std::ldexp(rounded.rounding, token.exponent)) + "; KL-RL is exact.";
  return out;
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
  const TokenLaw rounded = on_rounded_lattice(token, tilt.weights, rounding_intervals(model.length));
  const Loss loss = tilt_loss(rounded, model.length, tilt_at(rounded, rescaled(tilt.b, token, rounded)));
  return {loss.value, loss.error_bound};
}

}  // namespace tiltlab
