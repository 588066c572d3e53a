#include "report/statements/rate_curves.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "error.hpp"
#include "limits/large_deviations.hpp"
#include "models/best_of_n_law.hpp"
#include "numerics/log_domain.hpp"
#include "report/curves.hpp"
#include "report/statements/shared.hpp"

namespace tiltlab {

namespace {

void add_exact(RateCurves::Exact& to, double reward, double rate) {
  to.reward.push_back(reward);
  to.rate.push_back(rate);
}

/** A reward per token and the log of the probability of one at least as far out. */
struct Tail {
  double reward_per_token;
  double log_tail;
};

/**
 * The tail at the listed level nearest to `mean` steps a token, at it or beyond; the lower one of a law that lists
 * every level.
 */
Tail tail_of(const Tokens& m, const RewardLaw& law, DoubleDouble mean, bool upper) {
  const DoubleDouble n = from_integer(m.length);
  const double wanted = ((n * (m.token.base + m.token.unit * mean) - law.base) / law.unit - law.center).value();
  const auto at = std::lower_bound(law.offset.begin(), law.offset.end(), wanted - 1e-9);
  auto j = static_cast<std::size_t>(at - law.offset.begin());
  if (!upper && j > 0 && (j == law.size() || law.offset[j] > wanted + 1e-9)) --j;
  j = std::min(j, law.size() - 1);
  const double x =
      std::ldexp(((law.base + law.unit * (law.center + DoubleDouble(law.offset[j]))) / n).value(), m.token.exponent);
  const double scale = law.log_scale.value();
  if (!upper) return {x, std::log(law.below[j] + std::exp(law.log_mass[j] - scale))};
  const double larger = std::max(law.log_above[j], law.log_mass[j]);
  const double both = larger + std::log(std::exp(law.log_above[j] - larger) + std::exp(law.log_mass[j] - larger));
  return {x, both - scale};
}

/**
 * Tails of the upper side of a token law at `count` levels, evenly far from one another up to the rate `end`; fewer,
 * from coarse to fine, where these take the bench past `most` multiplications.
 */
std::vector<Tail> upper_tails(const Tokens& m, const Tokens& original, const RewardLaw* listed, int count, double end,
                              Workbench& bench, double most) {
  std::vector<std::optional<Tail>> found(static_cast<std::size_t>(count));
  // Nearer to the mean a tail is no rare event, and its exponent says nothing.
  const double first = std::sqrt(2.5 / static_cast<double>(m.length));
  const double last = std::sqrt(std::min(end, 0.98 * kl_max(m.token).value()));
  if (!(first < last)) return {};
  for (const std::size_t k : coarse_to_fine(found.size())) {
    if (bench.work > most) break;
    const double root = first + (last - first) * static_cast<double>(k) / (count - 1);
    const TokenTilt at = solve_tilt(m.token, root * root);
    bench.work += 500 * static_cast<double>(m.token.size());
    if (listed) {
      // A law that lists every level serves both sides; a reflected token's steps count from the top.
      const bool upper = &m == &original;
      const DoubleDouble mean = upper ? at.mean : original.token.step.back() - at.mean;
      found[k] = tail_of(original, *listed, mean, upper);
    } else {
      try {
        // Each of another token: what they share is their cost.
        bench.listed.reset();
        found[k] = tail_of(m, best_of_n_law(m, from_integer(m.length) * at.kl, at, &bench).law, at.mean, true);
      } catch (const NumericalError&) {
        // No mark where no method holds.
      }
    }
  }
  std::vector<Tail> tails;
  for (const std::optional<Tail>& tail : found) {
    if (tail) tails.push_back(*tail);
  }
  return tails;
}

Tokens with(const Tokens& m, TokenLaw token) { return {std::move(token), m.length, m.sequence, m.outcomes, m.golden}; }

}  // namespace

RateCurves rate_curves(const Tokens& model, const Budget& budget, int points, int exact) {
  check_points(points);
  check_points(exact);
  points = affordable_points(points, model.token.size());
  const ScaledToken t(model, budget);
  RateCurves c;
  c.mean_base = t.reward(is_far(t.law) ? exact_mean(t.law, t.law.p) : mean_step(t.law, t.law.p));
  c.mean_kl_rl = t.reward(t.optimum.mean);
  if (t.law.size() == 1 || t.optimum.saturated()) return c;
  std::vector<double> tilts = spread_tilts(t.law, points);
  tilts.push_back(t.optimum.b);
  std::sort(tilts.begin(), tilts.end());
  const RateFunctions rates(t.law, t.optimum);
  for (const double b : tilts) {
    const RatePoint p = rates.at(b);
    c.reward.push_back(t.reward(p.step));
    c.base.push_back(p.base);
    c.kl_rl.push_back(p.kl_rl);
    c.best_of_n.push_back(p.best_of_n);
  }
  const auto n = static_cast<double>(model.length);
  const double log_n = budget.kl.value();
  const double end = std::max(2.2 * t.rate.value(), 0.05);
  // Rewards that share no lattice take a law of their own at every mark, unless one law lists them all.
  if (t.law.lattice.empty() && listable_length(model, quickly_listed) < model.length) return c;
  Workbench bench;
  bench.work = 20 * static_cast<double>(t.law.size()) * static_cast<double>(tilts.size());
  // Both laws and both sides have their share.
  double most = 0;
  const auto next_share = [&] { return most += most_statement_work / 4; };
  for (const bool tilted_base : {false, true}) {
    const TokenLaw token = tilted_base ? reweighted(t.law, t.optimum.b) : t.law;
    RateCurves::Exact& to = tilted_base ? c.exact_kl_rl : c.exact_base;
    const Tokens here = with(model, token);
    std::optional<RewardLaw> listed;
    if (n * end < 600 && listable_length(model, quickly_listed) == model.length)
      listed = listed_law(here, tilt_at(token, 0));
    const RewardLaw* law = listed ? &*listed : nullptr;
    std::vector<Tail> lower = upper_tails(with(model, reflected(token)), here, law, exact, end, bench, next_share());
    std::reverse(lower.begin(), lower.end());
    for (const Tail& tail : lower)
      add_exact(to, law ? tail.reward_per_token : -tail.reward_per_token, -tail.log_tail / n);
    for (const Tail& tail : upper_tails(here, here, law, exact, end, bench, next_share())) {
      add_exact(to, tail.reward_per_token, -tail.log_tail / n);
      if (tilted_base || !(tail.reward_per_token > c.mean_kl_rl)) continue;
      // P(best of N >= x) = 1 - (1 - T)^N, with log[-N log(1 - T)] = log N + log T + log[-log(1 - T)/T]
      const double y = log_n + tail.log_tail + log_minus_log1m_over(std::exp(tail.log_tail));
      add_exact(c.exact_best_of_n, tail.reward_per_token, -(y < -40 ? y : log1mexp(-std::exp(y))) / n);
    }
  }
  return c;
}

}  // namespace tiltlab
