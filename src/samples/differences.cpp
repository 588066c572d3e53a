#include "samples/differences.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "error.hpp"
#include "samples/means_over_prompts.hpp"
#include "samples/one_prompt.hpp"
#include "samples/order_statistics.hpp"
#include "samples/prompt_values.hpp"
#include "samples/tilted_drafts.hpp"

namespace tiltlab {
namespace {

/** A row a prompt, a value a size; of a tilt as many sizes as drafts carry. */
using Rows = std::vector<std::vector<double>>;

/** One curve's values. */
struct CurveValues {
  Rows values;
  /** Less twice their bias; empty where they have none. */
  Rows mended = {};
  /** The reward of what is chosen, where that decides; empty of curves that choose by something else. */
  Rows reward = {};
  /** How one prompt's drafts are chosen at each size; empty where its doubt is not known. */
  std::vector<ChoiceTerm> choice = {};
  /** At how many sizes there are drafts enough for an interval. */
  std::size_t told = std::numeric_limits<std::size_t>::max();

  [[nodiscard]] const Rows& other() const { return mended.empty() ? values : mended; }
};

[[noreturn]] void refuse(const std::string& what) { throw InputError("samples.difference", what); }

/** The column of levels that is compared. */
std::size_t column_of(const LevelColumns& columns, const std::string& of) {
  if (of == "reward") return LevelColumns::reward_at;
  if (of == "win_rate") return LevelColumns::win_at;
  if (of == "gold" && columns.gold) return LevelColumns::gold_at;
  if (of == "length" && columns.length) return columns.length_at();
  if (of == "gold" || of == "length") refuse("the drafts have no " + of);
  refuse("\"" + of + "\" is not one of reward, gold, win_rate, length");
}

/** What a file's curves are made of. */
class Curves {
 public:
  Curves(const ScoredDrafts& drafts, std::uint64_t seed)
      : drafts_(drafts), columns_(level_columns(drafts)), seed_(seed) {
    for (std::size_t k = 0; k < drafts.prompts(); ++k) levels_.push_back(reward_levels(drafts, k));
    const std::vector<double> all = curve_sizes(drafts.fewest());
    for (const double n : all) {
      if (is_rung(n, static_cast<double>(drafts.row.size())) || n == all.back()) sizes_.push_back(n);
    }
  }

  [[nodiscard]] const std::vector<double>& sizes() const { return sizes_; }

  [[nodiscard]] CurveValues values(const std::string& curve, const std::string& of) const {
    const std::size_t column = column_of(columns_, of);
    if (curve == "best_of_n") return best(column);
    if (curve == "kl_rl") return tilted(column);
    if (curve == "ceiling") return ceiling(of);
    if (curve == "majority" || curve == "weighted_majority") return {elected(curve, column)};
    refuse("\"" + curve + "\" is not one of best_of_n, ceiling, majority, weighted_majority, kl_rl");
  }

 private:
  [[nodiscard]] CurveValues best(std::size_t column) const {
    CurveValues out;
    BestOfNMeans means(sizes_);
    for (const double n : sizes_) out.choice.push_back({n, 1, Choice::by_order});
    for (const DraftLevels& levels : levels_) {
      auto found = choice_means(levels, means);
      out.reward.push_back(found[LevelColumns::reward_at]);
      out.values.push_back(std::move(found[column]));
    }
    return out;
  }

  [[nodiscard]] CurveValues ceiling(const std::string& of) const {
    if (of != "gold") refuse("the ceiling chooses by gold: it has no " + of);
    CurveValues out;
    BestOfNMeans means(sizes_);
    for (const double n : sizes_) out.choice.push_back({n, 1, Choice::by_value});
    for (std::size_t k = 0; k < drafts_.prompts(); ++k) out.values.push_back(ceiling_means(drafts_, k, means));
    return out;
  }

  [[nodiscard]] Rows elected(const std::string& curve, std::size_t column) const {
    if (drafts_.columns.answer.empty()) refuse("the drafts have no answers");
    if (column != columns_.judged_at())
      refuse(curve + " is known by " + (columns_.gold ? "gold" : "reward") + " alone");
    Rows out;
    for (std::size_t k = 0; k < drafts_.prompts(); ++k) {
      VoteMeans means = election_means(drafts_, k, sizes_, seed_);
      out.push_back(std::move(curve == "majority" ? means.majority : means.weighted));
    }
    return out;
  }

  /** At the KL of best-of-N, as far as enough drafts carry it. */
  [[nodiscard]] CurveValues tilted(std::size_t column) const {
    CurveValues out{Rows(levels_.size()), Rows(levels_.size()), Rows(levels_.size())};
    out.told = 0;
    const TiltedDrafts tilted(levels_);
    const auto prompts = static_cast<double>(levels_.size());
    // Of one prompt whose rewards may be higher than any that was seen, these decide what a tilt of its drafts is
    // worth.
    constexpr double fewest_of_one = 100;
    const bool is_open = levels_.size() == 1 && !column_reach(drafts_, LevelColumns::reward_at).is_strict;
    std::vector<double> kl(sizes_.size(), 0);
    BestOfNMeans means(sizes_);
    for (const DraftLevels& levels : levels_) {
      const std::vector<double> here = means.kl(levels).kl;
      for (std::size_t i = 0; i < kl.size(); ++i) kl[i] += here[i] / prompts;
    }
    for (const CarriedTilt& tilt : carried_tilts(tilted, kl)) {
      const auto mended = tilted.without_bias(tilt.alpha, tilt.prompts, LevelColumns::win_at);
      for (std::size_t k = 0; k < levels_.size(); ++k) {
        const double here = tilt.prompts[k].mean[column];
        out.values[k].push_back(here);
        out.reward[k].push_back(tilt.prompts[k].mean[LevelColumns::reward_at]);
        out.mended[k].push_back(2 * mended[k].mean[column] - here);
      }
      out.choice.push_back({tilt.alpha, 1, Choice::tilted});
      if (tells_doubt(tilt.size) && (!is_open || tilt.size.mean >= fewest_of_one)) ++out.told;
    }
    return out;
  }

