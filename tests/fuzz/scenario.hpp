#pragma once
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "models/chain.hpp"
#include "models/continuous.hpp"
#include "models/tokens.hpp"
#include "policies/block_best_of_n.hpp"
#include "policies/chi_squared.hpp"
#include "policies/index_best_of_n.hpp"
#include "policies/mixture.hpp"
#include "policies/random_best_of_n.hpp"
#include "policies/top_quantile.hpp"
#include "policies/win_rate_tilt.hpp"
#include "report/curves.hpp"
#include "report/report.hpp"
#include "report/statements/divergences.hpp"

/**
 * Scenarios as lines of text, one a line:
 *
 *   KIND LENGTH BUDGET VALUE COUNT NUMBERS... [soft N ALPHA | poisson MU | win C | top TAU | chi BETA |
 *   mix N WEIGHT | index N | block SIZE N | KINDkl KL | blockkl SIZE KL]...
 *
 * KIND is finite, memoryless, counts (memoryless, its weights counts), markov, a continuous family or quantiles; a
 * minus before the latter two mirrors. Numbers are COUNT triples p, reward, gold of tokens; COUNT parameters of a
 * family; COUNT pairs u, reward of quantiles; COUNT initial probabilities of a chain, then how many transition
 * probabilities and they, how many rewards and they. LENGTH is 1 where the kind has none. A policy of one strength is
 * also asked for by its KL: poissonkl, winkl, topkl, chikl, indexkl, blockkl.
 */
namespace tiltlab::fuzz {

struct Scenario {
  std::string kind;
  double length = 1;
  std::string budget = "kl";
  double value = 0;
  /** Probabilities, levels u, or parameters. */
  std::vector<double> p;
  std::vector<double> reward;
  std::vector<double> gold;
  /** Of a chain, row by row. */
  std::vector<double> transition;
  std::vector<ExtraPolicy> policies;

