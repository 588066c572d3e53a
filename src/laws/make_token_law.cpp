#include <algorithm>
#include <cmath>
#include <utility>

#include "error.hpp"
#include "laws/token_law.hpp"
#include "numerics/cold.hpp"
#include "numerics/decimal.hpp"
#include "numerics/log_domain.hpp"

/** How token laws are made, from a scenario or from one another; apart from the tilts, since it runs once a request. */
namespace tiltlab {

namespace {

constexpr double largest_reward = 1e300;
/** Levels are kept as shares of the span, which leave the range of a double beyond this. */
constexpr double largest_span = 1e250;
/** Steps beyond this cost more than they tell: the rewards count as sharing no lattice. */
constexpr std::int64_t largest_step = 1 << 22;
/** Steps up to here are still integers of a double-double when 10^9 of them are added up. */
constexpr std::int64_t largest_fine_step = std::int64_t{1} << 61;

void check_entries(std::span<const double> weights, std::span<const double> rewards, std::span<const double> gold,
                   bool counts, const std::string& path) {
  if (weights.empty()) throw InputError(path, "is empty, needs at least 1");
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto item = [&](const char* field) { return path + "[" + std::to_string(i) + "]." + field; };
    if (!(weights[i] >= 0 && weights[i] <= (counts ? largest_reward : 1))) {
      throw InputError(item("p"), to_text(weights[i]) + (counts ? " is not a count" : " is not in [0, 1]"));
    }
    if (!(std::fabs(rewards[i]) <= largest_reward)) {
      throw InputError(item("reward"), to_text(rewards[i]) + " is not in [-1e300, 1e300]");
    }
    if (!gold.empty() && !(std::fabs(gold[i]) <= largest_reward)) {
      throw InputError(item("gold"), to_text(gold[i]) + " is not in [-1e300, 1e300]");
    }
  }
}

/** Indices of positive weight, in increasing order of reward. */
std::vector<std::size_t> sorted_support(std::span<const double> weights, std::span<const double> rewards) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] > 0) order.push_back(i);
  }
  std::sort(order.begin(), order.end(),
            [&](std::size_t i, std::size_t j) { return rewards[i] != rewards[j] ? rewards[i] < rewards[j] : i < j; });
  return order;
}

/**
 * Refuses levels of which sums of `length` are not told apart in 31 digits. A sum may lie anywhere; one reward alone
 * lies where it is, and needs as many digits as its distance from the lowest has.
 * @param order indices of the support
 */
void check_range(std::span<const double> rewards, const std::vector<std::size_t>& order, double length,
                 const std::string& path) {
  const double low = rewards[order.front()];
  const double high = rewards[order.back()];
  double share = 0;
  double least = infinity;
  for (std::size_t k = 1; k < order.size(); ++k) {
    const double reward = rewards[order[k]];
    const double gap = reward - rewards[order[k - 1]];
    if (gap == 0) continue;
    const bool is_whole = length > 1 || (high - low) / gap > largest_span;
    const double times = ((is_whole ? high : reward) - low) / gap;
    if (!(times > share)) continue;
    share = times;
    least = gap;
  }
  if (!(share > largest_reward_range / length)) return;
  const std::size_t far = std::fabs(low) > std::fabs(high) ? order.front() : order.back();
  throw InputError(path + "[" + std::to_string(far) + "].reward",
                   to_text(rewards[far]) + " is too far out: rewards may span " +
                       (length > 1 ? "2e+30 / length" : "2e+30") + " times their smallest difference, here " +
                       to_text(share) + " times " + to_text(least));
}

/** Power of two that brings extreme rewards near 1, so that squares neither over- nor underflow. */
int reward_exponent(const std::vector<double>& rewards) {
  double largest = 0;
  for (const double r : rewards) largest = std::max(largest, std::fabs(r));
  if (largest == 0 || (largest > 1e-60 && largest < 1e60)) return 0;
  return std::ilogb(largest);
}

/** Quotients by one divisor: of a long list products with its inverse, a quarter of the time and a digit of 31 less. */
class Divided {
 public:
  Divided(DoubleDouble by, std::size_t count) : by_(by), inverse_(DoubleDouble(1) / by), is_long_(count > 1000) {}
  [[nodiscard]] DoubleDouble operator()(DoubleDouble x) const { return is_long_ ? x * inverse_ : whole(x); }
  /** The quotient to all its digits. */
  [[nodiscard]] DoubleDouble whole(DoubleDouble x) const { return x / by_; }

