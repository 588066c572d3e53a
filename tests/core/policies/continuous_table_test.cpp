#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "models/continuous.hpp"
#include "policies/continuous_parts.hpp"
#include "report/report.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {
ContinuousLaw family(const char* name, std::vector<double> parameters, bool mirrored = false) {
  return make_continuous_law(name, parameters, mirrored);
}
template <class Law>
Report at(const Law& law, double kl) {
  return evaluate(law, make_budget("kl", kl, std::nullopt));
}
}  // namespace

TEST_CASE("a quantile table of a straight line is the uniform law") {
  const ContinuousLaw table =
      make_quantile_table(std::vector<double>{0, 0.3, 1}, std::vector<double>{-1, -0.1, 2}, false);
  for (const double kl : {1e-8, 0.3, 4.0, 60.0}) {
    const Report r = at(table, kl);
    const Report uniform = at(family("uniform", {-1, 2}), kl);
    CHECK_THAT(r.kl_rl.reward, WithinRel(uniform.kl_rl.reward, 1e-9));
    CHECK_THAT(r.kl_rl.alpha, WithinRel(uniform.kl_rl.alpha, 1e-9));
    CHECK_THAT(r.kl_rl.win_rate, WithinRel(uniform.kl_rl.win_rate, 1e-9));
    CHECK_THAT(r.best_of_n.reward, WithinRel(uniform.best_of_n.reward, 1e-9));
    CHECK_THAT(r.best_of_n.reward_sd, WithinRel(uniform.best_of_n.reward_sd, 1e-9));
    CHECK_THAT(r.best_of_n.kl_to_kl_rl, WithinAbs(uniform.best_of_n.kl_to_kl_rl, 1e-8));
  }
}

TEST_CASE("a quantile table with atoms is the limit of its finite laws") {
  const std::vector<double> u{0, 0.2, 0.5, 0.7, 0.9, 1};
  const std::vector<double> reward{0, 1, 1, 2, 4, 4};
  for (const bool mirrored : {false, true}) {
    const ContinuousLaw table = make_quantile_table(u, reward, mirrored);
    test::Alphabet fine;
    for (std::size_t i = 0; i + 1 < u.size(); ++i) {
      const bool atom = reward[i] == reward[i + 1];
      const int parts = atom ? 1 : 3000;
      for (int k = 0; k < parts; ++k) {
        fine.p.push_back((u[i + 1] - u[i]) / parts);
        const double r = reward[i] + (reward[i + 1] - reward[i]) * (atom ? 0 : (k + 0.5) / parts);
        fine.reward.push_back(mirrored ? -r : r);
      }
    }
    const Tokens m = test::finite(fine);
    for (const double kl : {0.05, 0.7, 2.0, 3.0}) {
      const Report r = at(table, kl);
      const Report wanted = evaluate(m, make_budget("kl", kl, std::nullopt));
      CHECK_THAT(r.kl_rl.reward, WithinAbs(wanted.kl_rl.reward, 1e-3));
      CHECK_THAT(r.kl_rl.win_rate, WithinAbs(wanted.kl_rl.win_rate, 1e-3));
      CHECK_THAT(r.best_of_n.reward, WithinAbs(wanted.best_of_n.reward, 1e-3));
      CHECK_THAT(r.best_of_n.reward_sd, WithinAbs(wanted.best_of_n.reward_sd, 1e-3));
      CHECK_THAT(r.best_of_n.kl, WithinAbs(wanted.best_of_n.kl, 2e-3));
      CHECK_THAT(r.best_of_n.win_rate, WithinAbs(wanted.best_of_n.win_rate, 1e-3));
    }
  }
  const ContinuousLaw table = make_quantile_table(u, reward, false);
  const Report saturated = at(table, 3);
  CHECK(std::isinf(saturated.kl_rl.alpha));
  CHECK_THAT(saturated.kl_rl.kl, WithinRel(std::log(10.0), 1e-12));
}

TEST_CASE("a quantile table's pieces however thin") {
  const std::vector<double> u{0, 0.5, 0.500000001, 1};
  const std::vector<double> reward{0, 1, 2, 3};
  const Report r = evaluate(make_quantile_table(u, reward, false), make_budget("n", 2, std::nullopt));
  CHECK_THAT(r.best_of_n.reward_sd, WithinRel(0.86200670274849543, 1e-13));
  for (const double log_n : {400.0, 700.0, 745.0, 1e9, 1e12}) {
    const Report straight = at(make_quantile_table(std::vector<double>{0, 1}, std::vector<double>{0, 1}, false), log_n);
    CHECK_THAT(straight.best_of_n.kl_to_kl_rl, WithinAbs(std::numbers::e - 2, 1e-13));
    if (log_n < 705) CHECK_THAT(straight.kl_rl.alpha, WithinRel(std::exp(log_n + 1), 1e-12));
  }
}
namespace {

const std::vector<double> ranks{0, 0.2, 0.5, 0.7, 0.9, 1};
const std::vector<double> rewards{-1, 1, 1, 2, 4, 4};

double squared(double x) { return x * x; }

}  // namespace

