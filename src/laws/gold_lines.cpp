#include "laws/gold_lines.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "numerics/by_lanes.hpp"
#include "numerics/fft.hpp"
#include "numerics/sine_cosine.hpp"

namespace tiltlab {

namespace {

constexpr double pi = std::numbers::pi;

/** a mod m in 0 .. m - 1 */
std::uint64_t reduced(std::int64_t a, std::uint64_t m) {
  const std::int64_t r = a % static_cast<std::int64_t>(m);
  return static_cast<std::uint64_t>(r < 0 ? r + static_cast<std::int64_t>(m) : r);
}

/** 2 pi f place / period, reduced exactly. */
double angle_of(std::uint64_t f, std::uint64_t place, std::uint64_t period) {
  return 2 * pi * static_cast<double>(f * place % period) / static_cast<double>(period);
}

/** a b / c, 0 where c is. */
std::complex<double> scaled(std::complex<double> a, std::complex<double> b, std::complex<double> c) {
  const double norm = c.real() * c.real() + c.imag() * c.imag();
  if (!(norm > 0)) return 0;
  const double re = a.real() * b.real() - a.imag() * b.imag();
  const double im = a.real() * b.imag() + a.imag() * b.real();
  return {(re * c.real() + im * c.imag()) / norm, (im * c.real() - re * c.imag()) / norm};
}

}  // namespace

std::complex<double> gold_term(const InversionToken& t, std::complex<double> mass, double n, const Turns& at) {
  std::complex<double> gold = 0;
  std::complex<double> psi = 0;
  for (std::size_t i = 0; i < t.gold.size(); ++i) {
    const auto [sine, cosine] = sine_cosine(angle_of(at.f, reduced(t.step[i] - at.k0, at.m), at.m));
    const std::complex<double> turn{t.weight[i] * cosine, t.weight[i] * sine};
    psi += turn;
    gold += n * t.gold[i] * turn;
  }
  return scaled(mass, gold, psi);
}

namespace {

/** Neighbouring frequencies that are taken at a time. */
constexpr std::size_t lanes = 8;

/** E[a e^(i w x)] of a token at many frequencies w. */
struct PhaseSums {
  explicit PhaseSums(std::size_t count) : re(count, 0), im(count, 0) {}
  std::vector<double> re, im;
};

struct Phase {
  std::array<double, lanes> re, im;
};

void add_phase(double* __restrict re, double* __restrict im, double by, const Phase& phase) {
  TILTLAB_BY_LANES
  for (std::size_t l = 0; l < lanes; ++l) {
    re[l] += by * phase.re[l];
    im[l] += by * phase.im[l];
  }
}

/** Phases of w x that turn from some frequencies to the next, which costs a few ulps a step. */
void turn(Phase& phase, double cosine, double sine) {
  TILTLAB_BY_LANES
  for (std::size_t l = 0; l < lanes; ++l) {
    const double next = phase.re[l] * cosine - phase.im[l] * sine;
    phase.im[l] = phase.re[l] * sine + phase.im[l] * cosine;
    phase.re[l] = next;
  }
}

}  // namespace

void turn_to_gold(const InversionToken& t, double n, double dw, std::vector<std::complex<double>>& terms) {
  const std::size_t count = (terms.size() + lanes - 1) / lanes * lanes;
  PhaseSums psi(count);
  PhaseSums gold(count);
  for (std::size_t i = 0; i < t.gold.size(); ++i) {
    const double angle = dw * t.centred[i];
    Phase phase;
    for (std::size_t l = 0; l < lanes; ++l) {
      const auto [sine, cosine] = sine_cosine(static_cast<double>(l) * angle);
      phase.re[l] = cosine;
      phase.im[l] = sine;
    }
    const auto [sine, cosine] = sine_cosine(static_cast<double>(lanes) * angle);
    for (std::size_t k = 0; k < count; k += lanes) {
      add_phase(&psi.re[k], &psi.im[k], t.weight[i], phase);
      add_phase(&gold.re[k], &gold.im[k], n * t.gold[i] * t.weight[i], phase);
      turn(phase, cosine, sine);
    }
  }
  for (std::size_t k = 0; k < terms.size(); ++k)
    terms[k] = scaled(terms[k], {gold.re[k], gold.im[k]}, {psi.re[k], psi.im[k]});
}

void part_gold(InversionToken& t, const TokenLaw& token) {
  if (!token.has_gold()) return;
  const std::size_t size = t.weight.size();
  for (std::size_t i = 0; i < size; ++i) t.gold_mean += t.weight[i] * token.gold[i];
  double shared = 0;
  for (std::size_t i = 0; i < size; ++i) shared += t.weight[i] * t.centred[i] * (token.gold[i] - t.gold_mean);
  if (t.variance > 0) t.gold_slope = shared / t.variance;
  double largest = 0;
  double rest = 0;
  for (std::size_t i = 0; i < size; ++i) {
    t.gold.push_back(token.gold[i] - t.gold_mean - t.gold_slope * t.centred[i]);
    largest = std::max(largest, std::fabs(token.gold[i]));
    rest = std::max(rest, std::fabs(t.gold.back()));
  }
  constexpr double rounding = 1e-14;
  if (rest < rounding * largest) t.gold.clear();
}

void sum_gold(Inversion& out, const std::vector<std::complex<double>>& terms, const std::vector<std::int64_t>& f,
              double period, const OffsetGrid& grid) {
  const auto m = static_cast<std::uint64_t>(period);
  for (std::size_t j = 0; j < grid.count; ++j) {
    const std::uint64_t place = reduced(grid.first + grid.stride * static_cast<std::int64_t>(j), m);
    const auto [sine, turn_re] = sine_cosine(angle_of(1, place, m));
    const double turn_im = -sine;
    double re = 1;
    double im = 0;
    double sum = 0;
    for (std::size_t k = 0; k < terms.size(); ++k) {
      // Phases recur from one frequency to its neighbour.
      if (k > 0 && f[k] != f[k - 1] + 1) {
        const SineCosine at = sine_cosine(angle_of(static_cast<std::uint64_t>(f[k]), place, m));
        re = at.cosine;
        im = -at.sine;
      }
      sum += terms[k].real() * re - terms[k].imag() * im;
      const double next = re * turn_re - im * turn_im;
      im = re * turn_im + im * turn_re;
      re = next;
    }
    out.gold.push_back(sum);
  }
}

double window_gold(Inversion& out, const InversionToken& t, std::vector<std::complex<double>> spectrum, std::size_t m,
                   double n) {
  std::vector<double> weights(m, 0);
  std::vector<double> gains(m, 0);
  for (std::size_t i = 0; i < t.gold.size(); ++i) {
    const auto place = static_cast<std::size_t>(reduced(t.step[i], m));
    weights[place] += t.weight[i];
    gains[place] += n * t.weight[i] * t.gold[i];
  }
  // The transforms turn clockwise, and psi the other way: they are psi's and psi_g's at the negative frequency.
  const std::vector<std::complex<double>> psi = fft_of_real(weights);
  const std::vector<std::complex<double>> gold = fft_of_real(gains);
  double size = 0;
  for (std::size_t k = 0; k < spectrum.size(); ++k) {
    spectrum[k] = scaled(spectrum[k], std::conj(gold[k]), std::conj(psi[k]));
    const bool alone = k == 0 || 2 * k == m;
    size += (alone ? 1 : 2) * std::hypot(spectrum[k].real(), spectrum[k].imag());
  }
  const std::vector<double> levels = fft_to_real(spectrum, m);
  out.gold.assign(levels.begin(), levels.begin() + static_cast<std::ptrdiff_t>(out.mass.size()));
  return size;
}

}  // namespace tiltlab
