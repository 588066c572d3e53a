#include "laws/tilted_chain.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "error.hpp"
#include "numerics/linear.hpp"

namespace tiltlab {

namespace {

using Vector = std::vector<double>;

/** The recurring states' numbers among themselves. */
struct Class {
  std::vector<std::size_t> state;
  std::vector<std::size_t> number;
};
Class class_of(const Recurrence& r) {
  Class c;
  c.number.assign(r.recurs.size(), 0);
  for (std::size_t i = 0; i < r.recurs.size(); ++i) {
    c.number[i] = c.state.size();
    if (r.recurs[i]) c.state.push_back(i);
  }
  return c;
}

/** Entries of transitions as a matrix of the class. */
Vector matrix_of(const MarkovLaw& law, const Recurrence& r, const Class& c, const Vector& entry) {
  const std::size_t k = c.state.size();
  Vector m(k * k, 0);
  for (std::size_t i = 0; i < entry.size(); ++i) {
    const Transition& t = law.transitions[i];
    if (r.recurs[t.from]) m[c.number[t.from] * k + c.number[t.to]] += entry[i];
  }
  return m;
}

void normalise(Vector& x) {
  double sum = 0;
  for (double& each : x) sum += each = std::fabs(each);
  for (double& each : x) each /= sum;
}

struct Perron {
  double root;
  Vector right;
  Vector left;
};

/** Source: T. Noda, "Note on the computation of the maximal eigenvalue of a non-negative irreducible matrix" (1971):
 * inverse iteration with the largest quotient of Collatz, which falls to the root and converges quadratically. */
Perron perron(const Vector& m, std::size_t k) {
  constexpr int most_rounds = 200;
  Vector right(k, 1.0 / static_cast<double>(k));
  double root = 0;
  for (int round = 0; round < most_rounds; ++round) {
    double low = 1e308;
    double high = 0;
    for (std::size_t i = 0; i < k; ++i) {
      double sum = 0;
      for (std::size_t j = 0; j < k; ++j) sum += m[i * k + j] * right[j];
      low = std::min(low, sum / right[i]);
      high = std::max(high, sum / right[i]);
    }
    if (!(high < 1e300)) break;
    const bool done = high - low <= 1e-15 * high || (round > 12 && high >= root);
    root = high;
    // A hair above, so that the last systems are not singular.
    Vector shifted(k * k);
    for (std::size_t i = 0; i < k * k; ++i) shifted[i] = -m[i];
    for (std::size_t i = 0; i < k; ++i) shifted[i * k + i] += root * (1 + 1e-15);
    const Factorised f(std::move(shifted), k);
    if (done) {
      Vector left = f.solve_transposed(Vector(k, 1));
      for (int i = 0; i < 2; ++i) {
        normalise(left);
        left = f.solve_transposed(std::move(left));
      }
      normalise(left);
      return {root, std::move(right), std::move(left)};
    }
    right = f.solve(std::move(right));
    normalise(right);
  }
  throw NumericalError("model.transition: weights of so steep a tilt leave a double's range");
}

/** I - weights + 1 stationary^T: what solves for everything but the limit. */
Factorised fundamental(const Vector& weights, const Vector& stationary) {
  const std::size_t k = stationary.size();
  Vector m(k * k);
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = 0; j < k; ++j) m[i * k + j] = stationary[j] - weights[i * k + j] + (i == j ? 1 : 0);
  }
  return {std::move(m), k};
}

double dot(const Vector& x, const Vector& y) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
  return sum;
}

/** Doob's chain on the class: weights as a matrix, transitions of the class, and how far it goes. */
struct Doob {
  Class c;
  Perron perron;
  /** One entry a state of the class. */
  Vector stationary;
};

/** The root less `doob.perron.root`'s logarithm, and the mean drop, to 31 digits: two vectors refined in them. */
struct Refined {
  DoubleDouble log_root;
  DoubleDouble mean_drop;
};

