#include "samples/estimates.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "samples/beta_binomial.hpp"
#include "samples/means_over_prompts.hpp"
#include "samples/one_prompt.hpp"
#include "samples/order_statistics.hpp"
#include "samples/prompt_values.hpp"
#include "samples/score_tail.hpp"
#include "samples/tilted_drafts.hpp"

namespace tiltlab {

PromptMean estimate_of(double value, const std::optional<Interval>& interval) {
  if (!interval || interval->low == interval->high) return {value, std::nullopt};
  return {value, std::array{interval->low, interval->high}};
}

namespace {

/** Means over prompts of best-of-N at each of `sizes`: the columns, then the KL, then the KL less twice its bias, then
 * the ceiling where there is gold. */
class BestMeans {
 public:
  BestMeans(const ScoredDrafts& drafts, const std::vector<DraftLevels>& levels, std::vector<double> sizes)
      : columns_(level_columns(drafts)),
        fewest_(static_cast<double>(drafts.fewest())),
        sizes_(std::move(sizes)),
        means_(means(drafts, levels)) {
    for (std::size_t c = 0; c < columns_.count(); ++c)
      reach_.push_back(c == LevelColumns::win_at ? ValueReach{} : column_reach(drafts, c));
    if (drafts.prompts() == 1) look_at_one(drafts);
  }

  [[nodiscard]] const std::vector<double>& sizes() const { return sizes_; }
  [[nodiscard]] std::size_t place(double n) const {
    return static_cast<std::size_t>(std::lower_bound(sizes_.begin(), sizes_.end(), n) - sizes_.begin());
  }
  [[nodiscard]] std::size_t quantity(std::size_t column, std::size_t i) const { return column * sizes_.size() + i; }
  [[nodiscard]] double mean(std::size_t column, std::size_t i) const { return means_.mean(quantity(column, i)); }
  [[nodiscard]] double kl(std::size_t i) const { return mean(columns_.count(), i); }
  /** What is judged, at the i-th N. */
  [[nodiscard]] double judged(std::size_t i) const { return mean(columns_.judged_at(), i); }
  /** Of what is judged, at the a-th N less that at the b-th, paired. */
  [[nodiscard]] PromptMean difference(std::size_t a, std::size_t b) const {
    const double value = judged(a) - judged(b);
    if (!one_.empty())
      return estimate_of(value, one_[columns_.judged_at()]->interval({{sizes_[a], 1}, {sizes_[b], -1}}, value));
    const std::size_t column = columns_.judged_at();
    const double shared = std::min(sizes_[a], sizes_[b]) / std::max(sizes_[a], sizes_[b]);
    return estimate_of(value, means_.difference(quantity(column, a), quantity(column, b), reach_[column], shared));
  }
  [[nodiscard]] PromptMean estimate(std::size_t column, std::size_t i) const {
    const double value = mean(column, i);
    if (!one_.empty())
      return estimate_of(value, one_[column] ? one_[column]->interval({{sizes_[i], 1}}, value) : std::nullopt);
    return estimate_of(value, doubt(column, i));
  }
  [[nodiscard]] PromptMean ceiling(std::size_t i) const { return estimate(columns_.count() + 2, i); }
  [[nodiscard]] BestOfNEstimate row(std::size_t i) const;

 private:
  [[nodiscard]] std::size_t quantities() const { return (columns_.count() + (columns_.gold ? 3 : 2)) * sizes_.size(); }
  [[nodiscard]] MeansOverPrompts means(const ScoredDrafts& drafts, const std::vector<DraftLevels>& levels) const;
  /** Over prompts; none past their drafts, where values are biased by what was not drawn. */
  [[nodiscard]] std::optional<Interval> doubt(std::size_t column, std::size_t i) const;
  /** Of a column at an integer. */
  [[nodiscard]] std::optional<Interval> doubt_at(std::size_t column, std::size_t i) const;
  void look_at_one(const ScoredDrafts& drafts);

