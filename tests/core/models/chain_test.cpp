#include "models/chain.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <utility>

#include "report/curves.hpp"
#include "report/policies.hpp"
#include "report/simulated.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

Chain example(double length) { return make_model({length, {1, 0}, {0.8, 0.2, 0.4, 0.6}, {0, 1, 0.3, 2}}); }

const Tokens& whole(const Chain& c) { return std::get<Tokens>(c.sums); }
bool is_listed(const Chain& c) { return std::holds_alternative<Tokens>(c.sums); }

Budget nats(const Chain& c, double kl) { return make_budget("kl", kl, length_of(c)); }

}  // namespace

TEST_CASE("a chain without memory is a model of independent tokens") {
  const std::vector<double> p{0.5, 0.3, 0.2};
  const std::vector<double> reward{0, 1, 3};
  std::vector<double> rows;
  for (int i = 0; i < 3; ++i) rows.insert(rows.end(), p.begin(), p.end());
  for (const double length : {1.0, 7.0, 60.0}) {
    const Chain c = make_model({length, {1, 0, 0}, rows, reward});
    const Tokens m = memoryless_model(p, reward, length, false, "model.tokens");
    for (const double kl : {0.0, 0.4, 3.0, 20.0}) {
      const Report a = evaluate(c, nats(c, kl));
      const Report b = evaluate(m, make_budget("kl", kl, m));
      INFO(length << " " << kl);
      CHECK(a.model.levels == b.model.levels);
      CHECK_THAT(a.model.kl_max, WithinRel(b.model.kl_max, 1e-12));
      CHECK_THAT(a.kl_rl.reward, WithinRel(b.kl_rl.reward, 1e-12));
      CHECK_THAT(a.kl_rl.win_rate, WithinRel(b.kl_rl.win_rate, 1e-11));
      CHECK_THAT(a.best_of_n.reward, WithinRel(b.best_of_n.reward, 1e-11));
      CHECK_THAT(a.best_of_n.kl, WithinAbs(b.best_of_n.kl, 1e-11));
      CHECK_THAT(a.gap.reward, WithinAbs(b.gap.reward, 1e-10));
      CHECK_THAT(a.limits->alpha, WithinRel(b.limits->alpha, 1e-12));
      CHECK_THAT(derived(c, a).kl_per_token, WithinRel(kl / length, 1e-15));
    }
  }
}

TEST_CASE("a chain of two states: its law by hand, and the values of the reference") {
  // Two transitions from the first state: 0 0, 0 1, 1 .3, 1 2.
  const Chain two = example(2);
  const std::vector<double> sums{0, 1, 1.3, 3};
  const std::vector<double> p{0.64, 0.16, 0.08, 0.12};
  REQUIRE(whole(two).token.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    const TokenLaw& law = whole(two).token;
    CHECK_THAT((law.base + law.unit * law.step[i]).value(), WithinAbs(sums[i], 1e-15));
    CHECK_THAT(law.p[i], WithinRel(p[i], 1e-15));
  }
  // Of the tilt at n = 80 and .08 nats a transition, and the gap (60-digit reference).
  const Chain c = example(80);
  const Report r = evaluate(c, nats(c, 6.4));
  CHECK_THAT(r.kl_rl.alpha, WithinRel(0.25279952, 1e-7));
  CHECK_THAT(r.gap.reward, WithinRel(6.94666343, 1e-8));
}

TEST_CASE("rewards that share no lattice, an absorbing state, and rewards of states") {
  const Chain off = make_model({6, {0.5, 0.5}, {0.7, 0.3, 0.1, 0.9}, {0, 1.4142135623730951}});
  CHECK(whole(off).token.size() == 7);
  const Chain absorbed = make_model({3, {1, 0}, {0.5, 0.5, 0, 1}, {0, 1}});
  // The k-th transition leaves first: 1/2^k, and 3 - k + 1 rewards.
  const std::vector<double> p{0.125, 0.125, 0.25, 0.5};
  REQUIRE(whole(absorbed).token.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) CHECK(whole(absorbed).token.p[i] == p[i]);
}

