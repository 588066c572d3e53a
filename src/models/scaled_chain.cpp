#include "models/scaled_chain.hpp"

#include <algorithm>
#include <cmath>

#include "error.hpp"
#include "laws/chain_sums.hpp"
#include "laws/finite.hpp"
#include "limits/transformed_rates.hpp"
#include "numerics/linear.hpp"
#include "numerics/log_domain.hpp"
#include "policies/best_of_n.hpp"

namespace tiltlab {

namespace {

/** What a tilt of so many transitions costs, as so many outcomes of a token. */
std::size_t tilt_work(const MarkovLaw& law) {
  return 16 * law.transitions.size() + law.states * law.states * law.states / 8;
}

/** The tilt from which on a step of Doob's chain leaves the best closed walks with a chance below one in a hundred; the
 * last that is found where none is. */
double last_tilt(const RecurrentChain& m, double sd) {
  const auto is_at_end = [&](double b) {
    const TiltedChain t = tilted_chain(m.law, m.recurrence, b);
    double best = 0;
    for (std::size_t i = 0; i < t.transitions.size(); ++i) {
      if (m.recurrence.drop[i].value() == 0) best += t.stationary[t.transitions[i].from] * t.weight[i];
    }
    return best >= 0.99;
  };
  constexpr int most_steps = 200;
  constexpr double ratio = 1.25;
  double b = 1 / sd;
  try {
    for (int i = 0; i < most_steps && !is_at_end(b); ++i) b *= ratio;
  } catch (const NumericalError&) {
    return b / ratio;
  }
  return b;
}

bool is_saturated(const Chain& c, const Budget& budget) {
  return std::visit([](const auto& tilt) { return tilt.saturated(); }, tilt_for(c, budget.kl));
}

}  // namespace

ScaledChain::ScaledChain(const Chain& c, RecurrentChain up, const Budget& budget)
    : StepScale{c.law.rewards},
      rate(budget.kl / from_integer(c.length)),
      up_(std::move(up)),
      down_(recurrent_chain(negated(c.law), c.length)),
      base_(tilted_chain(up_.law, up_.recurrence, 0)),
      at_rate_(is_saturated(c, budget) ? ChainRate{rate, std::nullopt, 0} : chain_rate(up_, rate)) {}

std::optional<ScaledChain> growth_of(const Chain& c, const Budget& budget) {
  std::optional<RecurrentChain> up;
  try {
    up = recurrent_chain(c.law, c.length);
  } catch (const InputError&) {
    // What is listed may have none.
    return std::nullopt;
  }
  return ScaledChain(c, *std::move(up), budget);
}

ScaledChain::Grown ScaledChain::growth(double at) const {
  if (at == 0) return {0, base_.rho};
  if (at >= 0) {
    const TiltedChain t = tilted_chain(up_.law, up_.recurrence, at);
    return {t.lambda, t.rho};
  }
  const TiltedChain t = tilted_chain(down_.law, down_.recurrence, -at);
  const DoubleDouble& top = law.step.back();
  return {t.lambda + DoubleDouble(at) * top, top - t.rho};
}

double ScaledChain::best_of_n_lambda(double at) const {
  if (at <= b()) return (DoubleDouble(at) * mean()).value();
  return (growth(at).lambda + rate).value();
}

double ScaledChain::reverse_exponent() const {
  return (rate + DoubleDouble(2) * growth(b() / 2).lambda - at_rate_.chain->lambda).value();
}

std::vector<RatePoint> ScaledChain::rate_points(int each) const {
  const auto end = [this](double sign) { return last_tilt(sign > 0 ? up_ : down_, sd()); };
  std::vector<double> tilts = spread_tilts(sd(), end, each);
  tilts.push_back(b());
  std::sort(tilts.begin(), tilts.end());
  std::vector<RatePoint> points;
  const TiltedChain& optimum = *at_rate_.chain;
  for (const double at : tilts) {
    try {
      const Grown g = growth(at);
      RatePoint p;
      p.b = at;
      p.step = g.mean;
      // Differences of 31 digits: both are 0 at their means.
      const DoubleDouble base = DoubleDouble(at) * g.mean - g.lambda;
      p.base = std::max(0.0, base.value());
      p.kl_rl = std::max(0.0, (base - DoubleDouble(optimum.b) * g.mean + optimum.lambda).value());
      p.best_of_n = at >= b() ? std::max(0.0, (base - rate).value()) : infinity;
      points.push_back(p);
    } catch (const NumericalError&) {
      // Farther out there is nothing to see.
    }
  }
  return points;
}

std::size_t ScaledChain::work() const { return tilt_work(up_.law); }

std::vector<double> ScaledChain::standardised() const {
  double second = 0;
  for (std::size_t i = 0; i < base_.transitions.size(); ++i) {
    const Transition& t = base_.transitions[i];
    const double x = base_.centred[t.level];
    second += base_.stationary[t.from] * base_.weight[i] * x * x;
  }
  std::vector<double> out;
  for (const Transition& t : base_.transitions) out.push_back(base_.centred[t.level] / std::sqrt(second));
  return out;
}

namespace {

/** Stationary probabilities of the states that recur, 0 of the others. @param weight one entry a transition */
std::vector<double> stationary_of(const RecurrentChain& m, const std::vector<double>& weight) {
  const std::size_t k = m.law.states;
  // x (I - W + J) = 1, J of ones; states that are left for good are no part of it.
  std::vector<double> matrix(k * k, 0);
  std::vector<double> ones(k, 0);
  for (std::size_t i = 0; i < k; ++i) {
    matrix[i * k + i] = 1;
    for (std::size_t j = 0; j < k && m.recurrence.recurs[i]; ++j) matrix[i * k + j] += m.recurrence.recurs[j] ? 1 : 0;
    ones[i] = m.recurrence.recurs[i] ? 1 : 0;
  }
  for (std::size_t i = 0; i < weight.size(); ++i) {
    const Transition& t = m.law.transitions[i];
    if (m.recurrence.recurs[t.from]) matrix[t.from * k + t.to] -= weight[i];
  }
  return Factorised(std::move(matrix), k).solve_transposed(std::move(ones));
}

}  // namespace

WeighedSteps ScaledChain::weighed(const std::vector<double>& more) const {
  const TiltedChain& optimum = *at_rate_.chain;
  const std::vector<Transition>& steps = optimum.transitions;
  std::vector<double> log_w(steps.size());
  std::vector<LogSum> whole(up_.law.states);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    log_w[i] = std::log(optimum.weight[i]) + (more.empty() ? 0 : more[i]);
    whole[steps[i].from].add(log_w[i]);
  }
  std::vector<double> w;
  for (std::size_t i = 0; i < steps.size(); ++i) w.push_back(std::exp(log_w[i] -= whole[steps[i].from].value()));
  const std::vector<double> stationary = stationary_of(up_, w);
  double above = 0;
  WeighedSteps out;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const double share = stationary[steps[i].from] * w[i];
    if (!(share > 0)) continue;
    above += share * optimum.centred[steps[i].level];
    out.kl += share * (log_w[i] - log_probability(steps[i].p));
    out.kl_to_optimum += share * (log_w[i] - std::log(optimum.weight[i]));
  }
  out.mean = optimum.rho + DoubleDouble(above);
  out.kl = std::max(0.0, out.kl);
  out.kl_to_optimum = std::max(0.0, out.kl_to_optimum);
  return out;
}

