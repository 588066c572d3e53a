#include "samples/prompt_interval.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <vector>

namespace tiltlab {
namespace {

constexpr double tail = 0.025;

/** No farther than a strict reach, and the mean is within. */
Interval within(Interval found, double mean, const std::optional<ValueReach>& reach) {
  if (reach && reach->is_strict) found = {std::max(found.low, reach->low), std::min(found.high, reach->high)};
  return {std::min(found.low, mean), std::max(found.high, mean)};
}

/** Values with weights, by how far each is below the highest. */
struct Weighed {
  std::vector<double> below;
  std::vector<double> weight;
  double sum = 0;

  void add(double value, double times) {
    below.push_back(value);
    weight.push_back(times);
    sum += times;
  }
};

/** A law p ~ weight / (reach + below) that leans to the top. */
struct Leaning {
  /** Of `below`. */
  double mean = 0;
  /** By how much less likely the values are than under their own law: a difference of logarithms. */
  double loss = 0;
};

Leaning lean(const Weighed& of, double reach) {
  // Logarithms of products of sixteen: a factor is 1 + below / reach, which stays under 2^60.
  constexpr std::size_t together = 16;
  double shares = 0;
  double first = 0;
  double loss = 0;
  double product = 1;
  double times = 1;
  for (std::size_t i = 0; i < of.below.size(); ++i) {
    const double factor = 1 + of.below[i] / reach;
    shares += of.weight[i] / factor;
    first += of.weight[i] * of.below[i] / factor;
    if (of.weight[i] != times || i % together == 0) {
      loss += times * std::log(product);
      product = 1;
      times = of.weight[i];
    }
    product *= factor;
  }
  loss += times * std::log(product);
  return {first / shares, loss + of.sum * std::log(shares / of.sum)};
}

/** How far below the top the mean is under the law that leans there by `bound`. */
double least_below(const Weighed& of, double spread, double squares, double bound) {
  // For small losses these are squares / (2 reach^2): in logarithms nearly a line of slope -2.
  double low = std::log(spread) - 40;
  double high = std::log(spread) + 40;
  double at = std::clamp(std::log(squares / (2 * bound)) / 2, low, high);
  Leaning here;
  constexpr int most = 100;
  for (int i = 0; i < most; ++i) {
    here = lean(of, std::exp(at));
    const double off = here.loss > 0 ? std::log(here.loss / bound) / 2 : -20;
    (off > 0 ? low : high) = at;
    constexpr double close = 1e-9;
    if (std::fabs(off) < close || high - low < close) break;
    at += off;
    if (!(at > low && at < high)) at = (low + high) / 2;
  }
  return here.mean;
}

/** The highest mean that the likelihood allows of the values times `sign`. */
double highest(std::span<const double> values, const std::optional<ValueReach>& reach, double sign, double bound) {
  Weighed of;
  for (const double v : values) of.add(sign * v, 1);
  constexpr double half = 0.5;
  if (reach) {
    of.add(sign * reach->low, half);
    of.add(sign * reach->high, half);
  }
  const double top = *std::max_element(of.below.begin(), of.below.end());
  double mean = 0;
  double spread = 0;
  for (std::size_t i = 0; i < of.below.size(); ++i) {
    of.below[i] = top - of.below[i];
    spread = std::max(spread, of.below[i]);
    mean += of.weight[i] * of.below[i] / of.sum;
  }
  if (!(spread > 0)) return top;
  double squares = 0;
  for (std::size_t i = 0; i < of.below.size(); ++i)
    squares += of.weight[i] * (of.below[i] - mean) * (of.below[i] - mean);
  return top - least_below(of, spread, squares, bound);
}

double carriers(std::span<const double> values, const PromptMoments& m) {
  double fourths = 0;
  for (const double v : values) {
    const double square = (v - m.mean) * (v - m.mean);
    fourths += square * square;
  }
  return fourths > 0 ? m.squares * m.squares / fourths : 1;
}

}  // namespace

ValueReach difference_reach(const ValueReach& each, double shared) {
  const double apart = (each.high - each.low) * (1 - shared);
  return {-apart, apart, each.is_strict};
}

Interval hull(const Interval& a, const Interval& b) { return {std::min(a.low, b.low), std::max(a.high, b.high)}; }

std::optional<Interval> hull(const std::optional<Interval>& a, const std::optional<Interval>& b) {
  return a && b ? std::optional(hull(*a, *b)) : std::nullopt;
}

PromptMoments prompt_moments(std::size_t prompts, const std::function<double(std::size_t)>& value) {
  PromptMoments out{static_cast<double>(prompts)};
  for (std::size_t k = 0; k < prompts; ++k) out.mean += value(k);
  out.mean /= out.prompts;
  for (std::size_t k = 0; k < prompts; ++k) {
    const double off = value(k) - out.mean;
    out.squares += off * off;
    out.cubes += off * off * off;
  }
  return out;
}

double student_quantile(double prompts) {
  return boost::math::quantile(boost::math::complement(boost::math::students_t(prompts - 1), tail));
}

Interval student_interval(const PromptMoments& m) {
  const double half = student_quantile(m.prompts) * std::sqrt(m.squares / (m.prompts - 1) / m.prompts);
  return {m.mean - half, m.mean + half};
}

Interval skewed_interval(const PromptMoments& m) {
  if (!(m.squares > 0)) return {m.mean, m.mean};
  const double variance = m.squares / m.prompts;
  const double skewness = m.cubes / m.prompts / (variance * std::sqrt(variance));
  const double a = skewness / std::sqrt(m.prompts);
  constexpr double straight = 1e-9;
  const auto solved = [&](double t) {
    return std::fabs(a) < straight ? t : 3 / a * (std::cbrt(1 + a * (t - a / 6)) - 1);
  };
  const double t = student_quantile(m.prompts);
  const double error = std::sqrt(m.squares / (m.prompts - 1) / m.prompts);
  return {m.mean - error * solved(t), m.mean - error * solved(-t)};
}

Interval likelihood_interval(std::span<const double> values, const std::optional<ValueReach>& reach) {
  const double t = student_quantile(static_cast<double>(values.size()));
  const double bound = t * t / 2;
  return {-highest(values, reach, -1, bound), highest(values, reach, 1, bound)};
}

Interval prompt_interval(const PromptMoments& m, const std::optional<ValueReach>& reach) {
  if (!(m.squares > 0)) return {m.mean, m.mean};
  return within(hull(student_interval(m), skewed_interval(m)), m.mean, reach);
}

double spread_carriers(std::span<const double> values) {
  return carriers(values, prompt_moments(values.size(), [&](std::size_t k) { return values[k]; }));
}

bool tells_of_others(std::span<const double> values, const std::optional<ValueReach>& reach) {
  const PromptMoments m = prompt_moments(values.size(), [&](std::size_t k) { return values[k]; });
  const double carried = carriers(values, m);
  if (carried >= fewest_carriers) return true;
  // Normal values have a third of the prompts for carriers, and few prompts seldom less than a quarter.
  constexpr double part = 0.25;
  if (carried < part * m.prompts) return false;
  if (!reach || !reach->is_strict) return true;
  const double room = std::min(m.mean - reach->low, reach->high - m.mean);
  const Interval student = student_interval(m);
  return student.high - m.mean <= room / 2;
}

bool are_mostly_one(std::span<const double> differences) {
  const PromptMoments m = prompt_moments(differences.size(), [&](std::size_t k) { return differences[k]; });
  return m.squares > m.mean * m.mean * m.prompts && carriers(differences, m) < fewest_carriers;
}

Interval prompt_interval(std::span<const double> values, const std::optional<ValueReach>& reach, bool are_few) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const PromptMoments m = prompt_moments(values.size(), [&](std::size_t k) { return values[k]; });
  // Sums of equal numbers differ from them, and from each other, by rounding.
  constexpr double rounding = 1e-13;
  if (*high - *low <= rounding * std::max(std::fabs(*low), std::fabs(*high))) return {m.mean, m.mean};
  const Interval found = prompt_interval(m, reach);
  if (!are_few && tells_of_others(values, reach)) return found;
  return within(hull(found, likelihood_interval(values, reach)), m.mean, reach);
}

}  // namespace tiltlab
