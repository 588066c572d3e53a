#include "report/total_law.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "models/budget.hpp"
#include "models/chain.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinRel;

TEST_CASE("a policy's law in steps of the tokens' unit: of independent tokens, and of a chain without memory") {
  const std::vector<double> p{0.5, 0.3, 0.2};
  const std::vector<double> reward{0, 1, 3};
  std::vector<double> rows;
  for (int i = 0; i < 3; ++i) rows.insert(rows.end(), p.begin(), p.end());
  const Chain chain = make_model(MarkovInput{4000, {1, 0, 0}, rows, reward});
  const auto& walked = std::get<LongChain>(chain.sums);
  const Tokens m = memoryless_model(p, reward, 4000, false, "model.tokens");
  const DoubleDouble log_n = log(DoubleDouble(8));
  const auto mean = [](const TotalLaw& law) {
    double sum = 0;
    for (std::size_t i = 0; i < law.step.size(); ++i) sum += law.step[i] * law.mass[i];
    return sum / law.cdf.back();
  };
  const BestOfNOutcome a = best_of(m, log_n, tilt_for(m, log_n));
  const BestOfNOutcome b = best_of(walked, log_n, tilt_for(walked, log_n));
  const TotalLaw of_tokens = total_law(m.token, 4000, a.at->law, a.at->policy, 0, true);
  const TotalLaw of_chain = total_law(walked.law.rewards, 4000, b.at->law, b.at->policy, 0, true);
  CHECK_THAT(mean(of_tokens), WithinRel(a.reward.value(), 1e-9));
  CHECK_THAT(mean(of_chain), WithinRel(a.reward.value(), 1e-9));
  CHECK_THAT(of_chain.cdf.back(), WithinRel(1.0, 1e-6));
  // Counted from another level, all lie by so much lower.
  CHECK_THAT(mean(total_law(m.token, 4000, a.at->law, a.at->policy, 1, true)),
             WithinRel(a.reward.value() - 4000, 1e-6));
}
