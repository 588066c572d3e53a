// Reads scenarios, one a line, and prints their reports: for probes against a reference.
//   KIND LENGTH BUDGET VALUE COUNT [P REWARD GOLD]...
#include <chrono>
#include <cstdio>
#include <iostream>
#include <sstream>

#include "models/scaled_token.hpp"
#include "report/curves.hpp"
#include "report/report.hpp"
#include "report/statements/cumulant_curves.hpp"
#include "report/statements/direction_curves.hpp"
#include "report/statements/fixed_n_curves.hpp"
#include "report/statements/near_policies.hpp"
#include "report/statements/rate_curves.hpp"
#include "report/statements/simplex.hpp"
#include "report/statements/tilt_curves.hpp"

using namespace tiltlab;

namespace {
double read(std::istream& in) {
  std::string word;
  in >> word;
  return std::strtod(word.c_str(), nullptr);
}
void number(const char* name, double x, const char* after = ",") {
  if (std::isnan(x)) {
    std::printf("\"%s\":NaN%s", name, after);
  } else if (std::isinf(x)) {
    std::printf("\"%s\":%sInfinity%s", name, x < 0 ? "-" : "", after);
  } else {
    std::printf("\"%s\":%.17g%s", name, x, after);
  }
}
void policy(const char* name, const PolicyReport& r) {
  std::printf("\"%s\":{", name);
  number("reward", r.reward);
  number("reward_sd", r.reward_sd);
  number("kl", r.kl);
  number("win_rate", r.win_rate);
  number("gold", r.gold);
}

using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

struct Scenario {
  std::string kind;
  double length = 1;
  std::string budget_kind;
  double budget = 0;
  std::vector<double> p, reward, gold;
};

Scenario read_scenario(const std::string& line) {
  std::istringstream in(line);
  Scenario s;
  in >> s.kind;
  s.length = read(in);
  in >> s.budget_kind;
  s.budget = read(in);
  const auto count = static_cast<std::size_t>(read(in));
  for (std::size_t i = 0; i < count; ++i) {
    s.p.push_back(read(in));
    s.reward.push_back(read(in));
    s.gold.push_back(read(in));
  }
  return s;
}

void print_gap(const Tokens& m, const Budget& b, Clock::time_point start) {
  const GapCurve c = gap_curve(m, b, 60);
  std::printf("{\"length\":[");
  for (double x : c.length) std::printf("%g,", x);
  std::printf("0],\"gap\":[");
  for (double x : c.gap) std::printf(std::isnan(x) ? "NaN," : "%.12g,", x);
  std::printf("0],\"ms\":%.3f}\n", ms_since(start));
}

/** What each block of numbers costs, in milliseconds. */
void print_times(const Tokens& m, const Budget& b, Clock::time_point start) {
  double last = ms_since(start);
  const auto lap = [&](const char* name) {
    const double now = ms_since(start);
    std::printf("\"%s\":%.2f,", name, now - last);
    last = now;
  };
  std::printf("{");
  const Report r = evaluate(m, b);
  lap("report");
  (void)frontier(m, std::max(1e-3, 2 * r.kl), 49);
  lap("frontier");
  (void)law_curves(m, b, 160);
  lap("laws");
  if (m.sequence) {
    (void)gap_curve(m, b, 60);
    lap("gap");
  }
  (void)tilt_curves(m, b, 81);
  lap("tilt");
  (void)simplex(m, b, 48);
  lap("simplex");
  (void)near_policies(m, b, 1, 160);
  lap("near");
  (void)rate_curves(m, b, 120, 10);
  lap("rates");
  (void)cumulant_curves(m, b, 61);
  lap("cumulants");
  (void)direction_curves(m, b, 24);
  lap("directions");
  (void)fixed_n_curves(m, b, 19);
  lap("fixed");
  std::printf("\"total\":%.2f}\n", ms_since(start));
}

void print_report(const Tokens& m, const Budget& b, Clock::time_point start) {
  const Report r = evaluate(m, b);
  const double t = ms_since(start);
  std::printf("{");
  policy("model", r.model);
  number("levels", r.model.levels);
  number("reward_max", r.model.reward_max);
  number("kl_max", r.model.kl_max, "},");
  policy("kl_rl", r.kl_rl);
  number("alpha", r.kl_rl.alpha, "},");
  policy("best_of_n", r.best_of_n);
  number("kl_bound", r.best_of_n.kl_bound);
  number("kl_to_kl_rl", r.best_of_n.kl_to_kl_rl, "},");
  policy("kl_rl_at_bon_kl", r.kl_rl_at_bon_kl);
  number("alpha", r.kl_rl_at_bon_kl.alpha, "},");
  std::printf("\"gap\":{");
  number("reward", r.gap.reward);
  number("reward_at_bon_kl", r.gap.reward_at_bon_kl, "},");
  std::printf("\"notes\":[");
  for (const std::string& note : r.notes) std::printf("\"%s\",", note.c_str());
  std::printf("\"\"],");
  number("error_bound", r.error_bound);
  number("ms", t, "}\n");
}
}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "report";
  std::string line;
  while (std::getline(std::cin, line)) {
    if (line.empty()) continue;
    const Scenario s = read_scenario(line);
    const auto start = Clock::now();
    try {
      const Tokens m = s.kind == "finite" ? finite_model(s.p, s.reward, s.gold, "model.outcomes")
                                          : memoryless_model(s.p, s.reward, s.length, false, "model.tokens");
      const Budget b = make_budget(s.budget_kind, s.budget, m);
      if (what == "gap") {
        print_gap(m, b, start);
      } else if (what == "times") {
        print_times(m, b, start);
      } else {
        print_report(m, b, start);
      }
    } catch (const std::exception& e) {
      std::printf("{\"error\":\"%s\",\"ms\":%.3f}\n", e.what(), ms_since(start));
    }
  }
}
