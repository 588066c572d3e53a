#include <algorithm>
#include <cmath>
#include <numbers>
#include <unordered_map>

#include "error.hpp"
#include "models/tokens.hpp"
#include "numerics/log_domain.hpp"
#include "numerics/roots.hpp"
#include "policies/best_of_n.hpp"
#include "policies/continuous.hpp"
#include "policies/kl_rl.hpp"
#include "report/curves.hpp"
#include "report/report.hpp"
#include "report/scaled_token.hpp"
#include "report/statements.hpp"

namespace tiltlab {

namespace {

/** Multiplications that a statement's curve may cost, about half a second; what is past them is left out. */
constexpr double most_statement_work = 2e8;

/** log sum e^x, of terms that may be -inf. */
class LogSum {
 public:
  void add(double x) {
    if (x == -infinity) return;
    if (x > top_) {
      sum_ = sum_ * std::exp(top_ - x) + 1;
      top_ = x;
    } else {
      sum_ += std::exp(x - top_);
    }
  }
  [[nodiscard]] double value() const { return sum_ > 0 ? top_ + std::log(sum_) : -infinity; }

 private:
  double top_ = -infinity;
  double sum_ = 0;
};

double log_mass(const RewardLaw& law, const Policy& policy, std::size_t j) {
  return policy.log_ratio[j] + law.log_mass[j];
}

}  // namespace

CumulantCurves cumulant_curves(const Model& model, const Budget& budget, int points) {
  check_points(points);
  const ScaledToken t(model, budget);
  CumulantCurves c;
  c.alpha = t.alpha(t.optimum.b);
  if (t.law.size() == 1 || t.optimum.saturated()) return c;
  const double scale = t.tilts() ? t.optimum.b : 1 / std::sqrt(variance_step(t.law, t.law.p));
  Model shown = model;
  shown.length = listable_length(model, quickly_listed);
  const auto n = static_cast<double>(shown.length);
  const RewardLaw law = listed_law(shown, t.optimum);
  const Policy policy = best_of_n(law, t.rate * from_integer(shown.length));
  c.exact_length = n;
  // Offsets of the law in the token's steps.
  const double unit = (law.unit / t.law.unit).value();
  const double first =
      ((law.base + law.unit * law.center - from_integer(shown.length) * t.law.base) / t.law.unit).value();
  for (int i = 0; i < points; ++i) {
    const double b = scale * (-1 + 3.0 * i / (points - 1));
    c.t.push_back(t.alpha(b));
    c.base.push_back(t.shift(b) + log_mgf(t.law, b));
    c.kl_rl.push_back(t.shift(b) + log_mgf(t.law, t.optimum.b + b) - t.optimum.lambda.value());
    c.best_of_n.push_back(t.shift(b) + best_of_n_cumulant(t.law, t.optimum, b));
    LogSum sum;
    for (std::size_t j = 0; j < law.size(); ++j) sum.add(log_mass(law, policy, j) + b * (first + unit * law.offset[j]));
    c.exact_best_of_n.push_back(t.shift(b) + sum.value() / n);
  }
  return c;
}

RenyiCurve renyi_curve(const Model& model, const Budget& budget, std::span<const double> multiplicity,
                       std::span<const double> reward, int points) {
  check_points(points);
  if (multiplicity.size() != reward.size() || reward.empty())
    throw InputError("reward", "is not as long as its multiplicities");
  const ScaledToken t(model, budget);
  RenyiCurve c;
  LogSum normaliser;
  for (std::size_t i = 0; i < reward.size(); ++i) {
    if (multiplicity[i] > 0) normaliser.add(std::log(multiplicity[i]) + reward[i]);
  }
  c.log_normaliser = normaliser.value();
  c.alpha = t.alpha(t.optimum.b);
  const double unit = std::ldexp(t.law.unit.value(), t.law.exponent);
  const DoubleDouble mean_at_base = is_far(t.law) ? exact_mean(t.law, t.law.p) : mean_step(t.law, t.law.p);
  const double mean = t.reward(mean_at_base);
  // H_{1+x} = c - Lambda(x)/x, and Lambda(x)/x tends to the mean reward.
  const auto entropy = [&](double x) {
    const double b = x * unit;
    return c.log_normaliser -
           (x == 0 ? mean : std::ldexp((t.law.base).value(), t.law.exponent) + log_mgf(t.law, b) / x);
  };
  const double widest = t.tilts() ? std::max(2.0, 2 * c.alpha) : 3;
  for (int i = 0; i < points; ++i) {
    const double x = widest * (2.0 * i / (points - 1) - 1);
    c.order.push_back(1 + x);
    c.cross_entropy.push_back(entropy(std::fabs(x) < 1e-12 * widest ? 0 : x));
  }
  c.at_one = entropy(0);
  c.at_optimum = t.optimum.saturated() ? not_known : entropy(c.alpha);
  c.kl_forward = t.optimum.kl.value();
  // KL(p || phi) = Lambda(a) - a Lambda'(0)
  const double gain = (t.optimum.mean - mean_at_base).value();
  c.kl_reverse = 0;
  if (t.optimum.saturated()) {
    c.kl_reverse = infinity;
  } else {
    const double lambda = t.optimum.lambda.value();
    const bool far = is_far(t.law) && t.optimum.b > 0;
    const double below_top = (DoubleDouble(t.optimum.b) * t.law.step.back() - t.optimum.lambda).value();
    for (std::size_t i = 0; i < t.law.size(); ++i) {
      const double y = far ? below_top - t.optimum.b * t.law.drop[i] : t.optimum.b * t.law.position[i] - lambda;
      c.kl_reverse += t.law.p[i] * exp_rest(y);
    }
  }
  c.jeffreys = t.optimum.saturated() ? infinity : t.optimum.b * gain;
  return c;
}

DirectionCurves direction_curves(const Model& model, const Budget& budget, int points) {
  check_points(points);
  const ScaledToken t(model, budget);
  DirectionCurves c;
  if (!t.tilts() || t.law.size() == 1) return c;
  const double a = t.optimum.b;
  c.exponent = is_far(t.law) ? (t.rate + DoubleDouble(2) * exact_log_mgf(t.law, a / 2) - t.optimum.lambda).value()
                             : t.rate.value() + 2 * log_mgf(t.law, a / 2) - t.optimum.lambda.value();
  c.factor = std::exp(c.exponent);
  Model at = model;
  // Beyond e^600 draws the doubly small masses of best-of-N leave the range of a logarithm's double.
  at.length = std::max<std::int64_t>(1, std::min<std::int64_t>(1000, static_cast<std::int64_t>(600 / t.rate.value())));
  const std::int64_t longest = listable_length(at, quickly_listed);
  for (int i = 0; i < points; ++i) {
    const double wanted = std::round(std::pow(static_cast<double>(longest), static_cast<double>(i) / (points - 1)));
    if (!c.length.empty() && wanted <= c.length.back()) continue;
    at.length = static_cast<std::int64_t>(wanted);
    const RewardLaw law = listed_law(at, t.optimum);
    const Policy bon = best_of_n(law, t.rate * from_integer(at.length));
    const Policy rl = kl_rl(law, a * (law.unit / t.law.unit).value());
    // log of sum phi log(phi / pi): the terms where phi is the larger carry it; both signs by two sums.
    LogSum plus;
    LogSum minus;
    double forward = 0;
    for (std::size_t j = 0; j < law.size(); ++j) {
      const double d = rl.log_ratio[j] - bon.log_ratio[j];
      if (bon.mass[j] > 0) forward -= bon.mass[j] * d;
      if (d != 0) (d > 0 ? plus : minus).add(log_mass(law, rl, j) + std::log(std::fabs(d)));
    }
    const double log_reverse = plus.value() + log1mexp(std::min(0.0, minus.value() - plus.value()));
    c.length.push_back(wanted);
    c.forward.push_back(std::max(0.0, forward));
    c.log10_reverse.push_back(log_reverse / std::numbers::ln10);
  }
  return c;
}

FixedCurves fixed_curves(const Model& model, const Budget& budget, int points) {
  check_points(points);
  const ScaledToken t(model, budget);
  FixedCurves c;
  c.log_n = budget.kl.value();
  if (!(c.log_n > 0) || t.law.size() == 1) return c;
  const ContinuousLaw normal = SmoothLaw{};
  c.limit = best_of_n(normal, c.log_n).reward / std::sqrt(2 * best_of_n_kl_bound(c.log_n));
  const DoubleDouble mean = tilt_at(t.law, 0).mean;
  Workbench bench;
  const auto ratio_at = [&](std::int64_t length, DoubleDouble log_n) {
    Model at = model;
    at.length = length;
    const DoubleDouble n = from_integer(length);
    const BestOfNOutcome bon = best_of_n_outcome(at, log_n, solve_tilt(t.law, log_n / n), &bench);
    const TokenTilt same_kl = solve_tilt(t.law, DoubleDouble(bon.kl) / n, bon.kl_deficit / n);
    const double unit = t.law.unit.value();
    const double all = ((n * t.law.unit * (same_kl.mean - mean))).value();
    const double part = bon.at && bon.at->metrics.gain ? unit * *bon.at->metrics.gain
                                                       : (bon.reward - n * (t.law.base + t.law.unit * mean)).value();
    // What is not known to a hundredth of itself would be a wrong mark; and near N = 1 the gain is a difference of two
    // means that have 31 digits, where it has any.
    const double resolved = 1e-28 * std::fabs((n * t.law.unit * mean).value());
    const bool known = all > resolved && bon.errors.reward <= 0.01 * part && bon.errors.kl <= 0.01 * bon.kl;
    // The optimum gains the most: what is above all of it is error.
    return known && part <= 1.01 * all ? std::min(1.0, part / all) : not_known;
  };
  const auto ratio = [&](std::int64_t length, DoubleDouble log_n) -> double {
    try {
      return bench.work < most_statement_work ? ratio_at(length, log_n) : not_known;
    } catch (const NumericalError&) {
      // A length that no method holds leaves a gap in the curve.
      return not_known;
    }
  };
  for (int i = 0; i < points; ++i) {
    const double wanted = std::round(std::pow(largest_length, static_cast<double>(i) / (points - 1)));
    if (c.length.empty() || wanted > c.length.back()) c.length.push_back(wanted);
  }
  c.fixed.assign(c.length.size(), not_known);
  c.growing.assign(c.length.size(), not_known);
  for (const std::size_t i : coarse_to_fine(c.length.size())) {
    const auto length = static_cast<std::int64_t>(c.length[i]);
    c.fixed[i] = ratio(length, budget.kl);
    c.growing[i] = ratio(length, t.rate * from_integer(length));
    bench.work += 2000 * static_cast<double>(t.law.size());
  }
  return c;
}

namespace {

void add(Simplex::Points& points, const std::vector<double>& w) {
  points.first.push_back(w[0]);
  points.second.push_back(w[1]);
  points.third.push_back(w[2]);
}

/** The two ends of {w: E step = mean} in the simplex. */
void add_level_line(Simplex::Points& points, const TokenLaw& law, double mean) {
  const double low = law.position[0];
  const double mid = law.position[1];
  const double high = law.position[2];
  const double far = (mean - low) / (high - low);
  add(points, {1 - far, 0, far});
  if (mean <= mid) {
    const double near = (mean - low) / (mid - low);
    add(points, {1 - near, near, 0});
  } else {
    const double near = (mean - mid) / (high - mid);
    add(points, {0, 1 - near, near});
  }
}

/** Expected shares of the tokens in best-of-N's sequences: sum_j m_j p_i P_{n-1}(s_j - r_i) / P_n(s_j). */
class Shares {
 public:
  Shares(const Model& model, const TokenTilt& near)
      : token_(model.token), length_(capped(model).length), law_(listed_law(capped(model), near)) {
    conditional_.resize(law_.size());
    if (length_ == 1) {
      for (std::size_t j = 0; j < 3; ++j) {
        conditional_[j].assign(3, 0);
        conditional_[j][j] = 1;
      }
      return;
    }
    Model shorter = model;
    shorter.length = length_ - 1;
    const RewardLaw rest = listed_law(shorter, near);
    // Sums in steps of the lattice: a list of counts has its offsets from the mean of its own length.
    const auto sum_of = [](const RewardLaw& law, std::size_t j) {
      return std::llround((law.center + law.exact_offset(j)).value());
    };
    std::unordered_map<std::int64_t, double> log_rest;
    for (std::size_t j = 0; j < rest.size(); ++j) log_rest[sum_of(rest, j)] = rest.log_mass[j] - rest.log_scale.value();
    for (std::size_t j = 0; j < law_.size(); ++j) {
      for (std::size_t i = 0; i < 3; ++i) {
        const auto found = log_rest.find(sum_of(law_, j) - token_.lattice[i]);
        conditional_[j].push_back(found == log_rest.end() ? 0
                                                          : std::exp(token_.log_p[i] + found->second -
                                                                     law_.log_mass[j] + law_.log_scale.value()));
      }
    }
  }
  [[nodiscard]] double length() const { return static_cast<double>(length_); }
  [[nodiscard]] std::vector<double> at(DoubleDouble log_n) const {
    const Policy policy = best_of_n(law_, log_n);
    std::vector<double> shares(3, 0);
    for (std::size_t j = 0; j < law_.size(); ++j) {
      for (std::size_t i = 0; i < 3; ++i) shares[i] += policy.mass[j] * conditional_[j][i];
    }
    return shares;
  }

