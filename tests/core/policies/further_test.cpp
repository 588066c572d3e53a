#include <catch2/catch.hpp>
#include <cmath>

#include "laws/finite.hpp"
#include "models/continuous.hpp"
#include "policies/best_of_n.hpp"
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

RewardLaw random_law(test::Random& random, std::int64_t most) {
  return finite_law(test::finite(test::random_alphabet(random, most)).token);
}

std::vector<double> masses(const RewardLaw& law) {
  std::vector<double> p;
  for (const double x : law.log_mass) p.push_back(std::exp(x));
  return p;
}

ContinuousLaw uniform() { return make_continuous_law("uniform", std::vector<double>{0, 1}, false); }

}  // namespace

TEST_CASE("the win-rate tilt: its definition, the largest win rate at its KL, both ends") {
  test::Random random(51);
  for (int k = 0; k < 30; ++k) {
    const RewardLaw law = random_law(random, 7);
    const std::vector<double> p = masses(law);
    for (const double c : {1e-6, 0.3, 2.0, 40.0}) {
      const Policy policy = win_rate_tilt(law, std::log(c));
      double sum = 0;
      double below = 0;
      std::vector<double> w;
      for (const double x : p) {
        w.push_back(x * std::exp(c * (below + x / 2 - 1)));
        sum += w.back();
        below += x;
      }
      for (std::size_t j = 0; j < p.size(); ++j) CHECK_THAT(policy.mass[j], WithinRel(w[j] / sum, 1e-11));
      const Metrics of = metrics(law, policy);
      // No best-of-N of the same KL wins more often.
      if (!(of.kl > 1e-9)) continue;
      double lo = 0;
      double hi = 60;
      for (int i = 0; i < 80; ++i) (metrics(law, best_of_n(law, (lo + hi) / 2)).kl < of.kl ? lo : hi) = (lo + hi) / 2;
      const Metrics best = metrics(law, best_of_n(law, lo));
      if (best.kl > (1 - 1e-9) * of.kl) CHECK(best.win_rate <= of.win_rate + 1e-9);
    }
    CHECK_THAT(metrics(law, win_rate_tilt(law, -HUGE_VAL)).kl, WithinAbs(0, 1e-15));
    CHECK_THAT(win_rate_tilt(law, 40).mass.back(), WithinRel(1.0, 1e-9));
  }
}

TEST_CASE("the top quantile: the base above it, the level at the edge in part") {
  test::Random random(52);
  for (int k = 0; k < 30; ++k) {
    const RewardLaw law = random_law(random, 7);
    const std::vector<double> p = masses(law);
    for (const double tau : {1.0, 0.7, 0.2, 1e-3}) {
      const Policy policy = top_quantile(law, -std::log(tau));
      double above = 0;
      double total = 0;
      for (std::size_t j = p.size(); j-- > 0;) {
        CHECK_THAT(policy.mass[j], WithinAbs(std::max(0.0, std::min(p[j], tau - above)) / tau, 1e-13));
        above += p[j];
        total += policy.mass[j];
      }
      CHECK_THAT(total, WithinAbs(1, 1e-13));
      CHECK(metrics(law, policy).kl <= -std::log(tau) + 1e-14);
    }
  }
}

