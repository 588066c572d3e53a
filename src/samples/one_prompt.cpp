#include "samples/one_prompt.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

namespace tiltlab {
namespace {

constexpr double most_by_likelihood = 400;

double student(double drafts) {
  constexpr double tail = 0.025;
  return boost::math::quantile(boost::math::complement(boost::math::students_t(drafts - 1), tail));
}

/** A law, and by how much the drafts are less likely under it than under their own: the difference of logarithms. */
struct Leaning {
  std::vector<double> law;
  double loss = 0;
};

/** The law that leans to where the slope is large, as far as `reach` > 0 says: p ~ count / (top + reach - slope). */
Leaning lean(const std::vector<double>& count, const std::vector<double>& slope, double drafts, double reach) {
  const double top = *std::max_element(slope.begin(), slope.end());
  Leaning out;
  double sum = 0;
  for (std::size_t c = 0; c < count.size(); ++c) {
    out.law.push_back(count[c] / (top + reach - slope[c]));
    sum += out.law.back();
  }
  for (std::size_t c = 0; c < count.size(); ++c) {
    out.law[c] /= sum;
    out.loss -= count[c] * std::log(out.law[c] * drafts / count[c]);
  }
  return out;
}

}  // namespace

OnePrompt::OnePrompt(std::span<const double> order, std::span<const double> value)
    : drafts_(static_cast<double>(order.size())) {
  for (std::size_t from = 0; from < order.size(); ++levels_) {
    std::size_t to = from;
    while (to < order.size() && order[to] == order[from]) ++to;
    std::vector<double> sorted(value.begin() + static_cast<std::ptrdiff_t>(from),
                               value.begin() + static_cast<std::ptrdiff_t>(to));
    std::sort(sorted.begin(), sorted.end());
    for (const double v : sorted) {
      if (cells_.empty() || cells_.back().level != levels_ || cells_.back().value != v)
        cells_.push_back({levels_, v, 0});
      ++cells_.back().count;
    }
    from = to;
  }
  for (const Cell& cell : cells_) seen_.push_back(cell.count / drafts_);
}

OnePrompt::Functional OnePrompt::at(const Law& law, const std::vector<BestOfTerm>& terms) const {
  std::vector<double> mass(levels_);
  std::vector<double> worth(levels_);
  for (std::size_t c = 0; c < cells_.size(); ++c) {
    mass[cells_[c].level] += law[c];
    worth[cells_[c].level] += law[c] * cells_[c].value;
  }
  std::vector<double> upto(levels_);
  std::partial_sum(mass.begin(), mass.end(), upto.begin());
  upto.back() = 1;
  for (std::size_t l = 0; l < levels_; ++l) worth[l] /= mass[l];
  Functional out{0, std::vector<double>(cells_.size())};
  for (const auto& [n, weight] : terms) {
    std::vector<double> share(levels_);
    // What a little more mass at level l or below is worth.
    std::vector<double> below(levels_ + 1);
    for (std::size_t l = levels_; l-- > 0;) {
      const double before = l == 0 ? 0 : upto[l - 1];
      share[l] = std::pow(upto[l], n) - std::pow(before, n);
      const double turn = l + 1 < levels_ ? n * std::pow(upto[l], n - 1) * (worth[l] - worth[l + 1]) : 0;
      below[l] = below[l + 1] + turn;
      out.value += weight * share[l] * worth[l];
    }
    for (std::size_t c = 0; c < cells_.size(); ++c) {
      const std::size_t l = cells_[c].level;
      out.slope[c] += weight * (below[l] + share[l] / mass[l] * (cells_[c].value - worth[l]));
    }
  }
  return out;
}

double OnePrompt::extreme(const std::vector<BestOfTerm>& terms, double sign) const {
  const double t = student(drafts_);
  const double bound = t * t / 2;
  std::vector<double> count;
  for (const Cell& cell : cells_) count.push_back(cell.count);
  Law law = seen_;
  double best = at(law, terms).value;
  constexpr int rounds = 60;
  for (int round = 0; round < rounds; ++round) {
    std::vector<double> slope = at(law, terms).slope;
    for (double& s : slope) s *= sign;
    const auto [low, high] = std::minmax_element(slope.begin(), slope.end());
    const double spread = *high - *low;
    if (!(spread > 0)) return best;
    // The loss falls as the reach grows: by halves, in its logarithm.
    double from = std::log(spread) - 40;
    double to = std::log(spread) + 40;
    constexpr int halvings = 60;
    for (int i = 0; i < halvings; ++i) {
      const double middle = (from + to) / 2;
      (lean(count, slope, drafts_, std::exp(middle)).loss > bound ? from : to) = middle;
    }
    Law next = lean(count, slope, drafts_, std::exp(to)).law;
    // Half way, once steps no longer settle it.
    if (round > rounds / 3)
      for (std::size_t c = 0; c < next.size(); ++c) next[c] = (next[c] + law[c]) / 2;
    const double value = at(next, terms).value;
    const bool settled = std::fabs(value - best) <= 1e-9 * spread;
    best = value;
    law = std::move(next);
    if (settled) break;
  }
  return best;
}

std::optional<Interval> OnePrompt::interval(const std::vector<BestOfTerm>& terms, double unbiased) const {
  constexpr double fewest = 20;
  constexpr double a_tenth = 10;
  if (drafts_ < fewest) return std::nullopt;
  for (const auto& [n, weight] : terms)
    if (n * a_tenth > drafts_) return std::nullopt;
  const Functional here = at(seen_, terms);
  const double moved = unbiased - here.value;
  if (drafts_ > most_by_likelihood) {
    double mean = 0;
    double squares = 0;
    for (std::size_t c = 0; c < cells_.size(); ++c) {
      mean += seen_[c] * here.slope[c];
      squares += seen_[c] * here.slope[c] * here.slope[c];
    }
    const double half = student(drafts_) * std::sqrt(std::max(squares - mean * mean, 0.0) / (drafts_ - 1));
    return Interval{unbiased - half, unbiased + half};
  }
  return Interval{extreme(terms, -1) + moved, extreme(terms, 1) + moved};
}

}  // namespace tiltlab
