#pragma once
#include <algorithm>
#include <optional>
#include <vector>

#include "bindings/kinds.hpp"
#include "models/scaled_chain.hpp"
#include "models/scaled_token.hpp"
#include "report/paths.hpp"
#include "report/statements/chain_matrices.hpp"
#include "report/statements/cumulant_curves.hpp"
#include "report/statements/direction_curves.hpp"
#include "report/statements/divergences.hpp"
#include "report/statements/equal_kl.hpp"
#include "report/statements/fixed_n_curves.hpp"
#include "report/statements/hull_curves.hpp"
#include "report/statements/near_policies.hpp"
#include "report/statements/prompt_rows.hpp"
#include "report/statements/rate_curves.hpp"
#include "report/statements/renyi_curve.hpp"
#include "report/statements/simplex.hpp"
#include "report/statements/tilt_curves.hpp"

/** The paper's statements, of the kinds that a module has. */
namespace tiltlab::bindings {

template <class Here>
struct Statements {
  /** What `make` finds of a model and its budget, or null where it takes no such model or the model has none.
   * @param of_sequences whether it speaks of lengths */
  template <class F>
  static val statement(const val& m, const val& b, F&& make, bool of_sequences = false) {
    return guarded([&] {
      return Here::with(m, [&](const auto& model) {
        if constexpr (requires(const Budget& budget) { make(model, budget); }) {
          if (!of_sequences || length_of(model)) return written(make(model, Here::budget_for(m, b, model)));
        }
        return val::null();
      });
    });
  }
  template <class T>
  static val written(const T& value) {
    return object(value);
  }
  template <class T>
  static val written(const std::optional<T>& value) {
    return value ? object(*value) : val::null();
  }

  /** Written as one structure of lists. */
  using Policies = std::vector<NearPolicy>;

  static val tilt_curves(const val& m, const val& b, int points) {
    return statement(
        m, b, [&](const auto& model, const Budget& budget) -> decltype(tiltlab::tilt_curves(model, budget, points)) {
          return tiltlab::tilt_curves(model, budget, points);
        });
  }
  static val near_policies(const val& m, const val& b, double seed, int count) {
    return statement(m, b,
                     [&](const auto& model, const Budget& budget)
                         -> decltype(tiltlab::near_policies(model, budget, static_cast<std::uint64_t>(seed), count)) {
                       return tiltlab::near_policies(model, budget, static_cast<std::uint64_t>(seed), count);
                     });
  }
  static val bent_policy(const val& m, const val& b, double tilt, double bend) {
    return statement(
        m, b,
        [&](const auto& model, const Budget& budget) -> decltype(tiltlab::bent_policy(model, budget, tilt, bend),
                                                                 std::optional<Policies>{}) {
          const auto one = tiltlab::bent_policy(model, budget, tilt, bend);
          return one ? std::optional(Policies{*one}) : std::nullopt;
        });
  }
  static val rate_curves(const val& m, const val& b, int points, int exact) {
    return statement(
        m, b,
        [&](const auto& model, const Budget& budget) -> decltype(tiltlab::rate_curves(model, budget, points, exact)) {
          return tiltlab::rate_curves(model, budget, points, exact);
        });
  }
  static val cumulant_curves(const val& m, const val& b, int points) {
    return statement(
        m, b,
        [&](const auto& model, const Budget& budget) -> decltype(tiltlab::cumulant_curves(model, budget, points)) {
          return tiltlab::cumulant_curves(model, budget, points);
        });
  }
  static val renyi_curve(const val& m, const val& b, const val& multiplicity, const val& reward, int points) {
    const std::vector<double> outcomes = numbers(multiplicity);
    const std::vector<double> rewards = numbers(reward);
    return statement(m, b,
                     [&](const auto& model, const Budget& budget) -> decltype(tiltlab::renyi_curve(
                                                                      model, budget, outcomes, rewards, points)) {
                       return tiltlab::renyi_curve(model, budget, outcomes, rewards, points);
                     });
  }
  static val direction_curves(const val& m, const val& b, int points) {
    return statement(
        m, b,
        [&](const auto& model, const Budget& budget) -> decltype(tiltlab::direction_curves(model, budget, points)) {
          return tiltlab::direction_curves(model, budget, points);
        },
        true);
  }
  static val fixed_n_curves(const val& m, const val& b, int points) {
    return statement(
        m, b,
        [&](const auto& model, const Budget& budget) -> decltype(tiltlab::fixed_n_curves(model, budget, points)) {
          return tiltlab::fixed_n_curves(model, budget, points);
        },
        true);
  }
  static val simplex(const val& m, const val& b, int points) {
    return statement(m, b,
                     [&](const auto& model, const Budget& budget) -> decltype(tiltlab::simplex(model, budget, points)) {
                       return tiltlab::simplex(model, budget, points);
                     });
  }
  static val divergence_curves(const val& m, const val& b, int points) {
    return statement(
        m, b,
        [&](const auto& model, const Budget& budget) -> decltype(tiltlab::divergence_curves(model, budget, points)) {
          return tiltlab::divergence_curves(model, budget, points);
        });
  }
  static val hull_curves(const val& m, const val& b, int points) {
    return statement(
        m, b, [&](const auto& model, const Budget& budget) -> decltype(tiltlab::hull_curves(model, budget, points)) {
          return tiltlab::hull_curves(model, budget, points);
        });
  }
  static val equal_kl(const val& m, const val& b) {
    return statement(m, b, [](const auto& model, const Budget& budget) -> decltype(tiltlab::equal_kl(model, budget)) {
      return tiltlab::equal_kl(model, budget);
    });
  }
  static val prompt_rows(const val& m, const val& b) {
    return statement(m, b,
                     [](const auto& model, const Budget& budget) -> decltype(tiltlab::prompt_rows(model, budget)) {
                       return tiltlab::prompt_rows(model, budget);
                     });
  }
  static val chain_matrices(const val& m, const val& b) {
    return statement(m, b,
                     [](const auto& model, const Budget& budget) -> decltype(tiltlab::chain_matrices(model, budget)) {
                       return tiltlab::chain_matrices(model, budget);
                     });
  }
  /** @param kl_end of the axis, nats; 0 for one that holds twice the budget */
  static val judged_paths(const val& m, const val& b, double kl_end, int points) {
    return statement(m, b, [&](const auto& model, const Budget& budget) {
      const double twice = budget.kl.value() > 0 ? 2 * budget.kl.value() : 1;
      return tiltlab::judged_paths(model, kl_end > 0 ? kl_end : std::min(twice, largest_budget), points);
    });
  }
  static void bind() {
    emscripten::function("equal_kl", &equal_kl);
    emscripten::function("prompt_rows", &prompt_rows);
    emscripten::function("chain_matrices", &chain_matrices);
    emscripten::function("tilt_curves", &tilt_curves);
    emscripten::function("near_policies", &near_policies);
    emscripten::function("bent_policy", &bent_policy);
    emscripten::function("rate_curves", &rate_curves);
    emscripten::function("cumulant_curves", &cumulant_curves);
    emscripten::function("renyi_curve", &renyi_curve);
    emscripten::function("direction_curves", &direction_curves);
    emscripten::function("fixed_curves", &fixed_n_curves);
    emscripten::function("simplex", &simplex);
    emscripten::function("divergence_curves", &divergence_curves);
    emscripten::function("hull_curves", &hull_curves);
    emscripten::function("judged_paths", &judged_paths);
  }
};

}  // namespace tiltlab::bindings
