#include "models/chain_blocks.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "error.hpp"
#include "models/chain.hpp"
#include "policies/block_best_of_n.hpp"

using namespace tiltlab;
using Catch::Matchers::Contains;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

struct Model {
  std::vector<double> initial;
  std::vector<double> transition;
  std::vector<double> reward;
};
const Model sticky{{0.7, 0.2, 0.1}, {0.8, 0.1, 0.1, 0.3, 0.4, 0.3, 0.25, 0.25, 0.5}, {0, 1, 3}};
const Model of_transitions{{1, 0}, {0.6, 0.4, 0.9, 0.1}, {0, 2, 1, 0.5}};
const Model off_lattice{{0.5, 0.5}, {0.6, 0.4, 0.2, 0.8}, {0, std::sqrt(2.0), 1, std::sqrt(5.0)}};
const Model to_and_fro{{0.3, 0.3, 0.4}, {0, 0.5, 0.5, 1, 0, 0, 1, 0, 0}, {0, 1, 2}};
const Model absorbing{{1, 0}, {0.9, 0.1, 0, 1}, {0, 1}};

Chain chain(const Model& m, double length) {
  MarkovInput input;
  input.length = length;
  input.initial = m.initial;
  input.transition = m.transition;
  input.reward = m.reward;
  return make_model(input);
}

/** Every sequence of so many transitions from a state, or from the first: its probability, reward and end. */
struct Path {
  double p;
  double reward;
  std::size_t end;
};
std::vector<Path> paths(const Model& m, std::size_t from, std::int64_t length) {
  const std::size_t k = m.initial.size();
  std::vector<Path> now;
  for (std::size_t i = 0; i < k; ++i) {
    const double p = from == k ? m.initial[i] : i == from ? 1 : 0;
    if (p > 0) now.push_back({p, 0, i});
  }
  for (std::int64_t n = 0; n < length; ++n) {
    std::vector<Path> next;
    for (const Path& path : now) {
      for (std::size_t j = 0; j < k; ++j) {
        const double p = m.transition[path.end * k + j];
        const double reward = m.reward.size() == k ? m.reward[j] : m.reward[path.end * k + j];
        if (p > 0) next.push_back({path.p * p, path.reward + reward, j});
      }
    }
    now = std::move(next);
  }
  return now;
}

/** Sequences of the policy: its probability and the base's. */
struct Drawn {
  double policy;
  double base;
  double reward;
  std::size_t end;
};
std::vector<Drawn> drawn(const Model& m, std::int64_t length, std::int64_t size, double n) {
  // Drafts of the first block begin anew.
  std::vector<Drawn> now{{1, 1, 0, m.initial.size()}};
  for (std::int64_t done = 0; done < length; done += size) {
    const std::int64_t block = std::min(size, length - done);
    std::vector<Drawn> next;
    for (const Drawn& before : now) {
      const std::vector<Path> all = paths(m, before.end, block);
      for (const Path& path : all) {
        // Ties are uniform: F^n of the reward's level, shared by its sequences as the base has it.
        double below = 0;
        double level = 0;
        for (const Path& other : all) {
          if (std::fabs(other.reward - path.reward) < 1e-9) {
            level += other.p;
          } else if (other.reward < path.reward) {
            below += other.p;
          }
        }
        const double kept = (std::pow(below + level, n) - std::pow(below, n)) / level;
        next.push_back({before.policy * kept * path.p, before.base * path.p, before.reward + path.reward, path.end});
      }
    }
    now = std::move(next);
  }
  return now;
}

ExtraPolicy blocks(double size, double n) { return {&block_best_of_n_kind, {size, n}}; }

}  // namespace

TEST_CASE("best-of-n by blocks of a chain is what all its sequences say") {
  for (const Model& m : {sticky, of_transitions, off_lattice, to_and_fro, absorbing}) {
    for (const auto& [length, size] : {std::pair{6, 2}, {7, 3}, {5, 1}, {4, 9}}) {
      for (const double n : {1.0, 3.0, 2.5}) {
        CAPTURE(m.initial.size(), m.reward.size(), length, size, n);
        const std::vector<Drawn> all = drawn(m, length, size, n);
        double mean = 0;
        double square = 0;
        double kl = 0;
        double win = 0;
        for (const Drawn& d : all) {
          mean += d.policy * d.reward;
          square += d.policy * d.reward * d.reward;
          if (d.policy > 0) kl += d.policy * std::log(d.policy / d.base);
          for (const Drawn& other : all) {
            const double both = d.policy * other.base;
            win += std::fabs(d.reward - other.reward) < 1e-9 ? both / 2 : d.reward > other.reward ? both : 0;
          }
        }
        const Chain c = chain(m, length);
        const ChainTilt tilt = tilt_for(c, DoubleDouble(0.3));
        const LaidPolicy laid = policies_of(c).lay(blocks(size, n), "policies[0]");
        const FurtherOutcome found = further_outcome(c, laid, tilt);
        CHECK_THAT(found.outcome.reward, WithinAbs(mean, 1e-12));
        CHECK_THAT(found.outcome.reward_sd, WithinAbs(std::sqrt(std::max(0.0, square - mean * mean)), 1e-7));
        CHECK_THAT(found.outcome.kl, WithinAbs(kl, 1e-12));
        CHECK_THAT(found.outcome.win_rate, WithinAbs(win, found.outcome.of_win_rate.error + 1e-11));
        if (m.reward != off_lattice.reward) CHECK(found.outcome.of_win_rate.error < 1e-12);
        // KL to the tilt, sequence by sequence.
        const TokenTilt& of = std::get<TokenTilt>(tilt);
        const double unit = std::get<Tokens>(c.sums).token.unit.value();
        double z = 0;
        for (const Drawn& d : all) z += d.base * std::exp(of.b * d.reward / unit);
        double against = 0;
        for (const Drawn& d : all) {
          if (d.policy > 0) against += d.policy * std::log(d.policy / (d.base * std::exp(of.b * d.reward / unit) / z));
        }
        CHECK_THAT(found.kl_to_kl_rl.value, WithinAbs(against, 1e-10));
      }
    }
  }
}

