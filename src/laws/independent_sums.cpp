#include "laws/independent_sums.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <map>
#include <numbers>
#include <vector>

#include "numerics/fft.hpp"
#include "numerics/log_domain.hpp"
#include "numerics/sine_cosine.hpp"

namespace tiltlab {

namespace {

constexpr double most_levels = 1e5;
/** Standard deviations between the means of tilts that follow one another. */
constexpr double stride = 6;
/** Share of the largest tilted mass under which a mass is left to another tilt: half a stride from a bell's middle it
 * is e^-4.5. */
constexpr double least_share = 0.004;
/** Standard deviations from a tilt's mean within which masses are read. */
constexpr double reach = 4;
/** Nats under which neither an alias nor a frequency is seen beside a mass that is read. */
constexpr double invisible = -50;

/** Coefficients from which on a power of two is taken out, and under which, or over whose inverse, they stop. */
constexpr int scaled_by = 100;
constexpr double least_scaled = 1e-200;

DoubleDouble log_two() { return {0.6931471805599453, 2.3190468138462996e-17}; }

/** Standard deviations that a period spans: what comes round from beyond it lies 10 of them away from all that is
 * read. */
constexpr double period = 14.1;

std::size_t period_for(double sd) { return next_power_of_two(static_cast<std::size_t>(std::max(64.0, period * sd))); }

/** A token's law under a tilt of b per step of the lattice. */
struct TiltedToken {
  double b;
  std::vector<double> weight;
  /** log E e^(b R) */
  DoubleDouble log_mgf;
  /** Of one step. */
  double mean;
  double variance;
};

TiltedToken tilted_token(const TokenLaw& law, double b) {
  const double furthest = b > 0 ? static_cast<double>(law.lattice.back()) : 0;
  std::vector<DoubleDouble> weight;
  DoubleDouble total = 0;
  for (std::size_t k = 0; k < law.size(); ++k) {
    const DoubleDouble nats = DoubleDouble(b) * from_integer(law.lattice[k]) - DoubleDouble(b) * furthest;
    weight.push_back(law.probability[k] * exp(nats));
    total += weight.back();
  }
  TiltedToken t{b, {}, log(total) + DoubleDouble(b) * furthest, 0, 0};
  for (std::size_t k = 0; k < law.size(); ++k) {
    t.weight.push_back((weight[k] / total).value());
    t.mean += t.weight[k] * static_cast<double>(law.lattice[k]);
  }
  for (std::size_t k = 0; k < law.size(); ++k) {
    const double d = static_cast<double>(law.lattice[k]) - t.mean;
    t.variance += t.weight[k] * d * d;
  }
  return t;
}

/** sin(2 pi k / M) and 1 - cos(2 pi k / M), which keeps its digits where k is small. */
struct Circle {
  explicit Circle(std::size_t size) : mask(size - 1), sine(size), versine(size) {
    for (std::size_t k = 0; k <= size / 2; ++k) {
      const double half = std::numbers::pi * static_cast<double>(k) / static_cast<double>(size);
      const auto [s, c] = sine_cosine(half);
      sine[k] = 2 * s * c;
      versine[k] = 2 * s * s;
    }
    // A small angle below a whole turn has its digits, too.
    for (std::size_t k = size / 2 + 1; k < size; ++k) {
      sine[k] = -sine[size - k];
      versine[k] = versine[size - k];
    }
  }

  std::size_t mask;
  std::vector<double> sine;
  std::vector<double> versine;
};

/** What one tilt has shown. */
struct Stretch {
  double mean;
  double sd;
};

/** About as many tilts as it takes strides to cover the sums, and some at both ends. */
double tilts_for(const TokenLaw& law, std::int64_t length) {
  const auto n = static_cast<double>(length);
  const double sd = std::sqrt(n * tilted_token(law, 0).variance);
  return 30 + 2 * n * static_cast<double>(law.lattice.back()) / (stride * sd + 1);
}

double work_of_a_tilt(const TokenLaw& law, std::size_t size) {
  constexpr double work_of_a_frequency = 60;
  return static_cast<double>(size) * (static_cast<double>(law.size()) + work_of_a_frequency);
}

class Listing {
 public:
  Listing(const TokenLaw& law, std::int64_t length)
      : law_(law),
        length_(length),
        size_(static_cast<std::size_t>(law.lattice.back() * length) + 1),
        share_(size_, 0),
        p_(size_, 0),
        log_p_(size_, 0),
        most_spent_(4 * independent_listing_cost(law, length)) {
    find_attained();
  }

