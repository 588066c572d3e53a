#include "numerics/quadrature.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "error.hpp"
#include "numerics/log_domain.hpp"

namespace tiltlab {

const double Gauss16::node[8] = {0.09501250983763744, 0.28160355077925891, 0.45801677765722739, 0.61787624440264375,
                                 0.75540440835500303, 0.86563120238783174, 0.94457502307323258, 0.98940093499164993};
const double Gauss16::weight[8] = {0.1894506104550685,   0.18260341504492359, 0.16915651939500254,
                                   0.14959598881657673,  0.12462897125553387, 0.095158511682492785,
                                   0.062253523938647893, 0.027152459411754095};

namespace {

/** log of what a point may weigh against a peak and be left out. */
constexpr double negligible = -48;

/** Distance in one direction at which f has fallen by 1, within a factor of 2. */
double fall(const std::function<double(double)>& f, double at, double direction) {
  const double enough = f(at) - 1;
  double d = 1;
  if (f(at + direction * d) < enough) {
    while (d > 1e-300 && f(at + direction * d / 2) < enough) d /= 2;
  } else {
    while (d < 1e300 && !(f(at + direction * d) < enough)) d *= 2;
  }
  return d;
}

/** The distance from a peak beyond which f is negligible for good. */
double reach(const std::function<double(double)>& f, double at, double top, double direction, double width) {
  double d = width;
  int quiet = 0;
  double out = d;
  while (quiet < 3 && d < 1e300) {
    if (f(at + direction * d) - top < negligible) {
      if (quiet++ == 0) out = d;
    } else {
      quiet = 0;
    }
    d *= 1.25;
  }
  return out;
}

struct Peak {
  std::function<double(double)> f;
  double at;
  double top;
  double left;
  double right;
};

constexpr int most_peaks = 3;

struct Point {
  double at;
  double log_weight;
};

struct Panel {
  double a;
  double b;
  std::array<Point, 16> points;
  std::array<double, most_peaks> total;
};

}  // namespace

double line_peak(const std::function<double(double)>& f, double guess) {
  // A bracket a < b < c with f(b) the largest, then golden section of its longer part.
  double step = 0.5;
  double b = guess;
  double fb = f(b);
  if (!(fb > -infinity)) throw NumericalError("quadrature: nothing at " + to_text(guess));
  double a = b - step;
  double fa = f(a);
  double c = b + step;
  double fc = f(c);
  for (int moves = 0; fc > fb || fa > fb; ++moves) {
    if (moves > 1200 || !std::isfinite(a) || !std::isfinite(c))
      throw NumericalError("quadrature: no peak from " + to_text(guess));
    step *= 1.6;
    if (fc > fb) {
      a = b;
      fa = fb;
      b = c;
      fb = fc;
      c = b + step;
      fc = f(c);
    } else {
      c = b;
      fc = fb;
      b = a;
      fb = fa;
      a = b - step;
      fa = f(a);
    }
  }
  constexpr double golden = 0.3819660112501051;
  // A peak known to a small part of its own width serves: the drop inside the bracket tells.
  for (int i = 0; i < 400 && fb - std::min(fa, fc) > 0.05; ++i) {
    const bool right = c - b > b - a;
    const double x = right ? b + golden * (c - b) : b - golden * (b - a);
    if (!(x > a && x < c) || x == b) break;
    const double fx = f(x);
    if (fx > fb) {
      (right ? a : c) = b;
      (right ? fa : fc) = fb;
      b = x;
      fb = fx;
    } else {
      (right ? c : a) = x;
      (right ? fc : fa) = fx;
    }
  }
  return b;
}

namespace {

/** f, and where it has sizes f times size and size^2: what one rule integrates, by their peaks. */
class Integrands {
 public:
  Integrands(const std::function<double(double)>& log_f, const LineOptions& options);

  [[nodiscard]] std::size_t size() const { return peaks_.size(); }
  [[nodiscard]] double mode() const { return peaks_[0].at; }
  /** log of f at its peak, of which all totals are shares. */
  [[nodiscard]] double log_unit() const { return peaks_[0].top; }
  [[nodiscard]] std::vector<Panel> panels() const;
  [[nodiscard]] Panel panel(double a, double b) const;

 private:
  /** How long a panel from x may be: it grows away from the peaks. */
  [[nodiscard]] double longest_panel(double x) const;

