#include "samples/votes.hpp"

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "simulation/philox.hpp"

namespace tiltlab {
namespace {

/** The answers of a prompt by small numbers, each with what it is worth. */
struct Ballot {
  std::vector<std::uint32_t> of_draft;
  std::vector<double> worth;
};

Ballot ballot_of(const Voters& voters) {
  Ballot out;
  std::unordered_map<std::uint32_t, std::uint32_t> known;
  std::vector<double> count;
  for (std::size_t i = 0; i < voters.answer.size(); ++i) {
    if (voters.answer[i] == no_answer) {
      out.of_draft.push_back(no_answer);
      continue;
    }
    const auto [at, is_new] = known.try_emplace(voters.answer[i], static_cast<std::uint32_t>(count.size()));
    if (is_new) {
      count.push_back(0);
      out.worth.push_back(0);
    }
    out.of_draft.push_back(at->second);
    ++count[at->second];
    out.worth[at->second] += voters.value[i];
  }
  for (std::size_t a = 0; a < count.size(); ++a) out.worth[a] /= count[a];
  return out;
}

/** Votes as they come in. */
class Count {
 public:
  explicit Count(const Ballot& ballot) : ballot_(ballot), votes_(ballot.worth.size()) {}

  void clear() {
    std::fill(votes_.begin(), votes_.end(), 0.0);
    most_ = 0;
  }
  void add(std::uint32_t answer, double weight) {
    if (answer == no_answer || !(weight > 0)) return;
    votes_[answer] += weight;
    most_ = std::max(most_, votes_[answer]);
  }
  /** Whether anybody has voted. */
  [[nodiscard]] bool is_open() const { return most_ > 0; }
  /** Mean worth of those that have the most, of which there are some. */
  [[nodiscard]] double elected() const {
    double sum = 0;
    double ties = 0;
    for (std::size_t a = 0; a < votes_.size(); ++a)
      if (votes_[a] == most_) {
        sum += ballot_.worth[a];
        ++ties;
      }
    return sum / ties;
  }

 private:
  const Ballot& ballot_;
  std::vector<double> votes_;
  double most_ = 0;
};

}  // namespace

VoteMeans vote_means(const Voters& voters, const std::vector<double>& sizes, std::size_t draws, std::uint64_t seed,
                     std::uint32_t prompt) {
  const Ballot ballot = ballot_of(voters);
  const std::size_t drafts = ballot.of_draft.size();
  VoteMeans out{std::vector<double>(sizes.size()), std::vector<double>(sizes.size())};
  Count plain(ballot);
  Count weighted(ballot);
  std::vector<std::uint32_t> order(drafts);
  std::iota(order.begin(), order.end(), 0U);
  for (std::size_t draw = 0; draw < draws; ++draw) {
    RandomStream random(seed, StreamOf::extra, static_cast<std::uint32_t>(draw), prompt);
    plain.clear();
    weighted.clear();
    std::size_t taken = 0;
    double value = 0;
    for (std::size_t k = 0; k < sizes.size(); ++k) {
      for (; static_cast<double>(taken) < sizes[k]; ++taken) {
        // One more draft of those that are left (Fisher and Yates).
        const auto other = taken + static_cast<std::size_t>(random.uniform() * static_cast<double>(drafts - taken));
        std::swap(order[taken], order[other]);
        value += voters.value[order[taken]];
        plain.add(ballot.of_draft[order[taken]], 1);
        weighted.add(ballot.of_draft[order[taken]], voters.weight[order[taken]]);
      }
      const double even = plain.is_open() ? plain.elected() : value / static_cast<double>(taken);
      out.majority[k] += even / static_cast<double>(draws);
      out.weighted[k] += (weighted.is_open() ? weighted.elected() : even) / static_cast<double>(draws);
    }
  }
  return out;
}

}  // namespace tiltlab
