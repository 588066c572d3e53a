#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "laws/finite.hpp"
#include "limits/band.hpp"
#include "models/best_of_n_law.hpp"
#include "models/budget.hpp"
#include "models/model.hpp"
#include "models/outcome.hpp"
#include "models/picture.hpp"
#include "policies/kind.hpp"

namespace tiltlab {

/** A model whose sequences are `length` independent tokens; a finite model is one token. */
struct Tokens {
  TokenLaw token;
  std::int64_t length = 1;
  /** Whether the scenario speaks of tokens: only then are there per-token budgets and limits. */
  bool sequence = false;
  /** Of a finite model, its outcomes of positive probability, in their order; empty else. */
  std::vector<ListedOutcome> outcomes = {};
  /** Whether outcomes or tokens have gold rewards; a sequence's is the sum of its tokens'. */
  bool golden = false;
};

/**
 * @param length an integer in [1, 10^9], a double as it comes from the scenario
 * @param path what messages call the list: `model.outcomes`, `model.tokens`
 * @throws InputError
 */
[[nodiscard]] Tokens finite_model(std::span<const double> p, std::span<const double> reward,
                                  std::span<const double> gold, const std::string& path, bool counts = false);
[[nodiscard]] Tokens memoryless_model(std::span<const double> p, std::span<const double> reward, double length,
                                      bool counts, const std::string& path, std::span<const double> gold = {});

/** The scenario's forms of token models, as they cross the border: the same fields, read instead of written. */
struct TokensInput {
  /** finite, or memoryless for sequences. */
  std::string kind;
  std::string path;
  std::vector<double> p;
  std::vector<double> reward;
  /** Empty where there is none. */
  std::vector<double> gold;
  /** 1 for finite models. */
  double length = 1;
  /** Whether `p` are weights of any sum, as how often each token was counted. */
  bool counts = false;

