#include "policies/registry.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "error.hpp"
#include "laws/finite.hpp"
#include "policies/top_quantile.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::Contains;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

TEST_CASE("each policy is found by its name, once") {
  std::set<std::string> names;
  for (const PolicyKind* kind : policy_kinds()) {
    CHECK(names.insert(kind->name).second);
    CHECK(&policy_kind(kind->name, "policies[0]") == kind);
  }
  CHECK_THROWS_WITH(policy_kind("best", "policies[3]"), Contains("policies[3].kind: \"best\" is no policy"));
}

TEST_CASE("a parameter out of its range is refused by its name") {
  CHECK_THROWS_WITH(check({&policy_kind("top_quantile", ""), {0, 0}}, "policies[0]"),
                    Contains("policies[0].tau: 0 is not in (0, 1]"));
  CHECK_THROWS_WITH(check({&policy_kind("block_best_of_n", ""), {2.5, 4}}, "policies[1]"),
                    Contains("policies[1].block: 2.5 is not an integer"));
  CHECK_THROWS_WITH(check({&policy_kind("win_rate_tilt", ""), {}, -1.0}, "policies[0]"), Contains("policies[0].kl"));
  CHECK_NOTHROW(check({&policy_kind("top_quantile", ""), {1, 0}}, "policies[0]"));
}

TEST_CASE("the strength of a policy grows with its parameter's effect, and tells it back") {
  for (const PolicyKind* kind : policy_kinds()) {
    if (!kind->strength) continue;
    const Parameter& last = kind->parameters[kind->count() - 1];
    for (const double share : {0.2, 0.5, 0.8}) {
      const double x = last.most <= 1 ? share : last.least + 1 + 40 * share;
      INFO(kind->name << " " << x);
      CHECK_THAT(kind->parameter(kind->strength(x)), WithinRel(x, 1e-12));
    }
  }
}

TEST_CASE("a KL is met from the faintest to what the largest reward costs, and not past it") {
  const RewardLaw law = finite_law(test::finite({{0.4, 0.3, 0.2, 0.1}, {0, 1, 2, 5}}).token);
  const double whole = -std::log(0.1);
  for (const PolicyKind* kind : policy_kinds()) {
    if (!kind->weakest || kind->by_block || kind->by_outcome) continue;
    for (const double kl : {1e-9, 0.01, 1.0, 2.2}) {
      INFO(kind->name << " " << kl);
      CHECK_THAT(metrics(law, lay(law, 1, {kind, {}, kl}).policy).kl, WithinRel(kl, 1e-6));
    }
    CHECK_THAT(metrics(law, lay(law, 1, {kind, {}, 50.0}).policy).kl, WithinRel(whole, 1e-6));
  }
}

TEST_CASE("a policy of one parameter meets the KL that is asked for, as far as its largest reward allows") {
  test::Random random(53);
  for (int k = 0; k < 30; ++k) {
    const RewardLaw law = finite_law(test::finite(test::random_alphabet(random, 9)).token);
    if (law.size() == 1) continue;
    const double most = -law.log_mass.back();
    for (const PolicyKind* kind : policy_kinds()) {
      if (!kind->weakest) continue;
      for (const double share : {1e-8, 0.1, 0.6, 0.99}) {
        ExtraPolicy asked{kind};
        asked.kl = share * most;
        const StrongPolicy found = lay(law, 1, asked);
        INFO(kind->name << " " << share << " z " << found.z << " levels " << law.size() << " most " << most);
        CHECK_THAT(metrics(law, found.policy).kl, WithinRel(share * most, 1e-9));
        // And the same by the parameter that was found.
        ExtraPolicy again{kind, {1, 0}};
        again.parameter[kind->count() - 1] = found.parameter;
        CHECK_THAT(metrics(law, lay(law, 1, again).policy).kl, WithinRel(share * most, 1e-6));
      }
      ExtraPolicy past{kind};
      past.kl = most + 3;
      CHECK_THAT(metrics(law, lay(law, 1, past).policy).kl, WithinRel(most, 1e-4));
      past.kl = 0;
      CHECK_THAT(metrics(law, lay(law, 1, past).policy).kl, WithinAbs(0, 1e-15));
    }
  }
}

TEST_CASE("a policy is asked for no more nats than a budget has") {
  for (const double kl : {-1.0, 1.1e12, 1e301, static_cast<double>(NAN)}) {
    ExtraPolicy asked{&top_quantile_kind};
    asked.kl = kl;
    CHECK_THROWS_WITH(check(asked, "policies[0]"),
                      Catch::Contains("policies[0].kl: ") && Catch::Contains(" is not in [0, 1000000000000]"));
  }
}
