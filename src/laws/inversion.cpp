#include "laws/inversion.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <numbers>

#include "error.hpp"
#include "laws/gold_lines.hpp"
#include "laws/reward_cells.hpp"
#include "numerics/by_lanes.hpp"
#include "numerics/cold.hpp"
#include "numerics/fft.hpp"
#include "numerics/log_domain.hpp"
#include "numerics/sine_cosine.hpp"

namespace tiltlab {

namespace {

constexpr double pi = std::numbers::pi;

struct Complex {
  double re;
  double im;
};
Complex operator*(Complex a, Complex b) { return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re}; }
Complex operator*(double a, Complex b) { return {a * b.re, a * b.im}; }

/** e^{i angle} */
Complex turned_by(double angle) {
  const auto [sine, cosine] = sine_cosine(angle);
  return {cosine, sine};
}

/** sum_{l=1}^{H} e^{-(b + i w) l} = z (1 - z^H) / (1 - z), the weights of an upper tail. */
TILTLAB_COLD Complex tail_kernel(double b, double w, double h) {
  const double decay = std::exp(-b);
  const auto [s, c] = sine_cosine(w / 2);
  const Complex z{decay * (1 - 2 * s * s), -2 * decay * s * c};
  // 1 - z by expm1, since z nears 1.
  const Complex one_minus_z{-std::expm1(-b) + 2 * decay * s * s, -z.im};
  const double norm = one_minus_z.re * one_minus_z.re + one_minus_z.im * one_minus_z.im;
  if (norm == 0) return {h, 0};
  const double far = std::exp(-b * h);
  const auto [sh, ch] = sine_cosine(w * h / 2);
  const Complex one_minus_zh{-std::expm1(-b * h) + 2 * far * sh * sh, 2 * far * sh * ch};
  const Complex q = z * one_minus_zh * Complex{one_minus_z.re, -one_minus_z.im};
  return {q.re / norm, q.im / norm};
}

/** log |psi| and arg psi from u = Re psi - 1 and v = Im psi, by log1p. */
Complex log_of(double u, double v) {
  return {0.5 * std::log1p(std::max(-1.0, 2 * u + u * u + v * v)), std::atan2(v, 1 + u)};
}

/** log |psi(w)| and arg psi(w) of the centred token, by sums that keep their digits near w = 0. */
Complex log_psi(const InversionToken& t, double w) {
  double u = 0;
  double v = 0;
  for (std::size_t i = 0; i < t.weight.size(); ++i) {
    const double y = w * t.centred[i];
    const double s = sine_cosine(y / 2).sine;
    u -= 2 * t.weight[i] * s * s;
    // The centred mean is 0, so the linear part of sin sums to nothing.
    v += t.weight[i] * sin_minus_identity(y);
  }
  return log_of(u, v);
}

/** By central moments, without the first, which is 0; for |w x| < 2. */
std::vector<Complex> log_psi_by_moments(const InversionToken& t, double dw, std::size_t count) {
  // Terms y^m / m!: below 1e-18 of the second from m = 27 on.
  constexpr int orders = 26;
  std::array<double, orders + 1> moment{};
  for (std::size_t i = 0; i < t.weight.size(); ++i) {
    double power = t.weight[i] * t.centred[i];
    for (int m = 2; m <= orders; ++m) {
      power *= t.centred[i] / m;
      moment[static_cast<std::size_t>(m)] += power;
    }
  }
  std::vector<Complex> out(count);
  for (std::size_t k = 0; k < count; ++k) {
    const double w = dw * static_cast<double>(k);
    const double w2 = w * w;
    double u = moment[orders];
    double v = moment[orders - 1];
    for (std::size_t m = orders - 2; m >= 2; m -= 2) u = moment[m] - w2 * u;
    for (std::size_t m = orders - 3; m >= 3; m -= 2) v = moment[m] - w2 * v;
    out[k] = log_of(-w2 * u, -w2 * w * v);
  }
  return out;
}

/** By angles that turn from one frequency to the next, which costs a few ulps a step. */
std::vector<Complex> log_psi_by_turns(const InversionToken& t, double dw, std::size_t count) {
  std::vector<double> u(count, 0);
  std::vector<double> v(count, 0);
  for (std::size_t i = 0; i < t.weight.size(); ++i) {
    const double half = dw * t.centred[i] / 2;
    const Complex step = turned_by(half);
    Complex turn{1, 0};
    const double p = 2 * t.weight[i];
    for (std::size_t k = 0; k < count; ++k) {
      u[k] -= p * turn.im * turn.im;
      v[k] += p * turn.im * turn.re;
      turn = turn * step;
    }
  }
  std::vector<Complex> out(count);
  for (std::size_t k = 0; k < count; ++k) out[k] = log_of(u[k], v[k]);
  return out;
}

/** By cells of many rewards, whose sums are known to their rounding. */
TILTLAB_COLD std::vector<Complex> log_psi_by_cells(const InversionToken& t, double dw, std::size_t count,
                                                   std::size_t cells) {
  const RewardCells of(t.centred, t.weight, cells);
  std::vector<Complex> out;
  out.reserve(count);
  for (const std::complex<double> psi : of.turned(dw, count)) out.push_back(log_of(psi.real(), psi.imag()));
  return out;
}

/**
 * log psi of the centred token at w = 0, dw, .. (count - 1) dw. A sum of n tokens has n times its phase, so the term of
 * order w, which is 0, must not be formed where n is large.
 */
std::vector<Complex> log_psi_grid(const InversionToken& t, double n, double dw, std::size_t count) {
  const double farthest = std::max(std::fabs(t.centred.front()), std::fabs(t.centred.back()));
  if (dw * static_cast<double>(count) * farthest < 2) return log_psi_by_moments(t, dw, count);
  if (n <= 2000) {
    // Cells cost as much as twenty turns of every reward, and each of them as much as ten of its own.
    const double cells = RewardCells::cells_for(t.centred, dw * static_cast<double>(count));
    if (static_cast<double>(count) > 24 && cells < 0.05 * static_cast<double>(t.weight.size()))
      return log_psi_by_cells(t, dw, count, static_cast<std::size_t>(cells));
    return log_psi_by_turns(t, dw, count);
  }
  std::vector<Complex> out(count);
  for (std::size_t k = 0; k < count; ++k) out[k] = log_psi(t, dw * static_cast<double>(k));
  return out;
}

/** e^{i pi t / m} for t = 0 .. m - 1 from two short tables. */
std::vector<Complex> half_turns(std::size_t m) {
  std::size_t fine = 1;
  while (fine * fine < m) fine *= 2;
  std::vector<Complex> low(fine);
  for (std::size_t t = 0; t < fine; ++t) {
    const double angle = pi * static_cast<double>(t) / static_cast<double>(m);
    low[t] = turned_by(angle);
  }
  std::vector<Complex> table(m);
  for (std::size_t t = 0; t < m; t += fine) {
    const double angle = pi * static_cast<double>(t) / static_cast<double>(m);
    const Complex high = turned_by(angle);
    for (std::size_t s = 0; s < fine && t + s < m; ++s) table[t + s] = t == 0 ? low[s] : high * low[s];
  }
  return table;
}

/** a mod m in 0 .. m - 1; 64 bits, so that products of two residues fit where size_t has 32. */
std::uint64_t positive_mod(std::int64_t a, std::uint64_t m) {
  const std::int64_t r = a % static_cast<std::int64_t>(m);
  return static_cast<std::uint64_t>(r < 0 ? r + static_cast<std::int64_t>(m) : r);
}

bool is_power_of_two(std::size_t m) { return (m & (m - 1)) == 0; }

/** The same for many levels: the transform of the weights, the heaviest left out, less their sum. */
std::vector<Complex> psi_by_fft(const InversionToken& t, std::size_t m, std::size_t count, std::int64_t k0) {
  std::vector<double> place(m);
  double rest = 0;
  for (std::size_t i = 0; i < t.weight.size(); ++i) {
    if (t.step[i] == k0) continue;
    place[static_cast<std::size_t>(positive_mod(t.step[i] - k0, m))] += t.weight[i];
    rest += t.weight[i];
  }
  const std::vector<std::complex<double>> spectrum = fft_of_real(place);
  std::vector<Complex> out(count);
  // The transform turns clockwise.
  for (std::size_t f = 0; f < count; ++f) out[f] = {spectrum[f].real() - rest, -spectrum[f].imag()};
  return out;
}

/** psi(2 pi f / m) e^{-i w k0} - 1 for f = 0 .. count - 1, k0 the heaviest token's step, by exact angles mod m. */
std::vector<Complex> psi_minus_one(const InversionToken& t, std::size_t m, std::size_t count, std::int64_t k0,
                                   const std::vector<Complex>& turns) {
  if (t.weight.size() > 16 && is_power_of_two(m)) return psi_by_fft(t, m, count, k0);
  std::vector<Complex> out(count, Complex{0, 0});
  for (std::size_t i = 0; i < t.weight.size(); ++i) {
    const auto d = static_cast<std::size_t>(positive_mod(t.step[i] - k0, m));
    if (d == 0) continue;
    const double p = t.weight[i];
    std::size_t index = 0;
    for (std::size_t f = 0; f < count; ++f) {
      const Complex h = turns[index];
      out[f].re -= 2 * p * h.im * h.im;
      out[f].im += 2 * p * h.im * h.re;
      index += d;
      if (index >= m) index -= m;
    }
  }
  return out;
}

/** Sums over frequencies at several levels at a time: their phases recur independently of each other. */
struct Lanes {
  static constexpr std::size_t count = 8;
  std::array<double, count> turn_re{}, turn_im{}, re{}, im{}, mass{}, above{};