  [[nodiscard]] static bool has(const std::string& kind) { return kind == "finite" || kind == "memoryless"; }
  bool operator==(const TokensInput&) const = default;
};

template <class F>
void fields(F&& f, TokensInput& i) {
  f("kind", i.kind);
  f("path", i.path);
  f("p", i.p);
  f("reward", i.reward);
  f("gold", i.gold);
  f("length", i.length);
  f("counts", i.counts);
}

/** @throws InputError */
[[nodiscard]] Tokens make_model(const TokensInput& input);

/** As `make_budget` of a length, where the model has one. @throws InputError */
[[nodiscard]] Budget make_budget(const std::string& kind, double value, const Tokens& model);

/** Best-of-N of a model in the token law's own reward scale, totals kept to 31 digits for differences. */
struct BestOfNOutcome {
  DoubleDouble reward;
  double sd = 0;
  double kl = 0;
  /** kl_max - kl, to its own digits where best-of-N is nearly saturated. */
  DoubleDouble kl_deficit;
  /** Rounding of the better known of the two, nats. */
  double kl_rounding = 0;
  double win_rate = 0.5;
  double gold = 0;
  double kl_to_kl_rl = 0;
  /** The tilt that its KL was taken to, near which that of its own KL is; 0 at N = 1. */
  double near_b = 0;
  BestOfNLaw::Errors errors;
  /** The law it was computed on; empty at N = 1. */
  std::optional<BestOfNLaw> at;
};

/** @param tilt the optimum at rate log_n / length, to which the KL is also taken */
[[nodiscard]] BestOfNOutcome best_of_n_outcome(const Tokens& model, const DoubleDouble& log_n, const TokenTilt& tilt,
                                               Workbench* bench = nullptr);

/** The capabilities that `model.hpp` describes, of token models. */
/** Expected reward of a sequence under a tilt, in the law's own scale. */
[[nodiscard]] DoubleDouble sequence_reward(const Tokens& model, const TokenTilt& tilt);

[[nodiscard]] TokenTilt base_of(const Tokens& model, Accuracy = Accuracy::full);
[[nodiscard]] TokenTilt tilt_for(const Tokens& model, const DoubleDouble& nats, Accuracy = Accuracy::full);
[[nodiscard]] BestOfNOutcome best_of(const Tokens& model, const DoubleDouble& log_n, const TokenTilt& tilt);
/** The same for points of a curve, which share what laws of one model cost, and of very many tokens ask for less. */
[[nodiscard]] BestOfNOutcome best_of(const Tokens& model, const DoubleDouble& log_n, const TokenTilt& tilt,
                                     Workbench& bench);
[[nodiscard]] inline Workbench workbench_of(const Tokens&) { return {}; }
[[nodiscard]] TokenTilt tilt_at_kl_of(const Tokens& model, const BestOfNOutcome& bon, const TokenTilt& base);

[[nodiscard]] Outcome base_outcome(const Tokens& model, const TokenTilt& base);
[[nodiscard]] Outcome outcome(const Tokens& model, const TokenTilt& tilt);
[[nodiscard]] Outcome outcome(const Tokens& model, const BestOfNOutcome& bon);
[[nodiscard]] Comparison compare(const Tokens& model, const Optima<TokenTilt>& optima, const BestOfNOutcome& bon);
[[nodiscard]] Extremes extremes(const Tokens& model, const BestOfNOutcome& bon);
[[nodiscard]] double earns_more(const Tokens& model, double from, double to);
[[nodiscard]] std::optional<std::int64_t> length_of(const Tokens& model);
[[nodiscard]] inline bool states_gold(const Tokens& model) { return model.golden; }
[[nodiscard]] Limits limits_of(const Tokens& model, const DoubleDouble& rate, const TokenTilt& tilt);

/** The law of the reward per token. @param sums whether outcomes are sums, whose bins hold as many lattice points each
 */
[[nodiscard]] LawCurve picture(const Tokens& model, const TokenTilt& tilt, int points, bool sums = false);
[[nodiscard]] LawCurve picture_of_best(const Tokens& model, const DoubleDouble& log_n, const TokenTilt& tilt,
                                       int points, bool sums = false);
[[nodiscard]] LawCurve picture_of_best(const Tokens& model, const BestOfNOutcome& best, int points, bool sums = false);

/** Both policies' paths through the plane of KL and reward; they share what one law of the model costs. */
class TokenPaths {
 public:
  explicit TokenPaths(const Tokens& model);
  [[nodiscard]] PathPoint optimum(double kl);
  [[nodiscard]] PathPoint best_of_n(double log_n);

 private:
  /** Both policies ask for the same optimum, one after the other. */
  const TokenTilt& solved(double budget);

  const Tokens& m_;
  Workbench bench_ = {};
  double solving_;
  DoubleDouble base_mean_;
  double least_;
  std::optional<TokenTilt> solved_ = {};
  double solved_at_ = 0;
  std::optional<BaseSums> near_base_ = {};
};
[[nodiscard]] inline TokenPaths paths_of(const Tokens& model) { return TokenPaths(model); }

/** What is proved of the gap of sequences of n tokens at the rate of `tilt`, in the law's own scale, of one rate for
 * all lengths. */
class TokenBand {
 public:
  TokenBand(const TokenLaw& token, const TokenTilt& tilt);
  [[nodiscard]] GapBand at(double n) const;

 private:
  BandToken token_;
  double rate_;
  /** What KL-RL earns beyond the base, a token, in steps; and what a step is worth. */
  double gain_;
  double unit_;
};

/** Best-of-N against the optimum at one rate and any length: the tilt depends on the rate alone. */
class TokenLengths {
 public:
  TokenLengths(const Tokens& model, const DoubleDouble& rate);
  /** @param affordable whether best-of-N may be computed, or the limits alone */
  [[nodiscard]] GapPoint at(std::int64_t length, bool affordable);
  /** What it has cost, in multiplications, about. */
  [[nodiscard]] double work() const { return bench_.work; }

