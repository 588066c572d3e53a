#include "report/statements/prompt_rows.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "report/report.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;

namespace {

PromptInput finite(double weight, std::vector<double> p, std::vector<double> reward) {
  PromptInput i{weight, "finite"};
  i.tokens = {"finite", "model.outcomes", std::move(p), std::move(reward), {}};
  return i;
}

PromptInput normal(double weight, double mean, double sd) {
  PromptInput i{weight, "continuous"};
  i.law.family = "normal";
  i.law.parameters = {mean, sd};
  return i;
}

Budget nats(double kl) { return make_budget("kl", kl, std::nullopt); }

double mean(const std::vector<double>& weight, const std::vector<double>& x) {
  return std::inner_product(weight.begin(), weight.end(), x.begin(), 0.0);
}

/** Of two outcomes, of which the second earns more: masses, mean reward and KL from the base. */
struct Weighed {
  double mean;
  double kl;
};
Weighed weighed(const std::vector<double>& p, const std::vector<double>& reward, const std::vector<double>& q) {
  Weighed out{0, 0};
  for (std::size_t i = 0; i < p.size(); ++i) {
    out.mean += q[i] * reward[i];
    if (q[i] > 0) out.kl += q[i] * std::log(q[i] / p[i]);
  }
  return out;
}
std::vector<double> tilted(const std::vector<double>& p, const std::vector<double>& reward, double alpha) {
  std::vector<double> q;
  for (std::size_t i = 0; i < p.size(); ++i) q.push_back(p[i] * std::exp(alpha * reward[i]));
  const double sum = std::accumulate(q.begin(), q.end(), 0.0);
  for (double& x : q) x /= sum;
  return q;
}
/** @param p of outcomes by increasing reward, no two of one */
std::vector<double> best(const std::vector<double>& p, double n) {
  std::vector<double> q;
  double below = 0;
  for (const double x : p) {
    q.push_back(std::pow(std::min(1.0, below + x), n) - std::pow(below, n));
    below += x;
  }
  return q;
}

}  // namespace

TEST_CASE("two finite prompts are what brute force makes of them") {
  const std::vector<double> easy{0.5, 0.3, 0.2};
  const std::vector<double> easy_reward{0, 1, 2};
  const std::vector<double> hard{0.9, 0.1};
  const std::vector<double> hard_reward{-1, 4};
  const Prompts m = make_model(PromptsInput{{finite(1, easy, easy_reward), finite(3, hard, hard_reward)}});
  for (const double kl : {0.05, 0.4, 1.2}) {
    INFO(kl);
    const auto spent = [&](double alpha) {
      return 0.25 * weighed(easy, easy_reward, tilted(easy, easy_reward, alpha)).kl +
             0.75 * weighed(hard, hard_reward, tilted(hard, hard_reward, alpha)).kl;
    };
    double low = 0;
    double high = 50;
    for (int i = 0; i < 200; ++i) (spent((low + high) / 2) < kl ? low : high) = (low + high) / 2;
    const PromptRows rows = prompt_rows(m, nats(kl));
    CHECK_THAT(rows.alpha, WithinAbs(low, 1e-11));
    const double n = std::exp(kl);
    const Weighed expected[2][2] = {
        {weighed(easy, easy_reward, tilted(easy, easy_reward, low)), weighed(easy, easy_reward, best(easy, n))},
        {weighed(hard, hard_reward, tilted(hard, hard_reward, low)), weighed(hard, hard_reward, best(hard, n))}};
    for (std::size_t i = 0; i < 2; ++i) {
      CHECK_THAT(rows.kl_rl_kl[i], WithinAbs(expected[i][0].kl, 1e-12));
      CHECK_THAT(rows.kl_rl_reward[i], WithinAbs(expected[i][0].mean, 1e-12));
      CHECK_THAT(rows.best_of_n_kl[i], WithinAbs(expected[i][1].kl, 1e-12));
      CHECK_THAT(rows.best_of_n_reward[i], WithinAbs(expected[i][1].mean, 1e-12));
      CHECK_THAT(rows.gap[i], WithinAbs(expected[i][0].mean - expected[i][1].mean, 1e-12));
    }
    CHECK_THAT(rows.kl_rl_share[1], WithinAbs(0.75 * expected[1][0].kl / kl, 1e-12));
  }
}

TEST_CASE("weighted means over prompts are those of the report") {
  PromptInput sequence{2, "memoryless"};
  sequence.tokens = {"memoryless", "model.tokens", {0.5, 0.3, 0.2}, {0, 1, 3}, {}, 10};
  const Prompts m = make_model(PromptsInput{
      {finite(1, {0.5, 0.3, 0.2}, {0, 1, 2}), finite(0, {0.5, 0.5}, {0, 9}), sequence, normal(0.5, 1, 2)}});
  for (const double kl : {0.0, 1e-6, 0.3, 2.0, 9.0, 60.0}) {
    INFO(kl);
    const PromptRows rows = prompt_rows(m, nats(kl));
    const Report report = evaluate(m, nats(kl));
    REQUIRE(rows.place == std::vector<double>{0, 2, 3});
    const auto agree = [&](const std::vector<double>& x, double of) {
      CHECK_THAT(mean(rows.weight, x), WithinAbs(of, 1e-12 * std::max(1.0, std::fabs(of))));
    };
    agree(std::vector<double>(3, 1), 1);
    agree(rows.reward, report.model.reward);
    agree(rows.kl_rl_reward, report.kl_rl.reward);
    agree(rows.kl_rl_kl, report.kl_rl.kl);
    agree(rows.best_of_n_reward, report.best_of_n.reward);
    agree(rows.best_of_n_kl, report.best_of_n.kl);
    agree(rows.gap, report.gap.reward);
    if (kl == 0) {
      CHECK(std::isnan(rows.kl_rl_share[0]));
    } else {
      CHECK_THAT(std::accumulate(rows.kl_rl_share.begin(), rows.kl_rl_share.end(), 0.0), WithinAbs(1, 1e-12));
      CHECK_THAT(std::accumulate(rows.best_of_n_share.begin(), rows.best_of_n_share.end(), 0.0), WithinAbs(1, 1e-12));
    }
  }
}
