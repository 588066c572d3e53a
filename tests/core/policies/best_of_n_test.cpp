#include "policies/best_of_n.hpp"

#include <catch2/catch.hpp>

#include "laws/finite.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

TEST_CASE("best-of-N's masses are the differences of the law's powers, for any real N") {
  test::Random random(7);
  for (int i = 0; i < 50; ++i) {
    const Tokens m = test::finite(test::random_alphabet(random, 9));
    const RewardLaw law = finite_law(m.token);
    const double n = 1 + 20 * random.uniform();
    const Policy policy = best_of_n(law, DoubleDouble(std::log(n)));
    double below = 0;
    for (std::size_t j = 0; j < law.size(); ++j) {
      const double at_most = std::min(1.0, below + m.token.p[j]);
      CHECK_THAT(policy.mass[j], WithinAbs(std::pow(at_most, n) - std::pow(below, n), 1e-13));
      below = at_most;
    }
  }
}

TEST_CASE("best of so many that nobody counts them is the largest reward") {
  const RewardLaw law = finite_law(test::finite({{0.5, 0.3, 0.2}, {0, 1, 3}}).token);
  const Metrics of = metrics(law, best_of_n(law, DoubleDouble(1e9)));
  CHECK_THAT(of.kl, WithinRel(-std::log(0.2), 1e-14));
  CHECK_THAT(of.win_rate, WithinRel(0.9, 1e-14));
  CHECK(of.offset_sd == 0);
}

TEST_CASE("N by a KL: its strength and back, and one that is too weak at first") {
  for (const double n : {1.0001, 2.0, 64.0, 1e12, 1e200}) {
    INFO(n);
    CHECK_THAT(NByKl::parameter(NByKl::strength(n)), WithinRel(n, 1e-12));
  }
  for (const double kl : {1e-12, 0.1, 3.0, 100.0}) {
    const double n = NByKl::parameter(NByKl::weakest(kl));
    INFO(kl);
    // Without ties best-of-N spends log N - (N-1)/N, and never more.
    CHECK(std::log(n) - (n - 1) / n <= kl * (1 + 1e-9) + 1e-15);
  }
}

TEST_CASE("a known error of a tail becomes one of the metrics that covers it") {
  const std::vector<double> p{0.5, 0.3, 0.2};
  RewardLaw law = finite_law(test::finite({p, {0, 1, 3}}).token);
  const DoubleDouble log_n = std::log(8.0);
  const Metrics of = metrics(law, best_of_n(law, log_n));
  // The same levels, of probabilities that are moved by a thousandth of a tail.
  const double moved = 1e-6;
  const RewardLaw other = finite_law(test::finite({{p[0] - moved, p[1] + moved, p[2]}, {0, 1, 3}}).token);
  law.log_error = {std::log(moved), std::log(moved), std::log(moved)};
  const BestOfNError error = best_of_n_error(law, best_of_n(law, log_n), of, log_n);
  const Metrics at = metrics(other, best_of_n(other, log_n));
  CHECK(std::fabs((at.offset - of.offset).value()) <= 1.01 * error.offset);
  CHECK(std::fabs(at.kl - of.kl) <= 1.01 * error.kl);
  CHECK(error.offset < 1e-4);
}
