#include "laws/chain_spectrum.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>
#include <utility>

#include "error.hpp"
#include "numerics/log_domain.hpp"
#include "numerics/sine_cosine.hpp"

namespace tiltlab {

namespace {

constexpr double pi = std::numbers::pi;
using Complex = std::complex<double>;

/** Transitions from which on every frequency takes long. */
constexpr double many_transitions = 512;

/** Rows of a matrix of a few transitions and of its derivative by i w, as real and imaginary parts. */
struct Power {
  std::vector<double> re, im, dre, dim;

  void clear(std::size_t size) {
    for (std::vector<double>* part : {&re, &im, &dre, &dim}) part->assign(size, 0);
  }
};

/** What a walk writes over at each frequency. */
struct Room {
  std::vector<double> cosine, sine;
  Power power, square;
  std::vector<double> lost, sum, next;
};

/** One transition at frequency w. */
void find_one(const TiltedChain& t, double w, Room& room) {
  const std::size_t k = t.start.size();
  room.cosine.clear();
  room.sine.clear();
  for (const double x : t.centred) {
    const auto [sine, cosine] = sine_cosine(w * x);
    room.cosine.push_back(cosine);
    room.sine.push_back(sine);
  }
  Power& p = room.power;
  p.clear(k * k);
  for (std::size_t i = 0; i < t.transitions.size(); ++i) {
    const Transition& step = t.transitions[i];
    const double x = t.centred[step.level];
    const std::size_t at = step.from * k + step.to;
    const double re = t.weight[i] * room.cosine[step.level];
    const double im = t.weight[i] * room.sine[step.level];
    p.re[at] += re;
    p.im[at] += im;
    p.dre[at] -= x * im;
    p.dim[at] += x * re;
  }
}

/** Entries of the square of the power, in its place, from each state to those of `to`: as many columns. */
void square(std::size_t k, const std::vector<std::size_t>& to, Room& room) {
  const Power& p = room.power;
  Power& out = room.square;
  out.clear(k * to.size());
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t l = 0; l < k; ++l) {
      const double re = p.re[i * k + l];
      const double im = p.im[i * k + l];
      if (re == 0 && im == 0) continue;
      const double dre = p.dre[i * k + l];
      const double dim = p.dim[i * k + l];
      for (std::size_t j = 0; j < to.size(); ++j) {
        const std::size_t from = l * k + to[j];
        const std::size_t at = i * to.size() + j;
        out.re[at] += re * p.re[from] - im * p.im[from];
        out.im[at] += re * p.im[from] + im * p.re[from];
        out.dre[at] += dre * p.re[from] - dim * p.im[from] + re * p.dre[from] - im * p.dim[from];
        out.dim[at] += dre * p.im[from] + dim * p.re[from] + re * p.dim[from] + im * p.dre[from];
      }
    }
  }
  std::swap(room.power, room.square);
}

std::vector<std::size_t> all_states(std::size_t k) {
  std::vector<std::size_t> out(k);
  for (std::size_t i = 0; i < k; ++i) out[i] = i;
  return out;
}

/** 2^doublings transitions from any state to some, as many columns as `to` has. */
struct Block {
  int doublings;
  std::vector<std::size_t> to;
  /** P^m */
  std::vector<double> weight;
  /** Of the sum from x to z, one entry a weight. */
  std::vector<double> variance;
};

/** The block to the states of `to` of what is known of all: P^m, and the sums' moments times it. */
Block part_of(int doublings, const std::vector<std::size_t>& to, const std::vector<double>& at,
              const std::vector<double>& first, const std::vector<double>& second, std::size_t k) {
  Block out{doublings, to, {}, {}};
  for (std::size_t i = 0; i < k; ++i) {
    for (const std::size_t j : to) {
      const std::size_t ij = i * k + j;
      const double mean = at[ij] > 0 ? first[ij] / at[ij] : 0;
      out.weight.push_back(at[ij]);
      out.variance.push_back(at[ij] > 0 ? std::max(0.0, second[ij] / at[ij] - mean * mean) : 0);
    }
  }
  return out;
}

