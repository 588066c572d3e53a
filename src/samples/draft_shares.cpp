#include "samples/draft_shares.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "samples/order_statistics.hpp"

namespace tiltlab {
namespace {

/** Larger n, and those that are no integers, are not reached by steps. */
constexpr double most_walked = 10000;

}  // namespace

Shares::Shares(const DraftLevels& levels) : upto_(levels.upto), drafts_(levels.drafts()), law_(upto_.size()) {
  for (std::size_t l = 0; l < upto_.size(); ++l) law_[l] = upto_[l] / drafts_;
  of_subsets_ = of_draws_ = law_;
}

void Shares::advance_to(double n) {
  is_walked_ = n == std::floor(n) && n <= most_walked;
  if (is_walked_) {
    for (; n_ < n; ++n_) step();
  } else {
    at_ = law_;
    for (double& share : at_) share = std::pow(share, n);
  }
}

void Shares::step() {
  const std::size_t last = upto_.size() - 1;
  const double left = 1 / (drafts_ - n_);
  for (std::size_t l = first_; l < last; ++l) {
    of_subsets_[l] *= n_ < upto_[l] ? (upto_[l] - n_) * left : 0;
    of_draws_[l] *= law_[l];
  }
  while (first_ < last && of_draws_[first_] < negligible_share) ++first_;
}

double kl_of_level(double share, double drafts, double below, double upto) {
  return share > 0 ? share * std::log(share * drafts / (upto - below)) : 0;
}

double kl_curvature(double n, double drafts, double below_drafts, double upto, double below_n, double above_n) {
  const double q = above_n - below_n;
  if (!(q > negligible_share)) return 0;
  const double below = below_drafts / drafts;
  const double above = upto / drafts;
  const double p = above - below;
  // q log(q / p), q = F^n - E^n, of a level from E to F. Slopes of F^n and E^n, and theirs; a draft moves F by
  // [at or below the level] - F.
  const double f = n * above_n / above;
  const double e = below > 0 ? n * below_n / below : 0;
  const double ff = (n - 1) * f / above;
  const double ee = below > 0 ? (n - 1) * e / below : 0;
  const double aa = above * (1 - above);
  const double bb = below * (1 - below);
  const double ab = below * (1 - above);
  const double turn = ff * aa - ee * bb;
  const double square = f * f * aa - 2 * f * e * ab + e * e * bb;
  const double both = f * aa - (f + e) * ab + e * bb;
  const double spread = aa - 2 * ab + bb;
  return turn * (std::log(q / p) + 1) + square / q - 2 * both / p + q * spread / (p * p);
}

KnownShares::KnownShares(double drafts, const std::vector<double>& sizes) {
  DraftLevels single;
  single.upto.resize(static_cast<std::size_t>(drafts));
  std::iota(single.upto.begin(), single.upto.end(), 1.0);
  Shares shares(single);
  for (const double n : sizes) {
    shares.advance_to(n);
    AtSize& here = at_.emplace_back();
    const std::size_t first = shares.first();
    here.first = static_cast<std::uint32_t>(first + 1);
    const auto from = [&](const std::vector<double>& list) {
      return std::vector<double>(list.begin() + static_cast<std::ptrdiff_t>(first), list.end());
    };
    here.best = from(shares.best());
    here.draws = from(shares.draws());
    here.single.resize(here.draws.size());
    for (std::size_t i = 1; i < here.draws.size(); ++i) {
      const auto upto = static_cast<double>(first + i + 1);
      here.single[i] = {kl_of_level(here.draws[i] - here.draws[i - 1], drafts, upto - 1, upto),
                        kl_curvature(n, drafts, upto - 1, upto, here.draws[i - 1], here.draws[i])};
    }
    numbers_ += 4 * here.draws.size();
  }
}

const KnownShares* SharesByDrafts::of(const DraftLevels& levels, const std::vector<double>& sizes) {
  const double drafts = levels.drafts();
  const auto found = known_.find(drafts);
  if (found != known_.end()) return &found->second;
  // Of prompts with more drafts few fit into memory.
  constexpr double most_drafts = 10000;
  if (drafts > most_drafts) return nullptr;
  double& walked = walked_[drafts];
  walked += static_cast<double>(levels.upto.size());
  if (2 * walked <= drafts) return nullptr;
  KnownShares made(drafts, sizes);
  constexpr std::size_t most_numbers = 4000000;
  if (numbers_ + made.numbers() > most_numbers) {
    known_.clear();
    numbers_ = 0;
  }
  numbers_ += made.numbers();
  return &known_.try_emplace(drafts, std::move(made)).first->second;
}

SharesInTurn::SharesInTurn(const DraftLevels& levels, const std::vector<double>& sizes, const KnownShares* known)
    : sizes_(sizes), known_(known) {
  if (known)
    upto_.assign(levels.upto.begin(), levels.upto.end());
  else
    walked_.emplace(levels);
}

void SharesInTurn::advance_to(std::size_t size) {
  if (!known_) {
    walked_->advance_to(sizes_[size]);
    first_ = walked_->first();
    return;
  }
  here_ = &known_->at(size);
  while (upto_[first_] < here_->first) ++first_;
  // What lies between integers is not walked to: there all levels count.
  if (here_->first == 1) first_ = 0;
}

std::span<const double> SharesInTurn::best() {
  if (!here_) {
    const std::span<const double> all = walked_->best();
    return all.subspan(first_);
  }
  // Of single drafts it is the list itself.
  if (upto_.size() == upto_.back()) return here_->best;
  const double* from = here_->best.data();
  const std::uint32_t* upto = upto_.data() + first_;
  const std::size_t count = upto_.size() - first_;
  gathered_.resize(std::max(gathered_.size(), count));
  double* to = gathered_.data();
  for (std::size_t l = 0; l < count; ++l) to[l] = from[upto[l] - here_->first];
  return {to, count};
}

}  // namespace tiltlab
