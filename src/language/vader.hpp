#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tiltlab {

/**
 * Valences of words, in [-4, 4]: C. J. Hutto and E. Gilbert, "VADER: a parsimonious rule-based model for sentiment
 * analysis of social media text" (ICWSM 2014), section 3.1.
 */
class Lexicon {
 public:
  static constexpr std::size_t most_bytes = std::size_t{1} << 20;

  Lexicon() = default;
  /**
   * @param table a line a word: the word in lower case, a tab, its valence
   * @throws InputError naming lexicon[line] where a line is neither, or a valence is not in [-10, 10]
   */
  explicit Lexicon(std::string_view table);

  [[nodiscard]] std::optional<double> valence(const std::string& lower) const;
  [[nodiscard]] std::size_t size() const { return valences_.size(); }

 private:
  std::unordered_map<std::string, double> valences_;
};

/**
 * The compound score of a text, in [-1, 1], to four decimals: the valences of its words, changed by what stands around
 * them (degree adverbs, negations, capitals, "but", idioms, exclamation and question marks), summed and squeezed.
 * Rules: Hutto and Gilbert (2014), section 3.2, in the form of the `vader-sentiment` package for JavaScript (1.1.3),
 * whose scores these are.
 */
[[nodiscard]] double vader_compound(const Lexicon& lexicon, std::string_view text);

}  // namespace tiltlab
