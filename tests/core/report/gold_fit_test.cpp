#include "report/gold_fit.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

double form_of(double kl, double a, double b, GoldForm form) {
  const double d = std::sqrt(kl);
  return kl > 0 ? d * (a - b * (form == GoldForm::best_of_n ? d : std::log(d))) : 0;
}

}  // namespace

TEST_CASE("a path of the form itself has its coefficients") {
  test::Random random(31);
  for (const GoldForm form : {GoldForm::best_of_n, GoldForm::rl}) {
    for (int k = 0; k < 20; ++k) {
      const double a = 4 * random.uniform() - 2;
      const double b = 4 * random.uniform() - 2;
      const double base = random.uniform();
      std::vector<double> kl;
      std::vector<double> gold;
      for (int i = 0; i < 30; ++i) {
        kl.push_back(6.0 * i * i / 900);
        gold.push_back(base + form_of(kl.back(), a, b, form));
      }
      // Past saturation nothing more is spent.
      kl.push_back(kl.back());
      gold.push_back(17);
      const auto fit = gold_fit(kl, gold, form);
      REQUIRE(fit);
      CHECK_THAT(fit->a, WithinAbs(a, 1e-12));
      CHECK_THAT(fit->b, WithinAbs(b, 1e-12));
      for (int i = 0; i < 30; ++i) {
        const auto at = static_cast<std::size_t>(i);
        CHECK_THAT(fit->gold[at], WithinAbs(gold[at], 1e-12));
      }
    }
  }
}

TEST_CASE("no other coefficients are nearer to a path") {
  const std::vector<double> kl{0, .1, .3, .8, 1.5, 2.5, 4};
  const std::vector<double> gold{.2, .5, .6, .9, .7, .6, .1};
  for (const GoldForm form : {GoldForm::best_of_n, GoldForm::rl}) {
    const auto fit = gold_fit(kl, gold, form);
    REQUIRE(fit);
    const auto squares = [&](double a, double b) {
      double sum = 0;
      for (std::size_t i = 0; i < kl.size(); ++i) {
        const double off = gold[i] - gold[0] - form_of(kl[i], a, b, form);
        sum += off * off;
      }
      return sum;
    };
    const double least = squares(fit->a, fit->b);
    for (const double step : {-1e-3, 1e-3}) {
      CHECK(squares(fit->a + step, fit->b) > least);
      CHECK(squares(fit->a, fit->b + step) > least);
    }
  }
}

TEST_CASE("too few points have no form") {
  CHECK_FALSE(gold_fit({}, {}, GoldForm::rl));
  CHECK_FALSE(gold_fit({0, 1, 2}, {0, 1, 2}, GoldForm::rl));
  CHECK_FALSE(gold_fit({0, 1, 1, 1}, {0, 1, 2, 2}, GoldForm::best_of_n));
  CHECK_FALSE(gold_fit({.1, 1, 2, 3}, {0, 1, 2, 3}, GoldForm::best_of_n));
}
