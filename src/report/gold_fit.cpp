#include "report/gold_fit.hpp"

#include <cmath>
#include <cstddef>

namespace tiltlab {

namespace {

/** What `a` and `b` stand before, of a policy that spends `kl`. */
struct Terms {
  double a;
  double b;
};
Terms terms(double kl, GoldForm form) {
  if (!(kl > 0)) return {0, 0};
  const double d = std::sqrt(kl);
  return {d, form == GoldForm::best_of_n ? -d * d : -d * std::log(d)};
}

}  // namespace

std::optional<GoldFit> gold_fit(const std::vector<double>& kl, const std::vector<double>& gold, GoldForm form) {
  if (kl.empty() || kl.front() != 0) return std::nullopt;
  std::vector<Terms> rows;
  std::vector<double> gain;
  double spent = 0;
  for (std::size_t i = 0; i < kl.size(); ++i) {
    if (!(kl[i] > spent)) continue;
    spent = kl[i];
    rows.push_back(terms(kl[i], form));
    gain.push_back(gold[i] - gold.front());
  }
  if (rows.size() < 3) return std::nullopt;
  // Gram and Schmidt: b's terms without what of them is a's.
  double aa = 0;
  double ab = 0;
  double ay = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    aa += rows[i].a * rows[i].a;
    ab += rows[i].a * rows[i].b;
    ay += rows[i].a * gain[i];
  }
  double bb = 0;
  double by = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double rest = rows[i].b - ab / aa * rows[i].a;
    bb += rest * rest;
    by += rest * (gain[i] - ay / aa * rows[i].a);
  }
  if (!(bb > 0)) return std::nullopt;
  GoldFit fit;
  fit.b = by / bb;
  fit.a = ay / aa - ab / aa * fit.b;
  for (const double nats : kl) {
    const Terms t = terms(nats, form);
    fit.gold.push_back(gold.front() + fit.a * t.a + fit.b * t.b);
  }
  return fit;
}

}  // namespace tiltlab
