#include "simulation/simulate.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "error.hpp"
#include "simulation/binomial.hpp"
#include "simulation/count_tables.hpp"
#include "simulation/drafts.hpp"
#include "simulation/sum_tables.hpp"
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

/** A draft of which some tokens are drawn. */
struct Partial {
  std::int64_t done = 0;
  Sequence sum;
  std::optional<RandomStream> further;
  /** Of a chain: where it stands. */
  Walked walked;
};

/** Draws sequences of one alphabet, in the cheapest way that the method allows. */
class Drawer {
 public:
  /** @param levels_matter whether anybody asks for `log_level` @param often whether large tables are worth their making
   */
  Drawer(const SimulationPlan& plan, std::span<const double> weights, bool levels_matter, bool often,
         const WalkPlan* walk)
      : plan_(plan) {
    if (walk != nullptr) {
      // Measured: each transition's table depends on where the last one led.
      constexpr double slower = 2;
      way_ = Way::walk;
      cost_ = slower * static_cast<double>(plan.length);
      walk_.emplace(*walk, plan.length);
      return;
    }
    const auto length = static_cast<double>(plan.length);
    const double levels = static_cast<double>(weights.size());
    const double largest = *std::max_element(plan.step.begin(), plan.step.end());
    // In units of a token drawn by itself.
    cost_ = length;
    if (plan.method != Method::tokens) {
      if (15 * levels < cost_) {
        way_ = Way::types;
        cost_ = 15 * levels;
      }
      if (plan.lattice && plan.gold.empty() && !levels_matter && largest < SumTables::most_totals &&
          std::ldexp(length, -SumTables::most_doublings) < cost_ && (often || length < 4096)) {
        sums_.emplace(weights, plan.step, plan.length);
        const double words = 4 + 1.5 * static_cast<double>(sums_->words());
        if (words < cost_) {
          way_ = Way::sums;
          cost_ = words;
        } else {
          sums_.reset();
        }
      }
    }
    if (way_ == Way::tokens) {
      table_.emplace(weights);
      for (std::size_t k = 0; k < table_->outcomes(); ++k)
        step_.push_back(table_->token(k) < plan.step.size() ? plan.step[table_->token(k)] : 0);
    } else if (way_ == Way::types) {
      count_by_types(weights, often);
    }
  }

  /** What a draft costs, in tokens drawn one by one. */
  [[nodiscard]] double cost() const { return cost_; }

  /**
   * The sequence, in one go or in slices; slices begin where they begin whatever the work allowed, so that sums round
   * alike.
   * @returns whether it is whole
   */
  bool draw(StreamOf of, std::uint32_t replicate, std::uint32_t draw, Partial& partial, SumTables::Words& words,
            double& work) const {
    if (work <= 0) return false;
    if (way_ == Way::tokens) return by_tokens(of, replicate, draw, partial, work);
    if (way_ == Way::walk) return by_walk(of, replicate, draw, partial, work);
    work -= cost_;
    partial.sum = way_ == Way::types ? by_types(of, replicate, draw)
                                     : Sequence{sums_->total(plan_.seed, of, replicate, draw, words), 0, -HUGE_VAL};
    return true;
  }

  /** Whether `total` draws a sequence at once. */
  [[nodiscard]] bool at_once() const { return plan_.length <= slice || way_ == Way::types || way_ == Way::sums; }

  /** The total step of a sequence. */
  [[nodiscard]] double total(StreamOf of, std::uint32_t replicate, std::uint32_t draw, SumTables::Words& words) const {
    if (way_ == Way::sums) return sums_->total(plan_.seed, of, replicate, draw, words);
    if (way_ == Way::types) return by_types(of, replicate, draw).step;
    if (way_ == Way::walk) {
      RandomStream further = TokenTable::further(plan_.seed, of, replicate, draw);
      Walked walked = walk_->begin(further);
      walk_->go_on(walked, plan_.length, plan_.seed, of, replicate, draw, further);
      return walked.step;
    }
    double even = 0;
    double odd = 0;
    const double* step = step_.data();
    table_->draw(plan_.seed, of, replicate, draw, plan_.length,
                 [&](std::size_t k, int parity) { (parity == 0 ? even : odd) += step[k]; });
    return even + odd;
  }

 private:
  enum class Way { tokens, types, sums, walk };

