#include "models/transformed.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "error.hpp"
#include "numerics/log_domain.hpp"
#include "report/curves.hpp"
#include "report/simulated.hpp"

using namespace tiltlab;
using Catch::Matchers::Contains;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

TransformedInput input(const std::vector<double>& p, const std::vector<double>& reward, double length,
                       const std::string& kind, const std::vector<double>& parameters) {
  TransformedInput i;
  i.of = "memoryless";
  i.path = "model.tokens";
  i.p = p;
  i.reward = reward;
  i.length = length;
  i.transform = kind;
  i.parameters = parameters;
  return i;
}

Transformed coin(double length, const std::string& kind, const std::vector<double>& parameters) {
  return make_model(input({0.7, 0.3}, {0, 1}, length, kind, parameters));
}

template <class M>
Report at(const M& m, const char* kind, double value) {
  return evaluate(m, make_budget(kind, value, length_of(m)));
}

std::string refusal(const TransformedInput& i) {
  try {
    (void)make_model(i);
  } catch (const InputError& e) {
    return e.what();
  }
  return "nothing";
}

}  // namespace

TEST_CASE("a transformed sequence is the finite model of its values") {
  // Ten coins, of which six count.
  const Transformed m = coin(10, "indicator", {0.6});
  REQUIRE(m.values.token.size() == 2);
  double tail = 0;
  const double choose[] = {210, 120, 45, 10, 1};
  for (int k = 6; k <= 10; ++k) tail += choose[k - 6] * std::pow(0.3, k) * std::pow(0.7, 10 - k);
  CHECK_THAT(m.values.token.p[1], WithinRel(tail, 1e-13));
  const Report r = at(m, "n", 4);
  CHECK_THAT(r.best_of_n.reward, WithinRel(10 * (1 - std::pow(1 - tail, 4)), 1e-12));
  CHECK(r.model.levels == 2);
  CHECK(r.model.reward_max == 10);
  CHECK_THAT(derived(m, r).base_reward_per_token, WithinRel(tail, 1e-12));
}

TEST_CASE("decimals meet thresholds that their doubles miss") {
  // .1 + .2 is .3 = 2 * .15, and three times .1 is .3.
  CHECK(make_model(input({0.5, 0.5}, {0.1, 0.2}, 2, "indicator", {0.15})).values.token.size() == 2);
  CHECK_THAT(make_model(input({0.5, 0.5}, {0.1, 0.2}, 2, "indicator", {0.15})).values.token.p[1],
             WithinRel(0.75, 1e-15));
  CHECK_THAT(make_model(input({0.5, 0.5}, {0, 0.1}, 7, "indicator", {0.1})).values.token.p[1],
             WithinRel(std::pow(0.5, 7), 1e-14));
}

TEST_CASE("a transform that falls merges and sorts its values") {
  // Sums 0, 1, 2 of two coins: 2 * (0, .5, 1 - .5).
  const Transformed m = coin(2, "step", {1, -0.5});
  REQUIRE(m.values.token.size() == 2);
  CHECK_THAT(m.values.token.p[1], WithinRel(0.51, 1e-15));
  CHECK(at(m, "n", 1).model.reward_max == 1);
}

TEST_CASE("an increasing transform leaves best-of-N's choice alone and moves KL-RL") {
  const std::vector<double> p{0.5, 0.3, 0.2};
  const std::vector<double> reward{-0.3, 0.1, 0.8};
  const Tokens plain = memoryless_model(p, reward, 30, false, "model.tokens");
  for (const auto& [kind, parameters] : std::vector<std::pair<std::string, std::vector<double>>>{
           {"power", {3}}, {"sigmoid", {0.2, 0.3}}, {"step", {0.4, 2}}, {"power", {1}}}) {
    const Transformed m = make_model(input(p, reward, 30, kind, parameters));
    for (const double kl : {0.5, 4.0, 12.0}) {
      INFO(kind << " " << kl);
      const Report a = at(m, "kl", kl);
      const Report b = at(plain, "kl", kl);
      CHECK_THAT(a.best_of_n.win_rate, WithinRel(b.best_of_n.win_rate, 1e-11));
      CHECK_THAT(a.best_of_n.kl, WithinRel(b.best_of_n.kl, 1e-11));
      CHECK(a.model.levels == b.model.levels);
      CHECK_THAT(a.model.kl_max, WithinRel(b.model.kl_max, 1e-12));
      CHECK((std::fabs(a.kl_rl.win_rate - b.kl_rl.win_rate) > 1e-5) == (kind != "power" || parameters[0] != 1));
      CHECK(a.gap.reward >= 0);
    }
  }
}