  LevelColumns columns_;
  double fewest_;
  std::vector<double> sizes_;
  MeansOverPrompts means_;
  /** By column, of one prompt's values; of the win rate it depends on N. */
  std::vector<ValueReach> reach_;
  /** By column, of a single prompt: what its own drafts leave open. Of several prompts empty. */
  std::vector<std::optional<OnePrompt>> one_;
};

void BestMeans::look_at_one(const ScoredDrafts& drafts) {
  one_.resize(columns_.count() + 3);
  const auto& [prompt, reward, gold, log_probability, length, answer] = drafts.columns;
  const auto look = [&](std::size_t column, const std::vector<double>& order, const std::vector<double>& value,
                        std::size_t of) {
    one_[column].emplace(order, value, reach_[of], reach_[LevelColumns::reward_at]);
  };
  look(LevelColumns::reward_at, reward, reward, LevelColumns::reward_at);
  if (columns_.length) look(columns_.length_at(), reward, length, columns_.length_at());
  if (!columns_.gold) return;
  look(LevelColumns::gold_at, reward, gold, LevelColumns::gold_at);
  std::vector<double> sorted = gold;
  std::sort(sorted.begin(), sorted.end());
  look(columns_.count() + 2, sorted, sorted, LevelColumns::gold_at);
}

std::optional<Interval> BestMeans::doubt(std::size_t column, std::size_t i) const {
  const double n = sizes_[i];
  if (n > fewest_) return std::nullopt;
  const std::size_t below = place(std::floor(n));
  const std::size_t above = place(std::ceil(n));
  if (n == std::floor(n) || above >= sizes_.size() || sizes_[above] != std::ceil(n) || sizes_[below] != std::floor(n))
    return doubt_at(column, i);
  // What lies between two N has a bias, which is less than they are apart.
  return hull(doubt_at(column, i), hull(doubt_at(column, below), doubt_at(column, above)));
}

std::optional<Interval> BestMeans::doubt_at(std::size_t column, std::size_t i) const {
  const double n = sizes_[i];
  const std::size_t q = quantity(column, i);
  const std::size_t kl = columns_.count();
  // With all drafts chosen from no rival is left.
  if (column == LevelColumns::win_at) return n < fewest_ ? means_.interval(q, win_reach(n)) : std::nullopt;
  if (column != kl) return means_.interval(q, reach_[column > kl ? LevelColumns::gold_at : column]);
  const ValueReach of_kl{0, std::log(n) - (n - 1) / n, true};
  return hull(means_.interval(q, of_kl), means_.interval(quantity(kl + 1, i), of_kl));
}

MeansOverPrompts BestMeans::means(const ScoredDrafts& drafts, const std::vector<DraftLevels>& levels) const {
  BestOfNMeans means(sizes_);
  const auto fill = [&](std::size_t k, double* row) {
    const auto put = [&](const std::vector<double>& curve) { row = std::copy(curve.begin(), curve.end(), row); };
    // What the second order tells of the bias may be half of it: the interval reaches to twice as much.
    const auto put_kl = [&](const KlWithBias& found) {
      const auto& [kl, bias] = found;
      put(kl);
      for (std::size_t i = 0; i < kl.size(); ++i) *row++ = kl[i] - 2 * bias[i];
    };
    const DraftLevels& here = levels[k];
    for (const std::vector<double>& curve : choice_means(here, means)) put(curve);
    put_kl(means.kl(here));
    if (columns_.gold) put(ceiling_means(drafts, k, means));
  };
  // Advice compares what is judged at one N with the same at another.
  return {quantities(), levels.size(), {columns_.judged_at() * sizes_.size(), sizes_.size()}, fill};
}

BestOfNEstimate BestMeans::row(std::size_t i) const {
  const double n = sizes_[i];
  BestOfNEstimate out;
  out.n = n;
  out.reward = estimate(LevelColumns::reward_at, i);
  out.win_rate = estimate(LevelColumns::win_at, i);
  if (columns_.gold) out.gold = estimate(LevelColumns::gold_at, i);
  if (columns_.length) out.length = estimate(columns_.length_at(), i);
  const double log_n = std::log(n);
  out.kl_bound = log_n + std::expm1(-log_n);
  out.kl_plug_in = estimate(columns_.count(), i);
  out.estimator = n <= fewest_ && n == std::floor(n) ? "unbiased" : "plug_in";
  return out;
}

/** Of each tilt the columns and the KL as they are, then the same less twice their bias. */
MeansOverPrompts tilt_means(const TiltedDrafts& tilted, const std::vector<CarriedTilt>& found) {
  const std::size_t width = found[0].prompts[0].mean.size() + 1;
  const std::size_t prompts = found[0].prompts.size();
  std::vector<double> values(prompts * found.size() * 2 * width);
  for (std::size_t t = 0; t < found.size(); ++t) {
    const std::vector<TiltedPrompt>& plain = found[t].prompts;
    const auto mended = tilted.without_bias(found[t].alpha, plain, LevelColumns::win_at);
    for (std::size_t k = 0; k < prompts; ++k) {
      double* row = values.data() + (k * found.size() + t) * 2 * width;
      std::copy(plain[k].mean.begin(), plain[k].mean.end(), row);
      row[width - 1] = plain[k].kl;
      for (std::size_t c = 0; c + 1 < width; ++c) row[width + c] = 2 * mended[k].mean[c] - plain[k].mean[c];
      row[2 * width - 1] = 2 * mended[k].kl - plain[k].kl;
    }
  }
  return {2 * width * found.size(), std::move(values)};
}

/** Tilts at the KL of each of `kl`, as far as drafts carry them. */
std::vector<TiltEstimate> tilt_rows(const ScoredDrafts& drafts, const TiltedDrafts& tilted,
                                    const std::vector<double>& kl) {
  const LevelColumns columns = level_columns(drafts);
  std::vector<TiltEstimate> out;
  const std::vector<CarriedTilt> found = carried_tilts(tilted, kl);
  for (const CarriedTilt& tilt : found) {
    TiltEstimate& row = out.emplace_back();
    row.alpha = tilt.alpha;
    row.effective_sample_size = tilt.size.mean;
    row.effective_sample_size_median = tilt.size.median;
  }
  if (out.empty()) return out;
  const std::size_t width = columns.count() + 1;
  const MeansOverPrompts means = tilt_means(tilted, found);
  const double most = std::log(static_cast<double>(drafts.most()));
  std::vector<ValueReach> reach;
  for (std::size_t c = 0; c < columns.count(); ++c)
    reach.push_back(c == LevelColumns::win_at ? ValueReach{0, 1, true} : column_reach(drafts, c));
  reach.push_back({0, most, true});
  for (std::size_t t = 0; t < out.size(); ++t) {
    const auto estimate = [&](std::size_t column) {
      const std::size_t q = 2 * t * width + column;
      if (!tells_doubt(found[t].size)) return estimate_of(means.mean(q), std::nullopt);
      return estimate_of(means.mean(q),
                         hull(means.interval(q, reach[column]), means.interval(q + width, reach[column])));
    };
    out[t].reward = estimate(LevelColumns::reward_at);
    out[t].win_rate = estimate(LevelColumns::win_at);
    if (columns.gold) out[t].gold = estimate(LevelColumns::gold_at);
    out[t].kl = estimate(columns.count());
  }
  return out;
}

/** Curves of the elected answers, at N that every prompt has drafts for. */
void add_votes(SampleReport& report, const ScoredDrafts& drafts, const std::vector<double>& sizes, double seed) {
  std::vector<double> values;
  for (std::size_t k = 0; k < drafts.prompts(); ++k) {
    const VoteMeans means = election_means(drafts, k, sizes, static_cast<std::uint64_t>(seed));
    values.insert(values.end(), means.majority.begin(), means.majority.end());
    values.insert(values.end(), means.weighted.begin(), means.weighted.end());
  }
  const MeansOverPrompts means(2 * sizes.size(), std::move(values));
  const ValueReach reach = column_reach(drafts, level_columns(drafts).judged_at());
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const std::size_t other = sizes.size() + i;
    report.majority.push_back({sizes[i], estimate_of(means.mean(i), means.interval(i, reach))});
    report.weighted_majority.push_back({sizes[i], estimate_of(means.mean(other), means.interval(other, reach))});
  }
}

/** Best-of-N's KL by what the drafts' probabilities are, at N that every prompt has drafts for. */
void add_probability_kl(SampleReport& report, const ScoredDrafts& drafts, const std::vector<DraftLevels>& levels,
                        const std::vector<double>& sizes) {
  std::vector<double> values;
  for (std::size_t k = 0; k < drafts.prompts(); ++k) {
    const auto kl = kl_by_probability(levels[k], part(drafts.columns.log_probability, drafts, k), sizes);
    values.insert(values.end(), kl.begin(), kl.end());
  }
  const MeansOverPrompts means(sizes.size(), std::move(values));
  for (std::size_t i = 0; i < sizes.size(); ++i)
    report.kl_by_probability.push_back({sizes[i], estimate_of(means.mean(i), means.interval(i))});
}

/** How many of each prompt's drafts are right; nothing where a value is neither 0 nor 1. */
std::vector<RightOf> right_of(const ScoredDrafts& drafts, const std::vector<double>& column) {
  std::vector<RightOf> out;
  for (std::size_t k = 0; k < drafts.prompts(); ++k) {
    out.push_back({0, static_cast<double>(drafts.drafts(k))});
    for (const double x : part(column, drafts, k)) {
      if (x != 0 && x != 1) return {};
      out.back().right += x;
    }
  }
  return out;
}

/** The tail of a column's scores, chosen from by themselves. */
ScoreTail::Found tail_of(const ScoredDrafts& drafts, bool has_gold) {
  const auto fewest = static_cast<double>(drafts.fewest());
  const std::array<double, 3> sizes = ScoreTail::sizes(fewest);
  // A curve of so few drafts has no three sizes.
  if (!(sizes[0] >= 1 && sizes[0] < sizes[1] && sizes[1] < sizes[2])) return ScoreTail::fitted({}, fewest, 0);
  BestOfNMeans means({sizes.begin(), sizes.end()});
  std::vector<ScoreTail::Means> prompts;
  double tied = 0;
  for (std::size_t k = 0; k < drafts.prompts(); ++k) {
    const auto scores = part(has_gold ? drafts.columns.gold : drafts.columns.reward, drafts, k);
    std::vector<double> sorted(scores.begin(), scores.end());
    std::sort(sorted.begin(), sorted.end());
    const std::vector<double> curve = means(levels_of(sorted, {sorted}))[0];
    prompts.push_back({curve[0], curve[1], curve[2]});
    tied += sorted.size() > 1 && sorted[sorted.size() - 2] == sorted.back();
  }
  return ScoreTail::fitted(prompts, fewest, tied);
}

/** What a score has past the drafts: how far it is known, and its mean at an N. */
struct Further {
  double farthest = 0;
  std::function<PromptMean(double)> at;
};

/** By the law of chances, or by the tail of scores; of neither the report says why. */
Further further_of(SampleReport& report, const ScoredDrafts& drafts, bool has_gold) {
  const std::vector<RightOf> right = right_of(drafts, has_gold ? drafts.columns.gold : drafts.columns.reward);
  if (!right.empty()) {
    const std::optional<BetaBinomial> law = BetaBinomial::fitted(right);
    if (!law) {
      report.not_extrapolated = "chances";
      return {};
    }
    report.beta = std::array{law->alpha(), law->beta()};
    const auto at = [law](double n) { return estimate_of(law->pass_at(n), law->interval(n)); };
    return {std::numeric_limits<double>::infinity(), at};
  }
  const ScoreTail::Found found = tail_of(drafts, has_gold);
  if (!found.tail) {
    report.not_extrapolated = found.refused;
    return {};
  }
  const auto [low, high] = found.tail->index_interval();
  report.tail_index = PromptMean{found.tail->index(), std::array{low, high}};
  const auto at = [tail = *found.tail](double n) { return estimate_of(tail.at(n), tail.interval(n)); };
  return {found.tail->farthest(), at};
}

/** Past the drafts of some prompt: what the law of their chances says, or the tail of scores, where it is known. */
void extrapolate(SampleReport& report, const ScoredDrafts& drafts) {
  const bool has_gold = level_columns(drafts).gold;
  const Further further = further_of(report, drafts, has_gold);
  const double fewest = report.fewest;
  std::erase_if(report.ceiling, [&](const CeilingEstimate& e) { return e.n > fewest && e.n > further.farthest; });
  for (CeilingEstimate& e : report.ceiling)
    if (e.n > fewest) e = {e.n, further.at(e.n), "extrapolated"};
  if (has_gold) return;
  for (BestOfNEstimate& e : report.best_of_n)
    if (e.n > fewest && e.n <= further.farthest) {
      e.reward = further.at(e.n);
      e.estimator = "extrapolated";
    }
}

/** Sums of squares and products of two columns about their prompts' means. */
struct Within {
  double xx = 0;
  double yy = 0;
  double xy = 0;
};

Within within_prompts(const ScoredDrafts& drafts, const std::vector<double>& x, const std::vector<double>& y) {
  Within out;
  for (std::size_t k = 0; k < drafts.prompts(); ++k) {
    const auto a = part(x, drafts, k);
    const auto b = part(y, drafts, k);
    const auto size = static_cast<double>(a.size());
    double mean_a = 0;
    double mean_b = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      mean_a += a[i] / size;
      mean_b += b[i] / size;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
      out.xx += (a[i] - mean_a) * (a[i] - mean_a);
      out.yy += (b[i] - mean_b) * (b[i] - mean_b);
      out.xy += (a[i] - mean_a) * (b[i] - mean_b);
    }
  }
  return out;
}

