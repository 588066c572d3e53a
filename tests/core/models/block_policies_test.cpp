#include <catch2/catch.hpp>
#include <cmath>

#include "models/chain.hpp"
#include "policies/block_best_of_n.hpp"
#include "report/policies.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

FurtherReport of(const Tokens& m, const ExtraPolicy& asked, double budget = 0, Report* beside = nullptr) {
  Report report;
  return evaluate_policies(m, {asked}, make_budget("kl", budget, m), beside ? *beside : report).front();
}
ExtraPolicy blocks(double size, double n) { return {&block_best_of_n_kind, {size, n}}; }
ExtraPolicy blocks_by_kl(double size, double kl) { return {&block_best_of_n_kind, {size, 0}, kl}; }

const test::Alphabet three{{0.5, 0.3, 0.2}, {0, 1, 3}};

}  // namespace

TEST_CASE("one block is best-of-n of the whole, and blocks add up") {
  for (const std::int64_t length : {1, 7, 40, 1000}) {
    const Tokens m = test::sequence(three, length);
    for (const double n : {1.0, 1.5, 8.0, 1e9, 1e300}) {
      INFO(length << " " << n);
      const Report r = evaluate(m, make_budget("log_n", std::log(n), m));
      for (const double size : {static_cast<double>(length), static_cast<double>(length) + 3, 1e9}) {
        const FurtherReport one = of(m, blocks(size, n), std::log(n));
        CHECK_THAT(one.reward, WithinRel(r.best_of_n.reward, 1e-13));
        CHECK_THAT(one.reward_sd, WithinRel(r.best_of_n.reward_sd, 1e-9));
        CHECK_THAT(one.kl, WithinRel(r.best_of_n.kl, 1e-11));
        CHECK_THAT(one.win_rate, WithinRel(r.best_of_n.win_rate, 1e-13));
        if (std::isfinite(r.best_of_n.kl_to_kl_rl))
          CHECK_THAT(one.kl_to_kl_rl, WithinAbs(r.best_of_n.kl_to_kl_rl, 1e-9));
      }
      // Three whole blocks and a rest.
      const auto size = std::max<std::int64_t>(1, (length - 1) / 3);
      const FurtherReport parts = of(m, blocks(static_cast<double>(size), n));
      const auto alone = [&](std::int64_t some) {
        return some > 0 ? of(test::sequence(three, some), blocks(1e9, n)) : FurtherReport{};
      };
      const auto whole = static_cast<double>(length / size);
      const FurtherReport each = alone(size);
      const FurtherReport rest = alone(length % size);
      CHECK_THAT(parts.kl, WithinRel(whole * each.kl + rest.kl, 1e-12));
      CHECK_THAT(parts.reward, WithinRel(whole * each.reward + rest.reward, 1e-12));
      CHECK_THAT(parts.kl_to_kl_rl, WithinAbs(parts.kl, 1e-9 * std::max(1.0, parts.kl)));
    }
  }
}

TEST_CASE("blocks of one token: the win rate by adding up all pairs of sums") {
  const Tokens m = test::sequence({{0.5, 0.5}, {0, 1}}, 3);
  // Best-of-2 of a fair bit is 1 with probability 3/4.
  const double policy[] = {1.0 / 64, 9.0 / 64, 27.0 / 64, 27.0 / 64};
  const double base[] = {1.0 / 8, 3.0 / 8, 3.0 / 8, 1.0 / 8};
  double win = 0;
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 4; ++j) win += policy[i] * base[j] * (i > j ? 1 : i == j ? 0.5 : 0);
  }
  const FurtherReport r = of(m, blocks(1, 2));
  CHECK_THAT(r.win_rate, WithinRel(win, 1e-14));
  CHECK_THAT(r.reward, WithinRel(2.25, 1e-14));
  CHECK_THAT(r.reward_sd, WithinRel(0.75, 1e-13));
  CHECK_THAT(r.kl, WithinRel(3 * (0.25 * std::log(0.5) + 0.75 * std::log(1.5)), 1e-13));
}

