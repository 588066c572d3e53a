#include "language/text_reward.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "error.hpp"

using namespace tiltlab;

namespace {

const Lexicon& lexicon() {
  static const Lexicon one("good\t1.9\nbad\t-2.5\ngreat\t3.1\n:)\t2\n");
  return one;
}

TextReward reward(RewardSettings settings) { return {settings, lexicon()}; }

std::string refusal(const RewardSettings& settings, const Lexicon& of = lexicon()) {
  try {
    const TextReward made(settings, of);
  } catch (const InputError& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("each reward is what it says of a text", "[language]") {
  const std::string text = "Good, bad; GOOD! The whale\u2019s whale isn't great: \u00e9t\u00e9.";
  CHECK(reward({"vader_sum", "", "", {}})(text) == Approx(1.9 - 2.5 + 1.9 + 3.1));
  CHECK(reward({"word", "Whale's", "", {}})(text) == 1);
  CHECK(reward({"word", "whales", "", {}})(text) == 0);
  CHECK(reward({"words", "", "", {{"good", 2}, {"whale", -0.5}}})(text) == 3.5);
  CHECK(reward({"length", "", "", {}})(text) == 52);
  CHECK(reward({"repetition", "", "", {}})(text) == Approx(1.0 / 9));
  CHECK(reward({"letter", "", "\u00e9", {}})(text) == Approx(2.0 / 37));
  CHECK(reward({"letter", "", "G", {}})(text) == Approx(3.0 / 37));
  CHECK(reward({"letter", "", "z", {}})("") == 0);
  CHECK(reward({"repetition", "", "", {}})("...") == 0);
}

TEST_CASE("the same decimals in any order are the same sum", "[language]") {
  const TextReward of = reward({"words", "", "", {{"a", 0.1}, {"b", 0.2}, {"c", -0.3}, {"d", 3.4}}});
  CHECK(of("a b c") == 0);
  CHECK(of("a d b") == 3.7);
  CHECK(of("d b a") == of("b a d"));
  CHECK(of.of_beginnings("a b c", 3) == std::vector<double>{0.1, 0.3, 0});
}

TEST_CASE("beginnings of a text are rewarded as texts", "[language]") {
  const std::string text = " Good bad, very great good great!";
  for (const char* kind : {"vader_sum", "vader", "word", "words", "length", "letter", "repetition"}) {
    const TextReward of = reward({kind, "great", "o", {{"good", 2}, {"great", 0.25}}});
    const auto all = of.of_beginnings(text, 100);
    CHECK(all.size() == 6);
    const char* beginnings[] = {" Good",
                                " Good bad",
                                " Good bad, very",
                                " Good bad, very great",
                                " Good bad, very great good",
                                " Good bad, very great good great"};
    for (std::size_t i = 0; i < all.size(); ++i) CHECK(all[i] == of(beginnings[i]));
    CHECK(of.of_beginnings(text, 2) == std::vector<double>{all[0], all[1]});
  }
}

TEST_CASE("words stand where a page finds them, with what they are worth", "[language]") {
  const auto found = reward({"vader_sum", "", "", {}}).words("\U0001F40B \u00e9 bad whale Good");
  REQUIRE(found.size() == 2);
  CHECK(found[0].from == 5);
  CHECK(found[0].to == 8);
  CHECK(found[0].reward == -2.5);
  CHECK(found[1].from == 15);
  CHECK(found[1].reward == 1.9);
  CHECK(reward({"repetition", "", "", {}}).words("a b A").size() == 1);
  CHECK(reward({"length", "", "", {}}).words("good").empty());
}

TEST_CASE("rewards that are none are refused by field, value and rule", "[language]") {
  CHECK(refusal({"vadr", "", "", {}}) ==
        "reward.kind: \"vadr\" is none of vader_sum, vader, word, words, length, letter, repetition");
  CHECK(refusal({"vader", "", "", {}}, Lexicon()) == "reward.kind: \"vader\" needs the lexicon, and none was read");
  CHECK(refusal({"word", "two words", "", {}}) ==
        "reward.word: \"two words\" is not one word: letters, between which apostrophes may stand");
  CHECK(refusal({"word", "", "", {}}).starts_with("reward.word: "));
  CHECK(refusal({"letter", "", "ab", {}}) == "reward.letter: \"ab\" is not one letter");
  CHECK(refusal({"letter", "", "!", {}}) == "reward.letter: \"!\" is not one letter");
  CHECK(refusal({"words", "", "", {}}) == "reward.words: 0 words are not 1 to 10000");
  CHECK(refusal({"words", "", "", {{"a", 1}, {"A", 2}}}) == "reward.words[1].word: \"A\" was listed before");
  CHECK(refusal({"words", "", "", {{"a", NAN}}}) == "reward.words[0].weight: NaN is not in [-1000000, 1000000]");
}

TEST_CASE("no text exceeds what is said to be the most", "[language]") {
  CHECK(reward({"vader", "", "", {}}).most(3) == 1);
  CHECK(reward({"length", "", "", {}}).most(3) == 3);
  CHECK(std::isinf(reward({"vader_sum", "", "", {}}).most(3)));
}