/** The states that sequences are in most often, so many that they prove what each block must leave: of what goes to
 * them a block loses some two thirds at a frequency that is far from all periods. */
std::vector<std::size_t> most_frequent(const TiltedChain& t, double nats) {
  constexpr std::size_t least = 4;
  constexpr double lost = 0.65;
  const double needed = -std::expm1(-nats) / lost;
  std::vector<std::size_t> order = all_states(t.stationary.size());
  std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
    return t.stationary[i] != t.stationary[j] ? t.stationary[i] > t.stationary[j] : i < j;
  });
  double total = 0;
  for (const double x : t.stationary) total += x;
  double share = 0;
  std::size_t count = 0;
  while (count < order.size() && (count < least || share < needed * total)) share += t.stationary[order[count++]];
  order.resize(count);
  return order;
}

/** To all states, and to a few: what proves little at little cost. */
struct Blocks {
  Block all;
  Block few;
};

Blocks blocks_of(const TiltedChain& t, int doublings, double nats) {
  const std::size_t k = t.start.size();
  const std::vector<double> none(k * k, 0);
  std::vector<double> at = none, first = none, second = none;
  for (std::size_t i = 0; i < t.transitions.size(); ++i) {
    const Transition& step = t.transitions[i];
    const std::size_t to = step.from * k + step.to;
    const double mean = t.weight[i] * t.centred[step.level];
    at[to] += t.weight[i];
    first[to] += mean;
    second[to] += mean * t.centred[step.level];
  }
  for (int d = 0; d < doublings; ++d) {
    std::vector<double> a = none, f = none, s = none;
    for (std::size_t i = 0; i < k; ++i) {
      for (std::size_t l = 0; l < k; ++l) {
        const std::size_t il = i * k + l;
        if (at[il] == 0) continue;
        for (std::size_t j = 0; j < k; ++j) {
          const std::size_t lj = l * k + j;
          a[i * k + j] += at[il] * at[lj];
          f[i * k + j] += first[il] * at[lj] + at[il] * first[lj];
          s[i * k + j] += second[il] * at[lj] + 2 * first[il] * first[lj] + at[il] * second[lj];
        }
      }
    }
    at = std::move(a);
    first = std::move(f);
    second = std::move(s);
  }
  return {part_of(doublings, all_states(k), at, first, second, k),
          part_of(doublings, most_frequent(t, nats), at, first, second, k)};
}

/** What is known of psi at a frequency, one entry a weight of the block: 1 - |psi|^2, and its derivative. */
struct Dips {
  std::vector<double> value;
  std::vector<double> slope;
};

void find_dips(const TiltedChain& t, const Block& block, const std::vector<std::size_t>& all, double w, Room& room,
               Dips& out) {
  find_one(t, w, room);
  for (int i = 0; i + 1 < block.doublings; ++i) square(all.size(), all, room);
  square(all.size(), block.to, room);
  const Power& p = room.power;
  out.value.clear();
  out.slope.clear();
  for (std::size_t at = 0; at < block.weight.size(); ++at) {
    const double square = block.weight[at] * block.weight[at];
    out.value.push_back(square > 0 ? 1 - (p.re[at] * p.re[at] + p.im[at] * p.im[at]) / square : 0);
    out.slope.push_back(square > 0 ? -2 * (p.re[at] * p.dre[at] + p.im[at] * p.dim[at]) / square : 0);
  }
}

/** log of the largest row sum of three blocks' |P^m psi|, a third of it, at any frequency from w to w + step: the
 * second derivative of 1 - |psi|^2 is at least -2 variance. */
