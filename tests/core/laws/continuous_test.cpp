#include "laws/continuous.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <numbers>

#include "error.hpp"

using namespace tiltlab;
using Catch::Matchers::Contains;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

using Function = std::function<double(double)>;

ContinuousLaw family(const char* name, const std::vector<double>& parameters, bool mirrored = false) {
  return make_continuous_law(name, parameters, mirrored);
}
SmoothLaw smooth(const char* name, const std::vector<double>& parameters, bool mirrored = false) {
  return std::get<SmoothLaw>(family(name, parameters, mirrored));
}

/** P(X > x) of the law as textbooks have it, and its density. */
struct Textbook {
  const char* name;
  std::vector<double> parameters;
  Function above;
  Function density;
};

double normal_above(double z) { return std::erfc(z / std::numbers::sqrt2) / 2; }
double normal_density(double z) { return std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi); }

std::vector<Textbook> textbooks() {
  return {
      {"uniform", {-1, 2}, [](double x) { return (2 - x) / 3; }, [](double) { return 1 / 3.0; }},
      {"normal",
       {0.5, 2},
       [](double x) { return normal_above((x - 0.5) / 2); },
       [](double x) { return normal_density((x - 0.5) / 2) / 2; }},
      {"exponential", {0.5}, [](double x) { return std::exp(-x / 2); }, [](double x) { return std::exp(-x / 2) / 2; }},
      // Of shape 3: e^-y (1 + y + y^2/2)
      {"gamma",
       {3, 2},
       [](double x) {
         const double y = x / 2;
         return std::exp(-y) * (1 + y + y * y / 2);
       },
       [](double x) {
         const double y = x / 2;
         return std::exp(-y) * y * y / 4;
       }},
      // Beta(2, 3): 12 x (1 - x)^2, and of four uniform draws at most one is below x.
      {"beta",
       {2, 3},
       [](double x) { return std::pow(1 - x, 4) + 4 * x * std::pow(1 - x, 3); },
       [](double x) { return 12 * x * (1 - x) * (1 - x); }},
      {"weibull",
       {2, 3},
       [](double x) { return std::exp(-x * x / 9); },
       [](double x) { return 2 * x / 9 * std::exp(-x * x / 9); }},
      {"logistic",
       {1, 2},
       [](double x) { return 1 / (1 + std::exp((x - 1) / 2)); },
       [](double x) {
         const double c = std::cosh((x - 1) / 4);
         return 1 / (8 * c * c);
       }},
      {"laplace",
       {1, 2},
       [](double x) { return x > 1 ? std::exp(-(x - 1) / 2) / 2 : 1 - std::exp((x - 1) / 2) / 2; },
       [](double x) { return std::exp(-std::fabs(x - 1) / 2) / 4; }},
      {"gumbel",
       {1, 2},
       [](double x) { return -std::expm1(-std::exp(-(x - 1) / 2)); },
       [](double x) { return std::exp(-(x - 1) / 2 - std::exp(-(x - 1) / 2)) / 2; }},
      {"lognormal",
       {0.3, 0.8},
       [](double x) { return normal_above((std::log(x) - 0.3) / 0.8); },
       [](double x) { return normal_density((std::log(x) - 0.3) / 0.8) / (0.8 * x); }}};
}

}  // namespace

