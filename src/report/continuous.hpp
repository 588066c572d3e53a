#pragma once
#include "policies/continuous.hpp"
#include "report/curves.hpp"
#include "report/report.hpp"

/** The report and the curves of a continuous reward law; the fields are those of token models. */
namespace tiltlab {

/** `levels` is NaN, `kl_max` and `reward_max` may be infinite, `gold` is 0. @throws NumericalError */
[[nodiscard]] Report evaluate(const ContinuousLaw& law, const Budget& budget);
[[nodiscard]] Derived derived(const ContinuousLaw& law, const Report& report);
/** As for token models. */
[[nodiscard]] Frontier frontier(const ContinuousLaw& law, double kl_end, int points);
/** Densities: `width` is 0 and `mass` is what lies between the middles of neighbouring points. */
[[nodiscard]] LawCurves law_curves(const ContinuousLaw& law, const Budget& budget, int points);

/** Renyi divergences from the base against their order, 0 to `largest`; NaN for a table with atoms. */
struct DivergenceCurves {
  std::vector<double> order;
  std::vector<double> best_of_n;
  /** Infinite from the order on at which the tilt to s alpha has no normaliser. */
  std::vector<double> kl_rl;
};
[[nodiscard]] DivergenceCurves divergence_curves(const ContinuousLaw& law, const Budget& budget, int points);

}  // namespace tiltlab
