#include "limits/transformed_rates.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "error.hpp"
#include "laws/tilted_chain.hpp"
#include "numerics/log_domain.hpp"
#include "numerics/roots.hpp"

namespace tiltlab {

namespace {

/** Means that are told apart, against the range of all. */
constexpr double same_mean = 1e-13;
/** Values of f that are told apart, against the largest. */
constexpr double same_value = 1e-12;
/** Tilts of a curved piece among which maxima are looked for. */
constexpr int curve_points = 128;
/** Steps of a search, at most. */
constexpr int most_halvings = 200;

}  // namespace

MeanRates mean_rates(const TokenLaw& law) {
  const auto reward = [&law](const DoubleDouble& step) { return (law.base + law.unit * step).value(); };
  MeanRates rates;
  rates.low = {reward(law.step.front()), -law.log_p.front()};
  rates.high = {reward(law.step.back()), kl_max(law).value()};
  rates.at = [&law, reward](double alpha) {
    const double b = alpha * law.unit.value();
    const std::vector<double> weights = tilted(law, b);
    MeanRate at{reward(exact_mean(law, weights)), 0};
    // Terms of a KL one by one: near the mean the difference of totals would cancel.
    for (std::size_t i = 0; i < law.size(); ++i) {
      constexpr double large = 600;
      const double y = weights[i] > 0 ? std::log(weights[i]) - law.log_p[i] : -infinity;
      at.rate += y == -infinity ? law.p[i] : y > large ? weights[i] * (y - 1) + law.p[i] : law.p[i] * kl_term(y);
    }
    return at;
  };
  return rates;
}

namespace {

/** A chain for tilts of one sign, those by b >= 0 of its rewards or of their negatives. */
struct OneWay {
  MarkovLaw law;
  Recurrence recurrence;

