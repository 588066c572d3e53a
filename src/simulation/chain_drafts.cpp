#include "simulation/chain_drafts.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "error.hpp"
#include "numerics/log_domain.hpp"
#include "simulation/philox.hpp"

namespace tiltlab {

namespace {

/** What each transition earns, reward units. */
std::vector<double> rewards_of(const MarkovLaw& law) {
  const TokenLaw& r = law.rewards;
  // A reward of 0 is a base and a step of opposite signs, to the last digit of a double-double.
  const double nothing = 1e-28 * std::fabs(r.base.value());
  std::vector<double> out;
  for (const Transition& t : law.transitions) {
    const double reward = (r.base + r.unit * r.step[t.level]).value();
    out.push_back(std::fabs(reward) <= nothing ? 0 : std::ldexp(reward, r.exponent));
  }
  return out;
}

/** Weights of a walk: of where it begins, and of its transitions by how many are left after each; the first of the
 * latter alone where all are the same. */
struct Weights {
  std::vector<double> initial;
  std::vector<std::vector<double>> left;
};

Weights base_weights(const MarkovLaw& law) {
  Weights out;
  for (const DoubleDouble& p : law.initial) out.initial.push_back(p.value());
  out.left.emplace_back();
  for (const Transition& t : law.transitions) out.left.front().push_back(t.p.value());
  return out;
}

/** Of a state, with some transitions to come: the most they earn, and log h; of the most alone where alpha is infinite.
 */
struct ToCome {
  std::vector<double> most;
  std::vector<double> log_h;
};

/**
 * The optimum's weights, from the last transition to the first. Of few transitions, so that each has weights of its
 * own: `optimal_walk`, which has a billion, needs a lattice, a chain that recurs, and a tilt that leaves more than the
 * best.
 */
class Backwards {
 public:
  Backwards(const MarkovLaw& law, std::span<const double> reward, double alpha, std::int64_t length)
      : law_(law), alpha_(alpha), reward_(reward) {
    // Sums of decimals differ in their last bits by the order of their terms.
    same_ = 1e-12 * most_earned(reward, length);
    ToCome next{std::vector<double>(law.states, 0), std::vector<double>(law.states, 0)};
    for (std::int64_t i = 0; i < length; ++i) next = before(next);
    std::vector<double> exponent;
    double most = -infinity;
    for (std::size_t x = 0; x < law.states; ++x) {
      if (law.initial[x].hi > 0) most = std::max(most, next.most[x]);
    }
    for (std::size_t x = 0; x < law.states; ++x) {
      const bool counts = std::isfinite(alpha) || next.most[x] >= most - same_;
      exponent.push_back(counts ? std::log(law.initial[x].value()) + next.log_h[x] : -infinity);
    }
    weights_.initial = shares(exponent);
  }

  [[nodiscard]] Weights weights() && { return std::move(weights_); }

 private:
  static std::vector<double> shares(std::vector<double> exponent) {
    const double largest = *std::max_element(exponent.begin(), exponent.end());
    for (double& x : exponent) x = std::exp(x - largest);
    return exponent;
  }

  /** One more transition before. */
  ToCome before(const ToCome& next) {
    ToCome out{std::vector<double>(law_.states, -infinity), std::vector<double>(law_.states, -infinity)};
    for (std::size_t i = 0; i < reward_.size(); ++i) {
      const Transition& t = law_.transitions[i];
      out.most[t.from] = std::max(out.most[t.from], reward_[i] + next.most[t.to]);
    }
    std::vector<double> exponent(reward_.size(), -infinity);
    std::vector<double> largest(law_.states, -infinity);
    for (std::size_t i = 0; i < reward_.size(); ++i) {
      const Transition& t = law_.transitions[i];
      if (std::isinf(alpha_) && reward_[i] + next.most[t.to] < out.most[t.from] - same_) continue;
      const double earns = std::isinf(alpha_) ? 0 : alpha_ * reward_[i];
      exponent[i] = log_probability(t.p) + earns + next.log_h[t.to];
      largest[t.from] = std::max(largest[t.from], exponent[i]);
    }
    std::vector<double> sum(law_.states, 0);
    std::vector<double>& weight = weights_.left.emplace_back();
    for (std::size_t i = 0; i < reward_.size(); ++i) {
      const std::size_t from = law_.transitions[i].from;
      sum[from] += weight.emplace_back(std::exp(exponent[i] - largest[from]));
    }
    for (std::size_t x = 0; x < law_.states; ++x) out.log_h[x] = largest[x] + std::log(sum[x]);
    return out;
  }

