// Files by chance for the reader of language models, and texts by chance for rewards, under sanitizers: each is refused
// by name, or does what it says.
//
//   tiltlab_fuzz_language [--most N] [--seed N]
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>

#include "error.hpp"
#include "language/generate.hpp"
#include "language/plain_model.hpp"
#include "language/text_reward.hpp"

namespace tiltlab::fuzz {
namespace {

using test::File;
using test::Random;

std::uint8_t byte(Random& random) { return static_cast<std::uint8_t>(random.integer(0, 255)); }
std::size_t below(Random& random, std::size_t size) {
  return static_cast<std::size_t>(random.integer(0, static_cast<std::int64_t>(size) - 1));
}

/** One way to spoil a file. */
void spoil(File& file, Random& random) {
  if (file.empty()) return;
  switch (random.integer(0, 7)) {
    case 0:
      file[below(random, file.size())] = byte(random);
      break;
    case 1:  // its header
      file[below(random, std::min<std::size_t>(file.size(), 64))] = byte(random);
      break;
    case 2:
      file.resize(below(random, file.size() + 1));
      break;
    case 3:
      for (std::int64_t k = random.integer(1, 400); k > 0; --k) file.push_back(byte(random));
      break;
    case 4: {  // a number that is none, or none of the sizes
      constexpr std::size_t size = sizeof(float);
      if (file.size() < size) break;
      const float values[] = {std::nanf(""), std::numeric_limits<float>::infinity(), 3e38F, -0.0F, 1e-45F};
      std::memcpy(file.data() + below(random, file.size() - size + 1), &values[below(random, 5)], size);
      break;
    }
    case 5: {  // a size that lies
      const std::int32_t values[] = {-1, 0, 1, 2, 1 << 20, std::numeric_limits<std::int32_t>::max(), 0x18000000};
      const std::size_t at = 4 * below(random, 10);
      if (at + 4 <= file.size()) std::memcpy(file.data() + at, &values[below(random, 7)], 4);
      break;
    }
    case 6:  // the other end first
      for (std::size_t at = 0; at + 4 <= std::min<std::size_t>(file.size(), 64); at += 4) {
        std::swap(file[at], file[at + 3]);
        std::swap(file[at + 1], file[at + 2]);
      }
      break;
    default:
      for (std::size_t from = below(random, file.size()), k = 0; k < 32 && from + k < file.size(); ++k)
        file[from + k] = byte(random);
  }
}

bool is_named(const InputError& e) {
  const std::string& path = e.path();
  for (const char* name : {"checkpoint", "tokenizer", "length", "prompt", "lexicon", "reward", "tokens"})
    if (path.rfind(name, 0) == 0) return true;
  return false;
}

std::string text_by_chance(Random& random) {
  const char* const parts[] = {"good",       "GOOD", "not",    "never", "so",    "but",  "BUT",      "kind",
                               "of",         "the",  "bomb",   "very",  "least", "at",   "!",        "??",
                               "--",         "'",    "\u2019", " ",     "\t",    "\xff", "\xe2\x80", "\u00a0",
                               "\U0001F40B", "a",    "e",      "isn't", ".",     "",     "\xc0",     "bad"};
  std::string out;
  for (std::int64_t k = random.integer(0, 40); k > 0; --k) {
    out += parts[below(random, std::size(parts))];
    if (random.integer(0, 2) > 0) out += ' ';
  }
  return out;
}

int complain(const char* what, std::uint64_t seed, std::uint64_t trial) {
  std::fprintf(stderr, "seed %llu, trial %llu: %s\n", static_cast<unsigned long long>(seed),
               static_cast<unsigned long long>(trial), what);
  return 1;
}

int run(std::uint64_t seed, std::uint64_t most) {
  test::PlainModel plain = test::random_model(7, false, test::tiny_shape());
  const File checkpoints[] = {test::legacy_file(plain), test::versioned_file(plain), test::quantised_file(plain, 8),
                              test::six_bit_file(plain)};
  const File tokenizer = test::tiny_tokenizer();
  const std::string table = "good\t1.9\nbad\t-2.5\nleast\t0.1\n:)\t2\nbomb\t-1\n";
  const Lexicon lexicon(table);
  std::uint64_t drawn = 0;
  std::uint64_t refused = 0;
  for (std::uint64_t trial = 0; trial < most; ++trial) {
    Random random(seed * 1000003 + trial);
    File checkpoint = checkpoints[trial % 4];
    File words = tokenizer;
    for (std::int64_t k = random.integer(0, 3); k > 0; --k) spoil(checkpoint, random);
    if (random.integer(0, 3) == 0) spoil(words, random);
    try {
      LanguageModel model(checkpoint, words);
      GenerationSettings settings;
      settings.prompt = random.integer(0, 1) == 0 ? "ab c" : text_by_chance(random);
      settings.length = static_cast<double>(random.integer(1, 8));
      settings.count = static_cast<double>(random.integer(1, 20));
      settings.seed = static_cast<double>(trial);
      settings.greedy = random.integer(0, 3) == 0;
      for (const GeneratedDraft& draft : model.generate(settings).drafts) {
        if (!(draft.log_probability <= 1e-9)) return complain("a log p is above 0 or none", seed, trial);
        if (draft.tokens.empty()) return complain("a draft has no token", seed, trial);
      }
      ++drawn;
    } catch (const InputError& e) {
      if (!is_named(e)) return complain(e.what(), seed, trial);
      ++refused;
    }
    const std::string text = text_by_chance(random);
    RewardSettings settings;
    const char* const kinds[] = {"vader_sum", "vader", "word", "words", "length", "letter", "repetition", "none"};
    settings.kind = kinds[below(random, 8)];
    settings.word = random.integer(0, 1) == 0 ? "good" : text_by_chance(random);
    settings.letter = random.integer(0, 1) == 0 ? "e" : text_by_chance(random);
    settings.words = {{"good", 1}, {random.integer(0, 1) == 0 ? "bad" : text_by_chance(random), -2}};
    try {
      const TextReward reward(settings, lexicon);
      const double value = reward(text);
      if (!(value <= reward.most(text.size()))) return complain("a reward exceeds the most", seed, trial);
      const auto beginnings = reward.of_beginnings(text, 50);
      for (const RewardedWord& word : reward.words(text))
        if (!(word.from < word.to && word.to <= static_cast<double>(text.size())))
          return complain("a word stands outside of its text", seed, trial);
      if (beginnings.size() > 50) return complain("more beginnings than were asked for", seed, trial);
      std::string other = table;
      other[below(random, other.size())] = static_cast<char>(byte(random));
      (void)Lexicon(other);
    } catch (const InputError& e) {
      if (!is_named(e)) return complain(e.what(), seed, trial);
    }
  }
  std::printf("%llu files drawn from, %llu refused by name\n", static_cast<unsigned long long>(drawn),
              static_cast<unsigned long long>(refused));
  // A reader that refuses all, or nothing, is not tried.
  return drawn > most / 20 && refused > most / 20 ? 0 : complain("too few were drawn from, or refused", seed, most);
}

}  // namespace
}  // namespace tiltlab::fuzz

int main(int argc, char** argv) {
  std::uint64_t seed = 1;
  std::uint64_t most = 2000;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const auto value = std::strtoull(argv[i + 1], nullptr, 10);
    if (name == "--seed") {
      seed = value;
    } else if (name == "--most") {
      most = value;
    } else {
      std::fprintf(stderr, "%s: is not one of --most N, --seed N\n", name.c_str());
      return 2;
    }
  }
  return tiltlab::fuzz::run(seed, most);
}