double log_growth(const Block& block, const Dips& dips, double step, Room& room) {
  const std::size_t columns = block.to.size();
  const std::size_t k = block.weight.size() / columns;
  // What goes to states that are not looked at goes on whole.
  std::vector<double>& lost = room.lost;
  std::vector<double>& sum = room.sum;
  std::vector<double>& next = room.next;
  lost.resize(block.weight.size());
  sum.assign(k, 1);
  next.resize(k);
  for (std::size_t at = 0; at < lost.size(); ++at) {
    const double end = dips.value[at] + step * (dips.slope[at] - step * block.variance[at]);
    const double least = std::max(0.0, std::min(dips.value[at], end));
    // 1 - sqrt(1 - x), to its own digits.
    lost[at] = block.weight[at] * least / (1 + std::sqrt(std::max(0.0, 1 - least)));
  }
  constexpr int blocks = 3;
  double most = 1;
  double log_most = 0;
  for (int i = 0; i < blocks; ++i) {
    std::fill(next.begin(), next.end(), 0);
    double largest = 0;
    for (std::size_t x = 0; x < k; ++x) {
      double rest = 1;
      for (std::size_t j = 0; j < columns; ++j) {
        const double weight = block.weight[x * columns + j];
        rest -= weight;
        next[x] += (weight - lost[x * columns + j]) * sum[block.to[j]];
      }
      // Those others may be as large as any.
      if (columns < k) next[x] += std::max(0.0, rest) * most;
      largest = std::max(largest, next[x]);
    }
    sum.swap(next);
    most = largest;
    log_most = std::log(most);
  }
  return log_most / blocks;
}

/** Products that a power takes, to so many states. */
double cost_of(const TiltedChain& t, int doublings, std::size_t columns) {
  const auto k = static_cast<double>(t.start.size());
  return 16 * k * k * ((doublings - 1) * k + static_cast<double>(columns));
}

/** A walk over frequencies by blocks of one length. */
class Walk {
 public:
  /** @param nats that each block must leave at most of a frequency that is left out */
  Walk(const TiltedChain& t, Blocks blocks, double nats)
      : t_(t), blocks_(std::move(blocks)), nats_(nats), all_(all_states(t.start.size())) {
    cost_of_few_ = cost_of(t, blocks_.few.doublings, blocks_.few.to.size());
    cost_of_all_ = cost_of(t, blocks_.all.doublings, t.start.size());
  }

  /** Empty where it would cost more. @param lobe, end where the walk begins, and where it ends, in frequencies @param
   * most products */
  [[nodiscard]] std::optional<std::vector<FrequencyRange>> ranges(std::int64_t period, std::int64_t lobe, double most,
                                                                  std::int64_t end) {
    const double dw = 2 * pi / static_cast<double>(period);
    std::vector<FrequencyRange> out{{0, std::min(end, lobe)}};
    for (std::int64_t f = out.back().end; f < end;) {
      const double step = clear_from(dw * static_cast<double>(f), dw);
      if (products_ > most) return std::nullopt;
      if (step > 0) {
        f += std::max<std::int64_t>(1, static_cast<std::int64_t>(std::min(step / dw, 4e15)));
        continue;
      }
      // A neighbour is not proved either, as a rule: a part of the range at a time.
      if (f > out.back().end) out.push_back({f, f});
      out.back().end = f = std::min(end, f + std::max<std::int64_t>(1, (f - out.back().first) / 8));
    }
    return out;
  }

 private:
  /** How far from w all frequencies may be left out; 0 where w may not. */
  [[nodiscard]] double clear_from(double w, double dw) {
    if (few_fail_ <= 0) {
      products_ += cost_of_few_;
      const double step = clear(blocks_.few, w, dw);
      // A step of less than a frequency is no step.
      if (step > dw) return step;
      few_fail_ = 4;
    }
    --few_fail_;
    products_ += cost_of_all_;
    return clear(blocks_.all, w, dw);
  }

  /** The last step or a power of two times it. */
  [[nodiscard]] double clear(const Block& block, double w, double dw) {
    find_dips(t_, block, all_, w, room_, dips_);
    const auto is_clear = [&](double step) { return log_growth(block, dips_, step, room_) <= -nats_; };
    if (!is_clear(0)) return 0;
    double step = std::max(step_, dw);
    if (is_clear(step)) {
      constexpr int most_doublings = 3;
      for (int i = 0; i < most_doublings && is_clear(2 * step); ++i) step *= 2;
    } else {
      while (step > dw && !is_clear(step)) step /= 2;
    }
    return step_ = std::max(step, dw);
  }