TEST_CASE("smaller blocks of the same n earn more and cost more; none earns more than KL-RL of its KL") {
  const Tokens m = test::sequence(three, 240);
  double reward = 0;
  double kl = 0;
  for (const double size : {240.0, 120.0, 60.0, 24.0, 7.0, 2.0, 1.0}) {
    INFO(size);
    const FurtherReport r = of(m, blocks(size, 4));
    CHECK(r.reward > reward);
    CHECK(r.kl > kl);
    reward = r.reward;
    kl = r.kl;
    CHECK(r.reward <= evaluate(m, make_budget("kl", r.kl, m)).kl_rl.reward + 1e-9);
    CHECK(r.win_rate > 0.5);
    CHECK(r.win_rate <= 1 + 1e-12);
  }
}

TEST_CASE("blocks meet a KL from the faintest to the largest reward alone") {
  for (const std::int64_t length : {1, 7, 60}) {
    const Tokens m = test::sequence(three, length);
    const double most = static_cast<double>(length) * -std::log(0.2);
    for (const double size : {1.0, 4.0, 100.0}) {
      for (const double share : {1e-100, 1e-9, 0.1, 0.7, 0.999}) {
        INFO(length << " " << size << " " << share);
        const FurtherReport r = of(m, blocks_by_kl(size, share * most));
        CHECK_THAT(r.kl, WithinRel(share * most, 1e-8));
        CHECK(r.parameters[0].second == size);
        if (share > 1e-10) CHECK_THAT(of(m, blocks(size, r.parameters[1].second)).kl, WithinRel(share * most, 1e-6));
      }
      const FurtherReport all = of(m, blocks_by_kl(size, most + 5));
      CHECK_THAT(all.kl, WithinRel(most, 1e-12));
      CHECK_THAT(all.reward, WithinRel(3.0 * static_cast<double>(length), 1e-13));
      CHECK(std::isinf(all.parameters[1].second));
      CHECK(of(m, blocks_by_kl(size, 0)).kl == 0);
    }
  }
}

TEST_CASE("the win rate of long texts is within its error of the normal law's, or left out") {
  // By a transform at 2000 tokens; the same sums by the normal law at lengths past it.
  const Tokens m = test::sequence(three, 2000);
  Report beside;
  const FurtherReport r = of(m, blocks(1, 1.05), 0, &beside);
  const double base_variance = 1.29;
  const double x = (r.reward - 2000 * 0.9) / std::sqrt(r.reward_sd * r.reward_sd + 2000 * base_variance);
  CHECK_THAT(r.win_rate, WithinAbs(std::erfc(-x / std::sqrt(2.0)) / 2, 1e-3));
  CHECK(beside.error_bound < 1e-9);
  const Tokens uneven = test::sequence({{0.5, 0.3, 0.2}, {0, 1, 1.6180339887498949}}, 900);
  Report left_out;
  CHECK(std::isnan(of(uneven, blocks(10, 1.05), 0, &left_out).win_rate));
  REQUIRE(left_out.notes.size() == 1);
  CHECK(left_out.notes.front().find("policies[0].win_rate") != std::string::npos);
  // Where it is all but certain.
  const Tokens longer = test::sequence({{0.5, 0.3, 0.2}, {0, 1, 1.6180339887498949}}, 100000);
  CHECK_THAT(of(longer, blocks(10, 4)).win_rate, WithinAbs(1, 1e-3));
}

TEST_CASE("blocks of a billion tokens") {
  const Tokens m = test::sequence(three, 1'000'000'000);
  for (const double size : {1.0, 1000.0, 1e9}) {
    Report beside;
    const FurtherReport r = of(m, blocks(size, 8), 0, &beside);
    CHECK(std::isfinite(r.reward));
    CHECK(std::isfinite(r.kl));
    CHECK(r.win_rate > 0.5);
    CHECK(beside.error_bound < 1e-3);
  }
}
