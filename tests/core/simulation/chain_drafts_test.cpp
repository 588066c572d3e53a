#include "simulation/chain_drafts.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "error.hpp"
#include "models/chain.hpp"
#include "models/model.hpp"
#include "report/report.hpp"
#include "report/simulated.hpp"

using namespace tiltlab;

namespace {

MarkovLaw states(const std::vector<double>& initial, const std::vector<double>& transition,
                 const std::vector<double>& reward, double length) {
  return make_markov_law(initial, transition, reward, length);
}

/** Two states with rewards of transitions; two that take turns; one that is never left; rewards off any lattice. */
std::vector<MarkovLaw> laws(double length) {
  return {states({1, 0}, {0.8, 0.2, 0.4, 0.6}, {0, 1, 0.3, 2}, length),
          states({0.5, 0.5}, {0, 1, 1, 0}, {-1, 2}, length),
          states({1, 0, 0}, {0.7, 0.2, 0.1, 0.3, 0.6, 0.1, 0, 0, 1}, {0, 1, -2}, length),
          states({0.2, 0.8}, {0.9, 0.1, 0.3, 0.7}, {0, std::sqrt(2.0), 1, std::sqrt(3.0)}, length)};
}

double sum_of(const Draft& d) {
  double sum = 0;
  for (const double x : d.earned) sum += x;
  return sum;
}

}  // namespace

TEST_CASE("drafts of chains earn what the exact laws say, within five standard errors of 2,000 replicates") {
  for (const MarkovLaw& law : laws(12)) {
    const Chain chain = chain_of(law, 12);
    const Report exact = evaluate(chain, make_budget("n", 8, length_of(chain)));
    constexpr int replicates = 2000;
    double base = 0, best = 0, tilt = 0;
    for (std::uint32_t i = 0; i < replicates; ++i) {
      const Drafts d = draw_drafts(law, 12, exact.kl_rl.alpha, {}, 8, 11, i);
      base += d.base.reward / replicates;
      best += d.best_of_n.reward / replicates;
      tilt += d.kl_rl.reward / replicates;
    }
    const double root = std::sqrt(static_cast<double>(replicates));
    CHECK(std::fabs(base - exact.model.reward) <= 5 * exact.model.reward_sd / root + 1e-12);
    CHECK(std::fabs(best - exact.best_of_n.reward) <= 5 * exact.best_of_n.reward_sd / root + 1e-12);
    CHECK(std::fabs(tilt - exact.kl_rl.reward) <= 5 * exact.kl_rl.reward_sd / root + 1e-12);
  }
}

TEST_CASE("the optimum has each path of a chain as often as its probability times e^(alpha r) says") {
  const MarkovLaw law = laws(3).front();
  const double alpha = 0.8;
  // Paths of three transitions from state 0.
  const double p[2][2] = {{0.8, 0.2}, {0.4, 0.6}};
  const double r[2][2] = {{0, 1}, {0.3, 2}};
  std::map<std::vector<std::uint32_t>, double> wanted, found;
  double total = 0;
  for (unsigned path = 0; path < 8; ++path) {
    std::vector<std::uint32_t> to;
    double weight = 1;
    unsigned from = 0;
    for (unsigned i = 0; i < 3; ++i) {
      const unsigned next = path >> i & 1;
      weight *= p[from][next] * std::exp(alpha * r[from][next]);
      to.push_back(from = next);
    }
    total += wanted[to] = weight;
  }
  constexpr int replicates = 40000;
  for (std::uint32_t i = 0; i < replicates; ++i) found[draw_drafts(law, 3, alpha, {}, 1, 3, i).kl_rl.tokens] += 1;
  double chi = 0;
  for (const auto& [path, weight] : wanted) {
    const double expected = replicates * weight / total;
    chi += (found[path] - expected) * (found[path] - expected) / expected;
  }
  // The 1 - 1e-5 quantile of chi-squared with seven degrees of freedom.
  CHECK(chi < 35.3);
  CHECK(found.size() == 8);
}

