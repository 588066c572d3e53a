#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "limits/large_deviations.hpp"
#include "models/growth.hpp"
#include "models/model.hpp"
#include "models/tokens.hpp"

/** What the statements ask of independent tokens: in the long run as at any length, all is that of one token. */
namespace tiltlab {

/** One token's law with its optimum, and the way from its steps to the scenario's rewards. The model outlives it. */
struct ScaledToken : StepScale {
  DoubleDouble rate;
  TokenTilt optimum;

  ScaledToken(const Tokens& m, const Budget& budget)
      : StepScale{m.token}, rate(budget.kl / from_integer(m.length)), optimum(solve_tilt(m.token, rate)) {}

  [[nodiscard]] double b() const { return optimum.b; }
  [[nodiscard]] bool saturated() const { return optimum.saturated(); }
  [[nodiscard]] bool tilts() const { return optimum.b > 0 && !optimum.saturated(); }
  [[nodiscard]] bool is_constant() const { return law.size() == 1; }
  [[nodiscard]] std::size_t size() const { return law.size(); }
  /** A tilt past which little is left to see. */
  [[nodiscard]] double widest() const {
    const double last = spread_tilts(law, 1).back();
    return tilts() ? std::min(1.7 * optimum.b, std::max(last, 1.2 * optimum.b)) : last;
  }
  /** Of a step of the base. */
  [[nodiscard]] double sd() const { return std::sqrt(variance_step(law, law.p)); }
  [[nodiscard]] DoubleDouble base_mean() const {
    return is_far(law) ? exact_mean(law, law.p) : DoubleDouble(mean_step(law, law.p));
  }
  [[nodiscard]] DoubleDouble mean() const { return optimum.mean; }
  [[nodiscard]] DoubleDouble kl() const { return optimum.kl; }
  /** What a tilt costs, as so many outcomes. */
  [[nodiscard]] std::size_t work() const { return law.size(); }

  /** Lambda(b), b of any sign, and that of the optimum. */
  [[nodiscard]] double lambda(double at) const { return log_mgf(law, at); }
  [[nodiscard]] double optimal_lambda() const { return optimum.lambda.value(); }
  /** lim (1/n) log E e^(b S) under best-of-N. */
  [[nodiscard]] double best_of_n_lambda(double at) const { return best_of_n_cumulant(law, optimum, at); }
  /** rate + 2 Lambda(b / 2) - Lambda(b) at the optimum. */
  [[nodiscard]] double reverse_exponent() const;
  /** Rate functions at tilts that spread to either end, `each` on either side, and at the optimum. */
  [[nodiscard]] std::vector<RatePoint> rate_points(int each) const;

  /** Of one token as it is, Lambda in 31 digits: what the tilt by b > 0 spends, the bound (rate + Lambda(b)) / b on the
   * reward; -log P of the largest reward; and the most that a rate buys. */
  [[nodiscard]] double kl_at(double at) const { return std::max(0.0, tilt_at(law, at).kl.value()); }
  [[nodiscard]] double bound_at(double at) const {
    return reward((DoubleDouble(rate.value()) + exact_log_mgf(law, at)) / at);
  }
  [[nodiscard]] double most_kl() const { return kl_max(law).value(); }
  [[nodiscard]] double reward_at(double of) const { return reward(solve_tilt(law, of).mean); }
  /** Lambda(b) / b in the scenario's rewards, `x` their b of any sign but 0. */
  [[nodiscard]] double mean_log(double x) const {
    const double at = x * std::ldexp(law.unit.value(), law.exponent);
    return std::ldexp((law.base).value(), law.exponent) + log_mgf(law, at) / x;
  }
  /** KL(base || optimum); infinite when saturated. */
  [[nodiscard]] double reverse_kl() const;

  /** The reward of each level in standard deviations of the base from its mean; empty of a constant one. */
  [[nodiscard]] std::vector<double> standardised() const;
  /** The optimum's probabilities times e^more, one entry a level. */
  [[nodiscard]] WeighedSteps weighed(const std::vector<double>& more) const;
};

[[nodiscard]] inline std::optional<ScaledToken> growth_of(const Tokens& m, const Budget& budget) {
  return ScaledToken(m, budget);
}
/** f of the tilts of the whole model's law, and the tokens that they are of. */
template <class F>
auto with_tilts(const Tokens& m, const Budget& budget, F&& f) {
  return f(ScaledToken(m, budget), 1.0);
}
/** log sum e^r over the alphabet. @param multiplicity how many of its outcomes have each entry's reward @param reward
 * one entry each @throws InputError where these are not as many */
[[nodiscard]] double log_normaliser(const Tokens& m, std::span<const double> multiplicity,
                                    std::span<const double> reward);
/** The longest sequence, up to so many tokens, whose sums are quickly listed. */
[[nodiscard]] std::int64_t longest_listed(const Tokens& m, std::int64_t most);
[[nodiscard]] ListedSums listed_sums(const Tokens& m, const ScaledToken& t, std::int64_t length);
/** @param count tails on either side, fewer where these cost much @param spent multiplications, before */
[[nodiscard]] ExactTails exact_tails(const Tokens& m, const ScaledToken& t, int count, double spent);

/** What best-of-N gains over the base as a share of what its KL buys the optimum; NaN where that is not known to a
 * hundredth of itself. @param beside the size of the means whose difference a gain is */
[[nodiscard]] double known_share(double part, double all, double beside, const BestOfNOutcome& bon);

/** That share of token models, at any length and N. */
class TokenGains {
 public:
  TokenGains(const Tokens& m, const Budget& budget) : m_(m), t_(m, budget), mean_(tilt_at(m.token, 0).mean) {}
  [[nodiscard]] double at(std::int64_t length, const DoubleDouble& log_n);
  /** What it has cost, in multiplications, about. */
  [[nodiscard]] double work() const { return bench_.work; }
  /** Adds what a length costs beside its laws. */
  void pass() { bench_.work += 2000 * static_cast<double>(t_.law.size()); }

 private:
  /** Of the length that was asked for last. */
  Tokens m_;
  ScaledToken t_;
  DoubleDouble mean_;
  Workbench bench_ = {};
};
[[nodiscard]] inline TokenGains gains_of(const Tokens& m, const Budget& budget) { return {m, budget}; }

static_assert(SequenceModel<Tokens>);

}  // namespace tiltlab
