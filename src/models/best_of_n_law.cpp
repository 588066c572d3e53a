#include "models/best_of_n_law.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <optional>
#include <utility>

#include "error.hpp"
#include "laws/counts.hpp"
#include "laws/finite.hpp"
#include "laws/memoryless.hpp"
#include "models/moved_rewards.hpp"
#include "models/tokens.hpp"
#include "numerics/cold.hpp"
#include "numerics/log_domain.hpp"
#include "policies/best_of_n.hpp"
#include "policies/kl_rl.hpp"

namespace tiltlab {

namespace {

/** Below this depth the law is near its centre, and no tilt is needed to see it. */
constexpr double shallow = 2;

/** Relative error of best-of-N under which an inverted law is taken. */
constexpr double good_enough = 2e-11;
/** The same for laws of so many levels that no exact method is quick, of one and of each of many. */
constexpr double fair_enough = 1e-5;
constexpr double fair_enough_of_many = 1e-4;

/** The same for rewards that share no lattice, before they are moved to one; of one law near its mean, where moving
 * them costs least, and of one of many or one that is tilted. */
constexpr double enough_near_mean = 1e-9;
constexpr double enough = 1e-5;

/** Intervals of a lattice so fine that sums of 10^9 tokens still count its points in an int64. */
constexpr std::int64_t fine_intervals = std::int64_t{1} << 31;
/** What making a split token costs for each of its rewards, and an optimum on it for each level, in multiplications. */
constexpr double splitting_work = 30;
constexpr double solving_work = 500;
/** Of what a nat buys, how much of best-of-N's reward a point of a curve may miss: a gap is worth some tenths of it at
 * least, and grows with the logarithm of the length. */
constexpr double of_a_nat = 2e-3;
/** How much of its KL, and of a nat. */
constexpr double nats_of_many = 1e-3;
/** Tokens, of very many kinds, whose compositions a curve may list. */
constexpr std::int64_t longest_counted_of_many = 8;
/** N P(r > rho) at the lowest level that need be listed. */
constexpr double most_above_lowest = 40;
/** Steps of a lattice past which listing compositions may be cheaper than listing levels. */
constexpr std::int64_t finest_walked = 4096;
/** Multiplications that cost no more than an inversion. */
constexpr double quick_convolution = 2e4;
/** Lattices of more steps than this are longer than what few compositions reach. */
constexpr std::int64_t longest_quick_lattice = 64;

/** The same alpha on another lattice of the same rewards. */
double rescaled(double b, const TokenLaw& from, const TokenLaw& to) { return b * (to.unit / from.unit).value(); }

}  // namespace

namespace {

/** Mass of best-of-N at the last level of a law that goes on. */
constexpr double most_at_end = 1e-6;

}  // namespace

TokenTilt tilt_for_depth(const TokenLaw& token, std::int64_t length, double depth, const TokenTilt& tilt) {
  if (depth < shallow) {
    const double others = std::accumulate(token.p.begin() + 1, token.p.end(), 0.0) * static_cast<double>(length);
    return others < rare_share ? solve_tilt(token, DoubleDouble(shows_rare) / from_integer(length)) : tilt_at(token, 0);
  }
  const double steepest = steepest_tilt(token, length, tilt.b);
  return tilt.b > steepest ? tilt_at(token, steepest) : tilt;
}

double of_losses(const Metrics& m, double relative) { return (1 - m.win_rate) * relative + 1e-15; }

BestOfNLaw best_of_n_on(RewardLaw law, DoubleDouble log_n) {
  BestOfNLaw out;
  out.policy = best_of_n(law, log_n);
  out.metrics = metrics(law, out.policy);
  if (!law.log_error.empty() || law.relative_error > 0) {
    const BestOfNError error = best_of_n_error(law, out.policy, out.metrics, log_n);
    const double unit = law.unit.value();
    // What a missing share of mass may change: levels some spreads away, and log ratios of some tens.
    const double defect = out.metrics.mass_defect;
    const double relative = law.log_error.empty() && law.relative_error < 1e-10 ? 0 : law.relative_error;
    const double spread = unit * out.metrics.offset_sd;
    out.errors.reward = unit * error.offset + 10 * spread * (defect + relative);
    out.errors.reward_sd = unit * error.offset_sd + 20 * spread * (defect + relative) + 1e-15 * spread;
    out.errors.kl = error.kl + 10 * defect + (relative + 1e-15) * std::max(1.0, out.metrics.kl);
    // Mass that was lost may be of levels where every draft loses.
    out.errors.win_rate =
        of_losses(out.metrics, error.kl + 2 * defect + relative + law.relative_error) + (defect > 1e-9 ? defect : 0);
  }
  // A law that ends where best-of-N is tells nothing of what lies above.
  if (!law.to_top && law.stride * out.policy.mass.back() > most_at_end)
    out.errors = {infinity, infinity, infinity, infinity, infinity};
  out.law = std::move(law);
  return out;
}

namespace {

/** The largest of the errors against the numbers themselves: what decides whether another method is tried. */
double worst(const BestOfNLaw& at) {
  const double reward = std::fabs((at.law.base + at.law.unit * (at.law.center + at.metrics.offset)).value());
  const double of_reward = at.errors.reward / std::max(at.law.unit.value(), reward);
  const double of_kl = at.errors.kl / std::max(1.0, at.metrics.kl);
  // What is not a number is no law.
  return of_reward + of_kl >= 0 ? std::max(of_reward, of_kl) : infinity;
}

/** Compositions that are listed rather than any other method tried, and at most. */
constexpr double few_compositions = 4000;
constexpr double quickly_listed_compositions = 3e4;
constexpr double quickly_summed = 5e4;
/** The same where the other method finds frequencies one by one. */
constexpr double sooner_summed = 2e5;
constexpr double most_compositions = 4e5;

/** The exponents of a tilt, averaged over a law's levels, against its KL: past it that loses a digit. */
constexpr double largest_exponent = 100;

/** The tilt under which all counts are listed: where rewards are far apart a tilt would leave the far ones none of
 * their digits. */
TokenTilt listing_tilt(const TokenLaw& token, const TokenTilt& near) {
  constexpr double digits = 1e12;
  return near.b * token.position.back() > digits ? tilt_at(token, 0) : near;
}

/** By counts of tokens: all of them, or those that best-of-N visits. */
std::optional<BestOfNLaw> by_counts(const Tokens& model, DoubleDouble log_n, const TokenTilt& near, double most) {
  const TokenLaw& token = model.token;
  const bool wide = near.b * token.position.back() * static_cast<double>(model.length) > 1e18;
  auto all = [&, tilt = listing_tilt(token, near)]() mutable -> std::optional<BestOfNLaw> {
    for (;;) {
      auto law = counted_law(token, model.length, tilt, std::nullopt, most);
      if (!law) return std::nullopt;
      BestOfNLaw out = best_of_n_on(*std::move(law), log_n);
      // Far from the tilt's centre a mass is the difference of two large logarithms: where such a level says more of
      // the KL than it knows, none is tilted.
      double exponents = 0;
      for (std::size_t j = 0; j < out.law.size(); ++j)
        exponents += (std::exp(out.law.log_mass[j] - out.law.log_scale.value()) + out.policy.mass[j]) *
                     std::fabs(out.law.offset[j]);
      if (!(tilt.b * exponents > largest_exponent * out.metrics.kl)) return out;
      tilt = tilt_at(token, 0);
    }
  };
  if (count_types(token, model.length) <= (wide ? most : std::min(most, few_compositions))) {
    if (auto found = all()) return found;
  }
  // As the visited levels of an inversion, lower where those found are not yet surely passed by some draft. Without a
  // tilt all that is not out of the question, jumps of rare tokens too.
  double low = near.b > 0 ? 12 / near.b : -anywhere.low;
  const double high = near.b > 0 ? 40 / near.b : anywhere.high;
  std::size_t listed = 0;
  constexpr int widenings = 8;
  for (int i = 0; i < widenings; ++i, low *= 2) {
    auto law = counted_law(token, model.length, near, Reach{-low, high}, most);
    if (!law) return all();
    if (law->size() == 0) continue;
    const double lowest = (log_n - law->log_scale).value() + law->log_above.front();
    // Few drafts pass every level: then the list grows no more,
    const bool ends = !(near.b > 0 && lowest < std::log(most_above_lowest));
    if (!ends && law->size() != listed) {
      listed = law->size();
      continue;
    }
    BestOfNLaw out = best_of_n_on(*std::move(law), log_n);
    // unless what it lacks is below a gap, as the base's one level is below jumps that hardly ever occur.
    if (!ends && out.metrics.mass_defect > most_at_end && i + 1 < widenings) continue;
    // Counts past e^-46 are not listed, such as one more jump of a rare token, which may be far.
    // Which best-of-N may want all the same: what it lacks of its mass tells.
    const double lacked = out.metrics.mass_defect > 1e-6 ? out.metrics.mass_defect : 0;
    const double missed = std::exp(near.b > 0 ? -46 : log_n.value() - 46) + lacked;
    const double far = 3 * token.position.back() * token.unit.value();
    const double sd = std::max(out.metrics.offset_sd * out.law.unit.value(), std::sqrt(missed) * far);
    out.errors.reward += missed * far;
    if (sd > 0) out.errors.reward_sd += missed * far * far / (2 * sd);
    return out;
  }
  return std::nullopt;
}

}  // namespace

TILTLAB_COLD void add_waves(BestOfNLaw& to, const Waves& waves, double log_n, double b, double slope, double share) {
  to.waves = waves;
  to.slope = b;
  // Few drafts tell little of it: of one draft the law is the base's own.
  const double told = b > 0 ? 1 : std::min(1.0, log_n);
  const double all = told * (waves.first + 1.5 * waves.second);
  double left = all;
  if (b > 0) {
    const double found = waves.second - waves.assumed;
    to.metrics.offset += DoubleDouble(-found / b);
    to.metrics.offset_sd = std::sqrt(to.metrics.offset_sd * to.metrics.offset_sd + 2 * found / (b * b));
    // A share of it, the next order, and what was not found.
    left -= (1.5 - share - 2 * waves.second) * found;
  }
  const double fall = to.law.unit.value() / slope;
  to.errors.reward += left * fall;
  to.errors.reward_sd += 2 * left * fall;
  to.errors.kl += 2 * told * all;
  to.errors.win_rate += of_losses(to.metrics, 2.5 * told * all);
}

BestOfNLaw for_other_policies(BestOfNLaw of) {
  if (!(of.slope > 0)) return of;
  const double fall = of.law.unit.value() / of.slope;
  of.errors.reward += 1.5 * of.waves.second * fall;
  of.errors.reward_sd += 3 * of.waves.second * fall;
  return of;
}

namespace {

/** What moving the rewards of a law to prove it smooth costs a token, and the walks along its main lobe, about. */
constexpr double moving_work = 1000;
/** The same of a law whose floor is known from a transform. */
constexpr double transforming_work = 200;
constexpr double walking_work = 5e4;
constexpr double most_walking_work = 1.5e7;

/** Rare tokens that jump out of the window around the mean of `n` tokens, in steps: their sums fold back into it. */
struct Jumps {
  double mass = 0;
  double first = 0;
  double second = 0;
};
Jumps jumps_of(const InversionToken& t, double n) {
  const double window = 9.3 * std::sqrt(n * t.variance);
  Jumps out;
  for (std::size_t i = 0; i < t.weight.size(); ++i) {
    const double far = std::fabs(t.centred[i]);
    if (!(far > window)) continue;
    out.mass += n * t.weight[i];
    out.first += n * t.weight[i] * far;
    out.second += n * t.weight[i] * far * far;
  }
  return out;
}

/** Where the frequencies end that a law taken for smooth is inverted by: it is told so where that is not its own main
 * lobe's. Empty where rewards are too near to one another for it, or too many frequencies count. */
TILTLAB_COLD std::optional<double> smooth_edge(InversionToken& smooth, std::int64_t length) {
  if (!is_resolved(smooth)) return std::nullopt;
  if (const auto edge = lobe_edge_of(smooth, length)) return edge;
  const auto edge = calm_edge_of(smooth, length);
  smooth.edge = edge.value_or(0);
  return edge;
}

/** Whether the log of a law's density changes faster than it falls where best-of-N lies: then it is one of clusters, in
 * each of which waves count for more than against the whole. @param slope of the log of its tail, a step */
TILTLAB_COLD bool is_rugged(const BestOfNLaw& at, double slope) {
  double square = 0;
  for (std::size_t j = 0; j + 1 < at.law.size(); ++j) {
    const double mass = at.law.stride * std::min(at.policy.mass[j], at.policy.mass[j + 1]);
    if (!(mass > 1e-9)) continue;
    const double down = (at.law.log_mass[j] - at.law.log_mass[j + 1]) / at.law.distance(j + 1, j);
    square += mass * down * down;
  }
  return !(square < 2 * slope * slope);
}

/** Whether no frequencies of so few of very many tokens are quiet: on average |psi|^2 is the sum of squared weights. */
TILTLAB_COLD bool is_never_quiet(const TokenLaw& token, std::span<const double> weights, std::int64_t length) {
  const double mean = std::inner_product(weights.begin(), weights.end(), weights.begin(), 0.0);
  return token.size() > many_tokens && mean > 4 * std::exp(-80 / static_cast<double>(length));
}

/** A token's law on another lattice, and its tilt there. */
struct MovedToken {
  TokenLaw law;
  TokenTilt tilt;
};

/** Sums on a long lattice are smooth on it. Those on a short one that all of its frequencies do not find are taken for
 * smooth between its points, too. */
bool stays_on_lattice(const TokenLaw& token) { return is_fine(token) && !token.lattice.empty(); }

TILTLAB_COLD MovedToken on_smooth_lattice(const TokenLaw& token, const TokenTilt& tilt) {
  MovedToken out{smooth_lattice(token, tilt.weights), {}};
  out.tilt = tilt_at(out.law, rescaled(tilt.b, token, out.law));
  return out;
}

/** The token as it is taken for smooth: of very many tokens, whose tilt is often one for all lengths, it is kept. */
TILTLAB_COLD std::shared_ptr<const SmoothToken> smooth_token(const Tokens& model, const TokenTilt& near,
                                                             Workbench& bench) {
  const bool many = model.token.size() > many_tokens;
  // Shorter sequences have higher frequencies.
  if (bench.smooth && bench.smooth->near_b == near.b && bench.smooth->length <= model.length) return bench.smooth;
  MovedToken moved =
      stays_on_lattice(model.token) ? MovedToken{model.token, near} : on_smooth_lattice(model.token, near);
  SmoothToken out{near.b, model.length, std::move(moved.law), {}};
  out.token = many ? smooth_by_split(out.fine, moved.tilt, model.length)
                   : smooth_inversion_token(out.fine, moved.tilt, model.length);
  const auto tokens = static_cast<double>(model.token.size());
  out.work = out.token.clear_to > 0 ? transforming_work * tokens
                                    : moving_work * tokens + std::min(walking_work * tokens, most_walking_work);
  auto made = std::make_shared<const SmoothToken>(std::move(out));
  if (many && bench.several) bench.smooth = made;
  return made;
}

/** Rewards that share no lattice are taken for smooth at the scale of best-of-N, where their waves allow it. */
TILTLAB_COLD std::optional<BestOfNLaw> as_smooth(const Tokens& model, DoubleDouble log_n, const TokenTilt& near,
                                                 Workbench& bench) {
  if (is_never_quiet(model.token, near.weights, model.length)) return std::nullopt;
  const auto kept = bench.smooth;
  const auto made = smooth_token(model, near, bench);
  const TokenLaw& fine = made->fine;
  InversionToken smooth = made->token;
  const auto edge = smooth_edge(smooth, model.length);
  if (!edge) return std::nullopt;
  const auto n = static_cast<double>(model.length);
  // Without a tilt best-of-N lies near the mean, where the tail falls by no more than e^2 in a standard deviation.
  const double slope = near.b > 0 ? smooth.b : 2 / std::sqrt(n * smooth.variance);
  const Waves waves = waves_of(smooth, n, *edge, slope, bench.several ? 1e5 : 1e6);
  if (waves.first > 1e-5 || waves.second > 1e-4) return std::nullopt;
  auto law = memoryless_law(fine, model.length, smooth);
  if (!law) return std::nullopt;
  law->work += waves.work + (made == kept ? 0 : made->work);
  BestOfNLaw out = best_of_n_on(*std::move(law), log_n);
  if (is_rugged(out, slope)) return std::nullopt;
  // Lobes are known by their heights, not by their share where best-of-N lies.
  constexpr double share = 1.25;
  add_waves(out, waves, log_n.value(), near.b > 0 ? smooth.b : 0, slope, share);
  // No draft is drawn more than N times as often as by the base, and that is under 8 where no tilt is needed.
  const Jumps jumps = jumps_of(smooth, n);
  const double most = near.b > 0 ? 1 : 8;
  out.errors.reward += most * jumps.first * fine.unit.value();
  out.errors.reward_sd += std::sqrt(most * jumps.second) * fine.unit.value();
  out.errors.kl += 4 * most * jumps.mass;
  out.errors.win_rate += most * jumps.mass;
  return out;
}

/** log of the mass that a listed law may lack on either side and best-of-N be the same to its last digits. */
constexpr double unseen = -42;
/** log N from which best-of-N's gain is known as a difference from the base. */
constexpr double apart = 0.1;

/** The same on those levels alone of a law that lists all which best-of-N visits. */
BestOfNLaw lay_visited(const RewardLaw& law, DoubleDouble log_n) {
  const double depth = (log_n - law.log_scale).value();
  const auto count = [](const std::vector<double>& of, const auto& passed) {
    return static_cast<std::size_t>(std::partition_point(of.begin(), of.end(), passed) - of.begin());
  };
  // F^N is at most F, and at most e to the minus N P(r > rho).
  const std::size_t without = count(law.log_above, [&](double x) { return depth + x > std::log(-unseen); });
  const std::size_t least = count(law.below, [](double x) { return x < std::exp(unseen); });
  const std::size_t first = std::max(without, std::max<std::size_t>(least, 1) - 1);
  const std::size_t last = std::min(count(law.log_above, [&](double x) { return depth + x > unseen; }) + 1, law.size());
  if (log_n.value() > apart && last - first < law.size()) {
    const auto cut = [&](const std::vector<double>& x) {
      return std::vector<double>(x.begin() + static_cast<std::ptrdiff_t>(first),
                                 x.begin() + static_cast<std::ptrdiff_t>(last));
    };
    RewardLaw part;
    part.base = law.base;
    part.unit = law.unit;
    part.center = law.center;
    part.log_scale = law.log_scale;
    part.relative_error = law.relative_error;
    part.offset = cut(law.offset);
    part.log_mass = cut(law.log_mass);
    part.log_above = cut(law.log_above);
    part.below = cut(law.below);
    part.gold = cut(law.gold);
    part.from_least = law.from_least && first == 0;
    part.complete = law.complete && first < std::max<std::size_t>(least, 1);
    BestOfNLaw out = best_of_n_on(std::move(part), log_n);
    // A small KL is a sum over all levels of the base.
    if (out.metrics.kl >= 1 || out.law.complete) return out;
  }
  return best_of_n_on(law, log_n);
}

/** Rewards brought to a lattice: split between its points where that is fair enough, or moved to them. */
TILTLAB_COLD std::optional<BestOfNLaw> on_a_lattice(const Tokens& model, DoubleDouble log_n, const TokenTilt& near,
                                                    bool is_one_of_many) {
  auto split = on_split_rewards(model, log_n, is_one_of_many ? window_of_many : affordable_window);
  const bool rough = is_one_of_many || model.token.size() > many_tokens;
  if (split && worst(*split) < (rough ? 1e-5 : 1e-9)) return split;
  // What is off by more would not rise with N along a curve.
  if (is_one_of_many && split && !(worst(*split) < 5e-4)) split.reset();
  auto moved = on_moved_rewards(model, log_n, near);
  return split && (!moved || worst(*split) < worst(*moved)) ? std::move(split) : std::move(moved);
}

/** What is tried on a lattice, and the best of it. */
class Trials {
 public:
  Trials(const Tokens& model, DoubleDouble log_n, const TokenTilt& near, Workbench& bench)
      : model_(model),
        log_n_(log_n),
        near_(near),
        // A tilt costs digits; without one, levels down to e^-700 stay in range.
        in_range_(log_n.value() < 600 ? tilt_at(model.token, 0) : near),
        bench_(bench) {}

