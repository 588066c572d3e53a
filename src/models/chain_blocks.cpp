#include "models/chain_blocks.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <numeric>
#include <utility>

#include "error.hpp"
#include "laws/chain_spectrum.hpp"
#include "laws/finite.hpp"
#include "laws/inversion.hpp"
#include "models/block_policies.hpp"
#include "models/long_chain.hpp"
#include "numerics/log_domain.hpp"
#include "numerics/sine_cosine.hpp"
#include "policies/best_of_n.hpp"

namespace tiltlab {

namespace {

using Complex = std::complex<double>;

/** Additions that listing blocks may take, and multiplications of a win rate: some tenths of a second each. */
constexpr double most_additions = 3e8;
constexpr double most_terms = 3e8;
constexpr double most_frequencies = 1e5;

/** Adds the product of two matrices, or of a matrix and a vector, of k rows each. */
template <class T>
void add_product(std::vector<T>& to, const std::vector<T>& a, const std::vector<T>& b, double factor = 1) {
  const auto k = static_cast<std::size_t>(std::sqrt(static_cast<double>(a.size())));
  const std::size_t columns = b.size() / k;
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t l = 0; l < k; ++l) {
      const T x = factor * a[i * k + l];
      for (std::size_t j = 0; j < columns; ++j) to[i * columns + j] += x * b[l * columns + j];
    }
  }
}

/** What some blocks come to, by the state that the first begins in: how likely the last ends in each; the sum of
 * rewards there, times that; and over all ends its mean, its square's and the KL's. */
struct Walk {
  std::vector<double> end;
  std::vector<double> earned;
  std::vector<double> mean;
  std::vector<double> square;
  std::vector<double> kl;
};

Walk no_walk(std::size_t k) {
  const std::vector<double> none(k, 0);
  Walk out{std::vector<double>(k * k, 0), std::vector<double>(k * k, 0), none, none, none};
  for (std::size_t i = 0; i < k; ++i) out.end[i * k + i] = 1;
  return out;
}

/** The one and then the other. */
Walk joined(const Walk& a, const Walk& b) {
  const std::size_t k = a.mean.size();
  Walk out{std::vector<double>(k * k, 0), std::vector<double>(k * k, 0), a.mean, a.square, a.kl};
  add_product(out.end, a.end, b.end);
  add_product(out.earned, a.earned, b.end);
  add_product(out.earned, a.end, b.earned);
  add_product(out.mean, a.end, b.mean);
  add_product(out.square, a.end, b.square);
  add_product(out.square, a.earned, b.mean, 2);
  add_product(out.kl, a.end, b.kl);
  // What rounding makes of rows that sum to 1 would grow with every block.
  for (std::size_t i = 0; i < k; ++i) {
    double whole = 0;
    for (std::size_t j = 0; j < k; ++j) whole += out.end[i * k + j];
    for (std::size_t j = 0; j < k; ++j) out.end[i * k + j] /= whole;
  }
  return out;
}

/** x, so many times, by doubling. */
template <class T, class Join>
T repeated(T x, std::int64_t times, T out, const Join& join) {
  for (; times > 0; times /= 2) {
    if (times % 2 == 1) out = join(out, x);
    if (times > 1) x = join(x, x);
  }
  return out;
}

}  // namespace

/** Best-of-n of one kind of block, by the state that it begins in. */
struct ChainBlocks::Laid {
  const Kind& kind;
  std::vector<Policy> best;
  std::vector<double> kl;

  /** @param centre what each is taken to earn, in steps, so that squares do not cancel */
  [[nodiscard]] Walk walk(double centre) const {
    const std::size_t k = best.size();
    Walk out{std::vector<double>(k * k, 0), std::vector<double>(k * k, 0), std::vector<double>(k, 0),
             std::vector<double>(k, 0), kl};
    for (std::size_t i = 0; i < k; ++i) {
      const BlockSums& from = kind.from[i];
      for (std::size_t x = 0; x < from.sums.size(); ++x) {
        const double p = best[i].mass[x];
        const double step = (from.least - DoubleDouble(centre) + from.sums.step[x]).value();
        out.mean[i] += p * step;
        out.square[i] += p * step * step;
        for (std::size_t j = 0; j < k; ++j) {
          out.end[i * k + j] += p * from.end[x * k + j];
          out.earned[i * k + j] += p * from.end[x * k + j] * step;
        }
      }
    }
    return out;
  }