  const TiltedChain& t_;
  Blocks blocks_;
  double nats_;
  std::vector<std::size_t> all_;
  Room room_;
  Dips dips_;
  double cost_of_few_ = 0;
  double cost_of_all_ = 0;
  double products_ = 0;
  double step_ = 0;
  /** Frequencies for which those few states are not tried again. */
  int few_fail_ = 0;
};

/** log of what the ends of a sequence may make of a power of Doob's chain, at most. */
double most_of_ends(const TiltedChain& t, double log_share) {
  double before = 0;
  for (const double x : t.start) before += x;
  return std::max(0.0, std::log(before * *std::max_element(t.end.begin(), t.end.end())) - log_share);
}

/** Doublings from which blocks are tried: each costs a square, and saves frequencies. */
int first_doublings(std::size_t states, std::int64_t length) {
  int d = states <= 8 ? 4 : states <= 16 ? 2 : 1;
  // Many blocks need leave little each, and a walk whose bound is far off takes long steps.
  constexpr std::int64_t many_blocks = 64;
  while (d > 1 && (many_blocks << d) > length) --d;
  return d;
}

/** Steps that following a frequency to one eigenvalue takes, about. */
constexpr double steps_followed = 60;

/** As many steps as squares of a transition of few states take the time of. */
double steps_squared(const TiltedChain& t, std::int64_t length) {
  return 0.75 * static_cast<double>(t.start.size()) * doublings(static_cast<double>(length));
}

/** Whether squares are sooner done. */
bool is_squared(const TiltedChain& t, std::int64_t length) {
  // Each transition rounds.
  constexpr std::int64_t longest = 1000;
  return length <= longest && steps_squared(t, length) < steps_followed / 2;
}

double steps_of_a_wave(const TiltedChain& t, std::int64_t length) {
  return is_squared(t, length) ? steps_squared(t, length) : std::min(static_cast<double>(length), steps_followed);
}

std::int64_t count(const std::vector<FrequencyRange>& ranges) {
  std::int64_t sum = 0;
  for (const FrequencyRange& r : ranges) sum += r.end - r.first;
  return sum;
}

}  // namespace

std::vector<FrequencyRange> significant_frequencies(const TiltedChain& t, std::int64_t length, double log_share,
                                                    std::int64_t period, double decay) {
  return significant_frequencies(t, length, log_share, period, decay, period / 2 + 1);
}

std::vector<FrequencyRange> significant_frequencies(const TiltedChain& t, std::int64_t length, double log_share,
                                                    std::int64_t period, double decay, std::int64_t end) {
  std::vector<FrequencyRange> best{{0, end}};
  // So few that none is worth a proof.
  constexpr std::int64_t few = 48;
  constexpr std::int64_t least_blocks = 12;
  constexpr int most_doublings = 6;
  if (end <= few) return best;
  const double nats = decay + most_of_ends(t, log_share);
  // Up to where a normal law's waves are as faint there is nothing to prove.
  const double sd = std::sqrt(static_cast<double>(length) * t.variance);
  const auto lobe = static_cast<std::int64_t>(std::sqrt(2 * nats) / sd * static_cast<double>(period) / (2 * pi)) + 1;
  const auto transitions = static_cast<double>(t.transitions.size());
  const double followed = steps_of_a_wave(t, length);
  const auto contracted = Contraction(t, length, log_share).frequencies(period, lobe, decay, end);
  if (contracted) {
    best = *contracted;
    // Blocks might prove more, at a cost: of each of so many steps at least.
    constexpr double steps = 64;
    const int d = first_doublings(t.start.size(), length);
    const double more = 8 * followed * transitions * static_cast<double>(count(best) - lobe);
    const std::size_t columns = most_frequent(t, std::ldexp(nats / static_cast<double>(length), d)).size();
    if (more <= steps * cost_of(t, d, columns)) return best;
  }
  // A walk that costs more than what it saves is none, unless without it there is no law in time.
  const double steps_of_all = 2 * followed * static_cast<double>(end - 1);
  const bool many = transitions > many_transitions;
  const double most = std::clamp((many ? 2 : 0.5) * steps_of_all * transitions, 2e7, many ? 4e9 : 2e8);
  for (int d = first_doublings(t.start.size(), length); d <= most_doublings && (least_blocks << d) <= length; ++d) {
    // Whole thirds of blocks.
    const double blocks = 3 * std::floor(std::ldexp(static_cast<double>(length), -d) / 3);
    auto ranges = Walk(t, blocks_of(t, d, nats / blocks), nats / blocks).ranges(period, lobe, most, end);
    // Where longer blocks prove little more than shorter ones, still longer ones prove next to nothing.
    const bool is_better = ranges && count(*ranges) < count(best);
    const bool is_last = contracted && is_better && 4 * count(*ranges) > 3 * count(best);
    if (is_better) best = *std::move(ranges);
    if (is_last || 4 * count(best) < end - 1) return best;
  }
  return best;
}

