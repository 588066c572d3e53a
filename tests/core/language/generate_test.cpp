#include "language/generate.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "error.hpp"
#include "language/plain_model.hpp"

using namespace tiltlab;
using namespace tiltlab::test;
using Catch::Matchers::WithinAbs;

namespace {

LanguageModel tiny(std::uint64_t seed = 7) {
  return {legacy_file(random_model(seed, true, tiny_shape())), tiny_tokenizer()};
}

GenerationSettings settings(double count, double length = 30) {
  GenerationSettings s;
  s.length = length;
  s.count = count;
  s.seed = 5;
  return s;
}

bool same(const GeneratedDraft& a, const GeneratedDraft& b) {
  return a.tokens == b.tokens && a.text == b.text && a.log_probability == b.log_probability && a.ended == b.ended;
}

std::string refusal(LanguageModel& model, const GenerationSettings& s) {
  try {
    (void)model.generate(s);
  } catch (const InputError& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a draft has the same bits alone and among others, whatever the prompt's length", "[language]") {
  LanguageModel model = tiny();
  for (const char* prompt : {"", "ab", "abc", "some more words"}) {
    GenerationSettings s = settings(80);
    s.prompt = prompt;
    const auto all = model.generate(s).drafts;
    REQUIRE(all.size() == 80);
    for (const std::size_t number : {0U, 1U, 5U, 63U, 64U, 79U}) {
      s.count = 1;
      s.first = static_cast<double>(number);
      CHECK(same(model.generate(s).drafts.front(), all[number]));
    }
    s.first = 10;
    s.count = 7;
    const auto some = model.generate(s).drafts;
    for (std::size_t k = 0; k < 7; ++k) CHECK(same(some[k], all[10 + k]));
  }
}

TEST_CASE("natively and in wasm the bits are these", "[language]") {
  LanguageModel model = tiny();
  GenerationSettings s = settings(3);
  s.prompt = "ab";
  s.temperature = 0.7;
  double sum = 0;
  for (const GeneratedDraft& draft : model.generate(s).drafts) sum += draft.log_probability;
  CHECK(sum == -0x1.395bc7c62f69ep+8);
}

TEST_CASE("another seed draws other drafts, the same seed the same", "[language]") {
  LanguageModel model = tiny();
  GenerationSettings s = settings(3);
  const auto one = model.generate(s).drafts;
  CHECK(same(one[0], model.generate(s).drafts[0]));
  CHECK(one[0].tokens != one[1].tokens);
  s.seed = 6;
  CHECK(one[0].tokens != model.generate(s).drafts[0].tokens);
}

TEST_CASE("greedy tokens and logs are those of a plain pass in double", "[language]") {
  const PlainModel plain = random_model(7, true, tiny_shape());
  LanguageModel model = tiny();
  GenerationSettings s = settings(2);
  s.greedy = true;
  s.prompt = "ab";
  const auto drafts = model.generate(s).drafts;
  CHECK(same(drafts[0], drafts[1]));
  auto tokens = model.tokenizer().encode("ab");
  double log_probability = 0;
  for (const std::uint32_t token : drafts[0].tokens) {
    const Numbers logits = plain_logits(plain, tokens).back();
    CHECK(token == static_cast<std::uint32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin()));
    double sum = 0;
    for (const double x : logits) sum += std::exp(x - logits[token]);
    log_probability -= std::log(sum);
    tokens.push_back(token);
  }
  CHECK_THAT(drafts[0].log_probability, WithinAbs(log_probability, 1e-3));
}

TEST_CASE("first tokens come as often as the law says, at each temperature", "[language][statistics]") {
  const double temperature = GENERATE(1.0, 0.5);
  const PlainModel plain = random_model(7, true, tiny_shape());
  LanguageModel model = tiny();
  GenerationSettings s = settings(50000, 1);
  s.temperature = temperature;
  std::map<std::uint32_t, double> seen;
  for (const GeneratedDraft& draft : model.generate(s).drafts) seen[draft.tokens[0]] += 1 / s.count;
  const Numbers logits = plain_logits(plain, {1}).back();
  double sum = 0;
  for (const double x : logits) sum += std::exp(x / temperature);
  double chi_squared = 0;
  for (std::uint32_t token = 0; token < logits.size(); ++token) {
    const double p = std::exp(logits[token] / temperature) / sum;
    chi_squared += s.count * (seen[token] - p) * (seen[token] - p) / p;
  }
  // 269 degrees of freedom: five standard deviations.
  CHECK(chi_squared < 269 + 5 * std::sqrt(2.0 * 269));
}

TEST_CASE("a draft ends with its end, which writes nothing, or at the length", "[language]") {
  LanguageModel model = tiny();
  GenerationSettings s = settings(200, 40);
  s.temperature = 3;
  std::size_t ended = 0;
  for (const GeneratedDraft& draft : model.generate(s).drafts) {
    const bool is_end = draft.tokens.back() == Tokenizer::begin || draft.tokens.back() == Tokenizer::end;
    CHECK(draft.ended == is_end);
    CHECK((draft.ended || draft.tokens.size() == 40));
    for (std::size_t k = 0; k + 1 < draft.tokens.size(); ++k) CHECK(draft.tokens[k] - 1 > 1);
    CHECK(draft.text.find("s>") == std::string::npos);
    CHECK(draft.log_probability < 0);
    ended += draft.ended ? 1 : 0;
  }
  CHECK(ended > 5);
}

TEST_CASE("a draft's log p is that of its tokens", "[language]") {
  LanguageModel model = tiny();
  GenerationSettings s = settings(4, 40);
  s.prompt = "ab";
  for (const GeneratedDraft& draft : model.generate(s).drafts) {
    std::vector<std::uint32_t> tokens = model.tokenizer().encode("ab");
    const std::size_t prompt = tokens.size();
    tokens.insert(tokens.end(), draft.tokens.begin(), draft.tokens.end());
    const std::vector<double> logs = model.log_probabilities(tokens);
    double sum = 0;
    for (std::size_t i = prompt - 1; i < logs.size(); ++i) sum += logs[i];
    CHECK(sum == draft.log_probability);
  }
  CHECK_THROWS_WITH(model.log_probabilities({1}), "tokens: 1 are not 2 to 49");
  CHECK_THROWS_WITH(model.log_probabilities({1, 270}), "tokens[1]: 270 is not below 270");
}

TEST_CASE("all drafts together are the law that is drawn from", "[language]") {
  // 13 tokens, of which two end a draft: 11^2 13 + 2 (1 + 11) drafts of three tokens.
  DecoderShape shape = tiny_shape();
  shape.vocabulary = 13;
  LanguageModel model(legacy_file(random_model(3, true, shape)), letters_tokenizer());
  const Lexicon none;
  const TextReward reward({"letter", "", "a", {}}, none);
  const DraftLaw all = model.enumerate("b", 3, reward);
  CHECK(all.drafts == 11 * 11 * 13 + 2 * (1 + 11));
  double mass = 0;
  double mean = 0;
  for (std::size_t l = 0; l < all.p.size(); ++l) {
    mass += all.p[l];
    mean += all.p[l] * all.reward[l];
    if (l > 0) CHECK(all.reward[l] > all.reward[l - 1]);
  }
  CHECK_THAT(mass, WithinAbs(1, 1e-14));
  // By drawing, and each draft's own log p.
  GenerationSettings s = settings(20000, 3);
  s.prompt = "b";
  std::map<std::vector<std::uint32_t>, double> seen;
  double drawn = 0;
  double squares = 0;
  for (const GeneratedDraft& draft : model.generate(s).drafts) {
    seen[draft.tokens] = std::exp(draft.log_probability);
    drawn += reward(draft.text) / 20000;
    squares += reward(draft.text) * reward(draft.text) / 20000;
  }
  CHECK(std::fabs(drawn - mean) < 5 * std::sqrt((squares - drawn * drawn) / 20000));
  double listed = 0;
  for (const auto& [tokens, p] : seen) listed += p;
  CHECK(listed <= 1 + 1e-9);
  CHECK(listed > 0.9);
  CHECK_THROWS_WITH(
      model.enumerate("b", 6, reward),
      "length: 6 of a vocabulary of 13 tokens are 4826809 drafts, more than 1048576 that are listed one by one");
  CHECK_THROWS_WITH(model.enumerate("b", 0, reward), "length: 0 is not an integer in 1 .. 48");
}

TEST_CASE("settings are refused by name, value and rule", "[language]") {
  LanguageModel model = tiny();
  const auto with = [&](auto&& change) {
    GenerationSettings s = settings(1);
    change(s);
    return refusal(model, s);
  };
  CHECK(with([](auto&) {}).empty());
  CHECK(with([](auto& s) { s.length = 0; }) == "length: 0 is not an integer in 1 .. 48");
  CHECK(with([](auto& s) { s.length = 1.5; }) == "length: 1.5 is not an integer in 1 .. 48");
  CHECK(with([](auto& s) { s.length = 48; }).empty());
  CHECK(with([](auto& s) {
          s.length = 48;
          s.prompt = "a";
        }) == "length: 48 after a prompt of 2 tokens is more than the model's 48 positions hold");
  CHECK(with([](auto& s) { s.count = 0; }) == "count: 0 is not an integer in 1 .. 100000");
  CHECK(with([](auto& s) { s.first = -1; }).starts_with("first: -1 is not an integer in 0 .. "));
  CHECK(with([](auto& s) { s.seed = std::nan(""); }).starts_with("seed: NaN is not an integer in 0 .. "));
  CHECK(with([](auto& s) { s.temperature = 0; }) == "temperature: 0 is not in 0.01 .. 100");
  CHECK(with([](auto& s) {
          s.temperature = 0;
          s.greedy = true;
        }).empty());
  CHECK(with([](auto& s) { s.prompt.assign(2 << 20, 'a'); }) == "prompt: 2097152 bytes are more than 1048576");
}

TEST_CASE("a header that lies about positions allocates nothing large", "[language]") {
  File file = versioned_file(random_model(7, true, {64, 20, 4, 4, 4, 270, 48}));
  overwrite(file, 8 + 4 * 6, std::int32_t{1 << 20});
  LanguageModel model(file, tiny_tokenizer());
  GenerationSettings s = settings(64, 1 << 20);
  CHECK(refusal(model, s).starts_with("length: 1048576 needs more memory than"));
}

TEST_CASE("files with bytes changed are refused by name or draw what they say", "[language]") {
  PlainModel plain = random_model(7, false, tiny_shape());
  const File checkpoints[] = {legacy_file(plain), versioned_file(plain), quantised_file(plain, 8),
                              six_bit_file(plain)};
  const File tokenizer = tiny_tokenizer();
  Random random(2);
  const auto change = [&](File& file, std::size_t most) {
    const auto last = static_cast<std::int64_t>(std::min(most, file.size())) - 1;
    file[static_cast<std::size_t>(random.integer(0, last))] = static_cast<std::uint8_t>(random.integer(0, 255));
  };
  int drawn = 0;
  for (int trial = 0; trial < 800; ++trial) {
    File checkpoint = checkpoints[trial % 4];
    File words = tokenizer;
    // Headers, weights and words.
    if (trial % 2 == 0) change(checkpoint, 300);
    for (int k = 0; k < trial % 20; ++k) change(checkpoint, checkpoint.size());
    if (trial % 5 == 0) change(words, words.size());
    try {
      LanguageModel model(checkpoint, words);
      GenerationSettings s = settings(2, 8);
      s.prompt = "ab c";
      drawn += model.generate(s).drafts.size() == 2 ? 1 : 0;
    } catch (const InputError& e) {
      const std::string& path = e.path();
      CHECK((path.starts_with("checkpoint") || path.starts_with("tokenizer") || path == "length" || path == "prompt"));
    }
  }
  CHECK(drawn > 100);
}

TEST_CASE("weights whose logits overflow are refused", "[language]") {
  PlainModel plain = random_model(7, true, tiny_shape());
  for (float& x : plain.last_norm) x = 3e38F;
  LanguageModel model(legacy_file(plain), tiny_tokenizer());
  CHECK(refusal(model, settings(2)) == "checkpoint: its weights give logits that are not finite numbers");
}

TEST_CASE("greedy text of a public checkpoint is that of its authors' program", "[language]") {
  const File checkpoint = shared_file("stories260K.bin");
  if (checkpoint.empty()) {
    WARN("TILTLAB_SHARED is not set: the public checkpoint is not read");
    return;
  }
  LanguageModel model(checkpoint, shared_file("tok512.bin"));
  GenerationSettings s = settings(1, 200);
  s.greedy = true;
  const GeneratedDraft draft = model.generate(s).drafts.front();
  // Source: A. Karpathy, "llama2.c", test_all.py.
  CHECK(draft.text ==
        "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. One day, she saw "
        "a big, red ball. She wanted to play with it, but it was too high.\n"
        "Lily's mom said, \"Lily, let's go to the park.\" Lily was sad and didn't know what to do. She said, \"I want "
        "to play with your ball, but I can't find it.\"\n"
        "Lily was sad and didn't know what to do. She said, \"I'm sorry, Lily. I didn't know what to do.\"\n"
        "Lily didn't want to help her mom, so she");
  CHECK(draft.tokens.size() == 200);
  s.greedy = false;
  s.count = 20;
  const auto all = model.generate(s).drafts;
  s.count = 1;
  for (const std::size_t number : {0U, 7U, 19U}) {
    s.first = static_cast<double>(number);
    CHECK(same(model.generate(s).drafts.front(), all[number]));
  }
}
