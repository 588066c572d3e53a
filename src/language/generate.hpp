#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "language/decoder.hpp"
#include "language/draft_law.hpp"
#include "language/text_reward.hpp"
#include "language/tokenizer.hpp"

namespace tiltlab {

/** What is asked of a language model: numbers as JavaScript has them. */
struct GenerationSettings {
  std::string prompt;
  /** Most tokens of a draft, an integer of at least 1. */
  double length = 0;
  /** Drafts first .. first + count - 1; both are integers. */
  double first = 0;
  double count = 0;
  /** Whether the likeliest token is taken, instead of one by chance. */
  bool greedy = false;
  /** In [0.01, 100]; of no use to a greedy one. */
  double temperature = 1;
  /** An integer in [0, 2^53). */
  double seed = 0;
};

template <class F>
void fields(F&& f, GenerationSettings& s) {
  f("prompt", s.prompt);
  f("length", s.length);
  f("first", s.first);
  f("count", s.count);
  f("greedy", s.greedy);
  f("temperature", s.temperature);
  f("seed", s.seed);
}

struct GeneratedDraft {
  /** Those that were drawn; where the draft came to its end, the last is the one that ends it and writes nothing. */
  std::vector<std::uint32_t> tokens;
  /** What they write after the prompt: bytes, of which a draft that is cut off may end within a character. */
  std::string text;
  /** log p(draft | prompt), in nats: the sum over `tokens` of their logs by the model's law at temperature 1. */
  double log_probability = 0;
  /** Whether it came to its end within the length. */
  bool ended = false;
};

struct GeneratedDrafts {
  std::vector<GeneratedDraft> drafts;
};

template <class F>
void fields(F&& f, const GeneratedDraft& d) {
  f("tokens", d.tokens);
  f("text", d.text);
  f("logprob", d.log_probability);
  f("ended", d.ended);
}
template <class F>
void fields(F&& f, const GeneratedDrafts& g) {
  f("drafts", g.drafts);
}

/** A decoder with its tokenizer. */
class LanguageModel {
 public:
  /** Most drafts that are drawn side by side. */
  static constexpr std::size_t most_together = 64;

  /** @throws InputError as `read_checkpoint` and `Tokenizer` do */
  LanguageModel(Bytes checkpoint, Bytes tokenizer)
      : decoder_(read_checkpoint(checkpoint)), tokenizer_(tokenizer, decoder_.shape().vocabulary) {}

  [[nodiscard]] const DecoderShape& shape() const { return decoder_.shape(); }
  [[nodiscard]] const Tokenizer& tokenizer() const { return tokenizer_; }

  /**
   * Draws drafts of a prompt. A draft is a function of seed, number and settings alone: its bits are the same whatever
   * else is drawn. Its token number k has the random number of counter (k, number, 0, text) of `RandomStream`.
   * @throws InputError naming the setting that breaks its rule, or the checkpoint whose logits are not finite
   */
  [[nodiscard]] GeneratedDrafts generate(const GenerationSettings& settings);

  /**
   * log p of each token given those before it, nats: what a text is worth to the model.
   * @param tokens below `vocabulary`, the first of which is given; at most as many as there are positions, and one
   * @throws InputError naming `tokens`
   */
  [[nodiscard]] std::vector<double> log_probabilities(const std::vector<std::uint32_t>& tokens);

  /** Most drafts that `enumerate` lists. */
  static constexpr double most_listed = 1 << 20;
  /**
   * The exact law of a reward over all drafts of a prompt, each of the vocabulary's tokens at each of `length` places:
   * what drawing at temperature 1 draws from. The tokens that end a draft end it there too.
   * @throws InputError as `generate` does, and naming `length` where there are more than `most_listed`
   */
  [[nodiscard]] DraftLaw enumerate(const std::string& prompt, double length, const TextReward& reward);

 private:
  Decoder decoder_;
  Tokenizer tokenizer_;
};

}  // namespace tiltlab
