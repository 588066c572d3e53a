#include "laws/chain_law.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "error.hpp"
#include "laws/chain_spectrum.hpp"
#include "laws/levels.hpp"
#include "numerics/fft.hpp"
#include "numerics/log_domain.hpp"

namespace tiltlab {

namespace {

constexpr double pi = std::numbers::pi;
/** log of what the law's mass beyond its window is at most, on each side. */
constexpr double window_nats = 42;
/** Longest period whose residues' products still fit. */
constexpr double longest_period = 2147483648.0;
/** Products of frequencies and levels that one inversion may take, and from which on an FFT may be quicker. */
constexpr double most_terms = 2e8;
constexpr double quick_terms = 1e6;

/** How far from its mean the tilted sum goes, on either side: by Chernoff's bound at two tilts nearby. */
struct Reach {
  double low;
  double high;
};

/** No farther from b than weights stay in a double's range: any tilt gives a bound, one that is too near a wide one. */
double nearby(const ChainAt& c, double b, double theta) {
  constexpr double steep = 60;
  return std::min({theta, steep, b + 100 / c.law.rewards.position.back()});
}

Reach reach_of(const ChainAt& c, const TiltedChain& t, const ChainSum& sum) {
  const double theta = nearby(c, t.b, std::sqrt(2 * window_nats / sum.variance));
  const auto bound = [&](double by) {
    const ChainSum other = sum_of(tilted_chain(c.law, c.recurrence, t.b + by), c.length);
    return ((other.log_mgf - sum.log_mgf - DoubleDouble(by) * sum.mean).value() + window_nats) / std::fabs(by) + 2;
  };
  return {bound(-theta), bound(theta)};
}

/** The same of the difference of two such sums. */
double reach_of_difference(const ChainAt& c, const TiltedChain& t, const ChainSum& sum) {
  const double theta = nearby(c, t.b, std::sqrt(window_nats / sum.variance));
  const auto log_mgf = [&](double by) {
    return sum_of(tilted_chain(c.law, c.recurrence, t.b + by), c.length).log_mgf - sum.log_mgf;
  };
  return std::ceil(((log_mgf(theta) + log_mgf(-theta)).value() + window_nats) / theta) + 2;
}

/** How far the least and the largest sum lie from the mean. */
double below_mean(const ChainAt& c, const ChainSum& sum) {
  return (sum.mean - from_integer(c.length) * c.law.rewards.step.front()).value();
}
double above_mean(const ChainAt& c, const ChainSum& sum) { return (c.top - sum.mean).value(); }

/** log of what a frequency that is left out may count: short sequences of many transitions prove no more of any. */
double wave_nats(std::int64_t length, double sd) { return length < 1000 ? 33 : 37 + std::log1p(sd); }

/** The frequencies that count of a law within a period. */
std::vector<std::int64_t> frequencies_of(const TiltedChain& t, std::int64_t length, const ChainSum& sum,
                                         std::int64_t period, double decay) {
  std::vector<std::int64_t> out;
  for (const FrequencyRange& range : significant_frequencies(t, length, sum.log_share, period, decay)) {
    if (static_cast<double>(range.end - range.first) * static_cast<double>(t.transitions.size()) > 5e7)
      throw NumericalError("model.length: the sums of so many transitions are not smooth, and too many to list");
    for (std::int64_t f = range.first; f < range.end; ++f) out.push_back(f);
  }
  return out;
}

/** A tilted sum with what its inversion needs of it at any levels. */
struct Inverted {
  std::int64_t center;
  std::int64_t period;
  std::vector<std::int64_t> f;
  ChainWaves waves;
  /** mean of Doob's chain times the length, less the centre. */
  double shift;
  /** log of what each frequency that is left out may count. */
  double decay;
};

/** @param levels how many it is asked for, about @param decay of `Inverted` */
Inverted inverted(const ChainAt& c, const TiltedChain& t, const ChainSum& sum, double period, double levels,
                  double decay) {
  if (!(period < longest_period))
    throw NumericalError("model.length: the sums of so many transitions spread too far to be listed");
  Inverted out{round_total(sum.mean), static_cast<std::int64_t>(period), {}, {}, 0, decay};
  out.f = frequencies_of(t, c.length, sum, out.period, out.decay);
  // Where most of them count for many levels an FFT sums them, of a power of two.
  const auto frequencies = static_cast<double>(out.f.size());
  if (frequencies > period / 8 && frequencies * levels > quick_terms &&
      next_power_of_two(static_cast<std::size_t>(out.period)) != static_cast<std::size_t>(out.period))
    return inverted(c, t, sum, static_cast<double>(next_power_of_two(static_cast<std::size_t>(out.period))), levels,
                    decay);
  out.waves = chain_waves(t, c.length, sum.log_share, out.period, out.f);
  out.shift = (from_integer(c.length) * t.rho - from_integer(out.center)).value();
  return out;
}

/** The same sums by an FFT over all levels of a period, which is a power of two. */
Inversion by_fft(const Lines& lines, const OffsetGrid& grid) {
  const auto levels = [&](const std::vector<std::complex<double>>& of) {
    std::vector<std::complex<double>> at(static_cast<std::size_t>(lines.period));
    for (std::size_t k = 0; k < of.size(); ++k) at[static_cast<std::size_t>(lines.f[k])] = of[k];
    const std::vector<std::complex<double>> all = fft(at);
    std::vector<double> out;
    for (std::size_t i = 0; i < grid.count; ++i) {
      const std::int64_t level = (grid.first + grid.stride * static_cast<std::int64_t>(i)) % lines.period;
      out.push_back(std::max(0.0, all[static_cast<std::size_t>((level + lines.period) % lines.period)].real()));
    }
    return out;
  };
  Inversion out{levels(lines.mass), levels(lines.above), lines.mass_error, lines.above_error};
  // A few ulps of all terms for each halving of the transform.
  const double ulps = 1e-15 * std::log2(static_cast<double>(lines.period));
  for (const std::complex<double>& x : lines.mass) out.mass_error += ulps * std::abs(x);
  for (const std::complex<double>& x : lines.above) out.above_error += ulps * std::abs(x);
  return out;
}

Inversion at_levels(const Inverted& of, double b, double horizon, const OffsetGrid& grid) {
  const auto whole = static_cast<std::size_t>(of.period);
  const double terms = static_cast<double>(of.f.size()) * static_cast<double>(grid.count);
  const bool dense = terms > quick_terms && next_power_of_two(whole) == whole && of.period < largest_window;
  if (!dense && terms > most_terms)
    throw NumericalError("model.length: the sums of so many transitions are not smooth, and too many to list");
  Lines lines;
  lines.period = of.period;
  lines.f = of.f;
  for (std::size_t k = 0; k < of.f.size(); ++k) {
    const double w = 2 * pi * static_cast<double>(of.f[k]) / static_cast<double>(of.period);
    const double count = of.f[k] == 0 || 2 * of.f[k] == of.period ? 1 : 2;
    const std::complex<double> turn{std::cos(w * of.shift), std::sin(w * of.shift)};
    lines.mass.push_back(of.waves.value[k] * turn * (count / static_cast<double>(of.period)));
    lines.above.push_back(lines.mass.back() * tail_weights(b, w, horizon));
    const double error = of.waves.error[k] + 2e-16 * (20 + 2 * static_cast<double>(k) + std::fabs(w * of.shift));
    lines.mass_error += error * std::abs(lines.mass.back());
    lines.above_error += error * std::abs(lines.above.back());
  }
  // At most half a period of frequencies is left out, each of a size of at most e^-decay.
  const double edge = 2 * pi * static_cast<double>(of.f.size()) / static_cast<double>(of.period);
  lines.mass_error += std::exp(-of.decay);
  lines.above_error += std::exp(-of.decay) * std::min(b > 0 ? 1 / b : infinity, 4 / std::min(edge, 1.0));
  return dense ? by_fft(lines, grid) : sum_lines(lines, grid);
}

/** How far apart levels may be of which sums are as those over all: a normal law's waves end at 9 / sd, and its levels
 * tell of each other at a quarter of a deviation. */
double widest_stride(const Inverted& of) {
  constexpr double shows = 1e-15;
  double last = 0;
  for (std::size_t k = 0; k < of.f.size(); ++k) {
    if (std::abs(of.waves.value[k]) > shows) last = static_cast<double>(of.f[k]);
  }
  return 9.0 / 4 / (2 * pi * std::max(last, 1.0) / static_cast<double>(of.period));
}

/** Drops the noise of levels above all sums, between those of the lattice that sums of this length lie on, and far
 * below the centre of a tilt, where that would make much of it and seven drafts or more pass anything. */
void drop_unattained(const ChainAt& c, std::int64_t center, double b, Levels& levels) {
  std::vector<double>& mass = levels.inversion.mass;
  const auto low = static_cast<std::size_t>(
      std::clamp<std::int64_t>(-levels.grid.first / levels.grid.stride, 0, static_cast<std::int64_t>(mass.size())));
  for (std::size_t i = 0; b > 0 && i < low; ++i) {
    if (mass[i] <= levels.inversion.mass_error) mass[i] = 0;
  }
  const auto above = (c.top - from_integer(center)).value();
  for (std::size_t i = 0; i < mass.size(); ++i) {
    if (static_cast<double>(levels.grid.first + levels.grid.stride * static_cast<std::int64_t>(i)) > above) mass[i] = 0;
  }
  const std::int64_t span = c.recurrence.span;
  if (span < 2 || levels.grid.stride != 1) return;
  std::vector<double> share(static_cast<std::size_t>(span), 0);
  const auto residue = [&](std::size_t i) {
    const std::int64_t level = center + levels.grid.first + static_cast<std::int64_t>(i);
    return static_cast<std::size_t>((level % span + span) % span);
  };
  for (std::size_t i = 0; i < mass.size(); ++i) share[residue(i)] += mass[i];
  constexpr double noise = 1e-10;
  for (std::size_t i = 0; i < mass.size(); ++i) {
    if (share[residue(i)] < noise) mass[i] = 0;
  }
}

}  // namespace

std::optional<RewardLaw> chain_law(const ChainAt& c, const TiltedChain& t) {
  const ChainSum sum = sum_of(t, c.length);
  if (!(sum.variance > 0)) return std::nullopt;
  const double sd = std::sqrt(sum.variance);
  const Reach reach = reach_of(c, t, sum);
  const double bottom = std::min(below_mean(c, sum) + 1, reach.low + t.b * sum.variance);
  const double top = std::min(above_mean(c, sum) + 1, reach.high);
  double low = std::min(lower_extent(t.b, sd), bottom);
  for (;;) {
    // Each level's tail is summed to the law's end from the lowest level, so the tail of the highest ends as far
    // beyond, and the image of the law begins after that.
    const double lowest = std::ceil(low);
    const double end = std::ceil(upper_extent(t.b, top));
    const double horizon = std::ceil(std::max(0.0, top) + lowest);
    const double period = std::ceil(std::max(reach.low + reach.high, end + horizon + reach.low)) + 4;
    const double smooth = smooth_stride(t.b, sd);
    const Inverted of = inverted(c, t, sum, period, (lowest + end) / std::max(smooth, 1.0), wave_nats(c.length, sd));
    const OffsetGrid grid = levels_between(lowest, end, std::min(smooth, widest_stride(of)));
    Levels levels{grid, at_levels(of, t.b, horizon, grid),
                  static_cast<double>(of.f.size()) *
                      (3 * static_cast<double>(grid.count) + 10 * sum.mixing * static_cast<double>(t.weight.size()))};
    // A skewed law may leave it short of the normal estimate.
    if (t.b == 0 || draws_above(t.b, levels) > most_above || low >= bottom) {
      drop_unattained(c, of.center, t.b, levels);
      const DoubleDouble whole = from_integer(c.length);
      return law_of_levels(
          levels, {c.law.rewards.base * whole, c.law.rewards.unit, from_integer(of.center), sum.log_mgf, t.b, c.top});
    }
    low = std::min(2 * low, bottom);
  }
}

ChainMasses chain_masses(const ChainAt& c, const TiltedChain& t, int points, double sds) {
  const ChainSum sum = sum_of(t, c.length);
  ChainMasses out;
  out.center = from_integer(round_total(sum.mean));
  if (!(sum.variance > 0)) {
    out.offset = {0};
    out.mass = {1};
    return out;
  }
  const double sd = std::sqrt(sum.variance);
  const Reach reach = reach_of(c, t, sum);
  // All that there is of a law that is not wide, which may be of rare jumps; else what lies about its mean.
  constexpr double wide = 4000;
  const double most = reach.low + reach.high < wide ? infinity : sds * sd + 2;
  const double low = std::min({most, below_mean(c, sum), reach.low});
  const double high = std::min({most, above_mean(c, sum), reach.high});
  const double coarse = std::min((low + high) / points, std::floor(sd));
  const Inverted of = inverted(c, t, sum, std::ceil(reach.low + reach.high) + 4, (low + high) / std::max(coarse, 1.0),
                               wave_nats(c.length, sd));
  const OffsetGrid grid = levels_between(low, high, std::min(coarse, widest_stride(of)));
  const Inversion found = at_levels(of, t.b, 1, grid);
  out.stride = static_cast<double>(grid.stride);
  for (std::size_t i = 0; i < grid.count; ++i) {
    out.offset.push_back(static_cast<double>(grid.first) + out.stride * static_cast<double>(i));
    out.mass.push_back(found.mass[i]);
  }
  return out;
}

double chain_loss(const ChainAt& c, const TiltedChain& halfway, const DoubleDouble& log_mgf) {
  const ChainSum sum = sum_of(halfway, c.length);
  // Both weights tilted halfway: p(s) p(s') e^(b s) = e^(b (s - s') / 2) times those.
  const double log_c = (DoubleDouble(2) * sum.log_mgf - log_mgf).value();
  const double c0 = std::exp(std::min(0.0, log_c));
  // So small that a win rate of 1 less it is 1.
  constexpr double unseen = 1e-18;
  if (!(sum.variance > 0) || c0 < unseen) return c0 / 2;
  const double far = reach_of_difference(c, halfway, sum);
  // Of waves whose squares are summed, to a share of 1 / sd as a rule.
  const double sd = std::sqrt(sum.variance);
  const Inverted of = inverted(c, halfway, sum, 2 * far + 4, 1, (wave_nats(c.length, sd) + std::log1p(sd)) / 2);
  double average = 0;
  for (std::size_t k = of.f.size(); k-- > 0;) {
    const double w = 2 * pi * static_cast<double>(of.f[k]) / static_cast<double>(of.period);
    const double count = of.f[k] == 0 || 2 * of.f[k] == of.period ? 1 : 2;
    average += count * std::norm(of.waves.value[k]) * (1 + 2 * tail_weights(halfway.b, w, far).real());
  }
  return c0 / 2 * average / static_cast<double>(of.period);
}

}  // namespace tiltlab