  /** From both ends, then by tilts upwards from the base and downwards. @return false where a sum stays unknown */
  bool fill() {
    fill_end(false);
    fill_end(true);
    std::size_t known = 0;
    while (known < size_ && !is_open(known)) ++known;
    if (known == size_) return true;
    const Stretch base = see(0);
    return fill_towards(1, base) && fill_towards(-1, base);
  }

  [[nodiscard]] ChainSums sums() const {
    ChainSums sums;
    for (std::size_t x = 0; x < size_; ++x) {
      if (!is_attained(x)) continue;
      sums.lattice.push_back(static_cast<std::int64_t>(x));
      sums.step.push_back(from_integer(sums.lattice.back()));
      sums.p.push_back(std::max(p_[x], std::numeric_limits<double>::denorm_min()));
      sums.log_p.push_back(log_p_[x]);
    }
    return sums;
  }

 private:
  /** The fewest tokens above the least that a sum takes: with no more than there are it is attained, the others being
   * the least. */
  void find_attained() {
    constexpr std::int32_t never = std::numeric_limits<std::int32_t>::max() - 1;
    fewest_.assign(size_, never);
    fewest_[0] = 0;
    for (std::size_t x = 1; x < size_; ++x) {
      for (std::size_t k = 1; k < law_.size(); ++k) {
        const auto step = static_cast<std::size_t>(law_.lattice[k]);
        if (step > x) break;
        fewest_[x] = std::min(fewest_[x], fewest_[x - step] + 1);
      }
    }
  }
  [[nodiscard]] bool is_attained(std::size_t x) const { return fewest_[x] <= length_; }
  [[nodiscard]] bool is_open(std::size_t x) const { return share_[x] == 0 && is_attained(x); }

  /**
   * Sums within j steps of an end, of which f(z)^n is a series whose coefficients q_j follow from one another, f(z) the
   * token's generating function by its distance d from that end: d/dz f^n = n f^(n-1) f' gives
   * j f_0 q_j = sum_k (d_k (n + 1) - j) f_k q_(j - d_k) (D. E. Knuth, TAOCP 2,
   * section 4.7). While j is at most n + 1 times the least distance no term is negative, and
   * nothing cancels. It ends where neighbours are farther apart than a double's range.
   */
  void fill_end(bool top) {
    struct Term {
      std::size_t distance;
      double ratio;
    };
    const std::size_t count = law_.size();
    const DoubleDouble& of_end = law_.probability[top ? count - 1 : 0];
    std::vector<Term> terms;
    for (std::size_t k = 1; k < count; ++k) {
      const std::size_t at = top ? count - 1 - k : k;
      const std::int64_t distance = top ? law_.lattice.back() - law_.lattice[at] : law_.lattice[at];
      terms.push_back({static_cast<std::size_t>(distance), (law_.probability[at] / of_end).value()});
    }
    const auto draws = static_cast<std::size_t>(length_) + 1;
    const std::size_t last = std::min(size_ - 1, terms.front().distance * draws);
    const DoubleDouble log_end = from_integer(length_) * log(of_end);
    std::vector<double> q(last + 1, 0);
    q[0] = 1;
    // q_j is `q[j]` times 2^`power`, of those that are still to come.
    std::int64_t power = 0;
    keep(top ? size_ - 1 : 0, 1, 1, log_end);
    for (std::size_t j = 1; j <= last; ++j) {
      double sum = 0;
      for (const Term& t : terms) {
        if (t.distance > j) break;
        sum += static_cast<double>(t.distance * draws - j) * t.ratio * q[j - t.distance];
      }
      q[j] = sum / static_cast<double>(j);
      const std::size_t x = top ? size_ - 1 - j : j;
      if (!is_attained(x)) continue;
      if (!(q[j] >= least_scaled && q[j] < 1 / least_scaled)) return;
      keep(x, 1, q[j], log_end + from_integer(power) * log_two());
      const int by = std::ilogb(q[j]);
      if (std::abs(by) < scaled_by) continue;
      power += by;
      const std::size_t furthest = terms.back().distance;
      for (std::size_t i = j - std::min(j, furthest); i <= j; ++i) q[i] = std::ldexp(q[i], -by);
    }
  }