namespace {

constexpr std::size_t lanes = 4;
/** A number of each, which a machine's registers take together: vectors of GCC and Clang, since loops over lanes are
 * left one by one, or not, as a compiler likes. */
typedef double Lane __attribute__((vector_size(lanes * sizeof(double)), aligned(sizeof(double))));
struct Lanes {
  Lane re{}, im{};
};

/** e^(i w x) - 1 of each level, at some frequencies. */
struct Phases {
  std::vector<Lanes> turn;
  std::vector<Lanes> less_one;
};

Phases phases_of(const TiltedChain& t, const Lane& w) {
  Phases out;
  for (const double x : t.centred) {
    Lanes turn, less;
    for (std::size_t l = 0; l < lanes; ++l) {
      const double half = w[l] * x / 2;
      const auto [s, c] = sine_cosine(half);
      less.re[l] = -2 * s * s;
      less.im[l] = 2 * s * c;
      turn.re[l] = 1 + less.re[l];
      turn.im[l] = less.im[l];
    }
    out.turn.push_back(turn);
    out.less_one.push_back(less);
  }
  return out;
}

using State = std::vector<Lanes>;

/** The law's transitions in order of what they turn: each state entered with each reward once. */
struct Entries {
  struct Turned {
    std::size_t to;
    std::size_t level;
  };
  std::vector<Turned> turned;
  /** stationary P of each, summed over the states they come from. */
  std::vector<double> share;
  /** One entry a transition: its place in `turned`. */
  std::vector<std::size_t> place;
};

Entries entries_of(const TiltedChain& t) {
  Entries out;
  std::vector<std::vector<std::pair<std::size_t, std::size_t>>> of(t.start.size());
  for (const Transition& step : t.transitions) {
    auto& known = of[step.to];
    const auto it = std::find_if(known.begin(), known.end(), [&](const auto& e) { return e.first == step.level; });
    out.place.push_back(it != known.end() ? it->second : out.turned.size());
    if (it != known.end()) continue;
    known.emplace_back(step.level, out.turned.size());
    out.turned.push_back({step.to, step.level});
  }
  out.share.assign(out.turned.size(), 0);
  for (std::size_t i = 0; i < t.transitions.size(); ++i)
    out.share[out.place[i]] += t.stationary[t.transitions[i].from] * t.weight[i];
  return out;
}

/** One more transition before. @param turned room for as many as entries have */
void before(const TiltedChain& t, const Entries& entries, const Phases& phases, const State& y, State& turned,
            State& out) {
  for (std::size_t e = 0; e < entries.turned.size(); ++e) {
    const Lanes& turn = phases.turn[entries.turned[e].level];
    const Lanes& from = y[entries.turned[e].to];
    turned[e].re = turn.re * from.re - turn.im * from.im;
    turned[e].im = turn.re * from.im + turn.im * from.re;
  }
  std::fill(out.begin(), out.end(), Lanes{});
  for (std::size_t i = 0; i < t.transitions.size(); ++i) {
    const Lanes& from = turned[entries.place[i]];
    Lanes& to = out[t.transitions[i].from];
    const double w = t.weight[i];
    to.re += w * from.re;
    to.im += w * from.im;
  }
}

/** Transitions at some frequencies as matrices: of chains that have several from one state to one other. */
struct Joined {
  /** P(w), by the state that is left, then the one that is entered. */
  State step;
  /** stationary (P(w) - P), by the state that is entered. */
  State gained;
};

State step_of(const TiltedChain& t, const Phases& phases) {
  const std::size_t k = t.start.size();
  State out(k * k);
  for (std::size_t i = 0; i < t.transitions.size(); ++i) {
    const Transition& step = t.transitions[i];
    const double w = t.weight[i];
    const Lanes& turn = phases.turn[step.level];
    Lanes& to = out[step.from * k + step.to];
    to.re += w * turn.re;
    to.im += w * turn.im;
  }
  return out;
}

Joined join(const TiltedChain& t, const Entries& entries, const Phases& phases) {
  Joined out{step_of(t, phases), State(t.start.size())};
  for (std::size_t e = 0; e < entries.turned.size(); ++e) {
    const Lanes& less = phases.less_one[entries.turned[e].level];
    Lanes& to = out.gained[entries.turned[e].to];
    to.re += entries.share[e] * less.re;
    to.im += entries.share[e] * less.im;
  }
  return out;
}

void add_product(Lanes& to, const Lanes& x, const Lanes& y) {
  to.re += x.re * y.re - x.im * y.im;
  to.im += x.re * y.im + x.im * y.re;
}

/** @param step by the state that is left, then the one that is entered */
void before(const State& step, const State& y, State& out) {
  const std::size_t k = y.size();
  std::fill(out.begin(), out.end(), Lanes{});
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = 0; j < k; ++j) add_product(out[i], step[i * k + j], y[j]);
  }
}