  static constexpr std::int64_t slice = TokenTable::bunch << 13;
  /** Of the tables of counts: some 30 ms to make. */
  static constexpr double most_cells = 2e5;

  /** What drawing how often each token occurs takes. */
  void count_by_types(std::span<const double> weights, bool often) {
    double rest = 0;
    for (const double w : weights) rest += w;
    if (!(rest > 0)) throw NumericalError("simulation: no token has a weight above 0");
    for (const double w : weights) {
      share_.emplace_back(rest > 0 ? std::min(1.0, w / rest) : 0);
      rest -= w;
    }
    // Whatever is left is the last token's, however the subtractions rounded.
    while (!(weights[share_.size() - 1] > 0)) share_.pop_back();
    share_.back() = Success(1);
    if (!often || plan_.length > CountTables::most_trials) return;
    std::vector<double> p;
    double cells = 0;
    rest = 0;
    for (const double w : weights) rest += w;
    for (std::size_t i = 0; i + 1 < share_.size(); ++i) {
      p.push_back(std::clamp(weights[i] / rest, 0.0, 1.0));
      rest -= weights[i];
      cells += CountTables::cells(p.back(), plan_.length);
    }
    if (cells > most_cells) return;
    for (const double each : p) tables_.emplace_back(each, plan_.length);
  }

  bool by_tokens(StreamOf of, std::uint32_t replicate, std::uint32_t draw, Partial& partial, double& work) const {
    if (!partial.further) partial.further = TokenTable::further(plan_.seed, of, replicate, draw);
    Sequence s = partial.sum;
    while (partial.done < plan_.length) {
      if (work <= 0) break;
      const std::int64_t count = std::min(slice, plan_.length - partial.done);
      table_->draw(plan_.seed, of, replicate, draw, partial.done, count, *partial.further, [&](std::size_t k, int) {
        const std::uint32_t token = table_->token(k);
        s.step += plan_.step[token];
        if (!plan_.gold.empty()) s.gold += plan_.gold[token];
        s.log_level += plan_.log_level[token];
      });
      partial.done += count;
      work -= static_cast<double>(count);
    }
    partial.sum = s;
    return partial.done == plan_.length;
  }

  bool by_walk(StreamOf of, std::uint32_t replicate, std::uint32_t draw, Partial& partial, double& work) const {
    if (!partial.further) {
      partial.further = TokenTable::further(plan_.seed, of, replicate, draw);
      partial.walked = walk_->begin(*partial.further);
    }
    const double each = cost_ / static_cast<double>(plan_.length);
    while (partial.walked.done < plan_.length && work > 0) {
      walk_->go_on(partial.walked, slice, plan_.seed, of, replicate, draw, *partial.further);
      work -= each * static_cast<double>(std::min(slice, plan_.length));
    }
    partial.sum = {partial.walked.step, 0, partial.walked.log_p};
    return partial.walked.done == plan_.length;
  }

  [[nodiscard]] Sequence by_types(StreamOf of, std::uint32_t replicate, std::uint32_t draw) const {
    BulkStream random(plan_.seed, of, replicate, draw);
    RandomStream further = TokenTable::further(plan_.seed, of, replicate, draw);
    Sequence s;
    std::int64_t left = plan_.length;
    for (std::size_t i = 0; i < share_.size() && left > 0; ++i) {
      const std::int64_t count =
          i < tables_.size() ? tables_[i].count(random, further, left) : share_[i].count(random, left);
      if (count == 0) continue;
      left -= count;
      const auto times = static_cast<double>(count);
      s.step += times * plan_.step[i];
      if (!plan_.gold.empty()) s.gold += times * plan_.gold[i];
      s.log_level += times * plan_.log_level[i];
    }
    return s;
  }

  const SimulationPlan& plan_;
  Way way_ = Way::tokens;
  double cost_ = 0;
  std::optional<TokenTable> table_;
  /** By the table's outcomes. */
  std::vector<double> step_;
  /** Of what is left by the tokens before. */
  std::vector<Success> share_;
  /** The same but for the last, where many are drawn. */
  std::vector<CountTables> tables_;
  std::optional<SumTables> sums_;
  std::optional<ChainWalk> walk_;
};

/** Number of the first policy beside base, KL-RL and best-of-N. */
constexpr std::size_t others = 3;

