#pragma once
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "policies/kind.hpp"
#include "simulation/chain_walk.hpp"
#include "simulation/philox.hpp"

namespace tiltlab {

/**
 * How sequences are drawn:
 * - tokens: each token, or transition of a chain, of each of the N drafts;
 * - types: a draft's total from how often each token occurs, or from totals of bunches of tokens, whatever the length;
 * - order: best-of-N's reward by inverting its distribution function, for any N; the rest as `types`, or as chains are
 *   walked.
 */
enum class Method { tokens, types, order };

/** A policy's law of a sequence's total step, from which totals are drawn by inverting its distribution function. */
struct TotalLaw {
  /** Total steps of the tokens' unit, increasing. */
  std::vector<double> step;
  std::vector<double> mass;
  /** Sums of `mass`. */
  std::vector<double> cdf;
  /** Mean gold reward of the level. */
  std::vector<double> gold;
  /** Whatever else goes with a level, such as log P. */
  std::vector<double> value;
  /** Lattice points of the law that each level stands for, centred at it; a whole number. */
  double stride = 1;
  /** Steps of the tokens' unit from one of those points to the next: a law of rewards that were moved has its own. */
  double point = 1;
  /** Share of the larger of 1 and a total within which it is that of a level. */
  double near = 1e-9;
  /** Whether levels are outcomes, of which several may have one step. */
  bool by_outcome = false;
};

/** A total by inverting the law's distribution function, in its steps. */
[[nodiscard]] double drawn_step(const TotalLaw& law, RandomStream& random);

/** A further policy beside the two. */
struct ExtraPlan {
  PolicyKind::Drawn drawn = PolicyKind::Drawn::soft;
  /** n, an integer where drafts are drawn; or mu. */
  double draws = 1;
  /** Of the soft one: alpha per step. */
  double b = 0;
  /** `value` is log(pi / p). */
  TotalLaw law;
  /** Of a policy that is drawn block by block: laws of a block, each so many times. */
  struct Block {
    TotalLaw law;
    double times;
  };
  std::vector<Block> blocks;
  /** Of one drawn block by block of a chain: what a block may be that begins in a state; `value` is log(pi / p). */
  struct Walk {
    struct Row {
      std::vector<double> cdf;
      std::vector<double> step;
      std::vector<double> value;
      std::vector<std::uint32_t> to;
    };
    struct Blocks {
      std::int64_t times;
      std::vector<Row> from;
    };
    /** Distribution function of the state that a sequence begins in, and what it has earned there. */
    std::vector<double> initial;
    double start = 0;
    std::vector<Blocks> blocks;
  };
  std::optional<Walk> walk;
  double centre = 0;
};

/** Everything a replicate needs; a step is a reward in lattice units, so that totals of tokens are exact and tie
 * exactly. */
struct SimulationPlan {
  Method method = Method::tokens;
  std::uint64_t seed = 1;
  /** Drafts of best-of-N, an integer below 2^32; any real number at least 1 for `order`. */
  double draws = 1;
  double log_n = 0;
  std::int64_t length = 1;
  /** One entry a level of the token's reward, or an outcome where outcomes have gold rewards. */
  std::vector<double> p;
  std::vector<double> tilted;
  std::vector<double> step;
  /** Empty where all are 0. */
  std::vector<double> gold;
  /** log p of the level, for the plug-in estimator of best-of-N's KL. */
  std::vector<double> log_level;
  /** Of a Markov chain that is walked: the base and KL-RL; then tokens have steps alone, one a level. */
  struct Walks {
    WalkPlan base;
    WalkPlan kl_rl;
  };
  std::optional<Walks> walks = {};
  /** Whether steps are whole numbers >= 0. */
  bool lattice = false;
  /** Totals within this of each other tie: 0 on a lattice. */
  double same = 0;
  /** KL-RL's log(phi / p) of a sequence of total step s: b s - n Lambda. */
  double b = 0;
  double log_normaliser = 0;
  /** Past saturation phi is the largest total alone; infinite before. */
  double only_step = HUGE_VAL;
  /** For `order`: best-of-N's law; `value` is log P of the level, -infinity where levels are not the model's own. */
  TotalLaw order;
  /** Totals near which the sums of the base, and of KL-RL and best-of-N, are taken, so that squares do not cancel. */
  double centre_base = 0;
  double centre_tilted = 0;
  std::vector<ExtraPlan> extras;
  /** One of several prompts: how often it is asked, and its totals in this plan's steps, scale s + origin. */
  struct Asked {
    double weight;
    double scale;
    double origin;
  };
  /** Of several prompts, of which each replicate asks one; `plans` has what drawing its replies takes. Then this plan
   * has no tokens of its own. */
  std::vector<Asked> asked;
  std::vector<SimulationPlan> plans;
  /** Numbers that a share sums: `Sums::size`, and `Sums::per_policy` for each of the extras. */
  [[nodiscard]] std::size_t sums() const;
};

/** Sums over replicates of a policy's estimates: x and x^2. */
struct Sums {
  static constexpr std::size_t per_policy = 8;
  /** base, KL-RL, best-of-N; then five of the importance weights: w, w^2, w x, w^2 x, w^2 x^2. */
  static constexpr std::size_t size = 3 * per_policy + 5;
};

/**
 * Draws replicates of a plan. Each depends on its number and the seed alone, so any machine may compute any share. The
 * tables that drawing needs are made once.
 */
class Sampler {
 public:
  /** Replicates `first` .. `first + count - 1`, added up in their order, in as many sittings as one likes. */
  class Share;

  explicit Sampler(SimulationPlan plan);
  Sampler(Sampler&&) noexcept;
  Sampler& operator=(Sampler&&) noexcept;
  ~Sampler();

  [[nodiscard]] const SimulationPlan& plan() const;
  [[nodiscard]] Share share(std::uint32_t first, std::uint32_t count) const;
  /**
   * Goes on with a share for about as long as drawing `work` tokens takes. Pauses change no bit of the sums.
   * @returns whether the share is finished
   */
  bool advance(Share& share, double work) const;

 private:
  class Replicates;
  class Prompts;
  std::unique_ptr<const Replicates> replicates_;
  /** Instead of those, of several prompts. */
  std::unique_ptr<const Prompts> prompts_;
};

class Sampler::Share {
 public:
  ~Share();
  Share(Share&&) noexcept;
  Share& operator=(Share&&) noexcept;
  [[nodiscard]] const std::vector<double>& sums() const;

 private:
  friend class Sampler;
  friend class Sampler::Replicates;
  friend class Sampler::Prompts;
  struct State;
  explicit Share(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/** A whole share at once. */
[[nodiscard]] std::vector<double> simulate(const Sampler& sampler, std::uint32_t first, std::uint32_t count);
[[nodiscard]] std::vector<double> simulate(const SimulationPlan& plan, std::uint32_t first, std::uint32_t count);

/**
 * KL(best-of-N || p) from one selected draft of probability e^log_p, in nats.
 * Source: Beirami et al., "Theoretical guarantees on the best-of-n alignment policy", arXiv 2401.01879, the estimator.
 */
[[nodiscard]] double plug_in_kl(double log_p, double log_n);

}  // namespace tiltlab
