#include "report/simulated.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "error.hpp"

namespace tiltlab {

namespace {

constexpr double z95 = 1.959963984540054;
/** Tokens up to which drawing each of them is a matter of seconds. */
constexpr double quick_tokens = 2e9;
constexpr double most_draws = 4294967294.0;

Method choose(const std::string& name, const Model& m, double draws, double replicates) {
  const double tokens = draws * static_cast<double>(m.length) * replicates;
  const double types = draws * static_cast<double>(m.token.size()) * replicates;
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

Estimate normal(double sum, double squares, double n, double centre, double scale, double exact) {
  Estimate e;
  const double mean = sum / n;
  const double variance =
      n > 1 ? std::max(0.0, (squares - sum * mean) / (n - 1)) : std::numeric_limits<double>::infinity();
  const double half = z95 * std::sqrt(variance / n);
  e.mean = centre + scale * mean;
  e.low = centre + scale * (mean - half);
  e.high = centre + scale * (mean + half);
  e.draws = n;
  e.exact = exact;
  return e;
}

/** E. B. Wilson's interval (1927), which holds near 0 and 1; ties count half a success. */
Estimate wilson(double wins, double n, double exact) {
  const double p = wins / n;
  const double z2 = z95 * z95 / n;
  const double centre = (p + z2 / 2) / (1 + z2);
  const double half = z95 / (1 + z2) * std::sqrt(p * (1 - p) / n + z2 / (4 * n));
  return {p, std::max(0.0, centre - half), std::min(1.0, centre + half), n, exact};
}

}  // namespace

std::string method_name(Method method) {
  return method == Method::tokens ? "tokens" : method == Method::types ? "types" : "order";
}

Simulation make_simulation(const Model& m, const Budget& budget, const std::string& method, std::uint64_t seed,
                           std::uint32_t replicates, std::span<const double> p, std::span<const double> reward,
                           std::span<const double> gold, const std::vector<ExtraPolicy>& extras) {
  if (replicates == 0) throw InputError("simulation.replicates", "0 is not at least 1");
  Simulation s;
  SimulationPlan& plan = s.plan;
  const double draws = std::max(1.0, std::round(std::exp(budget.kl.value())));
  plan.method = choose(method, m, draws, replicates);
  // A whole number of drafts, where they are drawn one by one.
  const bool whole = plan.method != Method::order;
  plan.draws = whole ? draws : std::exp(budget.kl.value());
  s.model = m;
  s.budget = budget;
  s.log_n = whole ? log(DoubleDouble(draws)) : budget.kl;
  plan.log_n = s.log_n.value();
  s.replicates = replicates;
  const TokenLaw& token = m.token;
  const DoubleDouble n = from_integer(m.length);
  const TokenTilt tilt = solve_tilt(token, budget.kl / n);
  plan.seed = seed;
  plan.length = m.length;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (!(p[i] > 0)) continue;
    // The level of the outcome's reward: the nearest, since the law's are the same rewards.
    const double step = ((DoubleDouble(std::ldexp(reward[i], -token.exponent)) - token.base) / token.unit).value();
    const auto above =
        std::lower_bound(token.position.begin(), token.position.end(), step - 1e-6 * std::max(1.0, std::fabs(step)));
    auto k = static_cast<std::size_t>(std::min(above - token.position.begin(), std::ptrdiff_t(token.size()) - 1));
    if (k + 1 < token.size() && std::fabs(token.position[k + 1] - step) < std::fabs(token.position[k] - step)) ++k;
    plan.p.push_back(p[i]);
    plan.step.push_back(token.position[k]);
    plan.log_level.push_back(token.log_p[k]);
    plan.tilted.push_back(tilt.weights[k] > 0 ? p[i] / token.p[k] * tilt.weights[k] : 0);
    if (!gold.empty()) plan.gold.push_back(gold[i]);
  }
  if (token.lattice.empty()) plan.same = 1e-13 * static_cast<double>(m.length);
  plan.b = tilt.saturated() ? 0 : tilt.b;
  plan.log_normaliser = tilt.saturated() ? tilt.kl.value() * static_cast<double>(m.length) : -(n * tilt.lambda).value();
  if (tilt.saturated()) plan.only_step = token.position.back() * static_cast<double>(m.length);
  s.unit = std::ldexp(token.unit.value(), token.exponent);
  s.base = std::ldexp((token.base * n).value(), token.exponent);
  const auto tokens = static_cast<double>(m.length);
  plan.centre_base = std::round(tokens * mean_step(token, token.p));
  plan.centre_tilted = std::round(tokens * tilt.mean.value());
  // A level of a law of sums in total steps of the tokens.
  const auto total_step = [&](const RewardLaw& law, std::size_t j) {
    return ((law.base + law.unit * (law.center + DoubleDouble(law.offset[j])) - token.base * n) / token.unit).value();
  };
  if (plan.method == Method::order) {
    const BestOfNLaw laid = best_of_n_law(m, s.log_n, solve_tilt(token, s.log_n / n));
    const RewardLaw& law = laid.law;
    plan.order_stride = law.stride;
    double total = 0;
    for (std::size_t j = 0; j < law.size(); ++j) {
      plan.order_step.push_back(total_step(law, j));
      plan.order_cdf.push_back(total += laid.policy.mass[j] * law.stride);
      plan.order_log_p.push_back(law.log_mass[j] - law.log_scale.value());
    }
  }
  if (extras.empty()) return s;
  const LaidPolicies laid = lay_policies(m, extras);
  s.exact_policies = laid.reports;
  for (std::size_t i = 0; i < extras.size(); ++i) {
    ExtraPlan extra;
    extra.soft = extras[i].kind == ExtraPolicy::Kind::soft_best_of_n;
    extra.draws = extras[i].draws;
    const std::string path = "policies[" + std::to_string(i) + "]";
    if (whole && extra.soft && extra.draws != std::floor(extra.draws))
      throw InputError(path + ".n", to_text(extra.draws) + " is not an integer, so it cannot be drawn draft by draft");
    if (whole && extra.draws > 1e7)
      throw InputError(path, to_text(extra.draws) + " drafts are more than 10000000 to draw");
    extra.b = extras[i].alpha * s.unit;
    const RewardLaw& law = laid.law;
    double total = 0;
    for (std::size_t j = 0; j < law.size(); ++j) {
      extra.step.push_back(total_step(law, j));
      extra.cdf.push_back(total += laid.policies[i].mass[j] * law.stride);
      extra.log_ratio.push_back(laid.policies[i].log_ratio[j] + law.log_scale.value());
    }
    extra.centre = std::round((laid.reports[i].reward - s.base) / s.unit);
    plan.extras.push_back(std::move(extra));
  }
  return s;
}

Simulated summarise(const Simulation& s, std::span<const double> blocks) {
  Simulated out;
  // Always in the blocks' order, whoever computed them and when: the same bits.
  std::vector<double> sums(s.plan.sums(), 0);
  for (std::size_t k = 0; k < blocks.size(); ++k) sums[k % sums.size()] += blocks[k];
  const double n = s.replicates;
  Report exact = evaluate(s.model, s.budget);
  const TokenLaw& token = s.model.token;
  const BestOfNOutcome bon =
      best_of_n_outcome(s.model, s.log_n, solve_tilt(token, s.log_n / from_integer(s.model.length)));
  exact.best_of_n.reward = std::ldexp(bon.reward.value(), token.exponent);
  exact.best_of_n.kl = bon.kl;
  exact.best_of_n.win_rate = bon.win_rate;
  exact.best_of_n.gold = bon.gold;
  const auto policy = [&](std::size_t at, double centre, const PolicyReport& of) {
    const double* x = sums.data() + at;
    PolicyEstimates e;
    e.reward = normal(x[0], x[1], n, s.base + s.unit * centre, s.unit, of.reward);
    e.gold = normal(x[2], x[3], n, 0, 1, of.gold);
    e.win_rate = wilson(x[4], n, of.win_rate);
    e.kl = normal(x[6], x[7], n, 0, 1, of.kl);
    return e;
  };
  out.model = policy(0 * Sums::per_policy, s.plan.centre_base, exact.model);
  out.kl_rl = policy(1 * Sums::per_policy, s.plan.centre_tilted, exact.kl_rl);
  out.best_of_n = policy(2 * Sums::per_policy, s.plan.centre_tilted, exact.best_of_n);
  const auto length = static_cast<double>(s.model.length);
  const auto left = [&](double reward) { return (exact.kl_rl.reward - reward) / length; };
  const Estimate& best = out.best_of_n.reward;
  out.gap_per_token = {left(best.mean), left(best.high), left(best.low), best.draws, left(best.exact)};
  const double* w = sums.data() + 3 * Sums::per_policy;
  const double mean = w[2] / w[0];
  // The delta method for a ratio of means.
  const double variance = std::max(0.0, w[4] - 2 * mean * w[3] + mean * mean * w[1]) / (w[0] * w[0]);
  const double half = z95 * std::sqrt(variance);
  const double centre = s.base + s.unit * s.plan.centre_tilted;
  const double drawn = s.plan.method == Method::order ? n : n * s.plan.draws;
  out.weighted_reward = {centre + s.unit * mean, centre + s.unit * (mean - half), centre + s.unit * (mean + half),
                         drawn, exact.kl_rl.reward};
  for (std::size_t i = 0; i < s.plan.extras.size(); ++i)
    out.policies.push_back(policy(Sums::size + i * Sums::per_policy, s.plan.extras[i].centre, s.exact_policies[i]));
  out.effective_sample_size = w[0] * w[0] / w[1];
  return out;
}

}  // namespace tiltlab