TEST_CASE("limits of both policies stand in the report, and long sequences tend to them") {
  double before = infinity;
  for (const double length : {50.0, 100.0, 200.0, 400.0}) {
    const Report r = at(coin(length, "step", {0.6, 1}), "kl_per_token", 0.1);
    REQUIRE(r.limits);
    REQUIRE(r.limits->transformed);
    CHECK_THAT(r.limits->transformed->best_of_n, WithinAbs(0.5146, 5e-5));
    CHECK_THAT(r.limits->transformed->kl_rl, WithinAbs(0.9846, 5e-5));
    CHECK_THAT(r.limits->alpha, WithinRel(0.149567, 1e-5));
    const double off = std::fabs(r.best_of_n.reward / length - r.limits->transformed->best_of_n) +
                       std::fabs(r.kl_rl.reward / length - r.limits->transformed->kl_rl);
    CHECK(off < before);
    before = off;
  }
  CHECK(before < 0.03);
}

TEST_CASE("long sequences have values that no double holds the probability of") {
  for (const double length : {700.0, 1000.0, 3000.0}) {
    const Transformed m = coin(length, "step", {0.6, 1});
    CHECK(m.values.token.p.back() == 0);
    const double nats = std::min(0.1 * length, 150.0);
    const Report r = at(m, "kl", nats);
    CHECK(r.model.levels == length + 1);
    CHECK(r.model.reward_max == 2 * length);
    CHECK_THAT(r.model.kl_max, WithinRel(-length * std::log(0.3), 1e-12));
    // The binomial law by its formula, tilted by b.
    std::vector<double> log_p;
    std::vector<double> value;
    for (double k = 0; k <= length; ++k) {
      log_p.push_back(std::lgamma(length + 1) - std::lgamma(k + 1) - std::lgamma(length - k + 1) + k * std::log(0.3) +
                      (length - k) * std::log(0.7));
      value.push_back(k + (k >= 0.6 * length ? length : 0));
    }
    const auto tilt = [&](double b) {
      LogSum all;
      for (std::size_t i = 0; i < value.size(); ++i) all.add(log_p[i] + b * value[i]);
      double mean = 0;
      for (std::size_t i = 0; i < value.size(); ++i) mean += std::exp(log_p[i] + b * value[i] - all.value()) * value[i];
      return std::pair{b * mean - all.value(), mean};
    };
    double low = 0;
    double high = 10;
    for (int i = 0; i < 100; ++i) (tilt((low + high) / 2).first < nats ? low : high) = (low + high) / 2;
    INFO(length);
    CHECK_THAT(r.kl_rl.alpha, WithinRel(low, 1e-9));
    CHECK_THAT(r.kl_rl.reward, WithinRel(tilt(low).second, 1e-10));
    // Best-of-N from the top: (1 - above)^N.
    double best = 0;
    double above = 0;
    for (std::size_t i = value.size(); i-- > 0;) {
      const double more = above + std::exp(log_p[i]);
      const double n = std::exp(nats);
      best +=
          value[i] * (std::exp(n * std::log1p(-above)) - (i > 0 ? std::exp(n * std::log1p(-std::min(more, 1.0))) : 0));
      above = std::min(more, 1.0);
    }
    CHECK_THAT(r.best_of_n.reward, WithinRel(best, 1e-9));
  }
}

TEST_CASE("a transform that changes nothing changes no number, to depths that no double holds the probability of") {
  const std::vector<double> p{0.2, 0.5, 0.2, 0.1};
  const std::vector<double> rewards{-1, 0, 1, 2.5};
  for (const double length : {40.0, 600.0, 3000.0}) {
    const Tokens plain = make_model(
        TokensInput{.kind = "memoryless", .path = "model.tokens", .p = p, .reward = rewards, .length = length});
    TransformedInput input = {.of = "memoryless", .length = length, .reward = rewards, .path = "model.tokens", .p = p};
    input.transform = "power";
    input.parameters = {1};
    const Transformed m = make_model(input);
    for (const double share : {1e-6, 0.01, 0.2, 0.5, 0.9, 0.9999, 1.2}) {
      const double nats = share * length * std::log(10);
      const Report expected = evaluate(plain, make_budget("kl", nats, length_of(plain)));
      const Report found = at(m, "kl", nats);
      INFO(length << " " << share);
      CHECK_THAT(found.kl_rl.reward, WithinRel(expected.kl_rl.reward, 1e-11));
      CHECK_THAT(found.kl_rl.alpha, WithinRel(expected.kl_rl.alpha, 1e-9));
      CHECK_THAT(found.kl_rl.win_rate, WithinRel(expected.kl_rl.win_rate, 1e-11));
      CHECK_THAT(found.best_of_n.reward, WithinRel(expected.best_of_n.reward, 1e-10));
      CHECK_THAT(found.best_of_n.kl, WithinRel(expected.best_of_n.kl, 1e-9));
      CHECK_THAT(found.best_of_n.kl_to_kl_rl, WithinRel(expected.best_of_n.kl_to_kl_rl, 1e-7));
      CHECK_THAT(found.kl_rl_at_bon_kl.reward, WithinRel(expected.kl_rl_at_bon_kl.reward, 1e-11));
    }
  }
}

