#include "laws/smooth_chain.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

#include "laws/chain_spectrum.hpp"
#include "numerics/sine_cosine.hpp"

namespace tiltlab {

namespace {

constexpr double pi = std::numbers::pi;
/** log of what a wave may count in a mass, and beyond the reach of best-of-N's own transform, of its square. */
constexpr double of_a_mass = 25;
constexpr double of_a_square = 16.5;
/** Frequencies whose waves are looked at, at most. */
constexpr std::int64_t most_looked_at = 40000;
/** Those of one lobe, at most: what is farther apart is told apart by best-of-N. */
constexpr std::int64_t widest_lobe = 48;

/** What is the same of all lobes of one law. */
struct Followed {
  const TiltedChain& t;
  std::int64_t length;
  double log_share;
  std::int64_t period;

  [[nodiscard]] double frequency(std::int64_t f) const {
    return 2 * pi * static_cast<double>(f) / static_cast<double>(period);
  }
  [[nodiscard]] std::vector<std::complex<double>> waves(const FrequencyRange& range) const {
    std::vector<std::int64_t> f;
    for (std::int64_t i = range.first; i < range.end; ++i) f.push_back(i);
    return chain_waves(t, length, log_share, period, f).value;
  }
};

/** Adds a lobe: its share of the density at the centre, where best-of-N lies, against the main one's, and the middle of
 * its frequencies. @return the square of its height */
double add_lobe(const Followed& of, const FrequencyRange& range, double whole, double slope, Waves& to) {
  std::complex<double> sum = 0;
  double weight = 0, middle = 0;
  const std::vector<std::complex<double>> waves = of.waves(range);
  for (std::size_t i = 0; i < waves.size(); ++i) {
    const double height = std::abs(waves[i]);
    sum += waves[i];
    weight += height;
    middle += height * of.frequency(range.first + static_cast<std::int64_t>(i));
  }
  if (!(weight > 0)) return 0;
  const double w = middle / weight;
  const double height = std::abs(sum) / whole;
  to.first += height * std::exp(-pi * w / (2 * slope));
  // With its images on the lattice, at all distances of 2 pi from it.
  const double far = 2 * sine_cosine(w / 2).sine / slope;
  to.second += height * height / (1 + far * far);
  return std::min(1.0, height * height);
}

/** Adds what of some ranges lies from a frequency on, in lobes. */
void add_beyond(const std::vector<FrequencyRange>& ranges, std::int64_t first, std::vector<FrequencyRange>& to) {
  for (const FrequencyRange& range : ranges) {
    for (std::int64_t f = std::max(range.first, first); f < range.end; f += widest_lobe)
      to.push_back({f, std::min(range.end, f + widest_lobe)});
  }
}

std::int64_t count(const std::vector<FrequencyRange>& ranges) {
  std::int64_t sum = 0;
  for (const FrequencyRange& range : ranges) sum += range.end - range.first;
  return sum;
}

}  // namespace

std::optional<SmoothChain> smooth_chain(const TiltedChain& t, std::int64_t length, double log_share, double sd,
                                        double slope) {
  // Near saturation the law is one of few and rare jumps, and no normal one.
  if (!(slope * std::sqrt(t.variance) < steepest_smooth)) return std::nullopt;
  // A lobe is some twenty frequencies wide.
  const Followed of{t, length, log_share, static_cast<std::int64_t>(std::min(4 * pi * sd, 4e18))};
  const std::int64_t all = of.period / 2 + 1;
  const auto place = [&](double w) {
    return std::min(all, static_cast<std::int64_t>(std::min(w / of.frequency(1), 4e18)) + 1);
  };
  // The transform of best-of-N's law at w is e^(-pi w / (2 slope)).
  const std::int64_t near = place(std::max(21 * slope, 12 / sd));
  const auto beside = significant_frequencies(t, length, log_share, of.period, of_a_mass, near);
  const FrequencyRange main = beside.front();
  std::vector<FrequencyRange> lobes;
  std::int64_t far = 0;
  // As far as is soon walked.
  for (const double slopes : {4000.0, 400.0, 100.0}) {
    far = std::max(near, place(slopes * slope / std::max(1.0, slope * std::sqrt(t.variance))));
    lobes.clear();
    add_beyond(beside, main.end, lobes);
    if (far > near) add_beyond(significant_frequencies(t, length, log_share, of.period, of_a_square, far), near, lobes);
    if (count(lobes) <= most_looked_at) break;
  }
  if (count(lobes) > most_looked_at) return std::nullopt;
  SmoothChain out;
  out.edge = of.frequency(main.end);
  out.share = static_cast<double>(count(lobes)) / static_cast<double>(far);
  double whole = 0;
  for (const std::complex<double>& wave : of.waves(main)) whole += (whole == 0 ? 1 : 2) * wave.real();
  // A density that is not about a normal law's at its centre is of points that are seen one by one.
  const double normal = 2 * std::sqrt(2 * pi);
  if (!(whole > 0.7 * normal && whole < 1.4 * normal)) return std::nullopt;
  double squares = 0;
  for (const FrequencyRange& range : lobes) squares += add_lobe(of, range, whole, slope, out.waves);
  // As many and twice as tall as those that were seen, and one.
  const double last = slope / of.frequency(far);
  if (far < all) out.waves.assumed = (1 + 4 * squares) * last * last;
  out.waves.second += out.waves.assumed;
  // And the walk.
  constexpr double walk = 2e6;
  out.waves.work = walk + 100 * static_cast<double>(count(lobes)) * static_cast<double>(t.transitions.size());
  return out;
}

}  // namespace tiltlab
