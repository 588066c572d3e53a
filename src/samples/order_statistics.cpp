#include "samples/order_statistics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace tiltlab {
namespace {

constexpr double negligible = 1e-30;

/** The shares of levels at n = 1, 2, ...: that all of n drafts are at or below level l. */
class Shares {
 public:
  explicit Shares(const DraftLevels& levels)
      : upto_(levels.upto), drafts_(levels.drafts()), law_(upto_.size()), of_subsets_(upto_.size()) {
    for (std::size_t l = 0; l < upto_.size(); ++l) law_[l] = upto_[l] / drafts_;
    of_subsets_ = of_draws_ = law_;
  }
  /** @param n ascending from call to call */
  void advance_to(double n) {
    is_walked_ = n == std::floor(n) && n <= most_walked;
    if (is_walked_) {
      for (; n_ < n; ++n_) step();
    } else {
      at_ = law_;
      for (double& share : at_) share = std::pow(share, n);
    }
  }
  /** Lowest level that still counts. */
  [[nodiscard]] std::size_t first() const { return is_walked_ ? first_ : 0; }
  /** Of subsets of n where there are any, else of n draws with replacement. */
  [[nodiscard]] const std::vector<double>& best() const { return is_walked_ && n_ <= drafts_ ? of_subsets_ : draws(); }
  [[nodiscard]] const std::vector<double>& draws() const { return is_walked_ ? of_draws_ : at_; }

 private:
  void step() {
    const std::size_t last = upto_.size() - 1;
    const double left = 1 / (drafts_ - n_);
    for (std::size_t l = first_; l < last; ++l) {
      of_subsets_[l] *= n_ < upto_[l] ? (upto_[l] - n_) * left : 0;
      of_draws_[l] *= law_[l];
    }
    while (first_ < last && of_draws_[first_] < negligible) ++first_;
  }

  /** Larger n, and those that are no integers, are not reached by steps. */
  static constexpr double most_walked = 10000;
  const std::vector<double>& upto_;
  double drafts_;
  std::vector<double> law_;
  std::vector<double> of_subsets_;
  std::vector<double> of_draws_;
  std::vector<double> at_;
  std::size_t first_ = 0;
  double n_ = 1;
  bool is_walked_ = true;
};

}  // namespace

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

std::vector<double> win_rates(const DraftLevels& levels, const std::vector<double>& sizes) {
  const double drafts = levels.drafts();
  const std::size_t count = levels.upto.size();
  const bool is_distinct = static_cast<double>(count) == drafts;
  const double tied = drafts - (count > 1 ? levels.upto[count - 2] : 0);
  std::vector<double> out;
  std::optional<Shares> shares;
  for (const double n : sizes) {
    const bool is_subset = n <= drafts && n == std::floor(n);
    if (is_subset && (is_distinct || n == drafts)) {
      out.push_back(1 - (tied > 1 ? tied / 2 : 1) / (n + 1));
      continue;
    }
    if (!shares) shares.emplace(levels);
    shares->advance_to(n);
    const std::vector<double>& at_most = shares->best();
    double sum = 0;
    double below = 0;
    double before = 0;
    for (std::size_t l = shares->first(); l < count; ++l) {
      if (l > 0) below = levels.upto[l - 1];
      const double here = levels.upto[l] - below;
      const double top = at_most[l] - before;
      // Of the n all but those at the top are below it, and n upto^-1 of those at the level are among them.
      sum += is_subset ? ((below + here / 2 - n) * top + here * n * at_most[l] / (2 * levels.upto[l])) / (drafts - n)
                       : top * (below + levels.upto[l] - 1) / (2 * std::max(drafts - 1, 1.0));
      before = at_most[l];
    }
    out.push_back(drafts > 1 ? sum : 0.5);
  }
  return out;
}

std::vector<BestOfNMeans::Row> BestOfNMeans::rows_of(const DraftLevels& levels) const {
  std::vector<Row> out;
  Shares shares(levels);
  for (const double n : sizes_) {
    shares.advance_to(n);
    const auto from = shares.best().begin() + static_cast<std::ptrdiff_t>(shares.first());
    out.push_back({shares.first(), std::vector<double>(from, shares.best().end() - 1)});
  }
  return out;
}