TEST_CASE("a chain without memory at any length") {
  const std::vector<double> p{0.5, 0.3, 0.2};
  const std::vector<double> reward{0, 1, 3};
  std::vector<double> rows;
  for (int i = 0; i < 3; ++i) rows.insert(rows.end(), p.begin(), p.end());
  for (const double length : {700.0, 1e4, 1e6, 1e9}) {
    const Chain c = make_model({length, {1, 0, 0}, rows, reward});
    CHECK(!is_listed(c));
    const Tokens m = memoryless_model(p, reward, length, false, "model.tokens");
    for (const double rate : {0.01, 0.2, 0.6}) {
      const Report a = evaluate(c, nats(c, rate * length));
      const Report b = evaluate(m, make_budget("kl", rate * length, m));
      INFO(length << " " << rate);
      CHECK_THAT(a.kl_rl.reward, WithinRel(b.kl_rl.reward, 1e-14));
      CHECK_THAT(a.kl_rl.reward_sd, WithinRel(b.kl_rl.reward_sd, 1e-12));
      CHECK_THAT(a.kl_rl.win_rate, WithinRel(b.kl_rl.win_rate, 1e-12));
      CHECK_THAT(a.kl_rl.alpha, WithinRel(b.kl_rl.alpha, 1e-12));
      CHECK_THAT(a.best_of_n.reward_sd, WithinRel(b.best_of_n.reward_sd, 1e-12));
      CHECK_THAT(a.best_of_n.kl, WithinRel(b.best_of_n.kl, 1e-14));
      CHECK_THAT(a.best_of_n.kl_to_kl_rl, WithinRel(b.best_of_n.kl_to_kl_rl, 1e-11));
      CHECK_THAT(a.gap.reward, WithinRel(b.gap.reward, 1e-12));
      CHECK_THAT(a.gap.reward_at_bon_kl, WithinRel(b.gap.reward_at_bon_kl, 1e-12));
      CHECK_THAT(a.limits->gap_sharp, WithinRel(b.limits->gap_sharp, 1e-12));
      CHECK_THAT(a.limits->reward_per_token, WithinRel(b.limits->reward_per_token, 1e-14));
      CHECK_THAT(a.limits->variance_per_token, WithinRel(b.limits->variance_per_token, 1e-12));
      CHECK_THAT(a.model.kl_max, WithinRel(b.model.kl_max, 1e-12));
      CHECK(a.model.reward_max == b.model.reward_max);
    }
  }
}

TEST_CASE("the chain of two states at any length: what the reference and the sharp terms give") {
  struct Value {
    double length, gap, alpha;
  };
  for (const Value& v :
       {Value{100, 7.3289801, 0.25215658}, Value{1000, 11.6329134, 0.24987800}, Value{1e4, 16.1834694, 0.24965320}}) {
    const Chain c = example(v.length);
    const Report r = evaluate(c, make_budget("kl_per_token", 0.08, c.length));
    CHECK_THAT(r.gap.reward, WithinRel(v.gap, 1e-8));
    CHECK_THAT(r.kl_rl.alpha, WithinRel(v.alpha, 3e-8));
    CHECK_THAT(r.limits->alpha, WithinRel(0.249628259760, 1e-11));
    CHECK_THAT(r.limits->reward_per_token, WithinRel(1.182240237495, 1e-12));
    CHECK_THAT(r.limits->variance_per_token, WithinRel(2.596580635, 1e-9));
    CHECK_THAT(*r.limits->log_constant, WithinAbs(std::log(0.734931), 1e-6));
  }
  const Chain longer = example(30000);
  const Report r = evaluate(longer, make_budget("kl_per_token", 0.08, longer.length));
  CHECK_THAT(r.gap.reward, WithinRel(r.limits->gap_sharp, 2e-3));
  CHECK_THAT(r.best_of_n.kl_to_kl_rl, WithinRel(r.limits->kl_to_kl_rl_sharp, 2e-3));
  // As its length grows without end, its two optima part by what the sharp terms say.
  const GapCurve curve = gap_curve(longer, make_budget("kl_per_token", 0.08, longer.length), 20);
  CHECK_THAT(curve.gap.back(), WithinRel(curve.gap_sharp.back(), 1e-7));
}

namespace {

/** Chains of every shape that goes on: dense, with a state that is left for good, periodic, and sparse. */
std::vector<MarkovInput> shapes() {
  return {
      {0, {0.2, 0.5, 0.3}, {0.1, 0.6, 0.3, 0.5, 0.25, 0.25, 0.3, 0.3, 0.4}, {0, 1, 0.5, 2, -1, 0.1, 0.3, 1, 0.7}},
      {0, {1, 0, 0}, {0, 0.5, 0.5, 0, 0.7, 0.3, 0, 0.2, 0.8}, {5, 1, 3}},
      {0, {1, 0, 0}, {0, 0.4, 0.6, 1, 0, 0, 1, 0, 0}, {0, 1, 3}},
      {0, {0.5, 0.5, 0, 0}, {0, 1, 0, 0, 0, 0, 1, 0, 0.5, 0, 0, 0.5, 1, 0, 0, 0}, {0, 1, 2, 5}},
      {0, {1, 0}, {0.99, 0.01, 0.02, 0.98}, {0, 1}},
  };
}

}  // namespace

