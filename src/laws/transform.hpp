#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "numerics/double_double.hpp"

namespace tiltlab {

/**
 * A function f of the mean reward x = S/n of a sequence, S the sum of n rewards: a draw then earns n f(S/n).
 *
 *   step       x + height [x >= at]
 *   indicator  [x >= at]
 *   clip       min(max(x, lower), upper)
 *   power      sign(x) |x|^exponent
 *   sigmoid    1 / (1 + exp(-(x - at) / scale))
 *   table      linear between the points (x, y), constant outside
 */
enum class TransformKind { step, indicator, clip, power, sigmoid, table };

struct Transform {
  TransformKind kind = TransformKind::clip;
  /** By kind: at and height; at; lower and upper, infinite where there is none; exponent; at and scale. */
  DoubleDouble first;
  DoubleDouble second;
  /** Of a table, x increasing. One entry a point. */
  std::vector<DoubleDouble> x = {};
  std::vector<DoubleDouble> y = {};
};

/** Magnitudes up to which thresholds, heights and values of tables may go, and totals n f(S/n). */
inline constexpr double largest_transform = 1e60;

/**
 * @param kind as in the scenario
 * @param parameters as many as the kind has numbers, in the order above
 * @param x,y of a table, empty else
 * @throws InputError that names a field of `transform`
 */
[[nodiscard]] Transform make_transform(const std::string& kind, const std::vector<double>& parameters,
                                       const std::vector<double>& x, const std::vector<double>& y);

/**
 * n f(total / n), to 31 digits. A total that is a threshold's n-fold to within 1e-28 of `scale` meets it: totals of
 * rewards that are decimals do so exactly, or miss it by more.
 * @param scale the largest magnitude that a total of this model may have @throws InputError where the value leaves the
 * range of `largest_transform`
 */
[[nodiscard]] DoubleDouble transformed_total(const Transform& f, const DoubleDouble& total, std::int64_t n,
                                             double scale);

/** Whether rewards that differ stay different: what is then too near to be told apart is no tie. */
[[nodiscard]] bool is_injective(const Transform& f);

/** Where f is monotone and continuous: between two means it is intercept + slope x, or the curve of its kind. */
struct TransformPiece {
  double from = 0;
  double to = 0;
  double intercept = 0;
  double slope = 1;
  /** Of a power or a sigmoid, whose values and slopes `value_on` and `slope_on` tell. */
  bool curved = false;
};

/** The pieces that cover [low, high], in increasing order; one more for a jump at `high`, of no width. A jump belongs
 * to both pieces that meet there, each with its own limit. */
[[nodiscard]] std::vector<TransformPiece> pieces_of(const Transform& f, double low, double high);

/** f and f' at x within a piece; of a power under 1 infinite at 0. */
[[nodiscard]] double value_on(const Transform& f, const TransformPiece& piece, double x);
[[nodiscard]] double slope_on(const Transform& f, const TransformPiece& piece, double x);
/** The x at which a curved f has the value y; NaN or infinite where it has none. */
[[nodiscard]] double inverse_on(const Transform& f, double y);

}  // namespace tiltlab