TEST_CASE("KL-RL mixes in what is next to nothing likely where that is worth it") {
  // A jump at what nobody draws: a budget of .01 nats buys a share q of it, q log(q / p) + (1 - q) log(1 - q) = .01.
  const double length = 2000;
  const Transformed m = coin(length, "step", {0.99, 1e20});
  const Report r = at(m, "kl", 0.01);
  double log_p = -infinity;
  for (double k = 0.99 * length; k <= length; ++k)
    log_p = log_add(log_p, std::lgamma(length + 1) - std::lgamma(k + 1) - std::lgamma(length - k + 1) +
                               k * std::log(0.3) + (length - k) * std::log(0.7));
  double low = 0;
  double high = 1;
  for (int i = 0; i < 200; ++i) {
    const double q = (low + high) / 2;
    (q * (std::log(q) - log_p) + (1 - q) * std::log1p(-q) < 0.01 ? low : high) = q;
  }
  CHECK_THAT(r.kl_rl.reward, WithinRel(low * (1e20 * length + 0.99 * length), 1e-10));
  // Best-of-N has none of it.
  CHECK(r.best_of_n.reward < 0.4 * length);
  const Frontier f = frontier(coin(1000, "step", {0.6, 1}), 1000, 50);
  CHECK(f.kl_rl.kl.back() > 990);
  CHECK(f.best_of_n.budget.back() > 990);
}

TEST_CASE("curves of a transformed model are per token") {
  const Transformed m = coin(20, "step", {0.6, 1});
  const Budget budget = make_budget("kl", 2, length_of(m));
  const LawCurves curves = law_curves(m, budget, 100);
  CHECK_THAT(curves.base.mean, WithinRel(at(m, "kl", 2).model.reward / 20, 1e-12));
  CHECK(frontier(m, 5, 20).kl_rl.reward.size() == 20);
  const GapCurve gap = gap_curve(m, budget, 10);
  CHECK(gap.gap.front() >= 0);
  CHECK(std::isnan(gap.gap.back()));
}

TEST_CASE("over lengths, those with too many values to solve for are gaps; what the others cost is counted") {
  const Transformed m = make_model(input({0.5, 0.3, 0.2}, {0, 1, std::sqrt(5.0)}, 20, "power", {2}));
  TransformedLengths lengths = lengths_of(m, DoubleDouble(0.05));
  CHECK(std::isfinite(lengths.at(150, true).gap));
  // 11,476 values.
  CHECK(lengths.work() > 11476 * 1000.0);
  CHECK(lengths.work() < most_curve_work);
  const double before = lengths.work();
  CHECK(std::isnan(lengths.at(500, true).gap));
  CHECK(lengths.work() == before);
  // A lattice has fewer.
  CHECK(std::isfinite(lengths_of(coin(20, "power", {2}), DoubleDouble(0.05)).at(1500, true).gap));
}

TEST_CASE("transformed sequences are drawn whole") {
  const Transformed m = coin(20, "step", {0.6, 1});
  const Simulation s = make_simulation(m, make_budget("n", 4, length_of(m)), "", 1, 100);
  CHECK(s.tokens == 20);
  CHECK(s.model.token.size() == m.values.token.size());
}

TEST_CASE("what cannot be listed or told apart is refused by its field") {
  CHECK_THAT(refusal(input({0.7, 0.3}, {0, 1}, 1e6, "step", {0.6, 1})),
             Contains("model.length: 1000000 is too long for a transform"));
  // What is merged may be as rare as it likes.
  CHECK(refusal(input({0.7, 0.3}, {0, 1}, 1000, "indicator", {0.4})) == "nothing");
  CHECK_THAT(refusal(input({0.7, 0.3}, {0, 1}, 10, "sigmoid", {0, 0.001})), Contains("transform.scale: 0.001 brings"));
  CHECK_THAT(refusal(input({0.7, 0.3}, {0, 1e3}, 2, "power", {40})), Contains("transform.exponent: 40 brings"));
  CHECK_THAT(refusal(input({0.7, 0.3}, {0, 1e100}, 2, "step", {0, 1})), Contains("transform: is of rewards"));
  CHECK_THAT(refusal(input({0.7, 0.3}, {0, 1}, 2.5, "step", {0, 1})), Contains("model.length: 2.5 is not an integer"));
}
