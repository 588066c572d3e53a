#include <catch2/catch.hpp>
#include <cmath>

#include "error.hpp"
#include "policies/continuous_rank.hpp"
#include "policies/random_best_of_n.hpp"
#include "policies/registry.hpp"
#include "policies/top_quantile.hpp"
#include "policies/win_rate_tilt.hpp"
#include "report/policies.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

PolicyReport of_tokens(const std::vector<double>& p, const std::vector<double>& reward, double length,
                       const ExtraPolicy& asked, Report* beside = nullptr) {
  const Tokens m = memoryless_model(p, reward, length, false, "model.tokens");
  Report report;
  return evaluate_policies(m, {asked}, make_budget("kl", 0, m), beside ? *beside : report).front();
}

ExtraPolicy by_kl(const PolicyKind& kind, double kl) { return {&kind, {}, kl}; }

}  // namespace

TEST_CASE("a long sequence has further policies whose errors are stated") {
  for (const auto& [length, kl] :
       {std::pair{40.0, 2.0}, {3000.0, 2.0}, {40000.0, 1.0}, {1e6, 2.0}, {1e6, 30.0}, {1e9, 2.0}}) {
    const Tokens m = memoryless_model(std::vector<double>{0.5, 0.3, 0.2}, std::vector<double>{0, 1, 3}, length, false,
                                      "model.tokens");
    const Budget budget = make_budget("kl", kl, m);
    Report report = evaluate(m, budget);
    for (const PolicyKind* kind : {&win_rate_tilt_kind, &top_quantile_kind}) {
      ExtraPolicy asked{kind};
      asked.kl = kl;
      const FurtherReport r = evaluate_policies(m, {asked}, budget, report).front();
      INFO(kind->name << " " << length << " " << kl);
      // By a normal law: what a policy of the rank gains in standard deviations.
      const ContinuousLaw normal = make_continuous_law("normal", std::vector<double>{0, 1}, false);
      const double gain = lay(normal, asked).metrics.reward;
      CHECK_THAT(r.kl, WithinRel(kl, 1e-6));
      CHECK_THAT((r.reward - report.model.reward) / report.model.reward_sd,
                 WithinRel(gain, 1.5 * std::max(1.0, kl) / std::sqrt(length)));
      CHECK(r.reward < report.kl_rl.reward);
      CHECK(r.kl_to_kl_rl > 0);
      CHECK(report.error_bound < 1e-3);
    }
  }
}

TEST_CASE("KLs that only sums past a double's range spend are met, and past the largest sum it alone is kept") {
  const std::vector<double> p{1 - 1e-8, 1e-8};
  const std::vector<double> reward{0, 1};
  const double whole = 100 * -std::log(1e-8);
  for (const PolicyKind* kind : {&win_rate_tilt_kind, &top_quantile_kind, &best_of_poisson_kind}) {
    for (const double kl : {650.0, 1000.0, 1800.0}) {
      INFO(kind->name << " " << kl);
      CHECK_THAT(of_tokens(p, reward, 100, by_kl(*kind, kl)).kl, WithinRel(kl, 1e-9));
    }
    for (const double kl : {1900.0, 1e9, 1e12}) {
      INFO(kind->name << " " << kl);
      const PolicyReport r = of_tokens(p, reward, 100, by_kl(*kind, kl));
      CHECK_THAT(r.kl, WithinRel(whole, 1e-12));
      CHECK_THAT(r.reward, WithinRel(100.0, 1e-14));
      CHECK(r.reward_sd == 0);
      CHECK(r.win_rate == 1);
    }
  }
}

TEST_CASE("no strength is the base, on laws that are counted from elsewhere too") {
  for (const double c : {0.0, 1e-300}) {
    const PolicyReport r = of_tokens({0.5, 0.3, 0.2}, {0, 1, 3}, 38, {&win_rate_tilt_kind, {c, 0}});
    CHECK_THAT(r.win_rate, WithinAbs(0.5, 1e-13));
    CHECK_THAT(r.reward, WithinRel(38 * 0.9, 1e-13));
  }
  const Tokens m = memoryless_model(std::vector<double>{4.7e-106, 0.78, 0.22}, std::vector<double>{-2627, -2630, -2628},
                                    38, false, "model.tokens");
  CHECK(std::isfinite(evaluate_policies(m, {by_kl(win_rate_tilt_kind, 0)}).front().reward));
}

