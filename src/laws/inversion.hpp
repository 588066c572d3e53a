#pragma once
#include <complex>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "laws/token_law.hpp"

namespace tiltlab {

/** One tilted token on its lattice, with what the inversion needs to know of it. Immutable once made. */
struct InversionToken {
  double b = 0;
  std::vector<double> weight;
  std::vector<std::int64_t> step;
  /** step - mean */
  std::vector<double> centred;
  DoubleDouble lambda;
  DoubleDouble mean;
  double variance = 0;
  /** 1 - |psi(w)|^2 >= variance w^2 (1 - quartic w^2) for every w (from 1 - cos y >= y^2/2 - y^4/24). */
  double quartic = 0;
  /** Lower bound of 1 - |psi|^2 for w from sqrt(1 / (2 quartic)) to `walk_end`; 0 where it was not searched. */
  double floor = 0;
  /** Where frequencies stop to matter: pi, or less where only sums over smooth functions are wanted. */
  double walk_end = 3.14159265358979323846;
  /** Where another law tells: how far up the floor holds, and from where |psi|^n is nothing to an inversion; 0 else. */
  double clear_to = 0;
  double quiet_from = 0;
  /** Where the inversion ends, all frequencies before it taken; 0 where that is the main lobe's own edge. */
  double edge = 0;
  /**
   * What gold rewards have beside a multiple of the reward, under the tilt: gold_i - gold_mean - gold_slope centred_i.
   * Empty where that is nothing: then a sum tells its gold.
   */
  std::vector<double> gold = {};
  double gold_mean = 0;
  double gold_slope = 0;
};

/** @param tilt not saturated; `token.lattice` not empty, at least two levels */
[[nodiscard]] InversionToken centred_token(const TokenLaw& token, const TokenTilt& tilt);
/** With the floor of 1 - |psi|^2, where it is looked for. */
[[nodiscard]] InversionToken inversion_token(const TokenLaw& token, const TokenTilt& tilt);

/** The same of many levels on a lattice of few steps, and the last frequency at which |psi| may reach `level`: both
 * from one transform. */
[[nodiscard]] std::pair<InversionToken, double> loud_inversion_token(const TokenLaw& token, const TokenTilt& tilt,
                                                                     double level);

/**
 * The same for rewards that share no lattice, on one so fine that its points do not matter: what is summed over the law
 * varies no faster than best-of-N's masses, whose transform at frequency w is e^{-pi w / (2 b)}, or than the law
 * itself.
 */
[[nodiscard]] InversionToken smooth_inversion_token(const TokenLaw& fine, const TokenTilt& tilt, std::int64_t n);

/**
 * The same, its floor not walked for but known from the same tokens split between the points of a coarser lattice: a
 * part that goes by M with E M = 0 changes psi(w) by at most w^2 E[M^2] / 2. Empty where that does not tell enough.
 */
[[nodiscard]] std::optional<InversionToken> smooth_inversion_token(const TokenLaw& fine, const TokenTilt& tilt,
                                                                   std::int64_t n, double decay);

/**
 * The frequency beyond which |psi(w)|^n < e^-decay up to pi: where only the main lobe of the
 * characteristic function counts. Empty where a second lobe stands, or may stand, above that.
 */
[[nodiscard]] std::optional<double> lobe_edge(const InversionToken& token, double n, double decay);

/**
 * Beyond where frequencies matter to smooth functions, the first found at which |psi(w)|^n < e^-decay: an inversion may
 * end there, and what it leaves out are waves. Empty where none is soon found.
 */
[[nodiscard]] std::optional<double> calm_edge(const InversionToken& token, double n, double decay);

/**
 * What the law's own points do to best-of-N where it is taken for smooth: its tail T(x) = e^(-b x) (smooth + waves), a
 * wave of frequency w where |psi(w)|^n = h stands at h b / w of the smooth part.
 */
struct Waves {
  /** Sum of h e^(-pi w / (2 b)): what averages over best-of-N's law leave of a wave, to first order. */
  double first = 0;
  /** Sum of (h b / w)^2, the second order: b times the expected offset falls by it, the KL by twice it. On a lattice it
   * is b^2 / 24, the leading term of log[sinh(b/2) / (b/2)]. */
  double second = 0;
  /** How much of it is not found but taken for granted, beyond where a walk went. */
  double assumed = 0;
  /** The integral of h / w^2, of a law of differences what all frequencies beyond the edge add to the mean of e^(-b
   * |D|), times pi / (2 b). */
  double of_difference = 0;
  /** What finding them cost, in multiplications, about. */
  double work = 0;
};

/**
 * Waves beyond the main lobe, found by a walk up to a frequency beyond which all lobes as tall as 1 are assumed.
 * @param b > 0, what the log of the tail falls by a step where best-of-N lies: the tilt's own where there is one
 * @param values of psi that the walk may take, times tokens
 */
[[nodiscard]] Waves waves_of(const InversionToken& token, double n, double edge, double b, double values = 1e5);

/** Offsets from a centre, in lattice points: first, first + stride, ... */
struct OffsetGrid {
  std::int64_t first = 0;
  std::int64_t stride = 1;
  std::size_t count = 0;
};

/**
 * For the sum S of n tilted tokens at levels center + offset: mass_j = P(S = j) and
 * above_j = sum_{l > j} P(S = l) e^{-b (l - j)}, the upper tail of the untilted law up to a factor.
 */
struct Inversion {
  std::vector<double> mass;
  std::vector<double> above;
  /** Absolute errors of each mass_j and each above_j: rounding, truncation and aliasing. */
  double mass_error = 0;
  double above_error = 0;
  /** mass_j times the mean of what n tokens have of `InversionToken::gold`, and its error; empty where they have none.
   */
  std::vector<double> gold = {};
  double gold_error = 0;
};

/** What bounds |psi(w)| + per_square w^2 from `from` to `to`, and the last frequency up to there where that may reach
 * `level`; from a transform of a lattice of few steps. */
struct Loudness {
  double most = 0;
  double last = 0;
};
[[nodiscard]] Loudness loudness(const InversionToken& token, double from, double to, double per_square, double level);

/** A lower bound of 1 - |psi|^2 from `from` to pi by an FFT: it changes by at most 2 sd a unit of frequency. */
[[nodiscard]] double grid_floor(const InversionToken& token, double from);

/** Products of a frequency and a level that `invert_lobe` takes. */
[[nodiscard]] double lobe_products(const InversionToken& token, std::int64_t n, double edge, const OffsetGrid& grid);

/** By the frequencies of the main lobe up to `edge`; cost free of n. `center` = round(n mean). */
[[nodiscard]] Inversion invert_lobe(const InversionToken& token, std::int64_t n, std::int64_t center, double edge,
                                    const OffsetGrid& grid);

/**
 * The frequencies 2 pi f / period, 0 <= f <= period / 2, at which |psi|^n is above e^-decay, with psi there. Between
 * them the walk proves that it is not: the second derivative of 1 - |psi|^2 is at least -2 variance.
 */
struct Spectrum {
  std::int64_t period = 1;
  struct Line {
    std::int64_t f;
    /** log |psi|, and its angle against the heaviest token. */
    double log_size;
    double angle;
  };
  std::vector<Line> lines;
};

/** Empty where more than `most` values of psi would be needed. @param period at least 1 */
[[nodiscard]] std::optional<Spectrum> significant_spectrum(const InversionToken& token, double n, std::int64_t period,
                                                           double decay, double most);

/** What frequencies 2 pi f / period, in increasing order of f, add to masses and tails at the centre; and their errors.
 */
struct Lines {
  std::int64_t period = 1;
  std::vector<std::int64_t> f;
  std::vector<std::complex<double>> mass;
  std::vector<std::complex<double>> above;
  double mass_error = 0;
  double above_error = 0;
  /** And to gold; empty where there is none. */
  std::vector<std::complex<double>> gold = {};
  double gold_error = 0;
};

/** sum_{l=1}^{H} e^{-(b + i w) l}, the weights of an upper tail. */
[[nodiscard]] std::complex<double> tail_weights(double b, double w, double h);

/** Their sums at every level of the grid. */
[[nodiscard]] Inversion sum_lines(const Lines& lines, const OffsetGrid& grid);

/** By those frequencies alone, whatever lies between them. */
[[nodiscard]] Inversion invert_spectrum(const InversionToken& token, const Spectrum& spectrum, std::int64_t n,
                                        std::int64_t center, std::int64_t horizon, const OffsetGrid& grid);

/**
 * The same at `first`, first + stride, ... as many as an FFT of period / stride levels holds, which costs no more
 * however many are wanted. `stride` divides the period into a power of two, and no frequency is past half of it.
 */
[[nodiscard]] Inversion invert_strided(const InversionToken& token, const Spectrum& spectrum, std::int64_t n,
                                       std::int64_t center, std::int64_t horizon, std::int64_t first,
                                       std::int64_t stride);

/** By one FFT over `count` neighbouring levels; mass outside them wraps around into them. */
[[nodiscard]] Inversion invert_window(const InversionToken& token, std::int64_t n, std::int64_t center,
                                      std::int64_t first, std::size_t count);

/** Offsets from n mean beyond which the sum has mass < e^-42 on each side (Chernoff), clipped to the support. */
struct Window {
  std::int64_t first = 0;
  std::int64_t last = 0;
};
[[nodiscard]] Window chernoff_window(const InversionToken& token, std::int64_t n, std::int64_t center);

inline constexpr std::int64_t largest_window = 1 << 20;

/**
 * E e^{-b |D|} for the difference D of two independent sums of n such tokens, by frequencies
 * 2 pi f / period of |psi|^(2n) up to `edge` (all of them where empty; then the period is an integer).
 * |D| > reach must be negligible, and period > 2 reach.
 */
[[nodiscard]] double poisson_average(const InversionToken& token, std::int64_t n, std::optional<double> edge,
                                     double period, double reach);

/** The same by the spectrum of the difference, whose decay is that of |psi|^(2n). */
[[nodiscard]] double poisson_average(const InversionToken& token, std::int64_t n, const Spectrum& spectrum,
                                     double reach);

}  // namespace tiltlab
