#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

#include "models/best_of_n_law.hpp"
#include "models/tokens.hpp"
#include "models/transformed.hpp"
#include "report/report.hpp"
#include "support.hpp"

namespace tiltlab {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

struct Golden {
  std::vector<double> p;
  std::vector<double> reward;
  std::vector<double> gold;
};

Tokens tokens(const Golden& g, std::int64_t length) {
  return memoryless_model(g.p, g.reward, static_cast<double>(length), false, "model.tokens", g.gold);
}

BestOfNOutcome best(const Tokens& m, double log_n) { return best_of(m, log_n, tilt_for(m, log_n)); }

/** Best-of-N's gold over every composition of three tokens, in long doubles; sums that differ by less than 1e-9 tie. */
long double by_compositions(const Golden& g, std::int64_t n, long double log_n) {
  struct Level {
    long double mass = 0;
    long double gold = 0;
  };
  std::map<long long, Level> levels;
  const auto l = [](double x) { return std::log(static_cast<long double>(x)); };
  for (std::int64_t i = 0; i <= n; ++i) {
    for (std::int64_t j = 0; i + j <= n; ++j) {
      const std::int64_t k = n - i - j;
      const auto x = [](std::int64_t count) { return static_cast<long double>(count); };
      const long double log_mass = std::lgamma(x(n) + 1) - std::lgamma(x(i) + 1) - std::lgamma(x(j) + 1) -
                                   std::lgamma(x(k) + 1) + x(i) * l(g.p[0]) + x(j) * l(g.p[1]) + x(k) * l(g.p[2]);
      const long double reward = x(i) * g.reward[0] + x(j) * g.reward[1] + x(k) * g.reward[2];
      Level& level = levels[std::llround(reward * 1e9L)];
      const long double mass = std::exp(log_mass);
      level.mass += mass;
      level.gold += mass * (x(i) * g.gold[0] + x(j) * g.gold[1] + x(k) * g.gold[2]);
    }
  }
  // Of drafts that pass a level, from the top.
  long double above = 0;
  long double sum = 0;
  const long double draws = std::exp(log_n);
  for (auto it = levels.rbegin(); it != levels.rend(); ++it) {
    const auto& [mass, gold] = it->second;
    if (!(mass > 0)) continue;
    const long double to = std::exp(draws * std::log1p(-std::min(above, 1.0L)));
    above += mass;
    const long double from = above < 1 ? std::exp(draws * std::log1p(-above)) : 0;
    sum += gold / mass * (to - from);
  }
  return sum;
}

const Golden on_lattice{{.5, .3, .2}, {0, 1, 3}, {1, -2, .5}};
const Golden off_lattice{{.5, .4, .1}, {0, 1, 2.23606797749979}, {0, 3, 1}};
const Golden near_lattice{{.5, .3, .2}, {0, .3333333, 1}, {0, 1, 0}};
const Golden long_lattice{{.6, .3, .1}, {0, 1, 1000}, {2, 0, -5}};

}  // namespace

TEST_CASE("gold of a sequence is its tokens' together, by every method", "[gold]") {
  for (const Golden& g : {on_lattice, off_lattice, near_lattice, long_lattice}) {
    for (const std::int64_t n : {2, 5, 20, 60, 300, 900}) {
      const Tokens m = tokens(g, n);
      for (const double log_n : {.02, 1., 5., 20., 60.}) {
        const BestOfNOutcome bon = best(m, log_n);
        INFO("rewards " << g.reward[2] << ", n " << n << ", log N " << log_n << ", note "
                        << (bon.at ? bon.at->note : ""));
        const auto exact = static_cast<double>(by_compositions(g, n, log_n));
        const double size = std::max(1.0, std::fabs(exact));
        CHECK(bon.errors.gold < 1e-3 * size);
        CHECK_THAT(bon.gold, WithinAbs(exact, bon.errors.gold + 1e-10 * size));
        // Most of them to nearly all digits.
        if (g.reward[2] == 3) CHECK(bon.errors.gold < 1e-9 * size);
      }
    }
  }
}

