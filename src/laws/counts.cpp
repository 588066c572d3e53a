#include "laws/counts.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

#include "numerics/log_domain.hpp"

namespace tiltlab {

namespace {

/** Counts whose log probability lies further below that of their mean are left out of a window. */
constexpr double farthest_deviance = 46;

/** log c! - [(c + 1/2) log c - c + log(2 pi) / 2] */
double stirling_error(double c) {
  if (c < 16) {
    double factorial = 1;
    for (double k = 2; k <= c; ++k) factorial *= k;
    return std::log(factorial) - (c + 0.5) * std::log(c) + c - 0.5 * std::log(2 * std::numbers::pi);
  }
  const double x = 1 / (c * c);
  return (1.0 / 12 - x * (1.0 / 360 - x * (1.0 / 1260 - x * (1.0 / 1680 - x / 1188)))) / c;
}

/** c log(c / m) + m - c >= 0, without cancellation near c = m; m is given by its logarithm too, since it may underflow.
 */
double deviance(double c, double m, double log_m) {
  if (c == 0) return m;
  if (std::fabs(c - m) < 0.1 * (c + m)) {
    const double v = (c - m) / (c + m);
    double sum = (c - m) * v;
    double term = 2 * c * v;
    for (int j = 3; j < 60; j += 2) {
      term *= v * v;
      const double next = sum + term / j;
      if (next == sum) break;
      sum = next;
    }
    return sum;
  }
  return c * (std::log(c) - log_m) + m - c;
}

struct Atom {
  DoubleDouble offset;
  double log_mass;
  double gold;
};

class Lister {
 public:
  Lister(const TokenLaw& token, std::int64_t length, const TokenTilt& tilt, const std::optional<Reach>& reach)
      : length_(length),
        types_(count_types(token, length)),
        reach_(reach),
        steps_(token.fine.empty() ? token.step : token.fine),
        gold_(token.gold) {
    const DoubleDouble n = from_integer(length);
    unit_ = token.fine.empty() ? DoubleDouble(1) : token.step.back() / token.fine.back();
    DoubleDouble rest = -n;
    for (std::size_t i = 0; i < token.size(); ++i) {
      // log n w_i to 31 digits: its double and what that leaves, which counts once a token
      const DoubleDouble log_w =
          log(token.probability[i]) + DoubleDouble(tilt.b) * token.step[i] - tilt.lambda + log(n);
      log_mean_.push_back(log_w.value());
      mean_.push_back(std::exp(log_mean_.back()));
      rest_.push_back(mean_.back() > 0 ? (log_w - log(DoubleDouble(mean_.back()))).value() : 0);
      rest += DoubleDouble(mean_.back());
    }
    constant_ = 0.5 * std::log(2 * std::numbers::pi * static_cast<double>(length)) +
                stirling_error(static_cast<double>(length)) + rest.value();
    order_.resize(token.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    // The innermost loop runs over the two tokens that vary most; it alone is cut to the window.
    const auto spread = [&](std::size_t i) { return mean_[i] * (1 - mean_[i] / static_cast<double>(length)); };
    for (std::size_t place = 0; place < std::min<std::size_t>(2, order_.size()); ++place) {
      for (std::size_t k = place + 1; k < order_.size(); ++k) {
        if (spread(order_[k]) > spread(order_[place])) std::swap(order_[k], order_[place]);
      }
    }
    centre_ = n * tilt.mean_at_b / unit_;
    ranges();
  }

  /** Compositions that `list` would visit, at most. */
  [[nodiscard]] double size() const {
    if (bad_ || !reach_) return infinity;
    double atoms = inner_size();
    for (std::size_t k = 2; k < order_.size(); ++k) atoms *= static_cast<double>(count_[order_[k]]);
    // The counts of each, taken by themselves, add up to more than all there are.
    atoms = std::min(atoms, types_);
    // A table of each token's counts costs about as much as the compositions that it serves.
    for (const std::int64_t count : count_) atoms += static_cast<double>(count);
    return atoms;
  }

  [[nodiscard]] std::vector<Atom> list() {
    tables();
    visit(order_.size() - 1, length_, -centre_, constant_, 0);
    return std::move(atoms_);
  }

  [[nodiscard]] DoubleDouble unit() const { return unit_; }
  [[nodiscard]] DoubleDouble centre() const { return centre_; }

 private:
  /** The counts of each token that are visited. */
  void ranges() {
    for (std::size_t i = 0; i < mean_.size(); ++i) {
      std::int64_t low = 0;
      std::int64_t high = length_;
      if (reach_) {
        const auto near = [&](std::int64_t c) {
          return deviance(static_cast<double>(c), mean_[i], log_mean_[i]) < farthest_deviance;
        };
        if (!(mean_[i] <= 2 * static_cast<double>(length_))) {
          bad_ = true;
          first_.push_back(0);
          count_.push_back(1);
          continue;
        }
        const auto mode = std::min(length_, static_cast<std::int64_t>(std::llround(mean_[i])));
        low = edge(mode, -1, near);
        high = edge(mode, 1, near);
      }
      first_.push_back(low);
      count_.push_back(high - low + 1);
    }
  }

  /** Terms of the log mass by count. */
  void tables() {
    log_term_.resize(mean_.size());
    for (std::size_t i = 0; i < mean_.size(); ++i) {
      for (std::int64_t k = first_[i]; k < first_[i] + count_[i]; ++k) {
        const auto c = static_cast<double>(k);
        const double d = deviance(c, mean_[i], log_mean_[i]);
        log_term_[i].push_back(-d + c * rest_[i] -
                               (c > 0 ? 0.5 * std::log(2 * std::numbers::pi * c) + stirling_error(c) : 0));
      }
    }
  }

  /** The last count in one direction from the mode that is near; doubling steps, then halving. */
  template <class F>
  [[nodiscard]] std::int64_t edge(std::int64_t mode, std::int64_t direction, const F& near) const {
    const auto inside = [&](std::int64_t k) {
      const std::int64_t c = mode + direction * k;
      return c >= 0 && c <= length_ && near(c);
    };
    std::int64_t good = 0;
    std::int64_t bad = 1;
    while (inside(bad)) {
      good = bad;
      bad *= 2;
    }
    while (bad - good > 1) {
      const std::int64_t middle = good + (bad - good) / 2;
      (inside(middle) ? good : bad) = middle;
    }
    return mode + direction * good;
  }

  [[nodiscard]] double inner_size() const {
    const double all = static_cast<double>(count_[order_[0]]);
    if (order_.size() < 2) return all;
    const double gap = std::fabs((steps_[order_[0]] - steps_[order_[1]]).value() * unit_.value());
    return std::min(all, (reach_->high - reach_->low) / gap + 1);
  }

  void visit(std::size_t level, std::int64_t left, DoubleDouble sum, double log_mass, double gold) {
    // Of many tokens most occur in no composition of few: they add to its mass alone.
    for (; left == 0 && level > 1; --level) {
      const std::size_t i = order_[level];
      if (first_[i] > 0) return;
      log_mass += log_term_[i].front();
      if (reach_ && log_mass < -farthest_deviance - 60) return;
    }
    if (level <= 1) {
      inner(left, sum, log_mass, gold);
      return;
    }
    const std::size_t i = order_[level];
    const std::vector<double>& terms = log_term_[i];
    const std::int64_t last = first_[i] + count_[i] - 1;
    for (std::int64_t c = first_[i]; c <= std::min(left, last); ++c) {
      const double next = log_mass + terms[static_cast<std::size_t>(c - first_[i])];
      if (reach_ && next < -farthest_deviance - 60) continue;
      visit(level - 1, left - c, c == 0 ? sum : sum + steps_[i] * DoubleDouble(static_cast<double>(c)), next,
            gold + static_cast<double>(c) * gold_[i]);
    }
  }

  /** Counts c of the first token and left - c of the second. */
  void inner(std::int64_t left, DoubleDouble sum, double log_mass, double gold) {
    const std::size_t a = order_[0];
    if (order_.size() == 1) {
      atoms_.push_back({sum + steps_[a] * DoubleDouble(static_cast<double>(left)),
                        log_mass + log_term_[a][static_cast<std::size_t>(left - first_[a])],
                        gold + static_cast<double>(left) * gold_[a]});
      return;
    }
    const std::size_t b = order_[1];
    std::int64_t low = std::max<std::int64_t>(first_[a], left - (first_[b] + count_[b] - 1));
    std::int64_t high = std::min<std::int64_t>(first_[a] + count_[a] - 1, left - first_[b]);
    const DoubleDouble gap = steps_[a] - steps_[b];
    const DoubleDouble start = sum + steps_[b] * DoubleDouble(static_cast<double>(left));
    if (reach_) {
      const double unit = unit_.value();
      double from = (reach_->low / unit - start.value()) / gap.value();
      double to = (reach_->high / unit - start.value()) / gap.value();
      if (from > to) std::swap(from, to);
      if (!(to >= static_cast<double>(low) && from <= static_cast<double>(high))) return;
      low = std::max(low, static_cast<std::int64_t>(std::ceil(std::max(from, static_cast<double>(low)))));
      high = std::min(high, static_cast<std::int64_t>(std::floor(std::min(to, static_cast<double>(high)))));
    }
    for (std::int64_t c = low; c <= high; ++c) {
      const double mass = log_mass + log_term_[a][static_cast<std::size_t>(c - first_[a])] +
                          log_term_[b][static_cast<std::size_t>(left - c - first_[b])];
      atoms_.push_back({start + gap * DoubleDouble(static_cast<double>(c)), mass,
                        gold + static_cast<double>(c) * gold_[a] + static_cast<double>(left - c) * gold_[b]});
    }
  }

  std::int64_t length_;
  /** All compositions that there are. */
  double types_;
  std::optional<Reach> reach_;
  const std::vector<DoubleDouble>& steps_;
  const std::vector<double>& gold_;
  DoubleDouble unit_;
  DoubleDouble centre_;
  std::vector<double> mean_;
  std::vector<double> log_mean_;
  std::vector<double> rest_;
  double constant_ = 0;
  /** Whether some mean is no number: rewards too far apart for the tilt. */
  bool bad_ = false;
  std::vector<std::size_t> order_;
  std::vector<std::int64_t> first_;
  std::vector<std::int64_t> count_;
  std::vector<std::vector<double>> log_term_;
  std::vector<Atom> atoms_;
};

/** How near two sums must be to be the same. */
double same_sum(const TokenLaw& token, std::int64_t length) {
  if (!token.fine.empty() || !token.lattice.empty()) return 0.25;
  return 2e-31 * static_cast<double>(length) * token.position.back();
}

}  // namespace

double count_types(const TokenLaw& token, std::int64_t length) {
  double count = 1;
  for (std::size_t j = 1; j < token.size(); ++j) {
    count = count * (static_cast<double>(length) + static_cast<double>(j)) / static_cast<double>(j);
    if (count > 1e15) return infinity;
  }
  return count;
}

std::optional<RewardLaw> counted_law(const TokenLaw& token, std::int64_t length, const TokenTilt& tilt,
                                     const std::optional<Reach>& reach, double most) {
  if (!reach && count_types(token, length) > most) return std::nullopt;
  if (reach && token.size() > 12) return std::nullopt;
  Lister lister(token, length, tilt, reach);
  if (reach && !(lister.size() <= most)) return std::nullopt;
  std::vector<Atom> atoms = lister.list();
  // Between two sums that are far apart there is none: a wider reach has some.
  if (atoms.empty())
    return reach && reach->high < anywhere.high ? std::optional<RewardLaw>(std::in_place) : std::nullopt;
  std::sort(atoms.begin(), atoms.end(), [](const Atom& x, const Atom& y) { return x.offset < y.offset; });

  RewardLaw law;
  law.base = token.base * from_integer(length);
  law.unit = token.unit;
  law.center = lister.centre() * lister.unit();
  law.log_scale = DoubleDouble(tilt.b) * law.center - from_integer(length) * tilt.lambda;
  law.complete = law.from_least = !reach;
  const double same = same_sum(token, length);

  DoubleDouble last = 0;
  for (const Atom& atom : atoms) {
    if (!law.offset.empty() && (atom.offset - last).value() <= same) {
      law.log_mass.back() = log_add(law.log_mass.back(), atom.log_mass);
      law.gold.back() += (atom.gold - law.gold.back()) * std::exp(atom.log_mass - law.log_mass.back());
      continue;
    }
    last = atom.offset;
    const DoubleDouble offset = last * lister.unit();
    law.offset.push_back(offset.hi);
    law.offset_rest.push_back(offset.lo);
    law.log_mass.push_back(atom.log_mass);
    law.gold.push_back(atom.gold);
  }
  // Masses of the tilted sum until here; tails as in the inversion, relative to e^(-b offset).
  const std::size_t size = law.size();
  law.work = 1000 * static_cast<double>(atoms.size());
  law.log_above.resize(size);
  double above = -infinity;
  for (std::size_t j = size; j-- > 0;) {
    if (j + 1 < size) above = log_add(above, law.log_mass[j + 1]) - tilt.b * law.distance(j + 1, j);
    law.log_above[j] = above;
  }
  const double scale = law.log_scale.value();
  double below = 0;
  for (std::size_t j = 0; j < size; ++j) {
    law.log_mass[j] -= tilt.b * law.offset[j];
    law.log_above[j] -= tilt.b * law.offset[j];
    const double mass = std::exp(law.log_mass[j] - scale);
    law.below.push_back(reach ? std::max(0.0, 1 - std::exp(law.log_above[j] - scale) - mass) : below);
    below += mass;
  }
  // Each log mass adds one term a token, of at most `farthest_deviance` where it counts.
  law.relative_error = 2e-14 + 4e-16 * static_cast<double>(token.size());
  law.relative_error += lost_to_tilt(tilt.b * token.position.back() * static_cast<double>(length));
  return law;
}

std::optional<double> count_sums(const TokenLaw& token, std::int64_t length, double most) {
  const double types = count_types(token, length);
  if (token.size() == 3 && !token.fine.empty()) {
    // i k1 + j k2 = 0 with |i|, |j| <= n needs k2 / gcd <= n: else all compositions differ.
    const auto whole = [](DoubleDouble x) { return static_cast<std::int64_t>(x.hi) + static_cast<std::int64_t>(x.lo); };
    const std::int64_t k1 = whole(token.fine[1]);
    const std::int64_t k2 = whole(token.fine[2]);
    if (k2 / std::gcd(k1, k2) > length) return types;
  }
  if (types > most) return std::nullopt;
  const auto law = counted_law(token, length, tilt_at(token, 0), std::nullopt, most);
  return static_cast<double>(law->size());
}

}  // namespace tiltlab
