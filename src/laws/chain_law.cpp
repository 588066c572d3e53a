#include "laws/chain_law.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "error.hpp"
#include "laws/chain_spectrum.hpp"
#include "laws/extreme_sum.hpp"
#include "laws/levels.hpp"
#include "numerics/fft.hpp"
#include "numerics/log_domain.hpp"
#include "numerics/sine_cosine.hpp"

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
/** Its longest period. */
constexpr std::int64_t longest_fft = 1 << 21;
/** As many of them, for each level of its period, take the time of an FFT. */
constexpr double terms_of_an_fft = 50;

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

/** Waves and shift of the frequencies that are chosen. */
void follow(const ChainAt& c, const TiltedChain& t, const ChainSum& sum, Inverted& of) {
  of.waves = chain_waves(t, c.length, sum.log_share, of.period, of.f);
  of.shift = (from_integer(c.length) * t.rho - from_integer(of.center)).value();
}

/** The levels that an inversion is asked for: how wide a range, and how far apart at most. */
struct Wanted {
  double range;
  double stride;
};

/** How far apart levels may be of which sums are as those over all, given the last frequency that counts: a normal
 * law's waves end at 9 / sd, and its levels tell of each other at a quarter of a deviation. */
double stride_of(double last) { return 9.0 / 4 / last; }

/** The period at which an FFT sums frequencies of which many count for many levels, a power of two; 0 where it is not
 * quicker. */
double period_of_an_fft(const TiltedChain& t, const Inverted& of, const Wanted& wanted) {
  const auto period = static_cast<double>(of.period);
  // Near saturation laws are of few and rare jumps, whose noise is worse than what it takes to list them.
  const bool is_steep = !(t.b * std::sqrt(t.variance) < steepest_smooth);
  const auto longest = static_cast<double>(is_steep ? largest_window / 2 : longest_fft);
  if (!(period < longest) || (is_steep && 8 * static_cast<double>(of.f.size()) <= period)) return 0;
  const double last = 2 * pi * static_cast<double>(std::max<std::int64_t>(1, of.f.back())) / period;
  const double levels = wanted.range / std::max(1.0, std::min(wanted.stride, stride_of(last)));
  const double terms = static_cast<double>(of.f.size()) * levels;
  const auto whole = static_cast<double>(next_power_of_two(static_cast<std::size_t>(of.period)));
  return terms > quick_terms && terms > terms_of_an_fft * whole ? whole : 0;
}

/** By the frequencies of the main lobe alone. */
Inverted inverted_lobe(const ChainAt& c, const TiltedChain& t, const ChainSum& sum, double period, double edge,
                       double decay) {
  constexpr double most_frequencies = 4000;
  const double last = std::ceil(edge * period / (2 * pi));
  // Products of frequencies and levels fit an integer.
  if (!(last < most_frequencies && last * period < 4e18))
    throw NumericalError("model.length: the sums of so many transitions spread too far to be listed");
  Inverted out{round_total(sum.mean), static_cast<std::int64_t>(period), {}, {}, 0, decay};
  for (std::int64_t f = 0; f <= std::min(static_cast<std::int64_t>(last), out.period / 2); ++f) out.f.push_back(f);
  follow(c, t, sum, out);
  return out;
}

/** @param decay of `Inverted` */
Inverted inverted(const ChainAt& c, const TiltedChain& t, const ChainSum& sum, double period, const Wanted& wanted,
                  double decay) {
  if (!(period < longest_period))
    throw NumericalError("model.length: the sums of so many transitions spread too far to be listed");
  Inverted out{round_total(sum.mean), static_cast<std::int64_t>(period), {}, {}, 0, decay};
  out.f = frequencies_of(t, c.length, sum, out.period, out.decay);
  const double whole = period_of_an_fft(t, out, wanted);
  if (whole > period) return inverted(c, t, sum, whole, wanted, decay);
  follow(c, t, sum, out);
  return out;
}

