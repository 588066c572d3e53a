#include "laws/reward_cells.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <vector>

#include "laws/token_law.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

struct Points {
  std::vector<double> x;
  std::vector<double> weight;
};

/** Clustered rewards of weights that differ by orders, their mean taken away. */
Points some_points(test::Random& random, std::size_t count) {
  Points out;
  double at = 0;
  double total = 0;
  for (std::size_t i = 0; i < count; ++i) {
    at += random.uniform() < 0.02 ? 30 * random.uniform() : 0.01 * random.uniform();
    out.x.push_back(at);
    total += out.weight.emplace_back(std::exp(-8 * random.uniform()));
  }
  for (double& w : out.weight) w /= total;
  const double mean = std::inner_product(out.x.begin(), out.x.end(), out.weight.begin(), 0.0);
  for (double& x : out.x) x -= mean;
  return out;
}

}  // namespace

TEST_CASE("sums over cells of rewards are those over the rewards") {
  test::Random random(11);
  for (int round = 0; round < 20; ++round) {
    const Points at = some_points(random, 3000);
    const RewardCells cells(at.x, at.weight, 200);
    const double range = at.x.back() - at.x.front();
    const double most = 0.2499 * 2 * 200 / range;
    CHECK(RewardCells::cells_for(at.x, most) == 200);
    for (const double share : {1e-140, 1e-9, 1e-3, 0.04, 0.3, 1.0}) {
      const double b = share * most;
      // In the extended precision that every platform has: pairs of doubles.
      DoubleDouble a = 0, first = 0, second = 0;
      for (std::size_t i = 0; i < at.x.size(); ++i) {
        const DoubleDouble x = at.x[i];
        const DoubleDouble y = DoubleDouble(b) * x;
        const DoubleDouble less = std::fabs(y.value()) < 1e-8 ? y * y / DoubleDouble(2) + y * y * y / DoubleDouble(6)
                                                              : exp(y) - DoubleDouble(1) - y;
        a += DoubleDouble(at.weight[i]) * less;
        first += DoubleDouble(at.weight[i]) * x * (less + y);
        second += DoubleDouble(at.weight[i]) * x * x * (less + y + DoubleDouble(1));
      }
      const NearBase wanted = NearBase::of(b, a.value(), first.value(), second.value());
      const NearBase found = cells.near_base(b);
      INFO(round << ' ' << share);
      CHECK_THAT(found.a, WithinRel(wanted.a, 1e-14));
      CHECK_THAT(found.gain, WithinRel(wanted.gain, 1e-14));
      CHECK_THAT(found.variance, WithinAbs(wanted.variance, 1e-13 * (wanted.variance + wanted.gain * wanted.gain)));
      CHECK_THAT(found.kl, WithinRel(wanted.kl, 4e-14));
    }
    const auto turned = cells.turned(most / 40, 41);
    for (std::size_t k = 0; k < turned.size(); ++k) {
      double re = 0, im = 0;
      for (std::size_t i = 0; i < at.x.size(); ++i) {
        const double y = most / 40 * static_cast<double>(k) * at.x[i];
        re += at.weight[i] * (std::cos(y) - 1);
        im += at.weight[i] * std::sin(y);
      }
      CHECK_THAT(turned[k].real(), WithinAbs(re, 2e-14));
      CHECK_THAT(turned[k].imag(), WithinAbs(im, 2e-14));
    }
  }
}

TEST_CASE("rewards in one cell, at its ends and beyond all others are counted") {
  const Points one{{-0.5, 0.5}, {0.5, 0.5}};
  CHECK_THAT(RewardCells(one.x, one.weight, 1).near_base(0.3).a, WithinRel(std::cosh(0.15) - 1, 1e-14));
  const Points far{{-1e-9, -1e-9 + 1e-12, 1e3}, {0.5, 0.5 - 1e-12, 1e-12}};
  const double y = 1e-2 * 1e3;
  CHECK_THAT(RewardCells(far.x, far.weight, 256).near_base(1e-2).a, WithinRel(1e-12 * (std::exp(y) - 1 - y), 1e-6));
}
