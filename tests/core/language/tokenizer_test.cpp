#include "language/tokenizer.hpp"

#include <catch2/catch.hpp>

#include "error.hpp"
#include "language/plain_model.hpp"

using namespace tiltlab;
using namespace tiltlab::test;

namespace {

std::string text_of(const Tokenizer& tokenizer, const std::vector<std::uint32_t>& tokens) {
  std::string out;
  for (std::size_t i = 1; i < tokens.size(); ++i) out += tokenizer.piece(tokens[i], tokens[i - 1]);
  return out;
}

/** As the definition has it: again and again the best join, the leftmost among equals. */
std::vector<std::uint32_t> plainly(const std::vector<std::string>& pieces, const std::vector<float>& scores,
                                   std::vector<std::uint32_t> tokens) {
  while (true) {
    float best = -1e30F;
    std::size_t at = tokens.size();
    std::uint32_t joined = 0;
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i)
      for (std::uint32_t t = 0; t < pieces.size(); ++t)
        if (pieces[t] == pieces[tokens[i]] + pieces[tokens[i + 1]] && scores[t] > best) {
          best = scores[t];
          at = i;
          joined = t;
        }
    if (at == tokens.size()) return tokens;
    tokens[at] = joined;
    tokens.erase(tokens.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  }
}

std::string refusal(const File& file, std::size_t vocabulary) {
  try {
    const Tokenizer read(file, vocabulary);
  } catch (const InputError& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("texts come back from their tokens, and joins go by score", "[language]") {
  const Tokenizer tokenizer(tiny_tokenizer(), 270);
  CHECK(tokenizer.encode("") == std::vector<std::uint32_t>{1});
  // " " = 259, "a", "b", "ab" = 262, " a", "aa", " ab", "é" = 266, "abab", "c"
  CHECK(tokenizer.encode("ab") == std::vector<std::uint32_t>{1, 265});
  CHECK(tokenizer.encode("aé") == std::vector<std::uint32_t>{1, 263, 266});
  CHECK(tokenizer.encode("x") == std::vector<std::uint32_t>{1, 259, 3 + 'x'});
  for (const std::string text : {"abab ab aaa", " ab", "\xff\xfe", "né€", "a\n\tb", "€\xe2\x82"})
    CHECK(text_of(tokenizer, tokenizer.encode(text)) == text);
}

TEST_CASE("joins through the queue are those of the plain definition", "[language]") {
  Random random(4);
  for (int trial = 0; trial < 40; ++trial) {
    std::vector<std::string> pieces{"<unk>", "<s>", "</s>", " ", "a", "b"};
    while (pieces.size() < 24) {
      std::string piece;
      for (std::int64_t k = random.integer(2, 5); k > 0; --k) piece += " ab"[random.integer(0, 2)];
      if (std::find(pieces.begin(), pieces.end(), piece) == pieces.end()) pieces.push_back(piece);
    }
    std::vector<float> scores;
    File file;
    write(file, std::int32_t{5});
    for (const std::string& piece : pieces) {
      scores.push_back(static_cast<float>(random.integer(-3, 3)));
      write(file, scores.back());
      write(file, static_cast<std::int32_t>(piece.size()));
      file.insert(file.end(), piece.begin(), piece.end());
    }
    const Tokenizer tokenizer(file, pieces.size());
    std::string text;
    std::vector<std::uint32_t> letters{3};
    for (int k = 0; k < 60; ++k) {
      const std::int64_t letter = random.integer(0, 2);
      text += " ab"[letter];
      letters.push_back(static_cast<std::uint32_t>(3 + letter));
    }
    auto right = plainly(pieces, scores, letters);
    right.insert(right.begin(), 1);
    CHECK(tokenizer.encode(text) == right);
  }
}

TEST_CASE("a long prompt is divided in time", "[language]") {
  const Tokenizer tokenizer(tiny_tokenizer(), 270);
  std::string text;
  for (int k = 0; k < 200000; ++k) text += "ab"[k % 2];
  CHECK(tokenizer.encode(text).size() < 60000);
}

TEST_CASE("foreign tokenizers are refused by field, value and rule", "[language]") {
  const File good = tiny_tokenizer();
  CHECK(refusal(good, 270).empty());
  CHECK(refusal(good, 269) == "tokenizer.size: 15 bytes are left after the 269 tokens of the checkpoint");
  CHECK(refusal(good, 271).starts_with("tokenizer.tokens[270]: the file ends after"));
  CHECK(refusal({}, 270) == "tokenizer.max_token_length: the file ends after 0 bytes, before max_token_length does");
  CHECK(refusal(File(100, 0), 270) == "tokenizer.max_token_length: 0 is not in 1 .. 65536");
  CHECK(refusal(good, std::size_t{1} << 20).ends_with("1048576 tokens of the checkpoint take"));
  File bad = good;
  overwrite(bad, 8, std::int32_t{-1});
  CHECK(refusal(bad, 270) == "tokenizer.tokens[0].length: -1 is not in 0 .. 65536");
  overwrite(bad, 8, std::int32_t{0x05000000});
  CHECK(refusal(bad, 270) == "tokenizer.tokens[0].length: 83886080 is not in 0 .. 65536");
  overwrite(bad, 4, std::nanf(""));
  CHECK(refusal(bad, 270) == "tokenizer.tokens[0].score: NaN is not a finite number");
  for (std::size_t cut = 0; cut < good.size(); cut += 7)
    CHECK(refusal(File(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(cut)), 270).starts_with("tokenizer."));
}

TEST_CASE("a prompt that a tokenizer cannot spell is refused", "[language]") {
  const Tokenizer tokenizer(tiny_tokenizer(3), 3);
  CHECK_THROWS_AS(tokenizer.encode("a"), InputError);
  CHECK(tokenizer.encode("").size() == 1);
}
