#include "language/generate.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "error.hpp"
#include "language/elementary.hpp"
#include "language/sampling.hpp"
#include "simulation/philox.hpp"

namespace tiltlab {
namespace {

/** All caches of a call together; those of fewer drafts at a time give the same bits. */
constexpr double most_cache_bytes = 512.0 * (1 << 20);
constexpr double most_drafts = 1e5;

std::size_t whole(double value, const char* name, double least, double most) {
  if (!(value >= least && value <= most && value == std::floor(value)))
    throw InputError(name, to_text(value) + " is not an integer in " + to_text(least) + " .. " + to_text(most));
  return static_cast<std::size_t>(value);
}

/** The settings, checked, and the prompt's tokens. */
struct Task {
  std::vector<std::uint32_t> prompt;
  std::size_t length = 0;
  std::size_t first = 0;
  std::size_t count = 0;
  bool greedy = false;
  double temperature = 1;
  std::uint64_t seed = 0;

  /** Positions that a draft's tokens stand at: the last that is drawn needs none. */
  [[nodiscard]] std::size_t positions() const { return prompt.size() + length - 1; }
};

Task checked(const GenerationSettings& settings, const DecoderShape& shape, const Tokenizer& tokenizer) {
  Task task;
  const auto positions = static_cast<double>(shape.positions);
  task.length = whole(settings.length, "length", 1, positions);
  task.count = whole(settings.count, "count", 1, most_drafts);
  task.first = whole(settings.first, "first", 0, 4294967295.0 - most_drafts);
  task.seed = whole(settings.seed, "seed", 0, 9007199254740991.0);
  task.greedy = settings.greedy;
  task.temperature = settings.temperature;
  constexpr double coldest = 0.01;
  constexpr double hottest = 100;
  if (!task.greedy && !(task.temperature >= coldest && task.temperature <= hottest))
    throw InputError("temperature",
                     to_text(task.temperature) + " is not in " + to_text(coldest) + " .. " + to_text(hottest));
  // Before it is divided into tokens, which are at most as many.
  constexpr std::size_t most_prompt_bytes = std::size_t{1} << 20;
  if (settings.prompt.size() > most_prompt_bytes)
    throw InputError(
        "prompt", std::to_string(settings.prompt.size()) + " bytes are more than " + std::to_string(most_prompt_bytes));
  task.prompt = tokenizer.encode(settings.prompt);
  if (task.positions() > shape.positions)
    throw InputError("length", std::to_string(task.length) + " after a prompt of " +
                                   std::to_string(task.prompt.size()) + " tokens is more than the model's " +
                                   std::to_string(shape.positions) + " positions hold");
  if (2 * KeyValueCache::bytes(shape, task.positions()) > most_cache_bytes)
    throw InputError("length", std::to_string(task.length) + " needs more memory than " + to_text(most_cache_bytes) +
                                   " bytes for what the model remembers");
  return task;
}

/**
 * How many drafts go side by side. They share each reading of the weights; but where those stay in a core's cache
 * anyway, fewer drafts leave room there for what they remember, which is a sixth faster (measured).
 */
std::size_t side_by_side(const DecoderShape& s) {
  constexpr std::size_t numbers_in_cache = std::size_t{1} << 20;
  const std::size_t layer = 2 * s.dim * (s.dim + s.kv_dim()) + 3 * s.dim * s.hidden;
  return s.layers * layer + s.vocabulary * s.dim <= numbers_in_cache ? 16 : LanguageModel::most_together;
}

/** A draft as it is drawn. */
struct Place {
  KeyValueCache cache;
  std::size_t number = 0;
  std::uint32_t last = 0;
};

class Drawing {
 public:
  Drawing(Decoder& decoder, const Tokenizer& tokenizer, const Task& task)
      : decoder_(decoder), tokenizer_(tokenizer), task_(task) {
    out_.drafts.resize(task.count);
    read_prompt();
  }

