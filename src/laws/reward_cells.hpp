#pragma once
#include <complex>
#include <cstddef>
#include <span>
#include <vector>

namespace tiltlab {

/** What a tilt adds to the base, from sums of positive terms. */
struct NearBase {
  /** log E e^(b (step - centre)) = log(1 + a); infinite where that is past a double. */
  double a = 0;
  /** E_phi step - centre. */
  double gain = 0;
  double kl = 0;
  double variance = 0;
  /** From the sums that both ways of finding it take: E (e^y - 1 - y), E x (e^y - 1) and E x^2 e^y, y = b x. */
  [[nodiscard]] static NearBase of(double b, double a, double first, double second);
  /** What the optimum of a KL gains, from this tilt by b that is near it: by the first two derivatives 1 / b and
   * -1 / (b^3 variance) of the gain by the KL. */
  [[nodiscard]] double gain_of(double b, double nats) const;
};

/**
 * Moments of many weighted rewards by cells: sums of e^{b x} and of e^{i w x} over all of them at the cost of the
 * cells, to the rounding of the sums themselves. A cell's terms are e^{b c} times a series in b (x - c) about its
 * middle c. (The far-field expansion of a fast Gauss transform: L. Greengard and J. Strain, "The Fast Gauss Transform",
 * 1991.)
 */
class RewardCells {
 public:
  /**
   * @param x increasing, sum of weight * x = 0 up to rounding; at least two, the first below the last
   * @param weight >= 0, sum 1, one for each of `x`
   * @param cells > 0
   */
  RewardCells(std::span<const double> x, std::span<const double> weight, std::size_t cells);

  /** How many cells it takes to resolve tilts, or frequencies, up to this. */
  [[nodiscard]] static double cells_for(std::span<const double> x, double most);

  /** @param b a resolved tilt, |b x| <= 600 */
  [[nodiscard]] NearBase near_base(double b) const;

  /** E e^{i w x} - 1 at the frequencies 0, dw, .. (count - 1) dw, all resolved. */
  [[nodiscard]] std::vector<std::complex<double>> turned(double dw, std::size_t count) const;

 private:
  /** Of the series, the last but two: moments of two more orders stand beside them. */
  static constexpr std::size_t orders = 12;
  static constexpr std::size_t moments = orders + 3;

  double half_ = 0;
  /** Of each cell that holds rewards. */
  std::vector<double> middle_;
  /** E ((x - middle) / half)^k in each cell, k = 0 .. moments - 1. */
  std::vector<double> moment_;
};

}  // namespace tiltlab
