#include "laws/inversion.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <complex>
#include <numbers>

#include "numerics/fft.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

constexpr double pi = std::numbers::pi;

/** The law of the sum of tilted tokens, one added after another, and what the untilted law has above each sum. */
struct Wanted {
  std::vector<double> mass;
  std::vector<double> above;
  /** Relative: additions of positive terms lose a little each. */
  double rounding;
};
Wanted added(const InversionToken& t, std::int64_t n) {
  Wanted w{test::added_up(t.weight, t.step, n), {}, 4e-16 * static_cast<double>(n + 20)};
  w.above.assign(w.mass.size(), 0);
  for (std::size_t s = w.mass.size() - 1; s-- > 0;) w.above[s] = std::exp(-t.b) * (w.above[s + 1] + w.mass[s + 1]);
  return w;
}

/** Whether masses and tails at these offsets from the centre are those, within their stated errors. */
void check(const Inversion& found, const Wanted& wanted, std::int64_t center, std::int64_t first, std::int64_t stride) {
  for (std::size_t j = 0; j < found.mass.size(); ++j) {
    const std::int64_t sum = center + first + stride * static_cast<std::int64_t>(j);
    const bool is_sum = sum >= 0 && sum < static_cast<std::int64_t>(wanted.mass.size());
    const double mass = is_sum ? wanted.mass[static_cast<std::size_t>(sum)] : 0;
    INFO("sum " << sum << " of " << wanted.mass.size());
    CHECK_THAT(found.mass[j], WithinAbs(mass, found.mass_error + wanted.rounding * mass));
    if (!is_sum) continue;
    const double above = wanted.above[static_cast<std::size_t>(sum)];
    CHECK_THAT(found.above[j], WithinAbs(above, found.above_error + wanted.rounding * above));
  }
  CHECK(found.mass_error < 1e-12);
}

struct Case {
  test::Alphabet alphabet;
  std::int64_t length;
  double b;
};
/** A near-normal sum, a rare far reward, one that is nearly on a coarser lattice, no tilt, and many rewards. */
std::vector<Case> cases() {
  std::vector<Case> all{{{{0.5, 0.3, 0.2}, {0, 1, 3}}, 40, 0.5},
                        {{{0.5, 0.3, 0.2}, {0, 1, 3}}, 25, 0},
                        {{{0.9, 0.09, 0.01}, {0, 1, 17}}, 30, 0.1},
                        {{{0.899, 0.1, 0.001}, {0, 10, 1}}, 30, 0.05}};
  test::Alphabet many;
  for (int i = 0; i < 30; ++i) {
    many.p.push_back((1 + i % 7) / 115.0);
    many.reward.push_back(i * i % 101);
  }
  double total = 0;
  for (const double p : many.p) total += p;
  for (double& p : many.p) p /= total;
  all.push_back({many, 20, 0.03});
  return all;
}

struct At {
  InversionToken t;
  std::int64_t center;
  Wanted wanted;
};
At at(const Case& c) {
  const Tokens m = test::sequence(c.alphabet, c.length);
  At out{inversion_token(m.token, tilt_at(m.token, c.b)), 0, {{}, {}, 0}};
  out.center = std::llround(static_cast<double>(c.length) * out.t.mean.value());
  out.wanted = added(out.t, c.length);
  return out;
}

std::complex<double> psi(const InversionToken& t, double w) {
  std::complex<double> sum = 0;
  for (std::size_t i = 0; i < t.weight.size(); ++i) sum += t.weight[i] * std::polar(1.0, w * t.centred[i]);
  return sum;
}

std::int64_t next_prime_to_2(std::int64_t period) { return period | 1; }

}  // namespace

TEST_CASE("a window has the law of the sum, as one token after another adds it up") {
  for (const Case& c : cases()) {
    const At x = at(c);
    const Window w = chernoff_window(x.t, c.length, x.center);
    INFO("length " << c.length << " b " << c.b);
    check(invert_window(x.t, c.length, x.center, w.first, static_cast<std::size_t>(w.last - w.first + 1)), x.wanted,
          x.center, w.first, 1);
    // What is outside of the window is less than e^-42 on either side.
    double outside = 0;
    for (std::size_t s = 0; s < x.wanted.mass.size(); ++s) {
      const std::int64_t offset = static_cast<std::int64_t>(s) - x.center;
      if (offset < w.first || offset > w.last) outside += x.wanted.mass[s];
    }
    CHECK(outside < 2 * std::exp(-42.0));
    CHECK(w.first >= -x.center);
    CHECK(w.last <= static_cast<std::int64_t>(x.wanted.mass.size()) - 1 - x.center);
  }
}