  bool fill_towards(int way, Stretch from) {
    constexpr int most_halvings = 12;
    // Where tokens hardly ever differ, a bell is no guide.
    constexpr double steepest = 30;
    const std::size_t end = way > 0 ? size_ - 1 : 0;
    std::size_t known = nearest_known(from.mean);
    for (double b = 0; known != end;) {
      double by = std::min(steepest, stride / from.sd);
      int halvings = 0;
      for (;; by /= 2) {
        if (++halvings > most_halvings || spent_ > most_spent_) return false;
        const Stretch next = see(b + way * by);
        while (known != end && !is_open(known + static_cast<std::size_t>(way))) known += static_cast<std::size_t>(way);
        const double ahead = (static_cast<double>(known) - next.mean) * way;
        if (known == end || ahead > -0.5) {
          b += way * by;
          from = next;
          break;
        }
      }
    }
    return true;
  }

  [[nodiscard]] std::size_t nearest_known(double mean) const {
    const auto at = static_cast<std::size_t>(std::lround(mean));
    for (std::size_t far = 0; far < size_; ++far) {
      if (at + far < size_ && share_[at + far] > 0) return at + far;
      if (far <= at && share_[at - far] > 0) return at - far;
    }
    return at;
  }

  /** Whether next to nothing lies farther from the mean than `far`, on the side `way` (Chernoff's bound). */
  [[nodiscard]] bool is_empty_beyond(const TiltedToken& t, double far, int way) const {
    const double n = static_cast<double>(length_);
    const double end = way > 0 ? static_cast<double>(size_ - 1) - n * t.mean : n * t.mean;
    if (far > end) return true;
    double h = far / (n * t.variance);
    constexpr int most_tried = 10;
    for (int i = 0; i < most_tried; ++i, h /= 2) {
      double mgf = 0;
      for (std::size_t k = 0; k < law_.size(); ++k)
        mgf += t.weight[k] * std::exp(h * way * (static_cast<double>(law_.lattice[k]) - t.mean));
      if (n * std::log(mgf) - h * far < invisible) return true;
    }
    return false;
  }

  /** Terms of the Fourier sum over sums from `first` on. */
  [[nodiscard]] std::vector<std::complex<double>> terms(const TiltedToken& t, std::size_t size,
                                                        std::int64_t first) const {
    const Circle& circle = circles_.try_emplace(size, size).first->second;
    const auto middle = static_cast<std::int64_t>(std::lround(t.mean));
    const auto n = static_cast<double>(length_);
    // Of a modulus under this the n-th power is nothing.
    const double least = std::exp(2 * invisible / n);
    const double turn = 2 * std::numbers::pi / static_cast<double>(size);
    const auto ahead = static_cast<std::size_t>(length_ * middle - first) & circle.mask;
    std::vector<std::complex<double>> term(size / 2 + 1);
    for (std::size_t j = 0; j <= size / 2; ++j) {
      double re = 0;
      double im = 0;
      for (std::size_t k = 0; k < law_.size(); ++k) {
        const std::size_t at = static_cast<std::size_t>(law_.lattice[k] - middle) * j & circle.mask;
        re -= t.weight[k] * circle.versine[at];
        im += t.weight[k] * circle.sine[at];
      }
      const double beyond = 2 * re + re * re + im * im;
      if (!(1 + beyond > least)) continue;
      const double size_of = std::exp(n / 2 * std::log1p(beyond));
      const double angle = n * std::atan2(im, 1 + re) + turn * static_cast<double>(ahead * j & circle.mask);
      const auto [sine, cosine] = sine_cosine(angle);
      term[j] = {size_of * cosine, size_of * sine};
    }
    return term;
  }

