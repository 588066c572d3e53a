#include "language/vader.hpp"

#include <catch2/catch.hpp>

#include "error.hpp"

using namespace tiltlab;

namespace {

const Lexicon& lexicon() {
  static const Lexicon one(
      "good\t1.9\nbad\t-2.5\ngreat\t3.1\nleast\t0\nlove\t3.2\nkind\t2.4\nhate\t-2.7\nass\t-2.5\n:)\t2\n");
  return one;
}

double of(const char* text) { return vader_compound(lexicon(), text); }

std::string refusal(const char* table) {
  try {
    const Lexicon made(table);
  } catch (const InputError& e) {
    return e.what();
  }
  return "";
}

}  // namespace

// By hand, from the rules: a sum s is squeezed to s / sqrt(s^2 + 15).
TEST_CASE("VADER's rules change what words are worth", "[language]") {
  CHECK(of("") == 0);
  CHECK(of("It is here") == 0);
  CHECK(of("It is good") == 0.4404);
  CHECK(of("It is very good") == 0.4927);
  CHECK(of("It is GOOD") == 0.5622);
  CHECK(of("It is not good") == -0.3412);
  CHECK(of("It is good!") == 0.4926);
  // What is more than four marks is no mark, and the word with it is in no list.
  CHECK(of("It is good !!!!!!") == 0.6209);
  CHECK(of("It is good???") == 0.533);
  CHECK(of("good but bad") == -0.5859);
  CHECK(of(":)") == 0.4588);
  CHECK(of("It is never so good") == 0.7279);
  CHECK(of("a b c kind of d") == 0);
  CHECK(of("hate 'love', 'good'") == -0.5719);
}

TEST_CASE("lexicons that are none are refused by line", "[language]") {
  CHECK(refusal("good\t1.9\nbad").starts_with("lexicon[1]: is not a word"));
  CHECK(refusal("good\tx").starts_with("lexicon[0]"));
  CHECK(refusal("\t1").starts_with("lexicon[0]"));
  CHECK(refusal("good\tnan").starts_with("lexicon[0]"));
  CHECK(refusal("good\t11").starts_with("lexicon[0]"));
  CHECK(Lexicon("fed up\t-1.8\n").valence("fed up") == -1.8);
}