  GeneratedDrafts run() {
    const std::size_t shared = task_.prompt.size() / KeyValueCache::block * KeyValueCache::block;
    const double each = KeyValueCache::bytes(decoder_.shape(), task_.positions() - shared);
    const double fit = std::floor((most_cache_bytes - KeyValueCache::bytes(decoder_.shape(), shared)) / (each + 1));
    places_.resize(std::min({side_by_side(decoder_.shape()), task_.count, static_cast<std::size_t>(fit)}));
    for (Place& place : places_)
      place.cache = KeyValueCache(decoder_.shape(), shared, std::max(task_.positions(), shared + 1), &prompt_);
    std::vector<Place*> open;
    for (Place& place : places_)
      if (begin(place)) open.push_back(&place);
    while (!open.empty()) step(open);
    return std::move(out_);
  }

 private:
  /** Once for all drafts. */
  void read_prompt() {
    prompt_ = KeyValueCache(decoder_.shape(), 0, task_.prompt.size(), nullptr);
    std::vector<DecoderRow> rows;
    for (std::size_t from = 0; from < task_.prompt.size(); from += LanguageModel::most_together) {
      rows.clear();
      const std::size_t end = std::min(task_.prompt.size(), from + LanguageModel::most_together);
      for (std::size_t p = from; p < end; ++p) rows.push_back({task_.prompt[p], p, &prompt_});
      const bool is_last = end == task_.prompt.size();
      const std::span<const float> logits = decoder_.forward(rows, is_last ? 1 : 0);
      if (is_last) first_logits_.assign(logits.begin(), logits.end());
    }
  }

  /** Gives a place the next drafts until one of them goes on after its first token. */
  bool begin(Place& place) {
    while (next_ < task_.count) {
      place.number = next_++;
      place.last = task_.prompt.back();
      if (!take(place, first_logits_)) continue;
      place.cache.copy(prompt_, task_.prompt.size());
      return true;
    }
    return false;
  }

  void step(std::vector<Place*>& open) {
    rows_.clear();
    for (Place* place : open)
      rows_.push_back({place->last, task_.prompt.size() + draft(*place).tokens.size() - 1, &place->cache});
    const std::span<const float> logits = decoder_.forward(rows_, rows_.size());
    std::vector<Place*> still;
    for (std::size_t r = 0; r < open.size(); ++r) {
      const bool goes_on = take(*open[r], logits.subspan(r * decoder_.logit_stride(), decoder_.logit_stride()));
      if (goes_on || begin(*open[r])) still.push_back(open[r]);
    }
    open = std::move(still);
  }

  GeneratedDraft& draft(const Place& place) { return out_.drafts[place.number]; }

  /** Draws a draft's next token. @return whether it goes on */
  bool take(Place& place, std::span<const float> padded) {
    GeneratedDraft& to = draft(place);
    const std::span<const float> logits = padded.first(decoder_.shape().vocabulary);
    const auto number = static_cast<std::uint32_t>(task_.first + place.number);
    const auto position = static_cast<std::uint32_t>(to.tokens.size());
    const DrawnToken drawn =
        task_.greedy ? sampler_.likeliest(logits)
                     : sampler_.draw(logits, task_.temperature,
                                     RandomStream(task_.seed, StreamOf::text, 0, number, position).uniform());
    to.tokens.push_back(drawn.token);
    to.log_probability += drawn.log_probability;
    to.ended = drawn.token == Tokenizer::begin || drawn.token == Tokenizer::end;
    if (to.ended) return false;
    to.text += tokenizer_.piece(drawn.token, place.last);
    place.last = drawn.token;
    return to.tokens.size() < task_.length;
  }

  Decoder& decoder_;
  const Tokenizer& tokenizer_;
  const Task& task_;
  TokenSampler sampler_;
  KeyValueCache prompt_;
  std::vector<float> first_logits_;
  std::vector<Place> places_;
  std::vector<DecoderRow> rows_;
  GeneratedDrafts out_;
  std::size_t next_ = 0;
};

/** All drafts of a prompt, one token after another, depth first. */
class Listing {
 public:
  Listing(Decoder& decoder, const Tokenizer& tokenizer, const Task& task, const TextReward& reward)
      : decoder_(decoder),
        tokenizer_(tokenizer),
        task_(task),
        reward_(reward),
        cache_(decoder.shape(), 0, task.positions() + 1, nullptr) {}

  DraftLaw run() {
    for (std::size_t p = 0; p + 1 < task_.prompt.size(); ++p) step(task_.prompt[p], p);
    list(task_.prompt.back(), task_.prompt.size() - 1, 1, "");
    DraftLaw out;
    out.drafts = drafts_;
    std::vector<std::pair<double, double>> levels(mass_.begin(), mass_.end());
    std::sort(levels.begin(), levels.end());
    for (const auto& [reward, p] : levels) {
      out.reward.push_back(reward);
      out.p.push_back(p);
    }
    return out;
  }

