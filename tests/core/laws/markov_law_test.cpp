#include "laws/markov_law.hpp"

#include <catch2/catch.hpp>

using namespace tiltlab;

namespace {

MarkovLaw law_of(std::vector<double> initial, std::vector<double> transition, std::vector<double> reward) {
  return make_markov_law(initial, transition, reward, 1);
}

}  // namespace

TEST_CASE("which transitions happen, with rewards of states and of transitions") {
  const MarkovLaw of_states = law_of({1, 0}, {0.5, 0.5, 0, 1}, {2, 3});
  REQUIRE(of_states.transitions.size() == 3);
  CHECK(of_states.transitions[1].to == 1);
  CHECK(of_states.rewards.lattice == std::vector<std::int64_t>{0, 1});
  CHECK(of_states.transitions[2].level == 1);
  // A reward of a transition that never happens counts for nothing.
  const MarkovLaw of_transitions = law_of({1, 0}, {0.5, 0.5, 0, 1}, {0, 10, 7, 20});
  CHECK(of_transitions.rewards.lattice == std::vector<std::int64_t>{0, 1, 2});
}

TEST_CASE("states that no sequence visits are left out") {
  const MarkovLaw visited = visited_part(law_of({0, 1, 0}, {1, 0, 0, 0, 0.5, 0.5, 0, 1, 0}, {1, 2, 5}));
  CHECK(visited.states == 2);
  CHECK(visited.initial[0].value() == 1);
  REQUIRE(visited.transitions.size() == 3);
  for (const Transition& t : visited.transitions) CHECK((t.from < 2 && t.to < 2));
}

TEST_CASE("periods, spans and the best way round") {
  // Two states in turn, and a third way of the same length: 0 1 0 earns 1 + 0, 0 2 0 earns 3 + 0.
  const Recurrence turn = recurrence_of(law_of({1, 0, 0}, {0, 0.4, 0.6, 1, 0, 0, 1, 0, 0}, {0, 1, 3}));
  CHECK(turn.period == 2);
  CHECK(turn.span == 2);
  CHECK(turn.peak.value() == 1.5);
  // Staying in the second state is best, and entering it costs a transition.
  const Recurrence stay = recurrence_of(law_of({1, 0}, {0.8, 0.2, 0.4, 0.6}, {0, 1}));
  CHECK(stay.period == 1);
  CHECK(stay.span == 1);
  CHECK(stay.peak.value() == 1);
  // The best way round has three transitions, and no closed walk another length.
  const Recurrence three = recurrence_of(law_of({1, 0, 0}, {0, 1, 0, 0, 0, 1, 1, 0, 0}, {0, 1, 0, 0, 0, 1, 2, 0, 0}));
  CHECK(three.period == 3);
  CHECK(three.span == 0);
}

TEST_CASE("along any walk the sum of rewards is the peak's, the ends' biases and the drops") {
  const MarkovLaw law = law_of({1, 0, 0}, {0.2, 0.3, 0.5, 0.5, 0, 0.5, 0, 1, 0}, {0, 1, 4, 7, 0, 2, 0, 3, 0});
  const Recurrence r = recurrence_of(law);
  for (const DoubleDouble& drop : r.drop) CHECK(drop.value() >= 0);
  std::size_t state = 0;
  DoubleDouble sum = 0, drops = 0;
  int steps = 0;
  for (std::size_t k = 0; k < 40; ++k) {
    std::size_t taken = law.transitions.size();
    for (std::size_t i = 0; i < law.transitions.size(); ++i) {
      if (law.transitions[i].from == state && (taken == law.transitions.size() || (i + k) % 3 == 0)) taken = i;
    }
    sum += law.rewards.step[law.transitions[taken].level];
    drops += r.drop[taken];
    state = law.transitions[taken].to;
    ++steps;
  }
  const DoubleDouble told = r.peak * from_integer(steps) + r.bias[0] - r.bias[state] - drops;
  CHECK(std::fabs((told - sum).value()) < 1e-25);
}

TEST_CASE("a chain that falls apart has no limits, one that begins elsewhere has") {
  CHECK_THROWS_WITH(recurrence_of(law_of({1, 0}, {0.5, 0.5, 0, 1}, {0, 1})),
                    Catch::Contains("model.transition: has states that are left for good"));
  const Recurrence r = recurrence_of(law_of({1, 0, 0}, {0, 0.5, 0.5, 0, 0.7, 0.3, 0, 0.2, 0.8}, {5, 1, 3}));
  CHECK(!r.recurs[0]);
  CHECK(r.recurs[1]);
}
