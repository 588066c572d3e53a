#include "samples/order_statistics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "samples/draft_shares.hpp"

namespace tiltlab {
DraftLevels levels_of(std::span<const double> order, const std::vector<std::span<const double>>& columns) {
  DraftLevels out;
  out.mean.resize(columns.size());
  // Of tens of thousands of prompts all levels are kept: to the size.
  std::size_t levels = 0;
  for (std::size_t i = 0; i < order.size(); ++i) levels += i == 0 || order[i] != order[i - 1];
  out.upto.reserve(levels);
  for (std::vector<double>& mean : out.mean) mean.reserve(levels);
  for (std::size_t from = 0; from < order.size();) {
    std::size_t to = from + 1;
    while (to < order.size() && order[to] == order[from]) ++to;
    out.upto.push_back(static_cast<double>(to));
    for (std::size_t c = 0; c < columns.size(); ++c) {
      double sum = 0;
      for (std::size_t i = from; i < to; ++i) sum += columns[c][i];
      out.mean[c].push_back(sum / static_cast<double>(to - from));
    }
    from = to;
  }
  return out;
}

std::vector<double> win_chances(const DraftLevels& levels) {
  std::vector<double> out;
  out.reserve(levels.upto.size());
  double below = 0;
  const double others = levels.drafts() - 1;
  for (const double upto : levels.upto) {
    out.push_back(others > 0 ? (below + upto - 1) / (2 * others) : 0.5);
    below = upto;
  }
  return out;
}

namespace {

std::vector<double> win_rates_of(const DraftLevels& levels, const std::vector<double>& sizes,
                                 const KnownShares* known) {
  const double drafts = levels.drafts();
  const std::size_t count = levels.upto.size();
  const bool is_distinct = static_cast<double>(count) == drafts;
  const double tied = drafts - (count > 1 ? levels.upto[count - 2] : 0);
  std::vector<double> out;
  std::optional<SharesInTurn> shares;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const double n = sizes[i];
    const bool is_subset = n <= drafts && n == std::floor(n);
    if (is_subset && (is_distinct || n == drafts)) {
      out.push_back(1 - (tied > 1 ? tied / 2 : 1) / (n + 1));
      continue;
    }
    if (!shares) shares.emplace(levels, sizes, known);
    shares->advance_to(i);
    const std::size_t first = shares->first();
    const std::span<const double> at_most = shares->best();
    double sum = 0;
    double below = 0;
    double before = 0;
    for (std::size_t l = first; l < count; ++l) {
      if (l > 0) below = levels.upto[l - 1];
      const double here = levels.upto[l] - below;
      const double top = at_most[l - first] - before;
      // Of the n all but those at the top are below it, and n upto^-1 of those at the level are among them.
      sum += is_subset
                 ? ((below + here / 2 - n) * top + here * n * at_most[l - first] / (2 * levels.upto[l])) / (drafts - n)
                 : top * (below + levels.upto[l] - 1) / (2 * std::max(drafts - 1, 1.0));
      before = at_most[l - first];
    }
    out.push_back(drafts > 1 ? sum : 0.5);
  }
  return out;
}

KlWithBias kl_of(const DraftLevels& levels, const std::vector<double>& sizes, const KnownShares* known) {
  KlWithBias out;
  SharesInTurn shares(levels, sizes, known);
  const double drafts = levels.drafts();
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    shares.advance_to(i);
    double sum = 0;
    double curvature = 0;
    for (std::size_t l = shares.first(); l < levels.upto.size(); ++l) {
      if (const auto single = shares.single(l)) {
        sum += single->kl;
        curvature += single->curvature;
        continue;
      }
      const double before = l > shares.first() ? shares.draws(l - 1) : 0;
      const double below = l > 0 ? levels.upto[l - 1] : 0;
      sum += kl_of_level(shares.draws(l) - before, drafts, below, levels.upto[l]);
      curvature += kl_curvature(sizes[i], drafts, below, levels.upto[l], before, shares.draws(l));
    }
    out.kl.push_back(sizes[i] == 1 ? 0 : std::max(sum, 0.0));
    out.bias.push_back(sizes[i] == 1 || drafts < 2 ? 0 : curvature / (2 * (drafts - 1)));
  }
  return out;
}

bool are_distinct(const DraftLevels& levels) { return static_cast<double>(levels.upto.size()) == levels.drafts(); }

