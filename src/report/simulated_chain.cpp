#include <algorithm>
#include <cmath>
#include <iterator>

#include "error.hpp"
#include "models/chain_blocks.hpp"
#include "report/simulated.hpp"
#include "report/total_law.hpp"

namespace tiltlab {

namespace {

/** Transitions up to which walking each of them is a matter of seconds, and of minutes. */
constexpr double quick_walks = 1e9;
constexpr double most_walks = 2e10;
constexpr double most_draws = 4294967294.0;
/** Walks of a replicate beside best-of-N's drafts: the base, KL-RL, and an opponent for each of three. */
constexpr double walks_beside = 5;

Method choose(const std::string& name, const LongChain& m, double draws, double replicates) {
  const double walked = static_cast<double>(m.length) * replicates;
  if (name == "types")
    throw InputError("simulation.method",
                     "\"types\" counts tokens, and a chain of this length is walked; by \"tokens\" for each draft, by "
                     "\"order\" for all but best-of-N");
  if (name.empty()) {
    if ((walks_beside + draws) * walked <= quick_walks) return Method::tokens;
    // A single draft is the base, and of the base there is no law of the best.
    if (walks_beside * walked <= most_walks) return draws > 1 ? Method::order : Method::tokens;
    throw InputError("simulation.replicates", to_text(replicates) + " of " + to_text(static_cast<double>(m.length)) +
                                                  " transitions each are more than " + to_text(most_walks) +
                                                  " to walk; fewer replicates, or a shorter chain, are fewer");
  }
  if (name == "order") return Method::order;
  if (name != "tokens") throw InputError("simulation.method", "\"" + name + "\" is not one of tokens, types, order");
  if (draws > most_draws)
    throw InputError("simulation.method", "\"tokens\" draws at most 4294967294 drafts, not " + to_text(draws) +
                                              "; \"order\" draws any number");
  return Method::tokens;
}

/** Points of a law that tell its skewness and its far ends. */
constexpr int shape_points = 2000;

/** The law of the sum under a tilt, about a centre. */
Shape shape_of(const LongChain& m, const LongTilt& tilt, double centre) {
  const ChainMasses masses = chain_masses(m.at(), *tilt.chain, shape_points, HUGE_VAL);
  const double from = (masses.center - DoubleDouble(centre)).value();
  Shape out;
  for (std::size_t i = 0; i < masses.mass.size(); ++i) {
    out.x.push_back(from + masses.offset[i]);
    // An inversion's noise is no probability.
    out.mass.push_back(std::max(0.0, masses.mass[i]) * masses.stride);
  }
  return out;
}

/** The same, or none where it takes too long: then the interval is the drawn variance's. */
Shape known_shape(const LongChain& m, const LongTilt& tilt, double centre) {
  try {
    return shape_of(m, tilt, centre);
  } catch (const NumericalError&) {
    return {};
  }
}

LongTilt optimum(const LongChain& m, const Budget& budget) {
  LongTilt tilt = tilt_for(m, budget.kl);
  if (tilt.saturated())
    throw InputError("budget", to_text(budget.kl.value()) + " nats are all that the chain can spend (" +
                                   to_text(m.kl_max) + "): its best sum alone is left of KL-RL, and is not walked");
  return tilt;
}

/** How a policy by blocks is drawn. @param start the reward that the plan's steps begin at */
ExtraPlan::Walk walk_of(const Chain& chain, const LaidPolicy& laid, const ExtraPolicy& asked, const DoubleDouble& start,
                        const std::string& path) {
  constexpr std::int64_t most = 1000000;
  const TokenLaw& rewards = chain.law.rewards;
  ExtraPlan::Walk out;
  out.start = ((rewards.base * from_integer(chain.length) - start) / rewards.unit).value();
  double total = 0;
  for (const DoubleDouble& p : chain.law.initial) out.initial.push_back(total += p.value());
  const ChainBlocks blocks(chain.law, chain.length, static_cast<std::int64_t>(asked.parameter[0]), path);
  for (const ChainBlocks::Blocks& of : blocks.drawn(laid)) {
    if (of.times > most)
      throw InputError(path + ".block", std::to_string(of.times) + " blocks are more than 1000000 to draw");
    out.blocks.push_back({of.times, {}});
    ExtraPlan::Walk::Blocks& to = out.blocks.back();
    for (const std::vector<ChainBlocks::Block>& from : of.from) {
      ExtraPlan::Walk::Row& row = to.from.emplace_back();
      double sum = 0;
      for (const ChainBlocks::Block& block : from) {
        row.cdf.push_back(sum += block.p);
        row.step.push_back(block.step);
        row.value.push_back(block.log_ratio);
        row.to.push_back(static_cast<std::uint32_t>(block.to));
      }
    }
  }
  return out;
}

/** Policies by blocks among those that a listed chain's law has. */
void insert_blocks(Simulation& s, const Chain& chain, const std::vector<ExtraPolicy>& extras) {
  const TokenLaw& token = std::get<Tokens>(chain.sums).token;
  const DoubleDouble start = token.base + token.unit * token.step[s.origin];
  for (std::size_t i = 0; i < extras.size(); ++i) {
    if (!extras[i].kind->by_block) continue;
    const std::string path = "policies[" + std::to_string(i) + "]";
    const LaidPolicy laid = policies_of(chain).lay(extras[i], path);
    const auto at = static_cast<std::ptrdiff_t>(i);
    const Outcome outcome = further_outcome(chain, laid, base_of(chain)).outcome;
    s.exact_policies.insert(s.exact_policies.begin() + at, outcome);
    ExtraPlan extra;
    extra.drawn = PolicyKind::Drawn::blocks;
    extra.walk = walk_of(chain, laid, extras[i], start, path);
    extra.centre = std::round((outcome.reward - s.base) / s.unit);
    s.plan.extras.insert(s.plan.extras.begin() + at, std::move(extra));
  }
}

/** Further policies are drawn from their laws: walks of a chain that is reweighted by its whole sum have none of their
 * own. */
void add_extras(Simulation& s, const std::vector<ExtraPolicy>& extras) {
  const auto& m = std::get<LongChain>(s.chain->sums);
  auto policies = policies_of(*s.chain);
  const ChainTilt base = base_of(*s.chain);
  for (std::size_t i = 0; i < extras.size(); ++i) {
    const std::string path = "policies[" + std::to_string(i) + "]";
    const LaidPolicy laid = policies.lay(extras[i], path);
    s.exact_policies.push_back(further_outcome(*s.chain, laid, base).outcome);
    ExtraPlan extra;
    extra.drawn = PolicyKind::Drawn::from_law;
    if (laid.whole) {
      extra.walk = walk_of(*s.chain, laid, extras[i], m.law.rewards.base * from_integer(m.length), path);
    } else {
      extra.law = total_law(m.law.rewards, m.length, laid.law, laid.policy, 0, false);
    }
    extra.centre = std::round((s.exact_policies.back().reward - s.base) / s.unit);
    s.plan.extras.push_back(std::move(extra));
  }
}

/** What drawing takes of a chain that is walked. */
Simulation walked(const Chain& chain, const Budget& budget, const std::string& method, std::uint64_t seed,
                  std::uint32_t replicates) {
  const auto& m = std::get<LongChain>(chain.sums);
  const TokenLaw& rewards = m.law.rewards;
  Simulation s;
  SimulationPlan& plan = s.plan;
  const double draws = whole_draws(budget);
  plan.method = choose(method, m, draws, replicates);
  const bool whole = plan.method == Method::tokens;
  plan.seed = seed;
  plan.length = m.length;
  plan.draws = whole ? draws : std::exp(budget.kl.value());
  s.chain = chain;
  s.budget = budget;
  s.log_n = whole ? log(DoubleDouble(draws)) : budget.kl;
  plan.log_n = s.log_n.value();
  s.replicates = replicates;
  s.tokens = static_cast<double>(m.length);
  const LongTilt base = base_of(m);
  const LongTilt tilt = optimum(m, budget);
  plan.walks = {base_walk(m.law), optimal_walk(m.law, *tilt.chain, m.length)};
  for (const std::int64_t step : rewards.lattice) plan.step.push_back(static_cast<double>(step));
  plan.lattice = true;
  plan.b = tilt.b;
  plan.log_normaliser = -tilt.log_mgf.value();
  plan.centre_base = std::round(base.mean.value());
  plan.centre_tilted = std::round(tilt.mean.value());
  s.unit = std::ldexp(rewards.unit.value(), rewards.exponent);
  s.base = std::ldexp((rewards.base * from_integer(m.length)).value(), rewards.exponent);
  if (!whole) {
    const BestOfNOutcome bon = best_of(m, s.log_n, tilt_for(m, s.log_n));
    if (!bon.at) throw InputError("simulation.method", "\"order\" needs a budget above 0; \"tokens\" draws the base");
    plan.order = total_law(rewards, m.length, bon.at->law, bon.at->policy, 0, true);
  }
  return s;
}

}  // namespace

Simulation make_simulation(const Chain& chain, const Budget& budget, const std::string& method, std::uint64_t seed,
                           std::uint32_t replicates, const std::vector<ExtraPolicy>& extras) {
  if (replicates == 0) throw InputError("simulation.replicates", "0 is not at least 1");
  if (const auto* whole = std::get_if<Tokens>(&chain.sums)) {
    std::vector<ExtraPolicy> by_law;
    std::copy_if(extras.begin(), extras.end(), std::back_inserter(by_law),
                 [](const ExtraPolicy& each) { return !each.kind->by_block; });
    Simulation s = make_simulation(*whole, budget, method, seed, replicates, by_law);
    insert_blocks(s, chain, extras);
    s.tokens = static_cast<double>(chain.length);
    return s;
  }
  Simulation s = walked(chain, budget, method, seed, replicates);
  add_extras(s, extras);
  return s;
}

Exact exact_values_of_walks(const Simulation& s) {
  const SimulationPlan& plan = s.plan;
  const auto& m = std::get<LongChain>(s.chain->sums);
  const Report report = evaluate(*s.chain, s.budget);
  const LongTilt base = base_of(m);
  const LongTilt tilt = optimum(m, s.budget);
  const BestOfNOutcome bon = best_of(*s.chain, s.log_n, tilt_for(*s.chain, s.log_n));
  const Shape constant{{0}, {1}, 1};
  Exact out;
  out.model = {report.model, known_shape(m, base, plan.centre_base), constant, constant};
  out.kl_rl = {report.kl_rl, known_shape(m, tilt, plan.centre_tilted), constant, {}};
  out.kl_rl.kl = kl_of_totals(plan, out.kl_rl.reward);
  for (std::size_t i = 0; i < plan.extras.size(); ++i) {
    if (plan.extras[i].walk) {
      out.policies.push_back({s.exact_policies[i], {}, {}, {}});
      continue;
    }
    const TotalLaw& law = plan.extras[i].law;
    out.policies.push_back(
        {s.exact_policies[i], totals_of(law, plan.extras[i].centre), constant, {law.value, law.mass, 1}});
  }
  out.best_of_n = {outcome(*s.chain, bon), out.model.reward, constant, {}};
  if (!bon.at) {
    for (double& x : out.best_of_n.reward.x) x += plan.centre_base - plan.centre_tilted;
    return out;
  }
  out.best_of_n.reward =
      totals_of(total_law(m.law.rewards, m.length, bon.at->law, bon.at->policy, 0, true), plan.centre_tilted);
  return out;
}

}  // namespace tiltlab