/** Factors by which Doob's transitions differ from the chain's, to 31 digits. */
class Exponentials {
 public:
  Exponentials(const MarkovLaw& law, const Recurrence& r, const Doob& d, double b) : law_(law), r_(r), b_(b) {
    for (std::size_t i = 0; i < law.states; ++i)
      right_.push_back(r.recurs[i] ? DoubleDouble(d.perron.right[d.c.number[i]]) : DoubleDouble(1));
    root_ = d.perron.root;
    // e^(-b drop) as a product of one factor a state and one a level, where none leaves a double's range.
    double widest = std::fabs(r.peak.value()) + law.rewards.position.back();
    for (const DoubleDouble& h : r.bias) widest = std::max(widest, h.value());
    constexpr double safe = 200;
    if (std::fabs(b) * widest > safe) return;
    for (std::size_t i = 0; i < law.states; ++i) of_state_.push_back(exp(DoubleDouble(b) * r.bias[i]) * right_[i]);
    const DoubleDouble peak = exp(DoubleDouble(-b) * r.peak) / root_;
    for (const DoubleDouble& step : law.rewards.step) of_level_.push_back(exp(DoubleDouble(b) * step) * peak);
    for (const DoubleDouble& x : of_state_) inverse_.push_back(DoubleDouble(1) / x);
  }

  [[nodiscard]] DoubleDouble of(std::size_t i) const {
    const Transition& t = law_.transitions[i];
    if (!of_state_.empty()) return of_level_[t.level] * of_state_[t.to] * inverse_[t.from];
    return exp(-DoubleDouble(b_) * r_.drop[i]) * right_[t.to] / (root_ * right_[t.from]);
  }

 private:
  const MarkovLaw& law_;
  const Recurrence& r_;
  double b_;
  DoubleDouble root_;
  std::vector<DoubleDouble> right_;
  std::vector<DoubleDouble> of_state_;
  std::vector<DoubleDouble> inverse_;
  std::vector<DoubleDouble> of_level_;
};

Refined refine(const MarkovLaw& law, const Recurrence& r, const Doob& d, const Factorised& f, double b) {
  const std::size_t k = d.c.state.size();
  struct Entry {
    std::size_t from, to;
    DoubleDouble weight, drop;
  };
  std::vector<Entry> entries;
  const Exponentials exponentials(law, r, d, b);
  for (std::size_t i = 0; i < law.transitions.size(); ++i) {
    const Transition& t = law.transitions[i];
    if (r.recurs[t.from])
      entries.push_back({d.c.number[t.from], d.c.number[t.to], t.p * exponentials.of(i), r.drop[i]});
  }
  std::vector<DoubleDouble> right(k, 1.0);
  std::vector<DoubleDouble> left(d.stationary.begin(), d.stationary.end());
  DoubleDouble root = 1;
  // Each round leaves some 1e-13 of the error.
  for (int round = 0; round < 3; ++round) {
    std::vector<DoubleDouble> to_right(k), to_left(k);
    for (const Entry& e : entries) {
      to_right[e.from] += e.weight * right[e.to];
      to_left[e.to] += e.weight * left[e.from];
    }
    DoubleDouble above, below;
    for (std::size_t i = 0; i < k; ++i) {
      above += left[i] * to_right[i];
      below += left[i] * right[i];
    }
    root = above / below;
    Vector of_right(k), of_left(k);
    for (std::size_t i = 0; i < k; ++i) {
      of_right[i] = (to_right[i] - root * right[i]).value();
      of_left[i] = (to_left[i] - root * left[i]).value();
    }
    of_right = f.solve(std::move(of_right));
    of_left = f.solve_transposed(std::move(of_left));
    for (std::size_t i = 0; i < k; ++i) {
      right[i] += of_right[i];
      left[i] += of_left[i];
    }
  }
  DoubleDouble drop, total;
  for (const Entry& e : entries) {
    const DoubleDouble share = left[e.from] * e.weight * right[e.to];
    drop += share * e.drop;
    total += share;
  }
  return {log(DoubleDouble(d.perron.root)) + log(root), drop / total};
}

/** The right vector for states that are left once and for all too, by what they lead to. */
Vector extended(const MarkovLaw& law, const Recurrence& r, const Doob& d, const Vector& entry) {
  Vector v(law.states, 0);
  for (std::size_t i = 0; i < d.c.state.size(); ++i) v[d.c.state[i]] = d.perron.right[i];
  // As many rounds as such states may follow each other.
  for (std::size_t round = d.c.state.size(); round < law.states; ++round) {
    Vector next(law.states, 0);
    for (std::size_t i = 0; i < entry.size(); ++i)
      next[law.transitions[i].from] += entry[i] * v[law.transitions[i].to] / d.perron.root;
    for (std::size_t i = 0; i < law.states; ++i) {
      if (!r.recurs[i]) v[i] = next[i];
    }
  }
  return v;
}