/** Places from which and to which nothing can be told from the best. */
std::pair<std::size_t, std::size_t> untold(const BestMeans& means, std::size_t best, std::size_t last) {
  const auto is_worse = [&](std::size_t i) {
    const auto interval = means.difference(best, i).interval;
    return interval && (*interval)[0] > 0;
  };
  std::size_t from = best;
  while (from > 0 && !is_worse(from - 1)) --from;
  std::size_t to = best;
  while (to < last && !is_worse(to + 1)) ++to;
  return {from, to};
}

/** The least N whose next draft gains no more than its price; the last where none is so. */
double stopping_size(const BestMeans& means, double price, std::size_t last) {
  for (std::size_t i = 0; i < last; ++i)
    if (means.judged(i + 1) - means.judged(i) <= price * (means.sizes()[i + 1] - means.sizes()[i]))
      return means.sizes()[i];
  return means.sizes()[last];
}

/** Of the N that every prompt has drafts for. */
NumbersOfAdvice advice_of(const ScoredDrafts& drafts, const BestMeans& means, const TiltedDrafts& tilted,
                          const SampleSettings& settings) {
  const LevelColumns columns = level_columns(drafts);
  NumbersOfAdvice out;
  const auto& sizes = means.sizes();
  const std::size_t last = static_cast<std::size_t>(
      std::upper_bound(sizes.begin(), sizes.end(), static_cast<double>(drafts.fewest())) - sizes.begin() - 1);
  std::size_t best = 0;
  for (std::size_t i = 1; i <= last; ++i)
    if (means.judged(i) > means.judged(best)) best = i;
  const auto [from, to] = untold(means, best, last);
  out.best = sizes[best];
  out.from = sizes[from];
  out.to = sizes[to];
  out.largest = sizes[last];
  out.gain = means.difference(best, 0);
  out.lost = means.difference(best, last);
  if (best > 0) {
    const auto rows = tilt_rows(drafts, tilted, {means.kl(best)});
    const double base = means.judged(0);
    if (!rows.empty()) {
      const double gained = (columns.gold ? rows[0].gold->value : rows[0].reward.value) - base;
      if (gained > 0) out.share_of_tilt = (means.judged(best) - base) / gained;
    }
  }
  if (settings.price >= 0) out.stop = stopping_size(means, settings.price, last);
  if (columns.length && best > 0) {
    const Within w = within_prompts(drafts, drafts.columns.length, drafts.columns.reward);
    const double gained = means.mean(LevelColumns::reward_at, best) - means.mean(LevelColumns::reward_at, 0);
    const double added = means.mean(columns.length_at(), best) - means.mean(columns.length_at(), 0);
    if (w.xx > 0 && gained > 0) out.gain_by_length = w.xy / w.xx * added / gained;
  }
  if (columns.gold) {
    const Within w = within_prompts(drafts, drafts.columns.reward, drafts.columns.gold);
    if (w.xx > 0 && w.yy > 0) out.correlation = w.xy / std::sqrt(w.xx * w.yy);
  }
  return out;
}