  /** The terms of one frequency; then every level's phase turns to the next. */
  void add(Complex m, Complex a) {
    TILTLAB_BY_LANES
    for (std::size_t l = 0; l < count; ++l) {
      mass[l] += m.re * re[l] - m.im * im[l];
      above[l] += a.re * re[l] - a.im * im[l];
      const double next = re[l] * turn_re[l] - im[l] * turn_im[l];
      im[l] = re[l] * turn_im[l] + im[l] * turn_re[l];
      re[l] = next;
    }
  }

  void store(Inversion& out, std::size_t first) const {
    for (std::size_t l = 0; l < count && first + l < out.mass.size(); ++l) {
      out.mass[first + l] = std::max(0.0, mass[l]);
      out.above[first + l] = std::max(0.0, above[l]);
    }
  }
};

std::int64_t heaviest_step(const InversionToken& t) {
  const auto it = std::max_element(t.weight.begin(), t.weight.end());
  return t.step[static_cast<std::size_t>(it - t.weight.begin())];
}

}  // namespace

double grid_floor(const InversionToken& t, double from) {
  const std::size_t m = next_power_of_two(static_cast<std::size_t>(16 * t.step.back()));
  const std::vector<Complex> psi = psi_by_fft(t, m, m / 2 + 1, heaviest_step(t));
  const double dw = 2 * pi / static_cast<double>(m);
  double least = 1;
  for (auto f = static_cast<std::size_t>(from / dw); f < psi.size(); ++f) {
    const double u = psi[f].re;
    const double v = psi[f].im;
    least = std::min(least, -(2 * u + u * u + v * v));
  }
  return least - std::sqrt(t.variance) * dw;
}

