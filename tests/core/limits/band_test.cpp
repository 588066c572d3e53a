#include "limits/band.hpp"

#include <catch2/catch.hpp>

#include "models/tokens.hpp"
#include "report/curves.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinRel;

TEST_CASE("the band of the example, a token") {
  struct Value {
    double length, lower, upper;
  };
  for (const Value& v : {Value{160, 0.0126, 0.0699}, Value{1e4, 2.02e-4, 1.46e-3}, Value{1e6, 2.02e-6, 1.92e-5}}) {
    const Tokens m = memoryless_model(std::vector<double>{0.5, 0.3, 0.2}, std::vector<double>{0, 1, 3}, v.length, false,
                                      "model.tokens");
    const Report r = evaluate(m, make_budget("kl_per_token", 0.2, m));
    CHECK_THAT(r.limits->gap_lower / v.length, WithinRel(v.lower, 4e-3));
    CHECK_THAT(r.limits->gap_upper / v.length, WithinRel(v.upper, 4e-3));
  }
}

TEST_CASE("the band holds the exact gap of random models at any length, and narrows like log n / n") {
  test::Random random(17);
  int held = 0;
  for (int i = 0; i < 10000; ++i) {
    const auto length = static_cast<std::int64_t>(std::pow(1e6, random.uniform()));
    const Tokens m = test::sequence(test::random_alphabet(random, 6), length);
    const double share = random.uniform();
    const double most = kl_max(m.token).value();
    const Report r = evaluate(m, make_budget("kl_per_token", share * share * 1.1 * most, m));
    if (std::isnan(r.gap.reward)) continue;
    const double error = 1e-9 + r.error_bound * std::max(1.0, std::fabs(r.gap.reward));
    INFO(i << ": length " << length);
    CHECK(r.limits->gap_lower <= r.gap.reward + error);
    CHECK(r.gap.reward <= r.limits->gap_upper + error);
    ++held;
  }
  CHECK(held > 1900);
  const Tokens m =
      memoryless_model(std::vector<double>{0.5, 0.3, 0.2}, std::vector<double>{0, 1, 3}, 40, false, "model.tokens");
  const GapCurve curve = gap_curve(m, make_budget("kl_per_token", 0.2, m), 40);
  for (std::size_t i = 0; i < curve.length.size(); ++i) {
    CHECK(curve.gap_lower[i] <= curve.gap[i] * (1 + 1e-9));
    CHECK(curve.gap[i] <= curve.gap_upper[i] * (1 + 1e-9));
    const double n = curve.length[i];
    if (n > 1e4) CHECK(curve.gap_upper[i] - curve.gap_lower[i] < 3 * std::log(n) / n);
  }
}

TEST_CASE("what nothing is proved of: no tilt, a saturated one, and tokens of one reward") {
  const Tokens m =
      memoryless_model(std::vector<double>{0.5, 0.5}, std::vector<double>{0, 1}, 10, false, "model.tokens");
  const Report none = evaluate(m, make_budget("kl", 0, m));
  CHECK((none.limits->gap_lower == 0 && none.limits->gap_upper == 0));
  const Report all = evaluate(m, make_budget("kl", 100, m));
  CHECK(all.limits->gap_lower == 0);
  CHECK(all.limits->gap_upper == 5);
}
