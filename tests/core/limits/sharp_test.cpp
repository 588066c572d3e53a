#include "limits/sharp.hpp"

#include <catch2/catch.hpp>

#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

TEST_CASE("the lattice constant of the KL takes its tabulated values") {
  CHECK_THAT(lattice_kl_constant(0), WithinAbs(1, 1e-12));
  CHECK_THAT(lattice_kl_constant(0.5), WithinAbs(1.0206, 5e-5));
  CHECK_THAT(lattice_kl_constant(2), WithinAbs(1.2928, 5e-5));
  CHECK_THAT(lattice_kl_constant(5), WithinAbs(2.3654, 5e-5));
}

TEST_CASE("the lattice constant of a steep tilt is b/2 and a rest that is linear in 1/b, and takes no longer") {
  // b C(b) = b^2 / 2 + first b + rest
  const auto past = [](double b) { return b * lattice_kl_constant(b) - b * b / 2; };
  const double first = (past(660) - past(330)) / 330;
  const double rest = past(330) - 330 * first;
  for (const double b : {699.0, 701.0, 1000.5, 1e4 + 0.3, 1e7}) {
    INFO(b);
    CHECK_THAT(lattice_kl_constant(b), WithinRel(b / 2 + first + rest / b, 1e-10));
  }
}

TEST_CASE("at n = 10^4 the sharp prediction is within 2 % of the exact gap, on a lattice and off one") {
  const test::Alphabet lattice{{0.5, 0.3, 0.2}, {0, 1, 3}};
  const test::Alphabet none{{0.5, 0.3, 0.2}, {0, 1, 1.41421356237}};
  for (const test::Alphabet& a : {lattice, none}) {
    const Tokens m = test::sequence(a, 10000);
    const Report r = evaluate(m, make_budget("kl_per_token", 0.2, m));
    CHECK_THAT(r.limits->gap_sharp, WithinRel(r.gap.reward, 0.02));
    CHECK_THAT(r.limits->kl_to_kl_rl_sharp, WithinRel(r.best_of_n.kl_to_kl_rl, 0.02));
    CHECK(r.error_bound < 1e-10);
  }
}

TEST_CASE("what the sharp prediction leaves out falls like (log n)^2 / n") {
  for (const double reward : {3.0, 1.41421356237}) {
    double last = 1;
    for (const std::int64_t length : {10000LL, 1000000LL, 1000000000LL}) {
      const Tokens m = test::sequence({{0.5, 0.3, 0.2}, {0, 1, reward}}, length);
      const Report r = evaluate(m, make_budget("kl_per_token", 0.2, m));
      const double left = std::fabs(r.gap.reward - r.limits->gap_sharp);
      CHECK(left < last / 20);
      last = left;
    }
    CHECK(last < 1e-6);
  }
}
