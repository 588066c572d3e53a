#include "report/report.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::Contains;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

Outcome outcome_of(double reward, double sd, double kl, double win_rate, double gold, double alpha) {
  Outcome o;
  o.reward = reward;
  o.reward_sd = sd;
  o.kl = kl;
  o.win_rate = win_rate;
  o.gold = gold;
  o.alpha = alpha;
  return o;
}

/** Numbers that no two fields share. */
Found found() {
  Found f;
  f.base = outcome_of(1, 2, 0, 0.5, 3, not_known);
  f.kl_rl = outcome_of(4, 5, 6, 0.75, 7, 8);
  f.best_of_n = outcome_of(9, 10, 11, 0.625, 12, not_known);
  f.comparison.at_bon_kl = outcome_of(13, 14, 15, 0.875, 16, 17);
  f.comparison.kl_to_kl_rl.value = 18;
  f.comparison.gap.value = 19;
  f.comparison.gap_at_bon_kl.value = 20;
  f.extremes.levels = 21;
  f.extremes.reward_max = 22;
  f.extremes.kl_max = 23;
  return f;
}

}  // namespace

TEST_CASE("what was found stands where the report says, and N's bound beside it") {
  const Report r = report_of(2, found());
  CHECK(r.kl == 2);
  CHECK(r.log_n == 2);
  CHECK(r.model.reward == 1);
  CHECK(r.model.reward_sd == 2);
  CHECK(r.model.gold == 3);
  CHECK(r.model.levels == 21);
  CHECK(r.model.reward_max == 22);
  CHECK(r.model.kl_max == 23);
  CHECK(r.kl_rl.reward == 4);
  CHECK(r.kl_rl.reward_sd == 5);
  CHECK(r.kl_rl.kl == 6);
  CHECK(r.kl_rl.win_rate == 0.75);
  CHECK(r.kl_rl.alpha == 8);
  CHECK(r.best_of_n.reward == 9);
  CHECK(r.best_of_n.kl == 11);
  CHECK(r.best_of_n.gold == 12);
  CHECK(r.best_of_n.kl_to_kl_rl == 18);
  CHECK_THAT(r.best_of_n.kl_bound, WithinRel(1 + std::exp(-2.0), 1e-15));
  CHECK(r.kl_rl_at_bon_kl.reward == 13);
  CHECK(r.kl_rl_at_bon_kl.kl == 15);
  CHECK(r.kl_rl_at_bon_kl.alpha == 17);
  CHECK(r.gap.reward == 19);
  CHECK(r.gap.reward_at_bon_kl == 20);
  CHECK(r.error_bound == 0);
  CHECK(r.notes.empty());
  CHECK(!r.limits);
}

