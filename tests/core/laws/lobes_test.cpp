#include <catch2/catch.hpp>
#include <complex>
#include <numbers>

#include "laws/inversion.hpp"
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
