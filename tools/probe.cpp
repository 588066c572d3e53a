// Reads scenarios, one a line, and prints their reports: for probes against a reference.
//   KIND LENGTH BUDGET VALUE COUNT [P REWARD GOLD]...
#include <chrono>
#include <cstdio>
#include <iostream>
#include <sstream>

#include "report/curves.hpp"
#include "report/report.hpp"
#include "report/statements.hpp"

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
}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "report";
  std::string line;
  while (std::getline(std::cin, line)) {
    if (line.empty()) continue;
    std::istringstream in(line);
    std::string kind;
    std::string budget_kind;
    in >> kind;
    const double length = read(in);
    in >> budget_kind;
    const double value = read(in);
    const auto count = static_cast<std::size_t>(read(in));
    std::vector<double> p, reward, gold;
    for (std::size_t i = 0; i < count; ++i) {
      p.push_back(read(in));
      reward.push_back(read(in));
      gold.push_back(read(in));
    }
    using clock = std::chrono::steady_clock;
    const auto start = clock::now();
    const auto ms = [&] { return std::chrono::duration<double, std::milli>(clock::now() - start).count(); };
    try {
      const Model m = kind == "finite" ? finite_model(p, reward, gold, "model.outcomes")
                                       : memoryless_model(p, reward, length, false, "model.tokens");
      const Budget b = make_budget(budget_kind, value, m);
      if (what == "gap") {
        const GapCurve c = gap_curve(m, b, 60);
        std::printf("{\"length\":[");
        for (double x : c.length) std::printf("%g,", x);
        std::printf("0],\"gap\":[");
        for (double x : c.gap) std::printf(std::isnan(x) ? "NaN," : "%.12g,", x);
        std::printf("0],\"ms\":%.3f}\n", ms());
        continue;
      }
      if (what == "times") {
        double t0 = ms();
        const auto lap = [&](const char* name) {
          const double t = ms();
          std::printf("\"%s\":%.2f,", name, t - t0);
          t0 = ms();
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
        (void)fixed_curves(m, b, 19);
        lap("fixed");
        std::printf("\"total\":%.2f}\n", ms());
        continue;
      }
      const Report r = evaluate(m, b);
      const double t = ms();
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
    } catch (const std::exception& e) {
      std::printf("{\"error\":\"%s\",\"ms\":%.3f}\n", e.what(), ms());
    }
  }
}