  /** E of(S - centre) by the states that it begins and ends in, S in steps. */
  template <class F>
  [[nodiscard]] auto expected(double centre, const F& of) const {
    const std::size_t k = best.size();
    std::vector<decltype(of(0.0))> out(k * k, 0);
    for (std::size_t i = 0; i < k; ++i) {
      const BlockSums& from = kind.from[i];
      const double least = (from.least - DoubleDouble(centre)).value();
      for (std::size_t x = 0; x < from.sums.size(); ++x) {
        const auto value = best[i].mass[x] * of(least + from.sums.position[x]);
        for (std::size_t j = 0; j < k; ++j) out[i * k + j] += value * from.end[x * k + j];
      }
    }
    return out;
  }
};

struct BlocksTotal {
  /** In steps, from the length times the least reward. */
  DoubleDouble mean;
  double variance = 0;
  double kl = 0;
  /** What each transition is taken to earn. */
  double centre = 0;
};

namespace {

template <class Blocks>
BlocksTotal total_around(const MarkovLaw& law, const Blocks& blocks, double centre) {
  Walk all = no_walk(law.states);
  BlocksTotal out;
  out.centre = centre;
  for (const auto& block : blocks) {
    const double of_block = centre * static_cast<double>(block.kind.size);
    all = joined(all, repeated(block.walk(of_block), block.kind.times, no_walk(law.states), joined));
    out.mean += DoubleDouble(of_block) * from_integer(block.kind.times);
  }
  double mean = 0;
  double square = 0;
  for (std::size_t i = 0; i < law.states; ++i) {
    const double p = law.initial[i].value();
    mean += p * all.mean[i];
    square += p * all.square[i];
    out.kl += p * all.kl[i];
  }
  out.mean += DoubleDouble(mean);
  out.variance = std::max(0.0, square - mean * mean);
  return out;
}

template <class Blocks>
BlocksTotal total_of(const MarkovLaw& law, const Blocks& blocks, std::int64_t length) {
  const double rough = total_around(law, blocks, 0).mean.value() / static_cast<double>(length);
  return total_around(law, blocks, rough);
}

/** A row times a matrix, so many times: step by step, or by the matrix's power where that is less. */
template <class T>
std::vector<T> moved(std::vector<T> row, const std::vector<T>& by, std::int64_t times) {
  const std::size_t k = row.size();
  const auto join = [&](const std::vector<T>& a, const std::vector<T>& b) {
    std::vector<T> out(k * k, 0);
    add_product(out, a, b);
    return out;
  };
  std::vector<T> power = by;
  if (times > static_cast<std::int64_t>(60 * k)) {
    std::vector<T> one(k * k, 0);
    for (std::size_t i = 0; i < k; ++i) one[i * k + i] = 1;
    power = repeated(by, times, one, join);
    times = 1;
  }
  for (; times > 0; --times) {
    std::vector<T> next(k, 0);
    for (std::size_t i = 0; i < k; ++i) {
      for (std::size_t j = 0; j < k; ++j) next[j] += row[i] * power[i * k + j];
    }
    row = std::move(next);
  }
  return row;
}

/** The expected product of what blocks earn, each less what its transitions are taken to. */
template <class Blocks, class F>
auto expected(const MarkovLaw& law, const Blocks& blocks, double centre, const F& of) {
  using T = decltype(of(0.0));
  std::vector<T> row;
  for (const DoubleDouble& p : law.initial) row.push_back(p.value());
  for (const auto& block : blocks)
    row = moved(std::move(row), block.expected(centre * static_cast<double>(block.kind.size), of), block.kind.times);
  return std::accumulate(row.begin(), row.end(), T(0));
}

/** How far the sum leaves its mean downwards and upwards, each but for a share of e^-42 (Chernoff's bound). */
template <class Blocks>
std::pair<double, double> reach_of(const MarkovLaw& law, const Blocks& blocks, const BlocksTotal& total) {
  constexpr double nats = 42;
  double widest = 0;
  for (const auto& block : blocks)
    widest = std::max(widest, law.rewards.position.back() * static_cast<double>(block.kind.size));
  // No steeper than where one block alone would make it.
  const double b = std::min(std::sqrt(2 * nats / total.variance), nats / widest);
  const auto bound = [&](double by) {
    const double log_mgf = std::log(expected(law, blocks, total.centre, [&](double x) { return std::exp(by * x); }));
    return (log_mgf + nats) / b + 2;
  };
  return {bound(-b), bound(b)};
}

}  // namespace