/** The budget's KL, nats; nothing where none is set. */
std::optional<double> budget_of(const SampleSettings& settings, const TiltedDrafts& tilted) {
  if (settings.alpha >= 0) return tilted.kl(settings.alpha);
  return settings.kl >= 0 ? std::optional(settings.kl) : std::nullopt;
}

SampleBudget at_budget(const ScoredDrafts& drafts, const BestMeans& means, const TiltedDrafts& tilted, double kl) {
  SampleBudget out;
  out.kl = out.log_n = kl;
  const std::size_t i = means.place(budget_size(kl));
  out.best_of_n = means.row(i);
  out.best_of_n.kl_bound = kl + std::expm1(-kl);
  const auto tilt = [&](double at) -> std::optional<TiltEstimate> {
    const auto rows = tilt_rows(drafts, tilted, {at});
    return rows.empty() ? std::nullopt : std::optional(rows[0]);
  };
  out.kl_rl = tilt(kl);
  out.kl_rl_at_bon_kl = tilt(means.kl(i));
  return out;
}

}  // namespace

double budget_size(double kl) {
  const double n = std::exp(kl);
  // N is set as an integer more often than not, and comes as its logarithm.
  constexpr double close = 1e-12;
  return std::fabs(n - std::round(n)) <= close * n ? std::round(n) : n;
}