 private:
  /** Of the length that was asked for last. */
  Tokens m_;
  DoubleDouble rate_;
  TokenTilt tilt_;
  double constant_;
  TokenBand band_;
  Workbench bench_ = {};
};
[[nodiscard]] inline TokenLengths lengths_of(const Tokens& model, const DoubleDouble& rate) { return {model, rate}; }

/**
 * Best-of-N against the optimum at `nats` of a model whose draws are whole sequences of `length`, per token.
 * @return multiplications, about @throws NumericalError
 */
double add_gap(const Tokens& listed, const DoubleDouble& nats, std::int64_t length, GapPoint& to);

/** Blocks of one length, each of which is the best of n by itself. */
struct LaidBlock {
  Tokens model;
  /** With its law. */
  BestOfNOutcome best;
  double times = 1;
};

/** A policy on the law that suits it. */
struct LaidPolicy {
  RewardLaw law;
  Policy policy;
  Metrics metrics;
  /** Of `PolicyKind`; NaN of a kind that has none. */
  double strength = not_known;
  /** What a KL stands for, or as given; NaN of a kind of two. */
  double parameter = not_known;
  /** Absolute errors, in the law's reward scale; 0 where every level is listed. */
  BestOfNLaw::Errors errors = {};
  /** Whether the law is that of the outcomes, of which several may have one reward. */
  bool by_outcome = false;
  /** Of a policy that is laid block by block: instead of law and policy; its metrics have KL and win rate alone. */
  std::vector<LaidBlock> blocks = {};
  /** Of one laid on blocks of a chain, likewise: the reward of all, and its standard deviation, in the law's scale; and
   * each block's log n. */
  struct Whole {
    DoubleDouble log_n;
    DoubleDouble reward;
    double sd = 0;
  };
  std::optional<Whole> whole = {};
};

/** Whether the last level that the law lists is the best that the model has. */
[[nodiscard]] bool lists_top(const Tokens& model, const RewardLaw& law);

class DeepPolicies;

/** Lays further policies on the model: on all its levels where listing them is affordable. */
class TokenPolicies {
 public:
  explicit TokenPolicies(const Tokens& model);
  /** @param path such as `policies[0]` @throws InputError where a parameter is out of range or no law reaches so deep
   */
  [[nodiscard]] LaidPolicy lay(const ExtraPolicy& asked, const std::string& path);

 private:
  [[nodiscard]] const RewardLaw& every_level();
  /** The listed law that shows a policy of this depth, nats. */
  [[nodiscard]] RewardLaw listed_for(double depth);
  [[nodiscard]] LaidPolicy laid_on_every_level(const ExtraPolicy& asked, const std::string& path);
  [[nodiscard]] LaidPolicy laid_by_outcome(const ExtraPolicy& asked, const std::string& path) const;
  /** The KL of blocks of a size, nats, by their log n. */
  [[nodiscard]] std::function<double(double)> kl_by_log_n(std::int64_t size);
  [[nodiscard]] LaidPolicy laid_by_block(const ExtraPolicy& asked, const std::string& path);
  [[nodiscard]] std::vector<LaidBlock> blocks_at(const DoubleDouble& log_n, std::int64_t size);

  const Tokens& m_;
  /** Whether every level is listed. */
  bool complete_;
  /** Where not all are. */
  std::shared_ptr<DeepPolicies> deep_;
  std::optional<RewardLaw> every_level_ = {};
  /** What the laws of blocks share, from one n to the next. */
  Workbench whole_blocks_ = {};
  Workbench last_block_ = {};
};
[[nodiscard]] inline TokenPolicies policies_of(const Tokens& model) { return TokenPolicies(model); }
/** Draws of a policy up to which the law around the mean serves, where all levels are too many to list. */
inline constexpr double most_smooth_draws = 1e4;

[[nodiscard]] FurtherOutcome further_outcome(const Tokens& model, const LaidPolicy& laid, const TokenTilt& at_budget);

static_assert(FurtherModel<Tokens>);
static_assert(RewardModel<Tokens> && PicturedModel<Tokens> && LengthModel<Tokens> && GoldModel<Tokens>);

}  // namespace tiltlab
