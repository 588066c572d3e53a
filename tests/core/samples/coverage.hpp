#pragma once
#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "samples/differences.hpp"
#include "samples/estimates.hpp"
#include "support.hpp"

/** Files of drafts from laws that are known, and how often the report's intervals hold what these laws say. */
namespace tiltlab::test {

/** What one kind of prompt draws: levels of reward, each with its probability and the chance that gold is 1. */
struct PromptLaw {
  std::vector<double> reward;
  std::vector<double> p;
  std::vector<double> gold;
};
/** Kinds of prompts, each as likely as any other. */
using PopulationLaw = std::vector<PromptLaw>;

inline double logistic(double x) { return 1 / (1 + std::exp(-x)); }

/** Many levels of equal probability, by their quantiles. */
template <class Quantile>
PromptLaw many_levels(Quantile&& quantile, double shift, double harder) {
  constexpr int levels = 400;
  PromptLaw out;
  for (int l = 0; l < levels; ++l) {
    const double z = quantile((l + 0.5) / levels);
    out.reward.push_back(z + shift);
    out.p.push_back(1. / levels);
    out.gold.push_back(logistic(z - harder));
  }
  return out;
}

/**
 * many: normal scores, prompts differ; same: normal scores, prompts alike; skewed: exponential scores; ties: four
 * levels; binary: 0 and 1, chances from 0 to 1; rare: 1 in 50; rare_varied: 1 in 20, most of it from few prompts; easy:
 * 9 of 10; differ: prompts of very different scales and levels.
 */
inline PopulationLaw population(const std::string& name) {
  const auto normal = [](double u) { return boost::math::quantile(boost::math::normal(), u); };
  const auto exponential = [](double u) { return -std::log1p(-u); };
  constexpr int kinds = 40;
  PopulationLaw out;
  for (int k = 0; k < kinds; ++k) {
    const double u = (k + 0.5) / kinds;
    const double v = std::fmod((k + 0.5) * 0.6180339887498949, 1.0);
    if (name == "many") out.push_back(many_levels(normal, normal(u), 0.5 - normal(v)));
    if (name == "same") out.push_back(many_levels(normal, 0, 0.5));
    if (name == "skewed") out.push_back(many_levels(exponential, 0, 2));
    if (name == "ties") out.push_back({{0, 1, 2, 3}, {.5, .3, .15, .05}, {.2, .5, .8, .1}});
    if (name == "binary") out.push_back({{0, 1}, {1 - u, u}, {.1, .7}});
    if (name == "rare") out.push_back({{0, 1}, {.98, .02}, {.01, .5}});
    if (name == "rare_varied") out.push_back({{0, 1}, {1 - .2 * u * u * u, .2 * u * u * u}, {0, 1}});
    if (name == "easy") out.push_back({{0, 1}, {.3 * u * u, 1 - .3 * u * u}, {.05, .99}});
    if (name == "differ") {
      const double scale = std::exp(1.2 * normal(u));
      const double shift = 5 * normal(v);
      out.push_back({{shift, shift + scale, shift + 2 * scale, shift + 5 * scale},
                     {.4, .3, .2, .1},
                     {.5 * v, .3, .5 + .5 * u, v}});
    }
  }
  return out;
}

inline constexpr std::size_t most_voters = 16;

/** A file of it. Right drafts give the answer 0, wrong ones 1 or 2. */
inline ScoredDrafts drawn_from(const PopulationLaw& law, std::size_t prompts, std::size_t drafts, Random& random) {
  std::vector<std::vector<double>> upto;
  for (const PromptLaw& kind : law) {
    std::vector<double>& here = upto.emplace_back();
    double sum = 0;
    for (const double p : kind.p) here.push_back(sum += p);
    here.back() = 1;
  }
  DraftColumns c;
  for (std::size_t k = 0; k < prompts; ++k) {
    const auto kind = static_cast<std::size_t>(random.integer(0, static_cast<std::int64_t>(law.size()) - 1));
    for (std::size_t i = 0; i < drafts; ++i) {
      const auto& at = upto[kind];
      const auto l =
          static_cast<std::size_t>(std::upper_bound(at.begin(), at.end() - 1, random.uniform()) - at.begin());
      const bool right = random.uniform() < law[kind].gold[l];
      c.prompt.push_back(static_cast<std::uint32_t>(k));
      c.reward.push_back(law[kind].reward[l]);
      c.gold.push_back(right ? 1 : 0);
      // Elections of many drafts take most of the time, and are of one kind.
      if (drafts <= most_voters) c.answer.push_back(right ? 0 : random.uniform() < 0.5 ? 1 : 2);
    }
  }
  return make_scored_drafts(std::move(c));
}

/** Chance that n answers, right with chance g and else one of two wrong ones, elect the right one; ties share. */
inline double elected(double g, int n) {
  const double wrong = (1 - g) / 2;
  double sum = 0;
  for (int a = 0; a <= n; ++a)
    for (int b = 0; a + b <= n; ++b) {
      const int c = n - a - b;
      if (a < std::max(b, c) || (a > 0 && g <= 0) || (b + c > 0 && wrong <= 0)) continue;
      const double log_p = std::lgamma(n + 1.) - std::lgamma(a + 1.) - std::lgamma(b + 1.) - std::lgamma(c + 1.) +
                           (a > 0 ? a * std::log(g) : 0) + (b + c > 0 ? (b + c) * std::log(wrong) : 0);
      sum += std::exp(log_p) / (1 + (a == b) + (a == c));
    }
  return sum;
}

/**
 * The same of votes that weigh their reward, by adding one draft after another: votes are whole numbers. Of drafts that
 * all weigh nothing the plain majority. NaN where rewards are no small whole numbers.
 */
inline double elected_by_weight(const PromptLaw& law, int n) {
  const double heaviest = *std::max_element(law.reward.begin(), law.reward.end());
  constexpr int most = 48;
  for (const double r : law.reward)
    if (r < 0 || r != std::floor(r)) return std::nan("");
  if (heaviest * n > most) return std::nan("");
  const auto side = static_cast<std::size_t>(heaviest) * static_cast<std::size_t>(n) + 1;
  const auto at = [&](std::size_t a, std::size_t b, std::size_t c) { return (a * side + b) * side + c; };
  std::vector<double> chance(side * side * side);
  chance[0] = 1;
  double silent = 0;
  double silent_right = 0;
  for (std::size_t l = 0; l < law.p.size(); ++l)
    if (law.reward[l] == 0) {
      silent += law.p[l];
      silent_right += law.p[l] * law.gold[l];
    }
  for (int i = 0; i < n; ++i) {
    const auto upto = static_cast<std::size_t>(heaviest) * static_cast<std::size_t>(i) + 1;
    std::vector<double> next(chance.size());
    for (std::size_t a = 0; a < upto; ++a)
      for (std::size_t b = 0; a + b < upto; ++b)
        for (std::size_t c = 0; a + b + c < upto; ++c) {
          const double here = chance[at(a, b, c)];
          if (here <= 0) continue;
          for (std::size_t l = 0; l < law.p.size(); ++l) {
            const auto w = static_cast<std::size_t>(law.reward[l]);
            const double right = here * law.p[l] * law.gold[l];
            const double wrong = here * law.p[l] * (1 - law.gold[l]) / 2;
            next[at(a + w, b, c)] += right;
            next[at(a, b + w, c)] += wrong;
            next[at(a, b, c + w)] += wrong;
          }
        }
    chance = std::move(next);
  }
  double sum = silent > 0 ? chance[0] * elected(silent_right / silent, n) : 0;
  for (std::size_t a = 1; a < side; ++a)
    for (std::size_t b = 0; b <= a && a + b < side; ++b)
      for (std::size_t c = 0; c <= a && a + b + c < side; ++c) sum += chance[at(a, b, c)] / (1 + (a == b) + (a == c));
  return sum;
}

/** What the law says: means over kinds of prompts. */
struct Truth {
  double reward = 0;
  double gold = 0;
  double win_rate = 0;
  double kl = 0;
  double ceiling = 0;
};

inline Truth best_of(const PopulationLaw& law, double n) {
  Truth out;
  const auto kinds = static_cast<double>(law.size());
  for (const PromptLaw& kind : law) {
    double below = 0;
    double right = 0;
    for (std::size_t l = 0; l < kind.p.size(); ++l) {
      const double upto = l + 1 == kind.p.size() ? 1 : below + kind.p[l];
      const double q = (std::pow(upto, n) - (below > 0 ? std::pow(below, n) : 0)) / kinds;
      out.reward += q * kind.reward[l];
      out.gold += q * kind.gold[l];
      out.win_rate += q * (below + upto) / 2;
      if (q > 0) out.kl += q * std::log(q * kinds / kind.p[l]);
      right += kind.p[l] * kind.gold[l];
      below = upto;
    }
    out.ceiling += (1 - std::pow(1 - right, n)) / kinds;
  }
  return out;
}

inline Truth tilted_by(const PopulationLaw& law, double alpha) {
  Truth out;
  const auto kinds = static_cast<double>(law.size());
  for (const PromptLaw& kind : law) {
    const double top = kind.reward.back();
    double sum = 0;
    double below = 0;
    Truth here;
    for (std::size_t l = 0; l < kind.p.size(); ++l) {
      const double q = kind.p[l] * std::exp(alpha * (kind.reward[l] - top));
      sum += q;
      here.reward += q * (kind.reward[l] - top);
      here.gold += q * kind.gold[l];
      here.win_rate += q * (below + kind.p[l] / 2);
      below += kind.p[l];
    }
    out.reward += (top + here.reward / sum) / kinds;
    out.gold += here.gold / sum / kinds;
    out.win_rate += here.win_rate / sum / kinds;
    out.kl += (alpha * here.reward / sum - std::log(sum)) / kinds;
  }
  return out;
}

inline double elected_by(const PopulationLaw& law, double n) {
  double out = 0;
  for (const PromptLaw& kind : law) {
    double right = 0;
    for (std::size_t l = 0; l < kind.p.size(); ++l) right += kind.p[l] * kind.gold[l];
    out += elected(right, static_cast<int>(n)) / static_cast<double>(law.size());
  }
  return out;
}

inline double elected_by_weight(const PopulationLaw& law, double n) {
  double out = 0;
  double last = 0;
  for (std::size_t k = 0; k < law.size(); ++k) {
    // Kinds that are alike are asked once.
    if (k == 0 || law[k].p != law[k - 1].p || law[k].gold != law[k - 1].gold)
      last = elected_by_weight(law[k], static_cast<int>(n));
    out += last / static_cast<double>(law.size());
  }
  return out;
}

/** Of one number of the report, over runs: how many intervals there were, how many held the truth, and how wide all
 * were. */
struct Held {
  int given = 0;
  int held = 0;
  double width = 0;
};

/** A cell of the grid: files of one law and size, each judged. */
class Coverage {
 public:
  Coverage(const std::string& name, std::size_t prompts, std::size_t drafts)
      : law_(population(name)), prompts_(prompts), drafts_(drafts) {
    // Of one prompt the question is what other drafts of the same would give.
    if (prompts == 1) law_ = {law_[law_.size() / 2]};
    const auto size = static_cast<double>(drafts);
    // Its intervals end at a tenth of the drafts.
    const std::vector<double> asked =
        prompts == 1 ? std::vector{1., 2., 4., std::floor(size / 10)} : std::vector{1., 2., std::floor(size / 2), size};
    for (const double n : asked)
      if (sizes_.empty() || n > sizes_.back()) sizes_.push_back(n);
    for (const double n : sizes_) {
      best_.push_back(best_of(law_, n));
      const bool votes = drafts <= most_voters;
      elected_.push_back(votes ? elected_by(law_, n) : std::nan(""));
      weighted_.push_back(votes ? elected_by_weight(law_, n) : std::nan(""));
    }
    between_ = best_of(law_, between);
  }