TEST_CASE("the main lobe alone has it, where no other frequency counts") {
  for (const Case& c : {Case{{{0.5, 0.3, 0.2}, {0, 1, 3}}, 1500, 0.5},
                        {{{0.5, 0.3, 0.2}, {0, 1, 3}}, 1000, 0},
                        {{{0.2, 0.7, 0.1}, {0, 2, 3}}, 800, 1.5}}) {
    const At x = at(c);
    const auto edge = lobe_edge(x.t, static_cast<double>(c.length), 45);
    REQUIRE(edge);
    INFO("length " << c.length << " b " << c.b);
    for (const std::int64_t stride : {1, 3}) {
      const OffsetGrid grid{-20, stride, 15};
      check(invert_lobe(x.t, c.length, x.center, *edge, grid), x.wanted, x.center, grid.first, stride);
    }
  }
}

TEST_CASE("lobe and window agree to their bounds at lengths where both hold: 2,000 models") {
  test::Random random(12);
  int compared = 0;
  double worst = 0;
  for (int i = 0; i < 2000; ++i) {
    const test::Alphabet a = test::random_alphabet(random, 6);
    const std::int64_t length = random.integer(60, 3000);
    const Tokens m = test::sequence(a, length);
    if (m.token.size() < 2) continue;
    const double rate = 0.6 * random.uniform() * kl_max(m.token).value();
    const InversionToken t = inversion_token(m.token, solve_tilt(m.token, rate));
    const double n = static_cast<double>(length);
    const auto edge = lobe_edge(t, n, 45 + std::log1p(std::sqrt(n * t.variance)));
    if (!edge) continue;
    const auto center = static_cast<std::int64_t>(std::llround(n * t.mean.value()));
    const Window w = chernoff_window(t, length, center);
    const Inversion window = invert_window(t, length, center, w.first, static_cast<std::size_t>(w.last - w.first + 1));
    const OffsetGrid grid{-20, 1, 41};
    const Inversion lobe = invert_lobe(t, length, center, *edge, grid);
    for (std::size_t j = 0; j < grid.count; ++j) {
      const std::int64_t k = grid.first + static_cast<std::int64_t>(j) - w.first;
      if (k < 0 || k >= static_cast<std::int64_t>(window.mass.size())) continue;
      worst = std::max(worst, std::fabs(lobe.mass[j] - window.mass[static_cast<std::size_t>(k)]) /
                                  (lobe.mass_error + window.mass_error));
    }
    ++compared;
  }
  CHECK(compared > 100);
  CHECK(worst < 1);
}

TEST_CASE("a spectrum has every frequency that counts, with psi there") {
  for (const Case& c : cases()) {
    const At x = at(c);
    const auto n = static_cast<double>(c.length);
    const std::int64_t period = 4001;
    constexpr double decay = 30;
    const auto spectrum = significant_spectrum(x.t, n, period, decay, 1e6);
    REQUIRE(spectrum);
    std::size_t next = 0;
    for (std::int64_t f = 0; 2 * f <= period; ++f) {
      const std::complex<double> value = psi(x.t, 2 * pi * static_cast<double>(f) / static_cast<double>(period));
      const bool listed = next < spectrum->lines.size() && spectrum->lines[next].f == f;
      if (n * std::log(std::abs(value)) > -decay + 1e-6) CHECK(listed);
      if (!listed) continue;
      CHECK_THAT(spectrum->lines[next].log_size, WithinAbs(std::log(std::abs(value)), 1e-11));
      ++next;
    }
    CHECK(next == spectrum->lines.size());
    // Too few values of psi are none.
    CHECK(!significant_spectrum(x.t, n, period, decay, 3));
  }
}

TEST_CASE("the frequencies that count have the law of the sum, level by level and a stride apart") {
  for (const Case& c : cases()) {
    const At x = at(c);
    const Window w = chernoff_window(x.t, c.length, x.center);
    const std::int64_t width = w.last - w.first;
    const auto n = static_cast<double>(c.length);
    INFO("length " << c.length << " b " << c.b);
    const auto odd = significant_spectrum(x.t, n, next_prime_to_2(2 * width + 3), 46, 1e7);
    REQUIRE(odd);
    const OffsetGrid grid{w.first, 2, static_cast<std::size_t>(width / 2 + 1)};
    check(invert_spectrum(x.t, *odd, c.length, x.center, width, grid), x.wanted, x.center, grid.first, grid.stride);
    // Strides of one are exact whatever the spectrum; more would need one that ends below half of a period.
    const auto even = significant_spectrum(
        x.t, n, static_cast<std::int64_t>(next_power_of_two(static_cast<std::size_t>(2 * width + 3))), 46, 1e7);
    REQUIRE(even);
    Inversion strided = invert_strided(x.t, *even, c.length, x.center, width, w.first, 1);
    // Tails past the window reach into the law's image.
    strided.mass.resize(static_cast<std::size_t>(width + 1));
    check(strided, x.wanted, x.center, w.first, 1);
  }
}

