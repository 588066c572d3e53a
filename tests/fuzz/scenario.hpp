#pragma once
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "models/continuous.hpp"
#include "models/tokens.hpp"
#include "policies/random_best_of_n.hpp"
#include "report/curves.hpp"
#include "report/report.hpp"
#include "report/statements/divergences.hpp"

/**
 * Scenarios as lines of text, one a line:
 *
 *   KIND LENGTH BUDGET VALUE COUNT NUMBERS... [soft N ALPHA | poisson MU]...
 *
 * KIND is finite, memoryless, counts (memoryless, its weights counts), a continuous family or quantiles; a minus before
 * the latter two mirrors. Numbers are COUNT triples p, reward, gold of tokens; COUNT parameters of a family; COUNT
 * pairs u, reward of quantiles. LENGTH is 1 where the kind has none.
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
  std::vector<ExtraPolicy> policies;

  [[nodiscard]] bool mirrored() const { return !kind.empty() && kind.front() == '-'; }
  [[nodiscard]] std::string family() const { return mirrored() ? kind.substr(1) : kind; }
  [[nodiscard]] bool of_tokens() const { return kind == "finite" || kind == "memoryless" || kind == "counts"; }
};

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
  line << s.kind << ' ' << text_of(s.length) << ' ' << s.budget << ' ' << text_of(s.value) << ' ' << s.p.size();
  for (std::size_t i = 0; i < s.p.size(); ++i) {
    line << ' ' << text_of(s.p[i]);
    if (!s.reward.empty()) line << ' ' << text_of(s.reward[i]);
    if (s.of_tokens()) line << ' ' << text_of(s.gold[i]);
  }
  for (const ExtraPolicy& policy : s.policies) {
    if (policy.kind == &soft_best_of_n_kind) {
      line << " soft " << text_of(policy.parameter[0]) << ' ' << text_of(policy.parameter[1]);
    } else {
      line << " poisson " << text_of(policy.parameter[0]);
    }
  }
  return line.str();
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
  if (!in) return std::nullopt;
  for (std::string word; in >> word;) {
    ExtraPolicy policy;
    policy.kind = word == "soft" ? &soft_best_of_n_kind : &best_of_poisson_kind;
    policy.parameter[0] = read();
    if (word == "soft") policy.parameter[1] = read();
    s.policies.push_back(policy);
  }
  return s;
}

/** @throws InputError */
inline Model tokens_of(const Scenario& s) {
  if (s.kind == "finite") return finite_model(s.p, s.reward, s.gold, "model.outcomes");
  return memoryless_model(s.p, s.reward, s.length, s.kind == "counts", "model.tokens");
}
inline ContinuousLaw continuous_of(const Scenario& s) {
  if (s.family() == "quantiles") return make_quantile_table(s.p, s.reward, s.mirrored());
  return make_continuous_law(s.family(), s.p, s.mirrored());
}

}  // namespace tiltlab::fuzz
