#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/tokens.hpp"

/**
 * The statements of Yang et al., arXiv 2404.01730, as curves of one scenario: every number that their figures show.
 * Rewards in the scenario's unit and per token, rates and divergences in nats per token; n is the model's length.
 */
namespace tiltlab {

/** The optimum is a mismatched tilt: KL against alpha, the dual function, and reward against rate. */
struct TiltCurves {
  double rate = 0;
  /** Infinite when saturated. */
  double alpha = 0;
  /** Expected reward of the optimum. */
  double primal = 0;
  /** min over alpha of (rate + Lambda(alpha)) / alpha, found by a search that knows no tilt. */
  double dual_minimum = 0;
  double dual_alpha = 0;
  /** Increasing, from 0. */
  std::vector<double> at_alpha;
  std::vector<double> kl;
  /** (rate + Lambda(alpha)) / alpha; infinite at 0. */
  std::vector<double> dual;
  std::vector<double> at_rate;
  /** R(rate), the largest reward at a rate; its slope at the budget is 1 / alpha. */
  std::vector<double> reward;
  /** 1 / alpha, reward per nat; infinite at alpha 0. */
  double slope = 0;
  /** Ends of the tangent at the budget: rate, reward, rate, reward. Empty where alpha is 0 or infinite. */
  std::vector<double> tangent;
};

template <class F>
void fields(F&& f, const TiltCurves& c) {
  f("rate", c.rate);
  f("alpha", c.alpha);
  f("primal", c.primal);
  f("dual_minimum", c.dual_minimum);
  f("dual_alpha", c.dual_alpha);
  f("at_alpha", c.at_alpha);
  f("kl", c.kl);
  f("dual", c.dual);
  f("at_rate", c.at_rate);
  f("reward", c.reward);
  f("slope", c.slope);
  f("tangent", c.tangent);
}
[[nodiscard]] TiltCurves tilt_curves(const Model& model, const Budget& budget, int points);

/** One policy of a token against the optimum: for every w << p, kl_to_optimum = kl_slack + alpha reward_slack. */
struct NearPolicy {
  double reward = 0;
  double kl = 0;
  /** E_phi r - E_w r and KL(w || p) - KL(phi || p), of any sign. */
  double reward_slack = 0;
  double kl_slack = 0;
  /** KL(w || phi) by its definition. */
  double kl_to_optimum = 0;
  /** kl_slack + alpha reward_slack, the same by the identity. */
  double identity = 0;
  /** max(kl_slack, 0) + alpha max(reward_slack, 0), the bound. */
  double bound = 0;
};

/** Of several such, each field a list. */
template <class F>
void fields(F&& f, const std::vector<NearPolicy>& policies) {
  const auto column = [&](const char* name, double NearPolicy::*field) {
    std::vector<double> values;
    for (const NearPolicy& p : policies) values.push_back(p.*field);
    f(name, values);
  };
  column("reward", &NearPolicy::reward);
  column("kl", &NearPolicy::kl);
  column("reward_slack", &NearPolicy::reward_slack);
  column("kl_slack", &NearPolicy::kl_slack);
  column("kl_to_optimum", &NearPolicy::kl_to_optimum);
  column("identity", &NearPolicy::identity);
  column("bound", &NearPolicy::bound);
}

/** Policies near the optimum, w ~ phi e^(size z) with normal z and sizes from small to large, from the seed. */
[[nodiscard]] std::vector<NearPolicy> near_policies(const Model& model, const Budget& budget, std::uint64_t seed,
                                                    int count);
/** w ~ phi e^(tilt z + bend z^2 / (1 + z^2)), z = (r - E_p r) / sd_p: the optimum tilted further, or its tails lifted.
 */
[[nodiscard]] NearPolicy bent_policy(const Model& model, const Budget& budget, double tilt, double bend);

/** Rate functions at increasing rewards, and the exact -(1/n) log P of the same events where the law tells it. */
struct RateCurves {
  std::vector<double> reward;
  std::vector<double> base;
  std::vector<double> kl_rl;
  /** Infinite below KL-RL's mean. */
  std::vector<double> best_of_n;
  struct Exact {
    std::vector<double> reward;
    std::vector<double> rate;
  };
  /** At or above x for x above the policy's mean, at or below x under it. */
  Exact exact_base;
  Exact exact_kl_rl;
  Exact exact_best_of_n;
  double mean_base = 0;
  double mean_kl_rl = 0;
};

template <class F>
void fields(F&& f, const RateCurves::Exact& c) {
  f("reward", c.reward);
  f("rate", c.rate);
}

template <class F>
void fields(F&& f, const RateCurves& c) {
  f("reward", c.reward);
  f("base", c.base);
  f("kl_rl", c.kl_rl);
  f("best_of_n", c.best_of_n);
  f.group("exact", [&](auto& exact) {
    exact("base", c.exact_base);
    exact("kl_rl", c.exact_kl_rl);
    exact("best_of_n", c.exact_best_of_n);
  });
  f("mean_base", c.mean_base);
  f("mean_kl_rl", c.mean_kl_rl);
}
/** @param points of each curve on either side of the mean @param exact points on either side */
[[nodiscard]] RateCurves rate_curves(const Model& model, const Budget& budget, int points, int exact);

/** (1/n) log E e^(t S) in nats per token, t per reward unit. */
struct CumulantCurves {
  std::vector<double> t;
  std::vector<double> base;
  std::vector<double> kl_rl;
  /** The limit: t rho up to t = alpha, Lambda(t) + rate beyond. */
  std::vector<double> best_of_n;
  /** Best-of-N at the length `exact_length`, which is the model's where listing its law is affordable. */
  double exact_length = 0;
  std::vector<double> exact_best_of_n;
  double alpha = 0;
};

template <class F>
void fields(F&& f, const CumulantCurves& c) {
  f("t", c.t);
  f("base", c.base);
  f("kl_rl", c.kl_rl);
  f("best_of_n", c.best_of_n);
  f("exact_length", c.exact_length);
  f("exact_best_of_n", c.exact_best_of_n);
  f("alpha", c.alpha);
}
[[nodiscard]] CumulantCurves cumulant_curves(const Model& model, const Budget& budget, int points);

/**
 * Renyi cross entropy H_s(p || q) = (1/(1-s)) log sum_y p q^(s-1) of one token, q = e^r / sum e^r, against its order.
 * Lambda(t) = c t - t H_{1+t}(p || q), c = log sum_y e^r(y).
 */
struct RenyiCurve {
  std::vector<double> order;
  std::vector<double> cross_entropy;
  double log_normaliser = 0;
  /** H at s = 1 and at s = 1 + alpha; NaN where alpha is infinite. */
  double at_one = 0;
  double at_optimum = 0;
  double alpha = 0;
  /** Both KL divergences of the Jeffreys identity, per token, and alpha times the gain, which is their sum. */
  double kl_forward = 0;
  double kl_reverse = 0;
  double jeffreys = 0;
};

template <class F>
void fields(F&& f, const RenyiCurve& c) {
  f("order", c.order);
  f("cross_entropy", c.cross_entropy);
  f("log_normaliser", c.log_normaliser);
  f("at_one", c.at_one);
  f("at_optimum", c.at_optimum);
  f("alpha", c.alpha);
  f("kl_forward", c.kl_forward);
  f("kl_reverse", c.kl_reverse);
  f("jeffreys", c.jeffreys);
}
/** @param multiplicity how many outcomes of the alphabet have each entry's reward @param reward one entry each */
[[nodiscard]] RenyiCurve renyi_curve(const Model& model, const Budget& budget, std::span<const double> multiplicity,
                                     std::span<const double> reward, int points);

/** KL in both directions against length at the budget's rate, in nats of the whole sequence. */
struct DirectionCurves {
  std::vector<double> length;
  /** KL(best-of-N || KL-RL). */
  std::vector<double> forward;
  /** log10 of KL(KL-RL || best-of-N), which grows exponentially. */
  std::vector<double> log10_reverse;
  /** rate + 2 Lambda(alpha/2) - Lambda(alpha), nats per token: the exponent it tends to. */
  double exponent = 0;
  /** e^exponent, by which it grows from one token to the next. */
  double factor = 1;
};

template <class F>
void fields(F&& f, const DirectionCurves& c) {
  f("length", c.length);
  f("forward", c.forward);
  f("log10_reverse", c.log10_reverse);
  f("exponent", c.exponent);
  f("factor", c.factor);
}
[[nodiscard]] DirectionCurves direction_curves(const Model& model, const Budget& budget, int points);

/** Best-of-N's gain over KL-RL's at equal KL, against length: with N fixed, and with N = e^(n rate). */
struct FixedCurves {
  std::vector<double> length;
  std::vector<double> fixed;
  std::vector<double> growing;
  double log_n = 0;
  /** What the fixed one tends to: E max of N normals / sqrt(2 (log N - 1 + 1/N)). */
  double limit = 0;
};

template <class F>
void fields(F&& f, const FixedCurves& c) {
  f("length", c.length);
  f("fixed", c.fixed);
  f("growing", c.growing);
  f("log_n", c.log_n);
  f("limit", c.limit);
}
[[nodiscard]] FixedCurves fixed_curves(const Model& model, const Budget& budget, int points);

/** The simplex of policies over the tokens of a three-level model; every point is (w_1, w_2, w_3) by increasing reward.
 */
struct Simplex {
  struct Points {
    std::vector<double> first;
    std::vector<double> second;
    std::vector<double> third;
  };
  Points base;
  Points optimum;
  /** q = softmax r, which the tilt leans towards. */
  Points reward_model;
  /** T(p, q, alpha) for alpha from 0 to the largest that shows. */
  Points tilts;
  /** The boundary of {w: KL(w || p) <= rate}. */
  Points ball;
  /** Ends of lines of equal reward, two points each; the optimum's own is the first. */
  Points level_lines;
  std::vector<double> level_rewards;
  /** Expected shares of tokens in best-of-N's sequences as log N grows from 0 past the budget. */
  Points best_of_n;
  std::vector<double> best_of_n_log_n;
  /** The length at which they were counted. */
  double length = 1;
};

template <class F>
void fields(F&& f, const Simplex::Points& c) {
  f("first", c.first);
  f("second", c.second);
  f("third", c.third);
}

template <class F>
void fields(F&& f, const Simplex& c) {
  f("base", c.base);
  f("optimum", c.optimum);
  f("reward_model", c.reward_model);
  f("tilts", c.tilts);
  f("ball", c.ball);
  f("level_lines", c.level_lines);
  f("level_rewards", c.level_rewards);
  f("best_of_n", c.best_of_n);
  f("best_of_n_log_n", c.best_of_n_log_n);
  f("length", c.length);
}
/** Empty unless the model has exactly three distinct rewards. */
[[nodiscard]] std::optional<Simplex> simplex(const Model& model, const Budget& budget, int points);

}  // namespace tiltlab
