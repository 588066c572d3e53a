#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "models/continuous.hpp"
#include "models/model.hpp"
#include "models/tokens.hpp"

namespace tiltlab {

/** One of several prompts: how often it is asked, and the model of its replies. */
struct Prompt {
  /** Of all weights, whose sum is 1. */
  double weight = 0;
  std::variant<Tokens, ContinuousLaw> model;
  /** Its place in the scenario, from 0: prompts that are never asked are left out. */
  std::size_t place = 0;
};

/**
 * Several prompts, each with a model of its own. Sums are weighted means over prompts, the standard deviation is that
 * of a reply to a random prompt. The optimum max E r subject to a mean KL is a tilt by one alpha for all prompts;
 * best-of-N draws the same N for each. Source: the Lagrangian of the constrained problem, one multiplier for one
 * constraint (Yang et al., arXiv 2404.01730, of one prompt).
 */
struct Prompts {
  std::vector<Prompt> prompts;
};

/** The scenario's form of a prompt's model, as it crosses the border. */
struct PromptInput {
  double weight = 1;
  /** finite, memoryless or continuous. */
  std::string kind;
  TokensInput tokens = {};
  ContinuousInput law = {};

  bool operator==(const PromptInput&) const = default;
};

template <class F>
void fields(F&& f, PromptInput& i) {
  f("weight", i.weight);
  f("kind", i.kind);
  if (ContinuousInput::has(i.kind)) {
    fields(f, i.law);
  } else {
    fields(f, i.tokens);
  }
}

struct PromptsInput {
  std::vector<PromptInput> prompts;

  [[nodiscard]] static bool has(const std::string& kind) { return kind == "prompts"; }
  bool operator==(const PromptsInput&) const = default;
};

template <class F>
void fields(F&& f, PromptsInput& i) {
  f("prompts", i.prompts);
}

/** Prompts of one model, at most. */
inline constexpr std::size_t most_prompts = 10'000;

/** @throws InputError that names the field of the prompt */
[[nodiscard]] Prompts make_model(const PromptsInput& input);

/** All prompts tilted by one alpha per reward unit; infinite where each keeps its largest reward alone. */
struct PromptsTilt {
  double alpha = 0;
  /** Mean KL, nats. */
  double kl = 0;
  std::vector<std::variant<TokenTilt, ContinuousTilt>> of;
};

/** Best-of-N on each. */
struct PromptsBest {
  std::vector<std::variant<BestOfNOutcome, ContinuousMetrics>> of;
  double log_n = 0;
  /** Mean KL, nats, and its error. */
  double kl = 0;
  double kl_error = 0;
};

/** The capabilities that `model.hpp` describes. */
[[nodiscard]] PromptsTilt base_of(const Prompts& m, Accuracy = Accuracy::full);
/** @throws NumericalError */
[[nodiscard]] PromptsTilt tilt_for(const Prompts& m, const DoubleDouble& nats, Accuracy = Accuracy::full);
[[nodiscard]] PromptsBest best_of(const Prompts& m, const DoubleDouble& log_n, const PromptsTilt& tilt);
[[nodiscard]] PromptsTilt tilt_at_kl_of(const Prompts& m, const PromptsBest& bon, const PromptsTilt& base);
[[nodiscard]] Outcome base_outcome(const Prompts& m, const PromptsTilt& base);
[[nodiscard]] Outcome outcome(const Prompts& m, const PromptsTilt& tilt);
[[nodiscard]] Outcome outcome(const Prompts& m, const PromptsBest& bon);
/** The same of each prompt by itself, whose weighted means those are. */
[[nodiscard]] std::vector<Outcome> base_outcomes(const Prompts& m, const PromptsTilt& base);
[[nodiscard]] std::vector<Outcome> outcomes(const Prompts& m, const PromptsTilt& tilt);
[[nodiscard]] std::vector<Outcome> outcomes(const Prompts& m, const PromptsBest& bon);
/** What the tilt earns more than best-of-N on each, by the digits of the difference. */
[[nodiscard]] std::vector<double> gaps_of(const Prompts& m, const PromptsTilt& tilt, const PromptsBest& bon);
[[nodiscard]] Comparison compare(const Prompts& m, const Optima<PromptsTilt>& optima, const PromptsBest& bon);
[[nodiscard]] Extremes extremes(const Prompts& m, const PromptsBest& bon);
[[nodiscard]] double earns_more(const Prompts& m, double from, double to);
[[nodiscard]] inline std::optional<std::int64_t> length_of(const Prompts&) { return std::nullopt; }

/** Both paths through the plane of mean KL and mean reward. */
class PromptsPaths {
 public:
  explicit PromptsPaths(const Prompts& m) : m_(m) {}
  [[nodiscard]] PathPoint optimum(double kl);
  [[nodiscard]] PathPoint best_of_n(double log_n);

 private:
  const Prompts& m_;
};
[[nodiscard]] inline PromptsPaths paths_of(const Prompts& m) { return PromptsPaths(m); }

/** The law of a reply to a random prompt, in bins. */
[[nodiscard]] LawCurve picture(const Prompts& m, const PromptsTilt& tilt, int points);
[[nodiscard]] LawCurve picture_of_best(const Prompts& m, const DoubleDouble& log_n, const PromptsTilt& tilt,
                                       int points);

/** A further policy of the same parameters on every prompt. */
struct PromptsLaid {
  std::vector<FurtherOutcome> of;
  /** KL of each to the largest reward of its prompt alone, possibly infinite. */
  std::vector<double> to_top = {};
};
class PromptsPolicies {
 public:
  explicit PromptsPolicies(const Prompts& model) : m_(model) {}
  /** By a KL: of the parameter at which all prompts together spend it, on average. @throws InputError */
  [[nodiscard]] PromptsLaid lay(const ExtraPolicy& asked, const std::string& path) const;
  /** The same policy by the parameter that spends the KL asked for. @throws InputError */
  [[nodiscard]] ExtraPolicy by_parameter(const ExtraPolicy& asked, const std::string& path) const;

 private:
  const Prompts& m_;
};
[[nodiscard]] inline PromptsPolicies policies_of(const Prompts& m) { return PromptsPolicies(m); }
[[nodiscard]] FurtherOutcome further_outcome(const Prompts& m, const PromptsLaid& laid, const PromptsTilt& at_budget);

/** Whether a prompt does: those that do not count as of gold 0. */
[[nodiscard]] bool states_gold(const Prompts& m);

static_assert(RewardModel<Prompts> && PicturedModel<Prompts> && FurtherModel<Prompts> && !LengthModel<Prompts> &&
              GoldModel<Prompts>);

}  // namespace tiltlab