TILTLAB_COLD Loudness loudness(const InversionToken& t, double from, double to, double per_square, double level) {
  const std::size_t m = next_power_of_two(static_cast<std::size_t>(16 * t.step.back()));
  const std::vector<Complex> psi = psi_by_fft(t, m, m / 2 + 1, heaviest_step(t));
  const double dw = 2 * pi / static_cast<double>(m);
  // Halfway to the next value |psi| is no more than this away.
  const double away = std::sqrt(t.variance) * dw / 2;
  Loudness out;
  for (std::size_t f = 0; f < psi.size() && static_cast<double>(f) * dw < to + dw; ++f) {
    const double w = (static_cast<double>(f) + 0.5) * dw;
    const double size = std::hypot(1 + psi[f].re, psi[f].im) + per_square * w * w + away;
    if (w > from) out.most = std::max(out.most, size);
    if (!(size < level)) out.last = w;
  }
  return out;
}

namespace {

/** The lobe's frequencies k dw, k < count, of a law that repeats itself after `period`. */
struct LobeFrequencies {
  /** Levels above each one that its tail is summed over. */
  double horizon;
  double period;
  double dw;
  std::size_t count;
};

LobeFrequencies lobe_frequencies(double spread, double edge, const OffsetGrid& grid) {
  const auto first = static_cast<double>(grid.first);
  const auto last = static_cast<double>(grid.first + grid.stride * static_cast<std::int64_t>(grid.count - 1));
  // All mass lies within 9.5 spreads. Each level's tail is summed to there from the lowest level, so the tail of the
  // highest ends last - first beyond, and the image of the law must begin after that.
  const double reach = 9.5 * spread + 8;
  const double horizon = std::ceil(std::max(0.0, reach - first));
  const double period = std::ceil(std::max(2 * reach, last + horizon + reach) + 1);
  const double dw = 2 * pi / period;
  return {horizon, period, dw, static_cast<std::size_t>(edge / dw) + 1};
}

/** What each of them adds to masses and tails at the centre, and how large all of it is. */
struct LobeTerms {
  std::vector<Complex> mass;
  std::vector<Complex> above;
  std::vector<std::complex<double>> gold;
  double mass_size = 0;
  double above_size = 0;
};

/** @param shift n mean - centre */
LobeTerms lobe_terms(const InversionToken& t, double n, double shift, const LobeFrequencies& of) {
  LobeTerms out;
  out.mass.resize(of.count);
  out.above.resize(of.count);
  const std::vector<Complex> log_psis = log_psi_grid(t, n, of.dw, of.count);
  for (std::size_t k = 0; k < of.count; ++k) {
    const double w = of.dw * static_cast<double>(k);
    const Complex l = log_psis[k];
    const double size = std::exp(n * l.re) * (k == 0 ? 1 : 2) / of.period;
    const double angle = n * l.im + w * shift;
    out.mass[k] = size * turned_by(angle);
    out.above[k] = out.mass[k] * tail_kernel(t.b, w, of.horizon);
    out.mass_size += std::fabs(size);
    out.above_size += std::hypot(out.above[k].re, out.above[k].im);
    if (!t.gold.empty()) out.gold.emplace_back(out.mass[k].re, out.mass[k].im);
  }
  if (!t.gold.empty()) turn_to_gold(t, n, of.dw, out.gold);
  return out;
}

/** The sums over frequencies at every level of the grid. */
void add_lobe(Inversion& out, const LobeTerms& terms, double dw, const OffsetGrid& grid) {
  const std::size_t count = terms.mass.size();
  out.mass.resize(grid.count);
  out.above.resize(grid.count);
  for (std::size_t j = 0; j < grid.count; j += Lanes::count) {
    Lanes lanes;
    for (std::size_t l = 0; l < Lanes::count; ++l) {
      const double offset =
          static_cast<double>(grid.first) + static_cast<double>(grid.stride) * static_cast<double>(j + l);
      const Complex turn = turned_by(dw * offset);
      lanes.turn_re[l] = turn.re;
      lanes.turn_im[l] = -turn.im;
      lanes.re[l] = 1;
    }
    for (std::size_t k = 0; k < count; ++k) lanes.add(terms.mass[k], terms.above[k]);
    lanes.store(out, j);
  }
}

}  // namespace