TEST_CASE("a tilt of a table is that of its pieces: exponentials, and atoms that are levels") {
  const ContinuousLaw law = make_quantile_table(ranks, rewards, false);
  for (const double a : {0.01, 0.4, 2.0, 9.0}) {
    // Sums over pieces of E e^(a (x - top)), and of the same times x and x^2.
    double z = 0;
    double first = 0;
    double second = 0;
    for (std::size_t i = 0; i + 1 < ranks.size(); ++i) {
      const double mass = ranks[i + 1] - ranks[i];
      const double lo = rewards[i];
      const double hi = rewards[i + 1];
      if (lo == hi) {
        const double w = mass * std::exp(a * (lo - 4));
        z += w;
        first += w * lo;
        second += w * lo * lo;
        continue;
      }
      const auto at = [&](double x) { return mass / (hi - lo) / a * std::exp(a * (x - 4)); };
      z += at(hi) - at(lo);
      first += at(hi) * (hi - 1 / a) - at(lo) * (lo - 1 / a);
      second += at(hi) * (squared(hi - 1 / a) + 1 / (a * a)) - at(lo) * (squared(lo - 1 / a) + 1 / (a * a));
    }
    const double mean = first / z;
    const double kl = a * (mean - 4) - std::log(z);
    const ContinuousTilt tilt = kl_rl(law, kl);
    INFO(a);
    // Moments by such sums cancel where a is small.
    const double digits = 1e-13 / std::min(1.0, a * a);
    CHECK_THAT(tilt.alpha, WithinRel(a, 1e-11 + digits / std::sqrt(kl)));
    CHECK_THAT(tilt.metrics.reward, WithinRel(mean, 1e-11 + digits));
    CHECK_THAT(tilt.metrics.reward_sd, WithinRel(std::sqrt(second / z - mean * mean), 1e-10 + 30 * digits));
    CHECK_THAT(continuous::log_mgf(std::get<QuantileTable>(law), log(DoubleDouble(a))),
               WithinAbs(std::log(z), 1e-11 + digits));
  }
}

TEST_CASE("best-of-N of a table is a sum of powers, its atoms are drawn like levels") {
  for (const bool mirrored : {false, true}) {
    const ContinuousLaw law = make_quantile_table(ranks, rewards, mirrored);
    const QuantileTable& table = std::get<QuantileTable>(law);
    for (const double n : {1.0, 2.0, 3.5, 40.0}) {
      // int x dF^N over a piece where x is linear in u
      double mean = 0;
      double second = 0;
      double kl = 0;
      double win_rate = 0;
      for (std::size_t i = 0; i + 1 < table.u.size(); ++i) {
        const double lo = table.u[i];
        const double hi = table.u[i + 1];
        const auto power = [&](double k) { return n / (n + k) * (std::pow(hi, n + k) - std::pow(lo, n + k)); };
        const double slope = table.length[i] / (hi - lo);
        const double at_zero = table.reward[i] - slope * lo;
        mean += at_zero * power(0) + slope * power(1);
        second += at_zero * at_zero * power(0) + 2 * at_zero * slope * power(1) + slope * slope * power(2);
        if (slope > 0) {
          // int log(N u^(N-1)) dF^N, and int u dF^N
          const auto entropy = [&](double u) {
            return u > 0 ? std::pow(u, n) * (std::log(n) + (n - 1) * (std::log(u) - 1 / n)) : 0;
          };
          kl += entropy(hi) - entropy(lo);
          win_rate += power(1);
        } else {
          kl += power(0) * std::log(power(0) / (hi - lo));
          win_rate += power(0) * (hi + lo) / 2;
        }
      }
      const ContinuousMetrics found = best_of_n(law, log(DoubleDouble(n)));
      INFO(n << (mirrored ? " mirrored" : ""));
      CHECK_THAT(found.reward, WithinAbs(mean, 1e-13));
      CHECK_THAT(found.reward_sd, WithinAbs(std::sqrt(second - mean * mean), 1e-12));
      CHECK_THAT(found.kl, WithinAbs(kl, 1e-13));
      CHECK_THAT(found.win_rate, WithinAbs(win_rate, 1e-14));
    }
  }
}