  /** Reads the sums that a tilt makes likely. */
  Stretch see(double b) {
    const TiltedToken t = tilted_token(law_, b);
    const auto n = static_cast<double>(length_);
    const Stretch stretch{n * t.mean, std::sqrt(n * t.variance)};
    const double read = reach * stretch.sd + 8;
    std::size_t size = std::min(period_for(stretch.sd), next_power_of_two(size_));
    const auto is_short = [&] {
      const double far = static_cast<double>(size) - read;
      return size < size_ && !(is_empty_beyond(t, far, 1) && is_empty_beyond(t, far, -1));
    };
    while (is_short()) size *= 2;
    spent_ += work_of_a_tilt(law_, size);
    const auto first = static_cast<std::int64_t>(std::max(0.0, std::ceil(stretch.mean - read)));
    const auto last = static_cast<std::int64_t>(std::min(static_cast<double>(size_ - 1), stretch.mean + read));
    const std::vector<double> mass = fft_to_real(terms(t, size, first), size);
    const auto count = std::min(static_cast<std::size_t>(last - first) + 1, size);
    const DoubleDouble log_mgf = from_integer(length_) * t.log_mgf;
    double largest = 0;
    for (std::size_t i = 0; i < count; ++i) largest = std::max(largest, mass[i]);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t x = static_cast<std::size_t>(first) + i;
      const double share = mass[i] / largest;
      if (share > least_share && share > share_[x] && is_attained(x))
        keep(x, share, mass[i] / static_cast<double>(size),
             log_mgf - DoubleDouble(b) * from_integer(static_cast<std::int64_t>(x)));
    }
    return stretch;
  }

  /** P(x) = `mass` e^`nats`, read where it is `share` of the largest. */
  void keep(std::size_t x, double share, double mass, const DoubleDouble& nats) {
    share_[x] = share;
    p_[x] = mass * std::exp(nats.hi) * (1 + nats.lo);
    log_p_[x] = std::log(mass) + nats.value();
  }

  const TokenLaw& law_;
  std::int64_t length_;
  std::size_t size_;
  std::vector<std::int32_t> fewest_;
  /** Of the largest mass of the tilt that a sum was read from; 0 where none was. */
  std::vector<double> share_;
  std::vector<double> p_;
  std::vector<double> log_p_;
  double spent_ = 0;
  double most_spent_;
  mutable std::map<std::size_t, Circle> circles_;
};

}  // namespace

double independent_listing_cost(const TokenLaw& law, std::int64_t length) {
  if (law.lattice.empty() || law.size() == 1) return infinity;
  const std::vector<std::int64_t>& step = law.lattice;
  const auto n = static_cast<double>(length);
  const double levels = n * static_cast<double>(step.back()) + 1;
  if (levels > most_levels) return infinity;
  const auto tokens = static_cast<double>(law.size());
  const double listing = 3 * levels * tokens;
  const auto ends = static_cast<double>(step[1] + step.back() - step[step.size() - 2]) * (n + 1);
  if (ends >= levels) return listing;
  const std::size_t size = period_for(std::sqrt(n * tilted_token(law, 0).variance));
  return listing + tilts_for(law, length) * work_of_a_tilt(law, size);
}

std::optional<ChainSums> independent_sums(const TokenLaw& law, std::int64_t length) {
  Listing listing(law, length);
  if (!listing.fill()) return std::nullopt;
  return listing.sums();
}

}  // namespace tiltlab