double lobe_products(const InversionToken& t, std::int64_t n, double edge, const OffsetGrid& grid) {
  const double spread = std::sqrt(static_cast<double>(n) * t.variance);
  return static_cast<double>(lobe_frequencies(spread, edge, grid).count) * static_cast<double>(grid.count);
}

/** Which frequencies, what each adds, and their sums at every level. */
Inversion invert_lobe(const InversionToken& t, std::int64_t n, std::int64_t center, double edge,
                      const OffsetGrid& grid) {
  const auto length = static_cast<double>(n);
  const LobeFrequencies frequencies = lobe_frequencies(std::sqrt(length * t.variance), edge, grid);
  const double shift = (from_integer(n) * t.mean - from_integer(center)).value();
  const LobeTerms terms = lobe_terms(t, length, shift, frequencies);
  Inversion out;
  add_lobe(out, terms, frequencies.dw, grid);
  // Each term carries the rounding of n log psi (at most the decay, about 60 ulps) and of its recurring phase (a
  // few ulps a step).
  const double rounding = 2e-16 * (20 + 2 * static_cast<double>(frequencies.count));
  out.mass_error = rounding * terms.mass_size;
  out.above_error = rounding * terms.above_size;
  if (!t.gold.empty()) {
    std::vector<std::int64_t> f;
    for (const std::complex<double>& term : terms.gold) {
      f.push_back(static_cast<std::int64_t>(f.size()));
      out.gold_error += rounding * std::hypot(term.real(), term.imag());
    }
    sum_gold(out, terms.gold, f, frequencies.period, grid);
  }
  return out;
}