TEST_CASE("a policy of one parameter meets the KL that is asked for, as far as its largest reward allows") {
  test::Random random(53);
  for (int k = 0; k < 30; ++k) {
    const RewardLaw law = random_law(random, 9);
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

TEST_CASE("policies of a uniform reward have closed forms") {
  const ContinuousLaw law = uniform();
  // Best-of-4's KL: c = 4.91691, win rate .803996 (Gui et al., arXiv 2406.00832).
  ExtraPolicy tilt{&win_rate_tilt_kind};
  tilt.kl = std::log(4.0) - 0.75;
  const StrongMetrics found = lay(law, tilt);
  CHECK_THAT(win_rate_tilt_kind.parameter(found.z), WithinAbs(4.91691, 5e-6));
  CHECK_THAT(found.metrics.win_rate, WithinAbs(0.803996, 5e-7));
  // On a uniform law the reward is the rank.
  CHECK_THAT(found.metrics.reward, WithinRel(found.metrics.win_rate, 1e-13));
  for (const double tau : {0.9, 0.25, 1e-4}) {
    const ContinuousMetrics m = lay(law, {&top_quantile_kind, {tau, 0}}).metrics;
    CHECK_THAT(m.reward, WithinRel(1 - tau / 2, 1e-14));
    CHECK_THAT(m.reward_sd, WithinRel(tau / std::sqrt(12.0), 1e-12));
    CHECK_THAT(m.kl, WithinRel(-std::log(tau), 1e-15));
  }
  // E u = int u (1 + mu u) e^(mu (u - 1)) du
  for (const double mu : {0.5, 3.0, 50.0}) {
    const ContinuousMetrics m = lay(law, {&best_of_poisson_kind, {mu, 0}}).metrics;
    const double win = 1 - 1 / mu + (1 - std::exp(-mu)) / (mu * mu);
    CHECK_THAT(m.win_rate, WithinRel(win, 1e-12));
    CHECK_THAT(m.reward, WithinRel(win, 1e-12));
  }
}

TEST_CASE("the top quantile of a normal and an exponential reward is the truncated law") {
  const ContinuousLaw normal = make_continuous_law("normal", std::vector<double>{0, 1}, false);
  // Inverse Mills ratio at the quantile 1.2815515655446004 of tau = .1
  const double edge = 1.2815515655446004;
  const double mean = std::exp(-edge * edge / 2) / std::sqrt(2 * 3.141592653589793) / 0.1;
  const ContinuousMetrics m = lay(normal, {&top_quantile_kind, {0.1, 0}}).metrics;
  CHECK_THAT(m.reward, WithinRel(mean, 1e-13));
  CHECK_THAT(m.reward_sd, WithinRel(std::sqrt(1 + edge * mean - mean * mean), 1e-12));
  const ContinuousLaw exponential = make_continuous_law("exponential", std::vector<double>{2}, false);
  for (const double z : {0.2, 3.0, 50.0, 1e6}) {
    ExtraPolicy asked{&top_quantile_kind};
    asked.kl = z;
    const ContinuousMetrics e = lay(exponential, asked).metrics;
    CHECK_THAT(e.reward, WithinRel((z + 1) / 2, 1e-13));
    CHECK_THAT(e.reward_sd, WithinRel(0.5, 1e-9));
  }
}

TEST_CASE("further policies on every family: between the base and the optimum, and as finely cut tables have them") {
  const std::pair<const char*, std::vector<double>> families[] = {
      {"uniform", {-1, 2}},    {"normal", {0.5, 1.25}}, {"exponential", {1.5}}, {"gamma", {2.5, 0.75}},
      {"gamma", {0.5, 2}},     {"beta", {2, 3.5}},      {"beta", {0.5, 0.5}},   {"weibull", {1.75, 2}},
      {"logistic", {-1, 0.6}}, {"laplace", {0, 1}},     {"gumbel", {0.25, 0.8}}};
  for (const auto& [family, parameters] : families) {
    for (const bool mirrored : {false, true}) {
      const ContinuousLaw law = make_continuous_law(family, parameters, mirrored);
      for (const PolicyKind* kind : policy_kinds()) {
        if (!kind->rank) continue;
        for (const double kl : {1e-3, 0.3, 2.0, 30.0, 1e4}) {
          ExtraPolicy asked{kind};
          asked.kl = kl;
          INFO(family << (mirrored ? " mirrored " : " ") << kind->name << " " << kl);
          const ContinuousMetrics m = lay(law, asked).metrics;
          const double least = kl_rl(law, 0).metrics.reward;
          const double most = kl_rl(law, kl).metrics.reward;
          CHECK_THAT(m.kl, WithinRel(kl, 1e-9));
          CHECK(m.reward > least);
          CHECK(m.reward <= most + 1e-9 * std::max(1.0, std::fabs(most)));
          CHECK(m.error_bound < 1e-9);
        }
      }
    }
  }
}

TEST_CASE("on a table with atoms policies are those of its levels") {
  // Three atoms and nothing between them is a finite model.
  const ContinuousLaw table = make_quantile_table(std::vector<double>{0, 0.5, 0.5 + 1e-13, 0.8, 0.8 + 1e-13, 1},
                                                  std::vector<double>{0, 0, 1, 1, 2, 2}, false);
  const RewardLaw law = finite_law(test::finite({{0.5, 0.3, 0.2}, {0, 1, 2}}).token);
  for (const PolicyKind* kind : policy_kinds()) {
    if (!kind->rank) continue;
    for (const double kl : {0.1, 0.7, 1.3}) {
      ExtraPolicy asked{kind};
      asked.kl = kl;
      INFO(kind->name << " " << kl);
      const ContinuousMetrics m = lay(table, asked).metrics;
      const Metrics of = metrics(law, lay(law, 1, asked).policy);
      CHECK_THAT(m.kl, WithinRel(kl, 1e-9));
      CHECK_THAT(m.reward, WithinRel(of.offset.value() + law.center.value() + law.base.value(), 1e-9));
      CHECK_THAT(m.win_rate, WithinRel(of.win_rate, 1e-9));
      CHECK_THAT(m.reward_sd, WithinRel(of.offset_sd, 1e-8));
    }
  }
}

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

namespace {

PolicyReport of_tokens(const std::vector<double>& p, const std::vector<double>& reward, double length,
                       const ExtraPolicy& asked, Report* beside = nullptr) {
  const Tokens m = memoryless_model(p, reward, length, false, "model.tokens");
  Report report;
  return evaluate_policies(m, {asked}, make_budget("kl", 0, m), beside ? *beside : report).front();
}

ExtraPolicy by_kl(const PolicyKind& kind, double kl) { return {&kind, {}, kl}; }

}  // namespace

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

TEST_CASE("next to a table's largest reward ranks are told from there") {
  const ContinuousLaw table = make_quantile_table(std::vector<double>{0, 0.3, 1}, std::vector<double>{0, 0, 2}, true);
  const ContinuousLaw smooth = make_quantile_table(std::vector<double>{0, 0.3, 1}, std::vector<double>{0, 1, 2}, false);
  const double atom = -std::log(0.3);
  for (const PolicyKind* kind : {&win_rate_tilt_kind, &top_quantile_kind, &best_of_poisson_kind}) {
    for (const double kl : {5.0, 1427.0, 1e12}) {
      INFO(kind->name << " " << kl);
      const ContinuousMetrics at_top = lay(table, by_kl(*kind, kl)).metrics;
      CHECK_THAT(at_top.kl, WithinRel(atom, 1e-12));
      CHECK_THAT(at_top.reward, WithinAbs(0, 1e-12));
      const ContinuousMetrics near = lay(smooth, by_kl(*kind, kl)).metrics;
      CHECK_THAT(near.kl, WithinRel(kl, 1e-9));
      CHECK_THAT(near.reward, WithinAbs(2, kl > 100 ? 1e-15 : 0.1));
    }
  }
}

TEST_CASE("near the base a KL is a sum of positive terms, so that what it buys is no noise") {
  const ContinuousLaw law = make_continuous_law("exponential", std::vector<double>{0.01}, false);
  // KL = mu^2/6 + O(mu^3) and the win rate 1/2 + mu/6.
  for (const double kl : {1e-8, 1e-16, 1e-24}) {
    INFO(kl);
    const StrongMetrics found = lay(law, by_kl(best_of_poisson_kind, kl));
    CHECK_THAT(std::exp(found.z), WithinRel(std::sqrt(6 * kl), 1e-3));
    CHECK_THAT(found.metrics.win_rate, WithinAbs(0.5 + std::sqrt(6 * kl) / 6, 1e-3 * std::sqrt(kl) + 1e-15));
  }
  CHECK_THAT(lay(law, by_kl(best_of_poisson_kind, 1e-300)).metrics.win_rate, WithinAbs(0.5, 1e-14));
}

TEST_CASE("an edge far below all rewards, and a best-of-Poisson of very many draws") {
  const ContinuousLaw gamma = make_continuous_law("gamma", std::vector<double>{0.01, 1000}, false);
  const ContinuousMetrics m = lay(gamma, by_kl(top_quantile_kind, 1e-12)).metrics;
  CHECK_THAT(m.reward, WithinRel(10.0, 1e-10));
  CHECK_THAT(m.reward_sd, WithinRel(100.0, 1e-10));
  const ContinuousLaw exponential = make_continuous_law("exponential", std::vector<double>{1}, false);
  for (const double kl : {900.0, 1e4, 5.9e10}) {
    // The best of mu + 1 draws: log mu + gamma, and the KL log mu - 1.
    const StrongMetrics found = lay(exponential, by_kl(best_of_poisson_kind, kl));
    CHECK_THAT(found.z, WithinRel(kl + 1, 1e-13));
    CHECK_THAT(found.metrics.reward, WithinRel(kl + 1 + 0.57721566490153286, 1e-13));
    CHECK_THAT(found.metrics.kl, WithinRel(kl, 1e-13));
  }
}

TEST_CASE("a faint top quantile of a table with atoms spends -log tau, and one of underflowed levels is a number") {
  // Atoms of hardly any mass: as if there were none.
  const ContinuousLaw table =
      make_quantile_table(std::vector<double>{0, 1e-250, 1e-53, 1}, std::vector<double>{-3, -3, 0, 1}, true);
  for (const double kl : {1e-6, 0.00013, 0.01}) {
    ExtraPolicy asked{&top_quantile_kind};
    asked.kl = kl;
    const StrongMetrics found = lay(table, asked);
    CHECK_THAT(found.z, WithinRel(kl, 1e-9));
    CHECK_THAT(found.metrics.win_rate, WithinAbs(1 - std::exp(-kl) / 2, 1e-12));
  }
  const Tokens m = memoryless_model(std::vector<double>{9.76e-151, 2.81e-128, 1.78e-103, 3.54e-34, 1},
                                    std::vector<double>{8, 0.9, -0.9, 0.8, 4.4}, 7, false, "model.tokens");
  const FurtherReport r = evaluate_policies(m, {{&top_quantile_kind, {0.9999999999999999, 0}}}).front();
  CHECK(std::isfinite(r.reward));
  CHECK_THAT(r.win_rate, WithinAbs(0.5, 1e-9));
}

TEST_CASE("a policy is asked for no more nats than a budget has") {
  for (const double kl : {-1.0, 1.1e12, 1e301, static_cast<double>(NAN)}) {
    ExtraPolicy asked{&top_quantile_kind};
    asked.kl = kl;
    CHECK_THROWS_WITH(check(asked, "policies[0]"),
                      Catch::Contains("policies[0].kl: ") && Catch::Contains(" is not in [0, 1000000000000]"));
  }
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

TEST_CASE("a top quantile that leaves out what no double sees earns what the base earns") {
  struct Law {
    const char* family;
    std::vector<double> parameters;
    double mean, sd;
  };
  for (const Law& of : {Law{"logistic", {0, 64}, 0, 64 * 1.8137993642342179}, Law{"normal", {-3, 2}, -3, 2},
                        Law{"gumbel", {1, 50}, 1 + 50 * 0.57721566490153286, 50 * 1.2825498301618641}}) {
    const ContinuousLaw law = make_continuous_law(of.family, of.parameters, false);
    for (const double kl : {3.2e-279, 1e-100, 1e-30}) {
      const ContinuousMetrics m = lay(law, by_kl(top_quantile_kind, kl)).metrics;
      CHECK_THAT(m.reward, WithinAbs(of.mean, 1e-13 * of.sd));
      CHECK_THAT(m.reward_sd, WithinRel(of.sd, 1e-12));
    }
  }
}
