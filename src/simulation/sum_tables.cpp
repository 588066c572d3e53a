#include "simulation/sum_tables.hpp"

#include <algorithm>
#include <cmath>

namespace tiltlab {

namespace {

/** Masses of consecutive totals. */
struct Totals {
  std::int64_t first = 0;
  std::vector<double> mass;
};

/** The sum of two of them, without totals that nobody will see. */
Totals twice(const Totals& one) {
  const std::size_t size = one.mass.size();
  Totals two{2 * one.first, std::vector<double>(2 * size - 1, 0)};
  for (std::size_t a = 0; a < size; ++a) {
    const double mass = one.mass[a];
    if (mass == 0) continue;
    double* to = two.mass.data() + a;
    for (std::size_t b = 0; b < size; ++b) to[b] += mass * one.mass[b];
  }
  constexpr double unseen = 0x1p-65;
  std::size_t low = 0;
  for (double left_out = two.mass[0]; left_out < unseen && low + 1 < two.mass.size(); left_out += two.mass[low]) ++low;
  std::size_t high = two.mass.size();
  for (double left_out = two.mass[high - 1]; left_out < unseen && high > low + 1; left_out += two.mass[high - 1])
    --high;
  two.first += static_cast<std::int64_t>(low);
  two.mass = std::vector<double>(two.mass.begin() + static_cast<std::ptrdiff_t>(low),
                                 two.mass.begin() + static_cast<std::ptrdiff_t>(high));
  return two;
}

}  // namespace

SumTables::SumTables(std::span<const double> p, std::span<const double> step, std::int64_t length) {
  Totals totals{0, std::vector<double>(static_cast<std::size_t>(*std::max_element(step.begin(), step.end())) + 1, 0)};
  double total = 0;
  for (const double weight : p) total += weight;
  for (std::size_t i = 0; i < p.size(); ++i) totals.mass[static_cast<std::size_t>(step[i])] += p[i] / total;
  int largest = 0;
  for (;; ++largest) {
    tables_.push_back({TokenTable(totals.mass, true), totals.first});
    // Laws near the normal one grow by the root of two.
    if (largest == most_doublings || (std::int64_t{2} << largest) > length || 3 * totals.mass.size() > 2 * most_totals)
      break;
    totals = twice(totals);
    if (totals.mass.size() > most_totals) break;
  }
  whole_ = length >> largest;
  for (int i = largest - 1; i >= 0; --i) {
    if ((length >> i) & 1) rest_.push_back(static_cast<std::size_t>(i));
  }
  first_ = whole_ * tables_.back().first;
  for (const std::size_t i : rest_) first_ += tables_[i].first;
  each_ = words() <= static_cast<std::int64_t>(WordSource::size)
              ? static_cast<std::uint32_t>(WordSource::size) / static_cast<std::uint32_t>(words())
              : 0;
}

double SumTables::total(std::uint64_t seed, StreamOf of, std::uint32_t replicate, std::uint32_t draw,
                        Words& kept) const {
  RandomStream further = TokenTable::further(seed, of, replicate, draw);
  std::int64_t sum = first_;
  const TokenTable& largest = tables_.back().table;
  if (each_ > 0) {
    const std::uint32_t group = draw / each_;
    if (!kept.any || kept.of != of || kept.replicate != replicate || kept.group != group)
      kept = {true, of, replicate, group, WordSource(seed, of, replicate, group).next()};
    const std::uint32_t* word = kept.word.data() + (draw % each_) * static_cast<std::uint32_t>(words());
    for (std::int64_t k = 0; k < whole_; ++k) sum += largest.token(largest.at(*word++, further));
    for (const std::size_t i : rest_) sum += tables_[i].table.token(tables_[i].table.at(*word++, further));
    return static_cast<double>(sum);
  }
  WordSource source(seed, of, replicate, draw);
  std::int64_t left = whole_;
  std::size_t at = 0;
  for (;;) {
    const auto& words = source.next();
    if (left >= static_cast<std::int64_t>(words.size())) {
      left -= static_cast<std::int64_t>(words.size());
      for (const std::uint32_t word : words) sum += largest.token(largest.at(word, further));
      continue;
    }
    for (const std::uint32_t word : words) {
      if (left > 0) {
        --left;
        sum += largest.token(largest.at(word, further));
      } else if (at < rest_.size()) {
        const TokenTable& table = tables_[rest_[at++]].table;
        sum += table.token(table.at(word, further));
      } else {
        return static_cast<double>(sum);
      }
    }
  }
}

}  // namespace tiltlab
