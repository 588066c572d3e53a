#include "policies/continuous_rank.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "laws/finite.hpp"
#include "policies/continuous_smooth_parts.hpp"
#include "policies/random_best_of_n.hpp"
#include "policies/registry.hpp"
#include "policies/top_quantile.hpp"
#include "policies/win_rate_tilt.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

ContinuousLaw uniform() { return make_continuous_law("uniform", std::vector<double>{0, 1}, false); }

ExtraPolicy by_kl(const PolicyKind& kind, double kl) { return {&kind, {}, kl}; }

}  // namespace

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

TEST_CASE("further policies on every family: between the base and the optimum") {
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

TEST_CASE("next to a table's largest reward ranks are told from there") {
  const ContinuousLaw table = make_quantile_table(std::vector<double>{0, 0.3, 1}, std::vector<double>{0, 0, 2}, true);
  const ContinuousLaw smooth = make_quantile_table(std::vector<double>{0, 0.3, 1}, std::vector<double>{0, 1, 2}, false);
  const ContinuousLaw low_atom =
      make_quantile_table(std::vector<double>{0, 0.3, 1}, std::vector<double>{0, 0, 2}, false);
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
      if (kl < 100) continue;
      // The same with an atom, far below.
      const ContinuousMetrics over_atom = lay(low_atom, by_kl(*kind, kl)).metrics;
      CHECK_THAT(over_atom.kl, WithinRel(kl, 1e-9));
      CHECK_THAT(over_atom.reward, WithinAbs(2, 1e-15));
      CHECK_THAT(over_atom.win_rate, WithinAbs(1, 1e-12));
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

TEST_CASE("a faint top quantile of a table with atoms spends -log tau") {
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

TEST_CASE("the quantile at an edge has as much above it as is asked for, of every family and both ways round") {
  const std::pair<const char*, std::vector<double>> families[] = {
      {"uniform", {-1, 2}},    {"normal", {0.5, 1.25}}, {"exponential", {1.5}},
      {"gamma", {2.5, 0.75}},  {"beta", {2, 3.5}},      {"weibull", {1.75, 2}},
      {"logistic", {-1, 0.6}}, {"laplace", {0, 1}},     {"gumbel", {0.25, 0.8}}};
  for (const auto& [family, parameters] : families) {
    for (const bool mirrored : {false, true}) {
      const auto law = std::get<SmoothLaw>(make_continuous_law(family, parameters, mirrored));
      for (const double log_v : {-1e-12, -0.1, -0.69, -0.7, -3.0, -40.0, -1e4}) {
        const continuous::Edge edge = continuous::edge_of(law, log_v);
        const LocalLaw at(law, edge.s, edge.piece);
        INFO(family << (mirrored ? " mirrored " : " ") << log_v);
        const double here = at.log_density.value();
        const double above = here + at.log_above_over_density(0);
        // Next to all of it by what is below.
        if (log_v > -1e-3) {
          CHECK_THAT(here + at.log_below_over_density(0), WithinRel(std::log(-std::expm1(log_v)), 1e-10));
        } else {
          CHECK_THAT(above, WithinRel(log_v, 1e-10));
        }
      }
    }
  }
}

TEST_CASE("a policy of the rank on a smooth law is that on a table which follows it finely") {
  // Quantiles of an exponential law, as good as linear between two; the last piece has the mean of what lies there.
  const ContinuousLaw smooth = make_continuous_law("exponential", std::vector<double>{1}, false);
  std::vector<double> u;
  std::vector<double> reward;
  for (int i = 0; i < 4000; ++i) {
    u.push_back(i / 4000.0);
    reward.push_back(-std::log1p(-u.back()));
  }
  u.push_back(1);
  reward.push_back(reward.back() + 2);
  const ContinuousLaw table = make_quantile_table(u, reward, false);
  for (const PolicyKind* kind : policy_kinds()) {
    if (!kind->rank) continue;
    for (const double kl : {0.05, 0.5, 1.5}) {
      INFO(kind->name << " " << kl);
      const StrongMetrics a = lay(smooth, by_kl(*kind, kl));
      const StrongMetrics b = lay(table, by_kl(*kind, kl));
      CHECK_THAT(b.z, WithinRel(a.z, 1e-9));
      CHECK_THAT(b.metrics.win_rate, WithinAbs(a.metrics.win_rate, 1e-9));
      CHECK_THAT(b.metrics.reward, WithinAbs(a.metrics.reward, 2e-3));
      CHECK_THAT(b.metrics.reward_sd, WithinAbs(a.metrics.reward_sd, 1e-2));
    }
  }
}
