#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "language/draft_law.hpp"

namespace tiltlab {

/** A number of a law that drafts were drawn from, and its 95 % interval. */
struct FromDrafts {
  double value = 0;
  std::array<double, 2> interval{};
};

/** The tilt found on one half of the drafts and reported on the other: what it earns there, not what it promises. */
struct TiltHeldOut {
  /** Of the first half at the budget, per reward unit. */
  double alpha = 0;
  /** On the second half, nats and reward units. */
  double kl = 0;
  double reward = 0;
  double effective_sample_size = 0;
};

/** Best-of-N and the optimum at one KL budget, as the drafts of one prompt have them. */
struct Equivalence {
  double drafts = 0;
  /** The budget, nats, and the N = e^kl that goes with it. */
  double kl = 0;
  double n = 1;
  /** Per reward unit, of all drafts. */
  double alpha = 0;
  /** Of the tilt: (sum w)^2 / sum w^2. */
  double effective_sample_size = 0;
  /** Whether too few drafts carry the tilt or N (below): all that follows is then null. */
  bool is_refused = false;
  std::optional<FromDrafts> base;
  std::optional<FromDrafts> kl_rl;
  std::optional<FromDrafts> best_of_n;
  /** Of best-of-N, ties counted, nats. */
  std::optional<FromDrafts> best_of_n_kl;
  /** The optimum's reward less best-of-N's. */
  std::optional<FromDrafts> gap;
  /** KL(best-of-N || optimum), nats. */
  std::optional<FromDrafts> kl_to_kl_rl;
  std::optional<TiltHeldOut> held_out;
};

template <class F>
void fields(F&& f, const FromDrafts& x) {
  f("value", x.value);
  f("interval", x.interval);
}
template <class F>
void fields(F&& f, const TiltHeldOut& h) {
  f("alpha", h.alpha);
  f("kl", h.kl);
  f("reward", h.reward);
  f("effective_sample_size", h.effective_sample_size);
}
template <class F>
void fields(F&& f, const Equivalence& e) {
  f("drafts", e.drafts);
  f("kl", e.kl);
  f("n", e.n);
  f("alpha", e.alpha);
  f("effective_sample_size", e.effective_sample_size);
  f("is_refused", e.is_refused);
  f("base", e.base);
  f("kl_rl", e.kl_rl);
  f("best_of_n", e.best_of_n);
  f("best_of_n_kl", e.best_of_n_kl);
  f("gap", e.gap);
  f("kl_to_kl_rl", e.kl_to_kl_rl);
  f("held_out", e.held_out);
}

/** The drafts' own law: each draft one in M. @param rewards finite @throws InputError naming drafts */
[[nodiscard]] DraftLaw law_of_drafts(std::span<const double> rewards);

/**
 * Both policies at the law of the drafts themselves (each draft one in M), at the same budget, as the paper pairs them:
 * N = e^kl. Both stand on the same drafts, so that of their difference what they have in common is no doubt. Intervals
 * by 1,000 resamples of the drafts, each told in its own standard deviations (bootstrap-t, which is wider where rare
 * drafts carry much), or the normal one where it reaches farther; of a KL not below 0. Seen: with an
 * effective sample size of 100 to 500 some 88 to 96 of 100 hold the law's own number, of the KL between both 82 to 96,
 * since the highest levels, which drafts may lack, decide it.
 * Refused where the tilt's effective sample size is under 10, where N is more than a tenth of the drafts, or where
 * these are fewer than 100: then the drafts do not know the tail that decides.
 * Source: J. Q. Yang et al., "Asymptotics of language model alignment" (arXiv 2404.01730), section II, of the pairing;
 * B. Efron and R. Tibshirani, "An introduction to the bootstrap" (1993), section 12.5, of the intervals.
 * @param rewards finite
 * @param kl nats, at least 0
 * @throws InputError naming drafts or kl
 */
[[nodiscard]] Equivalence measure_equivalence(std::span<const double> rewards, double kl, std::uint64_t seed);

}  // namespace tiltlab
