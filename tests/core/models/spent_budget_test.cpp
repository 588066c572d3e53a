#include "models/spent_budget.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "models/chain.hpp"
#include "models/continuous.hpp"
#include "models/prompts.hpp"
#include "models/tokens.hpp"
#include "report/report.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinRel;

namespace {

/** alpha of the report at the budget that beta comes to. */
template <class M>
double alpha_at(const M& m, double beta) {
  return evaluate(m, budget_of_beta(m, beta)).kl_rl.alpha;
}

}  // namespace

TEST_CASE("a KL coefficient comes to the KL of its tilt", "[budget]") {
  const std::vector<double> p{0.5, 0.3, 0.2};
  const std::vector<double> reward{0, 1, 3};
  const Tokens finite = finite_model(p, reward, {}, "model.outcomes");
  const Tokens sequence = memoryless_model(p, reward, 160, false, "model.tokens");
  for (const double beta : {1e-3, 0.02, 0.1, 0.5, 1.0, 2.0, 30.0, 1e6, 1e12}) {
    const double alpha = 1 / beta;
    double z = 0;
    double mean = 0;
    for (std::size_t i = 0; i < p.size(); ++i) {
      const double w = p[i] * std::exp(alpha * (reward[i] - 3));
      z += w;
      mean += w * (reward[i] - 3);
    }
    const double kl = alpha * mean / z - std::log(z);
    if (kl > 1e-6) {
      CHECK_THAT(budget_of_beta(finite, beta).kl.value(), WithinRel(kl, 1e-9));
      CHECK_THAT(budget_of_beta(sequence, beta).kl.value(), WithinRel(160 * kl, 1e-9));
    }
    // Past what 31 digits tell from the largest KL the tilt is the best outcome alone.
    if (alpha * 2 < 60) {
      CHECK_THAT(alpha_at(finite, beta), WithinRel(alpha, 1e-9));
      CHECK_THAT(alpha_at(sequence, beta), WithinRel(alpha, 1e-9));
    } else {
      CHECK_THAT(budget_of_beta(finite, beta).kl.value(), WithinRel(-std::log(0.2), 1e-12));
    }
  }
}

TEST_CASE("of a normal reward it is sd^2 / (2 beta^2)", "[budget]") {
  ContinuousInput input;
  input.family = "normal";
  input.parameters = {1, 2};
  const auto law = make_model(input);
  for (const double beta : {0.01, 0.1, 1.0, 10.0, 1e4}) {
    CHECK_THAT(budget_of_beta(law, beta).kl.value(), WithinRel(2 / (beta * beta), 1e-8));
    CHECK_THAT(alpha_at(law, beta), WithinRel(1 / beta, 1e-8));
  }
}

TEST_CASE("chains and prompts have coefficients too", "[budget]") {
  MarkovInput chain;
  chain.length = 40;
  chain.initial = {1, 0};
  chain.transition = {0.8, 0.2, 0.4, 0.6};
  chain.reward = {0, 1};
  CHECK_THAT(alpha_at(make_model(chain), 1.5), WithinRel(1 / 1.5, 1e-8));
  PromptsInput prompts;
  for (const double more : {1.0, 2.0}) {
    PromptInput one;
    one.kind = "finite";
    one.tokens = {"finite", "model.prompts[0].model.outcomes", {0.5, 0.5}, {0, more}, {}, 1, false};
    prompts.prompts.push_back(one);
  }
  CHECK_THAT(alpha_at(make_model(prompts), 0.7), WithinRel(1 / 0.7, 1e-8));
}

TEST_CASE("coefficients that no budget comes to are refused", "[budget]") {
  ContinuousInput input;
  input.family = "exponential";
  input.parameters = {2};
  const auto law = make_model(input);
  CHECK_THAT(alpha_at(law, 1.0), WithinRel(1, 1e-8));
  CHECK_THROWS_AS((void)budget_of_beta(law, 0.5), InputError);
  CHECK_THROWS_AS((void)budget_of_beta(law, 0.1), InputError);
  const Tokens one = finite_model(std::vector{1.0}, std::vector{2.0}, {}, "model.outcomes");
  CHECK_THROWS_AS((void)budget_of_beta(one, 0), InputError);
  CHECK(budget_of_beta(one, 0.1).kl.value() == 0);
}

TEST_CASE("weights of any sum are shares of it", "[budget]") {
  const std::vector<double> reward{0, 1, 3};
  const std::vector<double> gold{1, 0, 2};
  const auto report = [&](std::vector<double> p, bool counts) {
    return evaluate(finite_model(p, reward, gold, "model.outcomes", counts), Budget{1});
  };
  const Report right = report({0.5, 0.25, 0.25}, false);
  for (const auto& weights :
       {std::vector{0.4, 0.2, 0.2}, std::vector{1.0, 0.5, 0.5}, std::vector{0.002, 0.001, 0.001}}) {
    const Report found = report(weights, true);
    CHECK_THAT(found.best_of_n.reward, WithinRel(right.best_of_n.reward, 1e-14));
    CHECK_THAT(found.best_of_n.gold, WithinRel(right.best_of_n.gold, 1e-14));
    CHECK_THAT(found.kl_rl.alpha, WithinRel(right.kl_rl.alpha, 1e-12));
  }
  CHECK_THROWS_AS(report({0.4, 0.2, 0.2}, false), InputError);
  CHECK_THROWS_AS(report({0, 0, 0}, true), InputError);
  MarkovInput chain{40, {0.5, 0}, {0.4, 0.1, 0.2, 0.3}, {0, 1}, true};
  const double loose = evaluate(make_model(chain), Budget{1}).best_of_n.reward;
  chain = {40, {1, 0}, {0.8, 0.2, 0.4, 0.6}, {0, 1}, false};
  CHECK_THAT(loose, WithinRel(evaluate(make_model(chain), Budget{1}).best_of_n.reward, 1e-13));
}