 private:
  std::span<const float> step(std::uint32_t token, std::size_t position) {
    const DecoderRow row{token, position, &cache_};
    return decoder_.forward({&row, 1}, 1).first(decoder_.shape().vocabulary);
  }

  /** What follows `token`, which stands at `position`; @param chance of all so far */
  void list(std::uint32_t token, std::size_t position, double chance, const std::string& text) {
    const TokenShares shares = sampler_.shares(step(token, position));
    // Further steps write over them.
    const std::vector<float> weights(shares.weights.begin(), shares.weights.end());
    const bool is_last = position + 1 == task_.prompt.size() + task_.length - 1;
    for (std::uint32_t next = 0; next < weights.size(); ++next) {
      const double here = chance * (static_cast<double>(weights[next]) / shares.sum);
      const bool is_end = next == Tokenizer::begin || next == Tokenizer::end;
      const std::string longer = is_end ? text : text + std::string(tokenizer_.piece(next, token));
      if (!is_end && !is_last) {
        list(next, position + 1, here, longer);
        continue;
      }
      drafts_ += 1;
      mass_[reward_(longer)] += here;
    }
  }

  Decoder& decoder_;
  const Tokenizer& tokenizer_;
  const Task& task_;
  const TextReward& reward_;
  TokenSampler sampler_;
  KeyValueCache cache_;
  std::unordered_map<double, double> mass_;
  double drafts_ = 0;
};

}  // namespace

std::vector<double> LanguageModel::log_probabilities(const std::vector<std::uint32_t>& tokens) {
  const DecoderShape& shape = decoder_.shape();
  if (tokens.size() < 2 || tokens.size() > shape.positions + 1)
    throw InputError("tokens", std::to_string(tokens.size()) + " are not 2 to " + std::to_string(shape.positions + 1));
  for (std::size_t i = 0; i < tokens.size(); ++i)
    if (tokens[i] >= shape.vocabulary)
      throw InputError("tokens[" + std::to_string(i) + "]",
                       std::to_string(tokens[i]) + " is not below " + std::to_string(shape.vocabulary));
  KeyValueCache cache(shape, 0, tokens.size() - 1, nullptr);
  TokenSampler sampler;
  std::vector<DecoderRow> rows;
  std::vector<double> out;
  for (std::size_t from = 0; from + 1 < tokens.size(); from += most_together) {
    rows.clear();
    const std::size_t end = std::min(tokens.size() - 1, from + most_together);
    for (std::size_t p = from; p < end; ++p) rows.push_back({tokens[p], p, &cache});
    const std::span<const float> logits = decoder_.forward(rows, rows.size());
    for (std::size_t p = from; p < end; ++p) {
      const auto own = logits.subspan((p - from) * decoder_.logit_stride(), shape.vocabulary);
      const TokenShares shares = sampler.shares(own);
      const float top = *std::max_element(own.begin(), own.end());
      out.push_back(static_cast<double>(own[tokens[p + 1]]) - static_cast<double>(top) - portable::log(shares.sum));
    }
  }
  return out;
}

DraftLaw LanguageModel::enumerate(const std::string& prompt, double length, const TextReward& reward) {
  GenerationSettings settings;
  settings.prompt = prompt;
  settings.length = length;
  settings.count = 1;
  const Task task = checked(settings, decoder_.shape(), tokenizer_);
  const auto words = static_cast<double>(decoder_.shape().vocabulary);
  const double drafts = std::pow(words, static_cast<double>(task.length));
  if (drafts > most_listed)
    throw InputError("length", to_text(length) + " of a vocabulary of " + to_text(words) + " tokens are " +
                                   to_text(drafts) + " drafts, more than " + to_text(most_listed) +
                                   " that are listed one by one");
  return Listing(decoder_, tokenizer_, task, reward).run();
}

GeneratedDrafts LanguageModel::generate(const GenerationSettings& settings) {
  const Task task = checked(settings, decoder_.shape(), tokenizer_);
  return Drawing(decoder_, tokenizer_, task).run();
}

}  // namespace tiltlab
