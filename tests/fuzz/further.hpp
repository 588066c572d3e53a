#pragma once
#include <cmath>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "error.hpp"
#include "fuzz/invariants.hpp"
#include "laws/finite.hpp"
#include "models/chain.hpp"
#include "models/continuous.hpp"
#include "models/tokens.hpp"
#include "policies/block_best_of_n.hpp"
#include "policies/chi_squared.hpp"
#include "policies/index_best_of_n.hpp"
#include "policies/mixture.hpp"
#include "policies/random_best_of_n.hpp"
#include "policies/registry.hpp"
#include "policies/top_quantile.hpp"
#include "policies/win_rate_tilt.hpp"
#include "report/policies.hpp"

/** What holds for every policy of one parameter, by it or by its KL, on any model. */
namespace tiltlab::fuzz {

struct FurtherCheck {
  ExtraPolicy asked;
  std::string name;
  Facts facts;
};

/** A policy alone, so that the error that is stated is its own. */
struct Alone {
  FurtherReport policy;
  Report beside;
};

template <class M>
Budget nats_of(const M& m, double kl) {
  return make_budget("kl", kl, length_of(m));
}

template <class M>
Alone alone(const M& m, const ExtraPolicy& asked) {
  Report beside;
  FurtherReport policy = evaluate_policies(m, {asked}, nats_of(m, 0), beside).front();
  return {std::move(policy), std::move(beside)};
}

/** Whether the policy is laid on a law around the mean, which has a picture's accuracy. */
template <class M>
bool is_coarse(const M& m, const PolicyKind& kind) {
  if constexpr (std::is_same_v<M, Tokens>) {
    return !kind.deep && !kind.by_block && listable_length(m, max_convolution) != m.length;
  } else {
    return false;
  }
}

/** Whether a policy looks no farther ahead than a block of a chain: it may pay nats to earn less than the base. */
template <class M>
bool is_greedy(const PolicyKind& kind) {
  return kind.by_block && std::is_same_v<M, Chain>;
}

/** Room for what one report or two leave open. */
struct Room {
  Tolerance within;
  double coarse;
  double size;