TILTLAB_COLD std::optional<Spectrum> significant_spectrum(const InversionToken& t, double n, std::int64_t period,
                                                          double decay, double most) {
  const double needed = -std::expm1(-2 * decay / n);
  const std::int64_t k0 = heaviest_step(t);
  const auto m = static_cast<std::size_t>(period);
  const double dw = 2 * pi / static_cast<double>(period);
  // 1 - |psi|^2 <= variance w^2: so many frequencies of the main lobe count for certain.
  if (std::min(std::sqrt(needed / t.variance), pi) > most * dw) return std::nullopt;
  std::vector<std::uint64_t> place;
  std::vector<double> distance;
  for (const std::int64_t step : t.step) {
    place.push_back(positive_mod(step - k0, m));
    distance.push_back(static_cast<double>(step - k0));
  }
  Spectrum out;
  out.period = period;
  double values = 0;
  for (std::int64_t f = 0; 2 * f <= period;) {
    if (++values > most) return std::nullopt;
    double u = 0;
    double v = 0;
    double du = 0;
    double dv = 0;
    for (std::size_t i = 0; i < t.weight.size(); ++i) {
      if (place[i] == 0) {
        dv += t.weight[i] * distance[i];
        continue;
      }
      // The angle reduced exactly, so that lobes far from 0 keep their digits.
      const double half =
          pi * static_cast<double>(static_cast<std::uint64_t>(f) * place[i] % m) / static_cast<double>(period);
      const auto [s, c] = sine_cosine(half);
      u -= 2 * t.weight[i] * s * s;
      v += 2 * t.weight[i] * s * c;
      du -= 2 * t.weight[i] * distance[i] * s * c;
      dv += t.weight[i] * distance[i] * (c * c - s * s);
    }
    const double value = -(2 * u + u * u + v * v);
    const double slope = -2 * (du + u * du + v * dv);
    if (value <= needed) {
      const Complex l = log_of(u, v);
      out.lines.push_back({f, l.re, l.im});
      ++f;
      continue;
    }
    const double step = (slope + std::sqrt(slope * slope + 4 * t.variance * (value - needed))) / (2 * t.variance);
    f += std::max<std::int64_t>(1, static_cast<std::int64_t>(std::min(step / dw, 4e15)));
  }
  return out;
}

