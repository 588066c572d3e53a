#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

#include "error.hpp"
#include "laws/gold_lines.hpp"
#include "laws/inversion.hpp"
#include "numerics/by_lanes.hpp"
#include "numerics/cold.hpp"
#include "numerics/log_domain.hpp"
#include "numerics/sine_cosine.hpp"

/** Where the characteristic function of a tilted token may count: walks over frequencies, apart from the sums over
 * them, since these are compiled for size. */
namespace tiltlab {

namespace {

constexpr double pi = std::numbers::pi;
/** Largest step for which the floor of 1 - |psi|^2 is found by walking all frequencies. */
constexpr std::int64_t largest_walk = 4096;

/** 1 - |psi(w)|^2 and its derivative. */
struct Dip {
  double value;
  double slope;
};

/** Tokens that are taken at a time: their angles have nothing to do with each other. */
constexpr std::size_t lanes = 8;

/** Sums over tokens, lane by lane: u = Re psi - 1, v = Im psi and their derivatives. */
struct DipLanes {
  std::array<double, lanes> u{}, v{}, du{}, dv{};

  void add(const double* weight, const double* centred, double half_w) {
    TILTLAB_BY_LANES
    for (std::size_t l = 0; l < lanes; ++l) {
      const double x = centred[l];
      const auto [s, c] = sine_cosine_of_small(half_w * x);
      const double part = weight[l] * s;
      u[l] -= 2 * part * s;
      v[l] += 2 * part * c;
      du[l] -= 2 * part * x * c;
      dv[l] += weight[l] * x * (c * c - s * s);
    }
  }
};

double sum_of(const std::array<double, lanes>& a) {
  return ((a[0] + a[4]) + (a[1] + a[5])) + ((a[2] + a[6]) + (a[3] + a[7]));
}

Dip dip(const InversionToken& t, double w) {
  const std::size_t size = t.weight.size();
  const double farthest = std::max(std::fabs(t.centred.front()), std::fabs(t.centred.back()));
  const bool small = w / 2 * farthest < small_angle;
  double u = 0;
  double v = 0;
  double du = 0;
  double dv = 0;
  std::size_t i = 0;
  if (small && size >= lanes) {
    DipLanes sums;
    for (; i + lanes <= size; i += lanes) sums.add(&t.weight[i], &t.centred[i], w / 2);
    u = sum_of(sums.u);
    v = sum_of(sums.v);
    du = sum_of(sums.du);
    dv = sum_of(sums.dv);
  }
  for (; i < size; ++i) {
    const double x = t.centred[i];
    const auto [s, c] = sine_cosine(w * x / 2);
    u -= 2 * t.weight[i] * s * s;
    v += 2 * t.weight[i] * s * c;
    du -= 2 * t.weight[i] * x * s * c;
    dv += t.weight[i] * x * (c * c - s * s);
  }
  return {-(2 * u + u * u + v * v), -2 * (du + u * du + v * dv)};
}

/**
 * Walks w from lo to hi in steps that provably skip no value of 1 - |psi|^2 under half of the
 * smallest seen: its second derivative is at least -2 variance. Returns that half.
 */
double walk_floor(const InversionToken& t, double lo, double hi, double give_up) {
  double least = infinity;
  for (double w = lo; w < hi;) {
    const Dip d = dip(t, w);
    least = std::min(least, d.value);
    if (least <= give_up) return 0;
    const double room = d.value - least / 2;
    w += (d.slope + std::sqrt(d.slope * d.slope + 4 * t.variance * room)) / (2 * t.variance);
  }
  return least / 2;
}

/** Values of psi times tokens that a walk may take: where no other method is near, and where it costs no more than an
 * FFT over few levels. */
constexpr double long_walk = 2e5;
constexpr double short_walk = 3e3;

/** Whether 1 - |psi|^2 stays above `needed` from lo to hi, for few enough tokens that a walk is cheap. */
bool stays_above(const InversionToken& t, double lo, double hi, double needed, double most = long_walk) {
  double values = 0;
  // A step over which a value near `needed` falls by some hundredths of it at most.
  const double least = std::min(1e-3, 0.03 * std::sqrt(needed)) / std::sqrt(t.variance);
  // The quadratic bound has just passed it at `lo`.
  for (double w = lo * 1.0001; w < hi;) {
    const Dip d = dip(t, w);
    if (!(d.value > needed) || ++values * static_cast<double>(t.weight.size()) > most) return false;
    w += std::max(least,
                  (d.slope + std::sqrt(d.slope * d.slope + 4 * t.variance * (d.value - needed))) / (2 * t.variance));
  }
  return true;
}

/** Tokens from which on an FFT of their law is cheaper than a walk. */
constexpr std::size_t many_tokens = 64;

/**
 * 1 - |psi(w)|^2 = sum_{i<j} 4 w_i w_j sin^2(w (s_i - s_j) / 2) is at least its sum over the heaviest levels alone,
 * whose walk is cheaper; all levels are walked where these share a coarser lattice.
 */
double heavy_floor(const InversionToken& t) {
  constexpr std::size_t enough = 10;
  constexpr double give_up = 1e-9;
  const double from = std::sqrt(1 / (2 * t.quartic));
  if (t.weight.size() <= enough) return walk_floor(t, from, pi, give_up);
  if (t.weight.size() > many_tokens) {
    const double grid = grid_floor(t, from);
    if (grid > 0) return grid;
  }
  std::vector<std::size_t> order(t.weight.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::nth_element(order.begin(), order.begin() + enough, order.end(),
                   [&](std::size_t i, std::size_t j) { return t.weight[i] > t.weight[j]; });
  // By reward again, as all tokens are.
  std::sort(order.begin(), order.begin() + enough);
  InversionToken heavy;
  double total = 0;
  double mean = 0;
  for (std::size_t k = 0; k < enough; ++k) {
    total += t.weight[order[k]];
    mean += t.weight[order[k]] * t.centred[order[k]];
  }
  mean /= total;
  for (std::size_t k = 0; k < enough; ++k) {
    const double x = t.centred[order[k]] - mean;
    heavy.weight.push_back(t.weight[order[k]] / total);
    heavy.centred.push_back(x);
    heavy.variance += heavy.weight.back() * x * x;
  }
  const double found = total * total * walk_floor(heavy, from, pi, give_up);
  return found > 0 ? found : walk_floor(t, from, pi, give_up);
}

/**
 * For long lattices: two heavy tokens whose steps differ by d hold 1 - |psi|^2 above `needed` but near
 * multiples of 2 pi / d, and only those neighbourhoods are walked.
 */
bool floor_exceeds(const InversionToken& t, double needed) {
  double best_cost = infinity;
  double best_gap = 0;
  double best_width = 0;
  // Of many tokens few are heavy enough for a pair, or none.
  const double lightest = 0.999 * needed / *std::max_element(t.weight.begin(), t.weight.end());
  std::vector<std::size_t> heavy;
  for (std::size_t i = 0; i < t.weight.size(); ++i) {
    if (t.weight[i] < lightest) continue;
    for (const std::size_t j : heavy) {
      const double share = needed / (4 * t.weight[i] * t.weight[j]);
      const auto gap = static_cast<double>(t.step[i] - t.step[j]);
      if (share > 0.25 || gap > 2e6) continue;
      const double width = 2 * std::asin(std::sqrt(share)) / gap;
      const double cost = gap + pi * gap * width * std::sqrt(t.variance);
      if (cost < best_cost) {
        best_cost = cost;
        best_gap = gap;
        best_width = width;
      }
    }
    heavy.push_back(i);
  }
  if (!(best_cost * static_cast<double>(t.weight.size()) < 2e7)) return false;
  const double edge = std::sqrt(1 / (2 * t.quartic));
  for (double m = 0; m <= best_gap / 2; ++m) {
    const double center = 2 * pi * m / best_gap;
    const double lo = std::max(edge, center - best_width);
    const double hi = std::min(pi, center + best_width);
    if (lo < hi && !(walk_floor(t, lo, hi, 2 * needed) > 0)) return false;
  }
  return true;
}

/** Up to e^-33 of the transform of best-of-N, or of the law. */
double walked_to(const InversionToken& t, std::int64_t n) {
  const double spread = std::sqrt(static_cast<double>(n) * t.variance);
  return std::min(pi, std::max(21 * t.b, 40 / spread));
}

/** Where the floor of 1 - |psi|^2 is looked for from. */
double floor_from(const InversionToken& t) { return std::sqrt(1 / (2 * t.quartic)); }

}  // namespace

InversionToken centred_token(const TokenLaw& token, const TokenTilt& tilt) {
  InversionToken t;
  t.b = tilt.b;
  t.weight = tilt.weights;
  t.step = token.lattice;
  t.lambda = tilt.lambda;
  t.mean = tilt.mean_at_b;
  double fourth = 0;
  for (std::size_t i = 0; i < t.weight.size(); ++i) {
    const double x = (token.step[i] - t.mean).value();
    t.centred.push_back(x);
    t.variance += t.weight[i] * x * x;
    fourth += t.weight[i] * x * x * x * x;
  }
  // The difference of two tokens has fourth moment 2 mu_4 + 6 sigma^4 and second 2 sigma^2.
  t.quartic = (2 * fourth + 6 * t.variance * t.variance) / (24 * t.variance);
  part_gold(t, token);
  return t;
}

InversionToken inversion_token(const TokenLaw& token, const TokenTilt& tilt) {
  InversionToken t = centred_token(token, tilt);
  if (t.step.back() <= largest_walk) t.floor = heavy_floor(t);
  return t;
}

TILTLAB_COLD std::pair<InversionToken, double> loud_inversion_token(const TokenLaw& token, const TokenTilt& tilt,
                                                                    double level) {
  InversionToken t = centred_token(token, tilt);
  const Loudness at = loudness(t, floor_from(t), pi, 0, level);
  t.floor = std::max(0.0, 1 - at.most * at.most);
  return {std::move(t), at.last};
}

InversionToken smooth_inversion_token(const TokenLaw& fine, const TokenTilt& tilt, std::int64_t n) {
  InversionToken t = inversion_token(fine, tilt);
  t.walk_end = walked_to(t, n);
  t.floor = walk_floor(t, std::min(t.walk_end, floor_from(t)), t.walk_end, 1e-9);
  return t;
}

TILTLAB_COLD std::optional<InversionToken> smooth_inversion_token(const TokenLaw& fine, const TokenTilt& tilt,
                                                                  std::int64_t n, double decay) {
  constexpr std::int64_t intervals = 4096;
  InversionToken t = inversion_token(fine, tilt);
  TokenLaw there = fine;
  there.p = tilt.weights;
  const auto [split, gold, variance] = on_split_lattice(there, intervals);
  const double step = (split.unit / fine.unit).value();
  // As far as a part's going changes psi by a tenth, in the lattice's own steps.
  constexpr double change = 0.1;
  const double unit = split.unit.value();
  const double moved = std::inner_product(variance.begin(), variance.end(), split.p.begin(), 0.0) / (unit * unit);
  const double to = std::min(pi, std::sqrt(2 * change / std::max(moved, 1e-6)));
  t.walk_end = walked_to(t, n);
  t.clear_to = to / step;
  const Loudness at = loudness(centred_token(split, tilt_at(split, 0)), floor_from(t) * step, to, moved / 2,
                               std::exp(-decay / static_cast<double>(n)));
  t.floor = 1 - at.most * at.most;
  t.quiet_from = at.last < to ? at.last / step : 0;
  if (!(t.clear_to > t.walk_end && t.floor > 0)) return std::nullopt;
  return t;
}

std::optional<double> lobe_edge(const InversionToken& t, double n, double decay) {
  // All weight on one point of a lattice: there is no lobe.
  if (!(t.variance > 0)) return std::nullopt;
  const double needed = -std::expm1(-2 * decay / n);
  if (4 * needed * t.quartic >= t.variance) {
    // The quadratic bound never reaches it, in short sequences; a walk over the part of the axis that matters may.
    if (!(t.walk_end < pi) || t.weight.size() > 4000) return std::nullopt;
    const double sd = std::sqrt(t.variance);
    double edge = std::sqrt(1 / (2 * t.quartic));
    while (edge < t.walk_end && !(dip(t, edge).value > needed)) edge += 0.05 / sd;
    return edge < t.walk_end && stays_above(t, edge, t.walk_end, needed) ? std::optional(edge) : std::nullopt;
  }
  // Smaller root of variance w^2 (1 - quartic w^2) = needed, in the form that does not cancel.
  const double edge = std::sqrt(2 * needed / (t.variance * (1 + std::sqrt(1 - 4 * needed * t.quartic / t.variance))));
  if (edge >= pi) return std::nullopt;
  const bool walked = t.step.back() <= largest_walk || t.walk_end < pi;
  const bool single = !walked ? floor_exceeds(t, needed)
                      : t.floor > needed
                          ? true
                          : stays_above(t, edge, t.walk_end, needed, t.walk_end < pi ? long_walk : short_walk);
  if (!single) return std::nullopt;
  return edge;
}

TILTLAB_COLD std::optional<double> calm_edge(const InversionToken& t, double n, double decay) {
  const double needed = -std::expm1(-2 * decay / n);
  const double sd = std::sqrt(t.variance);
  // A third of what psi needs to become another, and as many as cost no more than the inversion they end.
  const double step = 0.3 / sd;
  double values = long_walk / static_cast<double>(t.weight.size());
  for (double w = t.walk_end; w < std::min(pi, 4 * t.walk_end) && values > 0; w += step, --values) {
    if (dip(t, w).value > needed) return w;
  }
  return std::nullopt;
}

TILTLAB_COLD Waves waves_of(const InversionToken& t, double n, double edge, double b, double values) {
  constexpr double negligible = 1e-14;
  const double sd = std::sqrt(t.variance);
  // A step goes about 1 / sd far and takes a sine and a cosine for each token.
  const double steps_affordable = std::max(40.0, values / static_cast<double>(t.weight.size()));
  double end = std::min(0.04 * values * b / std::max(1.0, b * sd), steps_affordable / sd);
  const double inside = 0.5 / (sd * std::sqrt(n));
  // A sine and a cosine for each token.
  const double value_cost = 10 * static_cast<double>(t.weight.size());
  Waves waves;
  // In steps of half the width of a lobe, whose heights sum to five times the tallest, and their squares to twice the
  // root of pi of its: a lobe of its own or many that are one.
  double heights = 0;
  double squares = 0;
  int steps = 0;
  // What lies before that is known to be nothing.
  const double from = t.quiet_from > 0 ? std::max(edge, t.clear_to) : edge;
  end = std::max(end, from);
  for (double w = from; w < end;) {
    waves.work += value_cost;
    if (++steps > 4 * steps_affordable) return {1, 1, 1, infinity, waves.work};
    const double matters =
        std::min(std::sqrt(negligible) * w / b, negligible * std::exp(std::min(700.0, pi * w / (2 * b))));
    const double needed = -std::expm1(2 * std::log(std::min(0.999, matters)) / n);
    const Dip d = dip(t, w);
    if (d.value <= needed) {
      const double height = std::exp(0.5 * n * std::log1p(-std::min(d.value, 1.0)));
      const double share = height * height * std::numbers::inv_sqrtpi / 2;
      waves.first += 0.2 * height * std::exp(-pi * w / (2 * b));
      waves.second += share * (b / w) * (b / w);
      squares += share;
      heights += inside * height;
      waves.of_difference += inside * height / (w * w);
      w += inside;
      continue;
    }
    // `needed` only falls as w grows, so what is above it now is above it then.
    w += std::max(inside / 4,
                  (d.slope + std::sqrt(d.slope * d.slope + 4 * t.variance * (d.value - needed))) / (2 * t.variance));
  }
  // As many and twice as tall as those that were seen, and two.
  const double last = b / std::max(end, edge);
  waves.assumed = (2 + 4 * squares) * last * last;
  waves.second += waves.assumed;
  // Beyond, as on average before, and one lobe as tall as 1; and what was passed over.
  waves.of_difference += end > edge ? heights / (end - edge) / end + 5 * inside / (end * end) +
                                          std::sqrt(negligible) / b * std::log(end / from)
                                    : 1 / edge;
  return waves;
}

}  // namespace tiltlab
