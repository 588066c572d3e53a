#include "models/long_chain.hpp"

#include <catch2/catch.hpp>

#include "models/chain.hpp"
#include "numerics/log_domain.hpp"
#include "report/curves.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

Budget nats(const Chain& c, double kl) { return make_budget("kl", kl, length_of(c)); }

LongChain sticky(std::int64_t length) {
  return long_chain(
      make_markov_law(std::vector<double>{1, 0}, std::vector<double>{0.8, 0.2, 0.4, 0.6}, std::vector<double>{0, 1}, 1),
      length);
}

}  // namespace

TEST_CASE("near what a long chain can spend its law is that of the best sums") {
  const Chain c = make_model({2000, {1, 0}, {0.8, 0.2, 0.4, 0.6}, {0, 1}});
  const double most = evaluate(c, nats(c, 1)).model.kl_max;
  // All but the first transition stay in the second state.
  CHECK_THAT(most, WithinRel(-std::log(0.2) - 1999 * std::log(0.6), 1e-13));
  for (const double share : {0.5, 0.99, 0.9999, 1.0, 1.2}) {
    const Report r = evaluate(c, nats(c, share * most));
    INFO(share);
    CHECK(r.kl_rl.reward >= r.best_of_n.reward);
    CHECK(r.best_of_n.kl <= std::min(most, r.best_of_n.kl_bound) * (1 + 1e-12));
    CHECK(r.kl_rl.kl <= most);
    if (share >= 1) CHECK(r.kl_rl.reward == r.model.reward_max);
    if (share > 1) CHECK_THAT(r.best_of_n.reward, WithinRel(2000, 1e-12));
  }
}

TEST_CASE("a budget is spent to its last digits, and a nat more costs what the tilt says") {
  const LongChain m = sticky(5000);
  for (const double kl : {1e-12, 1e-3, 1.0, 400.0, 2000.0}) {
    const LongTilt tilt = tilt_for(m, kl);
    const ChainSum at = sum_of(*tilt.chain, m.length);
    INFO(kl);
    // A difference of totals knows no KL under its rounding.
    CHECK_THAT((DoubleDouble(tilt.b) * at.mean - at.log_mgf).value(), WithinAbs(kl, 1e-9 * kl + 1e-13));
    const double more = kl * 1e-5;
    const double slope = (tilt_for(m, kl + more).mean - tilt_for(m, kl).mean).value() / more;
    CHECK_THAT(slope, WithinRel(1 / tilt.b, 1e-4));
  }
}

TEST_CASE("limits of a chain do not depend on its length, and are the optimum's in the long run") {
  const Limits a = limits_of(sticky(1000), 1000, 0.1);
  const Limits b = limits_of(sticky(1000000), 1000000, 0.1);
  CHECK(a.alpha == b.alpha);
  CHECK(a.reward_per_token == b.reward_per_token);
  const LongChain m = sticky(100000000);
  const LongTilt tilt = tilt_for(m, DoubleDouble(0.1) * from_integer(m.length));
  CHECK_THAT(tilt.b, WithinRel(a.alpha, 1e-7));
  CHECK_THAT(tilt.mean.value() / 1e8, WithinRel(a.reward_per_token, 1e-7));
  CHECK_THAT(tilt.variance / 1e8, WithinRel(a.variance_per_token, 1e-6));
}

TEST_CASE("past the largest rate of a chain no tilt is steep enough, and its limits are those of the best alone") {
  const std::vector<double> row{2e-4, 4e-5, 0.02376, 0.265, 0.2655, 0.4455};
  std::vector<double> rows;
  for (int i = 0; i < 6; ++i) rows.insert(rows.end(), row.begin(), row.end());
  const MarkovLaw law = make_markov_law(std::vector<double>{1, 0, 0, 0, 0, 0}, rows,
                                        std::vector<double>{-4, -3.4, -2.3, 0.1, 1, 0.4}, 117);
  for (const double rate : {1.327, 1.7, 1e6}) {
    INFO(rate);
    const Limits past = limits_of(recurrent_chain(law, 117), 117, rate);
    CHECK(past.alpha == infinity);
    CHECK_THAT(past.reward_per_token, WithinRel(1, 1e-14));
  }
  CHECK(limits_of(recurrent_chain(law, 117), 117, 1.32).alpha < infinity);
}