LongTilts::LongTilts(const LongChain& m, const Budget& budget)
    : rate(budget.kl),
      m_(m),
      base_(base_of(m)),
      optimum_(tilt_for(m, budget.kl)),
      down_(recurrent_chain(negated(m.law), m.length)),
      last_(base_) {}

double LongTilts::reward(DoubleDouble step) const {
  const TokenLaw& r = m_.law.rewards;
  return std::ldexp((r.base * from_integer(m_.length) + r.unit * step).value(), r.exponent);
}

double LongTilts::widest() const {
  const double last = last_tilt(m_, std::sqrt(base_.variance / static_cast<double>(m_.length)));
  return tilts() ? std::min(1.7 * b(), std::max(last, 1.2 * b())) : last;
}

double LongTilts::kl_at(double b) const {
  try {
    return std::max(0.0, tilt_of(m_, b, base_).kl.value());
  } catch (const NumericalError&) {
    return not_known;
  }
}

double LongTilts::bound_at(double b) const {
  try {
    // (nats + log E e^(b S)) / b, by what the tilt earns and spends.
    const LongTilt at = tilt_of(m_, b, base_);
    return reward(at.mean + (rate - at.kl) / b);
  } catch (const NumericalError&) {
    // log E e^(b S) is at least b times the largest sum less -log of its probability.
    return reward(m_.top + (rate - DoubleDouble(m_.kl_max)) / b);
  }
}

