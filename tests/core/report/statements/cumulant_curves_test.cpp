#include "report/statements/cumulant_curves.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "models/best_of_n_law.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;

namespace {
const test::Alphabet three{{0.5, 0.3, 0.2}, {0, 1, 3}};
Budget rate(const Tokens& m, double delta) { return make_budget("kl_per_token", delta, m); }
}  // namespace

TEST_CASE("cumulants: exact at n for the base and KL-RL, within (log n)/n of the limit for best-of-N") {
  const Tokens m = test::sequence(three, 200);
  const Budget budget = rate(m, 0.2);
  const CumulantCurves c = cumulant_curves(m, budget, 61).value();
  CHECK(c.exact_length == 200);
  const RewardLaw listed = listed_law(m, tilt_at(m.token, 0));
  const Policy base = base_policy(listed);
  const double a = c.alpha;
  const double rho = evaluate(m, budget).limits->reward_per_token;
  const auto log_mgf_of_token = [](double t) { return std::log(0.5 + 0.3 * std::exp(t) + 0.2 * std::exp(3 * t)); };
  for (std::size_t i = 0; i < c.t.size(); ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < listed.size(); ++j) sum += base.mass[j] * std::exp(c.t[i] * listed.offset[j]);
    CHECK_THAT(c.base[i], WithinAbs(std::log(sum) / 200, 1e-12));
    // Tilted by a, the sum has the base's cumulant from a on; best-of-N's is a line up to a.
    CHECK_THAT(c.kl_rl[i], WithinAbs(log_mgf_of_token(a + c.t[i]) - log_mgf_of_token(a), 1e-12));
    CHECK_THAT(c.best_of_n[i], WithinAbs(c.t[i] <= a ? c.t[i] * rho : log_mgf_of_token(c.t[i]) + 0.2, 1e-12));
    CHECK(std::fabs(c.exact_best_of_n[i] - c.best_of_n[i]) < 0.03);
    if (c.t[i] == 0) CHECK_THAT(c.exact_best_of_n[i], WithinAbs(0, 1e-12));
  }
}

TEST_CASE("best-of-N's own cumulant is that of the largest of N sums, by adding up all of a short sequence's") {
  constexpr int length = 6;
  const Tokens m = test::sequence(three, length);
  const CumulantCurves c = cumulant_curves(m, rate(m, 0.2), 31).value();
  const std::vector<double> mass = test::added_up(three.p, {0, 1, 3}, length);
  const double n = std::exp(0.2 * length);
  REQUIRE(c.exact_length == length);
  for (std::size_t i = 0; i < c.t.size(); ++i) {
    double sum = 0;
    double below = 0;
    for (std::size_t s = 0; s < mass.size(); ++s) {
      const double at_most = std::min(1.0, below + mass[s]);
      sum += (std::pow(at_most, n) - std::pow(below, n)) * std::exp(c.t[i] * static_cast<double>(s));
      below = at_most;
    }
    CHECK_THAT(c.exact_best_of_n[i], WithinAbs(std::log(sum) / length, 1e-12));
  }
}