std::vector<std::vector<double>> BestOfNMeans::operator()(const DraftLevels& levels) {
  const bool is_distinct = static_cast<double>(levels.upto.size()) == levels.drafts();
  if (is_distinct && levels.drafts() != distinct_) {
    of_distinct_ = rows_of(levels);
    distinct_ = levels.drafts();
  }
  const std::vector<Row> own = is_distinct ? std::vector<Row>() : rows_of(levels);
  const std::vector<Row>& rows = is_distinct ? of_distinct_ : own;
  std::vector<std::vector<double>> out(levels.mean.size(), std::vector<double>(sizes_.size()));
  std::vector<double> step(levels.upto.size());
  for (std::size_t c = 0; c < out.size(); ++c) {
    const std::vector<double>& mean = levels.mean[c];
    for (std::size_t l = 0; l + 1 < mean.size(); ++l) step[l] = mean[l + 1] - mean[l];
    for (std::size_t i = 0; i < sizes_.size(); ++i) {
      // By parts: each share once, no difference of two of them. Four sums, which do not wait for each other.
      const double* share = rows[i].share.data();
      const double* rise = step.data() + rows[i].first;
      const std::size_t count = rows[i].share.size();
      std::array<double, 4> below{};
      std::size_t l = 0;
      for (; l + 4 <= count; l += 4)
        for (std::size_t k = 0; k < 4; ++k) below[k] += share[l + k] * rise[l + k];
      for (; l < count; ++l) below[0] += share[l] * rise[l];
      out[c][i] = mean.back() - ((below[0] + below[1]) + (below[2] + below[3]));
    }
  }
  return out;
}

std::vector<double> BestOfNMeans::win_rates(const DraftLevels& levels) {
  if (static_cast<double>(levels.upto.size()) != levels.drafts()) return tiltlab::win_rates(levels, sizes_);
  if (levels.drafts() != distinct_wins_) {
    wins_of_distinct_ = tiltlab::win_rates(levels, sizes_);
    distinct_wins_ = levels.drafts();
  }
  return wins_of_distinct_;
}

std::vector<std::vector<double>> best_of_n_means(const DraftLevels& levels, const std::vector<double>& sizes) {
  return BestOfNMeans(sizes)(levels);
}

std::vector<double> best_of_n_kl(const DraftLevels& levels, const std::vector<double>& sizes) {
  std::vector<double> out;
  Shares shares(levels);
  for (const double n : sizes) {
    shares.advance_to(n);
    const std::vector<double>& draws = shares.draws();
    double sum = 0;
    double below = 0;
    double drafts_below = shares.first() == 0 ? 0 : levels.upto[shares.first() - 1];
    for (std::size_t l = shares.first(); l < levels.upto.size(); ++l) {
      const double share = draws[l] - below;
      if (share > 0) sum += share * std::log(share * levels.drafts() / (levels.upto[l] - drafts_below));
      below = draws[l];
      drafts_below = levels.upto[l];
    }
    out.push_back(n == 1 ? 0 : std::max(sum, 0.0));
  }
  return out;
}

namespace {

/** The mean over single drafts of the second derivative of q log(q / p), q = F^n - E^n, of a level from E to F. */
double curvature(double n, double above, double below, double q, double above_n, double below_n) {
  const double p = above - below;
  // Slopes of F^n and E^n, and theirs; a draft moves F by [at or below the level] - F.
  const double f = n * above_n / above;
  const double e = below > 0 ? n * below_n / below : 0;
  const double ff = (n - 1) * f / above;
  const double ee = below > 0 ? (n - 1) * e / below : 0;
  const double aa = above * (1 - above);
  const double bb = below * (1 - below);
  const double ab = below * (1 - above);
  const double turn = ff * aa - ee * bb;
  const double square = f * f * aa - 2 * f * e * ab + e * e * bb;
  const double both = f * aa - (f + e) * ab + e * bb;
  const double spread = aa - 2 * ab + bb;
  return turn * (std::log(q / p) + 1) + square / q - 2 * both / p + q * spread / (p * p);
}

}  // namespace

std::vector<double> best_of_n_kl_bias(const DraftLevels& levels, const std::vector<double>& sizes) {
  std::vector<double> out;
  Shares shares(levels);
  const double drafts = levels.drafts();
  for (const double n : sizes) {
    shares.advance_to(n);
    const std::vector<double>& draws = shares.draws();
    double sum = 0;
    double before = 0;
    double below = shares.first() == 0 ? 0 : levels.upto[shares.first() - 1] / drafts;
    for (std::size_t l = shares.first(); l < levels.upto.size(); ++l) {
      const double above = levels.upto[l] / drafts;
      const double q = draws[l] - before;
      if (q > negligible) sum += curvature(n, above, below, q, draws[l], before);
      before = draws[l];
      below = above;
    }
    out.push_back(n == 1 || drafts < 2 ? 0 : sum / (2 * (drafts - 1)));
  }
  return out;
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