  const std::function<double(double)>& log_f_;
  const LineOptions& options_;
  std::vector<Peak> peaks_;
  /** Beyond them every integrand is negligible. */
  double lo_ = infinity;
  double hi_ = -infinity;
};

Integrands::Integrands(const std::function<double(double)>& log_f, const LineOptions& options)
    : log_f_(log_f), options_(options) {
  double guess = options.guess;
  for (int k = 0; k < (options.log_size ? most_peaks : 1); ++k) {
    Peak p{log_f, 0, 0, 0, 0};
    if (k > 0) p.f = [&log_f, &options, k](double x) { return log_f(x) + k * options.log_size(x); };
    p.at = guess = line_peak(p.f, guess);
    p.top = p.f(p.at);
    p.left = fall(p.f, p.at, -1);
    p.right = fall(p.f, p.at, 1);
    lo_ = std::min(lo_, p.at - reach(p.f, p.at, p.top, -1, p.left));
    hi_ = std::max(hi_, p.at + reach(p.f, p.at, p.top, 1, p.right));
    peaks_.push_back(std::move(p));
  }
}

Panel Integrands::panel(double a, double b) const {
  Panel panel{a, b, {}, {}};
  const double half = (b - a) / 2;
  const double middle = a + half;
  for (std::size_t i = 0; i < 16; ++i) {
    const std::size_t j = i < 8 ? 7 - i : i - 8;
    const double x = middle + (i < 8 ? -half : half) * Gauss16::node[j];
    const double weight = Gauss16::weight[j] * half;
    const double f = log_f_(x);
    panel.points[i] = {x, f + std::log(weight)};
    panel.total[0] += weight * std::exp(f - peaks_[0].top);
    if (peaks_.size() < 2 || !(f > -infinity)) continue;
    const double size = options_.log_size(x);
    for (std::size_t k = 1; k < peaks_.size(); ++k)
      panel.total[k] += weight * std::exp(f + static_cast<double>(k) * size - peaks_[k].top);
  }
  return panel;
}

double Integrands::longest_panel(double x) const {
  double out = x >= peaks_[0].at && x < options_.longest_until ? options_.longest : infinity;
  for (const Peak& p : peaks_)
    out = std::min(out, x < p.at ? std::max(p.left, (p.at - x) / 2) : std::max(p.right, (x - p.at) / 2));
  return out;
}

std::vector<Panel> Integrands::panels() const {
  std::vector<Panel> panels;
  for (double a = lo_; a < hi_;) {
    const double step = longest_panel(a);
    const double b = a + 1.25 * step >= hi_ ? hi_ : a + step;
    if (!(b > a)) break;
    panels.push_back(panel(a, b));
    a = b;
  }
  return panels;
}

/** Halves panels until that changes no total any more, from left to right; adds what is left to `error`. */
std::vector<Panel> refined(const Integrands& of, const std::vector<Panel>& panels, double& error) {
  constexpr double enough = 1e-13;
  // Halving nearly squares the error of a smooth panel: of what it changed at most this share is left.
  constexpr double left_over = 1e-3;
  constexpr int deepest = 12;
  std::array<double, most_peaks> total{};
  for (const Panel& panel : panels) {
    for (std::size_t k = 0; k < of.size(); ++k) total[k] += panel.total[k];
  }
  struct Open {
    Panel panel;
    int depth;
  };
  // Depth first, so that sums run in order.
  std::vector<Open> open;
  for (std::size_t i = panels.size(); i-- > 0;) open.push_back({panels[i], 0});
  std::vector<Panel> settled;
  while (!open.empty()) {
    const Open here = open.back();
    open.pop_back();
    const double middle = here.panel.a + (here.panel.b - here.panel.a) / 2;
    const Panel left = of.panel(here.panel.a, middle);
    const Panel right = of.panel(middle, here.panel.b);
    double change = 0;
    for (std::size_t k = 0; k < of.size(); ++k)
      change = std::max(change, std::fabs(left.total[k] + right.total[k] - here.panel.total[k]) / total[k]);
    if (change < enough || here.depth == deepest) {
      error += change * (change < enough ? left_over : 1);
      if (change < 1e-15) {
        settled.push_back(here.panel);
      } else {
        settled.push_back(left);
        settled.push_back(right);
      }
    } else {
      open.push_back({right, here.depth + 1});
      open.push_back({left, here.depth + 1});
    }
  }
  return settled;
}

}  // namespace

LineRule line_rule(const std::function<double(double)>& log_f, const LineOptions& options) {
  const Integrands of(log_f, options);
  LineRule rule;
  rule.mode = of.mode();
  std::vector<Panel> settled = of.panels();
  if (options.refine) {
    settled = refined(of, settled, rule.error);
  } else {
    rule.error = 1e-8;
  }
  double sum = 0;
  for (const Panel& panel : settled) sum += panel.total[0];
  rule.log_total = of.log_unit() + std::log(sum);
  if (!std::isfinite(rule.log_total)) throw NumericalError("quadrature: no mass around " + to_text(rule.mode));
  for (const Panel& panel : settled) {
    for (const Point& p : panel.points) {
      if (!(p.log_weight > -infinity)) continue;
      rule.at.push_back(p.at);
      rule.log_weight.push_back(p.log_weight - rule.log_total);
      rule.weight.push_back(std::exp(rule.log_weight.back()));
    }
  }
  return rule;
}

}  // namespace tiltlab
