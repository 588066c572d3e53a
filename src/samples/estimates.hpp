#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "samples/scored_drafts.hpp"
#include "simulation/interval.hpp"

namespace tiltlab {

/** A mean over prompts and its 95 % interval; none where the drafts do not tell, or where all prompts have the same
 * value. */
struct PromptMean {
  double value = 0;
  std::optional<std::array<double, 2>> interval;
};

/** None of a point: prompts that all say the same tell nothing of how far another would be. */
[[nodiscard]] PromptMean estimate_of(double value, const std::optional<Interval>& interval);

/** `name` and `name_interval`. */
template <class F>
void estimate_field(F&& f, const std::string& name, const std::optional<PromptMean>& e) {
  f(name.c_str(), e ? std::optional<double>(e->value) : std::nullopt);
  f((name + "_interval").c_str(), e ? e->interval : std::nullopt);
}

/** Best-of-N at one N. */
struct BestOfNEstimate {
  double n = 1;
  PromptMean reward;
  std::optional<PromptMean> gold;
  PromptMean win_rate;
  /** log N - (N - 1)/N: what no law exceeds, nats. */
  double kl_bound = 0;
  /** Of the drafts' own law, ties counted, nats. */
  PromptMean kl_plug_in;
  std::optional<PromptMean> length;
  /**
   * `unbiased` where every prompt has N drafts; `extrapolated` where there is no gold and the drafts fix the law of
   * their chances (BetaBinomial), or of continuous scores the tail (ScoreTail); else `plug_in`, of the drafts' own law:
   * it never exceeds their best.
   */
  std::string estimator;
};

template <class F>
void fields(F&& f, const BestOfNEstimate& e) {
  f("n", e.n);
  estimate_field(f, "reward", e.reward);
  estimate_field(f, "gold", e.gold);
  estimate_field(f, "win_rate", e.win_rate);
  f("kl_bound", e.kl_bound);
  estimate_field(f, "kl_plug_in", e.kl_plug_in);
  estimate_field(f, "length", e.length);
  f("estimator", e.estimator);
}

/** What some way to choose would have at one N. The ceiling is best-of-N by gold itself: for gold of 0 and 1 pass@N. */
struct CeilingEstimate {
  double n = 1;
  PromptMean gold;
  /** As best-of-N's. */
  std::string estimator = "unbiased";
};

template <class F>
void fields(F&& f, const CeilingEstimate& e) {
  f("n", e.n);
  estimate_field(f, "gold", e.gold);
  f("estimator", e.estimator);
}

/** Best-of-N's KL by the log-probabilities of the drafts, nats. */
struct ProbabilityKl {
  double n = 1;
  PromptMean kl;
};

template <class F>
void fields(F&& f, const ProbabilityKl& e) {
  f("n", e.n);
  estimate_field(f, "kl", e.kl);
}

/** The tilt of the drafts. */
struct TiltEstimate {
  /** The N at whose KL it stands; null where the budget is its own. */
  std::optional<double> n;
  double alpha = 0;
  PromptMean kl;
  PromptMean reward;
  std::optional<PromptMean> gold;
  PromptMean win_rate;
  /** Mean over prompts; `effective_sample_size_median` is the middle prompt's. */
  double effective_sample_size = 0;
  double effective_sample_size_median = 0;
};

template <class F>
void fields(F&& f, const TiltEstimate& e) {
  f("n", e.n);
  f("alpha", e.alpha);
  estimate_field(f, "kl", e.kl);
  estimate_field(f, "reward", e.reward);
  estimate_field(f, "gold", e.gold);
  estimate_field(f, "win_rate", e.win_rate);
  f("effective_sample_size", e.effective_sample_size);
  f("effective_sample_size_median", e.effective_sample_size_median);
}

/** What the numbers say about N. All of it by gold, or by the reward where there is no gold. */
struct NumbersOfAdvice {
  /** The N of the largest mean. */
  double best = 1;
  /** The longest run of N around it, none of which the data can tell from it. */
  double from = 1;
  double to = 1;
  /** Of best over one draft, and of best over the largest N, paired by prompt. */
  PromptMean gain;
  PromptMean lost;
  /** The gain over that of the tilt at the same KL; none where that is out of reach or no gain. */
  std::optional<double> share_of_tilt;
  /** The least N whose next draft gains no more than its price; none where no price is given. */
  std::optional<double> stop;
  /** How much of the reward's gain at best goes with length: the slope of reward on length within prompts, times what
   * was added to the length, over the gain. */
  std::optional<double> gain_by_length;
  /** Correlation of reward and gold within prompts; none where one of them never varies. */
  std::optional<double> correlation;
  /** Largest N that every prompt has drafts for. */
  double largest = 1;
};

template <class F>
void fields(F&& f, const NumbersOfAdvice& a) {
  f("best", a.best);
  f("from", a.from);
  f("to", a.to);
  estimate_field(f, "gain", a.gain);
  estimate_field(f, "lost", a.lost);
  f("share_of_tilt", a.share_of_tilt);
  f("stop", a.stop);
  f("gain_by_length", a.gain_by_length);
  f("correlation", a.correlation);
  f("largest", a.largest);
}

/** What a reader sets. */
struct SampleSettings {
  /** Of the subsets whose answers are elected; an integer below 2^53. */
  double seed = 1;
  /** Of one draft, in the unit of what is judged; none below 0. */
  double price = -1;
  /** log N of best-of-N and the KL of the tilt, nats; none below 0. */
  double kl = -1;
  /** Of a budget by the KL coefficient, 1 / beta; none below 0. */
  double alpha = -1;
};

template <class F>
void fields(F&& f, SampleSettings& s) {
  f("seed", s.seed);
  f("price", s.price);
  f("kl", s.kl);
  f("alpha", s.alpha);
}

/** One budget's two policies. */
struct SampleBudget {
  double kl = 0;
  double log_n = 0;
  BestOfNEstimate best_of_n;
  /** At the budget's KL; none where too few drafts carry it. */
  std::optional<TiltEstimate> kl_rl;
  /** At best-of-N's. */
  std::optional<TiltEstimate> kl_rl_at_bon_kl;
};

template <class F>
void fields(F&& f, const SampleBudget& b) {
  f.group("budget", [&](auto&& g) {
    g("kl", b.kl);
    g("log_n", b.log_n);
  });
  f("best_of_n", b.best_of_n);
  f("kl_rl", b.kl_rl);
  f("kl_rl_at_bon_kl", b.kl_rl_at_bon_kl);
}

struct SampleReport {
  double rows = 0;
  double prompts = 0;
  double fewest = 0;
  double most = 0;
  /** `prompts`, by how far they differ (prompt_interval), or of a single one `likelihood`, of its drafts (OnePrompt).
   */
  std::string intervals;
  std::vector<BestOfNEstimate> best_of_n;
  std::vector<CeilingEstimate> ceiling;
  /** Of the answer that N drafts elect, by votes and by votes that weigh their reward; empty where there are no
   * answers. */
  std::vector<CeilingEstimate> majority;
  std::vector<CeilingEstimate> weighted_majority;
  /** Where the files have log-probabilities; empty else. */
  std::vector<ProbabilityKl> kl_by_probability;
  std::vector<TiltEstimate> kl_rl;
  /** The Beta law of chances that pass@N past the drafts rests on; none where they do not fix it. */
  std::optional<std::array<double, 2>> beta;
  /** The tail index of continuous scores, gold's where there is gold, that two octaves past the drafts rest on
   * (ScoreTail).
   */
  std::optional<PromptMean> tail_index;
  /** Why nothing is extrapolated: `chances` of zeros and ones that BetaBinomial refuses, or as ScoreTail refuses; empty
   * where something is. */
  std::string not_extrapolated;
  NumbersOfAdvice advice;
  std::optional<SampleBudget> at_budget;
};

template <class F>
void fields(F&& f, const SampleReport& r) {
  f("rows", r.rows);
  f("prompts", r.prompts);
  f("fewest", r.fewest);
  f("most", r.most);
  f("intervals", r.intervals);
  f.group("curves", [&](auto&& g) {
    g("best_of_n", r.best_of_n);
    g("ceiling", r.ceiling);
    g("majority", r.majority);
    g("weighted_majority", r.weighted_majority);
    g("kl_by_probability", r.kl_by_probability);
    g("kl_rl", r.kl_rl);
  });
  f("beta", r.beta);
  estimate_field(f, "tail_index", r.tail_index);
  f("not_extrapolated", r.not_extrapolated);
  f("advice", r.advice);
  f("at_budget", r.at_budget);
}

/** e^kl: an integer where a logarithm of one was meant. */
[[nodiscard]] double budget_size(double kl);

/** The N that curves have: each to 128, from there sixteen an octave, to the most drafts of a prompt, 10,000 at most.
 */
[[nodiscard]] std::vector<double> curve_sizes(std::size_t most);

/** N past all drafts that are asked too: four an octave for four octaves, to 10,000. */
[[nodiscard]] std::vector<double> further_sizes(std::size_t most);

/**
 * Everything that a file of scored drafts tells about N, averaged over prompts, each of the same weight.
 * Cost: about the drafts times the number of N, less what large N leave out.
 */
[[nodiscard]] SampleReport judge_samples(const ScoredDrafts& drafts, const SampleSettings& settings);

/** One prompt's part of the curves, and what it gains at an N. */
struct PromptCurves {
  double drafts = 0;
  std::vector<double> n;
  std::vector<double> reward;
  /** Empty without gold. */
  std::vector<double> gold;
  std::vector<double> ceiling;
};

template <class F>
void fields(F&& f, const PromptCurves& c) {
  f("drafts", c.drafts);
  f("n", c.n);
  f("reward", c.reward);
  f("gold", c.gold);
  f("ceiling", c.ceiling);
}

[[nodiscard]] PromptCurves prompt_curves(const ScoredDrafts& drafts, std::size_t prompt);

/** By prompt: what best-of-n gains over one draft, in gold or in reward without gold, and how many drafts there are. */
struct PromptGains {
  std::vector<double> gains;
  std::vector<double> drafts;
};

template <class F>
void fields(F&& f, const PromptGains& g) {
  f("gains", g.gains);
  f("drafts", g.drafts);
}

[[nodiscard]] PromptGains prompt_gains(const ScoredDrafts& drafts, double n);

/** A prompt's own drafts in ascending order of reward, and which row of the file each was; columns as the file has
 * them. */
struct PromptDrafts {
  std::vector<double> reward;
  std::vector<double> gold;
  std::vector<double> length;
  std::vector<std::uint32_t> answer;
  std::vector<std::uint32_t> row;
};

template <class F>
void fields(F&& f, const PromptDrafts& d) {
  f("reward", d.reward);
  f("gold", d.gold);
  f("length", d.length);
  f("answer", d.answer);
  f("row", d.row);
}

[[nodiscard]] PromptDrafts prompt_drafts(const ScoredDrafts& drafts, std::size_t prompt);

}  // namespace tiltlab