/** The draw number of what is drawn beside the N drafts: ties, the quantile, the opponents. */
constexpr std::uint32_t beside = 0xffffffff;

/** log(N p) under which the plug-in estimate is its bound to the last digit. */
constexpr double negligible = -45;

/** Where a total stands in a law, between levels in part. */
double value_at(const TotalLaw& law, double step) {
  const double near = law.near * std::max(1.0, std::fabs(step));
  const auto at = std::lower_bound(law.step.begin(), law.step.end(), step - near);
  if (at == law.step.end()) return law.value.back();
  const auto j = static_cast<std::size_t>(at - law.step.begin());
  if (j == 0 || law.step[j] <= step + near) return law.value[j];
  const double share = (step - law.step[j - 1]) / (law.step[j] - law.step[j - 1]);
  return law.value[j - 1] + share * (law.value[j] - law.value[j - 1]);
}

/** Where a uniform variate falls in a distribution function. */
std::size_t inverted(const std::vector<double>& cdf, RandomStream& random) {
  const auto at = std::upper_bound(cdf.begin(), cdf.end(), random.uniform() * cdf.back());
  return static_cast<std::size_t>(std::min(at - cdf.begin(), std::ptrdiff_t(cdf.size()) - 1));
}

/** A total by inverting the distribution function. */
Sequence invert(const TotalLaw& law, RandomStream& random) {
  const std::size_t j = inverted(law.cdf, random);
  double points = 0;
  if (law.stride > 1) {
    // Those between two levels that are an even number apart belong to both: the one in the middle half to each.
    const bool even = std::fmod(law.stride, 2) == 0;
    points = std::floor(random.uniform() * law.stride + (even ? 0.5 : 0)) - std::floor(law.stride / 2);
  }
  return {law.step[j] + points * law.point, law.gold[j], law.value[j]};
}

Sequence walked(const ExtraPlan::Walk& walk, RandomStream& random, double& work) {
  Sequence sum;
  sum.step = walk.start;
  std::size_t state = inverted(walk.initial, random);
  for (const ExtraPlan::Walk::Blocks& blocks : walk.blocks) {
    for (std::int64_t i = 0; i < blocks.times; ++i) {
      const ExtraPlan::Walk::Row& row = blocks.from[state];
      const std::size_t j = inverted(row.cdf, random);
      sum.step += row.step[j];
      sum.log_level += row.value[j];
      state = row.to[j];
    }
    work -= static_cast<double>(blocks.times);
  }
  return sum;
}

/** A total of a policy that has a law, or of one that has a law for each of its blocks. */
Sequence drawn_of(const ExtraPlan& extra, RandomStream& random, double& work) {
  if (extra.walk) return walked(*extra.walk, random, work);
  if (extra.blocks.empty()) return invert(extra.law, random);
  Sequence sum;
  for (const ExtraPlan::Block& block : extra.blocks) {
    for (double i = 0; i < block.times; ++i) {
      const Sequence one = invert(block.law, random);
      sum.step += one.step;
      sum.gold += one.gold;
      sum.log_level += one.log_level;
    }
    work -= block.times;
  }
  return sum;
}

}  // namespace

double drawn_step(const TotalLaw& law, RandomStream& random) { return invert(law, random).step; }

/** Where a share stands: between replicates, or in the middle of one. */
struct Sampler::Share::State {
  std::uint32_t next = 0;
  std::uint32_t end = 0;
  std::vector<double> sums;
  /** Of the replicate at hand: base, KL-RL, best-of-N, the extras. */
  std::size_t policy = 0;
  enum class Phase { begin, count, drafts, kept, opponent } phase = Phase::begin;
  double base_step = 0;
  Sequence kept;
  Partial partial;
  SumTables::Words words;
  /** Of policies that keep one of several drafts. */
  RandomStream random{0, StreamOf::base, 0, 0};
  double drafts = 0;
  double time = 0;
  std::uint32_t i = 0;
  double best = -HUGE_VAL;
  double best_tie = 0;
  std::uint32_t winner = 0;
  std::uint32_t tied = 0;
  /** Of several prompts: the one that the replicate at hand asks, and where its reply stands. */
  std::size_t prompt = 0;
  std::unique_ptr<State> reply;
};

class Sampler::Replicates {
 public:
  using State = Share::State;

