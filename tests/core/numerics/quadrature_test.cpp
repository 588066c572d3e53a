#include "numerics/quadrature.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "error.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

double moment(const LineRule& rule, int power) {
  double sum = 0;
  for (std::size_t i = 0; i < rule.at.size(); ++i) sum += rule.weight[i] * std::pow(rule.at[i], power);
  return sum;
}

}  // namespace

TEST_CASE("a rule on the line has the moments of its density, wherever the peak is and however narrow") {
  for (const double centre : {0.0, 40.0, -3.0}) {
    for (const double width : {1e-6, 1.0, 30.0}) {
      const auto log_f = [&](double d) { return -std::pow((d - centre) / width, 2) / 2; };
      LineOptions options;
      options.guess = centre + width;
      const LineRule rule = line_rule(log_f, options);
      CHECK_THAT(rule.log_total, WithinAbs(std::log(width * std::sqrt(2 * 3.14159265358979324)),
                                           1e-13 + 1e-12 * std::fabs(centre) / width));
      CHECK_THAT(moment(rule, 1), WithinAbs(centre, 1e-12 * (std::fabs(centre) + width)));
      CHECK_THAT(moment(rule, 2) - centre * centre,
                 WithinAbs(width * width, 1e-11 * (centre * centre + width * width)));
      CHECK(rule.error < 1e-12);
    }
  }
}

TEST_CASE("a density that falls doubly exponentially on one side and exponentially on the other") {
  // Gumbel's: mean gamma, variance pi^2 / 6.
  const LineRule rule = line_rule([](double d) { return -d - std::exp(-d); }, {});
  CHECK_THAT(rule.log_total, WithinAbs(0, 1e-13));
  CHECK_THAT(moment(rule, 1), WithinRel(0.57721566490153286, 1e-12));
}

TEST_CASE("a density that is nowhere finite is refused") {
  CHECK_THROWS_AS(line_rule([](double) { return -HUGE_VAL; }, {}), NumericalError);
}
