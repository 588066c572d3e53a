#include <algorithm>
#include <cmath>
#include <string>

#include "error.hpp"
#include "report/simulated.hpp"

namespace tiltlab {

namespace {

/** Points of all prompts' laws together that tell how much of a mean rests on rare values. */
constexpr std::size_t shape_points = 40'000;
constexpr int most_points = 2000;

/** The model of a prompt whose replies are drawn. @throws InputError */
const Tokens& drawn_model(const Prompt& p) {
  const auto* tokens = std::get_if<Tokens>(&p.model);
  if (tokens == nullptr)
    throw InputError("model.prompts[" + std::to_string(p.place) + "].model.kind",
                     "\"continuous\" has no drafts to draw; its report is exact");
  return *tokens;
}

/** Of a replicate of all prompts: tokens are those of the prompt that it asks. */
Method method_for(const Prompts& m, const std::string& name, double draws, double replicates) {
  double tokens = 0;
  double types = 0;
  for (const Prompt& p : m.prompts) {
    const Tokens& model = drawn_model(p);
    tokens += p.weight * static_cast<double>(model.length);
    types += p.weight * static_cast<double>(model.token.size());
  }
  return chosen_method(name, tokens * draws * replicates, types * draws * replicates, draws);
}

/** As in the scenario, with the parameter that spends the KL asked for on all prompts together. */
std::vector<ExtraPolicy> with_parameters(const Prompts& m, const std::vector<ExtraPolicy>& extras) {
  const PromptsPolicies policies(m);
  std::vector<ExtraPolicy> out;
  for (std::size_t i = 0; i < extras.size(); ++i)
    out.push_back(extras[i].kl ? policies.by_parameter(extras[i], "policies[" + std::to_string(i) + "]") : extras[i]);
  return out;
}

/** Totals of a prompt in steps of all: scale s + origin. */
SimulationPlan::Asked place_of(const Simulation& all, const Simulation& one, double weight) {
  return {weight, one.unit / all.unit, (one.base - all.base) / all.unit};
}

/** A sum of tokens as one value, from the law's picture; none where there is no picture: then the interval is the drawn
 * variance's. @param centre of the simulation's totals */
Shape listed(const Simulation& s, const TokenTilt& tilt, double centre, int points) {
  Shape out;
  try {
    const LawCurve law = picture(s.model, tilt, points);
    const auto length = static_cast<double>(s.model.length);
    out.mass = law.mass;
    for (const double x : law.x) out.x.push_back((x * length - s.base) / s.unit - centre);
  } catch (const NumericalError&) {
    return {};
  }
  return out;
}

/** What a replicate of any prompt adds: x' = scale x + shift of each, by its weight. */
class Mixture {
 public:
  void add(const Shape& of, double weight, double scale, double shift) {
    // Of several copies only their sum would do.
    if (of.copies != 1 || of.mass.empty()) known_ = false;
    if (!known_) return;
    for (std::size_t i = 0; i < of.mass.size(); ++i) {
      shape_.x.push_back(scale * of.x[i] + shift);
      shape_.mass.push_back(weight * of.mass[i]);
    }
  }
  [[nodiscard]] Shape whole() const { return known_ ? shape_ : Shape{}; }

 private:
  Shape shape_;
  bool known_ = true;
};

/** The laws of one policy on all prompts. */
struct Mixtures {
  Mixture reward;
  Mixture gold;
  Mixture kl;

