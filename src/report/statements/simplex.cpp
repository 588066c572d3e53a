#include "report/statements/simplex.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <unordered_map>

#include "models/best_of_n_law.hpp"
#include "models/scaled_token.hpp"
#include "numerics/log_domain.hpp"
#include "numerics/roots.hpp"
#include "policies/best_of_n.hpp"
#include "report/curves.hpp"
#include "report/statements/shared.hpp"

namespace tiltlab {

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
  Shares(const Tokens& model, const TokenTilt& near)
      : token_(model.token), length_(capped(model).length), law_(listed_law(capped(model), near)) {
    conditional_.resize(law_.size());
    if (length_ == 1) {
      for (std::size_t j = 0; j < 3; ++j) {
        conditional_[j].assign(3, 0);
        conditional_[j][j] = 1;
      }
      return;
    }
    Tokens shorter = model;
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
  static Tokens capped(const Tokens& model) {
    Tokens out = model;
    out.length = model.token.lattice.empty() ? 1 : std::min<std::int64_t>(model.length, 200);
    out.length = listable_length(out, quickly_listed);
    return out;
  }
  const TokenLaw& token_;
  std::int64_t length_;
  RewardLaw law_;
  std::vector<std::vector<double>> conditional_;
};

/** softmax of the rewards themselves: the tilt of a uniform base by alpha = 1 per reward unit. */
std::vector<double> softmax_of_rewards(const TokenLaw& law) {
  const double unit = std::ldexp(law.unit.value(), law.exponent);
  std::vector<double> q;
  for (std::size_t i = 0; i < 3; ++i) q.push_back(std::exp(unit * (law.position[i] - law.position[2])));
  const double total = q[0] + q[1] + q[2];
  for (double& x : q) x /= total;
  return q;
}

/** A ray from the base in the plane of the simplex. */
class Ray {
 public:
  Ray(const TokenLaw& law, double angle) : p_(law.p) {
    const double u = std::cos(angle) / std::sqrt(2.0);
    const double v = std::sin(angle) / std::sqrt(6.0);
    direction_ = {u + v, -u + v, -2 * v};
    for (std::size_t i = 0; i < 3; ++i) {
      if (direction_[i] < 0) edge_ = std::min(edge_, -p_[i] / direction_[i]);
    }
  }

  /** Where KL(w || p) = rate, or the simplex's edge where that comes first. */
  [[nodiscard]] std::vector<double> ball(double rate) const {
    return at(!(rate > 0) ? 0 : kl(edge_) <= rate ? edge_ : ball_edge(rate));
  }

 private:
  [[nodiscard]] std::vector<double> at(double x) const {
    std::vector<double> w(3);
    for (std::size_t i = 0; i < 3; ++i) w[i] = std::max(0.0, p_[i] + x * direction_[i]);
    return w;
  }
  [[nodiscard]] double kl(double x) const {
    const std::vector<double> w = at(x);
    double sum = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      if (w[i] > 0) sum += w[i] * std::log(w[i] / p_[i]);
    }
    return sum;
  }
  [[nodiscard]] double ball_edge(double rate) const {
    constexpr const char* field = "budget: the KL ball's edge";
    // Under this KL is the rounding of a sum of logarithms.
    constexpr double faint = 1e-9;
    if (rate > faint) return bracketed_root([&](double x) { return kl(x) - rate; }, 0, edge_, field);
    // Near the centre KL is a sum of p [(1 + u) log(1 + u) - u], u = x d / p, each at most u^2 p.
    double squares = 0;
    for (std::size_t i = 0; i < 3; ++i) squares += direction_[i] / p_[i] * direction_[i];
    const auto excess = [](double more) { return more > -1 ? kl_term(std::log1p(more)) : 1; };
    const auto log_kl = [&](double log_x) {
      double sum = 0;
      for (std::size_t i = 0; i < 3; ++i) sum += p_[i] * excess(std::exp(log_x) * direction_[i] / p_[i]);
      return std::log(sum) - std::log(rate);
    };
    return std::exp(bracketed_root(log_kl, (std::log(rate) - std::log(squares)) / 2 - 1, std::log(edge_), field));
  }

  const std::vector<double>& p_;
  std::array<double, 3> direction_{};
  double edge_ = infinity;
};

/** Best-of-N from log N = 0 past the budget, which comes last. @return its shares at the budget */
std::vector<double> add_best_of_n(Simplex& s, const Shares& shares, double rate, int points) {
  s.length = shares.length();
  const double here = rate * s.length;
  const double end = std::max(here * 1.6, 1.0);
  std::vector<double> shown;
  const auto add_at = [&](double log_n) {
    shown = shares.at(log_n);
    // Where the law that suits the budget lists but a part of what another N visits, its point is left out.
    if (!(std::fabs(shown[0] + shown[1] + shown[2] - 1) < 1e-6)) return;
    s.best_of_n_log_n.push_back(log_n);
    add(s.best_of_n, shown);
  };
  for (int i = 0; i < points; ++i) {
    const double share = static_cast<double>(i) / (points - 1);
    add_at(end * share * share);
  }
  add_at(here);
  return shown;
}

}  // namespace

std::optional<Simplex> simplex(const Tokens& model, const Budget& budget, int points) {
  check_points(points);
  if (model.token.size() != 3) return std::nullopt;
  const ScaledToken t(model, budget);
  const TokenLaw& law = t.law;
  const double rate = t.rate.value();
  Simplex s;
  add(s.base, law.p);
  add(s.optimum, t.optimum.weights);
  add(s.reward_model, softmax_of_rewards(law));
  const double widest = spread_tilts(law, 1).back();
  for (int i = 0; i < points; ++i) {
    const double share = static_cast<double>(i) / (points - 1);
    add(s.tilts, tilted(law, std::max(widest, t.tilts() ? 1.2 * t.optimum.b : 0) * share * share));
  }
  for (int k = 0; k < 2 * points; ++k) add(s.ball, Ray(law, 2 * std::numbers::pi * k / (2 * points)).ball(rate));
  const std::vector<double> shown = add_best_of_n(s, Shares(model, t.optimum), rate, points);
  const double means[] = {t.optimum.mean.value(), mean_step(law, law.p), mean_step(law, shown)};
  for (const double mean : means) {
    add_level_line(s.level_lines, law, mean);
    s.level_rewards.push_back(t.reward(mean));
  }
  return s;
}

}  // namespace tiltlab