  [[nodiscard]] bool mirrored() const { return !kind.empty() && kind.front() == '-'; }
  [[nodiscard]] std::string family() const { return mirrored() ? kind.substr(1) : kind; }
  [[nodiscard]] bool of_tokens() const { return kind == "finite" || kind == "memoryless" || kind == "counts"; }
  [[nodiscard]] bool of_chain() const { return kind == "markov"; }
  /** Whether random scenarios came without any of this: they are drawn from a stream of their own. */
  [[nodiscard]] bool further() const {
    for (const ExtraPolicy& policy : policies) {
      if (policy.kl || (policy.kind != &soft_best_of_n_kind && policy.kind != &best_of_poisson_kind)) return true;
    }
    return of_chain();
  }
};

/** How lines call a kind of policy. */
struct PolicyWord {
  const char* word;
  const PolicyKind* kind;
};
inline constexpr std::array<PolicyWord, 8> policy_words{{{"soft", &soft_best_of_n_kind},
                                                         {"poisson", &best_of_poisson_kind},
                                                         {"win", &win_rate_tilt_kind},
                                                         {"top", &top_quantile_kind},
                                                         {"chi", &chi_squared_kind},
                                                         {"mix", &mixture_kind},
                                                         {"index", &index_best_of_n_kind},
                                                         {"block", &block_best_of_n_kind}}};

/** The shortest decimal that reads back to the same double, whatever its size. */
inline std::string text_of(double x) {
  std::array<char, 40> text{};
  if (x == std::floor(x) && std::fabs(x) < 1e15) {
    std::snprintf(text.data(), text.size(), "%.0f", x);
    return text.data();
  }
  for (int digits = 1; digits <= 17; ++digits) {
    std::snprintf(text.data(), text.size(), "%.*g", digits, x);
    if (std::strtod(text.data(), nullptr) == x) break;
  }
  return text.data();
}

inline std::string to_line(const Scenario& s) {
  std::ostringstream line;
  const auto list = [&](const std::vector<double>& numbers) {
    line << ' ' << numbers.size();
    for (const double x : numbers) line << ' ' << text_of(x);
  };
  line << s.kind << ' ' << text_of(s.length) << ' ' << s.budget << ' ' << text_of(s.value);
  if (s.of_chain()) {
    list(s.p);
    list(s.transition);
    list(s.reward);
  } else {
    line << ' ' << s.p.size();
    for (std::size_t i = 0; i < s.p.size(); ++i) {
      line << ' ' << text_of(s.p[i]);
      if (!s.reward.empty()) line << ' ' << text_of(s.reward[i]);
      if (s.of_tokens()) line << ' ' << text_of(s.gold[i]);
    }
  }
  for (const ExtraPolicy& policy : s.policies) {
    for (const auto& [word, kind] : policy_words) {
      if (kind == policy.kind) line << ' ' << word;
    }
    if (policy.kl) line << "kl";
    // A KL stands for the last.
    const std::size_t own = policy.kind->count() - (policy.kl ? 1 : 0);
    for (std::size_t i = 0; i < own; ++i) line << ' ' << text_of(policy.parameter[i]);
    if (policy.kl) line << ' ' << text_of(*policy.kl);
  }
  return line.str();
}

/** The policies at the end of a line. */
inline std::vector<ExtraPolicy> policies_from(std::istringstream& in) {
  std::vector<ExtraPolicy> policies;
  const auto read = [&] {
    std::string word;
    in >> word;
    return std::strtod(word.c_str(), nullptr);
  };
  for (std::string word; in >> word;) {
    ExtraPolicy policy{&best_of_poisson_kind};
    const bool by_kl = word.size() > 2 && word.substr(word.size() - 2) == "kl";
    if (by_kl) word.resize(word.size() - 2);
    for (const auto& [name, kind] : policy_words) {
      if (word == name) policy.kind = kind;
    }
    for (std::size_t i = 0; i < policy.kind->count() - (by_kl ? 1 : 0); ++i) policy.parameter[i] = read();
    if (by_kl) policy.kl = read();
    policies.push_back(policy);
  }
  return policies;
}

/** @returns nothing for a line that is none */
inline std::optional<Scenario> from_line(const std::string& line) {
  std::istringstream in(line);
  const auto read = [&] {
    std::string word;
    in >> word;
    return std::strtod(word.c_str(), nullptr);
  };
  Scenario s;
  if (!(in >> s.kind) || s.kind.front() == '#') return std::nullopt;
  s.length = read();
  in >> s.budget;
  s.value = read();
  const double count = read();
  if (!in || !(count >= 0 && count <= 1e6)) return std::nullopt;
  for (double i = 0; i < count; ++i) {
    s.p.push_back(read());
    if (s.of_tokens() || s.family() == "quantiles") s.reward.push_back(read());
    if (s.of_tokens()) s.gold.push_back(read());
  }
  if (s.of_chain()) {
    for (std::vector<double>* list : {&s.transition, &s.reward}) {
      const double size = read();
      if (!in || !(size >= 0 && size <= 1e6)) return std::nullopt;
      for (double i = 0; i < size; ++i) list->push_back(read());
    }
  }
  if (!in) return std::nullopt;
  s.policies = policies_from(in);
  return s;
}

/** @throws InputError */
inline Tokens tokens_of(const Scenario& s) {
  if (s.kind == "finite") return finite_model(s.p, s.reward, s.gold, "model.outcomes");
  return memoryless_model(s.p, s.reward, s.length, s.kind == "counts", "model.tokens");
}
inline Chain chain_of(const Scenario& s) { return make_model(MarkovInput{s.length, s.p, s.transition, s.reward}); }
inline ContinuousLaw continuous_of(const Scenario& s) {
  if (s.family() == "quantiles") return make_quantile_table(s.p, s.reward, s.mirrored());
  return make_continuous_law(s.family(), s.p, s.mirrored());
}

}  // namespace tiltlab::fuzz
