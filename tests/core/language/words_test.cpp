#include "language/words.hpp"

#include <catch2/catch.hpp>

using namespace tiltlab;

namespace {

std::vector<std::string> of(std::string_view text) {
  std::vector<std::string> out;
  for (const auto [from, to] : words_of(text)) out.emplace_back(text.substr(from, to - from));
  return out;
}

}  // namespace

TEST_CASE("words are runs of letters with single apostrophes between", "[language]") {
  using Words = std::vector<std::string>;
  CHECK(of("").empty());
  CHECK(of("don't 'tis whales' o''er") == Words{"don't", "tis", "whales", "o", "er"});
  CHECK(of("whale\u2019s\u2014sperm-whale") == Words{"whale\u2019s", "sperm", "whale"});
  CHECK(of("na\u00efve \u00d7 \u00e9t\u00e9 \u201cyes\u201d 3rd") == Words{"na\u00efve", "\u00e9t\u00e9", "yes", "rd"});
  CHECK(of("a\xff"
           "b \xe2\x80") == Words{"a", "b"});
  CHECK(lower_word("Whale\u2019S") == "whale's");
}
