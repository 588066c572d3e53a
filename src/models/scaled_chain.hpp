#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "limits/large_deviations.hpp"
#include "models/chain.hpp"
#include "models/growth.hpp"
#include "models/model.hpp"
#include "models/scaled_token.hpp"
#include "numerics/log_domain.hpp"

/**
 * What the statements ask of a chain. In the long run Lambda(b) is the logarithm of the largest eigenvalue of the
 * tilted transitions, and all that follows from Lambda holds as it does for tokens; the optimum of n transitions is the
 * tilt of their sum, which is the limit's but for the ends. Source: Miller (1961) as in `tilted_chain.hpp`; Dembo and
 * Zeitouni, "Large Deviations", theorems 3.1.2 (empirical means of a chain) and 2.3.6 (Gaertner and Ellis).
 */
namespace tiltlab {

/** A chain's limits, its rewards and their negatives, at a budget's rate. The model outlives it. */
class ScaledChain : public StepScale {
 public:
  DoubleDouble rate;

  /** @param up of `c` @throws NumericalError */
  ScaledChain(const Chain& c, RecurrentChain up, const Budget& budget);

  /** Infinite where the limit, or the optimum of the model's own length, has no finite tilt. */
  [[nodiscard]] double b() const { return saturated() ? infinity : at_rate_.chain->b; }
  [[nodiscard]] bool saturated() const { return !at_rate_.chain; }
  [[nodiscard]] bool tilts() const { return !saturated() && at_rate_.chain->b > 0; }
  /** Chains that earn the same along every way round have no limits here. */
  [[nodiscard]] bool is_constant() const { return false; }
  [[nodiscard]] DoubleDouble base_mean() const { return base_.rho; }
  [[nodiscard]] DoubleDouble mean() const { return saturated() ? up_.recurrence.peak : at_rate_.chain->rho; }
  [[nodiscard]] DoubleDouble kl() const { return rate; }
  /** Of the mean of many transitions, as of one of that many independent ones. */
  [[nodiscard]] double sd() const { return std::sqrt(base_.variance); }

  [[nodiscard]] double lambda(double at) const { return growth(at).lambda.value(); }
  [[nodiscard]] double optimal_lambda() const { return at_rate_.chain->lambda.value(); }
  [[nodiscard]] double best_of_n_lambda(double at) const;
  [[nodiscard]] double reverse_exponent() const;
  /** Fewer where tilts are so steep that weights leave a double's range. */
  [[nodiscard]] std::vector<RatePoint> rate_points(int each) const;

  [[nodiscard]] std::size_t size() const { return up_.law.transitions.size(); }
  /** What a tilt costs, as so many outcomes of a token. */
  [[nodiscard]] std::size_t work() const;
  /** Of each transition, by the standard deviation of a single one of the base. */
  [[nodiscard]] std::vector<double> standardised() const;
  /** Doob's transitions at the optimum times e^more, rows normalised. */
  [[nodiscard]] WeighedSteps weighed(const std::vector<double>& more) const;

  [[nodiscard]] const RecurrentChain& up() const { return up_; }
  [[nodiscard]] const RecurrentChain& down() const { return down_; }

 private:
  /** Lambda and its derivative at a tilt of either sign. */
  struct Grown {
    DoubleDouble lambda;
    DoubleDouble mean;
  };
  [[nodiscard]] Grown growth(double at) const;

  RecurrentChain up_;
  /** Of negative rewards, in steps from the largest reward down. */
  RecurrentChain down_;
  TiltedChain base_;
  ChainRate at_rate_;
};

/** Empty where the chain has no limits. @throws NumericalError */
[[nodiscard]] std::optional<ScaledChain> growth_of(const Chain& c, const Budget& budget);

/** The optima of a chain whose sums are not listed: of its own length, in nats and rewards of whole sequences. */
class LongTilts {
 public:
  DoubleDouble rate;

  LongTilts(const LongChain& m, const Budget& budget);

