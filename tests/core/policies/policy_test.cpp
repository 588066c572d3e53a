#include "policies/policy.hpp"

#include <catch2/catch.hpp>

#include "laws/finite.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

/** Levels 0, 1, 3 of probabilities .5, .3, .2. */
RewardLaw three() { return finite_law(test::finite({{0.5, 0.3, 0.2}, {0, 1, 3}}).token); }

Policy of_masses(const RewardLaw& law, const std::vector<double>& mass) {
  Policy policy;
  policy.mass = mass;
  for (std::size_t j = 0; j < mass.size(); ++j)
    policy.log_ratio.push_back(std::log(mass[j]) - law.log_mass[j] - law.log_scale.value());
  return policy;
}

double reward(const RewardLaw& law, const Metrics& of) {
  return (law.base + law.unit * (law.center + of.offset)).value();
}

}  // namespace

TEST_CASE("the base model is judged by itself") {
  const RewardLaw law = three();
  const Metrics of = metrics(law, base_policy(law));
  CHECK_THAT(reward(law, of), WithinRel(0.9, 1e-15));
  CHECK_THAT(of.offset_sd * law.unit.value(), WithinRel(std::sqrt(0.3 + 9 * 0.2 - 0.81), 1e-14));
  CHECK(of.kl == 0);
  CHECK_THAT(of.win_rate, WithinRel(0.5, 1e-15));
  CHECK(of.mass_defect < 1e-15);
}

TEST_CASE("a policy is judged by its sums over the levels") {
  const RewardLaw law = three();
  const std::vector<double> p{0.5, 0.3, 0.2};
  const std::vector<double> mass{0.1, 0.2, 0.7};
  const Policy policy = of_masses(law, mass);
  const Metrics of = metrics(law, policy);
  CHECK_THAT(reward(law, of), WithinRel(0.2 + 3 * 0.7, 1e-15));
  double kl = 0;
  double win = 0;
  double below = 0;
  for (std::size_t j = 0; j < 3; ++j) {
    kl += mass[j] * std::log(mass[j] / p[j]);
    win += mass[j] * (below + p[j] / 2);
    below += p[j];
  }
  CHECK_THAT(of.kl, WithinRel(kl, 1e-14));
  CHECK_THAT(kl_to_base(law, policy).value(), WithinRel(kl, 1e-14));
  CHECK_THAT(of.win_rate, WithinRel(win, 1e-15));
}

TEST_CASE("what masses lack of 1 is told, and a level that is never drawn adds nothing") {
  const RewardLaw law = three();
  CHECK_THAT(metrics(law, of_masses(law, {0.1, 0.2, 0.6})).mass_defect, WithinAbs(0.1, 1e-15));
  const Metrics of = metrics(law, of_masses(law, {0, 0, 1}));
  CHECK_THAT(of.kl, WithinRel(-std::log(0.2), 1e-15));
  CHECK_THAT(of.win_rate, WithinRel(0.9, 1e-15));
  CHECK(of.offset_sd == 0);
}