double LongTilts::reward_at(double nats) {
  const LongTilt at = tilt_for(m_, nats, &last_);
  if (!at.saturated() && at.b > 0) last_ = at;
  return reward(at.mean);
}

double LongTilts::mean_log(double x) const {
  const TokenLaw& r = m_.law.rewards;
  const double b = x * std::ldexp(r.unit.value(), r.exponent);
  const DoubleDouble n = from_integer(m_.length);
  try {
    const DoubleDouble log_mgf =
        b > 0 ? tilt_of(m_, b, base_).log_mgf
              : sum_of(tilted_chain(down_.law, down_.recurrence, -b), m_.length).log_mgf + n * b * r.step.back();
    return std::ldexp((r.base * n).value(), r.exponent) + log_mgf.value() / x;
  } catch (const NumericalError&) {
    return not_known;
  }
}

double LongTilts::reverse_kl() const {
  // KL(p || phi) = Lambda(a) - a Lambda'(0)
  return saturated() ? infinity : std::max(0.0, (optimum_.log_mgf - DoubleDouble(optimum_.b) * base_.mean).value());
}

std::size_t LongTilts::work() const { return tilt_work(m_.law); }

namespace {

/** Logarithms of a matrix's or a vector's entries, k rows. */
using Logs = std::vector<double>;

/** The logarithms of a product of a matrix of `rows` rows and one of k. */
Logs product(const Logs& x, std::size_t rows, const Logs& y, std::size_t k) {
  Logs of_row(rows, -infinity);
  Logs of_column(k, -infinity);
  for (std::size_t i = 0; i < x.size(); ++i) of_row[i / k] = std::max(of_row[i / k], x[i]);
  for (std::size_t i = 0; i < y.size(); ++i) of_column[i % k] = std::max(of_column[i % k], y[i]);
  const auto scaled = [](double at, double most) { return at == -infinity ? 0 : std::exp(at - most); };
  Logs left(x.size());
  Logs right(y.size());
  for (std::size_t i = 0; i < x.size(); ++i) left[i] = scaled(x[i], of_row[i / k]);
  for (std::size_t i = 0; i < y.size(); ++i) right[i] = scaled(y[i], of_column[i % k]);
  Logs out(rows * k, -infinity);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < k; ++j) {
      double sum = 0;
      for (std::size_t l = 0; l < k; ++l) sum += left[i * k + l] * right[l * k + j];
      if (sum > 0) {
        out[i * k + j] = std::log(sum) + of_row[i] + of_column[j];
        continue;
      }
      // All that there is may be below a double's range.
      LogSum rest;
      for (std::size_t l = 0; l < k; ++l) rest.add(x[i * k + l] + y[l * k + j]);
      out[i * k + j] = rest.value();
    }
  }
  return out;
}

}  // namespace

double log_normaliser(const Chain& c, std::span<const double> multiplicity, std::span<const double> reward) {
  if (!multiplicity.empty()) return static_cast<double>(c.length) * log_normaliser(Tokens{}, multiplicity, reward);
  const std::size_t k = c.law.states;
  const StepScale scale{c.law.rewards};
  Logs steps(k * k, -infinity);
  for (const Transition& t : c.law.transitions) {
    double& entry = steps[t.from * k + t.to];
    entry = log_add(entry, scale.reward(scale.law.step[t.level]));
  }
  Logs from(k, -infinity);
  for (std::size_t i = 0; i < k; ++i) {
    if (c.law.initial[i].value() > 0) from[i] = 0;
  }
  for (std::int64_t rest = c.length; rest > 0; rest /= 2) {
    if (rest % 2 == 1) from = product(from, 1, steps, k);
    if (rest > 1) steps = product(steps, k, steps, k);
  }
  return log_sum(from);
}

std::int64_t longest_listed(const Chain& c, std::int64_t most) {
  constexpr double quickly = quickly_listed;
  const auto affordable = [&](std::int64_t n) {
    const double cost = chain_listing_cost(c.law, n);
    // Off a lattice 0 is of a list that only itself tells the length of.
    return (cost > 0 || c.law.rewards.size() == 1) && cost <= quickly && holds_every_sequence(c.law, n);
  };
  if (affordable(most)) return most;
  if (!holds_every_sequence(c.law, 1)) return 0;
  std::int64_t length = 1;
  while (most - length > 1) {
    const std::int64_t middle = length + (most - length) / 2;
    (affordable(middle) ? length : most) = middle;
  }
  return length;
}