/** stationary . y, and stationary . (P(w) - P) y. */
struct Projected {
  std::array<Complex, lanes> at;
  std::array<Complex, lanes> gained;
};

Projected project(const TiltedChain& t, const Entries& entries, const Phases& phases,
                  const std::optional<Joined>& joined, const State& y) {
  Lanes at{}, gained{};
  for (std::size_t i = 0; i < y.size(); ++i) {
    at.re += t.stationary[i] * y[i].re;
    at.im += t.stationary[i] * y[i].im;
  }
  for (std::size_t i = 0; joined && i < y.size(); ++i) add_product(gained, joined->gained[i], y[i]);
  for (std::size_t e = 0; !joined && e < entries.turned.size(); ++e) {
    const Lanes& less = phases.less_one[entries.turned[e].level];
    const Lanes& from = y[entries.turned[e].to];
    gained.re += entries.share[e] * (less.re * from.re - less.im * from.im);
    gained.im += entries.share[e] * (less.re * from.im + less.im * from.re);
  }
  Projected out;
  for (std::size_t l = 0; l < lanes; ++l) {
    out.at[l] = {at.re[l], at.im[l]};
    out.gained[l] = {gained.re[l], gained.im[l]};
  }
  return out;
}

/** log(1 + z), to its own digits near 0. */
Complex log1p(Complex z) {
  return {0.5 * std::log1p(std::max(-1.0, 2 * z.real() + std::norm(z))), std::atan2(z.imag(), 1 + z.real())};
}

/** The factor by which y has grown, and how far it is from an eigenvector, against its size. */
struct Growth {
  std::array<Complex, lanes> factor;
  Lane off{};
};

Growth growth(const State& y, const State& next) {
  Lanes product{};
  Lane norm{};
  for (std::size_t i = 0; i < y.size(); ++i) {
    product.re += y[i].re * next[i].re + y[i].im * next[i].im;
    product.im += y[i].re * next[i].im - y[i].im * next[i].re;
    norm += y[i].re * y[i].re + y[i].im * y[i].im;
  }
  for (std::size_t l = 0; l < lanes; ++l) {
    product.re[l] = norm[l] > 0 ? product.re[l] / norm[l] : 0;
    product.im[l] = norm[l] > 0 ? product.im[l] / norm[l] : 0;
  }
  // Squares of distances, and of sizes.
  Lane off{}, size{};
  for (std::size_t i = 0; i < y.size(); ++i) {
    const Lane re = product.re * y[i].re - product.im * y[i].im;
    const Lane im = product.re * y[i].im + product.im * y[i].re;
    const Lane here = (next[i].re - re) * (next[i].re - re) + (next[i].im - im) * (next[i].im - im);
    const Lane square = re * re + im * im;
    for (std::size_t l = 0; l < lanes; ++l) {
      off[l] = std::max(double{off[l]}, double{here[l]});
      size[l] = std::max(double{size[l]}, double{square[l]});
    }
  }
  Growth out;
  for (std::size_t l = 0; l < lanes; ++l) {
    out.factor[l] = {product.re[l], product.im[l]};
    out.off[l] = size[l] > 0 ? std::sqrt(off[l] / size[l]) : 0;
  }
  return out;
}

