#include "models/chain.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <utility>

#include "error.hpp"
#include "numerics/decimal.hpp"

namespace tiltlab {

namespace {

/** Additions that listing a lattice of sums may take, and entries of a list of sums off any lattice. */
constexpr double most_additions = 3e8;
constexpr double most_levels = 1e5;
constexpr std::size_t most_entries = 200'000;
/** Entries that all transitions together may add to: each takes about half a microsecond. */
constexpr std::size_t most_added = 4'000'000;
/** Logarithms under which a probability leaves a double's range. */
constexpr double least_log = -640;

std::string at(const char* list, std::size_t i) { return std::string("model.") + list + "[" + std::to_string(i) + "]"; }

/** Probabilities with sum 1 within 1e-6, to 31 digits. @throws InputError */
std::vector<DoubleDouble> normalised(std::span<const double> row, const std::string& path) {
  DoubleDouble total = 0;
  std::vector<DoubleDouble> out;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!(row[i] >= 0 && row[i] <= 1))
      throw InputError(path + "[" + std::to_string(i) + "]", to_text(row[i]) + " is not in [0, 1]");
    total += out.emplace_back(decimal_value(row[i]));
  }
  if (!(std::fabs(total.value() - 1) <= 1e-6))
    throw InputError(path, "probabilities sum to " + to_text(total.value()) + ", not to 1 (within 1e-6)");
  for (DoubleDouble& p : out) p = p / total;
  return out;
}

/** A transition that happens. */
struct Step {
  std::size_t from;
  std::size_t to;
  double p;
  /** Among the distinct rewards, in increasing order. */
  std::size_t level;
};

/** A chain's tables, its rewards placed as those of a token law are. */
struct Tables {
  std::size_t states;
  std::vector<double> initial;
  std::vector<Step> steps;
  /** Distinct rewards of transitions that happen; its probabilities mean nothing. */
  TokenLaw rewards;
};

void check_sizes(const MarkovInput& input) {
  const std::size_t k = input.initial.size();
  if (k == 0 || k > most_states)
    throw InputError("model.initial", std::to_string(k) + " states are not 1 to " + std::to_string(most_states));
  if (input.transition.size() != k * k)
    throw InputError("model.transition", "has " + std::to_string(input.transition.size()) + " entries, not " +
                                             std::to_string(k) + " rows of " + std::to_string(k));
  if (input.reward.size() != k && input.reward.size() != k * k)
    throw InputError("model.reward", "has " + std::to_string(input.reward.size()) + " entries, neither one a state (" +
                                         std::to_string(k) + ") nor one a transition (" + std::to_string(k * k) + ")");
}

Tables tables_of(const MarkovInput& input) {
  check_sizes(input);
  const std::size_t k = input.initial.size();
  Tables t{k, {}, {}, {}};
  for (const DoubleDouble& p : normalised(input.initial, "model.initial")) t.initial.push_back(p.value());
  const bool of_states = input.reward.size() == k;
  std::vector<double> all;
  std::vector<double> reward;
  for (std::size_t i = 0; i < k; ++i) {
    const auto row = normalised(std::span(input.transition).subspan(i * k, k), at("transition", i));
    for (std::size_t j = 0; j < k; ++j) {
      const double r = of_states ? input.reward[j] : input.reward[i * k + j];
      if (!(std::fabs(r) <= 1e300))
        throw InputError(of_states ? at("reward", j) : at("reward", i) + "[" + std::to_string(j) + "]",
                         to_text(r) + " is not in [-1e300, 1e300]");
      if (!(row[j].value() > 0)) continue;
      t.steps.push_back({i, j, row[j].value(), 0});
      reward.push_back(r);
    }
  }
  all = reward;
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  for (std::size_t i = 0; i < reward.size(); ++i)
    t.steps[i].level = static_cast<std::size_t>(std::lower_bound(all.begin(), all.end(), reward[i]) - all.begin());
  t.rewards = make_token_law(std::vector<double>(all.size(), 1), all, {}, true, "model.reward", input.length);
  return t;
}

/** Sums of rewards in increasing order, in steps of the lattice's unit from the least that a transition has. */
struct Sums {
  std::vector<DoubleDouble> step;
  std::vector<double> p;
  /** The steps, where they are those of a lattice. */
  std::vector<std::int64_t> lattice;
};

/** Probability by state and sum, a transition at a time. */
Sums on_lattice(const Tables& t, std::int64_t length) {
  const std::vector<std::int64_t>& step = t.rewards.lattice;
  const auto top = static_cast<std::size_t>(step.back());
  const double cost = static_cast<double>(t.steps.size()) * static_cast<double>(length) *
                      (static_cast<double>(length) * static_cast<double>(top) / 2 + 1);
  const double levels = static_cast<double>(length) * static_cast<double>(top) + 1;
  if (cost > most_additions || levels > most_levels)
    throw InputError("model.length",
                     std::to_string(length) +
                         " transitions of these rewards have more sums than are listed; a shorter chain, "
                         "or rewards of fewer decimals, has fewer");
  std::vector<std::vector<double>> now(t.states);
  for (std::size_t i = 0; i < t.states; ++i) now[i] = {t.initial[i]};
  for (std::int64_t n = 0; n < length; ++n) {
    const std::size_t size = now[0].size();
    std::vector<std::vector<double>> next(t.states, std::vector<double>(size + top, 0));
    for (const Step& s : t.steps) {
      const std::vector<double>& from = now[s.from];
      double* to = next[s.to].data() + step[s.level];
      for (std::size_t x = 0; x < size; ++x) to[x] += s.p * from[x];
    }
    now = std::move(next);
  }
  Sums sums;
  for (std::size_t x = 0; x < now[0].size(); ++x) {
    double p = 0;
    for (const std::vector<double>& state : now) p += state[x];
    if (!(p > 0)) continue;
    sums.lattice.push_back(static_cast<std::int64_t>(x));
    sums.step.push_back(from_integer(sums.lattice.back()));
    sums.p.push_back(p);
  }
  return sums;
}