TEST_CASE("a smooth law is seen at every fourth level by a transform of a quarter of them") {
  const Case c{{{0.5, 0.3, 0.2}, {0, 1, 3}}, 400, 0.05};
  const At x = at(c);
  const auto spectrum = significant_spectrum(x.t, 400, 1024, 46, 1e6);
  REQUIRE(spectrum);
  // No frequency past half of a period of 256.
  REQUIRE(spectrum->lines.back().f < 128);
  Inversion strided = invert_strided(x.t, *spectrum, 400, x.center, 400, -200, 4);
  REQUIRE(strided.mass.size() == 256);
  // As far up as all of the law lies within the sum of a tail, and its image beyond.
  strided.mass.resize(101);
  check(strided, x.wanted, x.center, -200, 4);
}

TEST_CASE("lines of several runs add up level by level") {
  Lines lines;
  lines.period = 97;
  lines.f = {0, 1, 2, 11, 12, 40};
  test::Random random(4);
  for (std::size_t k = 0; k < lines.f.size(); ++k) {
    lines.mass.emplace_back(k == 0 ? 20 : random.uniform() - 0.5, k == 0 ? 0 : random.uniform() - 0.5);
    lines.above.emplace_back(k == 0 ? 30 : random.uniform() - 0.5, k == 0 ? 0 : random.uniform() - 0.5);
  }
  const OffsetGrid grid{-13, 5, 27};
  const Inversion found = sum_lines(lines, grid);
  for (std::size_t j = 0; j < grid.count; ++j) {
    const double level = static_cast<double>(grid.first + grid.stride * static_cast<std::int64_t>(j));
    double mass = 0;
    double above = 0;
    for (std::size_t k = 0; k < lines.f.size(); ++k) {
      const auto turn = std::polar(1.0, -2 * pi * static_cast<double>(lines.f[k]) * level / 97);
      mass += (lines.mass[k] * turn).real();
      above += (lines.above[k] * turn).real();
    }
    CHECK_THAT(found.mass[j], WithinAbs(mass, 1e-12));
    CHECK_THAT(found.above[j], WithinAbs(above, 1e-12));
  }
}

TEST_CASE("the weights of a tail are its geometric sum") {
  for (const double b : {0.0, 1e-9, 0.3, 5.0}) {
    for (const double w : {0.0, 1e-8, 0.7, pi}) {
      for (const int h : {1, 7, 200}) {
        std::complex<double> sum = 0;
        for (int l = 1; l <= h; ++l) sum += std::exp(std::complex<double>(-b * l, -w * l));
        const std::complex<double> found = tail_weights(b, w, h);
        INFO(b << " " << w << " " << h);
        CHECK_THAT(std::abs(found - sum), WithinAbs(0, 1e-12 * (1 + std::abs(sum))));
      }
    }
  }
}

TEST_CASE("a floor found by a transform is under all that a finer walk sees, and not far") {
  for (const Case& c : cases()) {
    const InversionToken t = at(c).t;
    constexpr double from = 0.4;
    double least = 1;
    for (double w = from; w <= pi; w += 1e-4) least = std::min(least, 1 - std::norm(psi(t, w)));
    const double floor = grid_floor(t, from);
    INFO("b " << c.b);
    CHECK(floor <= least);
    // Its points are at most pi / 8 of the largest step's turns apart, and 1 - |psi|^2 changes by 2 sd a unit at most.
    const double apart = pi / 8 / static_cast<double>(t.step.back());
    CHECK(floor >= least - 3 * std::sqrt(t.variance) * apart);
  }
}

TEST_CASE("the average of e^(-b |D|) over two independent sums is that over all pairs, by three ways to it") {
  for (const Case& c : cases()) {
    const At x = at(c);
    const std::vector<double>& mass = x.wanted.mass;
    double pairs = 0;
    for (std::size_t i = 0; i < mass.size(); ++i) {
      for (std::size_t k = 0; k < mass.size(); ++k)
        pairs += mass[i] * mass[k] * std::exp(-x.t.b * std::fabs(static_cast<double>(i) - static_cast<double>(k)));
    }
    const auto reach = static_cast<double>(mass.size() - 1);
    const double period = 2 * reach + 1;
    INFO("length " << c.length << " b " << c.b);
    CHECK_THAT(poisson_average(x.t, c.length, std::nullopt,
                               static_cast<double>(next_power_of_two(static_cast<std::size_t>(period))), reach),
               WithinRel(pairs, 1e-12));
    const auto n = static_cast<double>(c.length);
    const auto spectrum = significant_spectrum(x.t, 2 * n, static_cast<std::int64_t>(period), 46, 1e7);
    REQUIRE(spectrum);
    CHECK_THAT(poisson_average(x.t, c.length, *spectrum, reach), WithinRel(pairs, 1e-12));
    if (const auto edge = lobe_edge(x.t, 2 * n, 46))
      CHECK_THAT(poisson_average(x.t, c.length, edge, period, reach), WithinRel(pairs, 1e-12));
  }
}
