#include "report/statements.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include "error.hpp"
#include "laws/finite.hpp"
#include "limits/large_deviations.hpp"
#include "models/tokens.hpp"
#include "numerics/log_domain.hpp"
#include "numerics/roots.hpp"
#include "policies/best_of_n.hpp"
#include "policies/kl_rl.hpp"
#include "report/curves.hpp"
#include "report/scaled_token.hpp"
#include "simulation/philox.hpp"

namespace tiltlab {

namespace {

/** Levels from which on every sum over them is counted. */
constexpr std::size_t many_levels = 5000;

/** KL(w || v) of two weightings of the levels. */
double kl_between(const std::vector<double>& w, const std::vector<double>& log_w, const std::vector<double>& log_v) {
  double sum = 0;
  for (std::size_t i = 0; i < w.size(); ++i) {
    if (w[i] > 0) sum += w[i] * (log_w[i] - log_v[i]);
  }
  return std::max(0.0, sum);
}

/** log of the tilted weights, from the largest reward: near it they keep their digits. */
std::vector<double> log_weights(const TokenLaw& law, const TokenTilt& tilt) {
  std::vector<double> out;
  double largest = -infinity;
  for (std::size_t i = 0; i < law.size(); ++i) {
    out.push_back(law.log_p[i] - tilt.b * law.drop[i]);
    largest = std::max(largest, out.back());
  }
  double sum = 0;
  for (const double x : out) sum += std::exp(x - largest);
  for (double& x : out) x -= largest + std::log(sum);
  return out;
}

/** Normalises weights given by their logarithms; both are changed. */
void normalise(std::vector<double>& log_w, std::vector<double>& w) {
  const double top = *std::max_element(log_w.begin(), log_w.end());
  double sum = 0;
  for (const double x : log_w) sum += std::exp(x - top);
  w.clear();
  for (double& x : log_w) {
    x -= top + std::log(sum);
    w.push_back(std::exp(x));
  }
}

NearPolicy near_policy(const ScaledToken& t, std::vector<double> log_w) {
  std::vector<double> w;
  normalise(log_w, w);
  NearPolicy policy;
  const DoubleDouble mean = exact_mean(t.law, w);
  policy.reward = t.reward(mean);
  policy.kl = kl_between(w, log_w, t.law.log_p);
  policy.kl_slack = policy.kl - t.optimum.kl.value();
  policy.reward_slack = t.reward(t.optimum.mean) - policy.reward;
  policy.kl_to_optimum = kl_between(w, log_w, log_weights(t.law, t.optimum));
  const double slack = (t.optimum.mean - mean).value();
  policy.identity = policy.kl_slack + t.optimum.b * slack;
  policy.bound = std::max(0.0, policy.kl_slack) + t.optimum.b * std::max(0.0, slack);
  // What is left of a difference under the rounding of its terms is nothing, and no divergence is negative.
  const auto settle = [](double& x, double beside) {
    if (std::fabs(x) <= 1e-15 * beside) x = 0;
  };
  const double nats = 1 + policy.kl + t.optimum.kl.value();
  for (double* x : {&policy.kl, &policy.kl_slack, &policy.kl_to_optimum, &policy.identity, &policy.bound})
    settle(*x, nats);
  settle(policy.reward_slack, std::fabs(policy.reward) + std::fabs(t.reward(t.optimum.mean)));
  policy.kl_to_optimum = std::max(0.0, policy.kl_to_optimum);
  return policy;
}

}  // namespace

TiltCurves tilt_curves(const Model& model, const Budget& budget, int points) {
  check_points(points);
  points = affordable_points(points, model.token.size());
  const ScaledToken t(model, budget);
  const double rate = t.rate.value();
  TiltCurves c;
  c.rate = rate;
  c.alpha = t.alpha(t.optimum.b);
  c.primal = t.reward(t.optimum.mean);
  if (t.law.size() == 1) {
    c.dual_minimum = c.primal;
    return c;
  }
  const double widest = t.widest();
  const auto dual = [&](double b) { return t.reward((DoubleDouble(rate) + exact_log_mgf(t.law, b)) / b); };
  for (int i = 0; i < points; ++i) {
    const double b = widest * i / (points - 1);
    const TokenTilt at = tilt_at(t.law, b);
    c.at_alpha.push_back(t.alpha(b));
    c.kl.push_back(std::max(0.0, at.kl.value()));
    c.dual.push_back(b > 0 ? dual(b) : infinity);
  }
  const double end =
      rate > 0 ? std::min(2 * rate, std::max(1.1 * rate, 1.3 * kl_max(t.law).value())) : 0.5 * kl_max(t.law).value();
  for (int i = 0; i < points; ++i) {
    const double share = static_cast<double>(i) / (points - 1);
    c.at_rate.push_back(end * share * share);
    c.reward.push_back(t.reward(solve_tilt(t.law, c.at_rate.back()).mean));
  }
  if (!t.tilts()) {
    c.dual_minimum = c.primal;
    c.dual_alpha = c.alpha;
    return c;
  }
  // Golden section on log b: the dual function falls to its one minimum and rises after it.
  double lo = std::log(t.optimum.b) - 8;
  double hi = lo + 13;
  constexpr double golden = 0.6180339887498949;
  // After 30 the minimum is right to 1e-10, which is all that an alphabet pays for whose sums cost a millisecond each.
  const int searches = t.law.size() > many_levels ? 30 : 120;
  for (int i = 0; i < searches; ++i) {
    const double x1 = hi - golden * (hi - lo);
    const double x2 = lo + golden * (hi - lo);
    if (dual(std::exp(x1)) < dual(std::exp(x2))) {
      hi = x2;
    } else {
      lo = x1;
    }
  }
  const double best = std::exp((lo + hi) / 2);
  c.dual_minimum = dual(best);
  c.dual_alpha = t.alpha(best);
  const double slope = std::ldexp(t.law.unit.value() / t.optimum.b, t.law.exponent);
  const double left = std::max(0.0, rate - end / 3);
  const double right = std::min(end, rate + end / 3);
  c.slope = slope;
  c.tangent = {left, c.primal + slope * (left - rate), right, c.primal + slope * (right - rate)};
  return c;
}

std::vector<NearPolicy> near_policies(const Model& model, const Budget& budget, std::uint64_t seed, int count) {
  check_points(count);
  count = affordable_points(count, model.token.size());
  const ScaledToken t(model, budget);
  std::vector<NearPolicy> out;
  if (t.optimum.saturated() || t.law.size() == 1) return out;
  const std::vector<double> optimum = log_weights(t.law, t.optimum);
  for (int k = 0; k < count; ++k) {
    RandomStream random(seed, StreamOf::near_optimum, 0, static_cast<std::uint32_t>(k));
    const double size = 0.02 * std::pow(40.0, static_cast<double>(k) / (count - 1));
    std::vector<double> log_w = optimum;
    for (double& x : log_w) {
      // Box and Muller's normal variate
      const double radius = std::sqrt(-2 * std::log1p(-random.uniform()));
      x += size * radius * std::cos(2 * std::numbers::pi * random.uniform());
    }
    out.push_back(near_policy(t, std::move(log_w)));
  }
  return out;
}

NearPolicy bent_policy(const Model& model, const Budget& budget, double tilt, double bend) {
  if (!(std::fabs(tilt) <= 100 && std::fabs(bend) <= 100))
    throw InputError("near", to_text(tilt) + ", " + to_text(bend) + " are not in [-100, 100]");
  const ScaledToken t(model, budget);
  if (t.optimum.saturated()) throw InputError("budget", "is past saturation: no policy but the optimum is near it");
  std::vector<double> log_w = log_weights(t.law, t.optimum);
  const double sd = std::sqrt(variance_step(t.law, t.law.p));
  const double mean = mean_step(t.law, t.law.p);
  for (std::size_t i = 0; i < log_w.size() && sd > 0; ++i) {
    const double z = (t.law.position[i] - mean) / sd;
    log_w[i] += tilt * z + bend * z * z / (1 + z * z);
  }
  return near_policy(t, std::move(log_w));
}

namespace {

/** Multiplications that the exact marks may cost, about half a second; what is past them is left out. */
constexpr double most_statement_work = 2e8;

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
Tail tail_of(const Model& m, const RewardLaw& law, DoubleDouble mean, bool upper) {
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
std::vector<Tail> upper_tails(const Model& m, const Model& original, const RewardLaw* listed, int count, double end,
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

Model with(const Model& m, TokenLaw token) {
  Model out = m;
  out.token = std::move(token);
  return out;
}

}  // namespace

RateCurves rate_curves(const Model& model, const Budget& budget, int points, int exact) {
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
  for (const double b : tilts) {
    const RatePoint p = rate_point(t.law, t.optimum, b);
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
    const Model here = with(model, token);
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
