#pragma once
#include "bindings/marshal.hpp"
#include "report/statements.hpp"

/** The curves of the paper's statements as JavaScript objects; field names are those of the C++ structures. */
namespace tiltlab::marshal {

inline val statement(const TiltCurves& c) {
  val out = val::object();
  put(out, "rate", c.rate);
  put(out, "alpha", c.alpha);
  put(out, "primal", c.primal);
  put(out, "dual_minimum", c.dual_minimum);
  put(out, "dual_alpha", c.dual_alpha);
  put(out, "at_alpha", array(c.at_alpha));
  put(out, "kl", array(c.kl));
  put(out, "dual", array(c.dual));
  put(out, "at_rate", array(c.at_rate));
  put(out, "reward", array(c.reward));
  put(out, "slope", c.slope);
  put(out, "tangent", array(c.tangent));
  return out;
}

inline val statement(const std::vector<NearPolicy>& policies) {
  const auto column = [&](double NearPolicy::*field) {
    std::vector<double> values;
    for (const NearPolicy& p : policies) values.push_back(p.*field);
    return array(values);
  };
  val out = val::object();
  put(out, "reward", column(&NearPolicy::reward));
  put(out, "kl", column(&NearPolicy::kl));
  put(out, "reward_slack", column(&NearPolicy::reward_slack));
  put(out, "kl_slack", column(&NearPolicy::kl_slack));
  put(out, "kl_to_optimum", column(&NearPolicy::kl_to_optimum));
  put(out, "identity", column(&NearPolicy::identity));
  put(out, "bound", column(&NearPolicy::bound));
  return out;
}

inline val statement(const RateCurves::Exact& e) {
  val out = val::object();
  put(out, "reward", array(e.reward));
  put(out, "rate", array(e.rate));
  return out;
}

inline val statement(const RateCurves& c) {
  val out = val::object();
  put(out, "reward", array(c.reward));
  put(out, "base", array(c.base));
  put(out, "kl_rl", array(c.kl_rl));
  put(out, "best_of_n", array(c.best_of_n));
  val exact = val::object();
  put(exact, "base", statement(c.exact_base));
  put(exact, "kl_rl", statement(c.exact_kl_rl));
  put(exact, "best_of_n", statement(c.exact_best_of_n));
  put(out, "exact", exact);
  put(out, "mean_base", c.mean_base);
  put(out, "mean_kl_rl", c.mean_kl_rl);
  return out;
}

inline val statement(const CumulantCurves& c) {
  val out = val::object();
  put(out, "t", array(c.t));
  put(out, "base", array(c.base));
  put(out, "kl_rl", array(c.kl_rl));
  put(out, "best_of_n", array(c.best_of_n));
  put(out, "exact_length", c.exact_length);
  put(out, "exact_best_of_n", array(c.exact_best_of_n));
  put(out, "alpha", c.alpha);
  return out;
}

inline val statement(const RenyiCurve& c) {
  val out = val::object();
  put(out, "order", array(c.order));
  put(out, "cross_entropy", array(c.cross_entropy));
  put(out, "log_normaliser", c.log_normaliser);
  put(out, "at_one", c.at_one);
  put(out, "at_optimum", c.at_optimum);
  put(out, "alpha", c.alpha);
  put(out, "kl_forward", c.kl_forward);
  put(out, "kl_reverse", c.kl_reverse);
  put(out, "jeffreys", c.jeffreys);
  return out;
}

inline val statement(const DirectionCurves& c) {
  val out = val::object();
  put(out, "length", array(c.length));
  put(out, "forward", array(c.forward));
  put(out, "log10_reverse", array(c.log10_reverse));
  put(out, "exponent", c.exponent);
  put(out, "factor", c.factor);
  return out;
}

inline val statement(const FixedCurves& c) {
  val out = val::object();
  put(out, "length", array(c.length));
  put(out, "fixed", array(c.fixed));
  put(out, "growing", array(c.growing));
  put(out, "log_n", c.log_n);
  put(out, "limit", c.limit);
  return out;
}

inline val statement(const Simplex::Points& p) {
  val out = val::object();
  put(out, "first", array(p.first));
  put(out, "second", array(p.second));
  put(out, "third", array(p.third));
  return out;
}

inline val statement(const std::optional<Simplex>& s) {
  if (!s) return val::null();
  val out = val::object();
  put(out, "base", statement(s->base));
  put(out, "optimum", statement(s->optimum));
  put(out, "reward_model", statement(s->reward_model));
  put(out, "tilts", statement(s->tilts));
  put(out, "ball", statement(s->ball));
  put(out, "level_lines", statement(s->level_lines));
  put(out, "level_rewards", array(s->level_rewards));
  put(out, "best_of_n", statement(s->best_of_n));
  put(out, "best_of_n_log_n", array(s->best_of_n_log_n));
  put(out, "length", s->length);
  return out;
}

}  // namespace tiltlab::marshal
