#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "error.hpp"
#include "models/budget.hpp"
#include "models/model.hpp"
#include "models/picture.hpp"
#include "policies/continuous.hpp"
#include "policies/continuous_rank.hpp"

namespace tiltlab {

/** The scenario's form of a continuous model, as it crosses the border. */
struct ContinuousInput {
  std::string family;
  /** In the order of the family's fields; empty for a quantile table. */
  std::vector<double> parameters;
  /** Of a quantile table. */
  std::vector<double> u;
  std::vector<double> reward;
  bool mirrored = false;

  [[nodiscard]] static bool has(const std::string& kind) { return kind == "continuous"; }
  bool operator==(const ContinuousInput&) const = default;
};

template <class F>
void fields(F&& f, ContinuousInput& i) {
  f("family", i.family);
  f("parameters", i.parameters);
  f("u", i.u);
  f("reward", i.reward);
  f("mirrored", i.mirrored);
}

/** @throws InputError */
[[nodiscard]] inline ContinuousLaw make_model(const ContinuousInput& i) {
  return i.family == "quantiles" ? make_quantile_table(i.u, i.reward, i.mirrored)
                                 : make_continuous_law(i.family, i.parameters, i.mirrored);
}

/** The capabilities that `model.hpp` describes, of continuous laws: no levels, no length, gold 0. */
[[nodiscard]] ContinuousTilt base_of(const ContinuousLaw& law, Accuracy = Accuracy::full);
[[nodiscard]] ContinuousTilt tilt_for(const ContinuousLaw& law, const DoubleDouble& nats, Accuracy = Accuracy::full);
[[nodiscard]] ContinuousMetrics best_of(const ContinuousLaw& law, const DoubleDouble& log_n, const ContinuousTilt& tilt,
                                        Accuracy = Accuracy::full);
[[nodiscard]] ContinuousTilt tilt_at_kl_of(const ContinuousLaw& law, const ContinuousMetrics& bon,
                                           const ContinuousTilt& base);
[[nodiscard]] Outcome base_outcome(const ContinuousLaw& law, const ContinuousTilt& base);
/** @throws InputError where the reward is past what a double holds */
[[nodiscard]] Outcome outcome(const ContinuousLaw& law, const ContinuousTilt& tilt);
[[nodiscard]] Outcome outcome(const ContinuousLaw& law, const ContinuousMetrics& bon);
[[nodiscard]] Comparison compare(const ContinuousLaw& law, const Optima<ContinuousTilt>& optima,
                                 const ContinuousMetrics& bon);
[[nodiscard]] Extremes extremes(const ContinuousLaw& law, const ContinuousMetrics& bon);
[[nodiscard]] double earns_more(const ContinuousLaw& law, double from, double to);
[[nodiscard]] inline std::optional<std::int64_t> length_of(const ContinuousLaw&) { return std::nullopt; }
/** A budget that no quadrature reaches is the reader's to change. @throws InputError always */
[[noreturn]] void refuse(const ContinuousLaw& law, const Budget& budget, const NumericalError& why);

/** Its paths through the plane of KL and reward, to a picture's accuracy. */
struct ContinuousPaths {
  const ContinuousLaw& law;
  [[nodiscard]] PathPoint optimum(double kl);
  [[nodiscard]] PathPoint best_of_n(double log_n);
};
[[nodiscard]] inline ContinuousPaths paths_of(const ContinuousLaw& law) { return {law}; }

/** Densities: `width` is 0 and `mass` is what lies between the middles of neighbouring points. */
[[nodiscard]] LawCurve picture(const ContinuousLaw& law, const ContinuousTilt& tilt, int points);
[[nodiscard]] LawCurve picture_of_best(const ContinuousLaw& law, const DoubleDouble& log_n, const ContinuousTilt& tilt,
                                       int points);

/** Renyi divergence from the base; NaN where a table's atoms leave none. */
[[nodiscard]] double renyi_of_best(const ContinuousLaw& law, const DoubleDouble& log_n, double order);
[[nodiscard]] double renyi_of(const ContinuousLaw& law, const ContinuousTilt& tilt, double order);

/** Further policies by their densities of the rank. */
struct ContinuousPolicies {
  const ContinuousLaw& law;
  /** @throws InputError where the kind has no such density */
  [[nodiscard]] StrongMetrics lay(const ExtraPolicy& asked, const std::string& path) const;
};
[[nodiscard]] inline ContinuousPolicies policies_of(const ContinuousLaw& law) { return {law}; }
[[nodiscard]] FurtherOutcome further_outcome(const ContinuousLaw& law, const StrongMetrics& laid,
                                             const ContinuousTilt& at_budget);

static_assert(FurtherModel<ContinuousLaw>);
static_assert(RewardModel<ContinuousLaw> && PicturedModel<ContinuousLaw> && RenyiModel<ContinuousLaw> &&
              !LengthModel<ContinuousLaw>);

}  // namespace tiltlab