TEST_CASE("seen from any point a law has the textbook's density and tails, mirrored too") {
  for (const Textbook& book : textbooks()) {
    for (const bool mirrored : {false, true}) {
      if (!mirrored && std::string(book.name) == "lognormal") continue;
      const SmoothLaw law = smooth(book.name, book.parameters, mirrored);
      for (int piece = 0; piece < law.pieces(); ++piece) {
        for (const double from : {-1.0, 0.0, 0.7}) {
          const LocalLaw at(law, from, piece);
          for (const double d : {-2.5, -0.3, 0.0, 0.4, 1.6}) {
            const double x = law.reward_at(from + d, piece);
            INFO(book.name << (mirrored ? " mirrored " : " ") << x << " piece " << piece << " from " << from);
            // The density of the coordinate is that of the reward times dx/ds.
            const double log_density = at.log_density.value() + at.d_log_density(d);
            const double slope = std::exp(law.log_slope(from + d, piece)) * law.unit_value();
            CHECK_THAT(std::exp(log_density), WithinRel(book.density(mirrored ? -x : x) * slope, 1e-11));
            const double above = mirrored ? 1 - book.above(-x) : book.above(x);
            CHECK_THAT(std::exp(log_density + at.log_above_over_density(d)), WithinAbs(above, 1e-12));
            CHECK_THAT(std::exp(log_density + at.log_below_over_density(d)), WithinAbs(1 - above, 1e-12));
          }
        }
      }
    }
  }
}

TEST_CASE("differences to a point are those of the law seen from the other") {
  for (const Textbook& book : textbooks()) {
    const SmoothLaw law = smooth(book.name, book.parameters, true);
    for (int piece = 0; piece < law.pieces(); ++piece) {
      const LocalLaw here(law, 0.25, piece);
      const LocalLaw there(law, 1.0, piece);
      INFO(book.name << " piece " << piece);
      CHECK_THAT(here.d_log_density(0.75), WithinAbs((there.log_density - here.log_density).value(), 1e-13));
      CHECK(here.d_log_density(0) == 0);
      if (law.from_top() || law.is_exponential())
        CHECK_THAT(here.d_log_size(0.75), WithinAbs((there.log_size - here.log_size).value(), 1e-14));
      if (!law.from_top()) CHECK_THAT(here.d_value(0.75), WithinRel((there.value - here.value).value(), 1e-13));
    }
  }
}

TEST_CASE("far out tails keep their digits: of an exponential law exactly, of a normal law as Mills has it") {
  const SmoothLaw exponential = smooth("exponential", {1});
  // At z = e^s the tail is e^-z, and the density of s is z e^-z.
  const LocalLaw far(exponential, 10, 0);
  CHECK_THAT(far.log_density.value(), WithinRel(10 - std::exp(10.0), 1e-15));
  CHECK(far.log_above_over_density(0) == -10);
  const SmoothLaw normal = smooth("normal", {0, 1});
  const double z = 1e4;
  CHECK_THAT(LocalLaw(normal, z, 0).log_above_over_density(0), WithinRel(-std::log(z) - 1 / (z * z), 1e-12));
  // On the far side everything is above.
  CHECK_THAT(LocalLaw(normal, -z, 0).log_above_over_density(0),
             WithinRel(z * z / 2 + std::log(std::sqrt(2 * std::numbers::pi)), 1e-15));
}

TEST_CASE("the density of the coordinate has its peak at the mode") {
  for (const Textbook& book : textbooks()) {
    const SmoothLaw law = smooth(book.name, book.parameters, true);
    for (int piece = 0; piece < law.pieces(); ++piece) {
      const LocalLaw at(law, law.mode(), piece);
      INFO(book.name << " piece " << piece);
      CHECK(at.d_log_density(1e-3) < 0);
      CHECK(at.d_log_density(-1e-3) < 0);
    }
  }
}

TEST_CASE("the largest reward and the largest tilt of each family") {
  CHECK(smooth("uniform", {-1, 2}).largest() == 2);
  CHECK(smooth("uniform", {-1, 2}, true).largest() == 1);
  CHECK(smooth("beta", {2, 3}).largest() == 1);
  CHECK(smooth("exponential", {3}, true).largest() == 0);
  CHECK(std::isinf(smooth("normal", {0, 1}).largest()));
  // E e^(b x) is finite for every b of a bounded law or a normal one, up to the tail's own rate else.
  CHECK(std::isinf(smooth("normal", {0, 1}).largest_tilt()));
  CHECK(std::isinf(smooth("uniform", {0, 1}).largest_tilt()));
  CHECK(std::isinf(smooth("weibull", {1.5, 1}).largest_tilt()));
  CHECK(std::isinf(smooth("exponential", {2}, true).largest_tilt()));
  for (const char* name : {"gamma", "laplace", "logistic", "gumbel"}) CHECK(smooth(name, {2, 3}).largest_tilt() == 1);
  CHECK(smooth("gumbel", {0, 1}, true).largest_tilt() == HUGE_VAL);
  CHECK(smooth("logistic", {0, 1}, true).largest_tilt() == 1);
}