/** The mean of a column at one n. By parts: each share once, no difference of two of them. */
double mean_of_best(std::span<const double> share, const double* rise, double top) {
  // Four sums, which do not wait for each other. The last level's share is 1.
  const std::size_t count = share.size() - 1;
  std::array<double, 4> below{};
  std::size_t l = 0;
  for (; l + 4 <= count; l += 4)
    for (std::size_t k = 0; k < 4; ++k) below[k] += share[l + k] * rise[l + k];
  for (; l < count; ++l) below[0] += share[l] * rise[l];
  return top - ((below[0] + below[1]) + (below[2] + below[3]));
}

}  // namespace

std::vector<std::vector<double>> BestOfNMeans::operator()(const DraftLevels& levels, std::size_t left_out) {
  SharesInTurn shares(levels, sizes_, known_.of(levels, sizes_));
  std::vector<std::vector<double>> out(levels.mean.size(), std::vector<double>(sizes_.size()));
  std::vector<std::vector<double>> rise(levels.mean.size(), std::vector<double>(levels.upto.size()));
  for (std::size_t c = 0; c < out.size(); ++c)
    for (std::size_t l = 0; l + 1 < levels.upto.size(); ++l) rise[c][l] = levels.mean[c][l + 1] - levels.mean[c][l];
  for (std::size_t i = 0; i < sizes_.size(); ++i) {
    shares.advance_to(i);
    const std::span<const double> best = shares.best();
    for (std::size_t c = 0; c < out.size(); ++c)
      if (c != left_out) out[c][i] = mean_of_best(best, rise[c].data() + shares.first(), levels.mean[c].back());
  }
  return out;
}

std::vector<double> BestOfNMeans::win_rates(const DraftLevels& levels) {
  if (!are_distinct(levels)) return win_rates_of(levels, sizes_, known_.of(levels, sizes_));
  if (wins_.drafts != levels.drafts()) wins_ = {levels.drafts(), win_rates_of(levels, sizes_, nullptr)};
  return wins_.values;
}

KlWithBias BestOfNMeans::kl(const DraftLevels& levels) {
  if (!are_distinct(levels)) return kl_of(levels, sizes_, known_.of(levels, sizes_));
  if (kl_.drafts != levels.drafts()) kl_ = {levels.drafts(), kl_of(levels, sizes_, known_.of(levels, sizes_))};
  return kl_.values;
}

std::vector<std::vector<double>> best_of_n_means(const DraftLevels& levels, const std::vector<double>& sizes) {
  return BestOfNMeans(sizes)(levels);
}

std::vector<double> win_rates(const DraftLevels& levels, const std::vector<double>& sizes) {
  return win_rates_of(levels, sizes, nullptr);
}

std::vector<double> best_of_n_kl(const DraftLevels& levels, const std::vector<double>& sizes) {
  return kl_of(levels, sizes, nullptr).kl;
}

std::vector<double> best_of_n_kl_bias(const DraftLevels& levels, const std::vector<double>& sizes) {
  return kl_of(levels, sizes, nullptr).bias;
}

double kl_of_chosen(double log_probability, double n) {
  // A draft of probability 1 is the law itself.
  if (log_probability >= 0) return 0;
  const double log_others = std::log1p(-std::exp(log_probability));
  const double none = n * log_others;
  const double rare = std::log(n) + (n - 1) * log_others - (n - 1) / n;
  const double some = -std::expm1(none);
  // Of a draft that no double tells from impossible the second part is 0.
  return std::exp(none) * rare + (some > 0 ? some * (std::log(some) - log_probability) : 0);
}

std::vector<double> kl_by_probability(const DraftLevels& levels, std::span<const double> log_probability,
                                      const std::vector<double>& sizes) {
  std::vector<double> out;
  Shares shares(levels);
  for (const double n : sizes) {
    shares.advance_to(n);
    const std::vector<double>& share = shares.best();
    double sum = 0;
    double below = 0;
    std::size_t from = shares.first() == 0 ? 0 : static_cast<std::size_t>(levels.upto[shares.first() - 1]);
    for (std::size_t l = shares.first(); l < share.size(); ++l) {
      const auto to = static_cast<std::size_t>(levels.upto[l]);
      double level = 0;
      for (std::size_t i = from; i < to; ++i) level += kl_of_chosen(log_probability[i], n);
      sum += (share[l] - below) * level / static_cast<double>(to - from);
      below = share[l];
      from = to;
    }
    out.push_back(sum);
  }
  return out;
}

}  // namespace tiltlab