  explicit Replicates(SimulationPlan plan)
      : plan_(std::move(plan)),
        base_(plan_, plan_.p, levels_matter(plan_), plan_.method == Method::types,
              plan_.walks ? &plan_.walks->base : nullptr),
        tilt_(plan_, plan_.tilted, false, false, plan_.walks ? &plan_.walks->kl_rl : nullptr) {
    const double most = *std::max_element(plan_.step.begin(), plan_.step.end()) * static_cast<double>(plan_.length);
    if (!plan_.lattice || most > 65536 || plan_.only_step < HUGE_VAL) return;
    for (double step = 0; step <= most; ++step) weights_.push_back(std::exp(plan_.b * step + plan_.log_normaliser));
  }

  [[nodiscard]] const SimulationPlan& plan() const { return plan_; }

  bool advance(State& s, double& work) const {
    while (s.next < s.end) {
      while (s.policy < others + plan_.extras.size()) {
        if (!add(s, work)) return false;
        ++s.policy;
        s.phase = State::Phase::begin;
      }
      s.policy = 0;
      ++s.next;
    }
    return true;
  }

 private:
  /** Whether any draft is so likely that the plug-in estimate asks how likely. */
  static bool levels_matter(const SimulationPlan& plan) {
    if (plan.walks) return true;
    const double likeliest = *std::max_element(plan.log_level.begin(), plan.log_level.end());
    return plan.method != Method::order && plan.log_n + static_cast<double>(plan.length) * likeliest > negligible;
  }

  /** Goes on with the policy at hand. @returns whether it is done */
  bool add(State& s, double& work) const {
    using enum State::Phase;
    const bool order = plan_.method == Method::order;
    if (s.phase == begin) start(s);
    if (s.phase == count && !count_drafts(s, work)) return false;
    if (s.phase == drafts && !choose(s, work)) return false;
    if (s.phase == kept) {
      const bool drawn = s.policy < 2 || !(order || from_law(s.policy));
      if (drawn) {
        const Drawer& drawer = s.policy == 1 ? tilt_ : base_;
        if (!drawer.draw(stream(s.policy), s.next, s.policy < 2 ? 0 : s.winner, s.partial, s.words, work)) return false;
        s.kept = std::exchange(s.partial, {}).sum;
      } else {
        if (s.policy == 2) weigh(s.sums, s.base_step);
        s.kept =
            s.policy == 2 ? invert(plan_.order, s.random) : drawn_of(plan_.extras[s.policy - others], s.random, work);
      }
      if (s.policy == 0) s.base_step = s.kept.step;
      s.phase = opponent;
    }
    // Against a draft of the base of its own.
    if (!base_.draw(StreamOf::base, s.next, static_cast<std::uint32_t>(s.policy) + 1, s.partial, s.words, work))
      return false;
    note(s, std::exchange(s.partial, {}).sum.step);
    return true;
  }

  /** Whether a policy has no other way to be drawn than from its law. */
  [[nodiscard]] bool from_law(std::size_t policy) const {
    if (policy < others) return false;
    const PolicyKind::Drawn drawn = plan_.extras[policy - others].drawn;
    return drawn == PolicyKind::Drawn::from_law || drawn == PolicyKind::Drawn::blocks;
  }

  static StreamOf stream(std::size_t policy) {
    constexpr StreamOf first[] = {StreamOf::base, StreamOf::kl_rl, StreamOf::best_of_n};
    return policy < others ? first[policy]
                           : static_cast<StreamOf>(static_cast<std::uint32_t>(StreamOf::extra) + policy - others);
  }

  void start(State& s) const {
    using enum State::Phase;
    s.phase = kept;
    if (s.policy < 2) return;
    s.random = RandomStream(plan_.seed, stream(s.policy), s.next, beside);
    if (plan_.method == Method::order || from_law(s.policy)) return;
    s.i = s.winner = s.tied = 0;
    s.best = -HUGE_VAL;
    s.best_tie = 0;
    s.phase = drafts;
    if (s.policy == 2) {
      s.drafts = plan_.draws;
      return;
    }
    const ExtraPlan& extra = plan_.extras[s.policy - others];
    s.drafts = extra.draws;
    if (extra.drawn == PolicyKind::Drawn::soft) return;
    s.drafts = 1;
    s.time = -std::log1p(-s.random.uniform());
    s.phase = count;
  }

