#include "report/statements/chain_matrices.hpp"

#include <algorithm>
#include <cmath>

#include "error.hpp"
#include "laws/tilted_chain.hpp"
#include "numerics/log_domain.hpp"

namespace tiltlab {

namespace {

using Matrix = std::vector<double>;

/** Exponentials that following h from the end of a sequence may take. */
constexpr double most_exponentials = 4e6;

/** The largest difference of entries; NaN where either matrix is empty. */
double difference(const Matrix& x, const Matrix& y) {
  if (x.empty() || y.empty()) return not_known;
  double most = 0;
  for (std::size_t i = 0; i < x.size(); ++i) most = std::max(most, std::fabs(x[i] - y[i]));
  return most;
}

/** One entry a transition as a matrix with rows of sum 1. */
Matrix matrix_of(const MarkovLaw& law, const std::vector<double>& entry) {
  Matrix m(law.states * law.states, 0);
  std::vector<double> sum(law.states, 0);
  for (std::size_t i = 0; i < entry.size(); ++i) {
    const Transition& t = law.transitions[i];
    m[t.from * law.states + t.to] += entry[i];
    sum[t.from] += entry[i];
  }
  for (std::size_t i = 0; i < m.size(); ++i) m[i] /= sum[i / law.states];
  return m;
}

/** h, step by step from the end: by its logarithm, since no tilt is too steep for that. */
class Backward {
 public:
  Backward(const MarkovLaw& law, double b) : law_(law), log_h_(law.states, 0) {
    for (const Transition& t : law.transitions)
      log_weight_.push_back(log_probability(t.p) + (DoubleDouble(b) * law.rewards.step[t.level]).value());
    step();
  }

  /** The transitions at the step that h stands at, of the optimum. */
  [[nodiscard]] const std::vector<double>& transitions() const { return now_; }

  /** What the transitions may move by rounding alone. */
  [[nodiscard]] double rounding() const {
    double most = 1;
    for (const double x : log_weight_) most = std::max(most, std::fabs(x));
    return 1e-15 * most;
  }

  /** Goes one step back. @return how far the transitions moved */
  double step() {
    const std::size_t size = log_weight_.size();
    std::vector<double> log_before(law_.states, -infinity);
    std::vector<double> most(law_.states, -infinity);
    std::vector<double> sum(law_.states, 0);
    for (std::size_t i = 0; i < size; ++i) {
      const Transition& t = law_.transitions[i];
      most[t.from] = std::max(most[t.from], log_weight_[i] + log_h_[t.to]);
    }
    std::vector<double> next(size);
    for (std::size_t i = 0; i < size; ++i) {
      const Transition& t = law_.transitions[i];
      next[i] = std::exp(log_weight_[i] + log_h_[t.to] - most[t.from]);
      sum[t.from] += next[i];
    }
    for (std::size_t x = 0; x < law_.states; ++x) log_before[x] = most[x] + std::log(sum[x]);
    for (std::size_t i = 0; i < size; ++i) next[i] /= sum[law_.transitions[i].from];
    // Only differences of log h count, and these are bounded.
    const double top = *std::max_element(log_before.begin(), log_before.end());
    for (double& x : log_before) x -= top;
    const double moved = now_.empty() ? 1 : difference(next, now_);
    log_h_ = std::move(log_before);
    now_ = std::move(next);
    return moved;
  }

 private:
  const MarkovLaw& law_;
  std::vector<double> log_weight_;
  /** log h after the step that `now_` is of. */
  std::vector<double> log_h_;
  std::vector<double> now_;
};

/** Which states a sequence may visit, in their order: those of `visited_part`. */
std::vector<double> visited(const MarkovLaw& law) {
  std::vector<bool> is_seen(law.states, false);
  for (std::size_t i = 0; i < law.states; ++i) is_seen[i] = law.initial[i].value() > 0;
  for (std::size_t round = 0; round < law.states; ++round) {
    for (const Transition& t : law.transitions) {
      if (is_seen[t.from]) is_seen[t.to] = true;
    }
  }
  std::vector<double> out;
  for (std::size_t i = 0; i < law.states; ++i) {
    if (is_seen[i]) out.push_back(static_cast<double>(i));
  }
  return out;
}

/** Of the optimum's tilt, per lattice step. */
double tilt_of(const ChainTilt& tilt) {
  return std::visit([](const auto& t) { return t.b; }, tilt);
}

/** Doob's chain; empty where there is none, or its weights leave a double's range. */
Matrix doob(const Chain& chain, double b) {
  try {
    const RecurrentChain m = recurrent_chain(chain.law, chain.length);
    return matrix_of(m.law, tilted_chain(m.law, m.recurrence, b).weight);
  } catch (const InputError&) {
    return {};
  } catch (const NumericalError&) {
    return {};
  }
}

}  // namespace

std::vector<double> optimal_transitions(const MarkovLaw& law, double b, std::int64_t after) {
  Backward h(law, b);
  const double nothing = h.rounding();
  // The end may be forgotten at one state before another hears of it: as many steps in a row as there are states.
  std::size_t still = 0;
  double work = 0;
  for (std::int64_t k = 0; k < after && still <= law.states; ++k) {
    still = h.step() <= nothing ? still + 1 : 0;
    work += static_cast<double>(law.transitions.size());
    if (work > most_exponentials) return {};
  }
  return matrix_of(law, h.transitions());
}

ChainMatrices chain_matrices(const Chain& chain, const Budget& budget) {
  const MarkovLaw law = visited_part(chain.law);
  ChainMatrices c;
  c.state = visited(chain.law);
  std::vector<double> p;
  for (const Transition& t : law.transitions) p.push_back(t.p.value());
  c.base = matrix_of(law, p);
  c.length = static_cast<double>(chain.length);
  const std::int64_t middle = (chain.length + 1) / 2;
  c.middle_step = static_cast<double>(middle);
  const double b = tilt_of(tilt_for(chain, budget.kl));
  if (!std::isfinite(b)) return c;
  c.last = optimal_transitions(law, b, 0);
  c.middle = optimal_transitions(law, b, chain.length - middle);
  c.first = optimal_transitions(law, b, chain.length - 1);
  c.limit = doob(chain, b);
  c.first_to_limit = difference(c.first, c.limit);
  c.middle_to_limit = difference(c.middle, c.limit);
  c.last_to_limit = difference(c.last, c.limit);
  return c;
}

}  // namespace tiltlab
