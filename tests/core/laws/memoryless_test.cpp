#include "laws/memoryless.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <tuple>

#include "laws/finite.hpp"
#include "numerics/log_domain.hpp"
#include "policies/best_of_n.hpp"
#include "policies/kl_rl.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;

namespace {

double total(const RewardLaw& law, const Metrics& m) {
  return (law.base + law.unit * (law.center + DoubleDouble(m.offset))).value();
}

}  // namespace

TEST_CASE("the law around a depth has the masses and tails of the sums, and lists all that best-of-N visits there") {
  test::Random random(17);
  int found = 0;
  for (int i = 0; i < 300; ++i) {
    const test::Alphabet a = test::random_alphabet(random, 6);
    const std::int64_t length = random.integer(8, 60);
    const Tokens m = test::sequence(a, length);
    if (m.token.size() < 2) continue;
    const double most = (kl_max(m.token) * from_integer(length)).value();
    const double depth = 2 + std::min(200.0, 0.8 * most) * random.uniform();
    const TokenTilt tilt = solve_tilt(m.token, depth / static_cast<double>(length));
    if (!(tilt.b <= steepest_tilt(m.token, length, tilt.b))) continue;
    const auto law = memoryless_law(m.token, length, inversion_token(m.token, tilt));
    REQUIRE(law);
    ++found;
    const std::vector<double> mass = test::added_up(m.token.p, m.token.lattice, length);
    std::vector<double> above(mass.size() + 1, 0);
    for (std::size_t s = mass.size(); s-- > 0;) above[s] = above[s + 1] + mass[s];
    const double scale = law->log_scale.value();
    INFO("model " << i << " length " << length << " depth " << depth);
    for (std::size_t j = 0; j < law->size(); ++j) {
      const auto s = static_cast<std::size_t>(
          std::lround((law->center + law->exact_offset(j)).value() +
                      ((law->base - m.token.base * from_integer(length)) / m.token.unit).value()));
      REQUIRE(s < mass.size());
      const double error = std::exp(law->log_error[j] - scale);
      // One token after another loses up to an ulp a step, a logarithm as many as its size.
      const double rounding = 3e-16 * (static_cast<double>(length + 20) + depth);
      CHECK(std::fabs(std::exp(law->log_above[j] - scale) - above[s + 1]) <= error + rounding * above[s + 1]);
      CHECK(std::fabs(std::exp(law->log_mass[j] - scale) - mass[s]) <= law->point_error * error + rounding * mass[s]);
    }
    // Of e^depth drafts one surely reaches the lowest level, and hardly any the highest.
    const double reached = std::exp(law->log_above.front() - scale) + std::exp(law->log_mass.front() - scale);
    if (!law->from_least) CHECK(std::exp(depth) * std::log1p(-std::min(reached, 1.0)) < -30);
    CHECK(depth + law->log_above.back() - scale < -30);
  }
  CHECK(found > 150);
}

TEST_CASE("how often a tilted sum loses is the sum over all pairs, and its masses for a picture are the tilt's") {
  for (const auto& [a, length, b] : {std::tuple{test::Alphabet{{0.5, 0.3, 0.2}, {0, 1, 3}}, 30LL, 0.3},
                                     {test::Alphabet{{0.899, 0.1, 0.001}, {0, 10, 1}}, 40LL, 0.05},
                                     {test::Alphabet{{0.6, 0.4}, {0, 1}}, 1LL, 2.0}}) {
    const Tokens m = test::sequence(a, length);
    const TokenTilt tilt = tilt_at(m.token, b);
    const std::vector<double> base = test::added_up(m.token.p, m.token.lattice, length);
    const std::vector<double> tilted = test::added_up(tilt.weights, m.token.lattice, length);
    double loss = 0;
    double below = 0;
    for (std::size_t s = 0; s < base.size(); ++s) {
      // The base is above s with what is not at most s.
      loss += tilted[s] * (1 - below - base[s] / 2);
      below += base[s];
    }
    INFO("length " << length << " b " << b);
    const auto found = tilt_loss(m.token, length, tilt);
    REQUIRE(found);
    CHECK_THAT(found->value, WithinAbs(loss, found->error_bound + 1e-14));
    const SumMasses sums = sum_masses(m.token, length, tilt, 1000);
    REQUIRE(sums.stride == 1);
    double total_mass = 0;
    for (std::size_t j = 0; j < sums.mass.size(); ++j) {
      const auto s = static_cast<std::size_t>(std::lround(sums.center.value() + sums.offset[j]));
      CHECK_THAT(sums.mass[j], WithinAbs(tilted[s], 1e-12));
      total_mass += sums.mass[j];
    }
    CHECK_THAT(total_mass, WithinAbs(1, 1e-5));
  }
}

