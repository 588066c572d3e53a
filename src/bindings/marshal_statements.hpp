#pragma once
#include "bindings/marshal.hpp"
#include "report/statements.hpp"

/** The curves of the paper's statements as JavaScript objects; field names are those of the C++ structures. */
namespace tiltlab::marshal {

inline val statement(const TiltCurves& c) {
  val out = val::object();
  out.set("rate", c.rate);
  out.set("alpha", c.alpha);
  out.set("primal", c.primal);
  out.set("dual_minimum", c.dual_minimum);
  out.set("dual_alpha", c.dual_alpha);
  out.set("at_alpha", array(c.at_alpha));
  out.set("kl", array(c.kl));
  out.set("dual", array(c.dual));
  out.set("at_rate", array(c.at_rate));
  out.set("reward", array(c.reward));
  out.set("slope", c.slope);
  out.set("tangent", array(c.tangent));
  return out;
}

inline val statement(const std::vector<NearPolicy>& policies) {
  const auto column = [&](double NearPolicy::*field) {
    std::vector<double> values;
    for (const NearPolicy& p : policies) values.push_back(p.*field);
    return array(values);
  };
  val out = val::object();
  out.set("reward", column(&NearPolicy::reward));
  out.set("kl", column(&NearPolicy::kl));
  out.set("reward_slack", column(&NearPolicy::reward_slack));
  out.set("kl_slack", column(&NearPolicy::kl_slack));
  out.set("kl_to_optimum", column(&NearPolicy::kl_to_optimum));
  out.set("identity", column(&NearPolicy::identity));
  out.set("bound", column(&NearPolicy::bound));
  return out;
}

inline val statement(const RateCurves::Exact& e) {
  val out = val::object();
  out.set("reward", array(e.reward));
  out.set("rate", array(e.rate));
  return out;
}

inline val statement(const RateCurves& c) {
  val out = val::object();
  out.set("reward", array(c.reward));
  out.set("base", array(c.base));
  out.set("kl_rl", array(c.kl_rl));
  out.set("best_of_n", array(c.best_of_n));
  val exact = val::object();
  exact.set("base", statement(c.exact_base));
  exact.set("kl_rl", statement(c.exact_kl_rl));
  exact.set("best_of_n", statement(c.exact_best_of_n));
  out.set("exact", exact);
  out.set("mean_base", c.mean_base);
  out.set("mean_kl_rl", c.mean_kl_rl);
  return out;
}

inline val statement(const CumulantCurves& c) {
  val out = val::object();
  out.set("t", array(c.t));
  out.set("base", array(c.base));
  out.set("kl_rl", array(c.kl_rl));
  out.set("best_of_n", array(c.best_of_n));
  out.set("exact_length", c.exact_length);
  out.set("exact_best_of_n", array(c.exact_best_of_n));
  out.set("alpha", c.alpha);
  return out;
}

inline val statement(const RenyiCurve& c) {
  val out = val::object();
  out.set("order", array(c.order));
  out.set("cross_entropy", array(c.cross_entropy));
  out.set("log_normaliser", c.log_normaliser);
  out.set("at_one", c.at_one);
  out.set("at_optimum", c.at_optimum);
  out.set("alpha", c.alpha);
  out.set("kl_forward", c.kl_forward);
  out.set("kl_reverse", c.kl_reverse);
  out.set("jeffreys", c.jeffreys);
  return out;
}

inline val statement(const DirectionCurves& c) {
  val out = val::object();
  out.set("length", array(c.length));
  out.set("forward", array(c.forward));
  out.set("log10_reverse", array(c.log10_reverse));
  out.set("exponent", c.exponent);
  out.set("factor", c.factor);
  return out;
}

inline val statement(const FixedCurves& c) {
  val out = val::object();
  out.set("length", array(c.length));
  out.set("fixed", array(c.fixed));
  out.set("growing", array(c.growing));
  out.set("log_n", c.log_n);
  out.set("limit", c.limit);
  return out;
}

inline val statement(const DivergenceCurves& c) {
  val out = val::object();
  out.set("order", array(c.order));
  out.set("best_of_n", array(c.best_of_n));
  out.set("kl_rl", array(c.kl_rl));
  return out;
}

inline val statement(const Simplex::Points& p) {
  val out = val::object();
  out.set("first", array(p.first));
  out.set("second", array(p.second));
  out.set("third", array(p.third));
  return out;
}

inline val statement(const std::optional<Simplex>& s) {
  if (!s) return val::null();
  val out = val::object();
  out.set("base", statement(s->base));
  out.set("optimum", statement(s->optimum));
  out.set("reward_model", statement(s->reward_model));
  out.set("tilts", statement(s->tilts));
  out.set("ball", statement(s->ball));
  out.set("level_lines", statement(s->level_lines));
  out.set("level_rewards", array(s->level_rewards));
  out.set("best_of_n", statement(s->best_of_n));
  out.set("best_of_n_log_n", array(s->best_of_n_log_n));
  out.set("length", s->length);
  return out;
}

}  // namespace tiltlab::marshal