TEST_CASE("few drafts of a chain that goes to and fro") {
  const MarkovInput turn{5000, {1, 0, 0}, {0, 0.4, 0.6, 1, 0, 0, 1, 0, 0}, {0, 1, 3}};
  // Every second transition is one of 2500 independent draws.
  const Tokens m =
      memoryless_model(std::vector<double>{0.4, 0.6}, std::vector<double>{1, 3}, 2500, false, "model.tokens");
  const Chain c = make_model(turn);
  for (const double n : {2.0, 7.0, 16.0, 256.0, 1e6}) {
    const Report a = evaluate(c, make_budget("n", n, length_of(c)));
    const Report b = evaluate(m, make_budget("n", n, m));
    INFO(n);
    CHECK_THAT(a.best_of_n.reward, WithinRel(b.best_of_n.reward, 1e-12));
    CHECK_THAT(a.best_of_n.kl, WithinAbs(b.best_of_n.kl, 1e-10));
    CHECK_THAT(a.kl_rl.win_rate, WithinRel(b.kl_rl.win_rate, 1e-11));
    CHECK_THAT(a.gap.reward, WithinRel(b.gap.reward, 1e-10));
  }
}

namespace {

/** Two states in equal rows, the second of which is rare and earns 2; no value where its sums are listed. */
std::optional<LongChain> rare_chain(double p, double n) {
  MarkovInput input;
  input.length = n;
  input.initial = {1, p};
  input.transition = {1, p, 1, p};
  input.reward = {0, 2};
  input.counts = true;
  const Chain chain = make_model(input);
  const auto* m = std::get_if<LongChain>(&chain.sums);
  return m ? std::optional(*m) : std::nullopt;
}

Tokens rare_tokens(double p, double n) {
  return memoryless_model(std::vector<double>{1, p}, std::vector<double>{0, 2}, n, true, "model.tokens");
}

}  // namespace

TEST_CASE("best-of-N of a chain with steps as rare as 1e-34 knows that there is nothing below its least sum") {
  for (const double n : {22.0, 60.0, 1000.0}) {
    const auto m = rare_chain(5e-34, n);
    REQUIRE(m);
    const Tokens tokens = rare_tokens(5e-34, n);
    for (const double nats : {1e-9, 1e-5, 0.1, 1.0, 20.0, 50.0, 70.0, 76.0, 90.0, 150.0, 300.0}) {
      CAPTURE(n, nats);
      const DoubleDouble log_n(nats);
      const BestOfNOutcome found = best_of(*m, log_n, tilt_for(*m, log_n));
      const BestOfNOutcome wanted = best_of(tokens, log_n, solve_tilt(tokens.token, log_n / DoubleDouble(n)));
      CHECK(found.errors.reward < 1e-13 + 1e-9 * wanted.reward.value());
      CHECK_THAT(found.reward.value(), WithinRel(wanted.reward.value(), 1e-9));
      CHECK_THAT(found.kl, WithinAbs(wanted.kl, found.errors.kl + 1e-14 * wanted.kl));
      CHECK(found.errors.kl < 1e-12 * std::max(1.0, wanted.kl));
    }
  }
}

TEST_CASE(
    "a chain of equal rows has the tokens' optimum where what earns is as rare as 1e-34, at any budget and tilt") {
  for (const double p : {5e-34, 1e-10, 1e-5}) {
    for (const double n : {22.0, 60.0, 1000.0}) {
      const auto m = rare_chain(p, n);
      if (!m) continue;
      const Tokens tokens = rare_tokens(p, n);
      const LongTilt base = base_of(*m);
      for (const double kl : {1e-8, 1e-5, 1e-3, 1.0, 50.0, 300.0}) {
        CAPTURE(p, n, kl);
        const TokenTilt wanted = solve_tilt(tokens.token, DoubleDouble(kl) / DoubleDouble(n));
        const LongTilt found = tilt_for(*m, kl);
        CHECK_THAT(found.b, WithinRel(wanted.b, 1e-9));
        CHECK_THAT(found.mean.value(), WithinRel((DoubleDouble(n) * wanted.mean).value(), 1e-9));
        CHECK_THAT(tilt_of(*m, wanted.b, base).kl.value(), WithinRel(kl, 1e-8));
      }
    }
  }
}