  /** By the number's name and N. */
  [[nodiscard]] std::map<std::string, Held> run(int runs, std::uint64_t seed) {
    Random random(seed);
    for (int r = 0; r < runs; ++r) {
      const ScoredDrafts drafts = drawn_from(law_, prompts_, drafts_, random);
      SampleSettings settings;
      settings.kl = std::log(between);
      const SampleReport report = judge_samples(drafts, settings);
      look_at_best(report);
      look_at_tilts(report);
      look_at_differences(drafts, report);
      const BestOfNEstimate& real = report.at_budget->best_of_n;
      count("reward, real N", between, real.reward, between_.reward);
      count("gold, real N", between, *real.gold, between_.gold);
      count("win, real N", between, real.win_rate, between_.win_rate);
      count("kl, real N", between, real.kl_plug_in, between_.kl);
    }
    return found_;
  }

 private:
  static constexpr double between = 2.5;

  void count(const std::string& what, double n, const PromptMean& e, double truth) {
    if (!e.interval || std::isnan(truth)) return;
    Held& here = found_[what + " @" + std::to_string(static_cast<int>(n))];
    ++here.given;
    here.width += (*e.interval)[1] - (*e.interval)[0];
    const double rounding = 1e-12 * (1 + std::fabs(truth));
    here.held += (*e.interval)[0] <= truth + rounding && truth <= (*e.interval)[1] + rounding;
  }

