#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "error.hpp"
#include "laws/counts.hpp"
#include "laws/memoryless.hpp"
#include "limits/sharp.hpp"
#include "models/moved_rewards.hpp"
#include "models/tokens.hpp"
#include "numerics/log_domain.hpp"
#include "policies/kl_rl.hpp"

namespace tiltlab {

namespace {

/** Compositions of tokens that are listed for a picture. */
constexpr double quickly_counted = 5e4;

/** Rewards whose frequencies are found one by one for a picture. */
constexpr std::size_t most_walked = 5000;

/** What a gain near a tilt costs for each token, in multiplications. */
constexpr double gaining = 100;

/** A law's reward in the scenario's units. */
double units_of(const Tokens& m, double x) { return std::ldexp(x, m.token.exponent); }

double total_reward(const Tokens& m, DoubleDouble mean_step) {
  return std::ldexp((from_integer(m.length) * (m.token.base + m.token.unit * mean_step)).value(), m.token.exponent);
}

PicturePoints on_law(const RewardLaw& law, std::vector<double> mass, bool lattice) {
  return {law.base, law.unit, law.center, law.offset, std::move(mass), law.stride, lattice};
}

/** log N from which best-of-N is the best sequence alone. */
DoubleDouble top_depth(const Tokens& m) { return kl_max(m.token) * from_integer(m.length) + DoubleDouble(100); }

PicturePoints tilt_points(const Tokens& m, const TokenTilt& tilt, int points, bool sums) {
  const TokenLaw& token = m.token;
  if (tilt.saturated()) return on_law(best_of_n_law(m, top_depth(m), tilt).law, {1}, false);
  const auto of_sum = [&](const TokenLaw& of, const TokenTilt& at, bool smooth) {
    SumMasses sum = sum_masses(of, m.length, at, 2 * points, smooth);
    double total = 0;
    for (const double mass : sum.mass) total += sum.stride * mass;
    // Points between which a law of clusters hides.
    if (smooth && std::fabs(total - 1) > 1e-3) throw NumericalError("model.length: the law of the sum is not smooth");
    return PicturePoints{of.base * from_integer(m.length),
                         of.unit,
                         sum.center,
                         std::move(sum.offset),
                         std::move(sum.mass),
                         sum.stride,
                         true};
  };
  if (m.length > 1) {
    const auto on = [&](const TokenLaw& moved, bool smooth) {
      return of_sum(moved, tilt_at(moved, tilt.b * (moved.unit / token.unit).value()), smooth);
    };
    if (!is_fine(token) || token.size() == 1) return of_sum(token, tilt, false);
    if (const auto law = counted_law(token, m.length, tilt, anywhere, quickly_counted)) {
      std::vector<double> mass;
      for (std::size_t j = 0; j < law->size(); ++j)
        mass.push_back(std::exp(law->log_mass[j] + tilt.b * law->offset[j]));
      return on_law(*law, std::move(mass), false);
    }
    try {
      if (token.size() < most_walked)
        return token.lattice.empty() ? on(smooth_lattice(token, tilt.weights), true) : of_sum(token, tilt, true);
    } catch (const NumericalError&) {
    }
    // Neither smooth nor of few levels, or too many to go through at every frequency: a picture is served by rewards
    // split between the points of a lattice.
    return on(split_token(m), false);
  }
  const BestOfNLaw at = best_of_n_law(m, 0, tilt);
  return on_law(at.law, kl_rl(at.law, tilt.b).mass, sums && !token.lattice.empty());
}

}  // namespace

LawCurve picture(const Tokens& m, const TokenTilt& tilt, int points, bool sums) {
  LawCurve curve = curve_of(tilt_points(m, tilt, points, sums), m.length, m.token.exponent, points);
  describe(curve, from_integer(m.length) * (m.token.base + m.token.unit * tilt.mean),
           std::sqrt(static_cast<double>(m.length) * tilt.variance) * m.token.unit.value(), m.length, m.token.exponent);
  return curve;
}

LawCurve picture_of_best(const Tokens& m, const DoubleDouble& log_n, const TokenTilt& tilt, int points, bool sums) {
  return picture_of_best(m, best_of(m, log_n, tilt), points, sums);
}

LawCurve picture_of_best(const Tokens& m, const BestOfNOutcome& bon, int points, bool sums) {
  // One draw is the base model.
  if (!bon.at) return picture(m, base_of(m), points, sums);
  const RewardLaw& law = bon.at->law;
  std::vector<double> mass = bon.at->policy.mass;
  // A law that lost or gained some of its mass is drawn by its shares.
  if (bon.at->metrics.mass_defect > 1e-6) {
    double total = 0;
    for (const double x : mass) total += law.stride * x;
    for (double& x : mass) x /= total;
  }
  LawCurve curve = curve_of(on_law(law, std::move(mass), !m.token.lattice.empty() && (sums || m.length > 1)), m.length,
                            m.token.exponent, points);
  describe(curve, bon.reward, bon.sd, m.length, m.token.exponent);
  return curve;
}

TokenPaths::TokenPaths(const Tokens& model)
    : m_(model),
      solving_(500 * static_cast<double>(model.token.size())),
      base_mean_(tilt_at(model.token, 0).mean),
      least_(total_reward(model, base_mean_)) {}

const TokenTilt& TokenPaths::solved(double budget) {
  if (!solved_ || solved_at_ != budget) solved_ = solve_tilt(m_.token, DoubleDouble(budget) / from_integer(m_.length));
  solved_at_ = budget;
  return *solved_;
}

// Past what can be bought the path goes on at the same reward.
PathPoint TokenPaths::optimum(double kl) {
  if (const SplitRewards* split = split_of_many(m_, bench_)) {
    const double rate = kl / static_cast<double>(m_.length);
    const double near = solve_tilt(split->law(), rate).b * (m_.token.unit / split->law().unit).value();
    if (!near_base_) near_base_.emplace(m_.token);
    if (const auto gain = near_base_->gain_near(rate, near))
      return {kl, total_reward(m_, base_mean_ + DoubleDouble(*gain)), gaining * static_cast<double>(m_.token.size())};
  }
  return {kl, total_reward(m_, solved(kl).mean), solving_};
}

PathPoint TokenPaths::best_of_n(double log_n) {
  const double before = bench_.work;
  // What is not known to a few hundredths would be a wrong mark, and no best of several is behind the base.
  const auto point = [&](double kl, DoubleDouble total, double sd, const BestOfNLaw::Errors& errors, double solving) {
    const double work = bench_.work - before + solving;
    const double reward = units_of(m_, total.value());
    const bool known = errors.kl <= 0.05 * std::max(1.0, kl) &&
                       units_of(m_, errors.reward) <= 0.05 * std::max({1.0, std::fabs(reward), units_of(m_, sd)});
    return known ? PathPoint{kl, std::max(least_, reward), work} : PathPoint{not_known, not_known, work};
  };
  if (const auto at = best_of_n_of_many(m_, log_n, bench_)) {
    const RewardLaw& law = at->law;
    return point(at->metrics.kl, law.base + law.unit * (law.center + at->metrics.offset),
                 at->metrics.offset_sd * law.unit.value(), at->errors, 0);
  }
  try {
    const BestOfNOutcome bon = best_of_n_outcome(m_, log_n, solved(log_n), &bench_);
    return point(bon.kl, bon.reward, bon.sd, bon.errors, solving_);
  } catch (const NumericalError&) {
    // No mark where no method holds.
    return {not_known, not_known, bench_.work - before + solving_};
  }
}

TokenLengths::TokenLengths(const Tokens& model, const DoubleDouble& rate)
    : m_(model),
      rate_(rate),
      tilt_(solve_tilt(model.token, rate)),
      constant_(sharp_constant(model.token, tilt_)),
      band_(model.token, tilt_) {
  if (!tilt_.saturated() && tilt_.b > 0 && !m_.token.lattice.empty() && m_.token.size() > 1)
    bench_.tilted = inversion_token(m_.token, tilt_);
}

GapPoint TokenLengths::at(std::int64_t length, bool affordable) {
  m_.length = length;
  const DoubleDouble n = from_integer(length);
  const auto tokens = static_cast<double>(length);
  std::optional<BestOfNOutcome> bon;
  try {
    if (affordable) bon = best_of_n_outcome(m_, rate_ * n, tilt_, &bench_);
  } catch (const NumericalError&) {
    // Where no method holds, lengths are gaps in the curve.
  }
  const DoubleDouble reward = n * (m_.token.base + m_.token.unit * tilt_.mean);
  const auto per_token = [&](double x) { return std::ldexp(x / tokens, m_.token.exponent); };
  // What is not known to a hundredth of itself would be a wrong mark.
  const auto known = [](double x, double error) { return error <= 0.01 * std::fabs(x) + 1e-12 ? x : not_known; };
  // The optimum is never behind: what is below 0 is rounding.
  const double gap = bon ? std::max(0.0, (reward - bon->reward).value()) : not_known;
  const double kl = bon ? bon->kl_to_kl_rl : not_known;
  GapPoint point;
  point.gap = per_token(bon ? known(gap, bon->errors.reward) : not_known);
  point.kl_to_kl_rl =
      (bon ? known(kl, bon->errors.kl + tilt_.b / m_.token.unit.value() * bon->errors.reward) : not_known) / tokens;
  const GapBand band = band_.at(tokens);
  point.gap_lower = per_token(band.lower);
  point.gap_upper = per_token(band.upper);
  const auto sharp = sharp_terms(m_.token, length, tilt_, constant_);
  if (!sharp) return point;
  point.gap_sharp = per_token(sharp->gap);
  point.gap_first_order = per_token(sharp->gap_first_order);
  point.kl_to_kl_rl_sharp = sharp->kl_to_kl_rl / tokens;
  return point;
}

double add_gap(const Tokens& listed, const DoubleDouble& nats, std::int64_t length, GapPoint& to) {
  const TokenTilt tilt = tilt_for(listed, nats);
  const BestOfNOutcome bon = best_of(listed, nats, tilt);
  const auto n = static_cast<double>(length);
  to.gap = std::ldexp(std::max(0.0, (sequence_reward(listed, tilt) - bon.reward).value()) / n, listed.token.exponent);
  to.kl_to_kl_rl = bon.kl_to_kl_rl / n;
  return 100 * static_cast<double>(listed.token.size());
}

}  // namespace tiltlab
