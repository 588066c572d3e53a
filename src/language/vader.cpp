#include "language/vader.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string>

#include "error.hpp"
#include "language/code_points.hpp"
#include "language/words.hpp"

namespace tiltlab {
namespace {

// Empirical, of section 3.2: what a degree adverb, capitals and a negation do to a valence.
constexpr double degree = 0.293;
constexpr double capitals = 0.733;
constexpr double negation = -0.74;
constexpr double exclamation = 0.292;
constexpr double question = 0.18;
constexpr double many_questions = 0.96;
/** Nearly the largest sum that is expected, squared. */
constexpr double squeeze = 15;

template <std::size_t size>
bool is_among(const std::array<std::string_view, size>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

constexpr std::array<std::string_view, 59> negations{
    "aint",    "arent",    "cannot",  "cant",    "couldnt", "darent",   "didnt",   "doesnt",    "ain't",    "aren't",
    "can't",   "couldn't", "daren't", "didn't",  "doesn't", "dont",     "hadnt",   "hasnt",     "havent",   "isnt",
    "mightnt", "mustnt",   "neither", "don't",   "hadn't",  "hasn't",   "haven't", "isn't",     "mightn't", "mustn't",
    "neednt",  "needn't",  "never",   "none",    "nope",    "nor",      "not",     "nothing",   "nowhere",  "oughtnt",
    "shant",   "shouldnt", "uhuh",    "wasnt",   "werent",  "oughtn't", "shan't",  "shouldn't", "uh-uh",    "wasn't",
    "weren't", "without",  "wont",    "wouldnt", "won't",   "wouldn't", "rarely",  "seldom",    "despite"};

constexpr std::array<std::string_view, 46> more{
    "absolutely",   "amazingly",  "awfully",       "completely",   "considerably",  "decidedly",    "deeply",
    "effing",       "enormously", "entirely",      "especially",   "exceptionally", "extremely",    "fabulously",
    "flipping",     "flippin",    "fricking",      "frickin",      "frigging",      "friggin",      "fully",
    "fucking",      "greatly",    "hella",         "highly",       "hugely",        "incredibly",   "intensely",
    "majorly",      "more",       "most",          "particularly", "purely",        "quite",        "really",
    "remarkably",   "so",         "substantially", "thoroughly",   "totally",       "tremendously", "uber",
    "unbelievably", "unusually",  "utterly",       "very"};

constexpr std::array<std::string_view, 20> less{"almost",     "barely",       "hardly",  "just enough", "kind of",
                                                "kinda",      "kindof",       "kind-of", "less",        "little",
                                                "marginally", "occasionally", "partly",  "scarcely",    "slightly",
                                                "somewhat",   "sort of",      "sorta",   "sortof",      "sort-of"};

struct Idiom {
  std::string_view words;
  double valence;
};
constexpr std::array<Idiom, 7> idioms{{{"the shit", 3},
                                       {"the bomb", 3},
                                       {"bad ass", 1.5},
                                       {"yeah right", -2},
                                       {"cut the mustard", 2},
                                       {"kiss of death", -1.5},
                                       {"hand to mouth", -2}}};

std::optional<double> idiom(const std::string& words) {
  for (const Idiom& each : idioms)
    if (each.words == words) return each.valence;
  return std::nullopt;
}

/** What a degree adverb adds to a positive valence; nothing of another word. */
std::optional<double> degree_of(std::string_view lower) {
  if (is_among(more, lower)) return degree;
  if (is_among(less, lower)) return -degree;
  return std::nullopt;
}

bool is_negation(const std::string& word) { return is_among(negations, word) || word.find("n't") != std::string::npos; }

bool is_small(char c) { return c >= 'a' && c <= 'z'; }
bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
bool is_in_capitals(const std::string& word) {
  return std::none_of(word.begin(), word.end(), is_small) && std::any_of(word.begin(), word.end(), is_capital);
}

bool is_punctuation(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

/** What JavaScript's \s holds. */
bool is_space(char32_t c) {
  return (c >= 9 && c <= 13) || c == ' ' || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000 || c == 0xFEFF;
}

/** A mark before or after a word that is no part of it. */
bool is_mark(std::string_view s) {
  constexpr std::array<std::string_view, 17> marks{".",  "!",   "?",  ",",   ";",   ":",   "-",    "'",   "\"",
                                                   "!!", "!!!", "??", "???", "?!?", "!?!", "?!?!", "!?!?"};
  return is_among(marks, s);
}

/** The word without the mark before or after it; with marks on both sides, or within, it stays what it is. */
std::string without_mark(std::string_view token) {
  const auto plain = [](std::string_view s) {
    return std::none_of(s.begin(), s.end(), is_punctuation) && code_points::count_utf16(s) > 1;
  };
  const auto first = std::find_if_not(token.begin(), token.end(), is_punctuation);
  const auto before = static_cast<std::size_t>(first - token.begin());
  if (before > 0 && is_mark(token.substr(0, before)) && plain(token.substr(before)))
    return std::string(token.substr(before));
  const auto last = std::find_if_not(token.rbegin(), token.rend(), is_punctuation);
  const std::size_t end = token.size() - static_cast<std::size_t>(last - token.rbegin());
  if (end < token.size() && is_mark(token.substr(end)) && plain(token.substr(0, end)))
    return std::string(token.substr(0, end));
  return std::string(token);
}

/** What stands between spaces and is longer than a letter. */
std::vector<std::string> tokens_of(std::string_view text) {
  std::vector<std::string> out;
  std::size_t from = 0;
  const auto take = [&](std::size_t to) {
    const std::string_view token = text.substr(from, to - from);
    if (code_points::count_utf16(token) > 1) out.push_back(without_mark(token));
  };
  for (std::size_t at = 0; at < text.size();) {
    const auto [c, size] = code_points::at(text, at);
    if (is_space(c)) {
      take(at);
      from = at + size;
    }
    at += size;
  }
  take(text.size());
  return out;
}

class Analysis {
 public:
  Analysis(const Lexicon& lexicon, std::string_view text) : lexicon_(lexicon), words_(tokens_of(text)) {
    for (const std::string& word : words_) lower_.push_back(lower_ascii(word));
    const auto loud = std::count_if(words_.begin(), words_.end(), is_in_capitals);
    is_partly_loud_ = loud > 0 && static_cast<std::size_t>(loud) < words_.size();
  }

  [[nodiscard]] std::vector<double> valences() const {
    std::vector<double> out;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const bool is_kind_of = i + 1 < words_.size() && lower_[i] == "kind" && lower_[i + 1] == "of";
      out.push_back(is_kind_of || degree_of(lower_[i]) ? 0 : valence(i));
    }
    turn_at_but(out);
    return out;
  }

 private:
  [[nodiscard]] bool is_known(std::size_t i) const { return lexicon_.valence(lower_[i]).has_value(); }

  [[nodiscard]] double valence(std::size_t i) const {
    const std::optional<double> listed = lexicon_.valence(lower_[i]);
    if (!listed) return 0;
    double out = *listed;
    if (is_partly_loud_ && is_in_capitals(words_[i])) out += out > 0 ? capitals : -capitals;
    for (std::size_t back = 1; back <= 3 && back <= i; ++back) {
      if (is_known(i - back)) continue;
      // The farther off, the less an adverb does.
      constexpr double of_distance[] = {1, 1, 0.95, 0.9};
      out += degree_before(i - back, out) * of_distance[back];
      out = negated(out, i, back);
      if (back == 3) out = in_idioms(out, i);
    }
    if (i > 0 && lower_[i - 1] == "least" && !is_known(i - 1)) {
      const bool is_at_or_very = i > 1 && (lower_[i - 2] == "at" || lower_[i - 2] == "very");
      if (!is_at_or_very) out *= negation;
    }
    return out;
  }

  [[nodiscard]] double degree_before(std::size_t i, double valence) const {
    const std::optional<double> listed = degree_of(lower_[i]);
    if (!listed) return 0;
    double out = valence < 0 ? -*listed : *listed;
    if (is_partly_loud_ && is_in_capitals(words_[i])) out += valence > 0 ? capitals : -capitals;
    return out;
  }

  [[nodiscard]] bool is_so(std::size_t i) const { return words_[i] == "so" || words_[i] == "this"; }

  [[nodiscard]] double negated(double valence, std::size_t i, std::size_t back) const {
    if (back == 2 && words_[i - 2] == "never" && is_so(i - 1)) return valence * 1.5;
    if (back == 3 && ((words_[i - 3] == "never" && is_so(i - 2)) || is_so(i - 1))) return valence * 1.25;
    return is_negation(words_[i - back]) ? valence * negation : valence;
  }

  /** Words first .. last with a space between. */
  [[nodiscard]] std::string joined(std::size_t first, std::size_t last) const {
    std::string out = words_[first];
    for (std::size_t i = first + 1; i <= last; ++i) out += ' ' + words_[i];
    return out;
  }

  /** @param i at least 3 */
  [[nodiscard]] double in_idioms(double valence, std::size_t i) const {
    const std::string before = joined(i - 2, i - 1);
    const std::string long_before = joined(i - 3, i - 2);
    for (const std::string& words : {joined(i - 1, i), joined(i - 2, i), before, joined(i - 3, i - 1), long_before}) {
      if (const auto found = idiom(words)) {
        valence = *found;
        break;
      }
    }
    for (const std::size_t last : {i + 1, i + 2})
      if (last < words_.size()) valence = idiom(joined(i, last)).value_or(valence);
    if (degree_of(long_before) || degree_of(before)) valence -= degree;
    return valence;
  }

  /** What is said before "but" counts half, what comes after half as much again. */
  void turn_at_but(std::vector<double>& valences) const {
    auto but = std::find(words_.begin(), words_.end(), "but");
    if (but == words_.end()) but = std::find(words_.begin(), words_.end(), "BUT");
    if (but == words_.end()) return;
    const auto at = static_cast<std::size_t>(but - words_.begin());
    for (std::size_t i = 0; i < valences.size(); ++i)
      if (i != at) valences[i] *= i < at ? 0.5 : 1.5;
  }

  const Lexicon& lexicon_;
  std::vector<std::string> words_;
  std::vector<std::string> lower_;
  /** Whether some words are in capitals and some are not. */
  bool is_partly_loud_ = false;
};

double emphasis(std::string_view text) {
  const auto count = [&](char c) { return static_cast<double>(std::count(text.begin(), text.end(), c)); };
  const double questions = count('?');
  const double asked = questions > 3 ? many_questions : questions > 1 ? questions * question : 0;
  return std::min(count('!'), 4.0) * exclamation + asked;
}

/** To four decimals, halves away from zero, as decimal output rounds: by the exact product, not by its rounded one. */
double to_four_decimals(double x) {
  constexpr double scale = 10000;
  const double size = std::fabs(x);
  const double product = size * scale;
  const double rest = std::fma(size, scale, -product);
  double whole = std::floor(product);
  const double part = product - whole;
  if (part > 0.5 || (part == 0.5 && rest >= 0)) whole += 1;
  return std::copysign(whole / scale, x);
}

}  // namespace

Lexicon::Lexicon(std::string_view table) {
  if (table.size() > most_bytes)
    throw InputError("lexicon", std::to_string(table.size()) + " bytes are more than " + std::to_string(most_bytes));
  std::size_t number = 0;
  while (!table.empty()) {
    const std::size_t end = std::min(table.find('\n'), table.size());
    const std::string_view line = table.substr(0, end);
    table.remove_prefix(std::min(end + 1, table.size()));
    const std::size_t tab = line.rfind('\t');
    const std::string value(tab == std::string_view::npos ? "" : line.substr(tab + 1));
    char* read = nullptr;
    const double valence = std::strtod(value.c_str(), &read);
    if (tab == 0 || value.empty() || *read != '\0' || !(std::fabs(valence) <= 10))
      throw InputError("lexicon[" + std::to_string(number) + "]", "is not a word, a tab and a valence in [-10, 10]");
    valences_.insert_or_assign(std::string(line.substr(0, tab)), valence);
    ++number;
  }
}

std::optional<double> Lexicon::valence(const std::string& lower) const {
  const auto found = valences_.find(lower);
  return found == valences_.end() ? std::nullopt : std::optional<double>(found->second);
}

double vader_compound(const Lexicon& lexicon, std::string_view text) {
  double sum = 0;
  for (const double each : Analysis(lexicon, text).valences()) sum += each;
  if (sum == 0) return 0;
  sum += sum > 0 ? emphasis(text) : -emphasis(text);
  return to_four_decimals(sum / std::sqrt(sum * sum + squeeze));
}

}  // namespace tiltlab