TEST_CASE("gold that is a multiple of the reward is as much of its sum", "[gold]") {
  for (const std::int64_t n : {1, 7, 100, 5000, 1000000, 1000000000}) {
    const Golden g{{.5, .3, .2}, {0, 1, 3}, {2, 2.5, 3.5}};
    const Tokens m = tokens(g, n);
    for (const double rate : {1e-6, .01, .2, .69}) {
      const double log_n = rate * static_cast<double>(n);
      const Outcome o = outcome(m, best(m, log_n));
      CHECK_THAT(o.gold, WithinRel(2 * static_cast<double>(n) + o.reward / 2, 1e-12));
      const Outcome tilt = outcome(m, tilt_for(m, log_n));
      CHECK_THAT(tilt.gold, WithinRel(2 * static_cast<double>(n) + tilt.reward / 2, 1e-12));
      const Outcome base = base_outcome(m, base_of(m));
      CHECK_THAT(base.gold, WithinRel(2 * static_cast<double>(n) + base.reward / 2, 1e-12));
    }
  }
}

TEST_CASE("tokens counted as gold add up to the length and to the reward", "[gold]") {
  const std::vector<double> reward{-1, 0, .25, 1, 2.5};
  const std::vector<double> p{.1, .4, .2, .2, .1};
  for (const std::int64_t n : {3, 40, 2000, 300000, 1000000000}) {
    for (const double rate : {.001, .3}) {
      const double log_n = rate * static_cast<double>(n);
      double count = 0;
      double sum = 0;
      double total = 0;
      for (std::size_t k = 0; k < p.size(); ++k) {
        std::vector<double> gold(p.size(), 0);
        gold[k] = 1;
        const Outcome o = outcome(tokens({p, reward, gold}, n), best(tokens({p, reward, gold}, n), log_n));
        CHECK(o.gold > 0);
        count += o.gold;
        sum += o.gold * reward[k];
        total = o.reward;
      }
      INFO("n " << n << ", rate " << rate);
      CHECK_THAT(count, WithinRel(static_cast<double>(n), 1e-11));
      CHECK_THAT(sum, WithinRel(total, 1e-11));
    }
  }
}

namespace {

Transformed transformed(const Golden& g, double length, const std::string& kind, std::vector<double> parameters) {
  TransformedInput input;
  input.of = "memoryless";
  input.path = "model.tokens";
  input.p = g.p;
  input.reward = g.reward;
  input.gold = g.gold;
  input.length = length;
  input.transform = kind;
  input.parameters = std::move(parameters);
  return make_model(input);
}

}  // namespace

TEST_CASE("an increasing transform leaves best-of-N's gold alone", "[gold]") {
  for (const Golden& g : {on_lattice, off_lattice, long_lattice}) {
    for (const std::int64_t n : {1, 2, 30, 100}) {
      const Tokens plain = tokens(g, n);
      for (const auto& [kind, parameters] :
           std::vector<std::pair<std::string, std::vector<double>>>{{"power", {3}}, {"step", {1, 2}}}) {
        const Transformed m = transformed(g, static_cast<double>(n), kind, parameters);
        CHECK(states_gold(m));
        const double size = static_cast<double>(n) * 5;
        CHECK_THAT(base_outcome(m, base_of(m)).gold, WithinAbs(base_outcome(plain, base_of(plain)).gold, 1e-12 * size));
        for (const double log_n : {.3, 3., 12.}) {
          INFO("rewards " << g.reward[2] << ", n " << n << ", " << kind << ", log N " << log_n);
          CHECK_THAT(best_of(m, log_n, tilt_for(m, log_n)).gold, WithinAbs(best(plain, log_n).gold, 1e-10 * size));
        }
      }
    }
  }
}