TEST_CASE("one block of a chain is best-of-n of the whole") {
  const Chain c = chain(sticky, 40);
  const DoubleDouble log_n = log(DoubleDouble(5));
  const BestOfNOutcome best = best_of(c, log_n, tilt_for(c, log_n));
  const FurtherOutcome found = further_outcome(c, policies_of(c).lay(blocks(40, 5), "policies[0]"), base_of(c));
  CHECK_THAT(found.outcome.reward, WithinRel(best.reward.value(), 1e-13));
  CHECK_THAT(found.outcome.reward_sd, WithinRel(best.sd, 1e-12));
  CHECK_THAT(found.outcome.kl, WithinRel(best.kl, 1e-12));
  CHECK_THAT(found.outcome.win_rate, WithinAbs(best.win_rate, 1e-13));
}

TEST_CASE("blocks of a chain whose rows are equal are blocks of tokens, at any length") {
  const std::vector<double> p{0.5, 0.3, 0.2};
  Model m{p, {}, {0, 1, 3}};
  for (int i = 0; i < 3; ++i) m.transition.insert(m.transition.end(), p.begin(), p.end());
  for (const double length : {20.0, 64.0, 1000.0, 1e6, 1e9}) {
    const Chain c = chain(m, length);
    const Tokens tokens = memoryless_model(p, m.reward, length, false, "model.tokens");
    for (const double size : {1.0, 7.0, 20.0}) {
      for (const bool by_kl : {false, true}) {
        ExtraPolicy asked = blocks(size, 4);
        if (by_kl) asked.kl = 0.02 * length;
        CAPTURE(length, size, by_kl);
        const FurtherOutcome a =
            further_outcome(c, policies_of(c).lay(asked, "policies[0]"), tilt_for(c, DoubleDouble(0.01 * length)));
        const FurtherOutcome b = further_outcome(tokens, TokenPolicies(tokens).lay(asked, "policies[0]"),
                                                 tilt_for(tokens, DoubleDouble(0.01 * length)));
        CHECK_THAT(a.outcome.reward, WithinRel(b.outcome.reward, 1e-11));
        CHECK_THAT(a.outcome.reward_sd, WithinRel(b.outcome.reward_sd, 1e-9));
        CHECK_THAT(a.outcome.kl, WithinRel(b.outcome.kl, 1e-11));
        CHECK_THAT(a.kl_to_kl_rl.value, WithinRel(b.kl_to_kl_rl.value, 1e-8));
        CHECK_THAT(a.parameter, WithinRel(b.parameter, 1e-9));
        CHECK_THAT(a.outcome.win_rate,
                   WithinAbs(b.outcome.win_rate, 1e-12 + a.outcome.of_win_rate.error + b.outcome.of_win_rate.error));
        CHECK(a.outcome.of_win_rate.error < (length <= 1000 ? 1e-12 : 1e-6));
      }
    }
  }
}

TEST_CASE("blocks of a chain with too many sums are refused by their field") {
  const Model m{{1, 0}, {0.6, 0.4, 0.9, 0.1}, {0.123, 1.457, 2.911, 0.0017}};
  const Chain c = chain(m, 1e6);
  CHECK_THROWS_WITH(policies_of(c).lay(blocks(1000, 4), "policies[2]"),
                    Contains("policies[2].block: 1000 transitions of these rewards have more sums than are listed"));
  CHECK_NOTHROW(policies_of(c).lay(blocks(5, 4), "policies[2]"));
}

TEST_CASE("one block of a chain with too many sums to list is best-of-n, too") {
  const Model m{{1, 0}, {0.6, 0.4, 0.9, 0.1}, {0.123, 1.457, 2.911, 0.0017}};
  const Chain c = chain(m, 1e4);
  const DoubleDouble log_n = log(DoubleDouble(50));
  const BestOfNOutcome best = best_of(c, log_n, tilt_for(c, log_n));
  for (const double size : {1e4, 1e9}) {
    const FurtherOutcome found = further_outcome(c, policies_of(c).lay(blocks(size, 50), "policies[0]"), base_of(c));
    CHECK_THAT(found.outcome.reward, WithinRel(best.reward.value(), 1e-13));
    CHECK_THAT(found.outcome.kl, WithinRel(best.kl, 1e-12));
    CHECK(found.outcome.of_reward.error == best.errors.reward);
  }
  ExtraPolicy by_kl = blocks(1e4, 1);
  by_kl.kl = 2;
  const LaidPolicy laid = policies_of(c).lay(by_kl, "policies[0]");
  CHECK_THAT(laid.metrics.kl, WithinRel(2.0, 1e-9));
  // log n - (n - 1) / n, but for ties.
  CHECK_THAT(std::log(laid.parameter) - (1 - 1 / laid.parameter), WithinAbs(2, 1e-3));
  by_kl.kl = 0;
  CHECK(policies_of(c).lay(by_kl, "policies[0]").metrics.kl == 0);
}
