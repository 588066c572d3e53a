#include "simulation/simulate.hpp"

#include <catch2/catch.hpp>

#include "report/simulated.hpp"
#include "simulation/binomial.hpp"
#include "simulation/token_table.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {
const test::Alphabet three{{0.5, 0.3, 0.2}, {0, 1, 3}};

Simulation simulation(const test::Alphabet& a, std::int64_t length, double kl, const char* method, std::uint64_t seed,
                      std::uint32_t replicates) {
  const Model m = test::sequence(a, length);
  return make_simulation(m, make_budget("kl", kl, m), method, seed, replicates, a.p, a.reward, {});
}

bool covers(const Estimate& e) { return e.low <= e.exact && e.exact <= e.high; }
}  // namespace

TEST_CASE("words in bulk are the stream's own") {
  WordSource words(123456789012345, StreamOf::best_of_n, 77, 1234567);
  RandomStream stream(123456789012345, StreamOf::best_of_n, 77, 1234567);
  for (int k = 0; k < 5; ++k) {
    for (const std::uint32_t word : words.next()) CHECK(word == stream.word());
  }
}

TEST_CASE("a table draws each token as often as its weight, from half words and whole ones") {
  test::Random random(8);
  for (const std::size_t size : {1, 2, 5, 8, 200, 256, 257, 3000}) {
    std::vector<double> weights;
    double total = 0;
    for (std::size_t i = 0; i < size; ++i) {
      weights.push_back(i % 7 == 3 ? 0 : std::pow(random.uniform(), 3) + 1e-4);
      total += weights.back();
    }
    const TokenTable table(weights);
    std::vector<double> count(size, 0);
    constexpr std::int64_t length = 4000000;
    table.draw(11, StreamOf::base, 0, 0, length, [&](std::size_t k, int) { ++count[table.token(k)]; });
    double chi2 = 0;
    double degrees = -1;
    for (std::size_t i = 0; i < size; ++i) {
      const double expected = weights[i] / total * static_cast<double>(length);
      if (weights[i] == 0) {
        CHECK(count[i] == 0);
        continue;
      }
      chi2 += (count[i] - expected) * (count[i] - expected) / expected;
      ++degrees;
    }
    CAPTURE(size, chi2, degrees);
    CHECK(chi2 <= degrees + 4 * std::sqrt(2 * degrees));
  }
}

TEST_CASE("binomial variates have the mean, variance and tails of their law") {
  for (const auto& [n, p] :
       {std::pair{20LL, 0.3}, {1000LL, 0.002}, {1000LL, 0.4}, {1000000LL, 0.77}, {1000000000LL, 1e-3}}) {
    RandomStream random(5, StreamOf::base, 0, 0);
    constexpr int draws = 40000;
    const double mean = static_cast<double>(n) * p;
    const double sd = std::sqrt(mean * (1 - p));
    double sum = 0;
    double squares = 0;
    double above = 0;
    for (int k = 0; k < draws; ++k) {
      const double z = (static_cast<double>(binomial(random, n, p)) - mean) / sd;
      sum += z;
      squares += z * z;
      above += z > 0 ? 1 : 0;
    }
    CHECK_THAT(sum / draws, WithinAbs(0, 4 / std::sqrt(draws)));
    CHECK_THAT(squares / draws, WithinAbs(1, 6 * std::sqrt(2.0 / draws)));
  }
}

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

TEST_CASE("95 % intervals cover the exact value in 90 to 99 % of 200 seeds, by every method") {
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
        CHECK(reward[k] <= 0.99 * seeds);
        CHECK(win[k] >= 0.9 * seeds);
        CHECK(win[k] <= 0.99 * seeds);
      }
      CHECK(kl >= 0.9 * seeds);
    }
  }
}

TEST_CASE("what best-of-N leaves per token is KL-RL's exact reward less the drawn one") {
  const Simulation s = simulation(three, 12, 2.3, "tokens", 7, 500);
  const Simulated found = summarise(s, simulate(s.plan, 0, 500));
  const Estimate& gap = found.gap_per_token;
  CHECK_THAT(gap.mean * 12 + found.best_of_n.reward.mean, WithinRel(found.kl_rl.reward.exact, 1e-13));
  CHECK_THAT(gap.exact * 12 + found.best_of_n.reward.exact, WithinRel(found.kl_rl.reward.exact, 1e-13));
  CHECK_THAT((gap.high - gap.low) * 12, WithinRel(found.best_of_n.reward.high - found.best_of_n.reward.low, 1e-10));
  CHECK(gap.low < gap.high);
}

