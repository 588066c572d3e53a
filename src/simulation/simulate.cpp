#include "simulation/simulate.hpp"

#include <algorithm>
#include <cmath>

#include "error.hpp"
#include "simulation/binomial.hpp"
#include "simulation/token_table.hpp"

namespace tiltlab {

double plug_in_kl(double log_p, double log_n) {
  // With L = N log(1 - p): e^L (log N + (N - 1)/N (L - 1)) + (1 - e^L) log[(1 - e^L)/p], since N log(1 - p)(N - 1)/N is
  // (N - 1) log(1 - p).
  if (log_n <= 0) return 0;
  const double p = std::exp(log_p);
  const double log_minus = p > 0 ? std::log(-std::log1p(-p)) : log_p;
  const double minus = std::exp(log_n + log_minus);  // -L
  const double most = 1 - std::exp(-log_n);
  const double missed = std::exp(-minus);
  const double hit = -std::expm1(-minus);
  const double first = missed > 0 ? missed * (log_n - most * (minus + 1)) : 0;
  const double second = hit > 0 ? hit * (minus < 1e-8 ? log_n - minus / 2 : std::log(hit) - log_p) : 0;
  return first + second;
}

namespace {

/** A sequence: its total step, gold and log of the probability of its levels. */
struct Sequence {
  double step = 0;
  double gold = 0;
  double log_level = 0;
};

class Drawer {
 public:
  Drawer(const SimulationPlan& plan, std::span<const double> weights) : plan_(plan), table_(weights) {
    for (std::size_t k = 0; k < table_.outcomes(); ++k)
      step_.push_back(table_.token(k) < plan.step.size() ? plan.step[table_.token(k)] : 0);
    double total = 0;
    for (const double w : weights) total += w;
    double rest = total;
    for (const double w : weights) {
      share_.push_back(rest > 0 ? std::min(1.0, w / rest) : 0);
      rest -= w;
    }
  }

  /** The total step of a sequence, token by token. */
  [[nodiscard]] double total(StreamOf of, std::uint32_t replicate, std::uint32_t draw) const {
    double even = 0;
    double odd = 0;
    const double* step = step_.data();
    table_.draw(plan_.seed, of, replicate, draw, plan_.length,
                [&](std::size_t k, int parity) { (parity == 0 ? even : odd) += step[k]; });
    return even + odd;
  }

  [[nodiscard]] Sequence by_tokens(StreamOf of, std::uint32_t replicate, std::uint32_t draw) const {
    Sequence s;
    table_.draw(plan_.seed, of, replicate, draw, plan_.length, [&](std::size_t k, int) {
      const std::uint32_t token = table_.token(k);
      s.step += plan_.step[token];
      if (!plan_.gold.empty()) s.gold += plan_.gold[token];
      s.log_level += plan_.log_level[token];
    });
    return s;
  }

  [[nodiscard]] Sequence by_types(StreamOf of, std::uint32_t replicate, std::uint32_t draw) const {
    RandomStream random(plan_.seed, of, replicate, draw);
    Sequence s;
    std::int64_t left = plan_.length;
    for (std::size_t i = 0; i < share_.size() && left > 0; ++i) {
      const std::int64_t count = binomial(random, left, share_[i]);
      left -= count;
      const auto times = static_cast<double>(count);
      s.step += times * plan_.step[i];
      if (!plan_.gold.empty()) s.gold += times * plan_.gold[i];
      s.log_level += count > 0 ? times * plan_.log_level[i] : 0;
    }
    return s;
  }

  [[nodiscard]] Sequence draw(StreamOf of, std::uint32_t replicate, std::uint32_t draw) const {
    return plan_.method == Method::tokens ? by_tokens(of, replicate, draw) : by_types(of, replicate, draw);
  }

