#include "laws/memoryless.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "error.hpp"
#include "laws/levels.hpp"
#include "numerics/cold.hpp"
#include "numerics/fft.hpp"
#include "numerics/log_domain.hpp"

namespace tiltlab {

namespace {

/** Budgets of the lobe: what it drops is under e^-40 of the largest mass. */
double lobe_decay(double spread) { return 40 + std::log1p(spread); }

/** Levels from `low` below the centre to where nothing is left above it, coarse where the law is smooth. */
OffsetGrid visited_levels(const InversionToken& t, std::int64_t n, std::int64_t center, double low) {
  const double spread = std::sqrt(static_cast<double>(n) * t.variance);
  const double bottom = static_cast<double>(center);
  const double top = (from_integer(n) * from_integer(t.step.back()) - from_integer(center)).value();
  double stride = smooth_stride(t.b, spread);
  // So that what the sum over levels folds back stays as far from best-of-N's transform as without frequencies so high.
  if (t.edge > 0) stride /= 1 + t.edge * stride / (2 * std::numbers::pi);
  return levels_between(std::min(low, bottom), std::min(upper_extent(t.b, 9.3 * spread), top), stride);
}

/** Where an edge may lie in standard deviations of the token: beyond few lobes; more are sooner summed over all levels.
 */
constexpr double most_quiet = 30;

/** log of what a frequency may weigh against the largest and be left out. */
constexpr double spectrum_decay = 42;
/** Values of psi that a spectrum may have, and products that finding them may cost. */
constexpr double most_frequencies = 2e5;
constexpr double most_products = 2e7;
/** Levels up to which an FFT over all of them costs less than a search for the frequencies that count. */
constexpr double short_window = 1 << 14;
/** Products that a lobe may take: far more than one of any smooth law. */
constexpr double most_lobe_products = 3e7;
/** Multiplications of a frequency at a level. */
constexpr double terms_cost = 2.5;
/** Longest period whose residues' products still fit. */
constexpr double longest_period = 2147483648.0;

/** Values of psi that one inversion or average may take; each is a sine and a cosine for each token. */
double affordable_values(const InversionToken& t) {
  return std::min(most_frequencies, most_products / (15 * static_cast<double>(t.weight.size())));
}

/** A value of psi takes a sine and a cosine for each token, whose angles are far apart where these are many. */
double value_cost(const InversionToken& t) {
  const auto tokens = static_cast<double>(t.weight.size());
  return (tokens > 200 ? 100 : 30) * tokens;
}

/** Products of complex numbers that an FFT of so many levels costs, about. */
double fft_cost(double levels) { return 4 * levels * doublings(levels + 2); }

/** Significant frequencies for a law within `window`, its tails summed to the window's end. */
std::optional<Spectrum> spectrum_of(const InversionToken& t, std::int64_t n, const Window& window, double period,
                                    double most) {
  if (!(period < longest_period)) return std::nullopt;
  const double decay = spectrum_decay + std::log1p(static_cast<double>(window.last - window.first));
  return significant_spectrum(t, static_cast<double>(n), static_cast<std::int64_t>(period), decay, most);
}

/** By the frequencies that count, wherever they lie; empty where an FFT over the window is cheaper. */
std::optional<Levels> by_spectrum(const InversionToken& t, std::int64_t n, std::int64_t center, const Window& window) {
  const auto width = static_cast<double>(window.last - window.first);
  const double period = 2 * width + 3;
  if (width < short_window) return std::nullopt;
  const bool can_fft = width < static_cast<double>(largest_window);
  const double of_value = value_cost(t);
  const double most = std::min(most_products / of_value, can_fft ? fft_cost(width) / of_value : most_frequencies);
  const auto spectrum = spectrum_of(t, n, window, period, most);
  if (!spectrum) return std::nullopt;
  const double edge = 2 * std::numbers::pi * static_cast<double>(spectrum->lines.back().f) / period;
  // A law of clusters, each as if normal of the scale that the edge tells; along a cluster's flank, some 6 scales from
  // its middle, the tail falls by e in a sixth of the scale.
  const double stride = edge < 0.5 ? std::min(smooth_stride(t.b, 9 / edge), 0.06 * 9 / edge) : 1;
  const double spread = std::sqrt(static_cast<double>(n) * t.variance);
  const auto bottom = static_cast<double>(-window.first);
  double low = t.b > 0 ? std::min(lower_extent(t.b, spread), bottom) : bottom;
  OffsetGrid grid = levels_between(low, upper_extent(t.b, static_cast<double>(window.last)), stride);
  const double cost = static_cast<double>(spectrum->lines.size()) * static_cast<double>(grid.count);
  if (grid.stride > 1 && cost > fft_cost(period / static_cast<double>(grid.stride))) {
    const std::size_t count =
        next_power_of_two(static_cast<std::size_t>(period / static_cast<double>(grid.stride)) + 1);
    const auto longer = static_cast<double>(count) * static_cast<double>(grid.stride);
    // Few tokens are sooner counted.
    const std::size_t most_levels = t.weight.size() > 12 ? largest_window : largest_window / 8;
    const auto finer = count <= most_levels ? spectrum_of(t, n, window, longer, most) : std::nullopt;
    if (!finer) return std::nullopt;
    grid.first = window.first;
    grid.count = static_cast<std::size_t>((window.last - window.first) / grid.stride) + 1;
    Levels all{grid, invert_strided(t, *finer, n, center, window.last - window.first, grid.first, grid.stride), 0};
    all.inversion.mass.resize(grid.count);
    all.inversion.above.resize(grid.count);
    if (!all.inversion.gold.empty()) all.inversion.gold.resize(grid.count);
    all.work = of_value * 2 * static_cast<double>(finer->lines.size()) + 3 * fft_cost(static_cast<double>(count));
    return visited(t.b, std::move(all));
  }
  double work = of_value * 2 * static_cast<double>(spectrum->lines.size());
  for (;;) {
    if (static_cast<double>(spectrum->lines.size()) * static_cast<double>(grid.count) >
        (can_fft ? 0.5 * fft_cost(width) : 3e7))
      return std::nullopt;
    Levels levels{grid, invert_spectrum(t, *spectrum, n, center, window.last - grid.first, grid), 0};
    work += terms_cost * static_cast<double>(spectrum->lines.size()) * static_cast<double>(grid.count);
    levels.work = work;
    if (t.b == 0 || draws_above(t.b, levels) > most_above || low >= bottom) return levels;
    low = std::min(2 * low, bottom);
    grid = levels_between(low, upper_extent(t.b, static_cast<double>(window.last)), stride);
  }
}

std::optional<Levels> invert(const InversionToken& t, std::int64_t n, std::int64_t center) {
  if (!(t.variance > 0)) return std::nullopt;
  const double spread = std::sqrt(static_cast<double>(n) * t.variance);
  if (const auto edge = t.edge > 0 ? std::optional(t.edge) : lobe_edge_of(t, n)) {
    double low = lower_extent(t.b, spread);
    for (;;) {
      const OffsetGrid grid = visited_levels(t, n, center, low);
      const double products = lobe_products(t, n, *edge, grid);
      if (products > most_lobe_products) break;
      Levels levels{grid, invert_lobe(t, n, center, *edge, grid),
                    std::max(300 * static_cast<double>(grid.count), terms_cost * products)};
      // A skewed law may leave it short of the normal estimate.
      if (t.b == 0 || draws_above(t.b, levels) > most_above ||
          low >= std::min(base_extent(t.b, spread), static_cast<double>(center)))
        return levels;
      low *= 2;
    }
  }
  const Window window = chernoff_window(t, n, center);
  if (auto levels = by_spectrum(t, n, center, window)) return levels;
  if (window.last - window.first >= largest_window) return std::nullopt;
  const OffsetGrid grid{window.first, 1, static_cast<std::size_t>(window.last - window.first + 1)};
  return visited(t.b, {grid, invert_window(t, n, center, window.first, grid.count),
                       1.5 * fft_cost(static_cast<double>(grid.count)) +
                           2 * static_cast<double>(grid.count) * std::min(16.0, static_cast<double>(t.weight.size()))});
}

}  // namespace

bool is_resolved(const InversionToken& t) { return t.variance >= 1e6; }

TILTLAB_COLD std::optional<double> calm_edge_of(const InversionToken& t, std::int64_t n) {
  if (t.quiet_from > 0 && t.quiet_from * std::sqrt(t.variance) < most_quiet) return t.quiet_from;
  const double spread = std::sqrt(static_cast<double>(n) * t.variance);
  const auto edge = calm_edge(t, static_cast<double>(n), lobe_decay(spread));
  // Frequencies of a law of some ten standard deviations.
  constexpr double most = 1e6;
  return edge && *edge * 4 * spread * static_cast<double>(t.weight.size()) < most ? edge : std::nullopt;
}

TILTLAB_COLD std::optional<InversionToken> few_lobed_token(const TokenLaw& token, const TokenTilt& tilt,
                                                           std::int64_t n) {
  const auto length = static_cast<double>(n);
  const double level = std::exp(-lobe_decay(std::sqrt(length * variance_step(token, tilt.weights))) / length);
  auto [t, last] = loud_inversion_token(token, tilt, level);
  if (lobe_edge_of(t, n)) return std::move(t);
  t.edge = last;
  return last > 0 && last * std::sqrt(t.variance) < most_quiet ? std::optional(std::move(t)) : std::nullopt;
}

TILTLAB_COLD InversionToken smooth_by_split(const TokenLaw& fine, const TokenTilt& tilt, std::int64_t n) {
  const double spread = std::sqrt(static_cast<double>(n) * variance_step(fine, tilt.weights));
  const auto split = smooth_inversion_token(fine, tilt, n, lobe_decay(spread));
  return split ? *split : smooth_inversion_token(fine, tilt, n);
}

std::optional<double> lobe_edge_of(const InversionToken& t, std::int64_t n) {
  return lobe_edge(t, static_cast<double>(n), lobe_decay(std::sqrt(static_cast<double>(n) * t.variance)));
}

double steepest_tilt(const TokenLaw& token, std::int64_t length, double at_least) {
  // sum over the other levels of p_i / p_top e^{-b (top - step_i)} = 1 / length
  const double top_mass = token.log_p.back();
  const double target = -std::log(static_cast<double>(length));
  const auto log_odds = [&](double b) {
    double sum = 0;
    for (std::size_t i = 0; i + 1 < token.size(); ++i) {
      sum += std::exp(token.log_p[i] - top_mass - b * token.drop[i]);
    }
    return std::log(sum);
  };
  if (log_odds(at_least) > target) return infinity;
  if (log_odds(0) <= target) return 0;
  double lo = 0;
  double hi = 1;
  while (log_odds(hi) > target) hi *= 2;
  // A tenth of the bracket is enough: any tilt near it serves.
  for (int i = 0; i < 12; ++i) {
    const double mid = (lo + hi) / 2;
    (log_odds(mid) > target ? lo : hi) = mid;
  }
  return hi;
}

namespace {

/** To each level's gold what its reward tells of it; what the reward does not tell stands there already. */
TILTLAB_COLD void add_gold(RewardLaw& law, const InversionToken& t, std::int64_t length) {
  const auto n = static_cast<double>(length);
  const double shift = (from_integer(length) * t.mean - law.center).value();
  for (std::size_t j = 0; j < law.size(); ++j) law.gold[j] += n * t.gold_mean + t.gold_slope * (law.offset[j] - shift);
}

}  // namespace

std::optional<RewardLaw> memoryless_law(const TokenLaw& token, std::int64_t length, const InversionToken& t) {
  const std::int64_t center = round_total(from_integer(length) * t.mean);
  const auto inverted = invert(t, length, center);
  if (!inverted) return std::nullopt;
  const DoubleDouble whole = from_integer(length);
  auto law = law_of_levels(*inverted, {token.base * whole, token.unit, from_integer(center), whole * t.lambda, t.b,
                                       whole * from_integer(t.step.back())});
  if (law && token.has_gold()) add_gold(*law, t, length);
  return law;
}

std::optional<Loss> tilt_loss(const TokenLaw& token, std::int64_t length, const TokenTilt& tilt) {
  if (tilt.b == 0) return Loss{0.5, 0};
  const TokenTilt halfway = tilt_at(token, tilt.b / 2);
  return tilt_loss(token, length, tilt, halfway, inversion_token(token, halfway));
}

std::optional<Loss> tilt_loss(const TokenLaw& token, std::int64_t length, const TokenTilt& tilt,
                              const TokenTilt& halfway, const InversionToken& t) {
  if (!(t.variance > 0)) return std::nullopt;
  const auto n = static_cast<double>(length);
  // P(S_phi - S_p = d) = C e^{b d / 2} P(D = d), D the difference of two sums tilted halfway.
  const DoubleDouble log_c = from_integer(length) * (DoubleDouble(2) * halfway.lambda - tilt.lambda);
  const double c = std::exp(std::min(0.0, log_c.value()));
  const double spread = std::sqrt(2 * n * t.variance);
  const auto edge = t.edge > 0 ? std::optional(t.edge) : lobe_edge(t, 2 * n, lobe_decay(spread));
  if (edge) {
    const double reach = std::ceil(9.5 * spread + 8);
    return Loss{c / 2 * poisson_average(t, length, edge, 2 * reach + 1, reach), 1e-13};
  }
  const Window w = chernoff_window(t, length, round_total(from_integer(length) * t.mean));
  const double reach = std::min(static_cast<double>(w.last - w.first), n * token.position.back());
  const double period = 2 * reach + 1;
  if (period > short_window && period < longest_period) {
    // As many values as cost no more than an FFT, where one is affordable: a sine and a cosine for each token.
    const double as_fft = period > static_cast<double>(2 * largest_window)
                              ? infinity
                              : fft_cost(period) / (100 * static_cast<double>(t.weight.size()));
    const auto spectrum =
        significant_spectrum(t, 2 * n, static_cast<std::int64_t>(period), spectrum_decay + std::log1p(reach),
                             std::min(as_fft, affordable_values(t)));
    if (spectrum) return Loss{c / 2 * poisson_average(t, length, *spectrum, reach), 1e-13};
  }
  if (period > static_cast<double>(2 * largest_window)) return std::nullopt;
  // A power of two, so that many tokens are one FFT.
  const auto whole = static_cast<double>(next_power_of_two(static_cast<std::size_t>(period)));
  const double off = 1 - *std::max_element(t.weight.begin(), t.weight.end());
  return Loss{c / 2 * poisson_average(t, length, std::nullopt, whole, reach), 1e-13 + 1e-15 * n * off};
}

namespace {

void add_mass(SumMasses& to, const OffsetGrid& grid, std::size_t i, double mass) {
  to.offset.push_back(static_cast<double>(grid.first) + to.stride * static_cast<double>(i));
  to.mass.push_back(mass);
}

/** The masses that show. */
void add_visible(SumMasses& to, const OffsetGrid& grid, const Inversion& law) {
  to.stride = static_cast<double>(grid.stride);
  for (std::size_t i = 0; i < law.mass.size(); ++i) {
    if (!(law.mass[i] < 1e-12)) add_mass(to, grid, i, law.mass[i]);
  }
}

/** By the main lobe alone, within five standard deviations. */
void add_by_lobe(SumMasses& to, const InversionToken& t, std::int64_t length, std::int64_t center, double edge,
                 int points) {
  const double spread = std::sqrt(static_cast<double>(length) * t.variance);
  const double top = (from_integer(length) * from_integer(t.step.back()) - to.center).value();
  const auto low = static_cast<std::int64_t>(std::ceil(std::min(5 * spread, static_cast<double>(center))));
  const auto high = static_cast<std::int64_t>(std::ceil(std::min(5 * spread, top)));
  const std::int64_t span = low + high + 1;
  OffsetGrid grid;
  grid.first = -low;
  // No coarser than the standard deviation, or a sum over the points would not be that over all levels.
  grid.stride = std::max<std::int64_t>(1, std::min(span / points, static_cast<std::int64_t>(spread)));
  grid.count = static_cast<std::size_t>((span - 1) / grid.stride) + 1;
  const Inversion law = invert_lobe(t, length, center, edge, grid);
  to.stride = static_cast<double>(grid.stride);
  for (std::size_t i = 0; i < grid.count; ++i) add_mass(to, grid, i, law.mass[i]);
}

/** By the frequencies that count in a wide window. @return whether they are few, and the law smooth at `points` */
bool add_by_spectrum(SumMasses& to, const InversionToken& t, std::int64_t length, std::int64_t center, const Window& w,
                     int points) {
  const auto width = static_cast<double>(w.last - w.first);
  if (!(width > short_window && 2 * width + 3 < longest_period)) return false;
  const auto period = static_cast<std::int64_t>(2 * width + 3);
  // No more than a transform of the window costs, where there is one.
  const double most = width < static_cast<double>(largest_window) ? fft_cost(width) / value_cost(t) : infinity;
  const auto spectrum = significant_spectrum(t, static_cast<double>(length), period, spectrum_decay + std::log1p(width),
                                             std::min(most, affordable_values(t)));
  if (!spectrum) return false;
  // A law that is smooth at the distance of the points may be seen at them alone.
  const double stride = std::max(1.0, std::floor(width / points));
  const double edge =
      2 * std::numbers::pi * static_cast<double>(spectrum->lines.back().f) / static_cast<double>(period);
  if (!(edge * stride < 1.5)) return false;
  const OffsetGrid grid = levels_between(static_cast<double>(-w.first), static_cast<double>(w.last), stride);
  add_visible(to, grid, invert_spectrum(t, *spectrum, length, center, 1, grid));
  return true;
}

}  // namespace

SumMasses sum_masses(const TokenLaw& token, std::int64_t length, const TokenTilt& tilt, int points, bool smooth) {
  SumMasses out;
  const auto on_one_level = [&out] {
    out.offset = {0};
    out.mass = {1};
    return out;
  };
  if (tilt.saturated() || token.size() == 1) {
    out.center = from_integer(length) * token.step.back();
    return on_one_level();
  }
  const InversionToken t = smooth ? smooth_inversion_token(token, tilt, length) : inversion_token(token, tilt);
  if (smooth && !is_resolved(t)) throw NumericalError("model.length: rewards are too far apart for one lattice");
  const std::int64_t center = round_total(from_integer(length) * t.mean);
  out.center = from_integer(center);
  // Else the rest is under what a double holds.
  if (!(t.variance > 0)) return on_one_level();
  if (const auto edge = lobe_edge_of(t, length)) {
    add_by_lobe(out, t, length, center, *edge, points);
    return out;
  }
  if (smooth) throw NumericalError("model.length: the law of these tokens' sum is not smooth");
  const Window w = chernoff_window(t, length, center);
  if (add_by_spectrum(out, t, length, center, w, points)) return out;
  if (w.last - w.first >= largest_window)
    throw NumericalError("model.length: the law of these tokens' sum needs too wide a window for a picture");
  const OffsetGrid grid{w.first, 1, static_cast<std::size_t>(w.last - w.first + 1)};
  add_visible(out, grid, invert_window(t, length, center, w.first, grid.count));
  return out;
}

}  // namespace tiltlab
