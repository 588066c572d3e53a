#pragma once
#include <functional>
#include <vector>

#include "numerics/quadrature.hpp"
#include "policies/continuous_parts.hpp"

/** What policies on smooth laws share. All rewards here are in standard units, from the law's base. */
namespace tiltlab::continuous {

using Function = std::function<double(double)>;

/** log E z, z = e^log_size, and sd z / E z, of sizes that may lie hundreds of orders apart. */
struct LogMoments {
  double log_mean;
  double relative_sd;
};
[[nodiscard]] LogMoments log_moments(const std::vector<double>& log_weight, const std::vector<double>& log_size);

/** Whether the moments of |z| decide where a rule has its nodes. */
[[nodiscard]] bool has_sizes(const SmoothLaw& law);
[[nodiscard]] LineOptions options(const LocalLaw& at, bool sizes, Accuracy accuracy);

/** A rule over a density near its own peak; `make` gives the density's logarithm seen from a point. */
struct Placed {
  LocalLaw at;
  LineRule rule;
};
[[nodiscard]] Placed place(const SmoothLaw& law, double guess, int piece, Accuracy accuracy,
                           const std::function<Function(const LocalLaw&)>& make);

/** Reward and spread in the scenario's unit, from the mean in standard units. */
void set_reward(ContinuousMetrics& m, const SmoothLaw& law, double log_sd);

/** Mean and spread of rewards at `offset` from a point, counted from the top, where they keep their digits next to
 * it. @param noise relative error of the mean's distance */
void set_from_top(ContinuousMetrics& m, const SmoothLaw& law, const LocalLaw& at, const std::vector<double>& offset,
                  const std::vector<double>& log_weight, double noise);

/** A coordinate near which the tail is about e^-log_n, log_n > 2. */
[[nodiscard]] double top_guess(const SmoothLaw& law, double log_n);

/** The coordinate whose reward has v = e^log_v above it, on the piece where that lies. */
struct Edge {
  double s;
  int piece;
};
[[nodiscard]] Edge edge_of(const SmoothLaw& law, double log_v);

}  // namespace tiltlab::continuous