std::vector<double> curve_sizes(std::size_t most) {
  constexpr double each = 128;
  constexpr double an_octave = 16;
  constexpr double largest = 10000;
  const double end = std::min(static_cast<double>(most), largest);
  std::vector<double> out;
  for (double n = 1; n <= end; ++n)
    if (n <= each) out.push_back(n);
  for (double octave = each; octave < end; octave *= 2)
    for (double n = octave * (1 + 1 / an_octave); n <= octave * 2 && n <= end; n += octave / an_octave)
      out.push_back(n);
  if (out.back() < end) out.push_back(end);
  return out;
}

std::vector<double> further_sizes(std::size_t most) {
  constexpr double octaves = 4;
  constexpr double an_octave = 4;
  constexpr double largest = 10000;
  std::vector<double> out;
  for (double i = 1; i <= octaves * an_octave; ++i) {
    const double n = std::round(static_cast<double>(most) * std::exp2(i / an_octave));
    if (n > largest) break;
    if (n > static_cast<double>(most) && (out.empty() || n > out.back())) out.push_back(n);
  }
  return out;
}

SampleReport judge_samples(const ScoredDrafts& drafts, const SampleSettings& settings) {
  std::vector<DraftLevels> levels;
  for (std::size_t k = 0; k < drafts.prompts(); ++k) levels.push_back(reward_levels(drafts, k));
  const TiltedDrafts tilted(levels);
  std::vector<double> curve = curve_sizes(drafts.most());
  for (const double n : further_sizes(drafts.most())) curve.push_back(n);
  std::vector<double> sizes = curve;
  const std::optional<double> budget = budget_of(settings, tilted);
  if (budget) {
    const double n = budget_size(*budget);
    const auto at = std::lower_bound(sizes.begin(), sizes.end(), n);
    if (at == sizes.end() || *at != n) sizes.insert(at, n);
  }
  const BestMeans means(drafts, levels, std::move(sizes));
  SampleReport out;
  out.rows = static_cast<double>(drafts.row.size());
  out.prompts = static_cast<double>(drafts.prompts());
  out.fewest = static_cast<double>(drafts.fewest());
  out.most = static_cast<double>(drafts.most());
  out.intervals = drafts.prompts() == 1 ? "likelihood" : "prompts";
  std::vector<double> rungs;
  std::vector<double> kl;
  for (const double n : curve) {
    const std::size_t i = means.place(n);
    out.best_of_n.push_back(means.row(i));
    if (!drafts.columns.gold.empty()) out.ceiling.push_back({n, means.ceiling(i)});
    if (!is_rung(n, out.rows) || n > out.fewest) continue;
    rungs.push_back(n);
    kl.push_back(means.kl(i));
  }
  out.kl_rl = tilt_rows(drafts, tilted, kl);
  for (std::size_t t = 0; t < out.kl_rl.size(); ++t) out.kl_rl[t].n = rungs[t];
  if (!drafts.columns.log_probability.empty()) add_probability_kl(out, drafts, levels, rungs);
  if (!drafts.columns.answer.empty()) add_votes(out, drafts, rungs, settings.seed);
  extrapolate(out, drafts);
  out.advice = advice_of(drafts, means, tilted, settings);
  if (budget) out.at_budget = at_budget(drafts, means, tilted, *budget);
  return out;
}