 private:
  const SimulationPlan& plan_;
  TokenTable table_;
  /** By the table's outcomes. */
  std::vector<double> step_;
  /** Share of what is left by the outcomes before. */
  std::vector<double> share_;
};

/** Number of the first policy beside base, KL-RL and best-of-N. */
constexpr std::size_t others = 3;

/** The draw number of what is drawn beside the N drafts: ties, the quantile, the opponents. */
constexpr std::uint32_t beside = 0xffffffff;

class Replicates {
 public:
  explicit Replicates(const SimulationPlan& plan) : plan_(plan), base_(plan, plan.p), tilt_(plan, plan.tilted) {
    const double most = *std::max_element(plan.step.begin(), plan.step.end()) * static_cast<double>(plan.length);
    if (plan.same > 0 || most > 4096 || plan.only_step < HUGE_VAL) return;
    for (double step = 0; step <= most; ++step) weights_.push_back(std::exp(plan.b * step + plan.log_normaliser));
  }

  void add(std::uint32_t replicate, std::vector<double>& sums) {
    const Sequence base = base_.draw(StreamOf::base, replicate, 0);
    note(sums, 0, base, plan_.centre_base, 0, replicate);
    const Sequence tilt = tilt_.draw(StreamOf::kl_rl, replicate, 0);
    note(sums, 1, tilt, plan_.centre_tilted, plan_.b * tilt.step + plan_.log_normaliser, replicate);
    const Sequence best = plan_.method == Method::order ? by_order(replicate, base, sums) : best_of(replicate, sums);
    note(sums, 2, best, plan_.centre_tilted, plug_in_kl(best.log_level, plan_.log_n), replicate);
    for (std::size_t k = 0; k < plan_.extras.size(); ++k) add_extra(replicate, k, sums);
  }

 private:
  void add_extra(std::uint32_t replicate, std::size_t k, std::vector<double>& sums) const {
    const ExtraPlan& extra = plan_.extras[k];
    const auto of = static_cast<StreamOf>(static_cast<std::uint32_t>(StreamOf::extra) + k);
    RandomStream random(plan_.seed, of, replicate, beside);
    Sequence kept;
    if (plan_.method == Method::order) {
      const auto at = std::upper_bound(extra.cdf.begin(), extra.cdf.end(), random.uniform() * extra.cdf.back());
      kept.step =
          extra.step[static_cast<std::size_t>(std::min(at - extra.cdf.begin(), std::ptrdiff_t(extra.cdf.size()) - 1))];
    } else {
      double count = extra.draws;
      if (!extra.soft) {
        // 1 + the number of arrivals of a Poisson process in time mu.
        count = 1;
        for (double time = -std::log1p(-random.uniform()); time <= extra.draws; time -= std::log1p(-random.uniform()))
          ++count;
      }
      // Keeping one with probability proportional to e^(b step) is keeping the largest b step plus a Gumbel variate;
      // ties of the hard maximum are broken by a uniform one.
      double best = -HUGE_VAL;
      double best_tie = 0;
      std::uint32_t winner = 0;
      for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(count); ++i) {
        const double step = base_.draw(of, replicate, i).step;
        const double u = random.uniform();
        const double key = extra.soft ? extra.b * step - std::log(-std::log1p(-u)) : step;
        if (key > best + (extra.soft ? 0 : plan_.same) || (!extra.soft && key >= best - plan_.same && u > best_tie)) {
          best = key;
          best_tie = u;
          winner = i;
        }
      }
      kept = base_.draw(of, replicate, winner);
    }
    const auto at =
        std::lower_bound(extra.step.begin(), extra.step.end(), kept.step - 1e-9 * std::max(1.0, std::fabs(kept.step)));
    const auto j = static_cast<std::size_t>(std::min(at - extra.step.begin(), std::ptrdiff_t(extra.step.size()) - 1));
    note(sums, others + k, kept, extra.centre, extra.log_ratio[j], replicate);
  }

