#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "laws/inversion.hpp"
#include "laws/reward_law.hpp"
#include "laws/token_law.hpp"
#include "policies/policy.hpp"

namespace tiltlab {

struct Tokens;
class SplitRewards;

/** Best-of-N laid on a reward law that suits its N: which law that is depends on the error it leaves. */
struct BestOfNLaw {
  RewardLaw law;
  Policy policy;
  Metrics metrics;
  /** Absolute errors of the policy's numbers. */
  struct Errors {
    /** Of the expected reward and its standard deviation, in the law's reward scale. */
    double reward = 0;
    double reward_sd = 0;
    /** Nats. */
    double kl = 0;
    double win_rate = 0;
    double gold = 0;
  };
  Errors errors;
  /** How the law was come by, where that is not exact. */
  std::string note;
  /** What a law that was taken for smooth leaves out, and what its tail falls by a step where best-of-N is corrected by
   * that; 0 else. */
  Waves waves;
  double slope = 0;
};

/** A token whose law of the sum is taken for smooth. */
struct SmoothToken {
  /** Of the optimum, in the token's own units, and the least length that its frequencies were looked through for. */
  double near_b = 0;
  std::int64_t length = 0;
  TokenLaw fine;
  InversionToken token;
  /** What making it cost, in multiplications, about. */
  double work = 0;
};

/** What best-of-N's laws of one token share, kept from one to the next; and what they cost together. */
struct Workbench {
  /** Inversion data of the optimum, where it is one for all lengths. */
  std::optional<InversionToken> tilted;
  /** The law that lists every level, and its length. */
  std::optional<RewardLaw> listed;
  std::int64_t listed_length = 0;
  /** The length at which no exact method held: further budgets of a curve do not try them again. */
  std::int64_t moved_length = 0;
  /** Of very many tokens, their rewards split. */
  std::shared_ptr<const SplitRewards> split;
  std::shared_ptr<const SmoothToken> smooth;
  /** Whether further laws follow: then what they can share is kept. */
  bool several = true;
  /** Multiplications, about. */
  double work = 0;
};

/**
 * @param tilt the optimum at rate log_n / length
 * @throws NumericalError where no method is affordable, or more than a millionth of best-of-N's mass is lost
 */
[[nodiscard]] BestOfNLaw best_of_n_law(const Tokens& model, DoubleDouble log_n, const TokenTilt& tilt,
                                       Workbench* bench = nullptr);

/** Of very many tokens, their rewards split, for the points of a curve; null where tokens are few. */
[[nodiscard]] const SplitRewards* split_of_many(const Tokens& model, Workbench& bench);

/**
 * Of very many tokens, best-of-N for one point of a curve from rewards that are split, which takes no optimum of
 * theirs. Empty where tokens are few, or its reward is not known to a few thousandths of what a nat buys.
 */
[[nodiscard]] std::optional<BestOfNLaw> best_of_n_of_many(const Tokens& model, DoubleDouble log_n, Workbench& bench);

/** Of a base that all but always earns its least, less than this share earns more: a tilt of so many nats shows both,
 * and few drafts are known by it to all digits. */
inline constexpr double rare_share = 1e-3;
inline constexpr double shows_rare = 1;

/** The tilt that sees a law at this depth: none near its centre, unless what is not the least is rare, and none steeper
 * than where a token misses the best level. */
[[nodiscard]] TokenTilt tilt_for_depth(const TokenLaw& token, std::int64_t length, double depth, const TokenTilt& tilt);

/** Absolute error of a win rate whose losses are known to a relative one. */
[[nodiscard]] double of_losses(const Metrics& m, double relative);

/** Best-of-N on a law, with what the law's errors make of its numbers. */
[[nodiscard]] BestOfNLaw best_of_n_on(RewardLaw law, DoubleDouble log_n);

/**
 * What a law's own points do to best-of-N where it was taken for smooth. Its rank's threshold x moves by
 * log(1 + waves at x) / b, so that the mean falls by the waves' second order over b, and the variance grows by twice
 * that over b^2: best-of-N of a tilted law is corrected by both.
 * @param b of the tilt, 0 without one @param slope what the log of the tail falls by a step where best-of-N lies
 * @param share of the second order that this may leave
 */
void add_waves(BestOfNLaw& to, const Waves& waves, double log_n, double b, double slope, double share);

/** The same law for policies that are no best-of-N: they are not corrected. */
[[nodiscard]] BestOfNLaw for_other_policies(BestOfNLaw of);

/** log of N P(top) from which best-of-N misses the best level with probability under e^-e^40. */
inline constexpr double certain_depth = 40;

/** The best sequence alone, for budgets that buy nothing else. @param depth -log of its probability */
[[nodiscard]] RewardLaw top_alone(const Tokens& model, DoubleDouble depth);

/** Whether rewards share no lattice, or one of so many steps that its levels outnumber the sums of few tokens. */
[[nodiscard]] bool is_fine(const TokenLaw& token);

/** The longest sequence up to the model's for which listing every sum takes at most `cost` multiplications. */
[[nodiscard]] std::int64_t listable_length(const Tokens& model, double cost);

/** A law that lists every level of the model; masses keep their digits around `near` and the base's mean. */
[[nodiscard]] RewardLaw listed_law(const Tokens& model, const TokenTilt& near);

/** The token on a lattice so fine that its points do not matter, its mean under `weights` held. */
[[nodiscard]] TokenLaw smooth_lattice(const TokenLaw& token, std::span<const double> weights);

/** Multiplications that listing every sum may take for a picture. */
inline constexpr double quickly_listed = 4e6;

/** How often KL-RL of this tilt loses to the base, ties half, with the bound of its error. */
struct LossOf {
  double value;
  double error_bound;
};
[[nodiscard]] LossOf kl_rl_loss(const Tokens& model, const TokenTilt& tilt);

/** Whether a token has so many rewards, on no short lattice, that a transform of them is cheaper than a walk. */
[[nodiscard]] bool is_of_many(const TokenLaw& token);
/** Multiplications that a loss of theirs takes, about. */
inline constexpr double losing_of_many = 2e6;

}  // namespace tiltlab