 private:
  DoubleDouble by_;
  DoubleDouble inverse_;
  bool is_long_;
};

void place(TokenLaw& law, const std::vector<double>& rewards) {
  law.exponent = reward_exponent(rewards);
  if (law.exponent == 0) {
    if (auto found = common_lattice(rewards, largest_step)) {
      law.base = found->base;
      law.unit = found->unit;
      law.lattice = std::move(found->steps);
      for (const std::int64_t k : law.lattice) {
        law.step.push_back(from_integer(k));
        law.below_top.push_back(from_integer(law.lattice.back() - k));
      }
      return;
    }
    if (const auto found = common_lattice(rewards, largest_fine_step)) {
      for (const std::int64_t k : found->steps) law.fine.push_back(from_integer(k));
    }
  }
  std::vector<DoubleDouble> values;
  values.reserve(rewards.size());
  for (const double r : rewards) {
    values.push_back(law.exponent == 0 ? decimal_value(r) : DoubleDouble(std::ldexp(r, -law.exponent)));
  }
  law.base = values.front();
  law.unit = values.back() - values.front();
  if (values.size() == 2 && law.unit.hi != 0) {
    // Two rewards are a lattice whatever they are.
    law.lattice = {0, 1};
    law.step = {0, 1};
    law.below_top = {1, 0};
    return;
  }
  if (values.size() == 1 || law.unit.hi == 0) law.unit = 1;
  const Divided in_units(law.unit, values.size());
  law.step.reserve(values.size());
  law.below_top.reserve(values.size());
  for (const DoubleDouble& r : values) {
    law.step.push_back(in_units(r - law.base));
    law.below_top.push_back(in_units(values.back() - r));
  }
  // The ends are what they are, whatever a product rounds to.
  if (values.size() > 1) law.step.back() = law.below_top.front() = in_units.whole(values.back() - law.base);
}

}  // namespace

double log_probability(DoubleDouble p) {
  return p.hi > 0.5 ? std::log1p(-(DoubleDouble(1) - p).value()) : std::log(p.value());
}

bool has_gold(std::span<const double> gold) {
  return std::any_of(gold.begin(), gold.end(), [](double g) { return g != 0; });
}

bool TokenLaw::has_gold() const { return tiltlab::has_gold(gold); }

void TokenLaw::add(DoubleDouble of, DoubleDouble at_step, DoubleDouble from_top) {
  probability.push_back(of);
  p.push_back(of.value());
  log_p.push_back(log_probability(of));
  step.push_back(at_step);
  below_top.push_back(from_top);
  position.push_back(at_step.value());
  drop.push_back(from_top.value());
  gold.push_back(0);
}

TokenLaw make_token_law(std::span<const double> weights, std::span<const double> rewards, std::span<const double> gold,
                        bool counts, const std::string& path, double length, std::vector<std::size_t>* level) {
  check_entries(weights, rewards, gold, counts, path);
  DoubleDouble total = 0;
  std::vector<DoubleDouble> exact;
  exact.reserve(weights.size());
  for (const double w : weights) total += exact.emplace_back(decimal_value(w));
  if (!counts && !(std::fabs(total.value() - 1) <= 1e-6)) {
    throw InputError(path, "probabilities sum to " + to_text(total.value()) + ", not to 1 (within 1e-6)");
  }
  if (!(total.value() > 0)) throw InputError(path, "all weights are 0");

  const std::vector<std::size_t> order = sorted_support(weights, rewards);
  check_range(rewards, order, length, path);
  TokenLaw law;
  std::vector<double> levels;
  const bool golden = has_gold(gold);
  std::vector<DoubleDouble> gold_sum;
  if (level) level->resize(weights.size());
  const Divided share(total, order.size());
  for (const std::size_t i : order) {
    if (levels.empty() || levels.back() != rewards[i]) {
      levels.push_back(rewards[i]);
      law.probability.emplace_back(0);
      gold_sum.emplace_back(0);
    }
    if (level) (*level)[i] = levels.size() - 1;
    const DoubleDouble p = share(exact[i]);
    law.probability.back() += p;
    if (golden) gold_sum.back() += p * DoubleDouble(gold[i]);
  }
  if (levels.size() == 1) law.probability.front() = 1;
  place(law, levels);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    law.p.push_back(law.probability[i].value());
    law.log_p.push_back(log_probability(law.probability[i]));
    law.position.push_back(law.step[i].value());
    law.drop.push_back(law.below_top[i].value());
    // A product of an extreme gold value with a tiny mass may leave the double-double range.
    const double mean = golden ? (gold_sum[i] / law.probability[i]).value() : 0;
    law.gold.push_back(std::isfinite(mean) ? mean : 0);
  }
  return law;
}

