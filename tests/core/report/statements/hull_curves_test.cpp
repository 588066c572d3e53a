#include "report/statements/hull_curves.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

using namespace tiltlab;
using Catch::Matchers::WithinAbs;

namespace {

Transformed coin(const std::string& kind, const std::vector<double>& parameters) {
  TransformedInput i;
  i.of = "memoryless";
  i.path = "model.tokens";
  i.p = {0.7, 0.3};
  i.reward = {0, 1};
  i.length = 50;
  i.transform = kind;
  i.parameters = parameters;
  return make_model(i);
}

HullCurves curves(const Transformed& m, double rate) {
  return hull_curves(m, make_budget("kl_per_token", rate, length_of(m)), 41).value();
}

}  // namespace

TEST_CASE("the hull is convex, below the rate, and holds both limits among its points") {
  const HullCurves c = curves(coin("step", {0.6, 1}), 0.1);
  CHECK(std::is_sorted(c.reward.begin(), c.reward.end()));
  for (std::size_t i = 0; i < c.reward.size(); ++i) CHECK(c.hull[i] <= c.rate[i] + 1e-11);
  for (std::size_t i = 1; i + 1 < c.reward.size(); ++i) {
    const double share = (c.reward[i] - c.reward[i - 1]) / (c.reward[i + 1] - c.reward[i - 1]);
    CHECK(c.hull[i] <= c.hull[i - 1] + share * (c.hull[i + 1] - c.hull[i - 1]) + 1e-10);
  }
  for (const double limit : {c.best_of_n, c.kl_rl, 0.6, 1.6}) {
    const bool is_there =
        std::any_of(c.reward.begin(), c.reward.end(), [&](double x) { return std::fabs(x - limit) < 1e-8; });
    CHECK(is_there);
  }
  // Between the jump's ends no mean has a value.
  const auto inside = std::find_if(c.reward.begin(), c.reward.end(), [](double x) { return x > 1.1; });
  CHECK(std::isinf(c.rate[static_cast<std::size_t>(inside - c.reward.begin())]));
}

TEST_CASE("the statement says whether best-of-N leaves anything in the limit") {
  CHECK_THAT(curves(coin("step", {0.6, 1}), 0.1).lost, WithinAbs(0.9846 - 0.5146, 1e-4));
  CHECK(curves(coin("step", {0.6, 1}), 0.5).lost == 0);
  CHECK(curves(coin("power", {1}), 0.1).lost == 0);
  CHECK(curves(coin("clip", {0.2, 0.5}), 0.05).lost == 0);
  CHECK(curves(coin("indicator", {0.6}), 0.1).lost > 0.5);
  CHECK(curves(coin("indicator", {0.6}), 0).lost == 0);
}