/** Products of a few states are soon enough; a transition of many has their square of them. Short sequences of the
 * fewest have no other method. */
double most_products(const TiltedChain& t, std::int64_t length) {
  constexpr std::int64_t short_length = 128;
  constexpr std::size_t fewest_transitions = 9;
  const bool is_short = length < short_length && t.transitions.size() <= fewest_transitions;
  return (is_short ? 6e8 : 2e8) * std::max(1.0, static_cast<double>(t.transitions.size()) / many_transitions);
}
/** Under this no frequency is followed on. */
constexpr double faint = 1e-24;

/** Periods from one look at a frequency's direction to the next. */
constexpr int between = 4;

/** Some frequencies at once: their states, and how far they have been followed. */
class Followed {
 public:
  Followed(const TiltedChain& t, const Entries& entries, const Lane& w)
      : t_(t),
        entries_(entries),
        phases_(phases_of(t, w)),
        y_(t.end.size()),
        next_(y_),
        turned_(entries.turned.size()) {
    for (std::size_t i = 0; i < y_.size(); ++i) y_[i].re = Lane{} + t.end[i];
    if (t.transitions.size() > y_.size() * y_.size()) joined_ = join(t, entries, phases_);
  }

  void step() {
    if (joined_) {
      before(joined_->step, y_, next_);
    } else {
      before(t_, entries_, phases_, y_, turned_, next_);
    }
    std::swap(y_, next_);
    ++steps_;
  }

  /** Some periods of transitions, of which the last is looked at. @return whether only the largest eigenvalue is left,
   * or nothing; its logarithm is `log_factor`, for the period. */
  bool settle(std::int64_t length) {
    for (std::int64_t i = 1; i < between && steps_ + 2 * t_.period <= length; ++i) {
      for (std::int64_t j = 0; j < t_.period; ++j) step();
    }
    last_ = y_;
    projected_.clear();
    for (std::int64_t i = 0; i < t_.period; ++i) {
      projected_.push_back(project(t_, entries_, phases_, joined_, y_));
      step();
    }
    grown_ = growth(last_, y_);
    bool settled = true;
    for (std::size_t l = 0; l < lanes; ++l)
      settled = (settling_[l].is_settled(grown_.off[l], between) || !(size(l) > faint)) && settled;
    return settled;
  }

  /** The logarithm of the factor of the last period that was looked at. */
  [[nodiscard]] Complex log_factor(std::size_t l) const {
    // Far from 1 the projection may vanish, and no digit matters.
    if (!(std::abs(grown_.factor[l] - 1.0) < 0.3)) return std::log(grown_.factor[l]);
    Complex sum = 0;
    for (const Projected& p : projected_) sum += log1p(p.gained[l] / p.at[l]);
    return sum;
  }

  [[nodiscard]] double size(std::size_t l) const {
    double most = 0;
    for (const Lanes& y : y_) most = std::max(most, y.re[l] * y.re[l] + y.im[l] * y.im[l]);
    return std::sqrt(most);
  }
  [[nodiscard]] Complex value(std::size_t l) const {
    Complex sum = 0;
    for (std::size_t i = 0; i < y_.size(); ++i) sum += t_.start[i] * Complex(y_[i].re[l], y_[i].im[l]);
    return sum;
  }
  [[nodiscard]] std::int64_t steps() const { return steps_; }

 private:
  const TiltedChain& t_;
  const Entries& entries_;
  Phases phases_;
  std::optional<Joined> joined_;
  State y_;
  State next_;
  State turned_;
  State last_;
  std::vector<Projected> projected_;
  Growth grown_;
  std::array<Settling, lanes> settling_{};
  std::int64_t steps_ = 0;
};