/** Lambda'': the variance of a transition and, twice, its covariances with all that follow. */
double variance_of(const MarkovLaw& law, const Recurrence& r, const TiltedChain& t, const Doob& d,
                   const Factorised& f) {
  Vector mean(d.c.state.size(), 0);
  double variance = 0;
  for (std::size_t i = 0; i < law.transitions.size(); ++i) {
    const Transition& step = law.transitions[i];
    if (!r.recurs[step.from]) continue;
    const double x = t.centred[step.level];
    mean[d.c.number[step.from]] += t.weight[i] * x;
    variance += t.stationary[step.from] * t.weight[i] * x * x;
  }
  const double off = dot(d.stationary, mean);
  for (double& each : mean) each -= off;
  const Vector later = f.solve(std::move(mean));
  for (std::size_t i = 0; i < law.transitions.size(); ++i) {
    const Transition& step = law.transitions[i];
    if (r.recurs[step.from])
      variance += 2 * t.stationary[step.from] * t.weight[i] * t.centred[step.level] * later[d.c.number[step.to]];
  }
  return std::max(0.0, variance);
}

/** Fills in what the ends of a sequence weigh. */
void weigh_ends(const MarkovLaw& law, const Recurrence& r, const Vector& v, TiltedChain& t) {
  double first = -1e308;
  double last = 1e308;
  for (std::size_t i = 0; i < law.states; ++i) {
    if (law.initial[i].value() > 0) first = std::max(first, r.bias[i].value());
    if (r.recurs[i]) last = std::min(last, r.bias[i].value());
  }
  t.log_ends = DoubleDouble(t.b) * (DoubleDouble(first) - DoubleDouble(last));
  for (std::size_t i = 0; i < law.states; ++i) {
    t.start.push_back(law.initial[i].value() * std::exp(t.b * (r.bias[i] - DoubleDouble(first)).value()) * v[i]);
    t.end.push_back(std::exp(-t.b * (r.bias[i] - DoubleDouble(last)).value()) / v[i]);
  }
}

}  // namespace

TiltedChain tilted_chain(const MarkovLaw& law, const Recurrence& r, double b) {
  TiltedChain t;
  t.b = b;
  t.transitions = law.transitions;
  t.period = r.period;
  Doob d{class_of(r), {}, {}};
  Vector entry;
  for (std::size_t i = 0; i < law.transitions.size(); ++i)
    entry.push_back(law.transitions[i].p.value() * std::exp(-b * r.drop[i].value()));
  const std::size_t k = d.c.state.size();
  Vector matrix = matrix_of(law, r, d.c, entry);
  d.perron = perron(matrix, k);
  d.stationary.resize(k);
  for (std::size_t i = 0; i < k; ++i) d.stationary[i] = d.perron.left[i] * d.perron.right[i];
  normalise(d.stationary);
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = 0; j < k; ++j) matrix[i * k + j] *= d.perron.right[j] / (d.perron.root * d.perron.right[i]);
  }
  const Factorised f = fundamental(matrix, d.stationary);
  const Refined refined = refine(law, r, d, f, b);
  t.lambda = DoubleDouble(b) * r.peak + refined.log_root;
  t.rho = r.peak - refined.mean_drop;
  const Vector v = extended(law, r, d, entry);
  for (std::size_t i = 0; i < entry.size(); ++i) {
    const Transition& step = law.transitions[i];
    t.weight.push_back(entry[i] * v[step.to] / (d.perron.root * v[step.from]));
    if (!std::isfinite(t.weight.back()))
      throw NumericalError("model.transition: weights of so steep a tilt leave a double's range");
  }
  t.stationary.assign(law.states, 0);
  for (std::size_t i = 0; i < k; ++i) t.stationary[d.c.state[i]] = d.stationary[i];
  for (const DoubleDouble& step : law.rewards.step) t.centred.push_back((step - t.rho).value());
  t.variance = variance_of(law, r, t, d, f);
  weigh_ends(law, r, v, t);
  return t;
}

