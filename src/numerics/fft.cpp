#include "numerics/fft.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <numbers>

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
 * two is left; in kissfft's order of operations (M. Borgerding, docs/licenses/kissfft.txt), and so to its bits.
 * @param root e^{-2 pi i k / (m stride)}
 */
void transform(const Value* in, Value* out, std::size_t m, std::size_t stride, const Value* root) {
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
      transform(in + q * stride, out + q * part, part, stride * radix, root);
    }
  }
  if (radix == 2) {
    for (std::size_t k = 0; k < part; ++k) {
      const Value t = times(out[part + k], root[k * stride]);
      out[part + k] = out[k] - t;
      out[k] += t;
    }
    return;
  }
  for (std::size_t k = 0; k < part; ++k) {
    const Value a = times(out[k + part], root[k * stride]);
    const Value b = times(out[k + 2 * part], root[k * stride * 2]);
    const Value c = times(out[k + 3 * part], root[k * stride * 3]);
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

}  // namespace

std::size_t next_power_of_two(std::size_t n) {
  std::size_t m = 1;
  while (m < n) m *= 2;
  return m;
}

namespace {

/** e^{-2 pi i k / m}, as many as a transform takes. */
void find_roots(std::vector<Value>& root, std::size_t m) {
  const double turn = -2 * std::numbers::pi / static_cast<double>(m);
  const std::size_t count = m < 4 ? m : m / 4 * 3;
  root.clear();
  root.reserve(count);
  for (std::size_t k = 0; k < count; ++k) {
    const double angle = static_cast<double>(k) * turn;
    root.emplace_back(std::cos(angle), std::sin(angle));
  }
}

}  // namespace

std::vector<Value> fft(const std::vector<Value>& x) {
  thread_local std::array<std::vector<Value>, 64> kept;
  thread_local std::size_t last_long = 0;
  const std::size_t m = x.size();
  std::vector<Value>& root = kept[static_cast<std::size_t>(std::bit_width(m))];
  if (m > longest_kept && m != last_long) {
    if (last_long > 0) kept[static_cast<std::size_t>(std::bit_width(last_long))] = {};
    last_long = m;
  }
  if (root.empty()) find_roots(root, m);
  std::vector<Value> out(m);
  transform(x.data(), out.data(), m, 1, root.data());
  return out;
}

}  // namespace tiltlab