TEST_CASE("powers of transitions tell what the list of sums tells") {
  for (const MarkovInput& shape : shapes()) {
    for (const std::int64_t length : {30, 31, 80, 91}) {
      const MarkovLaw law = make_markov_law(shape.initial, shape.transition, shape.reward, 1);
      MarkovInput input = shape;
      input.length = static_cast<double>(length);
      const Chain listed = make_model(input);
      REQUIRE(is_listed(listed));
      const Chain powers{law, length, long_chain(law, length)};
      for (const double kl : {0.3, 3.0, 9.0}) {
        const Report a = evaluate(powers, nats(powers, kl));
        const Report b = evaluate(listed, nats(listed, kl));
        INFO(shape.initial.size() << " states, from the first to the second " << shape.transition[1] << ", " << length
                                  << " " << kl);
        // To what it promises, and that is little but where best-of-N is the best sum in all but a millionth.
        CHECK(a.error_bound < 1e-6);
        const auto same = [&](double x, double y) {
          CHECK_THAT(x, WithinAbs(y, (1e-11 + a.error_bound) * std::max(1.0, std::fabs(y))));
        };
        same(a.model.reward, b.model.reward);
        same(a.model.reward_sd, b.model.reward_sd);
        same(a.model.reward_max, b.model.reward_max);
        same(a.model.kl_max, b.model.kl_max);
        same(a.kl_rl.reward, b.kl_rl.reward);
        same(a.kl_rl.reward_sd, b.kl_rl.reward_sd);
        same(a.kl_rl.win_rate, b.kl_rl.win_rate);
        same(a.kl_rl.alpha, b.kl_rl.alpha);
        same(a.best_of_n.reward, b.best_of_n.reward);
        same(a.best_of_n.reward_sd, b.best_of_n.reward_sd);
        same(a.best_of_n.kl, b.best_of_n.kl);
        same(a.best_of_n.win_rate, b.best_of_n.win_rate);
        same(a.best_of_n.kl_to_kl_rl, b.best_of_n.kl_to_kl_rl);
        same(a.gap.reward, b.gap.reward);
        same(a.gap.reward_at_bon_kl, b.gap.reward_at_bon_kl);
      }
    }
  }
}

TEST_CASE("what no list holds and has no limits is refused by its field") {
  CHECK_THROWS_WITH(make_model({1e6, {1, 0}, {0.5, 0.5, 0, 1}, {0, 1}}),
                    Catch::Contains("model.transition: has states that are left for good"));
  // Off any lattice, but the same along every way round.
  CHECK_THROWS_WITH(make_model({1e6, {0.5, 0.5}, {0, 1, 1, 0}, {0, 1.4142135623730951, 0.1, 0}}),
                    Catch::Contains("model.reward: earn the same along every way round"));
  CHECK_THROWS_WITH(make_model({2, {1, 0}, {0.5, 0.4, 0.5, 0.5}, {0, 1}}), Catch::Contains("model.transition[0]: "));
  CHECK_THROWS_WITH(make_model({2, {1, 0}, {0.5, 0.5, 0.5}, {0, 1}}), Catch::Contains("model.transition: "));
  CHECK_THROWS_WITH(make_model({2, {1, 0}, {0.5, 0.5, 0.5, 0.5}, {0, 1, 2}}), Catch::Contains("model.reward: "));
  CHECK_THROWS_WITH(make_model({2, {0.5, 0.6}, {0.5, 0.5, 0.5, 0.5}, {0, 1}}), Catch::Contains("model.initial: "));
  CHECK_THROWS_WITH(make_model({1.5, {1}, {1}, {0}}), Catch::Contains("model.length: 1.5"));
}

TEST_CASE("a chain whose sums take too long to list is refused before they are") {
  const MarkovInput far{102,
                        {0, 0.1348996899692196, 0.8651003100307805},
                        {0.334, 0.333, 0.333, 0, 0.647715293893436, 0.35228470610656415, 1, 0, 0},
                        {2, 0, 1, 3, 3, 1, 4.9e+18, 2, 0}};
  CHECK_THROWS_WITH(make_model(far), Catch::Contains("model.length: 102"));
}