TEST_CASE("each number is held to its own error: what is not known is left out by its name, and nothing else") {
  struct Number {
    const char* name;
    Uncertainty& (*error)(Found&);
    double (*value)(const Report&);
  };
  // In the order of the report.
  const Number numbers[] = {
      {"model.reward", [](Found& f) -> Uncertainty& { return f.base.of_reward; },
       [](const Report& r) { return r.model.reward; }},
      {"model.reward_sd", [](Found& f) -> Uncertainty& { return f.base.of_reward_sd; },
       [](const Report& r) { return r.model.reward_sd; }},
      {"model.kl", [](Found& f) -> Uncertainty& { return f.base.of_kl; }, [](const Report& r) { return r.model.kl; }},
      {"model.win_rate", [](Found& f) -> Uncertainty& { return f.base.of_win_rate; },
       [](const Report& r) { return r.model.win_rate; }},
      {"kl_rl.reward", [](Found& f) -> Uncertainty& { return f.kl_rl.of_reward; },
       [](const Report& r) { return r.kl_rl.reward; }},
      {"kl_rl.reward_sd", [](Found& f) -> Uncertainty& { return f.kl_rl.of_reward_sd; },
       [](const Report& r) { return r.kl_rl.reward_sd; }},
      {"kl_rl.kl", [](Found& f) -> Uncertainty& { return f.kl_rl.of_kl; }, [](const Report& r) { return r.kl_rl.kl; }},
      {"kl_rl.alpha", [](Found& f) -> Uncertainty& { return f.kl_rl.of_alpha; },
       [](const Report& r) { return r.kl_rl.alpha; }},
      {"kl_rl.win_rate", [](Found& f) -> Uncertainty& { return f.kl_rl.of_win_rate; },
       [](const Report& r) { return r.kl_rl.win_rate; }},
      {"best_of_n.reward", [](Found& f) -> Uncertainty& { return f.best_of_n.of_reward; },
       [](const Report& r) { return r.best_of_n.reward; }},
      {"best_of_n.reward_sd", [](Found& f) -> Uncertainty& { return f.best_of_n.of_reward_sd; },
       [](const Report& r) { return r.best_of_n.reward_sd; }},
      {"best_of_n.kl", [](Found& f) -> Uncertainty& { return f.best_of_n.of_kl; },
       [](const Report& r) { return r.best_of_n.kl; }},
      {"best_of_n.win_rate", [](Found& f) -> Uncertainty& { return f.best_of_n.of_win_rate; },
       [](const Report& r) { return r.best_of_n.win_rate; }},
      {"best_of_n.kl_to_kl_rl", [](Found& f) -> Uncertainty& { return f.comparison.kl_to_kl_rl.of_value; },
       [](const Report& r) { return r.best_of_n.kl_to_kl_rl; }},
      {"kl_rl_at_bon_kl.reward", [](Found& f) -> Uncertainty& { return f.comparison.at_bon_kl.of_reward; },
       [](const Report& r) { return r.kl_rl_at_bon_kl.reward; }},
      {"kl_rl_at_bon_kl.reward_sd", [](Found& f) -> Uncertainty& { return f.comparison.at_bon_kl.of_reward_sd; },
       [](const Report& r) { return r.kl_rl_at_bon_kl.reward_sd; }},
      {"kl_rl_at_bon_kl.kl", [](Found& f) -> Uncertainty& { return f.comparison.at_bon_kl.of_kl; },
       [](const Report& r) { return r.kl_rl_at_bon_kl.kl; }},
      {"kl_rl_at_bon_kl.alpha", [](Found& f) -> Uncertainty& { return f.comparison.at_bon_kl.of_alpha; },
       [](const Report& r) { return r.kl_rl_at_bon_kl.alpha; }},
      {"kl_rl_at_bon_kl.win_rate", [](Found& f) -> Uncertainty& { return f.comparison.at_bon_kl.of_win_rate; },
       [](const Report& r) { return r.kl_rl_at_bon_kl.win_rate; }},
      {"gap.reward", [](Found& f) -> Uncertainty& { return f.comparison.gap.of_value; },
       [](const Report& r) { return r.gap.reward; }},
      {"gap.reward_at_bon_kl", [](Found& f) -> Uncertainty& { return f.comparison.gap_at_bon_kl.of_value; },
       [](const Report& r) { return r.gap.reward_at_bon_kl; }}};
  for (const Number& number : numbers) {
    INFO(number.name);
    Found unknown = found();
    number.error(unknown).error = 1;
    const Report without = report_of(2, unknown);
    CHECK(without.error_bound == 0);
    REQUIRE(without.notes.size() == 1);
    CHECK_THAT(without.notes.front(), Contains(std::string("left out: ") + number.name + "."));
    for (const Number& other : numbers) CHECK(std::isnan(other.value(without)) == (other.name == number.name));
    // A smaller error is stated, against the number where that is above 1.
    Found near = found();
    number.error(near).error = 1e-5;
    const Report with = report_of(2, near);
    CHECK(with.notes.empty());
    CHECK_THAT(with.error_bound, WithinRel(1e-5 / std::max(1.0, number.value(with)), 1e-12));
  }
}

TEST_CASE("the error that a model states of every number stands, and its note") {
  Found f = found();
  f.extremes.stated_error = 1e-13;
  f.extremes.note = "By moved rewards.";
  const Report r = report_of(2, f);
  CHECK(r.error_bound == 1e-13);
  CHECK(r.notes == std::vector<std::string>{"By moved rewards."});
}

TEST_CASE("rewards that no double holds are named, one that has no bound is not") {
  Found f = found();
  f.kl_rl.reward = HUGE_VAL;
  f.extremes.reward_max = HUGE_VAL;
  const Report r = report_of(2, f);
  REQUIRE(r.notes.size() == 1);
  CHECK_THAT(r.notes.front(), Contains("kl_rl.reward") && Contains("model.reward_max"));
  f.extremes.bounded = false;
  CHECK_THAT(report_of(2, f).notes.front(), !Contains("model.reward_max"));
}

TEST_CASE("limits stand in the report, a sharp gap past what a double holds by its name") {
  Found f = found();
  Limits limits;
  limits.rate = 0.2;
  limits.gap_sharp = 3;
  f.limits = limits;
  CHECK(report_of(2, f).limits->gap_sharp == 3);
  CHECK(report_of(2, f).notes.empty());
  f.limits->gap_sharp = HUGE_VAL;
  const Report r = report_of(2, f);
  CHECK(std::isnan(r.limits->gap_sharp));
  CHECK(r.limits->rate == 0.2);
  CHECK_THAT(r.notes.front(), Contains("limits.gap_sharp"));
}

TEST_CASE("sequences have limits at their rate, finite models none") {
  const Tokens sequence = test::sequence({{0.5, 0.3, 0.2}, {0, 1, 3}}, 40);
  const Report r = evaluate(sequence, make_budget("kl", 8, sequence));
  REQUIRE(r.limits);
  CHECK_THAT(r.limits->rate, WithinRel(0.2, 1e-15));
  const Tokens finite = test::finite({{0.5, 0.3, 0.2}, {0, 1, 3}});
  CHECK(!evaluate(finite, make_budget("kl", 0.2, finite)).limits);
}