  const ScoredDrafts& drafts_;
  LevelColumns columns_;
  std::uint64_t seed_;
  std::vector<DraftLevels> levels_;
  std::vector<double> sizes_;
};

MeansOverPrompts means_of(const Rows& first, const Rows& second) {
  const std::size_t sizes = std::min(first[0].size(), second[0].size());
  std::vector<double> values;
  for (std::size_t k = 0; k < first.size(); ++k) {
    for (std::size_t i = 0; i < sizes; ++i) {
      // Curves that are one, as all are at N = 1, differ by how they were summed.
      const double rounding = 1e-14 * (std::fabs(first[k][i]) + std::fabs(second[k][i]));
      const double difference = first[k][i] - second[k][i];
      values.push_back(std::fabs(difference) > rounding ? difference : 0);
    }
  }
  return {sizes, std::move(values)};
}

/** What drafts of one prompt are worth, in the order of their rewards; nothing for a chance to win. */
std::optional<OnePrompt> one_prompt(const ScoredDrafts& drafts, std::size_t column) {
  if (drafts.prompts() > 1 || column == LevelColumns::win_at) return std::nullopt;
  const LevelColumns columns = level_columns(drafts);
  const std::vector<double>& reward = drafts.columns.reward;
  const std::vector<double>& value = column == LevelColumns::reward_at                 ? reward
                                     : columns.gold && column == LevelColumns::gold_at ? drafts.columns.gold
                                                                                       : drafts.columns.length;
  return OnePrompt(reward, value, column_reach(drafts, column), column_reach(drafts, LevelColumns::reward_at));
}

/** Of one prompt at a size, by its drafts. */
std::optional<Interval> by_drafts(const std::optional<OnePrompt>& one, const CurveValues& first,
                                  const CurveValues& second, std::size_t size) {
  if (!one || first.choice.empty() || second.choice.empty()) return std::nullopt;
  std::vector<ChoiceTerm> terms{first.choice[size], second.choice[size]};
  terms[1].weight = -1;
  const auto at = [&](double value) { return one->interval(terms, value); };
  return hull(at(first.values[0][size] - second.values[0][size]), at(first.other()[0][size] - second.other()[0][size]));
}

/** What two curves are compared by, and the reach of a prompt's value and of its reward. */
struct Compared {
  const CurveValues& first;
  const CurveValues& second;
  ValueReach value;
  ValueReach reward;
};

/** Whether too few prompts tell how far two curves are apart at a size. */
bool are_few_told(const Compared& of, std::size_t size) {
  const auto at = [&](const Rows& rows) {
    std::vector<double> out;
    for (const std::vector<double>& row : rows) out.push_back(row[size]);
    return out;
  };
  const std::vector<double> a = at(of.first.values);
  const std::vector<double> b = at(of.second.values);
  std::vector<double> apart;
  for (std::size_t k = 0; k < a.size(); ++k) apart.push_back(a[k] - b[k]);
  const bool is_carried = spread_carriers(apart) >= fewest_carriers;
  if (!is_carried && !tells_of_others(a, of.value) && !tells_of_others(b, of.value)) return true;
  // Where one always has the best reward that there is, what both choose is the same, whatever it is worth.
  const auto is_open = [&](const Rows& reward) {
    return of.reward.is_strict && !reward.empty() && !tells_of_others(at(reward), of.reward);
  };
  if (is_open(of.first.reward) || is_open(of.second.reward)) return true;
  return are_mostly_one(apart);
}

}  // namespace

CurveDifferences curve_differences(const ScoredDrafts& drafts, const DifferenceAsked& asked) {
  const auto seed = static_cast<std::uint64_t>(asked.seed);
  const Curves curves(drafts, seed);
  const CurveValues first = curves.values(asked.first, asked.of);
  const CurveValues second = curves.values(asked.second, asked.of);
  const std::size_t sizes = std::min(first.values[0].size(), second.values[0].size());
  CurveDifferences out;
  if (sizes == 0) return out;
  const MeansOverPrompts means = means_of(first.values, second.values);
  const MeansOverPrompts mended = means_of(first.other(), second.other());
  const std::size_t column = column_of(level_columns(drafts), asked.of);
  const ValueReach each = column == LevelColumns::win_at ? ValueReach{0, 1, true} : column_reach(drafts, column);
  const ValueReach reach = difference_reach(each, 0);
  const Compared compared{first, second, each, column_reach(drafts, LevelColumns::reward_at)};
  const std::optional<OnePrompt> one = one_prompt(drafts, column);
  const std::size_t told = std::min(first.told, second.told);
  for (std::size_t i = 0; i < sizes; ++i) {
    std::optional<Interval> interval;
    // Without a bias both are one. Curves that are the same here leave no doubt.
    const bool are_few = are_few_told(compared, i);
    const auto plain = means.interval(i, reach, are_few);
    if (i < told && plain && plain->low < plain->high) interval = hull(plain, mended.interval(i, reach, are_few));
    if (i < told && drafts.prompts() == 1 && curves.sizes()[i] > 1) interval = by_drafts(one, first, second, i);
    out.differences.push_back({curves.sizes()[i], estimate_of(means.mean(i), interval)});
  }
  return out;
}

}  // namespace tiltlab
