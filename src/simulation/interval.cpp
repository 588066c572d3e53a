#include "simulation/interval.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tiltlab {

namespace {

/** The normal law's point that is passed once in 56 times: 27 intervals in 28 hold, so that 19 in 20 do where normality
 * is an approximation. */
constexpr double z = 2.1;
/** Expected rare values from which the normal interval holds. */
constexpr double many = 400;
/** Replicates from which the drawn variance is good enough. */
constexpr double enough = 30;

/** The same point of Student's t, by its expansion in 1/degrees (Fisher and Cornish, 1960): to 1e-4 from 29 on. */
double student(double degrees) {
  constexpr double z3 = z * z * z;
  return z + (z3 + z) / (4 * degrees) + (5 * z3 * z * z + 16 * z3 + 3 * z) / (96 * degrees * degrees);
}

Interval normal(double sum, double squares, double n) {
  const double mean = sum / n;
  if (n < 2) return {-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
  const double variance = std::max(0.0, (squares - sum * mean) / (n - 1));
  const double half = student(n - 1) * std::sqrt(variance / n);
  return {mean - half, mean + half};
}

/** The exponential family of a law: values from its likeliest on, the farthest 1 away, so that rare ones keep their
 * digits. */
class Family {
 public:
  explicit Family(const Shape& shape) {
    double total = 0;
    for (const double m : shape.mass) total += m;
    const auto mode = std::max_element(shape.mass.begin(), shape.mass.end()) - shape.mass.begin();
    origin_ = shape.x[static_cast<std::size_t>(mode)];
    for (std::size_t j = 0; j < shape.x.size(); ++j) {
      if (shape.mass[j] > 0) scale_ = std::max(scale_, std::fabs(shape.x[j] - origin_));
    }
    for (std::size_t j = 0; j < shape.x.size(); ++j) {
      if (!(shape.mass[j] > 0)) continue;
      x_.push_back(scale_ > 0 ? (shape.x[j] - origin_) / scale_ : 0);
      mass_.push_back(shape.mass[j] / total);
    }
    for (std::size_t j = 0; j < x_.size(); ++j) {
      if (x_[j] < lowest_.x) lowest_ = {x_[j], 0};
      if (x_[j] > highest_.x) highest_ = {x_[j], 0};
    }
    for (std::size_t j = 0; j < x_.size(); ++j) {
      if (x_[j] == lowest_.x) lowest_.mass += mass_[j];
      if (x_[j] == highest_.x) highest_.mass += mass_[j];
    }
  }

  [[nodiscard]] bool constant() const { return scale_ == 0; }

  /** max(skewness^2, excess kurtosis, 0) */
  [[nodiscard]] double far_from_normal() const {
    double mean = 0;
    for (std::size_t j = 0; j < x_.size(); ++j) mean += mass_[j] * x_[j];
    double second = 0;
    double third = 0;
    double fourth = 0;
    for (std::size_t j = 0; j < x_.size(); ++j) {
      const double d = x_[j] - mean;
      second += mass_[j] * d * d;
      third += mass_[j] * d * d * d;
      fourth += mass_[j] * d * d * d * d;
    }
    return std::max({third * third / (second * second * second), fourth / (second * second) - 3, 0.0});
  }

  /** Means of the tilts that are at most `divergence` from the tilt of mean m. */
  [[nodiscard]] Interval means(double m, double divergence) const {
    const double x = std::clamp((m - origin_) / scale_, lowest_.x, highest_.x);
    constexpr double rounding = 1e-12;
    const bool at_lowest = x - lowest_.x <= rounding;
    const bool at_highest = highest_.x - x <= rounding;
    // K(theta) - theta x, at its least where the tilt's mean is x.
    const auto excess = [&](double theta) { return log_mgf(theta) - theta * x; };
    double middle = 0;
    double least = 0;
    if (at_lowest || at_highest) {
      least = std::log(at_lowest ? lowest_.mass : highest_.mass);
    } else {
      const bool up = mean(0) < x;
      double far = up ? 1 : -1;
      while ((mean(far) < x) == up && std::fabs(far) < 1e15) far *= 2;
      middle = bisect(0, far, [&](double theta) { return (mean(theta) < x) == up; });
      least = excess(middle);
    }
    const auto end = [&](double side) {
      // From an edge of the range the divergence falls all the way to the other side.
      double near = middle;
      if (at_lowest || at_highest) {
        near = -side;
        while (excess(near) - least > divergence && std::fabs(near) < 1e15) near *= 2;
      }
      double step = side;
      while (excess(near + step) - least <= divergence && std::fabs(step) < 1e15) step *= 2;
      const double theta = bisect(near, near + step, [&](double t) { return excess(t) - least <= divergence; });
      return origin_ + scale_ * mean(theta);
    };
    return {at_lowest ? origin_ + scale_ * lowest_.x : end(-1), at_highest ? origin_ + scale_ * highest_.x : end(1)};
  }

 private:
  struct Edge {
    double x = 0;
    double mass = 0;
  };

  /** From `inside`, where `holds`, towards `outside`, where it does not. */
  template <class F>
  static double bisect(double inside, double outside, F&& holds) {
    for (int k = 0; k < 48; ++k) {
      const double half = inside + (outside - inside) / 2;
      if (half == inside || half == outside) break;
      (holds(half) ? inside : outside) = half;
    }
    return inside;
  }

  /** The largest exponent of a tilt. */
  [[nodiscard]] double top(double theta) const { return std::max(theta * lowest_.x, theta * highest_.x); }

  [[nodiscard]] double log_mgf(double theta) const {
    const double most = top(theta);
    double sum = 0;
    if (most < 30) {
      for (std::size_t j = 0; j < x_.size(); ++j) sum += mass_[j] * std::expm1(theta * x_[j]);
      return std::log1p(sum);
    }
    for (std::size_t j = 0; j < x_.size(); ++j) sum += mass_[j] * std::exp(theta * x_[j] - most);
    return most + std::log(sum);
  }

  [[nodiscard]] double mean(double theta) const {
    const double most = top(theta);
    double sum = 0;
    double first = 0;
    for (std::size_t j = 0; j < x_.size(); ++j) {
      const double w = mass_[j] * std::exp(theta * x_[j] - most);
      sum += w;
      first += w * x_[j];
    }
    return first / sum;
  }

  double origin_ = 0;
  double scale_ = 0;
  std::vector<double> x_;
  std::vector<double> mass_;
  Edge lowest_;
  Edge highest_;
};

}  // namespace

Interval mean_interval(double sum, double squares, double n, const Shape& shape) {
  if (shape.x.empty()) return normal(sum, squares, n);
  const Family family(shape);
  if (family.constant()) return {sum / n, sum / n};
  const double values = n * shape.copies;
  const double rare = (family.far_from_normal() + 1) / values;
  if (rare <= 1 / many && n >= enough) return normal(sum, squares, n);
  const double c = rare > 0.25 ? 3.6888794541139363 : z * z / 2 + 0.8 * std::sqrt(rare);
  const Interval each = family.means(sum / values, c / values);
  return {shape.copies * each.low, shape.copies * each.high};
}

Interval rate_interval(double sum, double squares, double n) {
  // Sums of 0, 1/2 and 1, and of their squares.
  const double ties = 4 * (sum - squares);
  const double wins = sum - ties / 2;
  const double losses = n - wins - ties;
  const double all = n + 1.5;
  return mean_interval(sum, squares, n,
                       {{0, 0.5, 1}, {(losses + 0.5) / all, (ties + 0.5) / all, (wins + 0.5) / all}, 1});
}

}  // namespace tiltlab
