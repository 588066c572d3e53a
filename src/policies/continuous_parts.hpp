#pragma once
#include "policies/continuous.hpp"

/** What `continuous.hpp` promises, for either kind of law. */
namespace tiltlab::continuous {

/** Room for rounding beside what is bounded by name. */
inline constexpr double rounding = 1e-13;
/** The relative error of a short sum of doubles. */
inline constexpr double some_ulps = 4e-15;

inline constexpr double euler_gamma = 0.57721566490153286061;

[[nodiscard]] ContinuousTilt kl_rl(const SmoothLaw& law, DoubleDouble kl, Accuracy accuracy);
[[nodiscard]] ContinuousTilt kl_rl(const QuantileTable& table, DoubleDouble kl, Accuracy accuracy);
[[nodiscard]] ContinuousMetrics best_of_n(const SmoothLaw& law, DoubleDouble log_n, Accuracy accuracy);
[[nodiscard]] ContinuousMetrics best_of_n(const QuantileTable& table, DoubleDouble log_n);

/** log E_p exp(b (x - largest reward)), or of x itself where there is none; log b given, standard units. */
[[nodiscard]] double log_mgf(const SmoothLaw& law, DoubleDouble log_tilt, Accuracy accuracy);
[[nodiscard]] double log_mgf(const QuantileTable& table, DoubleDouble log_tilt);

[[nodiscard]] DensityCurve tilt_density(const SmoothLaw& law, const ContinuousTilt& tilt, int points);
[[nodiscard]] DensityCurve tilt_density(const QuantileTable& table, const ContinuousTilt& tilt, int points);
[[nodiscard]] DensityCurve best_of_n_density(const SmoothLaw& law, double log_n, int points);
[[nodiscard]] DensityCurve best_of_n_density(const QuantileTable& table, double log_n, int points);

/** The mass of the atom at the largest reward, or 0. */
[[nodiscard]] double top_atom(const QuantileTable& table);
[[nodiscard]] bool has_atoms(const QuantileTable& table);

/** Largest of the bounds by name, and of `rounding`. */
void bound(ContinuousMetrics& m);

[[nodiscard]] DoubleDouble square_root(DoubleDouble x);

}  // namespace tiltlab::continuous
