#include "models/block_policies.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <optional>
#include <tuple>
#include <utility>

#include "error.hpp"
#include "models/deep_policies.hpp"
#include "models/tokens.hpp"
#include "numerics/fft.hpp"
#include "numerics/log_domain.hpp"
#include "numerics/roots.hpp"
#include "policies/best_of_n.hpp"

namespace tiltlab {

namespace {

using Complex = std::complex<double>;

/** Differences of sums that a transform may hold. */
constexpr double most_differences = 1 << 20;

double count_of(const std::vector<LaidBlock>& blocks) {
  double count = 0;
  for (const LaidBlock& block : blocks) count += block.times;
  return count;
}

double kl_of(const std::vector<LaidBlock>& blocks) {
  double kl = 0;
  for (const LaidBlock& block : blocks) kl += block.times * block.best.kl;
  return kl;
}

/** Masses of a block's sums on the tokens' lattice, interpolated between levels that are listed; empty where its law is
 * on no such lattice. */
std::vector<double> masses_on_lattice(const LaidBlock& block) {
  const TokenLaw& token = block.model.token;
  const RewardLaw& law = block.best.at->law;
  if ((law.unit - token.unit).value() != 0 || law.stride != std::floor(law.stride)) return {};
  std::vector<double> mass(static_cast<std::size_t>(token.lattice.back() * block.model.length) + 1, 0);
  const DoubleDouble start = token.base * from_integer(block.model.length);
  std::vector<double> log_mass(law.size());
  for (std::size_t j = 0; j < law.size(); ++j) log_mass[j] = block.best.at->policy.log_ratio[j] + law.log_mass[j];
  for (std::size_t j = 0; j < law.size(); ++j) {
    const double step = std::round(((law.base - start) / law.unit + law.center + law.exact_offset(j)).value());
    const bool next = j + 1 < law.size() && law.offset[j + 1] - law.offset[j] == law.stride;
    for (double t = 0; t < (next ? law.stride : 1); ++t) {
      if (!(step + t >= 0 && step + t < static_cast<double>(mass.size()))) return {};
      const double here = t == 0 ? log_mass[j] : between(log_mass, log_mass, j, t / law.stride);
      // Where a tail has underflowed there is nothing to interpolate.
      if (!std::isnan(here)) mass[static_cast<std::size_t>(step + t)] += std::exp(here);
    }
  }
  return mass;
}

std::vector<Complex> transformed(const std::vector<double>& mass, std::size_t size) {
  std::vector<double> x(size, 0);
  std::copy(mass.begin(), mass.end(), x.begin());
  return fft_of_real(x);
}

/** P(sum of the blocks > sum of the base's tokens) + half the ties, from the transform of their difference's law, and
 * its error. */
std::optional<std::pair<double, double>> win_rate_by_transform(const Tokens& m, const std::vector<LaidBlock>& blocks) {
  if (m.token.lattice.empty()) return std::nullopt;
  const double levels = static_cast<double>(m.token.lattice.back()) * static_cast<double>(m.length) + 1;
  if (!(2 * levels <= most_differences)) return std::nullopt;
  const std::size_t size = next_power_of_two(static_cast<std::size_t>(2 * levels));
  std::vector<double> token(static_cast<std::size_t>(m.token.lattice.back()) + 1, 0);
  for (std::size_t i = 0; i < m.token.size(); ++i) token[static_cast<std::size_t>(m.token.lattice[i])] = m.token.p[i];
  std::vector<Complex> product = transformed(token, size);
  const auto length = static_cast<double>(m.length);
  for (Complex& x : product) x = x == 0.0 ? 0 : std::pow(std::conj(x), length);
  for (const LaidBlock& block : blocks) {
    const std::vector<double> mass = masses_on_lattice(block);
    if (mass.empty()) return std::nullopt;
    const std::vector<Complex> factor = transformed(mass, size);
    for (std::size_t k = 0; k < product.size(); ++k)
      product[k] *= factor[k] == 0.0 ? 0 : std::pow(factor[k], block.times);
  }
  // Powers of that order keep that many fewer digits; and what the blocks' laws lack of 1.
  const double error = 1e-15 * length + std::abs(product.front() - 1.0);
  // The inverse by the transform of the conjugates.
  for (Complex& x : product) x = std::conj(x);
  const std::vector<double> law = fft_to_real(product, size);
  double lost = law[0] / 2;
  for (std::size_t k = size / 2; k < size; ++k) lost += law[k];
  return std::pair{std::clamp(1 - lost / static_cast<double>(size), 0.0, 1.0), error};
}

/** E |x - mean|^3 of a block's reward, and its variance, in the law's reward scale. */
struct Spread {
  double variance = 0;
  double third = 0;
};

Spread spread_of(const LaidBlock& block) {
  const RewardLaw& law = block.best.at->law;
  const double unit = law.unit.value();
  const double mean = ((block.best.reward - law.base) / law.unit - law.center).value();
  Spread s{block.best.sd * block.best.sd, 0};
  for (std::size_t j = 0; j < law.size(); ++j) {
    const double x = std::fabs((law.exact_offset(j) - DoubleDouble(mean)).value() * unit);
    s.third += law.stride * block.best.at->policy.mass[j] * x * x * x;
  }
  return s;
}

/** How often neither the blocks nor the base leave the likeliest reward of all tokens, about. */
double stays_put(const Tokens& m, const std::vector<LaidBlock>& blocks) {
  const auto heavy = static_cast<std::size_t>(std::max_element(m.token.p.begin(), m.token.p.end()) - m.token.p.begin());
  double stays = std::pow(m.token.p[heavy], static_cast<double>(m.length));
  for (const LaidBlock& block : blocks) {
    const RewardLaw& law = block.best.at->law;
    const std::vector<double>& mass = block.best.at->policy.mass;
    const auto most = static_cast<std::size_t>(std::max_element(mass.begin(), mass.end()) - mass.begin());
    const DoubleDouble whole = from_integer(block.model.length);
    const DoubleDouble off = law.base - m.token.base * whole + law.unit * (law.center + law.exact_offset(most)) -
                             m.token.unit * m.token.step[heavy] * whole;
    const double scale = m.token.unit.value() * m.token.position.back() * whole.value();
    if (std::fabs(off.value()) > 1e-25 * scale) return 0;
    stays *= std::pow(std::min(1.0, mass[most]), block.times);
  }
  return stays;
}

/**
 * The same by the normal law of the difference of sums. Error: the smaller of Berry and Esseen's bound (Shevtsova, "On
 * the absolute constants in the Berry-Esseen type inequalities for identically distributed summands", 2011: .56 for
 * summands of different laws) and Cantelli's.
 */
std::pair<double, double> win_rate_by_normal(const Tokens& m, const std::vector<LaidBlock>& blocks) {
  const TokenTilt base = tilt_at(m.token, 0);
  const auto length = static_cast<double>(m.length);
  const double unit = m.token.unit.value();
  const double centre = base.mean.value();
  double third = 0;
  for (std::size_t i = 0; i < m.token.size(); ++i)
    third += length * m.token.p[i] * std::pow(std::fabs(m.token.position[i] - centre) * unit, 3);
  double variance = length * base.variance * unit * unit;
  DoubleDouble gain = -sequence_reward(m, base);
  for (const LaidBlock& block : blocks) {
    const Spread s = spread_of(block);
    variance += block.times * s.variance;
    third += block.times * s.third;
    gain += DoubleDouble(block.times) * block.best.reward;
  }
  if (!(variance > 0)) return {0.5, 0};
  const double x = gain.value() / std::sqrt(variance);
  const double esseen = 0.56 * third / std::pow(variance, 1.5);
  return {std::erfc(-x / std::sqrt(2.0)) / 2, std::min(esseen, 1 / (1 + x * x))};
}

}  // namespace

std::vector<LaidBlock> TokenPolicies::blocks_at(const DoubleDouble& log_n, std::int64_t size) {
  std::vector<LaidBlock> blocks;
  const auto add = [&](std::int64_t length, std::int64_t times) {
    if (length == 0 || times == 0) return;
    LaidBlock block{{m_.token, length, m_.sequence, m_.outcomes, m_.golden}, {}, static_cast<double>(times)};
    const TokenTilt tilt = solve_tilt(m_.token, log_n / from_integer(length));
    Workbench& bench = blocks.empty() ? whole_blocks_ : last_block_;
    block.best = best_of_n_outcome(block.model, log_n, tilt, &bench);
    if (!block.best.at) block.best.at = best_of_n_law(block.model, 0, tilt, &bench);
    blocks.push_back(std::move(block));
  };
  add(size, m_.length / size);
  add(m_.length % size, 1);
  return blocks;
}

double log_n_of_blocks(const ExtraPolicy& asked, double count, double deepest,
                       const std::function<double(double log_n)>& kl_of) {
  const double most = std::log(deepest);
  // By logarithms, of which the KL's is nearly linear.
  constexpr double least = 1e-320;
  const auto missing = [&](double z) { return std::log(std::max(least, kl_of(std::exp(z)))) - std::log(*asked.kl); };
  const double weak = std::min(asked.kind->weakest(*asked.kl / count), most);
  // Near the base the KL goes as the square of log n: a step or two of that find it, each of which may take long.
  constexpr double faint = 1e-9;
  double near = weak;
  for (int i = 0; i < 4 && *asked.kl < faint; ++i) {
    const double off = missing(near);
    if (std::fabs(off) < 1e-12) return std::exp(near);
    near -= off / 2;
  }
  double strong = weak;
  for (double step = 1; strong < most && !(missing(strong) > 0); step *= 2) strong = std::min(most, strong + step);
  if (!(missing(strong) > 0)) return infinity;
  if (missing(weak) >= 0) return std::exp(weak);
  return std::exp(bracketed_root(missing, weak, strong, "policies: the n of blocks of this KL"));
}

std::function<double(double)> TokenPolicies::kl_by_log_n(std::int64_t size) {
  if (size > 1) return [this, size](double nats) { return kl_of(blocks_at(DoubleDouble(nats), size)); };
  // Of single tokens one law serves every n.
  const Tokens one{m_.token, 1, m_.sequence, m_.outcomes, m_.golden};
  return [law = listed_law(one, tilt_at(one.token, 0)), count = static_cast<double>(m_.length)](double nats) {
    return count * std::max(0.0, kl_to_base(law, best_of_n(law, DoubleDouble(nats))).value());
  };
}

LaidPolicy TokenPolicies::laid_by_block(const ExtraPolicy& asked, const std::string& path) {
  // A chain is a finite model of its sums.
  if (!m_.sequence && m_.outcomes.empty())
    refuse_by_block(asked, path, "whose rewards add up, and is not there under a transform");
  const std::int64_t size = std::min(static_cast<std::int64_t>(asked.parameter[0]), m_.length);
  LaidPolicy out;
  DoubleDouble log_n = asked.kl ? DoubleDouble(0) : log(DoubleDouble(asked.parameter[1]));
  // The largest reward alone, as far as anybody can tell.
  const DoubleDouble deepest = kl_max(m_.token) * from_integer(size) + certain_depth;
  if (asked.kl && *asked.kl > 0) {
    const double count = std::ceil(static_cast<double>(m_.length) / static_cast<double>(size));
    log_n = log_n_of_blocks(asked, count, deepest.value(), kl_by_log_n(size));
  }
  out.strength = std::log(log_n.value());
  out.parameter = asked.kl ? std::exp(log_n.value()) : asked.parameter[1];
  if (log_n.hi > deepest.hi) log_n = deepest;
  out.blocks = blocks_at(log_n, size);
  Metrics& of = out.metrics;
  of.kl = kl_of(out.blocks);
  for (const LaidBlock& block : out.blocks) {
    out.errors.reward += block.times * block.best.errors.reward;
    out.errors.kl += block.times * block.best.errors.kl;
    out.errors.reward_sd += block.times * block.best.errors.reward_sd;
  }
  const BestOfNOutcome& first = out.blocks.front().best;
  if (count_of(out.blocks) == 1) {
    of.win_rate = first.win_rate;
    out.errors.win_rate = first.errors.win_rate;
  } else if (const auto found = win_rate_by_transform(m_, out.blocks)) {
    std::tie(of.win_rate, out.errors.win_rate) = *found;
    for (const LaidBlock& block : out.blocks) out.errors.win_rate += block.times * block.best.errors.win_rate;
  } else {
    std::tie(of.win_rate, out.errors.win_rate) = win_rate_by_normal(m_, out.blocks);
    // Where hardly anything ever happens, all but that is a tie.
    const double moves = (1 - stays_put(m_, out.blocks)) / 2;
    if (moves < out.errors.win_rate || moves < 1e-12)
      std::tie(of.win_rate, out.errors.win_rate) = std::pair{0.5, moves};
  }
  return out;
}

}  // namespace tiltlab
