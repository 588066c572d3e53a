// The invariants of the fuzz run, on 10,000 small laws of a fixed random sequence.
#include "../../fuzz/invariants.hpp"

#include <catch2/catch.hpp>

#include "../../fuzz/scenario.hpp"
#include "support.hpp"

using namespace tiltlab;

namespace {

double power_of_10(test::Random& random, double lo, double hi) {
  return std::pow(10.0, lo + (hi - lo) * random.uniform());
}

/** 2 .. 8 outcomes; one law in four has rare outcomes, one in four rewards of very different sizes. */
test::Alphabet any_alphabet(test::Random& random) {
  test::Alphabet a = test::random_alphabet(random, 8);
  if (random.uniform() < 0.25) {
    double total = 0;
    for (double& p : a.p) {
      if (random.uniform() < 0.4) p *= power_of_10(random, -290, 0);
      total += p;
    }
    for (double& p : a.p) p /= total;
  }
  if (random.uniform() < 0.25) {
    // Sums of rewards of more than some 28 orders of size are past a double-double.
    const double lo = power_of_10(random, -9, 0) * 12 - 12;
    for (double& r : a.reward) {
      if (random.uniform() < 0.5) r = (random.uniform() < 0.5 ? -1 : 1) * power_of_10(random, lo, -lo);
    }
  }
  return a;
}

double any_budget(test::Random& random) {
  const double u = random.uniform();
  return u < 0.7 ? 6 * random.uniform() : u < 0.85 ? power_of_10(random, -300, 0) : power_of_10(random, 0, 11);
}

}  // namespace

TEST_CASE("what holds for every report holds for 10,000 laws") {
  test::Random random(11);
  for (int i = 0; i < 10000; ++i) {
    const test::Alphabet a = any_alphabet(random);
    fuzz::Scenario s;
    s.kind = random.uniform() < 0.4 ? "memoryless" : "finite";
    s.p = a.p;
    s.reward = a.reward;
    s.gold.assign(a.p.size(), 0);
    if (s.kind == "memoryless") s.length = static_cast<double>(random.integer(1, 6));
    s.value = any_budget(random);
    fuzz::Findings found;
    try {
      const Tokens m = fuzz::tokens_of(s);
      const fuzz::Facts facts = fuzz::facts_of(s.p, s.reward, s.length);
      const Report report = evaluate(m, make_budget("kl", s.value, m));
      fuzz::check_report(found, report, facts);
      if (i % 4 == 0) {
        const Report larger = evaluate(m, make_budget("kl", s.value * 1.001, m));
        fuzz::check_report(found, larger, facts);
        fuzz::check_larger(found, report, larger, facts);
      }
    } catch (const std::exception& e) {
      found.add(std::string("threw: ") + e.what());
    }
    if (found.all().empty()) continue;
    for (const std::string& what : found.all()) UNSCOPED_INFO(what);
    // `build/fuzz/tiltlab_fuzz --replay` reads this line.
    FAIL_CHECK(fuzz::to_line(s));
  }
}