  void add(const ExactPolicy& of, const SimulationPlan::Asked& at, double centre, double from) {
    reward.add(of.reward, at.weight, at.scale, at.scale * centre + at.origin - from);
    gold.add(of.gold, at.weight, 1, 0);
    kl.add(of.kl, at.weight, 1, 0);
  }
  [[nodiscard]] ExactPolicy at(const PolicyReport& value) const {
    return {value, reward.whole(), gold.whole(), kl.whole()};
  }
};

/** The exact values of one prompt, sums of tokens as one value each. */
Exact exact_of(const Simulation& s, const TokenTilt& tilt, int points) {
  const TokenTilt base = base_of(s.model);
  Exact out = exact_values_of_tokens(s, base_outcome(s.model, base), outcome(s.model, tilt));
  if (s.model.length == 1) return out;
  out.model.reward = listed(s, base, s.plan.centre_base, points);
  if (out.best_of_n.reward.copies != 1) out.best_of_n.reward = listed(s, base, s.plan.centre_tilted, points);
  out.kl_rl.reward = listed(s, tilt, s.plan.centre_tilted, points);
  out.kl_rl.kl = kl_of_totals(s.plan, out.kl_rl.reward);
  return out;
}

}  // namespace

Simulation make_simulation(const Prompts& m, const Budget& budget, const std::string& method, std::uint64_t seed,
                           std::uint32_t replicates, const std::vector<ExtraPolicy>& extras) {
  if (replicates == 0) throw InputError("simulation.replicates", "0 is not at least 1");
  const double draws = whole_draws(budget);
  const Method chosen = method_for(m, method, draws, replicates);
  const PromptsTilt tilt = tilt_for(m, budget.kl);
  const Outcome base = base_outcome(m, base_of(m));
  Simulation s;
  s.prompts = m;
  s.budget = budget;
  s.replicates = replicates;
  // Totals in deviations of a reply to a random prompt.
  if (base.reward_sd > 0) s.unit = base.reward_sd;
  SimulationPlan& plan = s.plan;
  plan.method = chosen;
  plan.seed = seed;
  const std::vector<ExtraPolicy> asked = with_parameters(m, extras);
  for (std::size_t i = 0; i < m.prompts.size(); ++i) {
    const Prompt& p = m.prompts[i];
    s.of_prompts.push_back(
        simulation_under(drawn_model(p), std::get<TokenTilt>(tilt.of[i]), budget, chosen, seed, replicates, asked));
    plan.asked.push_back(place_of(s, s.of_prompts.back(), p.weight));
    plan.plans.push_back(s.of_prompts.back().plan);
  }
  s.log_n = s.of_prompts.front().log_n;
  plan.draws = s.of_prompts.front().plan.draws;
  plan.log_n = s.log_n.value();
  plan.centre_base = base.reward / s.unit;
  plan.centre_tilted = outcome(m, tilt).reward / s.unit;
  const PromptsPolicies policies(m);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const PromptsLaid laid = policies.lay(asked[i], "policies[" + std::to_string(i) + "]");
    s.exact_policies.push_back(further_outcome(m, laid, base_of(m)).outcome);
    plan.extras.emplace_back().centre = s.exact_policies.back().reward / s.unit;
  }
  return s;
}

Exact exact_values_of_prompts(const Simulation& s) {
  const Prompts& m = *s.prompts;
  const SimulationPlan& plan = s.plan;
  const PromptsTilt tilt = tilt_for(m, s.budget.kl);
  const int points = static_cast<int>(std::clamp<std::size_t>(shape_points / m.prompts.size(), 10, most_points));
  Mixtures base;
  Mixtures kl_rl;
  Mixtures best;
  std::vector<Mixtures> policies(plan.extras.size());
  for (std::size_t i = 0; i < m.prompts.size(); ++i) {
    const Simulation& one = s.of_prompts[i];
    const Exact exact = exact_of(one, std::get<TokenTilt>(tilt.of[i]), points);
    const SimulationPlan::Asked& at = plan.asked[i];
    base.add(exact.model, at, one.plan.centre_base, plan.centre_base);
    kl_rl.add(exact.kl_rl, at, one.plan.centre_tilted, plan.centre_tilted);
    best.add(exact.best_of_n, at, one.plan.centre_tilted, plan.centre_tilted);
    for (std::size_t k = 0; k < policies.size(); ++k)
      policies[k].add(exact.policies[k], at, one.plan.extras[k].centre, plan.extras[k].centre);
  }
  Exact out;
  out.model = base.at(base_outcome(m, base_of(m)));
  out.kl_rl = kl_rl.at(outcome(m, tilt));
  out.best_of_n = best.at(outcome(m, best_of(m, s.log_n, tilt_for(m, s.log_n))));
  // The plug-in estimate is not counted.
  out.best_of_n.kl = {};
  for (std::size_t k = 0; k < policies.size(); ++k) out.policies.push_back(policies[k].at(s.exact_policies[k]));
  return out;
}

}  // namespace tiltlab
