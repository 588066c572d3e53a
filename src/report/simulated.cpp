#include "report/simulated.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "error.hpp"
#include "models/tokens.hpp"
#include "report/total_law.hpp"

namespace tiltlab {

namespace {

constexpr double z95 = 1.959963984540054;
/** Tokens up to which drawing each of them is a matter of seconds. */
constexpr double quick_tokens = 2e9;
constexpr double most_draws = 4294967294.0;

/** Sums and products of as many numbers as a simulation has leave this much of a value. */
constexpr double rounding = 1e-12;

/** @param at the interval of the replicates' mean, which is centre + scale x in the scenario's units */
Estimate estimate(double sum, double n, const Interval& at, double centre, double scale, double exact) {
  Estimate e;
  e.mean = centre + scale * (sum / n);
  const double slack = rounding * std::max(std::fabs(e.mean), std::fabs(exact));
  e.low = centre + scale * at.low - slack;
  e.high = centre + scale * at.high + slack;
  e.draws = n;
  e.exact = exact;
  return e;
}

/** Steps of a token, counted from those of one level. */
std::vector<double> steps_from(const TokenLaw& token, std::size_t origin) {
  std::vector<double> out;
  for (const DoubleDouble& step : token.step) out.push_back((step - token.step[origin]).value());
  return out;
}

/** What a token may be, level by level, or outcome by outcome where these have gold rewards; of a sequence's tokens
 * their level's mean tells all that its mean gold needs. */
void set_tokens(SimulationPlan& plan, const Tokens& m, const TokenTilt& tilt, const std::vector<double>& steps) {
  if (!m.golden || m.outcomes.empty()) {
    plan.p = m.token.p;
    plan.tilted = tilt.weights;
    plan.step = steps;
    plan.log_level = m.token.log_p;
    if (m.golden) plan.gold = m.token.gold;
    return;
  }
  for (const auto& [k, p, gold] : m.outcomes) {
    plan.p.push_back(p);
    plan.step.push_back(steps[k]);
    plan.log_level.push_back(m.token.log_p[k]);
    plan.tilted.push_back(tilt.weights[k] > 0 ? p / m.token.p[k] * tilt.weights[k] : 0);
    plan.gold.push_back(gold);
  }
}

/** @throws InputError where these are too many to draw */
std::vector<ExtraPlan::Block> drawn_blocks(const LaidPolicy& laid, std::size_t origin, const std::string& path) {
  constexpr double most = 1e6;
  std::vector<ExtraPlan::Block> out;
  for (const LaidBlock& block : laid.blocks) {
    if (block.times > most)
      throw InputError(path + ".block", to_text(block.times) + " blocks are more than 1000000 to draw");
    const BestOfNLaw& at = *block.best.at;
    out.push_back({total_law(block.model.token, block.model.length, at.law, at.policy, origin, false), block.times});
  }
  return out;
}

/** The law of one of so many blocks; blocks of two lengths, or of a chain, have no one law that their sum is copies of.
 */
ExactPolicy of_blocks(const ExtraPlan& extra, const PolicyReport& value) {
  if (extra.walk || extra.blocks.size() > 1) return {value, {}, {}, {}};
  const auto& [law, times] = extra.blocks.front();
  ExactPolicy out{
      value, totals_of(law, extra.centre / times), {law.gold, law.mass, times}, {law.value, law.mass, times}};
  out.reward.copies = times;
  return out;
}

/** What drawing the further policies takes. */
void add_extras(Simulation& s, const std::vector<ExtraPolicy>& extras, bool far) {
  SimulationPlan& plan = s.plan;
  const bool whole = plan.method != Method::order;
  TokenPolicies policies(s.model);
  const TokenTilt base = tilt_at(s.model.token, 0);
  for (std::size_t i = 0; i < extras.size(); ++i) {
    const PolicyKind& kind = *extras[i].kind;
    const std::string path = "policies[" + std::to_string(i) + "]";
    const LaidPolicy laid = policies.lay(extras[i], path);
    s.exact_policies.push_back(further_outcome(s.model, laid, base).outcome);
    ExtraPlan extra;
    extra.drawn = kind.drawn;
    if (kind.drawn == PolicyKind::Drawn::soft || kind.drawn == PolicyKind::Drawn::poisson)
      extra.draws = extras[i].kl ? laid.parameter : extras[i].parameter[0];
    const bool soft = kind.drawn == PolicyKind::Drawn::soft;
    if (whole && soft && extra.draws != std::floor(extra.draws))
      throw InputError(path + ".n", to_text(extra.draws) + " is not an integer, so it cannot be drawn draft by draft");
    if (whole && extra.draws > 1e7)
      throw InputError(path, to_text(extra.draws) + " drafts are more than 10000000 to draw");
    if (soft) extra.b = extras[i].parameter[1] * s.unit;
    if (laid.blocks.empty()) {
      extra.law = total_law(s.model.token, s.model.length, laid.law, laid.policy, s.origin, false);
      extra.law.by_outcome = kind.by_outcome;
      if (far) extra.law.near = plan.same;
    } else {
      extra.blocks = drawn_blocks(laid, s.origin, path);
    }
    extra.centre = std::round((s.exact_policies.back().reward - s.base) / s.unit);
    plan.extras.push_back(std::move(extra));
  }
}

}  // namespace

std::string method_name(Method method) {
  return method == Method::tokens ? "tokens" : method == Method::types ? "types" : "order";
}

Method chosen_method(const std::string& name, double tokens, double types, double draws) {
  if (name.empty())
    return tokens <= quick_tokens ? Method::tokens : types <= quick_tokens / 20 ? Method::types : Method::order;
  if (name == "order") return Method::order;
  if (name != "tokens" && name != "types")
    throw InputError("simulation.method", "\"" + name + "\" is not one of tokens, types, order");
  if (draws > most_draws)
    throw InputError("simulation.method", "\"" + name + "\" draws at most 4294967294 drafts, not " + to_text(draws) +
                                              "; \"order\" draws any number");
  return name == "tokens" ? Method::tokens : Method::types;
}

double whole_draws(const Budget& budget) { return std::max(1.0, std::round(std::exp(budget.kl.value()))); }

Simulation make_simulation(const Tokens& m, const Budget& budget, const std::string& method, std::uint64_t seed,
                           std::uint32_t replicates, const std::vector<ExtraPolicy>& extras) {
  if (replicates == 0) throw InputError("simulation.replicates", "0 is not at least 1");
  const double all = whole_draws(budget) * replicates;
  const Method chosen = chosen_method(method, all * static_cast<double>(m.length),
                                      all * static_cast<double>(m.token.size()), whole_draws(budget));
  return simulation_under(m, solve_tilt(m.token, budget.kl / from_integer(m.length)), budget, chosen, seed, replicates,
                          extras);
}

Simulation simulation_under(const Tokens& m, const TokenTilt& tilt, const Budget& budget, Method method,
                            std::uint64_t seed, std::uint32_t replicates, const std::vector<ExtraPolicy>& extras) {
  Simulation s;
  SimulationPlan& plan = s.plan;
  const double draws = whole_draws(budget);
  plan.method = method;
  // A whole number of drafts, where they are drawn one by one.
  const bool whole = plan.method != Method::order;
  plan.draws = whole ? draws : std::exp(budget.kl.value());
  s.model = m;
  s.budget = budget;
  s.log_n = whole ? log(DoubleDouble(draws)) : budget.kl;
  plan.log_n = s.log_n.value();
  s.replicates = replicates;
  s.tokens = static_cast<double>(m.length);
  const TokenLaw& token = m.token;
  const DoubleDouble n = from_integer(m.length);
  plan.seed = seed;
  plan.length = m.length;
  // Steps are told from one another, and an importance weight is an exponent of the size of the KL and not of what far
  // rewards are large, from the level that most tokens of the optimum have.
  const bool far = is_far(token);
  if (far)
    s.origin =
        static_cast<std::size_t>(std::max_element(tilt.weights.begin(), tilt.weights.end()) - tilt.weights.begin());
  const DoubleDouble origin = token.step[s.origin];
  const std::vector<double> steps = steps_from(token, s.origin);
  set_tokens(plan, m, tilt, steps);
  plan.lattice = !token.lattice.empty();
  if (token.lattice.empty()) plan.same = 1e-13 * static_cast<double>(m.length);
  if (far) plan.same = std::min(plan.same, 1e-3 * least_step(token));
  plan.b = tilt.saturated() ? 0 : tilt.b;
  plan.log_normaliser = tilt.saturated() ? tilt.kl.value() * static_cast<double>(m.length)
                                         : (n * (DoubleDouble(tilt.b) * origin - tilt.lambda)).value();
  if (tilt.saturated()) plan.only_step = steps.back() * static_cast<double>(m.length);
  s.unit = std::ldexp(token.unit.value(), token.exponent);
  s.base = std::ldexp(((token.base + token.unit * origin) * n).value(), token.exponent);
  const auto tokens = static_cast<double>(m.length);
  plan.centre_base = std::round(tokens * std::inner_product(steps.begin(), steps.end(), token.p.begin(), 0.0));
  plan.centre_tilted = std::round(tokens * (tilt.mean - origin).value());
  if (plan.method == Method::order) {
    const BestOfNLaw laid = best_of_n_law(m, s.log_n, solve_tilt(token, s.log_n / n));
    plan.order = total_law(m.token, m.length, laid.law, laid.policy, s.origin, true);
  }
  add_extras(s, extras, far);
  return s;
}

Simulation make_simulation(const Transformed& model, const Budget& budget, const std::string& method,
                           std::uint64_t seed, std::uint32_t replicates, const std::vector<ExtraPolicy>& extras) {
  // As far as its values are drawn.
  (void)tilt_for(model, budget.kl);
  Simulation s = make_simulation(model.values, budget, method, seed, replicates, extras);
  s.tokens = static_cast<double>(model.length);
  return s;
}

std::optional<double> drawn_best(const Simulation& s, std::uint32_t replicate) {
  const TotalLaw& law = s.plan.order;
  if (law.step.empty() || law.stride > 1) return std::nullopt;
  // Beside the drafts' own streams.
  RandomStream random(s.plan.seed, StreamOf::best_of_n, replicate, 0xfffffffe);
  return s.base + s.unit * drawn_step(law, random);
}

Shape totals_of(const TotalLaw& law, double centre) {
  Shape out{{}, law.mass, 1};
  for (const double step : law.step) out.x.push_back(step - centre);
  return out;
}

Shape kl_of_totals(const SimulationPlan& plan, Shape totals) {
  for (double& x : totals.x) x = plan.b * (x + plan.centre_tilted) + plan.log_normaliser;
  return totals;
}

Exact exact_values_of_tokens(const Simulation& s, const PolicyReport& base, const PolicyReport& kl_rl) {
  const SimulationPlan& plan = s.plan;
  const TokenLaw& token = s.model.token;
  const auto length = static_cast<double>(s.model.length);
  const bool order = plan.method == Method::order;
  const BestOfNOutcome bon = best_of(s.model, s.log_n, tilt_for(s.model, s.log_n));

  // Of sequences of independent tokens: their sum is their tokens'.
  const auto tokens = [&](const std::vector<double>& weights, auto&& of) {
    Shape shape{{}, weights, length};
    for (std::size_t i = 0; i < weights.size(); ++i) shape.x.push_back(of(i));
    return shape;
  };
  const Shape constant{{0}, {1}, 1};
  const std::vector<double> steps = steps_from(token, s.origin);
  const auto independent = [&](const std::vector<double>& weights, double centre, const PolicyReport& value) {
    ExactPolicy out{value, {}, constant, constant};
    out.reward = tokens(weights, [&](std::size_t i) { return plan.step[i] - centre / length; });
    if (!plan.gold.empty()) out.gold = tokens(weights, [&](std::size_t i) { return plan.gold[i]; });
    return out;
  };
  const auto laid = [&](const TotalLaw& law, double centre, const PolicyReport& value) {
    ExactPolicy out{value, totals_of(law, centre), constant, {law.value, law.mass, 1}};
    if (plan.gold.empty()) return out;
    out.gold = {};
    if (order || law.by_outcome) {
      out.gold = {law.gold, law.mass, 1};
    } else if (s.model.length == 1) {
      // A level's mass is its outcomes' by their shares.
      for (std::size_t i = 0; i < plan.gold.size(); ++i) {
        const auto j =
            static_cast<std::size_t>(std::lower_bound(steps.begin(), steps.end(), plan.step[i]) - steps.begin());
        out.gold.x.push_back(plan.gold[i]);
        out.gold.mass.push_back(law.mass[j] * plan.p[i] / token.p[j]);
      }
    }
    return out;
  };

  Exact out;
  out.model = independent(plan.p, plan.centre_base, base);
  out.kl_rl = independent(plan.tilted, plan.centre_tilted, kl_rl);
  out.kl_rl.kl =
      tokens(plan.tilted, [&](std::size_t i) { return plan.b * plan.step[i] + plan.log_normaliser / length; });
  const PolicyReport best = outcome(s.model, bon);
  out.best_of_n = bon.at ? laid(total_law(s.model.token, s.model.length, bon.at->law, bon.at->policy, s.origin, true),
                                plan.centre_tilted, best)
                         : independent(plan.p, plan.centre_tilted, best);
  // The plug-in estimate is not counted: its normal interval tells how far it scatters.
  out.best_of_n.kl = {};
  for (std::size_t i = 0; i < plan.extras.size(); ++i) {
    const ExtraPlan& extra = plan.extras[i];
    const PolicyReport& value = s.exact_policies[i];
    const bool has_law = extra.blocks.empty() && !extra.walk;
    out.policies.push_back(has_law ? laid(extra.law, extra.centre, value) : of_blocks(extra, value));
  }
  return out;
}

Exact exact_values(const Simulation& s) {
  if (s.chain) return exact_values_of_walks(s);
  if (s.prompts) return exact_values_of_prompts(s);
  const Report report = evaluate(s.model, s.budget);
  return exact_values_of_tokens(s, report.model, report.kl_rl);
}

Simulated summarise(const Simulation& s, const Exact& exact, std::span<const double> blocks, double n) {
  Simulated out;
  out.method = method_name(s.plan.method);
  out.n = s.plan.draws;
  // Always in the blocks' order, whoever computed them and when: the same bits.
  std::vector<double> sums(s.plan.sums(), 0);
  for (std::size_t k = 0; k < blocks.size(); ++k) sums[k % sums.size()] += blocks[k];
  const auto policy = [&](std::size_t at, double centre, const ExactPolicy& of) {
    const double* x = sums.data() + at;
    PolicyEstimates e;
    e.reward =
        estimate(x[0], n, mean_interval(x[0], x[1], n, of.reward), s.base + s.unit * centre, s.unit, of.value.reward);
    e.gold = estimate(x[2], n, mean_interval(x[2], x[3], n, of.gold), 0, 1, of.value.gold);
    e.win_rate = estimate(x[4], n, rate_interval(x[4], x[5], n), 0, 1, of.value.win_rate);
    e.kl = estimate(x[6], n, mean_interval(x[6], x[7], n, of.kl), 0, 1, of.value.kl);
    for (Estimate* each : {&e.reward, &e.gold, &e.win_rate, &e.kl}) each->method = out.method;
    return e;
  };
  out.model = policy(0 * Sums::per_policy, s.plan.centre_base, exact.model);
  out.kl_rl = policy(1 * Sums::per_policy, s.plan.centre_tilted, exact.kl_rl);
  out.best_of_n = policy(2 * Sums::per_policy, s.plan.centre_tilted, exact.best_of_n);
  out.best_of_n.kl.not_counted =
      "the plug-in estimate takes every draft for unlike all others, so ties make it too large";
  const auto left = [&](double reward) { return (exact.kl_rl.value.reward - reward) / s.tokens; };
  const Estimate& best = out.best_of_n.reward;
  out.best_of_n.kl.method = out.method + ", plug-in";
  out.gap_per_token = {left(best.mean), left(best.high), left(best.low), best.draws, left(best.exact), {}, out.method};
  if (std::isnan(out.gap_per_token.exact)) out.gap_per_token.not_counted = "KL-RL's exact reward is not known";
  const double* w = sums.data() + 3 * Sums::per_policy;
  const double mean = w[2] / w[0];
  // The delta method for a ratio of means.
  const double variance = std::max(0.0, w[4] - 2 * mean * w[3] + mean * mean * w[1]) / (w[0] * w[0]);
  const double half = z95 * std::sqrt(variance);
  const double centre = s.base + s.unit * s.plan.centre_tilted;
  const double drawn = s.plan.method == Method::order ? n : n * s.plan.draws;
  out.weighted_reward = {centre + s.unit * mean, centre + s.unit * (mean - half), centre + s.unit * (mean + half),
                         drawn, exact.kl_rl.value.reward};
  out.weighted_reward.method = out.method + ", importance weights, not counted";
  out.weighted_reward.not_counted =
      "base drafts rarely look like KL-RL's: the few with large weights decide, and the spread of those that were "
      "drawn "
      "does not tell of those that were not";
  for (std::size_t i = 0; i < s.plan.extras.size(); ++i)
    out.policies.push_back(policy(Sums::size + i * Sums::per_policy, s.plan.extras[i].centre, exact.policies[i]));
  out.effective_sample_size = w[0] * w[0] / w[1];
  return out;
}

Simulated summarise(const Simulation& s, std::span<const double> blocks) {
  return summarise(s, exact_values(s), blocks, s.replicates);
}

}  // namespace tiltlab