TILTLAB_COLD TokenLaw on_rounded_lattice(const TokenLaw& law, std::span<const double> weights, std::int64_t intervals) {
  const DoubleDouble unit = law.unit * law.step.back() / DoubleDouble(static_cast<double>(intervals));
  DoubleDouble shift = 0;
  std::vector<double> moves;
  std::vector<std::int64_t> steps;
  const double scale = static_cast<double>(intervals) / law.position.back();
  for (std::size_t i = 0; i < law.size(); ++i) {
    const auto k = static_cast<std::int64_t>(std::llround(law.position[i] * scale));
    const DoubleDouble move = law.unit * law.step[i] - unit * from_integer(k);
    steps.push_back(k);
    moves.push_back(move.value());
    shift += DoubleDouble(weights[i]) * move;
  }
  TokenLaw out;
  out.exponent = law.exponent;
  out.base = law.base + shift;
  out.unit = unit;
  for (std::size_t i = 0; i < law.size(); ++i) {
    out.rounding = std::max(out.rounding, std::fabs(moves[i] - shift.value()));
    if (!out.lattice.empty() && out.lattice.back() == steps[i]) {
      const double before = out.probability.back().value();
      out.probability.back() += law.probability[i];
      out.gold.back() += (law.gold[i] - out.gold.back()) * (law.p[i] / (before + law.p[i]));
      continue;
    }
    out.lattice.push_back(steps[i]);
    out.step.push_back(from_integer(steps[i]));
    out.position.push_back(static_cast<double>(steps[i]));
    out.below_top.push_back(from_integer(intervals - steps[i]));
    out.drop.push_back(static_cast<double>(intervals - steps[i]));
    out.probability.push_back(law.probability[i]);
    out.gold.push_back(law.gold[i]);
  }
  for (const DoubleDouble& p : out.probability) {
    out.p.push_back(p.value());
    out.log_p.push_back(log_probability(p));
  }
  return out;
}

TILTLAB_COLD SplitLaw on_split_lattice(const TokenLaw& law, std::int64_t intervals) {
  const double scale = static_cast<double>(intervals) / law.position.back();
  SplitLaw out;
  TokenLaw& at = out.law;
  at.exponent = law.exponent;
  at.base = law.base;
  at.unit = law.unit * law.step.back() / DoubleDouble(static_cast<double>(intervals));
  at.rounding = at.unit.value();
  const double unit = at.rounding;
  // Sums over the parts at each point.
  struct Parts {
    double mass = 0;
    double moved = 0;
    double variance = 0;
    double gold = 0;
  };
  std::vector<Parts> points(static_cast<std::size_t>(intervals) + 1);
  for (std::size_t i = 0; i < law.size(); ++i) {
    const double x = law.position[i] * scale;
    const auto below = std::min(static_cast<std::int64_t>(x), intervals - 1);
    const double above = x - static_cast<double>(below);
    for (const int part : {0, 1}) {
      Parts& to = points[static_cast<std::size_t>(below + part)];
      const double mass = law.p[i] * (part == 0 ? 1 - above : above);
      to.mass += mass;
      to.moved += mass * (part - above);
      to.variance += mass * above * (1 - above);
      to.gold += mass * law.gold[i];
    }
  }
  for (std::int64_t k = 0; k <= intervals; ++k) {
    const Parts& of = points[static_cast<std::size_t>(k)];
    if (!(of.mass > 0)) continue;
    at.add(of.mass, from_integer(k), from_integer(intervals - k));
    at.lattice.push_back(k);
    at.gold.back() = unit * of.moved / of.mass;
    out.gold.push_back(of.gold / of.mass);
    out.variance.push_back(unit * unit * of.variance / of.mass);
  }
  return out;
}

