#include "simulation/simulate.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <numbers>

#include "laws/finite.hpp"
#include "policies/random_best_of_n.hpp"
#include "report/simulated.hpp"
#include "simulation/binomial.hpp"
#include "simulation/count_tables.hpp"
#include "simulation/interval.hpp"
#include "simulation/sum_tables.hpp"
#include "simulation/token_table.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {
const test::Alphabet three{{0.5, 0.3, 0.2}, {0, 1, 3}};

Simulation simulation(const test::Alphabet& a, std::int64_t length, double kl, const char* method, std::uint64_t seed,
                      std::uint32_t replicates) {
  const Tokens m = test::sequence(a, length);
  return make_simulation(m, make_budget("kl", kl, m), method, seed, replicates);
}

bool covers(const Estimate& e) { return e.low <= e.exact && e.exact <= e.high; }
}  // namespace

TEST_CASE("the plug-in estimator is the bound for rare drafts, and its formula for others") {
  for (const double n : {1.0, 2.0, 16.0, 1000.0}) {
    CHECK_THAT(plug_in_kl(-600, std::log(n)), WithinAbs(std::log(n) - (n - 1) / n, 1e-12));
    for (const double p : {0.9, 0.3, 1e-3, 1e-9}) {
      const double q = std::pow(1 - p, n);
      const double wanted =
          q * (std::log(n) + (n - 1) * std::log1p(-p) - (n - 1) / n) + (1 - q) * std::log((1 - q) / p);
      CHECK_THAT(plug_in_kl(std::log(p), std::log(n)), WithinAbs(wanted, 1e-7));
    }
  }
}

TEST_CASE("shares add up to the whole, in whatever order they were computed") {
  const Simulation s = simulation(three, 20, 2, "tokens", 9, 64);
  const std::vector<double> late = simulate(s.plan, 40, 24);
  const std::vector<double> early = simulate(s.plan, 0, 40);
  const std::vector<double> again = simulate(s.plan, 40, 24);
  CHECK(late == again);
  const std::vector<double> all = simulate(s.plan, 0, 64);
  for (std::size_t k = 0; k < all.size(); ++k)
    CHECK_THAT(early[k] + late[k], WithinRel(all[k], 1e-12) || WithinAbs(all[k], 1e-9));
}

TEST_CASE("intervals cover the exact value in 90 to 99.5 % of 200 seeds, by every method") {
  for (const char* method : {"tokens", "types", "order"}) {
    CAPTURE(method);
    for (const test::Alphabet& a : {three, test::Alphabet{{0.2, 0.3, 0.4, 0.1}, {-1, 0, 0.5, 1.41421356237}}}) {
      int reward[3] = {0, 0, 0};
      int win[3] = {0, 0, 0};
      int kl = 0;
      constexpr int seeds = 200;
      for (int seed = 0; seed < seeds; ++seed) {
        const Simulation s = simulation(a, 12, 2.3, method, 1000 + static_cast<std::uint64_t>(seed), 300);
        const Simulated found = summarise(s, simulate(s.plan, 0, 300));
        const PolicyEstimates* policies[] = {&found.model, &found.kl_rl, &found.best_of_n};
        for (int k = 0; k < 3; ++k) {
          reward[k] += covers(policies[k]->reward);
          win[k] += covers(policies[k]->win_rate);
        }
        kl += covers(found.kl_rl.kl);
      }
      for (int k = 0; k < 3; ++k) {
        CAPTURE(k);
        CHECK(reward[k] >= 0.9 * seeds);
        CHECK(reward[k] <= 0.995 * seeds);
        CHECK(win[k] >= 0.9 * seeds);
        CHECK(win[k] <= 0.995 * seeds);
      }
      CHECK(kl >= 0.9 * seeds);
    }
  }
}

TEST_CASE("any number of drafts by order: e^300 of them") {
  const Simulation s = simulation(three, 4000, 300, "order", 3, 2000);
  const Simulated found = summarise(s, simulate(s.plan, 0, 2000));
  CHECK_THAT(found.best_of_n.reward.mean,
             WithinAbs(found.best_of_n.reward.exact, 4 * (found.best_of_n.reward.high - found.best_of_n.reward.low)));
  CHECK_THAT(found.best_of_n.kl.mean, WithinAbs(found.best_of_n.kl.exact, 0.01));
}

TEST_CASE("gold is drawn with the outcome it belongs to") {
  const std::vector<double> p{0.5, 0.3, 0.2};
  const std::vector<double> reward{0, 1, 1};
  const std::vector<double> gold{1, -1, 3};
  const Tokens m = finite_model(p, reward, gold, "model.outcomes");
  const Simulation s = make_simulation(m, make_budget("n", 3, m), "", 1, 20000);
  const Simulated found = summarise(s, simulate(s.plan, 0, 20000));
  CHECK(s.plan.method == Method::tokens);
  for (const PolicyEstimates* e : {&found.model, &found.kl_rl, &found.best_of_n}) {
    CHECK_THAT(e->gold.mean, WithinAbs(e->gold.exact, e->gold.high - e->gold.low));
    CHECK(e->gold.high > e->gold.low);
  }
  CHECK_THROWS_WITH(make_simulation(m, make_budget("log_n", 50, m), "tokens", 1, 10),
                    Catch::Contains("\"order\" draws any number"));
}

