#include "models/scaled_token.hpp"

#include <cmath>
#include <optional>
#include <utility>

#include "error.hpp"
#include "models/best_of_n_law.hpp"
#include "numerics/log_domain.hpp"

namespace tiltlab {

double ScaledToken::reverse_exponent() const {
  const double a = optimum.b;
  return is_far(law) ? (rate + DoubleDouble(2) * exact_log_mgf(law, a / 2) - optimum.lambda).value()
                     : rate.value() + 2 * log_mgf(law, a / 2) - optimum.lambda.value();
}

std::vector<RatePoint> ScaledToken::rate_points(int each) const {
  std::vector<double> tilts = spread_tilts(law, each);
  tilts.push_back(optimum.b);
  std::sort(tilts.begin(), tilts.end());
  const RateFunctions rates(law, optimum);
  std::vector<RatePoint> points;
  for (const double at : tilts) points.push_back(rates.at(at));
  return points;
}

double ScaledToken::reverse_kl() const {
  if (saturated()) return infinity;
  // KL(p || phi) = Lambda(a) - a Lambda'(0)
  const double lambda = optimum.lambda.value();
  const bool far = is_far(law) && optimum.b > 0;
  const double below_top = (DoubleDouble(optimum.b) * law.step.back() - optimum.lambda).value();
  double sum = 0;
  for (std::size_t i = 0; i < law.size(); ++i) {
    const double y = far ? below_top - optimum.b * law.drop[i] : optimum.b * law.position[i] - lambda;
    sum += law.p[i] * exp_rest(y);
  }
  return sum;
}

std::vector<double> ScaledToken::standardised() const {
  const double deviation = sd();
  if (!(deviation > 0)) return {};
  const double centre = mean_step(law, law.p);
  std::vector<double> out;
  for (const double x : law.position) out.push_back((x - centre) / deviation);
  return out;
}

namespace {

/** KL(w || v) of two weightings of the levels. */
double kl_between(const std::vector<double>& w, const std::vector<double>& log_w, const std::vector<double>& log_v) {
  double sum = 0;
  for (std::size_t i = 0; i < w.size(); ++i) {
    if (w[i] > 0) sum += w[i] * (log_w[i] - log_v[i]);
  }
  return std::max(0.0, sum);
}

/** log of the tilted weights, from the largest reward: near it they keep their digits. */
std::vector<double> log_weights(const TokenLaw& law, const TokenTilt& tilt) {
  std::vector<double> out;
  double largest = -infinity;
  for (std::size_t i = 0; i < law.size(); ++i) {
    out.push_back(law.log_p[i] - tilt.b * law.drop[i]);
    largest = std::max(largest, out.back());
  }
  double sum = 0;
  for (const double x : out) sum += std::exp(x - largest);
  const double whole = largest + std::log(sum);
  for (double& x : out) x -= whole;
  return out;
}

/** Normalises weights given by their logarithms; both are changed. */
void normalise(std::vector<double>& log_w, std::vector<double>& w) {
  const double top = *std::max_element(log_w.begin(), log_w.end());
  double sum = 0;
  for (const double x : log_w) sum += std::exp(x - top);
  const double whole = top + std::log(sum);
  w.clear();
  for (double& x : log_w) {
    x -= whole;
    w.push_back(std::exp(x));
  }
}

}  // namespace

WeighedSteps ScaledToken::weighed(const std::vector<double>& more) const {
  const std::vector<double> optimal = log_weights(law, optimum);
  std::vector<double> log_w = optimal;
  for (std::size_t i = 0; i < more.size(); ++i) log_w[i] += more[i];
  std::vector<double> w;
  normalise(log_w, w);
  return {exact_mean(law, w), kl_between(w, log_w, law.log_p), kl_between(w, log_w, optimal)};
}

double log_normaliser(const Tokens&, std::span<const double> multiplicity, std::span<const double> reward) {
  if (multiplicity.size() != reward.size() || reward.empty())
    throw InputError("reward", "is not as long as its multiplicities");
  LogSum normaliser;
  for (std::size_t i = 0; i < reward.size(); ++i) {
    if (multiplicity[i] > 0) normaliser.add(std::log(multiplicity[i]) + reward[i]);
  }
  return normaliser.value();
}

std::int64_t longest_listed(const Tokens& m, std::int64_t most) {
  Tokens at = m;
  at.length = most;
  return listable_length(at, quickly_listed);
}

ListedSums listed_sums(const Tokens& m, const ScaledToken& t, std::int64_t length) {
  Tokens at = m;
  at.length = length;
  ListedSums out{length, listed_law(at, t.optimum)};
  out.unit = (out.law.unit / t.law.unit).value();
  const DoubleDouble least = out.law.base + out.law.unit * out.law.center;
  out.first = ((least - from_integer(length) * t.law.base) / t.law.unit).value();
  out.b = t.optimum.b * out.unit;
  return out;
}

namespace {

/**
 * The tail at the listed level nearest to `mean` steps a token, at it or beyond; the lower one of a law that lists
 * every level.
 */
Tail tail_of(const Tokens& m, const RewardLaw& law, DoubleDouble mean, bool upper) {
  const DoubleDouble n = from_integer(m.length);
  const double wanted = ((n * (m.token.base + m.token.unit * mean) - law.base) / law.unit - law.center).value();
  const auto at = std::lower_bound(law.offset.begin(), law.offset.end(), wanted - 1e-9);
  auto j = static_cast<std::size_t>(at - law.offset.begin());
  if (!upper && j > 0 && (j == law.size() || law.offset[j] > wanted + 1e-9)) --j;
  j = std::min(j, law.size() - 1);
  const double x =
      std::ldexp(((law.base + law.unit * (law.center + DoubleDouble(law.offset[j]))) / n).value(), m.token.exponent);
  const double scale = law.log_scale.value();
  if (!upper) return {x, std::log(law.below[j] + std::exp(law.log_mass[j] - scale))};
  const double larger = std::max(law.log_above[j], law.log_mass[j]);
  const double both = larger + std::log(std::exp(law.log_above[j] - larger) + std::exp(law.log_mass[j] - larger));
  return {x, both - scale};
}

/** How many tails, evenly far from one another up to the rate `end`. */
struct Marks {
  int count;
  double end;
};

/**
 * Tails of the upper side of a token law; fewer, from coarse to fine, where these take the bench past `most`
 * multiplications.
 */
std::vector<Tail> upper_tails(const Tokens& m, const Tokens& original, const RewardLaw* listed, const Marks& marks,
                              Workbench& bench, double most) {
  std::vector<std::optional<Tail>> found(static_cast<std::size_t>(marks.count));
  // Nearer to the mean a tail is no rare event, and its exponent says nothing.
  const double first = std::sqrt(2.5 / static_cast<double>(m.length));
  const double last = std::sqrt(std::min(marks.end, 0.98 * kl_max(m.token).value()));
  if (!(first < last)) return {};
  for (const std::size_t k : coarse_to_fine(found.size())) {
    if (bench.work > most) break;
    const double root = first + (last - first) * static_cast<double>(k) / (marks.count - 1);
    const TokenTilt at = solve_tilt(m.token, root * root);
    bench.work += 500 * static_cast<double>(m.token.size());
    if (listed) {
      // A law that lists every level serves both sides; a reflected token's steps count from the top.
      const bool upper = &m == &original;
      const DoubleDouble mean = upper ? at.mean : original.token.step.back() - at.mean;
      found[k] = tail_of(original, *listed, mean, upper);
    } else {
      try {
        // Each of another token: what they share is their cost.
        bench.listed.reset();
        found[k] = tail_of(m, best_of_n_law(m, from_integer(m.length) * at.kl, at, &bench).law, at.mean, true);
      } catch (const NumericalError&) {
        // No mark where no method holds.
      }
    }
  }
  std::vector<Tail> tails;
  for (const std::optional<Tail>& tail : found) {
    if (tail) tails.push_back(*tail);
  }
  return tails;
}

Tokens with(const Tokens& m, TokenLaw token) { return {std::move(token), m.length, m.sequence, m.outcomes, m.golden}; }

}  // namespace

ExactTails exact_tails(const Tokens& m, const ScaledToken& t, int count, double spent) {
  ExactTails out;
  // Rewards that share no lattice take a law of their own at every mark, unless one law lists them all.
  const bool is_listed = listable_length(m, quickly_listed) == m.length;
  if (t.law.lattice.empty() && !is_listed) return out;
  const Marks marks{count, std::max(2.2 * t.rate.value(), 0.05)};
  Workbench bench;
  bench.work = spent;
  // Both laws and both sides have their share.
  double most = 0;
  const auto next_share = [&] { return most += most_statement_work / 4; };
  for (const bool tilted_base : {false, true}) {
    const TokenLaw token = tilted_base ? reweighted(t.law, t.optimum.b) : t.law;
    ExactTails::Sides& to = tilted_base ? out.kl_rl : out.base;
    const Tokens here = with(m, token);
    std::optional<RewardLaw> listed;
    if (static_cast<double>(m.length) * marks.end < 600 && is_listed) listed = listed_law(here, tilt_at(token, 0));
    const RewardLaw* law = listed ? &*listed : nullptr;
    to.lower = upper_tails(with(m, reflected(token)), here, law, marks, bench, next_share());
    std::reverse(to.lower.begin(), to.lower.end());
    if (!law) {
      for (Tail& tail : to.lower) tail.reward_per_token = -tail.reward_per_token;
    }
    to.upper = upper_tails(here, here, law, marks, bench, next_share());
  }
  return out;
}

double TokenGains::at(std::int64_t length, const DoubleDouble& log_n) {
  m_.length = length;
  const TokenLaw& law = t_.law;
  const DoubleDouble n = from_integer(length);
  const BestOfNOutcome bon = best_of_n_outcome(m_, log_n, solve_tilt(law, log_n / n), &bench_);
  const TokenTilt same_kl = solve_tilt(law, DoubleDouble(bon.kl) / n, bon.kl_deficit / n, bon.near_b);
  const double unit = law.unit.value();
  const double all = ((n * law.unit * (same_kl.mean - mean_))).value();
  const double part = bon.at && bon.at->metrics.gain ? unit * *bon.at->metrics.gain
                                                     : (bon.reward - n * (law.base + law.unit * mean_)).value();
  // Near N = 1 the gain is a difference of two means that have 31 digits, where it has any.
  return known_share(part, all, std::fabs((n * law.unit * mean_).value()), bon);
}

double known_share(double part, double all, double beside, const BestOfNOutcome& bon) {
  // What is not known to a hundredth of itself would be a wrong mark.
  const bool known = all > 1e-28 * beside && bon.errors.reward <= 0.01 * part && bon.errors.kl <= 0.01 * bon.kl;
  // The optimum gains the most: what is above all of it is error.
  return known && part <= 1.01 * all ? std::min(1.0, part / all) : not_known;
}

}  // namespace tiltlab
