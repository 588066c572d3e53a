#include "language/text_reward.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <unordered_set>

#include "error.hpp"
#include "language/code_points.hpp"
#include "language/words.hpp"

namespace tiltlab {
namespace {

/** A character of a text in lower case, as far as ASCII goes. */
char32_t lower(char32_t c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; }

/** @throws InputError naming `field` where `text` is not one word */
std::string one_word(const std::string& text, const std::string& field) {
  const auto places = words_of(text);
  if (places.size() != 1 || places[0].from != 0 || places[0].to != text.size())
    throw InputError(field, "\"" + text + "\" is not one word: letters, between which apostrophes may stand");
  return lower_word(text);
}

/** To nine decimals: sums of the same decimals are the same number in whatever order they were added up. */
double settled(double sum) {
  constexpr double decimals = 1e9;
  return std::fabs(sum) < 1e6 ? std::round(sum * decimals) / decimals : sum;
}

template <class F>
void each_character(std::string_view text, F&& f) {
  for (std::size_t at = 0; at < text.size();) {
    const auto [c, size] = code_points::at(text, at);
    f(c);
    at += size;
  }
}

}  // namespace

TextReward::TextReward(const RewardSettings& settings, const Lexicon& lexicon) : lexicon_(lexicon) {
  constexpr std::array<std::string_view, 7> kinds{"vader_sum", "vader",  "word",      "words",
                                                  "length",    "letter", "repetition"};
  const auto found = std::find(kinds.begin(), kinds.end(), settings.kind);
  if (found == kinds.end())
    throw InputError("reward.kind",
                     "\"" + settings.kind + "\" is none of vader_sum, vader, word, words, length, letter, repetition");
  kind_ = static_cast<Kind>(found - kinds.begin());
  if ((kind_ == Kind::vader_sum || kind_ == Kind::vader) && lexicon.size() == 0)
    throw InputError("reward.kind", "\"" + settings.kind + "\" needs the lexicon, and none was read");
  if (kind_ == Kind::word) weights_[one_word(settings.word, "reward.word")] = 1;
  if (kind_ == Kind::words) {
    constexpr std::size_t most_words = 10000;
    if (settings.words.empty() || settings.words.size() > most_words)
      throw InputError("reward.words", std::to_string(settings.words.size()) + " words are not 1 to 10000");
    for (std::size_t i = 0; i < settings.words.size(); ++i) {
      const std::string field = "reward.words[" + std::to_string(i) + "]";
      const WeightedWord& w = settings.words[i];
      if (!(std::fabs(w.weight) <= 1e6))
        throw InputError(field + ".weight", to_text(w.weight) + " is not in [-1000000, 1000000]");
      if (!weights_.emplace(one_word(w.word, field + ".word"), w.weight).second)
        throw InputError(field + ".word", "\"" + w.word + "\" was listed before");
    }
  }
  if (kind_ == Kind::letter) {
    if (code_points::count(settings.letter) != 1 || words_of(settings.letter).size() != 1)
      throw InputError("reward.letter", "\"" + settings.letter + "\" is not one letter");
    letter_ = lower(code_points::at(settings.letter, 0).value);
  }
}

double TextReward::worth(const std::string& word) const {
  if (kind_ == Kind::vader_sum || kind_ == Kind::vader) return lexicon_.valence(word).value_or(0);
  const auto found = weights_.find(word);
  return found == weights_.end() ? 0 : found->second;
}

double TextReward::operator()(std::string_view text) const {
  switch (kind_) {
    case Kind::vader:
      return vader_compound(lexicon_, text);
    case Kind::length:
      return static_cast<double>(code_points::count(text));
    case Kind::letter: {
      double hits = 0;
      double letters = 0;
      for (const auto [from, to] : words_of(text)) {
        each_character(text.substr(from, to - from), [&](char32_t c) {
          if (c == '\'' || c == 0x2019) return;
          letters += 1;
          if (lower(c) == letter_) hits += 1;
        });
      }
      return letters > 0 ? hits / letters : 0;
    }
    case Kind::repetition: {
      std::unordered_set<std::string> seen;
      const auto places = words_of(text);
      for (const auto [from, to] : places) seen.insert(lower_word(text.substr(from, to - from)));
      const auto all = static_cast<double>(places.size());
      return all > 0 ? (all - static_cast<double>(seen.size())) / all : 0;
    }
    case Kind::word:
    case Kind::words:
    case Kind::vader_sum:
      break;
  }
  double sum = 0;
  for (const auto [from, to] : words_of(text)) sum += worth(lower_word(text.substr(from, to - from)));
  return kind_ == Kind::word ? std::min(sum, 1.0) : settled(sum);
}

std::vector<double> TextReward::of_beginnings(std::string_view text, std::size_t most) const {
  std::vector<double> out;
  const bool is_sum = kind_ == Kind::vader_sum || kind_ == Kind::words || kind_ == Kind::word;
  double sum = 0;
  for (const auto [from, to] : words_of(text)) {
    if (out.size() == most) break;
    if (is_sum) {
      sum += worth(lower_word(text.substr(from, to - from)));
      out.push_back(kind_ == Kind::word ? std::min(sum, 1.0) : settled(sum));
    } else {
      out.push_back((*this)(text.substr(0, to)));
    }
  }
  return out;
}

std::vector<RewardedWord> TextReward::words(std::string_view text) const {
  std::vector<RewardedWord> out;
  if (kind_ == Kind::length || kind_ == Kind::letter) return out;
  std::unordered_set<std::string> seen;
  std::size_t counted = 0;
  double units = 0;
  for (const auto [from, to] : words_of(text)) {
    const std::string word = lower_word(text.substr(from, to - from));
    const double reward = kind_ == Kind::repetition ? (seen.insert(word).second ? 0 : 1) : worth(word);
    units += static_cast<double>(code_points::count_utf16(text.substr(counted, from - counted)));
    const double start = units;
    units += static_cast<double>(code_points::count_utf16(text.substr(from, to - from)));
    counted = to;
    if (reward != 0) out.push_back({start, units, reward});
  }
  return out;
}

double TextReward::most(std::size_t characters) const {
  switch (kind_) {
    case Kind::vader:
    case Kind::word:
    case Kind::letter:
    case Kind::repetition:
      return 1;
    case Kind::length:
      return static_cast<double>(characters);
    case Kind::vader_sum:
    case Kind::words:
      break;
  }
  return std::numeric_limits<double>::infinity();
}

}  // namespace tiltlab