bool ChainBlocks::are_listed(const MarkovLaw& law, std::int64_t size) {
  return block_listing_cost(law, size) <= most_additions;
}

ChainBlocks::ChainBlocks(const MarkovLaw& law, std::int64_t length, std::int64_t size, const std::string& path)
    : law_(law), length_(length) {
  size = std::min(size, length);
  if (!are_listed(law, size))
    throw InputError(path + ".block", std::to_string(size) +
                                          " transitions of these rewards have more sums than are listed; a shorter "
                                          "block, or rewards of fewer decimals, has fewer");
  const auto add = [&](std::int64_t of, std::int64_t times, bool first) {
    if (of == 0 || times == 0) return;
    Kind kind{of, times, {}, {}, first};
    MarkovLaw begun = law;
    for (std::size_t i = 0; i < law.states; ++i) {
      if (!first) {
        begun.initial.assign(law.states, 0);
        begun.initial[i] = 1;
      }
      if (first && i > 0) {
        kind.from.push_back(kind.from.front());
        continue;
      }
      kind.from.push_back(block_sums(begun, of));
      const BlockSums& from = kind.from.back();
      kind.law.push_back(finite_law(from.sums));
      deepest_ = std::max(deepest_, certain_depth - from.sums.log_p.back());
      is_cut_ = is_cut_ || from.is_cut;
    }
    kinds_.push_back(std::move(kind));
  };
  add(size, 1, true);
  add(size, length / size - 1, false);
  add(length % size, 1, false);
}

ChainBlocks::Laid ChainBlocks::laid(const Kind& kind, const DoubleDouble& log_n) const {
  Laid out{kind, {}, {}};
  for (const RewardLaw& law : kind.law) {
    out.best.push_back(best_of_n(law, log_n));
    out.kl.push_back(metrics(law, out.best.back()).kl);
  }
  if (kind.is_first) {
    out.best.resize(law_.states, out.best.front());
    out.kl.resize(law_.states, out.kl.front());
  }
  return out;
}

std::vector<ChainBlocks::Laid> ChainBlocks::laid(const DoubleDouble& log_n) const {
  std::vector<Laid> out;
  for (const Kind& kind : kinds_) out.push_back(laid(kind, log_n));
  return out;
}

