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

/**
 * The law that leans to where the slope is large, p ~ count / (top + reach - slope), and is by `bound` less likely than
 * the counts' own: a difference of logarithms.
 */
std::vector<double> leant(const std::vector<double>& count, const std::vector<double>& slope, double spread,
                          double bound) {
  const double top = *std::max_element(slope.begin(), slope.end());
  const double drafts = std::accumulate(count.begin(), count.end(), 0.0);
  std::vector<double> law(count.size());
  const auto loss = [&](double reach) {
    double sum = 0;
    double out = 0;
    for (std::size_t c = 0; c < count.size(); ++c) {
      const double off = top + reach - slope[c];
      law[c] = count[c] / off;
      sum += law[c];
      out += count[c] * std::log(off);
    }
    for (double& p : law) p /= sum;
    return out + drafts * std::log(sum / drafts);
  };
  // It falls as the reach grows, small losses by its square: in logarithms nearly a line of slope -2.
  double low = std::log(spread) - 40;
  double high = std::log(spread) + 40;
  double at = std::log(spread) + std::log(drafts / bound) / 2 - 1;
  constexpr int most = 100;
  for (int i = 0; i < most; ++i) {
    if (!(at > low && at < high)) at = (low + high) / 2;
    const double here = loss(std::exp(at));
    const double step = here > 0 ? std::log(here / bound) / 2 : -20;
    (step > 0 ? low : high) = at;
    constexpr double close = 1e-10;
    if (std::fabs(step) < close || high - low < close) break;
    at += step;
  }
  return law;
}

}  // namespace

OnePrompt::OnePrompt(std::span<const double> order, std::span<const double> value,
                     const std::optional<ValueReach>& reach, const std::optional<ValueReach>& order_reach)
    : drafts_(static_cast<double>(order.size())),
      reach_(reach && reach->is_strict ? reach : std::nullopt),
      order_reach_(reach_ && order_reach && order_reach->is_strict ? order_reach : std::nullopt),
      is_own_(order.data() == value.data()) {
  if (is_own_) order_reach_ = reach_;
  if (order_reach_ && order.front() > order_reach_->low) add_cells(order_reach_->low, {});
  for (std::size_t from = 0; from < order.size();) {
    std::size_t to = from;
    while (to < order.size() && order[to] == order[from]) ++to;
    add_cells(order[from],
              {value.begin() + static_cast<std::ptrdiff_t>(from), value.begin() + static_cast<std::ptrdiff_t>(to)});
    from = to;
  }
  if (order_reach_ && order.back() < order_reach_->high) add_cells(order_reach_->high, {});
  std::vector<double> values;
  for (const Cell& cell : cells_) {
    values.push_back(cell.value);
    seen_.push_back(cell.count / drafts_);
  }
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  places_ = values.size();
  for (Cell& cell : cells_)
    cell.place = static_cast<std::size_t>(std::lower_bound(values.begin(), values.end(), cell.value) - values.begin());
}

void OnePrompt::add_cells(double order, std::vector<double> values) {
  const std::size_t drafts = values.size();
  if (is_own_ && values.empty()) values.push_back(order);
  if (reach_ && !is_own_) values.insert(values.end(), {reach_->low, reach_->high});
  std::sort(values.begin(), values.end());
  for (const double v : values) {
    if (cells_.empty() || cells_.back().level != order_.size() || cells_.back().value != v)
      cells_.push_back({order_.size(), v, 0});
    ++cells_.back().count;
  }
  // What was put in is no draft.
  for (std::size_t c = cells_.size(); c-- > 0 && cells_[c].level == order_.size();)
    if (drafts == 0 || (reach_ && !is_own_ && (cells_[c].value == reach_->low || cells_[c].value == reach_->high)))
      --cells_[c].count;
  order_.push_back(order);
}

OnePrompt::Levels OnePrompt::levels(const Law& law, Choice choice) const {
  const std::size_t size = choice == Choice::by_value ? places_ : order_.size();
  Levels out{std::vector<double>(size), std::vector<double>(size), std::vector<double>(size)};
  for (std::size_t c = 0; c < cells_.size(); ++c) {
    const std::size_t l = level_of(cells_[c], choice);
    out.mass[l] += law[c];
    out.worth[l] += law[c] * cells_[c].value;
  }
  for (std::size_t c = 0; c < cells_.size(); ++c) {
    const std::size_t l = level_of(cells_[c], choice);
    if (!(out.mass[l] > 0)) out.worth[l] = cells_[c].value;
  }
  for (std::size_t l = 0; l < size; ++l)
    if (out.mass[l] > 0) out.worth[l] /= out.mass[l];
  std::partial_sum(out.mass.begin(), out.mass.end(), out.upto.begin());
  for (std::size_t l = size; l-- > 0;) {
    out.upto[l] = 1;
    if (out.mass[l] > 0) break;
  }
  return out;
}

