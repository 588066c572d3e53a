#pragma once
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "error.hpp"
#include "models/tokens.hpp"

namespace tiltlab {

/** What policies ask of a model whose levels are too many to list: a law for every depth of the upper tail. Rewards in
 * the laws' own scale. */
struct LawsByDepth {
  /** Best-of-N's law at log N. @throws NumericalError */
  std::function<BestOfNLaw(const DoubleDouble& log_n)> at;
  /** -log P(largest reward), nats. */
  DoubleDouble kl_max;
  /** The largest reward alone, as a law. */
  std::function<RewardLaw()> top_alone;
  /** Whether the last level of a law is the largest reward. */
  std::function<bool(const RewardLaw& law)> lists_top;
  /** How far below the largest reward the next lies, at least. */
  double top_gap = 0;
  /** The base's mean and standard deviation. */
  std::function<std::pair<DoubleDouble, double>()> moments;
  /** Rewards are the scenario's times 2^-exponent. */
  int exponent = 0;
};

/** Lays further policies on laws that are made for the depth that each reaches. */
class DeepPolicies {
 public:
  explicit DeepPolicies(LawsByDepth laws) : laws_(std::move(laws)) {}

  /** @param path such as `policies[0]` @throws InputError where no law reaches so deep; NumericalError */
  [[nodiscard]] LaidPolicy lay(const ExtraPolicy& asked, const std::string& path);
  /** On this law. */
  [[nodiscard]] LaidPolicy laid_on(RewardLaw law, const ExtraPolicy& asked) const;
  /**
   * Of a parameter in reward units, whose depth the laws alone tell.
   * @param listed the policy by its depth where all levels are listed; else null
   */
  [[nodiscard]] LaidPolicy search_depth(const ExtraPolicy& asked, const std::string& path,
                                        const std::function<LaidPolicy(double depth)>& listed);

 private:
  [[nodiscard]] const RewardLaw& around_mean();
  /** The law for a depth, kept until another is asked for: several policies are asked for by one KL. */
  [[nodiscard]] const BestOfNLaw& law_at(double depth);
  [[nodiscard]] const std::pair<DoubleDouble, double>& moments();
  /** Refuses draws that reach beyond what the law around the mean knows. @throws InputError */
  void check_tail(const ExtraPolicy& asked, double draws, const std::string& path);
  [[nodiscard]] LaidPolicy laid_at(double depth, const ExtraPolicy& asked);
  [[nodiscard]] LaidPolicy lay_deep(const ExtraPolicy& asked, const std::string& path);
  [[nodiscard]] double depth_needed(const LaidPolicy& laid, const PolicyKind& kind, double depth) const;
  /**
   * What the base's variance on levels that are not listed may add to E w^2 of a policy by its `parameter`, in reward
   * units: E (r - nu)+^2 / beta^2 is at most 1 + Var(r) / beta^2, and rare rewards may be most of it. 0 where the law
   * does not list the base.
   */
  [[nodiscard]] double missed_spread(const LaidPolicy& laid);
  /** Whether a policy on one level alone, of a law that lists no other, has its nu above the level below. */
  [[nodiscard]] bool may_be_alone(const LaidPolicy& laid) const;

  LawsByDepth laws_;
  std::optional<RewardLaw> around_mean_ = {};
  std::optional<std::pair<double, BestOfNLaw>> at_depth_ = {};
  std::optional<std::pair<DoubleDouble, double>> moments_ = {};
};

/** Nats up to which levels that a policy reaches have probabilities in a double's range. */
inline constexpr double listed_in_range = 600;

/** Whether a KL that was asked for, of less than the largest reward costs, has been found. */
[[nodiscard]] bool meets(const Metrics& of, double kl);

/** What `lay` makes of a policy, where numbers fail it a refusal by the policy's path. */
template <class F>
[[nodiscard]] LaidPolicy laid_or_refused(const std::string& path, F&& lay) {
  try {
    return lay();
  } catch (const NumericalError& e) {
    throw InputError(path, std::string("is too much for this model: ") + e.what());
  }
}

/** @throws InputError of a KL that is not found */
[[noreturn]] void refuse_kl(const ExtraPolicy& asked, const std::string& path);
/** @throws InputError of a policy that weighs outcomes by their order */
[[noreturn]] void refuse_by_outcome(const ExtraPolicy& asked, const std::string& path);
/** @throws InputError of a policy by blocks, on models that have none @param why what such blocks are, and of which
 * models they are not */
[[noreturn]] void refuse_by_block(const ExtraPolicy& asked, const std::string& path, const char* why);

}  // namespace tiltlab