  void look_at_best(const SampleReport& report) {
    for (std::size_t i = 0; i < sizes_.size(); ++i) {
      const double n = sizes_[i];
      std::size_t place = 0;
      while (report.best_of_n[place].n < n) ++place;
      const BestOfNEstimate& row = report.best_of_n[place];
      count("reward", n, row.reward, best_[i].reward);
      count("gold", n, *row.gold, best_[i].gold);
      count("win", n, row.win_rate, best_[i].win_rate);
      count("kl", n, row.kl_plug_in, best_[i].kl);
      count("ceiling", n, report.ceiling[place].gold, best_[i].ceiling);
      for (const CeilingEstimate& vote : report.majority)
        if (vote.n == n) count("majority", n, vote.gold, elected_[i]);
      for (const CeilingEstimate& vote : report.weighted_majority)
        if (vote.n == n) count("weighted majority", n, vote.gold, weighted_[i]);
    }
  }

  void look_at_tilts(const SampleReport& report) {
    for (const TiltEstimate& tilt : report.kl_rl) {
      if (*tilt.n != 2 && *tilt.n != 4) continue;
      const Truth truth = tilted_by(law_, tilt.alpha);
      count("tilt's reward", *tilt.n, tilt.reward, truth.reward);
      count("tilt's gold", *tilt.n, *tilt.gold, truth.gold);
      count("tilt's win", *tilt.n, tilt.win_rate, truth.win_rate);
      count("tilt's kl", *tilt.n, tilt.kl, truth.kl);
    }
  }

