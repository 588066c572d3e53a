#include "numerics/quadrature.hpp"

#include <algorithm>
#include <cmath>

#include "error.hpp"
#include "numerics/log_domain.hpp"

namespace tiltlab {

namespace {

/** log of what a node may weigh against the peak and be left out. */
constexpr double negligible = -41;

/** A point near the peak: uphill in growing steps, then golden section. */
double peak(const std::function<double(double)>& f, double guess) {
  double a = guess;
  double fa = f(a);
  double step = 0.5;
  double b = a + step;
  double fb = f(b);
  if (!(fb >= fa)) {
    std::swap(a, b);
    std::swap(fa, fb);
    step = -step;
  }
  // f(a) <= f(b), and the peak lies beyond a.
  double c = b + step;
  double fc = f(c);
  int moves = 0;
  while (fc > fb || (fb == -infinity && moves < 1200)) {
    if (++moves > 1200 || !std::isfinite(c)) throw NumericalError("quadrature: no peak from " + to_text(guess));
    a = b;
    b = c;
    fb = fc;
    step *= 1.6;
    c = b + step;
    fc = f(c);
  }
  constexpr double golden = 0.6180339887498949;
  double lo = std::min(a, c);
  double hi = std::max(a, c);
  double x1 = hi - golden * (hi - lo);
  double x2 = lo + golden * (hi - lo);
  double f1 = f(x1);
  double f2 = f(x2);
  // A peak known to a small part of its own width serves: the drop inside the bracket tells.
  for (int i = 0; i < 200 && std::max(f1, f2) - std::min(f(lo), f(hi)) > 0.05; ++i) {
    // Where both have underflown the peak is to the right: only the tail of a maximum's law, on its left, falls so
    // fast.
    if (f1 < f2 || f1 == -infinity) {
      lo = x1;
      x1 = x2;
      f1 = f2;
      x2 = lo + golden * (hi - lo);
      f2 = f(x2);
    } else {
      hi = x2;
      x2 = x1;
      f2 = f1;
      x1 = hi - golden * (hi - lo);
      f1 = f(x1);
    }
  }
  return f1 > f2 ? x1 : x2;
}

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

}  // namespace

LineRule line_rule(const std::function<double(double)>& log_f, double guess) {
  const double mode = peak(log_f, guess);
  const double top = log_f(mode);
  const double width = std::min(fall(log_f, mode, 1), fall(log_f, mode, -1));
  struct Node {
    double v;
    double s;
    double weight;
  };
  const auto node = [&](double v) {
    const double s = mode + width * std::sinh(v);
    return Node{v, s, std::exp(log_f(s) - top) * std::cosh(v)};
  };
  // Ends: where the nodes of a coarse grid have become negligible for good.
  const auto end = [&](double direction) {
    double v = 0;
    int quiet = 0;
    while (quiet < 4 && std::fabs(v) < 700) {
      v += direction * 0.25;
      const double s = mode + width * std::sinh(v);
      quiet = log_f(s) - top + std::log(std::cosh(v)) < negligible ? quiet + 1 : 0;
    }
    return v;
  };
  const double lo = end(-1);
  const double hi = end(1);
  double step = 1.0 / 8;
  std::vector<Node> nodes;
  for (double k = std::floor(lo / step); k * step <= hi; ++k) nodes.push_back(node(k * step));
  struct Moments {
    double total = 0;
    double first = 0;
  };
  const auto moments = [&] {
    Moments m;
    for (const Node& n : nodes) {
      m.total += n.weight * step;
      m.first += n.weight * step * std::sinh(n.v);
    }
    return m;
  };
  Moments last = moments();
  LineRule rule;
  for (int halving = 0;; ++halving) {
    std::vector<Node> finer;
    finer.reserve(2 * nodes.size());
    for (const Node& n : nodes) {
      finer.push_back(n);
      finer.push_back(node(n.v + step / 2));
    }
    nodes = std::move(finer);
    step /= 2;
    const Moments now = moments();
    rule.error = std::fabs(now.total / last.total - 1) + std::fabs(now.first / now.total - last.first / last.total);
    last = now;
    // Each halving squares the error: a change of 1e-8 leaves about 1e-16.
    if (rule.error < 1e-8) break;
    if (halving > 5) throw NumericalError("quadrature: not settled around " + to_text(mode));
  }
  rule.error = std::max(rule.error * rule.error, 1e-15);
  for (const Node& n : nodes) {
    if (n.weight <= 0) continue;
    rule.s.push_back(n.s);
    rule.weight.push_back(n.weight * step / last.total);
  }
  rule.log_total = top + std::log(last.total * width);
  return rule;
}

}  // namespace tiltlab
