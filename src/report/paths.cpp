#include "report/paths.hpp"

#include "numerics/peak.hpp"

namespace tiltlab {

namespace {

/** As a report holds it: NaN where it may be off by more than a thousandth. */
double known(double x, const Uncertainty& of) {
  return of.error + of.rounding <= largest_error_bound * std::max(1.0, std::fabs(x)) ? x : not_known;
}

}  // namespace

bool is_known(const Outcome& o, bool golden) {
  return !std::isnan(known(o.kl, o.of_kl)) && !std::isnan(known(o.reward, o.of_reward)) &&
         !std::isnan(known(o.win_rate, o.of_win_rate)) && !(golden && std::isnan(known(o.gold, o.of_gold)));
}

void JudgedPath::add(double at, const Outcome& o) {
  budget.push_back(at);
  kl.push_back(known(o.kl, o.of_kl));
  reward.push_back(known(o.reward, o.of_reward));
  win_rate.push_back(known(o.win_rate, o.of_win_rate));
  if (gold) gold->push_back(known(o.gold, o.of_gold));
}

std::optional<GoldPeak> gold_peak(const JudgedPath& path, const std::function<Outcome(double)>& at, double end) {
  const std::vector<double>& budget = path.budget;
  if (!path.gold || budget.empty()) return std::nullopt;
  const std::vector<double>& gold = *path.gold;
  const auto [low, high] = std::minmax_element(gold.begin(), gold.end());
  // The rounding of a sum: less of a difference is none.
  const double noise = 1e-12 * (*high - *low) + 4e-16 * std::max(std::fabs(*high), std::fabs(*low));
  const std::size_t last = gold.size() - 1;
  const auto best = static_cast<std::size_t>(high - gold.begin());
  try {
    const auto peak = [&](double nats, const char* where) {
      const Outcome o = at(nats);
      return GoldPeak{o.gold, nats, o.kl, not_known, o.alpha, where};
    };
    if (gold.front() >= *high - noise) return peak(0, "start");
    if (gold.back() >= *high - noise && last > 0 && gold[last - 1] >= *high - noise) return peak(end, "end");
    // Near 0 what is gained goes as the root of the budget, in which it is smooth.
    const Peak found = peak_of([&](double root) { return at(root * root).gold; },
                               std::sqrt(budget[best > 0 ? best - 1 : 0]), std::sqrt(budget[std::min(last, best + 1)]));
    if (gold.back() >= found.value - noise) return peak(end, "end");
    return peak(found.at * found.at, "inside");
  } catch (const NumericalError&) {
    return std::nullopt;
  }
}

}  // namespace tiltlab