TEST_CASE("any number of drafts by order: e^300 of them") {
  const Simulation s = simulation(three, 4000, 300, "order", 3, 2000);
  const Simulated found = summarise(s, simulate(s.plan, 0, 2000));
  CHECK_THAT(found.best_of_n.reward.mean,
             WithinAbs(found.best_of_n.reward.exact, 4 * (found.best_of_n.reward.high - found.best_of_n.reward.low)));
  CHECK_THAT(found.best_of_n.kl.mean, WithinAbs(found.best_of_n.kl.exact, 0.01));
}

TEST_CASE("importance weights find KL-RL's reward where its KL is small, and own up where it is not") {
  int covered = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Simulation s = simulation(three, 12, 0.3, "order", 4000 + seed, 1000);
    const Simulated found = summarise(s, simulate(s.plan, 0, 1000));
    covered += covers(found.weighted_reward);
    // E w^2 = e^(Lambda(2b) - 2 Lambda(b)): of 1000 drafts about half count.
    CHECK(found.effective_sample_size > 200);
    CHECK(found.effective_sample_size < 1000);
  }
  CHECK(covered >= 180);
  const Simulation far = simulation(three, 12, 6, "order", 1, 1000);
  CHECK(summarise(far, simulate(far.plan, 0, 1000)).effective_sample_size < 30);
}

TEST_CASE("gold is drawn with the outcome it belongs to") {
  const std::vector<double> p{0.5, 0.3, 0.2};
  const std::vector<double> reward{0, 1, 1};
  const std::vector<double> gold{1, -1, 3};
  const Model m = finite_model(p, reward, gold, "model.outcomes");
  const Simulation s = make_simulation(m, make_budget("n", 3, m), "", 1, 20000, p, reward, gold);
  const Simulated found = summarise(s, simulate(s.plan, 0, 20000));
  CHECK(s.plan.method == Method::tokens);
  for (const PolicyEstimates* e : {&found.model, &found.kl_rl, &found.best_of_n}) {
    CHECK_THAT(e->gold.mean, WithinAbs(e->gold.exact, e->gold.high - e->gold.low));
    CHECK(e->gold.high > e->gold.low);
  }
  CHECK_THROWS_WITH(make_simulation(m, make_budget("log_n", 50, m), "tokens", 1, 10, p, reward, gold),
                    Catch::Contains("\"order\" draws any number"));
}

TEST_CASE("past saturation the weights know the best alone, and without a budget all policies are the base") {
  const Simulation saturated = simulation({{0.5, 0.5}, {0, 1}}, 3, 5, "tokens", 1, 2000);
  const Simulated top = summarise(saturated, simulate(saturated.plan, 0, 2000));
  CHECK_THAT(top.weighted_reward.mean, WithinAbs(3, 1e-12));
  CHECK_THAT(top.kl_rl.reward.mean, WithinAbs(3, 1e-12));
  CHECK_THAT(top.kl_rl.kl.mean, WithinAbs(3 * std::log(2.0), 1e-12));
  for (const char* method : {"tokens", "types", "order"}) {
    const Simulation none = simulation(three, 5, 0, method, 1, 2000);
    const Simulated base = summarise(none, simulate(none.plan, 0, 2000));
    CHECK(covers(base.best_of_n.reward));
    CHECK(base.best_of_n.kl.mean == 0);
    CHECK_THAT(base.effective_sample_size, WithinRel(2000, 1e-12));
  }
}

TEST_CASE("soft best-of-N and Best-of-Poisson: intervals cover, drawn draft by draft or from their laws") {
  const std::vector<ExtraPolicy> extras{{ExtraPolicy::Kind::soft_best_of_n, 5, 0.4},
                                        {ExtraPolicy::Kind::best_of_poisson, 3, 0}};
  for (const char* method : {"tokens", "order"}) {
    int reward[2] = {0, 0};
    int win[2] = {0, 0};
    int kl[2] = {0, 0};
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      const Model m = test::sequence(three, 8);
      const Simulation s =
          make_simulation(m, make_budget("n", 3, m), method, 900 + seed, 300, three.p, three.reward, {}, extras);
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
      CHECK(reward[k] <= 198);
      CHECK(win[k] >= 180);
      CHECK(win[k] <= 198);
      CHECK(kl[k] >= 178);
    }
  }
}