ListedSums listed_sums(const Chain& c, const ScaledChain& t, std::int64_t length) {
  const Tokens sums = sums_of_chain(c.law, length);
  ListedSums out{length, finite_law(sums.token)};
  out.unit = (out.law.unit / t.law.unit).value();
  const DoubleDouble least = out.law.base + out.law.unit * out.law.center;
  out.first = ((least - from_integer(length) * t.law.base) / t.law.unit).value();
  out.b = solve_tilt(sums.token, t.rate * from_integer(length)).b;
  return out;
}

namespace {

/** What the optimum makes of a sum's probability: log of its weight is b times the sum, in steps, less `log_mgf`. */
struct SumWeight {
  double b;
  DoubleDouble log_mgf;
};

/** The optimum's mass of a sum, as a logarithm. @param log_p of the base */
double log_optimal(double log_p, const DoubleDouble& steps, const SumWeight& weight) {
  return log_p + (DoubleDouble(weight.b) * steps - weight.log_mgf).value();
}

double log_both(double x, double y, const DoubleDouble& scale) { return log_add(x, y) - scale.value(); }

/** Tails of a law that lists every sum, at the levels at or beyond `targets` in steps. */
class ListedTails {
 public:
  ListedTails(const Chain& c, const Tokens& sums, const SumWeight& weight)
      : law_(finite_law(sums.token)),
        weight_(weight),
        scale_{c.law.rewards},
        n_(from_integer(c.length)),
        least_((sums.token.base - n_ * c.law.rewards.base) / c.law.rewards.unit) {}

  /** @param mean steps a transition @return of the base and of the optimum */
  std::pair<Tail, Tail> at(const DoubleDouble& mean, bool upper, bool upper_of_optimum) const {
    const double wanted = (mean * n_ - least_).value();
    const auto found = std::lower_bound(law_.offset.begin(), law_.offset.end(), wanted - 1e-9);
    auto j = static_cast<std::size_t>(found - law_.offset.begin());
    if (!upper && j > 0 && (j == law_.size() || law_.offset[j] > wanted + 1e-9)) --j;
    j = std::min(j, law_.size() - 1);
    const double x = scale_.reward((least_ + law_.exact_offset(j)) / n_);
    const double base =
        upper ? log_both(law_.log_above[j], law_.log_mass[j], 0) : std::log(law_.below[j] + std::exp(law_.log_mass[j]));
    LogSum optimal;
    for (std::size_t i = upper_of_optimum ? j : 0; i < (upper_of_optimum ? law_.size() : j + 1); ++i)
      optimal.add(log_optimal(law_.log_mass[i], least_ + law_.exact_offset(i), weight_));
    return {{x, base}, {x, std::min(0.0, optimal.value())}};
  }

 private:
  RewardLaw law_;
  SumWeight weight_;
  StepScale scale_;
  DoubleDouble n_;
  DoubleDouble least_;
};

/** The same of sums that are not listed, by a law for each target; of the chain of negative rewards below the mean. */
class InvertedTails {
 public:
  InvertedTails(const Chain& c, const ScaledChain& t, const LongChain& up, const SumWeight& weight)
      : up_(up),
        down_(long_chain(negated(c.law), c.length)),
        weight_(weight),
        scale_(t),
        n_(from_integer(c.length)),
        top_(c.law.rewards.step.back()) {}

