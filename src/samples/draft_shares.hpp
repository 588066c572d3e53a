#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace tiltlab {

struct DraftLevels;

/** Levels whose share of choices fell below count nothing. */
inline constexpr double negligible_share = 1e-30;

/** The shares of levels at n = 1, 2, ...: that all of n drafts are at or below level l. */
class Shares {
 public:
  /** @param levels outlive this */
  explicit Shares(const DraftLevels& levels);
  /** @param n ascending from call to call */
  void advance_to(double n);
  /** Lowest level that still counts. */
  [[nodiscard]] std::size_t first() const { return is_walked_ ? first_ : 0; }
  /** Of subsets of n where there are any, else of n draws with replacement. */
  [[nodiscard]] const std::vector<double>& best() const { return is_walked_ && n_ <= drafts_ ? of_subsets_ : draws(); }
  [[nodiscard]] const std::vector<double>& draws() const { return is_walked_ ? of_draws_ : at_; }

 private:
  void step();

  const std::vector<double>& upto_;
  double drafts_;
  std::vector<double> law_;
  std::vector<double> of_subsets_;
  std::vector<double> of_draws_;
  std::vector<double> at_;
  std::size_t first_ = 0;
  double n_ = 1;
  bool is_walked_ = true;
};

/** What a level adds to KL(best-of-n || base): its share of choices, of the drafts from `below` to `upto` of them. */
[[nodiscard]] double kl_of_level(double share, double drafts, double below, double upto);
/**
 * What it adds to the mean second derivative of that KL towards a single draft, E^n and F^n being the shares of all
 * below it and at or below it.
 */
[[nodiscard]] double kl_curvature(double n, double drafts, double below, double upto, double below_n, double above_n);

/**
 * What depends on the number of drafts alone, for prompts that have as many: at each n, for u = 1 to M, the share of a
 * level at or below which u of the M drafts are, and what a single draft there adds to the KL.
 */
class KnownShares {
 public:
  /** What a level of one draft adds. */
  struct Single {
    double kl = 0;
    double curvature = 0;
  };
  struct AtSize {
    /** The least u that counts; lists begin with it. */
    std::uint32_t first = 1;
    std::vector<double> best;
    std::vector<double> draws;
    /** Of the first there is none. */
    std::vector<Single> single;
  };

  /** @param sizes ascending */
  KnownShares(double drafts, const std::vector<double>& sizes);
  [[nodiscard]] const AtSize& at(std::size_t size) const { return at_[size]; }
  /** How many numbers it holds. */
  [[nodiscard]] std::size_t numbers() const { return numbers_; }

 private:
  std::vector<AtSize> at_;
  std::size_t numbers_ = 0;
};

/** Those of prompts one after another. */
class SharesByDrafts {
 public:
  /** @return nothing until walking has taken about as long as finding them, and where they are too many to keep */
  [[nodiscard]] const KnownShares* of(const DraftLevels& levels, const std::vector<double>& sizes);

 private:
  std::map<double, KnownShares> known_;
  /** Levels so far, by drafts. */
  std::map<double, double> walked_;
  std::size_t numbers_ = 0;
};

/** A prompt's shares at each n of a list in turn: known ones, or walked to. To the bit they are the same. */
class SharesInTurn {
 public:
  /** @param levels, sizes and known outlive this */
  SharesInTurn(const DraftLevels& levels, const std::vector<double>& sizes, const KnownShares* known);
  /** @param size its place in the list, ascending from call to call */
  void advance_to(std::size_t size);
  /** Lowest level that still counts. */
  [[nodiscard]] std::size_t first() const { return first_; }
  /** From the first level on. */
  [[nodiscard]] std::span<const double> best();
  /** Of one level from the first on. */
  [[nodiscard]] double draws(std::size_t level) const {
    return here_ ? here_->draws[place(level)] : walked_->draws()[level];
  }
  /** What a single draft adds, where that is known: of a level that follows on the first. Nothing of several drafts. */
  [[nodiscard]] std::optional<KnownShares::Single> single(std::size_t level) const {
    if (!here_ || level == first_ || upto_[level] - upto_[level - 1] != 1) return std::nullopt;
    return here_->single[place(level)];
  }

 private:
  [[nodiscard]] std::size_t place(std::size_t level) const { return upto_[level] - here_->first; }

  const std::vector<double>& sizes_;
  const KnownShares* known_;
  const KnownShares::AtSize* here_ = nullptr;
  std::vector<std::uint32_t> upto_ = {};
  std::size_t first_ = 0;
  std::optional<Shares> walked_ = {};
  std::vector<double> gathered_ = {};
};

}  // namespace tiltlab
