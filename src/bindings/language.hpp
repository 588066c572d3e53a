#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bindings/object.hpp"
#include "language/generate.hpp"
#include "language/text_reward.hpp"
#include "samples/equivalence.hpp"
#include "samples/rejection.hpp"

/** A language model: read once, then asked for drafts; and what drafts are worth. */
namespace tiltlab::bindings {

/** A number a text, or several. */
struct Rewards {
  std::vector<double> rewards;
};
template <class F>
void fields(F&& f, const Rewards& r) {
  f("rewards", r.rewards);
}

struct RewardedWords {
  std::vector<RewardedWord> words;
};
template <class F>
void fields(F&& f, const RewardedWords& r) {
  f("words", r.words);
}

/** Drafts by their rewards, and what is asked of them. */
struct RewardedDrafts {
  std::vector<double> rewards;
  double kl = 0;
  double alpha = 0;
  /** What no reward exceeds. */
  double most = 0;
  double seed = 0;
  /** Number of the first draft. */
  double first = 0;
};
template <class F>
void fields(F&& f, RewardedDrafts& d) {
  f("rewards", d.rewards);
  f("kl", d.kl);
  f("alpha", d.alpha);
  f("most", d.most);
  f("seed", d.seed);
  f("first", d.first);
}

struct KeptDrafts {
  std::vector<std::uint32_t> kept;
};
template <class F>
void fields(F&& f, const KeptDrafts& k) {
  f("kept", k.kept);
}

class Language {
 public:
  static void bind() {
    emscripten::function("read_language_model", &read);
    emscripten::function("encode_text", &encode);
    emscripten::function("generate_drafts", &generate);
    emscripten::function("score_tokens", &score);
    emscripten::function("read_lexicon", &read_lexicon);
    emscripten::function("reward_texts", &reward_texts);
    emscripten::function("reward_beginnings", &reward_beginnings);
    emscripten::function("reward_words", &reward_words);
    emscripten::function("reward_most", &reward_most);
    emscripten::function("enumerate_drafts", &enumerate);
    emscripten::function("measure_equivalence", &equivalence);
    emscripten::function("law_of_drafts", &law);
    emscripten::function("acceptance", &share_kept);
    emscripten::function("accept_drafts", &accept);
  }

 private:
  /** The one model that an instance holds. */
  static std::unique_ptr<LanguageModel>& kept() {
    static std::unique_ptr<LanguageModel> slot;
    return slot;
  }
  static LanguageModel& model() {
    if (!kept()) throw InputError("checkpoint", "none was read");
    return *kept();
  }
  /** @param checkpoint @param tokenizer each a Uint8Array; of a checkpoint whose header is refused no more is copied */
  static val read(const val& checkpoint, const val& tokenizer) {
    return guarded([&] {
      kept().reset();
      const auto size = checkpoint["length"].as<std::size_t>();
      const auto first = numbers<std::uint8_t>(checkpoint.call<val>("subarray", 0, std::min(size, header_bytes)));
      (void)read_header(first, size);
      if (tokenizer["length"].as<std::size_t>() > Tokenizer::most_bytes)
        throw InputError("tokenizer.size", "more than " + std::to_string(Tokenizer::most_bytes) + " bytes");
      const auto words = numbers<std::uint8_t>(tokenizer);
      kept() = std::make_unique<LanguageModel>(numbers<std::uint8_t>(checkpoint), words);
      return object(model().shape());
    });
  }
  static val encode(const std::string& text) {
    return guarded([&] { return array(model().tokenizer().encode(text)); });
  }
  static val generate(const val& settings) {
    return guarded([&] {
      GenerationSettings read;
      fields(Reader{settings}, read);
      return object(model().generate(read));
    });
  }

  /** log p of each after the first, nats. */
  static val score(const val& tokens) {
    return guarded([&] { return array(model().log_probabilities(numbers<std::uint32_t>(tokens))); });
  }

  static Lexicon& lexicon() {
    static Lexicon slot;
    return slot;
  }
  static val read_lexicon(const std::string& table) {
    return guarded([&] {
      lexicon() = Lexicon(table);
      return val(static_cast<double>(lexicon().size()));
    });
  }
  static TextReward reward_of(const val& settings) {
    RewardSettings read;
    fields(Reader{settings}, read);
    return {read, lexicon()};
  }
  template <class F>
  static void each(const val& texts, F&& f) {
    const auto size = texts["length"].as<std::size_t>();
    for (std::size_t i = 0; i < size; ++i) f(texts[i].as<std::string>());
  }
  static val reward_texts(const val& settings, const val& texts) {
    return guarded([&] {
      const TextReward reward = reward_of(settings);
      Rewards out;
      each(texts, [&](const std::string& text) { out.rewards.push_back(reward(text)); });
      return object(out);
    });
  }
  /** A row a text: after its first word, its second .. the last of `most`; one of fewer words stays what it is. */
  static val reward_beginnings(const val& settings, const val& texts, double most) {
    return guarded([&] {
      const TextReward reward = reward_of(settings);
      constexpr double most_words = 10000;
      if (!(most >= 1 && most <= most_words)) throw InputError("most", to_text(most) + " is not in 1 .. 10000");
      const auto columns = static_cast<std::size_t>(most);
      Rewards out;
      each(texts, [&](const std::string& text) {
        std::vector<double> row = reward.of_beginnings(text, columns);
        row.resize(columns, row.empty() ? reward("") : row.back());
        out.rewards.insert(out.rewards.end(), row.begin(), row.end());
      });
      return object(out);
    });
  }
  static val reward_words(const val& settings, const std::string& text) {
    return guarded([&] { return object(RewardedWords{reward_of(settings).words(text)}); });
  }
  static val reward_most(const val& settings, double characters) {
    return guarded([&] { return val(reward_of(settings).most(static_cast<std::size_t>(characters))); });
  }
  static val enumerate(const val& settings, const val& reward) {
    return guarded([&] {
      GenerationSettings read;
      fields(Reader{settings}, read);
      return object(model().enumerate(read.prompt, read.length, reward_of(reward)));
    });
  }

  static RewardedDrafts drafts_of(const val& from) {
    RewardedDrafts out;
    fields(Reader{from}, out);
    return out;
  }
  static val equivalence(const val& from) {
    return guarded([&] {
      const RewardedDrafts drafts = drafts_of(from);
      return object(measure_equivalence(drafts.rewards, drafts.kl, static_cast<std::uint64_t>(drafts.seed)));
    });
  }
  static val law(const val& from) {
    return guarded([&] { return object(law_of_drafts(drafts_of(from).rewards)); });
  }
  static val share_kept(const val& from) {
    return guarded([&] {
      const RewardedDrafts drafts = drafts_of(from);
      return object(acceptance(drafts.rewards, drafts.alpha, drafts.most));
    });
  }
  static val accept(const val& from) {
    return guarded([&] {
      const RewardedDrafts drafts = drafts_of(from);
      return object(KeptDrafts{accepted(drafts.rewards, drafts.alpha, drafts.most, static_cast<std::uint64_t>(drafts.seed),
                                  static_cast<std::uint32_t>(drafts.first))});
    });
  }
};

}  // namespace tiltlab::bindings