TEST_CASE("an incomplete beta function of integers is a binomial tail, however small") {
  for (const double s : {-3.0, -0.2, 0.0, 1.5, 4.0}) {
    const double x = 1 / (1 + std::exp(-s));
    double sum = 0;
    // I_x(3, 5): at least 3 of 7 below x
    for (int k = 3; k <= 7; ++k)
      sum += std::tgamma(8.0) / std::tgamma(k + 1.0) / std::tgamma(8.0 - k) * std::pow(x, k) * std::pow(1 - x, 7 - k);
    INFO(s);
    CHECK_THAT(beta_below(3, 5, s), WithinRel(sum, 1e-13));
  }
  // Of many: at least 300 of 299 + b
  for (const int b : {100, 200}) {
    for (const double x : {0.5, 0.57, 0.63, 0.72, 0.78, 0.85}) {
      const int all = 299 + b;
      double sum = 0;
      for (int k = 300; k <= all; ++k)
        sum += std::exp(std::lgamma(all + 1.0) - std::lgamma(k + 1.0) - std::lgamma(all - k + 1.0) + k * std::log(x) +
                        (all - k) * std::log1p(-x));
      INFO(b << " " << x);
      CHECK_THAT(beta_below(300, b, std::log(x / (1 - x))), WithinRel(sum, 1e-11));
    }
  }
  // C(7, 3) x^3 to first order
  CHECK_THAT(beta_below(3, 5, -60), WithinRel(35 * std::exp(-180.0), 1e-13));
  CHECK_THAT(beta_below(3, 5, 60), WithinRel(1.0, 1e-15));
}

TEST_CASE("parameters are the decimal numbers that were written, in a unit of any size") {
  const SmoothLaw narrow = smooth("uniform", {1e12, 1000000000000.001});
  CHECK_THAT(narrow.unit_value(), WithinRel(0.001, 1e-15));
  for (const double sd : {1e-300, 0.7, 1e300}) {
    const SmoothLaw law = smooth("normal", {0, sd});
    CHECK_THAT(law.unit_value(), WithinRel(sd, 1e-15));
    CHECK(law.unit.value() >= 0.5);
    CHECK(law.unit.value() < 1);
    CHECK_THAT(law.log_unit(), WithinRel(std::log(sd), 1e-14));
    CHECK_THAT(law.reward(3).value(), WithinRel(3 * sd, 1e-15));
  }
  CHECK(smooth("normal", {0, 1e300}).reward(1e10).value() == HUGE_VAL);
  CHECK(smooth("normal", {0, 1e300}).reward(-1e10).value() == -HUGE_VAL);
}

TEST_CASE("a table's pieces, from either end") {
  const std::vector<double> u{0, 0.2, 0.5, 0.7, 1};
  const std::vector<double> r{0, 1, 1, 2.5, 2.5};
  const auto table = std::get<QuantileTable>(make_quantile_table(u, r, false));
  CHECK(table.top.value() == 2.5);
  CHECK_THAT(table.atom.value(), WithinRel(0.3, 1e-15));
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK_THAT(table.above[i], WithinAbs(1 - u[i], 1e-16));
    CHECK(table.shortfall[i] == 2.5 - r[i]);
  }
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK_THAT(table.mass[i], WithinRel(u[i + 1] - u[i], 1e-15));
    CHECK(table.length[i] == r[i + 1] - r[i]);
  }
  const auto mirror = std::get<QuantileTable>(make_quantile_table(u, r, true));
  CHECK(mirror.top.value() == 0);
  CHECK(mirror.atom.value() == 0);
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK_THAT(mirror.u[i], WithinAbs(1 - u[4 - i], 1e-16));
    CHECK(mirror.reward[i] == -r[4 - i]);
  }
  // Of ranges whose squares leave a double's range rewards are kept smaller, by a power of two.
  const std::vector<double> two{0, 1};
  const auto large = std::get<QuantileTable>(make_quantile_table(two, std::vector<double>{-1e200, 1e200}, false));
  CHECK(large.length[0] < 4);
  CHECK_THAT(std::ldexp(large.length[0], large.exponent), WithinRel(2e200, 1e-15));
}