  /** Whether another N needed the law that lists every level, which holds for this one too. */
  [[nodiscard]] bool is_listed() const { return in_range_.b == 0 && has_listed(); }
  /** The optimum, as an inversion takes it. */
  [[nodiscard]] InversionToken own() const {
    return bench_.tilted && near_.b == bench_.tilted->b ? *bench_.tilted : inversion_token(model_.token, near_);
  }

  // Each tells whether the best is good enough with it.
  bool counted(double most) { return keep(by_counts(model_, log_n_, near_, most)); }
  bool smooth() { return keep(as_smooth(model_, log_n_, near_, bench_)); }
  bool brought() { return keep(on_a_lattice(model_, log_n_, near_, bench_.several)); }
  bool inverted(const InversionToken& t) {
    auto law = memoryless_law(model_.token, model_.length, t);
    return keep(law ? std::optional(best_of_n_on(*std::move(law), log_n_)) : std::nullopt);
  }

  /** Token by token: without noise, every level keeps its own digits, however near to saturation. */
  BestOfNLaw added() {
    if (in_range_.b > 0) return best_of_n_on(convolved_law(model_.token, model_.length, in_range_), log_n_);
    // Without a tilt it is one law for all N.
    if (!has_listed()) {
      bench_.listed = convolved_law(model_.token, model_.length, in_range_);
      bench_.listed_length = model_.length;
    } else {
      bench_.listed->work = 0;
    }
    if (!bench_.several) return best_of_n_on(*std::move(bench_.listed), log_n_);
    const double work = bench_.listed->work;
    BestOfNLaw out = lay_visited(*bench_.listed, log_n_);
    out.law.work = work;
    return out;
  }