  /** @param b the tilt of the mean, of its sign @throws NumericalError */
  std::pair<Tail, Tail> at(const DoubleDouble& mean, double b, bool upper_of_optimum) {
    const Side side{b > 0 ? up_ : down_, b > 0 ? 1.0 : -1.0, b > 0 ? DoubleDouble(0) : top_ * n_};
    const TiltedChain tilt = tilted_chain(side.m.law, side.m.recurrence, std::fabs(b));
    Waves left;
    const auto law = chain_law(side.m.at(), tilt, left);
    if (!law) throw NumericalError("model.length: the sums of these transitions do not vary");
    // A tail is off by as much as a wave is tall.
    constexpr double most_of_square = 1e-6;
    if (left.second > most_of_square)
      throw NumericalError("model.length: the tails of so many transitions are not smooth");
    work += law->work;
    const DoubleDouble of_mean = b > 0 ? mean : top_ - mean;
    const double wanted = (of_mean * n_ - law->center).value();
    const auto found = std::lower_bound(law->offset.begin(), law->offset.end(), wanted - 1e-9);
    const std::size_t j = std::min(static_cast<std::size_t>(found - law->offset.begin()), law->size() - 1);
    const DoubleDouble from = side.steps(law->center + law->exact_offset(j));
    const double x = scale_.reward(from / n_);
    return {{x, log_both(law->log_above[j], law->log_mass[j], law->log_scale)},
            {x, optimal_tail(side, tilt, b, from, upper_of_optimum)}};
  }
  double work = 0;

 private:
  /** The chain whose upper tail it is, and the way from its sums to those of the rewards themselves. */
  struct Side {
    const LongChain& m;
    double sign;
    DoubleDouble least;
    [[nodiscard]] DoubleDouble steps(const DoubleDouble& sum) const { return least + DoubleDouble(sign) * sum; }
  };

  /** The optimum's masses from a sum on fall off by |b - its own tilt| a step: those of the tilt at hand, as far as
   * that leaves anything. NaN where they are not even shown that far. */
  double optimal_tail(const Side& side, const TiltedChain& tilt, double b, const DoubleDouble& from, bool upper) {
    constexpr double nothing_left = 40;
    const ChainSum sum = sum_of(tilt, side.m.length);
    const double falls = std::fabs(weight_.b - b);
    const double reach = nothing_left / falls + 2;
    constexpr double most_levels = 1e5;
    if (!(reach < most_levels)) return not_known;
    const ChainMasses masses =
        chain_masses(side.m.at(), tilt, static_cast<int>(2 * reach) + 8, reach / std::sqrt(sum.variance));
    work += 100 * static_cast<double>(masses.mass.size());
    if (masses.stride > 1) return not_known;
    LogSum total;
    double farthest = 0;
    for (std::size_t i = 0; i < masses.mass.size(); ++i) {
      const DoubleDouble own = masses.center + DoubleDouble(masses.offset[i]);
      const DoubleDouble steps = side.steps(own);
      const double beyond = (steps - from).value() * (upper ? 1 : -1);
      farthest = std::max(farthest, beyond);
      if (beyond < -0.5 || !(masses.mass[i] > 0)) continue;
      const DoubleDouble log_p = sum.log_mgf - DoubleDouble(std::fabs(b)) * own;
      total.add(std::log(masses.mass[i]) + (log_p + DoubleDouble(weight_.b) * steps - weight_.log_mgf).value());
    }
    return farthest * falls < nothing_left / 2 && !is_end(side, masses, upper) ? not_known
                                                                               : std::min(0.0, total.value());
  }

  /** Whether there is no sum beyond those shown. */
  static bool is_end(const Side& side, const ChainMasses& masses, bool upper) {
    const double last = (masses.center + DoubleDouble(masses.offset.back()) - side.m.top).value();
    return upper == (side.sign > 0) && last > -1;
  }

  const LongChain& up_;
  LongChain down_;
  SumWeight weight_;
  const ScaledChain& scale_;
  DoubleDouble n_;
  DoubleDouble top_;
};

/** Means whose base rates are evenly far apart by their roots, on either side of the base's, in increasing order. */
struct Target {
  double b;
  DoubleDouble mean;
  /** Nats a transition of both rates. */
  double base;
  double kl_rl;
};
std::vector<Target> targets_of(const Chain& c, const ScaledChain& t, int count) {
  const double end = std::max(2.2 * t.rate.value(), 0.05);
  const double first = std::sqrt(2.5 / static_cast<double>(c.length));
  const double last = std::sqrt(end);
  std::vector<Target> out;
  for (int k = -count; k < count && first < last; ++k) {
    const int from_mean = k < 0 ? -k - 1 : k;
    const double root = first + (last - first) * from_mean / (count - 1);
    const ChainRate at = chain_rate(k < 0 ? t.down() : t.up(), root * root);
    // Past the largest rate there is no such mean.
    if (!at.chain || !(at.chain->b > 0)) continue;
    const DoubleDouble mean = k < 0 ? c.law.rewards.step.back() - at.chain->rho : at.chain->rho;
    const DoubleDouble excess = DoubleDouble(t.b()) * mean - DoubleDouble(t.optimal_lambda());
    out.push_back({k < 0 ? -at.chain->b : at.chain->b, mean, root * root, root * root - excess.value()});
  }
  return out;
}

}  // namespace