 private:
  static Model capped(const Model& model) {
    Model out = model;
    out.length = model.token.lattice.empty() ? 1 : std::min<std::int64_t>(model.length, 200);
    out.length = listable_length(out, quickly_listed);
    return out;
  }
  const TokenLaw& token_;
  std::int64_t length_;
  RewardLaw law_;
  std::vector<std::vector<double>> conditional_;
};

}  // namespace

std::optional<Simplex> simplex(const Model& model, const Budget& budget, int points) {
  check_points(points);
  if (model.token.size() != 3) return std::nullopt;
  const ScaledToken t(model, budget);
  const TokenLaw& law = t.law;
  Simplex s;
  add(s.base, law.p);
  add(s.optimum, t.optimum.weights);
  // softmax of the rewards themselves: the tilt of a uniform base by alpha = 1 per reward unit
  const double unit = std::ldexp(law.unit.value(), law.exponent);
  std::vector<double> q;
  for (std::size_t i = 0; i < 3; ++i) q.push_back(std::exp(unit * (law.position[i] - law.position[2])));
  const double total = q[0] + q[1] + q[2];
  for (double& x : q) x /= total;
  add(s.reward_model, q);
  const double widest = spread_tilts(law, 1).back();
  for (int i = 0; i < points; ++i) {
    const double share = static_cast<double>(i) / (points - 1);
    add(s.tilts, tilted(law, std::max(widest, t.tilts() ? 1.2 * t.optimum.b : 0) * share * share));
  }
  const double rate = t.rate.value();
  /** Under this KL is the rounding of a sum of logarithms. */
  constexpr double faint = 1e-9;
  constexpr const char* ball_field = "budget: the KL ball's edge";
  const auto kl = [&](const std::vector<double>& w) {
    double sum = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      if (w[i] > 0) sum += w[i] * std::log(w[i] / law.p[i]);
    }
    return sum;
  };
  for (int k = 0; k < 2 * points; ++k) {
    const double angle = 2 * std::numbers::pi * k / (2 * points);
    const double u = std::cos(angle) / std::sqrt(2.0);
    const double v = std::sin(angle) / std::sqrt(6.0);
    const double d[3] = {u + v, -u + v, -2 * v};
    double edge = infinity;
    for (std::size_t i = 0; i < 3; ++i) {
      if (d[i] < 0) edge = std::min(edge, -law.p[i] / d[i]);
    }
    const auto along = [&](double x) {
      std::vector<double> w(3);
      for (std::size_t i = 0; i < 3; ++i) w[i] = std::max(0.0, law.p[i] + x * d[i]);
      return w;
    };
    const auto ball_edge = [&] {
      if (rate > faint) return bracketed_root([&](double y) { return kl(along(y)) - rate; }, 0, edge, ball_field);
      // Near the centre KL is a sum of p [(1 + u) log(1 + u) - u], u = x d / p, each at most u^2 p.
      double squares = 0;
      for (std::size_t i = 0; i < 3; ++i) squares += d[i] / law.p[i] * d[i];
      const auto excess = [](double more) { return more > -1 ? kl_term(std::log1p(more)) : 1; };
      const auto log_kl = [&](double log_x) {
        double sum = 0;
        for (std::size_t i = 0; i < 3; ++i) sum += law.p[i] * excess(std::exp(log_x) * d[i] / law.p[i]);
        return std::log(sum) - std::log(rate);
      };
      return std::exp(bracketed_root(log_kl, (std::log(rate) - std::log(squares)) / 2 - 1, std::log(edge), ball_field));
    };
    const double x = !(rate > 0) ? 0 : kl(along(edge)) <= rate ? edge : ball_edge();
    add(s.ball, along(x));
  }
  const Shares shares(model, t.optimum);
  s.length = shares.length();
  const double here = rate * s.length;
  const double end = std::max(here * 1.6, 1.0);
  std::vector<double> shown;
  const auto add_best_of_n = [&](double log_n) {
    shown = shares.at(log_n);
    // Where the law that suits the budget lists but a part of what another N visits, its point is left out.
    if (!(std::fabs(shown[0] + shown[1] + shown[2] - 1) < 1e-6)) return;
    s.best_of_n_log_n.push_back(log_n);
    add(s.best_of_n, shown);
  };
  for (int i = 0; i < points; ++i) {
    const double share = static_cast<double>(i) / (points - 1);
    add_best_of_n(end * share * share);
  }
  add_best_of_n(here);
  const double means[] = {t.optimum.mean.value(), mean_step(law, law.p), mean_step(law, shown)};
  for (const double mean : means) {
    add_level_line(s.level_lines, law, mean);
    s.level_rewards.push_back(t.reward(mean));
  }
  return s;
}

}  // namespace tiltlab