/** start . P(w)^length end, at some frequencies: by squares of P(w), and by those that are in `length`. */
std::array<Complex, lanes> by_squares(const TiltedChain& t, const Lane& w, std::int64_t length) {
  const std::size_t k = t.start.size();
  State power = step_of(t, phases_of(t, w));
  State square(k * k);
  State y(k), next(k);
  for (std::size_t i = 0; i < k; ++i) y[i].re = Lane{} + t.end[i];
  for (std::int64_t rest = length;;) {
    if (rest % 2 == 1) {
      before(power, y, next);
      y.swap(next);
    }
    if ((rest /= 2) == 0) break;
    std::fill(square.begin(), square.end(), Lanes{});
    for (std::size_t i = 0; i < k; ++i) {
      for (std::size_t l = 0; l < k; ++l) {
        for (std::size_t j = 0; j < k; ++j) add_product(square[i * k + j], power[i * k + l], power[l * k + j]);
      }
    }
    power.swap(square);
  }
  std::array<Complex, lanes> out{};
  for (std::size_t l = 0; l < lanes; ++l) {
    for (std::size_t i = 0; i < k; ++i) out[l] += t.start[i] * Complex(y[i].re[l], y[i].im[l]);
  }
  return out;
}

}  // namespace

ChainWaves chain_waves(const TiltedChain& t, std::int64_t length, double log_share, std::int64_t period,
                       const std::vector<std::int64_t>& frequencies) {
  ChainWaves out;
  const double share = std::exp(-log_share);
  const Entries entries = entries_of(t);
  const auto transitions = static_cast<double>(lanes * t.transitions.size());
  auto spend = [products = 0.0, most = most_products(t, length)](double more) mutable {
    if ((products += more) > most)
      throw NumericalError("model.length: the law of this chain's sums at this length takes too long");
  };
  // Beyond most of a normal law's wave, where what powers round is of something small.
  const double lobe = 4 / std::sqrt(static_cast<double>(length) * t.variance);
  const bool squares = is_squared(t, length);
  for (std::size_t first = 0; first < frequencies.size(); first += lanes) {
    Lane w;
    for (std::size_t l = 0; l < lanes; ++l)
      w[l] = 2 * pi * static_cast<double>(frequencies[std::min(first + l, frequencies.size() - 1)]) /
             static_cast<double>(period);
    if (squares && w[0] > lobe) {
      spend(6.0 * steps_squared(t, length) * transitions);
      const std::array<Complex, lanes> found = by_squares(t, w, length);
      for (std::size_t l = 0; l < lanes && first + l < frequencies.size(); ++l) {
        out.value.push_back(share * found[l]);
        out.error.push_back(2e-16 * (30 + static_cast<double>(length)));
      }
      continue;
    }
    Followed followed(t, entries, w);
    for (std::int64_t i = 0; i < length % t.period; ++i) followed.step();
    while (followed.steps() < length && !followed.settle(length)) {
      spend(6.0 * between * transitions * static_cast<double>(t.period));
    }
    const double rest = static_cast<double>(length - followed.steps()) / static_cast<double>(t.period);
    for (std::size_t l = 0; l < lanes && first + l < frequencies.size(); ++l) {
      // What has become faint grows no more, whatever is left of its direction.
      if (rest > 0 && !(followed.size(l) > faint)) {
        out.value.emplace_back(0);
        out.error.push_back(0);
        continue;
      }
      const Complex log_factor = rest > 0 ? followed.log_factor(l) : 0;
      const Complex on = rest > 0 ? std::exp(rest * log_factor) : 1;
      out.value.push_back(share * followed.value(l) * on);
      // Each transition rounds; the eigenvalue's logarithm carries the direction's error w times, and the rounding of
      // its own size.
      const double rounding = 2e-16 * (30 + static_cast<double>(followed.steps()) + rest * std::abs(log_factor)) +
                              rest * std::abs(log_factor) * 2e-16;
      out.error.push_back(rounding);
    }
  }
  return out;
}

}  // namespace tiltlab