TEST_CASE("a chain's drafts say what each token earns, are the same for the same seed, and stop at too many") {
  for (const MarkovLaw& law : laws(30)) {
    const Drafts a = draw_drafts(law, 30, 0.5, {}, 50, 9, 4);
    CHECK(a.best_of_n.tokens == draw_drafts(law, 30, 0.5, {}, 50, 9, 4).best_of_n.tokens);
    for (const Draft& d : {a.base, a.kl_rl, a.best_of_n, a.losers.front()}) {
      CHECK(d.tokens.size() == 30);
      CHECK(d.earned.size() == 30);
      CHECK(sum_of(d) == d.reward);
      for (const std::uint32_t state : d.tokens) CHECK(state < law.states);
    }
    for (const Draft& d : a.losers) CHECK(d.reward <= a.best_of_n.reward + 1e-9);
    CHECK(draw_drafts(law, 30, 0.5, {}, 1e9, 9, 4).best_of_n.tokens.empty());
  }
}

TEST_CASE("under an infinite alpha the best sums alone are left of a chain, by their probabilities") {
  const MarkovLaw law = states({0.5, 0.5, 0}, {0.5, 0.25, 0.25, 1, 0, 0, 1, 0, 0}, {0, 1, 1}, 5);
  int second = 0;
  constexpr int replicates = 4000;
  for (std::uint32_t i = 0; i < replicates; ++i) {
    const Draft best = draw_drafts(law, 5, HUGE_VAL, {}, 1, 7, i).kl_rl;
    // Into 1 or 2, back, and so on: three of five.
    REQUIRE(best.reward == 3);
    second += best.tokens.front() == 1;
  }
  CHECK(std::fabs(second / static_cast<double>(replicates) - 0.5) < 5 * 0.5 / std::sqrt(replicates));
}

TEST_CASE("transitions are written as words that earn the same, by how often they stand in the table") {
  const MarkovLaw law = states({1, 0}, {0.5, 0.5, 0.25, 0.75}, {-1.5, 2}, 40);
  const std::vector<double> weight{3, 1, 10, 4, 0};
  const std::vector<double> reward{2, 2, 7, -1.5, 2};
  double first = 0, of = 0;
  for (std::uint32_t i = 0; i < 200; ++i) {
    const Draft d = draw_drafts(law, 40, 0.1, {weight, reward}, 1, 7, i).base;
    // What is walked does not depend on what it is written as.
    REQUIRE(d.earned == draw_drafts(law, 40, 0.1, {}, 1, 7, i).base.earned);
    for (std::size_t k = 0; k < d.tokens.size(); ++k) {
      REQUIRE(reward[d.tokens[k]] == d.earned[k]);
      REQUIRE(weight[d.tokens[k]] > 0);
      first += d.tokens[k] == 0;
      of += d.earned[k] == 2;
    }
  }
  CHECK(std::fabs(first / of - 0.75) < 5 * std::sqrt(0.1875 / of));
  CHECK_THROWS_AS(draw_drafts(law, 4, 0.1, {std::vector{1.0}, std::vector{2.0}}, 1, 7, 0), NumericalError);
}

TEST_CASE("a transition earns what is written of it, nothing too") {
  const std::vector<double> written{-3.8, 0, 0.1, 1.7};
  const MarkovLaw law = states({1, 0}, {0.5, 0.5, 0.5, 0.5}, written, 20);
  for (std::uint32_t i = 0; i < 20; ++i) {
    for (const double x : draw_drafts(law, 20, 0.1, {}, 1, 7, i).base.earned)
      CHECK(std::count(written.begin(), written.end(), x) == 1);
  }
}

TEST_CASE("the best of a billion paths of a chain, drawn by its law, earns what that says") {
  for (const MarkovLaw& law : laws(9)) {
    const Chain chain = chain_of(law, 9);
    const Budget budget = make_budget("log_n", std::log(1e9), length_of(chain));
    const Report exact = evaluate(chain, budget);
    const Simulation s = make_simulation(chain, budget, "order", 5, 1);
    constexpr int replicates = 500;
    double mean = 0;
    for (std::uint32_t i = 0; i < replicates; ++i) {
      const std::optional<double> total = drawn_best(s, i);
      REQUIRE(total);
      const Draft best = draft_that_earns(*total, law, 9, exact.kl_rl_at_bon_kl.alpha, {}, 5, i);
      REQUIRE(best.tokens.size() == 9);
      CHECK(std::fabs(best.reward - *total) < 1e-9);
      mean += best.reward / replicates;
    }
    CHECK(std::fabs(mean - exact.best_of_n.reward) <= 5 * exact.best_of_n.reward_sd / std::sqrt(replicates) + 1e-9);
  }
}