ExactTails exact_tails(const Chain& c, const ScaledChain& t, int count, double spent) {
  ExactTails out;
  const double worth_showing = 2.5 / static_cast<double>(c.length);
  const auto add = [&](const std::pair<Tail, Tail>& found, const Target& target) {
    const double mean = t.reward(t.mean());
    (target.b > 0 ? out.base.upper : out.base.lower).push_back(found.first);
    if (target.kl_rl < worth_showing || std::isnan(found.second.log_tail)) return;
    (found.second.reward_per_token > mean ? out.kl_rl.upper : out.kl_rl.lower).push_back(found.second);
  };
  const ChainTilt tilt = tilt_for(c, t.rate * from_integer(c.length));
  const std::vector<Target> targets = targets_of(c, t, count);
  const auto beyond_optimum = [&](const Target& target) { return target.b > t.b(); };
  if (const auto* whole = std::get_if<Tokens>(&c.sums)) {
    const auto& at = std::get<TokenTilt>(tilt);
    // Steps of the listed sums count from the least of them.
    const DoubleDouble least = (whole->token.base - from_integer(c.length) * c.law.rewards.base) / c.law.rewards.unit;
    const ListedTails tails(c, *whole, {at.b, at.lambda + DoubleDouble(at.b) * least});
    for (const Target& target : targets) add(tails.at(target.mean, target.b > 0, beyond_optimum(target)), target);
    return out;
  }
  const auto& at = std::get<LongTilt>(tilt);
  InvertedTails tails(c, t, std::get<LongChain>(c.sums), {at.b, at.log_mgf});
  std::vector<std::optional<std::pair<Tail, Tail>>> found(targets.size());
  for (const std::size_t k : coarse_to_fine(targets.size())) {
    if (spent + tails.work > most_statement_work) break;
    try {
      found[k] = tails.at(targets[k].mean, targets[k].b, beyond_optimum(targets[k]));
    } catch (const NumericalError&) {
      // No mark where no method holds.
    }
  }
  for (std::size_t k = 0; k < targets.size(); ++k) {
    if (found[k]) add(*found[k], targets[k]);
  }
  return out;
}

double ChainGains::at(std::int64_t length, const DoubleDouble& log_n) {
  try {
    return share(length, log_n);
  } catch (const NumericalError&) {
    // What a law cost that was given up, about.
    work_ += most_statement_work / 4;
    return not_known;
  }
}

double ChainGains::share(std::int64_t length, const DoubleDouble& log_n) {
  const Chain c = chain_of(law_, length);
  const DoubleDouble n = from_integer(length);
  // Where the base all but always draws the best there is nothing to gain.
  constexpr double nothing = 1e-9;
  if (const auto* sums = std::get_if<LongChain>(&c.sums); sums && sums->kl_max < nothing) return not_known;
  const ChainTilt base = base_of(c);
  const ChainTilt tilt = tilt_for(c, log_n);
  const BestOfNOutcome bon = best_of(c, log_n, tilt);
  const ChainTilt same_kl = tilt_at_kl_of(c, bon, base);
  const auto* whole = std::get_if<Tokens>(&c.sums);
  work_ += 64 * static_cast<double>(tilt_work(law_)) + (whole ? chain_listing_cost(law_, length) : 0) +
           (bon.at ? bon.at->law.work : 0);
  const TokenLaw& steps = whole ? whole->token : law_.rewards;
  const auto mean_of = [](const ChainTilt& t) { return std::visit([](const auto& at) { return at.mean; }, t); };
  const DoubleDouble least = whole ? steps.base : steps.base * n;
  const double all = (steps.unit * (mean_of(same_kl) - mean_of(base))).value();
  const double part = bon.at && bon.at->metrics.gain ? bon.at->law.unit.value() * *bon.at->metrics.gain
                                                     : (bon.reward - least - steps.unit * mean_of(base)).value();
  return known_share(part, all, std::fabs((steps.unit * mean_of(base)).value()), bon);
}

}  // namespace tiltlab