namespace {

/** What each significant frequency adds to masses and tails, with their errors. */
Lines lines_of(const InversionToken& t, const Spectrum& spectrum, std::int64_t n, std::int64_t center,
               std::int64_t horizon) {
  const auto length = static_cast<double>(n);
  const auto m = static_cast<std::size_t>(spectrum.period);
  const auto period = static_cast<double>(spectrum.period);
  const std::int64_t k0 = heaviest_step(t);
  // n k0 - center, both factors mod m first
  const std::uint64_t origin = positive_mod(static_cast<std::int64_t>(positive_mod(n, m) * positive_mod(k0, m) % m) -
                                                static_cast<std::int64_t>(positive_mod(center, m)),
                                            m);
  Lines out;
  out.period = spectrum.period;
  std::size_t run = 0;
  for (std::size_t k = 0; k < spectrum.lines.size(); ++k) {
    const Spectrum::Line& line = spectrum.lines[k];
    if (k > 0 && line.f != spectrum.lines[k - 1].f + 1) run = k;
    const double w = 2 * pi * static_cast<double>(line.f) / period;
    const double size =
        std::exp(length * line.log_size) * (line.f == 0 || 2 * line.f == spectrum.period ? 1 : 2) / period;
    const double turn = 2 * pi * static_cast<double>(static_cast<std::uint64_t>(line.f) * origin % m) / period;
    const double angle = length * line.angle + turn;
    const Complex mass = size * turned_by(angle);
    const Complex above = mass * tail_kernel(t.b, w, static_cast<double>(horizon));
    out.f.push_back(line.f);
    out.mass.emplace_back(mass.re, mass.im);
    out.above.emplace_back(above.re, above.im);
    // n log psi carries the rounding of its own size, the recurring phase a few ulps a step.
    const double ulps = 2e-16 * (30 + 2 * static_cast<double>(k - run) + 2 * std::fabs(length * line.angle) +
                                 std::fabs(length * line.log_size));
    out.mass_error += ulps * size;
    out.above_error += ulps * std::hypot(above.re, above.im);
    if (t.gold.empty()) continue;
    const Turns turns{static_cast<std::uint64_t>(line.f), m, k0};
    out.gold.push_back(gold_term(t, out.mass.back(), length, turns));
    out.gold_error += ulps * std::hypot(out.gold.back().real(), out.gold.back().imag());
  }
  return out;
}

}  // namespace

std::complex<double> tail_weights(double b, double w, double h) {
  const Complex k = tail_kernel(b, w, h);
  return {k.re, k.im};
}

Inversion invert_strided(const InversionToken& t, const Spectrum& spectrum, std::int64_t n, std::int64_t center,
                         std::int64_t horizon, std::int64_t first, std::int64_t stride) {
  const Lines terms = lines_of(t, spectrum, n, center, horizon);
  const auto count = static_cast<std::size_t>(spectrum.period / stride);
  const auto m = static_cast<std::size_t>(spectrum.period);
  const auto levels = [&](const std::vector<std::complex<double>>& of, double least) {
    std::vector<std::complex<double>> c(count);
    for (std::size_t k = 0; k < of.size(); ++k) {
      const std::int64_t f = spectrum.lines[k].f;
      const double turn = 2 * pi * static_cast<double>(static_cast<std::uint64_t>(f) * positive_mod(first, m) % m) /
                          static_cast<double>(spectrum.period);
      const Complex z = Complex{of[k].real(), of[k].imag()} * turned_by(-turn);
      c[static_cast<std::size_t>(f) % count] += std::complex<double>{z.re, z.im};
    }
    std::vector<double> out = real_part_of_fft(c);
    for (double& x : out) x = std::max(least, x);
    return out;
  };
  // A few ulps of all terms for each halving of the transform.
  const double depth = 1e-15 * doublings(static_cast<double>(count) + 1);
  Inversion out;
  out.mass = levels(terms.mass, 0);
  out.above = levels(terms.above, 0);
  out.mass_error = terms.mass_error;
  out.above_error = terms.above_error;
  if (!t.gold.empty()) {
    out.gold = levels(terms.gold, -infinity);
    out.gold_error = terms.gold_error;
    for (const std::complex<double>& term : terms.gold) out.gold_error += depth * std::hypot(term.real(), term.imag());
  }
  for (std::size_t k = 0; k < terms.mass.size(); ++k) {
    out.mass_error += depth * std::hypot(terms.mass[k].real(), terms.mass[k].imag());
    out.above_error += depth * std::hypot(terms.above[k].real(), terms.above[k].imag());
  }
  return out;
}