void OnePrompt::add_best(const Law& law, const ChoiceTerm& term, Functional& out) const {
  const auto [mass, worth, upto] = levels(law, term.choice);
  const double n = term.n;
  std::vector<double> share(mass.size());
  // What a little more mass at level l or below is worth.
  std::vector<double> below(mass.size() + 1);
  for (std::size_t l = mass.size(); l-- > 0;) {
    const double before = l == 0 ? 0 : upto[l - 1];
    share[l] = std::pow(upto[l], n) - std::pow(before, n);
    const double turn = l + 1 < mass.size() ? n * std::pow(upto[l], n - 1) * (worth[l] - worth[l + 1]) : 0;
    below[l] = below[l + 1] + turn;
    out.value += term.weight * share[l] * worth[l];
  }
  for (std::size_t c = 0; c < cells_.size(); ++c) {
    const std::size_t l = level_of(cells_[c], term.choice);
    const double within = mass[l] > 0 ? share[l] / mass[l] * (cells_[c].value - worth[l]) : 0;
    out.slope[c] += term.weight * (below[l] + within);
  }
}

void OnePrompt::add_tilt(const Law& law, const ChoiceTerm& term, Functional& out) const {
  std::vector<double> weight;
  double sum = 0;
  double worth = 0;
  for (std::size_t c = 0; c < cells_.size(); ++c) {
    // At the top 0 times infinity is to be 0.
    const double under = order_[cells_[c].level] - order_.back();
    weight.push_back(under < 0 ? std::exp(term.n * under) : 1);
    sum += law[c] * weight[c];
    worth += law[c] * weight[c] * cells_[c].value;
  }
  worth /= sum;
  out.value += term.weight * worth;
  for (std::size_t c = 0; c < cells_.size(); ++c)
    out.slope[c] += term.weight * weight[c] / sum * (cells_[c].value - worth);
}

OnePrompt::Functional OnePrompt::at(const Law& law, const std::vector<ChoiceTerm>& terms) const {
  Functional out{0, std::vector<double>(cells_.size())};
  for (const ChoiceTerm& term : terms)
    term.choice == Choice::tilted ? add_tilt(law, term, out) : add_best(law, term, out);
  return out;
}

double OnePrompt::concentration(const ChoiceTerm& term) const {
  if (term.choice != Choice::by_order) return 1 / drafts_;
  const Levels of = levels(seen_, term.choice);
  double out = 0;
  for (std::size_t l = 0; l < of.mass.size(); ++l) {
    if (!(of.mass[l] > 0)) continue;
    const double share = std::pow(of.upto[l], term.n) - std::pow(l == 0 ? 0 : of.upto[l - 1], term.n);
    out += share * share / (of.mass[l] * drafts_);
  }
  return out;
}

std::vector<double> OnePrompt::counts(const std::vector<ChoiceTerm>& terms) const {
  std::vector<double> out;
  for (const Cell& cell : cells_) out.push_back(cell.count);
  if (!reach_) return out;
  constexpr double half = 0.5;
  double most = 0;
  for (const ChoiceTerm& term : terms) most = std::max(most, concentration(term));
  const Levels of = levels(seen_, Choice::by_order);
  const auto is_end = [](double x, const std::optional<ValueReach>& ends) {
    return ends && (x == ends->low || x == ends->high);
  };
  for (std::size_t c = 0; c < cells_.size(); ++c) {
    if (!is_end(cells_[c].value, reach_)) continue;
    if (!is_own_) out[c] += half * most * drafts_ * of.mass[cells_[c].level];
    if (is_own_) out[c] += half;
    // Half a draft where the order could have been, right or wrong.
    if (!is_own_ && is_end(order_[cells_[c].level], order_reach_) && !(of.mass[cells_[c].level] > 0))
      out[c] += half / 2;
  }
  return out;
}