TEST_CASE("a top quantile of levels that underflow is a number") {
  const Tokens m = memoryless_model(std::vector<double>{9.76e-151, 2.81e-128, 1.78e-103, 3.54e-34, 1},
                                    std::vector<double>{8, 0.9, -0.9, 0.8, 4.4}, 7, false, "model.tokens");
  const FurtherReport r = evaluate_policies(m, {{&top_quantile_kind, {0.9999999999999999, 0}}}).front();
  CHECK(std::isfinite(r.reward));
  CHECK_THAT(r.win_rate, WithinAbs(0.5, 1e-9));
}

TEST_CASE("where rare rewards are all that there is to gain, a small KL is met or refused") {
  const std::vector<double> p{1 - 1.1453217561229071e-32, 1.1453217561229071e-32};
  const std::vector<double> reward{-32.1, 83.6};
  for (const PolicyKind* kind : {&win_rate_tilt_kind, &top_quantile_kind}) {
    for (const double length : {310.0, 20000.0, 1e6}) {
      INFO(kind->name << " " << length);
      double kl = 0.0041;
      std::string refused = "policies[0]";
      try {
        kl = of_tokens(p, reward, length, by_kl(*kind, 0.0041)).kl;
      } catch (const InputError& e) {
        refused = e.path();
      }
      CHECK_THAT(kl, WithinRel(0.0041, 1e-6));
      CHECK(refused.find("policies[0]") == 0);
    }
  }
}

TEST_CASE("an edge between levels that are interpolated states what that costs") {
  // By all 9001 levels, from squares of the law of one token.
  Report beside;
  const PolicyReport r = of_tokens({0.5, 0.3, 0.2}, {0, 1, 3}, 3000, {&top_quantile_kind, {0.273, 0}}, &beside);
  CHECK(std::fabs(r.kl - 1.2949651304440177) <= beside.error_bound * 1.3);
  CHECK(std::fabs(r.win_rate - 0.86349703091984986) <= beside.error_bound);
  CHECK(beside.error_bound < 1e-6);
}

TEST_CASE(
    "a win-rate tilt by its own parameter reaches rare jumps above the one level that is nearly all of the base") {
  // Of 60 digits: no jump, and one of three.
  const Tokens m = test::sequence({{1, 2.18e-46, 3.07e-50, 3.35e-39, 3.26e-38},
                                   {-5.1728141958904056e-123, -5.1728141958904056e-123, 2.0691256783561623e-122,
                                    3.620969937123284e-122, 4.655532776301365e-122}},
                                  989);
  const auto of = [&](const ExtraPolicy& asked) { return evaluate_policies(m, {asked}).front(); };
  struct Expected {
    double c, kl, win_rate;
  };
  for (const Expected& e :
       {Expected{44, 0, 0.5}, Expected{150, 0.969276398249371, 0.506549749685},
        Expected{157, 23.6048800629431, 0.652670148096}, Expected{160, 51.9749164479954, 0.831646620804},
        Expected{170, 79.0288397331108, 0.998295641541}, Expected{200, 79.3219951053008, 0.999999999477},
        Expected{1e30, 79.3219952109772, 1}}) {
    const FurtherReport r = of({&win_rate_tilt_kind, {e.c, 0}});
    CHECK_THAT(r.kl, WithinAbs(e.kl, 1e-9));
    CHECK_THAT(r.win_rate, WithinAbs(e.win_rate, 1e-10));
  }
  // By a KL it is the same policy, with both jumps that occur.
  const FurtherReport asked = of(by_kl(win_rate_tilt_kind, 4.2));
  const FurtherReport again = of({&win_rate_tilt_kind, {asked.parameters.front().second, 0}});
  CHECK_THAT(again.kl, WithinRel(4.2, 1e-9));
  CHECK_THAT(again.reward_sd, WithinRel(asked.reward_sd, 1e-9));
}