TEST_CASE("soft best-of-N and Best-of-Poisson: intervals cover, drawn draft by draft or from their laws") {
  const std::vector<ExtraPolicy> extras{{&soft_best_of_n_kind, {5, 0.4}}, {&best_of_poisson_kind, {3, 0}}};
  for (const char* method : {"tokens", "order"}) {
    int reward[2] = {0, 0};
    int win[2] = {0, 0};
    int kl[2] = {0, 0};
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      const Tokens m = test::sequence(three, 8);
      const Simulation s = make_simulation(m, make_budget("n", 3, m), method, 900 + seed, 300, extras);
      const Simulated found = summarise(s, simulate(s.plan, 0, 300));
      for (std::size_t k = 0; k < 2; ++k) {
        reward[k] += covers(found.policies[k].reward);
        win[k] += covers(found.policies[k].win_rate);
        kl[k] += covers(found.policies[k].kl);
      }
    }
    for (int k = 0; k < 2; ++k) {
      CAPTURE(method, k);
      CHECK(reward[k] >= 180);
      CHECK(reward[k] <= 199);
      CHECK(win[k] >= 180);
      CHECK(win[k] <= 199);
      CHECK(kl[k] >= 178);
    }
  }
}

TEST_CASE("a share drawn in many sittings has the bits of one") {
  const std::vector<ExtraPolicy> extras{{&soft_best_of_n_kind, {5, 0.4}}, {&best_of_poisson_kind, {30, 0}}};
  const test::Alphabet irrational{{0.5, 0.3, 0.2}, {0, std::sqrt(2.0), std::sqrt(5.0)}};
  for (const char* method : {"tokens", "types", "order"}) {
    for (const auto& [a, length] : {std::pair{three, 8LL}, {irrational, 8LL}, {irrational, 1200000LL}}) {
      const Tokens m = test::sequence(a, length);
      const bool extra = length < 100;
      const Simulation s =
          make_simulation(m, make_budget("n", 3, m), method, 9, 10, extra ? extras : std::vector<ExtraPolicy>());
      const Sampler sampler(s.plan);
      const std::vector<double> once = simulate(sampler, 2, 3);
      for (const double work : {1.0, 17.0, 600000.0}) {
        Sampler::Share share = sampler.share(2, 3);
        int sittings = 1;
        while (!sampler.advance(share, work)) ++sittings;
        CHECK(share.sums() == once);
        if (work < 2) CHECK(sittings > 10);
      }
    }
  }
}

TEST_CASE("best-of-N by order on a law with a unit of its own: mean, spread and wins are the exact ones") {
  const double root2 = std::sqrt(2.0);
  const double root5 = std::sqrt(5.0);
  struct Case {
    test::Alphabet a;
    std::int64_t length;
    double n;
  };
  for (const Case& c :
       {Case{{{0.5, 0.3, 0.2}, {0, root2, root5}}, 5000, 50}, Case{{{0.5, 0.3, 0.2}, {0, root2, root5}}, 200, 50},
        Case{{{0.5, 0.3, 0.2}, {0, root2, root5}}, 1000000, 2},
        Case{{{0.4, 0.3, 0.2, 0.1}, {-1e-7 * root2, 0, 3e-7, 1e-6 * root5}}, 5000, 1e6},
        Case{{{0.4, 0.3, 0.2, 0.1}, {-1e200 * root2, 0, 3e200, 1e201 * root5}}, 700, 16},
        // On a lattice, but so long that the law lists only some levels.
        Case{{{0.5, 0.3, 0.2}, {0, 1, 3}}, 1000000, 50}, Case{{{0.5, 0.3, 0.2}, {0, 0.25, 1}}, 2000000, 2}}) {
    const Tokens m = test::sequence(c.a, c.length);
    constexpr std::uint32_t replicates = 40000;
    const Simulation s = make_simulation(m, make_budget("n", c.n, m), "order", 12, replicates);
    const std::vector<double> sums = simulate(s.plan, 0, replicates);
    const Simulated found = summarise(s, sums);
    const Report exact = evaluate(m, make_budget("n", c.n, m));
    CAPTURE(c.a.reward[1], c.length, c.n);
    const double* x = sums.data() + 2 * Sums::per_policy;
    const double sd = s.unit * std::sqrt((x[1] - x[0] * x[0] / replicates) / replicates);
    CHECK_THAT(sd, WithinRel(exact.best_of_n.reward_sd, 0.02));
    const Estimate& reward = found.best_of_n.reward;
    CHECK_THAT(reward.mean, WithinAbs(reward.exact, 4 * sd / std::sqrt(replicates)));
    CHECK_THAT(reward.high - reward.low, WithinRel(2 * 2.1 * sd / std::sqrt(replicates), 0.05));
    CHECK_THAT(found.best_of_n.win_rate.mean, WithinAbs(found.best_of_n.win_rate.exact, 2 / std::sqrt(replicates)));
    // No draft is like another: the plug-in estimate is its bound.
    if (m.token.lattice.empty()) CHECK_THAT(found.best_of_n.kl.mean, WithinAbs(exact.best_of_n.kl_bound, 1e-5));
  }
}

TEST_CASE("by order, best-of-N's gold is that of the reward it draws") {
  const std::vector<double> p{0.5, 0.3, 0.2};
  const std::vector<double> reward{0, 1, 1};
  const std::vector<double> gold{1, -1, 3};
  const Tokens m = finite_model(p, reward, gold, "model.outcomes");
  const std::vector<ExtraPolicy> extras{{&best_of_poisson_kind, {3, 0}}};
  const Simulation s = make_simulation(m, make_budget("n", 3, m), "order", 1, 20000, extras);
  const Simulated found = summarise(s, simulate(s.plan, 0, 20000));
  for (const PolicyEstimates* e : {&found.model, &found.kl_rl, &found.best_of_n, &found.policies[0]}) {
    CHECK_THAT(e->gold.mean, WithinAbs(e->gold.exact, e->gold.high - e->gold.low));
    CHECK(e->gold.high > e->gold.low);
  }
}