TEST_CASE("heavy right tails are refused with the reason; mirrored they are light") {
  CHECK_THROWS_WITH(family("student_t", {3}), Catch::Contains("model.family: \"student_t\" has polynomial tails"));
  CHECK_THROWS_WITH(family("lognormal", {0, 1}), Catch::Contains("any KL budget buys unlimited reward"));
  CHECK_THROWS_WITH(family("weibull", {0.9, 1}), Catch::Contains("heavy right tail"));
  CHECK_NOTHROW(family("weibull", {1, 1}));
  CHECK_NOTHROW(family("lognormal", {0, 1}, true));
}

TEST_CASE("what is wrong with a family or a table is said of its field") {
  CHECK_THROWS_WITH(family("cauchy", {0, 1}), "model.family: cauchy is not a known family");
  CHECK_THROWS_WITH(family("normal", {0}), "model.family: normal takes 2 parameters");
  CHECK_THROWS_WITH(family("normal", {0, 0}), "model.sd: 0 is not a number above 0");
  CHECK_THROWS_WITH(family("uniform", {2, 2}), "model.upper: 2 is not above lower, 2");
  CHECK_THROWS_WITH(family("beta", {2, 1e5}), "model.beta: 100000 is not in [0.01, 10000]");
  CHECK_THROWS_WITH(family("normal", {NAN, 1}), Contains("model.mean: ") && Contains("is not in [-1e300, 1e300]"));
  const auto table = [](const std::vector<double>& u, const std::vector<double>& r) {
    return make_quantile_table(u, r, false);
  };
  CHECK_THROWS_WITH(table({0, 0.5, 0.5, 1}, {0, 1, 2, 3}), Contains("model.u[2]: 0.5 is not above the one before it"));
  CHECK_THROWS_WITH(table({0, 0.5, 1}, {0, 1, 0.5}), Contains("model.reward[2]: 0.5 is below the one before it, 1"));
  CHECK_THROWS_WITH(table({0.1, 1}, {0, 1}), "model.u[0]: 0.1 is not 0");
  CHECK_THROWS_WITH(table({0, 0.9}, {0, 1}), "model.u[1]: 0.9 is not 1");
  CHECK_THROWS_WITH(table({0, 1}, {0}), Contains("model.reward: a list of 1 is not as long as u (2)"));
  CHECK_THROWS_WITH(table({0, 0.5, 1}, {0, 1e-200, 1}),
                    Contains("model.reward[1]") && Contains("10^-150 of the range"));
}

TEST_CASE("the field that sets the size of the rewards, and the fields that a family has") {
  CHECK(unit_field(family("normal", {0, 1})) == "model.sd");
  CHECK(unit_field(family("uniform", {0, 1})) == "model.upper");
  CHECK(unit_field(family("exponential", {2})) == "model.rate");
  // An exponential law that was written as a Weibull one of shape 1.
  CHECK(unit_field(family("weibull", {1, 2})) == "model.scale");
  CHECK(unit_field(family("lognormal", {0, 1}, true)) == "model.location");
  CHECK(unit_field(make_quantile_table(std::vector<double>{0, 1}, std::vector<double>{0, 1}, false)) == "model.reward");
  CHECK(family_fields("gumbel") == std::vector<std::string>{"location", "scale"});
  CHECK(family_fields("cauchy").empty());
}