PromptCurves prompt_curves(const ScoredDrafts& drafts, std::size_t prompt) {
  const LevelColumns columns = level_columns(drafts);
  PromptCurves out;
  out.drafts = static_cast<double>(drafts.drafts(prompt));
  out.n = curve_sizes(drafts.drafts(prompt));
  BestOfNMeans best(out.n);
  auto means = best(reward_levels(drafts, prompt));
  out.reward = std::move(means[LevelColumns::reward_at]);
  if (columns.gold) {
    out.gold = std::move(means[LevelColumns::gold_at]);
    out.ceiling = ceiling_means(drafts, prompt, best);
  }
  return out;
}

PromptGains prompt_gains(const ScoredDrafts& drafts, double n) {
  PromptGains out;
  BestOfNMeans best({1, n});
  for (std::size_t k = 0; k < drafts.prompts(); ++k) {
    const auto means = best(reward_levels(drafts, k));
    const std::vector<double>& judged = means[level_columns(drafts).judged_at()];
    out.gains.push_back(judged[1] - judged[0]);
    out.drafts.push_back(static_cast<double>(drafts.drafts(k)));
  }
  return out;
}

PromptDrafts prompt_drafts(const ScoredDrafts& drafts, std::size_t prompt) {
  const auto copied = [&](const auto& column) {
    using Column = std::remove_cvref_t<decltype(column)>;
    if (column.empty()) return Column();
    const auto from = column.begin() + static_cast<std::ptrdiff_t>(drafts.start[prompt]);
    return Column(from, from + static_cast<std::ptrdiff_t>(drafts.drafts(prompt)));
  };
  return {copied(drafts.columns.reward), copied(drafts.columns.gold), copied(drafts.columns.length),
          copied(drafts.columns.answer), copied(drafts.row)};
}

}  // namespace tiltlab