double OnePrompt::extreme(const std::vector<ChoiceTerm>& terms, const std::vector<double>& count, double sign) const {
  const double t = student(drafts_);
  const double bound = t * t / 2;
  const double sum = std::accumulate(count.begin(), count.end(), 0.0);
  Law law;
  for (const double each : count) law.push_back(each / sum);
  double best = at(law, terms).value;
  constexpr int rounds = 60;
  for (int round = 0; round < rounds; ++round) {
    std::vector<double> slope = at(law, terms).slope;
    for (double& s : slope) s *= sign;
    const auto [low, high] = std::minmax_element(slope.begin(), slope.end());
    const double spread = *high - *low;
    if (!(spread > 0)) return best;
    Law next = leant(count, slope, spread, bound);
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

OnePrompt OnePrompt::in_blocks(const std::vector<ChoiceTerm>& terms) const {
  constexpr double part = 0.01;
  const Levels of = levels(seen_, Choice::by_order);
  std::vector<double> order;
  std::vector<double> value;
  std::size_t from = 0;
  std::vector<double> share(terms.size() + 1);
  std::vector<double> taken = share;
  for (std::size_t c = 0; c < cells_.size(); ++c) {
    const std::size_t l = cells_[c].level;
    order.insert(order.end(), static_cast<std::size_t>(cells_[c].count), order_[l]);
    value.insert(value.end(), static_cast<std::size_t>(cells_[c].count), cells_[c].value);
    if (c + 1 < cells_.size() && cells_[c + 1].level == l) continue;
    bool is_full = c + 1 == cells_.size();
    for (std::size_t t = 0; t <= terms.size(); ++t) {
      const double n = t < terms.size() && terms[t].choice == Choice::by_order ? terms[t].n : 1;
      share[t] = std::pow(of.upto[l], n);
      is_full = is_full || share[t] - taken[t] >= part;
    }
    if (!is_full) continue;
    taken = share;
    // One level, of the drafts' mean order.
    const auto first = order.begin() + static_cast<std::ptrdiff_t>(from);
    if (first != order.end()) {
      const double mean = std::accumulate(first, order.end(), 0.0) / static_cast<double>(order.end() - first);
      std::fill(first, order.end(), mean);
    }
    from = order.size();
  }
  return {order, value, reach_};
}

double OnePrompt::half_width(const Functional& here) const {
  double mean = 0;
  double squares = 0;
  for (std::size_t c = 0; c < cells_.size(); ++c) {
    mean += seen_[c] * here.slope[c];
    squares += seen_[c] * here.slope[c] * here.slope[c];
  }
  return student(drafts_) * std::sqrt(std::max(squares - mean * mean, 0.0) / (drafts_ - 1));
}

double OnePrompt::moved(double end, double seen, double unbiased, bool is_difference) const {
  const double bias = unbiased - seen;
  if (!reach_) return end + bias;
  if (is_difference) {
    const ValueReach reach = difference_reach(*reach_, 0);
    const double part = seen == 0 ? 1 : std::clamp(end / seen, 0.0, 1.0);
    return std::clamp(end + part * bias, reach.low, reach.high);
  }
  const double edge = end < seen ? reach_->low : reach_->high;
  const double part = seen == edge ? 1 : std::clamp((end - edge) / (seen - edge), 0.0, 1.0);
  return std::clamp(end + part * bias, reach_->low, reach_->high);
}

std::optional<Interval> OnePrompt::interval(const std::vector<ChoiceTerm>& terms, double unbiased) const {
  constexpr double fewest = 20;
  constexpr double a_tenth = 10;
  if (drafts_ < fewest) return std::nullopt;
  for (const ChoiceTerm& term : terms)
    if (term.choice != Choice::tilted && term.n * a_tenth > drafts_) return std::nullopt;
  const bool are_many = drafts_ > most_by_likelihood && static_cast<double>(cells_.size()) > most_by_likelihood;
  if (are_many && reach_ && !is_own_) return in_blocks(terms).interval(terms, unbiased);
  const Functional here = at(seen_, terms);
  if (are_many) {
    const double half = half_width(here);
    return Interval{unbiased - half, unbiased + half};
  }
  const std::vector<double> count = counts(terms);
  const Interval out{moved(extreme(terms, count, -1), here.value, unbiased, terms.size() > 1),
                     moved(extreme(terms, count, 1), here.value, unbiased, terms.size() > 1)};
  return Interval{std::min(out.low, unbiased), std::max(out.high, unbiased)};
}

}  // namespace tiltlab
