#include "models/text.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "report/curves.hpp"
#include "report/report.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

/** The law of a text's reward, transition by transition in tenths from the least: another way than the model's. */
struct Sums {
  double least;
  std::vector<double> p;
};

Sums sums_of(const TokenClasses& c, std::size_t length) {
  const std::size_t k = c.initial.size();
  const std::size_t m = c.of.size();
  const auto tenths = [](double x) { return static_cast<std::size_t>(std::lround(10 * x)); };
  const double least = *std::min_element(c.reward.begin(), c.reward.end());
  const double most = *std::max_element(c.reward.begin(), c.reward.end());
  const double words = std::accumulate(c.initial.begin(), c.initial.end(), 0.0);
  std::vector<std::vector<double>> now(k, std::vector<double>(tenths(most - least) * length + 1, 0));
  for (std::size_t i = 0; i < k; ++i) now[i][0] = c.initial[i] / words;
  for (std::size_t n = 0; n < length; ++n) {
    std::vector<std::vector<double>> next(k, std::vector<double>(now[0].size(), 0));
    for (std::size_t i = 0; i < k; ++i) {
      const double row = std::accumulate(c.next.begin() + static_cast<std::ptrdiff_t>(i * m),
                                         c.next.begin() + static_cast<std::ptrdiff_t>((i + 1) * m), 0.0);
      for (std::size_t j = 0; j < m; ++j) {
        const std::size_t by = tenths(c.reward[j] - least);
        for (std::size_t x = 0; x + by < now[i].size(); ++x)
          next[c.of[j]][x + by] += now[i][x] * c.next[i * m + j] / row;
      }
    }
    now = std::move(next);
  }
  Sums out{least * static_cast<double>(length), now[0]};
  for (std::size_t i = 1; i < k; ++i) {
    for (std::size_t x = 0; x < out.p.size(); ++x) out.p[x] += now[i][x];
  }
  return out;
}

double reward_at(const Sums& s, std::size_t x) { return s.least + 0.1 * static_cast<double>(x); }

double best_of(const Sums& s, double n) {
  double mean = 0;
  double below = 0;
  for (std::size_t x = 0; x < s.p.size(); ++x) {
    const double through = std::min(1.0, below + s.p[x]);
    mean += reward_at(s, x) * (std::pow(through, n) - std::pow(below, n));
    below = through;
  }
  return mean;
}

/** Mean reward and KL of the tilt by alpha. */
std::pair<double, double> tilted(const Sums& s, double alpha) {
  double z = 0;
  double mean = 0;
  for (std::size_t x = 0; x < s.p.size(); ++x) {
    const double w = s.p[x] * std::exp(alpha * reward_at(s, x));
    z += w;
    mean += w * reward_at(s, x);
  }
  return {mean / z, alpha * mean / z - std::log(z)};
}

}  // namespace

TEST_CASE("the table of Moby-Dick: every word in one of three classes, every pair within a chapter") {
  const TokenClasses c = moby_dick_classes();
  REQUIRE(c.reward.size() == 71);
  CHECK(std::accumulate(c.initial.begin(), c.initial.end(), 0.0) == 211745);
  // 135 chapters and the epilogue have a first word each.
  CHECK(std::accumulate(c.next.begin(), c.next.end(), 0.0) == 211745 - 136);
  CHECK(c.initial == std::vector<double>{6089, 198524, 7132});
  const MarkovLaw law = class_chain(c, 40);
  CHECK(law.states == 3);
  CHECK(law.transitions.size() > law.states * law.states);
  for (const Transition& t : law.transitions) CHECK(t.to == c.of[t.level]);
}

TEST_CASE("texts of order 1 against their sums, transition by transition: listed, and by powers of the tilted chain") {
  for (const double length : {1.0, 3.0, 40.0, 100.0, 300.0}) {
    const Sums sums = sums_of(moby_dick_classes(), static_cast<std::size_t>(length));
    const Chain c = make_model(TextInput{length});
    CHECK(std::holds_alternative<Tokens>(c.sums) == (length <= 40));
    for (const double n : {2.0, 64.0, 5000.0}) {
      const Report r = evaluate(c, make_budget("n", n, length_of(c)));
      INFO(length << " " << n);
      CHECK_THAT(r.model.reward, WithinAbs(tilted(sums, 0).first, 1e-11 * length));
      CHECK_THAT(r.best_of_n.reward, WithinRel(best_of(sums, n), 1e-9));
      if (!std::isfinite(r.kl_rl.alpha)) continue;
      const auto [reward, kl] = tilted(sums, r.kl_rl.alpha);
      CHECK_THAT(r.kl_rl.reward, WithinRel(reward, 1e-10));
      CHECK_THAT(kl, WithinRel(std::log(n), 1e-9));
    }
  }
}

TEST_CASE("classes whose tokens follow alike are independent tokens, at any length") {
  const TokenClasses c{{0, 1, 1, 0}, {3, 1}, {4, 3, 2, 1, 4, 3, 2, 1}, {0, 1, 3, 2}};
  for (const double length : {1.0, 9.0, 200.0, 1e6}) {
    const Chain chain = chain_of(class_chain(c, length), static_cast<std::int64_t>(length));
    const Tokens tokens = memoryless_model(std::vector{0.4, 0.3, 0.2, 0.1}, c.reward, length, false, "model.tokens");
    for (const double rate : {0.001, 0.1}) {
      INFO(length << " " << rate);
      const Report a = evaluate(chain, make_budget("kl_per_token", rate, length_of(chain)));
      const Report b = evaluate(tokens, make_budget("kl_per_token", rate, tokens));
      CHECK_THAT(a.kl_rl.reward, WithinRel(b.kl_rl.reward, 1e-12));
      CHECK_THAT(a.kl_rl.win_rate, WithinRel(b.kl_rl.win_rate, 1e-10));
      CHECK_THAT(a.best_of_n.reward, WithinRel(b.best_of_n.reward, 1e-10));
      CHECK_THAT(a.gap.reward, WithinAbs(b.gap.reward, 1e-8));
      CHECK_THAT(a.best_of_n.kl, WithinRel(b.best_of_n.kl, 1e-9));
    }
  }
}

TEST_CASE("memory of one word: glad words follow glad ones, and the same nats buy more, at every length") {
  for (const double length : {40.0, 1000.0, 1e9}) {
    const Chain c = make_model(TextInput{length});
    const TokenClasses classes = moby_dick_classes();
    std::vector<double> count(classes.of.size(), 0);
    for (std::size_t i = 0; i < classes.next.size(); ++i) count[i % count.size()] += classes.next[i];
    const Tokens words = memoryless_model(count, classes.reward, length, true, "model.source");
    const Report a = evaluate(c, make_budget("kl_per_token", 0.2, length_of(c)));
    const Report b = evaluate(words, make_budget("kl_per_token", 0.2, words));
    CHECK(a.model.reward_sd > b.model.reward_sd);
    CHECK(a.kl_rl.reward > b.kl_rl.reward);
    CHECK(a.best_of_n.reward > b.best_of_n.reward);
  }
  const LawCurve law = picture(make_model(TextInput{1000}), base_of(make_model(TextInput{1000})), 60);
  CHECK(law.x.size() > 10);
}

TEST_CASE("a text has at least a word") { CHECK_THROWS_AS(make_model(TextInput{0}), InputError); }