  /** 1 + the number of arrivals of a Poisson process in time mu. */
  bool count_drafts(State& s, double& work) const {
    const double mu = plan_.extras[s.policy - others].draws;
    for (; s.time <= mu; s.time -= std::log1p(-s.random.uniform())) {
      if (work <= 0) return false;
      work -= 4;
      ++s.drafts;
    }
    s.phase = State::Phase::drafts;
    return true;
  }

  /** Draws the drafts' totals and finds the one that is kept. */
  bool choose(State& s, double& work) const {
    const bool best = s.policy == 2;
    const StreamOf of = stream(s.policy);
    const auto count = static_cast<std::uint32_t>(s.drafts);
    const ExtraPlan* const extra = best ? nullptr : &plan_.extras[s.policy - others];
    const bool soft = extra && extra->drawn == PolicyKind::Drawn::soft;
    for (; s.i < count; ++s.i) {
      double step = 0;
      if (base_.at_once()) {
        if (work <= 0) return false;
        work -= base_.cost() + 2;
        step = base_.total(of, s.next, s.i, s.words);
      } else {
        if (!base_.draw(of, s.next, s.i, s.partial, s.words, work)) return false;
        step = std::exchange(s.partial, {}).sum.step;
      }
      if (best) {
        weigh(s.sums, step);
        if (step > s.best + plan_.same) {
          s.best = step;
          s.winner = s.i;
          s.tied = 1;
        } else if (step >= s.best - plan_.same) {
          // The k-th of the tied takes the winner's place with probability 1/k.
          ++s.tied;
          if (s.random.uniform() * s.tied < 1) s.winner = s.i;
        }
        continue;
      }
      // Keeping one with probability proportional to e^(b step) is keeping the largest b step plus a Gumbel variate;
      // ties of the hard maximum are broken by a uniform one.
      const double u = s.random.uniform();
      const double key = soft ? extra->b * step - std::log(-std::log1p(-u)) : step;
      const double same = soft ? 0 : plan_.same;
      if (key > s.best + same || (!soft && key >= s.best - same && u > s.best_tie)) {
        s.best = key;
        s.best_tie = u;
        s.winner = s.i;
      }
    }
    s.phase = State::Phase::kept;
    return true;
  }

  void note(State& s, double other) const {
    const double step = s.kept.step;
    const double win = step > other + plan_.same ? 1 : step < other - plan_.same ? 0 : 0.5;
    double centre = s.policy == 0 ? plan_.centre_base : plan_.centre_tilted;
    double kl = 0;
    if (s.policy == 1) kl = plan_.b * step + plan_.log_normaliser;
    if (s.policy == 2) kl = plug_in_kl(s.kept.log_level, plan_.log_n);
    if (s.policy >= others) {
      const ExtraPlan& extra = plan_.extras[s.policy - others];
      centre = extra.centre;
      kl = plan_.method == Method::order || from_law(s.policy) ? s.kept.log_level : value_at(extra.law, step);
    }
    const double x[] = {step - centre, s.kept.gold, win, kl};
    // The weights' five sums stand between the three policies and the others.
    double* to = s.sums.data() + (s.policy < others ? s.policy * Sums::per_policy
                                                    : Sums::size + (s.policy - others) * Sums::per_policy);
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

  SimulationPlan plan_;
  Drawer base_;
  Drawer tilt_;
  /** By total step, where those are few whole numbers. */
  std::vector<double> weights_;
};

namespace {

/** Adds what one replicate of a prompt sums to a share's sums, its totals in the share's steps: x = scale x' + shift.
 */
void add_totals(double* to, const double* of, double scale, double shift) {
  const double x = scale * of[0] + shift;
  to[0] += x;
  to[1] += x * x;
  for (std::size_t k = 2; k < Sums::per_policy; ++k) to[k] += of[k];
}
/** The same of its importance weights: w, w^2, w x, w^2 x, w^2 x^2. */
void add_weights(double* to, const double* of, double scale, double shift) {
  to[0] += of[0];
  to[1] += of[1];
  to[2] += scale * of[2] + shift * of[0];
  to[3] += scale * of[3] + shift * of[1];
  to[4] += scale * scale * of[4] + 2 * scale * shift * of[3] + shift * shift * of[1];
}

}  // namespace

/** Replicates of several prompts: each asks one, drawn by its weight, and is a replicate of that prompt's own. */
class Sampler::Prompts {
 public:
  using State = Share::State;

