#include "report/statements/renyi_curve.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinRel;

namespace {
const test::Alphabet three{{0.5, 0.3, 0.2}, {0, 1, 3}};
Budget rate(const Tokens& m, double delta) { return make_budget("kl_per_token", delta, m); }
}  // namespace

TEST_CASE("Renyi cross entropy gives back the cumulants and falls with its order") {
  const Tokens m = test::sequence(three, 30);
  const RenyiCurve c = renyi_curve(m, rate(m, 0.2), three.p, three.reward, 81);
  // q as a distribution over the tokens, H by its definition
  const std::vector<double> ones{1, 1, 1};
  const RenyiCurve over = renyi_curve(m, rate(m, 0.2), ones, three.reward, 81);
  const double z = 1 + std::exp(1.0) + std::exp(3.0);
  CHECK_THAT(over.log_normaliser, WithinRel(std::log(z), 1e-14));
  for (std::size_t i = 0; i < over.order.size(); ++i) {
    const double s = over.order[i];
    if (std::fabs(s - 1) < 1e-9) continue;
    double sum = 0;
    for (std::size_t k = 0; k < 3; ++k) sum += three.p[k] * std::pow(std::exp(three.reward[k]) / z, s - 1);
    CHECK_THAT(over.cross_entropy[i], WithinRel(std::log(sum) / (1 - s), 1e-12));
    if (i > 0) CHECK(over.cross_entropy[i] < over.cross_entropy[i - 1]);
  }
  double shannon = 0;
  for (std::size_t k = 0; k < 3; ++k) shannon -= three.p[k] * std::log(std::exp(three.reward[k]) / z);
  CHECK_THAT(over.at_one, WithinRel(shannon, 1e-14));
  CHECK_THAT(c.kl_forward + c.kl_reverse, WithinRel(c.jeffreys, 1e-12));
}

TEST_CASE("both divergences of the Jeffreys identity by their definition, and the entropy at the optimum's order") {
  const Tokens m = test::sequence(three, 30);
  const RenyiCurve c = renyi_curve(m, rate(m, 0.2), std::vector<double>{1, 1, 1}, three.reward, 81);
  const double z = 0.5 + 0.3 * std::exp(c.alpha) + 0.2 * std::exp(3 * c.alpha);
  double forward = 0;
  double reverse = 0;
  for (std::size_t k = 0; k < 3; ++k) {
    const double log_ratio = c.alpha * three.reward[k] - std::log(z);
    forward += three.p[k] * std::exp(log_ratio) * log_ratio;
    reverse -= three.p[k] * log_ratio;
  }
  CHECK_THAT(c.kl_forward, WithinRel(forward, 1e-12));
  CHECK_THAT(c.kl_reverse, WithinRel(reverse, 1e-12));
  // Of twice as many tokens each is half as likely, to every order.
  const RenyiCurve twice = renyi_curve(m, rate(m, 0.2), std::vector<double>{2, 2, 2}, three.reward, 81);
  CHECK_THAT(twice.log_normaliser, WithinRel(c.log_normaliser + std::log(2.0), 1e-14));
  CHECK_THAT(twice.cross_entropy[7], WithinRel(c.cross_entropy[7] + std::log(2.0), 1e-13));
  // Lambda(a) = a (c - H_(1 + a))
  CHECK_THAT(c.alpha * (c.log_normaliser - c.at_optimum), WithinRel(std::log(z), 1e-12));
}

TEST_CASE("past saturation the base is infinitely far from the optimum, which has no order") {
  const Tokens m = test::sequence(three, 30);
  const RenyiCurve c = renyi_curve(m, rate(m, 5), std::vector<double>{1, 1, 1}, three.reward, 11);
  CHECK(std::isnan(c.at_optimum));
  CHECK(std::isinf(c.kl_reverse));
  CHECK_THAT(c.kl_forward, WithinRel(-std::log(0.2), 1e-14));
  CHECK_THROWS_WITH(renyi_curve(m, rate(m, 0.2), std::vector<double>{1, 1}, three.reward, 11),
                    "reward: is not as long as its multiplicities");
}
