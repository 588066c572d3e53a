#include "report/statements/chain_matrices.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <map>

using namespace tiltlab;
using Catch::Matchers::WithinAbs;

namespace {

using Matrix = std::vector<double>;

Chain example(double length) { return make_model({length, {1, 0}, {0.8, 0.2, 0.4, 0.6}, {0, 1, 0.3, 2}}); }

/** Three states, of which the first is left for good, and two transitions that never happen. */
Chain leaving(double length) {
  return make_model({length, {0.7, 0.3, 0}, {0, 0.6, 0.4, 0, 0.6, 0.4, 0, 0.9, 0.1}, {1, 0, 2, 0, -1, 3, 0, 0.5, 1}});
}

/** Two classes of states that follow each other. */
Chain periodic(double length) {
  return make_model(
      {length, {0.5, 0.5, 0, 0}, {0, 0, 0.3, 0.7, 0, 0, 0.6, 0.4, 0.1, 0.9, 0, 0, 0.5, 0.5, 0, 0}, {0, 1, 2, 4}});
}

ChainMatrices at_rate(const Chain& c, double rate) {
  return chain_matrices(c, make_budget("kl_per_token", rate, length_of(c)));
}

void check_rows(const Matrix& m, std::size_t states) {
  REQUIRE(m.size() == states * states);
  for (std::size_t i = 0; i < states; ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < states; ++j) {
      CHECK(m[i * states + j] >= 0);
      sum += m[i * states + j];
    }
    CHECK_THAT(sum, WithinAbs(1, 1e-14));
  }
}

/** f(states, p, reward) of each sequence of so many transitions. */
template <class F>
void each_sequence(const MarkovLaw& law, int length, F&& f) {
  std::vector<std::size_t> states;
  const std::function<void(double, double)> go = [&](double p, double sum) {
    if (static_cast<int>(states.size()) > length) return f(states, p, sum);
    for (const Transition& t : law.transitions) {
      if (t.from != states.back()) continue;
      states.push_back(t.to);
      go(p * t.p.value(), sum + law.rewards.step[t.level].value());
      states.pop_back();
    }
  };
  for (std::size_t i = 0; i < law.states; ++i) {
    if (!(law.initial[i].value() > 0)) continue;
    states = {i};
    go(law.initial[i].value(), 0);
  }
}

}  // namespace

TEST_CASE("rows are probabilities, and at no budget all are the base's") {
  for (const Chain& c : {example(20), example(1000), leaving(12), periodic(9)}) {
    for (const double rate : {0.0, 0.05, 0.2}) {
      const ChainMatrices m = at_rate(c, rate);
      for (const Matrix& each : {m.base, m.first, m.middle, m.last, m.limit}) check_rows(each, m.state.size());
      if (rate > 0) continue;
      for (const Matrix& each : {m.first, m.middle, m.last, m.limit}) {
        for (std::size_t i = 0; i < each.size(); ++i) CHECK_THAT(each[i], WithinAbs(m.base[i], 1e-13));
      }
    }
  }
}

TEST_CASE("the product of the steps is the tilted law of sequences") {
  constexpr int length = 6;
  for (const Chain& c : {example(length), leaving(length), periodic(length)}) {
    const MarkovLaw& law = c.law;
    const double b = std::get<TokenTilt>(tilt_for(c, 0.9)).b;
    std::vector<Matrix> steps;
    for (int k = 0; k < length; ++k) steps.push_back(optimal_transitions(law, b, length - 1 - k));
    double total = 0;
    std::map<std::size_t, double> starts;
    each_sequence(law, length, [&](const auto& states, double p, double sum) {
      total += p * std::exp(b * sum);
      starts[states.front()] += p * std::exp(b * sum);
    });
    each_sequence(law, length, [&](const auto& states, double p, double sum) {
      double product = starts[states.front()] / total;
      for (std::size_t k = 0; k < length; ++k) product *= steps[k][states[k] * law.states + states[k + 1]];
      CHECK_THAT(product, WithinAbs(p * std::exp(b * sum) / total, 1e-14));
    });
  }
}

TEST_CASE("far from the ends of a long sequence the optimum is Doob's chain") {
  for (const double rate : {0.02, 0.08, 0.3}) {
    for (const Chain& c : {example(400), example(1e9), leaving(500), periodic(301)}) {
      const ChainMatrices m = at_rate(c, rate);
      INFO(rate << " " << c.length);
      CHECK(m.middle_to_limit < 1e-10);
      CHECK(m.first_to_limit < 1e-10);
      CHECK(m.last_to_limit > 1e-4);
      // Of the last step h is 1, so it is the base's tilted by one reward.
      CHECK(m.last != m.middle);
    }
  }
}

TEST_CASE("steps of a short chain are the ends and the middle") {
  const ChainMatrices one = at_rate(example(1), 0.05);
  CHECK(one.middle_step == 1);
  CHECK(one.first == one.last);
  CHECK(one.middle == one.last);
  const ChainMatrices five = at_rate(example(5), 0.05);
  CHECK(five.middle_step == 3);
  CHECK(five.length == 5);
}

TEST_CASE("where no alpha is finite, or the chain falls apart, what is not there is empty") {
  const ChainMatrices saturated = at_rate(example(20), 50);
  CHECK(saturated.first.empty());
  CHECK(saturated.limit.empty());
  CHECK(!saturated.base.empty());
  CHECK(std::isnan(saturated.middle_to_limit));
  const Chain apart = make_model({8, {0.5, 0.5}, {1, 0, 0, 1}, {0, 1, 1, 2}});
  const ChainMatrices m = at_rate(apart, 0.01);
  CHECK(m.limit.empty());
  check_rows(m.first, 2);
}

TEST_CASE("matrices leave out states that no sequence visits") {
  const Chain c = make_model({10, {0, 1, 0}, {0.5, 0.5, 0, 0, 0.5, 0.5, 0, 0.3, 0.7}, {5, 0, 1}});
  const ChainMatrices m = at_rate(c, 0.1);
  CHECK(m.state == std::vector<double>{1, 2});
  check_rows(m.first, 2);
}