TEST_CASE("a chain has pictures per transition, further policies and a simulation") {
  const Chain c = example(20);
  const Budget budget = nats(c, 2);
  const LawCurves curves = law_curves(c, budget, 60);
  const Report r = evaluate(c, budget);
  CHECK_THAT(curves.kl_rl.mean, WithinRel(r.kl_rl.reward / 20, 1e-12));
  double mass = 0;
  for (const double x : curves.best_of_n.mass) mass += x;
  CHECK_THAT(mass, WithinAbs(1, 1e-8));
  CHECK(frontier(c, 4, 20).kl_rl.kl.size() == 20);
  const Simulation s = make_simulation(c, make_budget("n", 4, length_of(c)), "tokens", 3, 4000);
  const Simulated found = summarise(s, simulate(s.plan, 0, 4000));
  CHECK(found.best_of_n.reward.low <= found.best_of_n.reward.exact);
  CHECK(found.best_of_n.reward.exact <= found.best_of_n.reward.high);
  CHECK_THAT(found.gap_per_token.exact,
             WithinRel(evaluate(c, make_budget("n", 4, length_of(c))).gap.reward / 20, 1e-9));
}

TEST_CASE("a chain that hardly ever leaves its best state is told in time") {
  // Once every frequency of some 10^8 was looked at, since none of their dips is more than rounding.
  MarkovInput in;
  in.length = 1000;
  in.initial = {0, 1};
  in.transition = {0.3782497, 0.6217503, 5.11e-43, 1};
  in.reward = {8e-6, 1};
  for (const double n : {2.0, 73.0, 1e6}) {
    const Report r = evaluate(make_model(in), make_budget("n", n, 1000));
    CHECK(r.best_of_n.reward == Approx(1000));
    // All drafts but 1,000 times 5.11e-43 have all of it.
    CHECK(r.best_of_n.kl == Approx(5.11e-40).epsilon(1e-6));
  }
}

namespace {

/** Rows of hundreds of transitions, each with a reward of two digits. */
struct DenseChain {
  std::size_t states;
  std::vector<double> transition;
  std::vector<double> reward;

  explicit DenseChain(std::size_t count) : states(count) {
    std::uint32_t seed = 7;
    const auto next = [&] { return (seed = seed * 1664525 + 1013904223) / 4294967296.0; };
    for (std::size_t i = 0; i < states; ++i) {
      std::vector<double> row;
      double total = 0;
      for (std::size_t j = 0; j < states; ++j) total += row.emplace_back(next() + 0.05);
      for (const double w : row) transition.push_back(w / total);
      for (std::size_t j = 0; j < states; ++j) reward.push_back(std::floor(400 * next()) / 100);
    }
  }
  [[nodiscard]] Chain chain(double length) const {
    std::vector<double> initial(states, 0);
    initial[0] = 1;
    return make_model({length, initial, transition, reward});
  }
  /** log E e^(a r) of so many transitions from the first state, one after another. */
  [[nodiscard]] double log_mgf(double a, int length) const {
    std::vector<double> h(states, 1);
    double log_scale = 0;
    for (int k = 0; k < length; ++k) {
      std::vector<double> before(states, 0);
      for (std::size_t i = 0; i < states; ++i)
        for (std::size_t j = 0; j < states; ++j)
          before[i] += transition[i * states + j] * std::exp(a * reward[i * states + j]) * h[j];
      const double scale = before[0];
      log_scale += std::log(scale);
      for (double& x : before) x /= scale;
      h = before;
    }
    return log_scale + std::log(h[0]);
  }
};

}  // namespace

TEST_CASE("chains of hundreds of transitions with rewards of their own have laws where no wave has died out") {
  for (const auto& [states, length] : {std::pair{16, 50}, {16, 100}, {27, 50}, {27, 100}}) {
    const DenseChain dense(static_cast<std::size_t>(states));
    const Chain c = dense.chain(length);
    const Report r = evaluate(c, nats(c, 0.1 * length));
    INFO(states << " " << length);
    // The tilt's mean is the slope of its log-partition function, which also tells its KL.
    const double a = r.kl_rl.alpha;
    const double h = 1e-4;
    const double at = dense.log_mgf(a, length);
    const double mean = (dense.log_mgf(a + h, length) - dense.log_mgf(a - h, length)) / (2 * h);
    CHECK_THAT(r.kl_rl.reward, WithinRel(mean, 1e-7));
    CHECK_THAT(a * r.kl_rl.reward - at, WithinRel(0.1 * length, 1e-10));
    CHECK_THAT(r.model.reward, WithinRel((dense.log_mgf(h, length) - dense.log_mgf(-h, length)) / (2 * h), 1e-7));
    CHECK(r.best_of_n.kl <= r.best_of_n.kl_bound);
    CHECK(r.gap.reward_at_bon_kl > 0);
    CHECK(r.error_bound < 1e-9);
  }
}