TEST_CASE(
    "how often KL-RL loses to the base: by its own inversion as by the listed law, at tilts down to nearly none") {
  const test::Alphabet a{{0.00978233527, 0.302224262, 0.5696866217095, 0.118227466, 7.93150205e-05},
                         {-12, -20, 35, -20, -7}};
  for (const std::int64_t length : {2, 7, 40}) {
    const Tokens m = test::sequence(a, length);
    const RewardLaw law = convolved_law(m.token, length, tilt_at(m.token, 0));
    for (const double b : {1e-7, 1e-4, 0.01, 0.1}) {
      const TokenTilt tilt = tilt_at(m.token, b);
      const double wanted = 1 - metrics(law, kl_rl(law, b)).win_rate;
      CHECK_THAT(kl_rl_loss(m, tilt).value, WithinAbs(wanted, 1e-12));
    }
  }
}

TEST_CASE("rewards that nearly share a coarser lattice: the second lobe is seen") {
  const Tokens m = test::sequence({{0.899, 0.1, 0.001}, {0, 10, 1}}, 60);
  const RewardLaw law = test::added_law(m.token, 60);
  const Metrics wanted = metrics(law, best_of_n(law, 5));
  const Report r = evaluate(m, make_budget("kl", 5, m));
  CHECK_THAT(r.best_of_n.reward, Catch::Matchers::WithinRel(total(law, wanted), 1e-12));
  CHECK_THAT(r.best_of_n.kl, WithinAbs(wanted.kl, 1e-11));
}

TEST_CASE("upper tails of an untilted law fall to nothing at its end: no image of the law stands above it") {
  const Tokens m = test::sequence({{0.5, 0.3, 0.2}, {0, 1, 3}}, 1000000);
  const RewardLaw law = memoryless_law(m.token, m.length, inversion_token(m.token, tilt_at(m.token, 0))).value();
  for (std::size_t j = 1; j < law.size(); ++j)
    CHECK(std::exp(law.log_above[j]) <= std::exp(law.log_above[j - 1]) + 1e-12);
  CHECK(std::exp(law.log_above.back()) < 1e-12);
}

TEST_CASE("lengths of a million and a billion, fixed N: best-of-N's law is as wide as sqrt n") {
  // Against the first-order limit E[max of 2 normals] = 1/sqrt(pi) standard deviations.
  for (const std::int64_t length : {1000000LL, 1000000000LL}) {
    const Tokens m = test::sequence({{0.5, 0.3, 0.2}, {0, 1, 3}}, length);
    const Report r = evaluate(m, make_budget("n", 2, m));
    const double gain = (r.best_of_n.reward - r.model.reward) / r.model.reward_sd;
    CHECK_THAT(gain, Catch::Matchers::WithinRel(1 / std::sqrt(3.14159265358979), 1e-6));
    CHECK_THAT(r.best_of_n.kl, WithinAbs(std::log(2.0) - 0.5, 2 / std::sqrt(static_cast<double>(length))));
    CHECK(r.error_bound < 1e-10);
  }
}

TEST_CASE("two rewards of any value are a lattice, and past saturation the best sequence is certain off one") {
  const Tokens two = test::sequence({{0.5, 0.5}, {0.1, 1.4142135623730951}}, 1000);
  CHECK(two.token.lattice.size() == 2);
  for (const double log_n : {600.0, 693.0, 879.0, 1e4}) {
    const Report r = evaluate(two, make_budget("log_n", log_n, two));
    CHECK(r.error_bound < 1e-10);
    CHECK(r.best_of_n.reward <= 1414.2135623730951 * (1 + 1e-14));
    // Two levels: best-of-N is a tilt for one token, and close to one for a thousand.
    CHECK(r.best_of_n.reward > 0.99 * r.kl_rl_at_bon_kl.reward);
  }
  const Tokens three = test::sequence({{0.5, 0.3, 0.2}, {0.1, 1.4142135623730951, 3.141592653589793}}, 700);
  const Report r = evaluate(three, make_budget("log_n", 10000, three));
  CHECK_THAT(r.best_of_n.reward, Catch::Matchers::WithinRel(700 * 3.141592653589793, 1e-14));
  CHECK_THAT(r.best_of_n.kl, Catch::Matchers::WithinRel(700 * std::log(5.0), 1e-12));
  CHECK(r.best_of_n.kl_to_kl_rl == 0);
}