  explicit OneWay(MarkovLaw of) : law(std::move(of)), recurrence(recurrence_of(law)) {}
  /** At the tilt by alpha >= 0, per reward. */
  [[nodiscard]] MeanRate at(double alpha) const {
    const TiltedChain t = tilted_chain(law, recurrence, alpha * law.rewards.unit.value());
    return {mean(t.rho), std::max(0.0, (DoubleDouble(t.b) * t.rho - t.lambda).value())};
  }
  [[nodiscard]] double mean(const DoubleDouble& step) const {
    return (law.rewards.base + law.rewards.unit * step).value();
  }
  /** The largest mean, with the limit of its rate. */
  [[nodiscard]] MeanRate end() const {
    MeanRate end{mean(recurrence.peak), 0};
    const double range = (law.rewards.unit * law.rewards.step.back()).value();
    try {
      for (double alpha = 1 / range; alpha < 1e6 / range; alpha *= 1.5) {
        const MeanRate here = at(alpha);
        end.rate = std::max(end.rate, here.rate);
        if (end.mean - here.mean <= 1e-15 * range) break;
      }
    } catch (const NumericalError&) {
      // Past what the eigenvalue is found for nothing is left to come.
    }
    return end;
  }
};

}  // namespace

MarkovLaw negated(MarkovLaw law) {
  for (Transition& t : law.transitions) t.level = law.rewards.size() - 1 - t.level;
  law.rewards = reflected(law.rewards);
  return law;
}

MeanRates mean_rates(const MarkovLaw& law) {
  if (law.rewards.lattice.empty())
    throw InputError("model.reward", "rewards share no lattice, of which no limits are known");
  const auto up = std::make_shared<OneWay>(visited_part(law));
  const auto down = std::make_shared<OneWay>(negated(visited_part(law)));
  MeanRates rates;
  rates.high = up->end();
  rates.low = down->end();
  rates.low.mean = -rates.low.mean;
  rates.at = [up, down](double alpha) {
    if (alpha >= 0) return up->at(alpha);
    const MeanRate at = down->at(-alpha);
    return MeanRate{-at.mean, at.rate};
  };
  return rates;
}

TransformedRates::TransformedRates(MeanRates rates, const Transform& f)
    : rates_(std::move(rates)), f_(f), mean_(rates_.at(0).mean) {
  least_ = infinity;
  largest_ = -infinity;
  for (const TransformPiece& of : pieces_of(f, rates_.low.mean, rates_.high.mean)) {
    Piece piece{of, tilted_to(of.from), tilted_to(of.to)};
    if (of.curved) piece.grid = grid_of(piece.from, piece.to);
    for (const double end : {of.from, of.to}) {
      least_ = std::min(least_, value_on(f, of, end));
      largest_ = std::max(largest_, value_on(f, of, end));
    }
    pieces_.push_back(std::move(piece));
  }
}

TransformedRates::Tilted TransformedRates::tilted_to(double mean) const {
  const double same = same_mean * (rates_.high.mean - rates_.low.mean);
  if (mean >= rates_.high.mean - same) return {infinity, rates_.high};
  if (mean <= rates_.low.mean + same) return {-infinity, rates_.low};
  if (std::fabs(mean - mean_) <= same) return {0, {mean_, 0}};
  const double sign = mean > mean_ ? 1 : -1;
  const double start = 1 / (rates_.high.mean - rates_.low.mean);
  const double alpha =
      sign * positive_root([&](double x) { return sign * (rates_.at(sign * x).mean - mean); }, start, "a mean");
  return {alpha, {mean, rates_.at(alpha).rate}};
}

std::vector<TransformedRates::Tilted> TransformedRates::grid_of(const Tilted& from, const Tilted& to) const {
  std::vector<Tilted> grid{from};
  // Even where the tilt is small, and out to either end by the tangent.
  const double scale = 4 / (rates_.high.mean - rates_.low.mean);
  const double first = std::atan(from.alpha / scale);
  const double last = std::atan(to.alpha / scale);
  for (int k = 1; k < curve_points; ++k) {
    const double alpha = scale * std::tan(first + (last - first) * k / curve_points);
    grid.push_back({alpha, rates_.at(alpha)});
  }
  grid.push_back(to);
  return grid;
}

void TransformedRates::consider(const Piece& piece, double a, Support& best) const {
  const auto take = [&](const MeanRate& at) {
    const double reward = value_on(f_, piece.of, at.mean);
    const double value = a * reward - at.rate;
    if (value > best.value) best = {value, reward, at.rate};
  };
  if (piece.of.curved) {
    consider_curve(piece, a, best);
    return;
  }
  const double alpha = a * piece.of.slope;
  take(alpha <= piece.from.alpha ? piece.from.at : alpha >= piece.to.alpha ? piece.to.at : rates_.at(alpha));
}

void TransformedRates::consider_curve(const Piece& piece, double a, Support& best) const {
  const auto at = [&](const MeanRate& point) {
    const double reward = value_on(f_, piece.of, point.mean);
    return Support{a * reward - point.rate, reward, point.rate};
  };
  const auto take = [&](const Support& found) {
    if (found.value > best.value) best = found;
  };
  const std::vector<Tilted>& grid = piece.grid;
  // d/dt (a f - I) = a f' - alpha
  const auto rise = [&](double alpha) { return a * slope_on(f_, piece.of, rates_.at(alpha).mean) - alpha; };
  for (std::size_t k = 0; k < grid.size(); ++k) {
    const Support here = at(grid[k].at);
    take(here);
    const bool is_peak = (k == 0 || at(grid[k - 1].at).value <= here.value) &&
                         (k + 1 == grid.size() || at(grid[k + 1].at).value <= here.value);
    if (!is_peak) continue;
    double low = grid[k == 0 ? 0 : k - 1].alpha;
    double high = grid[std::min(k + 1, grid.size() - 1)].alpha;
    // Beyond a finite tilt only the end itself is left.
    constexpr double steep = 16;
    if (std::isinf(low)) low = std::min(steep * grid[1].alpha, grid[1].alpha / steep);
    if (std::isinf(high)) high = std::max(steep * grid[grid.size() - 2].alpha, grid[grid.size() - 2].alpha / steep);
    if (!(low < high && rise(low) > 0 && rise(high) < 0)) continue;
    take(at(rates_.at(bracketed_root([&](double x) { return -rise(x); }, low, high, "the hull's tangent"))));
  }
}

TransformedRates::Support TransformedRates::support(double a) const {
  Support best{-infinity, 0, 0};
  for (const Piece& piece : pieces_) consider(piece, a, best);
  return best;
}

double TransformedRates::best_of_n(double delta) const {
  const auto reached = [&](double sign, const MeanRate& end) {
    if (!(delta > 0)) return mean_;
    if (delta >= end.rate) return end.mean;
    const double start = 1 / (rates_.high.mean - rates_.low.mean);
    return rates_.at(sign * positive_root([&](double x) { return rates_.at(sign * x).rate - delta; }, start, "a rate"))
        .mean;
  };
  const double low = reached(-1, rates_.low);
  const double high = reached(1, rates_.high);
  double best = -infinity;
  for (const Piece& piece : pieces_) {
    if (piece.of.from > high || piece.of.to < low) continue;
    best = std::max({best, value_on(f_, piece.of, std::max(low, piece.of.from)),
                     value_on(f_, piece.of, std::min(high, piece.of.to))});
  }
  return best;
}

namespace {

/** A concave function at a point, and a slope of it there. */
struct Tangent {
  double at = 0;
  double value = 0;
  double slope = 0;
};

/** Where two tangents meet, of slopes that differ in sign: no value between them is above that. */
Tangent crossing(const Tangent& left, const Tangent& right) {
  const double at =
      (right.value - left.value + left.slope * left.at - right.slope * right.at) / (left.slope - right.slope);
  return {at, left.value + left.slope * (at - left.at), 0};
}

/**
 * The maximum of a concave function, kinks and all: between a point where it rises and one where it falls their
 * tangents meet above it, at a kink exactly on it; every other step halves.
 * @param rising, falling have slopes >= 0 and <= 0; the last of both on return
 */
template <class F>
Tangent highest(const F& f, Tangent& rising, Tangent& falling) {
  Tangent best = rising.value > falling.value ? rising : falling;
  for (int i = 0; i < most_halvings && rising.slope > 0 && falling.slope < 0; ++i) {
    const Tangent bound = crossing(rising, falling);
    if (!(bound.value - best.value > 1e-14 * std::fabs(best.value))) break;
    const double middle = rising.at + (falling.at - rising.at) / 2;
    const double at = i % 2 == 0 ? bound.at : middle;
    const bool is_between = (at - rising.at) * (falling.at - at) > 0;
    const Tangent here = f(is_between ? at : middle);
    if (here.value > best.value) best = here;
    if (here.at == rising.at || here.at == falling.at) break;
    (here.slope >= 0 ? rising : falling) = here;
  }
  return best;
}

}  // namespace

TransformedRates::KlRl TransformedRates::kl_rl(double delta) const {
  if (!(delta > 0)) return {best_of_n(0), 0};
  if (delta >= rate(largest_)) return {largest_, infinity};
  // inf_a (delta + Lambda_f(a)) / a, convex in s = 1/a with slope delta less the rate of the maximum at a.
  const auto f = [&](double s) {
    const Support at = support(1 / s);
    return Tangent{s, -s * (delta + at.value), at.rate - delta};
  };
  Tangent rising = f(largest_ - least_);
  Tangent falling = rising;
  for (int i = 0; i < most_halvings && rising.slope < 0; ++i) rising = f(rising.at / 4);
  for (int i = 0; i < most_halvings && falling.slope > 0; ++i) falling = f(falling.at * 4);
  const Tangent best = highest(f, rising, falling);
  // A value's last digits tell half of those of where it is; the slope tells all of them.
  const double at = rising.slope > 0 && falling.slope < 0 ? bracketed_root([&](double s) { return -f(s).slope; },
                                                                           rising.at, falling.at, "the hull's slope")
                                                          : best.at;
  return {-best.value, 1 / at};
}

std::optional<double> TransformedRates::mean_of(const Piece& piece, double x) const {
  const auto& [from, to, intercept, slope, curved] = piece.of;
  double t = 0;
  if (curved) {
    t = inverse_on(f_, x);
  } else if (slope == 0) {
    if (std::fabs(x - intercept) > same_value * std::max(std::fabs(least_), std::fabs(largest_))) return std::nullopt;
    t = std::clamp(mean_, from, to);
  } else {
    t = (x - intercept) / slope;
  }
  const double same = same_value * (rates_.high.mean - rates_.low.mean);
  if (!(t >= from - same && t <= to + same)) return std::nullopt;
  return std::clamp(t, from, to);
}

double TransformedRates::rate(double x) const {
  double least = infinity;
  for (const Piece& piece : pieces_) {
    if (const auto mean = mean_of(piece, x)) least = std::min(least, tilted_to(*mean).at.rate);
  }
  return least;
}

double TransformedRates::hull(double x) const {
  const double range = largest_ - least_;
  if (!(x > least_ - same_value * range && x < largest_ + same_value * range)) return infinity;
  if (x <= least_ + same_value * range || x >= largest_ - same_value * range) return rate(x);
  // sup_a a x - Lambda_f(a), of slope x less the value at the maximum.
  const auto f = [&](double a) {
    const Support at = support(a);
    return Tangent{a, a * x - at.value, x - at.reward};
  };
  Tangent rising = f(-1 / range);
  Tangent falling = f(1 / range);
  for (int i = 0; i < most_halvings && rising.slope < 0; ++i) rising = f(rising.at * 4);
  for (int i = 0; i < most_halvings && falling.slope > 0; ++i) falling = f(falling.at * 4);
  return std::max(0.0, highest(f, rising, falling).value);
}

std::vector<double> TransformedRates::breaks() const {
  std::vector<double> values;
  for (const Piece& piece : pieces_) {
    values.push_back(value_on(f_, piece.of, piece.of.from));
    values.push_back(value_on(f_, piece.of, piece.of.to));
  }
  return values;
}

}  // namespace tiltlab
