#pragma once
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "language/vader.hpp"

namespace tiltlab {

struct WeightedWord {
  std::string word;
  double weight = 0;
};

template <class F>
void fields(F&& f, WeightedWord& w) {
  f("word", w.word);
  f("weight", w.weight);
}

/** What a text is rewarded for. */
struct RewardSettings {
  /**
   * vader_sum: the sum of its words' valences, linear as in the paper; vader: VADER of the whole, in [-1, 1]; word: 1
   * where `word` is among its words, else 0; words: the sum of the weights of `words`, each time it stands there;
   * length: its characters; letter: the share of `letter` among its letters; repetition: the share of its words that
   * stood there before.
   */
  std::string kind;
  std::string word;
  std::string letter;
  std::vector<WeightedWord> words;
};

template <class F>
void fields(F&& f, RewardSettings& s) {
  f("kind", s.kind);
  f("word", s.word);
  f("letter", s.letter);
  f("words", s.words);
}

/** What a word of a text is there for: where it stands, and what it alone is worth. */
struct RewardedWord {
  double from = 0;
  double to = 0;
  double reward = 0;
};

template <class F>
void fields(F&& f, const RewardedWord& w) {
  f("from", w.from);
  f("to", w.to);
  f("reward", w.reward);
}

/** A reward of texts. Case is of no account but to VADER of the whole. */
class TextReward {
 public:
  /**
   * @param lexicon for the two of VADER; it outlives this
   * @throws InputError naming reward.<field> where its rule is broken
   */
  TextReward(const RewardSettings& settings, const Lexicon& lexicon);

  [[nodiscard]] double operator()(std::string_view text) const;
  /** Of the text's first words, as though it ended after the first, the second .. the last of `most`. */
  [[nodiscard]] std::vector<double> of_beginnings(std::string_view text, std::size_t most) const;
  /**
   * The words that the reward weighs, with what each alone is worth: of VADER of the whole its valence, of the word
   * that is asked for 1, of a repeated word 1; none of `length` and `letter`. Places are in UTF-16 units.
   */
  [[nodiscard]] std::vector<RewardedWord> words(std::string_view text) const;
  /** What no text of so many words and characters exceeds: infinite where nothing says so. */
  [[nodiscard]] double most(std::size_t characters) const;

 private:
  enum class Kind { vader_sum, vader, word, words, length, letter, repetition };

  [[nodiscard]] double worth(const std::string& lower) const;

  Kind kind_;
  const Lexicon& lexicon_;
  /** Of `word` and `words`, in lower case. */
  std::unordered_map<std::string, double> weights_;
  char32_t letter_ = 0;
};

}  // namespace tiltlab