  explicit Prompts(SimulationPlan plan) : plan_(std::move(plan)), ask_(weights(plan_)) {
    for (SimulationPlan& each : plan_.plans) {
      each.seed = plan_.seed;
      of_.push_back(std::make_unique<const Replicates>(std::move(each)));
    }
    plan_.plans.clear();
  }

  [[nodiscard]] const SimulationPlan& plan() const { return plan_; }

  bool advance(State& s, double& work) const {
    for (; s.next < s.end; ++s.next, s.reply.reset()) {
      if (!s.reply) {
        // No draft of the base has this number.
        RandomStream random(plan_.seed, StreamOf::base, s.next, beside);
        s.prompt = ask_.at(random.uniform());
        s.reply = std::make_unique<State>();
        s.reply->next = s.next;
        s.reply->end = s.next + 1;
        s.reply->sums.assign(plan_.sums(), 0);
      }
      if (!of_[s.prompt]->advance(*s.reply, work)) return false;
      add(s.sums, s.reply->sums, plan_.asked[s.prompt], of_[s.prompt]->plan());
    }
    return true;
  }

 private:
  static std::vector<double> weights(const SimulationPlan& plan) {
    std::vector<double> out;
    for (const SimulationPlan::Asked& one : plan.asked) out.push_back(one.weight);
    return out;
  }

  void add(std::vector<double>& to, const std::vector<double>& of, const SimulationPlan::Asked& at,
           const SimulationPlan& own) const {
    const auto shift = [&](double centre, double from) { return at.scale * centre + at.origin - from; };
    const double base = shift(own.centre_base, plan_.centre_base);
    const double tilted = shift(own.centre_tilted, plan_.centre_tilted);
    for (std::size_t k = 0; k < others; ++k)
      add_totals(&to[k * Sums::per_policy], &of[k * Sums::per_policy], at.scale, k == 0 ? base : tilted);
    add_weights(&to[others * Sums::per_policy], &of[others * Sums::per_policy], at.scale, tilted);
    for (std::size_t i = 0; i < plan_.extras.size(); ++i) {
      const std::size_t k = Sums::size + i * Sums::per_policy;
      add_totals(&to[k], &of[k], at.scale, shift(own.extras[i].centre, plan_.extras[i].centre));
    }
  }

  SimulationPlan plan_;
  AliasTable ask_;
  std::vector<std::unique_ptr<const Replicates>> of_;
};

std::size_t SimulationPlan::sums() const { return Sums::size + Sums::per_policy * extras.size(); }

Sampler::Sampler(SimulationPlan plan) {
  if (plan.plans.empty()) {
    replicates_ = std::make_unique<const Replicates>(std::move(plan));
  } else {
    prompts_ = std::make_unique<const Prompts>(std::move(plan));
  }
}
Sampler::Sampler(Sampler&&) noexcept = default;
Sampler& Sampler::operator=(Sampler&&) noexcept = default;
Sampler::~Sampler() = default;

const SimulationPlan& Sampler::plan() const { return prompts_ ? prompts_->plan() : replicates_->plan(); }

Sampler::Share Sampler::share(std::uint32_t first, std::uint32_t count) const {
  auto state = std::make_unique<Share::State>();
  state->next = first;
  state->end = first + count;
  state->sums.assign(plan().sums(), 0);
  return Share(std::move(state));
}

bool Sampler::advance(Share& share, double work) const {
  return prompts_ ? prompts_->advance(*share.state_, work) : replicates_->advance(*share.state_, work);
}

Sampler::Share::Share(std::unique_ptr<State> state) : state_(std::move(state)) {}
Sampler::Share::Share(Share&&) noexcept = default;
Sampler::Share& Sampler::Share::operator=(Share&&) noexcept = default;
Sampler::Share::~Share() = default;

const std::vector<double>& Sampler::Share::sums() const { return state_->sums; }

std::vector<double> simulate(const Sampler& sampler, std::uint32_t first, std::uint32_t count) {
  Sampler::Share share = sampler.share(first, count);
  while (!sampler.advance(share, HUGE_VAL)) {
  }
  return share.sums();
}

std::vector<double> simulate(const SimulationPlan& plan, std::uint32_t first, std::uint32_t count) {
  return simulate(Sampler(plan), first, count);
}

}  // namespace tiltlab
