#include "laws/chain_contraction.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "numerics/sine_cosine.hpp"

namespace tiltlab {

namespace {

constexpr double pi = std::numbers::pi;
using Vector = std::vector<double>;

/** What each state earns that is entered; empty where that depends on the state before. */
Vector rewards_of_states(const TiltedChain& t) {
  constexpr std::size_t none = ~std::size_t{0};
  std::vector<std::size_t> level(t.start.size(), none);
  for (const Transition& step : t.transitions) {
    if (level[step.to] != none && level[step.to] != step.level) return {};
    level[step.to] = step.level;
  }
  Vector out;
  for (const std::size_t l : level) out.push_back(l == none ? 0 : t.centred[l]);
  return out;
}

Vector squared_symmetric(const Vector& m, std::size_t k) {
  Vector out(k * k, 0);
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t l = 0; l < k; ++l) {
      const double x = m[i * k + l];
      for (std::size_t j = 0; j < k; ++j) out[i * k + j] += x * m[l * k + j];
    }
  }
  return out;
}

/**
 * At least the second singular value of P under the stationary law: of A, the matrix sqrt(share_i) P_ij / sqrt(share_j)
 * less what maps constants to constants, the 32nd root of the trace of (A^T A)^16. 1 where P, as it is rounded, does
 * not leave the constants as they are often enough.
 */
double second_singular_value(const TiltedChain& t, const Vector& share, double length) {
  const std::size_t k = share.size();
  Vector root(k), left(k), right(k), a(k * k, 0);
  for (std::size_t i = 0; i < k; ++i) root[i] = std::sqrt(share[i]);
  for (std::size_t i = 0; i < t.transitions.size(); ++i) {
    const Transition& step = t.transitions[i];
    a[step.from * k + step.to] += t.weight[i] * root[step.from] / root[step.to];
  }
  double off = 0;
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = 0; j < k; ++j) {
      right[i] += a[i * k + j] * root[j];
      left[j] += a[i * k + j] * root[i];
      a[i * k + j] -= root[i] * root[j];
    }
  }
  for (std::size_t i = 0; i < k; ++i) off += 2 * std::fabs(right[i] - root[i]) + std::fabs(left[i] - root[i]);
  Vector power(k * k, 0);
  for (std::size_t l = 0; l < k; ++l) {
    for (std::size_t i = 0; i < k; ++i) {
      for (std::size_t j = 0; j < k; ++j) power[i * k + j] += a[l * k + i] * a[l * k + j];
    }
  }
  constexpr int squares = 4;
  for (int i = 0; i < squares; ++i) power = squared_symmetric(power, k);
  double trace = 0;
  for (std::size_t i = 0; i < k; ++i) trace += power[i * k + i];
  // Any larger one is a bound too, and rounding is none of a small one.
  constexpr double least = 1e-3;
  constexpr double unseen = 1e-3;
  const double s = std::max(least, std::pow(trace, 1.0 / (2 << squares)));
  return off * length < unseen * s ? std::min(1.0, s) : 1;
}

}  // namespace

Contraction::Contraction(const TiltedChain& t, std::int64_t length, double log_share)
    : reward_(rewards_of_states(t)), share_(t.stationary), length_(static_cast<double>(length)) {
  // Squares of smaller ones leave a double's range.
  constexpr double rare = 1e-100;
  if (reward_.empty() || *std::min_element(share_.begin(), share_.end()) < rare) return;
  singular_ = second_singular_value(t, share_, length_);
  double mean = 0, before = 0, after = 0;
  for (std::size_t i = 0; i < share_.size(); ++i) {
    mean += share_[i] * reward_[i];
    before += t.start[i] * t.start[i] / share_[i];
    after += t.end[i] * t.end[i] * share_[i];
  }
  for (std::size_t i = 0; i < share_.size(); ++i) variance_ += share_[i] * (reward_[i] - mean) * (reward_[i] - mean);
  ends_ = (std::log(before) + std::log(after)) / 2 - log_share;
}

Contraction::Dip Contraction::dip_at(double w) const {
  double re = 0, im = 0, dre = 0, dim = 0;
  for (std::size_t i = 0; i < reward_.size(); ++i) {
    const auto [sine, cosine] = sine_cosine(w * reward_[i]);
    const double c = share_[i] * cosine;
    const double s = share_[i] * sine;
    re += c;
    im += s;
    dre -= reward_[i] * s;
    dim += reward_[i] * c;
  }
  return {1 - (re * re + im * im), -2 * (re * dre + im * dim)};
}

std::optional<std::vector<FrequencyRange>> Contraction::frequencies(std::int64_t period, std::int64_t lobe,
                                                                    double decay, std::int64_t end) const {
  // The largest c at which each transition leaves little enough, less 1: x - s / x = c (1 - s) at x = e^-nats.
  const double nats = std::max(0.0, decay + ends_) / (length_ - 1);
  const double short_of_1 = (singular_ * std::expm1(nats) - std::expm1(-nats)) / (1 - singular_);
  if (!(short_of_1 < 1)) return std::nullopt;
  const double enough = short_of_1 * (2 - short_of_1);
  const double dw = 2 * pi / static_cast<double>(period);
  std::vector<FrequencyRange> out{{0, std::min(end, lobe)}};
  // Rewards that hardly ever vary have dips below all rounding, along which a walk would take every step there is.
  constexpr int most_steps = 1 << 18;
  int steps = 0;
  for (std::int64_t f = out.back().end; f < end;) {
    if (++steps > most_steps) return std::nullopt;
    const Dip dip = dip_at(dw * static_cast<double>(f));
    if (dip.value >= enough) {
      // The second derivative of 1 - |phi|^2 is at least -2 variance.
      const double step =
          (dip.slope + std::sqrt(dip.slope * dip.slope + 4 * variance_ * (dip.value - enough))) / (2 * variance_);
      f += 1 + static_cast<std::int64_t>(std::min(std::max(0.0, step) / dw, 4e15));
      continue;
    }
    // A neighbour of many is not proved either, as a rule.
    constexpr std::int64_t part = 32;
    if (f > out.back().end) out.push_back({f, f});
    out.back().end = f = std::min(end, f + std::max<std::int64_t>(1, (f - out.back().first) / part));
  }
  return out;
}

}  // namespace tiltlab