TEST_CASE("values that a transform merges have the gold of all their sequences", "[gold]") {
  // Past probabilities that doubles hold, too.
  for (const std::int64_t n : {3, 40, 1500}) {
    const Golden coin{{.7, .3}, {0, 1}, {2, -1}};
    const Transformed m = transformed(coin, static_cast<double>(n), "clip", {.3, .5});
    std::map<double, std::pair<double, double>> values;
    for (std::int64_t k = 0; k <= n; ++k) {
      const auto x = static_cast<double>(k);
      const auto all = static_cast<double>(n);
      const double p = std::exp(std::lgamma(all + 1) - std::lgamma(x + 1) - std::lgamma(all - x + 1) +
                                x * std::log(.3) + (all - x) * std::log(.7));
      auto& [mass, gold] = values[std::clamp(x, .3 * all, .5 * all)];
      mass += p;
      gold += p * (2 * (all - x) - x);
    }
    REQUIRE(m.values.token.size() == values.size());
    std::size_t i = 0;
    for (const auto& [value, of] : values)
      CHECK_THAT(m.values.token.gold[i++], WithinAbs(of.second / of.first, 1e-9 * static_cast<double>(n)));
  }
}

/**
 * An independent way to it: of tokens reweighted by e^(theta g) the law of the sum changes by E[G | S] - E[G] of
 * itself, so that best-of-N's gold is the base's and the derivative of log P under best-of-N.
 */
TEST_CASE("gold is what reweighting tokens by it does to the law of the sum", "[gold]") {
  int told = 0;
  for (const std::int64_t n : {30000, 1000000, 1000000000}) {
    for (const double rate : {.02, .25}) {
      const Tokens m = tokens(on_lattice, n);
      const double log_n = rate * static_cast<double>(n);
      const BestOfNOutcome bon = best(m, log_n);
      const double h = 1e-2 / std::sqrt(static_cast<double>(n));
      const auto moved = [&](double theta) {
        Golden g = on_lattice;
        for (std::size_t k = 0; k < 3; ++k) g.p[k] *= std::exp(theta * g.gold[k]);
        const double z = std::accumulate(g.p.begin(), g.p.end(), 0.0);
        for (double& p : g.p) p /= z;
        return g;
      };
      // log P of best-of-N's own levels, by the law of the same depth.
      const auto log_p = [&](double theta) {
        const Tokens at = tokens(moved(theta), n);
        const BestOfNLaw law = best_of_n_law(at, log_n, tilt_for(at, log_n));
        std::map<double, double> out;
        const DoubleDouble centre = bon.at->law.center;
        for (std::size_t j = 0; j < law.law.size(); ++j)
          out[(law.law.center + law.law.exact_offset(j) - centre).value()] =
              law.law.log_mass[j] - law.law.log_scale.value();
        return out;
      };
      // Where both list it; a stride apart some do not.
      const auto up = log_p(h);
      const auto down = log_p(-h);
      double seen = 0;
      double sum = 0;
      for (std::size_t j = 0; j < bon.at->law.size(); ++j) {
        const double at = bon.at->law.offset[j];
        if (!up.count(at) || !down.count(at)) continue;
        const double mass = bon.at->policy.mass[j] * bon.at->law.stride;
        seen += mass;
        sum += mass *
               ((up.at(at) - down.at(at)) / (2 * h) + static_cast<double>(n) * (.5 - .6 + .1) - bon.at->law.gold[j]);
      }
      INFO("n " << n << ", rate " << rate << ", seen " << seen);
      // Laws whose levels are not the same ones tell nothing.
      if (seen == 0) continue;
      ++told;
      CHECK(seen > .99);
      CHECK_THAT(sum / seen, WithinAbs(0, 1e-7 * std::fabs(bon.gold)));
    }
  }
  CHECK(told == 4);
}

}  // namespace tiltlab