Inversion sum_lines(const Lines& lines, const OffsetGrid& grid) {
  // 64 bits in a module of 32, too: a law on a fine lattice has a long period.
  const auto m = static_cast<std::uint64_t>(lines.period);
  const auto period = static_cast<double>(lines.period);
  // Where a run of neighbouring frequencies begins, and the end.
  std::vector<std::size_t> runs;
  for (std::size_t k = 0; k < lines.f.size(); ++k) {
    if (k == 0 || lines.f[k] != lines.f[k - 1] + 1) runs.push_back(k);
  }
  runs.push_back(lines.f.size());
  Inversion out;
  out.mass_error = lines.mass_error;
  out.above_error = lines.above_error;
  out.mass.resize(grid.count);
  out.above.resize(grid.count);
  for (std::size_t j = 0; j < grid.count; j += Lanes::count) {
    Lanes lanes;
    std::array<std::uint64_t, Lanes::count> place{};
    for (std::size_t l = 0; l < Lanes::count; ++l) {
      place[l] = positive_mod(grid.first + grid.stride * static_cast<std::int64_t>(j + l), m);
      const Complex turn = turned_by(2 * pi * static_cast<double>(place[l]) / period);
      lanes.turn_re[l] = turn.re;
      lanes.turn_im[l] = -turn.im;
    }
    for (std::size_t r = 0; r + 1 < runs.size(); ++r) {
      const auto start = static_cast<std::uint64_t>(lines.f[runs[r]]);
      for (std::size_t l = 0; l < Lanes::count; ++l) {
        const Complex at = turned_by(2 * pi * static_cast<double>(start * place[l] % m) / period);
        lanes.re[l] = at.re;
        lanes.im[l] = -at.im;
      }
      for (std::size_t k = runs[r]; k < runs[r + 1]; ++k)
        lanes.add({lines.mass[k].real(), lines.mass[k].imag()}, {lines.above[k].real(), lines.above[k].imag()});
    }
    lanes.store(out, j);
  }
  if (!lines.gold.empty()) {
    sum_gold(out, lines.gold, lines.f, period, grid);
    out.gold_error = lines.gold_error;
  }
  return out;
}

Inversion invert_spectrum(const InversionToken& t, const Spectrum& spectrum, std::int64_t n, std::int64_t center,
                          std::int64_t horizon, const OffsetGrid& grid) {
  return sum_lines(lines_of(t, spectrum, n, center, horizon), grid);
}

Inversion invert_window(const InversionToken& t, std::int64_t n, std::int64_t center, std::int64_t first,
                        std::size_t count) {
  const std::size_t m = next_power_of_two(count);
  const std::vector<Complex> turns = half_turns(m);
  const std::int64_t k0 = heaviest_step(t);
  const std::size_t half = m / 2 + 1;
  const std::vector<Complex> psi = psi_minus_one(t, m, m == 1 ? 1 : half, k0, turns);
  const auto length = static_cast<double>(n);
  // n k0 - (center + first) without overflow: both factors are taken mod m first.
  const std::uint64_t origin = positive_mod(static_cast<std::int64_t>(positive_mod(n, m) * positive_mod(k0, m) % m) -
                                                static_cast<std::int64_t>(positive_mod(center + first, m)),
                                            m);
  std::vector<std::complex<double>> spectrum(half);
  double size_sum = 0;
  double error_sum = 0;
  const double off_heaviest = 1 - *std::max_element(t.weight.begin(), t.weight.end());
  for (std::size_t f = 0; f < psi.size(); ++f) {
    const double u = psi[f].re;
    const double v = psi[f].im;
    const double log_size = 0.5 * length * std::log1p(std::max(-1.0, 2 * u + u * u + v * v));
    if (log_size < -90) continue;
    const double angle = length * std::atan2(v, 1 + u);
    const Complex h = turns[static_cast<std::size_t>(f * origin % m)];
    const Complex turn{1 - 2 * h.im * h.im, 2 * h.im * h.re};
    const double size = std::exp(log_size) / static_cast<double>(m);
    const Complex z = (size * turned_by(angle)) * turn;
    spectrum[f] = {z.re, z.im};
    const bool pair = f > 0 && 2 * f < m;
    size_sum += (pair ? 2 : 1) * size;
    error_sum += (pair ? 2 : 1) * size * (length * off_heaviest - log_size);
  }
  const std::vector<double> law = fft_to_real(spectrum, m);
  Inversion out;
  out.mass.resize(count);
  out.above.resize(count);
  const double decay = std::exp(-t.b);
  double above = 0;
  for (std::size_t j = count; j-- > 0;) {
    out.above[j] = above;
    out.mass[j] = std::max(0.0, law[j]);
    above = decay * (above + out.mass[j]);
  }
  if (!t.gold.empty()) {
    const double terms = window_gold(out, t, spectrum, m, length);
    out.gold_error = terms * (4e-15 + 4e-16 * (length * off_heaviest + 90));
  }
  // n log psi carries the rounding of psi - 1, n times, and of its own size.
  out.mass_error = 4e-15 * size_sum + 4e-16 * error_sum;
  out.above_error = out.mass_error *
                    std::min(t.b > 0 ? -1 / std::expm1(-t.b) : static_cast<double>(count), static_cast<double>(count));
  return out;
}