/** The same sums by an FFT over all levels of a period, which is a power of two. */
Inversion by_fft(const Lines& lines, const OffsetGrid& grid) {
  const auto levels = [&](const std::vector<std::complex<double>>& of) {
    std::vector<std::complex<double>> at(static_cast<std::size_t>(lines.period));
    for (std::size_t k = 0; k < of.size(); ++k) at[static_cast<std::size_t>(lines.f[k])] = of[k];
    const std::vector<double> all = real_part_of_fft(at);
    std::vector<double> out;
    for (std::size_t i = 0; i < grid.count; ++i) {
      const std::int64_t level = (grid.first + grid.stride * static_cast<std::int64_t>(i)) % lines.period;
      out.push_back(std::max(0.0, all[static_cast<std::size_t>((level + lines.period) % lines.period)]));
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
  const double terms = static_cast<double>(of.f.size()) * static_cast<double>(grid.count);
  const bool dense = terms > quick_terms && terms > terms_of_an_fft * static_cast<double>(of.period) &&
                     of.period <= longest_fft &&
                     next_power_of_two(static_cast<std::size_t>(of.period)) == static_cast<std::size_t>(of.period);
  if (!dense && terms > most_terms)
    throw NumericalError("model.length: the sums of so many transitions are not smooth, and too many to list");
  Lines lines;
  lines.period = of.period;
  lines.f = of.f;
  for (std::size_t k = 0; k < of.f.size(); ++k) {
    const double w = 2 * pi * static_cast<double>(of.f[k]) / static_cast<double>(of.period);
    const double count = of.f[k] == 0 || 2 * of.f[k] == of.period ? 1 : 2;
    const auto [sine, cosine] = sine_cosine(w * of.shift);
    const std::complex<double> turn{cosine, sine};
    lines.mass.push_back(of.waves.value[k] * turn * (count / static_cast<double>(of.period)));
    lines.above.push_back(lines.mass.back() * tail_weights(b, w, horizon));
    const double error = of.waves.error[k] + 2e-16 * (20 + 2 * static_cast<double>(k) + std::fabs(w * of.shift));
    lines.mass_error += error * std::abs(lines.mass.back());
    lines.above_error += error * std::abs(lines.above.back());
  }
  // At most half a period of frequencies is left out, each of a size of at most e^-decay.
  const double edge = 2 * pi * static_cast<double>(of.f.size()) / static_cast<double>(of.period);
  lines.mass_error += std::exp(-of.decay);
  lines.above_error += std::exp(-of.decay) * std::min(b > 0 ? 1 / std::expm1(b) : infinity, 4 / std::min(edge, 1.0));
  return dense ? by_fft(lines, grid) : sum_lines(lines, grid);
}

/** `stride_of` the last frequency that shows. */
double widest_stride(const Inverted& of) {
  constexpr double shows = 1e-15;
  double last = 0;
  for (std::size_t k = 0; k < of.f.size(); ++k) {
    if (std::abs(of.waves.value[k]) > shows) last = static_cast<double>(of.f[k]);
  }
  return stride_of(2 * pi * std::max(last, 1.0) / static_cast<double>(of.period));
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

/** Waves left out that no digit tells. */
constexpr double unseen_waves = 1e-10;
/** And those that no eye tells, once best-of-N is corrected for them. */
constexpr double unseen_on_a_curve = 1e-3;
/** Frequencies times transitions that an inversion follows in some tenths of a second. */
constexpr double most_followed = 1e6;

/**
 * What `make` makes of all frequencies that count, or, where these are too many, of the main lobe's. On a long lattice
 * that comes first, if what it leaves out is next to nothing.
 * @param left what was left out
 */
template <class Make>
auto as_can_be(const ChainAt& c, const TiltedChain& t, const ChainSum& sum, Waves& left, const Make& make) {
  const double sd = std::sqrt(sum.variance);
  left = {};
  std::optional<SmoothChain> smooth;
  const auto find_smooth = [&] { smooth = smooth_chain(t, c.length, sum.log_share, sd, slope_of_tail(t.b, sd)); };
  bool are_many = false;
  if (c.law.rewards.lattice.back() > longest_short_lattice) {
    // Of so few transitions waves are tall.
    constexpr std::int64_t short_length = 128;
    if (c.length >= short_length) find_smooth();
    const double most = c.is_for_a_curve ? unseen_on_a_curve : unseen_waves;
    if (smooth && smooth->waves.first <= most && smooth->waves.second <= most) {
      left = smooth->waves;
      return make(smooth->edge);
    }
    // Of a period that is as long as the law is wide, at the levels that best-of-N visits.
    const double frequencies = 13 * sd * (smooth ? smooth->share : 1);
    const bool by_fft = 26 * sd <= static_cast<double>(longest_fft);
    are_many = (smooth && frequencies * static_cast<double>(t.transitions.size()) > most_followed) ||
               (!by_fft && frequencies * 40 / slope_of_tail(t.b, sd) > most_terms);
  }
  if (!are_many) {
    try {
      return make(0);
    } catch (const NumericalError&) {
      // Then the main lobe's.
    }
  }
  constexpr double most_of_first = 1e-3;
  constexpr double most_of_second = 0.05;
  if (!smooth) find_smooth();
  if (!smooth || smooth->waves.first > most_of_first || smooth->waves.second > most_of_second)
    throw NumericalError("model.length: the sums of so many transitions are not smooth, and too many to list");
  left = smooth->waves;
  return make(smooth->edge);
}

/** Of a law of all levels. */
bool begins_at_least(const ChainAt& c, const RewardLaw& law) {
  const double first = (law.center + DoubleDouble(law.offset[0])).value();
  // No sum is less than all steps that are least.
  const double bound = (from_integer(c.length) * c.law.rewards.step.front()).value();
  return first == bound || first == static_cast<double>(extreme_sum(c.law, c.length, -1).first);
}

/** @param edge of the main lobe where that alone is inverted, else 0 */
std::optional<RewardLaw> law_around(const ChainAt& c, const TiltedChain& t, const ChainSum& sum, double edge) {
  const double sd = std::sqrt(sum.variance);
  const Reach reach = reach_of(c, t, sum);
  const double bottom = std::min(below_mean(c, sum) + 1, reach.low + t.b * sum.variance);
  const double top = std::min(above_mean(c, sum) + 1, reach.high);
  const double decay = wave_nats(c.length, sd);
  double low = std::min(lower_extent(t.b, sd), bottom);
  for (;;) {
    // Each level's tail is summed to the law's end from the lowest level, so the tail of the highest ends as far
    // beyond, and the image of the law begins after that.
    const double lowest = std::ceil(low);
    const double end = std::ceil(upper_extent(t.b, top));
    const double horizon = std::ceil(std::max(0.0, top) + lowest);
    const double period = std::ceil(std::max(reach.low + reach.high, end + horizon + reach.low)) + 4;
    const double smooth = smooth_stride(t.b, sd);
    const Wanted wanted{lowest + end, smooth};
    const Inverted of =
        edge > 0 ? inverted_lobe(c, t, sum, period, edge, decay) : inverted(c, t, sum, period, wanted, decay);
    const OffsetGrid grid = levels_between(lowest, end, std::min(smooth, widest_stride(of)));
    Levels levels{grid, at_levels(of, t.b, horizon, grid),
                  static_cast<double>(of.f.size()) *
                      (3 * static_cast<double>(grid.count) + 10 * sum.mixing * static_cast<double>(t.weight.size()))};
    // A skewed law may leave it short of the normal estimate.
    if (t.b == 0 || draws_above(t.b, levels) > most_above || low >= bottom) {
      drop_unattained(c, of.center, t.b, levels);
      const DoubleDouble whole = from_integer(c.length);
      auto law = law_of_levels(
          levels, {c.law.rewards.base * whole, c.law.rewards.unit, from_integer(of.center), sum.log_mgf, t.b, c.top});
      if (law && low >= bottom && grid.stride == 1) law->from_least = begins_at_least(c, *law);
      return law;
    }
    low = std::min(2 * low, bottom);
  }
}

}  // namespace

double slope_of_tail(double b, double sd) { return b > 0 ? b : 2 / sd; }

std::optional<RewardLaw> chain_law(const ChainAt& c, const TiltedChain& t, Waves& left) {
  const ChainSum sum = sum_of(t, c.length);
  if (!(sum.variance > 0)) return std::nullopt;
  return as_can_be(c, t, sum, left, [&](double edge) { return law_around(c, t, sum, edge); });
}

std::optional<RewardLaw> chain_law_of(const ChainAt& c, const TiltedChain& t, double edge) {
  const ChainSum sum = sum_of(t, c.length);
  return sum.variance > 0 ? law_around(c, t, sum, edge) : std::nullopt;
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
  const double period = std::ceil(reach.low + reach.high) + 4;
  const double decay = wave_nats(c.length, sd);
  const Wanted wanted{low + high, coarse};
  OffsetGrid grid;
  Waves left;
  const Inversion found = as_can_be(c, t, sum, left, [&](double edge) {
    const Inverted of =
        edge > 0 ? inverted_lobe(c, t, sum, period, edge, decay) : inverted(c, t, sum, period, wanted, decay);
    grid = levels_between(low, high, std::min(coarse, widest_stride(of)));
    return at_levels(of, t.b, 1, grid);
  });
  out.stride = static_cast<double>(grid.stride);
  for (std::size_t i = 0; i < grid.count; ++i) {
    out.offset.push_back(static_cast<double>(grid.first) + out.stride * static_cast<double>(i));
    out.mass.push_back(found.mass[i]);
  }
  return out;
}

ChainLoss chain_loss(const ChainAt& c, const TiltedChain& halfway, const DoubleDouble& log_mgf) {
  const ChainSum sum = sum_of(halfway, c.length);
  // Both weights tilted halfway: p(s) p(s') e^(b s) = e^(b (s - s') / 2) times those.
  const double log_c = (DoubleDouble(2) * sum.log_mgf - log_mgf).value();
  const double c0 = std::exp(std::min(0.0, log_c));
  // So small that a win rate of 1 less it is 1.
  constexpr double unseen = 1e-18;
  if (!(sum.variance > 0) || c0 < unseen) return {c0 / 2, 0};
  const double far = reach_of_difference(c, halfway, sum);
  // Of waves whose squares are summed, to a share of 1 / sd as a rule.
  const double sd = std::sqrt(sum.variance);
  const double decay = (wave_nats(c.length, sd) + std::log1p(sd)) / 2;
  // Of all levels together.
  const Wanted none{1, 1};
  Waves left;
  const Inverted of = as_can_be(c, halfway, sum, left, [&](double edge) {
    return edge > 0 ? inverted_lobe(c, halfway, sum, 2 * far + 4, edge, decay)
                    : inverted(c, halfway, sum, 2 * far + 4, none, decay);
  });
  double average = 0;
  for (std::size_t k = of.f.size(); k-- > 0;) {
    const double w = 2 * pi * static_cast<double>(of.f[k]) / static_cast<double>(of.period);
    const double count = of.f[k] == 0 || 2 * of.f[k] == of.period ? 1 : 2;
    average += count * std::norm(of.waves.value[k]) * (1 + 2 * tail_weights(halfway.b, w, far).real());
  }
  const double loss = c0 / 2 * average / static_cast<double>(of.period);
  // A lobe of height h at w counts h^2 (b / w)^2 of what the main one does, and more where the law is one of clusters.
  return {loss, 4 * loss * left.second};
}

}  // namespace tiltlab