namespace {

/** Frequencies of a period at which the base's sums have a characteristic function that counts, and that. */
struct BaseWaves {
  std::vector<std::int64_t> f;
  std::vector<Complex> value;
};

double angle(std::int64_t f, double period) { return 2 * std::numbers::pi * static_cast<double>(f) / period; }

/** e^{i angle} */
Complex turned_by(double angle) {
  const auto [sine, cosine] = sine_cosine(angle);
  return {cosine, sine};
}

/** By what proves that the others count for nothing. @param centre as of a block @throws InputError where a chain has
 * no limits; NumericalError */
BaseWaves counted_waves(const MarkovLaw& law, std::int64_t length, double period, double centre, double decay) {
  const RecurrentChain m = recurrent_chain(law, length);
  const TiltedChain base = tilted_chain(m.law, m.recurrence, 0);
  const ChainSum sum = sum_of(base, length);
  const auto whole = static_cast<std::int64_t>(period);
  BaseWaves out;
  for (const FrequencyRange& range : significant_frequencies(base, length, sum.log_share, whole, decay)) {
    if (static_cast<double>(range.end - range.first) > most_frequencies)
      throw NumericalError("policies: too many frequencies count");
    for (std::int64_t f = range.first; f < range.end; ++f) out.f.push_back(f);
  }
  out.value = chain_waves(base, length, sum.log_share, whole, out.f).value;
  const double shift = (from_integer(length) * (base.rho - DoubleDouble(centre))).value();
  for (std::size_t i = 0; i < out.f.size(); ++i) out.value[i] *= turned_by(angle(out.f[i], period) * shift);
  return out;
}

/** All of them. @param base of one block a transition */
template <class Blocks>
BaseWaves every_wave(const MarkovLaw& law, const Blocks& base, double period, double centre) {
  BaseWaves out;
  for (std::int64_t f = 0; 2 * static_cast<double>(f) <= period; ++f) {
    const double w = angle(f, period);
    out.f.push_back(f);
    out.value.push_back(expected(law, base, centre, [&](double x) { return turned_by(w * x); }));
  }
  return out;
}

/** Multiplications of `expected`. */
template <class Blocks>
double expecting_work(const Blocks& blocks) {
  double terms = 0;
  for (const auto& block : blocks) {
    const auto k = static_cast<double>(block.best.size());
    for (const BlockSums& from : block.kind.from) terms += static_cast<double>(from.sums.size()) * (k + 20);
    terms += k * k * std::min(static_cast<double>(block.kind.times), 60 * k);
  }
  return terms;
}

}  // namespace

/** P(sum of the blocks > sum of the base's transitions) + half the ties, from the transform of their difference's law;
 * false where that takes too long, or rewards share no lattice. */
bool ChainBlocks::win_rate_by_transform(const std::vector<Laid>& blocks, const BlocksTotal& total,
                                        const std::vector<Laid>& base, const BlocksTotal& of_base,
                                        LaidPolicy& out) const {
  if (law_.rewards.lattice.empty() || !(total.variance > 0 && of_base.variance > 0)) return false;
  const auto n = static_cast<double>(length_);
  // Of the difference: how far it goes down and up, which is a period, and no farther than all that there is.
  const double widest = static_cast<double>(law_.rewards.lattice.back()) * n;
  const double gain = (total.mean - of_base.mean).value();
  const auto [low, high] = reach_of(law_, blocks, total);
  const auto [base_low, base_high] = reach_of(law_, base, of_base);
  if (!(low + base_high > gain)) {
    out.metrics.win_rate = 1;
    out.errors.win_rate = 1e-17;
    return true;
  }
  const double down = std::clamp(std::ceil(low + base_high - gain), 0.0, widest);
  const double up = std::clamp(std::ceil(high + base_low + gain), 0.0, widest);
  const double period = down + up + 1;
  constexpr double most_period = 2e9;
  if (!(period <= most_period)) return false;
  const double terms = expecting_work(blocks);
  // The error of what is left out, each times at most `down`, is under 1e-15 of all.
  const double decay = 37 + std::log(period);
  BaseWaves waves;
  try {
    waves = counted_waves(law_, length_, period, of_base.centre, decay);
  } catch (const std::runtime_error&) {
    if (!(period * (terms + expecting_work(base)) <= most_terms)) return false;
    waves = every_wave(law_, base, period, of_base.centre);
  }
  const auto counts = [&](std::size_t i) { return std::abs(waves.value[i]) > std::exp(-decay); };
  double count = 0;
  for (std::size_t i = 0; i < waves.f.size(); ++i) count += counts(i);
  if (!(count * terms <= most_terms)) return false;
  const double apart = (from_integer(length_) * DoubleDouble(total.centre - of_base.centre)).value();
  double lost = 0;
  for (std::size_t i = 0; i < waves.f.size(); ++i) {
    if (!counts(i)) continue;
    const double w = angle(waves.f[i], period);
    const Complex of_blocks = expected(law_, blocks, total.centre, [&](double x) { return turned_by(w * x); });
    // Of differences below 0, and half of those that are 0.
    const Complex below = 0.5 + std::conj(tail_weights(0, w, down));
    const bool alone = waves.f[i] == 0 || 2 * static_cast<double>(waves.f[i]) == period;
    lost += (alone ? 1 : 2) * (of_blocks * std::conj(waves.value[i]) * turned_by(w * apart) * below).real();
  }
  out.errors.win_rate = 2e-15 * (1 + count) + 2e-16 * n;
  out.metrics.win_rate = std::clamp(1 - lost / period, 0.0, 1.0);
  return true;
}