TEST_CASE("a policy of short sequences is that of a finite model of their sums") {
  const std::vector<double> p{0.5, 0.3, 0.2};
  const std::vector<double> reward{0, 1, 3};
  for (const std::int64_t length : {1, 2, 7, 40}) {
    const Tokens m = test::sequence({p, reward}, length);
    // Sums without probability stay out, as 2 of one token.
    const std::vector<double> mass = test::added_up(p, {0, 1, 3}, length);
    test::Alphabet sums;
    for (std::size_t s = 0; s < mass.size(); ++s) {
      if (mass[s] == 0) continue;
      sums.p.push_back(mass[s]);
      sums.reward.push_back(static_cast<double>(s));
    }
    const Tokens listed = test::finite(sums);
    const TokenTilt at_budget = tilt_for(m, 0.4);
    const TokenTilt at_budget_of_listed = tilt_for(listed, 0.4);
    for (const PolicyKind* kind : policy_kinds()) {
      if (kind->by_block || kind->by_outcome) continue;
      for (const double kl : {0.1, 1.0}) {
        if (!kind->weakest) continue;
        const ExtraPolicy asked = by_kl(*kind, kl);
        INFO(kind->name << " " << kl << " length " << length);
        const FurtherOutcome a = further_outcome(m, policies_of(m).lay(asked, "policies[0]"), at_budget);
        const FurtherOutcome b =
            further_outcome(listed, policies_of(listed).lay(asked, "policies[0]"), at_budget_of_listed);
        CHECK_THAT(a.outcome.kl, WithinRel(kl, 1e-9));
        CHECK_THAT(a.outcome.reward, WithinRel(b.outcome.reward, 1e-9));
        CHECK_THAT(a.outcome.reward_sd, WithinRel(b.outcome.reward_sd, 1e-7));
        CHECK_THAT(a.outcome.win_rate, WithinRel(b.outcome.win_rate, 1e-9));
        CHECK_THAT(a.kl_to_kl_rl.value, WithinAbs(b.kl_to_kl_rl.value, 1e-9));
        CHECK_THAT(a.parameter, WithinRel(b.parameter, 1e-7));
      }
    }
  }
}

TEST_CASE("between outcomes of one reward nobody wins, though a policy tells them apart") {
  // Rewards 1, 0, 1, 2 with .2, .5, .2, .1: by levels .5, .4, .1.
  const Tokens m = test::finite({{0.2, 0.5, 0.2, 0.1}, {1, 0, 1, 2}});
  const PolicyKind& by_index = policy_kind("index_best_of_n", "");
  for (const double n : {1.0, 2.0, 5.0}) {
    const FurtherOutcome found =
        further_outcome(m, policies_of(m).lay({&by_index, {n, 0}}, "policies[0]"), tilt_for(m, 0.1));
    const double low = std::pow(0.5, n);
    const double middle = std::pow(0.9, n) - low;
    const double high = 1 - std::pow(0.9, n);
    INFO(n);
    CHECK_THAT(found.outcome.win_rate, WithinRel(low * 0.25 + middle * 0.7 + high * 0.95, 1e-13));
    CHECK_THAT(found.outcome.reward, WithinRel(middle + 2 * high, 1e-13));
  }
}

TEST_CASE("what cannot be laid is refused by the policy's path") {
  const Tokens m = test::sequence({{0.5, 0.3, 0.2}, {0, 1, 3}}, 12);
  auto policies = policies_of(m);
  ExtraPolicy none{&top_quantile_kind, {0, 0}};
  CHECK_THROWS_WITH(policies.lay(none, "policies[2]"), Catch::Contains("policies[2].tau: 0 is not in (0, 1]"));
  // Outcomes of one reward are told apart in a finite model alone.
  const PolicyKind& by_index = policy_kind("index_best_of_n", "");
  CHECK_THROWS_WITH(policies.lay({&by_index, {3, 0}}, "policies[1]"), Catch::Contains("policies[1]"));
  const Tokens finite = test::finite({{0.5, 0.3, 0.2}, {0, 1, 1}});
  CHECK_NOTHROW(policies_of(finite).lay({&by_index, {3, 0}}, "policies[1]"));
}