double least_step(const TokenLaw& law) {
  double least = infinity;
  for (std::size_t i = 1; i < law.size(); ++i) least = std::min(least, (law.step[i] - law.step[i - 1]).value());
  return least;
}

double kl_from_heaviest(const TokenLaw& law, double b, double otherwise) {
  // Levels that no double holds the probability of may be all that counts.
  if (law.deep_cumulants) return otherwise;
  const auto heaviest = static_cast<std::size_t>(std::max_element(law.p.begin(), law.p.end()) - law.p.begin());
  const auto y = [&](std::size_t i) { return b * (law.step[i] - law.step[heaviest]).value(); };
  double more = 0;
  for (std::size_t i = 0; i < law.size(); ++i) more += law.p[i] * std::expm1(y(i));
  const double shift = std::log1p(more);
  double kl = 0;
  for (std::size_t i = 0; i < law.size(); ++i) kl += law.p[i] * kl_term(y(i) - shift);
  return kl >= 0 && std::isfinite(kl) ? kl : otherwise;
}

bool is_far(const TokenLaw& law) {
  constexpr double far = 1e7;
  double least = infinity;
  for (std::size_t i = 1; i < law.size(); ++i) least = std::min(least, law.position[i] - law.position[i - 1]);
  // Of doubles, unless it is a close call.
  if (std::fabs(far * least / law.position.back() - 1) > 1e-3) return law.position.back() > far * least;
  return law.position.back() > far * least_step(law);
}

TokenLaw reflected(const TokenLaw& law) {
  TokenLaw out = law;
  out.base = -(law.base + law.unit * law.step.back());
  const std::size_t size = law.size();
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t k = size - 1 - i;
    out.probability[i] = law.probability[k];
    out.p[i] = law.p[k];
    out.log_p[i] = law.log_p[k];
    out.gold[i] = law.gold[k];
    out.step[i] = law.below_top[k];
    out.position[i] = out.step[i].value();
    out.below_top[i] = law.step[k];
    out.drop[i] = law.position[k];
    if (!law.fine.empty()) out.fine[i] = law.fine.back() - law.fine[k];
    if (!law.lattice.empty()) out.lattice[i] = law.lattice.back() - law.lattice[k];
  }
  return out;
}

namespace {

/** The law without levels whose probability has underflowed to 0. */
TokenLaw possible(TokenLaw law) {
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < law.size(); ++i) {
    if (law.p[i] > 0) kept.push_back(i);
  }
  if (kept.size() == law.size()) return law;
  const std::size_t least = kept.front();
  const std::size_t most = kept.back();
  TokenLaw out;
  out.base = law.base + law.unit * law.step[least];
  out.unit = law.unit;
  out.exponent = law.exponent;
  for (const std::size_t i : kept) {
    out.probability.push_back(law.probability[i]);
    out.p.push_back(law.p[i]);
    out.log_p.push_back(law.log_p[i]);
    out.gold.push_back(law.gold[i]);
    // Each from the end that stays, where it has its digits.
    const bool from_top = most + 1 == law.size();
    out.step.push_back(from_top ? law.below_top[least] - law.below_top[i] : law.step[i] - law.step[least]);
    out.below_top.push_back(from_top ? law.below_top[i] : law.step[most] - law.step[i]);
    out.position.push_back(out.step.back().value());
    out.drop.push_back(out.below_top.back().value());
    if (!law.lattice.empty()) out.lattice.push_back(law.lattice[i] - law.lattice[least]);
    if (!law.fine.empty()) out.fine.push_back(law.fine[i] - law.fine[least]);
  }
  return out;
}

}  // namespace

TokenLaw reweighted(const TokenLaw& law, double b) {
  TokenLaw out = law;
  out.p = tilted(law, b);
  const bool from_top = b > 0 && is_far(law);
  const double lambda = from_top ? log_mgf_from_top(law, b) : log_mgf(law, b);
  for (std::size_t i = 0; i < law.size(); ++i) {
    out.probability[i] = out.p[i];
    out.log_p[i] = from_top ? law.log_p[i] - b * law.drop[i] - lambda : law.log_p[i] + b * law.position[i] - lambda;
  }
  return possible(std::move(out));
}

}  // namespace tiltlab