/** By how often each reward occurs, where they share no lattice. */
Sums by_counts(const Tables& t, std::int64_t length) {
  using Counts = std::vector<std::int32_t>;
  std::vector<std::map<Counts, double>> now(t.states);
  for (std::size_t i = 0; i < t.states; ++i) {
    if (t.initial[i] > 0) now[i][Counts(t.rewards.size(), 0)] = t.initial[i];
  }
  std::size_t added = 0;
  for (std::int64_t n = 0; n < length; ++n) {
    std::vector<std::map<Counts, double>> next(t.states);
    std::size_t entries = 0;
    for (const Step& s : t.steps) {
      added += now[s.from].size();
      for (const auto& [counts, p] : now[s.from]) {
        Counts more = counts;
        ++more[s.level];
        next[s.to][std::move(more)] += s.p * p;
      }
    }
    for (const auto& state : next) entries += state.size();
    if (entries > most_entries || added > most_added)
      throw InputError(
          "model.length",
          std::to_string(length) + " transitions of rewards that share no lattice have more sums than are listed");
    now = std::move(next);
  }
  std::map<Counts, double> all;
  for (const auto& state : now) {
    for (const auto& [counts, p] : state) all[counts] += p;
  }
  std::vector<std::pair<DoubleDouble, double>> found;
  for (const auto& [counts, p] : all) {
    DoubleDouble sum = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) sum += t.rewards.step[i] * from_integer(counts[i]);
    found.emplace_back(sum, p);
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return (a.first - b.first).value() < 0; });
  Sums sums;
  // Sums that differ by their rounding alone are one.
  const double same = 1e-29 * static_cast<double>(length) * t.rewards.step.back().value();
  for (const auto& [sum, p] : found) {
    if (!(p > 0)) continue;
    if (!sums.step.empty() && (sum - sums.step.back()).value() <= same) {
      sums.p.back() += p;
    } else {
      sums.step.push_back(sum);
      sums.p.push_back(p);
    }
  }
  return sums;
}

/** The least probability that some sequence has, at least: past a double's range its sum would be lost. */
void check_range(const Tables& t, std::int64_t length) {
  double least = 1;
  for (const Step& s : t.steps) least = std::min(least, s.p);
  for (const double p : t.initial) {
    if (p > 0) least = std::min(least, std::pow(p, 1 / static_cast<double>(length)));
  }
  if (static_cast<double>(length) * std::log(least) < least_log)
    throw InputError("model.length", std::to_string(length) + " transitions of a probability of " + to_text(least) +
                                         " are less likely than a double tells; a shorter chain is listed");
}

}  // namespace

Chain make_model(const MarkovInput& input) {
  const std::int64_t length = sequence_length(input.length);
  const Tables t = tables_of(input);
  check_range(t, length);
  Sums sums = t.rewards.lattice.empty() ? by_counts(t, length) : on_lattice(t, length);
  DoubleDouble total = 0;
  for (const double p : sums.p) total += p;
  TokenLaw law;
  law.exponent = t.rewards.exponent;
  law.unit = t.rewards.unit;
  const DoubleDouble least = sums.step.front();
  law.base = t.rewards.base * from_integer(length) + t.rewards.unit * least;
  for (std::size_t i = 0; i < sums.p.size(); ++i) {
    law.probability.push_back(DoubleDouble(sums.p[i]) / total);
    law.p.push_back(law.probability.back().value());
    law.log_p.push_back(log_probability(law.probability.back()));
    law.step.push_back(sums.step[i] - least);
    law.below_top.push_back(sums.step.back() - sums.step[i]);
    law.position.push_back(law.step.back().value());
    law.drop.push_back(law.below_top.back().value());
    law.gold.push_back(0);
    if (!sums.lattice.empty()) law.lattice.push_back(sums.lattice[i] - sums.lattice.front());
  }
  return {{std::move(law), 1, false}, length};
}

namespace {

/** Sums of a few rewards come in combs: bins hold some of their teeth. */
int bins(int points) { return std::max(12, points / 4); }

/** A law of totals as one of rewards per transition. */
LawCurve per_transition(LawCurve curve, std::int64_t length) {
  const auto n = static_cast<double>(length);
  for (double& x : curve.x) x /= n;
  // A law on one point has no width, and its density is its mass.
  if (curve.width > 0) {
    for (double& x : curve.density) x *= n;
  }
  curve.width /= n;
  curve.mean /= n;
  curve.sd /= n;
  return curve;
}

}  // namespace

LawCurve picture(const Chain& c, const TokenTilt& tilt, int points) {
  return per_transition(picture(c.whole, tilt, bins(points), true), c.length);
}

LawCurve picture_of_best(const Chain& c, const DoubleDouble& log_n, const TokenTilt& tilt, int points) {
  return per_transition(picture_of_best(c.whole, log_n, tilt, bins(points), true), c.length);
}

}  // namespace tiltlab