DoubleDouble ChainBlocks::log_n_of(const ExtraPolicy& asked) const {
  if (!asked.kl) return log(DoubleDouble(asked.parameter[1]));
  if (!(*asked.kl > 0)) return 0;
  double count = 0;
  for (const Kind& kind : kinds_) count += static_cast<double>(kind.times);
  return log_n_of_blocks(asked, count, deepest_,
                         [&](double log_n) { return total_around(law_, laid(DoubleDouble(log_n)), 0).kl; });
}

std::vector<ChainBlocks::Blocks> ChainBlocks::drawn(const LaidPolicy& policy) const {
  std::vector<Blocks> out;
  for (const Laid& blocks : laid(policy.whole->log_n)) {
    Blocks of{blocks.kind.times, {}};
    for (std::size_t i = 0; i < law_.states; ++i) {
      const BlockSums& from = blocks.kind.from[i];
      std::vector<Block>& row = of.from.emplace_back();
      for (std::size_t x = 0; x < from.sums.size(); ++x) {
        for (std::size_t j = 0; j < law_.states; ++j) {
          const double p = blocks.best[i].mass[x] * from.end[x * law_.states + j];
          if (p > 0) row.push_back({p, (from.least + from.sums.step[x]).value(), blocks.best[i].log_ratio[x], j});
        }
      }
    }
    out.push_back(std::move(of));
  }
  return out;
}

LaidPolicy ChainBlocks::lay(const ExtraPolicy& asked, const std::string& path) const {
  LaidPolicy out;
  DoubleDouble log_n = log_n_of(asked);
  out.strength = std::log(log_n.value());
  out.parameter = asked.kl ? std::exp(log_n.value()) : asked.parameter[1];
  constexpr double most_told = 600;
  if (is_cut_ && log_n.value() > most_told)
    throw InputError(path + (asked.kl ? ".kl" : ".n"),
                     to_text(asked.kl ? *asked.kl : asked.parameter[1]) +
                         " reaches blocks that are less likely than a double tells; a shorter block has none");
  if (log_n.hi > deepest_) log_n = deepest_;
  const std::vector<Laid> blocks = laid(log_n);
  const BlocksTotal total = total_of(law_, blocks, length_);
  const TokenLaw& rewards = law_.rewards;
  const auto n = static_cast<double>(length_);
  LaidPolicy::Whole whole;
  whole.log_n = log_n;
  whole.reward = rewards.base * from_integer(length_) + rewards.unit * total.mean;
  whole.sd = std::sqrt(total.variance) * rewards.unit.value();
  out.metrics.kl = total.kl;
  const double digits = 1e-15 * (20 + std::log2(n));
  out.errors.reward = digits * n * rewards.position.back() * rewards.unit.value() + rewards.rounding * n;
  out.errors.reward_sd = 10 * digits * whole.sd + rewards.rounding * n;
  out.errors.kl = 10 * digits * total.kl;
  const std::vector<Laid> unchanged = laid(0);
  const BlocksTotal base = total_of(law_, unchanged, length_);
  if (!win_rate_by_transform(blocks, total, unchanged, base, out)) {
    const double variance = total.variance + base.variance;
    const double x = (total.mean - base.mean).value() / std::sqrt(variance);
    out.metrics.win_rate = variance > 0 ? std::erfc(-x / std::sqrt(2.0)) / 2 : 0.5;
    // Cantelli's.
    out.errors.win_rate = variance > 0 ? 1 / (1 + x * x) : 0;
  }
  out.whole = whole;
  return out;
}

}  // namespace tiltlab