  void look_at_differences(const ScoredDrafts& drafts, const SampleReport& report) {
    const auto each = [&](const char* first, const char* second, const std::string& of, auto&& truth) {
      for (const auto& [n, difference] : curve_differences(drafts, {first, second, of, 1}).differences)
        for (std::size_t i = 0; i < sizes_.size(); ++i)
          if (sizes_[i] == n) count(std::string(first) + " - " + second + "'s " + of, n, difference, truth(n, i));
    };
    each("ceiling", "best_of_n", "gold", [&](double, std::size_t i) { return best_[i].ceiling - best_[i].gold; });
    if (drafts_ <= most_voters) {
      each("majority", "best_of_n", "gold", [&](double, std::size_t i) { return elected_[i] - best_[i].gold; });
      each("weighted_majority", "majority", "gold", [&](double, std::size_t i) { return weighted_[i] - elected_[i]; });
    }
    const auto tilt = [&](double Truth::*column) {
      return [this, column, &report](double n, std::size_t i) {
        for (const TiltEstimate& here : report.kl_rl)
          if (*here.n == n) return tilted_by(law_, here.alpha).*column - best_[i].*column;
        return std::nan("");
      };
    };
    each("kl_rl", "best_of_n", "gold", tilt(&Truth::gold));
    each("kl_rl", "best_of_n", "reward", tilt(&Truth::reward));
  }

  PopulationLaw law_;
  std::size_t prompts_;
  std::size_t drafts_;
  std::vector<double> sizes_;
  std::vector<Truth> best_;
  /** By size; NaN where it is not known. */
  std::vector<double> elected_;
  std::vector<double> weighted_;
  Truth between_;
  std::map<std::string, Held> found_;
};

}  // namespace tiltlab::test