  [[nodiscard]] bool is_fair() const {
    return best_ && worst(*best_) < (bench_.several ? fair_enough_of_many : fair_enough);
  }
  /** Whether an inversion would need more levels than are quickly summed. */
  [[nodiscard]] bool is_wide(const InversionToken& own) const {
    constexpr double quick_window = 1 << 18;
    return 18.6 * std::sqrt(static_cast<double>(model_.length) * own.variance) > quick_window;
  }
  std::optional<BestOfNLaw> best() { return std::move(best_); }

 private:
  [[nodiscard]] bool has_listed() const { return bench_.listed && bench_.listed_length == model_.length; }
  bool keep(std::optional<BestOfNLaw> found) {
    if (found) bench_.work += found->law.work;
    if (found && (!best_ || worst(*found) < worst(*best_))) best_ = std::move(found);
    return best_ && worst(*best_) < good_enough;
  }

  const Tokens& model_;
  DoubleDouble log_n_;
  const TokenTilt& near_;
  TokenTilt in_range_;
  Workbench& bench_;
  std::optional<BestOfNLaw> best_;
};

/**
 * Best-of-N on the law of a sum on a lattice: where the method is chosen. The first that holds, from the top:
 *
 *   added      where that costs no more than an inversion, or was done for another N
 *   counted    on a long lattice whose law has further lobes: few compositions are sooner listed than its levels
 *   inverted   around the optimum's own level, unless a fine lattice has more levels than are quickly summed
 *   added      at any price that is paid at all: short or near saturation, the levels that best-of-N visits are far
 *              apart in probability, and the inversion's noise, the same at all of them, drowns some
 *   smooth     on a fine lattice: of very many levels none matters by itself; a fair law is taken here
 *   brought    to a coarser lattice, where that is not fair
 *   counted    as many compositions as may be
 *   smooth     on a lattice that is not fine, but has further lobes and too many levels
 *   inverted   around a half and a quarter of the way to the optimum, where the noise falls otherwise
 *
 * and where none holds the best that was found, if any was.
 */
std::optional<BestOfNLaw> on_lattice(const Tokens& model, DoubleDouble log_n, const TokenTilt& near, Workbench& bench,
                                     double most_listed) {
  const TokenLaw& token = model.token;
  Trials trials(model, log_n, near, bench);
  const double cost_of_adding = convolution_cost(token, model.length);
  if (cost_of_adding <= quick_convolution || trials.is_listed()) return trials.added();

  const InversionToken own = trials.own();
  // Compositions of many tokens are few in the shortest sequences alone.
  const bool countable = !(bench.several && token.size() > many_tokens && model.length > longest_counted_of_many);
  const bool many_lobes = countable && token.lattice.back() > longest_quick_lattice && !lobe_edge_of(own, model.length);
  if (many_lobes && trials.counted(quickly_listed_compositions)) return trials.best();

  const bool many_levels = is_fine(token);
  if (!(many_levels && (bench.several || trials.is_wide(own))) && trials.inverted(own)) return trials.best();

  if (cost_of_adding <= max_convolution) return trials.added();

  if (many_levels && trials.smooth()) return trials.best();
  if (many_levels && !trials.is_fair()) trials.brought();
  if (trials.is_fair()) return trials.best();
  if (trials.counted(most_listed)) return trials.best();

  if (many_lobes && near.b > 0 && !many_levels && trials.smooth()) return trials.best();

  for (const double share : {0.5, 0.25}) {
    if (trials.inverted(inversion_token(token, solve_tilt(token, near.kl * DoubleDouble(share))))) break;
  }
  return trials.best();
}

/** The law of rewards that share no lattice, from the first that holds: counted, or taken for smooth. */
std::optional<BestOfNLaw> off_lattice(const Tokens& model, DoubleDouble log_n, const TokenTilt& near,
                                      double most_listed, Workbench& bench) {
  const bool is_one_of_many = bench.several;
  std::optional<BestOfNLaw> found = by_counts(model, log_n, near, most_listed);
  if (!found) found = as_smooth(model, log_n, near, bench);
  // Rewards that nearly share a lattice are sooner moved to it.
  const double most = near.b > 0 || is_one_of_many ? enough : enough_near_mean;
  if (found && (found->metrics.mass_defect > 1e-5 || worst(*found) > most)) {
    auto moved = on_a_lattice(model, log_n, near, is_one_of_many);
    if (moved && worst(*moved) < worst(*found)) found = std::move(moved);
  }
  return found;
}

/** One draw, or draws of one reward: the law is the token's own. */
bool is_elementary(const Tokens& model) { return model.length == 1 || model.token.size() == 1; }
RewardLaw elementary_law(const Tokens& model) {
  RewardLaw law = finite_law(model.token);
  law.base = law.base * from_integer(model.length);
  if (model.length > 1) law.gold.front() *= static_cast<double>(model.length);
  return law;
}

/** Absolute error of best-of-N's gold: what that of its reward makes of it, and that of each level's own. */
TILTLAB_COLD double gold_error(const Tokens& model, const BestOfNLaw& at) {
  const RewardLaw& law = at.law;
  const TokenLaw& token = model.token;
  double largest = 0;
  for (const double g : token.gold) largest = std::max(largest, std::fabs(g));
  double second = 0;
  double noise = 0;
  for (std::size_t j = 0; j < law.size(); ++j) {
    const double mass = law.stride * at.policy.mass[j];
    const double off = law.gold[j] - at.metrics.gold;
    second += mass * off * off;
    if (!law.log_error.empty() && law.gold_error > 0)
      noise += mass * std::exp(law.log_error[j] - law.log_mass[j]) * law.gold_error;
  }
  // What a step of the reward goes with: along the policy's levels, or from token to token where there is but one.
  const double step = at.metrics.offset_sd > 0 ? std::sqrt(second) / (at.metrics.offset_sd * law.unit.value())
                                               : 2 * largest / (token.position.back() * token.unit.value());
  return step * at.errors.reward + noise + law.relative_error * largest * static_cast<double>(model.length);
}

}  // namespace

RewardLaw top_alone(const Tokens& model, DoubleDouble depth) {
  RewardLaw law;
  law.base = (model.token.base + model.token.unit * model.token.step.back()) * from_integer(model.length);
  law.unit = model.token.unit;
  law.offset = {0};
  law.log_mass = {0};
  law.log_above = {-infinity};
  law.below = {-std::expm1(-depth.value())};
  law.gold = {model.token.gold.back() * static_cast<double>(model.length)};
  law.log_scale = depth;
  return law;
}

TILTLAB_COLD const SplitRewards* split_of_many(const Tokens& model, Workbench& bench) {
  if (model.token.size() <= many_tokens || !is_fine(model.token) || is_elementary(model)) return nullptr;
  if (!bench.split || bench.split->length() != model.length) {
    const bool few_lobes = model.length >= shortest_of_few_lobes;
    bench.split = std::make_shared<const SplitRewards>(SplitRewards::of_many(model, few_lobes));
    bench.work += splitting_work * static_cast<double>(model.token.size());
  }
  return bench.split->is_too_far() ? nullptr : bench.split.get();
}

TILTLAB_COLD std::optional<BestOfNLaw> best_of_n_of_many(const Tokens& model, DoubleDouble log_n, Workbench& bench) {
  if (!(log_n.value() > 0) || !split_of_many(model, bench)) return std::nullopt;
  auto found = bench.split->best_of_n(log_n);
  if (!found && bench.split->few_lobes()) {
    bench.split = std::make_shared<const SplitRewards>(SplitRewards::of_many(model, false));
    found = bench.split->best_of_n(log_n);
  }
  bench.work += solving_work * static_cast<double>(bench.split->law().size());
  if (!found) return std::nullopt;
  bench.work += found->law.work;
  const double slope = found->slope / found->law.unit.value();
  if (!(found->errors.reward * slope < of_a_nat * std::max(1.0, std::log(static_cast<double>(model.length))) &&
        found->errors.kl < nats_of_many * std::max(1.0, found->metrics.kl)))
    return std::nullopt;
  if (model.token.has_gold()) found->errors.gold = gold_error(model, *found);
  return found;
}

/**
 * The order of methods:
 *
 *   elementary    one draw, or one reward
 *   top alone     budgets past all that the rewards can tell
 *   of many       very many tokens' rewards, split: for a point of a curve
 *   on_lattice    rewards that share a lattice        } unless they failed at this length before
 *   off_lattice   rewards that share none             }
 *   on_a_lattice  rewards split or moved to a lattice that a window can hold, where nothing else held
 */
BestOfNLaw best_of_n_law(const Tokens& model, DoubleDouble log_n, const TokenTilt& tilt, Workbench* kept) {
  Workbench own;
  own.several = false;
  Workbench& bench = kept ? *kept : own;
  // One law of many must not take what the others need.
  const double most_listed = kept ? quickly_summed : most_compositions;
  const TokenLaw& token = model.token;
  if (is_elementary(model)) return best_of_n_on(elementary_law(model), log_n);

  const DoubleDouble top_depth = kl_max(token) * from_integer(model.length);
  if ((log_n - top_depth).value() > certain_depth) return best_of_n_on(top_alone(model, top_depth), log_n);

  if (kept) {
    if (auto quick = best_of_n_of_many(model, log_n, bench)) return *std::move(quick);
  }
  const TokenTilt near = tilt_for_depth(token, model.length, log_n.value(), tilt);
  const bool failed_before = bench.moved_length == model.length;
  std::optional<BestOfNLaw> found;
  if (!failed_before)
    found = token.lattice.empty() ? off_lattice(model, log_n, near, most_listed, bench)
                                  : on_lattice(model, log_n, near, bench, most_listed);
  if (!found) {
    // What the methods before it cost in vain, and the search for a lattice.
    bench.work += failed_before ? 5e5 : 1e7;
    bench.moved_length = model.length;
    found = on_a_lattice(model, log_n, near, kept != nullptr);
  }
  if (!found) {
    throw NumericalError("model.length: " + std::to_string(model.length) +
                         " tokens of these rewards have too many sums for any method");
  }
  bench.work += found->law.work + 50 * static_cast<double>(found->law.size()) + 100 * static_cast<double>(token.size());
  // Less than that stands in the errors.
  if (!(found->metrics.mass_defect <= 0.01) || !std::isfinite(found->metrics.offset.value())) {
    throw NumericalError("model.length: best-of-N lost " + to_text(found->metrics.mass_defect) +
                         " of its mass at log N = " + to_text(log_n.value()));
  }
  if (token.has_gold()) found->errors.gold = gold_error(model, *found);
  return *std::move(found);
}

bool is_of_many(const TokenLaw& token) { return is_fine(token) && token.size() > many_tokens; }

bool is_fine(const TokenLaw& token) { return token.lattice.empty() || token.lattice.back() > finest_walked; }

namespace {

double composition_cost(const TokenLaw& token, std::int64_t length) {
  const double types = count_types(token, length);
  return types <= max_types ? 20 * types : infinity;
}

double listing_cost(const TokenLaw& token, std::int64_t length) {
  const double counted = composition_cost(token, length);
  return is_fine(token) ? std::min(counted, convolution_cost(token, length)) : convolution_cost(token, length);
}

}  // namespace

std::int64_t listable_length(const Tokens& model, double cost) {
  const TokenLaw& token = model.token;
  const auto affordable = [&](std::int64_t n) { return n == 1 || listing_cost(token, n) <= cost; };
  if (affordable(model.length)) return model.length;
  std::int64_t length = 1;
  std::int64_t most = model.length;
  while (most - length > 1) {
    const std::int64_t middle = length + (most - length) / 2;
    (affordable(middle) ? length : most) = middle;
  }
  return length;
}

RewardLaw listed_law(const Tokens& model, const TokenTilt& near) {
  const TokenLaw& token = model.token;
  if (is_elementary(model)) return elementary_law(model);
  if (is_fine(token) && composition_cost(token, model.length) < convolution_cost(token, model.length)) {
    const bool steep =
        near.saturated() || is_far(token) || static_cast<double>(model.length) * kl_max(token).value() < 600;
    auto law = counted_law(token, model.length, steep ? tilt_at(token, 0) : near, std::nullopt, max_types);
    if (!law) throw NumericalError("model.length: too many token compositions to list");
    return *std::move(law);
  }
  const bool in_range = static_cast<double>(model.length) * kl_max(token).value() < 600;
  return convolved_law(token, model.length, in_range || near.saturated() ? tilt_at(token, 0) : near);
}

namespace {

/** P(S_phi <= S_p) <= e^(n (2 Lambda(b/2) - Lambda(b))): all that is known where no method is affordable. */
LossOf at_most_chernoff(const Tokens& model, const TokenTilt& tilt) {
  const DoubleDouble halfway = tilt_at(model.token, tilt.b / 2).lambda;
  const double most =
      std::exp(std::min(0.0, (from_integer(model.length) * (DoubleDouble(2) * halfway - tilt.lambda)).value()));
  return {most / 2, most / 2};
}

}  // namespace

namespace {

/**
 * P(S_phi < S_p) + P(S_phi = S_p)/2 over the sums near the halfway tilt, where the two meet: with q its masses and u
 * their tails, both as in the inversion, e^(n (2 Lambda(b/2) - Lambda(b))) sum_j q_j (u_j + q_j / 2).
 */
TILTLAB_COLD std::optional<LossOf> loss_by_counts(const Tokens& model, const TokenTilt& tilt) {
  const TokenTilt halfway = tilt_at(model.token, tilt.b / 2);
  const auto law = counted_law(model.token, model.length, halfway, anywhere, sooner_summed);
  if (!law) return std::nullopt;
  double sum = 0;
  for (std::size_t j = 0; j < law->size(); ++j) {
    const double q = law->log_mass[j] + tilt.b * law->offset[j];
    sum += std::exp(q + law->log_above[j]) + std::exp(q + law->log_mass[j]) / 2;
  }
  const DoubleDouble log_c = from_integer(model.length) * (DoubleDouble(2) * halfway.lambda - tilt.lambda);
  const double loss = std::exp(std::min(0.0, log_c.value())) * sum;
  return LossOf{loss, loss * law->relative_error + 1e-15};
}

}  // namespace

TokenLaw smooth_lattice(const TokenLaw& token, std::span<const double> weights) {
  return on_rounded_lattice(token, weights, fine_intervals);
}

namespace {

/** P(r_phi < r_p) + P(r_phi = r_p) / 2 of one draw each: a sum of positive terms from the top. */
double one_draw_loss(const TokenLaw& token, const TokenTilt& tilt) {
  double loss = 0;
  DoubleDouble above = 0;
  for (std::size_t i = token.size(); i-- > 0;) {
    loss += tilt.weights[i] * (above.value() + token.p[i] / 2);
    above += token.probability[i];
  }
  return loss;
}

}  // namespace

TILTLAB_COLD LossOf kl_rl_loss(const Tokens& model, const TokenTilt& tilt) {
  if (tilt.b == 0) return {0.5, 0};
  // |win rate - 1/2| is at most the total variation, and that sqrt(KL / 2) (Pinsker).
  constexpr double faint = 1e-9;
  const double most = std::sqrt(std::max(0.0, (from_integer(model.length) * tilt.kl).value()) / 2);
  if (most < faint) return {0.5 - most / 2, most};
  if (tilt.saturated()) {
    return {std::exp(-(kl_max(model.token) * from_integer(model.length)).value()) / 2, 0};
  }
  const TokenLaw& token = model.token;
  if (model.length == 1) return {one_draw_loss(token, tilt), 0};
  const auto fair = [](const std::optional<LossOf>& loss) { return loss && loss->error_bound <= 1e-5 * loss->value; };
  const bool many = is_of_many(token);
  const bool long_lattice = is_fine(token) || token.lattice.back() > longest_quick_lattice;
  const bool countable = !many || model.length <= longest_counted_of_many;
  if (countable && long_lattice &&
      (token.lattice.empty() || !lobe_edge_of(inversion_token(token, tilt_at(token, tilt.b / 2)), 2 * model.length))) {
    if (const auto loss = loss_by_counts(model, tilt)) return *loss;
  }
  const auto by_levels = [&]() -> std::optional<LossOf> {
    const auto loss = token.lattice.empty() ? std::nullopt : tilt_loss(token, model.length, tilt);
    return loss ? std::optional(LossOf{loss->value, loss->error_bound}) : std::nullopt;
  };
  if (!is_fine(token)) {
    if (const auto loss = by_levels()) return *loss;
  }
  std::optional<LossOf> split;
  if (is_never_quiet(token, tilt.weights, 2 * model.length) && fair(split = split_loss(model, tilt))) return *split;
  std::optional<MovedToken> moved_to;
  if (!stays_on_lattice(token)) moved_to = on_smooth_lattice(token, tilt);
  const TokenLaw& fine = moved_to ? moved_to->law : token;
  const TokenTilt& on_fine = moved_to ? moved_to->tilt : tilt;
  const TokenTilt halfway = tilt_at(fine, on_fine.b / 2);
  InversionToken smooth =
      many ? smooth_by_split(fine, halfway, 2 * model.length) : smooth_inversion_token(fine, halfway, model.length);
  if (const auto edge = smooth_edge(smooth, 2 * model.length)) {
    // Half the ties fall on either side; what is left is of second order.
    const auto loss = tilt_loss(fine, model.length, on_fine, halfway, smooth);
    const Waves waves = waves_of(smooth, 2 * static_cast<double>(model.length), *edge, smooth.b);
    const double jumps = jumps_of(smooth, 2 * static_cast<double>(model.length)).mass;
    const double log_c = (from_integer(model.length) * (DoubleDouble(2) * halfway.lambda - on_fine.lambda)).value();
    const double beyond = std::exp(std::min(0.0, log_c)) * smooth.b / std::numbers::pi * waves.of_difference;
    if (loss && beyond < 1e-5 * loss->value && jumps < 1e-6) return {loss->value, loss->error_bound + beyond + jumps};
  }
  // Their levels take longer than those of a coarser lattice.
  if (many && !split && fair(split = split_loss(model, tilt))) return *split;
  if (is_fine(token)) {
    if (const auto loss = by_levels()) return *loss;
  }
  if (!split && fair(split = split_loss(model, tilt))) return *split;
  const TokenLaw rounded = moved_token(model, tilt.weights);
  const auto loss = tilt_loss(rounded, model.length, tilt_at(rounded, rescaled(tilt.b, token, rounded)));
  if (!loss) return split ? *split : at_most_chernoff(model, tilt);
  const double moved =
      rounded.rounding / token.unit.value() * tilt.b * 10 * std::sqrt(static_cast<double>(model.length));
  // The loss is e^(b D / 2) averaged over a law that the moves shift by so much.
  const LossOf found{loss->value, loss->error_bound + loss->value * std::expm1(std::min(moved, 40.0))};
  return split && split->error_bound < found.error_bound ? *split : found;
}

}  // namespace tiltlab