Window chernoff_window(const InversionToken& t, std::int64_t n, std::int64_t center) {
  constexpr double nats = 42;
  const auto length = static_cast<double>(n);
  const double spread = std::sqrt(length * t.variance);
  const auto extent = [&](double sign) {
    const auto bound = [&](double theta) {
      double a = 0;
      for (std::size_t i = 0; i < t.weight.size(); ++i) {
        const double y = sign * theta * t.centred[i];
        a += t.weight[i] * (std::fabs(y) < 0.01 ? y * y * (0.5 + y * (1.0 / 6 + y / 24)) : std::expm1(y) - y);
      }
      return (nats + length * std::log1p(a)) / theta;
    };
    // The bound has one minimum: where the law is nearly normal near sqrt(2 nats) / spread, far below it where rare
    // tokens are far from the others.
    double theta = std::sqrt(2 * nats) / spread;
    double best = bound(theta);
    for (; !std::isfinite(best); best = bound(theta)) theta /= 2;
    for (const double factor : {0.7, 1.4}) {
      for (double next = bound(theta * factor); next < best; next = bound(theta * factor)) {
        best = next;
        theta *= factor;
      }
    }
    return best + 2;
  };
  const DoubleDouble top = from_integer(n) * from_integer(t.step.back()) - from_integer(center);
  const double low = std::min(extent(-1), static_cast<double>(center));
  const double high = std::min(extent(1), top.value());
  return {-static_cast<std::int64_t>(std::ceil(low)), static_cast<std::int64_t>(std::ceil(high))};
}

TILTLAB_COLD double poisson_average(const InversionToken& t, std::int64_t n, std::optional<double> edge, double period,
                                    double reach) {
  const auto length = static_cast<double>(n);
  // The weights e^{-b |d|} cut at |d| <= reach, as a function of frequency.
  const auto kernel = [&](double w) { return 1 + 2 * tail_kernel(t.b, w, reach).re; };
  const double dw = 2 * pi / period;
  double sum = 0;
  if (edge) {
    const std::vector<Complex> log_psis = log_psi_grid(t, length, dw, static_cast<std::size_t>(*edge / dw) + 1);
    for (std::size_t f = log_psis.size(); f-- > 1;) {
      sum += 2 * std::exp(2 * length * log_psis[f].re) * kernel(dw * static_cast<double>(f));
    }
    return (sum + kernel(0)) / period;
  }
  const auto m = static_cast<std::size_t>(period);
  const std::vector<Complex> psi = psi_minus_one(t, m, m / 2 + 1, heaviest_step(t), half_turns(m));
  for (std::size_t f = psi.size(); f-- > 0;) {
    const double u = psi[f].re;
    const double v = psi[f].im;
    const double power = std::exp(length * std::log1p(std::max(-1.0, 2 * u + u * u + v * v)));
    sum += (f == 0 || 2 * f == m ? 1 : 2) * power * kernel(dw * static_cast<double>(f));
  }
  return sum / period;
}

TILTLAB_COLD double poisson_average(const InversionToken& t, std::int64_t n, const Spectrum& spectrum, double reach) {
  const auto length = static_cast<double>(n);
  const auto period = static_cast<double>(spectrum.period);
  double sum = 0;
  for (std::size_t k = spectrum.lines.size(); k-- > 0;) {
    const Spectrum::Line& line = spectrum.lines[k];
    const double kernel = 1 + 2 * tail_kernel(t.b, 2 * pi * static_cast<double>(line.f) / period, reach).re;
    sum += (line.f == 0 || 2 * line.f == spectrum.period ? 1 : 2) * std::exp(2 * length * line.log_size) * kernel;
  }
  return sum / period;
}

}  // namespace tiltlab