TEST_CASE("a table's atoms: that there are any, and the mass of the one at the top") {
  const auto table = [](const std::vector<double>& u, const std::vector<double>& r) {
    return std::get<QuantileTable>(make_quantile_table(u, r, false));
  };
  CHECK(continuous::has_atoms(table(ranks, rewards)));
  CHECK_THAT(continuous::top_atom(table(ranks, rewards)), WithinRel(0.1, 1e-14));
  CHECK(continuous::has_atoms(table({0, 0.5, 1}, {0, 0, 1})));
  CHECK(continuous::top_atom(table({0, 0.5, 1}, {0, 0, 1})) == 0);
  CHECK(!continuous::has_atoms(table({0, 0.5, 1}, {0, 0.1, 1})));
  CHECK_THAT(kl_max(make_quantile_table(ranks, rewards, false)), WithinRel(std::log(10.0), 1e-14));
  CHECK(std::isinf(kl_max(make_quantile_table(ranks, rewards, true))));
}

TEST_CASE("densities of a table: its slopes times what a policy makes of them, and atoms by their mass") {
  const ContinuousLaw law = make_quantile_table(ranks, rewards, false);
  const ContinuousTilt tilt = kl_rl(law, 0.3);
  const double log_z = continuous::log_mgf(std::get<QuantileTable>(law), tilt.log_tilt);
  const DensityCurve tilted = tilt_density(law, tilt, 60);
  const DensityCurve best = best_of_n_density(law, std::log(3.0), 60);
  // Between -1 and 1 the base has .2/2 a reward unit, between 1 and 2 .2, between 2 and 4 .2/2.
  const auto base = [](double x) { return x < 1 ? 0.1 : x < 2 ? 0.2 : 0.1; };
  const auto rank = [](double x) { return x < 1 ? 0.1 * (x + 1) : x < 2 ? 0.5 + 0.2 * (x - 1) : 0.7 + 0.1 * (x - 2); };
  REQUIRE(tilted.reward.size() > 20);
  for (std::size_t i = 0; i < tilted.reward.size(); ++i) {
    const double x = tilted.reward[i];
    // Ends of pieces are ends of two.
    if (std::fabs(x - 1) < 1e-9 || std::fabs(x - 2) < 1e-9) continue;
    INFO(x);
    CHECK_THAT(tilted.density[i], WithinRel(base(x) * std::exp(tilt.alpha * (x - 4) - log_z), 1e-12));
    CHECK_THAT(best.density[i], WithinAbs(base(x) * 3 * squared(rank(x)), 1e-12));
  }
  REQUIRE(tilted.atom_reward == std::vector<double>{1, 4});
  CHECK_THAT(tilted.atom_mass[0], WithinRel(0.3 * std::exp(-3 * tilt.alpha - log_z), 1e-12));
  CHECK_THAT(tilted.atom_mass[1], WithinRel(0.1 * std::exp(-log_z), 1e-12));
  CHECK_THAT(best.atom_mass[0], WithinRel(std::pow(0.5, 3) - std::pow(0.2, 3), 1e-13));
  CHECK_THAT(best.atom_mass[1], WithinRel(1 - std::pow(0.9, 3), 1e-13));
  // Saturated it is the top atom alone.
  const DensityCurve top = tilt_density(law, kl_rl(law, 5), 60);
  CHECK(top.reward.empty());
  CHECK(top.atom_reward == std::vector<double>{4});
  CHECK(top.atom_mass == std::vector<double>{1});
}

TEST_CASE("a divergence of draws that hardly leave an atom has its own digits, and so has the tilt of as much") {
  // 1 - e above the atom: KL = e (N log N - N + 1) + O(e^2 N^3), whatever lies there.
  for (const double e : {1e-6, 1e-9, 1e-12}) {
    const std::pair<std::vector<double>, std::vector<double>> above[] = {
        {{0, 1 - e, 1}, {0, 0, 1}}, {{0, 0.4, 1 - e, 1}, {0, 0, 0, 1}}, {{0, 1 - e, 1 - 0.5 * e, 1}, {0, 0, 1, 2}}};
    for (const auto& [u, reward] : above) {
      const ContinuousLaw table = make_quantile_table(u, reward, false);
      for (const double n : {1.2, 2.0, 2.7, 30.0, 1e3}) {
        CAPTURE(e, n);
        const double wanted = e * (n * std::log(n) - n + 1);
        const double rest = e * n * n;
        if (rest > 1e-3) continue;
        // 1 - e is known to the last digit of 1.
        const double tolerance = 2e-16 / e + 2 * rest + 1e-12;
        CHECK_THAT(best_of_n(table, log(DoubleDouble(n))).kl, WithinRel(wanted, tolerance));
      }
    }
  }
  // To 60 digits.
  const std::vector<double> u{0, 6.86e-12, 1.34e-06, 4.04e-05, 1};
  const double high = 1000000000000.01;
  const ContinuousLaw thin = make_quantile_table(u, std::vector<double>{1e12, high, high, high, high}, true);
  const Report r = evaluate(thin, make_budget("kl", 1, std::nullopt));
  CHECK_THAT(r.best_of_n.kl, WithinRel(6.85999999995956917e-12, 1e-12));
  CHECK_THAT(r.kl_rl_at_bon_kl.alpha, WithinRel(159.362426004628377, 1e-11));
}
