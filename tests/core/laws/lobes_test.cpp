#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <complex>
#include <numbers>

#include "laws/inversion.hpp"
#include "models/best_of_n_law.hpp"
#include "support.hpp"

using namespace tiltlab;

namespace {

double size_of(const InversionToken& t, double w) {
  std::complex<double> psi = 0;
  for (std::size_t i = 0; i < t.weight.size(); ++i) psi += t.weight[i] * std::polar(1.0, w * t.centred[i]);
  return std::abs(psi);
}

}  // namespace

TEST_CASE("past the lobe's edge no frequency counts") {
  test::Random random(23);
  constexpr double decay = 45;
  int found = 0;
  for (int i = 0; i < 60; ++i) {
    const Tokens m = test::sequence(test::random_alphabet(random, 6), 1);
    if (m.token.size() < 2 || m.token.lattice.empty()) continue;
    const InversionToken t = inversion_token(m.token, tilt_at(m.token, random.uniform()));
    const double n = 1000;
    const auto edge = lobe_edge(t, n, decay);
    if (!edge) continue;
    ++found;
    double most = 0;
    for (double w = *edge; w <= std::numbers::pi; w += 0.003) most = std::max(most, size_of(t, w));
    INFO(i);
    CHECK(n * std::log(most) <= -decay * (1 - 1e-9));
  }
  CHECK(found > 20);
}

TEST_CASE("a law that is nearly one on a coarser lattice has a second lobe, and no edge") {
  const Tokens m = memoryless_model(std::vector<double>{0.5, 0.499999, 0.000001}, std::vector<double>{0, 10, 1}, 1,
                                    false, "model.tokens");
  const InversionToken t = inversion_token(m.token, tilt_at(m.token, 0));
  CHECK(!lobe_edge(t, 1000, 45));
  CHECK(lobe_edge(t, 1e9, 45));
}

TEST_CASE("what a split of very many tokens tells of their frequencies holds for the tokens themselves") {
  test::Random random(31);
  constexpr double decay = 45;
  int told = 0;
  int quiet = 0;
  for (int i = 0; i < 40; ++i) {
    test::Alphabet a;
    double total = 0;
    for (int k = 0; k < 300; ++k) {
      a.p.push_back(random.uniform() + 0.01);
      total += a.p.back();
      // Every other of them with waves of their own: most rewards near a multiple of 1.
      const double x = 10 * random.uniform();
      a.reward.push_back(i % 2 == 0 ? x : std::round(x) + 0.5 * random.uniform());
    }
    for (double& p : a.p) p /= total;
    const std::int64_t length = 40 + 60 * i;
    const Tokens m = test::sequence(a, length);
    const TokenTilt near = solve_tilt(m.token, 0.05 + 0.3 * random.uniform());
    const TokenLaw fine = smooth_lattice(m.token, near.weights);
    const TokenTilt tilt = tilt_at(fine, near.b * (fine.unit / m.token.unit).value());
    const auto t = smooth_inversion_token(fine, tilt, length, decay);
    if (!t) continue;
    ++told;
    const double from = std::sqrt(1 / (2 * t->quartic));
    double most = 0;
    double most_quiet = 0;
    for (int k = 0; k < 3000; ++k) {
      // Denser where lobes are.
      const double share = random.uniform();
      const double w = from + share * share * (t->clear_to - from);
      const double size = size_of(*t, w);
      most = std::max(most, size);
      if (t->quiet_from > 0 && w > t->quiet_from) most_quiet = std::max(most_quiet, size);
    }
    INFO(i);
    CHECK(1 - most * most >= t->floor);
    if (!(t->quiet_from > 0)) continue;
    ++quiet;
    CHECK(static_cast<double>(length) * std::log(most_quiet) <= -decay);
  }
  CHECK(told > 30);
  CHECK(quiet > 10);
}
