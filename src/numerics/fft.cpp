#include "numerics/fft.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <numbers>

#include "numerics/per_thread.hpp"
#include "numerics/sine_cosine.hpp"

namespace tiltlab {

namespace {

using Value = std::complex<double>;

/** Up to here the roots of unity of each size are kept, of longer ones the last: finding them costs as much as the
 * transform. */
constexpr std::size_t longest_kept = std::size_t{1} << 14;

/** A product of finite numbers, without the operator's search for infinities. */
Value times(Value a, Value b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

/**
 * The transform of in[0], in[stride], ... to out[0 .. m - 1] by fours (Cooley and Tukey), by two where one factor of
 * two is left; in kissfft's order of operations (M. Borgerding, docs/licenses/kissfft.txt).
 * @param root e^{-2 pi i k / (2 m stride)}, of which every second is taken
 */
void complex_fft(const Value* in, Value* out, std::size_t m, std::size_t stride, const Value* root) {
  if (m == 1) {
    *out = *in;
    return;
  }
  const std::size_t radix = m % 4 == 0 ? 4 : 2;
  const std::size_t part = m / radix;
  for (std::size_t q = 0; q < radix; ++q) {
    if (part == 1) {
      out[q] = in[q * stride];
    } else {
      complex_fft(in + q * stride, out + q * part, part, stride * radix, root);
    }
  }
  const std::size_t turn = 2 * stride;
  if (radix == 2) {
    for (std::size_t k = 0; k < part; ++k) {
      const Value t = times(out[part + k], root[k * turn]);
      out[part + k] = out[k] - t;
      out[k] += t;
    }
    return;
  }
  for (std::size_t k = 0; k < part; ++k) {
    const Value a = times(out[k + part], root[k * turn]);
    const Value b = times(out[k + 2 * part], root[k * turn * 2]);
    const Value c = times(out[k + 3 * part], root[k * turn * 3]);
    const Value even = out[k] + b;
    const Value odd = out[k] - b;
    const Value sum = a + c;
    // -i (a - c)
    const Value turned{a.imag() - c.imag(), c.real() - a.real()};
    out[k] = even + sum;
    out[k + 2 * part] = even - sum;
    out[k + part] = odd + turned;
    out[k + 3 * part] = odd - turned;
  }
}

/** e^{-2 pi i k / m}, as many as a transform of half of m values takes. */
void find_roots(std::vector<Value>& root, std::size_t m) {
  const double turn = -2 * std::numbers::pi / static_cast<double>(m);
  const std::size_t count = m < 4 ? m : m / 4 * 3;
  root.clear();
  root.reserve(count);
  for (std::size_t k = 0; k < count; ++k) {
    const auto [sine, cosine] = sine_cosine(static_cast<double>(k) * turn);
    root.emplace_back(cosine, sine);
  }
}

/** Those of m, found once. */
const Value* roots(std::size_t m) {
  TILTLAB_PER_THREAD std::array<std::vector<Value>, 64> kept;
  TILTLAB_PER_THREAD std::size_t last_long = 0;
  std::vector<Value>& root = kept[static_cast<std::size_t>(std::bit_width(m))];
  if (m > longest_kept && m != last_long) {
    if (last_long > 0) kept[static_cast<std::size_t>(std::bit_width(last_long))] = {};
    last_long = m;
  }
  if (root.empty()) find_roots(root, m);
  return root.data();
}

/** i a */
Value quarter_turned(Value a) { return {-a.imag(), a.real()}; }

}  // namespace

std::size_t next_power_of_two(std::size_t n) {
  std::size_t m = 1;
  while (m < n) m *= 2;
  return m;
}

std::vector<Value> fft_of_real(const std::vector<double>& x) {
  const std::size_t m = x.size();
  if (m == 1) return {x[0]};
  const std::size_t half = m / 2;
  const Value* root = roots(m);
  // The even ones as real parts and the odd ones as imaginary parts: a transform of half as many.
  std::vector<Value> pairs(half);
  for (std::size_t j = 0; j < half; ++j) pairs[j] = {x[2 * j], x[2 * j + 1]};
  std::vector<Value> both(half);
  complex_fft(pairs.data(), both.data(), half, 1, root);
  std::vector<Value> out(half + 1);
  for (std::size_t k = 0; k <= half; ++k) {
    const Value a = both[k % half];
    const Value b = std::conj(both[(half - k) % half]);
    const Value odd = -quarter_turned(times(a - b, root[k]));
    out[k] = {(a.real() + b.real() + odd.real()) / 2, (a.imag() + b.imag() + odd.imag()) / 2};
  }
  return out;
}

std::vector<double> fft_to_real(const std::vector<Value>& spectrum, std::size_t m) {
  if (m == 1) return {spectrum[0].real()};
  const std::size_t half = m / 2;
  const Value* root = roots(m);
  std::vector<Value> both(half);
  // Of a sum that is real the first and the last are.
  both[0] = {spectrum[0].real() + spectrum[half].real(), spectrum[0].real() - spectrum[half].real()};
  for (std::size_t k = 1; k < half; ++k) {
    const Value a = spectrum[k];
    const Value b = std::conj(spectrum[half - k]);
    both[k] = a + b + quarter_turned(times(a - b, root[k]));
  }
  std::vector<Value> pairs(half);
  complex_fft(both.data(), pairs.data(), half, 1, root);
  std::vector<double> out(m);
  for (std::size_t j = 0; j < half; ++j) {
    out[2 * j] = pairs[j].real();
    out[2 * j + 1] = pairs[j].imag();
  }
  return out;
}

std::vector<double> real_part_of_fft(const std::vector<Value>& x) {
  const std::size_t m = x.size();
  std::vector<Value> spectrum(m / 2 + 1);
  for (std::size_t k = 0; k < spectrum.size(); ++k) {
    const Value a = x[k % m];
    const Value b = std::conj(x[(m - k) % m]);
    spectrum[k] = {(a.real() + b.real()) / 2, (a.imag() + b.imag()) / 2};
  }
  return fft_to_real(spectrum, m);
}

}  // namespace tiltlab