  const MarkovLaw& law_;
  double alpha_;
  std::span<const double> reward_;
  double same_ = 0;
  Weights weights_;
};

/** What a transition is written as. */
class Writing {
 public:
  Writing(const MarkovLaw& law, std::span<const double> earned, const WordTable& words) : law_(law) {
    if (words.reward.empty()) return;
    of_.resize(law.rewards.size());
    for (std::size_t i = 0; i < earned.size(); ++i) {
      Choice& choice = of_[law.transitions[i].level];
      if (choice.table) continue;
      std::vector<double> weights;
      for (std::size_t w = 0; w < words.reward.size(); ++w) {
        if (!(std::fabs(words.reward[w] - earned[i]) <= 1e-9) || !(words.weight[w] > 0)) continue;
        choice.word.push_back(static_cast<std::uint32_t>(w));
        weights.push_back(words.weight[w]);
      }
      if (weights.empty()) throw NumericalError("model: no word earns " + to_text(earned[i]));
      choice.table.emplace(weights);
    }
  }

  [[nodiscard]] std::uint32_t token(std::size_t transition, RandomStream& stream) const {
    const Transition& t = law_.transitions[transition];
    if (of_.empty()) return static_cast<std::uint32_t>(t.to);
    const Choice& choice = of_[t.level];
    return choice.word[choice.table->at(stream.uniform())];
  }

 private:
  struct Choice {
    std::vector<std::uint32_t> word;
    std::optional<AliasTable> table;
  };
  const MarkovLaw& law_;
  /** One entry a reward. */
  std::vector<Choice> of_;
};

class Walks final : public DraftSource {
 public:
  Walks(const MarkovLaw& law, std::span<const double> reward, const Weights& weights, std::int64_t length,
        const Writing& writing)
      : DraftSource(reward, length),
        law_(law),
        writing_(writing),
        places_(weights.left.size()),
        reward_(reward),
        first_(weights.initial) {
    std::vector<std::vector<std::uint32_t>> leaving(law.states);
    for (std::size_t i = 0; i < law.transitions.size(); ++i)
      leaving[law.transitions[i].from].push_back(static_cast<std::uint32_t>(i));
    for (const std::vector<double>& all : weights.left) {
      for (const std::vector<std::uint32_t>& from : leaving) {
        std::vector<double> weight;
        for (const std::uint32_t i : from) weight.push_back(all[i]);
        rows_.push_back({from, AliasTable(weight)});
      }
    }
  }

  [[nodiscard]] double total(RandomStream stream) const override {
    double sum = 0;
    walk(stream, [&](std::uint32_t transition) { sum += reward_[transition]; });
    return sum;
  }
  /** Words come after the walk, so that one whose reward alone is asked for is the same. */
  [[nodiscard]] Draft written(RandomStream stream) const override {
    std::vector<std::uint32_t> taken;
    walk(stream, [&](std::uint32_t transition) { taken.push_back(transition); });
    Draft out;
    for (const std::uint32_t transition : taken) {
      out.tokens.push_back(writing_.token(transition, stream));
      out.earned.push_back(reward_[transition]);
      out.reward += reward_[transition];
    }
    return out;
  }

 private:
  struct Row {
    std::vector<std::uint32_t> transition;
    AliasTable table;
  };

  template <class F>
  void walk(RandomStream& stream, const F& take) const {
    std::size_t state = first_.at(stream.uniform());
    for (std::int64_t left = length(); left-- > 0;) {
      const std::size_t place = places_ == 1 ? 0 : static_cast<std::size_t>(left);
      const Row& row = rows_[place * law_.states + state];
      const std::uint32_t transition = row.transition[row.table.at(stream.uniform())];
      take(transition);
      state = law_.transitions[transition].to;
    }
  }

  const MarkovLaw& law_;
  const Writing& writing_;
  std::size_t places_;
  std::span<const double> reward_;
  AliasTable first_;
  /** States with no transition left after this one, with one, .. */
  std::vector<Row> rows_;
};

}  // namespace

Drafts draw_drafts(const MarkovLaw& law, std::int64_t length, double alpha, const WordTable& words, double draws,
                   std::uint64_t seed, std::uint32_t replicate) {
  const std::vector<double> reward = rewards_of(law);
  const Writing writing(law, reward, words);
  const Walks base(law, reward, base_weights(law), length, writing);
  const Walks optimum(law, reward, Backwards(law, reward, alpha, length).weights(), length, writing);
  return drafts_of(base, optimum, draws, seed, replicate);
}

Draft draft_that_earns(double total, const MarkovLaw& law, std::int64_t length, double alpha, const WordTable& words,
                       std::uint64_t seed, std::uint32_t replicate) {
  const std::vector<double> reward = rewards_of(law);
  const Writing writing(law, reward, words);
  return draft_that_earns(Walks(law, reward, Backwards(law, reward, alpha, length).weights(), length, writing), total,
                          seed, replicate);
}

}  // namespace tiltlab