  void note(std::vector<double>& sums, std::size_t policy, const Sequence& s, double centre, double kl,
            std::uint32_t replicate) const {
    // Against a draft of the base of its own.
    const double other = base_.draw(StreamOf::base, replicate, static_cast<std::uint32_t>(policy) + 1).step;
    const double win = s.step > other + plan_.same ? 1 : s.step < other - plan_.same ? 0 : 0.5;
    const double x[] = {s.step - centre, s.gold, win, kl};
    // The weights' five sums stand between the two policies and the others.
    double* to =
        sums.data() + (policy < others ? policy * Sums::per_policy : Sums::size + (policy - others) * Sums::per_policy);
    for (std::size_t k = 0; k < 4; ++k) {
      to[2 * k] += x[k];
      to[2 * k + 1] += x[k] * x[k];
    }
  }

  /** phi / p of a total step; from a list where there are few totals, since every one of N drafts asks. */
  [[nodiscard]] double weight(double step) const {
    if (!weights_.empty()) return weights_[static_cast<std::size_t>(step)];
    if (plan_.only_step < HUGE_VAL && step < plan_.only_step - plan_.same) return 0;
    return std::exp(plan_.b * step + plan_.log_normaliser);
  }

  /** A base draft's importance weight for KL-RL, phi / p. */
  void weigh(std::vector<double>& sums, double step) const {
    double* to = sums.data() + 3 * Sums::per_policy;
    const double w = weight(step);
    const double x = step - plan_.centre_tilted;
    to[0] += w;
    to[1] += w * w;
    to[2] += w * x;
    to[3] += w * w * x;
    to[4] += w * w * x * x;
  }

  Sequence best_of(std::uint32_t replicate, std::vector<double>& sums) const {
    RandomStream ties(plan_.seed, StreamOf::best_of_n, replicate, beside);
    const auto count = static_cast<std::uint32_t>(plan_.draws);
    double best = -HUGE_VAL;
    std::uint32_t winner = 0;
    std::uint32_t tied = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
      const double step = plan_.method == Method::tokens ? base_.total(StreamOf::best_of_n, replicate, i)
                                                         : base_.by_types(StreamOf::best_of_n, replicate, i).step;
      weigh(sums, step);
      if (step > best + plan_.same) {
        best = step;
        winner = i;
        tied = 1;
      } else if (step >= best - plan_.same) {
        // The k-th of the tied takes the winner's place with probability 1/k.
        ++tied;
        if (ties.uniform() * tied < 1) winner = i;
      }
    }
    return base_.draw(StreamOf::best_of_n, replicate, winner);
  }

  Sequence by_order(std::uint32_t replicate, const Sequence& base, std::vector<double>& sums) const {
    weigh(sums, base.step);
    RandomStream random(plan_.seed, StreamOf::best_of_n, replicate, beside);
    const double u = random.uniform() * plan_.order_cdf.back();
    const auto at = std::upper_bound(plan_.order_cdf.begin(), plan_.order_cdf.end(), u);
    const auto j =
        static_cast<std::size_t>(std::min(at - plan_.order_cdf.begin(), std::ptrdiff_t(plan_.order_cdf.size()) - 1));
    Sequence s;
    // Where the law lists every stride-th level, the others are as likely as it is.
    const double offset = plan_.order_stride > 1
                              ? std::floor(random.uniform() * plan_.order_stride) - std::floor(plan_.order_stride / 2)
                              : 0;
    s.step = plan_.order_step[j] + offset;
    s.log_level = plan_.order_log_p[j];
    return s;
  }

  const SimulationPlan& plan_;
  Drawer base_;
  Drawer tilt_;
  /** By total step, where those are few whole numbers. */
  std::vector<double> weights_;
};

}  // namespace

std::size_t SimulationPlan::sums() const { return Sums::size + Sums::per_policy * extras.size(); }

std::vector<double> simulate(const SimulationPlan& plan, std::uint32_t first, std::uint32_t count) {
  std::vector<double> sums(plan.sums(), 0);
  Replicates replicates(plan);
  for (std::uint32_t k = 0; k < count; ++k) replicates.add(first + k, sums);
  return sums;
}

}  // namespace tiltlab