namespace {

/** A vector, and its first two derivatives by b. */
struct Jet {
  Vector at;
  Vector first;
  Vector second;
};

/** Products that following a chain to its limit may take. */
constexpr double most_products = 3e7;

/** One more transition before: M(b + e) e^-(Lambda(b) + e rho + e^2 variance / 2), to second order in e. */
Jet before(const TiltedChain& t, const Jet& y) {
  const std::size_t k = y.at.size();
  Jet out{Vector(k, 0), Vector(k, 0), Vector(k, 0)};
  for (std::size_t i = 0; i < t.transitions.size(); ++i) {
    const Transition& step = t.transitions[i];
    const double x = t.centred[step.level];
    const double w = t.weight[i];
    const double at = y.at[step.to];
    const double first = y.first[step.to];
    out.at[step.from] += w * at;
    out.first[step.from] += w * (first + x * at);
    out.second[step.from] += w * (y.second[step.to] + 2 * x * first + (x * x - t.variance) * at);
  }
  return out;
}

double largest(const Vector& x) {
  double most = 0;
  for (const double each : x) most = std::max(most, std::fabs(each));
  return most;
}

/** How far two jets are apart, each part against its own size or what a standard deviation of rewards makes of it. */
double change(const Jet& x, const Jet& y, double sd) {
  const double at = largest(x.at);
  double most = 0;
  const auto add = [&](const Vector& a, const Vector& b, double least) {
    const double size = std::max(largest(a), least);
    for (std::size_t i = 0; i < a.size() && size > 0; ++i) most = std::max(most, std::fabs(a[i] - b[i]) / size);
  };
  add(x.at, y.at, at);
  add(x.first, y.first, at * sd);
  add(x.second, y.second, at * sd * sd);
  return most;
}

}  // namespace

double log_constant(const TiltedChain& t) {
  double before = 0;
  for (const double x : t.start) before += x;
  return t.log_ends.value() + std::log(before * dot(t.stationary, t.end));
}

bool Settling::is_settled(double change, int steps) {
  constexpr double nothing = 1e-17;
  constexpr double last_digits = 4e-16;
  constexpr double noise = 1e-13;
  constexpr int enough = 3;
  const double ratio = change / before_;
  before_ = change;
  if (change <= last_digits) return true;
  // Of a change that is larger, or has fallen less, the rest of the series is more than nothing.
  if (!(change > 1e5 * nothing && ratio > 1e-5)) {
    const double falls = std::min(std::pow(ratio, 1.0 / steps), 0.999999);
    if (change * falls / (1 - falls) < nothing) return true;
  }
  // What falls no further is rounding.
  idle_ = change < noise && change > 0.7 * least_ ? idle_ + 1 : 0;
  least_ = std::min(least_, change);
  return idle_ >= enough;
}

ChainSum sum_of(const TiltedChain& t, std::int64_t length) {
  // Doob's vectors at the ends are those of b, whatever the derivative: they cancel.
  Jet y{t.end, Vector(t.end.size(), 0), Vector(t.end.size(), 0)};
  std::int64_t steps = length % t.period;
  for (std::int64_t i = 0; i < steps; ++i) y = before(t, y);
  const double cost = 6 * static_cast<double>(t.transitions.size());
  Settling settling;
  while (steps < length) {
    Jet next = y;
    for (std::int64_t i = 0; i < t.period; ++i) next = before(t, next);
    steps += t.period;
    const double left = change(next, y, std::sqrt(t.variance));
    y = std::move(next);
    if (settling.is_settled(left)) break;
    if (static_cast<double>(steps) * cost > most_products)
      throw NumericalError(
          "model.length: the chain forgets its beginning so slowly that sequences of this length take "
          "too long");
  }
  const double at = dot(t.start, y.at);
  if (!(at > 0)) throw NumericalError("model.length: weights of so steep a tilt leave a double's range");
  const double first = dot(t.start, y.first) / at;
  ChainSum out;
  const DoubleDouble n = from_integer(length);
  out.log_share = std::log(at);
  out.log_mgf = n * t.lambda + t.log_ends + DoubleDouble(out.log_share);
  out.mean = n * t.rho + DoubleDouble(first);
  out.variance = std::max(0.0, static_cast<double>(length) * t.variance + dot(t.start, y.second) / at - first * first);
  out.mixing = static_cast<double>(steps);
  return out;
}

}  // namespace tiltlab