  template <class M>
  Room(const M& m, const FurtherCheck& check, const Report& beside)
      : within(beside, check.facts),
        coarse(is_coarse(m, *check.asked.kind) ? 1e-3 : 0),
        size(std::isfinite(check.facts.size) ? check.facts.size : 1e308) {}
  [[nodiscard]] double of(double x) const { return within(x) + coarse * std::max(1.0, std::fabs(x)); }
  [[nodiscard]] double reward(double x) const { return within.reward(x, size) + coarse * std::max(1.0, std::fabs(x)); }
};

/** The most that a policy can cost, nats. @param sd the base's, reward units */
template <class M>
double most_kl(const M& m, const ExtraPolicy& asked, double sd) {
  const double x = asked.parameter[0];
  const double y = asked.parameter[1];
  if (asked.kind == &win_rate_tilt_kind) return x * x / 8;
  if (asked.kind == &best_of_poisson_kind) return std::log1p(x);
  if (asked.kind == &top_quantile_kind) return -std::log(x);
  if (asked.kind == &chi_squared_kind) return std::isfinite(sd) ? 2 * std::log(std::hypot(1, 2 * sd / x)) : infinity;
  if (asked.kind == &mixture_kind) return y * std::log(x);
  if (asked.kind == &index_best_of_n_kind) return std::log(x);
  return std::ceil(static_cast<double>(length_of(m).value_or(1)) / x) * std::log(y);
}

template <class M>
void check_further(Findings& found, const M& m, const FurtherCheck& check) {
  const auto [r, beside] = alone(m, check.asked);
  const Room room(m, check, beside);
  const std::string& of = check.name;
  const Report base = evaluate(m, nats_of(m, 0));
  const bool greedy = is_greedy<M>(*check.asked.kind);
  const auto known = [&](const std::string& name, double x) {
    bool named = false;
    for (const std::string& note : beside.notes) named = named || note.find("policies[0]" + name) != std::string::npos;
    if (!named) found.finite(of + name, x);
  };
  known(".kl", r.kl);
  known(".win_rate", r.win_rate);
  if (std::isfinite(base.model.reward) && std::isfinite(base.model.reward_sd)) {
    known(".reward", r.reward);
    known(".reward_sd", r.reward_sd);
  }
  found.at_most(of + ": error_bound", beside.error_bound, largest_error_bound);
  for (const auto& [name, x] : r.parameters) found.not_nan(of + "." + name, x);
  found.at_least(of + ".kl", r.kl, 0);
  found.at_least(of + ".reward_sd", r.reward_sd, 0);
  if (!std::isnan(r.win_rate)) {
    if (!greedy) found.at_least(of + ".win_rate", r.win_rate, 0.5, room.of(0.5));
    found.at_most(of + ".win_rate", r.win_rate, 1, std::max(unstated, room.of(1)));
  }
  // Of outcomes of one reward one may be kept alone.
  const bool finer = check.asked.kind->by_outcome;
  if (!finer && !greedy) found.at_most(of + ".kl against kl_max", r.kl, base.model.kl_max, room.of(base.model.kl_max));
  if (check.asked.kl && finer && *check.asked.kl > base.model.kl_max) {
    found.at_least(of + ".kl against kl_max", r.kl, base.model.kl_max, room.of(base.model.kl_max));
  } else if (check.asked.kl && !(greedy && std::isinf(r.parameters.back().second))) {
    const double least = greedy ? *check.asked.kl : std::min(*check.asked.kl, base.model.kl_max);
    found.equal(of + ".kl against what is asked", r.kl, least, 1e-6 * least + 1e-14 + room.of(least) * room.coarse);
  } else if (!check.asked.kl) {
    const double most = most_kl(m, check.asked, base.model.reward_sd);
    found.at_most(of + ".kl against the most that its parameter can cost", r.kl, most, room.of(most));
  }
  const double close = room.reward(r.reward) + room.reward(base.model.reward);
  if (!greedy) found.at_least(of + ".reward against the base's", r.reward, base.model.reward, close);
  found.at_most(of + ".reward against the largest", r.reward, base.model.reward_max, close);
  const double spent = r.kl + 1e-15 + room.of(r.kl);
  if (!(spent <= largest_budget)) return;
  const Report best = evaluate(m, nats_of(m, spent));
  found.at_most(of + ".reward against KL-RL's of its KL", r.reward, best.kl_rl.reward,
                close + Tolerance(best, check.facts).reward(best.kl_rl.reward, room.size));
}

/** A little more KL buys more. */
template <class M>
void check_more(Findings& found, const M& m, const FurtherCheck& check) {
  if (!check.asked.kl || !(*check.asked.kl < 1e300) || is_greedy<M>(*check.asked.kind)) return;
  ExtraPolicy more = check.asked;
  more.kl = *check.asked.kl * (1 + 1.0 / 128);
  const auto [r, beside] = alone(m, check.asked);
  const auto [next, beside_next] = alone(m, more);
  const Room room(m, check, beside);
  const Room of_next(m, check, beside_next);
  found.at_least(check.name + ".kl at a larger KL", next.kl, r.kl, room.of(r.kl) + of_next.of(r.kl));
  if (!std::isnan(next.win_rate + r.win_rate))
    found.at_least(check.name + ".win_rate at a larger KL", next.win_rate, r.win_rate, room.of(1) + of_next.of(1));
  found.at_least(check.name + ".reward at a larger KL", next.reward, r.reward,
                 room.reward(r.reward) + of_next.reward(r.reward));
}

/** The parameter that was found from a KL gives the same policy. */
template <class M>
void check_parameter(Findings& found, const M& m, const FurtherCheck& check) {
  if (!check.asked.kl) return;
  const auto [r, beside] = alone(m, check.asked);
  const double x = r.parameters.back().second;
  // Where a double tells it: a tau next to 1 does not.
  const bool told = check.asked.kind == &top_quantile_kind ? x > 1e-300 && x < 1 - 1e-9 : x > 1e-300 && x < 1e15;
  if (!told) return;
  ExtraPolicy by_parameter{check.asked.kind, check.asked.parameter};
  by_parameter.parameter[check.asked.kind->count() - 1] = x;
  const auto [again, beside_again] = alone(m, by_parameter);
  const Room room(m, check, beside);
  const Room of_again(m, check, beside_again);
  const auto same = [&](const char* name, double a, double b, double tolerance) {
    found.equal(check.name + name + " by its parameter", a, b, tolerance + 1e-9 * std::max(1.0, std::fabs(b)));
  };
  same(".kl", again.kl, r.kl, room.of(r.kl) + of_again.of(r.kl));
  if (!std::isnan(r.win_rate)) same(".win_rate", again.win_rate, r.win_rate, room.of(1) + of_again.of(1));
  same(".reward", again.reward, r.reward, room.reward(r.reward) + of_again.reward(r.reward));
  // Where all but a rounding of the mass is on one reward, the spread is the root of that.
  same(".reward_sd", again.reward_sd, r.reward_sd,
       room.reward(r.reward_sd) + of_again.reward(r.reward_sd) + 1e-7 * std::min(room.size, 1e300));
}

/** Nothing of the same KL wins more often than the win-rate tilt. */
template <class M>
void check_win_rate(Findings& found, const M& m, const FurtherCheck& check) {
  if (check.asked.kind == &win_rate_tilt_kind) return;
  const auto [r, beside] = alone(m, check.asked);
  if (!std::isfinite(r.kl) || std::isnan(r.win_rate)) return;
  const Room room(m, check, beside);
  ExtraPolicy best{&win_rate_tilt_kind};
  best.kl = r.kl + room.of(r.kl);
  const auto [tilt, beside_tilt] = alone(m, best);
  found.at_least(check.name + ": the win-rate tilt's win rate at its KL", tilt.win_rate, r.win_rate,
                 room.of(1) + Room(m, {best, "", check.facts}, beside_tilt).of(1));
}

template <class M>
void check_best_of_n(Findings& found, const M& m, const Report& r, const Facts& facts) {
  if (!std::isfinite(r.best_of_n.kl)) return;
  const Tolerance within(r, facts);
  ExtraPolicy best{&win_rate_tilt_kind};
  best.kl = r.best_of_n.kl + within(r.best_of_n.kl);
  const auto [tilt, beside] = alone(m, best);
  found.at_least("the win-rate tilt's win rate at best-of-N's KL", tilt.win_rate, r.best_of_n.win_rate,
                 within(1) + Tolerance(beside, facts)(1));
}

/** The law of a sum of tokens by squaring, every level of it: for lattices that the models themselves do not list. */
inline std::vector<double> squared_up(const Tokens& m) {
  const auto times = [](const std::vector<double>& a, const std::vector<double>& b) {
    std::vector<double> out(a.size() + b.size() - 1, 0);
    for (std::size_t i = 0; i < a.size(); ++i) {
      for (std::size_t j = 0; j < b.size(); ++j) out[i + j] += a[i] * b[j];
    }
    return out;
  };
  std::vector<double> power(static_cast<std::size_t>(m.token.lattice.back()) + 1, 0);
  for (std::size_t i = 0; i < m.token.size(); ++i) power[static_cast<std::size_t>(m.token.lattice[i])] = m.token.p[i];
  std::vector<double> product{1};
  for (std::int64_t n = m.length; n > 0; n /= 2) {
    if (n % 2 == 1) product = times(product, power);
    if (n > 1) power = times(power, power);
  }
  return product;
}

/** The stated error of a policy on a law that lists a part of its levels, by a law of all. */
inline void check_every_level(Findings& found, const Tokens& m, const FurtherCheck& check) {
  constexpr double most = 12000;
  if (m.token.lattice.size() < 2 || m.length < 2 || is_coarse(m, *check.asked.kind)) return;
  if (check.asked.kind->by_block || check.asked.kind->by_outcome) return;
  if (!(static_cast<double>(m.token.lattice.back()) * static_cast<double>(m.length) <= most)) return;
  const auto [r, beside] = alone(m, check.asked);
  if (!(r.kl < 500)) return;
  RewardLaw law;
  law.base = m.token.base * from_integer(m.length);
  law.unit = m.token.unit;
  const std::vector<double> mass = squared_up(m);
  for (std::size_t j = 0; j < mass.size(); ++j) {
    if (!(mass[j] > 0)) continue;
    law.offset.push_back(static_cast<double>(j));
    law.log_mass.push_back(std::log(mass[j]));
  }
  const std::size_t size = law.size();
  law.gold.assign(size, 0);
  law.below.resize(size);
  law.log_above.resize(size);
  double sum = 0;
  for (std::size_t j = size; j-- > 0;) {
    law.log_above[j] = std::log(sum);
    sum += std::exp(law.log_mass[j]);
  }
  sum = 0;
  for (std::size_t j = 0; j < size; ++j) {
    law.below[j] = sum;
    sum += std::exp(law.log_mass[j]);
  }
  law.complete = law.from_least = true;
  const StrongPolicy strong = lay(law, std::ldexp(law.unit.value(), m.token.exponent), check.asked);
  const Metrics of = metrics(law, strong.policy);
  const Room room(m, check, beside);
  // What the sums of this law leave.
  constexpr double rest = 1e-10;
  const double scale = std::ldexp(1, m.token.exponent);
  const double reward = scale * (law.base + law.unit * of.offset).value();
  const double sd = scale * law.unit.value() * of.offset_sd;
  found.equal(check.name + ".kl on every level", r.kl, of.kl, room.of(of.kl) + rest * std::max(1.0, of.kl));
  found.equal(check.name + ".win_rate on every level", r.win_rate, of.win_rate, room.of(1) + rest);
  found.equal(check.name + ".reward on every level", r.reward, reward,
              room.reward(reward) + rest * std::max(1.0, check.facts.size));
  found.equal(check.name + ".reward_sd on every level", r.reward_sd, sd,
              room.reward(sd) + 100 * rest * std::max(1.0, check.facts.size));
}

/** A chain without memory and its independent tokens. */
inline void check_same(Findings& found, const Report& chain, const Report& tokens, const Facts& facts) {
  const Tolerance a(chain, facts);
  const Tolerance b(tokens, facts);
  const double size = std::isfinite(facts.size) ? facts.size : 1e308;
  constexpr double rest = 1e-10;
  const auto same = [&](const std::string& name, double x, double y) {
    found.equal(name + " as of tokens", x, y, a(x) + b(y) + rest * std::max(1.0, std::fabs(y)));
  };
  const auto same_reward = [&](const std::string& name, double x, double y) {
    found.equal(name + " as of tokens", x, y, a.reward(x, size) + b.reward(y, size) + rest * size);
  };
  same("kl_max", chain.model.kl_max, tokens.model.kl_max);
  const std::pair<const PolicyReport*, const PolicyReport*> pairs[] = {
      {&chain.model, &tokens.model}, {&chain.kl_rl, &tokens.kl_rl}, {&chain.best_of_n, &tokens.best_of_n}};
  const char* const names[] = {"model", "kl_rl", "best_of_n"};
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string of = names[i];
    same_reward(of + ".reward", pairs[i].first->reward, pairs[i].second->reward);
    same_reward(of + ".reward_sd", pairs[i].first->reward_sd, pairs[i].second->reward_sd);
    same(of + ".kl", pairs[i].first->kl, pairs[i].second->kl);
    same(of + ".win_rate", pairs[i].first->win_rate, pairs[i].second->win_rate);
  }
}

}  // namespace tiltlab::fuzz