  [[nodiscard]] double b() const { return optimum_.b; }
  [[nodiscard]] bool saturated() const { return optimum_.saturated(); }
  [[nodiscard]] bool tilts() const { return optimum_.b > 0 && !saturated(); }
  [[nodiscard]] bool is_constant() const { return false; }
  [[nodiscard]] DoubleDouble base_mean() const { return base_.mean; }
  [[nodiscard]] DoubleDouble mean() const { return optimum_.mean; }
  [[nodiscard]] double reward(DoubleDouble step) const;
  [[nodiscard]] DoubleDouble kl() const { return optimum_.kl; }
  [[nodiscard]] double alpha(double b) const { return StepScale{m_.law.rewards}.alpha(b); }
  [[nodiscard]] double next_nat(double b) const { return StepScale{m_.law.rewards}.next_nat(b); }
  [[nodiscard]] double widest() const;
  /** NaN where weights of so steep a tilt leave a double's range. */
  [[nodiscard]] double kl_at(double b) const;
  /** Where they do, what the largest sum alone makes of the bound, which is below it. */
  [[nodiscard]] double bound_at(double b) const;
  [[nodiscard]] double most_kl() const { return m_.kl_max; }
  [[nodiscard]] double reward_at(double nats);
  /** NaN as `kl_at` */
  [[nodiscard]] double mean_log(double x) const;
  [[nodiscard]] double reverse_kl() const;
  [[nodiscard]] std::size_t work() const;

 private:
  const LongChain& m_;
  LongTilt base_;
  LongTilt optimum_;
  RecurrentChain down_;
  /** From which the next search begins. */
  LongTilt last_;
};

/** The optima of a chain whose sums are listed: of the law of these, of which there are more than a token has levels.
 */
struct ListedTilts : ScaledToken {
  using ScaledToken::ScaledToken;
  [[nodiscard]] std::size_t work() const { return 6 * law.size(); }
};

/** f of the tilts of all sums, and the transitions that these are of. */
template <class F>
auto with_tilts(const Chain& c, const Budget& budget, F&& f) {
  const auto transitions = static_cast<double>(c.length);
  if (const auto* whole = std::get_if<Tokens>(&c.sums)) return f(ListedTilts(*whole, budget), transitions);
  return f(LongTilts(std::get<LongChain>(c.sums), budget), transitions);
}

/** log sum e^S over all sequences that the base may draw, or over all of an alphabet of which any may follow any.
 * @param multiplicity @param reward of that alphabet, as of tokens; the former empty where there is none */
[[nodiscard]] double log_normaliser(const Chain& c, std::span<const double> multiplicity,
                                    std::span<const double> reward);
/** 0 where one transition alone may be less likely than a double tells. */
[[nodiscard]] std::int64_t longest_listed(const Chain& c, std::int64_t most);
/** @throws NumericalError where the chain is too long to list */
[[nodiscard]] ListedSums listed_sums(const Chain& c, const ScaledChain& t, std::int64_t length);
/** As of tokens, both laws at the same rewards. Where sums are not listed, a tail of the optimum is added up of the
 * masses of the tilt whose mean it begins at, from which it falls off geometrically; where that is too slow it is left
 * out. */
[[nodiscard]] ExactTails exact_tails(const Chain& c, const ScaledChain& t, int count, double spent);

/** As `TokenGains`, each length a chain of its own. */
class ChainGains {
 public:
  explicit ChainGains(const Chain& c) : law_(c.law) {}
  [[nodiscard]] double at(std::int64_t length, const DoubleDouble& log_n);
  [[nodiscard]] double work() const { return work_; }
  void pass() {}

 private:
  /** @throws NumericalError */
  [[nodiscard]] double share(std::int64_t length, const DoubleDouble& log_n);

  const MarkovLaw& law_;
  double work_ = 0;
};
[[nodiscard]] inline ChainGains gains_of(const Chain& c, const Budget&) { return ChainGains(c); }

static_assert(SequenceModel<Chain>);

}  // namespace tiltlab
