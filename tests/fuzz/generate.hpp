#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "fuzz/scenario.hpp"
#include "policies/random_best_of_n.hpp"
#include "support.hpp"

/** Random scenarios of many shapes, and changes of given ones. */
namespace tiltlab::fuzz {

using test::Random;

inline bool chance(Random& random, double p) { return random.uniform() < p; }

template <class T>
const T& one_of(Random& random, const std::vector<T>& all) {
  return all[static_cast<std::size_t>(random.integer(0, static_cast<std::int64_t>(all.size()) - 1))];
}

/** 10^u, u uniform on [lo, hi]. */
inline double power_of_10(Random& random, double lo, double hi) {
  return std::pow(10.0, lo + (hi - lo) * random.uniform());
}

/** x as a decimal of so many digits, as people write them. */
inline double rounded(double x, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*e", digits - 1, x);
  return std::strtod(text.data(), nullptr);
}

inline double signed_number(Random& random, double x) { return chance(random, 0.5) ? -x : x; }

/** Rewards of one shape. */
inline std::vector<double> random_rewards(Random& random, std::size_t size) {
  std::vector<double> r;
  const auto fill = [&](auto&& make) {
    while (r.size() < size) r.push_back(make(static_cast<double>(r.size())));
  };
  const double scale = chance(random, 0.7) ? 1 : power_of_10(random, -12, 12);
  switch (random.integer(0, 13)) {
    case 0: {
      const auto most = random.integer(1, 20);
      fill([&](double) { return static_cast<double>(random.integer(0, most)); });
      break;
    }
    case 1:
      fill([&](double) { return static_cast<double>(random.integer(-40, 40)) / 10; });
      break;
    case 2:  // A lattice but for a little.
      fill([&](double i) { return i + (chance(random, 0.4) ? rounded(power_of_10(random, -12, -2), 1) : 0); });
      break;
    case 3:
      fill([&](double) { return rounded(static_cast<double>(random.integer(-9, 9)) / 3, 7); });
      break;
    case 4:
      fill([&](double) { return std::sqrt(static_cast<double>(random.integer(0, 50))) * scale; });
      break;
    case 5:
      fill([&](double) { return (2 * random.uniform() - 1) * scale; });
      break;
    case 6:  // Many equal ones.
      fill([&](double) { return chance(random, 0.8) ? 1.5 : static_cast<double>(random.integer(0, 3)); });
      break;
    case 7:
      fill([&](double) { return signed_number(random, power_of_10(random, -300, 300)); });
      break;
    case 8:
      fill([&](double i) { return std::pow(10.0, i); });
      for (double& x : r) x = std::min(x, 1e300);
      break;
    case 9: {  // One of another order than the rest.
      fill([&](double) { return static_cast<double>(random.integer(0, 4)); });
      r[static_cast<std::size_t>(random.integer(0, static_cast<std::int64_t>(size) - 1))] =
          signed_number(random, rounded(power_of_10(random, 2, 20), 2));
      break;
    }
    case 10: {
      const double at = signed_number(random, rounded(power_of_10(random, -3, 16), 3));
      fill([&](double) { return at + static_cast<double>(random.integer(0, 5)); });
      break;
    }
    case 11: {
      const double same = signed_number(random, power_of_10(random, -300, 300));
      fill([&](double) { return same; });
      break;
    }
    case 12: {
      const double unit = power_of_10(random, -300, 299);
      fill([&](double) { return unit * static_cast<double>(random.integer(-3, 9)); });
      break;
    }
    default:
      fill([&](double) { return rounded(signed_number(random, power_of_10(random, -2, 2)), 3); });
  }
  return r;
}

/** Probabilities that sum to 1, some of them rare. */
inline std::vector<double> random_probabilities(Random& random, std::size_t size) {
  std::vector<double> p;
  const auto shape = random.integer(0, 4);
  const double rarest = power_of_10(random, -300, -1);
  for (std::size_t i = 0; i < size; ++i) {
    const double u = random.uniform();
    p.push_back(shape == 0   ? 1
                : shape == 1 ? u + 1e-6
                : shape == 2 ? std::pow(u, 6) + 1e-12
                : shape == 3 ? (chance(random, 0.4) ? rarest * (1 + u) : u + 1e-3)
                             : std::exp(-600 * u * std::fabs(std::log10(rarest)) / 300));
  }
  double total = 0;
  for (const double x : p) total += x;
  for (double& x : p) x /= total;
  if (chance(random, 0.3) && size > 1) {
    for (double& x : p) x = rounded(x, 3);
    double rest = 1;
    const auto largest = static_cast<std::size_t>(std::max_element(p.begin(), p.end()) - p.begin());
    for (std::size_t i = 0; i < size; ++i) rest -= i == largest ? 0 : p[i];
    if (rest > 0) p[largest] = rest;
  }
  if (chance(random, 0.05) && size > 1) {
    // A token that never occurs.
    p.back() += p.front();
    p.front() = 0;
  }
  return p;
}

inline double random_length(Random& random) {
  const double u = random.uniform();
  if (u < 0.35) return static_cast<double>(random.integer(1, 12));
  if (u < 0.6) return static_cast<double>(random.integer(10, 400));
  return std::min(1e9, std::round(power_of_10(random, 0, 9)));
}

inline void random_budget(Random& random, Scenario& s) {
  std::vector<std::string> kinds = {"n", "log_n", "kl"};
  if (s.kind == "memoryless" || s.kind == "counts") kinds.insert(kinds.end(), {"kl_per_token", "kl_per_token"});
  s.budget = one_of(random, kinds);
  const double u = random.uniform();
  if (s.budget == "n") {
    s.value = u < 0.5   ? static_cast<double>(random.integer(1, 100))
              : u < 0.8 ? power_of_10(random, 0, 12)
              : u < 0.9 ? power_of_10(random, 0, 308)
                        : 1 + power_of_10(random, -15, 0);
  } else {
    const double largest = s.budget == "kl_per_token" ? 1e12 / s.length : 1e12;
    s.value = u < 0.6   ? 5 * random.uniform()
              : u < 0.8 ? power_of_10(random, -6, 3)
              : u < 0.9 ? power_of_10(random, -300, -3)
                        : std::min(largest, power_of_10(random, 0, 12));
    if (chance(random, 0.02)) s.value = 0;
    if (s.budget == "kl_per_token") s.value = std::min(largest, s.value);
    if (chance(random, 0.5)) s.value = rounded(s.value, 2);
  }
}

inline void random_policies(Random& random, Scenario& s) {
  for (auto i = random.integer(1, 2); i > 0; --i) {
    ExtraPolicy policy;
    policy.kind = chance(random, 0.6) ? &soft_best_of_n_kind : &best_of_poisson_kind;
    policy.parameter[0] = chance(random, 0.7) ? static_cast<double>(random.integer(1, 64)) : power_of_10(random, 0, 8);
    if (policy.kind == &soft_best_of_n_kind)
      policy.parameter[1] = chance(random, 0.7) ? 4 * random.uniform() : power_of_10(random, -9, 9);
    s.policies.push_back(policy);
  }
}

inline Scenario random_tokens(Random& random) {
  Scenario s;
  const double u = random.uniform();
  s.kind = u < 0.35 ? "finite" : u < 0.95 ? "memoryless" : "counts";
  const double v = random.uniform();
  const auto size = static_cast<std::size_t>(v < 0.8    ? random.integer(1, 8)
                                             : v < 0.95 ? random.integer(5, 80)
                                                        : random.integer(100, 3000));
  s.p = random_probabilities(random, size);
  s.reward = random_rewards(random, size);
  s.gold.assign(size, 0);
  if (s.kind == "finite") {
    if (chance(random, 0.3)) {
      for (double& g : s.gold) g = rounded(2 * random.uniform() - 1, 2);
    }
  } else {
    s.length = random_length(random);
    if (s.kind == "counts") {
      for (double& p : s.p) p = std::ceil(1e5 * p);
    }
  }
  random_budget(random, s);
  if (chance(random, 0.25)) random_policies(random, s);
  return s;
}

inline Scenario random_continuous(Random& random) {
  Scenario s;
  static const std::vector<std::string> families = {"uniform", "normal",  "exponential", "gamma",
                                                    "beta",    "weibull", "lognormal",   "logistic",
                                                    "laplace", "gumbel",  "quantiles"};
  s.kind = one_of(random, families);
  const auto usual = [&] {
    const double x = chance(random, 0.7) ? 5 * random.uniform() + 0.02 : power_of_10(random, -2, 4);
    return chance(random, 0.5) ? rounded(x, 2) : x;
  };
  const auto unit = [&] { return chance(random, 0.8) ? usual() : power_of_10(random, -290, 290); };
  const auto place = [&] {
    return chance(random, 0.5) ? 0 : signed_number(random, chance(random, 0.9) ? usual() : unit());
  };
  if (s.kind == "quantiles") {
    const auto size = static_cast<std::size_t>(chance(random, 0.8) ? random.integer(2, 9) : random.integer(10, 2000));
    s.p = {0};
    const auto levels = random.integer(0, 2);
    while (s.p.size() + 1 < size) {
      s.p.push_back(levels == 0   ? random.uniform()
                    : levels == 1 ? power_of_10(random, -300, 0)
                                  : 1 - power_of_10(random, -16, 0));
    }
    s.p.push_back(1);
    std::sort(s.p.begin(), s.p.end());
    s.p.erase(std::unique(s.p.begin(), s.p.end()), s.p.end());
    s.reward = random_rewards(random, s.p.size());
    std::sort(s.reward.begin(), s.reward.end());
  } else if (s.kind == "uniform") {
    const double low = place();
    s.p = {low, low + unit()};
  } else if (s.kind == "exponential") {
    s.p = {unit()};
  } else if (s.kind == "gamma" || s.kind == "weibull") {
    s.p = {usual(), unit()};
    if (s.kind == "weibull" && chance(random, 0.8)) s.p[0] = std::max(1.0, s.p[0]);
  } else if (s.kind == "beta") {
    s.p = {usual(), usual()};
  } else if (s.kind == "lognormal") {
    s.p = {place(), chance(random, 0.9) ? std::min(20.0, usual()) : usual()};
  } else {
    s.p = {place(), unit()};
  }
  if (chance(random, 0.4) || (s.kind == "lognormal" && chance(random, 0.9))) s.kind.insert(0, "-");
  random_budget(random, s);
  return s;
}

/** What no model is. */
inline void spoil(Random& random, Scenario& s) {
  const double bad = one_of<double>(random, {NAN, HUGE_VAL, -HUGE_VAL, -1, 0, 1.5, 1e301, 5e-324, -0.0, 1e10});
  const auto any = [&](std::vector<double>& list) {
    if (!list.empty())
      list[static_cast<std::size_t>(random.integer(0, static_cast<std::int64_t>(list.size()) - 1))] = bad;
  };
  switch (random.integer(0, 6)) {
    case 0:
      any(s.p);
      break;
    case 1:
      any(s.reward);
      break;
    case 2:
      any(s.gold);
      break;
    case 3:
      s.value = bad;
      break;
    case 4:
      s.length = bad;
      break;
    case 5:
      s.p.clear();
      s.reward.clear();
      s.gold.clear();
      break;
    default:
      if (!s.policies.empty()) {
        (chance(random, 0.5) ? s.policies.front().parameter[0] : s.policies.front().parameter[1]) = bad;
      } else {
        s.budget = "nats";
      }
  }
}

/** Probabilities as they were but for their sum. */
inline void normalise(Scenario& s) {
  if (s.kind != "finite" && s.kind != "memoryless") return;
  double total = 0;
  for (const double p : s.p) total += p;
  if (total > 0 && std::isfinite(total)) {
    for (double& p : s.p) p /= total;
  }
}

/** One thing of a scenario changed, a little or much. */
inline Scenario mutated(Random& random, Scenario s) {
  const auto scaled = [&](double x) {
    const double u = random.uniform();
    return u < 0.3   ? x * (1 + signed_number(random, power_of_10(random, -15, -1)))
           : u < 0.6 ? x * power_of_10(random, -1, 1)
           : u < 0.8 ? x * power_of_10(random, -30, 3)
                     : rounded(x, 2);
  };
  const auto any = [&](std::vector<double>& list) -> double* {
    return list.empty()
               ? nullptr
               : &list[static_cast<std::size_t>(random.integer(0, static_cast<std::int64_t>(list.size()) - 1))];
  };
  for (auto changes = random.integer(1, 3); changes > 0; --changes) {
    switch (random.integer(0, 6)) {
      case 0:
        s.value = s.budget == "n" ? std::clamp(scaled(s.value), 1.0, 1e308) : std::clamp(scaled(s.value), 0.0, 1e12);
        break;
      case 1:
        if (s.kind == "memoryless" || s.kind == "counts")
          s.length = chance(random, 0.5) ? random_length(random)
                                         : std::clamp(s.length + static_cast<double>(random.integer(-2, 2)), 1.0, 1e9);
        break;
      case 2:
        if (s.family() != "quantiles") {
          if (double* p = any(s.p)) *p = scaled(*p);
          if (s.kind == "counts") {
            for (double& p : s.p) p = std::ceil(p);
          }
          normalise(s);
        }
        break;
      case 3:
        if (double* r = any(s.reward)) *r = scaled(*r);
        if (s.family() == "quantiles") std::sort(s.reward.begin(), s.reward.end());
        break;
      case 4:
        random_budget(random, s);
        break;
      case 5:
        if (s.of_tokens()) {
          s.p.push_back(s.kind == "counts" ? 1 : power_of_10(random, -30, 0));
          s.reward.push_back(random_rewards(random, 1).front());
          s.gold.push_back(0);
          normalise(s);
        } else if (s.kind != "quantiles" && s.kind != "lognormal") {
          s.kind = s.mirrored() ? s.family() : "-" + s.kind;
        }
        break;
      default:
        if (s.of_tokens() && s.policies.empty()) random_policies(random, s);
    }
  }
  for (double& r : s.reward) r = std::clamp(r, -1e300, 1e300);
  return s;
}

inline Scenario random_scenario(Random& random, const std::vector<Scenario>& corpus) {
  Scenario s;
  if (!corpus.empty() && chance(random, 0.35)) {
    s = mutated(random, one_of(random, corpus));
  } else {
    s = chance(random, 0.75) ? random_tokens(random) : random_continuous(random);
  }
  if (chance(random, 0.02)) spoil(random, s);
  return s;
}

/**
 * A policy of one parameter, by it or by its KL, from far below what is seen to far past what there is.
 * @param largest a KL up to which the scenario's own budgets go
 */
inline ExtraPolicy random_further(Random& random, double largest) {
  ExtraPolicy policy;
  policy.kind = one_of<const PolicyKind*>(
      random, {&win_rate_tilt_kind, &top_quantile_kind, &best_of_poisson_kind, &chi_squared_kind, &mixture_kind,
               &index_best_of_n_kind, &block_best_of_n_kind});
  if (policy.kind == &block_best_of_n_kind) policy.parameter[0] = std::floor(power_of_10(random, 0, 4));
  const double u = random.uniform();
  if (policy.kind->weakest && chance(random, 0.6)) {
    const double kl = u < 0.5    ? 5 * random.uniform()
                      : u < 0.7  ? power_of_10(random, -6, 3)
                      : u < 0.8  ? power_of_10(random, -320, -6)
                      : u < 0.9  ? power_of_10(random, 0, 12)
                      : u < 0.97 ? largest * random.uniform()
                                 : 0;
    policy.kl = chance(random, 0.5) ? rounded(kl, 2) : kl;
    return policy;
  }
  if (policy.kind == &top_quantile_kind) {
    policy.parameter[0] = u < 0.5   ? std::max(1e-9, random.uniform())
                          : u < 0.7 ? 1 - power_of_10(random, -16, -1)
                          : u < 0.9 ? power_of_10(random, -12, 0)
                                    : power_of_10(random, -320, 0);
  } else if (policy.kind == &chi_squared_kind) {
    policy.parameter[0] = u < 0.6 ? power_of_10(random, -4, 4) : power_of_10(random, -300, 300);
  } else if (policy.kind == &mixture_kind || policy.kind->count() == 2 || policy.kind == &index_best_of_n_kind) {
    const double n = u < 0.6   ? 1 + 30 * random.uniform()
                     : u < 0.9 ? power_of_10(random, 0, 9)
                               : power_of_10(random, 0, 300);
    (policy.kind == &block_best_of_n_kind ? policy.parameter[1] : policy.parameter[0]) = n;
    if (policy.kind == &mixture_kind)
      policy.parameter[1] = chance(random, 0.7) ? random.uniform() : power_of_10(random, -300, 0);
  } else {
    policy.parameter[0] = u < 0.5    ? 64 * random.uniform()
                          : u < 0.7  ? power_of_10(random, -6, 8)
                          : u < 0.9  ? power_of_10(random, 8, 300)
                          : u < 0.97 ? power_of_10(random, -320, -6)
                                     : 0;
  }
  return policy;
}

/** One row: dense, sparse, absorbing or of a single way out. */
inline std::vector<double> random_row(Random& random, std::size_t states, std::size_t from) {
  std::vector<double> row;
  const double u = random.uniform();
  if (u < 0.35) {
    row = random_probabilities(random, states);
  } else if (u < 0.5) {
    row.assign(states, 0);
    row[u < 0.42 ? from : (from + 1) % states] = 1;
  } else {
    for (std::size_t i = 0; i < states; ++i) row.push_back(chance(random, 0.5) ? 0.05 + random.uniform() : 0);
    row[from] += chance(random, 0.5) ? 0 : 0.5;
    row[(from + 1) % states] += 0.1;
    double total = 0;
    for (const double x : row) total += x;
    for (double& x : row) x /= total;
  }
  return row;
}

inline Scenario random_chain(Random& random) {
  Scenario s;
  s.kind = "markov";
  const auto states = static_cast<std::size_t>(random.integer(1, 6));
  const double u = random.uniform();
  s.length = static_cast<double>(u < 0.5 ? random.integer(1, 12) : random.integer(1, 200));
  s.p = random_row(random, states, 0);
  const bool forgets = chance(random, 0.2);
  const std::vector<double> same = random_probabilities(random, states);
  for (std::size_t i = 0; i < states; ++i) {
    const std::vector<double> row = forgets ? same : random_row(random, states, i);
    s.transition.insert(s.transition.end(), row.begin(), row.end());
  }
  s.reward = random_rewards(random, chance(random, 0.6) ? states : states * states);
  random_budget(random, s);
  if (chance(random, 0.2)) s.budget = "kl_per_token";
  if (chance(random, 0.6)) s.policies.push_back(random_further(random, 20));
  if (chance(random, 0.05)) {
    std::vector<double>& list = chance(random, 0.5) ? s.transition : s.reward;
    if (chance(random, 0.5)) {
      list[static_cast<std::size_t>(random.integer(0, static_cast<std::int64_t>(list.size()) - 1))] =
          one_of<double>(random, {NAN, HUGE_VAL, -1, 1.5, 1e301, 5e-324, -0.0});
    } else {
      list.resize(list.size() + static_cast<std::size_t>(random.integer(0, 3)) - 1);
    }
  }
  return s;
}

/** Chains, and policies by parameter and by KL on any model. @param corpus of these alone, may be empty */
inline Scenario random_further_scenario(Random& random, const std::vector<Scenario>& corpus) {
  if (chance(random, 0.35)) return random_chain(random);
  Scenario s;
  if (!corpus.empty() && chance(random, 0.2)) {
    s = one_of(random, corpus);
    if (!s.of_chain()) s = mutated(random, s);
  } else {
    s = chance(random, 0.6) ? random_tokens(random) : random_continuous(random);
  }
  s.policies.clear();
  const double spent = s.budget == "n" ? 30 : s.budget == "kl_per_token" ? s.value * s.length : s.value;
  for (auto i = random.integer(1, 2); i > 0; --i) s.policies.push_back(random_further(random, std::min(1e12, spent)));
  if (chance(random, 0.02)) {
    const double bad = one_of<double>(random, {NAN, HUGE_VAL, -HUGE_VAL, -1, 1.5, 1e301, 5e-324, -0.0, 1e13});
    if (s.policies.front().kl) {
      s.policies.front().kl = bad;
    } else {
      s.policies.front().parameter[0] = bad;
    }
  }
  return s;
}

}  // namespace tiltlab::fuzz
